"""MarketView: the frozen picture of the market that others read."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt

from workstation.domain.events import Candle, Coverage, Health
from workstation.domain.playback import InstrumentInfo, Playback, Source

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Name = tuple[str, str]  # venue, symbol

NO_FLOATS: Floats = np.zeros(0)
NO_TIMES: Times = np.zeros(0, np.int64)
NO_FLAGS: Flags = np.zeros(0, np.bool_)
for _empty in (NO_FLOATS, NO_TIMES, NO_FLAGS):
    _empty.flags.writeable = False


class CandleView(msgspec.Struct, frozen=True, eq=False):
    """Closed candles of one interval, oldest first, as read-only columns (N,); and the one that is forming."""

    interval_ms: int
    open_ms: Times = NO_TIMES
    open: Floats = NO_FLOATS
    high: Floats = NO_FLOATS
    low: Floats = NO_FLOATS
    close: Floats = NO_FLOATS
    volume_base: Floats = NO_FLOATS
    forming: Candle | None = None


class SeriesView(msgspec.Struct, frozen=True, eq=False):
    """One number over time, oldest first, as read-only columns (N,)."""

    at_ms: Times = NO_TIMES
    values: Floats = NO_FLOATS


class TapeView(msgspec.Struct, frozen=True, eq=False):
    """Liquidations, oldest first, as read-only columns (N,). `usd` = quantity x price.

    `coverage` is the worst of all rows: a total over sampled rows is a lower bound. None while there is none.
    """

    at_ms: Times = NO_TIMES
    is_long: Flags = NO_FLAGS  # the side that was liquidated
    quantity_base: Floats = NO_FLOATS
    price: Floats = NO_FLOATS
    usd: Floats = NO_FLOATS
    coverage: Coverage | None = None


class DepthView(msgspec.Struct, frozen=True, eq=False):
    """Cumulative USD from mid by distance (fractions, rising). Distances that the book did not reach are absent."""

    at_ms: int
    distances: Floats
    bid_usd: Floats
    ask_usd: Floats


class InstrumentView(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Everything known of one contract. `candles` by interval: what was heard, and what `Watch` asked to be rolled up.

    `last` is the newest trade or close, `day_change` its relative change over 24 h where so much is known. Funding
    values are rates per `funding_interval_h`. `quality` is by table: what is fresh, late, gapped or silent.
    """

    venue: str
    symbol: str
    info: InstrumentInfo | None = None
    candles: Mapping[int, CandleView] = {}
    last: float | None = None
    last_ms: int | None = None
    day_change: float | None = None
    mark: float | None = None
    mark_ms: int | None = None
    index: float | None = None
    bid: float | None = None
    ask: float | None = None
    open_interest: SeriesView = SeriesView()
    funding: SeriesView = SeriesView()
    funding_interval_h: float | None = None
    liquidations: TapeView = TapeView()
    depth: DepthView | None = None
    quality: Mapping[str, Health] = {}


class FeedState(msgspec.Struct, frozen=True):
    """The feed process as the window sees it. `lost` records were overwritten before they were read, `refused` ones
    were nonsense; both count since the start.
    """

    up: bool = False
    because: str = "not started"
    restarts: int = 0
    pid: int | None = None
    lost: int = 0
    refused: int = 0
    events_per_s: float = 0.0


class MarketView(msgspec.Struct, frozen=True):
    """Marks per venue and symbol, and collateral prices in USD per asset (one price, or one per venue).

    `marks` are those that the frame's risk was computed at, so they may be a moment older than `instruments`. `venues`
    says of every venue how its streams are, the worst of them counting.
    """

    marks: Mapping[str, Mapping[str, Decimal]] = {}
    collateral_prices: Mapping[str, Decimal | Mapping[str, Decimal]] = {}
    instruments: Mapping[Name, InstrumentView] = {}
    source: Source | None = None
    playback: Playback | None = None
    feed: FeedState = FeedState()
    venues: Mapping[str, Health] = {}
    at_ms: int | None = None  # the market's own newest moment

    def mark(self, venue: str, symbol: str) -> Decimal | None:
        """The mark price (oracle price on dYdX), or None where none is known."""
        return self.marks.get(venue, {}).get(symbol)

    def collateral_price(self, venue: str, asset: str) -> Decimal | None:
        """The USD price of an asset as that venue counts it, or None. A US dollar is worth one."""
        price = self.collateral_prices.get(asset)
        if isinstance(price, Decimal):
            return price
        if price is not None:
            return price.get(venue)
        return Decimal(1) if asset == "USD" else None
