"""The command line's contract: exit codes, one document on stdout, one line a fault on stderr, a quick start."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit.planted_faults import broken_files
from tests.kit.portfolios import Json, encoded, flat, instrument, leg, portfolio_of
from workstation import cli
from workstation.desk.portfolio_file import read_portfolio
from workstation.domain.problem import BadInput

A = "QAB/USDT:USDT"
DONE, NO, BAD, LACKING, BUG = 0, 1, 2, 3, 4
Capture = pytest.CaptureFixture[str]


def portfolio(**members: Any) -> Json:
    """Long 1 at 100, 1 % maintenance, 20 USDT: liquidated at 80.81."""
    own = {A: instrument(tiers=flat("0.01"))}
    return (
        portfolio_of(
            "binance-usdm", [leg(A, "long", "1", "100", leverage="10")], own, {A: "100"}, balances={"USDT": "20"}
        )
        | members
    )


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "portfolio.json"
    path.write_bytes(encoded(portfolio()))
    return str(path)


@pytest.fixture(autouse=True)
def nothing_leaves_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def run(*words: str, data: bytes = b"", **options: Any) -> subprocess.CompletedProcess[bytes]:
    """The program by itself, without a display."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    command = [sys.executable, "-m", "workstation", *words]
    return subprocess.run(command, input=data, capture_output=True, check=False, env=environment | options)


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("json_too", [[], ["--json"]])
@pytest.mark.parametrize("command", [["margin"], ["stress", "--scenario", "QAB=-0.1"]])
def test_0_when_done_with_everything_on_stdout(file: str, command: list[str], json_too: list[str], capsys: Capture):
    assert cli.main([command[0], file, *command[1:], *json_too]) == DONE
    out, err = capsys.readouterr()
    assert out.strip()
    assert err == ""


def test_0_for_missing_facts_which_are_no_fault(tmp_path: Path, capsys: Capture):
    path = tmp_path / "p.json"
    path.write_bytes(encoded(portfolio(marks={})))
    assert cli.main(["margin", str(path), "--json"]) == DONE
    out, err = capsys.readouterr()
    assert json.loads(out)["accounts"][0]["positions"][0]["liquidation"]["status"] == "insufficient"
    assert err == ""


ANSWERS = [("QAB=-0.1", DONE), ("QAB=-0.3", NO)]


@pytest.mark.parametrize(("scenario", "code"), ANSWERS)
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_1_only_where_the_command_asks_whether_anything_is_liquidated(
    file: str, scenario: str, code: int, json_too: list[str], capsys: Capture
):
    command = ["stress", file, "--scenario", scenario, *json_too]
    assert cli.main(command) == DONE
    assert cli.main([*command, "--fail-on-liquidation"]) == code
    assert capsys.readouterr().out.strip()


def test_1_where_nobody_can_know(tmp_path: Path, capsys: Capture):
    path = tmp_path / "p.json"
    path.write_bytes(encoded(portfolio(marks={})))
    assert cli.main(["stress", str(path), "--scenario", "QAB=-0.1", "--fail-on-liquidation", "--json"]) == NO
    assert json.loads(capsys.readouterr().out)["survives"] is None


def test_2_for_every_fault_of_the_file_a_line_path_and_text_on_stderr_and_nothing_on_stdout(
    tmp_path: Path, capsys: Capture
):
    for i, broken in enumerate(broken_files(5, 60)):
        path = tmp_path / f"{i}.json"
        path.write_bytes(broken.data)
        with pytest.raises(BadInput) as refused:
            read_portfolio(broken.data)
        for command in (["margin", str(path), "--json"], ["stress", str(path), "--scenario", "BTC=-0.1"]):
            assert cli.main(command) == BAD
            out, err = capsys.readouterr()
            assert out == ""
            assert err.splitlines() == [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("name", ["missing.json", ".", "portfolio.json/inside", "\udcff.json", "a" * 5000])
@pytest.mark.parametrize("command", ["margin", "stress"])
def test_2_for_a_file_that_cannot_be_read(file: str, name: str, command: str, capsys: Capture):
    path = str(Path(file).parent / name)
    extra = ["--scenario", "BTC=-0.1"] if command == "stress" else []
    assert cli.main([command, path, *extra]) == BAD
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "cannot be read" in err


@pytest.mark.parametrize(
    "scenario", ["", "QAB", "QAB=", "=-0.1", "QAB=-10%", "QAB=-1", "QAB=-0.1,QAB=-0.2", "QAB=nan", ","]
)
def test_2_for_a_scenario_that_is_none(file: str, scenario: str, capsys: Capture):
    assert cli.main(["stress", file, "--scenario", scenario]) == BAD
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.startswith("scenario: ") for line in err.splitlines())
    assert err


