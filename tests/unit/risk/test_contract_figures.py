"""The contract's *Meanings* in the figures of `margin --json`, every venue and side, worked out by hand."""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.kit.portfolios import Json, flat, instrument, leg, portfolio_of, public_cases, report_of, tier
from workstation.reports.documents import margin_document

A, B, C = "QAB/USDT:USDT", "QCD/USDT:USDT", "QEF/USDC:USDC"
COIN = "QAB/USD:QAB"
VENUE = "binance-usdm"


def account_of(portfolio: Json) -> Json:
    """The first account of `margin --json`."""
    return margin_document(report_of(portfolio))["accounts"][0]  # type: ignore[index]


def only_position(portfolio: Json) -> Json:
    [position] = account_of(portfolio)["positions"]
    return position


def one(
    venue: str = VENUE,
    side: str = "long",
    *,
    mark: str = "100",
    wallet: str | None = "20",
    isolated: str | None = None,
    tiers: list[Json] | None = None,
    tick: str | None = None,
    taker: str | None = None,
    as_of: str | None = None,
    **position: Any,
) -> Json:
    """One QAB bought or sold at 100: cross with a wallet of 20 USDT, or isolated; 1 % maintenance."""
    own = instrument(tiers=tiers or flat("0.01"), **({} if tick is None else {"price_tick": tick}))
    mode = {} if isolated is None and wallet is not None else {"margin_mode": "isolated"}
    if isolated is not None:
        mode["isolated_wallet"] = isolated
    account = {} if taker is None else {"taker_fee_rate": taker}
    balances = None if mode else {"USDT": wallet or "0"}
    held = leg(A, side, "1", "100", **mode, **position)
    return portfolio_of(venue, [held], {A: own}, {A: mark}, balances=balances, as_of=as_of, account=account)


def number(text: str | None) -> Fraction:
    assert text is not None
    return Fraction(text)


def assert_near(text: str | None, exact: Fraction | int | str) -> None:
    """To the 15 significant digits that the contract promises."""
    assert abs(number(text) - Fraction(exact)) <= abs(Fraction(exact)) / 10**15, (
        f"{text} is not {float(Fraction(exact))}"
    )


# --- 1. pools ---------------------------------------------------------------------------------------------------------


def two_pools(**account: Any) -> Json:
    """1 % of 100 against 20 USDT and against 10 USDC."""
    instruments = {A: instrument(tiers=flat("0.01")), C: instrument(tiers=flat("0.01"))}
    positions = [leg(A, "long", "1", "100"), leg(C, "long", "1", "100")]
    balances = {"USDT": "20", "USDC": "10"}
    return portfolio_of(VENUE, positions, instruments, {A: "100", C: "100"}, balances=balances, account=account)


def test_1_the_account_repeats_the_pool_with_the_highest_margin_use_and_names_its_asset():
    account = account_of(two_pools())
    figures = {p["asset"]: (p["equity"], p["maintenance_margin"], p["margin_use"]) for p in account["pools"]}
    assert figures == {"USDT": ("20", "1", "0.05"), "USDC": ("10", "1", "0.1")}
    worst = next(pool for pool in account["pools"] if pool["asset"] == "USDC")
    assert {name: account[name] for name in worst} == worst


def test_1_in_multi_mode_there_is_one_pool_in_usd():
    free = {"bid_buffer": "0", "ask_buffer": "0"}
    portfolio = two_pools(collateral_mode="multi") | {
        "collateral_prices": {"USDT": "1", "USDC": "1"},
        "collateral": {VENUE: {"USDT": free, "USDC": free}},
    }
    pools = account_of(portfolio)["pools"]
    assert [(pool["asset"], pool["equity"], pool["maintenance_margin"]) for pool in pools] == [("USD", "30", "2")]


def test_1_without_cross_positions_the_account_has_no_figures():
    account = account_of(one(isolated="10"))
    names = ("asset", "equity", "initial_margin", "maintenance_margin", "margin_use", "venue_ratio")
    assert {name: account[name] for name in names} == dict.fromkeys(names)
    assert account["pools"] == []


def test_1_a_dead_isolated_position_leaves_the_pools_as_they_were():
    portfolio = two_pools()
    before = account_of(portfolio)
    # at 100 a short from 50 has lost 50 against a wallet of 1
    dead = leg(A, "short", "1", "50", margin_mode="isolated", isolated_wallet="1")
    portfolio["accounts"][0]["positions"].append(dead)
    after = account_of(portfolio)
    assert (after["pools"], after["positions"][:2]) == (before["pools"], before["positions"])
    assert after["positions"][2]["liquidation"]["status"] == "liquidatable"


# --- 2. multi mode ----------------------------------------------------------------------------------------------------


def multi(venue: str, wallet: str, rules: Json) -> Json:
    """A long of 1 from 100, now at 90, at 10 % maintenance, beside 2 QCD at 10 USD."""
    return portfolio_of(
        venue,
        [leg(A, "long", "1", "100", leverage="10")],
        {A: instrument(tiers=flat("0.1"))},
        {A: "90"},
        balances={"USDT": wallet, "QCD": "2"},
        account={"collateral_mode": "multi", "taker_fee_rate": "0"},
        collateral_prices={"USDT": "1", "QCD": {venue: "10"}},
        collateral={venue: dict(rules)},
        as_of="2026-06-01",
    )


BUFFERS = {
    "USDT": {"bid_buffer": "0.01", "ask_buffer": "0.02"},
    "QCD": {"bid_buffer": "0.05", "ask_buffer": "0.03"},
}


def test_2_an_asset_counts_at_the_worse_of_bid_and_ask():
    # e = 25 - 10 = 15, min(15 x 0.99, 15 x 1.02) = 14.85; 2 x 10 x 0.95 = 19
    assert account_of(multi(VENUE, "25", BUFFERS))["equity"] == "33.85"
    # e = 5 - 10 = -5, min(-5 x 0.99, -5 x 1.02) = -5.1
    assert account_of(multi(VENUE, "5", BUFFERS))["equity"] == "13.9"


def test_2_margins_convert_at_the_ask_of_the_settle_asset():
    account = account_of(multi(VENUE, "5", BUFFERS))
    # 10 % of 90, and 90 / 10, both x 1.02; the position itself stays in USDT
    assert (account["maintenance_margin"], account["initial_margin"]) == ("9.18", "9.18")
    assert account["positions"][0]["maintenance_margin"] == "9"
    assert_near(account["margin_use"], Fraction("9.18") / Fraction("13.9"))


