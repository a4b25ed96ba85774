"""The window while 5 000 and 20 000 events a second arrive, beside the same window with no feed in the same run."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import window_load
from harness import machine
from window_screen import surroundings, x_server

HERE = Path(__file__).parent
SECONDS = 8
MOST_S = 120
FRAMES_PER_S, GAP_MORE_MS, LATENCY_MS, LOADED_RATIO = 60, 3, 30, 1.3


@dataclass(frozen=True)
class Case:
    """So many events a second of so many contracts, on a desk of so many positions; 0 events: no feed.

    `busy_ms` is how much the window's thread computes at each tick for nothing. Without a feed it shows what the
    machine alone makes of a thread that needs about as much as ours: one that needs nothing is never kept waiting.
    """

    events_per_s: int
    symbols: int
    positions: int
    busy_ms: int = 0

    def __str__(self) -> str:
        feed = f"{self.events_per_s:,} events/s" if self.events_per_s else "no feed"
        feed += f" but {self.busy_ms} ms of arithmetic a tick" if self.busy_ms else ""
        return f"{feed}, {self.symbols} contracts, {self.positions} positions"


BUSY_MS = 5
GROUPS = (
    (
        Case(0, 50, 2),
        Case(0, 50, 2, BUSY_MS),
        Case(5_000, 8, 2),
        Case(5_000, 50, 2),
        Case(20_000, 8, 2),
        Case(20_000, 50, 2),
    ),
    (Case(0, 50, 20), Case(0, 50, 20, BUSY_MS), Case(5_000, 50, 20), Case(20_000, 50, 20)),
)


@dataclass(frozen=True)
class Seen:
    """What one run of the window told; times in seconds, lists one entry a tick, paint, frame or batch."""

    seconds: float
    ticks: list[float]
    tick_cpu_s: list[float]
    paint_s: list[float]
    show_s: list[float]
    latency_s: list[float]
    core_frame_s: list[float]
    frames: int
    lost: int
    refused: int
    instruments: int
    faults: list[str]
    gui_s: float
    core_s: float
    process_s: float
    feed_s: float
    taken: int
    core_frames: int

    @property
    def gaps_ms(self) -> list[float]:
        return [1e3 * (after - before) for before, after in zip(self.ticks, self.ticks[1:], strict=False)]

    @property
    def ticks_per_s(self) -> float:
        return len(self.gaps_ms) / self.seconds

    def percent(self, seconds: float) -> str:
        return f"{100 * seconds / self.seconds:.0f}"


def at(values: list[float], percent: int) -> float:
    """The value below which so many per cent lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else float("nan")


