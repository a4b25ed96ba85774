"""The core's thread: commands in, newest frame out, and a feed that may do what it likes."""

import threading
import time

from tests.kit.frames import sample_desk
from tests.kit.market import START, SYMBOL, VENUE, batch
from workstation.desk.state import DeskState
from workstation.domain.events import Health, Mark
from workstation.domain.playback import FeedFault, FeedSaid, Pause, PracticeMarket, Steering, WhichMarket
from workstation.market.records import Batch
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.core import Core
from workstation.runtime.messages import Frame, OpenMarket, ShowDesk
from workstation.runtime.thread import CoreThread

PATIENCE_S = 10.0


def nothing(_market: MarketView, _desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
    return RiskReport("", ()), None


class FakeFeed:
    """Gives what a test put there; remembers what it was told, and on which thread."""

    def __init__(self) -> None:
        self.lost = 0
        self.batches: list[Batch] = []
        self.said: list[FeedSaid | Health] = []
        self.started: list[WhichMarket] = []
        self.sent: list[Steering] = []
        self.closed_on = ""
        self.breaks = 0

    def start(self, market: WhichMarket) -> None:
        self.started.append(market)

    def poll(self) -> tuple[list[Batch], list[FeedSaid | Health]]:
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a bug in the feed")
        taken, self.batches = self.batches, []
        said, self.said = self.said, []
        return taken, said

    def send(self, steering: Steering) -> None:
        self.sent.append(steering)

    def close(self) -> None:
        self.closed_on = threading.current_thread().name


def awaited(core: CoreThread, holds: object) -> Frame:
    """The first frame for which something holds."""
    assert callable(holds)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        frame = core.newest()
        if frame is not None and holds(frame):
            return frame
        time.sleep(0.002)
    raise AssertionError("no such frame came")


def test_a_posted_desk_comes_back_in_a_frame_that_answers_it() -> None:
    faults: list[BaseException] = []
    core = CoreThread(Core(nothing, DeskState()), FakeFeed(), faults.append)
    core.start()
    try:
        desk = sample_desk()
        core.post(ShowDesk(desk))
        assert awaited(core, lambda frame: frame.desk is desk).market.instruments == {}
    finally:
        assert core.stop()
    assert faults == []


def test_only_the_newest_frame_is_kept() -> None:
    feed = FakeFeed()
    core = CoreThread(Core(nothing, DeskState()), feed, lambda _error: None)
    core.start()
    try:
        desks = [DeskState(as_of=f"2026-01-{day:02}") for day in range(1, 29)]
        for desk in desks:
            core.post(ShowDesk(desk))
        awaited(core, lambda frame: frame.desk is desks[-1])
        assert core.newest() is None
    finally:
        assert core.stop()


def test_records_of_the_feed_reach_the_frame_and_commands_reach_the_feed() -> None:
    feed = FakeFeed()
    core = CoreThread(Core(nothing, DeskState()), feed, lambda _error: None)
    core.start()
    try:
        core.post(OpenMarket(PracticeMarket(3)))
        core.post(Pause())
        feed.batches = [batch(Mark(VENUE, SYMBOL, START, 42.0))]
        awaited(core, lambda frame: (VENUE, SYMBOL) in frame.market.instruments)
        assert feed.started == [PracticeMarket(3)]
        assert feed.sent == [Pause()]
    finally:
        assert core.stop()
    assert feed.closed_on == "core"


def test_an_error_is_reported_and_the_core_goes_on() -> None:
    feed = FakeFeed()
    feed.breaks = 2
    faults: list[BaseException] = []
    core = CoreThread(Core(nothing, DeskState()), feed, faults.append)
    core.start()
    try:
        desk = sample_desk()
        core.post(ShowDesk(desk))
        awaited(core, lambda frame: frame.desk is desk)
        feed.batches = [batch(Mark(VENUE, SYMBOL, START, 42.0))]
        awaited(core, lambda frame: (VENUE, SYMBOL) in frame.market.instruments)
        assert [str(fault) for fault in faults] == ["a bug in the feed"] * 2
    finally:
        assert core.stop()


def test_an_edit_is_answered_while_the_feed_breaks_at_every_pulse() -> None:
    feed = FakeFeed()
    feed.breaks = 1_000_000
    core = CoreThread(Core(nothing, DeskState()), feed, lambda _error: None)
    core.start()
    try:
        desk = sample_desk()
        core.post(ShowDesk(desk))
        awaited(core, lambda frame: frame.desk is desk)
    finally:
        assert core.stop()


def test_a_command_that_breaks_does_not_end_the_core() -> None:
    class NoMarket(FakeFeed):
        def start(self, market: WhichMarket) -> None:
            raise RuntimeError(f"a bug in opening {type(market).__name__}")

    feed = NoMarket()
    faults: list[BaseException] = []
    core = CoreThread(Core(nothing, DeskState()), feed, faults.append)
    core.start()
    try:
        desk = sample_desk()
        core.post(OpenMarket(PracticeMarket(3)))
        core.post(ShowDesk(desk))
        awaited(core, lambda frame: frame.desk is desk)
        assert [str(fault) for fault in faults] == ["a bug in opening PracticeMarket"]
    finally:
        assert core.stop()
    assert feed.closed_on == "core"


def test_a_fault_of_the_feed_process_is_passed_on() -> None:
    feed = FakeFeed()
    feed.said = [FeedFault("candles row 3: the high is below the low")]
    heard: list[FeedFault] = []
    core = CoreThread(Core(nothing, DeskState()), feed, lambda _error: None, heard.append)
    core.start()
    try:
        awaited(core, lambda _frame: bool(heard))
        assert heard == [FeedFault("candles row 3: the high is below the low")]
    finally:
        assert core.stop()


def test_a_core_that_never_started_stops() -> None:
    assert CoreThread(Core(nothing, DeskState()), None, lambda _error: None).stop()


def test_a_market_that_was_opened_before_the_start_is_closed_even_if_the_start_never_came() -> None:
    feed = FakeFeed()
    core = CoreThread(Core(nothing, DeskState()), feed, lambda _error: None)
    core.open(PracticeMarket(5))
    assert feed.started == [PracticeMarket(5)]
    assert core.stop()
    assert feed.closed_on == threading.current_thread().name
