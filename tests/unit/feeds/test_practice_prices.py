"""The practice market's prices: the mark is the middle of three, and what comes later changes nothing before."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workstation.feeds.practice import START_MS
from workstation.feeds.practice_contracts import COUNT, Contracts, Floats
from workstation.feeds.practice_prices import SECONDS, Path, Standing, Terms, path_of

CONTRACTS = Contracts(START_MS)
FAIR = np.log(CONTRACTS.price) + np.zeros((SECONDS, COUNT))
small = st.floats(-0.02, 0.02)


def walk(flow: Floats, mean_basis: float = 0.0, skew: float = 0.0) -> Path:
    before = Standing(np.zeros(COUNT), np.full(COUNT, mean_basis), np.zeros(COUNT))
    return path_of(CONTRACTS, before, FAIR, flow, Terms(CONTRACTS.depth, CONTRACTS.spread / 2, np.full(COUNT, skew)))


@given(small, small, st.floats(-2, 2))
def test_the_mark_is_the_middle_of_index_average_and_price(mean_basis: float, skew: float, sold: float):
    path = walk(np.full((SECONDS, COUNT), sold) * CONTRACTS.depth / SECONDS, mean_basis, skew)
    three = np.exp(np.array([path.index, path.index + path.mean_basis, path.index + path.basis]))
    assert np.allclose(path.mark, np.median(three, axis=0), rtol=0, atol=0.51 / CONTRACTS.ticks)


@given(st.integers(0, SECONDS - 1), st.floats(-1, 1))
def test_an_order_changes_nothing_before_it(second: int, size: float):
    rng = np.random.default_rng(5)
    flow = rng.standard_normal((SECONDS, COUNT)) * CONTRACTS.depth * 0.1
    late = flow.copy()
    late[second] += size * CONTRACTS.depth
    one, other = walk(flow), walk(late)
    for name in ("eaten", "basis", "mean_basis", "index", "mark"):
        assert (getattr(one, name)[:second] == getattr(other, name)[:second]).all()


def test_selling_lowers_price_at_once_the_mark_slowly_and_the_index_least():
    flow = np.zeros((SECONDS, COUNT))
    flow[0] = -CONTRACTS.depth
    path = walk(flow)
    price, mark, index = (np.log(CONTRACTS.price) - x for x in (path.index + path.basis, np.log(path.mark), path.index))
    assert (price[0] > 0.0099).all()  # what rests within 1 % was sold
    assert (mark[0] < 0.1 * price[0]).all()
    assert (mark[-1] > 2 * mark[0]).all()
    assert (index[-1] < mark[-1]).all()
    assert (price[-1] < price[0]).all()  # the book refills
