"""Writer: small files of the program's own are written on a thread of its own, so that the window waits for no disk."""

import threading
from collections import deque
from collections.abc import Callable


class Writer:
    """Does what it is given in its order. Between two pieces of work there is no thread."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], object]) -> None:
        """Soon, and not on this thread. An error of ours in it goes to the crash reports; the next piece is done."""
        with self._lock:
            self._work.append(work)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float = 5.0) -> bool:
        """Wait for what was given; False where that takes longer."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._work:
                    self._thread = None
                    return
                work = self._work.popleft()
            work()
