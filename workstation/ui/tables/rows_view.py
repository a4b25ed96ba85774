"""A table view for frozen rows: columns as wide as their longest text, so that no number is ever elided."""

from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workstation.ui.tables.delegates import BAR_WIDTH, PADDING, Cells
from workstation.ui.tables.frozen_rows import FrozenRows, Role
from workstation.ui.theme import Theme

Row = TypeVar("Row")
_SORT_MARK = 11


class RowsView(QTableView, Generic[Row]):
    """Columns grow with their texts while numbers move, and are measured afresh by `measure`.

    The room that is left goes to the column `stretched`.
    """

    def __init__(
        self, rows: FrozenRows[Row], theme: Theme, name: str, stretched: int = -1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = rows
        self._theme = theme
        self._stretched = stretched % len(rows.columns)
        self._widths = [0] * len(rows.columns)
        self.sorted = QSortFilterProxyModel(self)
        self.sorted.setSourceModel(rows)
        self.sorted.setSortRole(Role.SORT)
        self.setModel(self.sorted)
        self.cells = Cells(theme, self)
        self.setItemDelegate(self.cells)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)  # Tab leaves the table; the arrow keys move in it
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(10)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        rows.shown.connect(self._widen)
        theme.changed.connect(self.measure)
        self.measure()

    def measure(self) -> None:
        """Give every column the width of its longest text."""
        self.verticalHeader().setDefaultSectionSize(self._theme.px(28))
        self._widths = self._wanted()
        self._spread()

    def _widen(self) -> None:
        """Never narrower while numbers move: a table that breathes cannot be read."""
        widths = [max(pair) for pair in zip(self._widths, self._wanted(), strict=True)]
        if widths != self._widths:
            self._widths = widths
            self._spread()

    def _spread(self) -> None:
        shown = [i for i in range(len(self._widths)) if not self.isColumnHidden(i)]
        spare = max(0, self.viewport().width() - sum(self._widths[i] for i in shown))
        for i in shown:
            self.setColumnWidth(i, self._widths[i] + (spare if i == self._stretched else 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def _wanted(self) -> list[int]:
        titles = QFontMetrics(self._theme.font(12, QFont.Weight.DemiBold))
        padding = 2 * self._theme.px(PADDING) + 4
        widths: list[int] = []
        for i, column in enumerate(self.rows.columns):
            widest = max((self._theme.text_width(cell.text) for cell in self.rows.cells(i)), default=0)
            if column.bar is not None:
                widest += self._theme.px(BAR_WIDTH)
            title = titles.horizontalAdvance(column.title) + self._theme.px(_SORT_MARK)
            widths.append(max(widest, title) + padding)
        return widths

    def source_row(self, index: QModelIndex) -> int:
        """Which of `rows` a view index shows; -1 for none."""
        return self.sorted.mapToSource(index).row() if index.isValid() else -1
