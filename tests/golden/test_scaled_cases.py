"""The published cases in other units: quantities x 7 and prices x 3 give the same answers, scaled.

So nothing in the engine knows a case. Only the rule that rounds to whole satoshi (BitMEX inverse) has its own scale.
"""

import copy
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.kit.portfolios import disagreements, encoded, public_cases
from workstation.assessment import assess
from workstation.desk.portfolio_file import read_portfolio
from workstation.reports.documents import margin_document

Json = dict[str, Any]
QUANTITY, PRICE = Fraction(7), Fraction(3)
LINEAR_VALUE = QUANTITY * PRICE  # quote currency
COINS = QUANTITY / PRICE  # an inverse contract has its face in the quote currency: n faces are n / price coins
DIGITS = Context(prec=55)


def times(text: str, factor: Fraction) -> str:
    """The product as plain decimal text; 7/3 to 55 digits."""
    return f"{DIGITS.divide(Decimal(text) * factor.numerator, Decimal(factor.denominator)):f}"


def is_inverse(symbol: str) -> bool:
    base, _, rest = symbol.partition("/")
    return rest.partition(":")[2].split("-")[0] == base


def value_factor(symbol: str) -> Fraction:
    """By how much values in the settle asset of a contract grow."""
    return COINS if is_inverse(symbol) else LINEAR_VALUE


def scaled(portfolio: Mapping[str, Any]) -> Json:
    """The same portfolio with quantities x 7 and prices x 3; balances, tiers and ticks to match."""
    document = copy.deepcopy(dict(portfolio))

    def change(place: Json, name: str, factor: Fraction) -> None:
        if place.get(name) is not None:
            place[name] = times(place[name], factor)

    settle: dict[str, Fraction] = {}
    for account in document["accounts"]:
        for position in [*account["positions"], *account.get("orders", [])]:
            symbol = position["symbol"]
            value = value_factor(symbol)
            settle[symbol.partition(":")[2].split("-")[0]] = value
            for name in ("quantity", "contracts"):
                change(position, name, QUANTITY)
            for name in ("entry_price", "price"):
                change(position, name, PRICE)
            change(position, "isolated_wallet", value)
        for asset in account.get("balances", {}):
            # a coin beside the positions: more of it, and each at a higher price
            other = LINEAR_VALUE if asset in ("USDT", "USDC") else QUANTITY
            change(account["balances"], asset, settle.get(asset, other))
    for asset, price in document.get("collateral_prices", {}).items():
        if asset not in ("USDT", "USDC"):
            document["collateral_prices"][asset] = times(price, PRICE)
    for symbols in document["marks"].values():
        for symbol in symbols:
            change(symbols, symbol, PRICE)
    for venue, instruments in document["instruments"].items():
        for symbol, instrument in instruments.items():
            _scale_instrument(venue, symbol, instrument, change)
    return document


def _scale_instrument(venue: str, symbol: str, own: Json, change: Callable[[Json, str, Fraction], None]) -> None:
    value = value_factor(symbol)
    change(own, "price_tick", PRICE)
    for row in own.get("tiers", []):
        for name in ("floor", "cap"):
            change(row, name, QUANTITY if venue == "okx" else value)
        change(row, "maintenance_amount", value)
    for name in ("initial_slope_per_coin", "maintenance_slope_per_coin"):
        change(own.get("margin_model", {}), name, 1 / (COINS if is_inverse(symbol) else QUANTITY))


def scaled_expectation(expectation: Mapping[str, Any], portfolio: Mapping[str, Any]) -> Json:
    """What the scaled portfolio must give."""
    field, value, tolerance = (expectation[name] for name in ("field", "value", "tolerance"))
    symbol = expectation["symbol"] or portfolio["accounts"][0]["positions"][0]["symbol"]
    match field:
        case "margin_use" | "venue_ratio.value" | "liquidation.status":
            factor = Fraction(1)
        case "liquidation.price" | "liquidation.roots" | "displayed_price" | "bankruptcy_price":
            factor = PRICE
        case "equity" | "initial_margin" | "maintenance_margin":
            factor = value_factor(symbol)
        case _:
            raise AssertionError(f"how does {field} scale?")
    if tolerance is not None:
        value = [times(v, factor) for v in value] if isinstance(value, list) else times(value, factor)
        tolerance = times(tolerance, factor)
    return {**expectation, "value": value, "tolerance": tolerance}


def rounds_to_satoshi(case: Mapping[str, Any]) -> bool:
    positions = case["portfolio"]["accounts"][0]["positions"]
    return case["venue"] == "bitmex" and any(is_inverse(position["symbol"]) for position in positions)


CASES = {case["id"]: case for case in public_cases() if not rounds_to_satoshi(case)}


def test_only_the_satoshi_rule_is_left_out():
    assert {case["id"] for case in public_cases()} - set(CASES) == {"bitmex-inv-01"}


@pytest.mark.parametrize("name", CASES)
def test_a_scaled_case_gives_the_scaled_answer(name: str):
    case = CASES[name]
    report = assess(read_portfolio(encoded(scaled(case["portfolio"]))))
    wanted = [scaled_expectation(expectation, case["portfolio"]) for expectation in case["expect"]]
    assert not disagreements(margin_document(report), wanted)


@pytest.mark.parametrize("name", CASES)
def test_every_figure_scales_and_not_only_those_that_were_published(name: str):
    """Margins, prices and ratios of every position, to 1e-25."""
    case = CASES[name]
    before = assess(read_portfolio(encoded(case["portfolio"]))).accounts[0]
    after = assess(read_portfolio(encoded(scaled(case["portfolio"])))).accounts[0]
    for old, new in zip(before.positions, after.positions, strict=True):
        value = value_factor(old.symbol)
        assert old.liquidation.status == new.liquidation.status
        assert [root.tier for root in old.liquidation.roots] == [root.tier for root in new.liquidation.roots]
        factors = {
            "notional": value,
            "unrealised_pnl": value,
            "initial_margin": value,
            "maintenance_margin": value,
            "margin_use": Fraction(1),
            "displayed_price": PRICE,
            "bankruptcy_price": PRICE,
            "distance_fraction": Fraction(1),
            "distance_quote": PRICE,
        }
        for figure, factor in factors.items():
            was, now = getattr(old, figure), getattr(new, figure)
            assert isinstance(was, Decimal) == isinstance(now, Decimal), figure
            if isinstance(was, Decimal):
                wanted = Fraction(was) * factor
                assert isinstance(old.notional, Decimal)
                scale = max(abs(wanted), Fraction(old.notional) * value if factor == value else Fraction(0))
                assert abs(Fraction(now) - wanted) <= scale / 10**25, figure
