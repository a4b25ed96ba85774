"""Under the market slider: where along it the accounts are liquidated, and where the market stands."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.ui.theme import Theme


class ReachBar(QWidget):
    """A strip from `low` to `high` (fractions); red from the liquidating moves outward."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._low: float = -0.5
        self._high: float = 0.5
        self._down: float | None = None
        self._up: float | None = None
        self._at: float = 0.0
        self.margin = 7  # half a slider handle, so that both scales agree
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Where along the market slider accounts are liquidated")
        self.restyle()
        theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        self.setFixedHeight(self._theme.px(22))
        self.margin = self._theme.px(7)

    def show_reach(self, low: float, high: float, down: float | None, up: float | None, at: float) -> None:
        """The strip's ends, the nearest liquidating moves down and up, and where the market stands."""
        new = (low, high, down, up, at)
        if new != (self._low, self._high, self._down, self._up, self._at):
            self._low, self._high, self._down, self._up, self._at = new
            self.update()

    def _x(self, fraction: float) -> float:
        share = (min(max(fraction, self._low), self._high) - self._low) / (self._high - self._low)
        return self.margin + share * (self.width() - 2 * self.margin)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, height = theme.px(2), theme.px(6)
        painter.fillRect(
            QRectF(self._x(self._low), top, self._x(self._high) - self._x(self._low), height), theme.colour("bg3")
        )
        for end, edge in ((self._down, self._low), (self._up, self._high)):
            if end is None:
                continue
            left, right = sorted((self._x(end), self._x(edge)))
            painter.fillRect(QRectF(left, top, right - left, height), theme.colour("red_fill"))
        painter.setPen(QPen(theme.colour("fg"), theme.px(2)))
        x = self._x(self._at)
        painter.drawLine(round(x), top - 1, round(x), top + height)
        painter.setPen(theme.colour("fg2"))
        painter.setFont(theme.font(10))
        below = QRectF(self.margin, top + height, self.width() - 2 * self.margin, self.height() - top - height)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"{self._low * 100:+.0f} %".replace("-", "−"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self._high * 100:+.0f} %")
        zero = QRectF(self._x(0.0) - 30, below.top(), 60, below.height())
        painter.drawText(zero, Qt.AlignmentFlag.AlignHCenter, "today")
