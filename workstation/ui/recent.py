"""The portfolio files opened last, newest first: plain paths, kept by whoever keeps the workspace.

`Recent(paths, changed)`: `changed(paths)` is called with the new list after every change; `add`, `forget`, `paths`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

MOST = 10


class Recent:
    """At most ten absolute paths, each once."""

    def __init__(self, paths: Iterable[str] = (), changed: Callable[[list[str]], None] | None = None) -> None:
        self._paths = list(dict.fromkeys(path for path in paths if path))[:MOST]
        self._changed = changed

    @property
    def paths(self) -> list[str]:
        """Newest first."""
        return list(self._paths)

    def add(self, path: Path) -> None:
        """A file was opened or saved: it comes first."""
        name = str(path.absolute())
        self._take([name, *(known for known in self._paths if known != name)][:MOST])

    def forget(self, path: Path) -> None:
        """A file is gone."""
        names = {str(path), str(path.absolute())}
        self._take([known for known in self._paths if known not in names])

    def _take(self, paths: list[str]) -> None:
        if paths != self._paths:
            self._paths = paths
            if self._changed is not None:
                self._changed(self.paths)
