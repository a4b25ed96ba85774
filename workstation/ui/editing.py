"""Editing: gestures become edits, edits become undo steps; what is wrong is said and changes nothing."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from workstation.desk.document import Document
from workstation.desk.edits import AddPosition, Edit, RemovePosition, apply_all, describe, merge_key
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.position import Position
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.dialogs.balances import BalancesDialog
from workstation.ui.notices import Notices
from workstation.ui.theme import Theme
from workstation.ui.undo import ChangeDesk

MOST_UNDONE = 1_000  # steps; each holds a desk, and a session may last for weeks


class Editing(QObject):
    """The one way by which the document changes, but for opening files. `chose` says whether a position is chosen;
    `market` is the market on screen.
    """

    chose = Signal(bool)

    def __init__(
        self,
        document: Document,
        notices: Notices,
        theme: Theme,
        venues: tuple[str, ...],
        market: Callable[[], MarketView],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(MOST_UNDONE)
        self._document = document
        self._notices = notices
        self._theme = theme
        self._venues = venues
        self._market = market
        self._window = window
        self._chosen: tuple[int, int] | None = None
        self._leg: Position | None = None  # as it was when it was chosen

    def fault(self, edit: Edit) -> str:
        """What is wrong with an edit; empty where nothing is."""
        return self.faults(edit)

    def faults(self, *edits: Edit) -> str:
        """What is wrong with edits that are made one after another; empty where nothing is."""
        try:
            apply_all(self._document.state, edits)
        except BadInput as bad:
            return "; ".join(problem.text for problem in bad.problems)
        return ""

    def edit(self, *edits: Edit) -> None:
        """Make edits as one undo step. What is wrong is listed, and changes nothing."""
        before = self._document.state
        try:
            state = apply_all(before, edits)
        except BadInput as bad:
            self._notices.tell("That was not changed.", bad.problems)
            return
        key = merge_key(edits[0]) if len(edits) == 1 else None
        self.undo_stack.push(ChangeDesk(self._document, state, _described(before, edits), key))

    def edit_all(self, edits: tuple[Edit, ...]) -> None:
        """Make edits that come as one."""
        self.edit(*edits)

    def add_position(self) -> None:
        """Ask for a new position."""
        self._ask(None)

    def change_position(self) -> None:
        """Ask for what is different about the chosen position."""
        chosen = self._still_chosen()
        if chosen is not None:
            self._ask(chosen)

    def _ask(self, editing: tuple[int, int] | None) -> None:
        dialog = AddPositionDialog(
            self._document.state, self._venues, self._theme, self._window, market=self._market(), editing=editing
        )
        dialog.made.connect(self.edit_all)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def change_balances(self) -> None:
        """Ask for what is in the wallets."""
        dialog = BalancesDialog(self._document.state, self._theme, self._window)
        dialog.made.connect(self.edit_all)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def remove_position(self) -> None:
        """Take the chosen position out; undo brings it back."""
        chosen = self._still_chosen()
        if chosen is not None:
            self.edit(RemovePosition(*chosen))

    def choose(self, chosen: tuple[int, int] | None) -> None:
        """The position (account, place in it) that `remove_position` is about."""
        self._chosen = chosen
        self._leg = None if chosen is None else _leg_at(self._document.state, *chosen)
        self.chose.emit(chosen is not None)

    def _still_chosen(self) -> tuple[int, int] | None:
        """The chosen position, where it is still that one: until a frame shows the newest edit its place may be
        another's, and a key that is held down would remove what nobody chose.
        """
        chosen, was = self._chosen, self._leg
        now = None if chosen is None else _leg_at(self._document.state, *chosen)
        if was is None or now is None:
            return None
        same = (now.symbol, now.side, now.margin_mode) == (was.symbol, was.side, was.margin_mode)
        return chosen if same else None


def _leg_at(state: DeskState, account: int, position: int) -> Position | None:
    accounts = looked_at(state)
    legs = accounts[account].positions if account < len(accounts) else ()
    return legs[position] if position < len(legs) else None


def _described(state: DeskState, edits: Sequence[Edit]) -> str:
    """Edits in words, for the undo menu."""
    if len(edits) == 1:
        return describe(state, edits[0])
    added = sum(isinstance(edit, AddPosition) for edit in edits)
    if not added:
        return f"{describe(state, edits[0])} and {len(edits) - 1} more" if edits else "nothing"
    if any(isinstance(edit, RemovePosition) for edit in edits):
        return "change position"
    return "add position" if added == 1 else f"add {added} positions"
