"""Runs the core on its thread; post() in, newest frame out. The only place where the window's two threads meet."""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Protocol

from workstation.domain.events import Health
from workstation.domain.playback import FeedFault, FeedSaid, Steering, WhichMarket
from workstation.market.records import Batch
from workstation.runtime.core import Core
from workstation.runtime.messages import Command, Frame, OpenMarket, ShowDesk, Watch

PULSE_S = 0.008  # the ring is looked into so often: twice in a 60 Hz frame
_FRAME_S = 0.014
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
        self._thread = threading.Thread(target=self._run, name="core", daemon=True)

    def start(self) -> None:
        """Begin; commands that were posted before are obeyed first."""
        self._thread.start()

    def post(self, command: Command, /) -> None:
        """Hand a command to the core; never waits."""
        self._inbox.put(command)

    def newest(self) -> Frame | None:
        """The newest frame that was not taken yet; never waits."""
        try:
            return self._box.pop()
        except IndexError:
            return None

    def stop(self) -> bool:
        """End the thread and the feed process; False where they did not end in time."""
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(_DEADLINE_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            framed_at = float("-inf")
            while self._obey_all():
                try:
                    self._pulse()
                    now = time.monotonic()
                    if self._core.must_answer or (now - framed_at >= _FRAME_S and not self._box):
                        frame = self._core.frame(now)
                        if frame is not None:
                            self._box.append(frame)
                            framed_at = now
                except Exception as error:  # noqa: BLE001  (the core's pulse: one of three boundaries)
                    self._on_fault(error)
                    time.sleep(0.1)  # an error that comes back at every pulse must not take the whole processor
        finally:
            if self._feed is not None:
                self._feed.close()

    def _obey_all(self) -> bool:
        """Wait for commands up to one pulse and obey all there are; False where the thread is to end."""
        try:
            command = self._inbox.get(timeout=PULSE_S)
            while True:
                if command is None:
                    return False
                self._obey(command)
                command = self._inbox.get_nowait()
        except Empty:
            return True

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
