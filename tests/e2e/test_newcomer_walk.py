"""A newcomer's walk through the real program on a real screen, by mouse and keys alone: from the sample account's two
distances to a desk of their own, saved, reopened, and restored after a kill.
"""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.at_the_screen import Program
from tests.e2e.seen import Line, Place, Seen, Want
from tests.e2e.x_screen import Pixels, Screen, share_of
from workstation.ui import formats
from workstation.ui.theme import DARK, LIGHT

SLIDER = "Market move in tenths of a per cent"
BOX = "Market move in per cent"
ENTRY_LINE = "Type a position"
TYPED = "short 0.2 BTC @ 101000 10x cross"
TYPED_IN_THE_PALETTE = "short 2 ETH @ 4100 10x isolated"
# Hand arithmetic, the prices of the file being 100 000 and 4 000, wallet 10 000, maintenance 0.4 % and 0.5 %:
# 10 000 + 1 (p - 100 000) + 0.2 (101 000 - p) = 0.004 * 1.2 p + 0.005 * 80 000  =>  p = 70 200 / 0.7952
HEDGED_LIQUIDATION = Decimal(70_200) / Decimal("0.7952")


def plain(text: str) -> str:
    """A number as it is typed."""
    return text.replace(formats.GROUP, "").replace(formats.MINUS, "-").removesuffix("%")


def price(value: Decimal | float | str) -> str:
    """A price of BTC as it is shown."""
    return formats.price(Decimal(str(value)), Decimal("0.1"))


def line(seen: Seen, label: str) -> Line:
    """The one line of the chart whose label begins so."""
    assert seen.chart is not None
    (found,) = (line for line in seen.chart.lines if line.label.startswith(label))
    return found


def numbers(seen: Seen) -> dict[str, object]:
    """All that the desk's numbers say, for comparing two moments."""
    assert seen.chart is not None
    rows = [{key: cell.text for key, cell in row.items()} for row in seen.rows]
    figures = {name: (figure.value, figure.actual) for name, figure in seen.figures.items()}
    # the last price is the market's
    lines = [(line.label, line.price, line.what_if, line.faint) for line in seen.chart.lines if line.label]
    return {"rows": rows, "figures": figures, "lines": lines, "what-if": seen.what_if, "move": seen.values[SLIDER]}


def opened(program: Program, rows: int) -> Seen:
    """Once the window stands, with its charts and its numbers."""
    return program.until(
        f"the window with a chart and {rows} positions",
        lambda seen: seen.chart is not None and seen.chart.bars and len(seen.rows) == rows and seen.answered,
    )


def is_drawn(pixels: Pixels, plot: Place, drawn: Line) -> bool:
    """A dashed line has half of its row in its very colour, or a quarter where the last price has the same row."""
    assert drawn.y is not None, f"{drawn.label} is out of view"
    return share_of(pixels[drawn.y, plot.x : plot.right], drawn.colour) > 0.2


def has_red_frame(pixels: Pixels, seen: Seen) -> bool:
    """Both edges of the window beside the account header, three pixels wide."""
    header = seen.figures["Equity"].place
    rows = pixels[header.y : header.bottom]
    return share_of(np.hstack((rows[:, 1:2], rows[:, -2:-1])), DARK.red_fill) > 0.95


# --- the steps of the walk ------------------------------------------------------------------------------------------


def sees_the_two_distances(program: Program) -> Seen:
    seen = opened(program, 2)
    assert [plain(text) for text in seen.distances] == ["-9.24", "-4.53"]
    assert [plain(text) for text in seen.column("liquidation")] == ["90763.1", "3537.69"]
    alone, joint = seen.figures["Per symbol"].place, seen.figures["Joint"].place
    assert (alone.y, alone.height) == (joint.y, joint.height)
    assert 0 < joint.x - alone.right < 40
    assert seen.title.startswith("SIMULATED – Untitled")
    assert seen.windows == ()
    assert seen.undo == (0, 0)
    assert not has_red_frame(program.picture("1-opened"), seen)
    return seen


