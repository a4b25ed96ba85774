"""What changed between two days: every field that differs, and nothing where the same figures were read again."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from workstation.domain.collateral import Buffers, Haircut
from workstation.domain.instrument import Instrument
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable
from workstation.risk.rules import MarginRule
from workstation.venues import BY_ID, rule_changes
from workstation.venues.rule_changes import FieldChange, RuleChange, changes, describe
from workstation.venues.rule_data import VenueData

BEFORE, AFTER = date(2025, 1, 1), date(2026, 1, 1)


def table(*rows: str, as_of: str = "2025-01-01") -> TierTable:
    return TierTable(
        tuple(
            MarginTier(Decimal(floor), None if cap == "-" else Decimal(cap), Decimal(rate), None, Decimal(leverage))
            for floor, cap, rate, leverage in (row.split() for row in rows)
        ),
        "test",
        as_of,
    )


@pytest.fixture
def days(monkeypatch):
    """Put two venue data in place of the files: `days(before, after)`."""

    def put(before: VenueData, after: VenueData) -> None:
        stated = {BEFORE: before, AFTER: after}
        monkeypatch.setattr(rule_changes, "load", lambda venue, on: stated[on])

    return put


def data(fee: str | None = None, collateral: dict[str, Any] | None = None, **instruments: Instrument) -> VenueData:
    by_symbol = {instrument.symbol: instrument for instrument in instruments.values()}
    return VenueData(by_symbol, collateral or {}, Decimal(fee) if fee else None)


def bitcoin(tiers: TierTable | None = None, **figures: Any) -> Instrument:
    return Instrument("BTC/USDT:USDT", "linear", tiers=tiers, **figures)


def test_no_change_between_equal_days():
    assert changes("binance-usdm", AFTER, AFTER, BY_ID["binance-usdm"].rules) == ()


def test_the_same_figures_read_on_a_later_day_are_no_change(days):
    rows = ("0 1000 0.01 50", "1000 - 0.02 25")
    days(data(b=bitcoin(table(*rows))), data(b=bitcoin(table(*rows, as_of="2026-01-01"))))
    assert changes("binance-usdm", BEFORE, AFTER) == ()


def test_symbols_that_came_and_went(days):
    gold = Instrument("XAU/USDT:USDT", "linear", tiers=table("0 1000 0.01 50"))
    days(data(b=bitcoin()), data(x=gold))
    found = changes("binance-usdm", BEFORE, AFTER)
    assert [(change.subject, change.kind) for change in found] == [
        ("BTC/USDT:USDT", "removed"),
        ("XAU/USDT:USDT", "added"),
    ]
    assert describe(found) == [
        "BTC/USDT:USDT: removed",
        "XAU/USDT:USDT: added (number of tiers 1, max_leverage 50, largest size 1,000)",
    ]


def test_every_figure_of_a_tier_that_changed_is_named(days):
    old = table("0 10000 0.004 125", "10000 100000 0.01 50")
    new = table("0 10000 0.005 100", "10000 200000 0.01 50")
    days(data(b=bitcoin(old)), data(b=bitcoin(new)))
    (change,) = changes("binance-usdm", BEFORE, AFTER)
    assert FieldChange("max_leverage", "125", "100") in change.fields
    assert FieldChange("largest size", "100000", "200000") in change.fields
    assert FieldChange("tiers[1].maintenance_rate", "0.004", "0.005") in change.fields
    assert FieldChange("tiers[2].cap", "100000", "200000") in change.fields
    assert FieldChange("maintenance of 100000", "940", "950") in change.fields
    (line,) = describe([change])
    assert line.startswith("BTC/USDT:USDT: max_leverage 125 → 100; largest size 100,000 → 200,000; maintenance of ")
    assert line.endswith("; maintenance of 100,000 940 → 950")


def test_whole_tiers_cost_one_rate_on_everything(days):
    old = table("0 10 0.01 50", "10 - 0.02 25")
    days(data(b=bitcoin(old)), data(b=bitcoin(table("0 10 0.01 50", "10 - 0.03 25"))))
    whole = MarginRule(id="w", valid_from=date(2020, 1, 1), evidence="documented", source="test", tier_form="whole")
    (change,) = changes("okx", BEFORE, AFTER, (whole,))
    assert FieldChange("maintenance of 10000", "200", "300") in change.fields


def test_a_table_without_a_common_size_is_told_tier_by_tier(days):
    days(data(b=bitcoin(table("0 0.5 0.01 50"))), data(b=bitcoin(table("0 0.5 0.02 50"))))
    assert describe(changes("binance-coinm", BEFORE, AFTER)) == ["BTC/USDT:USDT: tiers[1].maintenance_rate 0.01 → 0.02"]


def test_sizes_models_fees_and_collateral(days):
    model = LinearInSize(Decimal("0.02"), Decimal("0.00005"), Decimal("0.01"), Decimal("0.00005"))
    steeper = LinearInSize(Decimal("0.02"), Decimal("0.00005"), Decimal("0.01"), Decimal("0.0001"))
    before = data(
        "0.0006",
        {"BTC": Haircut(Decimal("0.05")), "USDT": Buffers(Decimal(0), Decimal(0))},
        b=bitcoin(contract_size=Decimal("0.1"), margin_model=model),
    )
    after = data(
        "0.00055",
        {"BTC": Haircut(Decimal("0.10")), "ETH": Haircut(Decimal("0.1"))},
        b=bitcoin(contract_size=Decimal("0.01"), margin_model=steeper),
    )
    days(before, after)
    assert describe(changes("okx", BEFORE, AFTER)) == [
        "taker fee: rate 0.0006 → 0.00055",
        "collateral BTC: haircut 0.05 → 0.1",
        "collateral USDT: removed (ask_buffer 0, bid_buffer 0)",
        "collateral ETH: added (haircut 0.1)",
        "BTC/USDT:USDT: contract_size 0.1 → 0.01; maintenance_slope_per_coin 0.00005 → 0.0001",
    ]


def test_a_formula_that_was_replaced_is_named_with_what_differs():
    found = changes("gate", date(2025, 7, 28), date(2025, 7, 29), BY_ID["gate"].rules)
    forms = {change.subject: change for change in found if change.subject.startswith("formula")}
    assert set(forms) == {
        f"formula {mode} {kind} single" for mode in ("cross", "isolated") for kind in ("linear", "inverse")
    }
    change = forms["formula isolated linear single"]
    assert FieldChange("tier_form", "whole", "marginal") in change.fields
    assert FieldChange("id", "gate-linear-whole", "gate-isolated") in change.fields
    assert all("source" not in line for line in describe(found))


def test_binance_from_2025_to_2026():
    found = changes("binance-usdm", date(2025, 10, 2), date(2026, 9, 29), BY_ID["binance-usdm"].rules)
    kinds = {change.subject: change.kind for change in found}
    assert kinds["XAG/USDT:USDT"] == kinds["XAU/USDT:USDT"] == "added"
    assert kinds["ZEC/USDT:USDT"] == "changed"
    assert "BTC/USDT:USDT" not in kinds
    (zcash,) = (change for change in found if change.subject == "ZEC/USDT:USDT")
    assert FieldChange("largest size", "12500000", "60000000") in zcash.fields
    assert all(len(line) < 400 for line in describe(found))


def test_changes_are_values():
    assert RuleChange("taker fee", "added") == RuleChange("taker fee", "added")
