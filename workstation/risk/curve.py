"""Curve: how an amount changes along a ray on which every price moves by its own relative speed.

On the ray a price is p(s) = p x (1 + r s), s >= 0. Linear profit and marginal maintenance are polynomials in s; inverse
contracts bring terms in 1 / (1 + r s), Deribit's size-dependent rate its square. A curve is the sum of such terms, so
its zeros are zeros of one polynomial: everything here is exact up to the precision of the decimal context.
"""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from operator import neg

Polynomial = tuple[Decimal, ...]
"""Coefficients, lowest power first; () is zero."""

_ZERO = Decimal(0)
_ONE = Decimal(1)
# relative size below which a difference of two amounts is rounding: the engine computes with 50 digits
NOISE = Decimal("1e-40")


class Curve:
    """A sum of polynomial(s) / (1 + r s)^k; never changed once made."""

    __slots__ = ("_terms",)

    def __init__(self, terms: dict[tuple[Decimal, int], Polynomial]) -> None:
        self._terms = terms

    @classmethod
    def constant(cls, value: Decimal) -> "Curve":
        return cls({(_ZERO, 0): (value,)})

    @classmethod
    def price(cls, start: Decimal, speed: Decimal, power: int = 1) -> "Curve":
        """start x (1 + speed s)^power, for power 1 (a price), -1 (its inverse) or +-2."""
        if not speed:
            return cls.constant(start)
        if power < 0:
            return cls({(speed, -power): (start,)})
        polynomial: Polynomial = (start,)
        for _ in range(power):
            polynomial = _times(polynomial, (_ONE, speed))
        return cls({(_ZERO, 0): polynomial})

    def __add__(self, other: "Curve") -> "Curve":
        terms = dict(self._terms)
        for key, polynomial in other._terms.items():
            terms[key] = _plus(terms[key], polynomial) if key in terms else polynomial
        return Curve(terms)

    def __sub__(self, other: "Curve") -> "Curve":
        return self + Curve({key: tuple(map(neg, polynomial)) for key, polynomial in other._terms.items()})

    def scaled(self, factor: Decimal) -> "Curve":
        return Curve({key: tuple([c * factor for c in polynomial]) for key, polynomial in self._terms.items()})

    def along(self, speed: Decimal) -> "Curve":
        """This curve times (1 + speed s): an amount converted at a price that moves too."""
        if not speed:
            return self
        product = Curve({})
        for (own_speed, power), polynomial in self._terms.items():
            # a coin's amount at the coin's own price: the two cancel, and must not leave a zero where the price is none
            if power and own_speed == speed:
                term = {(speed if power > 1 else _ZERO, power - 1): polynomial}
            else:
                term = {(own_speed, power): _times(polynomial, (_ONE, speed))}
            product = product + Curve(term)
        return product

    def at(self, s: Decimal) -> Decimal:
        """The amount at s."""
        total = _ZERO
        for (speed, power), polynomial in self._terms.items():
            value = _value(polynomial, s)
            total += value / (_ONE + speed * s) ** power if power else value
        return total

    def first_zero(self, low: Decimal, high: Decimal | None) -> Decimal | None:
        """The smallest zero in [low, high] (no end where `high` is None), where every price is above zero."""
        zeros = self.zeros(low, high)
        return zeros[0] if zeros else None

    def zeros(self, low: Decimal, high: Decimal | None) -> list[Decimal]:
        """All zeros in [low, high], ascending; only `low` where the curve is nothing everywhere."""
        polynomial = self._numerator()
        while polynomial and not polynomial[-1]:
            polynomial = polynomial[:-1]
        return _zeros(polynomial, low, high) if polynomial else [low]

    def _numerator(self) -> Polynomial:
        """The curve times all its denominators, which are positive wherever prices are."""
        powers: dict[Decimal, int] = {}
        for speed, power in self._terms:
            if power:
                powers[speed] = max(power, powers.get(speed, 0))
        total: Polynomial = ()
        for (own_speed, own_power), polynomial in self._terms.items():
            product = polynomial
            for speed, power in powers.items():
                for _ in range(power - (own_power if speed == own_speed else 0)):
                    product = _times(product, (_ONE, speed))
            total = _plus(total, product)
        return total


def total(curves: Iterable[Curve]) -> Curve:
    """The sum of curves."""
    result = Curve({})
    for curve in curves:
        result = result + curve
    return result


def sum_of(a: Decimal, b: Decimal) -> Decimal:
    """a + b, where what is left of two amounts that cancel is nothing and not the rounding of their last digits.

    >>> sum_of(Decimal(1) / 3, -(Decimal("0.33333333333333333333333333333333333333333333333333")))
    Decimal('0')
    """
    total = a + b
    return total if abs(total) > NOISE * abs(a) else _ZERO


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) < len(b):
        a, b = b, a
    return (*map(sum_of, a, b), *a[len(b) :])


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if not a or not b:
        return ()
    product = [_ZERO] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            product[i + j] += x * y
    return tuple(product)


def _value(polynomial: Polynomial, s: Decimal) -> Decimal:
    value = _ZERO
    for coefficient in reversed(polynomial):
        value = value * s + coefficient
    return value


def _zeros(polynomial: Polynomial, low: Decimal, high: Decimal | None) -> list[Decimal]:
    """All zeros in [low, high], ascending; the leading coefficient is not zero."""
    match len(polynomial):
        case 1:
            zeros: list[Decimal] = []
        case 2:
            zeros = [-polynomial[0] / polynomial[1]]
        case 3:
            zeros = _quadratic(*polynomial)
        case _:
            return _between_turning_points(polynomial, low, high)
    return [z for z in sorted(zeros) if z >= low and (high is None or z <= high)]


def _quadratic(c: Decimal, b: Decimal, a: Decimal) -> list[Decimal]:
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    # the form that does not subtract nearly equal numbers
    q = -(b + discriminant.sqrt().copy_sign(b)) / 2
    return [q / a, c / q] if q else [_ZERO]


def _between_turning_points(polynomial: Polynomial, low: Decimal, high: Decimal | None) -> list[Decimal]:
    """Zeros of higher polynomials: between two turning points there is at most one, found by bisection and Newton."""
    if high is None:  # no zero lies beyond Cauchy's bound
        high = max(low, 2 + max(abs(c / polynomial[-1]) for c in polynomial[:-1]))
    slope = tuple(i * c for i, c in enumerate(polynomial))[1:]
    marks = [low, *_zeros(slope, low, high), high]
    zeros: list[Decimal] = []
    for left, right in pairwise(marks):
        at_left, at_right = _value(polynomial, left), _value(polynomial, right)
        if not at_left:
            zero = left
        elif not at_right:
            zero = right
        elif (at_left > 0) != (at_right > 0):
            zero = _bracketed(polynomial, slope, left, right)
        else:
            continue
        if not zeros or zero > zeros[-1]:
            zeros.append(zero)
    return zeros


def _bracketed(polynomial: Polynomial, slope: Polynomial, left: Decimal, right: Decimal) -> Decimal:
    rising = _value(polynomial, right) > 0
    middle = (left + right) / 2
    for _ in range(400):
        value = _value(polynomial, middle)
        if not value:
            return middle
        if (value > 0) == rising:
            right = middle
        else:
            left = middle
        steepness = _value(slope, middle)
        step = middle - value / steepness if steepness else left
        following = step if left < step < right else (left + right) / 2
        if following == middle or right - left <= abs(middle) * Decimal("1e-48"):
            break
        middle = following
    return middle
