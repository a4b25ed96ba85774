"""The practice market is recorded: the same seed to the byte, everything in it, the word "simulated" on it."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from tests.kit.recordings import BTC, ETH, T0, VENUE
from workstation.domain.events import Depth, Liquidation, Mark, Quote
from workstation.domain.problem import BadInput
from workstation.feeds.practice import PracticeTape
from workstation.feeds.record_practice import add_record_options, by_minute, record_practice
from workstation.feeds.recording import RecordingData, open_recording
from workstation.feeds.replay import RecordingTape
from workstation.market.records import Batch, Kind, Name, Packable, Records, pack, unpack

HOURS = 1.5
MINUTES = 90


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour and a half of seed 7."""
    folder = tmp_path_factory.mktemp("practice") / "seven"
    record_practice(folder, 7, HOURS)
    return folder


@pytest.fixture(scope="module")
def data(folder: Path) -> RecordingData:
    """The same, opened."""
    return open_recording(folder)


def test_it_says_that_it_is_simulated_and_which_market_it_is(data: RecordingData):
    assert data.source.kind == "simulated"
    assert data.manifest.origin == "practice market, seed 7"
    assert data.manifest.to_ms - data.manifest.from_ms == MINUTES * 60_000


def test_every_table_is_there(data: RecordingData):
    wanted = {"candles", "marks", "open_interest", "funding", "depth", "quotes", "positions"}
    assert wanted <= set(data.tables) <= wanted | {"liquidations"}
    count = len(data.names)
    assert data.tables["candles"].rows == MINUTES * count
    assert data.tables["marks"].rows == data.tables["quotes"].rows == MINUTES * count


def test_its_bars_and_forced_orders_are_those_of_the_practice_market(data: RecordingData):
    kept = (Kind.CANDLE, Kind.LIQUIDATION, Kind.FUNDING)
    replayed, practice = RecordingTape(data), PracticeTape(seed=7)
    list(practice.rewind(data.source.from_ms))
    end_ms = data.manifest.to_ms

    def facts(names: list[Name], batches: list[Records]) -> list[str]:
        heard = [e for records in batches for e in unpack(Batch(records[np.isin(records["kind"], kept)], names))]
        return sorted(str(event) for event in heard if getattr(event, "closed", True))

    wanted = facts(list(practice.names), list(practice.until(end_ms)))
    assert facts(list(replayed.names), list(replayed.until(end_ms))) == wanted
    assert len(wanted) > MINUTES


def test_positions_are_everybodys_at_each_full_hour_and_at_the_end(data: RecordingData):
    table = data.tables["positions"]
    at_ms = table.columns["at_ms"]
    begins = data.source.from_ms
    assert np.unique(at_ms).tolist() == [begins + 3_600_000, begins + 5_400_000]
    practice = PracticeTape(seed=7)
    list(practice.rewind(begins + 3_600_000))
    known = practice.known_positions(begins + 3_600_000)
    assert int(np.count_nonzero(at_ms == begins + 3_600_000)) == len(known)
    longs = table.columns["side"] == 0
    quantity = table.columns["quantity_base"].astype(np.float64)
    for number in range(len(data.names)):
        of_it = (table.instrument == number) & (at_ms == at_ms[-1])
        assert quantity[of_it & longs].sum() == pytest.approx(quantity[of_it & ~longs].sum(), rel=1e-9)


def test_the_same_seed_gives_the_same_files_and_another_does_not(folder: Path, tmp_path: Path):
    record_practice(tmp_path / "again", 7, HOURS)
    record_practice(tmp_path / "other", 8, HOURS)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    candles = "candles.parquet"
    assert (folder / candles).read_bytes() != (tmp_path / "other" / candles).read_bytes()


@pytest.mark.parametrize(("seed", "hours"), [(7, 0), (7, -1), (7, float("nan")), (7, 1e9), (-1, 1)])
def test_nonsense_is_refused_and_nothing_is_made(seed: int, hours: float, tmp_path: Path):
    with pytest.raises(BadInput):
        record_practice(tmp_path / "r", seed, hours)
    assert not list(tmp_path.iterdir())


def test_the_command_tells_its_progress_on_stderr_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    parser = argparse.ArgumentParser()
    add_record_options(parser)
    options = parser.parse_args(["--practice", "--seed", "3", "--hours", "0.1", str(tmp_path / "r")])
    assert options.run(options) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "hours" in err
    assert open_recording(tmp_path / "r").manifest.origin == "practice market, seed 3"
    with pytest.raises(BadInput):
        options.run(options)  # it is there already


def test_of_a_minute_the_last_of_each_state_is_kept_and_every_event():
    order = Liquidation(VENUE, BTC, T0 + 1, "long", 1.0, 100.0, "fill", "complete")
    events: list[Packable] = [
        Mark(VENUE, BTC, T0 + 1, 100.0),
        Mark(VENUE, ETH, T0 + 1, 10.0),
        Depth(VENUE, BTC, T0 + 1, 0.01, 1.0, 1.0),
        Depth(VENUE, BTC, T0 + 1, 0.02, 2.0, 2.0),
        order,
        order,
        Quote(VENUE, BTC, T0 + 1, 99.0, 100.0),
        Depth(VENUE, BTC, T0 + 2, 0.01, 3.0, 3.0),
        Mark(VENUE, BTC, T0 + 2, 101.0),
    ]
    numbers: dict[Name, int] = {}
    kept = by_minute(pack(events, numbers))
    assert unpack(Batch(kept, list(numbers))) == [events[i] for i in (1, 3, 4, 5, 6, 7, 8)]
