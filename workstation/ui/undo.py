"""One undo command for every edit there will ever be: it holds the state before and the state after."""

from collections.abc import Hashable

from PySide6.QtGui import QUndoCommand

from workstation.desk.document import Document
from workstation.desk.state import DeskState

_ID = 1


class ChangeDesk(QUndoCommand):
    """`merge_key` names what was edited (its kind and its target): a run of edits of one thing is one step."""

    def __init__(
        self,
        document: Document,
        after: DeskState,
        text: str,
        merge_key: Hashable = None,
        parent: QUndoCommand | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._document = document
        self._before = document.state
        self._after = after
        self._merge_key = merge_key

    def redo(self) -> None:
        self._document.show(self._after)

    def undo(self) -> None:
        self._document.show(self._before)

    def id(self) -> int:
        return _ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, ChangeDesk) or self._merge_key is None or other._merge_key != self._merge_key:
            return False
        self._after = other._after
        return True
