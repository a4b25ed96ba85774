"""Whether the float64 columns say what the exact engine says: of random accounts of every venue, at the marks and
moved.
"""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.portfolios import VENUES, encoded, random_portfolio
from workstation.assessment import day_of, market_of, rules_of
from workstation.desk.portfolio_file import read_portfolio
from workstation.risk.account import Beyond, Pool, Ray, first_touch
from workstation.risk.column_margin import (
    INSUFFICIENT,
    LEFT_OUT,
    LIQUIDATABLE,
    NONE,
    OK,
    Liquidations,
    joint_distance,
    liquidations,
    standing,
)
from workstation.risk.columns import (
    MIXED_KINDS,
    RISING_RATE,
    SEVERAL_ASSETS,
    Columns,
    because,
    columns_of,
)
from workstation.risk.engine import PRECISION
from workstation.risk.holdings import book_of
from workstation.risk.liquidation import bankruptcy_price, liquidation_of
from workstation.risk.margin import Leg
from workstation.risk.report import Liquidation
from workstation.risk.rules import MarginRule
from workstation.risk.stress import MOST

# Our rounding must do no more than a change of the wallet by so much of the pool's gross value would; and what follows
# from the wallet must agree to 1e-12.
SHIFT = Decimal("2e-14")
CLOSE = 1e-12
# The portfolios come from a plain generator of their own: realistic figures, where hypothesis seeks out 1e-300.
SEEDS = st.integers(0, 2**48)

RULE = MarginRule(
    id="any",
    valid_from=day_of(read_portfolio(b'{"version":1,"as_of":"2026-01-01","accounts":[]}')),
    evidence="verified",
    source="a test",
)


def pools_of(portfolio: Mapping[str, Any]) -> list[Pool]:
    """The pools of a portfolio file's first account that the exact engine can compute."""
    state = read_portfolio(encoded(portfolio))
    account = state.accounts[0]
    with localcontext() as context:
        context.prec = PRECISION
        book = book_of(account, "accounts[0]", market_of(state), rules_of(state, day_of(state))[account.venue])
    return [pool for pool in (*book.pools.values(), *book.isolated.values()) if isinstance(pool, Pool)]


def shifted(pool: Pool, grown: float = 1.0) -> list[Pool]:
    """The pool, and the same with a wallet that is a trifle smaller and larger. `grown`: how many times its value the
    pool has where the answer was found.
    """
    part = pool.parts[0]
    gross = abs(part.wallet)
    for leg in pool.legs:
        gross += leg.value(leg.mark) + leg.value(leg.entry) + (leg.requirement(leg.mark) or 0) + leg.fixed
    gross *= Decimal(max(grown, 1.0))
    return [
        Pool(pool.asset, (msgspec.structs.replace(part, wallet=part.wallet + sign * gross * SHIFT), *pool.parts[1:]))
        for sign in (0, -1, 1)
    ]


def within(ours: float, exact: Iterable[Decimal | None], none: float) -> bool:
    """Between the exact answers, `none` standing for no answer (NaN among ours), to 1e-12 of itself."""
    values = [none if value is None else float(value) for value in exact]
    own = none if math.isnan(ours) else ours
    return min(values) * (1 - CLOSE) <= own <= max(values) * (1 + CLOSE)


STATE_OF = {"ok": OK, "none": NONE, "liquidatable": LIQUIDATABLE, "insufficient": INSUFFICIENT}


def check_liquidation(ours: Liquidations, i: int, exact: list[Liquidation]) -> None:
    assert ours.state[i] in {STATE_OF[e.status] for e in exact}
    if ours.state[i] != OK or any(e.status != "ok" for e in exact):
        return
    for direction, price, tier, none in (
        ("below", ours.below[i], ours.tier_below[i], 0.0),
        ("above", ours.above[i], ours.tier_above[i], math.inf),
    ):
        roots = [next((root for root in e.roots if root.direction == direction), None) for e in exact]
        assert within(price, (root and root.price for root in roots), none), (direction, price, roots)
        assert math.isnan(price) or tier in {root.tier or 0 for root in roots if root is not None}
    assert any(math.isclose(ours.price[i], float(e.price), rel_tol=1e-9) for e in exact if e.price is not None)


