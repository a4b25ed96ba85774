"""The shared-memory ring between the two processes: one writes records, one reads them, neither waits for the other."""

import os
import secrets
import threading
import time
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np
import numpy.typing as npt

from workstation.market.records import NO_INSTRUMENT, RECORD, Batch, Name, Records

CAPACITY = 1 << 17  # records
MOST_NAMES = 4096
ARRIVED = 1  # as a heartbeat
NAME_BYTES = 128  # a name's length in two bytes, then `venue|symbol` as UTF-8

_MAGIC = int.from_bytes(b"LQRING\x00\x01", "little")  # the last byte is the version of what follows
# Words of the header, 8 bytes each. What the writer and what the reader sets stand on cache lines of their own.
_MAGIC_WORD, _CAPACITY, _NAME_SLOTS = 0, 1, 2
_CLAIMED, _WRITTEN, _BEAT, _NAMES = 8, 9, 10, 11
_TAKEN = 16
_HEADER_WORDS = 24
_HEADER_BYTES = _HEADER_WORDS * 8
_ROW_WORDS = RECORD.itemsize // 8
_SEQUENCE, _CHECK = 0, _ROW_WORDS - 1

Words = npt.NDArray[np.uint64]


class Ring:
    """Records from one writer to one reader. The n-th record ever written carries the sequence number n, from 1.

    The writer first claims places, then fills them, then says so. The reader copies, then looks at the claim again:
    what the writer may have touched meanwhile is dropped and counted in `lost`; lost and delivered add up to written.
    """

    def __init__(self, memory: SharedMemory, is_creator: bool) -> None:
        """Lay the ring's parts over the memory; use `create` and `attach`."""
        self._memory = memory
        self._is_creator = is_creator
        whole = _bytes_of(memory)
        self._words = _header(whole)
        self.capacity = self._words[_CAPACITY]
        self._name_slots = self._words[_NAME_SLOTS]
        places = _HEADER_BYTES + self._name_slots * NAME_BYTES
        self._name_table = whole[_HEADER_BYTES:places]
        self._places: Words = np.ndarray((self.capacity, _ROW_WORDS), np.uint64, whole, places)
        # Given back and taken again it is a full memory barrier, which processors other than x86 need between claiming,
        # filling and saying so. Nobody else ever waits for it.
        self._barrier = threading.Lock()
        self._barrier.acquire()
        self._numbers: dict[Name, int] = {}
        self._known_names: tuple[Name, ...] = ()
        self.lost = 0

    @classmethod
    def create(cls, capacity: int = CAPACITY, most_names: int = MOST_NAMES) -> "Ring":
        """A new ring for so many records (a power of two) and names. Raises OSError where there is no memory for it."""
        if capacity < 1 or capacity & (capacity - 1):
            raise ValueError(f"a ring's capacity is a power of two, not {capacity}")
        if not 0 < most_names <= NO_INSTRUMENT:
            raise ValueError(f"a ring holds 1 to {NO_INSTRUMENT} names, not {most_names}")
        size = _HEADER_BYTES + most_names * NAME_BYTES + capacity * RECORD.itemsize
        # Short, since macOS takes 31 bytes; the process is in it so that a leftover can be traced.
        memory = SharedMemory(f"lqring_{os.getpid()}_{secrets.token_hex(4)}", create=True, size=size)
        with _header(_bytes_of(memory)) as words:
            words[_CAPACITY], words[_NAME_SLOTS] = capacity, most_names
            words[_MAGIC_WORD] = _MAGIC
        return cls(memory, is_creator=True)

    @classmethod
    def attach(cls, name: str) -> "Ring":
        """The other end of a ring. Raises FileNotFoundError where there is none, ValueError where it is not ours.

        Takes the name away: a ring has two ends and no third, and memory without a name is given back by the system
        itself once both have ended, however they end. (Windows does so anyway.) Taking it away is also what tells
        Python 3.11's resource tracker, which a spawned process shares with its parent, to forget the ring.
        """
        memory = SharedMemory(name)
        with _header(_bytes_of(memory)) as words:
            is_ours = words[_MAGIC_WORD] == _MAGIC
        if not is_ours:
            memory.close()
            raise ValueError(f"the shared memory {name} is not a ring of this version")
        with suppress(FileNotFoundError):
            memory.unlink()
        return cls(memory, is_creator=False)

    @property
    def name(self) -> str:
        """What `attach` takes."""
        return self._memory.name

    def close(self) -> None:
        """Let go of the memory; also of the name where the other end never came. Nothing else may be called then."""
        self._words.release()
        self._name_table.release()
        self._places = np.empty((0, _ROW_WORDS), np.uint64)  # numpy holds the memory as long as the array lives
        self._memory.close()
        if self._is_creator:
            self._is_creator = False
            with suppress(FileNotFoundError):
                self._memory.unlink()

    # --- the writer's end ---------------------------------------------------------------------------------------------

    def number(self, venue: str, symbol: str) -> int:
        """What a record's `instrument` is for this name: 0, 1, … in the order of asking.

        Raises ValueError for a name that does not fit (NAME_BYTES, `|` in the venue) and where the table is full.
        """
        known = self._numbers.get((venue, symbol))
        if known is not None:
            return known
        text = f"{venue}|{symbol}".encode()
        count = len(self._numbers)
        if "|" in venue or len(text) > NAME_BYTES - 2:
            raise ValueError(f"the ring has no place for the name {venue}|{symbol}")
        if count == self._name_slots:
            raise ValueError(f"the ring's {count} names are taken; no place for {venue}|{symbol}")
        at = count * NAME_BYTES
        self._name_table[at : at + 2] = len(text).to_bytes(2, "little")
        self._name_table[at + 2 : at + 2 + len(text)] = text
        self._numbers[venue, symbol] = count
        self._order()
        self._words[_NAMES] = count + 1
        return count

    def room(self) -> int:
        """How many records can be written before the reader loses some."""
        return max(0, self.capacity - (self._words[_WRITTEN] - self._words[_TAKEN]))

    def write(self, records: Records) -> None:
        """Append records, over the oldest where there is no room; `sequence` and `check` are set here."""
        rows = np.ascontiguousarray(records).view(np.uint64).reshape(-1, _ROW_WORDS)
        # In parts, so that a claim never covers the whole ring and what the reader can still have.
        most = max(1, self.capacity // 8)
        for start in range(0, len(rows), most):
            self._write_part(rows[start : start + most])

    def _write_part(self, rows: Words) -> None:
        first = self._words[_WRITTEN]
        count = len(rows)
        self._words[_CLAIMED] = first + count
        self._order()
        at = first & (self.capacity - 1)
        for part, begin, end in _stretches(at, count, self.capacity):
            numbers = np.arange(first + begin + 1, first + end + 1, dtype=np.uint64)
            place = self._places[part]
            place[:, _SEQUENCE] = numbers
            place[:, 1:_CHECK] = rows[begin:end, 1:_CHECK]
            place[:, _CHECK] = numbers
        self._order()
        self._words[_WRITTEN] = first + count

    def arrive(self) -> None:
        """Say that the writer is here, and has not begun to work."""
        self._words[_BEAT] = ARRIVED

    def beat(self) -> None:
        """Say that the writer is alive and at work."""
        self._words[_BEAT] = time.monotonic_ns()

    # --- the reader's end ---------------------------------------------------------------------------------------------

    @property
    def written(self) -> int:
        """How many records were ever written."""
        return self._words[_WRITTEN]

    @property
    def heartbeat_ns(self) -> int:
        """When the writer last called `beat`, on the system's monotonic clock; ARRIVED: never yet; 0: not there yet."""
        return self._words[_BEAT]

    def read(self, most: int) -> Batch:
        """The oldest records not yet read, at most so many, as a copy; none where there are none. Never waits."""
        taken = self._words[_TAKEN]
        written = self._words[_WRITTEN]
        self._order()
        first = max(taken, self._words[_CLAIMED] - self.capacity)
        count = max(0, min(most, written - first))
        rows: Words = np.empty((count, _ROW_WORDS), np.uint64)
        for part, begin, end in _stretches(first & (self.capacity - 1), count, self.capacity):
            rows[begin:end] = self._places[part]
        self._order()
        torn = min(count, max(0, self._words[_CLAIMED] - self.capacity - first))
        rows = rows[torn:]
        numbers = np.arange(first + torn + 1, first + count + 1, dtype=np.uint64)
        whole = (rows[:, _SEQUENCE] == numbers) & (rows[:, _CHECK] == numbers)
        if not whole.all():
            rows = rows[whole]
        self.lost += first + count - taken - len(rows)
        self._words[_TAKEN] = first + count
        return Batch(rows.reshape(-1).view(RECORD), self._names())

    def _names(self) -> tuple[Name, ...]:
        known, count = self._known_names, self._words[_NAMES]
        if len(known) < count:
            self._known_names = known = (*known, *(self._name_at(i) for i in range(len(known), count)))
        return known

    def _name_at(self, index: int) -> Name:
        at = index * NAME_BYTES
        length = int.from_bytes(self._name_table[at : at + 2], "little")
        venue, _, symbol = bytes(self._name_table[at + 2 : at + 2 + length]).decode().partition("|")
        return venue, symbol

    def _order(self) -> None:
        self._barrier.release()
        self._barrier.acquire()


def _bytes_of(memory: SharedMemory) -> memoryview:
    if memory.buf is None:
        raise ValueError(f"the shared memory {memory.name} is closed")
    return memory.buf


def _header(whole: memoryview) -> memoryview:
    return whole[:_HEADER_BYTES].cast("Q")


def _stretches(at: int, count: int, capacity: int) -> tuple[tuple[slice, int, int], ...]:
    """Where `count` places from `at` on lie, once around the end at most: (places, from, to) of what is copied."""
    before = min(count, capacity - at)
    if before == count:
        return ((slice(at, at + count), 0, count),)
    return (slice(at, capacity), 0, before), (slice(0, count - before), before, count)
