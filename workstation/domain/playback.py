"""Where a market comes from (live, recorded, historical, simulated), its clock, and how a trader steers it."""

from collections.abc import Mapping
from typing import Literal

import msgspec

SourceKind = Literal["live", "recorded", "historical", "simulated"]
SLOWEST, FASTEST = 1, 3600


class InstrumentInfo(msgspec.Struct, frozen=True):
    """What a source says of a contract; `spot` has candles only."""

    kind: Literal["linear", "inverse", "spot"]
    contract_size: float | None = None
    price_tick: float | None = None


class Gap(msgspec.Struct, frozen=True):
    """A stretch in which a table has no rows although the market may have moved."""

    venue: str
    symbol: str
    table: str
    from_ms: int
    to_ms: int
    because: str


class Source(msgspec.Struct, frozen=True, tag="source"):
    """One market that is being shown. `to_ms` is None where it goes on. `instruments` are venue -> symbol."""

    kind: SourceKind
    name: str
    from_ms: int
    to_ms: int | None
    instruments: Mapping[str, Mapping[str, InstrumentInfo]] = {}
    gaps: tuple[Gap, ...] = ()


class Playback(msgspec.Struct, frozen=True, tag="playback"):
    """The clock of a replayed or simulated market."""

    at_ms: int
    speed: float
    paused: bool
    ended: bool = False


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """Stop the clock."""


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Let the clock run."""


class Step(msgspec.Struct, frozen=True, tag="step"):
    """Move the stopped clock on by so many milliseconds; back where negative."""

    by_ms: int


class Seek(msgspec.Struct, frozen=True, tag="seek"):
    """Set the clock; everything after that moment is forgotten."""

    to_ms: int


class SetSpeed(msgspec.Struct, frozen=True, tag="speed"):
    """So many seconds of the market in one of ours."""

    speed: float


Steering = Pause | Resume | Step | Seek | SetSpeed


class PracticeMarket(msgspec.Struct, frozen=True, tag="practice"):
    """Open the simulated market."""

    seed: int = 7
    speed: float = 60


class Recording(msgspec.Struct, frozen=True, tag="recording"):
    """Open a recording's folder."""

    folder: str
    speed: float = 60


WhichMarket = PracticeMarket | Recording


class FeedDown(msgspec.Struct, frozen=True, tag="down"):
    """The feed process is not there: it is being started, or it ended and is started again."""

    because: str
    restarts: int


class FeedUp(msgspec.Struct, frozen=True, tag="up"):
    """The feed process runs."""

    pid: int
    restarts: int


class FeedFault(msgspec.Struct, frozen=True, tag="fault"):
    """A bug or an unreadable recording in the feed process: `text` for the trader, `report` for a crash report."""

    text: str
    report: str = ""


FeedSaid = Source | Playback | FeedDown | FeedUp | FeedFault
