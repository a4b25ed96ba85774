"""What is typed into the palette and the entry line: understood against the desk and the market, and made one edit."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from workstation.desk.document import Document
from workstation.desk.edits import Edit
from workstation.desk.state import DeskState
from workstation.desk.typed_command import describe_command, read_command
from workstation.desk.typed_position import Echo, describe_typed, read_typed
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView
from workstation.ui.editing import Editing
from workstation.ui.known_contracts import known_contracts


class Typed(QObject):
    """`market` is the market on screen: symbols and `@ mark` are looked up in it."""

    def __init__(self, document: Document, editing: Editing, market: Callable[[], MarketView]) -> None:
        super().__init__(editing)
        self._document = document
        self._editing = editing
        self._market = market

    def echo(self, text: str) -> Echo:
        """What a position or a risk verb would do."""
        return describe_command(text, self._document.state, self._market(), known_contracts)

    def run(self, text: str) -> str:
        """Do it, as one undo step; says what is wrong, empty where nothing is."""
        return self._make(lambda desk, market: read_command(text, desk, market, known_contracts))

    def echo_position(self, text: str) -> Echo:
        """What a position typed would be."""
        return describe_typed(text, self._document.state, self._market(), known_contracts)

    def add_position(self, text: str) -> str:
        """Add it, as one undo step; says what is wrong, empty where nothing is."""
        return self._make(lambda desk, market: read_typed(text, desk, market, known_contracts))

    def _make(self, read: Callable[[DeskState, MarketView], tuple[Edit, ...]]) -> str:
        try:
            edits = read(self._document.state, self._market())
        except BadInput as bad:
            return "; ".join(problem.text for problem in bad.problems)
        wrong = self._editing.faults(*edits)
        if not wrong and edits:
            self._editing.edit(*edits)
        return wrong
