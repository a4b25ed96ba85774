"""Figure: a caption, a number to be read from across the desk, and its small print."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workstation.ui import formats
from workstation.ui.theme import Theme, Tone

_SMALLEST = 9
_SMALL = 11
_NOTE_LINES = 2
_WRAPPED = (Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop).value
_TOP_RIGHT = (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop).value
_TOP = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop).value


class Figure(QWidget):
    """Shows one figure. A number too long for its place is set smaller, never cut. `what_if` hatches the ground; what
    the figure is without the what-if, and the difference, stand small at the right, in room that is always kept.

    It paints its texts itself: labels would lay the whole window out anew at every step of a slider.
    """

    def __init__(self, theme: Theme, caption: str, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._caption = caption
        self._size = size
        self._fitting = size
        self._small = _SMALL
        self._what_if: bool = False
        self._fullness: float | None = None
        self._tone: Tone = "fg"
        self._faded: bool = False
        self._height = 0
        self.text: str = ""
        self.note: str = ""
        self.actual: str = ""
        self.change: str = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(caption)
        self._fit()
        theme.changed.connect(self._fit)

    def say(
        self,
        value: str,
        note: str = "",
        tone: Tone = "fg",
        tip: str = "",
        fullness: float | None = None,
        *,
        what_if: bool,
        actual: str = "",
        change: str = "",
    ) -> None:
        """Show a number. `fullness` from 0 to 1 draws a bar under it."""
        new = (value, note, tone, fullness, what_if, actual, change)
        if new == (self.text, self.note, self._tone, self._fullness, self._what_if, self.actual, self.change):
            return
        self.text, self.note, self._tone, self._fullness, self._what_if, self.actual, self.change = new
        self.setToolTip(tip)
        beside = f". Actual {actual}, difference {change or formats.UNKNOWN}" if actual else ""
        self.setAccessibleDescription(f"{value}. {note}{beside}")
        self._fit()

    def fade(self, faded: bool) -> None:
        """Grey the number: it does not answer the newest edit yet."""
        if faded != self._faded:
            self._faded = faded
            self.update()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(80), self._height)

    @property
    def is_whole(self) -> bool:
        """Nothing of the number or of the small print is cut."""
        fits = QFontMetrics(self._value_font(self._fitting)).horizontalAdvance(self.text) <= self._value_room()
        beside = QFontMetrics(self._caption_font()).horizontalAdvance(self._caption) + self._width_beside()
        return fits and beside <= self._room() and self._height <= self.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _room(self) -> int:
        return self.width() - 2 * self._theme.px(10)

    def _beside(self) -> str:
        return f"actual {self.actual}" if self.actual else ""

    def _width_beside(self) -> int:
        """What the actual figure takes of the caption's line."""
        metrics = QFontMetrics(self._theme.font(self._small))
        return metrics.horizontalAdvance(self._beside()) + self._theme.px(6) if self.actual else 0

    def _value_room(self) -> int:
        change = QFontMetrics(self._theme.font(self._small)).horizontalAdvance(self.change) if self.change else 0
        return self._room() - (change + self._theme.px(8) if change else 0)

    def _value_font(self, size: int) -> QFont:
        return self._theme.font(size, QFont.Weight.DemiBold)

    def _caption_font(self) -> QFont:
        return self._theme.font(11, QFont.Weight.Medium)

    def _tops(self) -> tuple[int, int, int]:
        """Where caption, value and small print begin."""
        caption = self._theme.px(5)
        value = caption + QFontMetrics(self._caption_font()).height()
        return caption, value, value + QFontMetrics(self._value_font(self._size)).height()

    def _fit(self) -> None:
        """The largest type in which the number fits, and the height that the small print takes."""
        room, self._fitting, self._small = max(self._room(), 1), self._size, _SMALL
        caption = QFontMetrics(self._caption_font()).horizontalAdvance(self._caption)
        while self._small > _SMALLEST and caption + self._width_beside() > room:
            self._small -= 1
        value_room = max(self._value_room(), 1)
        while self._fitting > _SMALLEST and (
            QFontMetrics(self._value_font(self._fitting)).horizontalAdvance(self.text) > value_room
        ):
            self._fitting -= 1
        small = QFontMetrics(self._theme.font(11))
        note = small.boundingRect(QRect(0, 0, room, 10_000), _WRAPPED, self.note).height()
        height = self._tops()[2] + max(note, _NOTE_LINES * small.lineSpacing()) + self._theme.px(7)
        if height != self._height:
            self._height = height
            self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        inside = self.rect().adjusted(0, 0, -1, -1)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("bg1"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(QRectF(inside).translated(0.5, 0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._what_if:
            painter.fillRect(inside.adjusted(2, 2, -1, -1), QBrush(theme.colour("hatch"), Qt.BrushStyle.BDiagPattern))
        left, room = theme.px(10), self._room()
        caption, value, note = self._tops()
        painter.setPen(theme.colour("fg2"))
        painter.setFont(self._caption_font())
        painter.drawText(QRect(left, caption, room, self.height()), _TOP, self._caption)
        painter.setFont(theme.font(11))
        painter.drawText(QRect(left, note, room, self.height() - note), _WRAPPED, self.note)
        font = self._value_font(self._fitting)
        if self.actual:
            painter.setFont(theme.font(self._small))
            painter.drawText(QRect(left, caption, room, self.height()), _TOP_RIGHT, self._beside())
            line = QFontMetrics(self._value_font(self._size)).ascent() - QFontMetrics(painter.font()).ascent()
            painter.drawText(QRect(left, value + line, room, self.height()), _TOP_RIGHT, self.change)
        painter.setPen(theme.colour("fg3" if self._faded else self._tone))
        painter.setFont(font)
        # smaller type stands on the same line
        drop = QFontMetrics(self._value_font(self._size)).ascent() - QFontMetrics(font).ascent()
        painter.drawText(QRect(left, value + drop, room, self.height()), _TOP, self.text)
        if self._fullness is not None:
            height = theme.px(3)
            groove = QRect(3, inside.bottom() - height, inside.width() - 5, height)
            painter.fillRect(groove, theme.colour("bg3"))
            groove.setWidth(round(groove.width() * min(max(self._fullness, 0.0), 1.0)))
            painter.fillRect(groove, theme.colour("accent" if self._tone == "fg" else self._tone))
