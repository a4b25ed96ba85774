"""The window and the core: every edit is posted once, every pane shows the newest frame, and all follow one focus."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from tests.kit.cores import SilentCore, SynchronousCore
from tests.kit.frames import ETH, RememberingMaker, d, position, sample_desk
from tests.kit.markets import FIVE_MINUTES_MS, NOW_MS, VENUE, market
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import FollowMarket, MoveMarket
from workstation.domain.playback import Pause, Playback, PracticeMarket, Recording, Seek, Step
from workstation.market.view import FeedState, MarketView
from workstation.runtime.messages import Frame, OpenMarket, ShowDesk, Watch
from workstation.storage.workspace import Workspace
from workstation.ui.panes.base import Focus, Pane
from workstation.ui.panes.positions import PositionsPane


def core_of(shown: MarketView | None = None) -> SynchronousCore:
    return SynchronousCore(RememberingMaker(), shown)


def test_every_edit_is_posted_once_and_answered_at_once(open_window: OpenWindow):
    core = core_of()
    window = open_window(sample_desk(), core=core)
    window.edit(MoveMarket(d("-0.1")))
    window.undo_stack.undo()
    desks = [command.desk for command in core.posted if isinstance(command, ShowDesk)]
    assert len(desks) == 3
    assert window.frame is not None
    assert window.frame.desk is window.document.state is desks[-1]


def test_saving_asks_the_core_nothing(open_window: OpenWindow, tmp_path: Path):
    core = core_of()
    window = open_window(sample_desk(), core=core)
    posted = len(core.posted)
    window.document.saved(tmp_path / "book.json")
    assert len(core.posted) == posted


def test_a_core_that_does_not_answer_leaves_the_window_alive_and_said_to_be_behind(
    open_window: OpenWindow, qtbot: QtBot
):
    window = open_window(sample_desk(), core=SilentCore())
    window.edit(MoveMarket(d("-0.1")))
    qtbot.waitUntil(lambda: window.clock._is_recomputing)
    assert window.frame is None
    assert window.status.data.text() == "Waiting for the first numbers"


class Greying(Pane):
    key = "greying"
    title = "Greying"

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.frames = list[Frame]()
        self.greyed = list[bool]()
        self.focuses = list[Focus]()

    def show_frame(self, frame: Frame) -> None:
        self.frames.append(frame)

    def show_focus(self, focus: Focus) -> None:
        self.focuses.append(focus)

    def show_greyed(self, greyed: bool) -> None:
        self.greyed.append(greyed)


class Slow(SynchronousCore):
    """Answers only when a test says so."""

    slow = False

    def newest(self) -> Frame | None:
        return None if self.slow else super().newest()


def test_panes_grey_their_numbers_until_the_frame_answers_the_edit(open_window: OpenWindow, qtbot: QtBot):
    core = Slow(RememberingMaker())
    window = open_window(sample_desk(), core=core)
    (pane,) = window.add_panes((Greying,))
    assert isinstance(pane, Greying)
    core.slow = True
    window.edit(MoveMarket(d("-0.1")))
    qtbot.waitUntil(lambda: pane.greyed == [True])
    core.slow = False
    qtbot.waitUntil(lambda: pane.greyed == [True, False])


def test_a_pane_that_comes_late_is_shown_the_frame_and_the_focus(open_window: OpenWindow, qtbot: QtBot):
    window = open_window(sample_desk(), market=market())
    (pane,) = window.add_panes((Greying,))
    assert isinstance(pane, Greying)
    assert pane.focuses == [window.markets.focus]
    qtbot.waitUntil(lambda: pane.frames[-1:] == [window.frame])


def test_a_pane_that_is_not_seen_costs_nothing_and_is_up_to_date_when_it_is(open_window: OpenWindow, qtbot: QtBot):
    core = core_of(shown=market())
    window = open_window(sample_desk(), core=core)
    (pane,) = window.add_panes((Greying,))
    assert isinstance(pane, Greying)
    window.docks.raise_("positions")
    qtbot.waitUntil(lambda: not pane.isVisible())
    shown = len(pane.frames)
    for _ in range(3):
        core.show_market(market())
        window.clock.look()
    assert len(pane.frames) == shown
    window.docks.raise_("greying")
    qtbot.waitUntil(lambda: pane.frames[-1:] == [window.frame])
    assert len(pane.frames) == shown + 1


def test_the_window_can_be_shown_without_what_draws_charts():
    code = "import sys, workstation.ui.main_window; print([m for m in sys.modules if m in HEAVY])"
    heavy = "{'pyqtgraph', 'duckdb', 'pandas', 'scipy', 'ccxt', 'numba', 'aiohttp'}"
    done = subprocess.run(
        [sys.executable, "-c", code.replace("HEAVY", heavy)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_first_focus_is_what_is_held_and_the_core_is_asked_to_watch_it(open_window: OpenWindow):
    core = core_of(shown=market())
    window = open_window(replace(sample_desk(), accounts=held_only(ETH)), core=core)
    assert window.markets.focus == Focus(VENUE, ETH, FIVE_MINUTES_MS)
    assert Watch(frozenset({(VENUE, ETH, FIVE_MINUTES_MS)})) in core.posted


def held_only(symbol: str) -> tuple[Any, ...]:
    account = sample_desk().accounts[0]
    return (replace(account, positions=(position(symbol),)),)


def test_the_focus_of_the_last_session_comes_back_where_the_market_has_it(open_window: OpenWindow):
    known = Workspace(focus=(VENUE, "SOL/USDT:USDT", 60_000))
    assert open_window(sample_desk(), market=market(), workspace=known).markets.focus == Focus(
        VENUE, "SOL/USDT:USDT", 60_000
    )
    gone = Workspace(focus=("deribit", "X/USD:X", 60_000))
    window = open_window(sample_desk(), market=market(), workspace=gone)
    assert window.markets.focus == Focus(VENUE, "BTC/USDT:USDT", 60_000)


def test_a_row_of_the_watchlist_moves_the_whole_window(open_window: OpenWindow):
    core = core_of(shown=market())
    window = open_window(sample_desk(), core=core)
    (pane,) = window.add_panes((Greying,))
    assert isinstance(pane, Greying)
    window.markets.look_at(Focus(VENUE, "SOL/USDT:USDT", 60_000))
    assert pane.focuses[-1] == Focus(VENUE, "SOL/USDT:USDT", 60_000)
    assert core.posted[-1] == Watch(frozenset({(VENUE, "SOL/USDT:USDT", 60_000)}))


def test_the_market_menu_opens_markets_and_steers_them(open_window: OpenWindow, tmp_path: Path):
    core = core_of(shown=market(playback=Playback(NOW_MS, 60, False)))
    window = open_window(sample_desk(), core=core)
    actions = {action.text().replace("&", ""): action for action in window.menus.actions()}
    del core.posted[:]
    actions["Practice market"].trigger()
    actions["Pause or resume"].trigger()
    actions["One step on"].trigger()
    actions["One step back"].trigger()
    window.markets.open_recording(tmp_path)
    step = FIVE_MINUTES_MS
    assert core.posted == [
        OpenMarket(PracticeMarket()),
        Pause(),
        Pause(),
        Step(step),
        Pause(),
        Step(-step),
        OpenMarket(Recording(str(tmp_path))),
    ]
    assert not any(isinstance(command, Seek) for command in core.posted)


def test_nothing_can_be_steered_without_a_clock(open_window: OpenWindow):
    window = open_window(sample_desk())
    assert not any(action.isEnabled() for action in window.menus.steering)
    assert not window.playback.isVisible()


def test_numbers_at_prices_of_a_feed_that_is_down_are_greyed(open_window: OpenWindow) -> None:
    core = core_of(market())
    window = open_window(sample_desk(), core=core)
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    window.edit(FollowMarket())
    assert not pane.table.cells.faded
    core.show_market(market(feed=FeedState(up=False, because="killed")))
    window.clock.look()
    assert pane.table.cells.faded
    # prices that the desk states itself do not depend on the feed
    window.undo_stack.undo()
    assert not pane.table.cells.faded