def test_2_with_haircuts_margins_convert_at_the_price():
    rules = {"USDT": {"haircut": "0.2"}, "QCD": {"haircut": "0.1"}}
    # 15 x 0.8 + 20 x 0.9; then -5 in full + 18
    assert account_of(multi("bybit", "25", rules))["equity"] == "30"
    poor = account_of(multi("bybit", "5", rules))
    assert (poor["equity"], poor["maintenance_margin"]) == ("13", "9")


def test_2_an_asset_that_counts_for_nothing_is_no_error():
    nothing = {"bid_buffer": "1", "ask_buffer": "0"}
    position = only_position(multi(VENUE, "25", {"USDT": nothing, "QCD": nothing}))
    assert position["liquidation"]["status"] == "liquidatable"


# --- 3. requirement ---------------------------------------------------------------------------------------------------

# maintenance margin and requirement of a long of 1 at 100 (leverage 10, taker 0.1 %, wallet 20, 1 % maintenance)
CHARGES = {
    "binance-usdm": ("1", "1"),
    "hyperliquid": ("1", "1"),
    "dydx": ("1", "1"),
    "kraken": ("1", "1"),
    "okx": ("1", "1.1"),  # the fee of 0.1 % of 100 only in the requirement
    "bitget": ("1.1", "1.1"),
    "gate": ("1.1", "1.1"),
    "kucoin": ("1.1", "1.1"),
    "bybit": ("1.09", "1.09"),  # fee at the bankruptcy price of the entry, 90
    "bitmex": ("1.11", "1.11"),  # fee on cost and initial margin, 100 + 10
}


@pytest.mark.parametrize("venue", CHARGES)
def test_3_the_requirement_is_the_maintenance_margin_plus_the_taker_fee_on_okx(venue: str):
    maintenance, requirement = CHARGES[venue]
    account = account_of(one(venue, taker="0.001", leverage="10", as_of="2026-06-01"))
    assert account["positions"][0]["maintenance_margin"] == maintenance
    assert account["maintenance_margin"] == maintenance
    assert_near(account["margin_use"], Fraction(requirement) / 20)


RESERVED = [
    ("bybit", "2025-08-31", "0.09"),
    ("bybit", "2025-09-01", "0.09"),
    ("kucoin", None, "0.11"),
    ("bitmex", None, "0.11"),
]


@pytest.mark.parametrize(("venue", "as_of", "fee"), RESERVED)
def test_3_the_closing_fee_of_an_isolated_position_is_shown_but_cancels(venue: str, as_of: str | None, fee: str):
    fee_less, with_fee = (
        only_position(one(venue, isolated="10", leverage="10", taker=taker, as_of=as_of)) for taker in ("0", "0.001")
    )
    assert fee_less["liquidation"]["price"] == with_fee["liquidation"]["price"]
    assert number(with_fee["maintenance_margin"]) - number(fee_less["maintenance_margin"]) == Fraction(fee)


def test_3_margin_use_is_null_where_the_equity_is_nothing_or_less():
    account = account_of(one(mark="80"))
    assert (account["equity"], account["margin_use"]) == ("0", None)
    account = account_of(one(mark="70"))
    assert (account["equity"], account["margin_use"]) == ("-10", None)


def test_3_margin_use_is_1_at_the_liquidation_price():
    # wallet + 81 - 100 = 0.81
    assert account_of(one(mark="81", wallet="19.81"))["margin_use"] == "1"


RATIOS = {
    "binance-usdm": (True, Fraction(1, 20)),
    "bybit": (True, Fraction("1.09") / 20),
    "bitget": (True, Fraction("1.1") / 20),
    "okx": (False, 20 / Fraction("1.1")),
    "gate": (False, 20 / Fraction("1.1")),
}


@pytest.mark.parametrize("venue", RATIOS)
def test_3_the_venues_own_ratio_has_its_own_direction(venue: str):
    rising, value = RATIOS[venue]
    ratio = account_of(one(venue, taker="0.001", leverage="10", as_of="2026-06-01"))["venue_ratio"]
    assert (ratio["rising_is_bad"], ratio["liquidates_at"]) == (rising, "1")
    assert ratio["label"]
    assert_near(ratio["value"], value)


@pytest.mark.parametrize("venue", ["hyperliquid", "dydx", "bitmex", "kraken", "kucoin"])
def test_3_no_ratio_where_the_venue_shows_none(venue: str):
    assert account_of(one(venue, taker="0.001", leverage="10"))["venue_ratio"] is None


def test_3_okx_takes_the_fees_of_resting_orders_off_its_ratio():
    portfolio = one("okx", taker="0.001")
    portfolio["accounts"][0]["orders"] = [
        {"symbol": A, "side": "buy", "quantity": "2", "price": "90"},
        {"symbol": A, "side": "sell", "quantity": "1", "price": "110", "reduce_only": True},
    ]
    account = account_of(portfolio)
    # (20 - 2 x 90 x 0.001) / 1.1; the price and margin_use do not see orders
    assert_near(account["venue_ratio"]["value"], Fraction("19.82") / Fraction("1.1"))
    assert_near(account["margin_use"], Fraction("1.1") / 20)


# --- 4. roots ---------------------------------------------------------------------------------------------------------


def hedged(tiers: list[Json], mark: str, wallet: str, entry: str = "100") -> Json:
    """Long 10 and short 9 of one contract in cross: equity = wallet + P - entry."""
    positions = [leg(A, "long", "10", entry), leg(A, "short", "9", entry)]
    own = {A: instrument(tiers=tiers)}
    hedge = {"position_mode": "hedge"}
    return portfolio_of(VENUE, positions, own, {A: mark}, balances={"USDT": wallet}, account=hedge)


