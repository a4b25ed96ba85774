"""Is a stream fresh, late, silent, or inside a known gap?"""

from collections.abc import Sequence

from workstation.domain.events import Health, HealthState
from workstation.domain.playback import Gap

STATES: tuple[HealthState, ...] = ("live", "connecting", "late", "gap", "silent", "down")  # from well to worst

# How long a table may say nothing before its numbers are greyed; twice as long and they are blanked. Tables that come
# in a rhythm of their own are given three of their own intervals instead.
PATIENCE_MS = {"marks": 15_000, "quotes": 15_000, "candles": 180_000, "open_interest": 900_000, "funding": 36_000_000}


def health(venue: str, table: str, last_ms: int, now_ms: int, rhythm_ms: int, gaps: Sequence[Gap]) -> Health:
    """The state of one table of one contract at the market's own time. `at_ms` is when it last said something.

    >>> health("okx", "marks", 1_000, 5_000, 0, ()).state, health("okx", "marks", 1_000, 20_000, 0, ()).state
    ('live', 'late')
    """
    for gap in gaps:
        if gap.from_ms <= now_ms < gap.to_ms:
            return Health(venue, table, "gap", last_ms, gap.because)
    patience = max(PATIENCE_MS.get(table, 60_000), 3 * rhythm_ms)
    age = now_ms - last_ms
    state: HealthState = "live" if age <= patience else "late" if age <= 2 * patience else "silent"
    because = "" if state == "live" else f"nothing for more than {_span(patience if state == 'late' else 2 * patience)}"
    return Health(venue, table, state, last_ms, because)


def _span(span_ms: int) -> str:
    for unit, size in (("h", 3_600_000), ("min", 60_000)):
        if span_ms >= size and span_ms % size == 0:
            return f"{span_ms // size} {unit}"
    return f"{span_ms / 1000:g} s"
