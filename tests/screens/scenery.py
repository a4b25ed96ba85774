"""What the pictures show: markets and desks as literals, the same to the bit on every machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from msgspec.structs import replace

from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.state import DeskState, Trial
from workstation.domain.events import Candle, Coverage, Health
from workstation.domain.playback import InstrumentInfo, Playback, Source, SourceKind
from workstation.market.view import (
    CandleView,
    FeedState,
    Floats,
    InstrumentView,
    MarketView,
    SeriesView,
    TapeView,
    Times,
)
from workstation.packaged import resources

MINUTE_MS, FIVE_MS, HOUR_MS, DAY_MS = 60_000, 300_000, 3_600_000, 86_400_000
NOW_MS = 1_793_567_645_000  # 2026-11-01 21:14:05 UTC
CRASH_MS = 1_760_132_045_000  # 2025-10-10 21:34:05 UTC
DAYS = 2
BINANCE, OKX = "binance-usdm", "okx"
BTC, ETH, SOL, XAG = "BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT", "XAG/USDT:USDT"


@dataclass(frozen=True)
class Traits:
    """A contract's last price, its ticks in one unit, its move to the market's, its own restlessness, and how much is
    held open, in USD.
    """

    price: float
    ticks: int
    beta: float
    own: float
    open_usd: float


TRAITS: Mapping[tuple[str, str], Traits] = {
    (BINANCE, BTC): Traits(100_412.7, 10, 1.0, 0.1, 1_290e6),
    (BINANCE, ETH): Traits(4_021.36, 100, 1.25, 0.3, 905e6),
    (BINANCE, SOL): Traits(181.42, 100, 1.4, 0.5, 318e6),
    (BINANCE, "XRP/USDT:USDT"): Traits(2.3871, 10_000, 1.25, 0.6, 221e6),
    (BINANCE, "DOGE/USDT:USDT"): Traits(0.20114, 100_000, 1.6, 0.7, 130e6),
    (BINANCE, "BNB/USDT:USDT"): Traits(896.35, 100, 0.95, 0.4, 108e6),
    (BINANCE, "HYPE/USDT:USDT"): Traits(41.083, 1_000, 1.45, 0.9, 162e6),
    (BINANCE, XAG): Traits(50.27, 100, 0.15, 0.5, 91e6),
    (OKX, BTC): Traits(100_418.2, 10, 1.0, 0.12, 640e6),
    (OKX, SOL): Traits(181.39, 100, 1.4, 0.52, 96e6),
}


# --- markets ----------------------------------------------------------------------------------------------------------


def _noise(seed: int, count: int) -> Floats:
    """Bell-shaped steps about zero, by additions alone: what libraries compute differs in the last bit."""
    random = np.random.default_rng(seed).random((4, count))
    return random[0] + random[1] + random[2] + random[3] - 2.0


def _steps(seed: int, count: int, crash: bool) -> Floats:
    """The market's relative moves (count,) minute by minute, restless by turns; the crash comes 16 minutes before
    the end.
    """
    restless = 1.0 + np.abs(np.repeat(_noise(seed + 1, count // 90 + 1), 90)[:count])
    steps = _noise(seed, count) * 6e-4 * restless
    if crash:
        steps[-26:-16] -= np.array([2, 3, 6, 9, 14, 22, 26, 19, 13, 4]) * 1e-3
        steps[-16:] += np.array([21, 16, -6, 9, 7, -4, 6, 3, -3, 4, 2, -2, 3, 1, -2, 1]) * 1e-3
        steps[-26:] += _noise(seed + 2, 26) * 3e-3
    return steps


def _minutes(number: int, traits: Traits, market: Floats, now_ms: int) -> tuple[Times, Floats, Floats, Floats, Floats]:
    """Opening times, and open, high, low, close of every minute (N,)."""
    count = len(market)
    walk = np.cumprod(1.0 + market * traits.beta + _noise(100 + number, count) * 6e-4 * traits.own)
    exact = walk * (traits.price / walk[-1])
    close = np.rint(exact * traits.ticks) / traits.ticks
    opened = np.concatenate((close[:1], close[:-1]))
    reach = np.abs(market) * 0.35 * exact
    high = np.rint((np.maximum(opened, close) + reach) * traits.ticks) / traits.ticks
    low = np.rint((np.minimum(opened, close) - reach) * traits.ticks) / traits.ticks
    first = now_ms // MINUTE_MS - count
    return (first + np.arange(count)) * MINUTE_MS, opened, high, low, close


def _rolled(
    name: tuple[str, str], minutes: tuple[Times, Floats, Floats, Floats, Floats], interval_ms: int
) -> CandleView:
    """Closed candles, and the one that is forming of the minutes that are left over."""
    times, opened, high, low, close = minutes
    per = interval_ms // MINUTE_MS
    start = int(-(times[0] // MINUTE_MS) % per)
    whole = (len(times) - start) // per
    cut = slice(start, start + whole * per)

    def grouped(column: Floats) -> Floats:
        return column[cut].reshape(whole, per)

    left = slice(start + whole * per, None)
    forming = None
    if len(times[left]):
        shape = (float(opened[left][0]), float(high[left].max()), float(low[left].min()), float(close[-1]))
        forming = Candle(*name, interval_ms, int(times[left][0]), *shape, 42.0, closed=False)
    return CandleView(
        interval_ms,
        times[cut][::per],
        grouped(opened)[:, 0],
        grouped(high).max(1),
        grouped(low).min(1),
        grouped(close)[:, -1],
        np.ones(whole),
        forming,
    )


def _interest(number: int, traits: Traits, times: Times, market: Floats) -> SeriesView:
    """Every five minutes; a crash takes part of it away."""
    walk = 1.0 + np.cumsum(_noise(200 + number, len(market))) * 6e-4
    walk *= np.cumprod(1.0 - np.where(market < -3e-3, -market * 1.6, 0.0))
    coins = walk * (traits.open_usd / traits.price / walk[-1])
    return SeriesView(times[::5], coins[::5])


def _tape(traits: Traits, times: Times, market: Floats, price: Floats, coverage: Coverage) -> TapeView:
    """A liquidation in each minute that moved much: longs where it fell."""
    rows = np.flatnonzero(np.abs(market) > 1.15e-3)
    usd = np.rint(np.abs(market[rows]) * traits.open_usd * 0.4)
    return TapeView(times[rows] + 7_000, market[rows] < 0, usd / price[rows], price[rows], usd, coverage)


def _instrument(
    number: int, name: tuple[str, str], market: Floats, now_ms: int, coverage: Coverage, quality: Mapping[str, Health]
) -> InstrumentView:
    traits = TRAITS[name]
    minutes = _minutes(number, traits, market, now_ms)
    times, close = minutes[0], minutes[4]
    rate = round(1e-4 + float(_noise(300 + number, 1)[0]) * 4e-5, 6)
    return InstrumentView(
        venue=name[0],
        symbol=name[1],
        info=InstrumentInfo("linear", 1.0, 1 / traits.ticks),
        candles={
            interval: _rolled(name, minutes, interval)
            for interval in (MINUTE_MS, FIVE_MS, 3 * FIVE_MS, HOUR_MS, 4 * HOUR_MS)
        },
        last=traits.price,
        last_ms=now_ms - 1_000,
        day_change=traits.price / float(close[-DAY_MS // MINUTE_MS]) - 1,
        mark=traits.price,
        mark_ms=now_ms - 1_000,
        open_interest=_interest(number, traits, times, market),
        funding=SeriesView(np.array([now_ms - HOUR_MS]), np.array([rate])),
        funding_interval_h=8.0,
        liquidations=_tape(traits, times, market, close, coverage),
        quality=quality,
    )


def _live(venue: str, stream: str, at_ms: int, latency_ms: float | None = None) -> Health:
    return Health(venue, stream, "live", at_ms - 1_000, latency_ms=latency_ms)


def _market(kind: SourceKind, name: str, now_ms: int, venues: tuple[str, ...], *, crash: bool = False) -> MarketView:
    steps = _steps(11 if crash else 7, DAYS * DAY_MS // MINUTE_MS + 14, crash)
    coverage: Coverage = "complete" if kind == "simulated" else "sampled"
    views: dict[tuple[str, str], InstrumentView] = {}
    for number, known in enumerate(TRAITS):
        if known[0] in venues:
            quality = {table: _live(known[0], table, now_ms) for table in ("marks", "candles", "open_interest")}
            views[known] = _instrument(number, known, steps, now_ms, coverage, quality)
    marks: dict[str, dict[str, Decimal]] = {}
    infos: dict[str, dict[str, InstrumentInfo]] = {}
    for (venue, symbol), view in views.items():
        marks.setdefault(venue, {})[symbol] = Decimal(repr(view.mark))
        if view.info is not None:
            infos.setdefault(venue, {})[symbol] = view.info
    day = now_ms - now_ms % DAY_MS
    return MarketView(
        marks=marks,
        instruments=views,
        source=Source(kind, name, day - DAY_MS, day + DAY_MS if kind == "historical" else None, infos),
        playback=None if kind == "live" else Playback(now_ms, 60, False),
        feed=FeedState(up=True, because="", pid=None, events_per_s=412.0),
        venues={venue: _live(venue, "", now_ms, 38.0 if kind == "live" else None) for venue in venues},
        at_ms=now_ms,
    )


def simulated() -> MarketView:
    """The practice market, running; one venue."""
    return _market("simulated", "practice market, seed 7", NOW_MS, (BINANCE, OKX))


def paused() -> MarketView:
    """The same with its clock stopped."""
    return replace(simulated(), playback=Playback(NOW_MS, 60, True))


def feed_killed() -> MarketView:
    """Its feed process was killed and is being started again."""
    because = "the feed process was killed (signal 9); it is started again"
    return replace(simulated(), feed=FeedState(up=False, because=because, restarts=1, lost=1_204))


def recorded() -> MarketView:
    """A day with a crash, played back."""
    return _market("historical", "2025-10-10 cascade", CRASH_MS, (BINANCE,), crash=True)


def live() -> MarketView:
    """Two venues over the network, of which one is late with its candles."""
    market = _market("live", "binance-usdm, okx", NOW_MS, (BINANCE, OKX))
    late = Health(OKX, "candles", "late", NOW_MS - 14_200, "nothing for more than 12 s")
    views = {
        name: replace(view, quality={**view.quality, "candles": late}) if name[0] == OKX else view
        for name, view in market.instruments.items()
    }
    return replace(market, instruments=views, venues={**market.venues, OKX: late})


# --- desks ------------------------------------------------------------------------------------------------------------


def _leg(symbol: str, side: str, size: str, entry: str, leverage: str, wallet: str | None = None) -> dict[str, str]:
    mode = {"margin_mode": "cross"} if wallet is None else {"margin_mode": "isolated", "isolated_wallet": wallet}
    return {"symbol": symbol, "side": side, "quantity": size, "entry_price": entry, "leverage": leverage, **mode}


def _contract(tick: str, rate: str, size: str = "1") -> dict[str, object]:
    tier = {"floor": "0", "cap": None, "maintenance_rate": rate, "max_leverage": "50"}
    return {"kind": "linear", "contract_size": size, "price_tick": tick, "tiers": [tier]}


_DAY = "2026-11-01T21:14:05Z"  # whose rules hold
_FULL = {
    "version": 1,
    "as_of": _DAY,
    "accounts": [
        {
            "name": "SAMPLE",
            "venue": BINANCE,
            "balances": {"USDT": "10000"},
            "positions": [
                _leg(BTC, "long", "1", "100000", "20"),
                _leg(ETH, "long", "20", "4000", "20"),
                _leg(XAG, "long", "120", "49.35", "10"),
            ],
        },
        {
            "name": "Hedge",
            "venue": OKX,
            "balances": {"USDT": "6500.25"},
            "positions": [
                _leg(BTC, "short", "0.35", "101250.4", "10"),
                _leg(SOL, "long", "110.5", "187.34", "5", "4100"),
                _leg("WIF/USDT:USDT", "long", "5200", "0.8124", "3"),
            ],
        },
    ],
    "instruments": {
        BINANCE: {
            BTC: _contract("0.1", "0.004"),
            ETH: _contract("0.01", "0.005"),
            XAG: _contract("0.01", "0.02"),
        },
        OKX: {
            BTC: _contract("0.1", "0.004", "0.01"),
            SOL: _contract("0.01", "0.0075"),
            "WIF/USDT:USDT": _contract("0.0001", "0.015"),
        },
    },
    "betas": {"ETH": "1.3", "SOL": "1.5", "XAG": "0.15"},
}


def full_desk() -> DeskState:
    """Two accounts on two venues: the example's two legs and silver; a short, an isolated leg, and one without mark."""
    return read_portfolio(json.dumps(_FULL).encode())


