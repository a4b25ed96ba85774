"""A combo box that still shows its arrow under a style sheet."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QComboBox, QWidget

from workstation.ui.theme import Theme


class Choice(QComboBox):
    """One of some texts. A style sheet takes the arrow away and only gives it back for a picture file."""

    def __init__(self, theme: Theme, name: str, texts: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(name)
        self.addItems(list(texts))

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.colour("fg2"))
        half = self._theme.px(4)
        x, y = self.width() - self._theme.px(13), self.height() / 2
        arrow = [QPointF(x - half, y - half / 2), QPointF(x, y + half / 2), QPointF(x + half, y - half / 2)]
        painter.drawPolyline(QPolygonF(arrow))
