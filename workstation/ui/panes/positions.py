"""The table of positions: what is held, where it is liquidated, and why a number is missing."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workstation.desk.trial import looked_at
from workstation.runtime.messages import Frame
from workstation.ui.panes.base import Hands, Pane, same_answer
from workstation.ui.tables.frozen_rows import FrozenRows
from workstation.ui.tables.position_columns import WHAT_IF_ONLY, position_columns
from workstation.ui.tables.position_row import PositionRow, explanation, rows_of, status
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme
from workstation.ui.widgets.quiet_scroll import QuietScroll

_LEAST_LINES = 2  # of the explanation, where the table has no room to give
_LEAST_ROWS = 3  # of the table, which the explanation leaves alone


class PositionsPane(Pane):
    """Positions of all accounts. The line under the table explains the chosen row, or what is missing in the book."""

    key = "positions"
    title = "Positions"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: Frame | None = None
        self._told: tuple[int, int, str, str, str] | None = None
        self.rows: FrozenRows[PositionRow] = FrozenRows(position_columns(hands.edit, hands.fault), self)
        self._place = {column.key: place for place, column in enumerate(self.rows.columns)}
        self.table: RowsView[PositionRow] = RowsView(self.rows, theme, self.title)
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("tone", "fg2")
        self.why.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.why.setAccessibleName("Explanation")
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._why = QuietScroll(self.why, "Explanation")
        self._column = layout = QVBoxLayout(self)
        self._entry_line: QWidget | None = None
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._why)
        self.table.selectionModel().currentRowChanged.connect(self._chosen_changed)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts anew."""
        px = self.theme.px
        self.why.setFont(self.theme.font(11))
        self.why.setContentsMargins(px(9), px(4), px(9), px(6))
        self._fit_why()

    def set_entry_line(self, widget: QWidget) -> None:
        """Put a line to type a position into under the last row."""
        if self._entry_line is not None:
            self._column.removeWidget(self._entry_line)
            self._entry_line.deleteLater()
        self._entry_line = widget
        self._column.insertWidget(self._column.indexOf(self.table) + 1, widget)
        self._fit_why()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_why()

    def _fit_why(self) -> None:
        """As high as its text, but it scrolls, by whole lines, before it takes the rows away that it is about."""
        margins, row = self.why.contentsMargins(), self.theme.px(28)
        least = _LEAST_LINES * self.why.fontMetrics().lineSpacing() + margins.top() + margins.bottom()
        line = 0 if self._entry_line is None else self._entry_line.sizeHint().height()
        around = self.table.horizontalHeader().height() + self.table.horizontalScrollBar().sizeHint().height()
        beside_one, beside_few = (self.height() - line - around - rows * row - 4 for rows in (1, _LEAST_ROWS))
        wanted = self.why.heightForWidth(self.width() - 2)
        height = max(0, min(wanted, max(beside_few, min(least, beside_one))))
        if height < wanted:
            height -= max(0, height - margins.top()) % self.why.fontMetrics().lineSpacing()
        self._why.setFixedHeight(height)

    def show_frame(self, frame: Frame) -> None:
        before = self._shown
        if before is not None and _same(frame, before):
            return
        self._shown = frame
        what_if = frame.what_if is not None
        self.rows.show(rows_of(frame))
        turned = before is None or what_if != (before.what_if is not None)
        if turned:
            self._show_what_if(what_if)
        if turned or before is None or looked_at(frame.desk) is not looked_at(before.desk):
            self.table.setColumnHidden(self._place["account"], len(looked_at(frame.desk)) < 2)
            self.table.measure()
        self._tell_chosen()
        self._explain()

    def show_greyed(self, greyed: bool) -> None:
        if greyed != self.table.cells.faded:
            self.table.cells.faded = greyed
            self.table.viewport().update()

    def _show_what_if(self, on: bool) -> None:
        """Actual, what-if and difference side by side, or the numbers as they are alone."""
        self.rows.what_if = self.table.cells.what_if = on
        for key in WHAT_IF_ONLY:
            self.table.setColumnHidden(self._place[key], not on)
        self.table.viewport().update()

    def _chosen_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        self._tell_chosen()
        self._explain()
        self._why.verticalScrollBar().setValue(0)

    def _tell_chosen(self) -> None:
        """Which leg is chosen; also where the line stays and another leg has come into it."""
        row = self.chosen()
        leg = None if row is None else (row.account, row.position, row.held.symbol, row.held.side, row.held.margin_mode)
        if leg != self._told:
            self._told = leg
            self.hands.choose(None if row is None else (row.account, row.position))

    def chosen(self) -> PositionRow | None:
        """The row under the cursor."""
        row = self.table.source_row(self.table.currentIndex())
        return self.rows.rows[row] if 0 <= row < len(self.rows.rows) else None

    def _explain(self) -> None:
        chosen = self.chosen()
        if chosen is not None:
            text = explanation(chosen)
        else:
            without = [row for row in self.rows.rows if row.report.liquidation.status in ("insufficient", "none")]
            # one line: the table needs the room, and each row tells its own reason when it is chosen
            more = f"   and {len(without) - 1} more: choose a row" if len(without) > 1 else ""
            text = f"{without[0].held.symbol} {without[0].held.side}: {status(without[0])}{more}" if without else ""
        if text != self.why.text():
            self.why.setText(text)
            self._fit_why()
        self._why.setVisible(bool(text))


def _same(one: Frame, other: Frame) -> bool:
    return same_answer(one, other) and one.market.source is other.market.source  # which may know ticks
