"""The form for a position: each fault stands beside its own field while one types, and OK makes one undo step."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.kit.frames import BTC, d, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import Edit, apply
from workstation.desk.position_fields import FIELDS
from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.theme import Theme

OpenDialog = Callable[..., AddPositionDialog]


@pytest.fixture
def open_dialog(qtbot: QtBot, theme: Theme) -> OpenDialog:
    def make(state: DeskState | None = None, **more: object) -> AddPositionDialog:
        state = DeskState() if state is None else state
        dialog = AddPositionDialog(state, ("binance-usdm", "okx"), theme, None, **more)  # type: ignore[arg-type]
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return make


def fill(dialog: AddPositionDialog, **texts: str) -> None:
    for key, text in texts.items():
        editor = dialog.editors[key]
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        else:
            editor.setText(text)


def ok(dialog: AddPositionDialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def made(dialog: AddPositionDialog, state: DeskState) -> DeskState:
    """Press OK; the state that its edits make."""
    out: list[tuple[Edit, ...]] = []
    dialog.made.connect(out.append)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    (edits,) = out
    for edit in edits:
        state = apply(state, edit)
    return state


def faults(dialog: AddPositionDialog) -> dict[str, str]:
    """What is said in red, by field."""
    return {key: label.text() for key, label in dialog.messages.items() if label.property("tone") == "red"}


def test_a_fresh_form_accuses_nobody_and_offers_no_ok(open_dialog: OpenDialog):
    dialog = open_dialog()
    assert faults(dialog) == {}
    assert not ok(dialog)
    assert dialog.focusWidget() is dialog.editors["symbol"]


def test_a_first_position_brings_its_account(open_dialog: OpenDialog):
    dialog = open_dialog()
    fill(dialog, balance="10 000", symbol="btc", size="0.5", entry_price="98000", leverage="10×", mark="99000")
    assert faults(dialog) == {}
    assert ok(dialog)
    state = made(dialog, DeskState())
    (account,) = state.accounts
    assert (account.name, account.venue, account.balances) == ("main", "binance-usdm", {"USDT": d("10000")})
    (held,) = account.positions
    assert (held.symbol, held.quantity, held.entry_price, held.leverage) == (BTC, d("0.5"), d("98000"), d("10"))
    assert state.marks == {"binance-usdm": {BTC: d("99000")}}


def test_every_fault_stands_beside_its_own_field(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    fill(dialog, symbol="doge1", size="-1", entry_price="1,5", leverage="x", stop="0")
    assert set(faults(dialog)) == {"symbol", "size", "entry_price", "leverage", "stop"}
    assert not ok(dialog)
    assert dialog.editors["size"].property("wrong")
    assert dialog.editors["size"].accessibleDescription() == "must be above zero"
    fill(dialog, size="1")
    assert "size" not in faults(dialog)
    assert not dialog.editors["size"].property("wrong")


def test_a_field_that_was_emptied_again_is_missing(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    fill(dialog, size="1")
    fill(dialog, size="")
    assert faults(dialog) == {"size": "the size is missing; write a number"}


def test_an_account_that_is_there_is_offered(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    assert dialog.answers()["account"] == "SAMPLE"
    assert not dialog.editors["venue"].isVisible()
    assert not dialog.messages["venue"].isVisible()
    fill(dialog, symbol="BTC/USDT:USDT", size="1", entry_price="100000")
    assert "already holds" in faults(dialog)["symbol"]
    fill(dialog, side="short")
    assert ok(dialog)


def test_fields_come_and_go_with_what_they_belong_to(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    assert not dialog.editors["isolated_wallet"].isVisible()
    assert not dialog.editors["trigger"].isVisible()
    fill(dialog, margin_mode="isolated", stop="95000")
    assert dialog.editors["isolated_wallet"].isVisible()
    assert dialog.editors["trigger"].isVisible()


def test_the_mark_stands_as_the_entry_to_be_taken(open_dialog: OpenDialog):
    state = sample_desk()
    dialog = open_dialog(state, market=MarketView(state.marks))
    fill(dialog, symbol="btc", side="short", size="1")
    entry = dialog.editors["entry_price"]
    assert isinstance(entry, QLineEdit)
    assert entry.placeholderText() == "the mark, 100\u202f000"
    assert made(dialog, state).accounts[0].positions[-1].entry_price == 100000


def test_contracts_of_the_venue_are_completed(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    line = dialog.editors["symbol"]
    assert isinstance(line, QLineEdit)
    completer = line.completer()
    completer.setCompletionPrefix("pepe")
    assert completer.currentCompletion() == "1000PEPE/USDT:USDT"


def test_a_position_that_is_held_is_changed_with_the_same_form(open_dialog: OpenDialog):
    state = sample_desk()
    dialog = open_dialog(state, editing=(0, 1))
    assert dialog.windowTitle() == "Change position"
    assert not ok(dialog)  # nothing is changed yet
    fill(dialog, size="25")
    after = made(dialog, state)
    assert [held.quantity for held in after.accounts[0].positions] == [1, 25]


def test_a_cancelled_form_makes_nothing(open_dialog: OpenDialog, qtbot: QtBot):
    dialog = open_dialog(sample_desk())
    fill(dialog, symbol="eth", side="short", size="1", entry_price="1")
    with qtbot.assertNotEmitted(dialog.made):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_every_field_has_a_name_for_a_screen_reader(open_dialog: OpenDialog):
    dialog = open_dialog(sample_desk())
    assert [dialog.editors[field.key].accessibleName() for field in FIELDS] == [field.label for field in FIELDS]


def test_in_the_window_it_is_one_undo_step(open_window: OpenWindow):
    window = open_window()
    window.empty.add_asked.emit()
    dialog = window.findChild(AddPositionDialog)
    assert dialog is not None
    fill(dialog, balance="10000", symbol="BTC/USDT:USDT", size="0.5", entry_price="98000")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert window.undo_stack.count() == 1
    window.undo_stack.undo()
    assert window.document.state == DeskState()
