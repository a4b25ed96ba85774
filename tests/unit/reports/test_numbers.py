"""Numbers as text: exact and plain for machines, short and honest for people."""

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.unknown import Unknown
from workstation.reports.numbers import percent, plain, short

DECIMALS = st.decimals("-1e60", "1e60", allow_nan=False, allow_infinity=False) | st.builds(
    lambda n, e: Decimal(n).scaleb(e), st.integers(-(10**50), 10**50), st.integers(-60, 10)
)
PLAIN = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")


@given(DECIMALS)
def test_plain_has_no_exponent_and_no_trailing_zeros(value: Decimal):
    text = plain(value)
    assert text is not None
    assert PLAIN.fullmatch(text)
    assert text != "-0"


@given(DECIMALS)
def test_plain_keeps_at_least_15_significant_digits(value: Decimal):
    text = plain(value)
    assert text is not None
    assert abs(Fraction(text) - Fraction(value)) <= abs(Fraction(value)) / 10**27


@given(st.decimals("-1e12", "1e12", allow_nan=False, allow_infinity=False, places=8))
def test_plain_is_exact_where_28_digits_are_enough(value: Decimal):
    text = plain(value)
    assert text is not None
    assert Decimal(text) == value


@pytest.mark.parametrize("nothing", [None, Unknown("no mark")])
def test_none_is_null_for_machines_and_a_dash_for_people(nothing: Unknown | None):
    assert (plain(nothing), short(nothing), percent(nothing)) == (None, "—", "—")


@given(DECIMALS, st.integers(2, 12))
def test_short_is_near_the_number_and_never_longer_than_asked(value: Decimal, digits: int):
    text = short(value, digits).replace(",", "").replace("−", "-")
    shown, exact = Fraction(text), Fraction(value)
    if abs(exact) >= Fraction(1, 10**8):
        assert abs(shown - exact) <= abs(exact) / 10 ** (digits - 2) + Fraction(1, 2 * 10**20)
    fraction = text.partition(".")[2]
    whole = text.partition(".")[0].lstrip("-0")
    assert len(whole) + len(fraction if whole else fraction.lstrip("0")) <= max(digits + 1, len(whole))


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0"), ("1234567.891", "1,234,567.9"), ("-0.5", "−0.5"), ("100", "100"), ("99999999.99", "100,000,000")],
)
def test_short_groups_and_has_a_true_minus(value: str, text: str):
    assert short(Decimal(value)) == text


def test_percent_of_a_fraction():
    assert [percent(Decimal(v)) for v in ("0.092369", "-0.5", "1")] == ["9.24 %", "−50.00 %", "100.00 %"]
