"""Everything a feed can say: one checked fact from one venue, as a value."""

from typing import Literal

import msgspec

Coverage = Literal["complete", "sampled", "estimated"]
PriceKind = Literal["fill", "bankruptcy"]
PositionSide = Literal["long", "short"]


class Candle(msgspec.Struct, frozen=True, gc=False):
    """One bar; prices in the quote asset, volume in base units. Not `closed`: it is still forming."""

    venue: str
    symbol: str
    interval_ms: int
    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume_base: float
    closed: bool = True


class Mark(msgspec.Struct, frozen=True, gc=False):
    """The mark price (oracle price on dYdX), and the index price where the venue says it."""

    venue: str
    symbol: str
    at_ms: int
    mark: float
    index: float | None = None


class Quote(msgspec.Struct, frozen=True, gc=False):
    """Best bid and best ask."""

    venue: str
    symbol: str
    at_ms: int
    bid: float
    ask: float


class OpenInterest(msgspec.Struct, frozen=True, gc=False):
    """One-sided open interest in base units."""

    venue: str
    symbol: str
    at_ms: int
    open_interest_base: float
    open_interest_usd: float | None = None


class Funding(msgspec.Struct, frozen=True, gc=False):
    """The rate that longs pay shorts, a fraction per interval of `interval_h` hours."""

    venue: str
    symbol: str
    at_ms: int
    rate: float
    interval_h: float


class Liquidation(msgspec.Struct, frozen=True, gc=False):
    """A forced order. `side` is the position that was liquidated; `coverage` says how much of all the stream shows."""

    venue: str
    symbol: str
    at_ms: int
    side: PositionSide
    quantity_base: float
    price: float
    price_kind: PriceKind
    coverage: Coverage


class Depth(msgspec.Struct, frozen=True, gc=False):
    """Cumulative USD from mid to `distance` (a fraction of mid) on each side."""

    venue: str
    symbol: str
    at_ms: int
    distance: float
    bid_usd: float
    ask_usd: float


class KnownPosition(msgspec.Struct, frozen=True, gc=False):
    """Somebody's position where it is public: on chain, or in the practice market, where everything is known."""

    venue: str
    symbol: str
    at_ms: int
    account: str
    side: PositionSide
    quantity_base: float
    entry_price: float
    leverage: float
    liquidation_price: float | None


HealthState = Literal["live", "late", "gap", "silent", "connecting", "down"]


class Health(msgspec.Struct, frozen=True, gc=False, tag="health"):
    """How a venue's stream is. `stream` is the table that depends on it (``candles``), or empty for all of them."""

    venue: str
    stream: str
    state: HealthState
    at_ms: int
    because: str = ""
    latency_ms: float | None = None
