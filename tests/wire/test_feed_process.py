"""The feed process, in real processes: everything arrives; whatever dies or hangs is replaced and leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

from tests.kit import feeds
from tests.kit.feeds import are_whole, rings_left_by, sequence_of
from workstation.domain.events import Health
from workstation.domain.playback import (
    FeedDown,
    FeedFault,
    FeedUp,
    Pause,
    Playback,
    PracticeMarket,
    Recording,
    Resume,
    Seek,
    SetSpeed,
    Source,
    Steering,
    Step,
    WhichMarket,
)
from workstation.market.records import Batch, Kind
from workstation.runtime.feed_link import Target
from workstation.runtime.feed_process import FeedProcess
from workstation.runtime.ring import Ring

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
ON_LINUX = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")


class Listener:
    """A feed process and everything that was heard of it."""

    def __init__(self, feed: FeedProcess) -> None:
        self.feed = feed
        self.batches: list[Batch] = []
        self.said: list[object] = []
        self.longest_poll_s = 0.0

    def listen(self) -> None:
        began = time.monotonic()
        batches, said = self.feed.poll()
        self.longest_poll_s = max(self.longest_poll_s, time.monotonic() - began)
        self.batches += batches
        self.said += said

    def until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < end, f"not so in {PATIENCE_S} s; said: {self.said[-10:]}"
            self.listen()
            time.sleep(0.002)

    def until_said(self, kind: type, times: int) -> None:
        self.until(lambda: len(self.of(kind)) >= times)

    def count(self) -> int:
        return sum(len(batch.records) for batch in self.batches)

    def of(self, kind: type) -> list:
        return [said for said in self.said if isinstance(said, kind)]

    def clock(self) -> Playback | None:
        return clocks[-1] if (clocks := self.of(Playback)) else None


Open = Callable[..., Listener]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Starts feed processes with short delays; closes them and looks whether anything of them is left."""
    listeners: list[Listener] = []

    def start(
        target: Target,
        market: WhichMarket = PracticeMarket(seed=1000),  # noqa: B008 - a frozen value
        make_ring: Callable[[], Ring] = feeds.small_ring,
        silence_s: float = 1.0,
        backoff_s: tuple[float, ...] = (0.02,),
        starting_s: float = 30.0,
    ) -> Listener:
        listeners.append(Listener(FeedProcess(target, make_ring, silence_s, backoff_s, starting_s)))
        listeners[-1].feed.start(market)
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.feed.close()
    assert children() == []
    assert rings_left_by(os.getpid()) == []


