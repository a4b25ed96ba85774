"""The crash-loop guard: after two starts that failed, the next one comes without what was stored of the layout."""

from pathlib import Path

import msgspec

MOST_FAILED = 2


class Starts(msgspec.Struct, frozen=True):
    """How many starts in a row were begun and never known to go well.

    >>> Starts().begun().begun().trusts_layout, Starts().begun().begun().went_well().trusts_layout
    (False, True)
    """

    failed: int = 0

    @property
    def trusts_layout(self) -> bool:
        """The stored layout may be used: it is not what keeps the program from starting."""
        return self.failed < MOST_FAILED

    def begun(self) -> "Starts":
        """A start counts as failed until it is known to go well."""
        return Starts(self.failed + 1)

    def went_well(self) -> "Starts":
        """The window stood for a while."""
        return Starts()


class StartGuard:
    """Counts starts in a small file. Where it cannot be read or written, starts are simply not counted."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, *, safe_mode: bool = False) -> bool:
        """Count a start. True where the stored layout may be used: not in safe mode, not after two failed starts."""
        before = self._read()
        self._write(before.begun())
        return before.trusts_layout and not safe_mode

    def well(self) -> None:
        """The window stands."""
        self._write(Starts().went_well())

    def _read(self) -> Starts:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Starts)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return Starts()

    def _write(self, starts: Starts) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_bytes(msgspec.json.encode(starts))
        except OSError:
            return