def test_4_two_roots_ascend_with_direction_and_tier_and_are_shared_by_both_legs():
    # below: 20 + P - 100 = 0.19 P at 80 / 0.81. Above 222.2 both legs are in tier 2 and 19 P x 0.1 - 2 x 2000 x 0.09 =
    # 1.9 P - 360 = P - 80 at 280 / 0.9
    tiers = [tier("0", "2000", "0.01"), tier("2000", None, "0.1")]
    for position in account_of(hedged(tiers, "100", "20"))["positions"]:
        low, high = position["liquidation"]["roots"]
        assert_near(low["price"], 80 / Fraction("0.81"))
        assert_near(high["price"], 280 / Fraction("0.9"))
        assert [(root["direction"], root["tier"]) for root in (low, high)] == [("below", 1), ("above", 2)]
        assert position["liquidation"]["price"] == low["price"]


@pytest.mark.parametrize(("mark", "price"), [("199", "100"), ("200", "100"), ("201", "300")])
def test_4_price_is_the_nearest_root_and_of_two_equally_near_the_one_below(mark: str, price: str):
    # below: 119 + P - 200 = 0.19 P at 100; above: 2.09 P - 2 x 2040 x 0.1 = P - 81 at 300
    tiers = [tier("0", "2040", "0.01"), tier("2040", None, "0.11")]
    found = account_of(hedged(tiers, mark, "119", "200"))["positions"][0]["liquidation"]
    assert [root["price"] for root in found["roots"]] == ["100", "300"]
    assert found["price"] == price


def test_4_a_tie_holds_where_the_roots_are_irrational():
    # inverse short, entry = mark, half of it as margin: Q / P - Q / 2E = s (Q / P)^2, whose two prices add up to 2 E
    model = MODEL | {"maintenance_base": "0", "maintenance_slope_per_coin": "0.001"}
    for mark in ("3", "7", "9", "11", "13", "4875"):
        portfolio = portfolio_of(
            "deribit",
            [leg(COIN, "short", str(int(mark) * 10), mark, margin_mode="isolated", leverage="2")],
            {COIN: instrument("inverse", margin_model=model)},
            {COIN: mark},
        )
        position = only_position(portfolio)
        low, high = position["liquidation"]["roots"]
        assert_near(str(Decimal(low["price"]) + Decimal(high["price"])), 2 * int(mark))
        assert position["liquidation"]["price"] == position["displayed_price"] == low["price"]


def test_4_one_entry_where_two_tiers_meet():
    # tiers 1 % and 2 % meet at 90: 10.9 + P - 100 = 0.01 P and = 0.02 P - 0.9 both at 90
    tiers = [tier("0", "90", "0.01"), tier("90", None, "0.02")]
    found = only_position(one(isolated="10.9", tiers=tiers))["liquidation"]
    assert found["roots"] == [{"price": "90", "direction": "below", "tier": 1}]


def test_4_a_size_at_the_cap_is_in_the_tier_below_it():
    # kraken: one tier's rate on everything, so that the tier shows
    tiers = [tier("0", "100", "0.01"), tier("100", None, "0.5")]
    assert only_position(one("kraken", tiers=tiers, mark="100"))["maintenance_margin"] == "1"
    assert only_position(one("kraken", tiers=tiers, mark="100.0001", wallet="80"))["maintenance_margin"] == "50.00005"


def test_4_the_tier_is_this_legs_own_at_the_root():
    # 40 long and 10 short from 100: at 80 the long is 3200, the short 800; maintenance there is 0.01 x 1000 + 0.02 x
    # 2200 + 0.01 x 800 = 62, so the wallet is 30 x 20 + 62
    tiers = [tier("0", "1000", "0.01"), tier("1000", None, "0.02")]
    positions = [leg(A, "long", "40", "100"), leg(A, "short", "10", "100")]
    portfolio = portfolio_of(VENUE, positions, {A: instrument(tiers=tiers)}, {A: "100"}, balances={"USDT": "662"})
    roots = [position["liquidation"]["roots"] for position in account_of(portfolio)["positions"]]
    assert [[(root["price"], root["tier"]) for root in of_leg] for of_leg in roots] == [[("80", 2)], [("80", 1)]]


def test_4_roots_beyond_the_last_cap_are_not_listed():
    # the tie's book, with a table that ends where the long leg is at 290
    tiers = [tier("0", "2040", "0.01"), tier("2040", "2900", "0.11")]
    found = account_of(hedged(tiers, "200", "119", "200"))["positions"][0]["liquidation"]
    assert [root["price"] for root in found["roots"]] == ["100"]


@pytest.mark.parametrize(("mark", "status"), [("150", "ok"), ("150.000001", "insufficient")])
def test_4_a_mark_beyond_the_last_cap_is_insufficient(mark: str, status: str):
    position = only_position(one(tiers=[tier("0", "150", "0.01")], mark=mark))
    assert position["liquidation"]["status"] == status
    if status == "insufficient":
        assert "size above the last tier" in position["liquidation"]["because"]
        assert position["liquidation"]["missing"] == [f"instruments.{VENUE}.{A}.tiers"]
        assert position["maintenance_margin"] is None


@pytest.mark.parametrize(("size", "status"), [("10", "ok"), ("10.01", "insufficient")])
def test_4_on_okx_too_and_with_a_single_tier(size: str, status: str):
    portfolio = one("okx", taker="0", tiers=[tier("0", "10", "0.01")], wallet="500")
    portfolio["accounts"][0]["positions"][0]["quantity"] = size
    assert only_position(portfolio)["liquidation"]["status"] == status


def test_4_where_the_requirement_jumps_the_root_is_the_edge():
    # short from 100: at 150 equity is 70 - 50 = 20; 1 % of 150 is 1.5, but 20 % of anything above is 30
    tiers = [tier("0", "150", "0.01"), tier("150", None, "0.2")]
    found = only_position(one("kraken", "short", wallet="70", tiers=tiers))["liquidation"]
    assert found["roots"] == [{"price": "150", "direction": "above", "tier": 1}]


def test_4_a_jump_right_at_the_mark_is_a_root_at_the_mark():
    tiers = [tier("0", "100", "0.01"), tier("100", None, "0.5")]
    position = only_position(one("kraken", "short", wallet="20", tiers=tiers))
    assert position["liquidation"]["roots"] == [{"price": "100", "direction": "above", "tier": 1}]
    assert position["distance"] == {"fraction": "0", "quote": "0"}


# --- 5. tier forms ----------------------------------------------------------------------------------------------------