def slides_by_keys_and_resets(program: Program, first: Seen) -> None:
    """Six steps of half a per cent: 3 % down, and what is left of both distances."""
    program.click(SLIDER)
    program.keys(*["Left"] * 6)
    slid = program.until("the market 3 % down", lambda seen: seen.answered and seen.values[SLIDER] == "-30")
    assert [plain(text) for text in slid.distances] == ["-3.22", "-1.53"]
    assert slid.what_if
    assert slid.undo == (1, 1)
    program.click("Reset the market to today's prices")
    reset = program.until("today's prices", lambda seen: seen.answered and not seen.what_if)
    assert numbers(reset) == numbers(first)


def changes_a_size_and_undoes_it(program: Program, first: Seen) -> None:
    size = first.rows[0]["size"].place
    assert size is not None
    program.click(size, times=2)
    program.enter("2")
    edited = program.until("the size 2", lambda seen: seen.answered and seen.rows[0]["size"].text == "2 BTC")
    assert plain(edited.column("liquidation")[0]) == "95582.4"
    program.keys("ctrl+z")
    undone = program.until("the size 1", lambda seen: seen.answered and seen.rows[0]["size"].text == "1 BTC")
    assert numbers(undone) == numbers(first)


def types_a_position(program: Program) -> Seen:
    before = program.at_rest()
    program.click(ENTRY_LINE)
    program.type(TYPED)
    program.until("what was understood", lambda seen: seen.has_text("SHORT") or seen.has_text("short 0.2"))
    assert not any("SHORT 0.2" in label for label in (before.chart.labels() if before.chart else ()))
    program.keys("Return")
    seen = program.until("a third position", lambda seen: seen.answered and len(seen.rows) == 3)
    assert seen.values[ENTRY_LINE] == ""
    assert seen.undo == (before.undo[0] + 1, before.undo[0] + 1)
    hedged = formats.price(HEDGED_LIQUIDATION, Decimal("0.1"), toward=Decimal(100_000))
    assert seen.column("liquidation")[0] == hedged
    assert seen.rows[2]["symbol"].text == "BTC/USDT:USDT"
    assert [seen.rows[2][key].text for key in ("entry", "size")] == [price(101_000), "0.2 BTC"]
    assert line(seen, "Entry SHORT 0.2 BTC").text == price(101_000)
    assert line(seen, "Liquidation per symbol LONG").text == hedged
    return seen


def sees_its_lines(program: Program, seen: Seen) -> None:
    """They are as far away as a tenth: the wheel with Ctrl zooms the prices until both are in view."""
    assert seen.chart is not None
    middle = seen.chart.plot.centre
    program.screen.do("mousemove", *middle, "keydown", "ctrl", "click", "--repeat", 14, "--delay", 15, 5)
    program.screen.do("keyup", "ctrl")
    wanted = ("Entry SHORT 0.2 BTC", "Liquidation per symbol LONG", "Liquidation joint", "Entry LONG 1 BTC")
    seen = program.until(
        "all lines in view", lambda seen: all(line(seen, label).y is not None for label in wanted), seconds=5
    )
    pixels = program.picture("2-typed")
    seen = program.until("the chart", lambda seen: seen.chart is not None)
    assert seen.chart is not None
    for label in wanted:
        drawn = line(seen, label)
        assert drawn.y is not None
        assert abs(drawn.y - seen.chart.y(drawn.price)) <= 1
        assert is_drawn(pixels, seen.chart.plot, drawn), label
    colours = {line(seen, label).colour.upper() for label in wanted}
    assert colours == {DARK.accent.upper(), DARK.orange.upper(), DARK.red.upper()}


def types_another_in_the_palette(program: Program) -> Seen:
    before = program.at_rest()
    program.keys("ctrl+k")
    program.until("the palette", lambda seen: "Command" in seen.values)
    program.type(TYPED_IN_THE_PALETTE)
    program.until("the text", lambda seen: seen.values.get("Command") == TYPED_IN_THE_PALETTE)
    program.picture("3-palette")
    program.keys("Return")
    seen = program.until("a fourth position", lambda seen: seen.answered and len(seen.rows) == 4)
    assert "Command" not in seen.values
    assert seen.undo == (before.undo[0] + 1, before.undo[0] + 1)
    assert [seen.rows[3][key].text for key in ("symbol", "size", "entry")] == [
        "ETH/USDT:USDT",
        "2 ETH",
        formats.price(Decimal(4100), Decimal("0.01")),
    ]
    return seen


