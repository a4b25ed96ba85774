"""Watchdog: a window that does not answer is told in the log with the line that it hangs in, and how long it took."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import FrameType

import msgspec

_LOG = logging.getLogger(__name__)
LIMIT_S = 2.0
LOOK_S = 0.25


class Freeze(msgspec.Struct, frozen=True):
    """A stretch without a beat. `stack` is where the thread was when it was noticed, innermost last, without values."""

    seconds: float
    stack: tuple[str, ...]
    ended: bool


class Watchdog:
    """The GUI thread calls `beat` from a timer, more often than every `limit_s`; a thread of its own watches that.

    A computer that slept, or a process that was stopped, is no freeze: then this thread did not run either.
    A call that holds Python's lock all the while can be told only once it is over, without the line.
    """

    def __init__(
        self,
        limit_s: float = LIMIT_S,
        look_s: float = LOOK_S,
        on_freeze: Callable[[Freeze], None] | None = None,
    ) -> None:
        """`on_freeze` is called on the watchdog's thread, when a freeze is noticed and when it ends."""
        self._limit_s = limit_s
        self._look_s = look_s
        self._on_freeze = on_freeze
        self._watched = threading.get_ident()
        self._beat_at = 0.0
        self._looked_at = 0.0
        self._cpu = 0.0
        self._frozen_at: float | None = None  # the last beat before the freeze that was told
        self._asleep = 0.0  # of the time since then
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """The thread that calls this answers. Costs a fraction of a microsecond."""
        self._beat_at = time.monotonic()

    def start(self) -> None:
        """Watch the calling thread from now on."""
        self._watched = threading.get_ident()
        self.restart(time.monotonic(), time.process_time())
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; the thread is gone when this returns."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stop.wait(self._look_s):
            self.look(time.monotonic(), time.process_time())

    # --- judgement: no clock below ------------------------------------------------------------------------------------

    def restart(self, now: float, cpu: float) -> None:
        """Count from here. `now` is monotonic, `cpu` the processor time of the process; both in seconds."""
        self._beat_at = self._looked_at = now
        self._cpu = cpu
        self._frozen_at = None

    def look(self, now: float, cpu: float) -> None:
        """One look of the watchdog's thread."""
        between, used = now - self._looked_at, cpu - self._cpu
        self._looked_at, self._cpu = now, cpu
        beat_at = self._beat_at
        nothing_ran = between > self._look_s + self._limit_s / 2 and used < between / 4
        if self._frozen_at is not None:
            self._asleep += between if nothing_ran else 0.0
            if beat_at != self._frozen_at:
                # What passed asleep may lie on either side of the beat; it is not counted as frozen.
                seconds = max(0.0, beat_at - self._frozen_at - self._asleep)
                self._frozen_at = None
                _LOG.warning("the window answers again after %.1f s", seconds)
                self._tell(Freeze(seconds, (), ended=True))
        elif nothing_ran:
            self._beat_at = max(beat_at, now)
        elif now - beat_at > self._limit_s:
            self._frozen_at, self._asleep = beat_at, 0.0
            stack = _stack(sys._current_frames().get(self._watched))  # pyright: ignore[reportPrivateUsage]
            _LOG.warning(
                "the window has not answered for %.1f s; it is here:\n%s", now - beat_at, "".join(stack).rstrip()
            )
            self._tell(Freeze(now - beat_at, stack, ended=False))

    def _tell(self, freeze: Freeze) -> None:
        if self._on_freeze is not None:
            self._on_freeze(freeze)


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    """Places and lines of the program, without values."""
    if frame is None:
        return ("  (the thread has ended)\n",)
    return tuple(traceback.StackSummary.extract(traceback.walk_stack(frame), capture_locals=False).format()[::-1])
