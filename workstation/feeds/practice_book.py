"""The practice market's order book: how far an order walks, what rests at a distance, and how both thin in stress.

With C the USD that was bought (negative: sold) and not yet refilled, price stands Y(C) = 1 % x sign(C) (|C| / D)^(2/3)
above fair, D being what rests within 1 %. So the book holds B(y) = D (y / 1 %)^1.5 within y of fair.
"""

import math

import numpy as np

from workstation.feeds.practice_contracts import Floats

DISTANCES = np.array([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05])
REFILL_S = 60  # what was eaten has come back to 1/e after so many seconds
LEAST_SHARE, MOST_SHARE = 0.2, 1.2  # of a quiet day's depth
WITHDRAWAL = 0.8  # depth goes as volatility to the minus this
LEAVING_S, RETURNING_S = 60, 600  # makers leave sooner than they come back


def displacement(eaten: Floats, depth: Floats) -> Floats:
    """How far price stands from fair, as a log; `eaten` and `depth` in USD.

    >>> float(displacement(np.array(-8e6), np.array(1e6)).round(12))
    -0.04
    """
    ratio = eaten / depth
    return 0.01 * np.sign(ratio) * np.cbrt(ratio * ratio)


def mean_displacement(before: Floats, after: Floats, depth: Floats) -> Floats:
    """The average of `displacement` along an order that takes the book from `before` to `after`, in USD."""
    size = after - before
    whole = 0.006 * depth * (_five_thirds(after / depth) - _five_thirds(before / depth))
    return np.where(size == 0, displacement(before, depth), whole / np.where(size == 0, 1, size))


def resting(displaced: Floats, depth: Floats) -> tuple[Floats, Floats]:
    """Cumulative USD from mid to each of DISTANCES on the bid and on the ask side, (7, N), at displacements (N,)."""
    away = DISTANCES[:, None]
    here = _signed_book(displaced, depth)
    return here - _signed_book(displaced - away, depth), _signed_book(displaced + away, depth) - here


def next_share(share: Floats, volatility: Floats, quiet: Floats, seconds: float) -> Floats:
    """What part of a quiet day's depth rests, so many seconds later; both volatilities in the same unit."""
    wanted = np.minimum(np.maximum((quiet / volatility) ** WITHDRAWAL, LEAST_SHARE), MOST_SHARE)
    pace = np.where(wanted < share, 1 - math.exp(-seconds / LEAVING_S), 1 - math.exp(-seconds / RETURNING_S))
    return share + (wanted - share) * pace


def _five_thirds(ratio: Floats) -> Floats:
    size = np.abs(ratio)
    return size * np.cbrt(size * size)


def _signed_book(distance: Floats, depth: Floats) -> Floats:
    size = np.abs(distance) * 100
    return depth * np.sign(distance) * size * np.sqrt(size)
