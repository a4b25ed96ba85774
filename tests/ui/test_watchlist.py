"""The watchlist: whole numbers with reasons where there are none, four times a second, and a click that is heard."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.kit.frames import desk, position
from tests.kit.markets import DAY_MS, NOW_MS, VENUE, candles, instrument, market
from workstation.desk.state import DeskState
from workstation.domain.unknown import Unknown
from workstation.market.view import CandleView, FeedState, MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame
from workstation.ui.formats import GROUP, UNKNOWN
from workstation.ui.panes.base import Focus, Hands
from workstation.ui.panes.watchlist import EVERY_MS, WatchlistPane
from workstation.ui.theme import DARK, Theme
from workstation.ui.watch_rows import TREND_POINTS, WATCH_COLUMNS, rises, watch_row

NAME = (VENUE, "BTC/USDT:USDT")


def frame(shown: MarketView, held: DeskState | None = None) -> Frame:
    return Frame(shown, held or DeskState(), RiskReport("", ()))


class Shown:
    def __init__(self, qtbot: QtBot, theme: Theme) -> None:
        self.looked = list[Focus]()
        nothing = Hands(
            edit=lambda *_edits: None,
            fault=lambda _edit: "",
            choose=lambda _chosen: None,
            steer=lambda _steering: None,
            look_at=self.looked.append,
        )
        self.pane = WatchlistPane(theme, nothing)
        qtbot.addWidget(self.pane)
        self.pane.resize(420, 400)
        self.pane.show()
        qtbot.waitExposed(self.pane)

    def cell(self, row: int, key: str) -> str:
        column = [column.key for column in WATCH_COLUMNS].index(key)
        return str(self.pane.table.sorted.index(row, column).data()).replace(GROUP, " ")

    def symbols(self) -> list[str]:
        return [self.cell(row, "symbol") for row in range(self.pane.table.sorted.rowCount())]


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme) -> Shown:
    return Shown(qtbot, theme)


def cells(*args: object, **kwargs: object) -> dict[str, str]:
    view = instrument(*args, **kwargs)  # type: ignore[arg-type]
    row = watch_row((view.venue, view.symbol), view, market(view))
    return {column.key: column.text(row).replace(GROUP, " ") for column in WATCH_COLUMNS}


def tips(row: object) -> dict[str, str]:
    return {column.key: column.tip(row).replace(GROUP, " ") for column in WATCH_COLUMNS}  # type: ignore[arg-type]


def test_a_row_says_price_change_funding_and_trend():
    said = cells(price=97_484.5, tick=0.1, funding=-0.0001, rise=0.0184)
    assert said == {
        "venue": VENUE,
        "symbol": "BTC/USDT",
        "last": "97 484.5",
        "change": "+1.84 %",
        "funding": "−0.0100 %",
        "trend": "rising",
    }


def test_funding_is_per_eight_hours_with_the_year_and_the_own_interval_in_the_tip():
    hourly = replace(instrument(funding=0.0001), funding_interval_h=1.0)
    row = watch_row(NAME, hourly, market(hourly))
    said = tips(row)["funding"]
    assert WATCH_COLUMNS[4].text(row).replace(GROUP, " ") == "+0.0800 %"
    assert "+0.0100 % every 1 h" in said
    assert "+87.6 % a year (APR)" in said


def test_what_is_unknown_has_a_reason_and_no_number():
    bare = replace(instrument(funding=None), last=None, day_change=None, candles={}, quality={})
    row = watch_row(NAME, bare, market(bare))
    for key in ("last", "change", "funding", "trend"):
        (column,) = [column for column in WATCH_COLUMNS if column.key == key]
        assert column.text(row) == UNKNOWN
        assert len(column.tip(row)) > 10
    gone = watch_row(NAME, None, market())
    assert isinstance(gone.last, Unknown)
    assert tips(gone)["last"] == "the market does not have BTC/USDT:USDT"


def test_old_numbers_are_greyed_with_the_reason_and_then_not_shown():
    late = instrument(state="late", because="nothing for more than 15 s")
    row = watch_row(NAME, late, market(late))
    assert {column.tone(row) for column in WATCH_COLUMNS} == {"fg3"}
    assert "Old: nothing for more than 15 s" in tips(row)["last"]
    silent = instrument(state="silent", because="nothing for more than 30 s")
    row = watch_row(NAME, silent, market(silent))
    assert WATCH_COLUMNS[2].text(row) == UNKNOWN
    assert "silent: nothing for more than 30 s" in tips(row)["last"]


def test_numbers_of_a_feed_that_is_down_are_greyed():
    view = instrument()
    row = watch_row(NAME, view, market(view, feed=FeedState(because="the feed ended")))
    assert {column.tone(row) for column in WATCH_COLUMNS} == {"fg3"}


def test_the_trend_covers_one_day_in_few_points():
    def trend(view: CandleView) -> tuple[float, ...]:
        known = replace(instrument(), candles={view.interval_ms: view})
        return watch_row(NAME, known, market(known)).trend

    many = candles(100_000.0, count=2_000)
    found = trend(many)
    assert len(found) == TREND_POINTS
    day = many.close[many.open_ms >= NOW_MS - DAY_MS]
    assert (found[0], found[-1]) == (day[0], day[-1])
    assert trend(candles(100.0, count=5)) == tuple(candles(100.0, count=5).close.tolist())
    assert trend(candles(100.0, count=1)) == ()
    falling = replace(instrument(rise=-0.1), candles={300_000: candles(100.0, rise=-0.1)})
    assert not rises(watch_row(NAME, falling, market(falling)))


def test_the_longest_candles_that_still_show_the_day_are_taken():
    minutes = CandleView(60_000, *(np.full(3, value) for value in (NOW_MS - 60_000, 1.0, 1.0, 1.0, 7.0, 1.0)))  # type: ignore[arg-type]
    known = replace(instrument(), candles={60_000: minutes, 300_000: candles(100.0)})
    assert 7.0 not in watch_row(NAME, known, market(known)).trend


def test_symbols_of_the_market_come_first_and_held_ones_that_it_lacks_after_them(shown: Shown):
    held = desk(position("BTC/USDT:USDT"), position("XRP/USDT:USDT"))
    shown.pane.show_frame(frame(market(), held))
    assert shown.symbols() == ["BTC/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT"]
    assert shown.cell(3, "last") == UNKNOWN


def test_nothing_but_what_to_do_next_is_said_without_a_market(shown: Shown):
    shown.pane.show_frame(frame(MarketView()))
    assert shown.pane.none.isVisible()
    assert "Practice market" in shown.pane.none.text()
    assert not shown.pane.table.isVisible()


def test_a_market_that_starts_is_not_said_to_be_missing(shown: Shown):
    shown.pane.show_frame(frame(replace(market(), instruments={})))
    assert shown.pane.none.isVisible()
    assert shown.pane.none.text() == "The market is starting."


def test_it_changes_at_most_four_times_a_second_and_always_ends_at_the_newest(shown: Shown, qtbot: QtBot):
    painted = list[str]()
    shown.pane.rows.shown.connect(lambda: painted.append(shown.cell(0, "last")))
    for price in range(100_000, 100_050):
        shown.pane.show_frame(frame(market(instrument(price=float(price)))))
    assert painted == ["100 000.0"]
    qtbot.waitUntil(lambda: shown.cell(0, "last") == "100 049.0", timeout=4 * EVERY_MS)
    assert painted == ["100 000.0", "100 049.0"]


@pytest.mark.parametrize("typed", ["eth", "ETHUSDT", "eth/usdt"])
def test_typing_finds_a_symbol_and_enter_shows_it(shown: Shown, qtbot: QtBot, typed: str):
    shown.pane.show_frame(frame(market()))
    shown.pane.show_focus(Focus(*NAME, 60_000))
    shown.pane.search()
    qtbot.keyClicks(shown.pane.filter, typed)
    assert shown.symbols() == ["ETH/USDT"]
    qtbot.keyClick(shown.pane.filter, Qt.Key.Key_Return)
    assert shown.looked == [Focus(VENUE, "ETH/USDT:USDT", 60_000)]
    assert len(shown.symbols()) == 3


@pytest.mark.parametrize("typed", ["(", "[", "\\", "*", "xyz"])
def test_any_text_may_be_typed(shown: Shown, qtbot: QtBot, typed: str):
    shown.pane.show_frame(frame(market()))
    qtbot.keyClicks(shown.pane.filter, typed)
    assert shown.symbols() == []
    qtbot.keyClick(shown.pane.filter, Qt.Key.Key_Return)
    assert shown.looked == []


def test_a_click_shows_the_contract_everywhere(shown: Shown, qtbot: QtBot):
    shown.pane.show_frame(frame(market()))
    at = shown.pane.table.visualRect(shown.pane.table.sorted.index(2, 1)).center()
    qtbot.mouseClick(shown.pane.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert shown.looked == [Focus(VENUE, "SOL/USDT:USDT", 300_000)]


def test_the_focus_of_the_window_is_marked(shown: Shown):
    shown.pane.show_frame(frame(market()))
    shown.pane.show_focus(Focus(VENUE, "SOL/USDT:USDT", 300_000))
    assert shown.pane.table.currentIndex().row() == 2


@pytest.mark.parametrize("size", [100, 125, 150])
def test_numbers_are_never_elided(shown: Shown, theme: Theme, size: int):
    theme.apply(DARK, size)
    shown.pane.show_frame(frame(market(instrument(price=1_234_567.8, funding=-0.0123))))
    metrics = QFontMetrics(theme.font())
    for i, column in enumerate(WATCH_COLUMNS[2:5], start=2):
        text = str(shown.pane.table.sorted.index(0, i).data())
        assert shown.pane.table.columnWidth(i) > metrics.horizontalAdvance(text), column.key


def test_the_trend_is_drawn_in_the_tone_of_its_direction(shown: Shown, theme: Theme):
    shown.pane.show_frame(frame(market(instrument(rise=0.02), instrument("ETH/USDT:USDT", 4_000.0, rise=-0.02))))
    table = shown.pane.table
    for row, (drawn, absent) in enumerate((("up", "down"), ("down", "up"))):
        rect = table.visualRect(table.sorted.index(row, 5))
        picture = table.viewport().grab(rect).toImage()
        colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
        assert theme.colour(drawn).name() in colours
        assert theme.colour(absent).name() not in colours


def test_of_a_market_that_is_gone_nothing_is_held(shown: Shown):
    shown.pane.show_frame(frame(market()))
    assert len(shown.pane._known) > 1
    shown.pane._timer.stop()
    shown.pane.show_frame(frame(MarketView(instruments={NAME: instrument()})))
    assert set(shown.pane._known) == {NAME}
