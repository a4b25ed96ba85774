"""The contract's *Meanings* 1 to 10 and its faults and missing facts, one by one, with figures worked out by hand."""

import json
from decimal import Decimal
from typing import Any

import pytest

from workstation.assessment import assess
from workstation.desk.portfolio_file import read_portfolio
from workstation.domain.unknown import Unknown
from workstation.reports.documents import margin_document
from workstation.risk.report import AccountReport, PositionReport

D = Decimal
BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
Json = dict[str, Any]


def tiers(*rows: tuple[str, str | None, str]) -> list[Json]:
    return [{"floor": floor, "cap": cap, "maintenance_rate": rate} for floor, cap, rate in rows]


FLAT = tiers(("0", None, "0.01"))


def leg(symbol: str = BTC, side: str = "long", size: str = "1", entry: str = "100", **more: str) -> Json:
    unit = "contracts" if symbol.split(":")[1].startswith(symbol.split("/", maxsplit=1)[0]) else "quantity"
    return {"symbol": symbol, "side": side, unit: size, "entry_price": entry, **more}


def account_of(
    *positions: Json,
    venue: str = "binance-usdm",
    balances: Json | None = None,
    marks: Json | None = None,
    tables: Json | None = None,
    instrument: Json | None = None,
    as_of: str = "2026-11-01",
    top: Json | None = None,
    **account: Any,
) -> AccountReport:
    """One account at one venue; every contract has size 1, the flat table, and its entry as mark."""
    symbols = dict.fromkeys(p["symbol"] for p in positions)
    instruments = {
        s: {
            "contract_size": "1",
            **({"tiers": (tables or {}).get(s, FLAT)} if "tiers" not in (instrument or {}) else {}),
        }
        | (instrument or {})
        for s in symbols
    }
    entries = {p["symbol"]: p["entry_price"] for p in positions}
    document = {
        "version": 1,
        "as_of": as_of,
        "accounts": [
            {"name": "a", "venue": venue, "positions": list(positions), **account}
            | ({} if balances is None else {"balances": balances})
        ],
        "instruments": {venue: instruments},
        "marks": {venue: {s: m for s, m in (entries | (marks or {})).items() if m is not None}},
        **(top or {}),
    }
    return assess(read_portfolio(json.dumps(document).encode())).accounts[0]


def only(account: AccountReport) -> PositionReport:
    (position,) = account.positions
    return position


# 1. Pools


def test_1_cross_positions_of_one_settle_asset_share_a_pool_and_isolated_ones_never_touch_it() -> None:
    usdc = leg("SOL/USDC:USDC", entry="10")
    alone = leg(ETH, size="1", entry="50", margin_mode="isolated", isolated_wallet="10")
    account = account_of(leg(), usdc, alone, balances={"USDT": "20", "USDC": "1"})
    assert [(pool.asset, pool.equity) for pool in account.pools] == [("USDT", D(20)), ("USDC", D(1))]
    # USDT: 100 x 1 % of 20 = 5 %; USDC: 10 x 1 % of 1 = 10 %: the account repeats the worse
    assert account.worst_pool is not None
    assert account.worst_pool == account.pools[1]
    assert account.worst_pool.margin_use == D("0.1")


def test_1_without_cross_positions_the_account_s_own_figures_are_null() -> None:
    document = read_portfolio(
        json.dumps(
            {
                "version": 1,
                "accounts": [
                    {
                        "name": "a",
                        "venue": "okx",
                        "positions": [leg(margin_mode="isolated", isolated_wallet="10")],
                    }
                ],
            }
        ).encode()
    )
    account = margin_document(assess(document))["accounts"][0]  # type: ignore[index]
    assert (account["asset"], account["equity"], account["pools"]) == (None, None, [])


# 2. Multi mode


def test_2_binance_counts_gains_at_the_bid_losses_and_margins_at_the_ask() -> None:
    top = {
        "collateral_prices": {"USDT": "1", "USDC": "1"},
        "collateral": {
            "binance-usdm": {
                "USDT": {"bid_buffer": "0.1", "ask_buffer": "0.2"},
                "USDC": {"bid_buffer": "0.05", "ask_buffer": "0.05"},
            }
        },
    }
    account = account_of(
        leg(), balances={"USDT": "5", "USDC": "100"}, marks={BTC: "90"}, collateral_mode="multi", top=top
    )
    (pool,) = account.pools
    # USDT: 5 - 10 = -5 counts -6; USDC: 95; maintenance 0.9 counts 1.08
    assert (pool.asset, pool.equity, pool.maintenance_margin) == ("USD", D(89), D("1.08"))


