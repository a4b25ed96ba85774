"""Builders of market facts: candles, batches of records, a source."""

from collections.abc import Sequence

from workstation.domain.events import Candle
from workstation.domain.playback import InstrumentInfo, Source
from workstation.market.records import Batch, Kind, Packable, Records, blank, pack

VENUE, SYMBOL = "binance-usdm", "BTC/USDT:USDT"
MINUTE = 60_000
START = 1_759_708_800_000  # a full day in UTC


def candle(
    i: int, close: float = 100.0, interval_ms: int = MINUTE, symbol: str = SYMBOL, closed: bool = True
) -> Candle:
    """The i-th candle after START; it opens one below its close, and reaches two further on both sides."""
    return Candle(
        VENUE, symbol, interval_ms, START + i * interval_ms, close - 1, close + 2, close - 3, close, 10.0, closed
    )


def batch(*events: Packable) -> Batch:
    """Events as one batch with names of its own."""
    numbers: dict[tuple[str, str], int] = {}
    records = pack(events, numbers)
    return Batch(records, tuple(numbers))


def clock(at_ms: int) -> Batch:
    """Nothing happened up to that moment."""
    records = blank(1)
    records["kind"], records["at_ms"], records["instrument"] = Kind.CLOCK, at_ms, 0xFFFF
    return Batch(records, ())


def reset() -> Records:
    """Forget everything."""
    records = blank(1)
    records["kind"] = Kind.RESET
    return records


def source(symbols: Sequence[str] = (SYMBOL,)) -> Source:
    """A simulated market of some contracts."""
    info = InstrumentInfo("linear", 1.0, 0.1)
    return Source("simulated", "test market", START, None, {VENUE: dict.fromkeys(symbols, info)})