@pytest.mark.parametrize(
    "words", [[], ["margin"], ["stress", "x.json"], ["margin", "a", "b"], ["margin", "x", "--yaml"]]
)
def test_2_for_words_that_are_no_command(words: list[str], capsys: Capture):
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == BAD
    assert capsys.readouterr().out == ""


def test_4_for_a_bug_with_a_report_that_tells_no_figures(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
):
    def broken(*_: object) -> None:
        secret_balance = 12345678
        raise ZeroDivisionError(f"of {secret_balance:d}"[:3])

    monkeypatch.setattr(cli, "assess", broken)
    assert cli.main(["margin", file]) == BUG
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    [report] = (tmp_path / "state").rglob("crash-*.txt")
    assert str(report) in err
    text = report.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "12345678" not in text


def test_4_even_where_the_report_cannot_be_written(file: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture):
    """1 would say that the answer is no."""
    monkeypatch.setenv("XDG_STATE_HOME", file)  # a file, where a folder is wanted
    monkeypatch.setattr(cli, "assess", lambda *_: 1 / 0)
    assert cli.main(["margin", file]) == BUG
    assert "bug" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="not on Windows, nor on macOS: /dev/full")
def test_3_a_full_disk_is_no_bug_of_ours(file: str, tmp_path: Path):
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "workstation", "margin", file, "--json"]
        environment = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=environment)
    assert done.returncode == LACKING
    assert b"bug" not in done.stderr
    assert not list(tmp_path.rglob("crash-*"))


# --- what is printed --------------------------------------------------------------------------------------------------


