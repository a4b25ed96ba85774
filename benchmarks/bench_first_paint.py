"""First paint: from the start of the process to the window on screen, beside a bare Qt window and beside everything
imported at the top; and what is loaded by then.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness import Row, Target, Timing, report
from window_screen import surroundings, x_server

HERE = Path(__file__).parent
ROUNDS, COLD_ROUNDS = 7, 3
MOST_S = 120
NO_SERVER = "no X server program (Xvfb)"
WARM_MS, COLD_MS, CHART_MS, GAP_MS = 250, 500, 600, 33
STAGES = {
    "app imported": "the program without Qt imported",
    "shown": "window built, show() called",
    "paint": "first paint event",
    "painted": "the whole window painted",
    "chart painted": "charts loaded and painted",
    "candles painted": "candles of the market painted",
}


@dataclass(frozen=True)
class Start:
    """One start: when what was seen, the CPU time of the process by then, and the longest gaps of its event loop."""

    seen: dict[str, float]
    cpu: dict[str, float]
    heavy: list[str]
    gaps: list[float]
    files: list[str]


def start(kind: str, surrounding: dict[str, str]) -> Start:
    """Start a window, wait until it has shown everything and ended."""
    command = [sys.executable, str(HERE / "window_start.py"), repr(time.monotonic()), kind]
    done = subprocess.run(command, env=surrounding, capture_output=True, text=True, timeout=MOST_S, check=False)
    if done.returncode or not done.stdout:
        raise SystemExit(f"the window ({kind}) ended with {done.returncode}:\n{done.stderr}")
    return Start(**json.loads(done.stdout))


def timing(starts: list[Start], what: str) -> Timing:
    """Of all starts the time to a moment; CPU is that of the process."""
    walls = sorted(1e3 * one.seen[what] for one in starts)
    return Timing(
        statistics.median(walls),
        walls[0],
        walls[-1],
        statistics.median(1e3 * one.cpu[what] for one in starts),
        len(walls),
    )


def gap(starts: list[Start]) -> Timing:
    """Of all starts the longest time in which the event loop did not come round, after the first paint."""
    walls = sorted(1e3 * max(one.gaps) for one in starts)
    return Timing(statistics.median(walls), walls[0], walls[-1], 0.0, len(walls))


def drop_from_cache(files: Iterable[str]) -> None:
    """Let the system forget files that no other process has mapped, so that the next start reads them anew."""
    for name in files:
        try:
            file = os.open(name, os.O_RDONLY)
        except OSError:
            continue
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def run(homes: Path, display: str | None) -> None:
    """Starts of all kinds in turn, so that a busy minute of the machine meets them all."""
    # compiled files are there after the first start, as in an installed program, wherever this one runs
    caches = {"PYTHONPYCACHEPREFIX": str(homes / "compiled"), "PYTHONPATH": str(HERE.parent)}
    places = {kind: {**surroundings(homes / kind, display), **caches} for kind in ("program", "bare", "everything")}
    for kind, place in places.items():
        Path(place["HOME"]).mkdir(exist_ok=True)
        place.pop("PYTHONDONTWRITEBYTECODE", None)
        start(kind, place)
    starts: dict[str, list[Start]] = {kind: [] for kind in places}
    for _ in range(ROUNDS):
        for kind, place in places.items():
            starts[kind].append(start(kind, place))
    ours, bare, naive = starts["program"], starts["bare"], starts["everything"]
    first = timing(ours, "paint")
    rows = [Row(f"the program: {words}", timing(ours, what), is_ours=what == "paint") for what, words in STAGES.items()]
    rows += [
        Row("bare Python and a QMainWindow with a label: first paint event", timing(bare, "paint")),
        Row("everything imported at the top: first paint event", timing(naive, "paint"), ", ".join(naive[0].heavy)),
        Row("everything imported at the top: charts painted", timing(naive, "chart painted")),
    ]
    targets = [
        Target("first paint, warm", WARM_MS, first, "design"),
        Target("charts painted", CHART_MS, timing(ours, "chart painted"), "design"),
        Target("longest gap of the event loop while the rest loads", GAP_MS, gap(ours), "design"),
    ]
    if display is not None:
        cold: list[Start] = []
        for _ in range(COLD_ROUNDS):
            drop_from_cache(ours[0].files)
            cold.append(start("program", places["program"]))
        rows.append(Row("the program, its files dropped from the page cache: first paint event", timing(cold, "paint")))
        targets.append(Target("first paint, cold", COLD_MS, timing(cold, "paint"), "design"))
    report(f"First paint, {'offscreen' if display is None else 'Xvfb'}", rows, targets)
    loaded = sorted({name for one in ours for name in one.heavy})
    print(f"- loaded by the first paint of what must not be: {', '.join(loaded) or 'nothing'}")
    print(f"- first paint, CPU, beside the bare window: {first.cpu / timing(bare, 'paint').cpu:.2f}\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, x_server() as display:
        if display is None:
            print(f"\nOn a real X server: not run, {NO_SERVER}")
        for number, screen in enumerate((None,) if display is None else (display, None)):
            homes = Path(scratch) / str(number)
            homes.mkdir()
            run(homes, screen)


if __name__ == "__main__":
    main()
