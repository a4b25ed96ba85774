"""Tape: a market that can be played: set to a moment, then heard from there on. Recordings and the practice market."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from workstation.domain.playback import Source
from workstation.market.records import Name, Records

MOST_HISTORY = 5_000  # rows of a table, instrument and interval that a rewind hands out


class Tape(Protocol):
    """Records come in the order in which they became known: a closed candle at its end, never at its opening."""

    @property
    def source(self) -> Source:
        """What is being played."""
        ...

    @property
    def names(self) -> Sequence[Name]:
        """What the records' `instrument` counts; grows only at its end."""
        ...

    @property
    def start_ms(self) -> int:
        """The moment at which playing begins where nobody said another."""
        ...

    def rewind(self, to_ms: int) -> Iterator[Records]:
        """What was known at that moment, the newest MOST_HISTORY rows of each kind; the tape then stands there."""
        ...

    def until(self, to_ms: int) -> Iterator[Records]:
        """Everything that became known after where the tape stands, up to that moment; the tape then stands there."""
        ...
