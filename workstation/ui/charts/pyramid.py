"""Candles at every zoom: a pyramid of ever wider bars, so that drawing costs the pixels and no high or low is lost."""

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from workstation.market.view import NO_FLOATS, NO_TIMES, Floats, Times

_FOREVER = 9e18
_FEWEST = 64  # a level with no more bars needs no wider one above it

Columns = tuple[Floats, Floats, Floats, Floats]  # first, highest, lowest, last


class Bars(NamedTuple):
    """Some bars, oldest first, as columns (N,); each begins at a multiple of `width_ms`, or at its own row's time."""

    width_ms: int
    open_ms: Times
    first: Floats
    highest: Floats
    lowest: Floats
    last: Floats


class Tip(NamedTuple):
    """The bar that is still forming; it counts as the newest row."""

    open_ms: int
    first: float
    highest: float
    lowest: float
    last: float


class _Level:
    """Bars twice as wide as those of the level below. `begins` is where each starts among the bars below."""

    def __init__(self) -> None:
        self.size = 0
        self.keys: Times = np.empty(16, np.int64)  # a bar's opening in its own widths
        self.begins: Times = np.empty(16, np.int64)
        self.columns: Columns = (np.empty(16), np.empty(16), np.empty(16), np.empty(16))

    @property
    def start(self) -> int:
        """Everything below from here on is not in this level yet, or is in its newest bar, which may have changed."""
        return int(self.begins[self.size - 1]) if self.size else 0

    def take(self, keys: Times, columns: Sequence[Floats]) -> None:
        """What the level below holds from `start` on."""
        start, kept, wide = self.start, max(self.size - 1, 0), keys >> 1
        begins = np.concatenate(([0], np.flatnonzero(np.diff(wide)) + 1))
        ends = np.append(begins[1:], len(wide)) - 1
        self.size = kept + len(begins)
        if self.size > len(self.keys):
            self.keys, self.begins = (_roomier(old, kept, self.size) for old in (self.keys, self.begins))
            first, highest, lowest, last = (_roomier(old, kept, self.size) for old in self.columns)
            self.columns = first, highest, lowest, last
        new = slice(kept, self.size)
        self.keys[new], self.begins[new] = wide[begins], begins + start
        first, highest, lowest, last = columns
        self.columns[0][new] = first[begins]
        self.columns[1][new] = np.maximum.reduceat(highest, begins)
        self.columns[2][new] = np.minimum.reduceat(lowest, begins)
        self.columns[3][new] = last[ends]


class Pyramid:
    """Bars of `unit_ms` in levels of doubling width; built in O(N), a new row costs O(log N).

    A level's bars are cut at multiples of its width in time, not in rows: nothing slips to the other side of a gap.
    """

    def __init__(self, unit_ms: int) -> None:
        self.unit_ms = max(unit_ms, 1)
        self.times: Times = NO_TIMES
        self._columns: Columns = (NO_FLOATS, NO_FLOATS, NO_FLOATS, NO_FLOATS)
        self._levels: list[_Level] = []

    def show(self, times: Times, first: Floats, highest: Floats, lowest: Floats, last: Floats) -> bool:
        """Take columns (N,), times rising. Whether they are other ones: not the old with rows added at the end."""
        old, columns = len(self.times), (first, highest, lowest, last)
        grown = old <= len(times) and (
            old == 0
            or bool(
                times[0] == self.times[0]
                and times[old - 1] == self.times[-1]
                and last[0] == self._columns[3][0]
                and last[old - 1] == self._columns[3][-1]
            )
        )
        added = len(times) - old
        self.times, self._columns = times, columns
        if not grown:
            self._levels.clear()
        if added or not grown:
            self._raise()
        return not grown

    def bars(self, from_ms: float, to_ms: float, least_ms: float, tip: Tip | None = None) -> Bars:
        """The bars between two moments, those cut by an end included; at least `least_ms` wide where there are such."""
        depth, width = 0, self.unit_ms
        while width < least_ms and depth < len(self._levels):
            depth, width = depth + 1, width * 2
        if depth:
            level = self._levels[depth - 1]
            known, columns = level.size, level.columns
            openings: Times = level.keys[:known]
            i, j = (rows_until(openings, at // width) for at in (from_ms - width, to_ms))
            openings = openings[i:j] * width
        else:
            known, columns = len(self.times), self._columns
            i, j = rows_until(self.times, from_ms - width), rows_until(self.times, to_ms)
            openings = self.times[i:j]
        first, highest, lowest, last = (column[i:j] for column in columns)
        found = Bars(width, openings, first, highest, lowest, last)
        if tip is None or j < known or tip.open_ms > to_ms or tip.open_ms + width <= from_ms:
            return found
        return _with_tip(found, tip, depth > 0)

    def _raise(self) -> None:
        """Bring every level up to the rows."""
        size, below = len(self.times), None
        for depth in count():
            if depth == len(self._levels):
                if size <= _FEWEST:
                    return
                self._levels.append(_Level())
            level = self._levels[depth]
            start = level.start
            keys = self.times[start:] // self.unit_ms if below is None else below.keys[start:size]
            columns = self._columns if below is None else below.columns
            level.take(keys, [column[start:size] for column in columns])
            size, below = level.size, level


def rows_until(times: Times, at_ms: float) -> int:
    """How many rows there are up to a moment, that moment included.

    >>> rows_until(np.array([10, 20, 30]), 20.5), rows_until(np.array([10, 20, 30]), float("inf"))
    (2, 3)
    """
    # as an integer: for a float numpy would first copy all the times into floats
    return int(np.searchsorted(times, np.int64(min(max(at_ms, -_FOREVER), _FOREVER) // 1), side="right"))


def _roomier(old: npt.NDArray[Any], kept: int, size: int) -> npt.NDArray[Any]:
    room = np.empty(2 * size, old.dtype)
    room[:kept] = old[:kept]
    return room


def _with_tip(bars: Bars, tip: Tip, is_cut: bool) -> Bars:
    """The bars and the forming one behind them, or within the newest of them where it belongs to that."""
    open_ms = tip.open_ms // bars.width_ms * bars.width_ms if is_cut else tip.open_ms
    if len(bars.open_ms) and bars.open_ms[-1] == open_ms:
        highest, lowest, last = bars.highest.copy(), bars.lowest.copy(), bars.last.copy()
        highest[-1], lowest[-1], last[-1] = max(highest[-1], tip.highest), min(lowest[-1], tip.lowest), tip.last
        return bars._replace(highest=highest, lowest=lowest, last=last)
    return Bars(
        bars.width_ms,
        np.append(bars.open_ms, open_ms),
        np.append(bars.first, tip.first),
        np.append(bars.highest, tip.highest),
        np.append(bars.lowest, tip.lowest),
        np.append(bars.last, tip.last),
    )
