"""What a chart is about: the contract and its candles in a market, or why there are none and what to do next."""

import msgspec

from workstation.domain.playback import SourceKind
from workstation.market.view import CandleView, InstrumentView, MarketView, Name
from workstation.ui.charts.timeframes import interval_text
from workstation.ui.data_state import span

_MARKETS: dict[SourceKind, str] = {
    "live": "this market",
    "recorded": "this recording",
    "historical": "this recording",
    "simulated": "the practice market",
}


class Subject(msgspec.Struct, frozen=True, eq=False):
    """A contract, its candles, and where the market stands. `because` and `hint` say why `candles` is None; `offer` is
    a timeframe that there are candles of.
    """

    instrument: InstrumentView | None = None
    candles: CandleView | None = None
    because: str = ""
    hint: str = ""
    offer: int | None = None
    newest_ms: int | None = None


def subject(market: MarketView, name: Name | None, interval_ms: int) -> Subject:
    """What is there of a contract (None: none is chosen) and a timeframe in a market."""
    where = "this market" if market.source is None else _MARKETS[market.source.kind]
    if market.source is None and not market.instruments:
        return Subject(because="No market is running.", hint="Market menu: the practice market, or a recording.")
    if name is None and not market.instruments:
        return Subject(because=f"{where[0].upper()}{where[1:]} is starting.", hint="It takes a few seconds.")
    if name is None:
        return Subject(because="No contract is chosen.", hint="Choose one in the watchlist.")
    instrument = market.instruments.get(name)
    if instrument is None:
        because = f"{where[0].upper()}{where[1:]} has no {name[1]} on {name[0]}."
        return Subject(because=because, hint="Choose another contract in the watchlist.", newest_ms=market.at_ms)
    candles = instrument.candles.get(interval_ms)
    if candles is not None and (len(candles.open_ms) or candles.forming is not None):
        return Subject(instrument, candles, newest_ms=_newest(candles))
    newest = max((_newest(view) for view in instrument.candles.values()), default=market.at_ms or 0)
    wanted = interval_text(interval_ms)
    if not instrument.candles or candles is not None:
        because = f"No {wanted} candle of {name[1]} came yet."
        return Subject(instrument, None, because, "The chart begins with the first one.", newest_ms=newest)
    shortest = min(instrument.candles)
    if any(interval < interval_ms and interval_ms % interval == 0 for interval in instrument.candles):
        because = f"{wanted} candles are being made from {interval_text(shortest)} candles."
        return Subject(instrument, None, because, "They come with the next moment of the market.", newest_ms=newest)
    those = " and ".join(interval_text(interval) for interval in sorted(instrument.candles))
    because = f"No {wanted} candles: {where} has {those} candles."
    return Subject(instrument, None, because, "", shortest, newest)


def _newest(candles: CandleView) -> int:
    if candles.forming is not None:
        return candles.forming.open_ms + candles.interval_ms
    return int(candles.open_ms[-1]) + candles.interval_ms if len(candles.open_ms) else 0


def watermark(market: MarketView) -> str:
    """The word across charts of a market that is not the real one of now."""
    return "" if market.source is None or market.source.kind == "live" else market.source.kind.upper()


def trouble(market: MarketView, instrument: InstrumentView | None, table: str) -> str:
    """What is wrong with a table of a contract, and for how long; empty where it is fresh.

    "late: no data for 4 min (nothing for more than 3 min)"
    """
    if not market.feed.up and market.feed.because != "not started":
        return f"feed down: {market.feed.because}" if market.feed.because else "feed down"
    said = None if instrument is None else instrument.quality.get(table)
    if said is None or said.state == "live":
        return ""
    age = "" if market.at_ms is None else f": no data for {span(max(market.at_ms - said.at_ms, 0) / 1000)}"
    return f"{said.state}{age}" + (f" ({said.because})" if said.because else "")
