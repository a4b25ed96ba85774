"""Liquidations by side and candle: shorts liquidated up, longs liquidated down, in USD."""

from decimal import Decimal

from PySide6.QtWidgets import QWidget

from workstation.domain.events import Coverage
from workstation.market.view import TapeView
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts import value_axis
from workstation.ui.charts.bars_item import BarsItem
from workstation.ui.charts.candle_item import LEAST_PX
from workstation.ui.charts.heading import Piece
from workstation.ui.charts.subject import subject, trouble, watermark
from workstation.ui.charts.timeframes import interval_text
from workstation.ui.panes.base import Hands
from workstation.ui.panes.chart_pane import ChartPane
from workstation.ui.theme import Theme

_SIGNS: dict[Coverage, str] = {"complete": "", "sampled": "≥ ", "estimated": "~ "}
_WORDS: dict[Coverage, str] = {
    "complete": "",
    "sampled": "sampled: the source leaves some out, so these are lower bounds",
    "estimated": "estimated: not reported, but inferred",
}
_NOTHING = TapeView()


class LiquidationsPane(ChartPane):
    """Follows the focus. The totals are of what is in view."""

    key = "liquidations"
    title = "Liquidations"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, "Liquidations chart", value_axis.short_text, parent)
        self.bars = BarsItem()
        self.linked.items = (self.bars,)
        self.linked.axes.exact_text = _usd

    def show_frame(self, frame: Frame) -> None:
        before, self._frame = self._frame, frame
        # a quiet tape is no fault of its own: what it depends on is whether the feed runs
        words = trouble(frame.market, None, "liquidations")
        self.linked.show_state(words, bool(words))
        if before is None or not self._is_same_market(before, frame):
            self._draw(frame)

    def _draw(self, frame: Frame) -> None:
        market, instrument = frame.market, self._instrument
        interval = self.linked.link.interval_ms if self._focus is None else self._focus.interval_ms
        shown = subject(market, self._name, interval)
        tape = _NOTHING if instrument is None else instrument.liquidations
        if instrument is None:
            self.empty.say(shown.because, shown.hint)
        elif not len(tape.at_ms):
            reason = f"No liquidation of {instrument.symbol} was heard so far."
            self.empty.say(reason, "Either none happened, or the source does not say them.")
        self.linked.show_watermark(watermark(market))
        change = self.bars.show(tape, interval)
        if shown.newest_ms is not None:
            self.linked.link.advance(shown.newest_ms, interval)
        self.linked.changed(change)
        self._pages.setCurrentWidget(self.linked if len(tape.at_ms) else self.empty)
        self._head()

    def _listen(self) -> None:
        super()._listen()
        self.linked.link.moved.connect(self._head)

    def _head(self) -> None:
        """Totals of what is in view, or of the bar that the mouse points at."""
        tape, view, pointed = self.bars.tape, self.linked.view, self.linked.link.pointer_ms
        if tape.coverage is None:
            self.heading.say(Piece("Liquidations"), Piece(formats.UNKNOWN, "fg"))
            return
        width = self.bars.width_ms(LEAST_PX * view.ms_per_px)
        if pointed is None:
            longs, shorts = self.bars.between(view.from_ms, view.to_ms)
            which = "in view"
        else:
            start = int(pointed // width) * width
            longs, shorts = self.bars.between(start, start + width)
            which = "at the mouse"
        sign = _SIGNS[tape.coverage]
        words = _WORDS[tape.coverage]
        self.heading.say(
            Piece("Liquidations ·", spare=1),
            Piece("longs liquidated ▼", "down"),
            Piece(f"{sign}{_short(longs)}", "fg", True),
            Piece("· shorts liquidated ▲", "up"),
            Piece(f"{sign}{_short(shorts)}", "fg", True),
            Piece("USD"),
            Piece(f"{which}, bars of {interval_text(width)}", spare=2),
            *((Piece(f"· {tape.coverage}", "amber", spare=1),) if words else ()),
            tip="\n".join(part for part in (f"longs {_usd(longs)}, shorts {_usd(shorts)}", words) if part),
        )


def _short(value: float) -> str:
    return formats.short(Decimal(repr(value))) if value else "0"


def _usd(value: float) -> str:
    return f"{formats.fixed(Decimal(repr(value)), 0)} USD"
