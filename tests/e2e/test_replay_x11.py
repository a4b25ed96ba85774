"""10 October 2025 is replayed in the real program and steered by mouse and keys: the candles are the real ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.e2e.at_the_screen import Program
from tests.e2e.seen import Bar, Seen
from tests.e2e.x_screen import Pixels, Screen, share_of
from workstation.ui import formats
from workstation.ui.theme import DARK

RECORDING = Path(__file__).parents[3] / "shared" / "data" / "recordings" / "2025-10-10-cascade"
SEEK_BAR = "Moment of the market"
FIVE_MINUTES = 300_000
PUBLISHED_LOW = 101_517  # of BTC/USDT perpetual, between 21:20 and 21:25


def at(hour: int, minute: int) -> int:
    """A moment of that day."""
    return int(datetime(2025, 10, 10, hour, minute, tzinfo=UTC).timestamp() * 1000)


def real_bars() -> dict[int, Bar]:
    """By opening, read past the program."""
    candles = duckdb.read_parquet(str(RECORDING / "candles.parquet"))
    own = candles.filter("venue = 'binance-usdm' AND symbol = 'BTC/USDT:USDT' AND interval_ms = 300000")
    rows = own.project("open_ms, open, high, low, close").fetchall()
    return {int(row[0]): Bar(int(row[0]), *map(float, row[1:])) for row in rows}


def span_of_the_recording() -> tuple[int, int]:
    manifest = json.loads((RECORDING / "manifest.json").read_text(encoding="utf-8"))
    return manifest["from_ms"], manifest["to_ms"]


def colour_of(bar: Bar) -> str:
    return DARK.up if bar.close >= bar.open else DARK.down


def assert_real(seen: Seen, real: dict[int, Bar]) -> None:
    """Every candle on the chart is one of the recording, none is left out, and none is from the future."""
    assert seen.chart is not None
    assert seen.at_ms is not None
    bars = seen.chart.bars
    assert len(bars) >= 100
    assert all(bar == real[bar.open_ms] for bar in bars)
    moments = [bar.open_ms for bar in bars]
    assert moments == list(range(moments[0], moments[-1] + 1, FIVE_MINUTES))
    assert bars[-1].open_ms + FIVE_MINUTES <= seen.at_ms < bars[-1].open_ms + 2 * FIVE_MINUTES


def assert_drawn(pixels: Pixels, seen: Seen) -> None:
    """Candles that are high enough stand where they belong, green or red as the price rose or fell."""
    chart = seen.chart
    assert chart is not None
    looked_at = 0
    for bar in chart.bars[-100:]:
        top, bottom = (chart.y(price) for price in sorted((bar.open, bar.close), reverse=True))
        x = chart.x(bar.open_ms + FIVE_MINUTES / 2)
        if bottom - top >= 4 and chart.plot.x < x < chart.plot.right - 1:
            looked_at += 1
            assert share_of(pixels[top + 1 : bottom - 1, x - 1 : x + 2], colour_of(bar)) > 0.3, bar
    assert looked_at >= 8


@pytest.mark.slow
def test_the_day_is_replayed_paused_stepped_and_sought_with_the_mouse(tmp_path: Path):
    if not RECORDING.is_dir():
        pytest.skip("shared data absent: the recordings")
    real = real_bars()
    words = ("--replay", str(RECORDING), "--speed", "3600")
    with Screen(tmp_path) as screen, Program(screen, tmp_path / "home", tmp_path, *words) as program:
        seen = program.until("candles", lambda seen: seen.chart is not None and len(seen.chart.bars) >= 100)
        assert seen.title.startswith("HISTORICAL – ")
        assert "HISTORICAL" in seen.named
        assert seen.has_text("2025-10-10-cascade")
        assert seen.chart is not None
        assert seen.chart.watermark == "HISTORICAL"
        assert_real(seen, real)
        later = program.until("the clock to run", lambda now: now.at_ms and now.at_ms > (seen.at_ms or 0) + 1_800_000)
        assert_real(later, real)

        program.click("Pause the market")
        paused = program.until("a market that stands", lambda seen: seen.paused and seen.has_text("paused"))
        program.rest(0.5)
        still = program.at_rest()
        assert still.at_ms == paused.at_ms
        program.click("One step on")
        stepped = program.until("a step", lambda seen: seen.at_ms == (still.at_ms or 0) + FIVE_MINUTES)
        assert_real(stepped, real)
        program.keys("bracketleft")
        program.until("a step back", lambda seen: seen.at_ms == still.at_ms)
        pixels = program.picture("1-paused")
        assert_drawn(pixels, program.at_rest())

        seeks_with_the_mouse(program, at(21, 25))
        seen = steps_to(program, at(21, 25))
        assert_real(seen, real)
        chart = seen.chart
        assert chart is not None
        lowest = min(chart.bars, key=lambda bar: bar.low)
        assert lowest.open_ms == at(21, 20)
        assert lowest.low == min(bar.low for bar in real.values() if bar.open_ms <= at(21, 20))
        assert lowest.low == pytest.approx(PUBLISHED_LOW, rel=5e-4)
        pixels = program.picture("2-the-low")
        x, y = chart.x(lowest.open_ms + FIVE_MINUTES / 2), chart.y(lowest.low)
        colour = colour_of(lowest)
        assert share_of(pixels[y - 6 : y - 1, x - 1 : x + 2], colour) > 0.2
        assert share_of(pixels[y + 2 : y + 7, x - 1 : x + 2], colour) == 0
        assert_drawn(pixels, seen)
        screen.move((x, chart.plot.centre[1]))
        low = f"L {formats.grouped(Decimal(str(lowest.low)))}"
        program.until("the low in the heading", lambda seen: seen.chart is not None and low in seen.chart.heading)

        program.click("Let the market run")
        program.until("the clock to run on", lambda seen: seen.at_ms and seen.at_ms > at(22, 0))
        program.keys("ctrl+q")
        assert program.ended() == 0
        assert program.complaints() == []


def seeks_with_the_mouse(program: Program, moment: int) -> None:
    """Take the handle of the seek bar, drag it there in steps, let go: only then does the market follow."""
    before = program.at_rest()
    assert before.at_ms is not None
    bar, (begin, end) = before.place(SEEK_BAR), span_of_the_recording()
    handle = bar.height - 6  # it is round, and its middle stays half of it inside the bar
    start, last = (
        bar.x + handle // 2 + round((at_ms - begin) / (end - begin) * (bar.width - handle))
        for at_ms in (before.at_ms, moment)
    )
    program.screen.drag_and_hold((start, bar.centre[1]), (last, bar.centre[1]))
    held = program.until("the moment that is meant", lambda seen: seen.has_text("2025-10-10 2"))
    assert held.at_ms == before.at_ms
    program.screen.release()
    near = 3_600_000  # a pixel of the bar is a third of it
    seen = program.until("the market there", lambda seen: seen.at_ms and abs(seen.at_ms - moment) < near)
    assert seen.paused


def steps_to(program: Program, moment: int) -> Seen:
    """By the keys for one candle on or back, until the clock is in the five minutes after a moment."""
    seen = program.at_rest()
    assert seen.at_ms is not None
    steps = -(-(moment - seen.at_ms) // FIVE_MINUTES)
    program.keys(*["bracketright" if steps > 0 else "bracketleft"] * abs(steps))
    there = seen.at_ms + steps * FIVE_MINUTES
    return program.until(
        "the clock there",
        lambda seen: seen.at_ms == there and seen.chart and seen.chart.bars[-1].open_ms + FIVE_MINUTES >= moment,
    )
