"""Numbers and times from the outside world; refuses NaN, infinity and nonsense."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

# ASCII digits only: Decimal() itself would also take underscores, blanks and the digits of other scripts
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_MOST_DIGITS = 60
_LARGEST_EXPONENT = 30


def parse_decimal(text: str) -> Decimal | None:
    """The number that a decimal text states; None where it is not one or is beyond 10^±30.

    >>> parse_decimal("1e3"), parse_decimal("1_000"), parse_decimal("nan")
    (Decimal('1E+3'), None, None)
    """
    if len(text) > 2 * _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    if value and abs(value.adjusted()) > _LARGEST_EXPONENT:
        return None
    return value if len(value.as_tuple().digits) <= _MOST_DIGITS else None


def parse_moment(text: str) -> datetime | None:
    """An ISO 8601 moment with a zone, or a date (its first moment in UTC); None where it is neither.

    >>> parse_moment("2026-05-07T00:00:00Z") == parse_moment("2026-05-07")
    True
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
