"""The ring between the two processes beside what Python has for it: a pipe, a queue, a message an event."""

import multiprocessing
import multiprocessing.queues
import time
from multiprocessing.connection import Connection

import msgspec
import numpy as np
from harness import Row, Target, measure, report

from workstation.domain.events import Mark
from workstation.market.records import RECORD, Kind, Records, blank
from workstation.runtime.ring import Ring

PARTS = (256, 8)  # records of one write: what a hundredth of a second brings in a fast replay, and on a live market
WRITES = 800
EVENTS = 20_000  # messages where each event is one
REPLAY_PER_S = 200_000
Go = Connection  # the writer sends one round for each word through it, and ends at its end
_SPAWN = multiprocessing.get_context("spawn")


def made(part: int) -> Records:
    records = blank(part)
    records["kind"] = Kind.MARK
    records["values"] = np.arange(part)[:, None]
    return records


def each_round(go: Go) -> bool:
    try:
        return bool(go.recv_bytes())
    except EOFError:
        return False


def write_ring(go: Go, name: str, part: int) -> None:
    ring, records = Ring.attach(name), made(part)
    while each_round(go):
        for _ in range(WRITES):
            while ring.room() < part:
                time.sleep(0.0002)
            ring.write(records)
    ring.close()


def write_pipe(go: Go, out: Connection, part: int) -> None:
    records = made(part)
    while each_round(go):
        for _ in range(WRITES):
            out.send_bytes(records.tobytes())


def write_queue(go: Go, out: "multiprocessing.queues.Queue[Records]", part: int) -> None:
    records = made(part)
    while each_round(go):
        for _ in range(WRITES):
            out.put(records)


def write_events(go: Go, out: Connection, part: int) -> None:
    encoder = msgspec.msgpack.Encoder()
    while each_round(go):
        for i in range(EVENTS):
            out.send_bytes(encoder.encode(Mark("binance-usdm", "BTC/USDT:USDT", i, float(i % part))))


def total_of(records: Records) -> float:
    return float(records["values"][:, 0].sum())


class Reader:
    """One round as it was read: how many records of how many came, and the sum of what they carry."""

    def __init__(self, expected: int) -> None:
        self.expected, self.count, self.total = expected, 0, 0.0

    @property
    def is_waiting(self) -> bool:
        return self.count < self.expected

    def add(self, records: Records) -> None:
        self.count += len(records)
        self.total += total_of(records)


def read_ring(ring: Ring, reader: Reader) -> None:
    while reader.is_waiting:
        records = ring.read(1 << 15).records
        if len(records):
            reader.add(records)
        else:
            time.sleep(0.0002)


def read_pipe(source: Connection, reader: Reader) -> None:
    while reader.is_waiting:
        reader.add(np.frombuffer(source.recv_bytes(), RECORD))


def read_queue(source: "multiprocessing.queues.Queue[Records]", reader: Reader) -> None:
    while reader.is_waiting:
        reader.add(source.get())


def read_events(source: Connection, reader: Reader) -> None:
    decoder = msgspec.msgpack.Decoder(Mark)
    while reader.is_waiting:
        reader.total += decoder.decode(source.recv_bytes()).mark
        reader.count += 1


def timed(what: str, writer, inlet, reader, outlet, part: int, count: int, note: str = "") -> Row:
    """One line of the table: the word to begin, and everything read; checked, then timed, scaled to all the records."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=writer, args=(theirs, inlet, part), daemon=True)
    process.start()
    theirs.close()

    def one_round() -> Reader:
        read = Reader(count)
        ours.send_bytes(b"go")
        reader(outlet, read)
        return read

    seen = one_round()
    total = sum(i % part for i in range(count))
    assert (seen.count, seen.total) == (count, total), f"{what}: {seen.count} records, {seen.total} != {total}"
    timing = measure(one_round).times(WRITES * part / count)
    ours.close()
    process.join(10)
    process.kill()
    rate = f"{WRITES * part / timing.wall / 1000:.2g} M records/s"
    return Row(what, timing, f"{rate}; {note}" if note else rate, is_ours=writer is write_ring)


def run(part: int) -> None:
    ring = Ring.create()
    end, start = _SPAWN.Pipe(duplex=False)
    queue = _SPAWN.Queue(maxsize=512)
    count = WRITES * part
    rows = [
        timed(
            "ring, room obeyed", write_ring, ring.name, read_ring, ring, part, count, "the writer never waits in a call"
        ),
        timed("multiprocessing.Pipe, the same parts as bytes", write_pipe, start, read_pipe, end, part, count),
        timed("multiprocessing.Queue, the same parts as arrays", write_queue, queue, read_queue, queue, part, count),
    ]
    end, start = _SPAWN.Pipe(duplex=False)
    note = f"run with {EVENTS:,}, scaled"
    rows.append(timed("Pipe, an event a message, msgspec", write_events, start, read_events, end, part, EVENTS, note))
    assert ring.lost == 0
    ring.close()
    ours = rows[0].timing
    assert ours is not None
    promise = Target(f"{REPLAY_PER_S:,} records a second", 1000 * count / REPLAY_PER_S, ours, "replay")
    report(f"{count:,} records from one process to another, {part} at a time", rows, [promise])


def main() -> None:
    for part in PARTS:
        run(part)


if __name__ == "__main__":
    main()