def test_2_a_haircut_is_taken_off_positive_amounts_only() -> None:
    top = {
        "collateral_prices": {"USDT": "1", "BTC": "100"},
        "collateral": {"bybit": {"USDT": {"haircut": "0.5"}, "BTC": {"haircut": "0.1"}}},
    }
    account = account_of(
        leg(), venue="bybit", balances={"USDT": "5", "BTC": "1"}, marks={BTC: "90"}, collateral_mode="multi", top=top
    )
    assert account.pools[0].equity == D(85)  # 90 of coins, -5 of dollars in full


# 3. Requirement


def test_3_okx_holds_the_taker_fee_beside_its_maintenance_and_its_ratio_falls_to_one() -> None:
    account = account_of(leg(), venue="okx", balances={"USDT": "15"}, taker_fee_rate="0.005")
    pool = account.pools[0]
    assert (pool.maintenance_margin, pool.requirement, pool.margin_use) == (D(1), D("1.5"), D("0.1"))
    assert pool.venue_ratio is not None
    assert (pool.venue_ratio.value, pool.venue_ratio.rising_is_bad) == (D(10), False)


@pytest.mark.parametrize(
    ("venue", "maintenance"),
    # 1 of maintenance; fees: Bybit at the entry's bankruptcy price 90, BitMEX on cost and initial margin 110, Bitget on
    # the value
    [("bybit", "1.9"), ("bitmex", "2.1"), ("bitget", "2"), ("binance-usdm", "1"), ("hyperliquid", "1"), ("dydx", "1")],
)
def test_3_the_maintenance_figure_holds_the_closing_fee_where_the_venue_s_does(venue: str, maintenance: str) -> None:
    held = leg(leverage="10", margin_mode="isolated")
    assert only(account_of(held, venue=venue, taker_fee_rate="0.01")).maintenance_margin == D(maintenance)


def test_3_margin_use_is_null_without_equity() -> None:
    pool = account_of(leg(), balances={"USDT": "10"}, marks={BTC: "80"}).pools[0]
    assert pool.equity == D(-10)
    assert isinstance(pool.margin_use, Unknown)


# 4. Roots


def test_4_roots_ascend_with_direction_and_the_nearest_is_the_price() -> None:
    hedge = account_of(leg(size="100"), leg(side="short", size="95"), balances={"USDT": "250"}, position_mode="hedge")
    # slack = 250 + 5 (P - 100) - 1.95 P: zero at 250/3.05 below; rising slope 3.05: no root above
    roots = hedge.positions[0].liquidation.roots
    assert [(round(r.price, 6), r.direction) for r in roots] == [(round(D(250) / D("3.05"), 6), "below")]
    assert hedge.positions[0].liquidation == hedge.positions[1].liquidation


def test_4_a_hedged_book_that_is_net_long_can_be_liquidated_upward() -> None:
    steep = tiers(("0", "20000", "0.01"), ("20000", None, "0.05"))
    book = account_of(
        leg(size="100"),
        leg(side="short", size="97"),
        balances={"USDT": "400"},
        position_mode="hedge",
        tables={BTC: steep},
    )
    # below: 400 + 3 (P - 100) = 1.97 P at P = -100/1.03 (none); above 206.2: both legs pay 5 % less 800:
    # 400 + 3 P - 300 = 9.85 P - 1600 at P = 1700/6.85
    roots = book.positions[0].liquidation.roots
    assert [(root.direction, root.tier) for root in roots] == [("above", 2)]
    assert abs(roots[0].price - D(1700) / D("6.85")) < D("1e-24")


def test_4_a_size_at_a_cap_is_still_in_its_tier_and_a_root_on_an_edge_is_listed_once() -> None:
    table = tiers(("0", "80", "0.01"), ("80", None, "0.02"))
    # at P = 80: equity W - 20 = 0.8
    held = only(account_of(leg(margin_mode="isolated", isolated_wallet="20.8"), tables={BTC: table}))
    assert [(root.price, root.tier) for root in held.liquidation.roots] == [(D(80), 1)]


