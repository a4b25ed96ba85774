"""A market for the feed process of benchmarks: so many events a second of so many contracts, in small batches."""

import json
import time
from pathlib import Path

import numpy as np

from workstation.domain.playback import InstrumentInfo, Playback, Recording, Source, WhichMarket
from workstation.market.records import CLOSED, Kind, Name, Records, blank, liquidation_flags
from workstation.packaged import resources
from workstation.runtime.feed_link import FeedLink

VENUE = "binance-usdm"
MINUTE_MS = 60_000
HISTORY = 1_500  # minutes of it; more than a day, so that every change over a day is known
BATCH_S = 0.01
SAY_S = 0.25
# Five seconds before a minute ends: every run has the closing of a candle of all contracts in it.
START_MS = 1_793_534_400_000 + 55_000
DISTANCES = (0.001, 0.005, 0.01)
# Of a hundred events; a live market has about so many of each.
MIX = {
    Kind.MARK: 30,
    Kind.QUOTE: 36,
    Kind.CANDLE: 20,
    Kind.DEPTH: 8,
    Kind.OPEN_INTEREST: 4,
    Kind.LIQUIDATION: 2,
}


def which(events_per_s: int, symbols: int) -> str:
    """How the market is asked for, in the place of a recording's folder."""
    return f"{events_per_s}x{symbols}"


def names_of(symbols: int) -> list[Name]:
    """Bitcoin, ether, and contracts that nobody trades."""
    coins = ["BTC", "ETH", *(f"COIN{i:02d}" for i in range(2, symbols))]
    return [(VENUE, f"{coin}/USDT:USDT") for coin in coins[:symbols]]


