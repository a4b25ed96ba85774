"""FrameClock: looks for the newest frame once a display tick, counts the ticks, and can hold the screen still."""

import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from workstation.desk.state import DeskState
from workstation.runtime.messages import Frame
from workstation.ui.ports import CoreLink

TICK_MS = 16  # one frame of a 60 Hz display
PATIENCE_S = 0.15  # an answer that takes longer is missed by the eye
SLOW_S = 0.25  # text that people read changes four times a second
_WINDOW_S = 1.0


class FrameClock(QObject):
    """`came` tells of a newer frame in `frame`; `recomputing` when the frame on screen does not answer the desk, or
    does again; `slow` comes four times a second. `now` is a clock in seconds.
    """

    came = Signal()
    recomputing = Signal(bool)
    slow = Signal()

    def __init__(
        self,
        core: CoreLink,
        desk: Callable[[], DeskState],
        now: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.frame: Frame | None = None
        self._core = core
        self._desk = desk
        self._now = now
        self._waiting: Frame | None = None
        self._frozen_at: float | None = None
        self._unanswered_at: float | None = None
        self._is_recomputing = False
        self._ticks: deque[float] = deque(maxlen=2 * round(_WINDOW_S * 1000 / TICK_MS))
        self._slow_at = now()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Tick from now on."""
        self._timer.start()

    def stop(self) -> None:
        """Tick no more."""
        self._timer.stop()

    def tick(self) -> None:
        """One tick of the display."""
        now = self._now()
        self._ticks.append(now)
        self.look()
        self._judge(now)
        if now - self._slow_at >= SLOW_S:
            self._slow_at = now
            self.slow.emit()

    def look(self) -> None:
        """Take the newest frame there is; while frozen it waits."""
        frame = self._core.newest()
        if frame is None:
            return
        if self._frozen_at is not None:
            self._waiting = frame
            return
        self._show(frame)

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        self.came.emit()
        self._judge(self._now())

    def _judge(self, now: float) -> None:
        """Say when the screen has not answered the desk for longer than an eye overlooks."""
        if self.frame is not None and self.frame.desk is self._desk():
            self._unanswered_at = None
        elif self._unanswered_at is None:
            self._unanswered_at = now
        late = self._unanswered_at is not None and now - self._unanswered_at > PATIENCE_S
        if late != self._is_recomputing:
            self._is_recomputing = late
            self.recomputing.emit(late)

    def freeze(self, frozen: bool) -> None:
        """Hold what is on screen, or go on with the newest frame."""
        if frozen == (self._frozen_at is not None):
            return
        self._frozen_at = self._now() if frozen else None
        waiting, self._waiting = self._waiting, None
        if not frozen and waiting is not None:
            self._show(waiting)

    @property
    def frozen_s(self) -> float | None:
        """For how many seconds the screen has been held; None where it is not."""
        return None if self._frozen_at is None else self._now() - self._frozen_at

    @property
    def ticks_per_s(self) -> float | None:
        """How many ticks were handled in the last second: fewer than 60 where the window is busy. None: not known."""
        if len(self._ticks) < 2:
            return None
        now = self._now()
        recent = sum(1 for at in self._ticks if now - at < _WINDOW_S)
        span = min(_WINDOW_S, now - self._ticks[0])
        return recent / span if span > 0 else None
