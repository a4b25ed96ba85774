"""Append-only numpy columns; a reader's view never changes under it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
_FIRST_ROOM = 256


class GrowingColumns:
    """Columns of one length. Rows are appended and never rewritten, so what `view` gave stays as it was.

    Beyond `most` rows the older half is let go: a later view then starts later, in a memory of its own.

    >>> columns = GrowingColumns({"at_ms": np.dtype("i8"), "value": np.dtype("f8")})
    >>> columns.append({"at_ms": np.array([1, 2]), "value": np.array([0.5, 0.7])})
    >>> before = columns.view("value")
    >>> columns.append({"at_ms": np.array([3]), "value": np.array([0.9])})
    >>> before.tolist(), columns.view("value").tolist()
    ([0.5, 0.7], [0.5, 0.7, 0.9])
    """

    def __init__(self, dtypes: Mapping[str, np.dtype[Any]], most: int = 2_000_000) -> None:
        self._columns: dict[str, Column] = {name: np.empty(_FIRST_ROOM, dtype) for name, dtype in dtypes.items()}
        self._count = 0
        self._most = most
        self.dropped = 0  # rows let go so far: row i of a view is row i + dropped of all that ever came

    def __len__(self) -> int:
        return self._count

    def append(self, rows: Mapping[str, Column]) -> None:
        """Rows at the end; every column must be there, all of one length."""
        added = len(next(iter(rows.values())))
        if self._count + added > min(len(next(iter(self._columns.values()))), self._most):
            self._make_room(added)
        end = self._count + added
        for name, column in self._columns.items():
            column[self._count : end] = rows[name]
        self._count = end

    def _make_room(self, added: int) -> None:
        dropped = max(0, self._count - self._most // 2) if self._count + added > self._most else 0
        kept = self._count - dropped
        room = max(2 * (kept + added), _FIRST_ROOM)
        for name, old in self._columns.items():
            new = np.empty(room, old.dtype)
            new[:kept] = old[dropped : self._count]
            self._columns[name] = new
        self._count = kept
        self.dropped += dropped

    def view(self, name: str) -> Column:
        """The column as it is now, read-only and without a copy."""
        column = self._columns[name][: self._count]
        column.flags.writeable = False
        return column

    def last(self, name: str) -> Any:
        """The newest value of a column. Raises IndexError where there is none."""
        if not self._count:
            raise IndexError(f"no row yet in {name}")
        return self._columns[name][self._count - 1]
