"""Axes: round values and moments, few of them, days in bold; tags that never cover each other."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.ui import formats
from workstation.ui.charts.time_axis import ticks, utc
from workstation.ui.charts.value_axis import apart, price_text, scale, short_text

DAY = 86_400_000
YEAR_3000 = 32_503_680_000_000


@given(from_ms=st.integers(0, YEAR_3000), span=st.integers(1_000, 100 * 366 * DAY), most=st.integers(1, 30))
def test_moments_are_few_rising_inside_and_at_a_round_second(from_ms: int, span: int, most: int):
    found = ticks(from_ms, from_ms + span, most)
    assert len(found) <= 13
    times = [tick.at_ms for tick in found]
    assert times == sorted(set(times))
    assert all(from_ms <= at <= from_ms + span and at % 1000 == 0 for at in times)


@pytest.mark.parametrize("hours", [1, 6, 24, 100])
def test_a_new_day_is_named_in_bold(hours: int):
    midnight = 1_760_140_800_000
    found = {tick.at_ms: tick for tick in ticks(midnight - hours * 1_800_000, midnight + hours * 1_800_000)}
    assert (found[midnight].text, found[midnight].bold) == ("Sat 11", True)
    assert utc(midnight).weekday() == 5


def test_long_spans_name_months_and_years():
    texts = [tick.text for tick in ticks(1_735_689_600_000, 1_735_689_600_000 + 400 * DAY)]
    assert {"2025", "2026"} <= set(texts)
    assert any(text in ("Apr", "May", "Jul") for text in texts)


@given(low=st.floats(-1e12, 1e12), span=st.floats(1e-9, 1e12), most=st.integers(1, 20))
def test_values_are_few_and_inside(low: float, span: float, most: int):
    high = low + span
    found = scale(low, high, most)
    assert len(found.values) <= 13
    slack = found.step * 1e-6
    assert all(low - slack <= value <= high + slack for value in found.values)


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (float("nan"), 1.0), (0.0, float("inf"))])
def test_no_values_where_there_is_no_span(low: float, high: float):
    assert scale(low, high).values == ()


def test_prices_are_as_precise_as_their_steps():
    found = scale(0.21811, 0.21902)
    assert [price_text(value, found.step) for value in found.values][:2] == ["0.2182", "0.2183"]
    assert short_text(7.68e9, 1e8).replace(formats.GROUP, " ") == "7.68 B"


@given(wanted=st.lists(st.integers(-500, 1_500), max_size=40).map(sorted), height=st.integers(5, 40))
def test_tags_never_cover_each_other_and_stay_inside(wanted: list[int], height: int):
    tops = apart(wanted, height, 0, 1_000)
    assert all(below - above >= height - 1e-6 for above, below in pairwise(tops))
    if len(wanted) * height <= 1_000:
        assert all(-1e-6 <= top <= 1_000 - height + 1e-6 for top in tops)


def test_tags_with_room_stand_where_they_belong():
    assert apart([10, 100, 300], 20, 0, 1_000) == [10, 100, 300]
