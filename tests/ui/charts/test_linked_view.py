"""A chart: ticks draw one column, tags at the edges, linked time and crosshair, wheel, drag and keys."""

from collections.abc import Iterable
from itertools import combinations
from typing import cast

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPaintEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.kit.charts import FIVE_MINUTES, START_MS, candles, forming, has_colour, settle
from workstation.market.view import CandleView
from workstation.ui.charts.candle_item import CandleItem, Change
from workstation.ui.charts.level_lines import Level, Tag
from workstation.ui.charts.linked_view import LinkedView, link_views
from workstation.ui.charts.value_axis import price_text
from workstation.ui.theme import DARK, LIGHT, Theme

NO_KEYS = Qt.KeyboardModifier.NoModifier


class Chart(LinkedView):
    """Remembers what it was told to paint anew."""

    def __init__(self, theme: Theme, shown: CandleView) -> None:
        super().__init__(theme, "chart", price_text)
        self.candles = CandleItem()
        self.items = (self.candles,)
        self.painted: list[tuple[int, int]] = []
        self.areas: list[int] = []
        self.resize(800, 400)
        self.take(shown)

    def take(self, shown: CandleView | None) -> Change:
        change = self.candles.show(shown)
        if self.candles.newest_ms is not None:
            self.link.advance(self.candles.newest_ms, FIVE_MINUTES)
        self.changed(change, self.candles.tip_rect)
        return change

    @property
    def shown(self) -> CandleView:
        assert self.candles.candles is not None
        return self.candles.candles

    @property
    def last(self) -> float:
        assert self.candles.last is not None
        return self.candles.last

    @property
    def newest_ms(self) -> int:
        assert self.link.newest_ms is not None
        return self.link.newest_ms

    def paintEvent(self, event: QPaintEvent) -> None:
        rects = list(cast("Iterable[QRect]", event.region()))
        self.areas.append(sum(rect.width() * rect.height() for rect in rects))
        rect = event.region().boundingRect()
        self.painted.append((rect.width(), rect.height()))
        super().paintEvent(event)


@pytest.fixture
def chart(qtbot: QtBot, theme: Theme) -> Chart:
    return opened(qtbot, theme)


def opened(qtbot: QtBot, theme: Theme, shown: CandleView | None = None) -> Chart:
    chart = Chart(theme, candles() if shown is None else shown)
    qtbot.addWidget(chart)
    chart.show()
    qtbot.waitExposed(chart)
    settle()
    chart.painted.clear()
    return chart