# 300 in tiers of 1 % to 100 and 3 % above: slice by slice 1 + 6, or 3 % of everything
FORMS = [
    ("binance-usdm", None, "7"),
    ("bybit", "2022-06-01", "7"),
    ("bybit", "2026-06-01", "7"),
    ("hyperliquid", "2024-01-01", "7"),
    ("gate", "2025-07-28", "9"),
    ("gate", "2025-07-29", "7"),
    ("bitget", "2025-11-09", "9"),
    ("bitget", "2025-11-10", "7"),
    ("okx", None, "9"),
]


@pytest.mark.parametrize(("venue", "as_of", "maintenance"), FORMS)
@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_5_marginal_or_one_tiers_rate_on_everything(venue: str, as_of: str | None, maintenance: str, mode: str):
    # OKX counts contracts: 300 of them, of 1 base unit at a price of 1
    tiers = [tier("0", "100", "0.01"), tier("100", None, "0.03")]
    own = {"margin_mode": mode} | ({"isolated_wallet": "100"} if mode == "isolated" else {})
    portfolio = portfolio_of(
        venue,
        [leg(A, "long", "300", "1", **own)],
        {A: instrument(tiers=tiers)},
        {A: "1"},
        balances={"USDT": "100"},
        account={"taker_fee_rate": "0"},
        as_of=as_of,
    )
    assert only_position(portfolio)["maintenance_margin"] == maintenance


def test_5_a_stated_maintenance_amount_is_used_as_it_stands():
    tiers = [tier("0", "100", "0.01", "0"), tier("100", None, "0.03", "5")]
    # 0.03 x 300 - 5, not the 2 that the rows give
    assert only_position(one(tiers=tiers, mark="300"))["maintenance_margin"] == "4"


OKX_TIERS = [tier("0", "10", "0.01"), tier("10", None, "0.1")]


def okx(positions: list[Json], **account: Any) -> list[str]:
    """The rate of each position's tier."""
    symbols = {position["symbol"] for position in positions}
    instruments = {
        symbol: instrument("inverse" if "/USD:" in symbol else "linear", contract_size="0.5", tiers=OKX_TIERS)
        for symbol in symbols
    }
    portfolio = portfolio_of(
        "okx",
        positions,
        instruments,
        dict.fromkeys(symbols, "100"),
        balances={"USDT": "1000", "USDC": "1000", "QAB": "1000", "QCD": "1000"},
        account={"taker_fee_rate": "0", **account},
    )
    found = account_of(portfolio)["positions"]
    return [f"{Decimal(p['maintenance_margin']) / Decimal(p['notional']):.2f}" for p in found]


def test_5_okx_counts_quantity_over_contract_size():
    assert okx([leg(A, "long", "5", "100")]) == ["0.01"]  # 10 contracts of 0.5
    assert okx([leg(A, "long", "5.001", "100")]) == ["0.10"]


def test_5_okx_sums_all_expiries_of_one_base_and_kind_in_cross():
    usdc, dated = "QAB/USDC:USDC", "QAB/USDT:USDT-261225"
    assert okx([leg(A, "long", "3", "100"), leg(dated, "long", "3", "100")]) == ["0.10", "0.10"]
    assert okx([leg(A, "long", "3", "100"), leg(usdc, "long", "3", "100")]) == ["0.10", "0.10"]
    assert okx([leg(A, "long", "3", "100"), leg(B, "long", "3", "100")]) == ["0.01", "0.01"]  # another base
    assert okx([leg(A, "long", "3", "100"), leg(COIN, "long", "6", "100")]) == ["0.01", "0.01"]  # another kind
    assert okx([leg(COIN, "long", "6", "100"), leg(COIN + "-261225", "short", "6", "100")]) == ["0.10", "0.10"]


def test_5_okx_counts_longs_and_shorts_apart_in_hedge_mode():
    legs = [leg(A, "long", "3", "100"), leg(A, "short", "3", "100")]
    assert okx(legs) == ["0.10", "0.10"]
    assert okx(legs, position_mode="hedge") == ["0.01", "0.01"]


def test_5_okx_counts_isolated_positions_each_by_themselves():
    apart = {"margin_mode": "isolated", "isolated_wallet": "100"}
    assert okx([leg(A, "long", "3", "100"), leg(A, "long", "3", "100", **apart)]) == ["0.01", "0.01"]


def test_5_okx_counts_no_options():
    option = {"symbol": "QAB/USDT:USDT-261225-90-P", "side": "long", "quantity": "9", "entry_price": "1"}
    portfolio = portfolio_of(
        "okx",
        [leg(A, "long", "3", "100"), option],
        {A: instrument(contract_size="0.5", tiers=OKX_TIERS), option["symbol"]: {"contract_size": "0.5"}},
        {A: "100", option["symbol"]: "1"},
        balances={"USDT": "1000"},
        account={"taker_fee_rate": "0"},
    )
    assert account_of(portfolio)["positions"][0]["maintenance_margin"] == "3"


# --- 6. what is displayed ---------------------------------------------------------------------------------------------

# venue, side, tick, exact root, displayed: isolated wallet 10 for 1 from 100, 1 % maintenance, taker 0.1 %
DISPLAYED = [
    ("bybit", "long", "0.5", Fraction(90) / Fraction("0.99"), "91"),  # 90.909
    ("bybit", "short", "0.5", Fraction(110) / Fraction("1.01"), "108.5"),  # 108.91
    ("gate", "long", "0.5", Fraction(90) / Fraction("0.989"), "91.5"),  # 91.001
    ("gate", "short", "0.5", Fraction(110) / Fraction("1.011"), "108.5"),  # 108.80
    ("kucoin", "long", "0.5", Fraction(91), "91"),
    ("kucoin", "long", "0.4", Fraction(91), "91.2"),
    ("kucoin", "short", "0.4", Fraction(109), "108.8"),
    ("bitmex", "long", "0.4", Fraction(91), "91.2"),
]


@pytest.mark.parametrize(("venue", "side", "tick", "root", "shown"), DISPLAYED)
def test_6_rounded_to_the_tick_toward_the_market(venue: str, side: str, tick: str, root: Fraction, shown: str):
    portfolio = one(venue, side, isolated="10", leverage="10", tick=tick, taker="0.001", as_of="2026-06-01")
    position = only_position(portfolio)
    assert_near(position["liquidation"]["price"], root)
    assert position["displayed_price"] == shown


