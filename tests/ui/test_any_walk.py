"""Whatever is clicked, typed and undone in any order: the row that is highlighted is the one that is edited, and undo
goes all the way back.
"""

import random

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.kit.cores import SynchronousCore
from tests.kit.frames import BTC, ETH, d, position, sample_desk
from tests.kit.markets import instrument, market
from tests.ui.conftest import OpenWindow
from workstation.assessment import Assessor
from workstation.desk.edits import (
    BeginWhatIf,
    DropLeg,
    EndWhatIf,
    FollowMarket,
    KeepWhatIf,
    MoveMarket,
    SetBalance,
    SetBeta,
    SetMark,
    SetShock,
)
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.position import Account
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.positions import PositionsPane

STEPS = 120
TYPED = (
    "short 10 SOL @ 180 5x",
    "long 0.1 BTC @ 99000 isolated 10x",
    "long 0.5 BTC @ 98000 10x cross",
    "long 5 XAG @ 49 in other",
)
PRICES = {"BTC/USDT:USDT": 1e5, "ETH/USDT:USDT": 4e3, "SOL/USDT:USDT": 180.0, "XAG/USDT:USDT": 50.0}


def book() -> DeskState:
    """Two accounts; the second one's contract has no price here."""
    held = (position("DOGE/USDT:USDT", entry="0.2"), position(ETH, "short", entry="4000"))
    other = Account(name="other", venue="okx", positions=held)
    return replace(sample_desk(), accounts=(*sample_desk().accounts, other))


def step(window: MainWindow, core: SynchronousCore, pane: PositionsPane, chance: random.Random) -> None:
    """One thing that a trader or the market may do."""
    accounts = looked_at(window.document.state)
    account = chance.randrange(len(accounts))
    legs = len(accounts[account].positions)
    match chance.randrange(15):
        case 0:
            window.edit(chance.choice((BeginWhatIf(), EndWhatIf(), KeepWhatIf(), FollowMarket())))
        case 1 if legs:
            window.edit(DropLeg(account, chance.randrange(legs), chance.random() < 0.6))
        case 2:
            window.edit(MoveMarket(d(str(chance.randrange(-500, 500) / 1000))))
        case 3:
            window.edit(SetShock(chance.choice(("BTC", "DOGE")), chance.choice(("-15", "", "40", "-99"))))
        case 4:
            window.edit(SetBeta(chance.choice(("ETH", "DOGE")), chance.choice(("1.5", "", "-2", "8"))))
        case 5 | 6 | 7:
            line = chance.randrange(max(1, pane.table.sorted.rowCount()))
            pane.table.setCurrentIndex(pane.table.sorted.index(line, 2))
        case 8 | 9:
            window.editing.remove_position()
        case 10:
            window.typed.add_position(chance.choice(TYPED))
        case 11:
            chance.choice((window.undo_stack.undo, window.undo_stack.redo))()
        case 12:
            shown = (instrument(symbol, price * chance.uniform(0.7, 1.3)) for symbol, price in PRICES.items())
            core.show_market(market(*shown))
            window.clock.tick()
        case 13:
            window.edit(SetMark("okx", chance.choice((BTC, ETH)), chance.choice(("100000", "", "0.5"))))
            window.edit(SetBalance(account, "USDT", chance.choice(("", "100", "50000"))))
        case _:
            order = chance.choice((Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder))
            pane.table.sortByColumn(chance.randrange(2, 9), order)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_highlighted_leg_is_the_one_that_is_edited_and_undo_goes_all_the_way(
    open_window: OpenWindow, qtbot: QtBot, seed: int
):
    chance, core = random.Random(seed), SynchronousCore(Assessor().assess, market())
    window = open_window(book(), core=core)
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    for _ in range(STEPS):
        step(window, core, pane, chance)
        row = pane.chosen()
        assert window.frame is not None
        assert window.frame.desk is window.document.state
        if row is not None:
            assert looked_at(window.document.state)[row.account].positions[row.position] == row.held
            before = looked_at(window.document.state)[row.account].positions
            window.editing.remove_position()
            after = looked_at(window.document.state)[row.account].positions
            assert after == before[: row.position] + before[row.position + 1 :]
            window.undo_stack.undo()
    while window.undo_stack.canUndo():
        window.undo_stack.undo()
    assert window.document.state == book()
