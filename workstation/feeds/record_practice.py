"""Records the practice market into a folder: the command `workstation record --practice`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from workstation.domain.events import KnownPosition
from workstation.domain.problem import BadInput, Problem
from workstation.feeds.practice import PracticeTape
from workstation.feeds.recording_write import RecordingWriter
from workstation.feeds.tape import Tape
from workstation.market.records import Batch, Kind, Records

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_LONGEST_H = 24 * 7  # with everybody's positions each hour a recording holds not much more
# What is said all the time is kept as it stood at the end of each minute; every other fact is kept.
_KEPT_BY_MINUTE = (Kind.MARK, Kind.QUOTE, Kind.OPEN_INTEREST, Kind.DEPTH)


class OpenBook(Tape, Protocol):
    """A tape whose market shows everybody's positions."""

    def known_positions(self, at_ms: int) -> Sequence[KnownPosition]:
        """All positions at the moment at which the tape stands."""
        ...


def record_practice(folder: Path, seed: int, hours: float, told: Callable[[int, int], None] | None = None) -> None:
    """The practice market of that seed from its beginning, so many hours of it. The same seed gives the same files.

    `told` hears how many minutes of how many are done, each hour. Raises BadInput where the folder is taken or the
    hours are none or too many, OSError where the disk does not take it; nothing is left behind then.
    """
    minutes = round(hours * 60) if 0 < hours <= _LONGEST_H else 0
    if not minutes:
        what = f"must be more than a minute and at most {_LONGEST_H}, not {hours:g}"
        raise BadInput((Problem("hours", what),))
    if seed < 0:
        raise BadInput((Problem("seed", f"must be a whole number from 0, not {seed}"),))
    tape = PracticeTape(seed=seed)
    from_ms = tape.source.from_ms
    to_ms = from_ms + minutes * _MINUTE_MS
    writer = RecordingWriter(folder, "simulated", f"practice market, seed {seed}", tape.source.instruments)
    record_open_book(tape, writer, from_ms, to_ms, told)
    writer.finish(from_ms, to_ms)


def record_open_book(
    tape: OpenBook,
    writer: RecordingWriter,
    from_ms: int,
    to_ms: int,
    told: Callable[[int, int], None] | None = None,
) -> None:
    """Plays a tape into a writer, with everybody's positions each full hour and at the end."""
    minutes = -(-(to_ms - from_ms) // _MINUTE_MS)
    for records in tape.rewind(from_ms):
        writer.add(Batch(records, tape.names))
    for minute in range(1, minutes + 1):
        at_ms = min(from_ms + minute * _MINUTE_MS, to_ms)
        heard = [records.copy() for records in tape.until(at_ms)]
        if heard:
            writer.add(Batch(by_minute(np.concatenate(heard)), tape.names))
        if at_ms % _HOUR_MS == 0 or minute == minutes:
            writer.add_positions(tape.known_positions(at_ms))
            if told is not None:
                told(minute, minutes)


def by_minute(records: Records) -> Records:
    """A minute's records without what was overtaken within it: each instrument's last mark, quote, depth and so on."""
    kinds = records["kind"]
    overtaken: npt.NDArray[np.bool_] = np.isin(kinds, _KEPT_BY_MINUTE)
    some = np.flatnonzero(overtaken)
    distance = np.where(kinds[some] == Kind.DEPTH, records["values"][some, 0], 0)
    keys = np.stack([kinds[some], records["instrument"][some], distance], axis=1)
    _, from_the_end = np.unique(keys[::-1], axis=0, return_index=True)
    overtaken[some[len(some) - 1 - from_the_end]] = False
    return records[~overtaken]


def add_record_options(record: argparse.ArgumentParser) -> None:
    """The command's options; `run` is what it does."""
    record.add_argument("folder", metavar="FOLDER", help="where the recording goes; must not be there yet, or be empty")
    record.add_argument("--practice", action="store_true", required=True, help="the simulated market (needed)")
    record.add_argument("--seed", type=int, default=7, metavar="N", help="which one (default: 7)")
    record.add_argument("--hours", type=float, default=48, metavar="H", help="so many hours of it (default: 48)")
    record.set_defaults(run=run_record)


def run_record(options: argparse.Namespace) -> int:
    """Records, with progress on stderr. Faults leave as BadInput and OSError, for which the caller has exit codes."""
    record_practice(Path(options.folder), options.seed, options.hours, _say_progress)
    sys.stderr.write(f"recorded into {options.folder}\n")
    return 0


def _say_progress(done: int, of: int) -> None:
    sys.stderr.write(f"{done // 60} of {of / 60:g} hours\n")
    sys.stderr.flush()
