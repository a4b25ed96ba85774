"""Real recordings: every one opens whole and replays to its end; 10 October 2025 is the day that it was."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from workstation.domain.playback import Steering
from workstation.feeds.player import play
from workstation.feeds.recording import RecordingData, open_recording
from workstation.feeds.replay import RecordingTape
from workstation.market.records import Batch, Kind, Records, unpack

SHARED = Path(__file__).parents[3] / "shared" / "data" / "recordings"
FOLDERS = sorted(path.name for path in SHARED.iterdir()) if SHARED.is_dir() else []
CASCADE = "2025-10-10-cascade"
TABLE_OF = {
    Kind.CANDLE: "candles",
    Kind.MARK: "marks",
    Kind.OPEN_INTEREST: "open_interest",
    Kind.FUNDING: "funding",
    Kind.LIQUIDATION: "liquidations",
    Kind.DEPTH: "depth",
}


def at(hour: int, minute: int) -> int:
    """A moment of 10 October 2025."""
    return int(datetime(2025, 10, 10, hour, minute, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="module")
def cascade() -> RecordingData:
    """The day that leverage went."""
    if CASCADE not in FOLDERS:
        pytest.skip("shared data absent: the recordings")
    return open_recording(SHARED / CASCADE)


def test_all_of_them_are_here():
    if not FOLDERS:
        pytest.skip("shared data absent: the recordings")
    assert len(FOLDERS) == 12


@pytest.mark.parametrize("name", FOLDERS or ["none"])
def test_every_row_is_replayed_in_its_time(name: str):
    if not FOLDERS:
        pytest.skip("shared data absent: the recordings")
    data = open_recording(SHARED / name)
    tape = RecordingTape(data)
    list(tape.rewind(data.source.from_ms - 1))
    heard: list[Records] = []
    end_ms = tape.source.to_ms
    assert end_ms == data.manifest.to_ms
    for at_ms in np.linspace(data.source.from_ms, data.manifest.to_ms, 50).astype(np.int64).tolist():
        heard += tape.until(at_ms)
    records = np.concatenate(heard)
    counts = {table: int(np.count_nonzero(records["kind"] == kind)) for kind, table in TABLE_OF.items()}
    for table, count in counts.items():
        file = SHARED / name / f"{table}.parquet"
        rows = duckdb.read_parquet(str(file)).shape[0] if file.exists() else 0
        assert count == rows, table
    known = np.where(
        records["kind"] == Kind.CANDLE, records["at_ms"] + records["values"][:, 0].astype(int), records["at_ms"]
    )
    assert np.all(np.diff(known) >= 0)
    assert len(tape) == len(records) == sum(counts.values())


def test_spot_stays_apart_from_the_perpetual_of_the_same_coin():
    if "2020-03-12-black-thursday" not in FOLDERS:
        pytest.skip("shared data absent: the recordings")
    data = open_recording(SHARED / "2020-03-12-black-thursday")
    infos = data.source.instruments["binance-usdm"]
    assert infos["BTC/USDT"].kind == "spot"
    assert infos["BTC/USDT:USDT"].kind == "linear"
    candles = data.tables["candles"]
    spot, perpetual = (data.names.index(("binance-usdm", symbol)) for symbol in ("BTC/USDT", "BTC/USDT:USDT"))
    intervals = candles.columns["interval_ms"]
    assert set(intervals[candles.instrument == spot].tolist()) == {1_800_000}
    assert set(intervals[candles.instrument == perpetual].tolist()) == {3_600_000}


def test_sampled_orders_are_never_called_complete():
    if not FOLDERS:
        pytest.skip("shared data absent: the recordings")
    data = open_recording(SHARED / "liquidations-2025-2026")
    words = next(column.words for column in data.tables["liquidations"].spec.columns if column.name == "coverage")
    assert {words[code] for code in data.tables["liquidations"].columns["coverage"]} == {"sampled"}
    assert len(data.source.gaps) == 2616


@pytest.mark.parametrize(
    ("symbol", "low", "fall"),
    [("BTC/USDT:USDT", 101_517, -0.196), ("ETH/USDT:USDT", 3_400, None), ("SOL/USDT:USDT", 141.3, -0.41)],
)
def test_the_lows_of_10_october_are_the_published_ones(
    symbol: str, low: float, fall: float | None, cascade: RecordingData
):
    tape = RecordingTape(cascade)
    list(tape.rewind(cascade.source.from_ms))
    number = tape.names.index(("binance-usdm", symbol))
    bars = np.concatenate(list(tape.until(at(21, 25))))
    bars = bars[(bars["kind"] == Kind.CANDLE) & (bars["instrument"] == number)]
    lowest, highest = float(bars["values"][:, 3].min()), float(bars["values"][:, 2].max())
    assert lowest == pytest.approx(low, rel=5e-4)
    assert fall is None or lowest / highest - 1 == pytest.approx(fall, abs=0.005)
    assert bars["at_ms"][int(bars["values"][:, 3].argmin())] in (at(21, 15), at(21, 20))


def test_nobody_knew_at_21_20_what_the_bar_would_bring(cascade: RecordingData):
    tape = RecordingTape(cascade)
    number = tape.names.index(("binance-usdm", "BTC/USDT:USDT"))
    for moment, newest in ((at(21, 25) - 1, at(21, 15)), (at(21, 25), at(21, 20))):
        known = np.concatenate(list(tape.rewind(moment)))
        known = known[(known["kind"] == Kind.CANDLE) & (known["instrument"] == number)]
        assert int(known["at_ms"].max()) == newest


def test_open_interest_halved_within_two_hours(cascade: RecordingData):
    tape = RecordingTape(cascade)
    list(tape.rewind(at(20, 59)))
    events = [e for records in tape.until(at(23, 0)) for e in unpack(Batch(records, tape.names))]
    usd = [getattr(e, "open_interest_usd", None) for e in events if e.symbol == "BTC/USDC:USDC"]
    said = [value for value in usd if value is not None]
    assert said[0] == pytest.approx(4.43e9, rel=2e-3)
    assert said[-1] == pytest.approx(2.19e9, rel=2e-3)


class _Link:
    """A window that reads at once: the ring has always room."""

    def __init__(self) -> None:
        self.stopping = False
        self.kinds: dict[int, int] = {}

    def number(self, venue: str, symbol: str) -> int:
        return len(venue) + len(symbol)

    def room(self) -> int:
        return 1 << 17

    def write(self, records: Records) -> None:
        for kind, count in zip(*np.unique(records["kind"], return_counts=True), strict=True):
            self.kinds[int(kind)] = self.kinds.get(int(kind), 0) + int(count)

    def beat(self) -> None: ...

    def say(self, message: object) -> None:
        self.stopping = bool(getattr(message, "ended", False))

    def heard(self) -> list[Steering]:
        return []


class _Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_the_player_takes_a_recording_to_its_end(cascade: RecordingData):
    link = _Link()
    play(link, RecordingTape(cascade), 100_000, _Clock())
    told = {table: link.kinds.get(kind, 0) for kind, table in TABLE_OF.items()}
    assert told == {table: cascade.tables[table].rows if table in cascade.tables else 0 for table in told}
