"""Balances: what no file said can be typed in the window, with faults beside the field and one undo step."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.kit.frames import d, desk, position, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.assessment import Assessor
from workstation.desk.edits import MoveMarket, SetShock
from workstation.ui.dialogs.balances import BalancesDialog
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.account import AccountPane


def ask(window: MainWindow) -> BalancesDialog:
    window.editing.change_balances()
    (dialog,) = window.findChildren(BalancesDialog)
    return dialog


def ok(dialog: BalancesDialog):
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)


def test_an_account_without_a_balance_says_where_to_type_it_and_has_a_distance_then(
    open_window: OpenWindow, qtbot: QtBot
):
    book = sample_desk()
    unknown = replace(book, accounts=(replace(book.accounts[0], balances=None),))
    window = open_window(unknown, Assessor().assess)
    header = window.panes["account"]
    assert isinstance(header, AccountPane)
    assert "Ctrl+B" in header.lines[0].equity.note
    dialog = ask(window)
    line = dialog.lines[0, "USDT"]
    assert line.text() == ""
    assert not ok(dialog).isEnabled()
    qtbot.keyClicks(line, "10 000")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.document.state == book
    assert header.lines[0].equity.text.endswith("USDT")
    window.undo_stack.undo()
    assert window.document.state == unknown


def test_a_wrong_balance_is_told_beside_it_and_not_made(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(desk(position()))
    dialog = ask(window)
    dialog.lines[0, "USDT"].setText("-5")
    assert dialog.messages[0, "USDT"].text() == "the balance must not be below zero"
    assert not ok(dialog).isEnabled()
    dialog.reject()
    assert window.document.state.accounts[0].balances == {"USDT": d("10000")}


def test_the_undo_menu_names_what_several_edits_did(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(SetShock("ETH", "-5"), MoveMarket(d("-0.1")))
    assert window.undo_stack.undoText() == "move ETH and 1 more"
