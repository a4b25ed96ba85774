"""One Qt table model for any tuple of frozen rows, with declared columns.

Cells are made when they are asked for, and of what is seen only what changed is repainted: a thousand rows cost what
the visible ones cost.
"""

from collections.abc import Callable
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
    """What is painted of a cell. `bar`: how full its bar is, from 0; `computed`: not real in a what-if; `ticked`: its
    tick-box, None where it has none.
    """

    text: str
    tone: Tone
    numeric: bool
    bar: float | None
    computed: bool
    editable: bool
    ticked: bool | None = None


_CELL = int(Role.CELL)


@dataclass(frozen=True)
class Entry(Generic[Row]):
    """How cells of a column are edited: what the editor starts with, what is wrong with a text, what a text does."""

    start: Callable[[Row], str]
    check: Callable[[Row, str], str]
    commit: Callable[[Row, str], None]
    allowed: Callable[[Row], bool] = lambda _row: True


@dataclass(frozen=True)
class Tick(Generic[Row]):
    """A box in front of a cell: whether it is ticked, and what ticking or unticking does."""

    ticked: Callable[[Row], bool]
    commit: Callable[[Row, bool], None]


def _no_tip(_row: object) -> str:
    return ""


def _plain_tone(_row: object) -> Tone:
    return "fg"


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. `sort` gives a number or a text; unknown numbers should sort last. `help` explains the title.

    `computed`: its numbers are not real in a what-if; `unreal` says the same of single rows. `title_what_if` takes the
    title's place while a what-if is on.
    """

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
    unreal: Callable[[Row], bool] | None = None
    tick: Tick[Row] | None = None
    title_what_if: str = ""

    def cell(self, row: Row) -> Cell:
        """What this column shows of a row."""
        return Cell(
            text=self.text(row),
            tone=self.tone(row),
            numeric=self.numeric,
            bar=self.bar(row) if self.bar else None,
            computed=self.computed or (self.unreal is not None and self.unreal(row)),
            editable=self.entry is not None and self.entry.allowed(row),
            ticked=self.tick.ticked(row) if self.tick else None,
        )


class FrozenRows(QAbstractTableModel, Generic[Row]):
    """Shows rows as they are handed in; an edit goes out through the column's Entry and comes back as a new row.

    `rows` are in the order of the table: as handed in, or sorted by a column.
    """

    shown = Signal()

    def __init__(self, columns: tuple[Column[Row], ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self.rows: tuple[Row, ...] = ()
        self._given: tuple[Row, ...] = ()
        self._order: list[int] = []  # which of the given rows each line shows
        self._cells: list[list[Cell | None]] = []
        self._sorted: tuple[int, bool] | None = None  # column, descending
        self._seen: tuple[int, int] | None = None
        self._what_if = False

    @property
    def what_if(self) -> bool:
        """A what-if is on: titles say so."""
        return self._what_if

    @what_if.setter
    def what_if(self, on: bool) -> None:
        if on != self._what_if:
            self._what_if = on
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def see(self, first: int, last: int) -> None:
        """Only these lines are on screen: what changes elsewhere is made anew when it is asked for."""
        self._seen = first, last

    @property
    def seen(self) -> tuple[int, int]:
        """The first and the last line on screen; all where nobody said."""
        first, last = self._seen or (0, len(self.rows) - 1)
        return first, min(last, len(self.rows) - 1)

    def show(self, rows: tuple[Row, ...]) -> None:
        """Take the new rows; cells that stay the same are left alone. `shown` comes once, after everything."""
        if rows is self._given:
            return
        if len(rows) != len(self._given):
            self._arrange(list(range(len(self._given))))  # lines come and go at the end of the given order
            self._resize(rows)
        self._given = rows
        self._change([rows[i] for i in self._order])
        self._arrange(self._wanted_order())
        self.shown.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column, from now on; -1 puts the rows back as they were handed in."""
        self._sorted = None if column < 0 else (column, order == Qt.SortOrder.DescendingOrder)
        self._arrange(self._wanted_order())

    def _resize(self, rows: tuple[Row, ...]) -> None:
        had, count = len(self._given), len(rows)
        if count < had:
            self.beginRemoveRows(_ROOT, count, had - 1)
            del self._order[count:], self._cells[count:]
            self.rows = self.rows[:count]
            self.endRemoveRows()
        else:
            self.beginInsertRows(_ROOT, had, count - 1)
            self._order += range(had, count)
            self._cells += [self._blank() for _ in range(had, count)]
            self.rows = (*self.rows, *rows[had:])
            self.endInsertRows()

    def _blank(self) -> list[Cell | None]:
        return [None] * len(self.columns)

    def _change(self, rows: list[Row]) -> None:
        """Lines in their present order: those on screen are compared cell by cell, of the others all is forgotten."""
        first, last = self.seen
        lines: list[int] = []
        columns: set[int] = set()
        elsewhere: list[int] = []
        for i, (was, now) in enumerate(zip(self.rows, rows, strict=True)):
            if was is now or was == now:
                continue
            if not first <= i <= last:
                self._cells[i] = self._blank()
                elsewhere.append(i)
                continue
            own, changed = self._cells[i], False
            for j, cell in enumerate(own):
                # a cell that nobody asked about is on no screen
                if cell is not None and cell != (new := self.columns[j].cell(now)):
                    own[j] = new
                    columns.add(j)
                    changed = True
            if changed:
                lines.append(i)
        self.rows = tuple(rows)
        for first, last in _runs(columns):
            self.dataChanged.emit(self.index(lines[0], first), self.index(lines[-1], last))
        if elsewhere:
            self.dataChanged.emit(self.index(elsewhere[0], 0), self.index(elsewhere[-1], len(self.columns) - 1))

    def _wanted_order(self) -> list[int]:
        if self._sorted is None:
            return list(range(len(self._given)))
        column, descending = self._sorted
        key = self.columns[column].sort or self.columns[column].text
        keys = [key(row) for row in self._given]
        return sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)  # pyright: ignore[reportArgumentType, reportCallIssue]

    def _arrange(self, order: list[int]) -> None:
        if order == self._order:
            return
        self.layoutAboutToBeChanged.emit()
        line_of = {given: line for line, given in enumerate(order)}
        old = self.persistentIndexList()
        new = [self.index(line_of[self._order[index.row()]], index.column()) for index in old]
        cells = dict(zip(self._order, self._cells, strict=True))
        self._order = order
        self._cells = [cells[i] for i in order]
        self.rows = tuple(self._given[i] for i in order)
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def cell(self, row: int, column: int) -> Cell:
        """What a cell shows."""
        cell = self._cells[row][column]
        if cell is None:
            cell = self._cells[row][column] = self.columns[column].cell(self.rows[row])
        return cell

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title_what_if or column.title if self._what_if else column.title
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
        cell = self.cell(i, j)
        if role == _CELL:  # far more often than the others
            return cell
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Role.SORT:
                return (self.columns[j].sort or self.columns[j].text)(self.rows[i])
            case Qt.ItemDataRole.TextAlignmentRole:
                return _aligned(cell.numeric)
            case Qt.ItemDataRole.CheckStateRole:
                states = {None: None, False: Qt.CheckState.Unchecked, True: Qt.CheckState.Checked}
                return states[cell.ticked]
            case _:
                return self._asked_seldom(self.columns[j], self.rows[i], role)

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
        cell = self.cell(index.row(), index.column())
        return _FLAGS[cell.editable, cell.ticked is not None]

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Hand a text to the column's Entry, a tick to its Tick; the table itself changes when new rows are shown."""
        if not index.isValid():
            return False
        column, row, text = self.columns[index.column()], self.rows[index.row()], str(value)
        if column.tick and role == Qt.ItemDataRole.CheckStateRole:
            column.tick.commit(row, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        entry = column.entry
        if entry is None or role != Qt.ItemDataRole.EditRole:
            return False
        if text == entry.start(row) or entry.check(row, text):
            return False
        entry.commit(row, text)
        return True


def _runs(columns: set[int]) -> list[tuple[int, int]]:
    """The first and the last of each run of neighbours."""
    starts = sorted(column for column in columns if column - 1 not in columns)
    return list(zip(starts, sorted(column for column in columns if column + 1 not in columns), strict=True))


_PLAIN = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_TICKED = _PLAIN | Qt.ItemFlag.ItemIsUserCheckable
# asked for every cell that is painted, and Python's flags are slow to combine
_FLAGS = {
    (False, False): _PLAIN,
    (True, False): _PLAIN | Qt.ItemFlag.ItemIsEditable,
    (False, True): _TICKED,
    (True, True): _TICKED | Qt.ItemFlag.ItemIsEditable,
}


def _aligned(numeric: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
