"""Numbers and times from outside: nonsense is refused, and no digit is lost."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.parsing import parse_decimal, parse_moment

NO_NUMBERS = (
    *(
        "",
        " ",
        "1 ",
        " 1",
        "\n1",
        "1\n",
        "1_000",
        "1,5",
        "1'000",
        "0x1f",
        "1e",
        "e5",
        ".",
        "+",
        "-",
        "--1",
        "+-1",
        "1-",
    ),
    *(
        "nan",
        "NaN",
        "sNaN",
        "inf",
        "Infinity",
        "-inf",
        "∞",
        "½",
        "١٢",
        "１２",
        "1.2.3",
        "1e5.0",
        "1e99999",
        "1e31",
        "1e-31",
    ),
    *("1" * 61, "0." + "1" * 61, "0" * 121, "1" * 10**6, "1e" + "9" * 10**5, "\x00", "1\x00", "true", "None"),
)


@pytest.mark.parametrize("text", NO_NUMBERS, ids=lambda text: repr(text[:12]))
def test_what_is_no_number_is_none(text: str):
    assert parse_decimal(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("+1", 1),
        (".5", "0.5"),
        ("5.", 5),
        ("1e3", 1000),
        ("1E-3", "0.001"),
        ("007", 7),
        ("0e99", 0),
    ],
)
def test_a_number_may_have_any_usual_form(text: str, value: int | str):
    assert parse_decimal(text) == Decimal(value)


@given(st.decimals("-1e29", "1e29", allow_nan=False, allow_infinity=False).filter(lambda d: abs(d.adjusted()) <= 29))
def test_no_digit_is_lost(value: Decimal):
    number = Decimal(f"{value:.40g}")
    for text in (str(number), f"{number:f}", f"{number:e}"):
        if len(text) <= 120 and len(number.as_tuple().digits) <= 60:
            assert parse_decimal(text) == number


@given(st.text(max_size=12))
def test_no_text_breaks_the_readers(text: str):
    number = parse_decimal(text)
    assert number is None or number.is_finite()
    moment = parse_moment(text)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["2026-05-07", "2026-05-07T00:00:00Z", "2026-05-07T02:00:00+02:00", "2026-05-06T23:00:00.000-01:00"]
)
def test_a_moment_is_in_utc(text: str):
    assert parse_moment(text) == datetime(2026, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-05-07T00:00:00",
        "2026-13-01",
        "2026-02-30",
        "yesterday",
        "1700000000",
        "0001-01-01T00:00:00+23:59",
        "٢٠٢٦-٠٥-٠٧",
    ],
)
def test_a_moment_without_a_zone_or_a_calendar_is_none(text: str):
    assert parse_moment(text) is None