def what_if_desk() -> DeskState:
    """The full desk with the market 6.5 % lower, silver moved by itself, and one leg left out."""
    trial = Trial(size=Decimal("-0.065"), shocks={"XAG": Decimal("0.02")}, dropped=frozenset({(0, 1)}))
    return replace(full_desk(), trial=trial)


def recorded_desk() -> DeskState:
    """The example's account as it might have been held on that day."""
    full = full_desk()
    return replace(full, as_of="2025-10-10T21:34:05Z", accounts=full.accounts[:1])


def empty_desk() -> DeskState:
    """Nothing; the day of the rules is fixed."""
    return DeskState(as_of=_DAY)


def sample_desk() -> DeskState:
    """What a newcomer sees first: the packed example, its prices pinned. The day of its rules is fixed."""
    packed = resources().joinpath("samples", "sample-account.json").read_bytes()
    return replace(read_portfolio(packed), as_of=_DAY)


PASTED = """\
Contract;Direction;Amount;Entry price;Leverage;Margin mode
BTCUSDT;Long;0,25;98 450,5;10;Cross
ETHUSDT;Short;12;4 105,20;20;Isolated
SOLUSDT;Long;85,5;176,92;8;Cross
DOGEUSDT;Long;minus one;0,1987;5;Cross
XAGUSDT;Long;200;49,80;10;Cross
"""
