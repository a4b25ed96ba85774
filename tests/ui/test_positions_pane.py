"""The positions table: what it says, that it never cuts a number, and that its cells are edited with the keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.kit.frames import BTC, ETH, RememberingMaker, d, desk, position, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.ui.formats import GROUP
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.tables.delegates import CheckedEdit
from workstation.ui.tables.frozen_rows import Role
from workstation.ui.theme import LIGHT, Theme


def pane(window: MainWindow) -> PositionsPane:
    found = window.panes["positions"]
    assert isinstance(found, PositionsPane)
    return found


def cell(window: MainWindow, row: int, key: str):
    keys = [column.key for column in pane(window).rows.columns]
    return pane(window).table.model().index(row, keys.index(key))


def text(window: MainWindow, row: int, key: str) -> str:
    return cell(window, row, key).data().replace(GROUP, " ")


def begin_edit(window: MainWindow, row: int, key: str) -> CheckedEdit:
    table = pane(window).table
    table.setCurrentIndex(cell(window, row, key))
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = table.findChild(CheckedEdit)
    assert editor is not None
    return editor


def test_what_a_row_says(open_window: OpenWindow):
    window = open_window(sample_desk())
    said = {column.key: text(window, 0, column.key) for column in pane(window).rows.columns}
    assert said == {
        "account": "SAMPLE",
        "symbol": BTC,
        "side": "▲ LONG",
        "size": "1 BTC",
        "entry": "100 000.0",
        "mark": "100 000.0",
        "liquidation": "90 760.0",
        "distance": "−9.24 %",
        "distance_quote": "−9 240.0",
        "pnl": "0.00",
        "margin_use": "8.0 %",
        "leverage": "cross 20×",
        "wallet": "shared",
        "rule": "binance-linear · ✓ verified",
        "status": "ok",
    }
    assert "exact 90 760" in cell(window, 0, "liquidation").data(Qt.ItemDataRole.ToolTipRole).replace(GROUP, " ")


def test_an_unknown_number_is_a_dash_with_its_reason_to_be_read(open_window: OpenWindow):
    window = open_window(sample_desk(), RememberingMaker(unknown=(ETH,)))
    why = "no mark price for ETH/USDT:USDT (give marks.binance-usdm.ETH/USDT:USDT)"
    for key in ("mark", "liquidation", "distance", "distance_quote", "pnl", "margin_use"):
        assert text(window, 1, key) == "—"
        assert why in cell(window, 1, key).data(Qt.ItemDataRole.ToolTipRole)
    assert text(window, 1, "status") == f"— {why}"
    assert pane(window).why.isVisible()
    assert why in pane(window).why.text()


def test_the_chosen_row_is_explained_in_full(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane(window).table.setCurrentIndex(cell(window, 0, "symbol"))
    explained = pane(window).why.text().replace(GROUP, " ")
    assert "Liquidated at 90 760 below the mark (tier 1). Bankrupt at 90 000" in explained
    assert "Rule binance-linear from 2019-09-08, verified: Binance FAQ" in explained


@pytest.mark.parametrize("size", [100, 125, 150])
@pytest.mark.parametrize("width", [1000, 1720])
def test_no_text_of_the_table_is_ever_cut(open_window: OpenWindow, qtbot: QtBot, theme: Theme, size: int, width: int):
    theme.apply(LIGHT, size)
    big = desk(position(quantity="123456789.12345678", entry="1234567.12345678"), position(ETH, quantity="0.00000001"))
    window = open_window(big, RememberingMaker(unknown=(ETH,)))
    window.resize(width, 640)
    window.move_market(d("-0.333"))
    qtbot.waitUntil(window.banner.isVisible)
    table, metrics = pane(window).table, QFontMetrics(theme.font())
    for row in range(table.model().rowCount()):
        for column in range(table.model().columnCount()):
            index = table.model().index(row, column)
            if table.isColumnHidden(column):
                continue
            needed = metrics.horizontalAdvance(index.data()) + 2 * theme.px(8)
            needed += theme.px(56) if index.data(Role.CELL).bar is not None else 0
            assert needed <= table.columnWidth(column), index.data()


def test_a_cell_is_edited_with_the_keyboard(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    editor = begin_edit(window, 0, "size")
    assert editor.text() == "1"
    editor.selectAll()
    QTest.keyClicks(editor, "1 234.5")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: text(window, 0, "size") == "1 234.5 BTC")
    assert window.document.state.accounts[0].positions[0].quantity == d("1234.5")


def test_a_wrong_number_is_told_beside_the_cell_and_cannot_be_entered(open_window: OpenWindow):
    window = open_window(sample_desk())
    editor = begin_edit(window, 0, "entry")
    editor.selectAll()
    QTest.keyClicks(editor, "-5")
    assert editor.fault == "the entry price must be above zero"
    assert editor.property("wrong") is True
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt commits from its event queue
    assert editor.isVisible()
    assert not window.undo_stack.canUndo()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert window.document.is_saved


@pytest.mark.parametrize(
    ("key", "typed", "expected"),
    [("mark", "99000", "99 000.0"), ("leverage", "10", "cross 10×"), ("entry", "98000.55", "98 000.6")],
)
def test_what_can_be_edited(open_window: OpenWindow, key: str, typed: str, expected: str):
    window = open_window(sample_desk())
    assert pane(window).table.model().setData(cell(window, 0, key), typed)
    assert text(window, 0, key) == expected


def test_a_moved_mark_is_not_to_be_edited(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    assert cell(window, 0, "mark").flags() & Qt.ItemFlag.ItemIsEditable
    window.move_market(d("-0.1"))
    qtbot.waitUntil(window.banner.isVisible)
    assert not cell(window, 0, "mark").flags() & Qt.ItemFlag.ItemIsEditable
    assert cell(window, 0, "size").flags() & Qt.ItemFlag.ItemIsEditable


def test_computed_cells_can_never_be_edited(open_window: OpenWindow):
    window = open_window(sample_desk())
    for key in ("liquidation", "distance", "pnl", "margin_use", "rule", "status", "wallet"):
        assert not cell(window, 0, key).flags() & Qt.ItemFlag.ItemIsEditable


def test_the_chosen_position_can_be_removed_and_comes_back(open_window: OpenWindow):
    window = open_window(sample_desk())
    assert not window.menus.remove.isEnabled()
    pane(window).table.setCurrentIndex(cell(window, 1, "symbol"))
    window.menus.remove.trigger()
    assert [p.symbol for p in window.document.state.accounts[0].positions] == [BTC]
    window.undo_stack.undo()
    assert window.document.state == sample_desk()


def test_rows_can_be_sorted_and_put_back(open_window: OpenWindow):
    window = open_window(sample_desk())
    table = pane(window).table
    keys = [column.key for column in pane(window).rows.columns]
    table.sortByColumn(keys.index("entry"), Qt.SortOrder.AscendingOrder)
    assert text(window, 0, "symbol") == ETH
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert text(window, 0, "symbol") == BTC


def test_the_account_column_is_there_only_for_several_accounts(open_window: OpenWindow):
    state = sample_desk()
    assert pane(open_window(state)).table.isColumnHidden(0)