def first_prices(symbols: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    prices = np.full(symbols, 50.0)
    prices[:2] = (100_000.0, 4_000.0)[: min(2, symbols)]
    return prices


def desk(positions: int) -> bytes:
    """The sample account, or one of so many positions, as a portfolio file without prices: those come from the feed."""
    document = json.loads((resources() / "samples" / "sample-account.json").read_bytes())
    del document["marks"]
    if positions != 2:
        names, prices = names_of(positions), first_prices(positions)
        facts = document["instruments"][VENUE]["ETH/USDT:USDT"]
        document["instruments"][VENUE] |= {symbol: facts for _, symbol in names[2:]}
        document["accounts"][0]["balances"] = {"USDT": "60000"}
        document["accounts"][0]["positions"] = [
            {
                "symbol": symbol,
                "side": "long" if i % 3 else "short",
                "quantity": str(round(15_000 / prices[i], 3)),
                "entry_price": str(prices[i]),
                "margin_mode": "cross",
                "leverage": "10",
            }
            for i, (_, symbol) in enumerate(names)
        ]
    return json.dumps(document).encode()


class Generator:
    """Makes the records. A mark's index is when its batch was made (monotonic, in seconds), so that it can be timed."""

    def __init__(self, symbols: int) -> None:
        self._symbols = symbols
        self._random = np.random.default_rng(11)
        self._prices = first_prices(symbols)
        self._opened = self._high = self._low = self._prices
        self._minute_ms = START_MS - START_MS % MINUTE_MS
        kinds = [kind for kind, share in MIX.items() for _ in range(share)]
        self._kinds = np.array(kinds, np.uint8)

    def history(self) -> Records:
        """Minutes before the start, contract after contract."""
        random = np.random.default_rng(3)
        steps = random.normal(0, 4e-4, (self._symbols, HISTORY))
        close = self._prices[:, None] * np.exp(np.cumsum(steps[:, ::-1], axis=1))[:, ::-1]
        opened = np.concatenate((close[:, :1], close[:, :-1]), axis=1)
        rows = blank(self._symbols * HISTORY)
        rows["kind"], rows["flags"] = Kind.CANDLE, CLOSED
        rows["instrument"] = np.repeat(np.arange(self._symbols), HISTORY)
        rows["at_ms"] = self._minute_ms - np.tile(np.arange(HISTORY, 0, -1), self._symbols) * MINUTE_MS
        high, low = np.maximum(opened, close) * 1.0004, np.minimum(opened, close) * 0.9996
        for i, column in enumerate((opened, high, low, close)):
            rows["values"][:, i + 1] = column.ravel()
        rows["values"][:, 0], rows["values"][:, 5] = MINUTE_MS, 12.0
        interest = rows[::5].copy()
        interest["kind"], interest["flags"] = Kind.OPEN_INTEREST, 0
        interest["values"] = 0.0
        interest["values"][:, 0] = 90_000 + random.normal(0, 300, len(interest)).cumsum()
        interest["values"][:, 1] = np.nan
        return np.concatenate((rows, interest))

    def batch(self, count: int, at_ms: int) -> Records:
        """So many records of that moment. The first two are a mark and the forming candle of the first contract."""
        rows = blank(count)
        self._prices = self._prices * np.exp(self._random.normal(0, 3e-5, self._symbols))
        prices = np.round(self._prices, 2)
        self._high, self._low = np.maximum(self._high, prices), np.minimum(self._low, prices)
        rows["kind"] = self._random.choice(self._kinds, count)
        rows["instrument"] = self._random.integers(0, self._symbols, count)
        rows["kind"][:2] = (Kind.MARK, Kind.CANDLE)
        rows["instrument"][:2] = 0
        rows["at_ms"] = at_ms
        for kind in MIX:
            of = np.flatnonzero(rows["kind"] == kind)
            which_one = rows["instrument"][of]
            for i, column in enumerate(self._values(kind, which_one, prices[which_one])):
                rows["values"][of, i] = column
            if kind is Kind.CANDLE:
                rows["at_ms"][of] = self._minute_ms
            if kind is Kind.LIQUIDATION:
                rows["flags"][of] = liquidation_flags(True, False, "complete")
        return rows

    def _values(self, kind: Kind, which_one: Records, price: Records) -> tuple[object, ...]:
        count = len(price)
        match kind:
            case Kind.MARK:
                return price, time.monotonic()
            case Kind.QUOTE:
                return price * 0.9999, price * 1.0001
            case Kind.CANDLE:
                high, low = self._high[which_one], self._low[which_one]
                return MINUTE_MS, self._opened[which_one], high, low, price, 5.0
            case Kind.DEPTH:
                distance = self._random.choice(DISTANCES, count)
                return distance, 4e8 * distance, 4e8 * distance
            case Kind.OPEN_INTEREST:
                return 90_000 + self._random.normal(0, 300, count), np.nan
            case _:
                return self._random.exponential(0.5, count), price

    def closed(self, at_ms: int) -> Records:
        """The candles of the minute that has just ended, if one has."""
        if at_ms < self._minute_ms + MINUTE_MS:
            return blank(0)
        rows = blank(self._symbols)
        rows["kind"], rows["flags"] = Kind.CANDLE, CLOSED
        rows["instrument"], rows["at_ms"] = np.arange(self._symbols), self._minute_ms
        prices = np.round(self._prices, 2)
        for i, column in enumerate((MINUTE_MS, self._opened, self._high, self._low, prices, 9.0)):
            rows["values"][:, i] = column
        self._minute_ms += MINUTE_MS
        self._opened = self._high = self._low = prices
        return rows


def run(link: FeedLink, market: WhichMarket) -> None:
    """The target: history, then the stream at its rate until the link is stopping; at 0 events a second, silence."""
    assert isinstance(market, Recording)
    rate, symbols = map(int, Path(market.folder).name.split("x"))
    names = names_of(symbols)
    for venue, symbol in names:
        link.number(venue, symbol)
    infos = {VENUE: {symbol: InstrumentInfo("linear", 1.0, 0.01) for _, symbol in names}}
    link.say(Source("simulated", f"{rate} events a second", START_MS - HISTORY * MINUTE_MS, None, infos))
    generator = Generator(symbols)
    _write(link, generator.history())
    _write(link, generator.batch(20 * symbols, START_MS))
    began = said = time.monotonic()
    due = 0.0
    while not link.stopping:
        link.heard()
        now = time.monotonic()
        at_ms = START_MS + int(1e3 * (now - began))
        if rate:
            count = int(rate * (now - began) - due)
            if count >= 2:
                due += count
                link.write(np.concatenate((generator.closed(at_ms), generator.batch(count, at_ms))))
            if now - said >= SAY_S:
                said = now
                link.say(Playback(at_ms, 1.0, paused=False))
        time.sleep(max(0.0, BATCH_S - (time.monotonic() - now)))


def _write(link: FeedLink, records: Records) -> None:
    """As fast as the window takes it."""
    while len(records) and not link.stopping:
        fits = min(link.room(), 10_000)
        link.write(records[:fits])
        records = records[fits:]
        time.sleep(0.002)