def turn(chart: LinkedView, place: QPoint, notches: int, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
    """The mouse wheel; a notch is 120 eighths of a degree."""
    at = QPointF(place)
    event = QWheelEvent(
        at,
        QPointF(chart.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart, event)


def on_screen(chart: LinkedView) -> QImage:
    """What was painted bit by bit."""
    return chart.screen().grabWindow(chart.winId()).toImage()


def level(price: float, label: str = "", **also: object) -> Level:
    return Level(price=price, text=f"{price:,.1f}", label=label, **also)  # pyright: ignore[reportArgumentType]


# --- drawing ----------------------------------------------------------------------------------------------------------


def test_a_tick_draws_only_the_newest_column(chart: Chart):
    last = float(chart.shown.close[-1])
    chart.take(forming(chart.shown, last + 1))
    settle()
    chart.painted.clear()
    assert chart.take(forming(chart.shown, last + 2)) is Change.TIP
    settle()
    assert len(chart.painted) == 1
    assert chart.painted[0][0] < 25
    assert chart.painted[0][1] <= chart.view.height


def test_a_tick_beyond_what_is_seen_draws_everything(chart: Chart):
    high = chart.view.high
    chart.take(forming(chart.shown, high * 1.01))
    settle()
    assert chart.view.high > high * 1.01
    assert chart.painted[-1] == (800, 400)


def test_the_same_candles_draw_nothing(chart: Chart):
    assert chart.take(chart.shown) is Change.NONE
    settle()
    assert chart.painted == []


def test_a_moved_last_price_draws_strips_and_leaves_nothing_behind(chart: Chart):
    step = (chart.view.high - chart.view.low) / 10
    for price in (chart.last, chart.last - step, chart.last - 3 * step):
        chart.show_levels((level(price, tone="amber", stroke="dotted"),))
        settle()
    assert chart.areas[-1] < chart.width() * chart.height() / 4
    assert on_screen(chart) == chart.grab().toImage()


def test_what_ticks_paint_is_what_painting_all_gives(chart: Chart):
    for step in (30.0, -40.0, 10.0):
        last = chart.last + step
        chart.take(forming(chart.shown, last))
        chart.show_levels((level(last),))
        settle()
    assert chart.areas[-1] < chart.width() * chart.height() / 4
    assert on_screen(chart) == chart.grab().toImage()


def test_a_candle_keeps_its_highest_and_lowest_pixel_at_any_zoom(qtbot: QtBot, theme: Theme):
    shown = candles(20_000)
    high, low = shown.high.copy(), shown.low.copy()
    high[7_777], low[12_345] = 250_000.0, 20_000.0
    spiked = CandleView(FIVE_MINUTES, shown.open_ms, shown.open, high, low, shown.close, shown.volume_base)
    chart = opened(qtbot, theme, spiked)
    for factor in (30, 2, 2, 2):
        chart.link.zoom(factor, chart.newest_ms)
        view = chart.view
        if view.from_ms > shown.open_ms[7_777]:
            continue
        image = chart.grab().toImage()
        for row, price in ((7_777, 250_000.0), (12_345, 20_000.0)):
            x, y = round(view.x(float(shown.open_ms[row]))), round(view.y(price))
            pixels = [(x + dx, y + dy) for dx in range(-8, 9) for dy in (-1, 0, 1)]
            colours = {image.pixelColor(*at).name().upper() for at in pixels}
            assert colours & {DARK.up, DARK.down}, f"row {row} is gone at {factor}"


def test_a_million_candles_load_and_draw_no_more_bars_than_there_is_room_for(qtbot: QtBot, theme: Theme):
    chart = opened(qtbot, theme, candles(1_000_000))
    chart.link.zoom(1e9, chart.newest_ms)
    assert chart.view.from_ms < START_MS
    chart.grab()
    drawn = chart.candles._drawn
    assert drawn is not None
    wicks_and_bodies = drawn[1].rects
    assert 0 < len(wicks_and_bodies) // 2 <= 800 // 3


def test_colours_follow_the_theme_at_once(chart: Chart, theme: Theme):
    for tokens in (LIGHT, DARK):
        theme.apply(tokens)
        settle()
        image = chart.grab().toImage()
        for colour in (tokens.up, tokens.down):
            assert has_colour(image, chart.view.rect, colour)
        assert image.pixelColor(2, chart.view.bottom + 3).name().upper() == tokens.bg1


def test_a_larger_text_takes_a_wider_axis(chart: Chart, theme: Theme):
    before = chart.view
    theme.apply(text_size=150)
    settle()
    assert chart.view.width < before.width
    assert chart.view.height < before.height


def test_the_zone_is_named_on_the_axis(chart: Chart):
    laid_out: list[str] = []
    draw = chart.texts.draw

    def remember(painter, x, y, text, *others, **more):
        laid_out.append(text)
        draw(painter, x, y, text, *others, **more)

    chart.texts.draw = remember
    chart.grab()
    assert "UTC" in laid_out


def test_trouble_is_said_in_the_chart_and_greys_it(chart: Chart):
    assert has_colour(chart.grab().toImage(), chart.view.rect, DARK.down)
    chart.show_state("late: no data for 12 s", greyed=True)
    image = chart.grab().toImage()
    assert not has_colour(image, chart.view.rect, DARK.down)
    assert has_colour(image, chart.view.rect, DARK.amber_bg)
    assert chart.accessibleDescription() == "late: no data for 12 s"


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_the_word_across_the_chart_is_seen(chart: Chart, theme: Theme, tokens):
    theme.apply(tokens)
    chart.items = ()
    before = chart.grab().toImage()
    chart.show_watermark("SIMULATED")
    after = chart.grab().toImage()
    changed = [
        (x, y)
        for x in range(0, chart.view.width, 2)
        for y in range(0, chart.view.height, 2)
        if before.pixel(x, y) != after.pixel(x, y)
    ]
    xs = [x for x, _ in changed]
    assert len(changed) > 1_000
    assert max(xs) - min(xs) > chart.view.width / 2


# --- levels -----------------------------------------------------------------------------------------------------------


def overlapping(tags: tuple[Tag, ...]) -> list[tuple[str, str]]:
    return [(one.text, other.text) for one, other in combinations(tags, 2) if one.rect.intersects(other.rect)]


def test_a_line_out_of_sight_has_a_tag_at_its_edge(chart: Chart):
    low, high = chart.view.low, chart.view.high
    down = level(low * 0.95, "Liquidation joint", brief="joint", distance="−4.53 %")
    up = level(high * 1.1, "Entry LONG 1 BTC", brief="entry LONG 1 BTC", distance="+9.00 %")
    chart.show_levels((down, up))
    placed = chart.lines.placed(chart.view, chart.width() - chart.view.right)
    texts = {tag.text: tag.rect for tag in placed.edges}
    assert f"▼ joint {down.text} −4.53 %" in texts
    assert f"▲ entry LONG 1 BTC {up.text} +9.00 %" in texts
    assert texts[f"▲ entry LONG 1 BTC {up.text} +9.00 %"].top() < 10
    assert abs(texts[f"▼ joint {down.text} −4.53 %"].bottom() - chart.view.bottom) < 10
    assert placed.lines == ()


def test_a_line_in_sight_has_its_tag_on_the_axis_and_none_at_the_edge(chart: Chart):
    middle = (chart.view.low + chart.view.high) / 2
    chart.show_levels((level(middle, "Entry LONG 1 BTC"),))
    placed = chart.lines.placed(chart.view, 70)
    assert placed.edges == ()
    assert [tag.text for tag in placed.labels] == ["Entry LONG 1 BTC"]
    assert abs(placed.axis[0].rect.center().y() - chart.view.y(middle)) <= 1


@pytest.mark.parametrize("size", [(800, 400), (320, 120)])
def test_tags_never_cover_each_other(chart: Chart, size: tuple[int, int]):
    chart.resize(*size)
    settle()
    low, high = chart.view.low, chart.view.high
    prices = [low * 0.9, low * 0.91, low * 0.92, low * 0.93, low * 0.94, low * 0.95, low, low + 1, low + 2]
    prices += [(low + high) / 2, (low + high) / 2 + 1, high - 1, high * 1.1, high * 1.2]
    chart.show_levels(tuple(level(price, f"line {i}") for i, price in enumerate(prices)))
    placed = chart.lines.placed(chart.view, chart.width() - chart.view.right)
    assert overlapping(placed.axis) == []
    assert overlapping(placed.edges) == []
    if size == (800, 400):
        assert overlapping((*placed.labels, *placed.edges)) == []
        assert any(tag.text == "▼ 2 more" for tag in placed.edges)


# --- moving -----------------------------------------------------------------------------------------------------------


def test_linked_charts_move_together_and_stand_below_each_other(qtbot: QtBot, theme: Theme):
    one, other = opened(qtbot, theme), opened(qtbot, theme, candles(200, price=0.2))
    link = link_views([one, other])
    assert one.link is other.link is link
    link_views([one, other])
    turn(one, QPoint(300, 100), 3)
    other.link.pan(-3_600_000)
    assert (one.view.from_ms, one.view.to_ms) == (other.view.from_ms, other.view.to_ms)
    assert one.view.width == other.view.width


def test_charts_that_are_not_linked_stay_where_they_are(qtbot: QtBot, theme: Theme):
    one, other = opened(qtbot, theme), opened(qtbot, theme)
    before = other.view
    turn(one, QPoint(300, 100), 3)
    assert other.view == before


def test_the_wheel_zooms_around_the_mouse(chart: Chart):
    place = QPoint(300, 100)
    before, moment = chart.view, chart.view.at_ms(300)
    turn(chart, place, 2)
    assert chart.view.to_ms - chart.view.from_ms < before.to_ms - before.from_ms
    assert chart.view.at_ms(300) == pytest.approx(moment, abs=1)
    turn(chart, place, -2)
    assert chart.view.from_ms == pytest.approx(before.from_ms, abs=1)


def test_shift_and_wheel_pan(chart: Chart):
    before = chart.view
    turn(chart, QPoint(300, 100), 1, Qt.KeyboardModifier.ShiftModifier)
    assert chart.view.from_ms < before.from_ms
    assert chart.view.to_ms - chart.view.from_ms == pytest.approx(before.to_ms - before.from_ms)


def test_control_and_wheel_zoom_the_values_and_x_gives_them_back(chart: Chart):
    before = chart.view
    turn(chart, QPoint(300, 100), 2, Qt.KeyboardModifier.ControlModifier)
    assert (chart.view.from_ms, chart.view.to_ms) == (before.from_ms, before.to_ms)
    assert chart.view.high - chart.view.low < before.high - before.low
    assert chart.view.value(100) == pytest.approx(before.value(100))
    QTest.keyClick(chart, Qt.Key.Key_X)
    assert (chart.view.low, chart.view.high) == (before.low, before.high)


def test_dragging_pans_and_c_goes_back_to_the_newest_bar(chart: Chart):
    before = chart.view
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(200, 100))
    QTest.mouseMove(chart, QPoint(600, 100))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(600, 100))
    assert chart.view.from_ms == pytest.approx(before.from_ms - 400 * before.ms_per_px)
    assert not chart.link.following
    QTest.keyClick(chart, Qt.Key.Key_C)
    assert chart.link.following
    assert (chart.view.from_ms, chart.view.to_ms) == pytest.approx((before.from_ms, before.to_ms))


