"""Document: the current DeskState, who listens, and whether it is saved."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from workstation.desk.state import DeskState


class Document:
    """The one owner of what the trader decided. Values go in whole; nothing in them is ever changed."""

    def __init__(self, state: DeskState | None = None) -> None:
        self._state = DeskState() if state is None else state
        self._saved_state: DeskState | None = self._state
        self._path: Path | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def state(self) -> DeskState:
        return self._state

    @property
    def path(self) -> Path | None:
        """The file that a plain *save* writes; None before the first one."""
        return self._path

    @property
    def is_saved(self) -> bool:
        """Nothing would be lost. True again after undoing back to what the file says. A what-if is never saved."""
        saved = self._saved_state
        if saved is None:
            return False
        return self._state is saved or replace(self._state, trial=None) == replace(saved, trial=None)

    def listen(self, on_change: Callable[[], None]) -> None:
        """Call back after the state, the path or the saved mark changed."""
        self._listeners.append(on_change)

    def show(self, state: DeskState) -> None:
        """Make this the current state (an edit, an undo, a redo)."""
        if state is self._state:
            return
        self._state = state
        self._tell()

    def opened(self, state: DeskState, path: Path | None) -> None:
        """Start anew from what a file said."""
        self._state = self._saved_state = state
        self._path = path
        self._tell()

    def restored(self, state: DeskState, path: Path | None) -> None:
        """Start anew from what an earlier session had not saved; what the file says is not known."""
        self._state = state
        self._saved_state = None
        self._path = path
        self._tell()

    def saved(self, path: Path) -> None:
        """The current state is now what this file says."""
        self._saved_state = self._state
        self._path = path
        self._tell()

    def _tell(self) -> None:
        for on_change in self._listeners:
            on_change()
