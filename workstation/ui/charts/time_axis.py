"""Which moments a time axis names, and how: UTC, at most a dozen, the first of a new day in bold."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

ZONE = "UTC"
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000
_STEPS = (
    *(n * _SECOND for n in (1, 5, 15, 30)),
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 4, 6, 12)),
    *(n * _DAY for n in (1, 2, 4, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST = 12
_MONTH_MS = 30.44 * _DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Tick(NamedTuple):
    """A named moment; `bold` where a day, a month or a year begins among finer ones."""

    at_ms: int
    text: str
    bold: bool


def ticks(from_ms: float, to_ms: float, most: int = _MOST) -> list[Tick]:
    """Round moments between two, oldest first, at most so many.

    >>> [tick.text for tick in ticks(1_763_769_600_000 - 7_200_000, 1_763_769_600_000, 6)]
    ['22:00', '22:30', '23:00', '23:30', 'Sat 22']
    """
    most = max(min(most, _MOST), 1)
    span = to_ms - from_ms
    step = next((step for step in _STEPS if span / step < most), None)
    if step is None:
        return _months(from_ms, to_ms, next((n for n in _MONTHS if span / (n * _MONTH_MS) < most - 1), _MONTHS[-1]))
    # weeks begin on Mondays; the epoch was a Thursday
    shift = 4 * _DAY if step >= 7 * _DAY else 0
    first = -int(-(from_ms - shift) // step) * step + shift
    return [_tick(at, step) for at in range(first, int(to_ms) + 1, step)]


def _tick(at_ms: int, step: int) -> Tick:
    moment = utc(at_ms)
    if at_ms % _DAY == 0:
        if step < _DAY:
            return Tick(at_ms, f"{_WEEKDAYS[moment.weekday()]} {moment.day}", True)
        return Tick(at_ms, f"{moment.day} {_NAMES[moment.month - 1]}", moment.day == 1)
    return Tick(at_ms, f"{moment:%H:%M}" if step >= _MINUTE else f"{moment:%H:%M:%S}", False)


def _months(from_ms: float, to_ms: float, step: int) -> list[Tick]:
    start = utc(from_ms)
    number = (start.year * 12 + start.month - 1) // step * step
    found: list[Tick] = []
    while number // 12 < 9999:
        at = round((datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC) - _EPOCH).total_seconds() * 1000)
        if at > to_ms:
            break
        if at >= from_ms:
            is_year = number % 12 == 0
            found.append(Tick(at, str(number // 12) if is_year else _NAMES[number % 12], is_year and step < 12))
        number += step
    return found


def utc(at_ms: float) -> datetime:
    """The moment in UTC, within the years that a calendar has."""
    return _EPOCH + timedelta(milliseconds=min(max(at_ms, -6e13), 2.5e14))


def moment_text(at_ms: float, interval_ms: int) -> str:
    """A moment in full, as precise as the timeframe is.

    >>> moment_text(1_763_769_600_000, 300_000), moment_text(1_763_769_600_000, 86_400_000)
    ('Sat 22 Nov 00:00', 'Sat 22 Nov 2025')
    """
    moment = utc(at_ms)
    day = f"{_WEEKDAYS[moment.weekday()]} {moment.day} {_NAMES[moment.month - 1]}"
    if interval_ms >= _DAY:
        return f"{day} {moment.year}"
    return f"{day} {moment:%H:%M}" if interval_ms >= _MINUTE else f"{day} {moment:%H:%M:%S}"