def test_z_resets_time_and_values(chart: Chart):
    before = chart.view
    turn(chart, QPoint(300, 100), -9)
    turn(chart, QPoint(300, 100), 3, Qt.KeyboardModifier.ControlModifier)
    chart.link.pan(-1e9)
    QTest.keyClick(chart, Qt.Key.Key_Z)
    assert chart.view == before


def test_dragging_the_value_axis_zooms_the_values(chart: Chart):
    before = chart.view
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(before.right + 5, 100))
    QTest.mouseMove(chart, QPoint(before.right + 5, 160))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(before.right + 5, 160))
    assert chart.view.high - chart.view.low > before.high - before.low
    assert not chart.auto


def test_no_zoom_ends_in_nonsense(chart: Chart):
    for notches in (400, -900, 400):
        for modifiers in (NO_KEYS, Qt.KeyboardModifier.ControlModifier):
            for _ in range(3):
                turn(chart, QPoint(300, 100), notches, modifiers)
                chart.grab()
    view = chart.view
    assert view.high > view.low
    assert view.to_ms > view.from_ms


def test_the_view_follows_the_newest_bar_until_it_is_panned_away(chart: Chart):
    newest = chart.newest_ms
    before = chart.view
    chart.link.advance(newest + FIVE_MINUTES, FIVE_MINUTES)
    assert chart.view.from_ms == before.from_ms + FIVE_MINUTES
    chart.link.pan(-before.width * before.ms_per_px)
    away = chart.view
    chart.link.advance(newest + 2 * FIVE_MINUTES, FIVE_MINUTES)
    assert (chart.view.from_ms, chart.view.to_ms) == (away.from_ms, away.to_ms)


