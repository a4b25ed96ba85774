"""Whether frames of positions, computed in float64, say what the exact engine says of the same portfolio file."""

from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.portfolios import VENUES, encoded, random_portfolio
from workstation.domain.instrument import parse_symbol
from workstation.notebook import joint_distance_frame, margin, margin_frame, read, stress_accounts

SEEDS = st.integers(0, 2**48)
CLOSE = 1e-9


def frames_of(portfolio: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The positions of a portfolio file as a frame, and the other arguments of `margin_frame`."""
    account = portfolio["accounts"][0]
    venue = account["venue"]
    state = read(encoded(portfolio))
    overrides = state.instruments[venue]
    positions = pd.DataFrame(account["positions"])
    positions["account"] = account["name"]
    positions["mark"] = [portfolio["marks"][venue].get(symbol) for symbol in positions["symbol"]]
    positions["contract_size"] = [str(overrides[symbol].contract_size) for symbol in positions["symbol"]]
    others = {
        "wallets": pd.Series(
            {(account["name"], asset): float(wallet) for asset, wallet in account.get("balances", {}).items()},
            dtype=float,
        ),
        "tiers": {symbol: listed.tiers or listed.margin_model for symbol, listed in overrides.items()},
        "rule": venue,
        "on": portfolio["as_of"],
        "taker_fee_rate": float(account["taker_fee_rate"]) if "taker_fee_rate" in account else None,
        "hedge_mode": account["position_mode"] == "hedge",
    }
    if not account.get("balances"):
        others["wallets"] = None
    return positions, others


COLUMNS = [
    "notional",
    "unrealised_pnl",
    "initial_margin",
    "maintenance_margin",
    "isolated_wallet",
    "liquidation_price",
    "root_below",
    "root_above",
    "bankruptcy_price",
    "distance_quote",
]


def close(ours: float, exact: float, scale: float) -> bool:
    return bool(np.isclose(ours, exact, rtol=CLOSE, atol=CLOSE * scale, equal_nan=True))


def assert_a_tie(ours: "pd.Series[Any]", exact: "pd.Series[Any]") -> None:
    """One says that the requirement has reached the equity, the other that the next 1e-12 of the mark would do it."""
    assert "liquidatable" in (ours["liquidation_status"], exact["liquidation_status"])
    assert np.nanmin([ours["distance_fraction"], exact["distance_fraction"]]) < 1e-12


@pytest.mark.parametrize("venue", VENUES)
@given(seed=SEEDS)
def test_a_frame_of_positions_says_what_the_exact_engine_says(venue: str, seed: int) -> None:
    portfolio = random_portfolio(Random(seed), venue)
    positions, others = frames_of(portfolio)
    ours, exact = margin_frame(positions, **others), margin(read(encoded(portfolio)))
    for i in range(len(ours)):
        if ours["liquidation_status"].iloc[i] != exact["liquidation_status"].iloc[i]:
            assert_a_tie(ours.iloc[i], exact.iloc[i])
            continue
        money = ours["notional"].iloc[i] + abs(ours["unrealised_pnl"].iloc[i])
        # where no equity to speak of is left, margin use shows nothing but its rounding
        use, exact_use = (np.nan_to_num(frame["margin_use"].iloc[i], nan=np.inf) for frame in (ours, exact))
        assert close(use, exact_use, 0) or min(use, exact_use) > 1000
        for name in COLUMNS:
            scale = ours["mark"].iloc[i] if "price" in name or "root" in name or "quote" in name else money
            assert close(ours[name].iloc[i], exact[name].iloc[i], scale), (name, ours.iloc[i], exact.iloc[i])
        assert pd.isna(ours["because"].iloc[i]) == pd.isna(exact["because"].iloc[i])


@pytest.mark.parametrize("venue", VENUES)
@given(seed=SEEDS)
def test_joint_distances_of_a_frame_are_the_exact_engine_s(venue: str, seed: int) -> None:
    rng = Random(seed)
    portfolio = random_portfolio(rng, venue)
    positions, others = frames_of(portfolio)
    bases = {parts.base for symbol in positions["symbol"] if (parts := parse_symbol(symbol)) is not None}
    moves = {base: rng.randint(-300, 300) / 1000 for base in sorted(bases)}
    ours = joint_distance_frame(positions, moves, **others)
    exact = stress_accounts(read(encoded(portfolio)), ",".join(f"{base}={move}" for base, move in moves.items()))
    assert close(ours["joint_distance_multiple"].iloc[0], exact["joint_distance_multiple"].iloc[0], 0.01), (
        ours,
        exact,
    )
