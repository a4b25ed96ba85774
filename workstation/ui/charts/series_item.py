"""A number over time as a filled line; zoomed out it is drawn through every high and low."""

import math

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from workstation.market.view import Floats, SeriesView
from workstation.ui.charts.candle_item import Change
from workstation.ui.charts.primitives import draw_polyline, draw_rects
from workstation.ui.charts.pyramid import Pyramid, rows_until
from workstation.ui.charts.view import Span, View
from workstation.ui.theme import Theme

LEAST_PX = 2.0
_AREA = 0.7
_LOOKED_AT = 1_000  # rows from which the usual step is read
_ANTIALIASED = 400  # points; more of them are as good as a solid shape, and smoothing them costs


class SeriesItem:
    """Draws a SeriesView."""

    def __init__(self) -> None:
        self.series = SeriesView()
        self._pyramid = Pyramid(1)
        self._drawn: tuple[View, Floats, Floats] | None = None

    def show(self, series: SeriesView) -> Change:
        """Take another series; says whether anything is to be drawn anew."""
        if series is self.series:
            return Change.NONE
        self.series = series
        rows = len(self._pyramid.times)
        replaced = self._pyramid.show(series.at_ms, *(series.values,) * 4)
        if replaced or rows < _LOOKED_AT:
            self._pyramid = Pyramid(_usual_step(series))
            self._pyramid.show(series.at_ms, *(series.values,) * 4)
        if not replaced and rows == len(series.at_ms):
            return Change.NONE
        self._drawn = None
        return Change.ALL

    def at(self, at_ms: float) -> tuple[int, float] | None:
        """The newest row up to a moment: its time and value."""
        i = rows_until(self.series.at_ms, at_ms) - 1
        return None if i < 0 else (int(self.series.at_ms[i]), float(self.series.values[i]))

    def span(self, from_ms: float, to_ms: float, least_ms: float) -> Span | None:
        """Lowest and highest value."""
        bars = self._pyramid.bars(from_ms, to_ms, least_ms)
        return Span(float(bars.lowest.min()), float(bars.highest.max())) if len(bars.open_ms) else None

    def points(self, view: View) -> tuple[Floats, Floats]:
        """The line's points in pixels, one beyond each side of the plot so that it does not end before the edge."""
        bars = self._pyramid.bars(view.from_ms, view.to_ms, LEAST_PX * view.ms_per_px)
        times = bars.open_ms.astype(np.float64)
        values = bars.last
        if bars.width_ms > self._pyramid.unit_ms:
            rising = bars.last >= bars.first
            times = np.repeat(times, 2)
            times[1::2] += bars.width_ms / 2
            values = np.empty(len(times))
            values[0::2] = np.where(rising, bars.lowest, bars.highest)
            values[1::2] = np.where(rising, bars.highest, bars.lowest)
        before, after = self.at(view.from_ms - bars.width_ms), self._next(view.to_ms + bars.width_ms)
        if before is not None:
            times, values = np.insert(times, 0, before[0]), np.insert(values, 0, before[1])
        if after is not None:
            times, values = np.append(times, after[0]), np.append(values, after[1])
        return (times - view.from_ms) / view.ms_per_px + view.left, view.ys(values)

    def paint(self, painter: QPainter, view: View, theme: Theme, exposed: QRectF) -> None:
        """Draw the area and its line."""
        if self._drawn is None or self._drawn[0] != view:
            self._drawn = (view, *self.points(view))
        _, xs, ys = self._drawn
        if not len(xs):
            return
        seen = slice(
            max(int(np.searchsorted(xs, exposed.left())) - 1, 0), int(np.searchsorted(xs, exposed.right())) + 2
        )
        xs, ys = xs[seen], ys[seen]
        self._paint_area(painter, view, theme, exposed, (xs, ys))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(xs) <= _ANTIALIASED)
        painter.setPen(QPen(theme.colour("accent"), 1.5 if len(xs) <= _ANTIALIASED else 1))
        draw_polyline(painter, xs, ys)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_area(
        self, painter: QPainter, view: View, theme: Theme, exposed: QRectF, line: tuple[Floats, Floats]
    ) -> None:
        """A column for each device pixel: they must not overlap, what lies below (the grid, the word across) shows."""
        ratio, (xs, ys) = view.ratio, line
        left = max(float(xs[0]), view.left, exposed.left() - 1)
        right = min(float(xs[-1]), exposed.right() + 1)
        columns: Floats = np.arange(math.floor(left * ratio), right * ratio, dtype=np.float64)
        tops: Floats = np.round(np.interp((columns + 0.5) / ratio, xs, ys) * ratio)
        heights = np.round(view.bottom * ratio) - tops
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.setOpacity(painter.opacity() * _AREA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sel"))
        draw_rects(painter, np.column_stack((columns, tops, np.ones(len(columns)), heights)))
        painter.restore()

    def _next(self, at_ms: float) -> tuple[int, float] | None:
        i = rows_until(self.series.at_ms, at_ms)
        return None if i >= len(self.series.at_ms) else (int(self.series.at_ms[i]), float(self.series.values[i]))


def _usual_step(series: SeriesView) -> int:
    steps = np.diff(series.at_ms[-_LOOKED_AT:])
    return max(int(np.median(steps)), 1) if len(steps) else 1
