"""Plays a tape into the ring of the feed process: the market's clock, its speed, and the trader's steering."""

import math
import time
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from workstation.domain.events import Health
from workstation.domain.playback import (
    FASTEST,
    SLOWEST,
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
from workstation.feeds.tape import Tape
from workstation.market.records import NO_INSTRUMENT, Kind, Records, blank

FASTEST_RECORDING = 100_000  # a recording is only read; the practice market must be computed
_TURN_S = 0.010
_SLICE_S = 0.020  # of work, then steering is heard again
# A computer that slept, or a process that was starved, goes on where it was and does not leap.
_LONGEST_TURN_S = 0.25
_SAY_EVERY_S = 0.25
_SHORTEST_REST_S = 0.001  # even where the tape cannot keep up, others must get the core
# Asked of the tape at a time: what is under way when the trader pauses is still played.
_STRIDE_MS = 600_000
_AT_ONCE = 30_000  # records; the window reads a few more than that in one look


class Link(Protocol):
    """The way from the feed process to the window: a ring of records and a pipe of messages."""

    @property
    def stopping(self) -> bool:
        """Whether the process shall end."""
        ...

    def number(self, venue: str, symbol: str) -> int:
        """The ring's number of an instrument; the same each time."""
        ...

    def room(self) -> int:
        """How many records the ring takes now."""
        ...

    def write(self, records: Records) -> None:
        """Into the ring; at most `room()` of them. The link may change what it was given."""
        ...

    def beat(self) -> None:
        """A sign of life."""
        ...

    def say(self, message: Source | Playback | Health | FeedFault) -> None:
        """A message to the window."""
        ...

    def heard(self) -> list[Steering]:
        """What the trader ordered since the last call, oldest first; at once."""
        ...


class Clock(Protocol):
    """Real time, or a test's."""

    def now(self) -> float:
        """Seconds from any moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """The computer's own."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def play(link: Link, tape: Tape, speed: float, clock: Clock | None = None) -> None:
    """Plays until the link is stopping: the source, what was known at the tape's start, then what becomes known.

    `speed` is seconds of the market in one of ours, from SLOWEST to FASTEST, or FASTEST_RECORDING where the tape ends.
    A full ring or a slow tape holds the market's clock back: nothing is left out, and steering is heard all the time.
    """
    _Player(link, tape, speed, clock or WallClock()).run()


class _Player:
    """`_at` is what the window was told up to, `_goal` where the clock ought to be; `_flow` lies between them."""

    def __init__(self, link: Link, tape: Tape, speed: float, clock: Clock) -> None:
        self._link, self._tape, self._clock = link, tape, clock
        self._begin, self._end = tape.source.from_ms, tape.source.to_ms
        self._speed = self._allowed(speed)
        self._paused = False
        self._at = self._goal = float(self._within(tape.start_ms))
        self._flow: Iterator[Records] = iter(())
        self._flow_ends = self._at  # the moment that the flow leads up to
        self._is_flowing = False
        self._rest = blank(0)
        self._clock_told: int | None = None
        self._numbers = np.full(NO_INSTRUMENT + 1, NO_INSTRUMENT, np.uint16)
        self._numbered = 0
        self._said: Playback | None = None
        self._say_next = -math.inf

    def run(self) -> None:
        self._link.say(self._tape.source)
        self._forget()
        last = self._clock.now()
        while not self._link.stopping:
            now = self._clock.now()
            self._obey(self._link.heard())
            self._turn(min(now - last, _LONGEST_TURN_S), now + _SLICE_S)
            self._tell(now)
            self._link.beat()
            last = now
            self._clock.sleep(max(_TURN_S - (self._clock.now() - now), _SHORTEST_REST_S))

    # --- steering -----------------------------------------------------------------------------------------------------

    def _obey(self, orders: list[Steering]) -> None:
        was_sought = False  # of many seeks, as from a dragged slider, the last one counts
        for order in orders:
            match order:
                case Pause():
                    self._paused, self._goal = True, self._at
                case Resume():
                    self._paused = self._has_ended
                case SetSpeed():
                    self._speed = self._allowed(order.speed)
                case Seek():
                    self._at = self._goal = float(self._within(order.to_ms))
                    was_sought = True
                case Step():
                    goal = float(self._within(max(self._goal, self._at) + order.by_ms))
                    if goal < self._at:
                        self._at = goal
                        was_sought = True
                    self._goal = goal
        if was_sought:
            self._forget()

    def _allowed(self, speed: float) -> float:
        fastest = FASTEST if self._end is None else FASTEST_RECORDING
        return float(min(max(speed, SLOWEST), fastest)) if math.isfinite(speed) else float(SLOWEST)

    def _within(self, at_ms: float) -> int:
        latest = at_ms if self._end is None else min(at_ms, self._end)
        return int(max(latest, self._begin))

    @property
    def _has_ended(self) -> bool:
        return self._end is not None and self._at >= self._end and not self._is_flowing

    # --- the market's clock -------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        """The window forgets what it knew, and is told what was known at `_at`."""
        self._rest = blank(0)
        self._flow, self._flow_ends = self._anew(int(self._at)), self._at
        self._is_flowing = True
        self._clock_told = None

    def _anew(self, at_ms: int) -> Iterator[Records]:
        """Forgetting, and what comes in its place, in one piece: no picture is made in between, nor while a practice
        market is being computed, which takes seconds.
        """
        reset = blank(1)
        reset["kind"], reset["at_ms"], reset["instrument"] = Kind.RESET, at_ms, NO_INSTRUMENT
        pieces = [reset]
        for known in self._tape.rewind(at_ms):
            pieces.append(known)
            if sum(map(len, pieces)) < _AT_ONCE:
                yield blank(0)
            else:
                yield np.concatenate(pieces)
                pieces = []
        if pieces:
            yield np.concatenate(pieces)

    def _turn(self, passed_s: float, until: float) -> None:
        if not self._paused:
            # From where the window is, not from the goal that was missed: debts would be paid by a leap.
            ahead = self._flow_ends if self._is_flowing else self._at
            self._goal = max(self._goal, min(ahead + passed_s * 1000 * self._speed, self._latest))
        while True:
            if self._is_flowing and not self._pour(until):
                return
            if self._at >= self._goal:
                break
            self._flow_ends = min(self._goal, self._at + _STRIDE_MS)
            self._flow, self._is_flowing = self._tape.until(int(self._flow_ends)), True
        if self._has_ended:
            self._paused = True
        self._tell_clock()

    @property
    def _latest(self) -> float:
        return math.inf if self._end is None else float(self._end)

    def _pour(self, until: float) -> bool:
        """Writes what flows; False where the ring is full or the time is up, and then there is more."""
        while True:
            while len(self._rest):
                room = self._link.room()
                if room <= 0:
                    return False
                self._write(self._rest[:room])
                self._rest = self._rest[room:]
            if self._clock.now() >= until:
                return False
            batch = next(self._flow, None)
            if batch is None:
                break
            self._rest = batch
        self._at, self._is_flowing = self._flow_ends, False
        return True

    def _write(self, records: Records) -> None:
        names = self._tape.names
        while self._numbered < len(names):
            self._numbers[self._numbered] = self._link.number(*names[self._numbered])
            self._numbered += 1
        copy = records.copy()  # the tape keeps its own
        copy["instrument"] = self._numbers[records["instrument"]]
        self._link.write(copy)

    # --- what is told -------------------------------------------------------------------------------------------------

    def _tell_clock(self) -> None:
        """Nothing else happened up to here; said once for each millisecond of the market."""
        at_ms = int(self._at)
        if at_ms == self._clock_told or self._link.room() <= 0:
            return
        tick = blank(1)
        tick["kind"], tick["at_ms"], tick["instrument"] = Kind.CLOCK, at_ms, NO_INSTRUMENT
        self._link.write(tick)
        self._clock_told = at_ms

    def _tell(self, now: float) -> None:
        playback = Playback(int(self._at), self._speed, self._paused, self._has_ended)
        was = self._said
        is_changed = was is None or (was.speed, was.paused, was.ended) != (
            playback.speed,
            playback.paused,
            playback.ended,
        )
        # A clock that goes on by itself is news four times a second; one that was set is news at once.
        is_set = was is not None and (self._paused or playback.at_ms < was.at_ms) and playback.at_ms != was.at_ms
        if is_changed or is_set or (now >= self._say_next and playback != was):
            self._link.say(playback)
            self._said, self._say_next = playback, now + _SAY_EVERY_S
