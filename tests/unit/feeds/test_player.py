"""The player: the market's clock, its speed and steering, and a ring that may be full. Time is the test's own."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from workstation.domain.events import Health
from workstation.domain.playback import (
    FeedFault,
    Pause,
    Playback,
    Resume,
    Seek,
    SetSpeed,
    Source,
    Steering,
    Step,
)
from workstation.feeds.player import FASTEST_RECORDING, play
from workstation.market.records import NO_INSTRUMENT, Kind, Name, Records, blank

BEGIN, END = 1_000_000, 2_000_000
NAMES: tuple[Name, ...] = (("okx", "BTC/USDT:USDT"), ("bybit", "ETH/USDT:USDT"))


class Ticks:
    """A tape with one mark each 100 ms, of the two instruments in turn; its price is its moment."""

    def __init__(self, end: int | None = END, start: int = BEGIN + 1_000) -> None:
        self.source = Source("recorded", "ticks", BEGIN, end)
        self.names: Sequence[Name] = NAMES
        self.start_ms = start
        self.asked: list[tuple[str, int]] = []
        self._stands = 0

    def rewind(self, to_ms: int) -> Iterator[Records]:
        self.asked.append(("rewind", to_ms))
        self._stands = to_ms
        yield self._marks(BEGIN - 1, to_ms)

    def until(self, to_ms: int) -> Iterator[Records]:
        self.asked.append(("until", to_ms))
        records = self._marks(self._stands, to_ms)
        self._stands = max(self._stands, to_ms)
        if len(records):
            yield records

    def _marks(self, after: int, to_ms: int) -> Records:
        last = to_ms if self.source.to_ms is None else min(to_ms, self.source.to_ms)
        at_ms = np.arange(after // 100 * 100 + 100, last + 1, 100)
        records = blank(len(at_ms))
        records["kind"], records["at_ms"], records["values"][:, 0] = Kind.MARK, at_ms, at_ms
        records["instrument"] = at_ms // 100 % 2
        records.flags.writeable = False
        return records


class FakeClock:
    """Time that passes only in sleep, and in work where a test says so."""

    def __init__(self) -> None:
        self.time = 50.0
        self.on_now: Callable[[], None] | None = None

    def now(self) -> float:
        if self.on_now:
            self.on_now()
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0  # others must get the core
        self.time += seconds


class FakeLink:
    """Keeps what is written and said. `script` is what happens at a moment after the start, in seconds."""

    def __init__(self, clock: FakeClock, lasts: float, script: dict[float, Callable[[], None] | Steering]) -> None:
        self._clock, self._ends = clock, clock.time + lasts
        self._script = sorted(((clock.time + after, what) for after, what in script.items()), key=lambda step: step[0])
        self._orders: list[Steering] = []
        self.capacity: int | None = None
        self.written: list[Records] = []
        self.said: list[tuple[float, Source | Playback | Health | FeedFault]] = []
        self.beats: list[float] = []
        self.numbers: dict[Name, int] = {("gate", "XRP/USDT:USDT"): 0}  # the ring knew another before

    @property
    def stopping(self) -> bool:
        while self._script and self._clock.time >= self._script[0][0]:
            what = self._script.pop(0)[1]
            if callable(what):
                what()
            else:
                self._orders.append(what)
        return self._clock.time >= self._ends

    def number(self, venue: str, symbol: str) -> int:
        return self.numbers.setdefault((venue, symbol), len(self.numbers))

    def room(self) -> int:
        return 1_000_000 if self.capacity is None else self.capacity

    def write(self, records: Records) -> None:
        assert 0 < len(records) <= self.room()
        if self.capacity is not None:
            self.capacity -= len(records)
        self.written.append(records)

    def beat(self) -> None:
        self.beats.append(self._clock.time)

    def say(self, message: Source | Playback | Health | FeedFault) -> None:
        self.said.append((self._clock.time, message))

    def heard(self) -> list[Steering]:
        orders, self._orders = self._orders, []
        return orders

    # --- what a test looks at -----------------------------------------------------------------------------------------

    @property
    def records(self) -> Records:
        return np.concatenate(self.written)

    @property
    def playbacks(self) -> list[Playback]:
        return [message for _, message in self.said if isinstance(message, Playback)]

    def marks(self) -> list[int]:
        """Moments of the marks since the last reset."""
        records = self.records
        resets = np.flatnonzero(records["kind"] == Kind.RESET)
        since = records[int(resets[-1]) :]
        return [int(at) for at in since["at_ms"][since["kind"] == Kind.MARK]]


def played(
    lasts: float,
    script: dict[float, Callable[[], None] | Steering] | None = None,
    speed: float = 10,
    tape: Ticks | None = None,
    clock: FakeClock | None = None,
    prepare: Callable[[FakeLink], None] | None = None,
) -> FakeLink:
    clock = clock or FakeClock()
    link = FakeLink(clock, lasts, script or {})
    if prepare:
        prepare(link)
    play(link, tape or Ticks(), speed, clock)
    return link


def every(first: int, last: int) -> list[int]:
    return list(range(first, last + 1, 100))


# --- playing ----------------------------------------------------------------------------------------------------------


def test_it_says_the_source_then_resets_then_tells_what_was_known_at_the_start():
    link = played(0.005)
    assert isinstance(link.said[0][1], Source)
    assert link.records["kind"][0] == Kind.RESET
    assert link.records["at_ms"][0] == BEGIN + 1_000
    assert link.records["instrument"][0] == NO_INSTRUMENT
    assert link.marks() == every(BEGIN, BEGIN + 1_000)
    assert link.records["kind"][-1] == Kind.CLOCK
    assert link.playbacks[0] == Playback(BEGIN + 1_000, 10, paused=False)


class SlowTicks(Ticks):
    """What was known must be computed first, in pieces that are empty."""

    def __init__(self, knows: bool) -> None:
        super().__init__()
        self.left = 3
        self._knows = knows

    def rewind(self, to_ms: int) -> Iterator[Records]:
        while self.left:
            self.left -= 1
            yield blank(0)
        if self._knows:
            yield from super().rewind(to_ms)


@pytest.mark.parametrize("knows", [True, False])
def test_the_window_forgets_no_sooner_than_there_is_something_in_its_place(knows: bool):
    tape = SlowTicks(knows)
    left_at_reset: list[int] = []

    def prepare(link: FakeLink) -> None:
        write = link.write

        def watched(records: Records) -> None:
            if records["kind"][0] == Kind.RESET:
                left_at_reset.append(tape.left)
            write(records)

        link.write = watched

    link = played(0.005, tape=tape, prepare=prepare)
    assert left_at_reset == [0]
    assert link.records["kind"][0] == Kind.RESET
    assert link.marks() == (every(BEGIN, BEGIN + 1_000) if knows else [])


def test_the_markets_clock_goes_so_many_times_as_fast():
    link = played(2.0, speed=10)
    assert link.playbacks[-1].at_ms == pytest.approx(BEGIN + 1_000 + 20_000, abs=3_000)
    assert link.records["at_ms"][-1] == pytest.approx(BEGIN + 21_000, abs=200)
    assert link.marks() == every(BEGIN, link.marks()[-1])
    assert link.marks()[-1] == pytest.approx(BEGIN + 21_000, abs=300)


def test_the_clock_is_told_after_what_happened_up_to_it_and_never_goes_back():
    records = played(1.0).records
    at_ms, kinds = records["at_ms"], records["kind"]
    clocks = at_ms[kinds == Kind.CLOCK]
    assert len(clocks) > 90
    assert np.all(np.diff(clocks) > 0)
    newest = np.maximum.accumulate(np.where(kinds == Kind.CLOCK, at_ms, 0))
    marks = kinds == Kind.MARK
    assert np.all(at_ms[marks][newest[marks] > 0] > newest[marks][newest[marks] > 0])


def test_records_carry_the_links_numbers_and_the_tapes_own_stay_as_they_are():
    tape = Ticks()
    link = played(0.5, tape=tape)
    marks = link.records[link.records["kind"] == Kind.MARK]
    assert link.numbers[NAMES[0]] == 1
    assert link.numbers[NAMES[1]] == 2
    assert np.array_equal(marks["instrument"], marks["at_ms"] // 100 % 2 + 1)
    assert link.records["instrument"][link.records["kind"] == Kind.CLOCK].tolist()[0] == NO_INSTRUMENT


def test_names_that_a_tape_gets_later_are_numbered_too():
    tape = Ticks()
    tape.names = list(NAMES[:1])
    later = ("gate", "SOL/USDT:USDT")

    def grow() -> None:
        tape.names = [*tape.names, later]

    link = played(0.4, {0.2: grow}, tape=tape)
    marks = link.records[link.records["kind"] == Kind.MARK]
    assert link.numbers[later] == 2
    assert NO_INSTRUMENT in marks["instrument"][:10]  # it had no name yet
    assert set(marks["instrument"][-2:].tolist()) == {1, 2}


def test_playback_is_said_four_times_a_second():
    link = played(4.0)
    assert 14 <= len(link.playbacks) <= 18


def test_it_beats_all_the_time():
    link = played(2.0, {0.5: Pause()})
    assert max(np.diff(link.beats)) < 0.05


# --- steering ---------------------------------------------------------------------------------------------------------


def test_a_paused_clock_stands_and_goes_on_when_resumed():
    link = played(3.0, {1.0: Pause(), 2.0: Resume()})
    stood = [said for at, said in link.said if isinstance(said, Playback) and 51.1 < at < 51.95]
    assert not stood  # nothing new to say
    paused = next(said for said in link.playbacks if said.paused)
    assert paused.at_ms == pytest.approx(BEGIN + 11_000, abs=300)
    assert link.playbacks[-1].at_ms == pytest.approx(BEGIN + 21_000, abs=3_000)
    assert link.marks() == every(BEGIN, link.marks()[-1])


def test_a_step_moves_the_paused_clock_and_it_stays_paused():
    link = played(1.0, {0.0: Pause(), 0.5: Step(60_000)})
    assert link.playbacks[-1] == Playback(BEGIN + 61_000, 10, paused=True)
    assert link.marks() == every(BEGIN, BEGIN + 61_000)
    assert link.records["at_ms"][-1] == BEGIN + 61_000
    assert (link.records["kind"] == Kind.RESET).sum() == 1


def test_a_step_back_is_a_seek():
    link = played(1.0, {0.0: Pause(), 0.5: Step(-600)})
    assert link.playbacks[-1] == Playback(BEGIN + 400, 10, paused=True)
    assert link.marks() == every(BEGIN, BEGIN + 400)


def test_steps_add_up():
    script: dict[float, Callable[[], None] | Steering] = {
        0.0: Pause(),
        0.1: Step(500),
        0.101: Step(500),
        0.102: Step(-300),
    }
    link = played(1.0, script)
    assert link.playbacks[-1].at_ms == BEGIN + 1_700


def test_a_seek_forgets_and_tells_what_was_known_then():
    tape = Ticks()
    link = played(1.0, {0.5: Seek(BEGIN + 500_000)}, tape=tape)
    assert [at for what, at in tape.asked if what == "rewind"] == [BEGIN + 1_000, BEGIN + 500_000]
    reset = link.records[link.records["kind"] == Kind.RESET][-1]
    assert reset["at_ms"] == BEGIN + 500_000
    assert link.marks() == every(BEGIN, link.marks()[-1])
    assert link.playbacks[-1].at_ms == pytest.approx(BEGIN + 505_000, abs=3_000)


def test_of_many_seeks_at_once_the_last_one_counts():
    tape = Ticks()
    clock = FakeClock()
    link = FakeLink(clock, 0.5, {})
    link._orders = [Seek(BEGIN + at) for at in range(10_000, 20_000, 1_000)]
    play(link, tape, 1, clock)
    assert [at for what, at in tape.asked if what == "rewind"] == [BEGIN + 19_000]


@pytest.mark.parametrize(("asked", "got"), [(0, BEGIN), (-(10**15), BEGIN), (10**15, END)])
def test_a_seek_stays_within_the_recording(asked: int, got: int):
    link = played(0.5, {0.0: Pause(), 0.1: Seek(asked)})
    assert link.playbacks[-1].at_ms == got


def test_the_speed_changes_where_the_clock_stands():
    link = played(2.0, {1.0: SetSpeed(100)}, speed=10)
    assert link.records["at_ms"][-1] == pytest.approx(BEGIN + 1_000 + 10_000 + 100_000, abs=2_000)
    assert link.playbacks[-1].speed == 100


@pytest.mark.parametrize(
    ("end", "asked", "got"),
    [
        (END, 0.01, 1),
        (END, -5, 1),
        (END, float("nan"), 1),
        (END, 1e9, FASTEST_RECORDING),
        (END, 50_000, 50_000),
        (None, 50_000, 3_600),
        (None, float("inf"), 1),
    ],
)
def test_speeds_are_held_within_bounds(end: int | None, asked: float, got: float):
    for link in (
        played(0.05, speed=asked, tape=Ticks(end)),
        played(0.1, {0.01: SetSpeed(asked)}, tape=Ticks(end)),
    ):
        assert link.playbacks[-1].speed == got


# --- the end ----------------------------------------------------------------------------------------------------------


def test_at_the_end_it_pauses_with_everything_told_and_going_back_works():
    link = played(1.0, speed=FASTEST_RECORDING)
    assert link.playbacks[-1] == Playback(END, FASTEST_RECORDING, paused=True, ended=True)
    assert link.marks() == every(BEGIN, END)
    assert link.records["at_ms"][-1] == END

    again = played(3.0, {1.0: Resume(), 1.5: Seek(BEGIN + 5_000), 1.6: SetSpeed(10), 2.0: Resume()}, FASTEST_RECORDING)
    assert again.playbacks[-1].at_ms == pytest.approx(BEGIN + 15_000, abs=3_000)
    assert not again.playbacks[-1].ended
    assert not again.playbacks[-1].paused
    assert again.marks() == every(BEGIN, again.marks()[-1])


def test_a_market_without_an_end_goes_on():
    link = played(2.0, speed=3_600, tape=Ticks(None))
    assert not link.playbacks[-1].ended
    assert link.playbacks[-1].at_ms > END


# --- too much ---------------------------------------------------------------------------------------------------------


def test_a_full_ring_holds_the_clock_back_and_nothing_is_lost():
    def small(link: FakeLink) -> None:
        link.capacity = 30

    link = played(3.0, speed=1_000, prepare=small)
    assert link.marks() == every(BEGIN, BEGIN + 29 * 100)[: len(link.marks())]
    assert len(link.records) == 30
    assert link.playbacks[-1].at_ms < BEGIN + 62_000
    assert max(np.diff(link.beats)) < 0.05

    def emptied() -> None:
        link.capacity = None

    clock = FakeClock()
    link = FakeLink(clock, 3.0, {2.0: emptied})
    link.capacity = 30
    play(link, Ticks(), 100, clock)
    assert link.marks() == every(BEGIN, link.marks()[-1])
    # Waiting is not caught up by a leap.
    assert link.records["at_ms"][-1] == pytest.approx(BEGIN + 1_000 + 100_000, abs=5_000)


def test_a_ring_with_little_room_gets_little_pieces():
    clock = FakeClock()

    class Slow(FakeLink):
        def heard(self) -> list[Steering]:
            self.capacity = 7
            return super().heard()

    link = Slow(clock, 2.0, {})
    play(link, Ticks(), 100, clock)
    assert link.marks() == every(BEGIN, link.marks()[-1])
    assert max(len(records) for records in link.written) <= 7


def test_steering_is_heard_while_the_ring_is_full():
    clock = FakeClock()
    link = FakeLink(clock, 1.0, {0.5: Seek(BEGIN + 700_000), 0.6: Pause()})
    link.capacity = 5
    play(link, Ticks(), 100, clock)
    assert link.playbacks[-1].at_ms == BEGIN + 700_000
    assert link.playbacks[-1].paused


def test_a_seek_drops_what_was_not_written_yet():
    clock = FakeClock()

    def emptied() -> None:
        link.capacity = None

    link = FakeLink(clock, 1.0, {0.5: Seek(BEGIN + 300), 0.501: Pause(), 0.6: emptied})
    link.capacity = 5
    play(link, Ticks(), 100, clock)
    assert link.marks() == every(BEGIN, BEGIN + 300)
    assert (link.records["kind"] == Kind.RESET).sum() == 2


def test_a_tape_that_cannot_keep_up_is_played_in_slices_and_steering_is_heard():
    clock = FakeClock()

    class Heavy(Ticks):
        """Needs 5 ms for each minute of the market: 12 000 times as fast at best."""

        def until(self, to_ms: int) -> Iterator[Records]:
            while self._stands < to_ms:
                clock.time += 0.005
                yield from super().until(min(self._stands + 60_000, to_ms))

    tape = Heavy(end=BEGIN + 100_000_000)
    link = played(2.0, {1.0: Pause()}, FASTEST_RECORDING, tape, clock)
    assert max(np.diff(link.beats)) < 0.04
    at_pause = next(said.at_ms for said in link.playbacks if said.paused)
    assert BEGIN + 3_000_000 < at_pause < BEGIN + 13_000_000
    assert link.playbacks[-1].at_ms - at_pause <= 600_000  # one stride at most was under way
    assert link.marks() == every(BEGIN, link.marks()[-1])


def test_a_computer_that_slept_does_not_make_the_market_leap():
    clock = FakeClock()

    def sleep_an_hour() -> None:
        clock.time += 3_600

    link = FakeLink(clock, 3_602.0, {1.0: sleep_an_hour})
    play(link, Ticks(), 10, clock)
    assert link.records["at_ms"][-1] < BEGIN + 1_000 + 10 * 2_500


def test_a_long_step_can_be_stopped():
    clock = FakeClock()

    class Heavy(Ticks):
        def until(self, to_ms: int) -> Iterator[Records]:
            clock.time += 0.01
            return super().until(to_ms)

    tape = Heavy(end=BEGIN + 10**9)
    link = played(3.0, {0.0: Pause(), 0.1: Step(10**9), 1.0: Pause()}, 1, tape, clock)
    assert BEGIN + 10_000_000 < link.playbacks[-1].at_ms < BEGIN + 60_000_000
