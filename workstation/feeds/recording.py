"""A market recording, version 1: opened and judged whole. What the contract refuses is refused with its row and reason.

Beyond the contract's list: candles and settlements that stand twice, bars whose high or low is not the extreme, and
anything but candles of spot are refused. A symbol that the manifest does not name is taken at its word (BTC/USDT:USDT
is linear, BTC/USD:BTC inverse, BTC/USDT spot), its contract size unknown; where it has no such form it is refused. A
time before `from_ms` is history and allowed. Rows count from 1, a CSV's first line not counted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec
import numpy as np
import numpy.typing as npt

from workstation.desk.fields import Problems
from workstation.desk.portfolio_file import VENUE_IDS
from workstation.domain.playback import InstrumentInfo, Source
from workstation.domain.problem import BadInput
from workstation.feeds.recording_files import Numbers, RawTable, TableFiles, Texts
from workstation.feeds.recording_manifest import Manifest, info_of, read_manifest
from workstation.feeds.recording_tables import TABLES, Column, TableSpec
from workstation.market.records import NO_INSTRUMENT, Name

Flags = npt.NDArray[np.bool_]


class Table(msgspec.Struct, frozen=True, eq=False):
    """The rows of one table as read-only columns (N,), in the file's order, which is that of time.

    `columns` has the numbers (float64, NaN where left empty; int64 where whole and never empty) and the words (uint8,
    an index into the declared words). `instrument` (uint16) counts the recording's names; `texts` has venue, account
    and document where the table has them without a symbol. `known_ms` (int64): when each row became known, a candle at
    its end.
    """

    spec: TableSpec
    rows: int
    columns: Mapping[str, npt.NDArray[np.generic]]
    instrument: npt.NDArray[np.uint16]
    texts: Mapping[str, tuple[str, ...]]
    known_ms: npt.NDArray[np.int64]


class RecordingData(msgspec.Struct, frozen=True, eq=False):
    """A whole recording. `source` goes by the folder's name; `manifest.origin` says where the facts come from."""

    folder: Path
    manifest: Manifest
    source: Source
    names: tuple[Name, ...]
    tables: Mapping[str, Table]


def open_recording(folder: Path) -> RecordingData:
    """Everything in the folder. Raises BadInput with the faults that were found; nothing is half-loaded."""
    manifest = read_manifest(folder)
    problems = Problems()
    opened = _Judge(manifest, problems)
    tables: dict[str, Table] = {}
    with TableFiles(folder) as files:
        for spec in TABLES:
            raw = files.read(spec, problems)
            if raw is not None and (table := opened.judge(spec, raw, files)):
                tables[spec.name] = table
    if problems.found:
        raise BadInput(problems.found)
    source = manifest.source(folder.resolve().name or manifest.origin)
    return RecordingData(
        folder, manifest, msgspec.structs.replace(source, instruments=opened.instruments), opened.names, tables
    )


