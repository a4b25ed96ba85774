"""Which values an axis names, in round steps; and how tags are moved apart so that none covers another."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

from workstation.ui import formats

_MOST = 12


class Scale(NamedTuple):
    """Round values, lowest first, and the step between them."""

    values: tuple[float, ...]
    step: float


def scale(low: float, high: float, most: int = _MOST) -> Scale:
    """Round values between two, in steps of 1, 2 or 5 times a power of ten, at most so many.

    >>> scale(90_800.0, 97_300.0, 8).values
    (91000.0, 92000.0, 93000.0, 94000.0, 95000.0, 96000.0, 97000.0)
    """
    most = max(min(most, _MOST), 1)
    if not (isfinite(low) and isfinite(high)) or high <= low:
        return Scale((), 1.0)
    exponent = floor(log10((high - low) / most))
    step = next(
        factor * 10.0**exponent for factor in (1, 2, 5, 10, 20) if (high - low) / (factor * 10.0**exponent) < most
    )
    return Scale(tuple(i * step for i in range(ceil(low / step), floor(high / step) + 1)), step)


def price_text(value: float, step: float) -> str:
    """A price as precise as the axis' steps are.

    >>> price_text(0.21874, 0.0005), price_text(97000.0, 1000.0).replace(formats.GROUP, " ")
    ('0.2187', '97 000')
    """
    return formats.fixed(Decimal(repr(value)), max(0, -floor(log10(step) + 1e-9)))


def short_text(value: float, _step: float) -> str:
    """An amount with K, M or B.

    >>> short_text(-40e6, 1e6), short_text(0.0, 1e6)
    ('−40.0 M', '0')
    """
    return formats.short(Decimal(repr(value))) if value else "0"


def apart(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Tops for tags of one height, each as near to what it wants as the others let it; in their order, none over
    another, and all within the bounds where they have room.

    >>> apart([10, 12, 50], 20, 0, 100)
    [1.0, 21.0, 50.0]
    """
    groups: list[tuple[float, int]] = []  # the top of a run of touching tags, and how many they are
    for top in wanted:
        start, size = float(top), 1
        while groups and groups[-1][0] + groups[-1][1] * height > start:
            above, count = groups.pop()
            # a run stands where its members want it on average
            start = (above * count + (start - count * height) * size) / (count + size)
            size += count
        groups.append((start, size))
    tops = [start + i * height for start, size in groups for i in range(size)]
    edge = high - height
    for i in range(len(tops) - 1, -1, -1):
        tops[i] = edge = min(tops[i], edge)
        edge -= height
    edge = low
    for i, top in enumerate(tops):
        tops[i] = edge = max(top, edge)
        edge += height
    return tops
