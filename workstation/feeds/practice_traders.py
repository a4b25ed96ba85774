"""The traders of the practice market: who they are, what they hold, how they decide, and whose position must go."""

import copy

import msgspec
import numpy as np

from workstation.feeds.practice_contracts import COUNT, Contracts, Flags, Floats, Integers


class Style(msgspec.Struct, frozen=True):
    """A kind of trader. `seats` of this kind look at the market in each round, each one of `accounts` traders.

    `share` is of open interest, `opens` and `closes` are the chances of acting when one looks, `chases` is how much the
    trend draws and `arbitrages` how much a rich price puts off.
    """

    seats: int
    accounts: int
    share: float
    least_leverage: float
    most_leverage: float
    opens: float
    closes: float
    chases: float
    arbitrages: float


# Meant to hold the shares reported of Hyperliquid's open interest on 15 December 2025: 36 % at 0-3x, 48.5 % at 3-7x,
# 15 % above. They begin a little beside them: makers add to the first, liquidations take from the last.
STYLES = (
    Style(1, 1_024, 0.355, 1.0, 3.0, 0.50, 0.25, 0.0, 1.0),
    Style(1, 1_536, 0.475, 3.0, 7.0, 0.50, 0.30, 0.5, 0.3),
    Style(2, 768, 0.170, 7.0, 45.0, 0.70, 0.45, 0.9, 0.1),
)
SEATS = sum(style.seats for style in STYLES)
ACCOUNTS = sum(style.seats * style.accounts for style in STYLES)
SIZE_SPREAD, MOST_TIMES_MEAN = 1.1, 12.0  # sizes are lognormal, cut off at so many times the mean
ORDER_SPREAD, MOST_ORDER = 0.3, 2.0  # an order beside its trader's usual size
ENTRY_SPREAD = 0.03  # of the entries that the market opens with, per quiet day's volatility of BTC
LEAN = 4.0  # how much a one-sided market puts off (contrarians, and those who are paid funding)


def seat_columns(name: str) -> Floats:
    """A field of STYLES per seat, (SEATS, 1)."""
    return np.array([[getattr(style, name)] for style in STYLES for _ in range(style.seats)], np.float64)


