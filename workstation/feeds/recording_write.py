"""Writes a recording: takes records and known positions, and puts the folder in its place whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import cast

import duckdb
import numpy as np
import numpy.typing as npt

from workstation.domain.events import KnownPosition
from workstation.domain.playback import Gap, InstrumentInfo
from workstation.domain.problem import BadInput, Problem
from workstation.feeds.recording_files import MOST_ROWS
from workstation.feeds.recording_manifest import MANIFEST, Manifest, RecordingKind, manifest_bytes
from workstation.feeds.recording_tables import TABLE_BY_NAME, TableSpec
from workstation.market.records import (
    CLOSED,
    COVERAGES,
    FILL,
    LONG,
    Batch,
    Kind,
    Name,
    Records,
    blank,
    coverage_codes,
)

Column = npt.NDArray[np.generic]
# The tables that come as records, and what a record's `values` are called in them.
_VALUES: dict[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.CANDLE: ("candles", ("interval_ms", "open", "high", "low", "close", "volume_base")),
    Kind.MARK: ("marks", ("mark", "index")),
    Kind.OPEN_INTEREST: ("open_interest", ("open_interest_base", "open_interest_usd")),
    Kind.FUNDING: ("funding", ("rate", "interval_h")),
    Kind.LIQUIDATION: ("liquidations", ("quantity_base", "price")),
    Kind.DEPTH: ("depth", ("distance", "bid_usd", "ask_usd")),
    Kind.QUOTE: ("quotes", ("bid", "ask")),
}
# Traded prices lie on the tick; marks and entries are averages, and have some digits more.
_TRADED = {"open", "high", "low", "close", "price", "bid", "ask"}
_AVERAGES = {"mark", "index", "entry_price", "liquidation_price"}
_MORE_DIGITS = 4


class RecordingWriter:
    """Collects facts in memory; `finish` writes them. Until then nothing stands in the folder's place.

    `origin` is the manifest's "source". Prices are written without the dust of binary fractions where `instruments`
    knows the tick. Raises BadInput where the folder has something in it, or where the rows become too many to be read.
    """

    def __init__(
        self,
        folder: Path,
        kind: RecordingKind,
        origin: str,
        instruments: Mapping[str, Mapping[str, InstrumentInfo]],
    ) -> None:
        _refuse_taken(folder)
        self._kind: RecordingKind = kind
        self._folder, self._origin, self._instruments = folder, origin, instruments
        self._names: dict[Name, int] = {}
        self._pieces: list[Records] = []
        self._positions: list[dict[str, Column]] = []
        self._rows = 0

    def add(self, batch: Batch) -> None:
        """Facts in the order in which they became known; candles that still form, resets and clocks are left out."""
        records = batch.records
        kinds = records["kind"]
        whole = (kinds > Kind.CLOCK) & ((kinds != Kind.CANDLE) | (records["flags"] & CLOSED != 0))
        kept = records[whole]
        if len(kept):
            numbers = np.array([self._number(name) for name in batch.names], np.uint16)
            kept["instrument"] = numbers[kept["instrument"]]
            self._pieces.append(kept)
            self._count(len(kept))

    def add_positions(self, positions: Sequence[KnownPosition]) -> None:
        """Positions that are known in public, at their moment."""
        if positions:
            self._positions.append(
                {
                    "instrument": np.array([self._number((each.venue, each.symbol)) for each in positions], np.uint16),
                    **_position_columns(positions),
                }
            )
            self._count(len(positions))

    def finish(self, from_ms: int, to_ms: int, gaps: tuple[Gap, ...] = ()) -> None:
        """Puts the folder in its place. Nothing that was added may be later than `to_ms`.

        Raises OSError where the disk does not take it, and then leaves nothing behind.
        """
        manifest = Manifest(self._kind, self._origin, from_ms, to_ms, self._known_instruments(), gaps)
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{self._folder.name}.", suffix=".tmp", dir=self._folder.parent))
        try:
            self._write_tables(fresh)
            (fresh / MANIFEST).write_bytes(manifest_bytes(manifest))
            for file in fresh.iterdir():
                _settle(file)
            fresh.chmod(0o755)
            _refuse_taken(self._folder)
            if self._folder.exists():
                self._folder.rmdir()  # empty; Windows renames onto nothing
            fresh.rename(self._folder)
        except duckdb.Error as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise OSError(None, str(error).splitlines()[0]) from error
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    def _number(self, name: Name) -> int:
        return self._names.setdefault(name, len(self._names))

    def _count(self, rows: int) -> None:
        self._rows += rows
        if self._rows > MOST_ROWS:
            what = f"a recording holds {MOST_ROWS:,} rows at most; record fewer hours"
            raise BadInput((Problem(str(self._folder), what),))

    def _known_instruments(self) -> dict[str, dict[str, InstrumentInfo]]:
        """What occurred, as far as the source said what it is."""
        known: dict[str, dict[str, InstrumentInfo]] = {}
        for venue, symbol in sorted(self._names):
            info = self._instruments.get(venue, {}).get(symbol)
            if info is not None:
                known.setdefault(venue, {})[symbol] = info
        return known

    # --- tables -------------------------------------------------------------------------------------------------------

    def _write_tables(self, folder: Path) -> None:
        records = np.concatenate(self._pieces) if self._pieces else blank(0)
        names = list(self._names)
        # One thread: the same rows then give the same bytes.
        with duckdb.connect(":memory:", config={"threads": 1, "autoinstall_known_extensions": "false"}) as connection:
            for kind, (table, values) in _VALUES.items():
                rows = records[records["kind"] == kind]
                if len(rows):
                    columns = _columns(kind, rows, values)
                    self._write(connection, folder, TABLE_BY_NAME[table], names, rows["instrument"], columns)
            if self._positions:
                parts = self._positions
                columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
                instruments = columns.pop("instrument").astype(np.uint16)
                self._write(connection, folder, TABLE_BY_NAME["positions"], names, instruments, columns)

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        spec: TableSpec,
        names: list[Name],
        instruments: npt.NDArray[np.integer],
        columns: dict[str, Column],
    ) -> None:
        order = np.argsort(columns[spec.time], kind="stable")
        if spec.key:
            order = order[_last_of_each(spec, {**columns, "instrument": instruments}, order)]
        instruments = instruments[order]
        columns = {name: column[order] for name, column in columns.items()}
        for name in _TRADED & columns.keys():
            columns[name] = self._clean(columns[name], names, instruments, 0)
        for name in _AVERAGES & columns.keys():
            columns[name] = self._clean(columns[name], names, instruments, _MORE_DIGITS)
        table = {
            "venue": np.array([venue for venue, _ in names], object)[instruments],
            "symbol": np.array([symbol for _, symbol in names], object)[instruments],
            **columns,
        }
        connection.register("facts", table)
        # Empty where nothing was said, never NaN.
        chosen = ", ".join(
            f'CASE WHEN isnan("{name}") THEN NULL ELSE "{name}" END AS "{name}"'
            if table[name].dtype == np.float64
            else f'"{name}"'
            for column in spec.columns
            if (name := column.name) in table
        )
        target = str(folder / f"{spec.name}.parquet").replace("'", "''")
        connection.execute(f"COPY (SELECT {chosen} FROM facts) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608
        connection.unregister("facts")

    def _clean(
        self, prices: Column, names: list[Name], instruments: npt.NDArray[np.integer], more_digits: int
    ) -> Column:
        """Prices as the nearest floats to decimals of the tick's digits."""
        clean = prices.astype(np.float64)
        for number in cast("list[int]", np.unique(instruments).tolist()):
            venue, symbol = names[number]
            info = self._instruments.get(venue, {}).get(symbol)
            if info is not None and info.price_tick:
                of_it = instruments == number
                clean[of_it] = np.round(clean[of_it], _digits(info.price_tick) + more_digits)
        return clean