@pytest.mark.parametrize("venue", VENUES)
@given(seed=SEEDS)
def test_liquidation_prices_are_the_exact_engine_s(venue: str, seed: int) -> None:
    rng = Random(seed)
    pools = pools_of(random_portfolio(rng, venue))
    columns = columns_of(pools)
    now = standing(columns)
    ours = liquidations(columns, now)
    with localcontext() as context:
        context.prec = PRECISION
        i = 0
        for p, pool in enumerate(pools):
            alternatives = shifted(pool)
            if columns.gaps[p]:
                assert columns.gaps[p] == RISING_RATE
                assert any(piece.square for leg in pool.legs for piece in leg.pieces)
            else:
                assert within(now.equity[p] + 1e30, [a.equity() + Decimal("1e30") for a in alternatives], 0)
                assert now.pool_requirement[p] == pytest.approx(float(pool.requirement()), rel=1e-12)
                assert now.pool_maintenance[p] == pytest.approx(float(pool.maintenance()), rel=1e-12)
            for leg in pool.legs:
                if columns.gaps[p]:
                    assert ours.state[i] == LEFT_OUT
                    assert math.isnan(ours.price[i])
                else:
                    found = [ours.below[i], ours.above[i], ours.bankruptcy[i]]
                    grown = [y if math.isfinite(y) else 1.0 for price in found for y in (price / float(leg.mark),)]
                    alternatives = shifted(pool, max(1 / y if leg.inverse else y for y in grown))
                    check_liquidation(ours, i, [liquidation_of(a, leg, RULE) for a in alternatives])
                    check_bankruptcy(ours.bankruptcy[i], leg, alternatives)
                i += 1
        assert i == len(columns)


def check_bankruptcy(ours: float, leg: Leg, alternatives: list[Pool]) -> None:
    exact = [bankruptcy_price(a, leg) for a in alternatives]
    numbers = [e for e in exact if isinstance(e, Decimal)]
    if len(numbers) < len(exact):
        assert math.isnan(ours) or numbers
    else:
        assert within(ours, numbers, 0)


@pytest.mark.parametrize("venue", VENUES)
@given(seed=SEEDS)
def test_joint_distances_are_the_exact_engine_s(venue: str, seed: int) -> None:
    rng = Random(seed)
    pools = pools_of(random_portfolio(rng, venue))
    columns = columns_of(pools)
    speeds = {symbol: rng.randint(-300, 300) for symbol in {s.partition("/")[0] for s in columns.symbols}}
    moves = {symbol: Decimal(speeds[symbol.partition("/")[0]]) / 1000 for symbol in columns.symbols}
    ours = joint_distance(columns, np.array([float(moves[symbol]) for symbol in columns.symbols]))
    with localcontext() as context:
        context.prec = PRECISION
        for p, pool in enumerate(pools):
            if columns.gaps[p]:
                assert ours.state[p] == LEFT_OUT
                continue
            kinds = {leg.inverse for leg in pool.legs}
            if len(kinds) == 2 or (True in kinds and len({moves[leg.symbol] for leg in pool.legs}) > 1):
                assert ours.state[p] == LEFT_OUT
                continue
            ray = Ray({leg.symbol: moves[leg.symbol] for leg in pool.legs})
            exact = [first_touch(a, ray, MOST) for a in shifted(pool)]
            states = {NONE if e is None else INSUFFICIENT if isinstance(e, Beyond) else OK for e in exact}
            assert ours.state[p] in states, (exact, ours.multiple[p])
            if states == {OK}:
                assert within(ours.multiple[p], (e for e in exact if isinstance(e, Decimal)), math.inf), exact
                assert pool.legs[ours.first[p] - int(np.flatnonzero(columns.pool == p)[0])] == most_lost(
                    pool, moves, exact[0]
                )


def most_lost(pool: Pool, moves: dict[str, Decimal], multiple: object) -> Leg:
    assert isinstance(multiple, Decimal)
    return max(
        pool.legs, key=lambda leg: leg.profit(leg.mark) - leg.profit(leg.mark * (1 + moves[leg.symbol] * multiple))
    )


