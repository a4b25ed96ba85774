"""The engine against a second implementation in plain fractions, over random accounts of every venue."""

from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import oracle
from tests.kit.portfolios import (
    MULTI_VENUES,
    SEEDS,
    VENUES,
    Json,
    portfolios,
    random_portfolio,
    report_of,
    smallest,
)
from tests.property.comparison import differences
from workstation.risk.report import PositionReport

ACCOUNTS = [*((venue, False) for venue in VENUES), *((venue, True) for venue in MULTI_VENUES)]
each_venue = pytest.mark.parametrize(("venue", "multi"), ACCOUNTS, ids=[f"{v}{'-multi' * m}" for v, m in ACCOUNTS])


def wrong(portfolio: Json) -> list[str]:
    return differences(report_of(portfolio), oracle.read(portfolio))


def check(portfolio: Json) -> None:
    """Fails with the least that is left of the portfolio and still differs."""
    if wrong(portfolio):
        least = smallest(portfolio, wrong)
        raise AssertionError("\n".join([*wrong(least), str(least)]))


@each_venue
def test_engine_and_oracle_agree_to_1e_12(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi))
    def agree(portfolio: Json) -> None:
        check(portfolio)

    agree()


@each_venue
def test_at_a_liquidation_price_equity_is_the_requirement(venue: str, multi: bool):
    """To 1e-9 of gross notional; where a whole-tier table makes the requirement jump, the root is the edge."""

    @given(portfolios(venue, multi=multi))
    def meet(portfolio: Json) -> None:
        answers = oracle.read(portfolio)
        for account, answer in zip(report_of(portfolio).accounts, answers, strict=True):
            for ours, exact in zip(account.positions, answer.positions, strict=True):
                for root in ours.liquidation.roots:
                    _check_root(Fraction(root.price), ours, exact)

    meet()


def _check_root(price: Fraction, ours: PositionReport, exact: oracle.Position) -> None:
    assert exact.pool is not None
    assert exact.leg is not None
    leg, pool = exact.leg, exact.pool

    def slack(at: Fraction) -> Fraction:
        return pool.slack(pool.with_price(leg.symbol, at), carry=True)

    tolerance = pool.gross() / 10**9
    outward = 1 if price > leg.mark else -1
    nearer, farther = price * (1 - outward * Fraction(1, 10**20)), price * (1 + outward * Fraction(1, 10**20))
    jumps = slack(nearer) > 0 >= slack(farther)
    assert abs(slack(price)) <= tolerance or jumps, f"{ours.symbol} {ours.side}: {float(slack(price))} left at {price}"
    # and nothing before it: a fine comb between the mark and the root
    steps = [leg.mark + (price - leg.mark) * Fraction(k, 41) for k in range(1, 41)]
    assert all(slack(at) > -tolerance for at in steps if at != price)


@each_venue
def test_a_mark_at_the_liquidation_price_uses_the_whole_margin(venue: str, multi: bool):
    """The engine by itself: moved to a root, margin_use is 1."""

    @given(portfolios(venue, multi=multi, most=3), st.integers(0, 5), st.integers(0, 1))
    def used_up(portfolio: Json, which: int, end: int) -> None:
        positions = report_of(portfolio).accounts[0].positions
        ours = positions[which % len(positions)]
        if not ours.liquidation.roots or (ours.rule and "frozen" in ours.rule.id):
            return
        root = ours.liquidation.roots[end % len(ours.liquidation.roots)]
        marks = dict(portfolio["marks"][venue]) | {ours.symbol: f"{root.price:f}"}
        moved = report_of(portfolio | {"marks": {venue: marks}}).accounts[0].positions[which % len(positions)]
        exact = oracle.read(portfolio)[0].positions[which % len(positions)]
        assert exact.pool is not None
        assert exact.leg is not None
        there = exact.pool.with_price(ours.symbol, Fraction(root.price))
        nearer = Fraction(root.price) * (1 + Fraction(1 if root.direction == "below" else -1, 10**20))
        before = exact.pool.with_price(ours.symbol, nearer)
        if max(exact.pool.slack(at, carry=True) for at in (there, before)) > exact.pool.gross() / 10**9:
            return  # the edge of a jump: the requirement is only reached behind it
        if exact.pool.requirement(there, carry=True) <= exact.pool.gross() / 10**9:
            return  # nothing is required, and nothing left
        assert abs(Fraction(moved.margin_use) - 1) < Fraction(1, 10**12)  # type: ignore[arg-type]

    used_up()


