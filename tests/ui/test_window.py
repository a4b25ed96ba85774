"""The window as a whole: names for those who cannot see it, keys, both looks, and sizes."""

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget

from tests.kit.frames import RememberingMaker, d, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.state import DeskState
from workstation.domain.scenario import JointMove
from workstation.runtime.messages import Frame
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.formats import GROUP
from workstation.ui.panes import PANES
from workstation.ui.panes.account import AccountPane
from workstation.ui.theme import DARK, LIGHT, Theme, Tokens
from workstation.ui.widgets.figure import Figure

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
    window.add_position()
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

    def make(desk: DeskState, shock: JointMove | None, directions: tuple[JointMove, ...], /) -> Frame:
        frame = RememberingMaker()(desk, shock, directions)
        accounts = (
            replace(a, worst_pool=replace(a.worst_pool, margin_use=uses[a.name])) if a.worst_pool else a
            for a in frame.risk.accounts
        )
        return replace(frame, risk=replace(frame.risk, accounts=tuple(accounts)))

    pane = open_window(state, make).panes["account"]
    assert isinstance(pane, AccountPane)
    assert [line.margin_use.text.replace(GROUP, " ") for line in pane.lines] == ["90.0 %", "20.0 %"]


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
    window = open_window(sample_desk(), RememberingMaker())
    theme.apply(tokens, size)
    window.resize(*shape)
    assert (window.width(), window.height()) == shape
    for figure in window.findChildren(Figure):
        assert figure.is_whole, figure.accessibleName()


def test_the_theme_is_changed_from_the_menu(open_window: OpenWindow, theme: Theme):
    window = open_window(sample_desk())
    actions = {action.text().replace("&", ""): action for action in window.findChildren(QAction)}
    actions["Light"].trigger()
    actions["Text size 125 %"].trigger()
    assert (theme.tokens, theme.text_size) == (LIGHT, 125)
    assert actions["Light"].isChecked()
    assert not actions["Dark"].isChecked()
