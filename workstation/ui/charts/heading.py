"""What stands above a chart: words and numbers in the theme's tones; what has no room is left out, never cut."""

from typing import NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.ui.charts.texts import Texts
from workstation.ui.theme import Theme, Tone

_SIZE = 12
_LEFT = 8


class Piece(NamedTuple):
    """Some words, with a quiet `label` before them. Where there is no room the most `spare` go first."""

    text: str
    tone: Tone = "fg2"
    bold: bool = False
    label: str = ""
    spare: int = 0


class Heading(QWidget):
    """One line of pieces."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = Texts(theme)
        self.pieces: tuple[Piece, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    @property
    def text(self) -> str:
        """All of it."""
        return " ".join(word for piece in self.pieces for word in (piece.label, piece.text) if word)

    def say(self, *pieces: Piece, tip: str = "") -> None:
        """Show some pieces. The whole text is in the tooltip, before `tip`."""
        if pieces != self.pieces:
            self.pieces = pieces
            self.setAccessibleName(self.text)
            self.update()
        whole = "\n".join(part for part in (self.text, tip) if part)
        if whole != self.toolTip():
            self.setToolTip(whole)

    def shown(self) -> tuple[Piece, ...]:
        """The pieces that have room."""
        room = self.width() - self._theme.px(_LEFT)
        kept: list[Piece] = [*self.pieces]
        while kept and sum(self._width(piece) + self._gap() for piece in kept) > room:
            most = max(piece.spare for piece in kept)
            kept = [piece for piece in kept if piece.spare < most] if most else kept[:-1]
        return tuple(kept)

    def _width(self, piece: Piece) -> int:
        label = self._texts.width(piece.label, _SIZE) + self._gap() if piece.label else 0
        return label + self._texts.width(piece.text, _SIZE, piece.bold)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(120), self._texts.height(_SIZE, True) + 2 * self._theme.px(4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _gap(self) -> int:
        return self._theme.px(5)

    def _restyle(self) -> None:
        self._texts.clear()
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x = self._theme.px(_LEFT)
        y = (self.height() - self._texts.height(_SIZE)) // 2
        for piece in self.shown():
            if piece.label:
                self._texts.draw(painter, x, y, piece.label, "fg2", _SIZE)
                x += self._texts.width(piece.label, _SIZE) + self._gap()
            self._texts.draw(painter, x, y, piece.text, piece.tone, _SIZE, bold=piece.bold)
            x += self._texts.width(piece.text, _SIZE, piece.bold) + self._gap()