def test_json_prints_exactly_one_document(file: str, capsys: Capture):
    cli.main(["margin", file, "--json"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"version", "as_of", "accounts"}
    [account] = document["accounts"]
    assert set(account) == {
        *("name", "venue", "asset", "equity", "initial_margin", "maintenance_margin", "margin_use", "venue_ratio"),
        *("pools", "positions"),
    }
    [position] = account["positions"]
    assert set(position) == {
        *("symbol", "side", "margin_mode", "isolated_wallet", "mark", "notional", "unrealised_pnl", "initial_margin"),
        *("maintenance_margin", "liquidation", "displayed_price", "bankruptcy_price", "distance", "rule", "tiers"),
    }
    assert set(position["liquidation"]) == {"status", "price", "because", "missing", "roots"}
    assert set(position["rule"]) == {"id", "valid_from", "evidence", "source"}
    assert set(position["tiers"]) == {"source", "as_of"}


def test_stress_json_has_what_the_contract_names(file: str, capsys: Capture):
    cli.main(["stress", file, "--scenario", "QAB=-0.3", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert {"version", "scenario", "survives", "accounts"} <= set(document)
    [account] = document["accounts"]
    names = (
        "name",
        "equity_before",
        "equity_after",
        "margin_use_after",
        "joint_distance",
        "first_liquidation",
        "events",
    )
    assert {*names, "positions"} <= set(account)
    assert {"multiple", "moves"} <= set(account["joint_distance"])
    assert set(account["first_liquidation"]) == {"symbol", "at_multiple", "at_step", "time"}
    assert {"step", "time", "kind", "symbol", "quantity", "price", "loss"} <= set(account["events"][0])
    wanted = {"symbol", "side", "mark_after", "pnl", "distance_after", "liquidated"}
    assert wanted <= set(account["positions"][0])


def test_as_of_is_repeated_as_the_file_says_it(tmp_path: Path, capsys: Capture):
    path = tmp_path / "p.json"
    path.write_bytes(encoded(portfolio(as_of="2026-05-07T00:00:00Z")))
    cli.main(["margin", str(path), "--json"])
    assert json.loads(capsys.readouterr().out)["as_of"] == "2026-05-07T00:00:00Z"


def test_a_table_names_what_is_not_known_and_why(tmp_path: Path, capsys: Capture):
    held = [leg(A, "long", "1", "100"), leg("QCD/USDT:USDT", "short", "1", "100", margin_mode="isolated")]
    path = tmp_path / "p.json"
    path.write_bytes(
        encoded(
            portfolio_of("binance-usdm", held, {A: instrument(tiers=flat("0.01"))}, {A: "100"}, balances={"USDT": "20"})
        )
    )
    cli.main(["margin", str(path)])
    out = capsys.readouterr().out
    long, short = (next(line for line in out.splitlines() if line.startswith(s)) for s in (A, "QCD/USDT:USDT"))
    assert "80.808081" in long
    assert "—" not in long
    assert "—" in short
    assert "insufficient" in short
    for fact in ("marks.binance-usdm.QCD/USDT:USDT", "accounts[0].positions[1].leverage", "tiers"):
        assert fact in out
    assert " nan" not in out.lower()
    assert "Unknown(" not in out


def test_columns_of_a_table_stand_below_each_other(file: str, capsys: Capture):
    cli.main(["margin", file])
    lines = capsys.readouterr().out.splitlines()
    titles = next(line for line in lines if line.startswith("symbol"))
    row = next(line for line in lines if line.startswith(A))
    end = titles.index("mark") + len("mark")
    assert row[:end].endswith("100")
    assert titles.index("status") + len("status") == row.index(" ok") + len(" ok")


def test_a_misspelt_asset_is_said_on_stderr(file: str, capsys: Capture):
    assert cli.main(["stress", file, "--scenario", "QBA=-0.5", "--json"]) == DONE
    out, err = capsys.readouterr()
    assert json.loads(out)["survives"] is True
    assert "QBA" in err


CONTRACT = Path(__file__).parents[3] / "shared" / "contracts" / "portfolio.md"


@pytest.mark.skipif(not CONTRACT.exists(), reason="shared data absent: the contract")
def test_the_contracts_own_example_is_answered(tmp_path: Path, capsys: Capture):
    text = CONTRACT.read_text(encoding="utf-8")
    path = tmp_path / "example.json"
    path.write_text(text.partition("```json")[2].partition("```")[0], encoding="utf-8")
    assert cli.main(["margin", str(path), "--json"]) == DONE
    [account] = json.loads(capsys.readouterr().out)["accounts"]
    bitcoin, solana = account["positions"]
    # 10000 + P - 100000 = 0.004 P; SOL has the program's own tiers of that day
    assert bitcoin["liquidation"]["price"].startswith("90361.44578313253012048")
    assert solana["liquidation"]["status"] == "ok"
    assert solana["isolated_wallet"] == "1600"
    assert (account["equity"], account["maintenance_margin"], account["margin_use"]) == ("10000", "400", "0.04")


@pytest.mark.parametrize("command", [["margin"], ["stress", "--scenario", "BTC=-0.1"]])
def test_a_file_without_accounts_is_answered_too(tmp_path: Path, command: list[str], capsys: Capture):
    path = tmp_path / "empty.json"
    path.write_text('{"version": 1, "accounts": []}', encoding="utf-8")
    assert cli.main([command[0], str(path), *command[1:]]) == DONE
    assert capsys.readouterr().out.strip()
    assert cli.main([command[0], str(path), *command[1:], "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["accounts"] == []


# --- the program by itself --------------------------------------------------------------------------------------------


def test_a_dash_reads_standard_input(capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    class Input:
        buffer = io.BytesIO(encoded(portfolio()))

    monkeypatch.setattr(sys, "stdin", Input())
    assert cli.main(["margin", "-", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["accounts"][0]["equity"] == "20"


def test_the_program_reads_standard_input_and_refuses_rubbish_there():
    good = run("margin", "-", "--json", data=encoded(portfolio()))
    assert (good.returncode, good.stderr) == (DONE, b"")
    assert json.loads(good.stdout)["version"] == 1
    bad = run("margin", "-", data=b"\xff\xfe")
    assert (bad.returncode, bad.stdout) == (BAD, b"")
    assert b"UTF-8" in bad.stderr


def test_a_reader_that_goes_away_is_no_error(file: str, tmp_path: Path):
    many = portfolio()
    many["accounts"] = [many["accounts"][0] | {"name": f"account {i}"} for i in range(300)]
    large = tmp_path / "large.json"
    large.write_bytes(encoded(many))
    for name in (file, str(large)):
        command = [sys.executable, "-m", "workstation", "margin", name, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            errors = process.stderr.read()
            assert (process.wait(timeout=60), errors) == (DONE, b"")


def test_a_terminal_that_is_not_utf_8_gets_its_results_all_the_same(file: str):
    done = run("margin", file, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == DONE
    assert "·" in done.stdout.decode()


HEAVY = ("PySide6", "shiboken6", "pandas", "scipy", "ccxt", "numba", "duckdb", "aiohttp", "matplotlib")


@pytest.mark.parametrize("words", [["margin"], ["stress", "--scenario", "QAB=-0.1"]])
def test_nothing_heavy_is_imported(file: str, words: list[str]):
    program = (
        "import sys, workstation.app as app\n"
        f"code = app.main([{words[0]!r}, {file!r}, *{words[1:]!r}, '--json'])\n"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] in "
        f"{HEAVY!r}), file=sys.stderr)\n"
        "raise SystemExit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (DONE, b"[]")
