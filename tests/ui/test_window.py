"""The window as a whole: names for those who cannot see it, keys, both looks, and sizes."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.cores import SynchronousCore
from tests.kit.frames import RememberingMaker, d, position, sample_desk
from tests.kit.markets import instrument, market
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import AddPosition, BeginWhatIf, MoveMarket
from workstation.desk.state import DeskState
from workstation.domain.playback import SourceKind
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import FeedState, MarketView
from workstation.risk.report import RiskReport
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.dialogs.key_map import KeyMap
from workstation.ui.formats import GROUP
from workstation.ui.layout import PLACES
from workstation.ui.panes import PANES
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.theme import DARK, LIGHT, Theme, Tokens
from workstation.ui.widgets.entry_line import EntryLine
from workstation.ui.widgets.figure import Figure

REDO = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
Role = QAccessible.Role
NAMED = {
    Role.Button,
    Role.ButtonMenu,
    Role.Slider,
    Role.SpinBox,
    Role.ComboBox,
    Role.EditableText,
    Role.CheckBox,
    Role.Table,
}


def unnamed(root: QWidget) -> list[str]:
    found: list[str] = []
    for widget in [root, *root.findChildren(QWidget)]:
        interface = QAccessible.queryAccessibleInterface(widget)
        inner = widget.objectName().startswith("qt_")
        if interface and interface.role() in NAMED and not inner and not interface.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def test_every_control_has_a_name(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.notices.tell("Something")
    window.editing.add_position()
    dialog = window.findChild(AddPositionDialog)
    assert dialog is not None
    assert unnamed(window) == []
    assert unnamed(dialog) == []
    assert unnamed(open_window()) == []


def test_the_keys_that_everybody_knows(open_window: OpenWindow):
    window = open_window(sample_desk())
    keys = {action.shortcut().toString() for action in window.findChildren(QAction) if not action.shortcut().isEmpty()}
    assert {"Ctrl+O", "Ctrl+S", "Ctrl+Shift+S", "Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Q"} <= keys
    actions = [a for a in window.findChildren(QAction) if a.shortcut() == QKeySequence("Ctrl+Z")]
    assert len(actions) == 1


def test_no_action_places_an_order(open_window: OpenWindow):
    window = open_window(sample_desk())
    words = " ".join(action.text().lower() for action in window.findChildren(QAction))
    assert not any(word in words for word in ("order", "trade", "buy", "sell", "close position"))


def test_every_pane_is_registered_once_with_a_key_and_a_title():
    assert len({pane.key for pane in PANES}) == len({pane.title for pane in PANES}) == len(PANES)


def test_the_sample_account_is_marked(open_window: OpenWindow):
    pane = open_window(sample_desk()).panes["account"]
    assert isinstance(pane, AccountPane)
    assert pane.lines[0].sample.isVisible()
    mine = sample_desk()
    mine = DeskState(accounts=tuple(type(a)(name="mine", venue=a.venue, positions=a.positions) for a in mine.accounts))
    other = open_window(mine).panes["account"]
    assert isinstance(other, AccountPane)
    assert not other.lines[0].sample.isVisible()


def test_the_most_strained_account_comes_first(open_window: OpenWindow):
    one = sample_desk().accounts[0]
    two = replace(one, name="strained", positions=one.positions[:1])
    state = replace(sample_desk(), accounts=(one, two))
    uses = {"SAMPLE": d("0.2"), "strained": d("0.9")}

    def assess(market: MarketView, desk: DeskState) -> tuple[RiskReport, RiskReport | None]:
        risk, what_if = RememberingMaker()(market, desk)
        accounts = (
            replace(a, worst_pool=replace(a.worst_pool, margin_use=uses[a.name])) if a.worst_pool else a
            for a in risk.accounts
        )
        return replace(risk, accounts=tuple(accounts)), what_if

    pane = open_window(state, assess).panes["account"]
    assert isinstance(pane, AccountPane)
    assert [line.margin_use.text.replace(GROUP, " ") for line in pane.lines] == ["90.0 %", "20.0 %"]


def test_an_account_that_becomes_the_most_strained_comes_first_too(open_window: OpenWindow):
    one = sample_desk().accounts[0]
    state = replace(sample_desk(), accounts=(one, replace(one, name="other")))
    uses: dict[str, Number] = {"SAMPLE": Unknown("no mark price yet"), "other": Unknown("no mark price yet")}

    def assess(market: MarketView, desk: DeskState) -> tuple[RiskReport, RiskReport | None]:
        risk, what_if = RememberingMaker()(market, desk)
        accounts = (
            replace(a, worst_pool=replace(a.worst_pool, margin_use=uses[a.name])) if a.worst_pool else a
            for a in risk.accounts
        )
        return replace(risk, accounts=tuple(accounts)), what_if

    core = SynchronousCore(assess, market())
    window = open_window(state, core=core)
    pane = window.panes["account"]
    assert isinstance(pane, AccountPane)

    def first_after(sample: str, other: str) -> str:
        uses.update(SAMPLE=d(sample), other=d(other))
        core.show_market(market(instrument(price=90_000.0)))
        window.clock.tick()
        return pane.lines[0].margin_use.text.replace(GROUP, " ")

    assert first_after("0.2", "0.5") == "50.0 %"
    assert first_after("0.52", "0.5") == "50.0 %", "nearly alike: they stay where they are"
    assert first_after("0.6", "0.5") == "60.0 %"


def test_about_says_that_it_cannot_trade(open_window: OpenWindow):
    window = open_window()
    window.about()
    (box,) = window.findChildren(QMessageBox)
    assert "cannot trade" in box.text()
    box.reject()


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("size", [100, 125, 150])
@pytest.mark.parametrize("shape", [(1000, 640), (1720, 1000)], ids=lambda shape: f"{shape[0]}x{shape[1]}")
def test_the_window_keeps_its_size_and_its_figures_whole(
    open_window: OpenWindow, theme: Theme, tokens: Tokens, size: int, shape: tuple[int, int]
):
    window = open_window(sample_desk(), RememberingMaker(), market())
    theme.apply(tokens, size)
    window.resize(*shape)
    assert (window.width(), window.height()) == shape
    for figure in window.findChildren(Figure):
        assert figure.is_whole, figure.accessibleName()
    for part in (window.strip.mode, window.playback.time, window.playback.speed):
        assert part.width() >= part.minimumSizeHint().width()
        assert window.strip.rect().contains(part.geometry().translated(part.mapTo(window.strip, QPoint()) - part.pos()))


def test_the_theme_is_changed_from_the_menu(open_window: OpenWindow, theme: Theme):
    window = open_window(sample_desk())
    actions = {action.text().replace("&", ""): action for action in window.findChildren(QAction)}
    actions["Light"].trigger()
    actions["Text size 125 %"].trigger()
    assert (theme.tokens, theme.text_size) == (LIGHT, 125)
    assert actions["Light"].isChecked()
    assert not actions["Dark"].isChecked()


@pytest.mark.parametrize("kind", ["simulated", "recorded", "historical"])
def test_data_that_are_not_live_say_so_in_the_title_and_on_top(open_window: OpenWindow, kind: SourceKind):
    window = open_window(sample_desk(), market=market(kind=kind))
    assert window.windowTitle().startswith(f"{kind.upper()} – ")
    assert window.strip.mode.text() == kind.upper()
    assert window.strip.mode.isVisible()


def test_a_live_title_needs_no_word_and_an_offline_window_says_offline(open_window: OpenWindow):
    assert open_window(sample_desk(), market=market(kind="live", playback=None)).windowTitle().startswith("Untitled")
    assert open_window(sample_desk()).strip.mode.text() == "OFFLINE"


def test_a_feed_that_is_down_is_said_everywhere_and_only_once_each(open_window: OpenWindow):
    core = SynchronousCore(RememberingMaker(), market())
    window = open_window(sample_desk(), core=core)
    core.show_market(market(feed=FeedState(because="the feed process ended; starting it again", restarts=1)))
    for _ in range(20):
        window.clock.tick()
    window._slowly()
    assert window.strip.mode.text() == "SIMULATED · feed down"
    assert {window.docks.badge_of(place.key)[0] for place in PLACES} == {"feed down"}
    assert "the feed process ended" in window.status.data.text()
    assert not window.notices.isVisible()
    core.show_market(market())
    window.clock.tick()
    window._slowly()
    assert {window.docks.badge_of(place.key)[0] for place in PLACES} == {""}


def test_a_what_if_frames_the_window_and_the_way_back_is_one_click(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    assert not window.banner.isVisible()
    window.edit(BeginWhatIf())
    assert window.desk_frame.property("what_if") is True
    assert window.banner.isVisible()
    assert "on a copy of the book" in window.banner.text
    window.banner.back.emit()
    assert window.desk_frame.property("what_if") is False
    assert window.document.state.trial is None


def test_pinned_prices_are_said_while_a_market_runs_and_one_click_follows_it(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    assert window.pinned.isVisible()
    assert "BTC/USDT:USDT, ETH/USDT:USDT" in window.pinned.words.text()
    qtbot.mouseClick(window.pinned.button, Qt.MouseButton.LeftButton)
    assert not window.pinned.isVisible()
    assert window.document.state.marks == {}
    window.undo_stack.undo()
    assert window.pinned.isVisible()
    assert not open_window(sample_desk()).pinned.isVisible()


def test_space_holds_the_view_and_lets_it_go(open_window: OpenWindow, qtbot: QtBot):
    core = SynchronousCore(RememberingMaker(), market())
    window = open_window(sample_desk(), core=core)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    held = window.frame
    qtbot.keyClick(window, Qt.Key.Key_Space)
    core.show_market(market(instrument(price=90_000.0)))
    window.clock.tick()
    assert window.frame is held
    assert window.strip.frozen.isVisible()
    assert window.strip.frozen.text().startswith("frozen 0 s")
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.frame is not held
    assert not window.strip.frozen.isVisible()


def test_space_presses_the_button_that_has_the_focus(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.pinned.button.setFocus()
    qtbot.waitUntil(window.pinned.button.hasFocus)
    qtbot.keyClick(window.pinned.button, Qt.Key.Key_Space)
    assert window.clock.frozen_s is None
    assert window.document.state.marks == {}


def test_every_key_belongs_to_one_action_and_stands_in_the_key_map(open_window: OpenWindow):
    window = open_window(sample_desk())
    keys = [key.toString() for action in window.menus.actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))
    assert {"Space", "[", "]", "Ctrl+K", "Ctrl+F", "/", "S", "W", "?"} <= set(keys)
    window.show_keys()
    dialog = window.findChild(KeyMap)
    assert dialog is not None
    said = " ".join(row.keys for row in dialog.rows.rows)
    assert all(key in said for key in keys)
    dialog.reject()


def test_the_commands_button_opens_the_palette(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk())
    qtbot.mouseClick(window.strip.commands, Qt.MouseButton.LeftButton)
    assert window.command_palette.isVisible()
    qtbot.keyClick(window.command_palette.line, Qt.Key.Key_Escape)
    assert not window.command_palette.isVisible()


def test_a_position_can_be_typed_under_the_table_and_undone(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    with qtbot.waitActive(window):
        window.activateWindow()
    (entry,) = window.findChildren(EntryLine)
    qtbot.keyClicks(entry.line, "short 3 SOL @ 187.5 5x cross")
    qtbot.keyClick(entry.line, Qt.Key.Key_Return)
    positions = window.document.state.accounts[0].positions
    assert [held.symbol for held in positions][-1:] == ["SOL/USDT:USDT"]
    assert window.undo_stack.count() == 1
    # the line still has the focus, and a line takes the undo keys for itself
    qtbot.keyClick(entry.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.document.state.accounts[0].positions) == 2
    qtbot.keyClick(entry.line, Qt.Key.Key_Z, REDO)
    assert len(window.document.state.accounts[0].positions) == 3


def test_what_is_being_typed_is_undone_before_the_desk_is(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    window.edit(MoveMarket(d("-0.1")))
    with qtbot.waitActive(window):
        window.activateWindow()
    (entry,) = window.findChildren(EntryLine)
    qtbot.keyClicks(entry.line, "short")
    qtbot.keyClick(entry.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert entry.line.text() == ""
    assert window.document.state.trial is not None
    qtbot.keyClick(entry.line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.state.trial is None


def test_the_keys_work_in_a_pane_that_floats(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    window.edit(MoveMarket(d("-0.1")))
    window.docks.float("positions", QRect(50, 50, 700, 300))
    (floating,) = window.docks.floating()
    with qtbot.waitActive(floating):
        floating.activateWindow()
    table = window.panes["positions"]
    assert isinstance(table, PositionsPane)
    qtbot.keyClick(table.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.state.trial is None
    # Space still ticks the leg that has the focus there
    table.table.setCurrentIndex(table.table.model().index(0, 0))
    qtbot.keyClick(table.table, Qt.Key.Key_Space)
    assert window.document.state.trial is not None
    assert window.document.state.trial.dropped == {(0, 0)}
    assert window.clock.frozen_s is None


def test_several_positions_are_one_undo_step(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(AddPosition(0, position("SOL/USDT:USDT")), AddPosition(0, position("XRP/USDT:USDT")))
    assert window.undo_stack.undoText() == "add 2 positions"
    window.undo_stack.undo()
    assert len(window.document.state.accounts[0].positions) == 2


def test_a_wrong_edit_among_several_changes_nothing(open_window: OpenWindow):
    window = open_window(sample_desk())
    before = window.document.state
    window.edit(AddPosition(0, position("SOL/USDT:USDT")), AddPosition(0, position("nonsense")))
    assert window.document.state is before
    assert window.notices.isVisible()