# --- facts that are missing, sizes and prices exactly on an edge ------------------------------------------------------


def holed(portfolio: Json, rng: Random) -> Json:
    """The portfolio with one to three of its facts gone."""
    document = deepcopy(portfolio)
    [account] = document["accounts"]
    venue = account["venue"]
    marks, instruments = document["marks"][venue], document["instruments"][venue]
    prices, rules = document.get("collateral_prices", {}), document.get("collateral", {}).get(venue, {})
    places: list[tuple[Any, str]] = [
        *((marks, symbol) for symbol in marks),
        *((own, name) for own in instruments.values() for name in ("tiers", "margin_model") if name in own),
        *((account["balances"], asset) for asset in account["balances"]),
        *((leg, name) for leg in account["positions"] for name in ("leverage", "isolated_wallet") if name in leg),
        *((prices, asset) for asset in prices),
        *((rules, asset) for asset in rules),
        (account, "balances"),
    ]
    # without its size a contract on OKX cannot be counted, and a table of one row with an end says neither yes nor no
    if venue != "okx":
        places += [(own, "contract_size") for own in instruments.values()]
    for place, name in rng.sample(places, min(len(places), rng.randint(1, 3))):
        place.pop(name, None)
    return document


def on_edges(portfolio: Json, rng: Random) -> Json:
    """The portfolio with tiers that end exactly at sizes of its legs, at the mark or at entry, and wallets to match."""
    document = deepcopy(portfolio)
    [account] = document["accounts"]
    venue = account["venue"]
    for position in account["positions"]:
        own = document["instruments"][venue][position["symbol"]]
        mark = Decimal(document["marks"][venue][position["symbol"]])
        if rng.randint(0, 1):
            position["entry_price"] = f"{mark:f}"
        if "tiers" not in own or own["kind"] == "inverse":
            continue
        contract = Decimal(own["contract_size"])
        size = Decimal(position["quantity"]) if "quantity" in position else Decimal(position["contracts"]) * contract
        price = rng.choice((mark, Decimal(position["entry_price"])))
        edge = size / contract if venue == "okx" else size * price
        if len(f"{edge:f}") > 40:
            continue
        rates = sorted(rng.choice(("0", "0.0041", "0.013", "0.047", "0.19")) for _ in range(2))
        own["tiers"] = [
            {"floor": "0", "cap": f"{edge:f}", "maintenance_rate": rates[0]},
            {"floor": f"{edge:f}", "cap": rng.choice((None, f"{edge * 2:f}")), "maintenance_rate": rates[1]},
        ]
        if position["margin_mode"] == "isolated" and rng.randint(0, 1):
            # exactly what the lower tier requires at this price, or nothing (what is required just behind an edge is
            # met nowhere and missed nowhere)
            rate = Decimal(rng.choice((rates[0], "0")))
            position["isolated_wallet"] = f"{size * price * rate:f}"
    return document


@each_venue
def test_engine_and_oracle_agree_where_facts_are_missing(venue: str, multi: bool):
    @given(SEEDS)
    def agree(seed: int) -> None:
        rng = Random(seed)
        check(holed(random_portfolio(rng, venue, multi=multi), rng))

    agree()


@each_venue
def test_engine_and_oracle_agree_on_edges(venue: str, multi: bool):
    @given(SEEDS)
    def agree(seed: int) -> None:
        rng = Random(seed)
        check(on_edges(random_portfolio(rng, venue, multi=multi), rng))

    agree()
