"""Tables for people: columns that stand, a dash and a reason where a number is missing, both roots named."""

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.portfolios import Json, flat, instrument, leg, portfolio_of, public_cases, report_of, tier
from workstation.desk.shock import read_shock
from workstation.reports.tables import columns, margin_table, stress_table

A = "QAB/USDT:USDT"


def one(wallet: str = "20", **members: object) -> Json:
    own = {A: instrument(tiers=flat("0.01"))}
    return (
        portfolio_of("binance-usdm", [leg(A, "long", "1", "100")], own, {A: "100"}, balances={"USDT": wallet}) | members
    )


@given(
    st.lists(st.tuples(*[st.sampled_from(("", "a", "long text", "123.45", "哈基米", "—"))] * 3), min_size=1, max_size=5)
)
def test_columns_are_as_wide_as_their_widest_cell(rows: list[tuple[str, ...]]):
    lines = columns(("one", "two", "three"), rows).split("\n")
    assert len(lines) == len(rows) + 1
    assert all(line == line.rstrip() for line in lines)


def test_east_asian_names_take_two_columns():
    first, second = columns(("name", "n"), [("哈基米", "1")]).splitlines()
    assert first == "name    n"  # 4 + 2 to the width of 6, and 2 between
    assert second == "哈基米  1"


def test_every_case_makes_a_table_without_a_python_value_in_it():
    for case in public_cases():
        report = report_of(case["portfolio"], read_shock("BTC=-0.1,*=-0.2"))
        for text in (margin_table(report), *(stress_table(stress) for stress in report.stress)):
            assert text.strip()
            foreign = re.search(r"Unknown\(|Decimal\(|\bNone\b|\bnan\b|\dE[+-]?\d|\(\)", text)
            assert foreign is None, (case["id"], foreign)


def test_an_unknown_number_is_a_dash_with_its_reason_below():
    text = margin_table(report_of(one(marks={})))
    row = next(line for line in text.splitlines() if line.startswith(A))
    assert "—" in row
    assert "insufficient" in row
    assert "no mark price" in text
    assert f"marks.binance-usdm.{A}" in text


def test_both_roots_are_named():
    hedge = portfolio_of(
        "binance-usdm",
        [leg(A, "long", "10", "100"), leg(A, "short", "9", "100")],
        {A: instrument(tiers=[tier("0", "2000", "0.01"), tier("2000", None, "0.1")])},
        {A: "100"},
        balances={"USDT": "20"},
        account={"position_mode": "hedge"},
    )
    text = margin_table(report_of(hedge))
    assert "98.765432 (below)" in text
    assert "311.11111 (above)" in text


def test_the_rule_and_its_evidence_are_named():
    text = margin_table(report_of(one()))
    assert "binance-linear" in text
    assert "verified" in text


def test_stress_says_whether_it_survives_and_how_much_it_stands():
    report = report_of(one(), read_shock("QAB=-0.1"), read_shock("QAB=-0.3"), read_shock("QAB=0.1"))
    calm, hard, up = (stress_table(stress) for stress in report.stress)
    assert "survives" in calm
    assert "1.91919 × the move" in calm  # 80 / 0.99 is 19.19 % down
    assert "does not survive" in hard
    assert "liquidated" in hard
    assert "joint distance: —" in up


def test_an_empty_file_says_so():
    assert "no accounts" in margin_table(report_of({"version": 1, "accounts": []}))


def test_no_number_is_rounded_away_to_nothing():
    tiny = portfolio_of(
        "binance-usdm",
        [leg(A, "long", "1000", "0.0000123")],
        {A: instrument(tiers=flat("0.01"))},
        {A: "0.0000123"},
        balances={"USDT": str(Decimal("0.004"))},
    )
    assert "0.0000123" in margin_table(report_of(tiny))
