"""Candles of one contract and interval as columns, and their roll-up to a longer timeframe."""

import numpy as np

from workstation.domain.events import Candle
from workstation.market.records import CLOSED, Records
from workstation.market.series import GrowingColumns
from workstation.market.view import CandleView, Floats, Name, Times

_F, _I = np.dtype("f8"), np.dtype("i8")
_PRICES = ("open", "high", "low", "close", "volume_base")


class CandleColumns:
    """Closed candles in columns, the forming one as a value. A candle that is not newer than the last closed one says
    nothing new (the same history may be heard twice) and is left out.
    """

    def __init__(self, name: Name, interval_ms: int) -> None:
        self.name = name
        self.interval_ms = interval_ms
        self.columns = GrowingColumns({"open_ms": _I, **dict.fromkeys(_PRICES, _F)})
        self.forming: Candle | None = None
        self._viewed: tuple[int, Candle | None, CandleView] | None = None

    @property
    def last_open_ms(self) -> int:
        """The opening of the newest closed candle; -1 while there is none."""
        return int(self.columns.last("open_ms")) if len(self.columns) else -1

    def take(self, records: Records) -> None:
        """Records of this contract and interval in the order in which they were heard."""
        closed = records[(records["flags"] & CLOSED) != 0]
        opened = closed["at_ms"]
        if len(closed):
            # strictly rising from the last one on: what was heard before, or out of order, is left out
            newest = np.maximum.accumulate(np.concatenate(([self.last_open_ms], opened)))
            fresh = opened > newest[:-1]
            if fresh.any():
                self.append(opened[fresh], closed["values"][fresh, 1:6])
        last = records[-1]
        at = int(last["at_ms"])
        if not int(last["flags"]) & CLOSED and at > self.last_open_ms:
            v = last["values"]
            prices = (float(v[1]), float(v[2]), float(v[3]), float(v[4]), float(v[5]))
            self.forming = Candle(*self.name, self.interval_ms, at, *prices, closed=False)
        elif self.forming is not None and self.forming.open_ms <= self.last_open_ms:
            self.forming = None

    def append(self, opened: Times, values: Floats) -> None:
        """Closed candles newer than all before: openings (N,), and open, high, low, close, volume (N, 5)."""
        rows = {name: values[:, i] for i, name in enumerate(_PRICES)}
        self.columns.append({"open_ms": opened, **rows})

    def view(self) -> CandleView:
        """The columns as they are now; the very same view where nothing has changed."""
        closed, column = self.columns.dropped + len(self.columns), self.columns.view
        if self._viewed is None or self._viewed[:2] != (closed, self.forming):
            view = CandleView(
                self.interval_ms,
                column("open_ms"),
                column("open"),
                column("high"),
                column("low"),
                column("close"),
                column("volume_base"),
                self.forming,
            )
            self._viewed = closed, self.forming, view
        return self._viewed[2]


class RolledUp:
    """Candles of a longer interval made from those of a shorter one that divides it, as they come.

    A longer candle is closed once the shorter one that ends it is. The first is left out where its beginning is not
    known. Shorter candles that are missing (nobody traded, or a gap) are not made up.
    """

    def __init__(self, source: CandleColumns, interval_ms: int) -> None:
        if interval_ms % source.interval_ms or interval_ms <= source.interval_ms:
            raise ValueError(f"{source.interval_ms} ms candles do not make {interval_ms} ms candles")
        self._source = source
        self._rolled = CandleColumns(source.name, interval_ms)
        self._next = 0  # the first source row (of all that ever came) that no closed longer candle holds yet
        self._seen: CandleView | None = None  # of the source, as it was when it was rolled up last

    def view(self) -> CandleView:
        """What the source's candles make now; the very same view where nothing has changed."""
        seen = self._source.view()
        if seen is not self._seen:
            self._seen = seen
            self._roll()
        return self._rolled.view()

    def _roll(self) -> None:
        source, span = self._source, self._rolled.interval_ms
        columns = source.columns
        start = max(0, self._next - columns.dropped)
        opened = columns.view("open_ms")[start:]
        prices = [columns.view(name)[start:] for name in _PRICES]
        forming = source.forming
        if forming is not None and (not len(opened) or forming.open_ms > opened[-1]):
            opened = np.append(opened, forming.open_ms)
            extra = (forming.open, forming.high, forming.low, forming.close, forming.volume_base)
            prices = [np.append(column, value) for column, value in zip(prices, extra, strict=True)]
        if not len(opened):
            return
        bucket = opened // span
        firsts = np.flatnonzero(np.concatenate(([True], bucket[1:] != bucket[:-1])))
        lasts = np.concatenate((firsts[1:] - 1, [len(bucket) - 1]))
        o, h, low, c, v = prices
        values = np.column_stack(
            (
                o[firsts],
                np.maximum.reduceat(h, firsts),
                np.minimum.reduceat(low, firsts),
                c[lasts],
                np.add.reduceat(v, firsts),
            )
        )
        starts = bucket[firsts] * span
        ended = np.ones(len(firsts), np.bool_)
        closed_sources = len(columns) - start
        ended[-1] = lasts[-1] < closed_sources and opened[-1] + source.interval_ms == starts[-1] + span
        known = np.ones(len(firsts), np.bool_)
        known[0] = self._next > 0 or opened[0] == starts[0]
        done = ended & known
        if done.any():
            self._rolled.append(starts[done], values[done])
        if ended.any():
            self._next = columns.dropped + start + int(lasts[ended][-1]) + 1
        self._rolled.forming = None
        if not ended[-1] and known[-1]:
            row = values[-1]
            shape = (float(row[0]), float(row[1]), float(row[2]), float(row[3]), float(row[4]))
            self._rolled.forming = Candle(*source.name, span, int(starts[-1]), *shape, closed=False)
