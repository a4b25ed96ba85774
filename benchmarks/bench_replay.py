"""Recordings: opening one and playing it to its end, beside a plain loop over its rows."""

import heapq
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
from harness import Row, Target, Timing, measure, report

from workstation.domain.events import Candle, Mark
from workstation.domain.playback import InstrumentInfo, Steering
from workstation.feeds.player import FASTEST_RECORDING, play
from workstation.feeds.recording import open_recording
from workstation.feeds.recording_write import RecordingWriter
from workstation.feeds.replay import RecordingTape
from workstation.market.records import CLOSED, Batch, Kind, Records, blank

SYMBOLS = 40
MINUTES = 5_400
T0 = 1_760_000_400_000
EVENTS = 2 * SYMBOLS * MINUTES  # a bar and a mark each minute
EVENTS_PER_S = 200_000
VENUE = "binance-usdm"
NAMES = [(VENUE, f"C{i}/USDT:USDT") for i in range(SYMBOLS)]


def make(folder: Path) -> None:
    random = np.random.default_rng(7)
    infos = {VENUE: {symbol: InstrumentInfo("linear", 1.0, 0.01) for _, symbol in NAMES}}
    writer = RecordingWriter(folder, "simulated", "random walks", infos)
    for number in range(SYMBOLS):
        close = 1000 * np.exp(np.cumsum(random.standard_normal(MINUTES) * 1e-3))
        opens = np.concatenate(([1000.0], close[:-1]))
        at_ms = T0 + np.arange(MINUTES) * 60_000
        rows = blank(2 * MINUTES)
        candles, marks = rows[:MINUTES], rows[MINUTES:]
        rows["instrument"] = number
        candles["kind"], candles["flags"], candles["at_ms"] = Kind.CANDLE, CLOSED, at_ms
        prices = (opens, np.maximum(opens, close) + 1, np.minimum(opens, close) - 1, close)
        for i, column in enumerate((60_000, *prices, 5.0)):
            candles["values"][:, i] = column
        marks["kind"], marks["at_ms"] = Kind.MARK, at_ms + 30_000
        marks["values"][:, 0], marks["values"][:, 1] = close, np.nan
        writer.add(Batch(rows, NAMES))
    writer.finish(T0, T0 + (MINUTES + 1) * 60_000)


class Sink:
    """A window that takes everything at once; stops the player at the end."""

    def __init__(self) -> None:
        self.stopping = False
        self.count = 0

    def number(self, venue: str, symbol: str) -> int:
        return int(symbol[1:].partition("/")[0])

    def room(self) -> int:
        return 1 << 17

    def write(self, records: Records) -> None:
        self.count += int(np.count_nonzero(records["kind"] > Kind.CLOCK))

    def beat(self) -> None: ...

    def say(self, message: object) -> None:
        self.stopping = bool(getattr(message, "ended", False))

    def heard(self) -> list[Steering]:
        return []


class Restless:
    """The computer's clock without its rests: only the work is measured."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def now(self) -> float:
        return time.perf_counter() + self.skipped

    def sleep(self, seconds: float) -> None:
        self.skipped += seconds


Cells = tuple[object, ...]


def rows_of(folder: Path) -> tuple[list[Cells], list[Cells]]:
    candles, marks = (duckdb.read_parquet(str(folder / f"{name}.parquet")).fetchall() for name in ("candles", "marks"))
    return candles, marks


def loop_over(candles: list[Cells], marks: list[Cells]) -> None:
    """As one would write it first: both tables merged by time, an event for each row, handed on one by one."""
    heard: list[Candle | Mark] = []
    bars = ((row[3] + row[2], Candle(*row)) for row in candles)
    for _, event in heapq.merge(bars, ((row[2], Mark(*row)) for row in marks), key=lambda each: each[0]):
        heard.append(event)
    assert len(heard) == EVENTS


def rate(timing: Timing) -> str:
    return f"{EVENTS / timing.wall * 1e3:,.0f} events/s"


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "recording"
        make(folder)
        data = open_recording(folder)

        def play_to_end(tape: RecordingTape) -> None:
            sink = Sink()
            play(sink, tape, FASTEST_RECORDING, Restless())
            assert sink.count == EVENTS

        def whole_way() -> None:
            play_to_end(RecordingTape(open_recording(folder)))

        tape = RecordingTape(data)
        playing = measure(lambda: play_to_end(tape))
        opening = measure(lambda: open_recording(folder))
        whole = measure(whole_way)
        in_memory = rows_of(folder)
        loop = measure(lambda: loop_over(*in_memory))
        loop_from_files = measure(lambda: loop_over(*rows_of(folder)))
        rows = [
            Row("tape and player, opened already", playing, rate(playing), is_ours=True),
            Row("baseline: a plain loop over the rows in memory", loop, rate(loop)),
            Row("opening, every row judged", opening, rate(opening)),
            Row("making the tape: rows as records in order", measure(lambda: RecordingTape(data))),
            Row("from the files to the end: open, make, play", whole, rate(whole)),
            Row("baseline: a plain loop from the files", loop_from_files, f"{rate(loop_from_files)}; nothing judged"),
        ]
        targets = [
            Target(f"{EVENTS_PER_S:,} events/s", EVENTS / EVENTS_PER_S * 1e3, playing, "design"),
            Target("a big recording opens within a second", 1000, opening, "design"),
        ]
        report(f"Replay of {EVENTS:,} events", rows, targets)


if __name__ == "__main__":
    main()
