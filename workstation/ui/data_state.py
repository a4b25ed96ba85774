"""In words, how the data are that a pane or a venue depends on: the worst of what is known, and since when."""

from datetime import UTC, datetime

import msgspec

from workstation.domain.events import Health
from workstation.domain.playback import SourceKind
from workstation.market.quality import STATES
from workstation.market.view import MarketView, Name
from workstation.ui.theme import Tone

SOURCE_WORDS: dict[SourceKind, str] = {
    "live": "LIVE",
    "recorded": "RECORDED",
    "historical": "HISTORICAL",
    "simulated": "SIMULATED",
}
OFFLINE = "OFFLINE"
_TONES: dict[str, Tone] = {"connecting": "amber", "late": "amber", "gap": "amber"}


class VenueState(msgspec.Struct, frozen=True):
    """One venue's feed: its word, how bad it is, why; `age_ms` is its latency, or the age of its newest data."""

    venue: str
    word: str
    tone: Tone
    because: str
    age_ms: float | None


def source_word(market: MarketView) -> str:
    """LIVE, RECORDED, HISTORICAL or SIMULATED; OFFLINE where no market runs."""
    return OFFLINE if market.source is None else SOURCE_WORDS[market.source.kind]


def badge(market: MarketView, tables: tuple[str, ...], contract: Name | None) -> tuple[str, str]:
    """The word on a pane's tab and the reason behind it; both empty where its data are fresh, or none are expected.

    A table that the contract never had is no fault of the feed.
    """
    if market.source is None and market.feed.because == "not started":
        return "", ""
    if not market.feed.up:
        return "feed down", market.feed.because
    watched = market.instruments.get(contract) if contract is not None else None
    if watched is None:
        return "", ""
    worst = max((watched.quality[table] for table in tables if table in watched.quality), key=_badness, default=None)
    if worst is None or worst.state == "live":
        return "", ""
    return worst.state, f"{watched.symbol}: {worst.because or worst.state}"


def venues(market: MarketView) -> tuple[VenueState, ...]:
    """Every venue of the market: its kind with its latency where that is known, else what is wrong and for how long."""
    names = dict.fromkeys((*(venue for venue, _ in market.instruments), *market.venues))
    return tuple(_venue(market, venue) for venue in names)


def _venue(market: MarketView, venue: str) -> VenueState:
    said = market.venues.get(venue)
    if not market.feed.up:
        return VenueState(venue, "down", "red", market.feed.because, None)
    if said is None:
        return VenueState(venue, "nothing heard yet", "amber", "no data came from this venue yet", None)
    if said.state == "live":
        # all is well with it, but a recorded or simulated venue is not live
        return VenueState(venue, source_word(market).lower(), "up", said.because, said.latency_ms)
    age = None if market.at_ms is None else float(max(0, market.at_ms - said.at_ms))
    because = f"{said.stream or 'all streams'}: {said.because or said.state}"
    return VenueState(venue, said.state, _TONES.get(said.state, "red"), because, age)


def _badness(health: Health) -> int:
    return STATES.index(health.state)


def span(seconds: float) -> str:
    """A length of time in the unit that suits it.

    >>> span(0.0384), span(14.2), span(200), span(10_000)
    ('38 ms', '14 s', '3 min', '2.8 h')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def moment(at_ms: float) -> str:
    """A moment in UTC to the second.

    >>> moment(1_760_130_845_123)
    '2025-10-10 21:14:05'
    """
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
