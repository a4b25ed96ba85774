"""Cells that draw: text in the theme's tones and the margin-use bar; and the editor that checks while one types."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QPainter, QValidator
from PySide6.QtWidgets import QLabel, QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workstation.ui.tables.frozen_rows import Cell, Role
from workstation.ui.theme import Theme, Tone

Index = QModelIndex | QPersistentModelIndex
Check = Callable[[str], str]
BAR_WIDTH = 56
PADDING = 8
# as plain numbers: Python's enums cost more than the painting itself
_SELECTED = QStyle.StateFlag.State_Selected.value
_HOVER = QStyle.StateFlag.State_MouseOver.value
_FOCUS = QStyle.StateFlag.State_HasFocus.value
_LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value
_RIGHT = (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value


class Cells(QStyledItemDelegate):
    """Draws every kind of cell. `what_if` hatches the numbers that are not real."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.what_if = False

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """What the whole text takes: a number is never elided."""
        cell = _cell(index)
        width = QFontMetrics(self._theme.font()).horizontalAdvance(cell.text) + 2 * self._theme.px(PADDING) + 2
        bar = self._theme.px(BAR_WIDTH) if cell.bar is not None else 0
        return QSize(width + bar, self._theme.px(26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, rect, state, cell = self._theme, _rect(option), _state(option), _cell(index)
        if state & _SELECTED:
            painter.fillRect(rect, theme.colour("sel"))
        elif state & _HOVER:
            painter.fillRect(rect, theme.colour("bg2"))
        if self.what_if and cell.computed:
            painter.fillRect(rect, QBrush(theme.colour("hatch"), Qt.BrushStyle.BDiagPattern))
        padding = theme.px(PADDING)
        inner = rect.adjusted(padding, 0, -padding, 0)
        tone = cell.tone
        if cell.bar is not None:
            self._bar(painter, inner, cell.bar, tone)
            tone = "fg" if tone == "fg2" else tone
        painter.setPen(theme.colour(tone))
        painter.setFont(theme.font())
        painter.drawText(inner, _RIGHT if cell.numeric else _LEFT, cell.text)
        if state & _FOCUS:
            painter.setPen(theme.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        elif cell.editable and state & _HOVER:  # this one can be typed into
            painter.setPen(theme.colour("line2"))
            painter.drawRect(rect.adjusted(1, 2, -2, -3))

    def _bar(self, painter: QPainter, cell: QRect, fullness: float, tone: Tone) -> None:
        height = self._theme.px(4)
        width = self._theme.px(BAR_WIDTH - PADDING)
        groove = QRect(cell.left(), cell.center().y() - height // 2 + 1, width, height)
        painter.fillRect(groove, self._theme.colour("bg3"))
        groove.setWidth(round(width * min(max(fullness, 0.0), 1.0)))
        painter.fillRect(groove, self._theme.colour(tone))

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
        rect = _rect(option)
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
        if self.property("wrong") != bool(fault):
            self.setProperty("wrong", bool(fault))
            self.style().unpolish(self)
            self.style().polish(self)
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


def _anything(_text: str) -> str:
    return ""


def _cell(index: Index) -> Cell:
    return cast("Cell", index.data(Role.CELL))


# PySide's stubs leave the fields of style options out
def _rect(option: QStyleOptionViewItem) -> QRect:
    return QRect(cast("QRect", getattr(option, "rect")))  # noqa: B009


def _state(option: QStyleOptionViewItem) -> int:
    return cast("QStyle.StateFlag", getattr(option, "state")).value  # noqa: B009
