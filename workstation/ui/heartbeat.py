"""Heartbeat: four times a second on the GUI thread, the watchdog hears that it lives and other threads are heard."""

from collections.abc import Callable
from queue import Empty, SimpleQueue

from PySide6.QtCore import QObject, QTimer

BEAT_MS = 250


class Heartbeat(QObject):
    """`beat` is called at every tick; what `say` was given, on any thread, comes to `tell` on this one.

    `said` is where it waits, for those who must be able to speak before the window stands.
    """

    def __init__(
        self,
        beat: Callable[[], None],
        tell: Callable[[str], None],
        said: SimpleQueue[str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._beat = beat
        self._tell = tell
        self._said: SimpleQueue[str] = SimpleQueue() if said is None else said
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(BEAT_MS)

    def say(self, text: str) -> None:
        """Something for the trader. From any thread; no signal crosses one."""
        self._said.put(text)

    def tick(self) -> None:
        """What the timer does; and the last one, before the window goes."""
        self._beat()
        while True:
            try:
                text = self._said.get_nowait()
            except Empty:
                return
            self._tell(text)

    def stop(self) -> None:
        """No tick from here on."""
        self._timer.stop()
