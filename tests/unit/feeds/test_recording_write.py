"""What is written as a recording is read as it was, stands there whole or not at all, and takes nobody's place."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from msgspec.structs import replace

from tests.kit.recordings import BTC, ETH, HOUR, MINUTE, T0, VENUE
from workstation.domain.events import (
    Candle,
    Depth,
    Funding,
    KnownPosition,
    Liquidation,
    Mark,
    OpenInterest,
    Quote,
)
from workstation.domain.playback import Gap, InstrumentInfo
from workstation.domain.problem import BadInput
from workstation.feeds import recording_write
from workstation.feeds.recording import open_recording
from workstation.feeds.recording_write import RecordingWriter
from workstation.feeds.replay import RecordingTape
from workstation.market.records import Batch, Kind, Name, Packable, blank, pack, unpack

INFOS = {VENUE: {BTC: InstrumentInfo("linear", 1.0, 0.1), ETH: InstrumentInfo("linear", 1.0, 0.01)}}
EVENTS: list[Packable] = [
    Quote(VENUE, BTC, T0 + 5, 99.9, 100.0),
    Mark(VENUE, BTC, T0 + 10, 100.0123, 99.98),
    Mark(VENUE, ETH, T0 + 10, 10.5, None),
    Liquidation(VENUE, ETH, T0 + 20, "short", 1.5, 10.49, "bankruptcy", "estimated"),
    Liquidation(VENUE, BTC, T0 + 20, "long", 2.5, 99.8, "fill", "complete"),
    OpenInterest(VENUE, BTC, T0 + 30, 1234.5, None),
    Depth(VENUE, BTC, T0 + 40, 0.001, 5000.0, 0.0),
    Candle(VENUE, BTC, MINUTE, T0, 100.0, 101.0, 99.0, 100.5, 3.25),
    Candle(VENUE, BTC, MINUTE, T0 + MINUTE, 100.5, 101.0, 99.0, 100.7, 1.25),
    Funding(VENUE, BTC, T0 + HOUR, -0.0001, 8.0),
]
POSITIONS = [
    KnownPosition(VENUE, BTC, T0 + HOUR, "0xabc", "long", 1.5, 90.0, 10.0, 81.5),
    KnownPosition(VENUE, ETH, T0 + HOUR, "0xdef", "short", 2.0, 9.0, 1.0, None),
]


def writer_of(folder: Path, events: Sequence[Packable] = EVENTS) -> RecordingWriter:
    writer = RecordingWriter(folder, "simulated", "made for a test", INFOS)
    numbers: dict[Name, int] = {}
    records = pack(events, numbers)
    writer.add(Batch(records, list(numbers)))
    return writer


def test_what_was_written_is_read_as_it_was(tmp_path: Path):
    gap = Gap(VENUE, BTC, "marks", T0 + HOUR, T0 + 2 * HOUR, "no recorder was running")
    writer = writer_of(tmp_path / "new" / "calm")
    writer.add_positions(POSITIONS)
    writer.finish(T0, T0 + 2 * HOUR, (gap,))
    data = open_recording(tmp_path / "new" / "calm")
    assert (data.source.kind, data.source.name, data.manifest.origin) == ("simulated", "calm", "made for a test")
    assert (data.source.from_ms, data.source.to_ms, data.source.gaps) == (T0, T0 + 2 * HOUR, (gap,))
    assert data.source.instruments == INFOS
    tape = RecordingTape(data)
    heard = [e for records in tape.rewind(T0 + 2 * HOUR) for e in unpack(Batch(records, tape.names))]
    assert heard == EVENTS
    positions = data.tables["positions"]
    assert positions.texts["account"] == ("0xabc", "0xdef")
    assert positions.columns["side"].tolist() == [0, 1]
    assert positions.columns["liquidation_price"][0] == 81.5
    assert np.isnan(positions.columns["liquidation_price"][1])


def test_tables_are_in_times_order_whatever_order_they_came_in(tmp_path: Path):
    writer_of(tmp_path / "r", EVENTS[::-1]).finish(T0, T0 + 2 * HOUR)
    assert open_recording(tmp_path / "r").tables["candles"].columns["open_ms"].tolist() == [T0, T0 + MINUTE]


def test_forming_candles_resets_and_clocks_are_left_out(tmp_path: Path):
    bar = Candle(VENUE, BTC, MINUTE, T0, 100.0, 101.0, 99.0, 100.5, 3.25)
    writer = writer_of(tmp_path / "r", [replace(bar, closed=False), bar])
    others = blank(2)
    others["kind"] = Kind.RESET, Kind.CLOCK
    writer.add(Batch(others, []))
    writer.finish(T0, T0 + HOUR)
    tables = open_recording(tmp_path / "r").tables
    assert {name: table.rows for name, table in tables.items()} == {"candles": 1}


def test_a_candle_that_was_told_twice_counts_as_it_was_told_last(tmp_path: Path):
    bar = Candle(VENUE, BTC, MINUTE, T0, 100.0, 101.0, 99.0, 100.5, 3.25)
    other = replace(bar, interval_ms=5 * MINUTE, close=99.5)
    writer_of(tmp_path / "r", [bar, other, replace(bar, close=100.7)]).finish(T0, T0 + HOUR)
    assert open_recording(tmp_path / "r").tables["candles"].columns["close"].tolist() == [99.5, 100.7]


def test_prices_are_written_without_the_dust_of_binary_fractions(tmp_path: Path):
    dusty = 0.1 + 0.2  # 0.30000000000000004
    events: list[Packable] = [
        Candle(VENUE, BTC, MINUTE, T0, dusty, dusty, dusty, dusty, 1.0),
        Mark(VENUE, BTC, T0, 100.01230000000001),
        Mark("okx", "XRP/USDT:USDT", T0, dusty),
    ]
    writer_of(tmp_path / "r", events).finish(T0, T0 + HOUR)
    tables = open_recording(tmp_path / "r").tables
    assert tables["candles"].columns["high"].tolist() == [0.3]
    assert tables["marks"].columns["mark"].tolist() == [100.0123, dusty]  # whose tick nobody knows


def test_optional_columns_that_nobody_filled_are_not_there_and_gaps_in_them_are_empty(tmp_path: Path):
    writer_of(tmp_path / "r").finish(T0, T0 + 2 * HOUR)
    marks = duckdb.read_parquet(str(tmp_path / "r" / "marks.parquet"))
    assert marks.columns == ["venue", "symbol", "at_ms", "mark", "index"]
    assert [row[4] for row in marks.fetchall()] == [99.98, None]
    assert "open_interest_usd" not in duckdb.read_parquet(str(tmp_path / "r" / "open_interest.parquet")).columns


def test_the_same_facts_give_the_same_bytes(tmp_path: Path):
    for name in ("a", "b"):
        writer = writer_of(tmp_path / name)
        writer.add_positions(POSITIONS)
        writer.finish(T0, T0 + 2 * HOUR)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(files) == 9
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in files)


def test_nothing_stands_in_the_folders_place_before_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    writer = writer_of(tmp_path / "r")
    assert not list(tmp_path.iterdir())

    def full_disk(manifest: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording_write, "manifest_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        writer.finish(T0, T0 + 2 * HOUR)
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    writer.finish(T0, T0 + 2 * HOUR)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "r").mkdir()
    writer = writer_of(tmp_path / "r")  # an empty one may be filled
    (tmp_path / "r" / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(BadInput, match="not an empty folder"):
        writer.finish(T0, T0 + 2 * HOUR)
    with pytest.raises(BadInput, match="not an empty folder"):
        writer_of(tmp_path / "r")
    with pytest.raises(BadInput, match="not an empty folder"):
        writer_of(tmp_path / "r" / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    (tmp_path / "r" / "mine.txt").unlink()
    writer.finish(T0, T0 + 2 * HOUR)
    assert open_recording(tmp_path / "r").tables["marks"].rows == 2


def test_more_rows_than_a_reader_takes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recording_write, "MOST_ROWS", 10)
    writer = writer_of(tmp_path / "r")
    with pytest.raises(BadInput, match="record fewer hours"):
        writer.add_positions(POSITIONS)
