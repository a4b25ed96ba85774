"""Every published case agrees: through the Python API, through the command line, and as the installed program runs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit.portfolios import CASES_FILE, disagreements, encoded, public_cases
from workstation.assessment import assess
from workstation.cli import main
from workstation.desk.portfolio_file import read_portfolio
from workstation.reports.documents import margin_document

CASES = {case["id"]: case for case in public_cases()}
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "margin" / "public.json"


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One published case after the other."""
    return CASES[request.param]


def test_all_99_cases_are_here_as_they_were_published():
    assert len(CASES) == 99
    if not SHARED.exists():
        pytest.skip("shared data absent: the published cases")
    assert CASES_FILE.read_bytes() == SHARED.read_bytes()


def test_the_python_api_agrees(case: dict[str, Any]):
    report = assess(read_portfolio(encoded(case["portfolio"])))
    assert not disagreements(margin_document(report), case["expect"])


def test_the_command_line_agrees(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "portfolio.json"
    file.write_bytes(encoded(case["portfolio"]))
    code = main(["margin", str(file), "--json"])
    out, err = capsys.readouterr()
    assert code == 0
    assert err == ""
    assert not disagreements(json.loads(out), case["expect"])


@pytest.mark.parametrize("name", ["bn-usdm-iso-02", "s-cm-hedge-two-roots", "bybit-iso-01", "s-bn-hedge-dead"])
def test_the_installed_program_agrees(name: str, tmp_path: Path):
    file = tmp_path / "portfolio.json"
    file.write_bytes(encoded(CASES[name]["portfolio"]))
    command = [sys.executable, "-m", "workstation", "margin", str(file), "--json"]
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert not disagreements(json.loads(done.stdout), CASES[name]["expect"])


def test_a_rule_is_verified_only_where_a_published_figure_confirms_it():
    """Contract, status: "`verified` needs at least one such case of that rule id"."""
    confirmed: set[str] = set()
    claimed: set[str] = set()
    for case in CASES.values():
        report = assess(read_portfolio(encoded(case["portfolio"])))
        rules = {p.rule.id: p.rule.evidence for a in report.accounts for p in a.positions if p.rule}
        claimed |= {rule for rule, evidence in rules.items() if evidence == "verified"}
        if case["evidence"] in ("reported", "official"):
            confirmed |= set(rules)
    assert claimed <= confirmed


def test_every_verified_rule_of_every_venue_has_such_a_case():
    from workstation.venues import VENUES  # noqa: PLC0415

    used = {
        position.rule.id
        for case in CASES.values()
        if case["evidence"] in ("reported", "official")
        for account in assess(read_portfolio(encoded(case["portfolio"]))).accounts
        for position in account.positions
        if position.rule
    }
    verified = {rule.id for spec in VENUES for rule in spec.rules if rule.evidence == "verified"}
    assert verified <= used
