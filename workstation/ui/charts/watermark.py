"""The word across a chart whose market is not the real one of now: large, faint, and drawn once."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPixmap

from workstation.ui.theme import Theme

_SHARE = 0.62  # of the plot's width
_MOST = 0.5  # of its height
_OPACITY = {"dark": 0.38, "light": 0.38}  # of the token that divides panels: seen at once, and read through
_SPACING = 6


class Watermark:
    """A word as a picture, so that drawing under it costs a copy."""

    def __init__(self, theme: Theme) -> None:
        self.word = ""
        self._theme = theme
        self._picture: tuple[int, int, float, QPixmap] | None = None

    def show(self, word: str) -> bool:
        """Take another word (empty: none); whether it is another one."""
        changed, self.word = word != self.word, word
        if changed:
            self.forget()
        return changed

    def forget(self) -> None:
        """The theme is another one."""
        self._picture = None

    def paint(self, painter: QPainter, plot: QRect, ratio: float) -> None:
        """Draw it in the middle of the plot."""
        if not self.word or plot.width() < 80 or plot.height() < 40:
            return
        key = (plot.width(), plot.height(), ratio)
        if self._picture is None or self._picture[:3] != key:
            self._picture = (*key, self._made(plot, ratio))
        picture = self._picture[3]
        size = picture.deviceIndependentSize()
        left = plot.left() + (plot.width() - size.width()) / 2
        top = plot.top() + (plot.height() - size.height()) / 2
        painter.drawPixmap(round(left), round(top), picture)

    def _made(self, plot: QRect, ratio: float) -> QPixmap:
        font = QFont(self._theme.font(100, QFont.Weight.DemiBold))
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _SPACING)
        wide = QFontMetrics(font).horizontalAdvance(self.word)
        size = min(font.pixelSize() * plot.width() * _SHARE / max(wide, 1), plot.height() * _MOST)
        font.setPixelSize(max(int(size), 8))
        metrics = QFontMetrics(font)
        width, height = metrics.horizontalAdvance(self.word) + 2 * _SPACING, metrics.height()
        picture = QPixmap(int(width * ratio), int(height * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(font)
        painter.setOpacity(_OPACITY[self._theme.tokens.name])
        painter.setPen(self._theme.colour("line2"))
        painter.drawText(_SPACING, metrics.ascent(), self.word)
        painter.end()
        return picture
