"""Short texts drawn again and again: laid out once, then only copied."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QPainter, QStaticText

from workstation.ui.theme import Theme

_MOST = 2_000
SIZE = 11


class Texts:
    """The labels of one chart; `clear` after the theme changed."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._known: dict[tuple[str, float, bool], QStaticText] = {}

    def clear(self) -> None:
        """Forget what was laid out in other fonts."""
        self._known.clear()

    def font(self, size: float = SIZE, bold: bool = False) -> QFont:
        """The font of a label."""
        return self._theme.font(size, QFont.Weight.DemiBold if bold else QFont.Weight.Normal)

    def width(self, text: str, size: float = SIZE, bold: bool = False) -> int:
        """How wide a label is, in whole pixels."""
        return int(self._laid_out(text, size, bold).size().width()) + 1

    def height(self, size: float = SIZE, bold: bool = False) -> int:
        """How high every label is."""
        return int(self._laid_out("0", size, bold).size().height()) + 1

    def draw(
        self, painter: QPainter, x: float, y: float, text: str, token: str, size: float = SIZE, *, bold: bool = False
    ) -> None:
        """A label with its left upper corner there."""
        painter.setFont(self.font(size, bold))
        painter.setPen(self._theme.colour(token))
        painter.drawStaticText(QPointF(round(x), round(y)), self._laid_out(text, size, bold))

    def _laid_out(self, text: str, size: float, bold: bool) -> QStaticText:
        key = (text, size, bold)
        static = self._known.get(key)
        if static is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            static = self._known[key] = QStaticText(text)
            static.prepare(font=self.font(size, bold))
        return static
