"""An ad-hoc shock typed as text is read whole or refused with everything that is wrong with it."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.desk.shock import read_shock
from workstation.domain.problem import BadInput


def test_moves_are_per_base_asset_and_a_star_is_for_the_others():
    shock = read_shock("BTC=-0.10,ETH=-0.13,*=-0.15")
    moves = {asset: shock.of(asset) for asset in ("BTC", "ETH", "SOL", "USDT")}
    assert moves == {"BTC": Decimal("-0.10"), "ETH": Decimal("-0.13"), "SOL": Decimal("-0.15"), "USDT": Decimal(0)}


def test_a_dollar_may_be_named():
    assert read_shock("USDT=-0.05").of("USDT") == Decimal("-0.05")


def test_the_scenario_is_named_as_it_was_typed():
    shock = read_shock(" BTC = 0.1 ")
    assert shock.of("BTC") == Decimal("0.1")
    assert shock.source == "ad hoc"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ",", "BTC", "BTC=", "=", "=-0.1", "BTC=x", "BTC=nan", "BTC=-10%", "BTC=1e999", "BTC=-0.1;ETH=-0.1"),
        *("BTC=-1", "BTC=-2", "*=-1.0", "BTC=-0.1,", "BTC=-0.1,BTC=-0.1", "*=0.1,*=0.2", "BTC==0.1"),
    ],
)
def test_what_is_no_shock_is_refused(text: str):
    with pytest.raises(BadInput) as refused:
        read_shock(text)
    assert all(str(problem).isprintable() for problem in refused.value.problems)


def test_every_fault_is_told():
    with pytest.raises(BadInput) as refused:
        read_shock("BTC=x,ETH=-0.1,ETH=-0.2,SOL=-5,*")
    assert len(refused.value.problems) == 4


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str):
    with contextlib.suppress(BadInput):
        shock = read_shock(text)
        assert all(move > -1 for move in (*shock.moves.values(), shock.others))


@given(st.dictionaries(st.sampled_from(("BTC", "ETH", "1000PEPE", "*")), st.integers(-999, 5000), min_size=1))
def test_what_is_typed_is_what_moves(thousandths: dict[str, int]):
    text = ",".join(f"{asset}={Decimal(n) / 1000}" for asset, n in thousandths.items())
    shock = read_shock(text)
    for asset in ("BTC", "ETH", "1000PEPE", "SOL"):
        assert shock.of(asset) == Decimal(thousandths.get(asset, thousandths.get("*", 0))) / 1000
