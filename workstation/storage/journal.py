"""The journal of one session: one desk a line, each with a checksum, so that damage is never taken for a desk."""

import os
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace

from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState, Trial
from workstation.domain.problem import BadInput
from workstation.storage.files import sync_folder, write_new

_CHECKSUM = 8  # hexadecimal digits before each line
COMPACT_ABOVE = 4 * 1024 * 1024


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What was unsaved at a moment (UTC). `path` is the portfolio's file, `extra` what else the window wants back."""

    at: datetime
    path: Path | None
    state: DeskState
    extra: Mapping[str, str] = {}


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as it stands in the file. The portfolio is a document of the public format; the trial is ours."""

    version: Literal[1] = 1
    number: int
    at: datetime
    path: bytes | None  # as the system has it: not every name is text
    portfolio: msgspec.Raw
    trial: msgspec.Raw = msgspec.Raw(b"null")
    extra: Mapping[str, str] = {}


_LINE = msgspec.json.Decoder(_Line)
_TRIAL = msgspec.json.Decoder(Trial | None)


def encode(entry: Entry, number: int) -> bytes:
    """One line. `number` grows from line to line, so that lines put in another order still tell the newest."""
    line = _Line(
        number=number,
        at=entry.at,
        path=None if entry.path is None else os.fsencode(entry.path),
        portfolio=msgspec.Raw(msgspec.json.format(write_portfolio(entry.state), indent=-1)),
        trial=msgspec.Raw(msgspec.json.encode(entry.state.trial)),
        extra=entry.extra,
    )
    body = msgspec.json.encode(line)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def newest(data: bytes) -> tuple[Entry | None, int]:
    """The newest entry whose line is whole, and how many lines are not; a torn last line is no damage but a kill."""
    *lines, torn = data.split(b"\n")
    found: list[_Line] = []
    damaged = 0
    for text in lines:
        line = _decode(text)
        if line is None:
            damaged += 1
        else:
            found.append(line)
    # A line that is whole but for its end was written in full: the kill came between two bytes.
    if (line := _decode(torn)) is not None:
        found.append(line)
    for line in sorted(found, key=lambda line: line.number, reverse=True):
        try:
            state = read_portfolio(bytes(line.portfolio))
            trial = _TRIAL.decode(line.trial)
        except (BadInput, msgspec.MsgspecError):
            damaged += 1
            continue
        path = None if line.path is None else Path(os.fsdecode(line.path))
        return Entry(at=line.at, path=path, state=replace(state, trial=trial), extra=line.extra), damaged
    return None, damaged


def _decode(text: bytes) -> _Line | None:
    checksum, space, body = text[:_CHECKSUM], text[_CHECKSUM : _CHECKSUM + 1], text[_CHECKSUM + 1 :]
    if space != b" " or checksum != b"%08x" % zlib.crc32(body):
        return None
    try:
        return _LINE.decode(body)
    except (msgspec.MsgspecError, ValueError):
        return None


class Journal:
    """Appends to the file of one session. One thread at a time; every call raises OSError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = 0
        self._length = 0

    def write(self, entry: Entry) -> None:
        """The entry is on the disk when this returns."""
        line = encode(entry, self._number + 1)
        if self._length == 0 or self._length + len(line) > COMPACT_ABOVE or not self._append(line):
            write_new(self.path, line)
            self._length = len(line)
        else:
            self._length += len(line)
        self._number += 1

    def _append(self, line: bytes) -> bool:
        """False where the file is not as it was left: somebody removed or shortened it."""
        try:
            with self.path.open("r+b") as file:
                if file.seek(0, os.SEEK_END) < self._length:
                    return False
                # What a write left that failed half way lies beyond the length, and is written over.
                file.truncate(self._length)
                file.seek(self._length)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return False
        return True

    def remove(self) -> None:
        """Nothing is unsaved any more."""
        self._length = 0
        if self.path.exists():
            self.path.unlink()
            sync_folder(self.path.parent)


def now() -> datetime:
    """The moment, as an entry says it."""
    return datetime.now(UTC)