def test_6_okx_isolated_is_one_tick_off_the_root_and_not_rounded():
    for side, root in (("long", Fraction(90) / Fraction("0.989")), ("short", Fraction(110) / Fraction("1.011"))):
        position = only_position(one("okx", side, isolated="10", tick="0.5", taker="0.001"))
        assert_near(position["liquidation"]["price"], root)
        assert_near(position["displayed_price"], root + (Fraction("0.5") if side == "long" else -Fraction("0.5")))


@pytest.mark.parametrize("venue", ["bybit", "gate", "kucoin", "okx", "bitmex"])
def test_6_without_a_tick_it_is_the_price(venue: str):
    position = only_position(one(venue, isolated="10", leverage="10", taker="0.001"))
    assert position["displayed_price"] == position["liquidation"]["price"] is not None


@pytest.mark.parametrize("venue", ["binance-usdm", "hyperliquid", "dydx", "kraken", "bitget", "okx"])
def test_6_everywhere_else_in_cross_it_is_the_price(venue: str):
    position = only_position(one(venue, tick="0.5", taker="0.001"))
    assert position["displayed_price"] == position["liquidation"]["price"] is not None


def test_6_bitget_cross_froze_maintenance_and_fee_at_the_mark_until_2025_09_28():
    # 20 + P - 100 = 110 x 0.011 at 81.21; the true root 80 / 0.989
    old = only_position(one("bitget", mark="110", taker="0.001", as_of="2025-09-28"))
    new = only_position(one("bitget", mark="110", taker="0.001", as_of="2025-09-29"))
    assert old["displayed_price"] == "81.21"
    assert_near(old["liquidation"]["price"], 80 / Fraction("0.989"))
    assert new["displayed_price"] == new["liquidation"]["price"] == old["liquidation"]["price"]
    assert old["distance"] == new["distance"]


MODEL = {
    "kind": "linear-in-size",
    "initial_base": "0.02",
    "initial_slope_per_coin": "0",
    "maintenance_base": "0.01",
    "maintenance_slope_per_coin": "0",
}


def test_6_deribit_shows_one_ratio_for_all_futures_times_the_mark():
    symbols = {"QAB/USDC:USDC": "100", "QCD/USDC:USDC": "200"}
    portfolio = portfolio_of(
        "deribit",
        [leg(symbol, "long", "1", mark) for symbol, mark in symbols.items()],
        {symbol: instrument(margin_model=MODEL) for symbol in symbols},
        symbols,
        balances={"USDC": "30"},
    )
    first, second = account_of(portfolio)["positions"]
    # 30 + 300 (r - 1) = 0.01 x 300 r at r = 270 / 297
    assert_near(first["displayed_price"], Fraction(27000, 297))
    assert_near(second["displayed_price"], Fraction(54000, 297))
    # alone: 30 + P - 100 = 0.01 P + 2 at 72 / 0.99
    assert_near(first["liquidation"]["price"], 72 / Fraction("0.99"))


def test_6_bitmex_rounds_to_whole_satoshi_per_contract_then_to_the_tick():
    # cost of one contract: ceil(1 / 6725) = 14,870 satoshi; 500 of them / 25 = 297,400 margin, 0.5 % = 37,175 to
    # maintain; 297,400 + 500 v - 7,435,000 = 37,175 at v = 14,349.55 satoshi; toward the market 14,350, or 6968.64; on
    # the tick 6968.5
    portfolio = portfolio_of(
        "bitmex",
        [leg(COIN, "short", "500", "6725", margin_mode="isolated", leverage="25")],
        {COIN: instrument("inverse", price_tick="0.5", tiers=flat("0.005"))},
        {COIN: "6725"},
        account={"taker_fee_rate": "0.00075"},
    )
    position = only_position(portfolio)
    assert_near(position["liquidation"]["price"], Fraction(10**8) * 500 / 7174775)
    assert position["displayed_price"] == "6968.5"


def test_6_the_bankruptcy_price_is_unrounded():
    portfolio = one("bybit", isolated="10", leverage="10", tick="0.5")
    assert only_position(portfolio)["bankruptcy_price"] == "90"
    portfolio["accounts"][0]["positions"][0]["quantity"] = "3"  # 10 / 3 below the entry
    assert_near(only_position(portfolio)["bankruptcy_price"], 100 - Fraction(10, 3))


@pytest.mark.parametrize("wallet", ["100", "250"])
def test_6_no_bankruptcy_price_where_it_would_be_zero_or_less(wallet: str):
    position = only_position(one(isolated=wallet))
    assert position["bankruptcy_price"] is None
    assert position["liquidation"]["status"] == "none"


@pytest.mark.parametrize("contracts", ["1", "3", "7"])
@pytest.mark.parametrize("entry", ["3", "7", "18", "21", "28", "35", "30001"])
def test_6_a_fully_funded_inverse_short_has_no_price_of_either_kind(entry: str, contracts: str):
    """Coins worth the whole position: whatever the digits of 1 / entry, nothing is left of what cancels."""
    portfolio = portfolio_of(
        "binance-coinm",
        [leg(COIN, "short", contracts, entry, margin_mode="isolated", leverage="1")],
        {COIN: instrument("inverse", contract_size="100", tiers=flat("0.01"))},
        {COIN: str(int(entry) + 1)},
    )
    position = only_position(portfolio)
    assert (position["liquidation"]["status"], position["bankruptcy_price"]) == ("none", None)


# --- 7. Deribit -------------------------------------------------------------------------------------------------------


def test_7_the_rate_is_base_plus_slope_times_quantity():
    model = MODEL | {"initial_slope_per_coin": "0.00005", "maintenance_slope_per_coin": "0.00005"}
    own = {A: instrument(margin_model=model)}
    portfolio = portfolio_of("deribit", [leg(A, "long", "25", "100")], own, {A: "100"}, balances={"USDT": "900"})
    position = only_position(portfolio)
    # 2500 x (0.01 + 0.00005 x 25), 2500 x (0.02 + 0.00125)
    assert (position["maintenance_margin"], position["initial_margin"]) == ("28.125", "53.125")
    # 900 + 25 (P - 100) = 25 P x 0.01125
    assert_near(position["liquidation"]["price"], Fraction(1600) / (25 * (1 - Fraction("0.01125"))))


