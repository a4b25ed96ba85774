"""The practice market's book: what an order walks is what rests, and it thins when volatility rises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.feeds.practice_book import (
    DISTANCES,
    LEAST_SHARE,
    displacement,
    mean_displacement,
    next_share,
    resting,
)

DEPTH = np.array([1e6])
usd = st.floats(-5e6, 5e6)


def at(eaten: float) -> float:
    return float(displacement(np.array([eaten]), DEPTH)[0])


@given(usd)
def test_what_rests_within_a_distance_is_what_moves_price_that_far(eaten: float):
    bids, asks = resting(np.array([at(eaten)]), DEPTH)
    for distance, bid, ask in zip(DISTANCES, bids[:, 0], asks[:, 0], strict=True):
        assert at(eaten - bid) == pytest.approx(at(eaten) - distance, abs=1e-9)
        assert at(eaten + ask) == pytest.approx(at(eaten) + distance, abs=1e-9)


@given(usd, usd)
def test_an_order_pays_the_average_of_what_it_walks(before: float, after: float):
    steps = before + (after - before) * (np.arange(20_000) + 0.5) / 20_000
    average = float(np.mean(displacement(steps, DEPTH)))
    ours = float(mean_displacement(np.array([before]), np.array([after]), DEPTH)[0])
    assert ours == pytest.approx(average, abs=2e-6)


@given(usd)
def test_no_order_pays_where_price_stands(eaten: float):
    here = np.array([eaten])
    assert float(mean_displacement(here, here, DEPTH)[0]) == at(eaten)


def test_depth_leaves_faster_than_it_returns_and_never_goes_wholly():
    quiet, wild = np.array([1.0]), np.array([20.0])
    share = np.array([1.0])
    leaving = [float((share := next_share(share, wild, quiet, 10))[0]) for _ in range(60)]
    assert leaving == sorted(leaving, reverse=True)
    assert leaving[-1] == pytest.approx(LEAST_SHARE, rel=1e-3)
    returned = float(next_share(share, quiet, quiet, 60)[0])
    assert leaving[-1] < returned < 0.5 * (1 + LEAST_SHARE)
