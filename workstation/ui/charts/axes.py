"""The grid and the two axes of a chart: values at the right, time below with its zone always named."""

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from workstation.ui.charts import time_axis
from workstation.ui.charts.level_lines import Tag
from workstation.ui.charts.texts import Texts
from workstation.ui.charts.time_axis import Tick
from workstation.ui.charts.value_axis import Scale, scale
from workstation.ui.charts.view import View
from workstation.ui.theme import Theme

ValueText = Callable[[float, float], str]  # value and step of the axis
PAD = 5
_WIDEST_TIME = "Wed 28"


class Axes:
    """Labels and grid of one view; what they say is worked out once for it."""

    def __init__(self, theme: Theme, texts: Texts, value_text: ValueText) -> None:
        self._theme = theme
        self._texts = texts
        self._value_text = value_text
        self.exact_text: Callable[[float], str] = self._finer_text  # of the value that the mouse points at
        self._view: View | None = None
        self._scale = Scale((), 1.0)
        self._values: list[tuple[int, str]] = []
        self._times: list[tuple[int, Tick]] = []

    def forget(self) -> None:
        """Fonts or lengths are other ones."""
        self._view = None

    @property
    def time_height(self) -> int:
        """How high the time axis is."""
        return self._texts.height() + self._theme.px(6)

    def width(self, view: View) -> int:
        """What the value axis needs for its labels."""
        self._see(view)
        return max((self._texts.width(text) for _, text in self._values), default=0) + 2 * PAD + 1

    def _finer_text(self, value: float) -> str:
        return self._value_text(value, self._scale.step / 100)

    def _see(self, view: View) -> None:
        if view == self._view:
            return
        self._view = view
        self._scale = scale(view.low, view.high, max(view.height // max(2 * self._texts.height(), 1), 3))
        self._values = [
            (round(view.y(value)), self._value_text(value, self._scale.step)) for value in self._scale.values
        ]
        most = view.width // max(2 * self._texts.width(_WIDEST_TIME, bold=True), 1)
        self._times = [(round(view.x(tick.at_ms)), tick) for tick in time_axis.ticks(view.from_ms, view.to_ms, most)]

    def paint_grid(self, painter: QPainter, view: View) -> None:
        """Lines at every label; a new day's is stronger."""
        self._see(view)
        painter.setPen(self._theme.colour("line"))
        painter.setOpacity(0.55)
        for y, _ in self._values:
            painter.drawLine(view.left, y, view.right, y)
        for x, tick in self._times:
            painter.setOpacity(1 if tick.bold else 0.55)
            painter.drawLine(x, view.top, x, view.bottom)
        painter.setOpacity(1)

    def paint_values(
        self, painter: QPainter, view: View, exposed: QRect, tags: tuple[Tag, ...], *, known: bool
    ) -> None:
        """The labels at the right, but for those that a tag covers. `known`: there is anything to be labelled."""
        self._see(view)
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(view.right, view.top, view.right, view.bottom)
        height = self._texts.height()
        if not known:
            return
        free = view.bottom
        for y, text in self._values:
            top = y - height // 2
            covered = any(top < tag.rect.bottom() and top + height > tag.rect.top() for tag in tags)
            if not covered and view.top <= top and top + height <= free:
                free = top
                if top > exposed.bottom() or top + height < exposed.top():
                    continue
                self._texts.draw(painter, view.right + PAD, top, text, "fg2")

    def paint_times(self, painter: QPainter, view: View, area: QRect) -> None:
        """The labels below, and the zone in the corner."""
        self._see(view)
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(area.left(), view.bottom, area.right(), view.bottom)
        top = area.top() + self._theme.px(3)
        for x, tick in self._times:
            wide = self._texts.width(tick.text, bold=tick.bold)
            left = x - wide // 2
            if left >= view.left and left + wide <= view.right - PAD:
                self._texts.draw(painter, left, top, tick.text, "fg" if tick.bold else "fg2", bold=tick.bold)
        self._texts.draw(painter, view.right + PAD, top, time_axis.ZONE, "fg2")

    def paint_value_tag(self, painter: QPainter, view: View, area: QRect, y: int) -> None:
        """The value that the mouse points at."""
        height = self._texts.height() + 2
        top = min(max(y - height // 2, view.top), view.bottom - height)
        painter.fillRect(QRect(view.right + 1, top, area.width() - 1, height), self._theme.colour("bg3"))
        self._texts.draw(painter, view.right + PAD, top + 1, self.exact_text(view.value(y)), "fg", bold=True)

    def paint_time_tag(self, painter: QPainter, view: View, area: QRect, x: int, text: str) -> None:
        """The moment that the mouse points at, here or in a linked chart."""
        wide = self._texts.width(text, bold=True) + 2 * PAD
        left = min(max(x - wide // 2, view.left), view.right - wide)
        painter.fillRect(QRect(left, area.top() + 1, wide, area.height() - 1), self._theme.colour("bg3"))
        self._texts.draw(painter, left + PAD, area.top() + self._theme.px(3), text, "fg", bold=True)
