"""The window on a real X screen: open, slide, reset, edit, undo, redo, save, a faulty file, the other look."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.packaged import resources

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_first_walk_through_the_window(tmp_path: Path) -> None:
    if shutil.which("xvfb-run") is None:
        pytest.skip("no X server program (Xvfb)")
    portfolio = tmp_path / "sample.json"
    portfolio.write_bytes((resources() / "samples" / "sample-account.json").read_bytes())
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1720x1000x24"]
    done = subprocess.run(
        [*screen, sys.executable, "-m", "tests.e2e.walk_first_light", str(portfolio), str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = json.loads(done.stdout.replace("\\u202f", " "))
    assert said["platform"] == "xcb"
    assert said["opened"] == {"distances": ["−9.24 %", "−4.53 %"], "liquidation": ["90 763.1", "3 537.69"]}
    # six steps of half a per cent: 3 % down, and what is left of both distances
    assert said["slid"]["distances"] == ["−3.22 %", "−1.53 %"]
    assert said["banner"] is True
    assert said["reset"] == said["opened"] == said["undone"]
    assert said["edited"]["liquidation"][0] == "95 582.4"
    assert said["saved"] == "2"
    assert said["faults listed"] is True
    assert all((tmp_path / f"{name}.png").stat().st_size > 10_000 for name in ("opened", "slid", "faults", "light125"))
