"""Runs the core on its thread; post() in, newest frame out. The only place where the window's two threads meet."""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol

from workstation.domain.events import Health
from workstation.domain.playback import FeedFault, FeedSaid, Steering, WhichMarket
from workstation.market.records import Batch
from workstation.runtime.core import Core
from workstation.runtime.messages import Command, Frame, OpenMarket, ShowDesk, Watch

PULSE_S = 0.008  # the ring is looked into so often: twice in a 60 Hz frame
_FRAME_S = 0.014
SWITCH_S = 0.0005
_AFTER_S = (
    0.008  # the window looks every 16 ms: a frame made so long after the last was taken is fresh at its next look
)
_SHORTEST_S = 0.001
_DEADLINE_S = 5.0


class Feed(Protocol):
    """The feed process as the core's thread uses it; nothing of it blocks."""

    @property
    def lost(self) -> int: ...

    def start(self, market: WhichMarket) -> None: ...

    def poll(self) -> tuple[list[Batch], list[FeedSaid | Health]]: ...

    def send(self, steering: Steering) -> None: ...

    def close(self) -> None: ...


def _unheard(_fault: FeedFault) -> None:
    pass


class CoreThread:
    """Called on the core's thread: `on_fault` with every error of ours, which the core survives, and `on_feed_fault`
    with what the feed process says went wrong there.
    """

    def __init__(
        self,
        core: Core,
        feed: Feed | None,
        on_fault: Callable[[BaseException], None],
        on_feed_fault: Callable[[FeedFault], None] = _unheard,
    ) -> None:
        self._core = core
        self._feed = feed
        self._on_fault = on_fault
        self._on_feed_fault = on_feed_fault
        self._inbox: SimpleQueue[Command | None] = SimpleQueue()
        # one place: a newer frame pushes out one that nobody looked at
        self._box: deque[Frame] = deque(maxlen=1)
        self._framed_at = float("-inf")
        self._taken_at = float("-inf")  # written by the window's thread alone
        self._is_ending = False  # the core thread's own
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)

    def open(self, market: WhichMarket) -> None:
        """Let the feed process begin with a market. Only before `start`; after it, `OpenMarket` is posted."""
        if self._feed is not None:
            self._feed.start(market)

    def start(self) -> None:
        """Begin; commands that were posted before are obeyed first."""
        # a window that wants to paint waits no longer than this for the core's thread to give way, and not 5 ms
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()

    def post(self, command: Command, /) -> None:
        """Hand a command to the core; never waits."""
        self._inbox.put(command)

    def newest(self) -> Frame | None:
        """The newest frame that was not taken yet; never waits."""
        try:
            frame = self._box.pop()
        except IndexError:
            return None
        self._taken_at = time.monotonic()
        return frame

    def stop(self) -> bool:
        """End the thread and the feed process; False where they did not end in time."""
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(_DEADLINE_S)
        elif self._feed is not None:
            self._feed.close()  # the thread does that at its end; it has ended, or never began
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._is_ending:
                # each by itself: an edit is answered even where a bug of ours breaks the feed's part at every pulse
                for part in (self._obey_all, self._pulse, self._make_frame):
                    self._survive(part)
        finally:
            if self._feed is not None:
                self._feed.close()

    def _survive(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:  # noqa: BLE001  (the core's pulse: one of three boundaries)
            self._on_fault(error)
            time.sleep(0.1)  # an error that comes back at every pulse must not take the whole processor

    def _obey_all(self) -> None:
        """Wait for commands, up to one pulse or until the next frame is due, and obey all there are."""
        due_s = self._taken_at + _AFTER_S - time.monotonic()
        with suppress(Empty):
            command = self._inbox.get(timeout=min(due_s, PULSE_S) if due_s > _SHORTEST_S else PULSE_S)
            while command is not None:
                self._obey(command)
                command = self._inbox.get_nowait()
            self._is_ending = True

    def _obey(self, command: Command) -> None:
        match command:
            case ShowDesk() | Watch():
                self._core.obey(command)
            case OpenMarket(market):
                if self._feed is not None:
                    self._feed.start(market)
            case _:
                if self._feed is not None:
                    self._feed.send(command)

    def _pulse(self) -> None:
        if self._feed is None:
            return
        batches, said = self._feed.poll()
        for word in said:
            if isinstance(word, FeedFault):
                self._on_feed_fault(word)
            self._core.hear(word)
        self._core.take(batches)
        self._core.lose(self._feed.lost)

    def _make_frame(self) -> None:
        now = time.monotonic()
        is_due = now - self._taken_at >= _AFTER_S - _SHORTEST_S and now - self._framed_at >= _FRAME_S
        if self._core.must_answer or (is_due and not self._box):
            frame = self._core.frame(now)
            if frame is not None:
                self._box.append(frame)
                self._framed_at = now