class Traders:
    """Columns over all accounts, flat: account a of contract c at c * ACCOUNTS + a. `lots` are signed, 0 is flat.

    `size`, `leverage` and `contract` are what an account is; the rest is what it holds. `margin` is the position's own
    wallet in USD; where nothing is held the figures mean nothing.
    """

    def __init__(self, contracts: Contracts, random: np.random.Generator) -> None:
        self._contracts = contracts
        self.contract: Integers = np.repeat(np.arange(COUNT), ACCOUNTS)
        self.size, self.leverage = self._kinds(random)
        total = COUNT * ACCOUNTS
        self.lots: Integers = np.zeros(total, np.int64)
        self.entry: Floats = np.zeros(total)
        self.margin: Floats = np.zeros(total)
        # Liquidation prices of longs and of shorts; where there is none, one that is never reached.
        self.below: Floats = np.full(total, -np.inf)
        self.above: Floats = np.full(total, np.inf)
        # The nearest of them to the mark, or nearer: bounds that spare looking at everybody.
        self.nearest_long: Floats = np.full(COUNT, -np.inf)
        self.nearest_short: Floats = np.full(COUNT, np.inf)

    def _kinds(self, random: np.random.Generator) -> tuple[Floats, Floats]:
        sizes, leverages = np.empty((COUNT, ACCOUNTS)), np.empty((COUNT, ACCOUNTS))
        first = 0
        for style in STYLES:
            count = style.seats * style.accounts
            drawn = np.minimum(np.exp(SIZE_SPREAD * random.standard_normal((COUNT, count))), MOST_TIMES_MEAN)
            holding = style.opens / (style.opens + style.closes)
            wanted = 2 * style.share * self._contracts.open_interest / holding  # long and short together
            sizes[:, first : first + count] = drawn * (wanted / drawn.sum(1))[:, None]
            between = random.random((COUNT, count))
            low, high = style.least_leverage, style.most_leverage
            leverages[:, first : first + count] = low * (high / low) ** (between * np.sqrt(between))
            first += count
        # No bracket allows the highest leverage at any size: whoever is too large for theirs is made smaller.
        allowed = np.where(
            self._contracts.most_leverage[:, None] >= leverages[:, :, None], self._contracts.caps[:, None], 0
        )
        return np.minimum(sizes, allowed.max(2) / (MOST_ORDER * 1.2)).ravel(), leverages.ravel()

    def copy(self) -> "Traders":
        """The same people, holding the same, apart from these."""
        twin = copy.copy(self)
        twin.lots, twin.entry = self.lots.copy(), self.entry.copy()
        twin.margin, twin.below, twin.above = self.margin.copy(), self.below.copy(), self.above.copy()
        twin.nearest_long, twin.nearest_short = self.nearest_long.copy(), self.nearest_short.copy()
        return twin

    def settle_in(self, prices: Floats, random: np.random.Generator) -> None:
        """Open the positions that the market begins with, entered at prices of the days before."""
        holding = np.concatenate([np.full(s.seats * s.accounts, s.opens / (s.opens + s.closes)) for s in STYLES])
        shape = (COUNT, ACCOUNTS)
        holds = random.random(shape) < holding
        side = np.where(random.random(shape) < 0.5, 1, -1)
        spread = ENTRY_SPREAD * self._contracts.volatility / self._contracts.volatility[0]
        entry = prices[:, None] * np.exp(spread[:, None] * random.standard_normal(shape))
        entry = self._contracts.to_tick(entry.T).T
        lots = np.rint(self.size.reshape(shape) / entry * self._contracts.lots[:, None]).astype(np.int64)
        lots = (np.maximum(lots, 1) * side * holds).ravel()
        entry = entry.ravel()
        coins = np.abs(lots) / self._contracts.lots[self.contract]
        margin = coins * entry / self.leverage
        held = np.flatnonzero(lots)
        self._hold(held, lots[held], entry[held], margin[held])
        # Who would be liquidated by the first ripple has been already.
        now = prices[self.contract]
        self.leave(np.flatnonzero((self.below > 0.99 * now) | (self.above < 1.01 * now)))
        self.look_for_nearest()

    def hold(self, accounts: Integers, lots: Integers, entry: Floats, margin: Floats) -> None:
        """Let flat accounts (N,) hold so much."""
        self._hold(accounts, lots, entry, margin)
        contract = self.contract[accounts]
        np.maximum.at(self.nearest_long, contract, self.below[accounts])
        np.minimum.at(self.nearest_short, contract, self.above[accounts])

    def _hold(self, accounts: Integers, lots: Integers, entry: Floats, margin: Floats) -> None:
        self.lots[accounts], self.entry[accounts], self.margin[accounts] = lots, entry, margin
        prices = self._contracts.liquidation_prices(self.contract[accounts], lots, entry, margin)
        self.below[accounts] = np.where((lots > 0) & (prices > 0), prices, -np.inf)
        self.above[accounts] = np.where((lots < 0) & (prices > 0), prices, np.inf)

    def liquidation(self, accounts: Integers) -> Floats:
        """Where the positions of accounts (N,) are liquidated; NaN: at no price above zero."""
        prices = np.where(self.lots[accounts] > 0, self.below[accounts], self.above[accounts])
        return np.where(np.isfinite(prices), prices, np.nan)

    def leave(self, accounts: Integers) -> None:
        """Make accounts flat; entry and margin stay readable until they hold again."""
        self.lots[accounts] = 0
        self.below[accounts], self.above[accounts] = -np.inf, np.inf

    def crossed(self, contract: int, mark: float) -> Integers:
        """The accounts whose liquidation price the mark has reached, the first reached first."""
        start = contract * ACCOUNTS
        below, above = self.below[start : start + ACCOUNTS], self.above[start : start + ACCOUNTS]
        longs, shorts = np.flatnonzero(below >= mark), np.flatnonzero(above <= mark)
        longs, shorts = longs[np.argsort(-below[longs])], shorts[np.argsort(above[shorts])]
        return np.concatenate((longs, shorts)) + start

    def look_for_nearest(self) -> None:
        """Set the bounds to what is really nearest."""
        self.nearest_long = self.below.reshape(COUNT, ACCOUNTS).max(1)
        self.nearest_short = self.above.reshape(COUNT, ACCOUNTS).min(1)

    def reprice(self, accounts: Integers) -> None:
        """Say anew where they are liquidated: their margin has changed."""
        self._hold(accounts, self.lots[accounts], self.entry[accounts], self.margin[accounts])
        self.look_for_nearest()

    def long_lots(self, maker: Integers) -> Integers:
        """Open interest (8,) in lots, the makers' own position included; short is the same."""
        lots = self.lots.reshape(COUNT, ACCOUNTS)
        return np.maximum(lots, 0).sum(1) + np.maximum(maker, 0)