def test_4_where_a_whole_tier_table_jumps_the_root_is_the_edge() -> None:
    table = tiers(("0", "120", "0.01"), ("120", None, "0.5"))
    held = leg(side="short", margin_mode="isolated", isolated_wallet="50")
    position = only(account_of(held, venue="gate", as_of="2025-01-01", tables={BTC: table}, taker_fee_rate="0"))
    assert position.liquidation.price == D(120)  # equity there 30: above 1.2, below 60


def test_4_beyond_the_last_cap_no_root_is_listed_and_a_mark_there_is_insufficient() -> None:
    table = tiers(("0", "150", "0.01"))
    held = leg(side="short", margin_mode="isolated", isolated_wallet="100")
    beyond = only(account_of(held, tables={BTC: table})).liquidation
    assert (beyond.status, beyond.roots) == ("insufficient", ())
    above = only(account_of(held, tables={BTC: table}, marks={BTC: "151"})).liquidation
    assert (above.status, above.because) == ("insufficient", "size above the last tier of BTC/USDT:USDT")


# 5. Tier forms


@pytest.mark.parametrize(
    ("venue", "day", "maintenance"),
    [
        ("binance-usdm", "2026-01-01", "4"),  # 100 x 1 % + 100 x 3 %
        ("bybit", "2026-01-01", "4"),
        ("hyperliquid", "2026-01-01", "4"),
        ("gate", "2025-07-29", "4"),
        ("gate", "2025-07-28", "6"),
        ("bitget", "2025-11-10", "4"),
        ("bitget", "2025-11-09", "6"),
        ("okx", "2026-01-01", "6"),
    ],
)
def test_5_marginal_and_whole_tiers_by_venue_and_day(venue: str, day: str, maintenance: str) -> None:
    table = tiers(("0", "100", "0.01"), ("100", None, "0.03"))
    held = leg(size="200", entry="1", margin_mode="isolated", isolated_wallet="50")
    account = account_of(held, venue=venue, as_of=day, tables={BTC: table}, taker_fee_rate="0")
    assert only(account).maintenance_margin == D(maintenance)


def test_5_okx_counts_contracts_over_all_expiries_of_a_base_in_cross() -> None:
    table = tiers(("0", "10", "0.01"), ("10", None, "0.03"))
    dated = "BTC/USDT:USDT-261225"
    legs = (leg(size="6"), leg(dated, size="6"))
    both = account_of(*legs, venue="okx", balances={"USDT": "1000"}, tables={BTC: table, dated: table})
    assert [position.maintenance_margin for position in both.positions] == [D(18), D(18)]
    alone = [item | {"margin_mode": "isolated", "isolated_wallet": "100"} for item in legs]
    apart = account_of(*alone, venue="okx", tables={BTC: table, dated: table})
    assert [position.maintenance_margin for position in apart.positions] == [D(6), D(6)]


# 6. Displayed price


def test_6_rounding_toward_the_market_by_venue() -> None:
    held = leg(margin_mode="isolated", isolated_wallet="10")
    short = leg(side="short", margin_mode="isolated", isolated_wallet="10")
    tick = {"price_tick": "0.5"}
    # no fees: long 90 / 0.99 = 90.909…, short 110 / 1.01 = 108.910…
    for venue, long_price, short_price in (("gate", "91", "108.5"), ("kucoin", "91", "109")):
        plain: Any = {"venue": venue, "taker_fee_rate": "0", "instrument": tick}
        assert only(account_of(held, **plain)).displayed_price == D(long_price)
        # KuCoin takes maintenance on the entry: 91 and 109
        assert only(account_of(short, **plain)).displayed_price == D(short_price)
    okx = only(account_of(held, venue="okx", taker_fee_rate="0", instrument=tick))
    assert okx.liquidation.price is not None
    assert isinstance(okx.displayed_price, D)
    assert abs(okx.displayed_price - okx.liquidation.price - D("0.5")) < D("1e-24")
    binance = only(account_of(held, instrument=tick))
    assert binance.displayed_price == binance.liquidation.price


def test_6_bitget_freezes_maintenance_and_fee_at_the_mark_until_2025_09_28() -> None:
    for day, shown in (("2025-09-28", "91"), ("2025-09-29", None)):
        position = only(account_of(leg(), venue="bitget", balances={"USDT": "10"}, as_of=day, taker_fee_rate="0"))
        assert position.liquidation.price is not None
        assert abs(position.liquidation.price - D(90) / D("0.99")) < D("1e-24")
        assert position.displayed_price == (D(shown) if shown else position.liquidation.price)


