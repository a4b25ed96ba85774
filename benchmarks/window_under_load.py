"""The real window with a loaded feed behind it and a watch beside it; bench_feed_load runs it once a case.

`window_under_load.py SECONDS PORTFOLIO MARKET BUSY_MS`: MARKET is what `window_load.which` says, BUSY_MS is how much
the window's thread computes at each tick for nothing. Prints one line of JSON.
"""

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import window_load
from PySide6.QtCore import QEvent, Qt, QTimer

from workstation import app
from workstation.assessment import Assessor
from workstation.desk.state import DeskState
from workstation.domain.playback import FeedFault
from workstation.market.records import Batch, Kind
from workstation.runtime.core import Core
from workstation.runtime.feed_process import FeedProcess
from workstation.runtime.thread import CoreThread
from workstation.ui.main_window import MainWindow

TICK_MS = 16
SETTLE_S = 6.0  # after all is there: what belongs to a start is over by then, and is another benchmark
MOST_S = 60.0


class CountingCore(Core):
    """The core, counting what it takes; and when the marks of the first contract were made that it took."""

    def __init__(self) -> None:
        super().__init__(Assessor().assess, DeskState())
        self.taken = 0
        self.stamps: deque[float] = deque()
        self.frame_s: list[float] = []

    def take(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            records = batch.records
            self.taken += len(records)
            own = (records["kind"] == Kind.MARK) & (records["instrument"] == 0)
            self.stamps.extend(dict.fromkeys(records["values"][own, 1].tolist()))
            super().take([batch])

    def frame(self, now_s: float):
        began = time.thread_time()
        frame = super().frame(now_s)
        if frame is not None:
            self.frame_s.append(time.thread_time() - began)
        return frame


class Watch:
    """Ticks, paints and latencies of the window while it measures. What a part of the work takes is processor time of
    its own thread, which says the same on a busy machine.
    """

    def __init__(self, seconds: float, busy_s: float) -> None:
        self.seconds = seconds
        self.busy_s = busy_s
        self.core = CountingCore()
        self.feed = FeedProcess(window_load.run)
        self.ticks: list[float] = []
        self.cpus: list[float] = []
        self.paint_s: list[float] = []
        self.show_s: list[float] = []
        self.latency_s: list[float] = []
        self.frames = 0
        self.faults: list[str] = []
        self.result: dict[str, object] = {}
        self._shown_stamp: float | None = None
        self._is_on = False

    def core_thread(
        self, on_fault: Callable[[BaseException], None], on_feed_fault: Callable[[FeedFault], None]
    ) -> CoreThread:
        def fault(error: BaseException) -> None:
            self.faults.append(repr(error))
            on_fault(error)

        return CoreThread(self.core, self.feed, fault, on_feed_fault)

    def shown(self, window: MainWindow, seconds: float) -> None:
        """A frame went to the panes."""
        view = window.market().instruments.get(window_load.names_of(1)[0])
        self._shown_stamp = None if view is None else view.index
        if self._is_on:
            self.frames += 1
            self.show_s.append(seconds)

    def painted(self, seconds: float) -> None:
        """What changed is on its way to the screen."""
        now, newest, stamps = time.monotonic(), self._shown_stamp, self.core.stamps
        self._shown_stamp = None
        if self._is_on:
            self.paint_s.append(seconds)
        while newest is not None and stamps and stamps[0] <= newest:
            made = stamps.popleft()
            if self._is_on:
                self.latency_s.append(now - made)

    def begin(self, window: MainWindow) -> None:
        """Wait until all is there, then measure, then close the window."""
        started = time.monotonic()
        there_at = 0.0
        before: dict[str, float] = {}

        def tick() -> None:
            nonlocal there_at, before
            now = time.monotonic()
            if self._is_on:
                self.ticks.append(now)
                self.cpus.append(time.thread_time())
                while time.thread_time() < self.cpus[-1] + self.busy_s:
                    pass
                if now - self.ticks[0] >= self.seconds:
                    self._end(window, before)
                    timer.stop()
                    window.close()
            elif not there_at:
                price = window.panes.get("price")
                if window.market().marks and price is not None and price.candles.newest is not None:
                    there_at = now
                    window.resize(1720, 1000)
                elif now - started > MOST_S:
                    raise SystemExit("the window never showed its market")
            elif now - there_at > SETTLE_S:
                before = self._counts()
                self._is_on = True

        timer = QTimer(window)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(tick)
        timer.start(TICK_MS)

    def _counts(self) -> dict[str, float]:
        cores = [thread for thread in threading.enumerate() if thread.name == "core"]
        return {
            "gui_s": time.thread_time(),
            "core_s": _thread_s(cores[0].native_id),
            "process_s": time.process_time(),
            "feed_s": _process_s(self.feed.pid),
            "taken": self.core.taken,
            "core_frames": len(self.core.frame_s),
        }

    def _end(self, window: MainWindow, before: dict[str, float]) -> None:
        after = self._counts()
        hidden = [key for key, pane in window.panes.items() if not pane.isVisible()]
        assert not hidden, f"not to be seen: {hidden}"
        market = window.market()
        self.result = {
            "seconds": self.ticks[-1] - self.ticks[0],
            "ticks": self.ticks,
            "tick_cpu_s": [after - before for before, after in zip(self.cpus, self.cpus[1:], strict=False)],
            "paint_s": self.paint_s,
            "show_s": self.show_s,
            "latency_s": self.latency_s,
            "frames": self.frames,
            "core_frame_s": self.core.frame_s[int(before["core_frames"]) :],
            "lost": self.feed.lost,
            "refused": market.feed.refused,
            "instruments": len(market.instruments),
            "faults": self.faults,
            **{name: after[name] - before[name] for name in before},
        }


def _thread_s(number: int | None) -> float:
    """The processor time that a thread of this process has had; Linux tells."""
    return int(Path(f"/proc/self/task/{number}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def _process_s(number: int | None) -> float:
    tasks = Path(f"/proc/{number}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def main() -> None:
    watch = Watch(float(sys.argv[1]), float(sys.argv[4]) / 1e3)
    after_first_paint, came, event = app.Workstation._after_first_paint, MainWindow._came, MainWindow.event

    def watched_first_paint(self: app.Workstation, window: MainWindow, settled: Callable[[], object]) -> None:
        after_first_paint(self, window, settled)
        watch.begin(window)

    def watched_came(self: MainWindow) -> None:
        began = time.thread_time()
        came(self)
        watch.shown(self, time.thread_time() - began)

    def watched_event(self: MainWindow, one: QEvent) -> bool:
        if one.type() != QEvent.Type.UpdateRequest:
            return event(self, one)
        began = time.thread_time()
        answer = event(self, one)
        watch.painted(time.thread_time() - began)
        return answer

    app.core_thread = watch.core_thread
    app.Workstation._after_first_paint = watched_first_paint
    MainWindow._came = watched_came
    MainWindow.event = watched_event
    code = app.main([sys.argv[2], "--replay", sys.argv[3], "--speed", "1", "--theme", "dark"])
    assert code == 0, f"the window ended with {code}"
    print(json.dumps(watch.result))


if __name__ == "__main__":
    main()
