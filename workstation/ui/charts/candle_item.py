"""Candles: bodies and wicks in device pixels, one call a colour, from the level of the pyramid that the zoom needs."""

from enum import Enum
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from workstation.market.view import CandleView, Flags, Floats
from workstation.ui.charts.primitives import draw_rects
from workstation.ui.charts.pyramid import Pyramid, Tip, rows_until
from workstation.ui.charts.view import Span, View
from workstation.ui.theme import Theme

LEAST_PX = 3.0  # a candle is never narrower
_BODY = 0.72  # of the place that a candle has
_WIDEST = 40.0  # device pixels of a body


class Change(Enum):
    """What is other than before: nothing, the forming candle alone, or more."""

    NONE = 0
    TIP = 1
    ALL = 2


class _Shapes(NamedTuple):
    """Wicks and bodies as rows (N, 4) in device pixels, wicks first; `rising` of both (2 N,)."""

    rects: Floats
    rising: Flags


class CandleItem:
    """Draws a CandleView."""

    def __init__(self) -> None:
        self.candles: CandleView | None = None
        self._pyramid = Pyramid(1)
        self._tip: Tip | None = None
        self._drawn: tuple[View, _Shapes] | None = None

    def show(self, candles: CandleView | None) -> Change:
        """Take other candles; says what is to be drawn anew."""
        if candles is self.candles:
            return Change.NONE
        before, self.candles = self.candles, candles
        if candles is None:
            self._pyramid, self._tip, self._drawn = Pyramid(1), None, None
            return Change.ALL
        if before is None or before.interval_ms != candles.interval_ms:
            self._pyramid = Pyramid(candles.interval_ms)
        rows = len(self._pyramid.times)
        replaced = self._pyramid.show(candles.open_ms, candles.open, candles.high, candles.low, candles.close)
        forming, old = candles.forming, self._tip
        self._tip = None
        if forming is not None and (not len(candles.open_ms) or forming.open_ms > candles.open_ms[-1]):
            self._tip = Tip(forming.open_ms, forming.open, forming.high, forming.low, forming.close)
        if replaced or rows != len(candles.open_ms):
            self._drawn = None
            return Change.ALL
        if self._tip == old:
            return Change.NONE
        self._drawn = None
        same = old is not None and self._tip is not None and old.open_ms == self._tip.open_ms
        return Change.TIP if same else Change.ALL

    @property
    def newest_ms(self) -> int | None:
        """Where the newest candle ends."""
        if self.candles is None:
            return None
        if self._tip is not None:
            return self._tip.open_ms + self.candles.interval_ms
        times = self.candles.open_ms
        return int(times[-1]) + self.candles.interval_ms if len(times) else None

    @property
    def last(self) -> float | None:
        """The newest price."""
        if self._tip is not None:
            return self._tip.last
        return float(self.candles.close[-1]) if self.candles is not None and len(self.candles.close) else None

    def at(self, at_ms: float) -> Tip | None:
        """The candle that holds a moment."""
        if self.candles is None:
            return None
        if self._tip is not None and self._tip.open_ms <= at_ms < self._tip.open_ms + self.candles.interval_ms:
            return self._tip
        c = self.candles
        i = rows_until(c.open_ms, at_ms) - 1
        if i < 0 or at_ms >= c.open_ms[i] + c.interval_ms:
            return None
        return Tip(int(c.open_ms[i]), float(c.open[i]), float(c.high[i]), float(c.low[i]), float(c.close[i]))

    @property
    def newest(self) -> Tip | None:
        """The newest candle."""
        return None if self.newest_ms is None else self.at(self.newest_ms - 1)

    def span(self, from_ms: float, to_ms: float, least_ms: float) -> Span | None:
        """Lowest low and highest high."""
        bars = self._pyramid.bars(from_ms, to_ms, least_ms, self._tip)
        return Span(float(bars.lowest.min()), float(bars.highest.max())) if len(bars.open_ms) else None

    def tip_rect(self, view: View) -> QRect | None:
        """The column that the newest candle stands in."""
        if self._tip is None:
            return None
        bars = self._pyramid.bars(self._tip.open_ms, self._tip.open_ms + 1, LEAST_PX * view.ms_per_px, self._tip)
        left, right = (view.x(int(bars.open_ms[-1]) + by) for by in (0, bars.width_ms))
        return QRect(int(left) - 2, view.top, int(right - left) + 5, view.height)

    def paint(self, painter: QPainter, view: View, theme: Theme, exposed: QRectF) -> None:
        """Draw the candles that `exposed` touches."""
        if self._drawn is None or self._drawn[0] != view:
            self._drawn = (view, self._shapes(view))
        rects, rising = self._drawn[1]
        if not len(rects):
            return
        ratio = view.ratio
        seen = (rects[:, 0] < exposed.right() * ratio) & (rects[:, 0] + rects[:, 2] > exposed.left() * ratio)
        seen &= (rects[:, 1] < exposed.bottom() * ratio) & (rects[:, 1] + rects[:, 3] > exposed.top() * ratio)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        for token, chosen in (("down", seen & ~rising), ("up", seen & rising)):
            painter.setBrush(theme.colour(token))
            draw_rects(painter, rects[chosen])
        painter.restore()

    def _shapes(self, view: View) -> _Shapes:
        bars = self._pyramid.bars(view.from_ms, view.to_ms, LEAST_PX * view.ms_per_px, self._tip)
        ratio = view.ratio
        place = bars.width_ms / view.ms_per_px * ratio
        line = max(round(ratio), 1)
        body = min(max(int(place * _BODY), line), int(_WIDEST * ratio))
        body -= (body - line) % 2  # so that the wick stands in the middle
        middle = (bars.open_ms + bars.width_ms / 2 - view.from_ms) / view.ms_per_px + view.left
        wick_x = np.floor(middle * ratio) - line // 2
        high, low, first, last = (
            np.round(view.ys(part) * ratio) for part in (bars.highest, bars.lowest, bars.first, bars.last)
        )
        count = len(middle)
        rects = np.empty((2 * count, 4))
        rects[:count, 0], rects[:count, 1], rects[:count, 2] = wick_x, high, line
        rects[:count, 3] = np.maximum(low - high, line)
        rects[count:, 0], rects[count:, 1] = wick_x - (body - line) // 2, np.minimum(first, last)
        rects[count:, 2] = body
        rects[count:, 3] = np.maximum(np.abs(last - first), line)
        return _Shapes(rects, np.tile(bars.last >= bars.first, 2))
