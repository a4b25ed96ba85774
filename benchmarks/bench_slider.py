"""The market slider: a step of it through assessor and risk panes, beside the exact engine and a full repaint."""

import os
from decimal import Decimal
from itertools import cycle

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from harness import Row, Target, measure, report
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QSplitter, QVBoxLayout, QWidget

from workstation.assessment import Assessor
from workstation.desk.document import Document
from workstation.desk.edits import Edit, MoveMarket, apply, describe, merge_key
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.state import DeskState
from workstation.domain.position import Account, Position, Side
from workstation.market.view import MarketView
from workstation.packaged import resources
from workstation.runtime.messages import Frame
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.theme import DARK, Theme
from workstation.ui.undo import ChangeDesk

FRAME_MS = 1000 / 60
ANSWER_MS = 50
BASES = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "LINK", "AVAX", "SUI")
EACH = 20
NOTHING = MarketView()


def desk_of(count: int) -> DeskState:
    """So many cross positions, up to 20 an account in hedge mode, on the program's own brackets."""
    sides: tuple[Side, ...] = ("long", "short")
    legs: list[tuple[Side, str]] = [(side, f"{base}/USDT:USDT") for side in sides for base in BASES]
    marks = {"binance-usdm": {symbol: Decimal(101) for _, symbol in legs}}
    accounts = tuple(
        Account(
            name=f"account {i + 1}",
            venue="binance-usdm",
            position_mode="hedge",
            balances={"USDT": Decimal(9000 + 10 * i)},
            positions=tuple(
                Position(symbol=symbol, side=side, entry_price=Decimal(100), quantity=Decimal(10 + k))
                for k, (side, symbol) in enumerate(legs[: count - EACH * i])
            ),
        )
        for i in range((count + EACH - 1) // EACH)
    )
    return DeskState(accounts=accounts, marks=marks)


class Desk:
    """The risk panes on a document, laid out as in the window."""

    def __init__(self, theme: Theme, state: DeskState) -> None:
        self.document = Document(state)
        self.stack = QUndoStack()
        self.assessor = Assessor()
        hands = Hands(edit=self.edit, fault=lambda _e: "", choose=_nothing, steer=_nothing, look_at=_nothing)
        account, positions, stress = AccountPane(theme, hands), PositionsPane(theme, hands), StressPane(theme, hands)
        self.panes: tuple[Pane, ...] = (account, positions, stress)
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        column.addWidget(account)
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.addWidget(positions)
        beside.addWidget(stress)
        beside.setSizes([1340, 360])
        column.addWidget(beside, 1)
        self.window.resize(1720, 1000)

    def edit(self, edit: Edit) -> None:
        before = self.document.state
        step = ChangeDesk(self.document, apply(before, edit), describe(before, edit), merge_key(edit))
        self.stack.push(step)

    def answer(self) -> Frame:
        """What the core thread does."""
        state = self.document.state
        return Frame(NOTHING, state, *self.assessor.assess(NOTHING, state))

    def paint(self, frame: Frame) -> None:
        """What the GUI thread does with a frame."""
        for pane in self.panes:
            pane.show_frame(frame)
        QApplication.processEvents()


def _nothing(_what: object) -> None:
    pass


def run(theme: Theme, title: str, state: DeskState) -> None:
    desk = Desk(theme, state)
    desk.paint(desk.answer())
    desk.window.show()
    QApplication.processEvents()
    steps = cycle(Decimal(tenths) / 1000 for tenths in (*range(-40, 0), *range(-1, -40, -1)))

    def step() -> None:
        desk.edit(MoveMarket(next(steps)))
        desk.paint(desk.answer())

    def assess() -> None:
        desk.edit(MoveMarket(next(steps)))
        desk.answer()

    step()
    frames: list[Frame] = []
    for _ in range(10):
        desk.edit(MoveMarket(next(steps)))
        frames.append(desk.answer())
    prepared = cycle((*frames, *frames[-2:0:-1]))
    exact = Assessor(exact=True)

    def assess_exactly() -> None:
        desk.edit(MoveMarket(next(steps)))
        exact.assess(NOTHING, desk.document.state)

    whole, engine = measure(step), measure(assess)
    painting = measure(lambda: desk.paint(next(prepared)))
    rows = [
        Row("a step of the slider: edit, assessor, panes, painting", whole, "1720 x 1000, offscreen", is_ours=True),
        Row("the core thread's part: the edit and the assessor", engine, desk.answer().risk.engine),
        Row("the GUI thread's part: panes and painting", painting, "frames made before"),
        Row("the exact engine in the assessor's place", measure(assess_exactly), "Decimal throughout"),
        Row("repainting everything, nothing changed", measure(desk.window.repaint), "what a careless step would add"),
    ]
    targets = [
        Target("the GUI thread's part within a frame of 60 Hz", FRAME_MS, painting, "design: one frame of 60 Hz"),
        Target("the new numbers", ANSWER_MS, engine, "feels instant"),
    ]
    report(f"Market slider, {title}", rows, targets)
    desk.window.close()
    desk.window.deleteLater()
    QApplication.processEvents()


def main() -> None:
    application = QApplication([])
    theme = Theme(DARK)
    theme.apply()
    sample = (resources() / "samples" / "sample-account.json").read_bytes()
    run(theme, "sample account", read_portfolio(sample))
    for count in (20, 1000):
        run(theme, f"{count} positions", desk_of(count))
    application.quit()


if __name__ == "__main__":
    main()