class _Judge:
    """Judges one table after the other and counts the instruments that occur in them."""

    def __init__(self, manifest: Manifest, problems: Problems) -> None:
        self._to_ms = manifest.to_ms
        self._problems = problems
        self._numbers: dict[Name, int] = {}
        self.instruments: dict[str, dict[str, InstrumentInfo]] = {
            venue: dict(infos) for venue, infos in manifest.instruments.items()
        }

    @property
    def names(self) -> tuple[Name, ...]:
        return tuple(self._numbers)

    def judge(self, spec: TableSpec, raw: RawTable, files: TableFiles) -> Table | None:
        """The table, or None where a fault was noted."""
        before = len(self._problems.found)
        columns: dict[str, npt.NDArray[np.generic]] = {}
        texts: dict[str, tuple[str, ...]] = {}
        for column in spec.columns:
            match raw.columns.get(column.name):
                case Numbers() as numbers:
                    columns[column.name] = self._number_column(spec, column, numbers, files)
                case Texts() as said:
                    codes = self._text_column(spec, column, said)
                    if column.holds == "word":
                        columns[column.name] = codes
                    elif not (spec.has_symbol and column.holds in ("venue", "symbol")):
                        rows = cast("list[int]", said.codes.tolist())
                        texts[column.name] = tuple(said.said[code] if code >= 0 else "" for code in rows)
                case None:
                    pass
        if len(self._problems.found) > before:
            return None
        instrument = self._instruments(spec, raw) if spec.has_symbol else np.zeros(0, np.uint16)
        times = cast("npt.NDArray[np.int64]", columns[spec.time])
        self._check_times(spec, times)
        if len(self._problems.found) == before:
            self._check_together(spec, columns, instrument)
        if len(self._problems.found) > before:
            return None
        known = times + cast("npt.NDArray[np.int64]", columns["interval_ms"]) if spec.name == "candles" else times
        for array in (*columns.values(), instrument, known):
            array.flags.writeable = False
        return Table(spec, raw.rows, columns, instrument, texts, known)

    def _row(self, spec: TableSpec, bad: Flags, text: str) -> None:
        """Note the first row that is bad, and how many more there are."""
        count = int(np.count_nonzero(bad))
        if count:
            more = f" (and {count - 1:,} more rows)" if count > 1 else ""
            self._problems.add(f"{spec.name} row {int(np.argmax(bad)) + 1}", text + more)

    # --- one column ---------------------------------------------------------------------------------------------------

    def _number_column(
        self, spec: TableSpec, column: Column, numbers: Numbers, files: TableFiles
    ) -> npt.NDArray[np.generic]:
        if not column.blank:
            self._row(spec, numbers.empty, f"{column.name}: is empty; {_MEND}")
        if numbers.garbage.any():
            text = files.text_at(column.name, int(np.argmax(numbers.garbage)))
            self._row(spec, numbers.garbage, f"{column.name}: {text!r} is no number; {_MEND}")
        full = ~(numbers.empty | numbers.garbage)
        has_all = bool(full.all())
        values = numbers.values if has_all else np.where(full, numbers.values, np.nan)
        said = values if has_all else values[full]
        if said.size and not _all_within(said, column):
            finite = np.isfinite(values)
            self._row(spec, full & ~finite, f"{column.name}: is NaN or infinite; {_MEND}")
            usual = np.where(finite, values, 1.0)  # which every column allows
            self._row(spec, usual < column.least, f"{column.name}: is below {column.least:g}; {_MEND}")
            self._row(spec, usual > column.most, f"{column.name}: is above {column.most:g}; {_MEND}")
            if column.above is not None:
                self._row(spec, usual <= column.above, f"{column.name}: must be above {column.above:g}; {_MEND}")
            if column.holds == "whole":
                self._row(spec, usual != np.floor(usual), f"{column.name}: is no whole number; {_MEND}")
        if column.holds == "whole" and not column.blank:
            return np.where(np.isfinite(values), values, 0).astype(np.int64)
        return values

    def _text_column(self, spec: TableSpec, column: Column, texts: Texts) -> npt.NDArray[np.uint8]:
        self._row(spec, texts.codes < 0, f"{column.name}: is empty; {_MEND}")
        allowed = VENUE_IDS if column.holds == "venue" else column.words
        known = np.zeros(len(texts.said), np.uint8)
        for code, text in enumerate(texts.said):
            fault = ""
            if column.holds in ("venue", "word"):
                if text in allowed:
                    known[code] = allowed.index(text)
                else:
                    fault = f"{column.name}: {text!r} is unknown; known are {', '.join(allowed)}"
            elif column.holds == "symbol":
                fault = "" if info_of(text) else f"symbol: {text!r} is no unified symbol like BTC/USDT:USDT; mend it"
            elif column.holds == "document":
                fault = "" if _is_object(text) else "document: is no JSON object; mend it"
            elif not text.strip() or not text.isprintable():
                fault = f"{column.name}: is blank or has control characters; mend it"
            if fault:
                self._row(spec, texts.codes == code, fault)
        return known[texts.codes] if texts.said else np.zeros(len(texts.codes), np.uint8)

    # --- the table ----------------------------------------------------------------------------------------------------

    def _instruments(self, spec: TableSpec, raw: RawTable) -> npt.NDArray[np.uint16]:
        """Counts each (venue, symbol) that occurs, and refuses spot outside the candles."""
        venues, symbols = cast("Texts", raw.columns["venue"]), cast("Texts", raw.columns["symbol"])
        width = max(len(symbols.said), 1)
        pairs = venues.codes * width + symbols.codes
        numbers = np.zeros(max(len(venues.said) * width, 1), np.uint16)
        for pair in np.flatnonzero(np.bincount(pairs)).tolist():
            venue, symbol = venues.said[pair // width], symbols.said[pair % width]
            of_venue = self.instruments.setdefault(venue, {})
            info = of_venue.get(symbol) or info_of(symbol)
            if info is not None:
                of_venue[symbol] = info
            if info is not None and info.kind == "spot" and spec.name != "candles":
                self._row(spec, pairs == pair, f"{venue} {symbol} is spot, which has candles only; take it out")
            if len(self._numbers) == NO_INSTRUMENT:
                self._problems.add(spec.name, f"more than {NO_INSTRUMENT:,} instruments; split the recording")
                break
            numbers[pair] = self._numbers.setdefault((venue, symbol), len(self._numbers))
        return numbers[pairs]

    def _check_times(self, spec: TableSpec, times: npt.NDArray[np.int64]) -> None:
        if not times.size:
            return
        unordered = np.diff(times, prepend=times[:1]) < 0
        self._row(spec, unordered, f"{spec.time}: is earlier than in the row before; sort the table by time")
        late = times > self._to_ms
        self._row(spec, late, f"{spec.time}: is later than the manifest's to_ms, {self._to_ms}; mend either")

    def _check_together(
        self, spec: TableSpec, columns: Mapping[str, npt.NDArray[np.generic]], instrument: npt.NDArray[np.uint16]
    ) -> None:
        """What is wrong only when columns are seen together."""
        numbers = cast("Mapping[str, npt.NDArray[np.float64]]", columns)
        if spec.name == "candles":
            ends = numbers["open"], numbers["close"]
            low = (numbers["high"] < np.maximum(*ends)) | (numbers["high"] < numbers["low"])
            self._row(spec, low, "high: is below another price of the bar; mend it")
            self._row(spec, numbers["low"] > np.minimum(*ends), "low: is above another price of the bar; mend it")
        elif spec.name == "quotes":
            self._row(spec, numbers["bid"] > numbers["ask"], "bid: is above the ask; mend it")
        elif spec.name == "long_short":
            total = numbers["long_accounts"] + numbers["short_accounts"]
            self._row(spec, total > 1.001, "long_accounts and short_accounts: are more than 1 together; mend them")
        if spec.key:
            self._check_once(spec, {**columns, "instrument": instrument})

    def _check_once(self, spec: TableSpec, columns: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """Rows are in time's order, so within each instrument (and interval) two alike stand side by side."""
        group = columns["instrument"].astype(np.int64)
        for name in spec.key[1:-1]:
            different, codes = np.unique(columns[name], return_inverse=True)
            group = group * len(different) + codes
        times = cast("npt.NDArray[np.int64]", columns[spec.time])
        # Sixteen bits are sorted several times as fast as sixty-four.
        small = group.astype(np.uint16) if group.size and group.max() <= NO_INSTRUMENT else group
        order = np.argsort(small, kind="stable")
        again = (np.diff(group[order]) == 0) & (np.diff(times[order]) == 0)
        bad = np.zeros(len(times), np.bool_)
        bad[order[1:][again]] = True
        self._row(spec, bad, f"stands twice (the same {', '.join(spec.key)}); keep one")


_MEND = "mend it or take the row out"


def _all_within(values: npt.NDArray[np.float64], column: Column) -> bool:
    """Two passes for a column without a fault; NaN fails every comparison."""
    low, high = float(values.min()), float(values.max())
    within = column.least <= low and high <= column.most and (column.above is None or low > column.above)
    return within and (column.holds != "whole" or bool(np.all(values == np.floor(values))))


def _is_object(text: str) -> bool:
    try:
        return isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError):
        return False
