"""Docks: a layout comes back as it was, and not one damaged byte of it ever reaches Qt."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from workstation.storage.workspace import seal, unseal
from workstation.ui.docking import LAYOUT_VERSION, Docks, on_screen
from workstation.ui.layout import PLACES, lay_out, lay_out_anew
from workstation.ui.theme import LIGHT, Theme

SCREENS = [QRect(0, 0, 1920, 1040), QRect(1920, 0, 1280, 984)]
MakeDocks = Callable[[], Docks]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme) -> MakeDocks:
    """Docks in a window of their own, with the first layout."""
    windows = list[QMainWindow]()  # qtbot holds them weakly

    def made() -> Docks:
        window = QMainWindow()
        windows.append(window)
        qtbot.addWidget(window)
        window.resize(1440, 860)
        docks = Docks(theme, window, lambda: None)
        window.setCentralWidget(docks.widget)
        lay_out(docks, theme)
        window.show()
        qtbot.waitExposed(window)
        return docks

    return made


def shown(docks: Docks) -> dict[str, bool]:
    return {place.key: docks.toggle(place.key).isChecked() for place in PLACES}


def test_every_place_has_a_dock_and_an_action_to_show_it(make: MakeDocks):
    docks = make()
    assert shown(docks) == dict.fromkeys((place.key for place in PLACES), True)
    assert [docks.toggle(place.key).text() for place in PLACES] == [place.title for place in PLACES]


def test_a_layout_comes_back_in_another_window(make: MakeDocks):
    docks = make()
    docks.toggle("stress").trigger()
    docks.toggle("liquidations").trigger()
    layout = docks.save()
    other = make()
    assert other.restore(layout)
    assert shown(other) == shown(docks)
    assert [key for key, on in shown(other).items() if not on] == ["stress", "liquidations"]


def widths(docks: Docks) -> list[int]:
    areas = [docks.area(place.key) for place in PLACES]
    return [round(length / 20) for area in areas for length in (area.width(), area.height())]


def test_the_default_layout_brings_everything_back_in_its_first_shares(make: MakeDocks, theme: Theme, qtbot: QtBot):
    docks = make()
    first = widths(docks)
    assert first[2] < first[0] > first[4], "the chart is wider than what stands beside it"
    for place in PLACES[1:]:
        docks.toggle(place.key).trigger()
    qtbot.waitUntil(lambda: widths(docks) != first)
    lay_out_anew(docks, theme)
    assert all(shown(docks).values())
    qtbot.waitUntil(lambda: widths(docks) == first)


def test_a_floating_dock_of_a_missing_screen_comes_back(make: MakeDocks, qtbot: QtBot):
    docks = make()
    docks.float("stress", QRect(9_000, 9_000, 400, 300))
    away = docks.save()
    other = make()
    assert other.restore(away)
    (window,) = other.floating()
    home = window.screen().availableGeometry()
    qtbot.waitUntil(lambda: home.contains(window.geometry()))


def test_no_damaged_layout_reaches_qt_or_changes_anything(make: MakeDocks):
    docks = make()
    docks.toggle("stress").trigger()
    layout, before, chance = docks.save(), shown(docks), random.Random(4)
    for _ in range(3_000):
        damaged = bytearray(layout)
        for at in chance.sample(range(len(layout) * 8), chance.randint(1, 6)):
            damaged[at // 8] ^= 1 << at % 8
        assert not docks.restore(bytes(damaged))
    for length in range(len(layout)):
        assert not docks.restore(layout[:length])
    assert not docks.restore(b"")
    assert shown(docks) == before
    assert docks.restore(layout)


def test_a_whole_layout_that_is_none_of_ours_is_refused(make: MakeDocks):
    docks = make()
    state = unseal(docks.save())
    assert state is not None
    other_version = state.replace(f'UserVersion="{LAYOUT_VERSION}"'.encode(), b'UserVersion="99"')
    assert other_version != state
    assert not docks.restore(seal(other_version))
    assert not docks.restore(seal(b"<?xml version='1.0'?><other/>"))
    assert not docks.restore(seal(b"other"))
    assert all(shown(docks).values())


def test_a_pane_can_come_after_its_layout_was_restored(make: MakeDocks, qtbot: QtBot):
    docks = make()
    assert docks.restore(docks.save())
    pane = QLabel("chart")
    docks.put("price", pane)
    qtbot.waitUntil(pane.isVisible)


def test_no_dock_is_narrower_than_its_pane_can_be_read(make: MakeDocks, theme: Theme, qtbot: QtBot):
    docks = make()
    pane = QLabel("stress")
    pane.setMinimumWidth(390)
    docks.put("stress", pane)
    qtbot.waitUntil(lambda: pane.visibleRegion().boundingRect().width() >= 390)
    theme.changed.connect(lambda: pane.setMinimumWidth(450))
    theme.apply(LIGHT)
    qtbot.waitUntil(lambda: pane.visibleRegion().boundingRect().width() >= 450)


def test_a_badge_says_on_the_tab_what_is_wrong_and_goes_again(make: MakeDocks):
    docks = make()
    docks.badge("price", "late", "nothing for more than 3 min")
    assert docks.badge_of("price") == ("late", "nothing for more than 3 min")
    assert docks.toggle("price").text() == "Chart · late"
    assert docks.toggle("stress").text() == "Stress test"
    docks.badge("price", "", "")
    assert docks.toggle("price").text() == "Chart"


@pytest.mark.parametrize(
    "place", [QRect(10, 10, 800, 600), QRect(1900, 100, 800, 600), QRect(-700, 10, 800, 600), QRect(2000, 0, 1280, 984)]
)
def test_a_window_that_can_be_reached_stays_where_it_is(place: QRect):
    assert on_screen(place, SCREENS) == place


@pytest.mark.parametrize(
    "place",
    [QRect(5000, 10, 800, 600), QRect(100, -300, 800, 600), QRect(100, 1030, 800, 600), QRect(-790, 10, 800, 600)],
)
def test_a_window_of_a_missing_screen_comes_back(place: QRect):
    assert SCREENS[0].contains(on_screen(place, SCREENS))
    assert on_screen(place, SCREENS).size() == place.size()


def test_a_window_larger_than_the_screen_is_made_to_fit():
    assert on_screen(QRect(9000, 9000, 4000, 3000), SCREENS) == SCREENS[0]
