"""One Qt table model for any tuple of frozen rows, with declared columns. Only what changed is repainted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Generic, TypeVar

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workstation.ui.theme import Tone

Index = QModelIndex | QPersistentModelIndex
Row = TypeVar("Row")
_ROOT = QModelIndex()


class Role(IntEnum):
    """What a cell says beside its text."""

    SORT = Qt.ItemDataRole.UserRole + 1  # a number or a text to sort by
    CELL = Qt.ItemDataRole.UserRole + 2  # the whole Cell, for painting: one question in place of six
    CHECK = Qt.ItemDataRole.UserRole + 3  # a callable: typed text -> what is wrong with it, empty where it is right


class Cell(msgspec.Struct, frozen=True):
    """What is painted of a cell. `bar`: how full its bar is, from 0; `computed`: not real while the market is moved."""

    text: str
    tone: Tone
    sort: float | str
    numeric: bool
    bar: float | None
    computed: bool
    editable: bool


@dataclass(frozen=True)
class Entry(Generic[Row]):
    """How cells of a column are edited: what the editor starts with, what is wrong with a text, what a text does."""

    start: Callable[[Row], str]
    check: Callable[[Row, str], str]
    commit: Callable[[Row, str], None]
    allowed: Callable[[Row], bool] = lambda _row: True


def _no_tip(_row: object) -> str:
    return ""


def _plain_tone(_row: object) -> Tone:
    return "fg"


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. `sort` gives a number or a text; unknown numbers should sort last. `help` explains the title."""

    key: str
    title: str
    text: Callable[[Row], str]
    sort: Callable[[Row], float | str] | None = None
    numeric: bool = False
    tip: Callable[[Row], str] = _no_tip
    tone: Callable[[Row], Tone] = _plain_tone
    bar: Callable[[Row], float | None] | None = None
    entry: Entry[Row] | None = None
    computed: bool = False
    help: str = ""

    def cell(self, row: Row) -> Cell:
        """What this column shows of a row."""
        text = self.text(row)
        return Cell(
            text=text,
            tone=self.tone(row),
            sort=self.sort(row) if self.sort else text,
            numeric=self.numeric,
            bar=self.bar(row) if self.bar else None,
            computed=self.computed,
            editable=self.entry is not None and self.entry.allowed(row),
        )


class FrozenRows(QAbstractTableModel, Generic[Row]):
    """Shows rows as they are handed in; an edit goes out through the column's Entry and comes back as a new row."""

    shown = Signal()

    def __init__(self, columns: tuple[Column[Row], ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.rows: tuple[Row, ...] = ()
        self._live: list[Row] = []
        self._cells: list[tuple[Cell, ...]] = []

    def show(self, rows: tuple[Row, ...]) -> None:
        """Take the new rows; cells that stay the same are left alone. `shown` comes once, after everything."""
        if rows is self.rows:
            return
        live = self._live
        if len(rows) < len(live):
            self.beginRemoveRows(_ROOT, len(rows), len(live) - 1)
            del live[len(rows) :], self._cells[len(rows) :]
            self.endRemoveRows()
        # row by row: a sorting proxy that hears of one changed row relies on all others being as they were
        for i, (was, now) in enumerate(zip(live, rows, strict=False)):
            if was is not now and was != now:
                self._change(i, now)
        if len(rows) > len(live):
            self.beginInsertRows(_ROOT, len(live), len(rows) - 1)
            for row in rows[len(live) :]:
                live.append(row)
                self._cells.append(self._cells_of(row))
            self.endInsertRows()
        self.rows = rows
        self.shown.emit()

    def _change(self, i: int, row: Row) -> None:
        old, new = self._cells[i], self._cells_of(row)
        self._live[i], self._cells[i] = row, new
        changed = [column for column, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
        if changed:
            self.dataChanged.emit(self.index(i, changed[0]), self.index(i, changed[-1]))

    def _cells_of(self, row: Row) -> tuple[Cell, ...]:
        return tuple(column.cell(row) for column in self.columns)

    def cells(self, column: int) -> Iterator[Cell]:
        """A column from top to bottom."""
        return (cells[column] for cells in self._cells)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._live)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.help or None
            case Qt.ItemDataRole.TextAlignmentRole:
                return _aligned(column.numeric)
            case _:
                return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        i, j = index.row(), index.column()
        cell = self._cells[i][j]
        match role:
            case Role.CELL:
                return cell
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Role.SORT:
                return cell.sort
            case Qt.ItemDataRole.TextAlignmentRole:
                return _aligned(cell.numeric)
            case _:
                return self._asked_seldom(self.columns[j], self._live[i], role)

    def _asked_seldom(self, column: Column[Row], row: Row, role: int) -> object:
        match role:
            case Qt.ItemDataRole.EditRole:
                return column.entry.start(row) if column.entry else column.text(row)
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(row) or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{column.title}: {column.text(row)}"
            case Role.CHECK:
                return None if column.entry is None else partial(column.entry.check, row)
            case _:
                return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._cells[index.row()][index.column()].editable:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Hand a typed text to the column's Entry; the table itself changes only when new rows are shown."""
        entry = self.columns[index.column()].entry if index.isValid() else None
        if entry is None or role != Qt.ItemDataRole.EditRole:
            return False
        row, text = self._live[index.row()], str(value)
        if text == entry.start(row) or entry.check(row, text):
            return False
        entry.commit(row, text)
        return True


def _aligned(numeric: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