def test_7_coins_of_an_inverse_contract_are_usd_over_the_price_at_which_the_margin_is_taken():
    model = MODEL | {"initial_slope_per_coin": "0.002", "maintenance_slope_per_coin": "0.001"}
    own = {COIN: instrument("inverse", margin_model=model)}
    position = only_position(
        portfolio_of("deribit", [leg(COIN, "long", "100", "1")], own, {COIN: "1.25"}, balances={"QAB": "50"})
    )
    # 80 coins now: 80 x (0.01 + 0.08), 80 x (0.02 + 0.16)
    assert (position["maintenance_margin"], position["initial_margin"]) == ("7.2", "14.4")
    # c coins: 50 + 100 - c = c (0.01 + 0.001 c), at the root of 0.001 c^2 + 1.01 c - 150 = 0
    [root] = position["liquidation"]["roots"]
    coins = 100 / number(root["price"])
    assert abs(coins * coins / 1000 + Fraction("1.01") * coins - 150) < Fraction(1, 10**20)
    assert (root["direction"], root["tier"]) == ("below", None)


# --- 8. initial margin ------------------------------------------------------------------------------------------------

INITIAL = [
    ("binance-usdm", "long", None, "11"),
    ("okx", "long", None, "11"),
    ("hyperliquid", "short", None, "11"),
    ("dydx", "long", None, "11"),
    # 100 / 10 + taker x the value at the entry's bankruptcy price, 90 and 110
    ("bybit", "long", "2025-08-31", "10.09"),
    ("bybit", "short", "2025-08-31", "10.11"),
    ("bybit", "long", "2025-09-01", "11.09"),
    ("bybit", "short", "2025-09-01", "11.11"),
]


@pytest.mark.parametrize(("venue", "side", "as_of", "initial"), INITIAL)
@pytest.mark.parametrize("isolated", [None, "30"])
def test_8_initial_margin_at_the_mark_or_at_entry(
    venue: str, side: str, as_of: str | None, initial: str, isolated: str | None
):
    portfolio = one(venue, side, mark="110", wallet="30", isolated=isolated, leverage="10", taker="0.001", as_of=as_of)
    assert only_position(portfolio)["initial_margin"] == initial


def test_8_deribit_takes_its_own_rate_and_not_the_leverage():
    held = leg(A, "long", "1", "100", leverage="5")
    own = {A: instrument(margin_model=MODEL)}
    assert (
        only_position(portfolio_of("deribit", [held], own, {A: "110"}, balances={"USDT": "30"}))["initial_margin"]
        == "2.2"
    )


def test_8_without_leverage_there_is_no_initial_margin():
    account = account_of(one())
    assert (account["positions"][0]["initial_margin"], account["initial_margin"]) == (None, None)


def test_8_figures_are_in_the_settle_asset_at_the_mark():
    held = leg(COIN, "short", "3", "50", leverage="4")
    own = {COIN: instrument("inverse", contract_size="100", tiers=flat("0.01"))}
    account = account_of(portfolio_of("binance-coinm", [held], own, {COIN: "40"}, balances={"QAB": "9"}))
    position = account["positions"][0]
    # 300 USD: 7.5 coins at 40, 6 at entry
    assert (position["notional"], position["unrealised_pnl"]) == ("7.5", "1.5")
    assert (position["maintenance_margin"], position["initial_margin"]) == ("0.075", "1.875")
    assert (account["equity"], account["maintenance_margin"], account["initial_margin"]) == ("10.5", "0.075", "1.875")


# --- 9. rule dates ----------------------------------------------------------------------------------------------------


def price_of(venue: str, as_of: str, **members: Any) -> str:
    return only_position(one(venue, taker="0.001", as_of=as_of, **members))["liquidation"]["price"]


def test_9_bybit_isolated_is_on_the_entry_to_2025_08_31_and_at_the_root_since():
    # 10 + P - 100 = 1, then = 0.01 P
    assert price_of("bybit", "2025-08-31T23:59:59Z", isolated="10", leverage="10") == "91"
    assert_near(price_of("bybit", "2025-09-01T00:00:00Z", isolated="10", leverage="10"), 90 / Fraction("0.99"))


def test_9_the_moment_is_taken_in_utc():
    # one hour before midnight in UTC
    assert price_of("bybit", "2025-09-01T01:00:00+02:00", isolated="10", leverage="10") == "91"


def test_9_bybit_margins_changed_the_same_day():
    days = ("2025-08-31", "2025-09-01")
    old, new = (only_position(one("bybit", mark="110", leverage="10", taker="0.001", as_of=day)) for day in days)
    # 1 % of the entry value or of the mark value, plus the fee at 90
    assert (old["maintenance_margin"], new["maintenance_margin"]) == ("1.09", "1.19")


def test_9_bybit_cross_has_the_closing_fee_at_the_entrys_bankruptcy_price():
    # 20 + P - 100 = 0.01 P + 0.09; without leverage there is no fee
    assert_near(price_of("bybit", "2026-06-01", leverage="10"), Fraction("80.09") / Fraction("0.99"))
    assert_near(price_of("bybit", "2026-06-01"), 80 / Fraction("0.99"))


TWO = [tier("0", "70", "0.01"), tier("70", None, "0.03")]
CHANGES = [("bitget", "2025-11-09", "2025-11-10"), ("gate", "2025-07-28", "2025-07-29")]


@pytest.mark.parametrize(("venue", "last_whole", "first_marginal"), CHANGES)
@pytest.mark.parametrize("isolated", [None, "20"])
def test_9_whole_tiers_became_marginal(venue: str, last_whole: str, first_marginal: str, isolated: str | None):
    # 20 + P - 100 = 0.031 P, then = 0.031 P - 1.4 (taker 0.1 %)
    assert_near(price_of(venue, last_whole, isolated=isolated, tiers=TWO), 80 / Fraction("0.969"))
    assert_near(price_of(venue, first_marginal, isolated=isolated, tiers=TWO), Fraction("78.6") / Fraction("0.969"))


def test_9_hyperliquid_was_flat_and_frozen_before_2024():
    # 20 + P - 100 = 0.01 x 110; then = 0.01 P
    assert price_of("hyperliquid", "2023-12-31", mark="110") == "81.1"
    assert_near(price_of("hyperliquid", "2024-01-01", mark="110"), 80 / Fraction("0.99"))


