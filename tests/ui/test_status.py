"""The status bar: each venue's feed in words, what is lost, how fast and how large the program is, and the clocks."""

import os

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from tests.kit.markets import LIVE_FEED, NOW_MS, VENUE, market
from workstation.desk.state import DeskState
from workstation.domain.events import Health
from workstation.market.view import FeedState, MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame
from workstation.ui import memory
from workstation.ui.formats import GROUP
from workstation.ui.theme import DARK, Theme
from workstation.ui.widgets.status import Status, data_words

CLOCK_S = 1_764_230_400.0  # 2025-11-27 08:00:00 UTC


def frame(shown: MarketView, desk: DeskState | None = None) -> Frame:
    return Frame(shown, desk or DeskState(), RiskReport("2025-11-27", ()))


class Bar:
    def __init__(self, qtbot: QtBot, theme: Theme) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.window.resize(1440, 100)
        self.status = Status(self.window.statusBar(), theme, lambda: CLOCK_S)
        self.window.show()
        qtbot.waitExposed(self.window)


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> Bar:
    return Bar(qtbot, theme)


def test_it_says_every_venue_and_the_clocks(bar: Bar):
    health = {
        VENUE: Health(VENUE, "", "live", NOW_MS, latency_ms=38.4),
        "deribit": Health("deribit", "marks", "late", NOW_MS - 14_200, "nothing for more than 15 s"),
    }
    bar.status.refresh(frame(market(venues=health)), 59.7)
    assert [light.text for light in bar.status.lights] == [f"{VENUE} simulated 38 ms", "deribit late 14 s"]
    assert bar.status.lights[1].toolTip() == "marks: nothing for more than 15 s"
    assert bar.status.rate.text() == "60 fps"
    assert bar.status.clock.text() == "2025-11-27 08:00:00 UTC"
    assert bar.status.market_clock.text() == "Market 2025-10-10 21:14:05 UTC"
    assert bar.status.data.text() == "Simulated prices"
    assert bar.status.rules.text() == "Venue rules of 2025-11-27"


def test_a_venue_that_is_gone_leaves_the_bar(bar: Bar):
    health = {VENUE: Health(VENUE, "", "live", NOW_MS), "okx": Health("okx", "", "live", NOW_MS)}
    bar.status.refresh(frame(market(venues=health)), 60)
    bar.status.refresh(frame(MarketView()), 60)
    assert all(light.isHidden() for light in bar.status.lights)


def test_losses_are_said_only_where_there_are_any(bar: Bar):
    bar.status.refresh(frame(market()), 60)
    assert not bar.status.lost.isVisible()
    bar.status.refresh(frame(market(feed=replace(LIVE_FEED, lost=12_345, refused=2))), 60)
    assert bar.status.lost.isVisible()
    assert bar.status.lost.text() == f"12{GROUP}345 records lost · 2 records refused"


def test_a_live_market_needs_no_second_clock(bar: Bar):
    bar.status.refresh(frame(market(kind="live", playback=None)), 60)
    assert not bar.status.market_clock.isVisible()


def test_an_unknown_rate_is_no_number(bar: Bar):
    bar.status.refresh(None, None)
    assert bar.status.rate.text() == "— fps"
    assert bar.status.data.text() == "Waiting for the first numbers"


@pytest.mark.parametrize(
    ("shown", "desk", "words"),
    [
        (MarketView(), DeskState(), "No prices in the file"),
        (MarketView(feed=FeedState(because="it ended")), DeskState(), "Feed down: it ended"),
        (MarketView(feed=FeedState(up=True, because="")), DeskState(), "No market: choose one in the Market menu"),
        (market(kind="recorded"), DeskState(), "Recorded prices"),
        (market(kind="live"), DeskState(), "Live prices"),
        (market(feed=FeedState(because="it ended")), DeskState(), "Simulated prices, feed down: it ended"),
    ],
)
def test_the_kind_of_data_is_said_in_words(shown: MarketView, desk: DeskState, words: str):
    assert data_words(frame(shown, desk)) == words


def test_memory_counts_both_processes_and_is_unknown_where_one_is(bar: Bar, qtbot: QtBot, theme: Theme):
    if memory.resident_mib(os.getpid()) is None:
        bar.status.refresh(frame(market()), 60)
        assert bar.status.memory.text() == "Memory —"
        return
    bar.status.refresh(frame(market(feed=replace(LIVE_FEED, pid=os.getpid()))), 60)
    both = float(bar.status.memory.text().removeprefix("Memory ").removesuffix(" MB"))
    other = Bar(qtbot, theme)
    other.status.refresh(frame(market()), 60)
    one = float(other.status.memory.text().removeprefix("Memory ").removesuffix(" MB"))
    assert abs(both - 2 * one) < 20
    last = Bar(qtbot, theme)
    last.status.refresh(frame(market(feed=replace(LIVE_FEED, pid=2**30))), 60)
    assert last.status.memory.text() == "Memory —"
    assert "feed: not told by this system" in last.status.memory.toolTip()


@pytest.mark.parametrize("size", [100, 125, 150])
@pytest.mark.parametrize("width", [1000, 1440, 1720])
def test_nothing_in_the_bar_is_cut(bar: Bar, theme: Theme, qtbot: QtBot, size: int, width: int):
    theme.apply(DARK, size)
    bar.window.resize(width, 100)
    shown = frame(market(feed=replace(LIVE_FEED, lost=1_000)))
    for _ in range(3):
        bar.status.refresh(shown, 60)
        qtbot.wait(10)
    status = bar.status
    labels = [status.data, status.lost, status.rules, status.rate, status.memory, status.market_clock, status.clock]
    seen = [label for label in labels if label.isVisible()]
    assert status.lost in seen
    assert all(label.width() >= label.sizeHint().width() for label in seen)
    assert all(light.width() >= light.sizeHint().width() for light in status.lights)
