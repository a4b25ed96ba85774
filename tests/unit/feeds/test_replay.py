"""A recording is replayed in the order in which its facts became known, and never a moment earlier."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.recordings import BTC, ETH, HOUR, MINUTE, SOUND, SPOT, T0, VENUE, Rows, candle, write_recording
from workstation.domain.events import Candle, Depth, Funding, Liquidation, Mark, OpenInterest, Quote
from workstation.feeds import replay
from workstation.feeds.recording import open_recording
from workstation.feeds.replay import RecordingTape
from workstation.market.records import Batch, Kind, Packable, Records, unpack


def tape_of(folder: Path, tables: dict[str, Rows] | None = None, **manifest: Any) -> RecordingTape:
    return RecordingTape(open_recording(write_recording(folder, SOUND if tables is None else tables, **manifest)))


def events(tape: RecordingTape, batches: Iterable[Records]) -> list[Packable]:
    return [event for records in batches for event in unpack(Batch(records, tape.names))]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> RecordingTape:
    """One tape for many examples; each of them rewinds it first."""
    return tape_of(tmp_path_factory.mktemp("sound"))


def known_at(event: Packable) -> int:
    return event.open_ms + event.interval_ms if isinstance(event, Candle) else event.at_ms


def test_every_fact_comes_once_as_it_was_written_in_the_order_of_its_moment(tmp_path: Path):
    tape = tape_of(tmp_path)
    list(tape.rewind(T0 - 1))
    heard = events(tape, tape.until(T0 + 24 * HOUR))
    bars, orders = [Candle] * 2, [Liquidation] * 2
    kinds = [Quote, OpenInterest, *orders, Depth, Depth, *bars, Mark, *bars, Funding]
    assert [type(event) for event in heard] == [Mark, Mark, *kinds]
    assert heard[2] == Quote(VENUE, BTC, T0 + 40, 99.9, 100.0)
    assert heard[7] == Depth(VENUE, BTC, T0 + 900, 0.01, 9000.0, 7000.0)
    assert heard[0] == Mark(VENUE, BTC, T0 + 1, 100.5, None)
    assert heard[3] == OpenInterest(VENUE, BTC, T0 + 500, 1000.0, None)
    assert heard[4] == Liquidation(VENUE, BTC, T0 + 700, "long", 2.5, 99.0, "fill", "sampled")
    assert heard[5] == Liquidation(VENUE, ETH, T0 + 800, "short", 1.5, 9.0, "bankruptcy", "complete")
    assert heard[8] == Candle(VENUE, BTC, MINUTE, T0, 100.0, 101.0, 99.0, 100.0, 5.0)
    assert heard[9] == Candle(VENUE, SPOT, MINUTE, T0, 100.0, 201.0, 99.0, 200.0, 5.0)
    assert heard[12] == Candle(VENUE, BTC, 5 * MINUTE, T0, 100.0, 102.0, 99.0, 101.0, 5.0)
    assert heard[13] == Funding(VENUE, BTC, T0 + HOUR, -0.0001, 8.0)


def test_a_bar_is_not_known_a_millisecond_before_its_end(tmp_path: Path):
    tape = tape_of(tmp_path, {"candles": [candle(0)]})
    assert not list(tape.rewind(T0 + MINUTE - 1))
    assert not list(tape.until(T0 + MINUTE - 1))
    assert len(events(tape, tape.until(T0 + MINUTE))) == 1
    assert not list(tape.until(T0 + MINUTE))
    assert len(events(tape, tape.rewind(T0 + MINUTE))) == 1


def test_a_last_bar_that_ends_after_the_recording_is_known_at_its_own_end(tmp_path: Path):
    tape = tape_of(tmp_path, {"candles": [candle(0, interval_ms=HOUR)]}, to_ms=T0 + 10 * MINUTE)
    assert tape.source.to_ms == T0 + HOUR
    assert not list(tape.rewind(T0 + 10 * MINUTE))


@given(steps=st.lists(st.integers(0, 2 * HOUR), max_size=12), first=st.integers(-MINUTE, 2 * HOUR))
def test_however_it_is_cut_the_same_is_heard_and_nothing_from_the_future(
    steps: list[int], first: int, sound: RecordingTape
):
    tape = sound
    at_ms = T0 + first
    heard = events(tape, tape.rewind(at_ms))
    for step in steps:
        assert all(known_at(event) <= at_ms for event in heard)
        at_ms += step
        fresh = events(tape, tape.until(at_ms))
        assert all(at_ms - step < known_at(event) <= at_ms for event in fresh)
        heard += fresh
    again = events(tape, tape.rewind(at_ms))
    assert again == heard
    assert [known_at(event) for event in heard] == sorted(known_at(event) for event in heard)


def test_a_rewind_gives_the_newest_of_each_kind_instrument_and_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(replay, "MOST_HISTORY", 3)
    bars = [candle(m) for m in range(10)]
    fives = [candle(m, symbol=symbol, interval_ms=5 * MINUTE) for m in (0, 5) for symbol in (BTC, ETH)]
    tables = {"candles": sorted([*bars, *fives], key=lambda row: int(str(row[3]))), "marks": SOUND["marks"]}
    tape = tape_of(tmp_path, tables)
    heard = events(tape, tape.rewind(T0 + 8 * MINUTE))
    minutes = [(e.open_ms - T0) // MINUTE for e in heard if isinstance(e, Candle) and e.interval_ms == MINUTE]
    assert minutes == [5, 6, 7]
    assert [e.symbol for e in heard if isinstance(e, Candle) and e.interval_ms == 5 * MINUTE] == [BTC, ETH]
    assert [e.symbol for e in heard if isinstance(e, Mark)] == [BTC, ETH, BTC]
    assert [(e.open_ms - T0) // MINUTE for e in events(tape, tape.until(T0 + 9 * MINUTE)) if isinstance(e, Candle)] == [
        8
    ]


def test_it_goes_back_as_well_as_forth(tmp_path: Path):
    tape = tape_of(tmp_path)
    list(tape.until(T0 + 24 * HOUR))
    before = events(tape, tape.rewind(T0 + 800))
    assert before == events(tape, tape.rewind(T0 + 800))
    assert len(before) == 6
    assert not list(tape.until(T0 + 700))  # it stands later
    assert len(events(tape, tape.until(T0 + 900))) == 2


def test_what_it_hands_out_cannot_be_written_to(tmp_path: Path):
    tape = tape_of(tmp_path)
    records = next(tape.until(T0 + HOUR))
    with pytest.raises(ValueError, match="read-only"):
        records["instrument"] = 5


def test_big_stretches_come_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replay, "_PIECE", 4)
    tape = tape_of(tmp_path)
    assert [len(records) for records in tape.rewind(T0 + 24 * HOUR)] == [4, 4, 4, 2]
    list(tape.rewind(T0))
    assert [len(records) for records in tape.until(T0 + 24 * HOUR)] == [4, 4, 4, 2]


def test_playing_begins_with_some_history_but_not_beyond_a_fifth(tmp_path: Path):
    short = tape_of(tmp_path / "short", {"marks": [(VENUE, BTC, T0, 5.0)]}, to_ms=T0 + 10 * HOUR)
    assert short.start_ms == T0 + 2 * HOUR
    long = tape_of(tmp_path / "long", {"marks": [(VENUE, BTC, T0 + HOUR, 5.0)]}, to_ms=T0 + 1000 * HOUR)
    assert long.start_ms == T0 + 13 * HOUR  # counted from the first thing that is known


def test_an_empty_recording_is_a_tape_that_says_nothing(tmp_path: Path):
    tape = tape_of(tmp_path, {})
    assert not list(tape.rewind(tape.start_ms))
    assert not list(tape.until(T0 + 24 * HOUR))
    assert len(tape) == 0
    assert T0 <= tape.start_ms <= T0 + 24 * HOUR


def test_tables_that_are_no_stream_stay_out_of_it(tmp_path: Path):
    tape = tape_of(tmp_path)
    kinds = np.concatenate(list(tape.rewind(T0 + 24 * HOUR)))["kind"]
    assert set(kinds.tolist()) == set(Kind) - {Kind.RESET, Kind.CLOCK}
    assert len(tape) == sum(len(SOUND[n]) for n in SOUND) - sum(
        len(SOUND[n]) for n in ("positions", "long_short", "account_snapshots")
    )
