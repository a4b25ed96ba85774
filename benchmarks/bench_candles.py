"""The candle chart: pan, zoom and a tick at 1 k, 100 k and 1 M candles, beside finplot and an empty pyqtgraph plot."""

import gc
import importlib
import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
from harness import Row, Target, Timing, measure, report
from PySide6.QtWidgets import QApplication

from workstation.domain.events import Candle
from workstation.market.view import CandleView
from workstation.ui.charts.candle_item import CandleItem
from workstation.ui.charts.linked_view import LinkedView
from workstation.ui.charts.value_axis import price_text
from workstation.ui.theme import Theme

MINUTE_MS = 60_000
SIZES = (1_000, 100_000, 1_000_000)
WIDTH, HEIGHT = 1600, 900
SEEN = 500  # candles while panning; the rest of a thousand is room to pan into
MOST_SECONDS = 3.0
STEPS = 60
START_MS = 1_600_000_020_000 // MINUTE_MS * MINUTE_MS

Columns = dict[str, np.ndarray]
Step = Callable[[], None]


def columns_of(count: int) -> Columns:
    """A walk of minute candles."""
    random = np.random.default_rng(5)
    close = 100_000 * np.exp(np.cumsum(random.normal(0, 2e-4, count)))
    opened = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opened, close) * (1 + np.abs(random.normal(0, 1e-4, count)))
    low = np.minimum(opened, close) * (1 - np.abs(random.normal(0, 1e-4, count)))
    time_ms = START_MS + np.arange(count, dtype=np.int64) * MINUTE_MS
    return {"time": time_ms, "open": opened, "high": high, "low": low, "close": close}


def view_of(columns: Columns, last: float) -> CandleView:
    """All but the newest closed; that one is forming and stands at `last`."""
    closed = {name: column[:-1] for name, column in columns.items()}
    first = float(columns["open"][-1])
    shape = (first, max(first, last), min(first, last), last)
    forming = Candle("venue", "BTC", MINUTE_MS, int(columns["time"][-1]), *shape, 1.0, closed=False)
    prices = (closed["open"], closed["high"], closed["low"], closed["close"])
    return CandleView(MINUTE_MS, closed["time"], *prices, closed["close"], forming)


def percentiles(step: Step) -> tuple[Timing, float]:
    """The timing of a step, and the 99th percentile of its CPU time over one run more."""
    timing = measure(step, most_seconds=MOST_SECONDS)
    cpus: list[float] = []
    end = time.perf_counter() + MOST_SECONDS
    gc.disable()
    while len(cpus) < 3 * STEPS and time.perf_counter() < end:
        before = time.thread_time()
        step()
        cpus.append(1e3 * (time.thread_time() - before))
    gc.enable()
    return timing, statistics.quantiles(cpus, n=100)[98] if len(cpus) > 1 else cpus[0]


class Ours:
    """Our chart."""

    name = "our chart"

    def __init__(self, application: QApplication, columns: Columns) -> None:
        self._application, self._columns = application, columns
        self._newest = int(columns["time"][-1]) + MINUTE_MS
        theme = Theme()
        theme.apply()
        self.widget = LinkedView(theme, "chart", price_text)
        self.item = CandleItem()
        self.widget.items = (self.item,)
        self.widget.resize(WIDTH, HEIGHT)
        self.widget.show()
        self._last = cycle(float(columns["open"][-1]) * (1 + 1e-6 * i) for i in (*range(20), *range(20, 0, -1)))
        self._theme = theme
        self.load()

    def load(self) -> None:
        """All the candles anew, to the first picture."""
        self.item.show(None)
        change = self.item.show(view_of(self._columns, float(self._columns["open"][-1])))
        self.widget.link.advance(self._newest, MINUTE_MS)
        self.widget.changed(change)
        self._application.processEvents()

    def see(self, count: int) -> None:
        """That many candles."""
        self.widget.link.zoom(count * MINUTE_MS / self.widget.link.span_ms, self._newest)
        self._application.processEvents()

    def put_away(self) -> None:
        self.widget.close()
        self.widget.deleteLater()

    def pan(self) -> Iterator[None]:
        for by in cycle((*(-1,) * STEPS, *(1,) * STEPS)):
            self.widget.link.pan(by * self.widget.link.span_ms / 200)
            self._application.processEvents()
            yield

    def zoom(self) -> Iterator[None]:
        for factor in cycle((*(0.99,) * STEPS, *(1 / 0.99,) * STEPS)):
            self.widget.link.zoom(factor, self._newest)
            self._application.processEvents()
            yield

    def tick(self) -> None:
        self.widget.changed(self.item.show(view_of(self._columns, next(self._last))), self.item.tip_rect)
        self._application.processEvents()