def children() -> list[int]:
    """The processes of this one, dead ones that nobody asked about included, without Python's own resource tracker."""
    if sys.platform != "linux":
        return []
    tracker = resource_tracker._resource_tracker._pid  # pyright: ignore[reportAttributeAccessIssue]
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
            continue
        if int(parent) == os.getpid() and int(stat.parent.name) != tracker:
            found.append(int(stat.parent.name))
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that waits to be asked about by its parent has."""
    try:
        if sys.platform != "linux":
            os.kill(pid, 0)
            return False
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not so in {seconds} s"
        time.sleep(0.01)


# --- records ----------------------------------------------------------------------------------------------------------


def test_with_back_pressure_every_record_arrives_whole_and_in_order(opened: Open):
    total = 200_000
    heard = opened(feeds.counts, PracticeMarket(seed=total))
    heard.until(lambda: heard.count() >= total)
    assert sequence_of(heard.batches) == list(range(1, total + 1))
    assert all(are_whole(batch.records) for batch in heard.batches)
    assert heard.batches[-1].names == tuple(("practice", f"SYMBOL{i}") for i in range(7))
    assert heard.feed.lost == 0


def test_an_overrun_is_counted_exactly_and_the_newest_are_kept(opened: Open):
    total = 50_000
    heard = opened(feeds.floods, PracticeMarket(seed=total))
    feed = heard.feed
    end = time.monotonic() + PATIENCE_S
    while feed._child is not None and feed._child.ring.written < total:  # nothing is read meanwhile
        assert time.monotonic() < end
        time.sleep(0.01)
    heard.until(lambda: heard.clock() is not None)
    assert sequence_of(heard.batches) == list(range(total - 4096 + 1, total + 1))
    assert feed.lost == total - 4096
    assert feed.pid is not None
    os.kill(feed.pid, signal.SIGTERM)
    heard.until_said(FeedDown, 2)
    assert feed.lost == total - 4096


def test_a_slow_reader_gets_only_whole_records_and_knows_how_many_it_missed(opened: Open):
    total = 1_000_000
    heard = opened(feeds.floods, PracticeMarket(seed=total), make_ring=tiny_ring)
    heard.until(lambda: heard.clock() is not None)
    heard.listen()
    sequence = sequence_of(heard.batches)
    assert all(are_whole(batch.records) for batch in heard.batches)
    assert len(sequence) + heard.feed.lost == total
    assert sequence == sorted(set(sequence))
    assert heard.feed.lost > 0
    assert len(heard.batches) > 5


def tiny_ring() -> Ring:
    return Ring.create(capacity=1024, most_names=4)


# --- messages ---------------------------------------------------------------------------------------------------------


def test_messages_arrive_whole_in_order_and_no_later_than_the_records_behind_them(
    opened: Open, capfd: pytest.CaptureFixture[str]
):
    heard = opened(feeds.chatters)

    def each_record_was_announced() -> bool:
        heard.listen()
        assert len(heard.of(Health)) >= heard.count()
        return heard.count() == 50

    heard.until(each_record_was_announced)
    assert isinstance(heard.said[0], FeedDown)
    assert heard.said[1] == FeedUp(heard.feed.pid or 0, 0)
    (source,) = heard.of(Source)
    assert len(source.instruments["practice"]) == 20_000
    assert "₿19999/USDT:USDT" in source.instruments["practice"]
    assert [health.at_ms for health in heard.of(Health)] == list(range(50))
    heard.feed.close()
    assert capfd.readouterr() == ("", "")


def test_steering_is_heard_in_order_and_never_waits(opened: Open):
    heard = opened(feeds.plays, PracticeMarket(seed=0))
    wanted: list[Steering] = [Seek(500), Pause(), Step(7), Step(-2), SetSpeed(10), Resume()]
    for steering in wanted:
        heard.feed.send(steering)
    heard.until_said(Playback, 6)
    assert heard.of(Playback) == [
        Playback(500, 60, False),
        Playback(500, 60, True),
        Playback(507, 60, True),
        Playback(505, 60, True),
        Playback(505, 10, True),
        Playback(505, 10, False),
    ]
    for step in range(5000):
        heard.feed.send(Seek(step))
    heard.until_said(Playback, 5006)
    assert [clock.at_ms for clock in heard.of(Playback)[6:]] == list(range(5000))


def test_sending_to_a_process_that_does_not_listen_returns_at_once(opened: Open):
    heard = opened(feeds.is_deaf)
    heard.until_said(FeedUp, 1)
    began = time.monotonic()
    for step in range(20_000):
        heard.feed.send(Seek(step))
    assert time.monotonic() - began < 5
    heard.listen()


# --- deaths -----------------------------------------------------------------------------------------------------------


@ON_LINUX
def test_killed_again_and_again_the_feed_comes_back_each_time(opened: Open):
    heard = opened(feeds.goes_on)
    for round in range(6):
        heard.until(lambda: heard.count() > 20)
        first = heard.batches[0].records[0]
        assert (first["kind"], first["sequence"]) == (Kind.RESET, 1)
        assert heard.feed.restarts == round
        heard.batches.clear()
        pid = heard.feed.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        heard.until_said(FeedDown, round + 2)
        heard.batches.clear()
        heard.until_said(FeedUp, round + 2)
    downs, ups = heard.of(FeedDown), heard.of(FeedUp)
    assert [down.restarts for down in downs] == [0, 0, 1, 2, 3, 4, 5]
    assert all("killed (signal 9)" in down.because for down in downs[1:])
    assert [up.restarts for up in ups] == list(range(7))
    assert len({up.pid for up in ups}) == 7
    heard.until(lambda: heard.count() > 20)
    assert children() == [heard.feed.pid]
    assert rings_left_by(os.getpid()) == []
    assert heard.longest_poll_s < 1


def test_what_a_dead_process_left_in_the_ring_is_still_delivered_once(opened: Open):
    total = 80_000  # more than one poll of a living one takes
    heard = opened(feeds.fails, PracticeMarket(seed=total), make_ring=Ring.create, backoff_s=(60.0,))
    assert heard.feed._child is not None
    heard.feed._child.process.join(PATIENCE_S)
    for _ in range(2):
        heard.listen()
        assert sequence_of(heard.batches) == list(range(1, total + 1))
    assert heard.feed.lost == 0


def test_an_exception_arrives_as_a_fault_with_its_report_before_the_feed_is_down(opened: Open):
    heard = opened(feeds.fails, backoff_s=(60.0,))
    heard.until_said(FeedDown, 2)
    kinds = [type(said) for said in heard.said]
    assert kinds == [FeedDown, FeedUp, FeedFault, FeedDown]
    (fault,) = heard.of(FeedFault)
    assert fault.text == "LookupError: no such recording: São Paulo"
    assert "in fails" in fault.report
    assert "Traceback" in fault.report
    assert heard.of(FeedDown)[1].because == fault.text


def test_a_feed_that_ends_at_once_is_restarted_later_and_later(opened: Open):
    heard = opened(feeds.leaves, backoff_s=(0.05, 1.5))
    times: list[float] = []
    while len(times) < 4:
        heard.until(lambda: len(heard.of(FeedDown)) > len(times))
        times.append(time.monotonic())
    assert heard.of(FeedDown)[1].because == "the feed process ended with code 3"
    assert [down.restarts for down in heard.of(FeedDown)] == [0, 0, 1, 2]
    assert times[2] - times[1] > 0.05
    assert times[3] - times[2] > 1.5


def test_a_feed_that_hangs_is_ended_and_started_again(opened: Open, tmp_path: Path):
    heard = opened(feeds.hangs, Recording(str(tmp_path)), silence_s=0.5)
    heard.until_said(FeedUp, 1)
    hung = heard.feed.pid
    heard.until_said(FeedUp, 2)
    assert heard.feed.pid != hung
    assert "did not answer" in heard.of(FeedDown)[1].because
    assert heard.feed.restarts == 1
    assert heard.longest_poll_s < 1


def test_a_feed_that_opens_its_market_slowly_is_let_be(opened: Open):
    heard = opened(feeds.opens_slowly, silence_s=0.5)
    heard.until(lambda: heard.count() > 10)
    assert heard.feed.restarts == 0


def test_a_feed_that_never_begins_is_ended_and_started_again(opened: Open):
    heard = opened(feeds.opens_slowly, starting_s=0.6)
    heard.until_said(FeedDown, 2)
    assert "did not answer" in heard.of(FeedDown)[1].because
    assert heard.count() == 0


@ON_LINUX
def test_a_stopped_process_is_ended_without_waiting_for_it(opened: Open):
    heard = opened(feeds.goes_on, silence_s=0.3)
    heard.until(lambda: heard.count() > 10)
    assert heard.feed.pid is not None
    os.kill(heard.feed.pid, signal.SIGSTOP)
    heard.until_said(FeedUp, 2)
    assert heard.longest_poll_s < 1


@ON_LINUX
def test_time_in_which_nobody_polled_is_no_silence_of_the_feed(opened: Open):
    heard = opened(feeds.goes_on, silence_s=0.6)
    heard.until(lambda: heard.count() > 10)
    pid = heard.feed.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # as when the machine sleeps: neither process runs
    for _ in range(2):  # its last beat is heard
        time.sleep(0.01)
        heard.listen()
    time.sleep(1.0)
    heard.listen()
    os.kill(pid, signal.SIGCONT)
    heard.batches.clear()
    heard.until(lambda: heard.count() > 10)
    assert heard.feed.pid == pid
    assert heard.feed.restarts == 0


@ON_LINUX
def test_ctrl_c_does_not_end_the_feed(opened: Open):
    heard = opened(feeds.goes_on)
    heard.until(lambda: heard.count() > 10)
    pid = heard.feed.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    heard.batches.clear()
    heard.until(lambda: heard.count() > 50)
    assert heard.feed.pid == pid


@ON_LINUX
def test_after_a_restart_the_clock_goes_on_where_it_stood(opened: Open):
    heard = opened(feeds.plays, PracticeMarket(seed=5))
    for steering in (Seek(90_000), SetSpeed(600), Pause()):
        heard.feed.send(steering)
    heard.until(lambda: heard.clock() == Playback(90_000, 600, True))
    assert heard.feed.pid is not None
    os.kill(heard.feed.pid, signal.SIGKILL)
    heard.until_said(FeedDown, 2)
    heard.feed.send(Step(250))  # wanted while nobody was there
    heard.until(lambda: heard.clock() == Playback(90_250, 600, True))
    assert heard.feed.pid is not None
    os.kill(heard.feed.pid, signal.SIGKILL)
    heard.said.clear()  # everything that this one had to say was heard
    heard.until(lambda: heard.clock() == Playback(90_250, 600, True))
    assert heard.of(FeedUp)[0].restarts == 2


# --- ends -------------------------------------------------------------------------------------------------------------


def test_another_market_begins_from_nothing_and_the_old_process_goes(opened: Open):
    heard = opened(feeds.plays, PracticeMarket(seed=1))
    heard.feed.send(Seek(77))
    heard.until(lambda: heard.clock() == Playback(77, 60, False))
    old = heard.feed.pid
    heard.said.clear()
    began = time.monotonic()
    heard.feed.start(PracticeMarket(seed=2))
    assert time.monotonic() - began < 1
    heard.until_said(FeedUp, 1)
    heard.feed.send(Step(1))
    heard.until(lambda: heard.clock() is not None)
    assert heard.clock() == Playback(3, 60, False)
    assert heard.feed.pid != old
    heard.until(lambda: old not in children())


def test_close_ends_a_well_behaved_process_in_good_time(opened: Open):
    heard = opened(feeds.goes_on)
    heard.until(lambda: heard.count() > 10)
    began = time.monotonic()
    heard.feed.close()
    assert time.monotonic() - began < 2
    assert children() == []
    assert heard.feed.pid is None
    assert heard.feed.poll() == ([], [])
    heard.feed.close()


def test_close_ends_a_process_that_does_not_listen_too(opened: Open):
    heard = opened(feeds.is_deaf)
    heard.until_said(FeedUp, 1)
    began = time.monotonic()
    heard.feed.close()
    assert 1.5 < time.monotonic() - began < 4
    assert children() == []


def test_close_before_the_process_has_come_up_leaves_nothing(opened: Open):
    heard = opened(feeds.goes_on)
    heard.feed.close()
    assert children() == []
    assert rings_left_by(os.getpid()) == []


def test_without_memory_for_a_ring_the_feed_is_down_and_tried_again(opened: Open):
    tried: list[int] = []

    def at_the_second_try() -> Ring:
        tried.append(1)
        if len(tried) == 1:
            raise OSError(28, "No space left on device")
        return feeds.small_ring()

    heard = opened(feeds.goes_on, make_ring=at_the_second_try)
    heard.until(lambda: heard.count() > 10)
    assert "No space left on device" in heard.of(FeedDown)[1].because
    assert heard.feed.restarts == 1


@ON_LINUX
@pytest.mark.parametrize(("target", "left"), [("says_goodbye", ["goodbye"]), ("is_deaf", [])])
def test_when_the_window_is_killed_the_feed_ends_and_no_memory_stays(target: str, left: list[str], tmp_path: Path):
    window = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.feed_window", target, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert window.stdout is not None
        feed = json.loads(window.stdout.readline())["feed"]
        assert not is_gone(feed)
    finally:
        window.kill()
    try:
        wait_until(lambda: is_gone(feed), 6)
    finally:
        if not is_gone(feed):  # one that went on would do so for ever
            os.kill(feed, signal.SIGKILL)
    assert [entry.name for entry in tmp_path.iterdir()] == left
    assert rings_left_by(window.pid) == []
    # The last process that held it has ended, so this is everything that any of them said.
    assert window.communicate(timeout=10) == ("", "")
