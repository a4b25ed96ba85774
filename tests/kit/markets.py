"""Markets as literals: a simulated market of some contracts, as the core would show it to the window."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from workstation.domain.events import Health, HealthState
from workstation.domain.playback import InstrumentInfo, Playback, Source, SourceKind
from workstation.market.view import CandleView, FeedState, InstrumentView, MarketView, SeriesView

VENUE = "binance-usdm"
NOW_MS = 1_760_130_845_000  # 2025-10-10 21:14:05 UTC
FIVE_MINUTES_MS = 300_000
DAY_MS = 86_400_000
PRICES = {"BTC/USDT:USDT": 100_000.0, "ETH/USDT:USDT": 4_000.0, "SOL/USDT:USDT": 187.34}
LIVE_FEED = FeedState(up=True, because="")
RUNNING = Playback(NOW_MS, 60, False)


def candles(price: float, count: int = 300, rise: float = 0.02) -> CandleView:
    """Closed candles of five minutes that end at a price, `rise` above the first."""
    opened = (NOW_MS // FIVE_MINUTES_MS - np.arange(count, 0, -1)) * FIVE_MINUTES_MS
    close = np.linspace(price / (1 + rise), price, count)
    return CandleView(FIVE_MINUTES_MS, opened, close, close, close, close, np.ones(count))


def instrument(
    symbol: str = "BTC/USDT:USDT",
    price: float = 100_000.0,
    *,
    venue: str = VENUE,
    tick: float | None = 0.1,
    state: HealthState = "live",
    because: str = "",
    funding: float | None = 0.0001,
    rise: float = 0.02,
) -> InstrumentView:
    """One contract with a mark, five-minute candles, and funding each 8 hours."""
    health = {table: Health(venue, table, state, NOW_MS - 1_000, because) for table in ("marks", "candles")}
    known = SeriesView() if funding is None else SeriesView(np.array([NOW_MS - 1_000]), np.array([funding]))
    return InstrumentView(
        venue=venue,
        symbol=symbol,
        info=InstrumentInfo("linear", 1.0, tick),
        candles={FIVE_MINUTES_MS: candles(price, rise=rise)},
        last=price,
        last_ms=NOW_MS - 1_000,
        day_change=rise,
        mark=price,
        mark_ms=NOW_MS - 1_000,
        funding=known,
        funding_interval_h=None if funding is None else 8.0,
        quality=health,
    )


def market(
    *views: InstrumentView,
    kind: SourceKind = "simulated",
    feed: FeedState = LIVE_FEED,
    playback: Playback | None = RUNNING,
    to_ms: int | None = None,
    venues: Mapping[str, Health] | None = None,
) -> MarketView:
    """A market of these contracts, else of BTC, ETH and SOL."""
    shown = views or tuple(instrument(symbol, price) for symbol, price in PRICES.items())
    marks: dict[str, dict[str, Decimal]] = {}
    for view in shown:
        if view.mark is not None:
            marks.setdefault(view.venue, {})[view.symbol] = Decimal(repr(view.mark))
    return MarketView(
        marks=marks,
        instruments={(view.venue, view.symbol): view for view in shown},
        source=Source(kind, "Practice market, seed 7", NOW_MS - 2 * DAY_MS, to_ms),
        playback=playback,
        feed=feed,
        venues={view.venue: Health(view.venue, "", "live", NOW_MS) for view in shown} if venues is None else venues,
        at_ms=NOW_MS,
    )
