"""Starts, watches and restarts the feed process. What it heard is asked for; nothing here ever waits for it."""

import multiprocessing
import sys
import time
from collections.abc import Callable

from workstation.domain.events import Health
from workstation.domain.playback import FeedDown, FeedFault, FeedSaid, FeedUp, Playback, Steering, WhichMarket
from workstation.market.records import Batch
from workstation.runtime.feed_link import (
    FeedLink,
    Heard,
    Said,
    Stop,
    Target,
    Wire,
    decoded_from_feed,
    encoded,
    run_feed,
)
from workstation.runtime.outbox import Outbox
from workstation.runtime.ring import ARRIVED, Ring

__all__ = ["FeedLink", "FeedProcess", "Target"]

MOST_RECORDS = 1 << 15  # of one poll, so that the frames go on under a flood
MOST_PIECES = 200  # of messages, likewise
SILENCE_S = 5.0
STARTING_S = 30.0  # before the first beat: imports on a busy machine, and opening a large recording
STEADY_S = 10.0  # who ran so long is restarted at once
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
ORDERLY_S, TERMINATED_S, KILLED_S = 2.0, 0.5, 1.0
# Time in which this process did not look counts as so much: a machine that slept does not make the feed look dead.
MOST_BETWEEN_POLLS_S = 0.25
_SPAWN = multiprocessing.get_context("spawn")


class FeedProcess:
    """The feed process as its window sees it. For one thread, which polls it many times a second.

    `target` is a function of a module, `(link, market) -> None`. Each process gets a ring of its own, so that nothing a
    dead or hung one left there is mixed with what the next one writes.
    """

    def __init__(
        self,
        target: Target,
        make_ring: Callable[[], Ring] = Ring.create,
        silence_s: float = SILENCE_S,
        backoff_s: tuple[float, ...] = BACKOFF_S,
        starting_s: float = STARTING_S,
    ) -> None:
        """Nothing runs before `start`."""
        self._target = target
        self._make_ring = make_ring
        self._silence_s = silence_s
        self._backoff_s = backoff_s
        self._starting_s = starting_s
        self._market: WhichMarket | None = None
        self._child: _Child | None = None
        self._leaving: list[_Child] = []
        self._said: list[FeedSaid | Health] = []
        self._outbox = Outbox()
        self._polled_at = time.monotonic()
        self._launch_at = 0.0
        self._failures = 0
        self._lost_before = 0
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The process's number, None where there is none."""
        return None if self._child is None else self._child.process.pid

    @property
    def lost(self) -> int:
        """How many records of this market were overrun, in all its processes."""
        return self._lost_before + (0 if self._child is None else self._child.ring.lost)

    def start(self, market: WhichMarket) -> None:
        """Open a market. A process that shows another one is asked to end and seen off by the next polls."""
        self._part()
        self._market = market
        self._outbox = Outbox()
        self._failures = self.restarts = self._lost_before = 0
        self._said = [FeedDown("the feed process is being started", 0)]
        self._polled_at = time.monotonic()
        self._launch(market)

    def send(self, steering: Steering) -> None:
        """Steer the market; kept until the process has heard it, also over a restart."""
        self._outbox.add(steering)
        self._send_waiting()

    def poll(self) -> tuple[list[Batch], list[FeedSaid | Health]]:
        """What was heard since the last call; looks after the process meanwhile.

        Messages are not later than the records written after them; so take the messages first.
        """
        now = time.monotonic()
        passed_s, self._polled_at = min(now - self._polled_at, MOST_BETWEEN_POLLS_S), now
        self._leaving = [child for child in self._leaving if not child.is_seen_off(now)]
        batches: list[Batch] = []
        child = self._child
        if child is not None:
            # Asked before the last look at ring and pipe: what a dead process left in them is still heard.
            is_alive = child.process.is_alive()
            batches = child.records(everything=not is_alive)
            if child.is_just_up():
                self._said.append(FeedUp(child.process.pid or 0, self.restarts))
            self._hear(child, everything=not is_alive)
            if not is_alive:
                self._restart(child, child.how_it_ended(), now)
            elif child.is_silent(passed_s, self._silence_s, self._starting_s):
                child.process.kill()
                self._restart(child, "the feed process did not answer and was ended", now)
            else:
                self._send_waiting()
        elif self._market is not None and now >= self._launch_at:
            self.restarts += 1
            self._launch(self._market)
        said, self._said = self._said, []
        return batches, said

    def close(self) -> None:
        """End the process: asked first, forced after two seconds. May be called again, and `start` after it."""
        self._market = None
        self._said = []
        self._part()
        end = time.monotonic() + ORDERLY_S + TERMINATED_S + KILLED_S
        while self._leaving and (now := time.monotonic()) < end:
            self._leaving = [child for child in self._leaving if not child.is_seen_off(now)]
            time.sleep(0.005)

    def _launch(self, market: WhichMarket) -> None:
        try:
            self._child = _Child(self._target, market, self._make_ring)
        except OSError as error:  # no memory, no more processes
            self._back_off(f"the feed process cannot be started: {error}", time.monotonic())
            return
        self._outbox.begin_anew()
        self._send_waiting()

    def _restart(self, child: "_Child", because: str, now: float) -> None:
        if now - child.started_at > STEADY_S:
            self._failures = 0
        self._part(is_asked=False)
        self._back_off(because, now)

    def _back_off(self, because: str, now: float) -> None:
        self._said.append(FeedDown(because, self.restarts))
        self._launch_at = now + self._backoff_s[min(self._failures, len(self._backoff_s) - 1)]
        self._failures += 1

    def _part(self, is_asked: bool = True) -> None:
        if self._child is not None:
            self._lost_before += self._child.ring.lost
            if is_asked:
                self._child.wire.send(encoded(Stop()))
            self._child.begin_leaving()
            self._leaving.append(self._child)
            self._child = None

    def _hear(self, child: "_Child", everything: bool) -> None:
        for message in child.messages(everything):
            if isinstance(message, Heard):
                self._outbox.heard(message.count)
                continue
            if isinstance(message, Playback):
                self._outbox.stood(message)
            self._said.append(message)

    def _send_waiting(self) -> None:
        if self._child is not None:
            while (steering := self._outbox.take()) is not None:
                self._child.wire.send(encoded(steering))


