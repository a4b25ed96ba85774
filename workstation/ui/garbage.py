"""Garbage: cycles are collected on the GUI thread alone; a collection elsewhere frees widgets there, and crashes."""

import gc

from PySide6.QtCore import QObject, QTimer

YOUNG_MS = 2_000
OLD_EVERY = 30  # of the young collections: what lived on for a minute is looked at as well


class Garbage(QObject):
    """Python's own collector is off from here until `stop`; a timer of the thread that made this one does its work."""

    def __init__(self, parent: QObject | None = None, *, young_ms: int = YOUNG_MS, old_every: int = OLD_EVERY) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        self._old_every = old_every
        self._rounds = 0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(young_ms)

    def _collect(self) -> None:
        self._rounds += 1
        # Without the old ones from time to time, cycles that lived through two young collections would stay for ever.
        gc.collect(2 if self._rounds % self._old_every == 0 else 1)

    def settle(self) -> None:
        """All that exists now stays: modules, classes, the window. Later collections need not look at it again."""
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Leave collecting to Python again, where it was so before."""
        self._timer.stop()
        if self._was_on:
            gc.enable()
