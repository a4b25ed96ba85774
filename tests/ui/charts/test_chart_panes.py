"""The chart panes: what their headings say, what they say where there is nothing, and how a timeframe is chosen."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.kit.charts import (
    FIVE_MINUTES,
    FOCUS,
    START_MS,
    SYMBOL,
    UP,
    VENUE,
    ChartPanes,
    candles,
    forming,
    frame,
    instrument,
    interest,
    market,
    settle,
    tape,
)
from workstation.assessment import Assessor
from workstation.desk.portfolio_file import read_portfolio
from workstation.domain.events import Health
from workstation.market.view import FeedState, MarketView, SeriesView, TapeView
from workstation.packaged import resources
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts.heading import Heading
from workstation.ui.charts.subject import subject
from workstation.ui.panes.base import Focus
from workstation.ui.theme import Theme

HOUR = 3_600_000


class Paints(QObject):
    """Counts the paintings of what it is a filter of."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


@pytest.fixture
def panes(qtbot: QtBot, theme: Theme) -> ChartPanes:
    panes = ChartPanes(theme)
    qtbot.addWidget(panes)
    panes.show()
    qtbot.waitExposed(panes)
    return panes


def said(heading: Heading) -> str:
    return heading.text.replace(formats.GROUP, " ")


def held_frame(shown: MarketView) -> Frame:
    """The sample account in a market, by the real engine."""
    desk = read_portfolio((resources() / "samples" / "sample-account.json").read_bytes())
    return Frame(shown, desk, *Assessor(exact=True).assess(shown, desk))


# --- headings ---------------------------------------------------------------------------------------------------------


def test_the_heading_says_contract_timeframe_venue_and_the_newest_candle_at_the_tick(panes: ChartPanes):
    view = forming(candles(), 100_012.34)
    panes.look(frame(market(instrument({FIVE_MINUTES: view}))))
    assert view.forming is not None
    first = f"{view.forming.open:,.1f}".replace(",", " ")
    text = said(panes.price.heading)
    assert text.startswith(f"{SYMBOL} · 5m · {VENUE}")
    assert f" O {first}" in text
    assert " C 100 012.3 " in text


def test_the_heading_follows_the_crosshair_and_goes_back(panes: ChartPanes):
    panes.look()
    newest = said(panes.price.heading)
    panes.price.linked.link.point(START_MS + 250.5 * FIVE_MINUTES)
    view = candles()
    assert f" C {view.close[250]:,.1f}".replace(",", " ") in said(panes.price.heading)
    assert "shorts liquidated ▲ ≥ 1.50 M" in said(panes.liquidations.heading)
    assert "at the mouse" in said(panes.liquidations.heading)
    panes.price.linked.link.point(None)
    assert said(panes.price.heading) == newest


def test_open_interest_says_its_worth_its_amount_and_the_day(panes: ChartPanes):
    panes.look()
    values = interest().values
    text = said(panes.interest.heading)
    assert text.startswith("Open interest 7.68 B USD · 76.8 K BTC · 24 h ")
    assert text.endswith(f"−{100 * (1 - values[-1] / values[-25]):.1f} %")


def test_a_day_before_the_first_row_is_unknown_and_not_zero(panes: ChartPanes):
    short = SeriesView(interest().at_ms[-10:], interest().values[-10:])
    panes.look(frame(market(instrument(open_interest=short))))
    assert "24 h — (not known so far back)" in said(panes.interest.heading)


def test_open_interest_without_a_price_is_given_in_coins(panes: ChartPanes):
    panes.look(frame(market(instrument(mark=None, last=None))))
    assert said(panes.interest.heading).startswith("Open interest 76.8 K BTC · — USD (no price yet)")


@pytest.mark.parametrize(
    ("coverage", "sign", "word"), [("sampled", "≥ ", "sampled"), ("estimated", "~ ", "estimated"), ("complete", "", "")]
)
def test_liquidations_say_sides_in_words_and_how_complete_they_are(panes: ChartPanes, coverage, sign: str, word: str):
    panes.look(frame(market(instrument(liquidations=tape(coverage)))))
    text = said(panes.liquidations.heading)
    assert f"longs liquidated ▼ {sign}2.00 M" in text
    assert f"shorts liquidated ▲ {sign}1.50 M USD in view, bars of 5m" in text
    assert text.endswith(word or "5m")


def test_totals_of_liquidations_are_of_what_is_in_view(panes: ChartPanes):
    panes.look()
    link = panes.liquidations.linked.link
    link.zoom(60 * FIVE_MINUTES / link.span_ms, link.to_ms)
    assert "longs liquidated ▼ ≥ 0 " in said(panes.liquidations.heading)


