"""Programs for the feed process of tests: each behaves in one way, good or bad. And records that can be told whole."""

import os
import sys
import time
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from workstation.domain.events import Health
from workstation.domain.playback import (
    InstrumentInfo,
    Pause,
    Playback,
    PracticeMarket,
    Recording,
    Resume,
    Seek,
    SetSpeed,
    Source,
    WhichMarket,
)
from workstation.market.records import Batch, Kind, Records, blank
from workstation.runtime.feed_link import FeedLink
from workstation.runtime.ring import Ring

PART = 500  # records of one write


def derived_records(first: int, count: int) -> Records:
    """Records whose every part follows from their sequence number; the first one's is `first`. Sequence is not set."""
    records = blank(count)
    numbers = np.arange(first, first + count)
    records["at_ms"] = numbers * 3
    records["kind"] = Kind.MARK
    records["flags"] = numbers % 251
    records["instrument"] = numbers % 7
    records["values"] = numbers[:, None] * np.arange(1, 9)
    return records


def are_whole(records: Records) -> bool:
    """Whether each record is in every part as `derived_records` made it."""
    numbers = records["sequence"].astype(np.int64)
    return bool(
        (records["check"] == records["sequence"]).all()
        and (records["at_ms"] == numbers * 3).all()
        and (records["kind"] == Kind.MARK).all()
        and (records["flags"] == numbers % 251).all()
        and (records["instrument"] == numbers % 7).all()
        and (records["values"] == numbers[:, None] * np.arange(1, 9)).all()
    )


def sequence_of(batches: Iterable[Batch]) -> list[int]:
    """The sequence numbers of all records, in the order in which they came."""
    return [int(number) for batch in batches for number in batch.records["sequence"]]


def rings_left_by(pid: int) -> list[str]:
    """The names of a process's rings in the system's shared memory; only Linux lists them."""
    return [entry.name for entry in Path("/dev", "shm").glob(f"lqring_{pid}_*")]


def small_ring() -> Ring:
    """A ring that is soon full."""
    return Ring.create(capacity=4096, most_names=16)


def _count(market: WhichMarket) -> int:
    assert isinstance(market, PracticeMarket)
    return market.seed


def _wait(link: FeedLink) -> None:
    while not link.stopping:
        link.beat()
        time.sleep(0.005)


def counts(link: FeedLink, market: WhichMarket) -> None:
    """`market.seed` records, waiting for room, then nothing more."""
    total, done = _count(market), 0
    for i in range(7):
        link.number("practice", f"SYMBOL{i}")
    while done < total and not link.stopping:
        fits = min(link.room(), PART, total - done)
        if fits:
            link.write(derived_records(done + 1, fits))
            done += fits
        else:
            time.sleep(0.0005)
    _wait(link)


def floods(link: FeedLink, market: WhichMarket) -> None:
    """`market.seed` records as fast as possible, room or not; says when it is done."""
    total = _count(market)
    for done in range(0, total, PART):
        link.write(derived_records(done + 1, min(PART, total - done)))
    link.say(Playback(at_ms=total, speed=1, paused=True, ended=True))
    _wait(link)


def goes_on(link: FeedLink, market: WhichMarket) -> None:
    """A reset, then a record now and then, for ever."""
    records = blank(1)
    records["kind"] = Kind.RESET
    link.write(records)
    link.say(Source("simulated", "test", 0, None))
    records["kind"] = Kind.CLOCK
    while not link.stopping:
        if link.room():
            link.write(records)
        time.sleep(0.001)


def hangs(link: FeedLink, market: WhichMarket) -> None:
    """One record, then it neither works nor ends; so that a restart can be seen to help, only the first time."""
    assert isinstance(market, Recording)
    link.write(derived_records(1, 1))
    mark = Path(market.folder) / "has hung"
    if mark.exists():
        _wait(link)
    mark.touch()
    time.sleep(60)


def opens_slowly(link: FeedLink, market: WhichMarket) -> None:
    """Takes a second and a half before its first sign of life, as with a large recording."""
    time.sleep(1.5)
    goes_on(link, market)


def fails(link: FeedLink, market: WhichMarket) -> None:
    """Writes `market.seed` records and ends with an exception."""
    link.write(derived_records(1, _count(market)))
    raise LookupError("no such recording: São Paulo")


def chatters(link: FeedLink, market: WhichMarket) -> None:
    """Prints, warns, says a message of a megabyte, and a health for every record."""
    print("on standard output")  # noqa: T201
    print("on standard error", file=sys.stderr)  # noqa: T201
    warnings.warn("a warning", stacklevel=1)
    symbols = {f"₿{i}/USDT:USDT": InstrumentInfo("linear", 1.0, 0.1) for i in range(20_000)}
    link.say(Source("simulated", "large", 0, None, {"practice": symbols}))
    for i in range(50):
        link.say(Health("practice", "candles", "live", i))
        link.write(derived_records(i + 1, 1))
    _wait(link)


def plays(link: FeedLink, market: WhichMarket) -> None:
    """A clock that obeys steering and says where it is; `market.seed` is where it begins."""
    at_ms, speed, paused = _count(market), 60.0, False
    while not link.stopping:
        for steering in link.heard():
            match steering:
                case Pause():
                    paused = True
                case Resume():
                    paused = False
                case Seek():
                    at_ms = steering.to_ms
                case SetSpeed():
                    speed = steering.speed
                case _:
                    at_ms += steering.by_ms
            link.say(Playback(at_ms, speed, paused))
        time.sleep(0.002)


def says_goodbye(link: FeedLink, market: WhichMarket) -> None:
    """Leaves a file in `market.folder` when it ends as it should."""
    assert isinstance(market, Recording)
    _wait(link)
    (Path(market.folder) / "goodbye").touch()


def is_deaf(link: FeedLink, market: WhichMarket) -> None:
    """Alive, and never looks whether it shall stop or what the trader wants."""
    while True:
        link.beat()
        time.sleep(0.01)


def leaves(link: FeedLink, market: WhichMarket) -> None:
    """Ends at once, and not as it should."""
    os._exit(3)
