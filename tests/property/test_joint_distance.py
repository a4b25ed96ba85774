"""The joint distance against the oracle, which looks closely along the move and halves."""

from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.portfolios import SEEDS, Json, portfolios, random_portfolio, report_of
from tests.property.joint import joint_differences, random_move
from tests.property.test_margin_oracle import each_venue
from workstation.domain.scenario import JointMove


@each_venue
def test_joint_distance_and_oracle_agree(venue: str, multi: bool):
    @given(SEEDS)
    def agree(seed: int) -> None:
        rng = Random(seed)
        portfolio, move = random_portfolio(rng, venue, multi=multi), random_move(rng)
        differences, _ = joint_differences(portfolio, move)
        assert not differences

    agree()


@each_venue
def test_twice_the_move_is_half_the_multiple(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi), SEEDS)
    def halves(portfolio: Json, seed: int) -> None:
        move = random_move(Random(seed))
        twice = JointMove("twice", "test", {a: 2 * m for a, m in move.moves.items()}, 2 * move.others)
        once, double = (r.accounts[0].multiple for r in report_of(portfolio, move, twice).stress)
        if isinstance(once, Decimal):
            assert isinstance(double, Decimal)
            assert abs(double * 2 - once) <= once * Decimal("1e-25")

    halves()


@each_venue
def test_a_move_of_one_contract_meets_its_liquidation_price(venue: str, multi: bool):
    """With one contract in the account the joint distance is the distance, on the side where the move goes."""

    @given(portfolios(venue, multi=multi, most=1), st.sampled_from(("-0.1", "-0.04", "0.1", "0.3")))
    def meets(portfolio: Json, size: str) -> None:
        if multi:
            portfolio["accounts"][0]["balances"] = {
                asset: amount
                for asset, amount in portfolio["accounts"][0]["balances"].items()
                if asset.startswith("USD")
            }
        position = portfolio["accounts"][0]["positions"][0]
        base = position["symbol"].partition("/")[0]
        if multi and position["symbol"].partition(":")[2].startswith(base):
            return  # the collateral moves too
        report = report_of(portfolio, JointMove("one", "test", {base: Decimal(size)}))
        ours, stress = report.accounts[0].positions[0], report.stress[0].accounts[0]
        side = "below" if size.startswith("-") else "above"
        roots = [root for root in ours.liquidation.roots if root.direction == side]
        if roots and isinstance(ours.mark, Decimal):
            expected = (roots[0].price / ours.mark - 1) / Decimal(size)
            if expected <= Decimal("9.999999"):
                assert isinstance(stress.multiple, Decimal)
                assert abs(stress.multiple - expected) <= Decimal("1e-25") * max(1, expected)
            elif expected > 10:
                assert not isinstance(stress.multiple, Decimal)
        elif ours.liquidation.status == "none":
            assert not isinstance(stress.multiple, Decimal)

    meets()