@pytest.mark.parametrize(("width", "left_out"), [(1000, ""), (560, " O "), (380, VENUE)])
def test_a_narrow_heading_leaves_out_whole_pieces(panes: ChartPanes, width: int, left_out: str):
    panes.resize(width, 700)
    panes.look()
    shown = panes.price.heading.shown()
    assert shown[0].text == SYMBOL
    assert all(piece in panes.price.heading.pieces for piece in shown)
    words = " ".join(f"{piece.label} {piece.text}" for piece in shown)
    assert not left_out or left_out not in words
    assert bool(left_out) == (len(shown) < len(panes.price.heading.pieces))


# --- nothing to show --------------------------------------------------------------------------------------------------


def test_no_market_says_where_to_open_one(panes: ChartPanes):
    panes.look(frame(MarketView()))
    for pane in panes.panes:
        assert pane.empty.isVisible()
        assert pane.empty.reason.text() == "No market is running."
        assert "practice market" in pane.empty.hint.text()


def test_a_market_that_has_not_come_yet_is_starting_and_not_missing():
    early = replace(market(kind="simulated"), instruments={})
    assert subject(early, None, FIVE_MINUTES).because == "The practice market is starting."
    assert subject(market(), None, FIVE_MINUTES).because == "No contract is chosen."


def test_an_unknown_contract_says_so(panes: ChartPanes):
    panes.look(frame(market(kind="recorded")), Focus("okx", "DOGE/USDT:USDT", FIVE_MINUTES))
    assert panes.price.empty.reason.text() == "This recording has no DOGE/USDT:USDT on okx."


def test_a_missing_timeframe_offers_the_one_there_is(panes: ChartPanes):
    minute = replace(FOCUS, interval_ms=60_000)
    panes.look(frame(market(kind="recorded")), minute)
    assert panes.price.empty.reason.text() == "No 1m candles: this recording has 5m candles."
    QTest.mouseClick(panes.price.empty.button, Qt.MouseButton.LeftButton)
    assert panes.asked == [FOCUS]


def test_a_longer_timeframe_is_waited_for(panes: ChartPanes):
    panes.look(focus=replace(FOCUS, interval_ms=HOUR))
    assert panes.price.empty.reason.text() == "1h candles are being made from 5m candles."
    both = {FIVE_MINUTES: candles(), HOUR: candles(25, interval_ms=HOUR)}
    panes.look(frame(market(instrument(both))), replace(FOCUS, interval_ms=HOUR))
    assert panes.price.linked.isVisible()


def test_no_open_interest_and_no_liquidation_are_explained(panes: ChartPanes):
    panes.look(frame(market(instrument(open_interest=SeriesView(), liquidations=TapeView()))))
    assert panes.interest.empty.reason.text() == f"No open interest of {SYMBOL} came yet."
    assert panes.liquidations.empty.reason.text() == f"No liquidation of {SYMBOL} was heard so far."
    assert said(panes.interest.heading) == "Open interest —"
    assert said(panes.liquidations.heading) == "Liquidations —"


# --- the state of the data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "word"),
    [("simulated", "SIMULATED"), ("recorded", "RECORDED"), ("historical", "HISTORICAL"), ("live", "")],
)
def test_the_word_across_every_chart_says_what_the_market_is(panes: ChartPanes, kind, word: str):
    panes.look(frame(market(kind=kind)))
    assert [pane.linked.watermark.word for pane in panes.panes] == [word] * 3


def test_late_data_are_greyed_with_their_age_that_goes_on(panes: ChartPanes):
    at = START_MS + 301 * FIVE_MINUTES
    late = {"candles": Health(VENUE, "candles", "late", at - 12_000, "nothing for more than 10 s")}
    view = instrument(health=late)
    panes.look(frame(market(view, at_ms=at)))
    assert panes.price.linked.state == "late: no data for 12 s (nothing for more than 10 s)"
    assert panes.price.linked.greyed
    assert not panes.interest.linked.greyed
    panes.look(frame(market(view, at_ms=at + 5_000)))
    assert panes.price.linked.state.startswith("late: no data for 17 s")
    panes.look(frame(market(instrument(), at_ms=at)))
    assert (panes.price.linked.state, panes.price.linked.greyed) == ("", False)


def test_a_feed_that_is_down_is_said_on_every_chart(panes: ChartPanes):
    panes.look(frame(market(feed=FeedState(up=False, because="it ended; started again in 1 s"))))
    for pane in panes.panes:
        assert pane.linked.state == "feed down: it ended; started again in 1 s"
        assert pane.linked.greyed


# --- lines ------------------------------------------------------------------------------------------------------------


def test_entry_and_both_liquidation_prices_of_my_position_are_on_the_chart(panes: ChartPanes):
    panes.look(held_frame(market()))
    briefs = [level.brief for level in panes.price.linked.lines.levels]
    assert briefs == ["entry LONG 1 BTC", "per symbol", "joint", ""]
    panes.look(held_frame(market()), Focus(VENUE, "SOL/USDT:USDT", FIVE_MINUTES))
    assert [level.brief for level in panes.price.linked.lines.levels] == []


