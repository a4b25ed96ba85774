"""The ring gives every record once, whole and in order, or counts it as lost."""

import os
import sys
from collections.abc import Iterator
from multiprocessing.shared_memory import SharedMemory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.feeds import are_whole, derived_records, rings_left_by
from workstation.market.records import RECORD, blank
from workstation.runtime.ring import ARRIVED, NAME_BYTES, Ring

Ends = tuple[Ring, Ring]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The writer's and the reader's end of a ring for 64 records and 4 names."""
    reader = Ring.create(64, most_names=4)
    writer = Ring.attach(reader.name)
    yield writer, reader
    writer.close()
    reader.close()


def sequences(reader: Ring, most: int = 1000) -> list[int]:
    return reader.read(most).records["sequence"].tolist()


def test_what_is_written_is_read_once_and_in_order(ends: Ends):
    writer, reader = ends
    assert sequences(reader) == []
    writer.write(derived_records(1, 10))
    writer.write(derived_records(11, 5))
    records = reader.read(1000).records
    assert records.dtype == RECORD
    assert records["sequence"].tolist() == list(range(1, 16))
    assert are_whole(records)
    assert sequences(reader) == []
    assert reader.lost == 0


def test_the_reader_gets_a_copy_and_the_writer_keeps_its_own(ends: Ends):
    writer, reader = ends
    mine = derived_records(1, 64)
    writer.write(mine)
    assert not mine["sequence"].any()
    theirs = reader.read(64).records
    writer.write(derived_records(65, 64))
    assert are_whole(theirs)
    theirs["at_ms"] = 0
    assert are_whole(reader.read(64).records)


def test_a_read_takes_no_more_than_asked(ends: Ends):
    writer, reader = ends
    writer.write(derived_records(1, 10))
    assert sequences(reader, 4) == [1, 2, 3, 4]
    assert sequences(reader, 4) == [5, 6, 7, 8]
    assert sequences(reader, 4) == [9, 10]


def test_room_is_what_fits_before_the_reader_loses_some(ends: Ends):
    writer, reader = ends
    assert writer.room() == 64
    writer.write(derived_records(1, 50))
    assert writer.room() == 14
    reader.read(20)
    assert writer.room() == 34
    writer.write(derived_records(51, 34))
    assert writer.room() == 0
    writer.write(derived_records(85, 1))
    assert writer.room() == 0
    reader.read(100)
    assert (reader.lost, writer.room()) == (1, 64)


def test_an_overrun_loses_the_oldest_and_counts_them(ends: Ends):
    writer, reader = ends
    writer.write(derived_records(1, 1000))
    assert sequences(reader) == list(range(937, 1001))
    assert reader.lost == 936


def test_records_that_the_writer_is_writing_over_are_lost_and_not_delivered(ends: Ends):
    writer, reader = ends
    writer.write(derived_records(1, 64))
    writer._words[8] = 64 + 5  # it has claimed five more places, and maybe filled some of them
    writer._places[:2] = 7
    assert sequences(reader) == list(range(6, 65))
    assert reader.lost == 5


def test_a_record_whose_two_numbers_differ_is_lost_and_not_delivered(ends: Ends):
    writer, reader = ends
    writer.write(derived_records(1, 10))
    writer._places[3, -1] = 99
    writer._places[7, 0] = 0
    records = reader.read(1000).records
    assert records["sequence"].tolist() == [1, 2, 3, 5, 6, 7, 9, 10]
    assert are_whole(records)
    assert reader.lost == 2


def test_records_of_every_layout_in_memory_are_taken(ends: Ends):
    writer, reader = ends
    every = derived_records(1, 40)
    writer.write(every[:20][::-1])
    writer.write(every[::2])
    writer.write(blank(0))
    assert reader.read(100).records["at_ms"].tolist() == [*range(60, 0, -3), *range(3, 120, 6)]


def test_names_are_numbered_in_the_order_of_asking_and_come_with_the_records(ends: Ends):
    writer, reader = ends
    assert reader.read(1).names == ()
    assert writer.number("binance-usdm", "BTC/USDT:USDT") == 0
    assert writer.number("dydx", "₿|ö/USD") == 1
    assert writer.number("binance-usdm", "BTC/USDT:USDT") == 0
    writer.write(blank(1))
    names = reader.read(1).names
    assert names == (("binance-usdm", "BTC/USDT:USDT"), ("dydx", "₿|ö/USD"))
    assert reader.read(1).names is names


def test_a_name_without_a_place_is_refused_and_leaves_the_rest_alone(ends: Ends):
    writer, reader = ends
    with pytest.raises(ValueError, match="no place for the name"):
        writer.number("venue", "x" * NAME_BYTES)
    with pytest.raises(ValueError, match="no place for the name"):
        writer.number("a|b", "x")
    longest = "é" * ((NAME_BYTES - 4) // 2)
    for i, symbol in enumerate((longest, "1", "2", "3")):
        assert writer.number("v", symbol) == i
    with pytest.raises(ValueError, match="4 names are taken"):
        writer.number("v", "4")
    assert reader.read(1).names == (("v", longest), ("v", "1"), ("v", "2"), ("v", "3"))


def test_the_heartbeat_moves_on_and_is_nothing_before_the_first(ends: Ends):
    writer, reader = ends
    assert reader.heartbeat_ns == 0
    writer.arrive()
    assert reader.heartbeat_ns == ARRIVED
    writer.beat()
    first = reader.heartbeat_ns
    writer.beat()
    assert ARRIVED < first < reader.heartbeat_ns


@pytest.mark.parametrize("capacity", [0, 3, 100, -8])
def test_a_capacity_that_is_no_power_of_two_is_refused(capacity: int):
    with pytest.raises(ValueError, match="power of two"):
        Ring.create(capacity)


@pytest.mark.parametrize("names", [0, 0x10000])
def test_a_table_of_names_that_records_cannot_count_is_refused(names: int):
    with pytest.raises(ValueError, match="names"):
        Ring.create(64, most_names=names)


def test_memory_that_is_no_ring_is_refused():
    memory = SharedMemory(create=True, size=4096)
    try:
        with pytest.raises(ValueError, match="not a ring"):
            Ring.attach(memory.name)
    finally:
        memory.close()
        memory.unlink()


def test_a_ring_without_a_name_cannot_be_attached_again():
    reader = Ring.create(64)
    name = reader.name
    writer = Ring.attach(name)
    with pytest.raises(FileNotFoundError):
        Ring.attach(name)
    writer.write(derived_records(1, 3))
    writer.close()
    assert sequences(reader) == [1, 2, 3]
    reader.close()
    assert not rings_left_by(os.getpid())


def test_a_ring_that_nobody_attached_leaves_nothing():
    reader = Ring.create(64)
    if sys.platform == "linux":
        assert rings_left_by(os.getpid()) == [reader.name]
    reader.close()
    assert not rings_left_by(os.getpid())


@given(
    capacity=st.sampled_from([1, 2, 8, 64]),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 150)), max_size=40),
    obeys_room=st.booleans(),
)
def test_delivered_and_lost_are_what_was_written_whatever_the_order(
    capacity: int, steps: list[tuple[bool, int]], obeys_room: bool
):
    reader = Ring.create(capacity, most_names=1)
    writer = Ring.attach(reader.name)
    try:
        written, delivered, missing = 0, [], 0
        for is_write, count in [*steps, (False, 1000)]:
            if is_write:
                count = min(count, writer.room()) if obeys_room else count
                writer.write(derived_records(written + 1, count))
                written += count
                continue
            oldest = max(delivered[-1] if delivered else 0, written - capacity, missing)
            records = reader.read(count).records
            assert are_whole(records)
            assert records["sequence"].tolist() == list(range(oldest + 1, min(oldest + count, written) + 1))
            delivered += records["sequence"].tolist()
            missing = oldest  # what was overrun by now stays lost, also where nothing was asked for
        assert len(delivered) + reader.lost == written == reader.written
        assert delivered == sorted(set(delivered))
        assert not (obeys_room and reader.lost)
    finally:
        writer.close()
        reader.close()
