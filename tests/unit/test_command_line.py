"""The command line: exit codes, one document on stdout, faults on stderr, and nothing heavy imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from workstation import cli
from workstation.packaged import resources

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "resources" / "samples" / "sample-account.json")
CASES = json.loads((ROOT / "tests" / "golden" / "margin-public.json").read_text(encoding="utf-8"))


def test_margin_prints_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["margin", SAMPLE, "--json"]) == cli.DONE
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["version"], err) == (1, "")
    account = document["accounts"][0]
    assert (account["asset"], account["equity"], account["margin_use"]) == ("USDT", "10000", "0.08")
    assert account["positions"][0]["liquidation"]["roots"] == [
        {"price": account["positions"][0]["liquidation"]["price"], "direction": "below", "tier": 1}
    ]


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


def test_fail_on_liquidation_answers_with_the_exit_code() -> None:
    arguments = ["stress", SAMPLE, "--fail-on-liquidation", "--scenario"]
    assert cli.main([*arguments, "BTC=-0.10"]) == cli.ANSWER_IS_NO
    assert cli.main([*arguments, "BTC=-0.01"]) == cli.DONE


def test_every_fault_is_one_line_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"version": 1, "accounts": [{"name": "a", "venue": "nowhere"}], "marks": {"okx": 3}}')
    assert cli.main(["margin", str(path)]) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[0] for line in err.splitlines()] == ["accounts[0].venue", "marks.okx"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["margin", "no such file.json"],
        ["margin", "."],
        ["stress", SAMPLE, "--scenario", "BTC"],
        ["stress", SAMPLE, "--scenario", "BTC=-1"],
        ["stress", SAMPLE, "--scenario", "BTC=-0.1,BTC=0.1,=2"],
        ["rules", SAMPLE],
    ],
)
def test_bad_input_is_said_and_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == cli.BAD_INPUT
    out, err = capsys.readouterr()
    assert (out, bool(err)) == ("", True)


@pytest.mark.parametrize("arguments", [["margin"], ["nonsense"], ["rules", "--diff", "x", "y"], ["stress", SAMPLE]])
def test_a_wrong_command_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == cli.BAD_INPUT


def test_a_misspelt_asset_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["stress", SAMPLE, "--scenario", "BTX=-0.5"]) == cli.DONE
    assert "BTX moves nothing" in capsys.readouterr().err


def test_a_bug_is_reported_without_the_trader_s_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(cli, "assess", broken)
    assert cli.main(["margin", SAMPLE]) == cli.BUG
    (report,) = tmp_path.rglob("crash-*.txt")
    assert str(report) in capsys.readouterr().err
    text = report.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "10000" not in text


def test_tables_show_a_dash_and_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "partial.json"
    position = {"symbol": "ABC/USDT:USDT", "side": "long", "quantity": "1", "entry_price": "5"}
    path.write_text(json.dumps({"version": 1, "accounts": [{"name": "a", "venue": "okx", "positions": [position]}]}))
    assert cli.main(["margin", str(path)]) == cli.DONE
    out = capsys.readouterr().out
    assert "—" in out
    assert "no mark price for ABC/USDT:USDT" in out
    assert "missing: marks.okx.ABC/USDT:USDT" in out
    assert "missing: accounts[0].balances.USDT" in out


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


def test_a_program_of_its_own_reads_standard_input_and_imports_nothing_heavy() -> None:
    case = next(case for case in CASES if case["id"] == "s-hl-cross-four")
    script = (
        "import sys\nfrom workstation.app import main\ncode = main(['margin', '-', '--json'])\n"
        "heavy = {'PySide6', 'pandas', 'scipy', 'ccxt', 'pyqtgraph'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\nraise SystemExit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(case["portfolio"]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "[]")
    assert json.loads(done.stdout)["accounts"][0]["equity"] == "77850"


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