class PyqtgraphPlot:
    """A pyqtgraph plot with axes; empty here, the floor of everything that is built on it."""

    name = "an empty pyqtgraph plot"

    def __init__(self, application: QApplication, columns: Columns) -> None:
        pyqtgraph: Any = importlib.import_module("pyqtgraph")
        self._application = application
        self.widget = pyqtgraph.PlotWidget()
        self.box = self.widget.getPlotItem().getViewBox()
        self.widget.resize(WIDTH, HEIGHT)
        self.widget.show()
        self.low, self.high = float(columns["low"].min()), float(columns["high"].max())
        self.end = float(len(columns["time"]))
        self.from_x = 0.0

    def put_away(self) -> None:
        self.widget.close()
        self.widget.deleteLater()

    def see(self, count: int) -> None:
        self.from_x = self.end - count
        self._look()

    def _look(self) -> None:
        self.box.setRange(xRange=(self.from_x, self.end), yRange=(self.low, self.high), padding=0)
        self._application.processEvents()

    def pan(self) -> Iterator[None]:
        for by in cycle((*(-1,) * STEPS, *(1,) * STEPS)):
            step = by * (self.end - self.from_x) / 200
            self.from_x, self.end = self.from_x + step, self.end + step
            self._look()
            yield

    def zoom(self) -> Iterator[None]:
        for factor in cycle((*(0.99,) * STEPS, *(1 / 0.99,) * STEPS)):
            self.from_x = self.end - (self.end - self.from_x) * factor
            self._look()
            yield


class Finplot(PyqtgraphPlot):
    """finplot's candlesticks, moved through the view box that they live in."""

    name = "finplot"

    def __init__(self, application: QApplication, columns: Columns) -> None:
        finplot: Any = importlib.import_module("finplot")
        pandas: Any = importlib.import_module("pandas")
        self._application, self._finplot = application, finplot
        prices = {name: columns[name] for name in ("open", "close", "high", "low")}
        self._frame = pandas.DataFrame(prices, index=pandas.to_datetime(columns["time"], unit="ms"))
        self.axis = finplot.create_plot("candles", init_zoom_periods=len(columns["time"]))
        self.plot = finplot.candlestick_ochl(self._frame)
        finplot.show(qt_exec=False)
        self.widget = self.axis.vb.win
        self.widget.resize(WIDTH, HEIGHT)
        self.box = self.axis.vb
        self._application.processEvents()
        self.low, self.high = float(columns["low"].min()), float(columns["high"].max())
        self.end, self.from_x = float(len(columns["time"])), 0.0
        self._last = cycle(float(columns["open"][-1]) * (1 + 1e-6 * i) for i in (*range(20), *range(20, 0, -1)))

    def put_away(self) -> None:
        self.widget.hide()  # closing it would write its place into the user's home
        self._finplot.windows.clear()
        self._finplot.last_ax = None

    def _look(self) -> None:
        self.box.update_y_zoom(self.from_x, self.end)
        self._application.processEvents()

    def tick(self) -> None:
        self._frame.iloc[-1, self._frame.columns.get_loc("close")] = next(self._last)
        self.plot.update_data(self._frame)
        self._application.processEvents()


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def moves(chart: Any) -> dict[str, Step]:
    """What is timed, each a call that ends when it is painted."""
    steps = {"pan": chart.pan().__next__, "zoom": chart.zoom().__next__}
    return {**steps, "tick": chart.tick} if hasattr(chart, "tick") else steps


def timed(chart: Any, count: int) -> dict[str, tuple[Timing, float]]:
    found: dict[str, tuple[Timing, float]] = {}
    for name, step in moves(chart).items():
        chart.see(min(SEEN, count) if name != "zoom" else count)
        found[name] = percentiles(step)
    return found


def main() -> None:
    application = QApplication([])
    kinds: list[Any] = [Ours, *((PyqtgraphPlot,) if is_installed("pyqtgraph") else ())]
    if is_installed("finplot"):
        kinds.append(Finplot)
    ours: dict[int, dict[str, tuple[Timing, float]]] = {}
    for count in SIZES:
        columns = columns_of(count)
        rows: dict[str, list[Row]] = {"pan": [], "zoom": [], "tick": []}
        for kind in kinds:
            chart = kind(application, columns)
            found = timed(chart, count)
            if kind is Ours:
                ours[count] = found
                rows["load"] = [Row(chart.name, measure(chart.load), "pyramid and first picture", is_ours=True)]
            for name, (timing, worst) in found.items():
                note = f"CPU 99 %: {worst:.2f} ms"
                rows[name].append(Row(chart.name, timing, note, is_ours=kind is Ours))
            chart.put_away()
            application.processEvents()
            gc.collect()
        for name, lines in rows.items():
            seen = count if name == "zoom" else min(SEEN, count)
            targets = targets_of(name, ours, lines) if count == SIZES[-1] else []
            report(f"Candles, {name}: {count:,} candles, {seen:,} in view, {WIDTH} x {HEIGHT}", lines, targets)


def targets_of(name: str, ours: dict[int, dict[str, tuple[Timing, float]]], lines: list[Row]) -> list[Target]:
    """The promises at a million candles, in CPU time: the machine is shared."""
    if name == "load":
        timing = lines[0].timing
        return [] if timing is None else [Target("a million candles loaded", 100, timing, "design")]
    (timing, worst), (small, _) = ours[SIZES[-1]][name], ours[SIZES[0]][name]
    cpu = Timing(timing.cpu, timing.cpu, timing.cpu, timing.cpu, timing.runs)
    most, most_worst = (0.6, 1.5) if name == "tick" else (4.0, 8.0)
    last = Timing(worst, worst, worst, worst, timing.runs)
    return [
        Target(f"{name}, CPU median", most, cpu, "design"),
        Target(f"{name}, CPU 99 %", most_worst, last, "design"),
        Target(f"{name}, CPU, beside 1.3 times that of {SIZES[0]:,} candles", 1.3 * small.cpu, cpu, "design"),
    ]


if __name__ == "__main__":
    main()
