"""The key map: every action that has a key, in one list."""

from collections.abc import Iterable

import msgspec
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from workstation.ui.tables.frozen_rows import Column, FrozenRows
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme


class KeyRow(msgspec.Struct, frozen=True):
    """An action and its keys."""

    keys: str
    what: str


_COLUMNS: tuple[Column[KeyRow], ...] = (
    Column("keys", "Key", lambda row: row.keys),
    Column("what", "What it does", lambda row: row.what),
)
# What panes and tables do by themselves, without an action.
_MORE = (
    KeyRow("1 … 9", "Timeframe of the chart"),
    KeyRow("Z", "Reset the chart"),
    KeyRow("X", "Scale the chart's prices by itself"),
    KeyRow("C", "Lock the chart to its last bar"),
    KeyRow("Enter", "Edit a cell; show the symbol of a row of the watchlist"),
)


class KeyMap(QDialog):
    """Lists what the keys do. No key places an order."""

    def __init__(self, actions: Iterable[QAction], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.rows: FrozenRows[KeyRow] = FrozenRows(_COLUMNS, self)
        table: RowsView[KeyRow] = RowsView(self.rows, theme, "Keys and what they do")
        self.rows.show((*rows_of(actions), *_MORE))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(table, 1)
        layout.addWidget(buttons)
        self.resize(theme.px(460), theme.px(560))


def rows_of(actions: Iterable[QAction]) -> tuple[KeyRow, ...]:
    """The actions that have keys."""
    return tuple(
        KeyRow(
            " or ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()),
            action.text().replace("&", ""),
        )
        for action in actions
        if action.shortcuts()
    )
