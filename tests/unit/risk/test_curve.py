"""A curve's first zero against values of the same function in fractions."""

from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from workstation.risk.curve import Curve
from workstation.risk.engine import PRECISION

TENTHS = st.integers(-50, 50).map(lambda n: Decimal(n) / 10)
SPEEDS = st.sampled_from([Decimal(text) for text in ("-1", "-0.5", "-0.25", "0", "0.5", "1")])
TERMS = st.lists(st.tuples(TENTHS, SPEEDS, st.sampled_from((1, -1, 2, -2)), SPEEDS), min_size=1, max_size=4)
END = Decimal("0.99")


def curve_of(constant: Decimal, terms: list[tuple[Decimal, Decimal, int, Decimal]]) -> Curve:
    curve = Curve.constant(constant)
    for amount, speed, power, converted in terms:
        curve = curve + Curve.price(amount, speed, power).along(converted)
    return curve


def value(constant: Decimal, terms: list[tuple[Decimal, Decimal, int, Decimal]], s: Fraction) -> Fraction:
    total = Fraction(constant)
    for amount, speed, power, converted in terms:
        total += Fraction(amount) * (1 + Fraction(speed) * s) ** power * (1 + Fraction(converted) * s)
    return total


@given(TENTHS, TERMS, st.integers(0, 99))
def test_a_curve_is_the_sum_of_its_terms(constant: Decimal, terms: list, hundredths: int):
    with localcontext() as context:
        context.prec = PRECISION
        ours = curve_of(constant, terms).at(Decimal(hundredths) / 100)
    exact = value(constant, terms, Fraction(hundredths, 100))
    assert abs(Fraction(ours) - exact) <= Fraction(1, 10**40) * (1 + abs(exact))


@given(TENTHS, TERMS)
def test_before_its_first_zero_a_curve_keeps_its_sign(constant: Decimal, terms: list):
    with localcontext() as context:
        context.prec = PRECISION
        zero = curve_of(constant, terms).first_zero(Decimal(0), END)
    end = Fraction(zero) if zero is not None else Fraction(END)
    inside = [value(constant, terms, end * k / 64) for k in range(1, 64)]
    if zero is None or zero > 0:
        assert all(v > 0 for v in inside) or all(v < 0 for v in inside)
    if zero is not None:
        size = sum(abs(Fraction(term[0])) for term in terms) + abs(Fraction(constant))
        steepest = Fraction(10**8)  # every price has at least a hundredth of its start left
        assert abs(value(constant, terms, Fraction(zero))) <= size * steepest / 10**30
