"""View: which stretch of time and of values lies on which pixels; and Item: what draws itself in one."""

from typing import NamedTuple, Protocol

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from workstation.market.view import Floats
from workstation.ui.theme import Theme


class Span(NamedTuple):
    """A lowest and a highest value."""

    low: float
    high: float


class View(NamedTuple):
    """The plot's rectangle in pixels (`ratio` device pixels each), and what it shows."""

    left: int
    top: int
    width: int
    height: int
    from_ms: float
    to_ms: float
    low: float
    high: float
    ratio: float = 1.0

    @property
    def rect(self) -> QRect:
        """The plot."""
        return QRect(self.left, self.top, self.width, self.height)

    @property
    def right(self) -> int:
        """The first pixel right of the plot."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first pixel below the plot."""
        return self.top + self.height

    @property
    def ms_per_px(self) -> float:
        """How much time one pixel holds."""
        return (self.to_ms - self.from_ms) / max(self.width, 1)

    def x(self, at_ms: float) -> float:
        """Where a moment stands."""
        return self.left + (at_ms - self.from_ms) / self.ms_per_px

    def y(self, value: float) -> float:
        """Where a value stands; greater values stand higher."""
        return self.top + (self.high - value) * self.height / (self.high - self.low)

    def ys(self, values: Floats) -> Floats:
        """Where values (N,) stand."""
        return self.top + (self.high - values) * (self.height / (self.high - self.low))

    def at_ms(self, x: float) -> float:
        """The moment at a place."""
        return self.from_ms + (x - self.left) * self.ms_per_px

    def value(self, y: float) -> float:
        """The value at a place."""
        return self.high - (y - self.top) * (self.high - self.low) / max(self.height, 1)


class Item(Protocol):
    """Something drawn in a plot."""

    def span(self, from_ms: float, to_ms: float, least_ms: float) -> Span | None:
        """The lowest and highest value it shows in a stretch of time, bars being `least_ms` wide; None for nothing."""
        ...

    def paint(self, painter: QPainter, view: View, theme: Theme, exposed: QRectF) -> None:
        """Draw at least what lies in `exposed`; the painter is clipped to it."""
        ...
