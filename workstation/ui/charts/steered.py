"""Steered: the mouse and the keys of a chart, turned into moves of its time and its values."""

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from workstation.ui.charts.chart_link import ChartLink
from workstation.ui.charts.view import View

_NOTCH = 120
_ZOOM = 0.84
_STEP = 0.1  # of the view, panned by a key or a notch of the wheel


class Steered(QWidget):
    """Wheel zooms around the mouse, with Shift it pans, with Ctrl it zooms the values; dragging pans, on the value axis
    it zooms the values. Z: all as at first; X: values by what is seen; C: the newest bar; arrows and + −: pan and zoom.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link = ChartLink()
        self.auto = True  # values follow what is seen
        self._dragged: QPoint | None = None
        self._drags_values = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    @property
    def view(self) -> View:
        """What lies where."""
        raise NotImplementedError

    def scale_values(self) -> None:
        """Let the values follow what is seen."""
        raise NotImplementedError

    def zoom_values(self, factor: float, around: float) -> None:
        """See `factor` times as many values, one staying where it is."""
        raise NotImplementedError

    def move_values(self, by: float) -> None:
        """See higher values, or lower ones."""
        raise NotImplementedError

    def point_at(self, place: QPoint | None) -> None:
        """The mouse is at a place of the widget; None where it is nowhere."""
        raise NotImplementedError

    def leaveEvent(self, event: QEvent) -> None:
        self.point_at(None)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._dragged = event.position().toPoint()
            self._drags_values = self._dragged.x() >= self.view.right
            self.setCursor(Qt.CursorShape.SizeVerCursor if self._drags_values else Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place, before = event.position().toPoint(), self._dragged
        if before is None:
            self.point_at(place)
            return
        self._dragged, view = place, self.view
        if self._drags_values:
            self.zoom_values(1.01 ** (place.y() - before.y()), (view.low + view.high) / 2)
            return
        if not self.auto:
            self.move_values((place.y() - before.y()) * (view.high - view.low) / view.height)
        self.link.pan((before.x() - place.x()) * view.ms_per_px)
        self.point_at(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.position().x() >= self.view.right:
            self.scale_values()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, view, place = event.angleDelta(), self.view, event.position()
        notches = (turned.y() or turned.x()) / _NOTCH
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom_values(_ZOOM**notches, view.value(place.y()))
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or not turned.y():
            self.link.pan(-notches * _STEP * self.link.span_ms)
        else:
            self.link.zoom(_ZOOM**notches, view.at_ms(min(place.x(), view.right)))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            event.ignore()
            return
        link, key = self.link, Qt.Key
        middle = (link.from_ms + link.to_ms) / 2
        match event.key():
            case key.Key_Z:
                self.auto = True
                link.reset()
                self.scale_values()
            case key.Key_X:
                self.scale_values()
            case key.Key_C:
                link.lock()
            case key.Key_Left:
                link.pan(-_STEP * link.span_ms)
            case key.Key_Right:
                link.pan(_STEP * link.span_ms)
            case key.Key_Plus | key.Key_Equal:
                link.zoom(_ZOOM, middle)
            case key.Key_Minus:
                link.zoom(1 / _ZOOM, middle)
            case _:
                event.ignore()
