"""The pyramid: at every zoom the bars say what the rows say, and no high or low is lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.ui.charts.pyramid import Bars, Pyramid, Tip

UNIT = 60_000
FAR = 10**18


def columns(times: np.ndarray, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Times, first, highest, lowest, last of a walk."""
    random = np.random.default_rng(seed)
    last = 100 + np.cumsum(random.normal(size=len(times)))
    first = np.concatenate((last[:1], last[:-1]))
    highest = np.maximum(first, last) + random.random(len(times))
    lowest = np.minimum(first, last) - random.random(len(times))
    return times, first, highest, lowest, last


def gapped(count: int, seed: int) -> np.ndarray:
    """Openings with gaps of up to some thousand bars."""
    random = np.random.default_rng(seed)
    steps = np.where(random.random(count) < 0.02, random.integers(2, 5_000, count), 1)
    return (np.cumsum(steps) + random.integers(0, 1_000)) * UNIT


def grouped(rows: tuple[np.ndarray, ...], width: int) -> Bars:
    """The same bars the slow way: one after the other."""
    times, first, highest, lowest, last = rows
    keys = times // width
    found = [np.flatnonzero(keys == key) for key in np.unique(keys)]
    return Bars(
        width,
        np.array([keys[i[0]] * width for i in found]),
        np.array([first[i[0]] for i in found]),
        np.array([highest[i].max() for i in found]),
        np.array([lowest[i].min() for i in found]),
        np.array([last[i[-1]] for i in found]),
    )


def assert_same(one: Bars, other: Bars) -> None:
    assert one.width_ms == other.width_ms
    for mine, theirs in zip(one[1:], other[1:], strict=True):
        np.testing.assert_array_equal(mine, theirs)


@given(count=st.integers(1, 4_000), seed=st.integers(0, 99), factor=st.floats(1, 5_000))
def test_every_level_is_what_its_rows_give(count: int, seed: int, factor: float):
    rows = columns(gapped(count, seed), seed)
    pyramid = Pyramid(UNIT)
    pyramid.show(*rows)
    bars = pyramid.bars(0, FAR, factor * UNIT)
    if bars.width_ms == UNIT:
        np.testing.assert_array_equal(bars.open_ms, rows[0])
        np.testing.assert_array_equal(bars.highest, rows[2])
    else:
        assert_same(bars, grouped(rows, bars.width_ms))
    assert bars.highest.max() == rows[2].max()
    assert bars.lowest.min() == rows[3].min()


@given(
    first=st.integers(0, 2_500),
    added=st.lists(st.integers(0, 700), max_size=6),
    seed=st.integers(0, 99),
    factor=st.floats(1, 64),
)
def test_growing_row_by_row_gives_the_same_as_building_at_once(first: int, added: list[int], seed: int, factor: float):
    rows = columns(gapped(first + sum(added) + 1, seed), seed)
    grown, whole = Pyramid(UNIT), Pyramid(UNIT)
    size = first
    for more in (0, *added, 1):
        size += more
        assert grown.show(*(column[:size] for column in rows)) is False
    whole.show(*rows)
    assert_same(grown.bars(0, FAR, factor * UNIT), whole.bars(0, FAR, factor * UNIT))


@given(seed=st.integers(0, 99), start=st.floats(0, 1), share=st.floats(0.001, 1), most=st.integers(50, 600))
def test_what_is_in_view_is_in_the_bars_at_any_zoom(seed: int, start: float, share: float, most: int):
    rows = columns(gapped(6_000, seed), seed)
    times = rows[0]
    pyramid = Pyramid(UNIT)
    pyramid.show(*rows)
    from_ms = times[0] + start * (times[-1] - times[0])
    to_ms = from_ms + share * (times[-1] - times[0])
    bars = pyramid.bars(from_ms, to_ms, (to_ms - from_ms) / most)
    seen = (times <= to_ms) & (times + UNIT > from_ms)
    if seen.any():
        assert bars.highest.max() >= rows[2][seen].max()
        assert bars.lowest.min() <= rows[3][seen].min()
    assert len(bars.open_ms) <= max(most, 512) + 2


@given(count=st.integers(0, 3_000), seed=st.integers(0, 99), factor=st.floats(1, 64), later=st.integers(1, 40))
def test_the_forming_bar_counts_as_one_row_more(count: int, seed: int, factor: float, later: int):
    rows = columns(gapped(count, seed), seed)
    open_ms = (int(rows[0][-1]) if count else 0) + later * UNIT
    tip = Tip(open_ms, 50.0, 900.0, -900.0, 60.0)
    pyramid, whole = Pyramid(UNIT), Pyramid(UNIT)
    pyramid.show(*rows)
    whole.show(*(np.append(column, value) for column, value in zip(rows, tip, strict=True)))
    if len(pyramid._levels) == len(whole._levels):
        assert_same(pyramid.bars(0, FAR, factor * UNIT, tip), whole.bars(0, FAR, factor * UNIT))
    assert pyramid.bars(0, open_ms - 10_000 * UNIT, UNIT, tip).highest.max(initial=0) < 900


def test_other_columns_are_told_from_grown_ones():
    rows = columns(np.arange(2_000) * UNIT)
    pyramid = Pyramid(UNIT)
    pyramid.show(*rows)
    assert pyramid.show(*(column.copy() for column in rows)) is False
    assert pyramid.show(*(column[10:] for column in rows)) is True
    assert pyramid.bars(0, FAR, 4 * UNIT).open_ms[0] == 8 * UNIT
    assert pyramid.show(*(column[:500] for column in rows)) is True


def test_the_rows_themselves_are_not_copied():
    rows = columns(np.arange(2_000) * UNIT)
    pyramid = Pyramid(UNIT)
    pyramid.show(*rows)
    assert np.shares_memory(pyramid.bars(0, FAR, 1).highest, rows[2])


@pytest.mark.parametrize("closed", [1, 7])
def test_a_closed_candle_rebuilds_no_level(closed: int):
    rows = columns(np.arange(100_000) * UNIT)
    pyramid = Pyramid(UNIT)
    pyramid.show(*(column[: 100_000 - closed] for column in rows))
    before = [level.columns[1][: level.size - 1].copy() for level in pyramid._levels]
    memory = [level.columns[1] for level in pyramid._levels]
    pyramid.show(*rows)
    for level, kept, was in zip(pyramid._levels, before, memory, strict=True):
        assert level.columns[1] is was
        np.testing.assert_array_equal(level.columns[1][: len(kept)], kept)
