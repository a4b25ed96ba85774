"""A table view for frozen rows: columns as wide as their longest text, so that no number is ever elided."""

from typing import Generic, TypeVar

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workstation.ui.tables.delegates import BAR_WIDTH, PADDING, TICK_WIDTH, Cells
from workstation.ui.tables.frozen_rows import Cell, FrozenRows
from workstation.ui.theme import Theme

Row = TypeVar("Row")
_SORT_MARK = 11
_FEW = 60  # rows that are measured and compared whole


class _Filtered(QSortFilterProxyModel):
    """Filters; sorting is left to the rows themselves, which know their keys without asking for a thousand cells."""

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.sourceModel().sort(column, order)


class RowsView(QTableView, Generic[Row]):
    """Columns grow with their texts while numbers move, and are measured afresh by `measure`: by the rows that are
    seen, where there are many. The room that is left goes to the column `stretched`.
    """

    def __init__(
        self, rows: FrozenRows[Row], theme: Theme, name: str, stretched: int = -1, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.rows = rows
        self._theme = theme
        self._stretched = stretched % len(rows.columns)
        self._widths = [0] * len(rows.columns)
        self.sorted = _Filtered(self)
        self.sorted.setSourceModel(rows)
        self.setModel(self.sorted)
        self.cells = Cells(theme, self, self._cell)
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
        rows.layoutChanged.connect(self._widen)
        self.verticalScrollBar().valueChanged.connect(self._widen)
        theme.changed.connect(self.measure)
        self.measure()

    def measure(self) -> None:
        """Give every column the width of its longest text."""
        self.verticalHeader().setDefaultSectionSize(self._theme.px(28))
        self._look()
        self._widths = self._wanted()
        self._spread()

    def _widen(self) -> None:
        """Never narrower while numbers move: a table that breathes cannot be read."""
        self._look()
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
        current = self.currentIndex()
        place = self.visualRect(current)
        was_seen = current.isValid() and place.top() >= 0 and place.bottom() <= event.oldSize().height()
        super().resizeEvent(event)
        cells = self.itemDelegate()
        if isinstance(cells, Cells):
            cells.room = self.viewport().width()
        self._widen()
        self._spread()
        if was_seen:
            self.scrollTo(current)

    def _look(self) -> None:
        """Tell the rows which of them are on screen."""
        count = self.sorted.rowCount()
        if count <= _FEW or not self.rows.rows:
            self.rows.see(0, len(self.rows.rows) - 1)
            return
        height = max(self.verticalHeader().defaultSectionSize(), 1)
        first = self.verticalScrollBar().value() // height
        last = min(first + self.viewport().height() // height + 2, count - 1)
        lines = [self.source_row(self.sorted.index(line, 0)) for line in range(min(first, last), last + 1)]
        self.rows.see(min(lines), max(lines))

    def _wanted(self) -> list[int]:
        titles = QFontMetrics(self._theme.font(12, QFont.Weight.DemiBold))
        padding = 2 * self._theme.px(PADDING) + 4
        first, last = self.rows.seen
        widths: list[int] = []
        for i, column in enumerate(self.rows.columns):
            if self.isColumnHidden(i):
                widths.append(0)
                continue
            texts = {self.rows.cell(row, i).text for row in range(first, last + 1)}
            widest = max((self._theme.text_width(text) for text in texts), default=0)
            if column.bar is not None:
                widest += self._theme.px(BAR_WIDTH)
            if column.tick is not None:
                widest += self._theme.px(TICK_WIDTH)
            title = max(titles.horizontalAdvance(text) for text in (column.title, column.title_what_if))
            widths.append(max(widest, title + self._theme.px(_SORT_MARK)) + padding)
        return widths

    def _cell(self, line: int, column: int) -> Cell | None:
        """A line's cell, where no filter makes lines and rows differ."""
        return self.rows.cell(line, column) if self.sorted.rowCount() == len(self.rows.rows) else None

    def source_row(self, index: QModelIndex) -> int:
        """Which of `rows` a view index shows; -1 for none."""
        return self.sorted.mapToSource(index).row() if index.isValid() else -1
