"""Tier tables: which tier a size is in, and what the rows take off."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.tiers import MarginTier, TierTable

EDGES = st.lists(st.integers(1, 10**9), min_size=1, max_size=6, unique=True).map(sorted)
RATES = st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000)


@st.composite
def tables(draw: st.DrawFn) -> TierTable:
    edges = [0, *draw(EDGES)]
    rates = sorted(draw(st.lists(RATES, min_size=len(edges), max_size=len(edges))))
    caps = [*edges[1:], None]
    rows = [
        MarginTier(Decimal(floor), None if cap is None else Decimal(cap), rate)
        for floor, cap, rate in zip(edges, caps, rates, strict=True)
    ]
    return TierTable(tuple(rows), "test", "2026-01-01")


def slice_by_slice(table: TierTable, size: Decimal) -> Decimal:
    """Maintenance with each part of the size at its own rate."""
    total = Decimal(0)
    for row in table.rows:
        top = size if row.cap is None else min(size, row.cap)
        total += max(top - row.floor, Decimal(0)) * row.maintenance_rate
    return total


@given(tables(), st.integers(1, 10**10))
def test_rate_times_size_less_the_rebuilt_amount_is_each_slice_at_its_own_rate(table: TierTable, size: int):
    number = table.tier_of(Decimal(size))
    assert number is not None
    row, amount = table.rows[number - 1], table.amounts(marginal=True)[number - 1]
    assert row.maintenance_rate * size - amount == slice_by_slice(table, Decimal(size))


@given(tables())
def test_the_marginal_requirement_does_not_jump_at_an_edge(table: TierTable):
    amounts = table.amounts(marginal=True)
    for i, row in enumerate(table.rows[1:], start=1):
        below = table.rows[i - 1].maintenance_rate * row.floor - amounts[i - 1]
        assert row.maintenance_rate * row.floor - amounts[i] == below


@given(tables())
def test_whole_tiers_take_nothing_off(table: TierTable):
    assert set(table.amounts(marginal=False)) == {Decimal(0)}


@given(tables(), st.integers(1, 10**10))
def test_a_size_is_in_the_tier_with_floor_below_and_cap_not_below_it(table: TierTable, size: int):
    number = table.tier_of(Decimal(size))
    assert number is not None
    row = table.rows[number - 1]
    assert row.floor < size
    assert row.cap is None or size <= row.cap


def test_a_size_at_a_cap_is_in_and_just_above_the_last_is_in_none():
    rows = (MarginTier(Decimal(0), Decimal(10), Decimal(0)), MarginTier(Decimal(10), Decimal(20), Decimal(1)))
    table = TierTable(rows, "test", "2026-01-01")
    sizes = [Decimal(text) for text in ("10", "10.0001", "20", "20.0001")]
    assert [table.tier_of(size) for size in sizes] == [1, 2, 2, None]


def test_a_stated_amount_stands_and_those_after_it_are_rebuilt_from_it():
    rows = (
        MarginTier(Decimal(0), Decimal(100), Decimal("0.01"), Decimal(0)),
        MarginTier(Decimal(100), Decimal(200), Decimal("0.02"), Decimal(5)),
        MarginTier(Decimal(200), None, Decimal("0.04")),
    )
    assert TierTable(rows, "test", "2026-01-01").amounts(marginal=True) == (Decimal(0), Decimal(5), Decimal(9))
