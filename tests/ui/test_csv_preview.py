"""The preview of a pasted table: columns can be renamed, faults stand at their cells, only what is sound is added."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from tests.kit.frames import d, sample_desk
from workstation.desk.edits import AddAccount, AddPosition, Edit, apply
from workstation.desk.pasted_table import read_table
from workstation.desk.state import DeskState
from workstation.ui.dialogs.csv_preview import NEW, CsvPreview
from workstation.ui.known_contracts import known_contracts
from workstation.ui.theme import LIGHT, Theme

TABLE = (
    "Symbol\tSide\tSize\tEntry Price\tNote\tLeverage\n"
    "SOLUSDT\tLong\t50\t160.5\t0.5\t10x\n"
    "DOGEX\tLong\t1\t1\t2\t\n"
    "XRPUSDT\tShort\t100\t0.5\t\t\n"
)
TICK, SAID, SYMBOL = 0, 1, 2
Show = Callable[..., CsvPreview]


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Show:
    def make(text: str = TABLE, state: DeskState | None = None) -> CsvPreview:
        state = sample_desk() if state is None else state
        venues = ("binance-usdm", "okx")
        dialog = CsvPreview(read_table(text), state, venues, theme, None, None, known_contracts)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return make


def cell(dialog: CsvPreview, row: int, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> object:
    return dialog.rows.index(row, column).data(role)


def ok(dialog: CsvPreview) -> str:
    """The text of the button that adds; empty while it cannot be pressed."""
    button = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    return button.text() if button.isEnabled() else ""


def test_what_was_understood_stands_before_the_cells(show: Show):
    dialog = show()
    assert cell(dialog, 0, SAID) == "LONG 50 SOL/USDT:USDT at 160.5, 10× cross"
    assert cell(dialog, 0, SYMBOL) == "SOLUSDT"
    assert ok(dialog) == "Add 2 positions"


def test_a_fault_is_marked_at_its_cell_and_said_in_its_row(show: Show):
    dialog = show()
    assert str(cell(dialog, 1, SAID)).startswith("✗ Symbol: not known at binance-usdm; did you mean DOGE/USDT:USDT?")
    assert cell(dialog, 1, SYMBOL, Qt.ItemDataRole.BackgroundRole) is not None
    assert cell(dialog, 0, SYMBOL, Qt.ItemDataRole.BackgroundRole) is None
    assert "not known" in str(cell(dialog, 1, SYMBOL, Qt.ItemDataRole.ToolTipRole))
    assert "not known" in str(cell(dialog, 1, SYMBOL, Qt.ItemDataRole.AccessibleTextRole))
    assert dialog.said.text() == "1 of 3 rows has faults and is left out."


def test_a_row_with_a_fault_cannot_be_ticked(show: Show):
    dialog = show()
    assert not dialog.rows.flags(dialog.rows.index(1, TICK)) & Qt.ItemFlag.ItemIsUserCheckable
    assert Qt.CheckState(cell(dialog, 1, TICK, Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.Unchecked


def test_adding_hands_out_the_sound_rows_as_one(show: Show):
    dialog = show()
    made: list[tuple[Edit, ...]] = []
    dialog.made.connect(made.append)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    (edits,) = made
    state = sample_desk()
    for edit in edits:
        state = apply(state, edit)
    assert [held.symbol for held in state.accounts[0].positions[2:]] == ["SOL/USDT:USDT", "XRP/USDT:USDT"]
    assert not dialog.isVisible()


def test_a_row_is_left_out_with_the_mouse(show: Show, qtbot: QtBot):
    dialog = show()
    box = dialog.view.visualRect(dialog.rows.index(0, TICK))
    qtbot.mouseClick(dialog.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(box.left() + 14, box.center().y()))
    assert ok(dialog) == "Add 1 position"
    (edit,) = dialog.edits()
    assert isinstance(edit, AddPosition)
    assert edit.position.symbol == "XRP/USDT:USDT"


def test_a_row_is_left_out_with_the_keyboard(show: Show, qtbot: QtBot):
    dialog = show()
    dialog.view.setFocus()
    dialog.view.setCurrentIndex(dialog.rows.index(2, TICK))
    qtbot.keyClick(dialog.view, Qt.Key.Key_Space)
    assert ok(dialog) == "Add 1 position"
    qtbot.keyClick(dialog.view, Qt.Key.Key_Space)
    assert ok(dialog) == "Add 2 positions"


def test_a_column_becomes_what_one_says_it_is(show: Show):
    dialog = show()
    assert dialog.header.choices[6].currentText() == "ignored"
    dialog.header.choices[6].setCurrentText("mark")
    assert ok(dialog) == "Add 2 positions"
    dialog.header.choices[3].setCurrentText("ignored")
    assert ok(dialog) == ""
    assert "long or short?" in str(cell(dialog, 0, SAID))


def test_rows_can_go_to_a_new_account(show: Show):
    dialog = show()
    assert not dialog.name.isVisible()
    dialog.account.setCurrentText(NEW)
    assert dialog.name.isVisible()
    dialog.name.setText("second")
    dialog.venue.setCurrentText("okx")
    edits = dialog.edits()
    assert isinstance(edits[0], AddAccount)
    assert (edits[0].account.name, edits[0].account.venue) == ("second", "okx")
    assert [type(edit) for edit in edits[1:]] == [AddPosition, AddPosition]


def test_an_empty_desk_offers_only_a_new_account(show: Show):
    dialog = show(state=DeskState())
    assert dialog.account.currentText() == NEW
    assert dialog.name.text() == "main"
    assert ok(dialog) == "Add 2 positions"
    dialog.name.setText("")
    assert ok(dialog) == ""


def test_how_numbers_are_written_can_be_said(show: Show):
    dialog = show('Symbol,Side,Size,Entry Price\nSOLUSDT,Long,"1,000",160\n')
    assert ok(dialog) == ""
    dialog.numbers.setCurrentText("1,234.5")
    (edit,) = dialog.edits()
    assert isinstance(edit, AddPosition)
    assert edit.position.quantity == 1000
    dialog.numbers.setCurrentText("1.234,5")
    (edit,) = dialog.edits()
    assert isinstance(edit, AddPosition)
    assert edit.position.quantity == d("1.000")


def test_every_choice_stands_over_its_own_column(show: Show, theme: Theme):
    theme.apply(LIGHT, 150)
    dialog = show()
    for column, choice in dialog.header.choices.items():
        left = dialog.header.sectionViewportPosition(column)
        assert left <= choice.x()
        assert choice.geometry().right() <= left + dialog.header.sectionSize(column)
        assert choice.geometry().bottom() <= dialog.header.height()
    before = dialog.header.choices[2].x()
    dialog.view.horizontalScrollBar().setValue(50)
    assert dialog.header.choices[2].x() == before - 50
    assert dialog.header.choices[2].accessibleName() == "What Symbol holds"
