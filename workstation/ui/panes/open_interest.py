"""Open interest over time: how much is held open, in the contract's base, with its worth in USD above it."""

from decimal import Decimal

from PySide6.QtWidgets import QWidget

from workstation.domain.instrument import parse_symbol
from workstation.market.view import SeriesView
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts import value_axis
from workstation.ui.charts.heading import Piece
from workstation.ui.charts.series_item import SeriesItem
from workstation.ui.charts.subject import subject, trouble, watermark
from workstation.ui.panes.base import Hands
from workstation.ui.panes.chart_pane import ChartPane
from workstation.ui.theme import Theme, Tone

_DAY_MS = 86_400_000
_SLACK_MS = 2 * 3_600_000  # a row up to so much older than a day still tells the day's change
_NOTHING = SeriesView()


class OpenInterestPane(ChartPane):
    """Follows the focus."""

    key = "open_interest"
    title = "Open interest"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, "Open interest chart", value_axis.short_text, parent)
        self.series = SeriesItem()
        self.linked.items = (self.series,)
        self.linked.axes.exact_text = _exact

    def show_frame(self, frame: Frame) -> None:
        before, self._frame = self._frame, frame
        words = trouble(frame.market, self._instrument, "open_interest")
        self.linked.show_state(words, bool(words))
        if before is None or not self._is_same_market(before, frame):
            self._draw(frame)

    def _draw(self, frame: Frame) -> None:
        market, instrument = frame.market, self._instrument
        interval = self.linked.link.interval_ms if self._focus is None else self._focus.interval_ms
        shown = subject(market, self._name, interval)
        series = _NOTHING if instrument is None else instrument.open_interest
        if instrument is None:
            self.empty.say(shown.because, shown.hint)
        elif not len(series.at_ms):
            self.empty.say(f"No open interest of {instrument.symbol} came yet.", "Not every source says it.")
        self.linked.show_watermark(watermark(market))
        change = self.series.show(series)
        if shown.newest_ms is not None:
            self.linked.link.advance(shown.newest_ms, interval)
        self.linked.changed(change)
        self._pages.setCurrentWidget(self.linked if len(series.at_ms) else self.empty)
        self._head()

    def _head(self) -> None:
        """The newest value, or the one at the moment that the mouse points at."""
        instrument, pointed = self._instrument, self.linked.link.pointer_ms
        row = None if instrument is None else self.series.at(float("inf") if pointed is None else pointed)
        if instrument is None or row is None:
            self.heading.say(Piece("Open interest"), Piece(formats.UNKNOWN, "fg"))
            return
        at, value = row
        parts = parse_symbol(instrument.symbol)
        base = f"{formats.short(_decimal(value))} {parts.base if parts else 'base'}"
        price = instrument.last if instrument.mark is None else instrument.mark
        pieces = [Piece("Open interest")]
        if pointed is not None or price is None:
            pieces.append(Piece(base, "fg", True))
            if pointed is None:
                pieces.append(Piece(f"· {formats.UNKNOWN} USD (no price yet)"))
        else:
            pieces += [Piece(f"{formats.short(_decimal(value * price))} USD", "fg", True), Piece(f"· {base}", spare=2)]
        self.heading.say(*pieces, *self._day_change(at, value), tip=f"{_exact(value)} at the drawn row, in base units")

    def _day_change(self, at_ms: int, value: float) -> list[Piece]:
        """Against the row a day before, in base units: a price that fell closes no position."""
        before = self.series.at(at_ms - _DAY_MS)
        if before is None or before[0] < at_ms - _DAY_MS - _SLACK_MS or not before[1]:
            return [Piece(f"· 24 h {formats.UNKNOWN} (not known so far back)", spare=1)]
        change = _decimal(value / before[1]) - 1
        tone: Tone = "up" if change >= 0 else "down"
        return [Piece(formats.percent(change, 1, signed=True), tone, label="· 24 h", spare=1)]


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _exact(value: float) -> str:
    return formats.fixed(_decimal(value), 0 if abs(value) >= 1000 else 4)