def _refuse_taken(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput((Problem(str(folder), "is there already and not an empty folder; name another one"),))


def _columns(kind: Kind, rows: Records, values: tuple[str, ...]) -> dict[str, Column]:
    spec = TABLE_BY_NAME[_VALUES[kind][0]]
    columns: dict[str, Column] = {spec.time: rows["at_ms"].astype(np.int64)}
    for i, name in enumerate(values):
        column = rows["values"][:, i].astype(np.int64 if name == "interval_ms" else np.float64)
        if not (name in ("index", "open_interest_usd") and np.isnan(column).all()):
            columns[name] = column
    if kind == Kind.LIQUIDATION:
        flags = rows["flags"]
        columns["side"] = np.array(["short", "long"], object)[(flags & LONG != 0).astype(np.intp)]
        columns["price_kind"] = np.array(["bankruptcy", "fill"], object)[(flags & FILL != 0).astype(np.intp)]
        columns["coverage"] = np.array(COVERAGES, object)[coverage_codes(flags).astype(np.intp)]
    return columns


def _position_columns(positions: Sequence[KnownPosition]) -> dict[str, Column]:
    columns: dict[str, Column] = {"at_ms": np.array([each.at_ms for each in positions], np.int64)}
    for name in ("account", "side"):
        columns[name] = np.array([getattr(each, name) for each in positions], object)
    for name in ("quantity_base", "entry_price", "leverage", "liquidation_price"):
        said = [getattr(each, name) for each in positions]
        columns[name] = np.array([np.nan if value is None else value for value in said], np.float64)
    return columns


def _last_of_each(spec: TableSpec, columns: Mapping[str, Column], order: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which rows of that order to keep: a fact that was told twice counts as it was told last."""
    keys = np.stack([columns[name][order].astype(np.int64) for name in spec.key], axis=1)
    _, from_the_end = np.unique(keys[::-1], axis=0, return_index=True)
    kept = np.zeros(len(order), np.bool_)
    kept[len(order) - 1 - from_the_end] = True
    return kept


def _digits(tick: float) -> int:
    """Behind the point.

    >>> _digits(0.5), _digits(1e-05), _digits(10.0)
    (1, 5, 0)
    """
    exponent = Decimal(repr(tick)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _settle(file: Path) -> None:
    """Onto the disk, before the folder gets its name."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
