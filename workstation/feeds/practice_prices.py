"""The practice market's prices: from fair value and the flow of orders to index, price and mark, second by second."""

import msgspec
import numpy as np

from workstation.feeds.practice_book import REFILL_S, displacement
from workstation.feeds.practice_contracts import Contracts, Floats

SECONDS = 10  # of a round
SKEW = 0.02  # how far price stands from fair for each whole of open interest that makers hold against the traders
ARBITRAGE = 0.1 / REFILL_S  # a tenth of what displaces the perpetual is carried into the index
RETURN_S = 4 * 3_600  # what was carried there fades
MARK_S = 30  # memory of the mark's average basis

_REFILLED = np.exp(-1 / REFILL_S)
_FORGET = np.exp(-1 / MARK_S)
_AGE = np.arange(SECONDS)[:, None] - np.arange(SECONDS)
_OLD_EATEN = (_REFILLED ** np.arange(1, SECONDS + 1))[:, None]
_NEW_EATEN = np.where(_AGE >= 0, _REFILLED ** np.maximum(_AGE, 0), 0)
_OLD_BASIS = (_FORGET ** np.arange(1, SECONDS + 1))[:, None]
_NEW_BASIS = np.where(_AGE >= 0, (1 - _FORGET) * _FORGET ** np.maximum(_AGE, 0), 0)


class Terms(msgspec.Struct, frozen=True, eq=False):
    """On what terms makers deal in a round, (8,).

    `depth` in USD within 1 % of fair, `half_spread` a fraction, `skew` a log: how far they quote away from fair for
    what they hold.
    """

    depth: Floats
    half_spread: Floats
    skew: Floats


class Standing(msgspec.Struct, frozen=True, eq=False):
    """Where prices stand between two rounds, (8,).

    `eaten` is the USD taken from the book and not refilled, `mean_basis` the average of price above index, `carried`
    what arbitrage has moved the index away from fair; the last two are logs.
    """

    eaten: Floats
    mean_basis: Floats
    carried: Floats


class Path(msgspec.Struct, frozen=True, eq=False):
    """The seconds of a round for a given flow of orders, (10, 8). `index` and `basis` (price above index) are logs."""

    before: Standing
    eaten: Floats
    basis: Floats
    mean_basis: Floats
    carried: Floats
    index: Floats
    mark: Floats

    def eaten_before(self, seconds: np.ndarray) -> Floats:
        """What was eaten when these seconds' orders came."""
        return np.concatenate((self.before.eaten[None], self.eaten))[seconds] * _REFILLED

    def end(self) -> Standing:
        """Where prices stand afterwards."""
        return Standing(self.eaten[-1], self.mean_basis[-1], self.carried[-1] * np.exp(-SECONDS / RETURN_S))


def path_of(contracts: Contracts, before: Standing, fair: Floats, flow: Floats, terms: Terms) -> Path:
    """The path for a log fair value and a flow of orders that walk the book, in USD (bought above zero), both (10, 8).

    Everything is linear in what came before but the displacement itself, so a round takes two small matrix products. A
    flow that is changed in one second leaves the seconds before it as they were.
    """
    eaten = _OLD_EATEN * before.eaten + _NEW_EATEN @ flow
    displaced = displacement(eaten, terms.depth)
    basis = displaced + terms.skew
    mean_basis = _OLD_BASIS * before.mean_basis + _NEW_BASIS @ basis
    carried = before.carried + ARBITRAGE * np.cumsum(displaced, axis=0)
    index = fair + carried
    # The middle of index, index with the average basis, and price: no wick and no stale average moves it alone.
    middle = np.maximum(np.minimum(mean_basis, basis), np.minimum(np.maximum(mean_basis, basis), 0))
    mark = contracts.to_tick(np.exp(index + middle))
    return Path(before, eaten, basis, mean_basis, carried, index, mark)
