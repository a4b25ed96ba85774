"""Undo keys in a line of text: they undo what is typed there, and once that is nothing, what was done to the desk."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit


def is_for_the_desk(event: QEvent, line: QLineEdit) -> bool:
    """An undo or redo key for which the line has nothing itself. Qt lets a line take both in any case, and then the
    window's own undo seems to be dead after a position was typed or a number entered.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.matches(QKeySequence.StandardKey.Undo):
        return not line.isUndoAvailable()
    return event.matches(QKeySequence.StandardKey.Redo) and not line.isRedoAvailable()


class UndoableLine(QLineEdit):
    """A line whose undo keys go on to the window once nothing is left to undo in it."""

    def event(self, event: QEvent) -> bool:
        if is_for_the_desk(event, self):
            event.ignore()
            return False
        return super().event(event)
