"""The market slider: one evaluation a tick, every number moves, and nobody can take a what-if for the truth."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.kit.frames import RememberingMaker, d, desk, position, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import SetBeta
from workstation.ui.formats import GROUP
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.ports import MarketMove, held_assets, market_move


def stress(window: MainWindow) -> StressPane:
    pane = window.panes["stress"]
    assert isinstance(pane, StressPane)
    return pane


def text(window: MainWindow, row: int, key: str) -> str:
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    keys = [column.key for column in pane.rows.columns]
    return pane.rows.index(row, keys.index(key)).data().replace(GROUP, " ")


def figures(window: MainWindow) -> tuple[str, str]:
    pane = window.panes["account"]
    assert isinstance(pane, AccountPane)
    return pane.lines[0].equity.text.replace(GROUP, " "), pane.lines[0].joint.text.replace(GROUP, " ")


def test_a_dragged_slider_is_evaluated_once_a_tick(open_window: OpenWindow, qtbot: QtBot):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    maker.asked.clear()
    for tenths in range(-1, -31, -1):
        stress(window).slider.setValue(tenths)
    assert maker.asked == []
    qtbot.waitUntil(lambda: bool(maker.asked))
    ((_, shock, directions),) = maker.asked
    assert shock is not None
    assert shock.of("BTC") == d("-0.03")
    assert [(move.name, move.of("BTC")) for move in directions] == [("market falls", d("-1")), ("market rises", d("1"))]


def test_every_number_moves_at_once(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    assert text(window, 0, "mark") == "100 000.0"
    assert figures(window) == ("10 000.00 USDT", "−4.53 %")
    stress(window).slider.setValue(-30)
    qtbot.waitUntil(lambda: text(window, 0, "mark") == "97 000.0")
    assert figures(window) == ("4 000.00 USDT", "−1.53 %")
    block = stress(window).aftermath.blocks[0]
    assert block.change.text.replace(GROUP, " ") == "−6 000.00 USDT"
    assert block.liquidated.text == "0 of 2"
    assert stress(window).betas.index(0, 2).data().replace(GROUP, " ") == "−3.0 %"


def test_a_what_if_is_framed_and_named_and_can_be_left(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    assert not window.banner.isVisible()
    stress(window).slider.setValue(-120)
    qtbot.waitUntil(window.banner.isVisible)
    assert window.banner.text.replace(GROUP, " ").startswith("WHAT-IF market −12.0 %, every coin alike")
    assert window.desk_frame.property("what_if") is True
    qtbot.mouseClick(stress(window).reset, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.banner.isVisible())
    assert window.desk_frame.property("what_if") is False
    assert text(window, 0, "mark") == "100 000.0"


def test_what_is_liquidated_is_named(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    window.move_market(d("-0.06"))
    qtbot.waitUntil(window.banner.isVisible)
    block = stress(window).aftermath.blocks[0]
    assert block.liquidated.text == "2 of 2"
    assert "BTC/USDT:USDT long" in block.liquidated.note
    assert figures(window)[1] == "liquidated"


def test_the_box_and_the_slider_agree(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    box = stress(window).box
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "-7.5")
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: stress(window).slider.value() == -75)
    assert box.text().replace(GROUP, " ") == "−7.5 %"


def test_no_price_can_be_moved_to_zero(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    window.edit(SetBeta("ETH", "4"))
    assert stress(window).slider.minimum() == -249
    window.edit(SetBeta("ETH", "-4"))
    assert (stress(window).slider.minimum(), stress(window).slider.maximum()) == (-500, 249)
    assert "price would reach zero" in stress(window).slider.toolTip()


def test_a_steeper_beta_pulls_the_market_back_into_its_range(open_window: OpenWindow, qtbot: QtBot):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    window.move_market(d("-0.5"))
    qtbot.waitUntil(window.banner.isVisible)
    window.edit(SetBeta("ETH", "4"))
    shock = maker.asked[-1][1]
    assert shock is not None
    assert shock.of("ETH") > -1
    assert stress(window).slider.value() == -249


def test_a_beta_is_typed_into_its_cell_and_can_be_undone(open_window: OpenWindow):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    pane = stress(window)
    assert [row.asset for row in pane.betas.rows] == ["BTC", "ETH"]
    assert pane.betas.setData(pane.betas.index(1, 1), "1.3")
    assert window.document.state.betas == {"ETH": d("1.3")}
    assert maker.asked[-1][2][0].of("ETH") == d("-1.3")
    assert not pane.betas.flags(pane.betas.index(0, 1)) & Qt.ItemFlag.ItemIsEditable
    window.undo_stack.undo()
    assert pane.betas.index(1, 1).data() == "1×"


def test_betas_of_coins_that_are_not_held_do_not_count():
    state = desk(position(), betas={"DOGE": d("9"), "BTC": d("1")})
    assert held_assets(state) == ("BTC",)
    assert market_move(state, d("-0.5")) == MarketMove(d("-0.5"), {"BTC": d("1")})


def test_an_unchanged_frame_is_not_painted_again(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    assert window.frame is not None
    rows = pane.rows.rows
    pane.show_frame(window.frame, window.move_shown)
    assert pane.rows.rows is rows


def test_nothing_moves_under_the_mouse_that_drags_the_slider(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    slider = stress(window).slider
    qtbot.wait(20)  # the first layout settles
    before = slider.mapTo(window, slider.rect().center())
    window.move_market(d("-0.12"))
    qtbot.waitUntil(window.banner.isVisible)
    assert slider.mapTo(window, slider.rect().center()) == before
