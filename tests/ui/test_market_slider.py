"""The market slider: one evaluation a tick, every number moves, and nobody can take a what-if for the truth."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.kit.frames import RememberingMaker, d, desk, frame_of, pool, position, sample_desk, stressed
from tests.kit.panes import PanesOnADesk
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import DropLeg, MoveMarket, SetBeta, SetPositionField, apply
from workstation.desk.state import DeskState, Trial
from workstation.desk.trial import MarketMove, held_assets, market_move
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame
from workstation.ui.formats import GROUP
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.theme import Theme


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


def test_a_drag_is_one_undo_step_and_says_the_move(open_window: OpenWindow):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    for tenths in range(-1, -31, -1):
        stress(window).slider.setValue(tenths)
    assert maker.asked[-1].trial == Trial(size=d("-0.030"))
    assert window.undo_stack.count() == 1
    assert window.frame is not None
    assert [report.name for report in window.frame.risk.stress] == ["market falls", "market rises"]
    window.undo_stack.undo()
    assert window.document.state.trial is None
    assert stress(window).slider.value() == 0


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


def test_what_is_liquidated_is_named(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(MoveMarket(d("-0.06")))
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


def test_a_number_typed_into_the_box_is_undone_by_the_keys_there(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    with qtbot.waitActive(window):
        window.activateWindow()
    box = stress(window).box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "-12")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert window.document.state.trial == Trial(size=d("-0.120"))
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.state.trial is None


def test_an_account_at_liquidation_is_not_said_to_have_a_way_left(open_window: OpenWindow):
    def dead(market: MarketView, state: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        risk, what_if = RememberingMaker()(market, state)
        falls, rises = risk.stress[:2]
        lost = replace(falls, accounts=(stressed(position(), multiple="0"),))
        return replace(risk, stress=(lost, rises)), what_if

    window = open_window(desk(position()), dead)
    assert stress(window).first.text() == "Liquidation at today's prices"
    assert figures(window)[1] == "at liquidation"


def test_no_price_can_be_moved_to_zero(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    window.edit(SetBeta("ETH", "4"))
    assert stress(window).slider.minimum() == -249
    window.edit(SetBeta("ETH", "-4"))
    assert (stress(window).slider.minimum(), stress(window).slider.maximum()) == (-500, 249)
    assert "price would reach zero" in stress(window).slider.toolTip()


def test_a_steeper_beta_pulls_the_market_back_into_its_range(open_window: OpenWindow):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    window.edit(MoveMarket(d("-0.5")))
    window.edit(SetBeta("ETH", "4"))
    assert market_move(maker.asked[-1]).shock().of("ETH") > -1
    assert stress(window).slider.value() == -249


def test_a_beta_is_typed_into_its_cell_and_can_be_undone(open_window: OpenWindow):
    maker = RememberingMaker()
    window = open_window(sample_desk(), maker)
    pane = stress(window)
    assert [row.asset for row in pane.betas.rows] == ["BTC", "ETH"]
    assert pane.betas.setData(pane.betas.index(1, 1), "1.3")
    assert window.document.state.betas == {"ETH": d("1.3")}
    assert market_move(maker.asked[-1]).directions()[0].of("ETH") == d("-1.3")
    assert not pane.betas.flags(pane.betas.index(0, 1)) & Qt.ItemFlag.ItemIsEditable
    window.undo_stack.undo()
    assert pane.betas.index(1, 1).data() == "1×"


def test_betas_of_coins_that_are_not_held_do_not_count():
    state = desk(position(), betas={"DOGE": d("9"), "BTC": d("1")})
    assert held_assets(state) == ("BTC",)
    moved = apply(state, MoveMarket(d("-0.5")))
    assert market_move(moved) == MarketMove(d("-0.5"), {"BTC": d("1")})


def test_an_unchanged_frame_is_not_painted_again(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    assert window.frame is not None
    rows = pane.rows.rows
    pane.show_frame(window.frame)
    assert pane.rows.rows is rows


def test_nothing_moves_under_the_mouse_that_drags_the_slider(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    slider = stress(window).slider
    qtbot.wait(20)  # the first layout settles
    before = slider.mapTo(window, slider.rect().center())
    window.edit(MoveMarket(d("-0.12")))
    qtbot.waitUntil(window.banner.isVisible)
    qtbot.wait(20)  # and the one after, if there is any
    assert slider.mapTo(window, slider.rect().center()) == before


def test_a_coin_is_moved_by_itself_and_follows_its_beta_again(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane = stress(window)
    assert pane.betas.setData(pane.betas.index(1, 2), "-15 %")
    assert window.document.state.trial == Trial(shocks={"ETH": d("-0.15")})
    assert pane.betas.index(1, 2).data().replace(GROUP, " ") == "−15.0 %"
    assert text(window, 1, "mark") == "3 400.00"
    assert text(window, 0, "mark") == "100 000.0"
    window.edit(MoveMarket(d("-0.01")))
    assert pane.betas.index(1, 2).data().replace(GROUP, " ") == "−15.0 %"
    assert pane.betas.index(0, 2).data().replace(GROUP, " ") == "−1.0 %"
    assert pane.betas.setData(pane.betas.index(1, 2), "")
    assert pane.betas.index(1, 2).data().replace(GROUP, " ") == "−1.0 %"


def test_the_buttons_begin_keep_and_end_a_what_if(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    pane = stress(window)

    def enabled() -> tuple[bool, bool, bool]:
        return pane.begin.isEnabled(), pane.keep.isEnabled(), pane.end.isEnabled()

    assert enabled() == (True, False, False)
    qtbot.mouseClick(pane.begin, Qt.MouseButton.LeftButton)
    assert enabled() == (False, True, True)
    window.edit(SetPositionField(0, 0, "quantity", "2"))
    assert window.document.state.accounts == sample_desk().accounts
    qtbot.mouseClick(pane.end, Qt.MouseButton.LeftButton)
    assert window.document.state == sample_desk()
    window.undo_stack.undo()
    qtbot.mouseClick(pane.keep, Qt.MouseButton.LeftButton)
    assert window.document.state.accounts[0].positions[0].quantity == 2
    assert enabled() == (True, False, False)
    window.edit(MoveMarket(d("-0.1")))
    assert enabled() == (True, False, True)
    window.edit(DropLeg(0, 0, True))
    assert enabled() == (True, True, True)


def test_the_header_says_actual_and_difference_beside_the_what_if(open_window: OpenWindow):
    window = open_window(sample_desk())
    pane = window.panes["account"]
    assert isinstance(pane, AccountPane)
    equity, joint = pane.lines[0].equity, pane.lines[0].joint
    assert (equity.actual, equity.change) == ("", "")
    window.edit(MoveMarket(d("-0.03")))
    assert (equity.actual.replace(GROUP, " "), equity.change.replace(GROUP, " ")) == ("10 000.00 USDT", "−6 000.00")
    assert (joint.actual.replace(GROUP, " "), joint.change.replace(GROUP, " ")) == ("−4.53 %", "+3.0 pp")
    assert equity.is_whole
    assert joint.is_whole


def test_an_older_answer_does_not_pull_the_slider_back(theme: Theme, qtbot: QtBot):
    panes = PanesOnADesk(theme, sample_desk())
    for widget in panes.panes:
        qtbot.addWidget(widget)
    panes.hold = True
    panes.stress.slider.setValue(-30)
    older: Frame = frame_of(panes.document.state)
    panes.stress.slider.setValue(-50)
    panes.show(older)
    assert panes.stress.slider.value() == -50
    panes.answer()
    assert panes.stress.slider.value() == -50
    panes.undo_stack.undo()
    panes.answer()
    assert panes.stress.slider.value() == 0


def test_a_move_that_is_undone_before_it_is_answered_lets_go_of_the_slider(theme: Theme, qtbot: QtBot):
    panes = PanesOnADesk(theme, sample_desk())
    for widget in panes.panes:
        qtbot.addWidget(widget)
    panes.hold = True
    panes.stress.slider.setValue(-30)
    panes.undo_stack.undo()
    panes.answer()
    qtbot.waitUntil(lambda: panes.stress.slider.value() == 0, timeout=2000)


def test_accounts_keep_their_places_while_the_market_is_moved(theme: Theme, qtbot: QtBot):
    def strained(market: MarketView, state: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        """The first account is the calmer one; in a what-if it is the other way round."""

        def with_uses(report: RiskReport, *uses: str) -> RiskReport:
            pools = [pool(margin_use=d(use)) for use in uses]
            accounts = zip(report.accounts, pools, strict=True)
            return replace(report, accounts=tuple(replace(a, pools=(p,), worst_pool=p) for a, p in accounts))

        risk, what_if = RememberingMaker()(market, state)
        return with_uses(risk, "0.1", "0.5"), None if what_if is None else with_uses(what_if, "0.9", "0.5")

    two = (sample_desk().accounts[0], replace(sample_desk().accounts[0], name="other"))
    panes = PanesOnADesk(theme, replace(sample_desk(), accounts=two), strained)
    for widget in panes.panes:
        qtbot.addWidget(widget)

    def uses() -> list[str]:
        return [line.margin_use.text.replace(GROUP, " ") for line in panes.account.lines]

    assert uses() == ["50.0 %", "10.0 %"]
    panes.edit(MoveMarket(d("-0.03")))
    assert uses() == ["50.0 %", "90.0 %"]
