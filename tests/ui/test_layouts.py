"""What was arranged comes back in the next session; what is damaged, or not trusted, does not."""

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.kit.frames import sample_desk
from tests.kit.markets import VENUE, market
from tests.ui.conftest import OpenWindow
from workstation.storage.workspace import Workspace, seal
from workstation.ui.layout import PLACES
from workstation.ui.panes.base import Focus
from workstation.ui.theme import LIGHT, Theme


def test_what_was_arranged_comes_back_in_the_next_session(open_window: OpenWindow, theme: Theme):
    kept = list[Workspace]()

    window = open_window(sample_desk(), market=market(), keep=kept.append)
    window.docks.toggle("liquidations").trigger()
    window.markets.look_at(Focus(VENUE, "SOL/USDT:USDT", 60_000))
    window.keeping.name_layout("two screens")
    theme.apply(LIGHT, 125)
    window.close()
    last = kept[-1]
    assert (last.theme, last.text_size, last.focus) == ("light", 125, (VENUE, "SOL/USDT:USDT", 60_000))
    again = open_window(sample_desk(), market=market(), workspace=last)
    assert not again.docks.toggle("liquidations").isChecked()
    again.docks.reset()
    assert again.docks.toggle("liquidations").isChecked()
    actions = {action.text(): action for action in again.menus.actions()}
    assert actions["two screens"].shortcut().toString() == "Ctrl+1"


def test_a_change_is_kept_after_a_while_and_not_at_once(open_window: OpenWindow, qtbot: QtBot):
    kept = list[Workspace]()

    window = open_window(sample_desk(), keep=kept.append)
    for _ in range(4):
        window.docks.toggle("stress").trigger()
    assert kept == []
    qtbot.waitUntil(lambda: len(kept) == 1, timeout=4_000)


def test_a_damaged_layout_is_said_and_the_default_one_shown(open_window: OpenWindow):
    window = open_window(sample_desk(), workspace=Workspace(layout=seal(b"layout")[:-1]))
    assert "default" in window.notices.text()
    assert all(window.docks.toggle(place.key).isChecked() for place in PLACES)


def test_a_start_in_safe_mode_leaves_the_stored_layout_alone(open_window: OpenWindow):
    first = open_window(sample_desk())
    first.docks.toggle("stress").trigger()
    stored = Workspace(layout=first.docks.save())
    assert not open_window(workspace=stored).docks.toggle("stress").isChecked()
    assert open_window(workspace=stored, trust_layout=False).docks.toggle("stress").isChecked()


def test_layouts_can_be_used_and_forgotten_from_the_menu(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.docks.toggle("stress").trigger()
    window.keeping.name_layout("without && stress")
    window.docks.reset()
    window.keeping.use_layout("without && stress")
    assert not window.docks.toggle("stress").isChecked()
    assert "Forget without && stress" in {action.text().replace("&&&&", "&&") for action in window.menus.actions()}
    menus = len(window.findChildren(QMenu))
    window.keeping.name_layout("another")
    window.keeping.forget_layout("another")
    assert len(window.findChildren(QMenu)) == menus
    window.keeping.forget_layout("without && stress")
    assert window.keeping.workspace.layouts == {}
    assert not any(action.text().startswith("Forget") for action in window.menus.actions())
    window.keeping.use_layout("without && stress")
    assert window.notices.isVisible()
