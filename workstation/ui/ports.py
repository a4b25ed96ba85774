"""What the window needs from outside: the core that answers with frames, portfolio files, a place for its layout."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from workstation.desk.state import DeskState
from workstation.runtime.messages import Command, Frame
from workstation.storage.workspace import Workspace


class CoreLink(Protocol):
    """The core as the window sees it. Nothing here ever blocks."""

    def post(self, command: Command, /) -> None:
        """Hand a command over; the answer comes as a frame."""
        ...

    def newest(self) -> Frame | None:
        """The newest frame since the last look; None where none came."""
        ...


class ReadPortfolio(Protocol):
    """Reads a portfolio file; raises BadInput with every fault of its form, OSError where it cannot be read."""

    def __call__(self, path: Path, /) -> DeskState: ...


class ReadBackup(Protocol):
    """Puts a portfolio file that is damaged as a whole aside, and its backup in its place: the desk that is in it, and
    what happened in words; None, with nothing changed, where there is no sound backup.
    """

    def __call__(self, path: Path, /) -> tuple[DeskState, str] | None: ...


class WritePortfolio(Protocol):
    """Writes a portfolio file whole or not at all; raises OSError where it cannot."""

    def __call__(self, state: DeskState, path: Path, /) -> None: ...


def _no_backup(_path: Path) -> tuple[DeskState, str] | None:
    return None


def _keep_nothing(_workspace: Workspace) -> None:
    pass


class Ports(msgspec.Struct, frozen=True):
    """Everything that `app` hands to the window. `venues` are the ids that an account may have.

    `keep` has a workspace stored, soon and without waiting.
    """

    core: CoreLink
    read_portfolio: ReadPortfolio
    write_portfolio: WritePortfolio
    venues: tuple[str, ...]
    keep: Callable[[Workspace], None] = _keep_nothing
    read_backup: ReadBackup = _no_backup
