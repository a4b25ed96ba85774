"""A joint move: named assets, all other coins, and dollars that stay unless they are named."""

from decimal import Decimal

import pytest

from workstation.domain.scenario import DOLLARS, JointMove

DOWN = JointMove("down", "test", {"BTC": Decimal("-0.1"), "USDT": Decimal("-0.05")}, Decimal("-0.2"))


def test_a_named_asset_moves_as_named_and_others_together():
    assert [DOWN.of(asset) for asset in ("BTC", "ETH", "1000PEPE")] == [Decimal(x) for x in ("-0.1", "-0.2", "-0.2")]


@pytest.mark.parametrize("dollar", sorted(DOLLARS - {"USDT"}))
def test_a_dollar_stays_unless_it_is_named(dollar: str):
    assert DOWN.of(dollar) == 0
    assert DOWN.of("USDT") == Decimal("-0.05")


def test_what_nobody_names_stays():
    assert JointMove("none", "test", {}).of("BTC") == 0
