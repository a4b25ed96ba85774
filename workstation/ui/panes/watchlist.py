"""The watchlist: every contract of the market with price, change, funding and trend; a click shows it everywhere."""

import re

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRegularExpression, Qt, QTimer
from PySide6.QtGui import QAction, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QLineEdit, QStyleOptionViewItem, QVBoxLayout, QWidget

from workstation.market.view import InstrumentView, Name
from workstation.runtime.messages import Frame
from workstation.ui.icons import icon
from workstation.ui.panes.base import FIRST_INTERVAL_MS, Focus, Hands, Pane
from workstation.ui.style_option import HOVER, SELECTED, rect_of, state_of
from workstation.ui.tables.delegates import PADDING, Cells
from workstation.ui.tables.frozen_rows import FrozenRows, Role
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme
from workstation.ui.watch_rows import SYMBOL, TREND, VENUE, WATCH_COLUMNS, WatchRow, watch_row
from workstation.ui.widgets.undo_keys import UndoableLine

Index = QModelIndex | QPersistentModelIndex
EVERY_MS = 250  # what people read changes four times a second
_STARTING = "The market is starting."
_NOTHING = "No market is running.\nMarket › Practice market needs no network and no account."


class WatchlistPane(Pane):
    """Contracts of the market, then those of the desk that the market does not have."""

    key = "watchlist"
    title = "Watchlist"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: Frame | None = None
        self._waiting: Frame | None = None
        self._focus: Focus | None = None
        self._known: dict[Name, tuple[InstrumentView | None, str, WatchRow]] = {}
        self.filter = UndoableLine()
        self.filter.setPlaceholderText("Filter symbols…   Ctrl+F")
        self.filter.setAccessibleName("Filter symbols")
        self.filter.setClearButtonEnabled(False)
        self._glass = QAction("Filter symbols", self.filter)
        self.filter.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)
        self.rows: FrozenRows[WatchRow] = FrozenRows(WATCH_COLUMNS, self)
        self.table: RowsView[WatchRow] = RowsView(self.rows, theme, self.title, stretched=TREND)
        self.table.setItemDelegate(TrendCells(theme, self.table))
        self.table.sorted.setFilterKeyColumn(SYMBOL)
        self.none = QLabel(_NOTHING)
        self.none.setProperty("tone", "fg2")
        self.none.setWordWrap(True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.filter)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.none, 1)
        self.table.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show_waiting)
        self.filter.textChanged.connect(self._filter)
        self.filter.returnPressed.connect(self._take_first)
        self.table.clicked.connect(self._look_at)
        self.table.activated.connect(self._look_at)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts, lengths and colours anew."""
        px = self.theme.px
        self._column.setContentsMargins(px(6), px(6), px(6), 1)
        self._column.setSpacing(px(6))
        self.setMinimumWidth(px(150))
        self.none.setContentsMargins(px(6), px(8), px(6), 0)
        self._glass.setIcon(icon("search", self.theme, "fg2"))

    # --- rows ---------------------------------------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        """Shown at once after a pause, and else four times a second: not in the tick that brings new numbers of risk to
        the other panes, or that tick would take twice as long as others.
        """
        before, self._waiting = self._waiting or self._shown, frame
        if not self._timer.isActive():
            self._show_waiting()
        elif before is not None and frame.risk is not before.risk and self._timer.remainingTime() < EVERY_MS // 2:
            self._timer.start(EVERY_MS // 2)

    def _show_waiting(self) -> None:
        frame, self._waiting = self._waiting, None
        if frame is None:
            return
        self._timer.start(EVERY_MS)
        before, self._shown = self._shown, frame
        same_desk = before is not None and before.desk is frame.desk
        if before is not None and before.market is frame.market and same_desk:
            return
        # of these contracts alone: a view of a market that is gone would hold on to all its candles
        self._known = {name: self._row(name, frame) for name in _names(frame)}
        rows = tuple(row for *_, row in self._known.values())
        self.rows.show(rows)
        self.none.setVisible(not rows)
        self.none.setText(_NOTHING if frame.market.source is None else _STARTING)
        self.table.setVisible(bool(rows))
        several = len({row.venue for row in rows}) > 1
        self.table.setColumnHidden(VENUE, not several)
        # there is no room for both, and names that stand twice need their venue
        self.table.setColumnHidden(TREND, several)
        if before is None or len(before.market.instruments) != len(frame.market.instruments):
            self._mark_focus()

    def _row(self, name: Name, frame: Frame) -> tuple[InstrumentView | None, str, WatchRow]:
        view, feed = frame.market.instruments.get(name), frame.market.feed.because
        known = self._known.get(name)
        if known is not None and known[0] is view and known[1] == feed:
            return known
        return view, feed, watch_row(name, view, frame.market)

    # --- focus --------------------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Let the trader type a symbol."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _filter(self, text: str) -> None:
        # BTCUSDT finds BTC/USDT
        pattern = "[/:-]?".join(re.escape(letter) for letter in text.strip())
        self.table.sorted.setFilterRegularExpression(
            QRegularExpression(pattern, QRegularExpression.PatternOption.CaseInsensitiveOption)
        )

    def _take_first(self) -> None:
        if self.table.sorted.rowCount():
            self._look_at(self.table.sorted.index(0, SYMBOL))
            self.filter.clear()

    def _look_at(self, index: QModelIndex) -> None:
        row = self.table.source_row(index)
        if 0 <= row < len(self.rows.rows):
            chosen = self.rows.rows[row]
            interval = FIRST_INTERVAL_MS if self._focus is None else self._focus.interval_ms
            self.hands.look_at(Focus(chosen.venue, chosen.symbol, interval))

    def show_focus(self, focus: Focus) -> None:
        self._focus = focus
        self._mark_focus()

    def _mark_focus(self) -> None:
        if self._focus is None:
            return
        for i, row in enumerate(self.rows.rows):
            if (row.venue, row.symbol) == (self._focus.venue, self._focus.symbol):
                self.table.setCurrentIndex(self.table.sorted.mapFromSource(self.rows.index(i, SYMBOL)))
                return
        self.table.clearSelection()


class TrendCells(Cells):
    """Cells of the watchlist: the trend is a line."""

    def __init__(self, theme: Theme, table: RowsView[WatchRow]) -> None:
        super().__init__(theme, table)
        self._look = theme
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        at = self._table.sorted.index(index.row(), index.column())
        row = self._table.source_row(at) if index.column() == TREND else -1
        trend = self._table.rows.rows[row].trend if 0 <= row < len(self._table.rows.rows) else ()
        if not trend:
            super().paint(painter, option, index)
            return
        rect, state = rect_of(option), state_of(option)
        if state & SELECTED:
            painter.fillRect(rect, self._look.colour("sel"))
        elif state & HOVER:
            painter.fillRect(rect, self._look.colour("bg2"))
        inner = rect.adjusted(self._look.px(PADDING), self._look.px(6), -self._look.px(PADDING), -self._look.px(6))
        low, high = min(trend), max(trend)
        scale = inner.height() / (high - low) if high > low else 0.0
        step = inner.width() / (len(trend) - 1)
        level = inner.bottom() if scale else inner.center().y()
        line = [QPointF(inner.left() + i * step, level - (price - low) * scale) for i, price in enumerate(trend)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour(index.data(Role.CELL).tone), 1.3))
        painter.drawPolyline(QPolygonF(line))
        painter.restore()


def _names(frame: Frame) -> list[Name]:
    held = ((own.venue, leg.symbol) for own in frame.desk.accounts for leg in own.positions)
    return list(dict.fromkeys((*frame.market.instruments, *held)))
