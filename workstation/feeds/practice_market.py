"""The practice market itself: rounds of ten seconds in which traders act, prices move and positions are liquidated.

Price, open interest, funding, spread and liquidations come from the same traders and the same book, so they move
together; nothing is scripted but the fair value that everything follows.
"""

import copy

import msgspec
import numpy as np

from workstation.feeds.practice_book import mean_displacement, next_share
from workstation.feeds.practice_clearing import Clearing
from workstation.feeds.practice_contracts import COUNT, Contracts, Floats, Integers
from workstation.feeds.practice_fair import DAY_S, HOUR_S, FairValue
from workstation.feeds.practice_prices import SECONDS, SKEW, Path, Standing, Terms, path_of
from workstation.feeds.practice_traders import Looks, Mood, Orders, Traders, decide, draw_looks

ROUND_MS = SECONDS * 1000
ROUNDS = HOUR_S // SECONDS  # of an hour
SEAT_SECONDS = np.array([0, 2, 5, 7])  # when in a round each seat's orders reach the book
FUNDING_MS, FUNDING_EVERY_MS = 8 * HOUR_S * 1000, 300_000  # paid; said
INTEREST, DAMPING = 0.0001, 0.0005  # funding is the premium, drawn by so much toward the interest

AGGRESSIVE = 0.03  # the part of a voluntary order that walks the book; the rest waits for the other side
VOLATILITY_S = 600  # memory of the makers' volatility
TREND_S = 2_400
FASHION, FASHION_MEMORY = 1.2, 0.93  # a mood of the hour, in units of the trend; what is left of it after an hour
RICH = 0.0005  # the basis that counts as one
SPREAD_POWER = 1.2  # spread goes as the share of depth that is left to the minus this
LIQUIDATION_FEE = 0.005  # to the insurance fund, out of what margin is left
CHURN_PER_DAY = 4.0  # open interests that makers trade among themselves: volume in which nobody's position changes

_NOBODY = np.zeros(0, np.int64)


class Forced(msgspec.Struct, frozen=True, eq=False):
    """Forced orders (N,) of one second of a round. `liquidation` and `mark` say that they were due."""

    second: int
    accounts: Integers
    contract: Integers
    lots: Integers  # as held: above zero a long
    price: Floats
    liquidation: Floats
    mark: Floats


class Round(msgspec.Struct, frozen=True, eq=False):
    """What ten seconds brought: (10, 8) a second and contract, the last of them at `end_ms`. Volume in coins."""

    end_ms: int
    mark: Floats
    index: Floats
    middle: Floats
    volume: Floats
    forced: tuple[Forced, ...]
    half_spread: Floats  # (8,), a fraction
    displaced: Floats  # (8,), a log: how far the book is eaten at the end
    depth: Floats  # (8,) USD within 1 % of fair, at the end
    open_interest: Floats  # (8,) coins, as of the last full minute
    funding_rate: Floats | None  # as it would be settled now; said every five minutes


class _Hour(msgspec.Struct, frozen=True, eq=False):
    """What is drawn for an hour: fair value and the makers' churn in USD (360, 10, 8), and who looks when."""

    fair: Floats
    churn: Floats
    looks: Looks


