"""The table of positions: what is held, where it is liquidated, and why a number is missing."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workstation.runtime.messages import Frame
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.ports import MarketMove
from workstation.ui.tables.frozen_rows import FrozenRows
from workstation.ui.tables.position_columns import position_columns
from workstation.ui.tables.position_row import PositionRow, explanation, rows_of, status
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme


class PositionsPane(Pane):
    """Positions of all accounts. The line under the table explains the chosen row, or what is missing in the book."""

    key = "positions"
    title = "Positions"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: tuple[Frame, MarketMove] | None = None
        self.rows: FrozenRows[PositionRow] = FrozenRows(position_columns(hands.edit, hands.fault), self)
        self.table: RowsView[PositionRow] = RowsView(self.rows, theme, self.title)
        self.heading = QLabel(self.title)
        self._hint = QLabel("Double-click or type into size, entry, mark, leverage or wallet")
        self._hint.setProperty("tone", "fg2")
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("tone", "fg2")
        self.why.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.why.setAccessibleName("Explanation")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.heading)
        top.addWidget(self._hint, 1)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.why)
        self.table.selectionModel().currentRowChanged.connect(self._chosen_changed)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts anew."""
        px = self.theme.px
        self.heading.setFont(self.theme.font(12, QFont.Weight.DemiBold))
        self.heading.setContentsMargins(px(9), px(6), px(9), px(4))
        self._hint.setFont(self.theme.font(11))
        self._hint.setContentsMargins(px(4), px(6), px(9), px(4))
        self.why.setFont(self.theme.font(11))
        self.why.setContentsMargins(px(9), px(4), px(9), px(6))

    def show_frame(self, frame: Frame, move: MarketMove) -> None:
        before = self._shown
        if before is not None and frame.risk is before[0].risk and move is before[1]:
            return
        self._shown = (frame, move)
        if self.table.cells.what_if == move.is_real:
            self.table.cells.what_if = not move.is_real
            self.table.viewport().update()
        self.rows.show(rows_of(frame, move))
        if before is None or frame.desk is not before[0].desk:
            self.table.setColumnHidden(0, len(frame.desk.accounts) < 2)
            self.table.measure()
            self.heading.setText(f"{self.title}  {len(self.rows.rows)}")
        self._explain()

    def _chosen_changed(self, _current: QModelIndex, _before: QModelIndex) -> None:
        chosen = self.chosen()
        self.hands.choose(None if chosen is None else (chosen.account, chosen.position))
        self._explain()

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
            text = "\n".join(f"{row.held.symbol} {row.held.side}: {status(row)}" for row in without)
        self.why.setText(text)
        self.why.setVisible(bool(text))
