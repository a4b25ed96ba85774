"""A start of the window with a watch beside it; a program of its own, which bench_first_paint runs again and again.

`window_start.py SPAWNED KIND`: SPAWNED is when its process was started (time.monotonic), KIND is `program`,
`everything` (the same with all that is heavy imported first) or `bare` (a window with a label). Prints a line of JSON.
"""

import sys
import time

HEAVY = ("ccxt", "pandas", "scipy", "numba", "duckdb", "aiohttp", "pyqtgraph")
NAIVE = (
    *("ccxt", "ccxt.pro", "pandas", "scipy.stats", "numba", "duckdb", "aiohttp", "pyqtgraph"),
    *("workstation.feeds.program", "workstation.feeds.record_practice", "workstation.notebook"),
    *("workstation.ui.panes.price", "workstation.ui.panes.open_interest", "workstation.ui.panes.liquidations"),
)
MOST_S = 30.0
AFTER_S = 1.0  # how long the window is watched after all of it is there


class Watch:
    """What was seen when, in seconds since the process was spawned."""

    def __init__(self, spawned: float) -> None:
        self.spawned = spawned
        self.seen: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self.heavy: list[str] = []
        self.ticks: list[float] = []

    def see(self, what: str) -> None:
        if what not in self.seen:
            self.seen[what] = time.monotonic() - self.spawned
            self.cpu[what] = time.process_time()

    def look_at_modules(self) -> None:
        self.heavy = [name for name in HEAVY if name in sys.modules]

    def say(self) -> None:
        import json

        gaps = sorted(after - before for before, after in zip(self.ticks, self.ticks[1:], strict=False))
        print(
            json.dumps({"seen": self.seen, "cpu": self.cpu, "heavy": self.heavy, "gaps": gaps[-5:], "files": files()})
        )


def files() -> list[str]:
    """What this process read from the disk to get here."""
    found = {module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}
    found |= {getattr(module, "__cached__", None) for module in sys.modules.values()}
    with open("/proc/self/maps", encoding="utf-8") as maps:
        found |= {line.split(maxsplit=5)[5].strip() for line in maps if "/" in line}
    return sorted(name for name in found if isinstance(name, str) and name.startswith("/"))


def run_bare(watch: Watch) -> None:
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

    class Filter(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint and "paint" not in watch.seen:
                watch.see("paint")
                QTimer.singleShot(0, application, painted)
            return False

    def painted() -> None:
        watch.see("painted")
        watch.look_at_modules()
        application.quit()

    application = QApplication([])
    window = QMainWindow()
    window.setCentralWidget(QLabel("Hello"))
    window.resize(1440, 900)
    eyes = Filter()
    window.installEventFilter(eyes)
    window.show()
    application.exec()
    window.close()


def run_program(watch: Watch, arguments: list[str]) -> None:
    """The real program; what it calls at its joints is watched, and nothing is left out or done in another order."""
    from workstation import app

    watch.see("app imported")
    add_charts = app.add_charts
    after_first_paint = app.Workstation._after_first_paint

    def watched_charts(window) -> None:
        watch.see("charts begun")
        add_charts(window)
        watch.see("charts made")

    def watched_paint(self, window, settled) -> None:
        from PySide6.QtCore import QEvent, QObject, Qt, QTimer

        watch.see("shown")
        after_first_paint(self, window, settled)

        class Eyes(QObject):
            """Of the window's own events; a paint is over when the event loop comes to the next thing to do."""

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
                if event.type() == QEvent.Type.Paint:
                    if watched is window and "paint" not in watch.seen:
                        watch.see("paint")
                        watch.look_at_modules()
                        QTimer.singleShot(0, window, lambda: watch.see("painted"))
                    elif watched is not window:
                        QTimer.singleShot(0, window, chart_painted)
                return False

        def chart_painted() -> None:
            watch.see("chart painted")
            if window.panes["price"].candles.newest is not None:
                watch.see("candles painted")

        def look() -> None:
            if "paint" in watch.seen:
                watch.ticks.append(time.monotonic())
            price = window.panes.get("price")
            if price is not None and not watched_charts_yet:
                watched_charts_yet.append(price)
                for widget in (price.linked, price.empty):
                    widget.installEventFilter(eyes)
            if window.market().marks:
                watch.see("market in a frame")
            all_there = "candles painted" in watch.seen and "market in a frame" in watch.seen
            now = time.monotonic() - watch.spawned
            if now > MOST_S or (all_there and now > watch.seen["candles painted"] + AFTER_S):
                timer.stop()
                window.close()

        watched_charts_yet: list[object] = []
        eyes = Eyes(window)
        window.installEventFilter(eyes)
        timer = QTimer(window)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(look)
        timer.start(5)

    app.add_charts = watched_charts
    app.Workstation._after_first_paint = watched_paint
    app.main(arguments)


def main() -> None:
    watch = Watch(float(sys.argv[1]))
    watch.see("python")
    kind = sys.argv[2]
    if kind == "bare":
        run_bare(watch)
    else:
        if kind == "everything":
            from importlib import import_module
            from importlib.util import find_spec

            for name in NAIVE:
                if find_spec(name.partition(".")[0]) is not None:
                    import_module(name)
        run_program(watch, sys.argv[3:])
    watch.say()


if __name__ == "__main__":
    main()
