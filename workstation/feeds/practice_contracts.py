"""The contracts of the practice market: where they start, how deep and how restless they are, and their brackets."""

from datetime import UTC, datetime

import msgspec
import numpy as np
import numpy.typing as npt

from workstation.domain.playback import InstrumentInfo
from workstation.venues.rule_data import load

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

VENUE = "binance-usdm"
FEE_RATE = 0.0005  # where the venue's own is not known


class Listing(msgspec.Struct, frozen=True):
    """One contract. Invented figures in proportion to what such markets report; docs/practice-market.md says which.

    `price` is the mark at the tape's start. `open_interest_usd` is one-sided, `depth_usd` rests within 1 % of mid on
    each side on a quiet day, `beta` is to the market as a whole, `own_volatility` is what is not the market's, a
    fraction per square root of a day.
    """

    symbol: str
    price: float
    ticks_per_unit: int
    lots_per_coin: int
    open_interest_usd: float
    depth_usd: float
    beta: float
    own_volatility: float
    spread: float
    funding_cap: float


LISTINGS = (
    Listing("BTC/USDT:USDT", 100_000, 10, 1_000, 1_200e6, 35e6, 1.00, 0.005, 0.00001, 0.003),
    Listing("ETH/USDT:USDT", 4_000, 100, 1_000, 900e6, 26e6, 1.25, 0.012, 0.00001, 0.003),
    Listing("SOL/USDT:USDT", 180, 100, 100, 320e6, 9e6, 1.40, 0.018, 0.00005, 0.02),
    Listing("XRP/USDT:USDT", 2.4, 10_000, 10, 220e6, 6e6, 1.25, 0.018, 0.00005, 0.02),
    Listing("DOGE/USDT:USDT", 0.2, 100_000, 1, 130e6, 3.5e6, 1.60, 0.020, 0.00006, 0.02),
    Listing("BNB/USDT:USDT", 900, 100, 100, 110e6, 3.2e6, 0.95, 0.012, 0.00003, 0.02),
    Listing("HYPE/USDT:USDT", 40, 1_000, 100, 160e6, 4e6, 1.45, 0.025, 0.00008, 0.02),
    Listing("XAG/USDT:USDT", 50, 100, 1_000, 90e6, 3.6e6, 0.15, 0.016, 0.00008, 0.02),
)
COUNT = len(LISTINGS)
MARKET_VOLATILITY = 0.017  # of a quiet day: about 33 % a year; restless hours come on top


class Contracts:
    """The listings as columns (8,) and their brackets as (8, T), a shorter table repeating its last row.

    Raises LookupError where the program has no brackets of a listing for that day.
    """

    def __init__(self, day_ms: int) -> None:
        data = load(VENUE, datetime.fromtimestamp(day_ms / 1000, UTC).date())
        self.price = _column([row.price for row in LISTINGS])
        self.ticks = _column([row.ticks_per_unit for row in LISTINGS])
        self.lots = _column([row.lots_per_coin for row in LISTINGS])
        self.open_interest = _column([row.open_interest_usd for row in LISTINGS])
        self.depth = _column([row.depth_usd for row in LISTINGS])
        self.beta = _column([row.beta for row in LISTINGS])
        self.own_volatility = _column([row.own_volatility for row in LISTINGS])
        self.volatility = np.hypot(self.beta * MARKET_VOLATILITY, self.own_volatility)  # of a quiet day
        self.spread = _column([row.spread for row in LISTINGS])
        self.funding_cap = _column([row.funding_cap for row in LISTINGS])
        self.fee_rate = FEE_RATE if data.taker_fee_rate is None else float(data.taker_fee_rate)
        rows: list[list[tuple[float, float, float, float]]] = []
        for listing in LISTINGS:
            known = data.instruments.get(listing.symbol)
            if known is None or known.tiers is None:
                raise LookupError(f"no brackets of {listing.symbol} are known for that day")
            amounts = known.tiers.amounts(marginal=True)
            rows.append(
                [
                    (
                        float(row.maintenance_rate),
                        float(amount),
                        np.inf if row.cap is None else float(row.cap),
                        1.0 if row.max_leverage is None else float(row.max_leverage),
                    )
                    for row, amount in zip(known.tiers.rows, amounts, strict=True)
                ]
            )
        longest = max(len(row) for row in rows)
        table = np.array([row + [row[-1]] * (longest - len(row)) for row in rows])
        self.rates: Floats = table[:, :, 0]
        self.amounts: Floats = table[:, :, 1]
        self.caps: Floats = table[:, :, 2]
        self.most_leverage: Floats = table[:, :, 3]

    def to_tick(self, prices: Floats) -> Floats:
        """The nearest price that can be quoted; the last axis counts the contracts."""
        return np.rint(prices * self.ticks) / self.ticks

    def liquidation_prices(self, contract: Integers, lots: Integers, entry: Floats, margin: Floats) -> Floats:
        """Where isolated positions (N,) are liquidated; NaN: at no price above zero.

        `lots` are signed, `margin` is the position's own wallet in USD. Equity meets maintenance at
        P = (qE - s (margin + amount)) / (q (1 - s rate)) in each bracket. Maintenance is the highest of the brackets'
        lines (they are marginal, so it is convex), hence the bracket that is met first is the one that counts.

        >>> contracts = Contracts(1793534400000)
        >>> one = contracts.liquidation_prices(np.array([0]), np.array([1000]), np.array([1e5]), np.array([1e4]))
        >>> float(np.round(one[0], 2))  # a long BTC at 100 000 with 10 000 USD of margin, first bracket: 0.4 %
        90361.45
        """
        side = np.sign(lots)[:, None]
        coins = (np.abs(lots) / self.lots[contract])[:, None]
        rates, amounts = self.rates[contract], self.amounts[contract]
        prices = (coins * entry[:, None] - side * (margin[:, None] + amounts)) / (coins * (1 - side * rates))
        longs: Floats = prices.max(1)
        shorts: Floats = prices.min(1)
        first = np.where(lots > 0, longs, shorts)
        return np.where(first > 0, first, np.nan)


def infos() -> dict[str, dict[str, InstrumentInfo]]:
    """What the source says of each contract, by venue and symbol."""
    return {VENUE: {row.symbol: InstrumentInfo("linear", 1.0, 1 / row.ticks_per_unit) for row in LISTINGS}}


def _column(values: list[float] | list[int]) -> Floats:
    return np.array(values, np.float64)
