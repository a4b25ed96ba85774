"""Liquidations by side: shorts liquidated up, longs liquidated down, summed over each candle's time."""

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from workstation.market.series import GrowingColumns
from workstation.market.view import Floats, TapeView, Times
from workstation.ui.charts.candle_item import LEAST_PX, Change
from workstation.ui.charts.primitives import draw_rects
from workstation.ui.charts.pyramid import rows_until
from workstation.ui.charts.view import Span, View
from workstation.ui.theme import Theme

_BODY = 0.72


class Sums(NamedTuple):
    """USD liquidated per bucket, as columns (N,); a bucket begins at `open_ms` and is `width_ms` wide."""

    width_ms: int
    open_ms: Times
    longs: Floats
    shorts: Floats


class BarsItem:
    """Draws a TapeView. Running totals give the sum of any stretch, so every zoom is exact and costs the pixels."""

    def __init__(self) -> None:
        self.tape = TapeView()
        self.bucket_ms = 60_000
        self._running = _no_totals()
        self._drawn: tuple[View, Floats, Floats] | None = None

    def show(self, tape: TapeView, bucket_ms: int) -> Change:
        """Take another tape or bucket; says whether anything is to be drawn anew."""
        if tape is self.tape and bucket_ms == self.bucket_ms:
            return Change.NONE
        if tape is not self.tape:
            self._add_up(self.tape, tape)
        self.tape, self.bucket_ms, self._drawn = tape, bucket_ms, None
        return Change.ALL

    def _add_up(self, before: TapeView, tape: TapeView) -> None:
        """Only what has come: a tape of a long day is not added up anew for every order."""
        rows = len(before.at_ms)
        if not _begins_with(tape, before):
            self._running, rows = _no_totals(), 0
        usd, is_long = tape.usd[rows:], tape.is_long[rows:]
        sides = {"longs": np.where(is_long, usd, 0), "shorts": np.where(is_long, 0, usd)}
        self._running.append({name: self._running.last(name) + np.cumsum(side) for name, side in sides.items()})

    @property
    def _totals(self) -> tuple[Floats, Floats]:
        """Of longs and of shorts before each row of the tape, and at its end."""
        return self._running.view("longs"), self._running.view("shorts")

    def width_ms(self, least_ms: float) -> int:
        """The narrowest bucket of at least so much, in doublings of the candle's."""
        width = self.bucket_ms
        while width < least_ms:
            width *= 2
        return width

    def sums(self, from_ms: float, to_ms: float, least_ms: float) -> Sums:
        """The buckets between two moments, those cut by an end included."""
        width = self.width_ms(least_ms)
        edges = np.arange(int(from_ms // width), int(to_ms // width) + 2, dtype=np.int64) * width
        rows = np.searchsorted(self.tape.at_ms, edges)
        longs, shorts = (np.diff(total[rows]) for total in self._totals)
        return Sums(width, edges[:-1], longs, shorts)

    def between(self, from_ms: float, to_ms: float) -> tuple[float, float]:
        """USD of longs and of shorts liquidated from one moment up to another, that one left out."""
        i, j = (rows_until(self.tape.at_ms, math.ceil(at) - 1) for at in (from_ms, to_ms))
        longs, shorts = (float(total[j] - total[i]) for total in self._totals)
        return longs, shorts

    def span(self, from_ms: float, to_ms: float, least_ms: float) -> Span | None:
        """From the deepest bar of longs to the highest of shorts; zero always belongs to it."""
        sums = self.sums(from_ms, to_ms, least_ms)
        low, high = -float(sums.longs.max(initial=0)), float(sums.shorts.max(initial=0))
        return Span(low, high) if high > low else None

    def paint(self, painter: QPainter, view: View, theme: Theme, exposed: QRectF) -> None:
        """Draw the bars that `exposed` touches, and the zero between them."""
        if self._drawn is None or self._drawn[0] != view:
            self._drawn = (view, *self._rects(view))
        zero = round(view.y(0))
        painter.save()
        painter.setPen(theme.colour("line2"))
        painter.drawLine(view.left, zero, view.right, zero)
        painter.scale(1 / view.ratio, 1 / view.ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        left, right = exposed.left() * view.ratio, exposed.right() * view.ratio
        for token, rects in (("down", self._drawn[1]), ("up", self._drawn[2])):
            painter.setBrush(theme.colour(token))
            draw_rects(painter, rects[(rects[:, 0] <= right) & (rects[:, 0] + rects[:, 2] >= left)])
        painter.restore()

    def _rects(self, view: View) -> tuple[Floats, Floats]:
        sums = self.sums(view.from_ms, view.to_ms, LEAST_PX * view.ms_per_px)
        ratio = view.ratio
        width = max(int(sums.width_ms / view.ms_per_px * ratio * _BODY), 1)
        middle = ((sums.open_ms + sums.width_ms / 2 - view.from_ms) / view.ms_per_px + view.left) * ratio
        left = np.floor(middle) - width // 2
        zero = round(view.y(0) * ratio)
        sides: list[Floats] = []
        for values in (-sums.longs, sums.shorts):
            ends = np.round(view.ys(values) * ratio)
            # what is there is seen, however small beside the largest
            height = np.maximum(np.abs(ends - zero), 1)
            tops = np.where(values < 0, zero, zero - height)
            rects = np.column_stack((left, tops, np.full(len(left), width), height))
            sides.append(rects[values != 0])
        return sides[0], sides[1]


def _no_totals() -> GrowingColumns:
    totals = GrowingColumns({"longs": np.dtype("f8"), "shorts": np.dtype("f8")})
    totals.append({"longs": np.zeros(1), "shorts": np.zeros(1)})
    return totals


def _begins_with(tape: TapeView, before: TapeView) -> bool:
    """The tape is that one with rows added at its end, as far as its first and its last row tell."""
    rows = len(before.at_ms)
    return 0 < rows <= len(tape.at_ms) and all(
        new[0] == old[0] and new[rows - 1] == old[-1]
        for new, old in ((tape.at_ms, before.at_ms), (tape.usd, before.usd))
    )
