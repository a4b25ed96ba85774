"""What the watchlist shows of each contract: last price, day's change, funding, trend, and reasons where unknown."""

from decimal import Decimal

import msgspec
import numpy as np

from workstation.domain.unknown import Number, Unknown
from workstation.market.view import CandleView, InstrumentView, MarketView, Name
from workstation.ui import formats
from workstation.ui.tables.frozen_rows import Column
from workstation.ui.theme import Tone

TREND_POINTS = 36
_DAY_MS = 86_400_000
_STALE = frozenset({"late", "gap", "silent", "down"})


class WatchRow(msgspec.Struct, frozen=True):
    """One contract. `funding` is the rate per 8 h, `yearly` the same over a year; `trend` are closes of the last 24 h.

    `stale` says why the numbers are old; empty where they are fresh.
    """

    venue: str
    symbol: str
    last: Number
    tick: Decimal | None
    change: Number
    funding: Number
    yearly: Number
    funding_note: str
    trend: tuple[float, ...]
    stale: str


def watch_row(name: Name, view: InstrumentView | None, market: MarketView) -> WatchRow:
    """What is known of a contract; `view` is None where the market does not have it."""
    venue, symbol = name
    if view is None:
        why = Unknown(f"the market does not have {symbol}")
        return WatchRow(venue, symbol, why, None, why, why, why, "", (), "")
    tick = view.info.price_tick if view.info is not None else None
    health = [view.quality[table] for table in ("marks", "candles") if table in view.quality]
    worst = next((said for said in health if said.state in _STALE), None)
    stale = market.feed.because if not market.feed.up else worst.because if worst is not None else ""
    last: Number = Unknown(f"no price of {symbol} yet") if view.last is None else _decimal(view.last)
    if all(said.state == "silent" for said in health) and health:
        # twice as old as a number may be: it is not shown any more
        last = Unknown(f"silent: {stale}")
    missing = Unknown("less than 24 h of prices are known")
    change = missing if view.day_change is None else _decimal(view.day_change)
    funding, yearly, note = _funding(view)
    ticks = None if tick is None else _decimal(tick)
    return WatchRow(venue, symbol, last, ticks, change, funding, yearly, note, _trend(view, market.at_ms), stale)


def _funding(view: InstrumentView) -> tuple[Number, Number, str]:
    hours = view.funding_interval_h
    if not len(view.funding.values) or not hours:
        why = Unknown("no funding rate yet" if view.info is None or view.info.kind != "spot" else "spot has no funding")
        return why, why, ""
    rate = float(view.funding.values[-1])
    note = f"{formats.percent(_decimal(rate), 4, signed=True)} every {hours:g} h"
    return _decimal(rate * 8 / hours), _decimal(rate * 24 * 365 / hours), note


def _trend(view: InstrumentView, at_ms: int | None) -> tuple[float, ...]:
    """Up to TREND_POINTS closes from the last 24 h, of the longest candles that still give enough of them."""
    chosen: CandleView | None = None
    for interval in sorted(view.candles):
        candles = view.candles[interval]
        if chosen is None or (interval <= _DAY_MS // 24 and len(candles.close) >= len(chosen.close) // 64):
            chosen = candles
    if chosen is None or not len(chosen.close):
        return ()
    now = at_ms if at_ms is not None else int(chosen.open_ms[-1]) + chosen.interval_ms
    begin = int(np.searchsorted(chosen.open_ms, now - _DAY_MS))
    closes = chosen.close[begin:]
    if chosen.forming is not None:
        closes = np.append(closes, chosen.forming.close)
    if len(closes) > TREND_POINTS:
        closes = closes[np.linspace(0, len(closes) - 1, TREND_POINTS).astype(np.int64)]
    return tuple(closes.tolist()) if len(closes) > 1 else ()


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _last(row: WatchRow) -> str:
    return formats.UNKNOWN if isinstance(row.last, Unknown) else formats.price(row.last, row.tick)


def _percent(number: Number, decimals: int) -> str:
    return formats.UNKNOWN if isinstance(number, Unknown) else formats.percent(number, decimals, signed=True)


def _signed_tone(row: WatchRow, number: Number) -> Tone:
    if row.stale:
        return "fg3"
    if isinstance(number, Unknown) or number == 0:
        return "fg2"
    return "up" if number > 0 else "down"


def _sort(number: Number) -> float:
    return float("inf") if isinstance(number, Unknown) else float(number)


def _tip(row: WatchRow, number: Number, text: str) -> str:
    said = formats.reason(number) if isinstance(number, Unknown) else text
    return f"{said}\nOld: {row.stale}" if row.stale else said


def _funding_tip(row: WatchRow) -> str:
    text = f"{row.funding_note}; {_percent(row.yearly, 1)} a year (APR). Longs pay shorts where it is above zero."
    return _tip(row, row.funding, text)


def rises(row: WatchRow) -> bool:
    """The newest price of the trend is not below the oldest."""
    return bool(row.trend) and row.trend[-1] >= row.trend[0]


def short_symbol(symbol: str) -> str:
    """A symbol without the settlement asset where that is the quote asset; spot says so.

    >>> short_symbol("BTC/USDT:USDT"), short_symbol("BTC/USDT"), short_symbol("BTC/USD:BTC")
    ('BTC/USDT', 'BTC/USDT spot', 'BTC/USD:BTC')
    """
    pair, colon, settle = symbol.partition(":")
    if not colon:
        return f"{pair} spot"
    return pair if pair.endswith(f"/{settle}") else symbol


VENUE, SYMBOL, TREND = 0, 1, 5
WATCH_COLUMNS: tuple[Column[WatchRow], ...] = (
    Column("venue", "Venue", lambda row: row.venue, tone=lambda row: "fg3" if row.stale else "fg2"),
    Column(
        "symbol",
        "Symbol",
        lambda row: short_symbol(row.symbol),
        tone=lambda row: "fg3" if row.stale else "fg",
        tip=lambda row: f"{row.symbol} on {row.venue}" + (f"\nOld: {row.stale}" if row.stale else ""),
    ),
    Column(
        "last",
        "Last",
        _last,
        sort=lambda row: _sort(row.last),
        numeric=True,
        tip=lambda row: _tip(row, row.last, formats.exact(row.last)),
        tone=lambda row: "fg3" if row.stale else "fg2" if isinstance(row.last, Unknown) else "fg",
        help="The newest trade, or the newest close",
    ),
    Column(
        "change",
        "24 h",
        lambda row: _percent(row.change, 2),
        sort=lambda row: _sort(row.change),
        numeric=True,
        tip=lambda row: _tip(row, row.change, formats.exact(row.change)),
        tone=lambda row: _signed_tone(row, row.change),
        help="Change of the price over the last 24 hours",
    ),
    Column(
        "funding",
        "Funding",
        lambda row: _percent(row.funding, 4),
        sort=lambda row: _sort(row.funding),
        numeric=True,
        tip=_funding_tip,
        tone=lambda row: "fg3" if row.stale else "fg2" if isinstance(row.funding, Unknown) else "fg",
        help="What longs pay shorts, per 8 hours; hover for the year and the venue's own interval",
    ),
    Column(
        "trend",
        "Trend",
        lambda row: "—" if not row.trend else "rising" if rises(row) else "falling",
        sort=lambda row: row.trend[-1] / row.trend[0] if row.trend else float("inf"),
        tip=lambda row: "Closes of the last 24 h" if row.trend else "no candles yet",
        tone=lambda row: "fg3" if row.stale or not row.trend else "up" if rises(row) else "down",
        help="Closes of the last 24 hours",
    ),
)
