"""Liquidation bars and series: every zoom sums exactly, and no peak is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.charts import FIVE_MINUTES, START_MS, tape
from workstation.market.view import SeriesView, TapeView
from workstation.ui.charts.bars_item import BarsItem
from workstation.ui.charts.candle_item import Change
from workstation.ui.charts.series_item import SeriesItem
from workstation.ui.charts.view import View

PLOT = View(0, 0, 800, 200, 0.0, 1.0, 0.0, 1.0)


@given(count=st.integers(1, 500), seed=st.integers(0, 50), least=st.floats(1, 64))
def test_bars_add_up_to_what_was_liquidated_at_every_zoom(count: int, seed: int, least: float):
    random = np.random.default_rng(seed)
    times = START_MS + np.sort(random.integers(0, 10**8, count))
    is_long, usd = random.random(count) < 0.5, random.gamma(0.5, 1e5, count)
    item = BarsItem()
    item.show(TapeView(times, is_long, usd, usd, usd, "complete"), FIVE_MINUTES)
    sums = item.sums(times[0], times[-1], least * FIVE_MINUTES)
    np.testing.assert_allclose(sums.longs.sum(), usd[is_long].sum(), rtol=1e-9)
    np.testing.assert_allclose(sums.shorts.sum(), usd[~is_long].sum(), rtol=1e-9)
    bucket = (times - sums.open_ms[0]) // sums.width_ms
    np.testing.assert_allclose(sums.longs, np.bincount(bucket, usd * is_long, len(sums.longs)), rtol=1e-6, atol=1e-3)
    assert sums.width_ms % FIVE_MINUTES == 0


@given(seed=st.integers(0, 50), cuts=st.lists(st.integers(0, 60), max_size=8))
def test_a_tape_that_grows_adds_up_as_if_it_had_come_at_once(seed: int, cuts: list[int]):
    random = np.random.default_rng(seed)
    count = sum(cuts) + 1
    times = START_MS + np.sort(random.integers(0, 10**8, count))
    is_long, usd = random.random(count) < 0.5, random.gamma(0.5, 1e5, count)

    def up_to(rows: int) -> TapeView:
        return TapeView(times[:rows], is_long[:rows], usd[:rows], usd[:rows], usd[:rows], "complete")

    growing, whole = BarsItem(), BarsItem()
    for rows in np.cumsum([1, *cuts]).tolist():
        growing.show(up_to(rows), FIVE_MINUTES)
    whole.show(up_to(count), FIVE_MINUTES)
    np.testing.assert_allclose(
        growing.between(times[0], times[-1] + 1), whole.between(times[0], times[-1] + 1), rtol=1e-12
    )
    # and another market's tape begins anew
    other = TapeView(times[:1] + 1, is_long[:1], usd[:1], usd[:1], usd[:1], "complete")
    growing.show(other, FIVE_MINUTES)
    assert sum(growing.between(times[0], times[0] + 2)) == usd[0]
    growing.show(TapeView(), FIVE_MINUTES)
    assert growing.between(0, 1e18) == (0, 0)


def test_longs_go_down_and_shorts_go_up():
    item = BarsItem()
    assert item.show(tape(), FIVE_MINUTES) is Change.ALL
    span = item.span(START_MS, START_MS + 300 * FIVE_MINUTES, 1)
    assert span == (-2e6, 1.5e6)
    assert item.between(START_MS, START_MS + 250 * FIVE_MINUTES) == (2e6, 0)
    assert item.between(START_MS, START_MS + 250 * FIVE_MINUTES + 1) == (2e6, 0.5e6)


def test_an_empty_bucket_is_exactly_nothing():
    item = BarsItem()
    item.show(tape(), FIVE_MINUTES)
    sums = item.sums(START_MS, START_MS + 300 * FIVE_MINUTES, 1)
    assert np.count_nonzero(sums.longs) == 1
    assert np.count_nonzero(sums.shorts) == 1


@given(seed=st.integers(0, 50), spike=st.integers(0, 9_999))
def test_a_single_peak_is_drawn_however_far_out_the_zoom_is(seed: int, spike: int):
    random = np.random.default_rng(seed)
    times = START_MS + np.cumsum(random.integers(50_000, 70_000, 10_000))
    values = random.random(10_000)
    values[spike] = 9.0
    item = SeriesItem()
    item.show(SeriesView(times, values))
    view = PLOT._replace(from_ms=float(times[0]), to_ms=float(times[-1]), high=10.0)
    xs, ys = item.points(view)
    assert len(xs) < 3_000
    assert (np.diff(xs) >= 0).all()
    peak = int(np.argmin(ys))
    assert abs(ys[peak] - view.y(9.0)) < 1e-9
    assert abs(xs[peak] - view.x(float(times[spike]))) < 4


def test_a_line_goes_on_to_rows_outside_the_view():
    item = SeriesItem()
    item.show(SeriesView(np.array([0, 1_000, 2_000, 3_000]) * 1_000, np.array([1.0, 2.0, 3.0, 4.0])))
    xs, _ = item.points(PLOT._replace(from_ms=1_100_000.0, to_ms=1_900_000.0, high=5.0))
    assert xs[0] < 0
    assert xs[-1] > PLOT.width
