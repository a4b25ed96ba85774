"""Where files live on each system; files replaced whole or not at all; what to do about a damaged or a full disk."""

import errno
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from workstation.domain.problem import BadInput

APP = "liquidation-workstation"
FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
# A write that takes longer than this was cut off: what it left may go.
STALE_S = 600.0
_T = TypeVar("_T")

_ELSEWHERE = "save somewhere else"
# What it means to the trader, and what helps.
_PLAIN = {
    errno.ENOSPC: ("the disk is full", "free some space and save again"),
    getattr(errno, "EDQUOT", -1): ("your share of the disk is used up", "free some space and save again"),
    errno.EROFS: ("the disk is read-only", _ELSEWHERE),
    errno.EACCES: ("writing there is not allowed", _ELSEWHERE),
    errno.EPERM: ("writing there is not allowed", _ELSEWHERE),
    errno.EFBIG: ("the system allows no file of that size there", _ELSEWHERE),
    errno.EIO: ("the disk answers with an error", _ELSEWHERE),
    errno.ENOENT: ("no such folder", _ELSEWHERE),
}


# --- places -----------------------------------------------------------------------------------------------------------


def state_folder() -> Path:
    """Where logs and crash reports go, by the customs of each system; not created here."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / APP
    return _folder("XDG_STATE_HOME", ".local", "state")


def session_folder() -> Path:
    """Where journals of unsaved work go. Not with the logs on macOS: programs that tidy up empty that folder."""
    return (data_folder() if sys.platform == "darwin" else state_folder()) / "sessions"


def data_folder() -> Path:
    """Where what the program gathers goes (history, recordings); not created here."""
    return _folder("XDG_DATA_HOME", ".local", "share")


def config_folder() -> Path:
    """Where settings and layouts go; not created here."""
    return _folder("XDG_CONFIG_HOME", ".config")


def _folder(variable: str, *custom: str) -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / APP
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / APP
    told = Path(os.environ.get(variable) or "")
    # The custom says that a relative path there counts for nothing.
    return (told if told.is_absolute() else Path.home().joinpath(*custom)) / APP


def make_folder(folder: Path) -> Path:
    """The folder, made with all above it where missing; what is made is the user's alone. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


# --- writing ----------------------------------------------------------------------------------------------------------


class Reserve:
    """A file that only takes up room: given up when the disk is full, so that the save that met it still succeeds."""

    def __init__(self, path: Path, size: int = 4 * 1024 * 1024) -> None:
        self._path = path
        self._size = size

    def keep(self) -> bool:
        """Make it where it is missing and the disk has room for much more; whether it is there. Never raises."""
        try:
            if self._path.exists() and self._path.stat().st_size >= self._size:
                return True
            make_folder(self._path.parent)
            if shutil.disk_usage(self._path.parent).free < 4 * self._size:
                return False
            # Bytes that differ: a disk that compresses would give back nothing for zeros.
            write_new(self._path, os.urandom(self._size))
        except OSError:
            return False
        return True

    def give_up(self, folder: Path) -> bool:
        """Free the room, where that helps: on the same disk as `folder`. Whether it was freed. Never raises."""
        try:
            if self._path.stat().st_dev != folder.stat().st_dev:
                return False
            self._path.unlink()
        except OSError:
            return False
        return True


def write_atomically(path: Path, data: bytes, reserve: Reserve | None = None) -> None:
    """Replaces the file whole or not at all; what was there before stays beside it as `NAME.bak`.

    A new file can be read by the user alone; an old one keeps its mode. Raises OSError with a text for the trader (disk
    full, read-only, no such folder) and leaves the old file as it was. A full disk is tried once more without the
    reserve.
    """
    path = path.resolve()
    try:
        try:
            _replace(path, data, backup=True)
        except OSError as error:
            if reserve is None or error.errno not in FULL or not reserve.give_up(path.parent):
                raise
            _replace(path, data, backup=True)
    except OSError as error:
        raise _plain(error, path) from error


def write_new(path: Path, data: bytes) -> None:
    """Like `write_atomically`, for files of the program's own that need no backup. Raises OSError."""
    _replace(path, data, backup=False)