class Market:
    """All eight contracts. Runs from `origin_ms` on; marks stand at the listed prices at `start_ms` to the tick."""

    def __init__(self, seed: int, origin_ms: int, start_ms: int) -> None:
        self._seed, self._origin_ms, self._start_ms = seed, origin_ms, start_ms
        self.contracts = contracts = Contracts(start_ms)
        self.rounds = 0
        self._fair = FairValue(seed)
        self._hour: _Hour | None = None
        ahead = FairValue(seed)
        for hour in range((start_ms - origin_ms) // (HOUR_S * 1000)):
            ahead.next_hour(hour, contracts)
        # The listed prices are those of the start; the past begins where its own moves lead there.
        self._aim = np.log(contracts.price) - ahead.level
        self._level = self._aim.copy()
        self.mark: Floats = contracts.to_tick(np.exp(self._level))
        self.price: Floats = self.mark
        random = np.random.default_rng([seed, 4])
        self.traders = Traders(contracts, random)
        self.traders.settle_in(self.mark, random)
        self.clearing = Clearing(contracts, self.traders)
        self._standing = Standing(np.zeros(COUNT), np.zeros(COUNT), np.zeros(COUNT))
        self._log_price: Floats = np.log(self.price)
        self._log_trend: Floats = self._log_price.copy()
        self._quiet = contracts.volatility * np.sqrt(SECONDS / DAY_S)
        self._variance: Floats = self._quiet**2
        self.depth_share: Floats = np.ones(COUNT)
        self._fashion: Floats = np.zeros(COUNT)
        self._premium_sum: Floats = np.zeros(COUNT)
        self._premium_count = 0
        self._open_interest: Integers = self.clearing.open_interest_lots()

    def copy(self) -> "Market":
        """The same market to be played on apart from this one. What is never changed in place is shared."""
        twin = copy.copy(self)
        twin.clearing = self.clearing.copy()
        twin.traders = twin.clearing.traders
        twin._fair = copy.deepcopy(self._fair)
        return twin

    @property
    def at_ms(self) -> int:
        """The end of the newest round."""
        return self._origin_ms + self.rounds * ROUND_MS

    @property
    def carried(self) -> Floats:
        """How far (8,) arbitrage has moved the index away from fair value, as logs."""
        return self._standing.carried

    def last_price(self) -> Floats:
        """The middle of the newest quote, to the tick."""
        return self.contracts.to_tick(self.price)

    def step(self) -> Round:
        """Play one round."""
        row = self.rounds % ROUNDS
        hour = self._hour
        if hour is None:
            hour = self._hour = self._draw_hour()
        one_sided = -self.clearing.maker_lots / np.maximum(self._open_interest, 1)
        terms = Terms(
            self.contracts.depth * self.depth_share,
            self.contracts.spread / 2 * self.depth_share**-SPREAD_POWER,
            SKEW * one_sided,
        )
        orders = self._orders(hour.looks, row, one_sided)
        flow = np.zeros((SECONDS, COUNT))
        flow[SEAT_SECONDS] = orders.lots / self.contracts.lots * (AGGRESSIVE * self.price)
        path, forced = self._played(hour.fair[row] + self._level, flow, terms)
        self._fill(path, orders, terms)
        return self._finished(hour, row, path, orders, forced, terms)

    def _draw_hour(self) -> _Hour:
        hour = self.rounds // ROUNDS
        levels, restless = self._fair.next_hour(hour, self.contracts)
        random = np.random.default_rng([self._seed, 3, hour])
        looks = draw_looks(random, ROUNDS)
        fresh = random.standard_normal(COUNT) * np.sqrt(1 - FASHION_MEMORY**2)
        self._fashion = self._fashion * FASHION_MEMORY + FASHION * fresh
        churn = np.exp(0.8 * random.standard_normal((ROUNDS, SECONDS, COUNT)))
        usual = self.contracts.open_interest * (CHURN_PER_DAY / DAY_S)
        shape = (ROUNDS, SECONDS, COUNT)
        return _Hour(levels.reshape(shape), churn * usual * restless.reshape(ROUNDS, SECONDS, 1), looks)

    # --- voluntary orders ---------------------------------------------------------------------------------------------

    def _orders(self, looks: Looks, row: int, one_sided: Floats) -> Orders:
        trend = (self._log_price - self._log_trend) / (self._quiet * np.sqrt(TREND_S / SECONDS))
        trend = np.minimum(np.maximum(trend, -2), 2) + self._fashion
        mood = Mood(self.price, trend, self._standing.mean_basis / RICH, one_sided)
        orders = decide(self.traders, self.contracts, looks, row, mood)
        # Whoever closes of their own accord is not there to be liquidated in this round.
        self.traders.leave(orders.accounts[orders.closing])
        return orders

    def _fill(self, path: Path, orders: Orders, terms: Terms) -> None:
        """Fill the voluntary orders at the average of what they walked."""
        before = path.eaten_before(SEAT_SECONDS)
        own = orders.lots / self.contracts.lots * (AGGRESSIVE * self.price)
        walked = mean_displacement(before, before + own, terms.depth)
        price = np.exp(path.index[SEAT_SECONDS] + terms.skew + walked) * (1 + np.sign(own) * terms.half_spread)
        self.clearing.trade(orders, self.contracts.to_tick(price))

    # --- forced orders ------------------------------------------------------------------------------------------------

    def _played(self, fair: Floats, flow: Floats, terms: Terms) -> tuple[Path, tuple[Forced, ...]]:
        """The round's path, with every forced order in it and what they set off.

        A mark that reaches somebody in one second brings the order in the next; the last second's orders come with the
        first second of the round after.
        """
        traders, forced = self.traders, list[Forced]()
        path = path_of(self.contracts, self._standing, fair, flow, terms)
        second, due = 0, self._due(self.mark)
        while True:
            if due.size:
                fills, walked = self._force(second, due, path, terms)
                forced.append(fills)
                flow[second] += walked
                path = path_of(self.contracts, self._standing, fair, flow, terms)
            ahead = path.mark[second:-1]
            near = np.flatnonzero(((ahead <= traders.nearest_long) | (ahead >= traders.nearest_short)).any(1))
            if not near.size:
                return path, tuple(forced)
            second += int(near[0]) + 1
            due = self._due(path.mark[second - 1])

    def _due(self, mark: Floats) -> Integers:
        """The accounts whose liquidation price the marks (8,) have reached."""
        traders = self.traders
        near = (mark <= traders.nearest_long) | (mark >= traders.nearest_short)
        if not near.any():
            return _NOBODY
        due = np.concatenate([traders.crossed(int(row), float(mark[row])) for row in np.flatnonzero(near)])
        if not due.size:  # whoever was nearest has left
            traders.look_for_nearest()
        return due

    def _force(self, second: int, due: Integers, path: Path, terms: Terms) -> tuple[Forced, Floats]:
        """Sell what the accounts hold (buy back for shorts), one after the other; what walked the book, USD (8,)."""
        traders, contracts = self.traders, self.contracts
        contract, lots = traders.contract[due], traders.lots[due]
        liquidation = traders.liquidation(due)
        mark = self.mark if second == 0 else path.mark[second - 1]
        index = path.index[second][contract]
        usd = -lots / contracts.lots[contract] * np.exp(index)
        # The accounts come contract by contract; each order walks on from where the one before it stopped.
        total = np.cumsum(usd)
        first = np.flatnonzero(np.diff(contract, prepend=-1))
        others = np.repeat(total[first] - usd[first], np.diff(first, append=len(due)))
        after = path.eaten[second][contract] + total - others
        walked = mean_displacement(after - usd, after, terms.depth[contract])
        price = np.exp(index + terms.skew[contract] + walked) * (1 - np.sign(lots) * terms.half_spread[contract])
        price = np.maximum(np.rint(price * contracts.ticks[contract]), 1) / contracts.ticks[contract]
        self.clearing.force(due, price, LIQUIDATION_FEE)
        flow: Floats = np.bincount(contract, usd, COUNT).astype(np.float64)
        return Forced(second, due, contract, lots, price, liquidation, mark[contract]), flow

    # --- the end of a round -------------------------------------------------------------------------------------------

    def _finished(
        self, hour: _Hour, row: int, path: Path, orders: Orders, forced: tuple[Forced, ...], terms: Terms
    ) -> Round:
        self.rounds += 1
        log_price, index, mark = path.index + path.basis, path.index, path.mark
        pull = self._pull(path, hour.fair[row, -1])
        if pull is not None:
            # The last second only: whom it reaches is seen when the next round begins.
            self._level = self._level + pull
            log_price[-1] += pull
            index[-1] += pull
            mark[-1] = self.contracts.to_tick(np.exp(np.log(mark[-1]) + pull))
        prices = np.exp(log_price)
        traded = hour.churn[row].copy()
        traded[SEAT_SECONDS] += np.abs(orders.lots) / self.contracts.lots * prices[SEAT_SECONDS]
        volume = traded / prices
        for fills in forced:
            np.add.at(volume[fills.second], fills.contract, np.abs(fills.lots) / self.contracts.lots[fills.contract])
        self._keep(path, log_price[-1], prices[-1])
        rate = self._funding_rate() if self.at_ms % FUNDING_EVERY_MS == 0 else None
        if rate is not None and self.at_ms % FUNDING_MS == 0:
            self.clearing.pay_funding(self.mark, rate)
            self._premium_sum, self._premium_count = np.zeros(COUNT), 0
        if self.rounds % ROUNDS == 0:
            self._hour = None
        return Round(
            self.at_ms,
            mark,
            np.exp(index),
            prices,
            volume,
            forced,
            terms.half_spread,
            path.basis[-1] - terms.skew,
            self.contracts.depth * self.depth_share,
            self._open_interest / self.contracts.lots,
            rate,
        )

    def _pull(self, path: Path, fair: Floats) -> Floats | None:
        """In the last hour before the start: what brings the marks to the listed prices there, a little each round."""
        left = (self._start_ms - self.at_ms) // ROUND_MS
        if not 0 <= left < ROUNDS:
            return None
        return (fair + self._aim - np.log(path.mark[-1])) / (left + 1)

    def _keep(self, path: Path, log_price: Floats, price: Floats) -> None:
        moved = log_price - self._log_price
        self._standing = path.end()
        self._log_price, self.price, self.mark = log_price, price, path.mark[-1]
        self._log_trend = self._log_trend + (log_price - self._log_trend) * (1 - np.exp(-SECONDS / TREND_S))
        self._variance = self._variance + (moved**2 - self._variance) * (1 - np.exp(-SECONDS / VOLATILITY_S))
        self.depth_share = next_share(self.depth_share, np.sqrt(self._variance), self._quiet, SECONDS)
        self._premium_sum = self._premium_sum + path.basis.sum(0)
        self._premium_count += SECONDS
        if self.at_ms % 60_000 == 0:
            self._open_interest = self.clearing.open_interest_lots()

    def _funding_rate(self) -> Floats:
        """Binance's form: the interval's average premium, drawn toward the interest, within the contract's bounds."""
        premium = self._premium_sum / max(self._premium_count, 1)
        rate = premium + np.clip(INTEREST - premium, -DAMPING, DAMPING)
        cap = self.contracts.funding_cap
        return np.clip(rate, -cap, cap)
