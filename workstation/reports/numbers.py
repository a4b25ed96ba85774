"""Numbers as text: exact decimals for machines, short ones for people."""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from workstation.domain.unknown import Unknown

# the engine computes with 50 digits; 28 are far beyond the 15 promised and hide the rounding of the last ones
_PRINTED = Context(prec=28, rounding=ROUND_HALF_EVEN)


def plain(value: Decimal | Unknown | None) -> str | None:
    """A plain decimal text: no exponent, no trailing zeros, at most 28 significant digits; None for none.

    >>> plain(Decimal("1E+3")), plain(Decimal("0.500")), plain(Decimal("-0.0")), plain(None)
    ('1000', '0.5', '0', None)
    """
    if not isinstance(value, Decimal):
        return None
    rounded = _PRINTED.plus(value)
    if not rounded:
        return "0"
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(value: Decimal | Unknown | None, digits: int = 8) -> str:
    """For tables: so many significant digits at most (the whole part always), grouped by commas; — for none.

    >>> short(Decimal("90763.05220883534"), 8), short(Decimal("0.000123456789"), 4), short(None)
    ('90,763.052', '0.0001235', '—')
    """
    if not isinstance(value, Decimal):
        return "—"
    places = max(0, digits - max(1, value.adjusted() + 1)) if value.adjusted() >= 0 else digits - 1 - value.adjusted()
    text = f"{value:,.{min(places, 20)}f}".replace("-", "−")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: Decimal | Unknown | None, places: int = 2) -> str:
    """A fraction as per cent; — for none.

    >>> percent(Decimal("0.092369"))
    '9.24 %'
    """
    return f"{fraction * 100:.{places}f} %".replace("-", "−") if isinstance(fraction, Decimal) else "—"