def test_another_timeframe_shows_as_many_bars(chart: Chart):
    before = chart.view
    chart.link.advance(chart.newest_ms, 3 * FIVE_MINUTES)
    assert chart.link.span_ms == pytest.approx(3 * (before.to_ms - before.from_ms))
    assert chart.link.following


def test_the_crosshair_points_at_the_same_bar_in_every_linked_chart(qtbot: QtBot, theme: Theme):
    one, other = opened(qtbot, theme), opened(qtbot, theme)
    link_views([one, other])
    settle()
    for place in (QPoint(500, 200), QPoint(300, 100)):
        QTest.mouseMove(one, place)
        settle()
    bar, x = one.pointed_bar_ms, other._drawn_pointer[0]
    assert bar is not None
    assert x is not None
    assert bar == other.pointed_bar_ms
    assert bar % FIVE_MINUTES == 0
    assert bar <= one.view.at_ms(300) < bar + FIVE_MINUTES
    assert one._drawn_pointer[0] == other._drawn_pointer[0]
    assert (one._drawn_pointer[1], other._drawn_pointer[1]) == (100, None)
    image = other.grab().toImage()
    assert image.pixelColor(x, 1) != image.pixelColor(x + 3, 1)
    QApplication.sendEvent(one, QEvent(QEvent.Type.Leave))
    assert one.pointed_bar_ms is None
    assert other._drawn_pointer == (None, None)


def test_a_moving_crosshair_leaves_nothing_behind(chart: Chart):
    for place in (QPoint(500, 200), QPoint(120, 300), QPoint(300, 100)):
        QTest.mouseMove(chart, place)
        settle()
    assert chart._drawn_pointer[1] == 100
    whole = chart.grab().toImage()
    assert on_screen(chart) == whole


def test_the_times_go_to_the_lowest_chart_though_only_what_holds_it_was_moved(qtbot: QtBot, theme: Theme):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    holders = [QWidget(window), QWidget(window)]
    charts = [Chart(theme, candles(50)) for _ in holders]
    for holder, chart, top in zip(holders, charts, (0, 200), strict=True):
        chart.setParent(holder)
        holder.setGeometry(0, top, 600, 200)
        chart.setGeometry(0, 0, 600, 200)
    link_views(charts)
    window.show()
    qtbot.waitExposed(window)
    assert [chart.has_times for chart in charts] == [False, True]
    for holder, top in zip(holders, (200, 0), strict=True):
        holder.move(0, top)  # as a restored layout does
    charts[0].link.advance(charts[0].newest_ms + FIVE_MINUTES, FIVE_MINUTES)
    assert [chart.has_times for chart in charts] == [True, False]