def test_6_bankruptcy_is_where_the_equity_is_nothing() -> None:
    assert only(account_of(leg(margin_mode="isolated", isolated_wallet="10"))).bankruptcy_price == D(90)
    assert isinstance(only(account_of(leg(margin_mode="isolated", isolated_wallet="100"))).bankruptcy_price, Unknown)


# 7. Deribit

MODEL = {
    "kind": "linear-in-size",
    "initial_base": "0.02",
    "initial_slope_per_coin": "0.001",
    "maintenance_base": "0.01",
    "maintenance_slope_per_coin": "0.001",
}


def test_7_deribit_s_rate_rises_with_the_coins_and_one_ratio_is_shown_for_all_futures() -> None:
    model = {"margin_model": MODEL}
    document = {
        "version": 1,
        "accounts": [
            {
                "name": "a",
                "venue": "deribit",
                "balances": {"USDC": "300"},
                "positions": [leg("BTC/USDC:USDC", size="10"), leg("ETH/USDC:USDC", size="50", entry="20")],
            }
        ],
        "instruments": {"deribit": {"BTC/USDC:USDC": model, "ETH/USDC:USDC": model}},
        "marks": {"deribit": {"BTC/USDC:USDC": "100", "ETH/USDC:USDC": "20"}},
    }
    btc, eth = assess(read_portfolio(json.dumps(document).encode())).accounts[0].positions
    assert btc.maintenance_margin == D(20)  # 1000 x (1 % + 10 x 0.1 %)
    assert btc.initial_margin == D(30)
    assert isinstance(btc.displayed_price, D)
    assert isinstance(eth.displayed_price, D)
    # all marks at r: 300 + 2000 (r - 1) = 20 r + 60 r
    ratio = D(1700) / D(1920)
    assert abs(btc.displayed_price - 100 * ratio) < D("1e-24")
    assert abs(eth.displayed_price - 20 * ratio) < D("1e-24")


# 8. Initial margin


@pytest.mark.parametrize(
    ("venue", "day", "initial"),
    [
        ("binance-usdm", "2026-01-01", "11"),
        ("okx", "2026-01-01", "11"),
        ("hyperliquid", "2026-01-01", "11"),
        ("dydx", "2026-01-01", "11"),
        ("bybit", "2025-08-31", "10.9"),  # entry 100 / 10 + 1 % of 90
        ("bybit", "2025-09-01", "11.9"),  # mark 110 / 10 + 1 % of the entry's 90
    ],
)
def test_8_initial_margin_at_mark_or_entry(venue: str, day: str, initial: str) -> None:
    held = leg(leverage="10", margin_mode="isolated")
    account = account_of(held, venue=venue, as_of=day, marks={BTC: "110"}, taker_fee_rate="0.01")
    assert only(account).initial_margin == D(initial)


# 9. Rule dates


def test_9_bybit_isolated_is_entry_based_to_2025_08_31() -> None:
    held = leg(leverage="10", margin_mode="isolated")
    old = only(account_of(held, venue="bybit", as_of="2025-08-31T23:59:59Z"))
    new = only(account_of(held, venue="bybit", as_of="2025-09-01"))
    assert old.liquidation.price == D(91)
    assert new.liquidation.price is not None
    assert abs(new.liquidation.price - D(90) / D("0.99")) < D("1e-24")
    assert (old.liquidation.status, new.liquidation.status) == ("ok", "estimate")


def test_9_hyperliquid_before_2024_is_frozen_at_the_mark() -> None:
    held = leg("BTC/USDC:USDC", margin_mode="isolated", isolated_wallet="10")
    marks = {"BTC/USDC:USDC": "110"}
    old = only(account_of(held, venue="hyperliquid", as_of="2023-12-31", marks=marks))
    assert old.liquidation.price == D("91.1")  # 90 + 1 % of 110


# 10. Numbers out


def test_10_numbers_are_plain_decimal_strings() -> None:
    report = assess(read_portfolio(json.dumps(_partial()).encode()))
    text = json.dumps(margin_document(report))
    assert "E+" not in text
    assert '"0"' not in text.replace('"unrealised_pnl": "0"', "")
    price = margin_document(report)["accounts"][0]["positions"][0]["liquidation"]["price"]  # type: ignore[index]
    assert len(price.replace(".", "")) >= 15


