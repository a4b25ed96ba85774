"""The engine against a second implementation in plain fractions, over random accounts of every venue."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import oracle
from tests.kit.portfolios import MULTI_VENUES, VENUES, Json, portfolios, report_of, smallest
from tests.property.comparison import differences
from workstation.risk.report import PositionReport

ACCOUNTS = [*((venue, False) for venue in VENUES), *((venue, True) for venue in MULTI_VENUES)]
each_venue = pytest.mark.parametrize(("venue", "multi"), ACCOUNTS, ids=[f"{v}{'-multi' * m}" for v, m in ACCOUNTS])


@each_venue
def test_engine_and_oracle_agree_to_1e_12(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi))
    def agree(portfolio: Json) -> None:
        def wrong(some: Json) -> list[str]:
            return differences(report_of(some), oracle.read(some))

        if wrong(portfolio):
            least = smallest(portfolio, wrong)
            raise AssertionError("\n".join([*wrong(least), str(least)]))

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