def drags_the_slider(program: Program) -> None:
    before = program.at_rest()
    place = before.place(SLIDER)
    at = place.centre
    program.screen.press(at)
    seen = before
    moves: list[int] = []
    for by in (4, 8, 12, 16):
        program.screen.move((at[0] - by, at[1]))
        seen = program.until("the slider to follow", went_on_from(seen))
        moves.append(int(seen.values[SLIDER]))
        assert_moved_together(seen, before)
    program.screen.release()
    assert moves == sorted(moves, reverse=True)
    assert moves[-1] < 0
    seen = program.at_rest()
    assert int(seen.values[SLIDER]) == moves[-1]
    assert seen.undo == (before.undo[0] + 1, before.undo[0] + 1)
    pixels = program.picture("4-slid")
    assert has_red_frame(pixels, seen)
    assert seen.chart is not None
    mark = line(seen, "What-if · mark")
    assert is_drawn(pixels, seen.chart.plot, mark)
    program.click("Back to actual")
    actual = program.until("actual", lambda seen: seen.answered and not seen.what_if)
    assert numbers(actual) == numbers(before)
    assert actual.focus == seen.focus  # the button went: the keyboard stays where it was


def went_on_from(before: Seen) -> Want:
    return lambda seen: seen.answered and seen.values[SLIDER] != before.values[SLIDER]


def assert_moved_together(seen: Seen, before: Seen) -> None:
    """Slider, box, banner, table, header and chart say the same move, in one and the same moment."""
    size = Decimal(seen.values[SLIDER]) / 1000
    said = formats.percent(size, 1, signed=True)
    assert Decimal(plain(seen.values[BOX])) == size * 100
    assert seen.has_text(f"market {said}")
    assert seen.what_if
    moved = Decimal(100_000) * (1 + size)
    assert seen.column("mark")[0] == price(moved)
    assert line(seen, "What-if · mark").text == price(moved)
    joint = seen.figures["Joint"]
    assert joint.actual == before.figures["Joint"].value
    left = Decimal(plain(joint.actual)) - size * 100
    if left < 0:
        assert abs(Decimal(plain(joint.value)) - left) <= Decimal("0.01")
    assert seen.figures["Equity"].value != before.figures["Equity"].value


def tries_a_what_if(program: Program) -> None:
    before = program.at_rest()
    assert before.chart is not None
    program.click(before.chart.plot)  # out of the line, or the key would be typed into it
    program.keys("w")
    begun = program.until("a what-if", lambda seen: seen.answered and seen.what_if)
    assert begun.has_text("on a copy of the book")
    for kind in ("liquidation", "distance", "pnl"):
        columns = list(begun.columns)
        at = columns.index(f"{kind}_actual")
        assert columns[at : at + 3] == [f"{kind}_actual", kind, f"{kind}_change"]
        assert f"{kind}_actual" not in before.columns
    size = begun.rows[0]["size"].place
    assert size is not None
    program.click(size, times=2)
    program.enter("1.5")
    tried = program.until("the size tried", lambda seen: seen.answered and seen.rows[0]["size"].text == "1.5 BTC")
    row = tried.rows[0]
    assert row["liquidation_actual"].text == before.rows[0]["liquidation"].text
    actual, what_if, change = (
        Decimal(plain(row[key].text)) for key in ("liquidation_actual", "liquidation", "liquidation_change")
    )
    assert what_if > actual
    assert abs(change - (what_if - actual)) <= Decimal("0.1")  # each is rounded by itself
    assert line(tried, "What-if · Liquidation per symbol LONG").what_if
    assert tried.rows[1]["counted"].ticked
    tick = tried.rows[1]["counted"].place
    assert tick is not None
    program.click(Place(tick.x, tick.y, 24, tick.height))
    without = program.until("a leg left out", lambda seen: seen.answered and seen.rows[1]["counted"].ticked is False)
    assert without.has_text("1 leg left out")
    assert without.rows[0]["liquidation"].text != tried.rows[0]["liquidation"].text
    assert without.rows[0]["liquidation_actual"].text == before.rows[0]["liquidation"].text
    pixels = program.picture("5-what-if")
    assert has_red_frame(pixels, without)
    program.click("Back to actual")
    seen = program.until("actual", lambda seen: seen.answered and not seen.what_if)
    assert numbers(seen) == numbers(before)
    assert seen.undo == (before.undo[0] + 4, before.undo[0] + 4)


