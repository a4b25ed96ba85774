"""The form for a new position: it says what is wrong while one types, and is one undo step."""

from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.kit.frames import d, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.state import DeskState
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.main_window import MainWindow


def dialog(window: MainWindow) -> AddPositionDialog:
    window.add_position()
    found = window.findChild(AddPositionDialog)
    assert found is not None
    return found


def ok(form: AddPositionDialog) -> bool:
    return form.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_a_first_position_brings_its_account(open_window: OpenWindow, qtbot: QtBot):
    window = open_window()
    form = dialog(window)
    assert not ok(form)
    assert form.fault.text() == "write the symbol like BTC/USDT:USDT"
    form.balance.setText("10 000")
    form.symbol.setText("BTC/USDT:USDT")
    assert form.fault.text() == "the size is missing; write a number"
    form.amount.setText("0.5")
    form.entry_price.setText("98000")
    form.leverage.setText("10×")
    form.mark.setText("99000")
    assert form.fault.text() == ""
    assert ok(form)
    form.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    (account,) = window.document.state.accounts
    assert (account.name, account.venue, account.balances) == ("main", "binance-usdm", {"USDT": d("10000")})
    (held,) = account.positions
    assert (held.quantity, held.entry_price, held.leverage) == (d("0.5"), d("98000"), d("10"))
    assert window.document.state.marks == {"binance-usdm": {"BTC/USDT:USDT": d("99000")}}
    assert window.panes["positions"].isVisible()
    assert window.undo_stack.count() == 1
    window.undo_stack.undo()
    assert window.document.state == DeskState()


def test_an_account_that_is_there_is_offered(open_window: OpenWindow):
    window = open_window(sample_desk())
    form = dialog(window)
    assert form.account.currentText() == "SAMPLE"
    assert not form.venue.isVisible()
    form.symbol.setText("BTC/USDT:USDT")
    assert "already holds" in form.fault.text()
    form.side.setCurrentText("short")
    form.amount.setText("1")
    form.entry_price.setText("100000")
    assert ok(form)
    form.reject()
    assert window.document.state == sample_desk()


def test_inverse_positions_are_counted_in_contracts(open_window: OpenWindow):
    window = open_window(sample_desk())
    form = dialog(window)
    form.symbol.setText("BTC/USD:BTC")
    assert "counted in contracts" in form.fault.text()
    form.unit.setCurrentText("contracts")
    form.amount.setText("500")
    form.entry_price.setText("100000")
    assert ok(form)
    form.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert window.document.state.accounts[0].positions[-1].contracts == 500