def _partial() -> Json:
    return {
        "version": 1,
        "accounts": [
            {
                "name": "a",
                "venue": "binance-usdm",
                "balances": {"USDT": "10"},
                "positions": [leg(), leg(ETH, margin_mode="isolated", isolated_wallet="10")],
            }
        ],
        "instruments": {"binance-usdm": {BTC: {"tiers": FLAT}, ETH: {"tiers": FLAT}}},
        "marks": {"binance-usdm": {BTC: "100", ETH: "100"}},
    }


# Missing facts


def test_one_missing_mark_makes_the_pool_insufficient_and_isolated_positions_stay() -> None:
    document = _partial()
    document["accounts"][0]["positions"].append(leg("SOL/USDT:USDT"))
    document["instruments"]["binance-usdm"]["SOL/USDT:USDT"] = {"tiers": FLAT}
    account = assess(read_portfolio(json.dumps(document).encode())).accounts[0]
    cross, isolated, without = account.positions
    for position in (cross, without):
        assert position.liquidation.status == "insufficient"
        assert position.liquidation.missing == ("marks.binance-usdm.SOL/USDT:USDT",)
    assert isolated.liquidation.status == "ok"
    assert isinstance(account.pools[0].equity, Unknown)


@pytest.mark.parametrize(
    ("take_away", "missing"),
    [
        (lambda d: d["accounts"][0].pop("balances"), "accounts[0].balances.USDT"),
        (lambda d: d["instruments"]["binance-usdm"][BTC].clear(), None),
        (lambda d: d["marks"]["binance-usdm"].pop(BTC), "marks.binance-usdm.BTC/USDT:USDT"),
    ],
)
def test_a_missing_fact_gives_a_status_and_its_place(take_away: Any, missing: str | None) -> None:
    document = _partial() | {"as_of": "2020-01-01"}
    take_away(document)
    cross, isolated = assess(read_portfolio(json.dumps(document).encode())).accounts[0].positions
    assert cross.liquidation.status == "insufficient"
    assert cross.liquidation.because
    assert (missing or f"instruments.binance-usdm.{BTC}.tiers") in cross.liquidation.missing
    assert isolated.liquidation.status == "ok"


def test_neither_wallet_nor_leverage_is_a_missing_fact() -> None:
    found = only(account_of(leg(margin_mode="isolated"))).liquidation
    assert found.status == "insufficient"
    assert "accounts[0].positions[0].isolated_wallet" in found.missing


def test_a_short_option_is_insufficient_and_a_long_one_has_no_price() -> None:
    option = "BTC/USD:BTC-261225-80000-P"
    short = only(account_of(leg(option, "short"), venue="deribit", balances={"BTC": "1"}))
    assert short.liquidation.status == "insufficient"
    long = only(account_of(leg(option), venue="deribit", balances={"BTC": "1"}))
    assert long.liquidation.status == "none"


def test_a_contract_that_settles_in_a_third_currency_gets_no_number() -> None:
    quanto = only(account_of(leg("ETH/USD:BTC"), venue="bitmex", balances={"BTC": "1"})).liquidation
    assert quanto.status == "insufficient"
    assert quanto.because is not None
    assert "third currency" in quanto.because
    dollars = only(account_of(leg("ETH/USD:USDC"), venue="deribit", balances={"USDC": "10"}))
    assert dollars.liquidation.price is not None


def test_fees_of_resting_orders_are_converted_like_margins_where_several_assets_stand_together() -> None:
    order = {"symbol": BTC, "side": "buy", "quantity": "2", "price": "100"}
    top = {"collateral_prices": {"USDT": "0.5"}, "collateral": {"okx": {"USDT": {"haircut": "0"}}}}
    more: Json = {"venue": "okx", "collateral_mode": "multi", "top": top, "taker_fee_rate": "0.005", "orders": [order]}
    (pool,) = account_of(leg(), balances={"USDT": "15"}, **more).pools
    # in USD: equity 7.5, fees of the order 200 x 0.5 % x 0.5 = 0.5, requirement 0.75
    assert pool.venue_ratio is not None
    assert isinstance(pool.venue_ratio.value, D)
    assert abs(pool.venue_ratio.value - D(7) / D("0.75")) < D("1e-24")
