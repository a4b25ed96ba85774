"""The market slider: one step of it through engine and window, beside repainting the window alone."""

import os
import tempfile
from decimal import Decimal
from itertools import cycle
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from harness import Row, Target, measure, report
from PySide6.QtWidgets import QApplication

from workstation.app import open_window
from workstation.assessment import FrameMaker
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.domain.position import Account, Position, Side
from workstation.packaged import resources
from workstation.ui.ports import market_move

FRAME_MS = 1000 / 60
BASES = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA", "LINK", "AVAX", "SUI")


def desk_of(count: int) -> DeskState:
    """So many cross positions of one account in hedge mode, on the program's own brackets."""
    sides: tuple[Side, ...] = ("long", "short")
    held = tuple(
        Position(symbol=f"{base}/USDT:USDT", side=side, entry_price=Decimal(100), quantity=Decimal(10 + i))
        for i, (side, base) in enumerate((side, base) for side in sides for base in BASES)
    )[:count]
    marks = {"binance-usdm": {position.symbol: Decimal(101) for position in held}}
    account = Account(
        name="main", venue="binance-usdm", position_mode="hedge", balances={"USDT": Decimal(9000)}, positions=held
    )
    return DeskState(accounts=(account,), marks=marks)


def run(application: QApplication, title: str, path: Path) -> None:
    window = open_window(application, path, "dark")
    window.resize(1720, 1000)
    window.show()
    application.processEvents()
    steps = cycle(Decimal(tenths) / 1000 for tenths in (*range(-40, 41), *range(39, -40, -1)))

    def slide() -> None:
        window.move_market(next(steps))
        window.show_now()
        application.processEvents()  # paints what changed

    maker, state = FrameMaker(), window.document.state

    def evaluate() -> None:
        move = market_move(state, next(steps))
        maker(state, None if move.is_real else move.shock(), move.directions())

    whole = measure(slide)
    rows = [
        Row("a step of the slider: engine, panes, painting", whole, "1720 x 1000, offscreen", is_ours=True),
        Row("the engine's part", measure(evaluate), "exact, in Decimal: the moved book and the joint distance"),
        Row("repainting the whole window, nothing changed", measure(window.repaint), "what a careless step would add"),
    ]
    report(f"Market slider, {title}", rows, [Target("a step within a frame of 60 Hz", FRAME_MS, whole, "issue 2")])
    window.deleteLater()
    application.processEvents()


def main() -> None:
    application = QApplication([])
    with (resources() / "samples" / "sample-account.json").open("rb") as sample:
        pages = {"sample account": sample.read()}
    pages |= {f"{count} positions": write_portfolio(desk_of(count)) for count in (10, 20)}
    with tempfile.TemporaryDirectory() as folder:
        for title, data in pages.items():
            path = Path(folder) / "desk.json"
            path.write_bytes(data)
            run(application, title, path)


if __name__ == "__main__":
    main()