def watched(case: Case, folder: Path, display: str | None) -> Seen:
    """One run of the window."""
    desk = folder / f"{case.positions} positions.json"
    desk.write_bytes(window_load.desk(case.positions))
    market = window_load.which(case.events_per_s, case.symbols)
    command = [sys.executable, str(HERE / "window_under_load.py"), str(SECONDS), str(desk), market, str(case.busy_ms)]
    done = subprocess.run(
        command,
        env={**surroundings(folder, display), "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        text=True,
        timeout=MOST_S,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise SystemExit(f"the window ended with {done.returncode} under {case}:\n{done.stderr}")
    seen = Seen(**json.loads(done.stdout.splitlines()[-1]))
    assert not seen.faults, seen.faults
    assert seen.instruments == case.symbols, f"{seen.instruments} contracts"
    assert not seen.refused, f"{seen.refused} records refused"
    assert seen.taken >= 0.95 * case.events_per_s * seen.seconds, (
        f"only {seen.taken / seen.seconds:.0f} events a second"
    )
    return seen


def line(case: Case, seen: Seen, quiet: Seen) -> str:
    gaps, latency, paint, show = seen.gaps_ms, seen.latency_s, seen.paint_s, seen.show_s
    percents = "/".join(f"{at(gaps, percent):.0f}" for percent in (50, 95, 99)) + f"/{max(gaps):.0f}"
    late = f"{1e3 * at(latency, 50):.0f}/{1e3 * at(latency, 99):.0f}" if latency else ""
    each = f"{1e3 * at(show, 50):.1f} + {1e3 * at(paint, 50):.1f}" if len(show) > 1 else ""
    cells = (
        f"**{case}**" if case.events_per_s else str(case),
        f"{seen.ticks_per_s:.1f}",
        f"{seen.frames / seen.seconds:.0f}",
        percents,
        f"{at(gaps, 99) / at(quiet.gaps_ms, 99):.2f}",
        late,
        each,
        f"{1e3 * at(seen.tick_cpu_s, 50):.1f}/{1e3 * at(seen.tick_cpu_s, 99):.1f}/{1e3 * max(seen.tick_cpu_s):.0f}",
        seen.percent(seen.gui_s),
        seen.percent(seen.core_s),
        seen.percent(seen.feed_s),
        f"{seen.taken / seen.seconds:,.0f}",
        str(seen.lost),
        f"{os.getloadavg()[0]:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def judge(what: str, value: float, unit: str, is_met: bool, target: str) -> None:
    print(f"- {what}: {value:.3g}{unit}, target {target}: {'met' if is_met else 'MISSED'}")


def run(cases: tuple[Case, ...], folder: Path, display: str | None) -> None:
    """A table of the cases, the first of which is the baseline, and of the last one what was promised."""
    place = "offscreen" if display is None else "Xvfb"
    print(f"\n### Feed load, {cases[0].positions} positions, {place}, {SECONDS} s each\n\n{machine()}\n")
    print(
        "| what | ticks/s | frames/s | gap ms p50/95/99/max | gap p99 to no feed | tick to pixel ms p50/99 "
        "| show + paint, CPU ms | GUI thread's CPU a tick, ms p50/99/max | GUI thread % | core thread % "
        "| feed process % | records/s | lost | load |"
    )
    print("|---" * 14 + "|")
    quiet: Seen | None = None
    busy: Seen | None = None
    judged: list[tuple[Case, Seen]] = []
    for case in cases:
        seen = watched(case, folder, display)
        quiet = quiet or seen
        busy = seen if case.busy_ms else busy
        print(line(case, seen, quiet), flush=True)
        if case.events_per_s:
            judged.append((case, seen))
    assert quiet is not None
    assert busy is not None
    before = at(quiet.gaps_ms, 99)
    print()
    for case, seen in judged:
        now, latency = at(seen.gaps_ms, 99), 1e3 * at(seen.latency_s, 99)
        judge(f"{case}: ticks", seen.ticks_per_s, "/s", seen.ticks_per_s >= FRAMES_PER_S, f"{FRAMES_PER_S}/s")
        limit = f"{before + GAP_MORE_MS:.1f} ms (no feed + {GAP_MORE_MS})"
        judge(f"{case}: gap p99", now, " ms", now <= before + GAP_MORE_MS, limit)
        judge(f"{case}: gap p99 to no feed", now / before, "", now <= LOADED_RATIO * before, f"{LOADED_RATIO}, loaded")
        judge(
            f"{case}: gap p99 to busy",
            now / at(busy.gaps_ms, 99),
            "",
            now <= LOADED_RATIO * at(busy.gaps_ms, 99),
            f"{LOADED_RATIO}",
        )
        judge(f"{case}: tick to pixel p99", latency, " ms", latency <= LATENCY_MS, f"{LATENCY_MS} ms")
        judge(f"{case}: records lost", seen.lost, "", seen.lost == 0, "0")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, x_server() as display:
        if display is None:
            print("\nOn a real X server: not run, no X server program (Xvfb); offscreen in its place")
        for cases in GROUPS:
            run(cases, Path(scratch), display)


if __name__ == "__main__":
    main()
