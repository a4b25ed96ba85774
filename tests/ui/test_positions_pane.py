"""The positions table: what it says, that it never cuts a number, and that its cells are edited with the keyboard."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.kit.frames import BTC, ETH, RememberingMaker, d, desk, position, sample_desk
from tests.kit.markets import instrument, market
from tests.kit.panes import PanesOnADesk
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import AddPosition, BeginWhatIf, EndWhatIf, KeepWhatIf, MoveMarket, SetPositionField
from workstation.desk.state import Trial
from workstation.market.view import MarketView
from workstation.ui.formats import GROUP
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.tables.delegates import CheckedEdit
from workstation.ui.tables.frozen_rows import Role
from workstation.ui.tables.position_columns import WHAT_IF_ONLY
from workstation.ui.theme import LIGHT, Theme
from workstation.ui.widgets.entry_line import EntryLine


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
    said = {
        column.key: text(window, 0, column.key)
        for column in pane(window).rows.columns
        if column.key not in WHAT_IF_ONLY
    }
    assert said == {
        "counted": "",
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
def test_the_explanation_leaves_the_row_it_is_about_in_sight(
    open_window: OpenWindow, qtbot: QtBot, theme: Theme, size: int
):
    theme.apply(LIGHT, size)
    window = open_window(sample_desk(), RememberingMaker(unknown=(BTC, ETH)))
    table = pane(window).table
    for row in range(2):
        table.setCurrentIndex(cell(window, row, "symbol"))
        qtbot.wait(1)  # for the layout
        seen = table.visualRect(cell(window, row, "symbol")) & table.viewport().rect()
        assert seen.height() >= table.rowHeight(row) - 2
        (line,) = pane(window).findChildren(EntryLine)
        assert line.height() >= line.minimumSizeHint().height()
        assert line.geometry().bottom() < pane(window).height()
        # where it scrolls, no line of it is cut through
        why, shown = pane(window).why, pane(window)._why.height()
        if shown < why.heightForWidth(pane(window).width() - 2):
            assert (shown - why.contentsMargins().top()) % why.fontMetrics().lineSpacing() == 0


def test_prices_stand_at_the_market_s_tick_where_no_rule_names_the_contract(open_window: OpenWindow):
    sol = "SOL/USDT:USDT"
    window = open_window(desk(position(sol, entry="200")), market=market(instrument(sol, 187.34, tick=0.01)))
    assert text(window, 0, "entry") == "200.00"
    assert pane(window).rows.rows[0].report.price_tick is None


@pytest.mark.parametrize("size", [100, 125, 150])
@pytest.mark.parametrize("width", [1000, 1720])
def test_no_text_of_the_table_is_ever_cut(open_window: OpenWindow, qtbot: QtBot, theme: Theme, size: int, width: int):
    theme.apply(LIGHT, size)
    big = desk(position(quantity="123456789.12345678", entry="1234567.12345678"), position(ETH, quantity="0.00000001"))
    window = open_window(big, RememberingMaker(unknown=(ETH,)))
    window.resize(width, 640)
    window.edit(MoveMarket(d("-0.333")))
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


def test_a_moved_mark_is_not_to_be_edited(open_window: OpenWindow):
    window = open_window(sample_desk())
    assert cell(window, 0, "mark").flags() & Qt.ItemFlag.ItemIsEditable
    window.edit(MoveMarket(d("-0.1")))
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


def test_removing_goes_on_with_the_leg_that_is_highlighted_then(open_window: OpenWindow):
    book = sample_desk()
    other = replace(book.accounts[0], name="other")
    window = open_window(replace(book, accounts=(*book.accounts, other)))
    pane(window).table.setCurrentIndex(cell(window, 1, "symbol"))
    for left in ([[BTC], [BTC, ETH]], [[BTC], [ETH]], [[BTC], []], [[], []]):
        window.menus.remove.trigger()
        assert [[p.symbol for p in account.positions] for account in window.document.state.accounts] == left
    window.menus.remove.trigger()
    assert not window.notices.isVisible()
    for _ in range(4):
        window.undo_stack.undo()
    assert window.document.is_saved


def test_nothing_is_removed_that_no_frame_has_shown_as_chosen(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane(window).table.setCurrentIndex(cell(window, 0, "symbol"))
    window.clock.freeze(True)  # no frame comes: the highlighted line says what it said
    window.menus.remove.trigger()
    window.menus.remove.trigger()
    assert [p.symbol for p in window.document.state.accounts[0].positions] == [ETH]


def test_rows_can_be_sorted_and_put_back(open_window: OpenWindow):
    window = open_window(sample_desk())
    table = pane(window).table
    keys = [column.key for column in pane(window).rows.columns]
    table.sortByColumn(keys.index("entry"), Qt.SortOrder.AscendingOrder)
    assert text(window, 0, "symbol") == ETH
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert text(window, 0, "symbol") == BTC


def test_the_account_column_is_there_only_for_several_accounts(open_window: OpenWindow):
    both = replace(sample_desk(), accounts=(*sample_desk().accounts, *desk(position(), name="other").accounts))
    for state, hidden in ((sample_desk(), True), (both, False)):
        shown = pane(open_window(state))
        place = [column.key for column in shown.rows.columns].index("account")
        assert shown.table.isColumnHidden(place) is hidden


# --- what-if ----------------------------------------------------------------------------------------------------------


def hidden(window: MainWindow) -> set[str]:
    shown = pane(window)
    return {c.key for i, c in enumerate(shown.rows.columns) if shown.table.isColumnHidden(i)}


def test_actual_and_difference_stand_beside_the_what_if_and_only_then(open_window: OpenWindow):
    window = open_window(sample_desk())
    assert set(WHAT_IF_ONLY) <= hidden(window)
    window.edit(MoveMarket(d("-0.03")))
    assert not set(WHAT_IF_ONLY) & hidden(window)
    row = {key: text(window, 0, key) for key in ("mark", "distance_actual", "distance", "distance_change")}
    assert row == {
        "mark": "97 000.0",
        "distance_actual": "−9.24 %",
        "distance": "−6.43 %",
        "distance_change": "+2.81 pp",
    }
    titles = [
        pane(window).rows.headerData(i, Qt.Orientation.Horizontal) for i in range(pane(window).rows.columnCount())
    ]
    assert "Liq. actual" in titles
    assert "Liq. what-if" in titles
    window.undo_stack.undo()
    assert set(WHAT_IF_ONLY) <= hidden(window)


def test_what_is_not_real_is_hatched_and_what_is_real_is_not(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(BeginWhatIf())
    window.edit(SetPositionField(0, 0, "quantity", "2"))

    def hatched(row: int, key: str) -> bool:
        return pane(window).table.cells.what_if and cell(window, row, key).data(Role.CELL).computed

    assert hatched(0, "size")
    assert not hatched(1, "size")
    assert hatched(1, "liquidation")
    assert not hatched(1, "liquidation_actual")
    assert not hatched(0, "mark")  # nothing moves the market
    window.edit(MoveMarket(d("-0.1")))
    assert hatched(0, "mark")
    window.edit(EndWhatIf())
    assert not hatched(0, "size")
    assert not hatched(1, "liquidation")


def test_unticking_a_leg_leaves_it_out_and_ticking_counts_it_again(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    table = pane(window).table
    box = table.visualRect(cell(window, 1, "counted")).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert window.document.state.trial == Trial(dropped=frozenset({(0, 1)}))
    assert text(window, 1, "liquidation") == "—"
    assert text(window, 1, "liquidation_actual") == "3 630.40"
    assert text(window, 1, "status") == "left out of the what-if"
    assert window.frame is not None
    assert window.frame.what_if is not None
    assert [p.symbol for p in window.frame.what_if.accounts[0].positions] == [BTC]
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert window.document.state.trial is None
    assert text(window, 1, "status") == "ok"


def test_the_space_bar_ticks_too(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane(window).table.setCurrentIndex(cell(window, 0, "counted"))
    QTest.keyClick(pane(window).table, Qt.Key.Key_Space)
    assert window.document.state.trial == Trial(dropped=frozenset({(0, 0)}))


def test_a_leg_that_only_the_what_if_holds_is_marked_new(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(BeginWhatIf())
    window.edit(AddPosition(0, position(side="short")))
    assert text(window, 2, "symbol") == f"{BTC} · new"
    assert text(window, 2, "liquidation_actual") == "—"
    assert "only the what-if" in cell(window, 2, "liquidation_actual").data(Qt.ItemDataRole.ToolTipRole)
    assert text(window, 0, "symbol") == BTC
    window.edit(KeepWhatIf())
    assert text(window, 2, "symbol") == BTC


def test_the_mark_is_the_market_s_until_one_is_typed(open_window: OpenWindow):
    market = MarketView({"binance-usdm": {BTC: d("99500")}})
    window = open_window(replace(desk(position()), marks={}), market=market)
    assert text(window, 0, "mark") == "99 500.0"
    assert pane(window).table.model().setData(cell(window, 0, "mark"), "98000")
    assert text(window, 0, "mark") == "98 000.0"
    assert pane(window).table.model().setData(cell(window, 0, "mark"), "")
    assert text(window, 0, "mark") == "99 500.0"


def test_numbers_are_grey_while_they_do_not_answer_the_newest_edit(theme: Theme, qtbot: QtBot):
    panes = PanesOnADesk(theme, sample_desk())
    for widget in panes.panes:
        qtbot.addWidget(widget)
    panes.hold = True
    panes.edit(SetPositionField(0, 0, "quantity", "2"))
    assert panes.positions.table.cells.faded
    panes.answer()
    assert not panes.positions.table.cells.faded


def test_the_entry_line_stands_under_the_last_row(theme: Theme, qtbot: QtBot):
    panes = PanesOnADesk(theme, sample_desk())
    for widget in panes.panes:
        qtbot.addWidget(widget)
    panes.positions.set_entry_line(QLineEdit())
    newer = QLineEdit()
    panes.positions.set_entry_line(newer)
    panes.positions.resize(900, 400)
    panes.positions.show()
    qtbot.waitExposed(panes.positions)
    assert newer.geometry().top() >= panes.positions.table.geometry().bottom()
