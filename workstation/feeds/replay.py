"""RecordingTape: a recording as a market that can be played, in the order in which its facts became known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from workstation.domain.playback import Source
from workstation.feeds.recording import RecordingData, Table
from workstation.feeds.tape import MOST_HISTORY
from workstation.market.records import CLOSED, COVERAGES, Kind, Name, Records, blank, liquidation_flags

_HISTORY_MS = 12 * 3_600_000  # before the start, and at most a fifth of the recording
_PIECE = 65_536  # records handed out at a time

Columns = Mapping[str, npt.NDArray[np.float64]]


class RecordingTape:
    """Plays the tables of a recording. All records are made once and lie in the order of their moments.

    Where two tables speak of the same moment, they speak in the contract's order, candles first. `source.to_ms` is the
    moment after which nothing becomes known: a last candle that ends after the recording is heard at its end.
    Account snapshots, long/short shares and known positions are not part of the stream.
    """

    def __init__(self, data: RecordingData) -> None:
        tables = [(_MAKERS[name], table) for name, table in data.tables.items() if name in _MAKERS]
        records = [_records(make, table) for make, table in tables]
        known = [table.known_ms for _, table in tables]
        all_known = np.concatenate(known) if known else np.zeros(0, np.int64)
        order = np.argsort(all_known, kind="stable")
        self._known: npt.NDArray[np.int64] = all_known[order]
        self._records = np.concatenate(records)[order] if records else blank(0)
        self._records.flags.writeable = False
        # Positions of each group's records, side by side: what a rewind takes the newest of.
        groups = _groups(self._records)
        self._by_group = np.argsort(groups, kind="stable")
        self._starts = np.searchsorted(groups[self._by_group], np.arange(int(groups.max(initial=-1)) + 2))
        self._names = data.names
        self._stands = 0
        first, last = (int(self._known[0]), int(self._known[-1])) if self._known.size else (data.source.from_ms, 0)
        source, to_ms = data.source, max(data.manifest.to_ms, last)
        self._source = Source(source.kind, source.name, source.from_ms, to_ms, source.instruments, source.gaps)
        begins = max(source.from_ms, first)
        self._start_ms = begins + min(_HISTORY_MS, (to_ms - begins) // 5)

    def __len__(self) -> int:
        return len(self._records)

    @property
    def source(self) -> Source:
        return self._source

    @property
    def names(self) -> Sequence[Name]:
        return self._names

    @property
    def start_ms(self) -> int:
        return self._start_ms

    def rewind(self, to_ms: int) -> Iterator[Records]:
        """The newest MOST_HISTORY records of each kind, instrument and interval that were known at that moment."""
        self._stands = int(np.searchsorted(self._known, to_ms, "right"))
        chosen: list[npt.NDArray[np.intp]] = []
        for start, end in zip(self._starts[:-1].tolist(), self._starts[1:].tolist(), strict=True):
            group = self._by_group[start:end]
            last = int(np.searchsorted(group, self._stands))
            chosen.append(group[max(0, last - MOST_HISTORY) : last])
        newest = np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, np.intp)
        return (self._records[newest[i : i + _PIECE]] for i in range(0, len(newest), _PIECE))

    def until(self, to_ms: int) -> Iterator[Records]:
        """What became known after where the tape stands; read-only views, not copies. It stands there at once."""
        start, end = self._stands, int(np.searchsorted(self._known, to_ms, "right"))
        self._stands = max(start, end)
        return (self._records[i : min(i + _PIECE, end)] for i in range(start, end, _PIECE))


def _records(make: Callable[[Records, Columns], None], table: Table) -> Records:
    records = blank(table.rows)
    records["instrument"] = table.instrument
    records["at_ms"] = table.columns[table.spec.time]
    make(records, cast("Columns", table.columns))
    return records


def _groups(records: Records) -> npt.NDArray[np.intp]:
    """A number for each kind, instrument and interval that occurs, counted without a hole."""
    interval = np.where(records["kind"] == Kind.CANDLE, records["values"][:, 0], 0)
    _, interval_codes = np.unique(interval, return_inverse=True)
    wide = interval_codes.astype(np.int64) << 24 | records["kind"].astype(np.int64) << 16 | records["instrument"]
    _, codes = np.unique(wide, return_inverse=True)
    return codes.astype(np.intp)


def _candles(records: Records, columns: Columns) -> None:
    records["kind"], records["flags"] = Kind.CANDLE, CLOSED
    for i, name in enumerate(("interval_ms", "open", "high", "low", "close", "volume_base")):
        records["values"][:, i] = columns[name]


def _marks(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.MARK
    records["values"][:, 0] = columns["mark"]
    records["values"][:, 1] = columns.get("index", np.nan)


def _open_interest(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.OPEN_INTEREST
    records["values"][:, 0] = columns["open_interest_base"]
    records["values"][:, 1] = columns.get("open_interest_usd", np.nan)


def _funding(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.FUNDING
    records["values"][:, 0], records["values"][:, 1] = columns["rate"], columns["interval_h"]


def _liquidations(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.LIQUIDATION
    records["values"][:, 0], records["values"][:, 1] = columns["quantity_base"], columns["price"]
    # By (side, price kind, coverage), in the order of the words that the table declares.
    flags = [
        liquidation_flags(long, fill, word) for long in (True, False) for fill in (True, False) for word in COVERAGES
    ]
    side, price_kind, coverage = (columns[name].astype(np.intp) for name in ("side", "price_kind", "coverage"))
    records["flags"] = np.array(flags, np.uint8)[(side * 2 + price_kind) * len(COVERAGES) + coverage]


def _depth(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.DEPTH
    for i, name in enumerate(("distance", "bid_usd", "ask_usd")):
        records["values"][:, i] = columns[name]


def _quotes(records: Records, columns: Columns) -> None:
    records["kind"] = Kind.QUOTE
    records["values"][:, 0], records["values"][:, 1] = columns["bid"], columns["ask"]


_MAKERS: dict[str, Callable[[Records, Columns], None]] = {
    "candles": _candles,
    "marks": _marks,
    "open_interest": _open_interest,
    "funding": _funding,
    "liquidations": _liquidations,
    "depth": _depth,
    "quotes": _quotes,
}