# --- 10. numbers out --------------------------------------------------------------------------------------------------

PLAIN = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
WORDS = {
    *("name", "venue", "asset", "symbol", "side", "margin_mode", "label", "status", "because", "direction", "as_of"),
    *("rule", "tiers", "missing", "version", "rising_is_bad", "tier"),
}


def numbers_of(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of a document that is a number or none, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in WORDS:
                yield from numbers_of(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from numbers_of(inner, f"{path}[{i}]")
    else:
        yield path, value


def test_10_numbers_are_plain_decimal_texts():
    for case in public_cases():
        for path, value in numbers_of(margin_document(report_of(case["portfolio"]))):
            plain = value is None or (isinstance(value, str) and PLAIN.fullmatch(value) and value != "-0")
            assert plain, f"{case['id']}{path}: {value!r}"


def test_10_at_least_15_significant_digits():
    price = only_position(one(isolated="10"))["liquidation"]["price"]  # 90 / 0.99 = 90.9090…
    assert re.match(r"90\.(90){6}9", price)


@pytest.mark.parametrize("price", ["0.00000000123", "123000000000000000"])
def test_10_neither_small_nor_large_numbers_have_an_exponent(price: str):
    held = leg(A, "long", "3", price, margin_mode="isolated", leverage="7")
    report = report_of(portfolio_of(VENUE, [held], {A: instrument(tiers=flat("0.01"))}, {A: price}))
    texts = [value for _, value in numbers_of(margin_document(report))]
    assert all(value is None or PLAIN.fullmatch(str(value)) for value in texts)
    assert price in texts


NONE = {"none": one(isolated="100"), "liquidatable": one(wallet="0"), "insufficient": one(wallet=None)}


@pytest.mark.parametrize("status", NONE)
def test_10_null_and_never_0_for_none(status: str):
    position = only_position(NONE[status])
    assert position["liquidation"]["status"] == status
    assert (position["liquidation"]["price"], position["liquidation"]["roots"]) == (None, [])
    assert position["displayed_price"] is None
    assert position["distance"] == {"fraction": None, "quote": None}


# --- status and distance ----------------------------------------------------------------------------------------------


def test_a_documented_rule_gives_an_estimate():
    days = ("2025-07-28", "2025-07-29")
    verified, documented = (only_position(one("gate", isolated="20", as_of=day)) for day in days)
    assert (verified["rule"]["evidence"], verified["liquidation"]["status"]) == ("verified", "ok")
    assert (documented["rule"]["evidence"], documented["liquidation"]["status"]) == ("documented", "estimate")
    assert verified["liquidation"]["price"] == documented["liquidation"]["price"]


def test_liquidatable_is_when_the_requirement_has_reached_the_equity():
    assert only_position(one(wallet="1"))["liquidation"]["status"] == "liquidatable"  # 1 = 1 % of 100
    assert only_position(one(wallet="1.000001"))["liquidation"]["status"] == "ok"


@pytest.mark.parametrize("entry", ["3", "7", "9", "34", "30001"])
def test_liquidatable_holds_where_they_are_equal_and_no_decimal_says_so(entry: str):
    """Margin and maintenance are both a fiftieth of 700 / entry coins."""
    held = leg(COIN, "long", "7", entry, margin_mode="isolated", leverage="50")
    own = {COIN: instrument("inverse", contract_size="100", tiers=flat("0.02"))}
    assert (
        only_position(portfolio_of("binance-coinm", [held], own, {COIN: entry}))["liquidation"]["status"]
        == "liquidatable"
    )


def test_distance_is_from_the_mark_and_never_negative():
    below, above = (only_position(one(side=side, wallet="20.8")) for side in ("long", "short"))
    # 20.8 + P - 100 = 0.01 P at 80; 120.8 / 1.01
    assert below["distance"] == {"fraction": "0.2", "quote": "20"}
    assert_near(above["distance"]["quote"], Fraction("120.8") / Fraction("1.01") - 100)
    assert_near(above["distance"]["fraction"], (Fraction("120.8") / Fraction("1.01") - 100) / 100)


def test_every_figure_names_its_rule_and_the_source_of_its_tiers():
    position = only_position(one())
    assert position["rule"]["id"] == "binance-linear"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", position["rule"]["valid_from"])
    assert position["rule"]["evidence"] in ("verified", "documented")
    assert position["rule"]["source"]
    assert position["tiers"]["source"]


# --- when absent ------------------------------------------------------------------------------------------------------


def test_absent_isolated_wallet_is_entry_notional_over_leverage():
    assert only_position(one(wallet=None, mark="110", leverage="8"))["isolated_wallet"] == "12.5"


def test_absent_isolated_wallet_on_hyperliquid_is_less_the_opening_fee():
    # 100 / 8 - 100 x 0.00035
    assert only_position(one("hyperliquid", wallet=None, leverage="8", taker="0.00035"))["isolated_wallet"] == "12.465"


@pytest.mark.parametrize("day", ["2022-12-01", "2025-07-29", None])
def test_absent_taker_fee_on_gate_counts_0_00075(day: str | None):
    assert only_position(one("gate", as_of=day))["maintenance_margin"] == "1.075"


def test_absent_modes_are_cross_one_way_and_single():
    said = one()
    said["accounts"][0] |= {"position_mode": "one-way", "collateral_mode": "single"}
    said["accounts"][0]["positions"][0]["margin_mode"] = "cross"
    assert account_of(one()) == account_of(said)


def test_holdings_are_never_collateral():
    portfolio = one()
    before = account_of(portfolio)
    portfolio["accounts"][0]["holdings"] = {"USDT": "1000000", "QAB": "5"}
    assert account_of(portfolio) == before


@pytest.mark.parametrize(
    ("side", "bought", "future"), [("long", "none", "ok"), ("short", "insufficient", "insufficient")]
)
def test_a_long_option_needs_nothing_and_a_short_one_is_insufficient(side: str, bought: str, future: str):
    symbol = "QAB/USDT:USDT-261225-90-P"
    option = {"symbol": symbol, "side": side, "quantity": "1", "entry_price": "2", "implied_volatility": "0.6"}
    portfolio = one()
    portfolio["accounts"][0]["positions"].append(option)
    statuses = [position["liquidation"]["status"] for position in account_of(portfolio)["positions"]]
    assert statuses == [future, bought]


# --- missing facts ----------------------------------------------------------------------------------------------------


def without(portfolio: Json, *path: str | int) -> Json:
    place: Any = portfolio
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return portfolio


FACTS = [
    (without(one(), "marks", VENUE, A), [f"marks.{VENUE}.{A}"]),
    (without(one(), "instruments", VENUE, A, "tiers"), [f"instruments.{VENUE}.{A}.tiers"]),
    (without(one(), "accounts", 0, "balances"), ["accounts[0].balances.USDT"]),
    (without(one(), "accounts", 0, "balances", "USDT"), ["accounts[0].balances.USDT"]),
    (one(wallet=None), ["accounts[0].positions[0].isolated_wallet", "accounts[0].positions[0].leverage"]),
    (without(multi(VENUE, "25", BUFFERS), "collateral_prices", "QCD"), ["collateral_prices.QCD"]),
    (without(multi(VENUE, "25", BUFFERS), "collateral_prices", "USDT"), ["collateral_prices.USDT"]),
    (without(multi(VENUE, "25", BUFFERS), "collateral", VENUE, "QCD"), [f"collateral.{VENUE}.QCD"]),
]


@pytest.mark.parametrize(("portfolio", "missing"), FACTS, ids=[", ".join(missing) for _, missing in FACTS])
def test_a_missing_fact_is_insufficient_with_words_and_paths(portfolio: Json, missing: list[str]):
    found = only_position(portfolio)["liquidation"]
    assert (found["status"], found["missing"]) == ("insufficient", missing)
    assert len(found["because"].split()) > 2


def test_a_collateral_price_per_venue_is_looked_up_at_the_venue():
    portfolio = multi(VENUE, "25", BUFFERS)
    portfolio["collateral_prices"]["QCD"] = {"okx": "10"}
    assert only_position(portfolio)["liquidation"]["missing"] == ["collateral_prices.QCD"]


def test_one_missing_mark_makes_the_whole_pool_insufficient_and_leaves_the_rest():
    portfolio = two_pools()
    apart = leg(B, "short", "1", "100", margin_mode="isolated", isolated_wallet="20")
    portfolio["accounts"][0]["positions"] += [leg(B, "long", "1", "100"), apart]
    portfolio["instruments"][VENUE][B] = instrument(tiers=flat("0.01"))
    portfolio["marks"][VENUE][B] = "100"
    before = account_of(portfolio)
    after = account_of(without(portfolio, "marks", VENUE, A))
    in_usdt, in_usdc, too, isolated = after["positions"]
    for position in (in_usdt, too):
        assert position["liquidation"]["status"] == "insufficient"
        assert position["liquidation"]["missing"] == [f"marks.{VENUE}.{A}"]
        assert position["bankruptcy_price"] is None
    assert in_usdt["mark"] is None
    assert too["notional"] == "100"  # what does not need the pool stays
    pools = {pool["asset"]: pool for pool in after["pools"]}
    assert pools["USDT"] == dict.fromkeys(pools["USDT"]) | {"asset": "USDT"}
    assert (in_usdc, isolated) == (before["positions"][1], before["positions"][3])
    assert pools["USDC"] in before["pools"]


def test_a_missing_mark_of_an_isolated_position_stays_its_own():
    portfolio = two_pools()
    before = account_of(portfolio)
    apart = leg(B, "short", "1", "100", margin_mode="isolated", isolated_wallet="5")
    portfolio["accounts"][0]["positions"].append(apart)
    portfolio["instruments"][VENUE][B] = instrument(tiers=flat("0.01"))
    after = account_of(portfolio)
    assert after["positions"][2]["liquidation"]["status"] == "insufficient"
    assert (after["pools"], after["positions"][:2]) == (before["pools"], before["positions"])


def test_a_venue_before_its_first_rule_is_insufficient():
    found = only_position(one(as_of="2015-01-01"))["liquidation"]
    assert found["status"] == "insufficient"
    assert "2015-01-01" in found["because"]


def test_contracts_without_a_contract_size_are_a_missing_fact():
    portfolio = without(one(), "instruments", VENUE, A, "contract_size")
    position = portfolio["accounts"][0]["positions"][0]
    position["contracts"] = position.pop("quantity")
    found = only_position(portfolio)["liquidation"]
    assert (found["status"], found["missing"]) == ("insufficient", [f"instruments.{VENUE}.{A}.contract_size"])


def test_okx_cannot_count_what_has_no_contract_size():
    other = "QAB/USDC:USDC"
    portfolio = portfolio_of(
        "okx",
        [leg(A, "long", "1", "100"), leg(other, "long", "1", "100")],
        {A: instrument(tiers=OKX_TIERS), other: {"tiers": flat("0.01")}},
        {A: "100", other: "100"},
        balances={"USDT": "100", "USDC": "100"},
        account={"taker_fee_rate": "0"},
    )
    found = account_of(portfolio)["positions"][0]["liquidation"]
    assert (found["status"], found["missing"]) == ("insufficient", [f"instruments.okx.{other}.contract_size"])


def test_where_only_an_untold_tier_could_liquidate_the_tiers_are_the_missing_fact():
    # short from 100 with 100: the root lies near 198, the table ends at 150
    found = only_position(one(side="short", wallet="100", tiers=[tier("0", "150", "0.01")]))["liquidation"]
    assert (found["status"], found["missing"], found["roots"]) == (
        "insufficient",
        [f"instruments.{VENUE}.{A}.tiers"],
        [],
    )


def test_the_tier_of_a_leg_that_is_not_charged_is_not_asked():
    """Bybit to 2025-08-31 charged the net side on its entry: 0.18 from 1247 are in the table, from 1652 not."""
    portfolio = portfolio_of(
        "bybit",
        [leg(A, "long", "0.2", "1247"), leg(A, "short", "0.02", "1652")],
        {A: instrument(tiers=[tier("0", "260", "0.01")])},
        {A: "1247"},
        balances={"USDT": "120"},
        account={"position_mode": "hedge", "taker_fee_rate": "0"},
        as_of="2025-08-31",
    )
    assert [p["liquidation"]["status"] for p in account_of(portfolio)["positions"]] == ["estimate", "estimate"]
