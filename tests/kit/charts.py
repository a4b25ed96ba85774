"""Charts for tests: a walk of candles as a market, the chart panes on it, and what they asked for."""

from collections.abc import Mapping
from decimal import Decimal

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QSplitter

from workstation.desk.state import DeskState
from workstation.domain.events import Candle, Coverage, Health
from workstation.domain.playback import InstrumentInfo, Source, SourceKind
from workstation.market.view import CandleView, FeedState, InstrumentView, MarketView, SeriesView, TapeView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame
from workstation.ui.charts.linked_view import link_views
from workstation.ui.panes.base import Focus, Hands
from workstation.ui.panes.liquidations import LiquidationsPane
from workstation.ui.panes.open_interest import OpenInterestPane
from workstation.ui.panes.price import PricePane
from workstation.ui.theme import Theme

VENUE, SYMBOL = "binance-usdm", "BTC/USDT:USDT"
FIVE_MINUTES = 300_000
START_MS = 1_760_054_400_000  # 2025-10-10 00:00 UTC
FOCUS = Focus(VENUE, SYMBOL, FIVE_MINUTES)
UP = FeedState(up=True, because="")


def candles(count: int = 300, price: float = 100_000.0, interval_ms: int = FIVE_MINUTES) -> CandleView:
    """So many closed candles of a walk that ends near a price, and one that forms at it."""
    random = np.random.default_rng(4)
    steps = random.normal(0, price * 4e-4, count)
    close = price + np.cumsum(steps) - steps.sum()
    opened = np.concatenate((close[:1], close[:-1]))
    high = np.maximum(opened, close) + random.random(count) * price * 3e-4
    low = np.minimum(opened, close) - random.random(count) * price * 3e-4
    times = START_MS + np.arange(count, dtype=np.int64) * interval_ms
    return forming(CandleView(interval_ms, times, opened, high, low, close, np.ones(count)), price)


def forming(view: CandleView, last: float) -> CandleView:
    """The same columns, the forming candle being at a price."""
    first = float(view.close[-1])
    open_ms = int(view.open_ms[-1]) + view.interval_ms
    shape = (first, max(first, last), min(first, last), last, 1.0)
    columns = (view.open_ms, view.open, view.high, view.low, view.close, view.volume_base)
    return CandleView(
        view.interval_ms, *columns, Candle(VENUE, SYMBOL, view.interval_ms, open_ms, *shape, closed=False)
    )


def interest(count: int = 60) -> SeriesView:
    """Open interest once an hour over the days before and in the candles."""
    times = START_MS - 86_400_000 + np.arange(count, dtype=np.int64) * 3_600_000
    return SeriesView(times, np.linspace(80_000.0, 76_800.0, count))


def tape(coverage: Coverage = "sampled") -> TapeView:
    """A long of 2 M USD, and shorts of 0.5 M and 1 M in one candle later."""
    times = START_MS + np.array([200 * FIVE_MINUTES + 5, 250 * FIVE_MINUTES, 250 * FIVE_MINUTES + 900])
    usd = np.array([2e6, 0.5e6, 1e6])
    return TapeView(times, np.array([True, False, False]), usd / 1e5, np.full(3, 1e5), usd, coverage)


def instrument(
    views: Mapping[int, CandleView] | None = None, health: Mapping[str, Health] | None = None, **also: object
) -> InstrumentView:
    """BTC with five-minute candles, open interest and liquidations."""
    known = {FIVE_MINUTES: candles()} if views is None else views
    last = next((view.forming.close for view in known.values() if view.forming is not None), None)
    fields: dict[str, object] = {
        "info": InstrumentInfo("linear", 1.0, 0.1),
        "last": last,
        "mark": last,
        "open_interest": interest(),
        "liquidations": tape(),
        "quality": health or {},
        **also,
    }
    return InstrumentView(venue=VENUE, symbol=SYMBOL, candles=known, **fields)  # pyright: ignore[reportArgumentType]


def market(
    view: InstrumentView | None = None, kind: SourceKind = "simulated", feed: FeedState = UP, at_ms: int | None = None
) -> MarketView:
    """A market of this contract alone."""
    shown = instrument() if view is None else view
    marks = {} if shown.mark is None else {VENUE: {SYMBOL: Decimal(repr(shown.mark))}}
    return MarketView(
        marks=marks,
        instruments={(VENUE, SYMBOL): shown},
        source=Source(kind, "a market", START_MS, None),
        feed=feed,
        at_ms=START_MS + 301 * FIVE_MINUTES if at_ms is None else at_ms,
    )


def frame(shown: MarketView | None = None) -> Frame:
    """A market with an empty desk."""
    return Frame(market() if shown is None else shown, DeskState(), RiskReport("2025-10-10", ()))


class ChartPanes(QSplitter):
    """The three chart panes below each other, linked as the window links them. `asked` are the looks they asked for."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.asked: list[Focus] = []
        hands = Hands(edit=_nothing, fault=_no_fault, choose=_nothing, steer=_nothing, look_at=self.asked.append)
        self.price = PricePane(theme, hands)
        self.interest = OpenInterestPane(theme, hands)
        self.liquidations = LiquidationsPane(theme, hands)
        self.panes = (self.price, self.interest, self.liquidations)
        for pane in self.panes:
            self.addWidget(pane)
        self.resize(1000, 840)
        self.setSizes([520, 160, 160])
        link_views(pane.linked for pane in self.panes)

    def look(self, shown: Frame | None = None, focus: Focus = FOCUS) -> None:
        """Show a frame in all of them, painted."""
        for pane in self.panes:
            pane.show_focus(focus)
            pane.show_frame(frame() if shown is None else shown)
        settle()


def settle() -> None:
    """Everything that waits for the event loop is done, paints included."""
    for _ in range(3):
        QApplication.processEvents()


def has_colour(image: QImage, area: QRect, colour: str) -> bool:
    """A pixel of exactly that colour is somewhere in the area."""
    wanted = int(colour[1:], 16)
    return any(
        image.pixel(QPoint(x, y)) & 0xFFFFFF == wanted
        for y in range(area.top(), area.bottom() + 1)
        for x in range(area.left(), area.right() + 1)
    )


def _nothing(*_what: object) -> None:
    pass


def _no_fault(_edit: object) -> str:
    return ""
