"""The commands beside margin: the sample account's two distances, rules and their changes, doctor, no display."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workstation import cli
from workstation.packaged import resources

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "resources" / "samples" / "sample-account.json")


def test_the_sample_account_says_both_distances(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["margin", SAMPLE, "--json"])
    position = json.loads(capsys.readouterr().out)["accounts"][0]["positions"][0]
    assert position["distance"]["fraction"].startswith("0.092369")
    assert cli.main(["stress", SAMPLE, "--scenario", "BTC=-0.10,ETH=-0.13", "--json"]) == cli.DONE
    stress = json.loads(capsys.readouterr().out)
    assert stress["survives"] is False
    joint = stress["accounts"][0]["joint_distance"]
    assert joint["moves"]["BTC/USDT:USDT"].startswith("-0.045302")
    assert stress["accounts"][0]["first_liquidation"]["at_step"] is None


def test_rules_say_what_changed_and_what_it_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "--on", "2026-11-01"]) == cli.DONE
    assert "binance-linear (verified)" in capsys.readouterr().out
    path = tmp_path / "held.json"
    held = {
        "symbol": "ETH/USDT:USDT",
        "side": "long",
        "quantity": "900",
        "entry_price": "4000",
        "margin_mode": "isolated",
    }
    account = {"name": "a", "venue": "binance-usdm", "positions": [{**held, "leverage": "10"}]}
    marks = {"binance-usdm": {"ETH/USDT:USDT": "4000"}}
    path.write_text(json.dumps({"version": 1, "accounts": [account], "marks": marks}))
    diff = ["rules", "--venue", "binance-usdm", "--diff", "2025-10-02", "2026-09-29", str(path)]
    assert cli.main(diff) == cli.DONE
    out = capsys.readouterr().out
    assert "changes from 2025-10-02 to 2026-09-29" in out
    assert "liquidation 2025-10-02" in out


def test_doctor_names_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == cli.DONE
    assert "PySide6-Essentials" in capsys.readouterr().out


def test_without_a_display_one_line_names_the_two_ways_on() -> None:
    if sys.platform != "linux":
        pytest.skip("not on Windows" if sys.platform == "win32" else "not on macOS")
    done = subprocess.run(
        [sys.executable, "-m", "workstation"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == cli.ENVIRONMENT
    (line,) = done.stderr.splitlines()
    assert "xvfb-run" in line
    assert "margin FILE" in line


def test_the_sample_is_packed() -> None:
    assert (resources() / "samples" / "sample-account.json").is_file()