def undoes_all_and_redoes_it(program: Program, first: Seen) -> None:
    last = program.at_rest()
    steps, count = last.undo
    assert steps == count
    program.keys(*["ctrl+z"] * steps)
    undone = program.until("nothing left to undo", lambda seen: seen.answered and seen.undo == (0, count))
    assert numbers(undone) == numbers(first)
    assert "●" not in undone.title
    program.keys(*["ctrl+shift+z"] * steps)
    redone = program.until("nothing left to redo", lambda seen: seen.answered and seen.undo == (count, count))
    assert numbers(redone) == numbers(last)
    assert "●" in redone.title


def follows_the_market(program: Program) -> None:
    before = program.at_rest()
    program.click("Follow the market")
    seen = program.until(
        "the market's own prices", lambda seen: seen.answered and "Follow the market" not in seen.named
    )
    assert seen.distances != before.distances
    heard = {tuple(seen.distances)}

    def is_other(seen: Seen) -> bool:
        heard.add(tuple(seen.distances))
        return len(heard) >= 3

    seen = program.until("distances that move with the market", is_other)
    assert seen.undo == (before.undo[0] + 1, before.undo[0] + 1)
    assert seen.focus == before.focus
    program.picture("6-following")


def opens_a_faulty_file(program: Program, file: Path) -> None:
    file.write_text('{"version": 1, "accounts": [{"name": "a", "venue": "nowhere"}]}', encoding="utf-8")
    before = program.at_rest()
    program.keys("ctrl+o")
    program.until("a dialog", lambda seen: seen.windows == ("Open portfolio",))
    program.enter(f"{file}")
    told = program.until("the faults", lambda seen: "Dismiss the faults" in seen.named)
    assert told.windows == ()
    assert told.has_text(f"{file.name} was not opened: ")
    assert [len(told.rows), told.title, told.undo] == [len(before.rows), before.title, before.undo]
    program.picture("7-faults")
    program.click("Dismiss the faults")
    seen = program.until("nothing told any more", lambda seen: "Dismiss the faults" not in seen.named)
    assert seen.focus in ("", before.focus)  # none: no window manager gives the keyboard back after a dialog


def saves(program: Program, file: Path) -> None:
    program.keys("ctrl+s")
    program.until("a dialog", lambda seen: seen.windows == ("Save portfolio",))
    program.keys("ctrl+a")
    program.type(str(file))
    program.picture("8-save")
    program.keys("Return")
    seen = program.until("the file's name", lambda seen: file.name in seen.title)
    assert "●" not in seen.title
    assert seen.windows == ()
    kept = json.loads(file.read_text(encoding="utf-8"))
    (account,) = kept["accounts"]
    assert [(held["side"], held["symbol"], held["quantity"]) for held in account["positions"]] == [
        ("long", "BTC/USDT:USDT", "1"),
        ("long", "ETH/USDT:USDT", "20"),
        ("short", "BTC/USDT:USDT", "0.2"),
        ("short", "ETH/USDT:USDT", "2"),
    ]
    assert not kept.get("marks")


