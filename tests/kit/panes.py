"""A desk with panes on it and no window: edits are answered at once, each is one step of an undo stack."""

from collections.abc import Callable

from PySide6.QtGui import QUndoStack

from tests.kit.frames import RememberingMaker
from workstation.desk.document import Document
from workstation.desk.edits import Edit, apply, describe, merge_key
from workstation.desk.state import DeskState
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.theme import Theme
from workstation.ui.undo import ChangeDesk

Assess = Callable[[MarketView, DeskState], tuple[RiskReport, RiskReport | None]]


class PanesOnADesk:
    """The risk panes and the document that they edit. `hold` keeps the answers back, as a slow core would."""

    def __init__(self, theme: Theme, state: DeskState | None = None, assess: Assess | None = None) -> None:
        self.document = Document(state)
        self.undo_stack = QUndoStack()
        self.market = MarketView()
        self.frame: Frame | None = None
        self.hold = False
        self.chosen: tuple[int, int] | None = None
        self._assess = assess or RememberingMaker()
        hands = Hands(edit=self.edit, fault=self.fault, choose=self._choose, steer=_nothing, look_at=_nothing)
        self.positions = PositionsPane(theme, hands)
        self.account = AccountPane(theme, hands)
        self.stress = StressPane(theme, hands)
        self.panes: tuple[Pane, ...] = (self.positions, self.account, self.stress)
        self.document.listen(self._changed)
        self.answer()

    def edit(self, *edits: Edit) -> None:
        """One undo step."""
        state = self.document.state
        for edit in edits:
            state = apply(state, edit)
        key = merge_key(edits[0]) if len(edits) == 1 else None
        self.undo_stack.push(ChangeDesk(self.document, state, describe(self.document.state, edits[0]), key))

    def fault(self, edit: Edit) -> str:
        """What is wrong with an edit."""
        try:
            apply(self.document.state, edit)
        except BadInput as bad:
            return "; ".join(problem.text for problem in bad.problems)
        return ""

    def answer(self) -> None:
        """Show the frame that answers the document."""
        desk = self.document.state
        self.show(Frame(self.market, desk, *self._assess(self.market, desk)))

    def show(self, frame: Frame) -> None:
        """Show a frame, of this desk or of an older one."""
        self.frame = frame
        recomputing = frame.desk is not self.document.state
        for pane in self.panes:
            pane.show_greyed(recomputing)
            pane.show_frame(frame)

    def _changed(self) -> None:
        if self.hold:
            for pane in self.panes:
                pane.show_greyed(True)
        else:
            self.answer()

    def _choose(self, chosen: tuple[int, int] | None) -> None:
        self.chosen = chosen


def _nothing(_what: object) -> None:
    pass