def test_lines_are_faint_while_the_frame_does_not_answer_the_desk(panes: ChartPanes):
    panes.look(held_frame(market()))
    panes.price.show_greyed(True)
    assert [level.faint for level in panes.price.linked.lines.levels] == [True, True, True, False]
    panes.price.show_greyed(False)
    assert not any(level.faint for level in panes.price.linked.lines.levels)


def test_the_last_price_moves_with_every_tick(panes: ChartPanes):
    view = candles()
    for last in (100_010.0, 99_990.0):
        panes.look(frame(market(instrument({FIVE_MINUTES: forming(view, last)}))))
        level = panes.price.linked.lines.levels[-1]
        assert (level.price, level.tone) == (last, "up" if last >= view.close[-1] else "down")


# --- timeframes -------------------------------------------------------------------------------------------------------


def test_a_button_asks_for_its_timeframe(panes: ChartPanes):
    panes.look()
    chosen = [button.text() for button in panes.price.timeframes.buttons if button.isChecked()]
    assert chosen == ["5m"]
    QTest.mouseClick(panes.price.timeframes.buttons[3], Qt.MouseButton.LeftButton)
    assert panes.asked == [replace(FOCUS, interval_ms=HOUR)]


def test_timeframes_below_the_shortest_candles_cannot_be_chosen(panes: ChartPanes):
    panes.look()
    minute = panes.price.timeframes.buttons[0]
    assert not minute.isEnabled()
    assert minute.toolTip() == "1m candles: the market has no candles shorter than 5m"


def test_digits_typed_on_the_chart_choose_a_timeframe(qtbot: QtBot, panes: ChartPanes):
    panes.look()
    QTest.keyClicks(panes.price.linked, "15")
    assert panes.price.timeframes.said.text() == "timeframe 15"
    qtbot.waitUntil(lambda: bool(panes.asked), timeout=3_000)
    QTest.keyClicks(panes.price.linked, "4h")
    assert [focus.interval_ms for focus in panes.asked] == [15 * 60_000, 4 * HOUR]
    QTest.keyClicks(panes.price.linked, "0")
    panes.price.timeframes.take()
    assert len(panes.asked) == 2


def test_keys_of_the_chart_are_no_digits(panes: ChartPanes):
    panes.look()
    panes.price.linked.link.pan(-1e9)
    QTest.keyClicks(panes.price.linked, "hc")
    assert panes.price.linked.link.following
    assert panes.price.timeframes.said.text() == ""


# --- frames -----------------------------------------------------------------------------------------------------------


def test_all_three_share_one_time(panes: ChartPanes):
    panes.look()
    panes.interest.linked.link.zoom(0.5, START_MS + 250 * FIVE_MINUTES)
    views = [pane.linked.view for pane in panes.panes]
    assert len({(view.from_ms, view.to_ms, view.width) for view in views}) == 1


def test_a_frame_with_nothing_new_paints_nothing(panes: ChartPanes):
    shown = frame()
    assert shown.market.at_ms is not None
    panes.look(shown)
    paints = Paints()
    for pane in panes.panes:
        pane.linked.installEventFilter(paints)
    panes.look(replace(shown, market=replace(shown.market, at_ms=shown.market.at_ms + 1)))
    assert paints.count == 0
    panes.price.linked.link.pan(1_000_000)
    settle()
    assert paints.count == 3


def test_going_back_in_time_shows_the_market_as_it_was(panes: ChartPanes):
    panes.look()
    early = candles(120)
    panes.look(frame(market(instrument({FIVE_MINUTES: early}), at_ms=START_MS + 121 * FIVE_MINUTES)))
    view = panes.price.linked.view
    assert view.from_ms < START_MS + 121 * FIVE_MINUTES <= view.to_ms
    assert len(panes.price.candles._pyramid.times) == 120


def test_another_contract_scales_the_values_anew(panes: ChartPanes):
    panes.look()
    panes.price.linked.zoom_values(0.01, 100_000.0)
    cheap = replace(instrument({FIVE_MINUTES: candles(price=0.2)}), symbol="DOGE/USDT:USDT")
    both = replace(market(), instruments={**market().instruments, (VENUE, "DOGE/USDT:USDT"): cheap})
    panes.look(frame(both), Focus(VENUE, "DOGE/USDT:USDT", FIVE_MINUTES))
    view = panes.price.linked.view
    assert 0.1 < view.low < 0.2 < view.high < 0.3


def test_a_million_candles_are_shown(panes: ChartPanes):
    view = candles(1_000_000, interval_ms=60_000)
    minute = replace(FOCUS, interval_ms=60_000)
    panes.look(frame(market(instrument({60_000: view}), feed=UP)), minute)
    assert panes.price.linked.isVisible()
    assert panes.price.candles.newest_ms == int(view.open_ms[-1]) + 120_000
    assert np.shares_memory(panes.price.candles._pyramid.times, view.open_ms)
    settle()
