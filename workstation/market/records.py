"""Events as fixed records of one size: what travels through the ring and what the board applies, many at a time."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import cast

import msgspec
import numpy as np
import numpy.typing as npt

from workstation.domain.events import (
    Candle,
    Coverage,
    Depth,
    Funding,
    Liquidation,
    Mark,
    OpenInterest,
    PriceKind,
    Quote,
)

Records = npt.NDArray[np.void]
Name = tuple[str, str]

# `sequence` and `check` hold the same number, before and behind the rest: a reader that meets a half-written record
# sees that they differ. `instrument` is an index into the names that go with the records.
RECORD = np.dtype(
    [
        ("sequence", "<u8"),
        ("at_ms", "<i8"),
        ("kind", "u1"),
        ("flags", "u1"),
        ("instrument", "<u2"),
        ("padding", "<u4"),
        ("values", "<f8", (8,)),
        ("check", "<u8"),
    ]
)
NO_INSTRUMENT = 0xFFFF


class Kind(IntEnum):
    """What a record says; behind it what its `values` hold, the rest being zero."""

    RESET = 0  # forget everything: the clock was set back or the market is another one
    CLOCK = 1  # nothing happened up to `at_ms`
    CANDLE = 2  # at_ms = open_ms; interval_ms, open, high, low, close, volume_base; flag CLOSED
    MARK = 3  # mark, index (NaN: not said)
    QUOTE = 4  # bid, ask
    OPEN_INTEREST = 5  # base, usd (NaN: not said)
    FUNDING = 6  # rate, interval_h
    LIQUIDATION = 7  # quantity_base, price; flags LONG, FILL and the coverage
    DEPTH = 8  # distance, bid_usd, ask_usd


CLOSED = 1
LONG, FILL = 1, 2
COVERAGES: tuple[Coverage, ...] = ("complete", "sampled", "estimated")
_COVERAGE_SHIFT = 2

Packable = Candle | Mark | Quote | OpenInterest | Funding | Liquidation | Depth


class Batch(msgspec.Struct, frozen=True, eq=False):
    """Records in the order in which they were heard, and the (venue, symbol) that their `instrument` counts."""

    records: Records
    names: Sequence[Name]


def blank(count: int) -> Records:
    """Records of zeros, to be filled."""
    return np.zeros(count, RECORD)


def pack(events: Sequence[Packable], numbers: dict[Name, int]) -> Records:
    """Events as records. `numbers` counts the instruments and is added to where one is new."""
    records = blank(len(events))
    kinds, flags, at_ms = records["kind"], records["flags"], records["at_ms"]
    instruments, values = records["instrument"], records["values"]
    for i, event in enumerate(events):
        kind, flag, at, row = _packed(event)
        kinds[i], flags[i], at_ms[i] = kind, flag, at
        instruments[i] = numbers.setdefault((event.venue, event.symbol), len(numbers))
        values[i, : len(row)] = row
    return records


def _packed(event: Packable) -> tuple[Kind, int, int, tuple[float, ...]]:
    match event:
        case Candle():
            row = (event.interval_ms, event.open, event.high, event.low, event.close, event.volume_base)
            return Kind.CANDLE, CLOSED if event.closed else 0, event.open_ms, row
        case Mark():
            return Kind.MARK, 0, event.at_ms, (event.mark, _or_nan(event.index))
        case Quote():
            return Kind.QUOTE, 0, event.at_ms, (event.bid, event.ask)
        case OpenInterest():
            row = (event.open_interest_base, _or_nan(event.open_interest_usd))
            return Kind.OPEN_INTEREST, 0, event.at_ms, row
        case Funding():
            return Kind.FUNDING, 0, event.at_ms, (event.rate, event.interval_h)
        case Liquidation():
            flags = liquidation_flags(event.side == "long", event.price_kind == "fill", event.coverage)
            return Kind.LIQUIDATION, flags, event.at_ms, (event.quantity_base, event.price)
        case Depth():
            return Kind.DEPTH, 0, event.at_ms, (event.distance, event.bid_usd, event.ask_usd)


def liquidation_flags(is_long: bool, is_fill: bool, coverage: Coverage) -> int:
    """The flags of a liquidation's record."""
    return (LONG if is_long else 0) | (FILL if is_fill else 0) | (COVERAGES.index(coverage) << _COVERAGE_SHIFT)


def coverage_codes(flags: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Which of COVERAGES each liquidation's flags name."""
    return (flags >> _COVERAGE_SHIFT).astype(np.uint8)


def unpack(batch: Batch) -> list[Packable]:
    """The events again; resets and clocks say nothing that an event could hold and are left out."""
    events: list[Packable] = []
    for record in cast("Iterable[np.void]", batch.records):
        kind, flags, at = int(record["kind"]), int(record["flags"]), int(record["at_ms"])
        if kind in (Kind.RESET, Kind.CLOCK):
            continue
        venue, symbol = batch.names[int(record["instrument"])]
        v = [float(value) for value in record["values"]]
        match kind:
            case Kind.CANDLE:
                candle = Candle(venue, symbol, int(v[0]), at, v[1], v[2], v[3], v[4], v[5], bool(flags & CLOSED))
                events.append(candle)
            case Kind.MARK:
                events.append(Mark(venue, symbol, at, v[0], _or_none(v[1])))
            case Kind.QUOTE:
                events.append(Quote(venue, symbol, at, v[0], v[1]))
            case Kind.OPEN_INTEREST:
                events.append(OpenInterest(venue, symbol, at, v[0], _or_none(v[1])))
            case Kind.FUNDING:
                events.append(Funding(venue, symbol, at, v[0], v[1]))
            case Kind.LIQUIDATION:
                side = "long" if flags & LONG else "short"
                price_kind: PriceKind = "fill" if flags & FILL else "bankruptcy"
                coverage = COVERAGES[flags >> _COVERAGE_SHIFT]
                events.append(Liquidation(venue, symbol, at, side, v[0], v[1], price_kind, coverage))
            case Kind.DEPTH:
                events.append(Depth(venue, symbol, at, v[0], v[1], v[2]))
            case _:
                raise ValueError(f"no record is of kind {kind}")
    return events


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else value