class Mood(msgspec.Struct, frozen=True, eq=False):
    """What traders see when they decide, per contract (8,).

    `trend` is in standard deviations, `rich` the price's distance from the index in units of 5 bp, `one_sided` the
    traders' net position as a share of open interest (long above zero).
    """

    price: Floats
    trend: Floats
    rich: Floats
    one_sided: Floats


class Orders(msgspec.Struct, frozen=True, eq=False):
    """What the seats (SEATS, 8) do in a round: signed lots to trade (0: nothing), and whether they close."""

    accounts: Integers
    lots: Integers
    closing: Flags
    held: Integers  # what a closing account held


_CLOSES, _OPENS = seat_columns("closes"), seat_columns("opens")
_CHASES, _ARBITRAGES = seat_columns("chases"), seat_columns("arbitrages")
_HARDSHIP = 1.5  # how much sooner a trader closes whose position has moved by half its margin


class Looks(msgspec.Struct, frozen=True, eq=False):
    """Who looks at the market in an hour's rounds and with what luck, (rounds, SEATS, 8)."""

    accounts: Integers
    readiness: Floats  # uniform: one acts where it is below one's chance of acting
    doubt: Floats  # logistic: one goes long where one's pull is stronger
    size: Floats  # the order beside one's usual size


def draw_looks(random: np.random.Generator, rounds: int) -> Looks:
    """An hour's chances. A seat's accounts are its own, so nobody looks twice in a round."""
    shape = (rounds, SEATS, COUNT)
    counts = seat_columns("accounts").astype(np.int64)
    first = np.cumsum(counts, axis=0) - counts
    accounts = first + (random.random(shape) * counts).astype(np.int64) + np.arange(COUNT) * ACCOUNTS
    size = np.minimum(np.exp(ORDER_SPREAD * random.standard_normal(shape)), MOST_ORDER)
    return Looks(accounts, random.random(shape), random.logistic(size=shape), size)


def decide(traders: Traders, contracts: Contracts, looks: Looks, row: int, mood: Mood) -> Orders:
    """What those who look at the market in that round want.

    Losses and gains make closing likelier, so a fall brings voluntary selling before it brings forced selling.
    """
    accounts = looks.accounts[row]
    held = traders.lots[accounts]
    holds = held != 0
    coins = held / contracts.lots
    gain = coins * (mood.price - traders.entry[accounts]) / np.where(holds, traders.margin[accounts], 1)
    closes = _CLOSES * (1 + _HARDSHIP * np.minimum(4 * gain * gain, 1))
    acts = looks.readiness[row] < np.where(holds, closes, _OPENS)
    pull = _CHASES * mood.trend - _ARBITRAGES * mood.rich - LEAN * mood.one_sided
    side = np.where(pull > looks.doubt[row], 1, -1)
    size = traders.size[accounts] * looks.size[row]
    wanted = np.maximum(np.rint(size * (contracts.lots / mood.price)), 1).astype(np.int64) * side
    closing = acts & holds
    return Orders(accounts, np.where(closing, -held, wanted * (acts & ~holds)), closing, np.where(closing, held, 0))
