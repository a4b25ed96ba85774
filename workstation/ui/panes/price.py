"""The price chart: candles of the contract in focus, its last price, and my entry and liquidation lines on them."""

from decimal import Decimal

from msgspec.structs import replace
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from workstation.domain.playback import InstrumentInfo
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts import value_axis
from workstation.ui.charts.candle_item import CandleItem
from workstation.ui.charts.heading import Piece
from workstation.ui.charts.level_lines import Level
from workstation.ui.charts.position_levels import PositionLevels, position_levels
from workstation.ui.charts.pyramid import Tip
from workstation.ui.charts.subject import Subject, subject, trouble, watermark
from workstation.ui.charts.timeframes import Timeframes, interval_text
from workstation.ui.panes.base import FIRST_INTERVAL_MS, Focus, Hands, same_answer
from workstation.ui.panes.chart_pane import ChartPane
from workstation.ui.theme import Theme, Tone


class PricePane(ChartPane):
    """Follows the focus. Digits choose a timeframe; the keys and the mouse of the chart are LinkedView's."""

    key = "price"
    title = "Chart"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, "Price chart", value_axis.price_text, parent)
        self._subject = Subject()
        self._tick: Decimal | None = None
        self._held = PositionLevels()
        self._greyed = False
        self.candles = CandleItem()
        self.timeframes = Timeframes(theme)
        self.linked.items = (self.candles,)
        self.linked.axes.exact_text = self._price
        self._strip.setContentsMargins(0, 2, 6, 2)
        self._strip.addWidget(self.timeframes)
        self.timeframes.chosen.connect(self._choose)
        self.empty.asked.connect(self._take_offer)

    # --- frames -------------------------------------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        before, self._frame = self._frame, frame
        self._say_state(frame)
        if before is None or not same_answer(before, frame):
            self._hold(frame)
        elif self._subject.candles is not None and self._is_same_market(before, frame):
            return
        self._show_subject(frame)

    def show_focus(self, focus: Focus) -> None:
        if self._name != (focus.venue, focus.symbol):
            self.linked.auto = True
        super().show_focus(focus)

    def _draw(self, frame: Frame) -> None:
        self._hold(frame)
        self._say_state(frame)
        self._show_subject(frame)

    def _hold(self, frame: Frame) -> None:
        self._held = PositionLevels() if self._name is None else position_levels(frame, *self._name)

    def show_greyed(self, greyed: bool) -> None:
        if greyed != self._greyed:
            self._greyed = greyed
            self._show_levels()

    @property
    def _interval_ms(self) -> int:
        return FIRST_INTERVAL_MS if self._focus is None else self._focus.interval_ms

    def _show_subject(self, frame: Frame) -> None:
        shown = self._subject = subject(frame.market, self._name, self._interval_ms)
        heard = () if shown.instrument is None else shown.instrument.candles
        self._tick = _tick(None if shown.instrument is None else shown.instrument.info)
        self.timeframes.show_chosen(self._interval_ms, min(heard, default=0))
        self.linked.show_watermark(watermark(frame.market))
        if shown.candles is None:
            action = "" if shown.offer is None else f"Show {interval_text(shown.offer)} candles"
            self.empty.say(shown.because, shown.hint, action)
        change = self.candles.show(shown.candles)
        if shown.newest_ms is not None:
            self.linked.link.advance(shown.newest_ms, self._interval_ms)
        self.linked.changed(change, self.candles.tip_rect)
        self._show_levels()
        self._pages.setCurrentWidget(self.empty if shown.candles is None else self.linked)
        self._head()

    def _say_state(self, frame: Frame) -> None:
        words = trouble(frame.market, self._instrument, "candles")
        was_greyed = self.linked.greyed
        self.linked.show_state(words, bool(words))
        if self.linked.greyed != was_greyed:
            self._show_levels()
            self._head()

    def _show_levels(self) -> None:
        levels = list(self._held.levels)
        if self._greyed:
            levels = [replace(level, faint=True) for level in levels]
        newest = self.candles.newest
        if newest is not None:
            tone = self._tone(newest)
            levels.append(Level(price=newest.last, text=self._price(newest.last), tone=tone, stroke="dotted"))
        self.linked.show_levels(tuple(levels))

    # --- the heading --------------------------------------------------------------------------------------------------

    def _head(self) -> None:
        """The contract, and the candle that the mouse points at, or the newest."""
        if self._focus is None:
            self.heading.say(Piece("No contract chosen"))
            return
        pieces = [
            Piece(self._focus.symbol, "fg", True),
            Piece(f"· {interval_text(self._interval_ms)} · {self._focus.venue}", spare=1),
        ]
        pointed = self.linked.pointed_bar_ms
        candle = self.candles.newest if pointed is None else self.candles.at(pointed)
        if candle is not None:
            pieces += self._ohlc(candle)
        if self._held.missing:
            pieces.append(Piece("· liquidation —", "amber"))
        self.heading.say(*pieces, tip="\n".join(self._held.missing))

    def _ohlc(self, candle: Tip) -> list[Piece]:
        tone = self._tone(candle)
        prices = zip("OHLC", (candle.first, candle.highest, candle.lowest, candle.last), (2, 2, 2, 0), strict=True)
        pieces = [
            Piece(self._price(v), tone if not spare else "fg", label=f" {name}", spare=spare)
            for name, v, spare in prices
        ]
        change = Decimal(repr(candle.last)) / Decimal(repr(candle.first)) - 1 if candle.first else Decimal(0)
        return [*pieces, Piece(formats.percent(change, signed=True), tone, spare=1)]

    def _tone(self, candle: Tip) -> Tone:
        """Up or down; what is stale is neither."""
        return "fg2" if self.linked.greyed else "up" if candle.last >= candle.first else "down"

    def _price(self, value: float) -> str:
        return formats.price(Decimal(repr(value)), self._tick)

    # --- choosing -----------------------------------------------------------------------------------------------------

    def _choose(self, interval_ms: int) -> None:
        if self._focus is not None:
            self.hands.look_at(replace(self._focus, interval_ms=interval_ms))

    def _take_offer(self) -> None:
        if self._subject.offer is not None:
            self._choose(self._subject.offer)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.timeframes.typed(event.text().lower()):
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.timeframes.forget()
        super().hideEvent(event)


def _tick(info: InstrumentInfo | None) -> Decimal | None:
    return None if info is None or info.price_tick is None else Decimal(repr(info.price_tick))
