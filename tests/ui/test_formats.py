"""Numbers as text, beyond what the docstrings show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.frames import d
from workstation.domain.parsing import parse_decimal
from workstation.domain.unknown import Unknown
from workstation.ui import formats


def spaced(text: str) -> str:
    return text.replace(formats.GROUP, " ")


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        ("90763.05220883534", "0.1", "90 763.1"),
        ("3537.686", "0.01", "3 537.69"),
        ("54233.547688760001", None, "54 233.54768876"),
        ("72670.4625498000", None, "72 670.4625498"),
        ("0.0000123456789", None, "0.000012345679"),
        ("98765.4", "0.5", "98 765.5"),
        ("98765.4", "5", "98 765"),
        ("100000", None, "100 000"),
        ("0.00001234", "0.00000001", "0.00001234"),
    ],
)
def test_prices(value: str, tick: str | None, text: str):
    assert spaced(formats.price(d(value), d(tick) if tick else None)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0", "0"), ("12", "12"), ("999.4", "999"), ("1234", "1.23 K"), ("-45678", "−45.7 K"), ("999949999", "1.00 B")],
)
def test_short_numbers_have_three_digits(value: str, text: str):
    assert spaced(formats.short(d(value))) == text


def test_signs_are_explicit_and_zero_has_none():
    assert spaced(formats.fixed(d("5731"), 2, signed=True)) == "+5 731.00"
    assert spaced(formats.fixed(d("-412.18"), 2, signed=True)) == "−412.18"
    assert formats.fixed(d("-0.001"), 2, signed=True) == "0.00"
    assert spaced(formats.percent(d("0"), signed=True)) == "0.00 %"


def test_an_unknown_says_why_and_what_is_missing():
    why = Unknown("no mark price", ("marks.okx.BTC/USDT:USDT",))
    assert formats.exact(why) == "no mark price (give marks.okx.BTC/USDT:USDT)"


def test_exact_numbers_keep_twenty_digits():
    assert spaced(formats.exact(d("90763.052208835341365461847389558"))) == "90 763.052208835341365"


@given(st.decimals(min_value="-1e12", max_value="1e12", allow_nan=False, places=6))
def test_what_we_write_can_be_typed_again(value):
    assert parse_decimal(formats.typed(formats.grouped(value, signed=True))) == value


def test_a_comma_is_not_guessed_at():
    assert parse_decimal(formats.typed("98,000")) is None
    assert formats.typed(" 1 000.5 ") == "1000.5"