def why(error: OSError) -> str:
    """What an error of the disk means, in plain words."""
    return _PLAIN[error.errno][0] if error.errno in _PLAIN else error.strerror or str(error)


def _plain(error: OSError, path: Path) -> OSError:
    mend = _PLAIN[error.errno][1] if error.errno in _PLAIN else _ELSEWHERE
    return OSError(error.errno or errno.EIO, f"{why(error)}; {mend}", str(path))


def _replace(path: Path, data: bytes, *, backup: bool) -> None:
    # mkstemp makes the file for the user alone, before there is anything in it.
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if backup and path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
            _keep_backup(path, fresh)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _keep_backup(path: Path, fresh: Path) -> None:
    # Named after the fresh file, so that two windows which save the same portfolio do not meet here.
    spare = fresh.with_name(f"{fresh.stem}.bak.tmp")
    try:
        try:
            os.link(path, spare)  # the old bytes under a second name, without copying them
        except OSError:
            _copy(path, spare)
        spare.replace(backup_of(path))
    finally:
        spare.unlink(missing_ok=True)  # two names of one file are left alone by a rename


def _copy(path: Path, to: Path) -> None:
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    to.chmod(path.stat().st_mode & 0o777)


def sync_folder(folder: Path) -> None:
    """A rename outlives a power cut only once the folder itself is on the disk. Raises OSError where that failed."""
    if sys.platform == "win32":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        # Some network disks cannot, and a folder may be writable without being readable; the rename itself was done.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES):
            raise


def sweep(path: Path, stale_s: float = STALE_S) -> int:
    """Removes what cut-off writes of this file left beside it; how many. Never raises: litter is no reason to stop."""
    left = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}(\.bak)?\.tmp")
    swept = 0
    with suppress(OSError):
        for entry in path.parent.iterdir():
            with suppress(OSError):
                if left.fullmatch(entry.name) and time.time() - entry.lstat().st_mtime > stale_s:
                    entry.unlink()
                    swept += 1
    return swept


# --- reading ----------------------------------------------------------------------------------------------------------


class Recovered(msgspec.Struct, frozen=True):
    """A file was damaged and its backup was opened: what was wrong with it, and where it was put aside."""

    path: Path
    problem: str
    set_aside: Path | None = None

    def __str__(self) -> str:
        kept = f" It was kept as {self.set_aside.name}." if self.set_aside else ""
        return f"{self.path.name} was damaged ({self.problem}); the copy from before the last save was opened.{kept}"


def backup_of(path: Path) -> Path:
    """Where the file as it was before the last save stands."""
    return path.with_name(path.name + ".bak")


def read_with_backup(path: Path, read: Callable[[bytes], _T]) -> tuple[_T, Recovered | None]:
    """What `read` makes of the file, or of its backup where it is damaged, gone or unreadable; then also what happened.

    For files that only the program writes: a damaged one is renamed to NAME.corrupt-<n> and the backup takes its place.
    `read` says "damaged" by BadInput, ValueError or a msgspec error. Where the backup does not help either, everything
    stays as it was and the first error is raised (OSError, or what `read` raised).
    """
    sweep(path)
    try:
        return read(path.read_bytes()), None
    except (OSError, BadInput, ValueError, msgspec.MsgspecError) as error:
        try:
            data = backup_of(path).read_bytes()
            value = read(data)
        except (OSError, BadInput, ValueError, msgspec.MsgspecError):
            raise error from None
        if isinstance(error, OSError):
            aside, problem = None, "it is gone" if isinstance(error, FileNotFoundError) else why(error)
        else:
            aside, problem = set_aside(path), str(error).partition("\n")[0]
        with suppress(OSError):
            # A full or read-only disk: the next start comes by here once more.
            if aside is not None or not path.exists():
                write_new(path, data)
        return value, Recovered(path, problem, set_aside=aside)


def set_aside(path: Path) -> Path | None:
    """Renames a damaged file to NAME.corrupt-<n>, where nothing written later replaces it; None where it cannot."""
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.corrupt-{number}")
        if not aside.exists():
            try:
                path.rename(aside)
            except OSError:
                return None
            return aside
    return None
