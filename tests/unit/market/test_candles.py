"""Candles in columns, and longer ones rolled up from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.market import MINUTE, START, SYMBOL, VENUE, batch, candle
from workstation.domain.events import Candle
from workstation.market.candles import CandleColumns, RolledUp
from workstation.market.view import CandleView

FIVE = 5 * MINUTE


def columns_of(*candles: Candle) -> CandleColumns:
    columns = CandleColumns((VENUE, SYMBOL), MINUTE)
    for one in candles:
        columns.take(batch(one).records)
    return columns


def naive(candles: list[Candle], span: int) -> tuple[list[tuple[int, float, float, float, float, float]], int]:
    """Whole longer candles from closed short ones, by loops; and how many of the short ones they hold."""
    buckets: dict[int, list[Candle]] = {}
    for one in candles:
        buckets.setdefault(one.open_ms // span, []).append(one)
    rows: list[tuple[int, float, float, float, float, float]] = []
    keys = sorted(buckets)
    for i, key in enumerate(keys):
        own = buckets[key]
        starts_whole = i > 0 or own[0].open_ms == key * span
        ended = i < len(keys) - 1 or own[-1].open_ms + MINUTE == (key + 1) * span
        if starts_whole and ended:
            high, low = max(c.high for c in own), min(c.low for c in own)
            volume = sum(c.volume_base for c in own)
            rows.append((key * span, own[0].open, high, low, own[-1].close, volume))
    return rows, len(keys)


def rows(view: CandleView) -> list[tuple[int, float, float, float, float, float]]:
    columns = (view.open_ms, view.open, view.high, view.low, view.close, view.volume_base)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(
    st.lists(st.tuples(st.booleans(), st.floats(10, 1000)), min_size=1, max_size=60),
    st.integers(0, 4),
    st.sampled_from([2, 5, 15]),
    st.integers(1, 7),
)
def test_rolled_candles_are_those_of_a_plain_loop_however_often_one_looks(
    minutes: list[tuple[bool, float]], offset: int, times: int, every: int
) -> None:
    heard = [candle(offset + i, close) for i, (traded, close) in enumerate(minutes) if traded]
    columns = columns_of()
    rolled = RolledUp(columns, times * MINUTE)
    for i, one in enumerate(heard):
        columns.take(batch(one).records)
        if i % every == 0:
            rolled.view()
    view = rolled.view()
    expected, _ = naive(heard, times * MINUTE)
    got = rows(view)
    assert [row[:5] for row in got] == [row[:5] for row in expected]
    assert [row[5] for row in got] == pytest.approx([row[5] for row in expected])


def test_the_forming_candle_of_a_longer_timeframe_holds_what_has_closed_and_what_is_forming() -> None:
    columns = columns_of(candle(0, 100), candle(1, 110), candle(2, 90, closed=False))
    forming = RolledUp(columns, FIVE).view().forming
    assert forming == Candle(VENUE, SYMBOL, FIVE, START, 99, 112, 87, 90, 30, closed=False)


def test_a_longer_candle_whose_beginning_nobody_heard_is_not_shown() -> None:
    columns = columns_of(*(candle(i) for i in range(2, 8)))
    view = RolledUp(columns, FIVE).view()
    assert view.open_ms.tolist() == []
    assert view.forming is not None
    assert view.forming.open_ms == START + FIVE


def test_an_interval_that_does_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="do not make"):
        RolledUp(columns_of(), 90_000)


def test_the_same_history_heard_twice_is_one_history() -> None:
    heard = [candle(i, 100 + i) for i in range(5)]
    columns = columns_of(*heard, *heard[1:4], candle(5))
    assert columns.view().open_ms.tolist() == [START + i * MINUTE for i in range(6)]


def test_a_forming_candle_ends_when_its_closed_one_comes() -> None:
    columns = columns_of(candle(0), candle(1, closed=False))
    assert columns.view().forming is not None
    columns.take(batch(candle(1, 105)).records)
    assert columns.view().forming is None
    assert columns.view().close[-1] == 105
    # a late update of what has closed already says nothing
    columns.take(batch(candle(1, 1, closed=False)).records)
    assert columns.view().forming is None


def test_rolling_goes_on_when_old_candles_were_let_go() -> None:
    columns = CandleColumns((VENUE, SYMBOL), MINUTE)
    columns.columns._most = 600
    rolled = RolledUp(columns, FIVE)
    for i in range(2_000):
        columns.take(batch(candle(i, 100 + i % 7)).records)
        if i % 11 == 0:
            rolled.view()
    opened = rolled.view().open_ms
    assert (np.diff(opened) == FIVE).all()
    assert opened[-1] == START + 1_995 * MINUTE
