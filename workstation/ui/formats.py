"""Numbers as text: prices at their tick, groups of three, a true minus, explicit signs, and `—` for what is unknown."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext

from workstation.domain.scenario import DOLLARS
from workstation.domain.unknown import Number, Unknown

UNKNOWN = "—"
MINUS = "−"
GROUP = "\u202f"  # narrow and never broken at a line's end
_THOUSANDS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
_MOST_DECIMALS = 8
_LEAST_DIGITS = 8


def grouped(value: Decimal, *, signed: bool = False) -> str:
    """A number with all its digits.

    >>> grouped(Decimal("-1234567.50"), signed=True).replace(GROUP, " ")
    '−1 234 567.50'
    """
    sign = MINUS if value < 0 else "+" if signed and value > 0 else ""
    return sign + f"{abs(value):,f}".replace(",", GROUP)


def fixed(value: Decimal, decimals: int, *, signed: bool = False) -> str:
    """A number rounded to some decimals; what rounds to zero has no sign.

    >>> fixed(Decimal("-0.001"), 2, signed=True), fixed(Decimal("0.5"), 1, signed=True)
    ('0.00', '+0.5')
    """
    rounded = _quantized(value, Decimal(1).scaleb(-decimals))
    return grouped(rounded if rounded else abs(rounded), signed=signed)


def price(value: Decimal, tick: Decimal | None, *, toward: Decimal | None = None) -> str:
    """A price at the instrument's tick; without one all its digits, up to 8 decimals (or 8 digits where it is small).

    Rounded to the nearest tick, or toward another price: a liquidation price must not seem further away than it is.

    >>> price(Decimal("0.8856608812"), None), price(Decimal("98765.432"), Decimal("0.5")).replace(GROUP, " ")
    ('0.88566088', '98 765.5')
    >>> price(Decimal("100.04"), Decimal("0.1"), toward=Decimal(200))
    '100.1'
    """
    if tick is None:
        return grouped(_trimmed(value))
    rounding = ROUND_HALF_EVEN if toward is None else ROUND_CEILING if value < toward else ROUND_FLOOR
    # the engine's own last digits must not push a price that stands on a tick to the next one
    steps = _quantized(_quantized(value / tick, Decimal("1e-9")), Decimal(1), rounding) * tick
    return grouped(_quantized(steps, tick))


def amount(value: Decimal, asset: str | None, *, signed: bool = False) -> str:
    """Money: dollars to the cent, coins up to 8 decimals.

    >>> amount(Decimal("-0.00000055762"), "BTC"), amount(Decimal("0.25"), "BTC"), amount(Decimal("0.25"), "USDT")
    ('−0.00000056', '0.25', '0.25')
    """
    if asset is None or asset in DOLLARS:
        return fixed(value, 2, signed=signed)
    rounded = _plain(_quantized(value, Decimal(1).scaleb(-_MOST_DECIMALS)))
    return grouped(rounded if rounded else abs(rounded), signed=signed)


def percent(fraction: Decimal, decimals: int = 2, *, signed: bool = False) -> str:
    """A fraction in per cent.

    >>> percent(Decimal("-0.0453"), signed=True).replace(GROUP, " ")
    '−4.53 %'
    """
    return fixed(fraction * 100, decimals, signed=signed) + GROUP + "%"


def times(factor: Decimal) -> str:
    """A factor: a leverage or a beta.

    >>> times(Decimal("1.30"))
    '1.3×'
    """
    return grouped(_plain(factor)) + "×"


def short(value: Decimal, *, signed: bool = False) -> str:
    """Three significant digits and K, M or B; the exact value belongs into the tooltip.

    >>> short(Decimal("-512345"), signed=True), short(Decimal("999.96")), short(Decimal("999999"))
    ('−512 K', '1 000', '1.00 M')
    """
    for limit, letter in _THOUSANDS:
        # 999 500 would be written 1000 K: it belongs to the next letter
        if abs(value) >= (limit * Decimal("0.9995") if limit > 1000 else limit):
            scaled = value / limit
            return fixed(scaled, max(0, 2 - max(scaled.adjusted(), 0)), signed=signed) + " " + letter
    return grouped(_plain(_quantized(value, Decimal(1).scaleb(min(value.adjusted() - 2, 0)))), signed=signed).replace(
        GROUP, " "
    )


def exact(value: Number) -> str:
    """For tooltips: every digit up to twenty, or why there is no number."""
    if isinstance(value, Unknown):
        return reason(value)
    with localcontext() as context:
        context.prec = 20
        return grouped(_plain(+value))


def reason(unknown: Unknown) -> str:
    """Why there is no number, and where the file would say it."""
    return f"{unknown.because} (give {', '.join(unknown.missing)})" if unknown.missing else unknown.because


def typed(text: str) -> str:
    """What a trader typed or pasted, without the blanks and with the hyphen that our own display may have put in."""
    return "".join(text.split()).replace(MINUS, "-").removesuffix("×").removesuffix("%")


def _trimmed(value: Decimal) -> Decimal:
    """Up to 8 decimals, more where the number is so small that they would not be 8 digits."""
    decimals = max(_MOST_DECIMALS, _LEAST_DIGITS - 1 - value.adjusted()) if value else 0
    return _plain(_quantized(value, Decimal(1).scaleb(-decimals)))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent above zero."""
    normal = value.normalize()
    exponent = normal.as_tuple().exponent
    return normal.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else normal


def _quantized(value: Decimal, unit: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    with localcontext() as context:
        context.prec = 60  # the engine's numbers have 50 digits
        return value.quantize(unit, rounding)