@pytest.mark.parametrize("venue", VENUES)
@given(seed=SEEDS)
def test_after_a_move_everything_stands_where_the_exact_engine_puts_it(venue: str, seed: int) -> None:
    rng = Random(seed)
    pools = pools_of(random_portfolio(rng, venue))
    columns = columns_of(pools)
    moves = [rng.randint(-990, 3000) for _ in columns.symbols]
    after = standing(columns, np.array(moves) / 1000)
    with localcontext() as context:
        context.prec = PRECISION
        legs = [(p, leg) for p, pool in enumerate(pools) for leg in pool.legs]
        for i, (p, leg) in enumerate(legs):
            price = leg.mark * (1 + Decimal(moves[columns.instrument[i]]) / 1000)
            scale = float(leg.value(price) + leg.value(leg.entry))
            assert after.profit[i] == pytest.approx(float(leg.profit(price)), rel=1e-12, abs=1e-13 * scale)
            requirement, maintenance = leg.requirement(price), leg.maintenance(price)
            if columns.gaps[p]:
                assert math.isnan(after.equity[p])
            elif requirement is None or maintenance is None:
                assert math.isnan(after.requirement[i])
                assert math.isnan(after.pool_requirement[p])
            else:
                assert after.requirement[i] == pytest.approx(float(requirement), rel=1e-12, abs=1e-13 * scale)
                assert after.maintenance[i] == pytest.approx(float(maintenance), rel=1e-12, abs=1e-13 * scale)


@given(seed=SEEDS, venue=st.sampled_from(["binance-usdm", "bitget", "okx", "kraken"]))
def test_the_walk_over_every_edge_and_newton_s_descent_meet(seed: int, venue: str) -> None:
    rng = Random(seed)
    pools = [pool for _ in range(6) for pool in pools_of(random_portfolio(rng, venue))]
    columns = columns_of(pools)
    straight = columns.bent.copy()
    walked = msgspec.structs.replace(columns, bent=np.ones_like(columns.bent))
    ours, theirs = liquidations(columns), liquidations(walked)
    agree = ours.state == theirs.state
    # a whole account may stand within rounding of a threshold; a random one next to never does
    assert np.count_nonzero(~agree) <= 1
    keep = agree & (ours.state == OK)
    np.testing.assert_allclose(
        (ours.price / columns.mark)[keep], (theirs.price / columns.mark)[keep], rtol=1e-11, atol=1e-13
    )
    moves = np.array([rng.uniform(-0.3, 0.3) for _ in columns.symbols])
    first, second = joint_distance(columns, moves), joint_distance(walked, moves)
    np.testing.assert_array_equal(first.state, second.state)
    np.testing.assert_allclose(first.multiple, second.multiple, rtol=1e-11)
    assert straight.shape == columns.bent.shape


def test_an_account_stands_what_its_weakest_pool_stands() -> None:
    rng = Random(7)
    pools = [pool for _ in range(20) for pool in pools_of(random_portfolio(rng, "binance-usdm"))]
    columns = columns_of(pools)
    moves = np.full(len(columns.symbols), -0.1)
    apart = joint_distance(columns, moves)
    known = apart.multiple[~np.isnan(apart.multiple)]
    assert len(known) > 10
    within_reach = [pool for pool, multiple in zip(pools, apart.multiple, strict=True) if not math.isnan(multiple)]
    together = joint_distance(columns_of(within_reach, [0] * len(known)), moves)
    assert together.multiple[0] == known.min()
    weakest = columns.symbols[columns.instrument[apart.first[int(np.nanargmin(apart.multiple))]]]
    assert [leg.symbol for pool in within_reach for leg in pool.legs][together.first[0]] == weakest


def test_what_columns_cannot_carry_is_said_in_words() -> None:
    pools = pools_of(random_portfolio(Random(3), "binance-usdm", multi=True))
    columns = columns_of(pools)
    cross = [p for p, pool in enumerate(pools) if pool.asset == "USD"]
    assert cross
    assert all(columns.gaps[p] == SEVERAL_ASSETS for p in cross)
    assert np.isnan(standing(columns).equity[cross]).all()
    assert because(SEVERAL_ASSETS | MIXED_KINDS).count(";") == 1


def test_nothing_is_computed_from_nothing() -> None:
    columns: Columns = columns_of([])
    assert len(columns) == 0
    assert len(liquidations(columns).price) == 0
    assert len(joint_distance(columns, np.zeros(0)).multiple) == 0
