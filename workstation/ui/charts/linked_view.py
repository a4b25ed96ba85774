"""LinkedView: a chart with its axes, levels and crosshair, sharing its time with the charts it is linked to."""

from collections.abc import Callable, Iterable
from typing import cast

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QMoveEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.ui.charts import time_axis
from workstation.ui.charts.axes import PAD, Axes, ValueText
from workstation.ui.charts.candle_item import LEAST_PX, Change
from workstation.ui.charts.chart_link import ChartLink
from workstation.ui.charts.level_lines import Level, LevelLines
from workstation.ui.charts.steered import Steered
from workstation.ui.charts.texts import Texts
from workstation.ui.charts.view import Item, Span, View
from workstation.ui.charts.watermark import Watermark
from workstation.ui.theme import Theme

_PADDING = 0.07  # of the values' span, above and below
_GREYED = 0.4


class LinkedView(Steered):
    """Draws items over a time axis below and a value axis at the right. `linked_anew`: `link` is another one.

    Of linked charts that stand below each other only the lowest has the times.
    """

    linked_anew = Signal()

    def __init__(self, theme: Theme, name: str, value_text: ValueText, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.texts = Texts(theme)
        self.axes = Axes(theme, self.texts, value_text)
        self.lines = LevelLines(theme, self.texts)
        self.watermark = Watermark(theme)
        self.items: tuple[Item, ...] = ()
        self.greyed = False
        self.state = ""
        self.has_times = True
        self._view: View | None = None
        self._span: Span | None = None
        self._pointer: QPoint | None = None
        self._drawn_pointer: tuple[int | None, int | None] = (None, None)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._connect()
        theme.changed.connect(self.restyle)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(480), self.theme.px(160))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(160), self.theme.px(64))

    # --- what is shown ------------------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """What lies where."""
        if self._view is None:
            self._view = self._made_view()
        return self._view

    def changed(self, change: Change, column: Callable[[View], QRect | None] | None = None) -> None:
        """An item shows something else; where that is one column alone, only that is drawn anew."""
        if change is Change.NONE:
            return
        before, self._view = self._view, None
        self._fit_axis()
        rect = column(self.view) if change is Change.TIP and column is not None and self.view == before else None
        self._draw_anew(rect)

    def show_levels(self, levels: tuple[Level, ...]) -> None:
        """Take other lines; only strips are drawn anew where no label changed."""
        changed = self.lines.show(levels)
        if not changed:
            return
        self._fit_axis()
        view = self.view
        if any(level.label for level in changed):
            self.update()
            return
        region = QRegion(self._axis_rect(view))
        for level in changed:
            if view.low <= level.price <= view.high:
                region += QRect(view.left, round(view.y(level.price)) - 1, view.width, 3)
        self.update(region)

    def show_state(self, text: str, greyed: bool) -> None:
        """Say above the chart what is wrong with what it shows (empty: nothing), and grey it."""
        if (text, greyed) != (self.state, self.greyed):
            self.state, self.greyed = text, greyed
            self.setAccessibleDescription(text)
            self.update()

    def show_watermark(self, word: str) -> None:
        """A word across the chart: where its market is not the real one of now."""
        if self.watermark.show(word):
            self.update()

    def restyle(self) -> None:
        """Take the theme's fonts, lengths and colours anew."""
        self.texts.clear()
        for kept in (self.axes, self.lines, self.watermark):
            kept.forget()
        self._view = None
        self._fit_axis()
        self.updateGeometry()
        self.update()

    def join(self, link: ChartLink) -> None:
        """Share the time of a link with other charts."""
        if link is self.link:
            return
        old, self.link = self.link, link
        old.moved.disconnect(self._moved)
        old.pointed.disconnect(self._point)
        old.rearranged.disconnect(self._find_place)
        old.leave(id(self))
        old.views.discard(self)
        self._connect()
        self.linked_anew.emit()
        self._moved()

    def _connect(self) -> None:
        self.link.moved.connect(self._moved)
        self.link.pointed.connect(self._point)
        self.link.rearranged.connect(self._find_place)
        self.link.views.add(self)
        self.link.rearranged.emit()

    def _find_place(self) -> None:
        """Whether this chart is the lowest of those that share its time, and stand above each other in its window."""
        window, own = self.window(), QRect(self.mapTo(self.window(), QPoint()), self.size())
        has_times = True
        for other in self.link.views:
            if other is not self and other.isVisible() and other.window() is window:
                its = QRect(other.mapTo(window, QPoint()), other.size())
                if its.top() >= own.bottom() and its.left() < own.right() and own.left() < its.right():
                    has_times = False
        if has_times != self.has_times:
            self.has_times = has_times
            self._see_anew()

    def _moved(self) -> None:
        # a restored layout moves whole docks about, of which the charts in them hear nothing
        self._find_place()
        self._see_anew()

    def _see_anew(self) -> None:
        self._view = None
        if self.isVisible():
            self._fit_axis()
            self.update()

    def _draw_anew(self, rect: QRect | None) -> None:
        if rect is None:
            self.update()
        else:
            self.update(rect)

    # --- geometry -----------------------------------------------------------------------------------------------------

    def _made_view(self) -> View:
        link = self.link
        width = max(self.width() - link.axis_px, 1)
        height = max(self.height() - (self.axes.time_height if self.has_times else 0), 1)
        if self.auto:
            self._span = self._auto_span(LEAST_PX * link.span_ms / width)
        low, high = self._span or Span(0.0, 1.0)
        return View(0, 0, width, height, link.from_ms, link.to_ms, low, high, self.devicePixelRatioF())

    def _auto_span(self, least_ms: float) -> Span | None:
        spans = [item.span(self.link.from_ms, self.link.to_ms, least_ms) for item in self.items]
        found = [span for span in spans if span is not None]
        if not found:
            return None
        low, high = min(span.low for span in found), max(span.high for span in found)
        padding = (high - low) * _PADDING or abs(high) * 0.01 or 1.0
        return Span(low - padding, high + padding)

    def _axis_rect(self, view: View) -> QRect:
        return QRect(view.right, 0, self.width() - view.right, self.height())

    def _time_rect(self, view: View) -> QRect:
        return QRect(0, view.bottom, self.width(), self.height() - view.bottom)

    def _fit_axis(self) -> None:
        """Ask for the width that the labels need; a little more than needed is kept, or the plot would jump about."""
        need = max(self.axes.width(self.view), self.lines.widest() + 2 * PAD + 1, self.texts.width("000.0 M") + 2 * PAD)
        kept = self.link.needed(id(self))
        if need > kept or need < kept - self.theme.px(12):
            self.link.need(id(self), need)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._view = None
        self._fit_axis()
        self.link.rearranged.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.link.rearranged.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.link.rearranged.emit()
        self._moved()  # while it was hidden it was not kept up

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.link.rearranged.emit()

    # --- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        view = self.view
        axis = self._axis_rect(view)
        painter = QPainter(self)
        for rect in cast("Iterable[QRect]", event.region()):
            painter.setClipRect(rect)
            painter.fillRect(rect, self.theme.colour("bg1"))
            if rect.intersects(view.rect):
                painter.setClipRect(rect & view.rect)
                self._paint_plot(painter, view, QRectF(rect & view.rect))
                painter.setClipRect(rect)
            if rect.intersects(self._time_rect(view)):
                self._paint_times(painter, view)
            if rect.intersects(axis):
                tags = self.lines.placed(view, axis.width()).axis
                self.axes.paint_values(painter, view, rect, tags, known=self._span is not None)
            self.lines.paint_tags(painter, view, axis.width(), rect)
            if rect.intersects(axis) and self._pointer is not None and self._pointer.y() < view.bottom:
                self.axes.paint_value_tag(painter, view, axis, self._pointer.y())
            if self.state:
                self._paint_state(painter, view)
        painter.end()

    def _paint_plot(self, painter: QPainter, view: View, exposed: QRectF) -> None:
        self.axes.paint_grid(painter, view)
        self.watermark.paint(painter, view.rect, view.ratio)
        painter.setOpacity(_GREYED if self.greyed else 1)
        for item in self.items:
            item.paint(painter, view, self.theme, exposed)
        painter.setOpacity(1)
        self.lines.paint_lines(painter, view, self.width() - view.right)
        painter.setPen(QPen(self.theme.colour("fg3"), 1, Qt.PenStyle.DashLine))
        x, y = self._drawn_pointer
        if x is not None:
            painter.drawLine(x, view.top, x, view.bottom)
        if y is not None and y < view.bottom:
            painter.drawLine(view.left, y, view.right, y)

    def _paint_times(self, painter: QPainter, view: View) -> None:
        area = self._time_rect(view)
        self.axes.paint_times(painter, view, area)
        x, moment = self._drawn_pointer[0], self.pointed_bar_ms
        if x is not None and moment is not None:
            text = time_axis.moment_text(moment, self.link.interval_ms)
            self.axes.paint_time_tag(painter, view, area, x, text)

    def _paint_state(self, painter: QPainter, view: View) -> None:
        wide, high = self.texts.width(self.state, 12, True) + 4 * PAD, self.texts.height(12, True) + 2 * PAD
        box = QRect(max((view.width - wide) // 2, 0), view.top + self.theme.px(6), wide, high)
        painter.fillRect(box, self.theme.colour("amber_bg"))
        painter.setPen(self.theme.colour("amber"))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        self.texts.draw(painter, box.left() + 2 * PAD, box.top() + PAD, self.state, "amber", 12, bold=True)

    # --- the mouse ----------------------------------------------------------------------------------------------------

    @property
    def pointed_bar_ms(self) -> int | None:
        """The opening of the bar that the mouse points at, in any of the linked charts."""
        at, interval = self.link.pointer_ms, self.link.interval_ms
        return None if at is None else int(at // interval) * interval

    def _point(self) -> None:
        """The crosshair goes elsewhere: only where it was and where it is are drawn anew."""
        view, bar = self.view, self.pointed_bar_ms
        x = None
        if bar is not None:
            middle = round(view.x(bar + self.link.interval_ms / 2))
            x = middle if view.left <= middle < view.right else None
        y = None if self._pointer is None else self._pointer.y()
        if (x, y) == self._drawn_pointer:
            return
        region = QRegion()
        for at in {x, self._drawn_pointer[0]} - {None}:
            region += QRect(int(at or 0) - 1, view.top, 3, view.height)
        if x != self._drawn_pointer[0]:
            region += self._time_rect(view)
        if y != self._drawn_pointer[1]:
            region += self._axis_rect(view)
            for at in {y, self._drawn_pointer[1]} - {None}:
                region += QRect(view.left, int(at or 0) - 1, view.width, 3)
        self._drawn_pointer = (x, y)
        self.update(region)

    def point_at(self, place: QPoint | None) -> None:
        """The mouse is at a place of the widget; None where it is nowhere."""
        view = self.view
        inside = place is not None and place.x() < view.right
        self._pointer = place if inside else None
        self.link.point(view.at_ms(place.x()) if place is not None and inside else None)
        self._point()

    def scale_values(self) -> None:
        """Let the values follow what is seen."""
        self.auto = True
        self._moved()

    def zoom_values(self, factor: float, around: float) -> None:
        """See `factor` times as many values, one staying where it is."""
        view = self.view
        if self._span is None:
            return
        self.auto = False
        low, high = (around + (end - around) * factor for end in (view.low, view.high))
        # a span that floats cannot tell apart is none
        if high - low > 1e-9 * max(abs(low), abs(high)) and high - low < 1e18:
            self._span = Span(low, high)
            self._moved()

    def move_values(self, by: float) -> None:
        """See higher values, or lower ones."""
        if self._span is not None:
            self._span = Span(self._span.low + by, self._span.high + by)
            self._moved()


def link_views(views: Iterable[LinkedView]) -> ChartLink | None:
    """Let charts share one time and one crosshair, that of the first; call it again with all when one is added."""
    link = None
    for view in views:
        if link is None:
            link = view.link
        view.join(link)
    return link
