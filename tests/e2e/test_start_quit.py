"""The real program starts, shows a market and quits, again and again, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workstation.packaged import resources

ROOT = Path(__file__).parents[2]
# The long form is `python3 dev.py soak --only quit`.
STARTS = int(os.environ.get("WORKSTATION_STARTS", "5"))
MOST_S = 60


@pytest.mark.slow
@pytest.mark.timeout(60 + MOST_S * STARTS)
@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_every_start_shows_a_market_and_ends_with_0_and_without_leftovers(tmp_path: Path):
    """`--self-check` opens the window, waits for prices and charts of a market, quits, and says by 0 it was well."""
    portfolio = tmp_path / "sample.json"
    portfolio.write_bytes((resources() / "samples" / "sample-account.json").read_bytes())
    places = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    environment = {**os.environ, **places, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "workstation", "--self-check", str(portfolio)]
    for start in range(STARTS):
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as program:
            try:
                out, err = program.communicate(timeout=MOST_S)
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGABRT)  # where it hangs stands in its own crash file then
                program.wait(10)
                _end_group(program.pid)
                pytest.fail(f"start {start} did not end in {MOST_S} s")
        orphans = _end_group(program.pid)
        assert (program.returncode, out, err) == (0, "self-check: all is well\n", ""), f"start {start}"
        assert not orphans, f"start {start} left a process behind"
        # Only what is meant to stay: no unsaved work, no crash, no litter.
        left = [path.name for path in tmp_path.rglob("*") if path.name.endswith((".tmp", ".journal", ".lock"))]
        left += [path.name for path in tmp_path.rglob("*crash-*")]
        assert left == [], f"start {start}"


def _end_group(group: int) -> bool:
    """Whether something of the program's process group still runs after a while; then it is ended."""
    pause = threading.Event()
    try:
        for _ in range(100):  # children that see to their own end may take a moment
            os.killpg(group, 0)
            pause.wait(0.02)
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
