"""The feed process's end of the line to the window's: records out through the ring, messages through the pipe."""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing import parent_process
from typing import Protocol

import msgspec

from workstation.domain.events import Health
from workstation.domain.playback import FeedFault, FeedSaid, Pause, Resume, Seek, SetSpeed, Steering, Step, WhichMarket
from workstation.market.records import Records
from workstation.runtime.ring import Ring

ORPHAN_GRACE_S = 2.0  # what a feed has to end by itself when the window's process is gone


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """End in an orderly way; the window's process says it."""


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    """So many more pieces of steering were heard; the feed process says it."""

    count: int


Said = FeedSaid | Health | Heard

# A message goes in pieces so small that the system takes each whole or not at all: a process that stops in the middle
# of a message then never leaves the other one waiting for its rest. The first byte says whether more follows.
_PIECE_BYTES = 4000
_LAST, _MORE = b"\x00", b"\x01"
_ENCODER = msgspec.msgpack.Encoder()
_TO_FEED: msgspec.msgpack.Decoder[Steering | Stop] = msgspec.msgpack.Decoder(
    Pause | Resume | Step | Seek | SetSpeed | Stop
)
_FROM_FEED: msgspec.msgpack.Decoder[Said] = msgspec.msgpack.Decoder(Said)
_MARKET: msgspec.msgpack.Decoder[WhichMarket] = msgspec.msgpack.Decoder(WhichMarket)


def encoded(message: Said | Steering | Stop | WhichMarket) -> bytes:
    """A message as it goes through the pipe."""
    return _ENCODER.encode(message)


def decoded_from_feed(data: bytes) -> Said:
    """What the feed process said."""
    return _FROM_FEED.decode(data)


class PipeEnd(Protocol):
    """One end of a multiprocessing pipe; its class has another name on each system."""

    def poll(self, timeout: float | None = 0.0, /) -> bool: ...
    def recv_bytes(self) -> bytes: ...
    def send_bytes(self, buf: bytes, /) -> None: ...
    def close(self) -> None: ...


class Wire:
    """Whole messages through one end of a pipe, read without waiting."""

    def __init__(self, connection: PipeEnd) -> None:
        """Take over one end of a pipe."""
        self._connection = connection
        self._begun = bytearray()
        self.is_cut = False  # the other end is gone

    def send(self, data: bytes) -> None:
        """Send a message; waits where the pipe is full. Nothing happens where the other end is gone."""
        try:
            for start in range(0, len(data), _PIECE_BYTES):
                piece = data[start : start + _PIECE_BYTES]
                self._connection.send_bytes((_LAST if start + len(piece) == len(data) else _MORE) + piece)
        except OSError:
            self.is_cut = True

    def receive(self, most: int) -> list[bytes]:
        """The messages that are there, of at most so many pieces."""
        whole: list[bytes] = []
        try:
            while most and self._connection.poll():
                most -= 1
                piece = self._connection.recv_bytes()
                self._begun += piece[1:]
                if piece[:1] == _LAST:
                    whole.append(bytes(self._begun))
                    self._begun.clear()
        except (EOFError, OSError):
            self.is_cut = True
        return whole

    def close(self) -> None:
        """Close this end; the other one then hears that it is alone."""
        self._connection.close()


class FeedLink:
    """What a feed's program is given. For one thread, which calls `heard`, `write` or `beat` once a second at least.

    Before the first such call it has time to open its market.
    """

    def __init__(self, ring: Ring, wire: Wire) -> None:
        """Speak through this ring and this pipe."""
        self._ring = ring
        self._wire = wire
        self._steering: list[Steering] = []
        self._is_told_to_stop = False

    def number(self, venue: str, symbol: str) -> int:
        """What a record's `instrument` is for this name: 0, 1, … in the order of asking.

        Raises ValueError for a name that the ring has no place for.
        """
        return self._ring.number(venue, symbol)

    def room(self) -> int:
        """How many records can be written before the window's process loses some."""
        return self._ring.room()

    def write(self, records: Records) -> None:
        """Send records; where there is no room for them the oldest that were not read are lost, and counted."""
        self._ring.write(records)
        self._ring.beat()

    def beat(self) -> None:
        """Say that the feed is alive."""
        self._ring.beat()

    def say(self, message: FeedSaid | Health) -> None:
        """Send a message. It arrives no later than the records that are written after it."""
        self._wire.send(encoded(message))

    def heard(self) -> list[Steering]:
        """What the trader wants since the last call. Playback that is said later has it in it."""
        self._ring.beat()
        self._listen()
        steering, self._steering = self._steering, []
        if steering:
            self._wire.send(encoded(Heard(len(steering))))
        return steering

    @property
    def stopping(self) -> bool:
        """Whether the feed shall end: it was asked to, or the window's process is gone."""
        self._listen()
        return self._is_told_to_stop or self._wire.is_cut

    def _listen(self) -> None:
        for data in self._wire.receive(most=100):
            message = _TO_FEED.decode(data)
            if isinstance(message, Stop):
                self._is_told_to_stop = True
            else:
                self._steering.append(message)


Target = Callable[[FeedLink, WhichMarket], None]


class NamedTarget(msgspec.Struct, frozen=True):
    """A target by its name: what its module brings with it is loaded in the feed process, and never in the window's."""

    module: str
    function: str

    def __call__(self, link: FeedLink, market: WhichMarket) -> None:
        """Load it and run it."""
        getattr(import_module(self.module), self.function)(link, market)


def run_feed(target: Target, market: bytes, ring_name: str, connection: PipeEnd) -> None:
    """The feed process from its first line to its last. An exception of the target is said, then the process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the window decides
    _fall_silent()
    threading.Thread(target=_end_with_parent, name="end with the window", daemon=True).start()
    ring = Ring.attach(ring_name)
    ring.arrive()
    wire = Wire(connection)
    fault = _fault_of(target, FeedLink(ring, wire), _MARKET.decode(market))
    if fault is not None:
        wire.send(encoded(fault))
    with suppress(BufferError):  # a thread that the target left may still be writing
        ring.close()
    if fault is not None:
        raise SystemExit(1)


def _fault_of(target: Target, link: FeedLink, market: WhichMarket) -> FeedFault | None:
    try:
        target(link, market)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told to the trader and the process ends
        return FeedFault(f"{type(error).__name__}: {error}", traceback.format_exc())
    return None


def _fall_silent() -> None:
    # What libraries print belongs on nobody's terminal. Deaths by a signal still reach the real standard error.
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open to the end
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())


def _end_with_parent() -> None:
    # The pipe tells a feed that looks at `stopping`; this is for one that does not.
    parent = parent_process()
    if parent is not None:
        parent.join()
        time.sleep(ORPHAN_GRACE_S)
        os._exit(1)