class _Child:
    """One process with its ring and its pipe."""

    def __init__(self, target: Target, market: WhichMarket, make_ring: Callable[[], Ring]) -> None:
        ours, theirs = _SPAWN.Pipe()
        self.wire = Wire(ours)
        try:
            self.ring = make_ring()
        except BaseException:
            ours.close()
            theirs.close()
            raise
        arguments = (target, encoded(market), self.ring.name, theirs)
        self.process = _SPAWN.Process(target=run_feed, args=arguments, name="feed", daemon=True)
        try:
            self.process.start()
        except BaseException:
            self._let_go()
            raise
        finally:
            theirs.close()
        self.started_at = time.monotonic()
        self._fault: FeedFault | None = None
        self._last_beat = 0
        self._silent_s = 0.0
        self._is_up = False
        self._force: list[tuple[float, Callable[[], None]]] = []

    def records(self, everything: bool) -> list[Batch]:
        """What is in the ring."""
        batches: list[Batch] = []
        while len((batch := self.ring.read(MOST_RECORDS)).records):
            batches.append(batch)
            if not everything:
                break
        return batches

    def messages(self, everything: bool) -> list[Said]:
        """What is in the pipe."""
        received = self.wire.receive(sys.maxsize if everything else MOST_PIECES)
        messages = [decoded_from_feed(data) for data in received]
        for message in messages:
            if isinstance(message, FeedFault):
                self._fault = message
        return messages

    def is_just_up(self) -> bool:
        """Whether it has come up since this was asked last."""
        was_up, self._is_up = self._is_up, self.ring.heartbeat_ns != 0
        return self._is_up and not was_up

    def is_silent(self, passed_s: float, at_work_s: float, starting_s: float) -> bool:
        """Whether it has not beaten for too long, in the time that this process was looking."""
        beat = self.ring.heartbeat_ns
        self._silent_s = self._silent_s + passed_s if beat == self._last_beat else 0.0
        self._last_beat = beat
        return self._silent_s > (at_work_s if beat > ARRIVED else starting_s)

    def how_it_ended(self) -> str:
        """Why it is not there any more, for the trader."""
        code = self.process.exitcode
        if self._fault is not None:
            return self._fault.text
        if code is not None and code < 0:
            return f"the feed process was killed (signal {-code})"
        return "the feed process ended" + (f" with code {code}" if code else "")

    def begin_leaving(self) -> None:
        """From now on it is waited for, and forced when it takes too long."""
        now = time.monotonic()
        self._force = [(now + ORDERLY_S + TERMINATED_S, self.process.kill), (now + ORDERLY_S, self.process.terminate)]

    def is_seen_off(self, now: float) -> bool:
        """Whether it is gone and everything of it given back."""
        if not self.process.is_alive():
            self.process.close()
            self._let_go()
            return True
        self.wire.receive(MOST_PIECES)  # it may wait for room in the pipe before it can end
        if self._force and now >= self._force[-1][0]:
            self._force.pop()[1]()
        return False

    def _let_go(self) -> None:
        self.wire.close()
        self.ring.close()
