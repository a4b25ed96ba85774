"""Times calls and prints them as a small Markdown table: median, spread, CPU, the ratio to ours, targets met or
missed.
"""

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

WARM_UPS = 2
MOST_SECONDS = 4.0
MOST_RUNS = 40
FEWEST_RUNS = 3


@dataclass(frozen=True)
class Timing:
    """What repeated runs of a call took, in milliseconds: wall clock (median, 10th and 90th percentile), thread CPU."""

    wall: float
    low: float
    high: float
    cpu: float
    runs: int

    def times(self, factor: float) -> "Timing":
        """The same work so many times: for what would take too long to run whole."""
        return Timing(self.wall * factor, self.low * factor, self.high * factor, self.cpu * factor, self.runs)


@dataclass(frozen=True)
class Row:
    """One line of the table. `timing` None: not run, for the reason in `note`."""

    what: str
    timing: Timing | None
    note: str = ""
    is_ours: bool = False


@dataclass(frozen=True)
class Target:
    """A promise: at most so many milliseconds. `source` says who made it."""

    what: str
    limit: float
    timing: Timing
    source: str


def measure(call: Callable[[], object], *, most_seconds: float = MOST_SECONDS) -> Timing:
    """Run a call again and again, warmed up, without the garbage collector, for a few seconds at most."""
    for _ in range(WARM_UPS):
        started = time.perf_counter()
        call()
        if time.perf_counter() - started > most_seconds / 2:
            break
    walls: list[float] = []
    cpus: list[float] = []
    end = time.perf_counter() + most_seconds
    gc.collect()
    gc.disable()
    try:
        while len(walls) < FEWEST_RUNS or (len(walls) < MOST_RUNS and time.perf_counter() < end):
            cpu, wall = time.thread_time(), time.perf_counter()
            call()
            walls.append(1e3 * (time.perf_counter() - wall))
            cpus.append(1e3 * (time.thread_time() - cpu))
    finally:
        gc.enable()
    walls.sort()
    tenth = len(walls) // 10
    return Timing(
        statistics.median(walls), walls[tenth], walls[len(walls) - 1 - tenth], statistics.median(cpus), len(walls)
    )


def machine() -> str:
    """One line on what this was measured on, its load included."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas"))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} x {model}{load}; {platform.system()}; {python}, {packages}"


def report(title: str, rows: Sequence[Row], targets: Sequence[Target]) -> None:
    """Print the table of a benchmark; ratios are to the row that is ours."""
    ours = next(row.timing for row in rows if row.is_ours)
    assert ours is not None
    print(f"\n### {title}\n\n{machine()}\n")
    print("| what | wall ms: median (10-90 %) | CPU ms | runs | ratio to ours | |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        if row.timing is None:
            print(f"| {row.what} | not run | | | | {row.note} |")
            continue
        t = row.timing
        ratio = "1" if row.is_ours else f"{t.wall / ours.wall:.3g}"
        name = f"**{row.what}**" if row.is_ours else row.what
        spread = f"{_short(t.wall)} ({_short(t.low)}-{_short(t.high)})"
        print(f"| {name} | {spread} | {_short(t.cpu)} | {t.runs} | {ratio} | {row.note} |")
    print()
    for target in targets:
        verdict = "met" if target.timing.wall <= target.limit else "MISSED"
        print(
            f"- {target.what}: {_short(target.timing.wall)} ms, target {target.limit:g} ms ({target.source}): {verdict}"
        )
    print()


def _short(milliseconds: float) -> str:
    return f"{milliseconds:.3g}" if milliseconds < 1000 else f"{milliseconds:,.0f}"
