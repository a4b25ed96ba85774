"""How bad a number is: neutral, amber, orange, red; each with its word, since colour alone says nothing to many."""

from decimal import Decimal

from workstation.ui.theme import Tone

_MARGIN_USE: tuple[tuple[Decimal, Tone, str], ...] = (
    (Decimal("0.85"), "red", "critical"),
    (Decimal("0.7"), "orange", "high"),
    (Decimal("0.5"), "amber", "raised"),
)
_DISTANCE: tuple[tuple[Decimal, Tone, str], ...] = (
    (Decimal("0.025"), "red", "critical"),
    (Decimal("0.05"), "orange", "near"),
    (Decimal("0.1"), "amber", "close"),
)


def of_margin_use(use: Decimal) -> tuple[Tone, str]:
    """1 is liquidation.

    >>> of_margin_use(Decimal("0.82"))
    ('orange', 'high')
    """
    for least, tone, word in _MARGIN_USE:
        if use >= least:
            return tone, word
    return "fg2", "calm"


def of_distance(fraction: Decimal) -> tuple[Tone, str]:
    """How far a price is from the one that liquidates, as a fraction of it; the sign does not matter."""
    for most, tone, word in _DISTANCE:
        if abs(fraction) <= most:
            return tone, word
    return "fg", "far"
