"""The playback bar: what it shows is the market's clock, and what it sends are orders to that clock."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.kit.markets import DAY_MS, NOW_MS
from workstation.domain.playback import Pause, Playback, Resume, Seek, SetSpeed, Source, Steering, Step
from workstation.ui.theme import Theme
from workstation.ui.widgets.playback_bar import SPEEDS, PlaybackBar

RECORDING = Source("recorded", "a day", NOW_MS - DAY_MS, NOW_MS + DAY_MS)
RUNNING = Playback(NOW_MS, 60, False)


class Shown:
    def __init__(self, qtbot: QtBot, theme: Theme) -> None:
        self.sent = list[Steering]()
        self.bar = PlaybackBar(theme, self.sent.append)
        qtbot.addWidget(self.bar)
        self.bar.resize(900, 40)
        self.bar.show_playback(RECORDING, RUNNING)


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme) -> Shown:
    return Shown(qtbot, theme)


def test_it_shows_the_moment_in_utc_and_where_it_stands(shown: Shown):
    assert shown.bar.time.text() == "2025-10-10 21:14:05 UTC"
    assert (shown.bar.slider.value(), shown.bar.slider.maximum()) == (DAY_MS // 1000, 2 * DAY_MS // 1000)
    assert shown.bar.speed.currentText() == "60×"
    assert shown.sent == []


def test_it_is_not_seen_without_a_clock_to_steer(shown: Shown):
    assert shown.bar.isVisible()
    shown.bar.show_playback(replace(RECORDING, kind="live"), RUNNING)
    assert not shown.bar.isVisible()
    shown.bar.step(1)
    shown.bar.pause_or_resume()
    shown.bar.show_playback(None, None)
    assert not shown.bar.isVisible()
    assert shown.sent == []


def test_pause_and_resume_follow_what_the_market_said(shown: Shown, qtbot: QtBot):
    qtbot.mouseClick(shown.bar.run, Qt.MouseButton.LeftButton)
    shown.bar.show_playback(RECORDING, replace(RUNNING, paused=True))
    assert shown.bar.word.text() == "paused"
    assert shown.bar.word.isVisible()
    assert shown.bar.run.accessibleName() == "Let the market run"
    qtbot.mouseClick(shown.bar.run, Qt.MouseButton.LeftButton)
    assert shown.sent == [Pause(), Resume()]


def test_a_step_stops_the_clock_first_and_is_one_candle_long(shown: Shown, qtbot: QtBot):
    shown.bar.step_ms = 300_000
    qtbot.mouseClick(shown.bar.on, Qt.MouseButton.LeftButton)
    shown.bar.show_playback(RECORDING, replace(RUNNING, paused=True))
    qtbot.mouseClick(shown.bar.back, Qt.MouseButton.LeftButton)
    assert shown.sent == [Pause(), Step(300_000), Step(-300_000)]


def test_every_speed_can_be_chosen(shown: Shown):
    for i in range(len(SPEEDS)):
        shown.bar.speed.setCurrentIndex(i)
        shown.bar.speed.activated.emit(i)
    assert shown.sent == [SetSpeed(speed) for speed in SPEEDS]


def test_a_speed_that_is_not_offered_is_shown_all_the_same(shown: Shown):
    shown.bar.show_playback(RECORDING, replace(RUNNING, speed=42.5))
    assert shown.bar.speed.currentText() == "42.5×"
    assert shown.sent == []


def test_the_slider_seeks_once_when_it_is_let_go(shown: Shown):
    slider = shown.bar.slider
    slider.setSliderDown(True)
    slider.setSliderPosition(3_600)
    slider.setSliderPosition(7_200)
    assert shown.bar.time.text() == "2025-10-09 23:14:05 UTC"
    shown.bar.show_playback(RECORDING, replace(RUNNING, at_ms=NOW_MS + 60_000))
    assert slider.sliderPosition() == 7_200, "the market must not pull the slider out of the hand"
    assert shown.sent == []
    slider.setSliderDown(False)
    assert shown.sent == [Seek(RECORDING.from_ms + 7_200_000)]


def test_an_ended_recording_cannot_run_on_but_can_go_back(shown: Shown):
    shown.bar.show_playback(RECORDING, replace(RUNNING, at_ms=NOW_MS + DAY_MS, ended=True))
    assert shown.bar.word.text() == "ended"
    assert not shown.bar.run.isEnabled()
    assert not shown.bar.on.isEnabled()
    assert shown.bar.back.isEnabled()


def test_a_market_without_an_end_can_be_set_back(shown: Shown):
    practice = replace(RECORDING, kind="simulated", to_ms=None)
    shown.bar.show_playback(practice, RUNNING)
    assert shown.bar.slider.value() == shown.bar.slider.maximum()
    shown.bar.slider.setValue(0)
    assert shown.sent == [Seek(practice.from_ms)]
