"""Nothing heavy is loaded before the window has painted itself, and some of it never in the window's process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEED_ONLY = {"ccxt", "pandas", "scipy", "numba", "duckdb", "aiohttp"}
AFTER_THE_PAINT = {"pyqtgraph", "workstation.ui.panes.price", "workstation.ui.charts.linked_view"}


@pytest.mark.slow
def test_the_first_paint_waits_for_nothing_heavy(tmp_path: Path) -> None:
    places = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.look_at_modules"],
        cwd=ROOT,
        env={**os.environ, **places, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    painted, ended = set(told["first paint"]), set(told["end"])
    assert {"PySide6.QtWidgets", "workstation.ui.main_window"} <= painted
    assert not painted & (FEED_ONLY | AFTER_THE_PAINT)
    # by then the charts were there, and a market that the feed process made
    assert "workstation.ui.panes.price" in ended
    assert not ended & FEED_ONLY
