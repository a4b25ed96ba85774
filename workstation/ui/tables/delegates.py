"""Cells that draw: texts in the theme's tones, bars, tick-boxes; and the editor that checks while one types."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen, QValidator
from PySide6.QtWidgets import QLabel, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.ui.style_option import FOCUS, HOVER, SELECTED, rect_of, state_of
from workstation.ui.styled import set_styled
from workstation.ui.tables.frozen_rows import Cell, Role
from workstation.ui.theme import Theme, Tone

Index = QModelIndex | QPersistentModelIndex
Check = Callable[[str], str]
BAR_WIDTH = 56
PADDING = 8
TICK_WIDTH = 20
_CUT = "…"
_ENDLESS = 1 << 24
_LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value


def _nowhere(_line: int, _column: int) -> Cell | None:
    return None


class Cells(QStyledItemDelegate):
    """Draws every kind of cell. `what_if` hatches the numbers that are not real; `faded` greys them until they answer
    the newest edit. A number that is not wholly in sight is not drawn: what is left of it would read as another one.
    """

    def __init__(
        self, theme: Theme, parent: QObject | None = None, direct: Callable[[int, int], Cell | None] = _nowhere
    ) -> None:
        """`direct` gives a line's cell without asking the model, which takes longer than painting it; or None."""
        super().__init__(parent)
        self._theme = theme
        self._direct = direct
        self.room = _ENDLESS  # how much of the columns is in sight, told by the table: asking it takes long
        self.what_if = False
        self.faded = False
        self._measure()
        theme.changed.connect(self._measure)

    def _measure(self) -> None:
        metrics = QFontMetrics(self._theme.font())
        self._rise = metrics.ascent() - metrics.descent()
        self._hatch = QBrush(self._theme.colour("hatch"), Qt.BrushStyle.BDiagPattern)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """What the whole text takes: a number is never elided."""
        cell = _cell(index)
        width = QFontMetrics(self._theme.font()).horizontalAdvance(cell.text) + 2 * self._theme.px(PADDING) + 2
        bar = self._theme.px(BAR_WIDTH) if cell.bar is not None else 0
        tick = self._theme.px(TICK_WIDTH) if cell.ticked is not None else 0
        return QSize(width + bar + tick, self._theme.px(26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect, state = self._theme, rect_of(option), state_of(option)
        cell = self._direct(index.row(), index.column()) or _cell(index)
        if state & SELECTED:
            painter.fillRect(rect, theme.colour("sel"))
        elif state & HOVER:
            painter.fillRect(rect, theme.colour("bg2"))
        if self.what_if and cell.computed:
            painter.fillRect(rect, self._hatch)
        padding = theme.px(PADDING)
        inner = rect.adjusted(padding, 0, -padding, 0)
        tone = cell.tone
        if self.faded and (cell.computed or cell.bar is not None):
            tone = "fg3"
        if cell.bar is not None:
            self._bar(painter, inner, cell.bar, tone)
            tone = "fg" if tone == "fg2" else tone
        if cell.ticked is not None:
            self._tick(painter, inner, cell.ticked)
            inner.setLeft(inner.left() + theme.px(TICK_WIDTH))
        painter.setPen(theme.colour(tone))
        painter.setFont(theme.font())
        # at a point: laying a text out in a rectangle takes twice as long
        text = cell.text
        width = theme.text_width(text) if text else 0
        if cell.numeric and text and self._is_cut(inner, width):
            inner.setLeft(max(inner.left(), padding))
            painter.drawText(inner, _LEFT, _CUT)
        elif width > inner.width():
            painter.drawText(inner, _LEFT, text)
        else:
            left = inner.right() + 1 - width if cell.numeric else inner.left()
            painter.drawText(left, inner.top() + (inner.height() + self._rise) // 2, text)
        if state & FOCUS:
            painter.setPen(theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif cell.editable and state & HOVER:  # this one can be typed into
            painter.setPen(theme.colour("line2"))
            painter.drawRect(rect.adjusted(1, 2, -2, -3))

    def _is_cut(self, inner: QRect, width: int) -> bool:
        """Part of a number is outside: of its cell, or of what the table shows of its columns."""
        left, right = inner.right() + 1 - width, inner.right()
        return left < inner.left() or left < 0 or right >= self.room

    def _bar(self, painter: QPainter, cell: QRect, fullness: float, tone: Tone) -> None:
        height = self._theme.px(4)
        width = self._theme.px(BAR_WIDTH - PADDING)
        groove = QRect(cell.left(), cell.center().y() - height // 2 + 1, width, height)
        painter.fillRect(groove, self._theme.colour("bg3"))
        groove.setWidth(round(width * min(max(fullness, 0.0), 1.0)))
        painter.fillRect(groove, self._theme.colour(tone))

    def _tick(self, painter: QPainter, cell: QRect, ticked: bool) -> None:
        side = self._theme.px(13)
        box = QRect(cell.left(), cell.center().y() - side // 2, side, side)
        painter.setPen(self._theme.colour("accent_fill" if ticked else "fg2"))
        painter.fillRect(box, self._theme.colour("accent_fill" if ticked else "bg0"))
        painter.drawRect(box)
        if ticked:
            painter.setPen(QPen(self._theme.colour("accent_fg"), self._theme.px(2)))
            left, middle, right = box.left() + side // 4, box.left() + side // 2 - 1, box.right() - side // 5
            painter.drawLine(left, box.center().y(), middle, box.bottom() - side // 4)
            painter.drawLine(middle, box.bottom() - side // 4, right, box.top() + side // 4)

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """Tick and untick with the mouse or the space bar."""
        ticked = _cell(index).ticked
        clicked = isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton
        if ticked is None or not (clicked or _is_space(event)):
            return super().editorEvent(event, model, option, index)
        if event.type() in (QEvent.Type.MouseButtonRelease, QEvent.Type.KeyPress):
            state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
            return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)
        return event.type() == QEvent.Type.MouseButtonDblClick  # its second release ticks too; no editor opens

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        check = cast("Check | None", index.data(Role.CHECK))
        editor = CheckedEdit(check or _anything, parent)
        editor.setAccessibleName(str(index.model().headerData(index.column(), Qt.Orientation.Horizontal)))
        editor.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        editor.setFont(self._theme.font())
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        cast("CheckedEdit", editor).setText(str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        model.setData(index, cast("CheckedEdit", editor).text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Give the editor room for a long number where its column is narrow."""
        rect = rect_of(option)
        rect.setLeft(min(rect.left(), rect.right() - self._theme.px(96)))
        editor.setGeometry(rect)


class CheckedEdit(QLineEdit):
    """A line that says beside itself what is wrong while one types; Enter does not leave it while something is."""

    def __init__(self, check: Check, parent: QWidget) -> None:
        super().__init__(parent)
        self._check = check
        self._table = parent
        self._fault = QLabel(parent)
        self._fault.setProperty("fault", True)
        self._fault.hide()
        self.setValidator(_Validator(check, self))
        self.textChanged.connect(self._tell)
        self.destroyed.connect(self._fault.deleteLater)

    @property
    def fault(self) -> str:
        """What is wrong with the text now; empty where it is right."""
        return self._check(self.text())

    def _tell(self) -> None:
        fault = self.fault
        set_styled(self, "wrong", bool(fault))
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.setAccessibleDescription(fault)
        if fault:
            self._place_fault()

    def _place_fault(self) -> None:
        """Below the line, or above it where there is no room, inside the table."""
        self._fault.adjustSize()
        room, line, note = self._table.rect(), self.geometry(), self._fault
        top = line.bottom() + 2
        if top + note.height() > room.height():
            top = line.top() - note.height() - 2
        note.move(max(0, min(line.left(), room.width() - note.width())), top)
        note.raise_()


class _Validator(QValidator):
    """Lets every text be typed, and lets only a right one be entered."""

    def __init__(self, check: Check, parent: QObject) -> None:
        super().__init__(parent)
        self._check = check

    def validate(self, text: str, position: int, /) -> tuple[QValidator.State, str, int]:
        state = QValidator.State.Intermediate if self._check(text) else QValidator.State.Acceptable
        return state, text, position


def _is_space(event: QEvent) -> bool:
    return (
        isinstance(event, QKeyEvent)
        and event.type() == QEvent.Type.KeyPress
        and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select)
    )


def _anything(_text: str) -> str:
    return ""


def _cell(index: Index) -> Cell:
    return cast("Cell", index.data(Role.CELL))
