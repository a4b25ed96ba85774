"""The practice market's fair value: what prices would be if nobody had to sell. Drawn by the hour, second by second."""

import numpy as np

from workstation.feeds.practice_contracts import COUNT, MARKET_VOLATILITY, Contracts, Floats, Integers

STREAM = 2  # of random numbers; of three hundred looked at the first whose seed 7 falls within two hours of the start
HOUR_S = 3_600
DAY_S = 86_400
TAIL = 4  # degrees of freedom of a second's move
CALM_MEMORY = np.exp(-1 / 240)  # of the volatility's slow part, a minute
CALM_SWING = 0.35  # its spread, in logs
# How often stress begins, a minute: for the market three times in two days, for one contract once in six days.
STRESS_RATE = np.array([1 / 960] + [1 / 8_640] * COUNT)
DOWN, RISE = 0.7, 0.6  # the part of all stress that falls; a rise beside a fall
MOVE, MOVE_SPREAD, MOST_MOVE = 0.02, 0.7, 0.10  # of a fall: lognormal, cut off
# Stress falls more than it rises; so much a minute is given back, or prices would sink by the week. 1.26 is the mean of
# such a lognormal, so cut off, beside its median.
RECOVERY = STRESS_RATE * (DOWN - (1 - DOWN) * RISE) * (1.26 * MOVE)
JUMPS_PER_HOUR, JUMP = 0.2, 0.0025


class FairValue:
    """Log prices relative to the first second, and the weather they are drawn in.

    Row 0 of the weather is the market, the others what is each contract's own. The weather is carried from hour to
    hour; each hour has its own random numbers, so that an hour drawn again is the same.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.level: Floats = np.zeros(COUNT)
        self._calm: Floats = np.zeros(COUNT + 1)
        self._left: Integers = np.zeros(COUNT + 1, np.int64)  # minutes of stress
        self._heat: Floats = np.ones(COUNT + 1)  # by how much stress multiplies volatility
        self._drift: Floats = np.zeros(COUNT + 1)  # a minute, while stress lasts

    def next_hour(self, hour: int, contracts: Contracts) -> tuple[Floats, Floats]:
        """The next hour's log levels (3600, 8) and the market's restlessness (3600,), 1 on a quiet day."""
        random = np.random.default_rng([self._seed, STREAM, hour])
        restless, drift = self._weather(random)
        daily = np.concatenate(([MARKET_VOLATILITY], contracts.own_volatility))
        moves = random.standard_t(TAIL, (HOUR_S, COUNT + 1)) / np.sqrt(TAIL / (TAIL - 2))
        moves *= np.repeat(restless * (daily / np.sqrt(DAY_S)), 60, axis=0)
        moves += np.repeat(drift / 60, 60, axis=0)
        for second in random.integers(0, HOUR_S, random.poisson(JUMPS_PER_HOUR)):
            moves[second, 0] += JUMP * random.standard_t(3)
        levels = self.level + np.cumsum(moves[:, :1] * contracts.beta + moves[:, 1:], axis=0)
        self.level = levels[-1].copy()
        return levels, np.repeat(restless[:, 0], 60)

    def _weather(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        restless, drift = np.empty((60, COUNT + 1)), np.empty((60, COUNT + 1))
        swings = random.standard_normal((60, COUNT + 1)) * (CALM_SWING * np.sqrt(1 - CALM_MEMORY**2))
        begins = random.random((60, COUNT + 1)) < STRESS_RATE
        for minute in range(60):
            self._calm = self._calm * CALM_MEMORY + swings[minute]
            for one in np.flatnonzero(begins[minute] & (self._left == 0)):
                self._begin_stress(int(one), random)
            stressed = self._left > 0
            restless[minute] = np.exp(self._calm) * np.where(stressed, self._heat, 1)
            drift[minute] = RECOVERY + np.where(stressed, self._drift, 0)
            self._left -= stressed
        return restless, drift

    def _begin_stress(self, one: int, random: np.random.Generator) -> None:
        minutes = int(random.integers(10, 50))
        move = min(MOVE * float(np.exp(MOVE_SPREAD * random.standard_normal())), MOST_MOVE)
        self._left[one] = minutes
        self._heat[one] = random.uniform(2.5, 6)
        self._drift[one] = (-move if random.random() < DOWN else RISE * move) / minutes