def makes_it_their_own(program: Program) -> Seen:
    """Another look, and more room for the chart: both are to be there at the next start."""
    program.keys("ctrl+k")
    program.until("the palette", lambda seen: "Command" in seen.values)
    program.enter("Light")
    seen = program.until("the palette gone", lambda seen: "Command" not in seen.values)
    watchlist, chart = seen.place("Watchlist"), seen.place("Chart")
    assert watchlist.right < chart.x
    border = (watchlist.right + chart.x) // 2, chart.centre[1]
    program.screen.drag(border, (border[0] - 60, border[1]))
    seen = program.until("a narrower watchlist", lambda seen: seen.place("Watchlist").right < watchlist.right - 30)
    pixels = program.picture("9-own")
    assert share_of(pixels, LIGHT.bg1) > 0.3
    return seen


def quits(program: Program) -> None:
    program.keys("ctrl+q")
    assert program.ended() == 0
    assert list(program.home.rglob("*.journal")) == []


def finds_all_again(program: Program, before: Seen, file: Path) -> Seen:
    seen = opened(program, 4)
    assert file.name in seen.title
    assert "●" not in seen.title
    for key in ("symbol", "side", "size", "entry", "leverage"):
        assert seen.column(key) == before.column(key)
    for pane in ("Watchlist", "Chart", "Stress test"):
        # without a window manager Qt leaves room for a title bar that is not there
        assert abs(seen.place(pane).width - before.place(pane).width) <= 5, pane
    assert not seen.has_text("pinned")
    assert share_of(program.picture("10-reopened"), LIGHT.bg1) > 0.3
    return seen


def is_killed_amid_edits(program: Program) -> None:
    program.click(ENTRY_LINE)
    program.enter("long 3 SOL @ 170 5x")
    seen = program.until("a fifth position", lambda seen: seen.answered and len(seen.rows) == 5)
    assert "●" in seen.title
    journals = program.home / ".local" / "state"
    program.until("the edit's journal", lambda _: list(journals.rglob("*.journal")), seconds=2)
    program.rest(1.0)  # what is older than a second is never lost
    program.type("long 1 XRP @ 2")  # and is in the middle of the next one
    program.kill()


def is_restored(program: Program, file: Path) -> None:
    seen = opened(program, 5)
    assert seen.rows[4]["symbol"].text == "SOL/USDT:USDT"
    assert seen.has_text("Restored what was unsaved at ")
    assert f"● {file.name}" in seen.title
    assert seen.windows == ()
    program.picture("11-restored")
    assert len(json.loads(file.read_text(encoding="utf-8"))["accounts"][0]["positions"]) == 4


def takes_larger_type(program: Program) -> None:
    before = program.at_rest()
    program.keys("ctrl+k")
    program.until("the palette", lambda seen: "Command" in seen.values)
    program.enter("Text size 125")
    figure = before.figures["Joint"].place
    program.until("larger type", lambda seen: seen.figures["Joint"].place.height > figure.height)
    program.picture("12-light125")


def leaves_without_saving(program: Program, file: Path) -> None:
    before = file.read_bytes()
    program.keys("ctrl+q")
    program.until("the question", lambda seen: seen.windows == ("Unsaved changes",))
    program.picture("13-unsaved")
    program.click("Discard")
    assert program.ended() == 0
    assert file.read_bytes() == before
    assert list(program.home.rglob("*.journal")) == []


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_newcomer_walks_through_the_program_by_mouse_and_keys(tmp_path: Path):
    home, file = tmp_path / "home", tmp_path / "desk.json"
    with Screen(tmp_path) as screen:
        with Program(screen, home, tmp_path) as program:
            first = sees_the_two_distances(program)
            slides_by_keys_and_resets(program, first)
            changes_a_size_and_undoes_it(program, first)
            sees_its_lines(program, types_a_position(program))
            types_another_in_the_palette(program)
            drags_the_slider(program)
            tries_a_what_if(program)
            undoes_all_and_redoes_it(program, first)
            follows_the_market(program)
            opens_a_faulty_file(program, tmp_path / "broken.json")
            saves(program, file)
            left = makes_it_their_own(program)
            quits(program)
        with Program(screen, home, tmp_path) as program:
            finds_all_again(program, left, file)
            is_killed_amid_edits(program)
        with Program(screen, home, tmp_path) as program:
            is_restored(program, file)
            takes_larger_type(program)
            leaves_without_saving(program, file)
            assert program.complaints() == []
