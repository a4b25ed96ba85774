"""The feed process of the real program is killed, again and again: a badge on the screen is all that comes of it."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.at_the_screen import Program
from tests.e2e.seen import Place, Seen, Want
from tests.e2e.x_screen import Pixels, Screen, share_of
from workstation.ui.theme import DARK

SLIDER = "Market move in tenths of a per cent"
BADGE = "SIMULATED · feed down"
TABS = ("Watchlist", "Chart", "Positions", "Stress test")
UNTOUCHED = (SLIDER, "What-if", "Type a position", "Filter symbols", "Commands", "File", "Market", "Timeframe 5m")
# From one death to the next the program waits longer before it starts a feed anew: after the fourth for two seconds.
KILLS = 4
MINIMUM_BARS = 140  # of five minutes; the practice market has twelve hours behind it


def part(pixels: Pixels, place: Place) -> Pixels:
    return pixels[place.y : place.bottom, place.x : place.right]


def says_down(seen: Seen) -> bool:
    """In the strip, on every tab, in the status bar and over the chart."""
    tabs = all(f"{tab} · feed down" in seen.texts for tab in TABS)
    over = seen.chart is not None and seen.chart.state.startswith("feed down: the feed process was killed")
    return BADGE in seen.named and tabs and over and seen.has_text("Simulated prices, feed down")


def says_nothing(seen: Seen) -> bool:
    return not any("feed down" in text for text in (*seen.texts, *seen.named)) and seen.chart is not None


def never_blank(wanted: Want) -> Want:
    """While one waits: what was known stays on the screen, and no number goes."""

    def look(seen: Seen) -> object:
        assert seen.chart is not None, "the chart went"
        assert len(seen.chart.bars) >= MINIMUM_BARS
        assert not any("—" in text for text in (*seen.distances, *seen.column("liquidation"), *seen.column("mark")))
        return wanted(seen)

    return look


def kill_feed(program: Program) -> Seen:
    """A kill -9 of the feed that runs now; once the screen says so."""
    pid = program.until("a feed", never_blank(lambda seen: seen.feed_up and seen.feed_pid)).feed_pid
    assert pid is not None
    assert pid != program.pid
    os.kill(pid, signal.SIGKILL)
    return program.until("the feed down", never_blank(lambda seen: not seen.feed_up or seen.feed_pid != pid))


@pytest.mark.slow
def test_a_killed_feed_is_a_badge_and_comes_back(tmp_path: Path):
    with Screen(tmp_path) as screen, Program(screen, tmp_path / "home", tmp_path) as program:
        program.until("a chart", lambda seen: seen.chart is not None and seen.chart.bars and len(seen.rows) == 2)
        program.click("Follow the market")
        program.until("the market's own prices", lambda seen: seen.answered and "Follow the market" not in seen.named)
        program.keys("ctrl+p")  # so that nothing but the feed changes the picture
        program.until("a market that stands", lambda seen: seen.paused)
        program.rest(0.5)
        calm = program.picture("1-calm")
        before = program.until("numbers", lambda seen: seen.answered and seen.lost == 0)
        assert says_nothing(before)
        assert before.chart is not None

        for _ in range(KILLS):
            kill_feed(program)
        down = program.until("the words for it", says_down, seconds=3)
        pixels = program.picture("2-down")
        still = program.until("the picture in time", lambda seen: not seen.feed_up, seconds=0.1)
        assert still.windows == ()
        assert "Dismiss the faults" not in still.named
        assert (still.title, still.distances, still.undo) == (before.title, before.distances, before.undo)
        assert share_of(part(pixels, down.place(BADGE)), DARK.red_fill) > 0.4
        # nothing else has moved or changed but its shade: what depends on the market may be greyed
        assert [(name, figure.value, figure.place) for name, figure in still.figures.items()] == [
            (name, figure.value, figure.place) for name, figure in before.figures.items()
        ]
        assert still.rows == before.rows
        for name in UNTOUCHED:
            assert still.place(name) == before.place(name)
            assert np.array_equal(part(pixels, before.place(name)), part(calm, before.place(name))), name
        # the chart is greyed where it is: its candles have lost their colours
        plot = before.chart.plot
        assert share_of(part(calm, plot), DARK.up) > 10 * share_of(part(pixels, plot), DARK.up)
        assert still.chart is not None
        assert still.chart.bars == before.chart.bars

        # the window answers as ever
        at = still.place(SLIDER).centre
        screen.press(at)
        screen.move((at[0] - 8, at[1]))
        slid = program.until("an answer", lambda seen: seen.answered and seen.what_if and seen.values[SLIDER] != "0")
        screen.release()
        assert slid.distances != before.distances
        assert not slid.feed_up
        program.click("Back to actual")
        program.until("actual", lambda seen: seen.answered and not seen.what_if)

        back = program.until("the feed again", never_blank(lambda seen: seen.feed_up and says_nothing(seen)))
        assert back.feed_pid not in (before.feed_pid, None)
        assert back.restarts == KILLS
        assert back.chart is not None
        assert back.chart.bars == before.chart.bars
        program.keys("ctrl+p")
        later = (before.at_ms or 0) + 60_000
        flows = program.until("prices that move again", never_blank(lambda seen: seen.at_ms and seen.at_ms > later))
        assert flows.chart is not None
        # the market goes on where it stood, and its past is the same
        assert set(before.chart.bars[-50:]) <= set(flows.chart.bars)
        assert flows.distances != before.distances
        assert flows.lost == 0
        after = program.picture("3-back")
        assert share_of(after, DARK.red_fill) < share_of(pixels, DARK.red_fill) / 2
        program.keys("ctrl+q")
        program.click("Discard")  # that the market was followed is an unsaved edit
        assert program.ended() == 0
        assert program.complaints() == []
