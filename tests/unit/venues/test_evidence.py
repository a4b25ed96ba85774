"""`verified` is earned: every rule that says so has a published figure that confirms its liquidation price or ratio."""

import json
from pathlib import Path

import pytest

from workstation.assessment import assess
from workstation.desk.portfolio_file import VENUE_IDS, read_portfolio
from workstation.venues import BY_ID, VENUES

CASES = json.loads((Path(__file__).parents[2] / "golden" / "margin-public.json").read_text(encoding="utf-8"))
RULES = [(spec, rule) for spec in VENUES for rule in spec.rules]
CONFIRMING = ("liquidation.price", "liquidation.status", "displayed_price", "venue_ratio.value")


def confirmed_rules() -> set[str]:
    """Ids of the rules behind every reported or official figure that says where a position is liquidated."""
    ids: set[str] = set()
    for case in CASES:
        if case["evidence"] not in ("reported", "official"):
            continue
        report = assess(read_portfolio(json.dumps(case["portfolio"]).encode()))
        for expected in case["expect"]:
            if expected["field"] in CONFIRMING:
                account = next(a for a in report.accounts if a.name == expected["account"])
                for position in account.positions:
                    cross_figure = expected["symbol"] is None and position.margin_mode == "cross"
                    if (cross_figure or position.symbol == expected["symbol"]) and position.rule:
                        ids.add(position.rule.id)
    return ids


def test_every_verified_rule_is_confirmed_by_a_published_figure() -> None:
    claimed = {rule.id for _, rule in RULES if rule.evidence == "verified"}
    assert claimed - confirmed_rules() == set()


def test_rule_ids_are_never_used_twice() -> None:
    ids = [rule.id for _, rule in RULES]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(("spec", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_a_rule_names_its_source_and_fits_its_venue(spec, rule) -> None:
    assert rule.source
    assert set(rule.collateral_modes) <= set(spec.collateral_modes)


def test_the_portfolio_file_knows_every_venue() -> None:
    assert set(VENUE_IDS) == set(BY_ID)
