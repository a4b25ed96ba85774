"""What a pasted or dropped table would add, before it does: what each column is, and every fault at its cell.

`CsvPreview(table, desk, venues, theme, parent, market, known)`; `made` carries the edits of the ticked rows, which
are one undo step.
"""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.desk.contract_facts import market_venue, new_account, shown
from workstation.desk.contract_names import Known, nothing_known
from workstation.desk.edits import Edit
from workstation.desk.pasted_positions import PastedRow, Reading, read_rows
from workstation.desk.pasted_table import MEANINGS, NUMBER_FORMS, Meaning, Table, guess_meanings, guess_numbers
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.market.view import MarketView
from workstation.ui.style_option import rect_of
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.widgets.choice import Choice
from workstation.ui.widgets.choice_header import ChoiceHeader

NEW = "New account"
_ROOT = QModelIndex()
_TICK, _SAID = 0, 1
_BEFORE = 2  # these two stand before the table's own columns
Index = QModelIndex | QPersistentModelIndex


class PastedRows(QAbstractTableModel):
    """The rows with a tick each, their cells, and what was understood. `ticked` rows are sound and wanted."""

    ticked_changed = Signal()

    def __init__(self, table: Table, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._theme = theme
        self.rows: tuple[PastedRow, ...] = ()
        self.left_out: set[int] = set()

    def show(self, rows: tuple[PastedRow, ...]) -> None:
        """Take the rows as they are read now. There are as many as before: the cursor stays where it is."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        self.rows = rows
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, self.columnCount() - 1))

    @property
    def ticked(self) -> tuple[PastedRow, ...]:
        """What would be added."""
        return tuple(row for i, row in enumerate(self.rows) if row.is_sound and i not in self.left_out)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._table.titles) + _BEFORE

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return str(self.rows[section].line) if section < len(self.rows) else None
        return ("Add", "Understood as", *self._table.titles)[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column() - _BEFORE
        if index.column() == _TICK:
            return self._tick(index.row(), row, role)
        said = index.column() == _SAID
        fault = "" if said else row.faults.get(column, "")
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._understood(row) if said else row.cells[column]
            case Qt.ItemDataRole.ToolTipRole:
                whole = "\n".join(self._faults(row)) or self._understood(row)
                return (whole if said else fault) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                text = self._understood(row) if said else row.cells[column]
                return f"{self.headerData(index.column(), Qt.Orientation.Horizontal)}: {text} {fault}".strip()
            case Qt.ItemDataRole.BackgroundRole:
                return self._theme.colour("red_bg") if fault else None
            case Qt.ItemDataRole.ForegroundRole:
                wrong = fault or (said and not row.is_sound)
                return self._theme.colour("red" if wrong else "fg2" if index.row() in self.left_out else "fg")
            case _:
                return None

    def _tick(self, number: int, row: PastedRow, role: int) -> object:
        if role == Qt.ItemDataRole.CheckStateRole:
            on = row.is_sound and number not in self.left_out
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole and not row.is_sound:
            return "This row has faults and cannot be added"
        return None

    def _faults(self, row: PastedRow) -> list[str]:
        named = [(self._table.titles[c] if c >= 0 else "", text) for c, text in sorted(row.faults.items())]
        return [f"{title}: {text}" if title else text for title, text in named]

    def _understood(self, row: PastedRow) -> str:
        """In one line; where there are several faults, the first of them."""
        position = row.position
        if position is None:
            faults = self._faults(row)
            more = f"; and {len(faults) - 1} more" if len(faults) > 1 else ""
            return f"✗ {faults[0]}{more}"
        size = f"{shown(position.contracts)} contracts" if position.contracts is not None else ""
        size = size or shown(position.quantity) if position.quantity is not None else size
        leverage = "" if position.leverage is None else f"{shown(position.leverage)}× "
        entry = shown(position.entry_price)
        return f"{position.side.upper()} {size} {position.symbol} at {entry}, {leverage}{position.margin_mode}"

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
        if index.isValid() and index.column() == _TICK:
            sound = self.rows[index.row()].is_sound
            return flags | Qt.ItemFlag.ItemIsUserCheckable if sound else Qt.ItemFlag.ItemNeverHasChildren
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick a row, or take the tick away."""
        if not index.isValid() or role != Qt.ItemDataRole.CheckStateRole or index.column() != _TICK:
            return False
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self.left_out.discard(index.row())
        else:
            self.left_out.add(index.row())
        self.ticked_changed.emit()
        return True


class _Faults(QStyledItemDelegate):
    """Cells with a fault on their ground: a style sheet leaves the model's own ground out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(ground, QColor):
            painter.fillRect(rect_of(option), ground)
        super().paint(painter, option, index)


class CsvPreview(QDialog):
    """Nothing is added before *Add*, and only rows without a fault are; how many are left out is said."""

    made = Signal(tuple)

    def __init__(
        self,
        table: Table,
        desk: DeskState,
        venues: tuple[str, ...],
        theme: Theme,
        parent: QWidget | None = None,
        market: MarketView | None = None,
        known: Known = nothing_known,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add positions from a table")
        self.setModal(True)
        self._table = table
        self._desk = desk
        self._theme = theme
        self._market = market or MarketView()
        self._known = known
        self._accounts = looked_at(desk)
        venue = market_venue(self._market)
        names = tuple(f"{own.name} ({own.venue})" for own in self._accounts)
        self.account = Choice(theme, "Account", (*names, NEW))
        self.name = QLineEdit(new_account(desk, venue).name)
        self.name.setAccessibleName("Account name")
        self.name.setMaximumWidth(theme.px(160))
        self.venue = Choice(theme, "Venue", venues)
        self.venue.setCurrentText(venue)
        self._at = _quiet("at")
        self.numbers = Choice(theme, "Numbers are written", NUMBER_FORMS)
        self.numbers.setCurrentText(guess_numbers(table))
        self.rows = PastedRows(table, theme, self)
        self.view = QTableView()
        self.view.setAccessibleName("Rows of the table")
        self.view.setModel(self.rows)
        self.header = ChoiceHeader(theme, dict(enumerate(guess_meanings(table), start=_BEFORE)), MEANINGS, self.view)
        self.view.setHorizontalHeader(self.header)
        self.view.setItemDelegate(_Faults(self.view))
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setProperty("primary", True)
        self._lay_out()
        for choice in (self.account, self.venue, self.numbers):
            choice.currentTextChanged.connect(self.refresh)
        self.name.textChanged.connect(self.refresh)
        self.header.changed.connect(self.refresh)
        self.rows.ticked_changed.connect(self.refresh)
        self.buttons.accepted.connect(self._make)
        self.buttons.rejected.connect(self.reject)
        self.refresh()
        self._size_columns()
        self.resize(theme.px(980), theme.px(520))

    def _lay_out(self) -> None:
        px = self._theme.px
        heading = QLabel(f"{len(self._table.rows)} {'row' if len(self._table.rows) == 1 else 'rows'}")
        heading.setFont(self._theme.font(14, QFont.Weight.DemiBold))
        hint = _quiet("Choose above each column what it holds. Nothing is added before you say so.")
        into = QHBoxLayout()
        into.setSpacing(px(8))
        how = _quiet("Numbers like")
        for widget in (_quiet("Into"), self.account, self.name, self._at, self.venue, how, self.numbers):
            into.addWidget(widget)
        into.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(16), px(14), px(16), px(14))
        layout.setSpacing(px(8))
        layout.addWidget(heading)
        layout.addWidget(hint)
        layout.addLayout(into)
        layout.addWidget(self.view, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self.said, 1)
        bottom.addWidget(self.buttons)
        layout.addLayout(bottom)

    def _size_columns(self) -> None:
        """As wide as title, choice and cells ask for, within limits."""
        self.view.resizeColumnsToContents()
        for column in range(_BEFORE, len(self._table.titles) + _BEFORE):
            width = min(self.view.columnWidth(column), self._theme.px(220))
            self.view.setColumnWidth(column, max(width + self._theme.px(8), self._theme.px(118)))
        self.view.setColumnWidth(_TICK, self._theme.px(44))
        self.view.setColumnWidth(_SAID, min(self.view.columnWidth(_SAID) + self._theme.px(8), self._theme.px(500)))
        self.header.setStretchLastSection(True)

    def reading(self) -> Reading:
        """How the table is read now."""
        number = self.account.currentIndex()
        is_new = number >= len(self._accounts)
        account = self.name.text() if is_new else self._accounts[number].name
        venue = self.venue.currentText() if is_new else self._accounts[number].venue
        meanings: tuple[Meaning, ...] = tuple(MEANINGS[number] for number in self.header.chosen())
        return Reading(meanings, NUMBER_FORMS[self.numbers.currentIndex()], account, venue)

    def refresh(self) -> None:
        """Read the rows anew."""
        is_new = self.account.currentText() == NEW
        for widget in (self.name, self.venue, self._at):
            widget.setVisible(is_new)
        left_out = self.rows.left_out
        self.rows.show(read_rows(self._table, self.reading(), self._desk, self._market, self._known, left_out))
        count = len(self.rows.ticked)
        faulty = sum(not row.is_sound for row in self.rows.rows)
        self._ok.setText(f"Add {count} {'position' if count == 1 else 'positions'}")
        self._ok.setEnabled(count > 0)
        if faulty:
            text = f"{faulty} of {len(self.rows.rows)} rows {'has' if faulty == 1 else 'have'} faults and are left out."
            text = text.replace("has faults and are", "has faults and is")
        else:
            text = "Every row is sound."
        self.said.setText(text)
        set_styled(self.said, "tone", "red" if faulty else "fg2")

    def edits(self) -> tuple[Edit, ...]:
        """The edits of the ticked rows, in their order."""
        return tuple(edit for row in self.rows.ticked for edit in row.edits)

    def _make(self) -> None:
        edits = self.edits()
        if edits:
            self.made.emit(edits)
            self.accept()


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("tone", "fg2")
    return label
