"""Workspace: the look, layouts, recent files, focus and place of the window, in one sealed file that may be damaged."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from workstation.storage.files import make_folder, read_with_backup, set_aside, why, write_atomically

VERSION = 1
MOST_LAYOUTS = 50
_LARGEST = 16 * 1024 * 1024
_MAGIC = b"sealed 1 "
_DIGEST = 64


def seal(data: bytes) -> bytes:
    """Bytes with what is needed to see later that not one bit of them changed."""
    return _MAGIC + hashlib.sha256(data).hexdigest().encode() + b"\n" + data


def unseal(sealed: bytes) -> bytes | None:
    """What was sealed; None where anything of it changed.

    >>> unseal(seal(b"desk")), unseal(seal(b"desk")[:-1] + b"q"), unseal(b"")
    (b'desk', None, None)
    """
    head = len(_MAGIC) + _DIGEST + 1
    data = sealed[head:]
    return data if len(sealed) >= head and sealed == seal(data) else None


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What the window remembers beside the portfolio. Layouts are sealed bytes, `geometry` is Qt's own.

    `focus` is venue, symbol and the charts' interval in ms. `recent` are paths of portfolio files, the newest first.
    """

    theme: Literal["dark", "light"] = "dark"
    text_size: Literal[100, 125, 150] = 100
    layout: bytes | None = None
    layouts: Mapping[str, bytes] = {}
    recent: tuple[str, ...] = ()
    focus: tuple[str, str, int] | None = None
    geometry: bytes | None = None


class _File(msgspec.Struct, frozen=True):
    version: int
    sha256: str
    workspace: msgspec.Raw


class DamagedError(ValueError):
    """Bytes that are no whole workspace of this version; the text says why."""


def write_workspace(workspace: Workspace) -> bytes:
    """The file's bytes."""
    inner = msgspec.json.encode(workspace)
    return msgspec.json.encode(_File(VERSION, hashlib.sha256(inner).hexdigest(), msgspec.Raw(inner)))


def read_workspace(data: bytes) -> Workspace:
    """What such bytes say. Raises DamagedError where they are not exactly what was once written."""
    if len(data) > _LARGEST:
        raise DamagedError("it is larger than a workspace ever is")
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedError("it is not a workspace file") from error
    if file.version != VERSION:
        raise DamagedError(f"it is of version {file.version}, and this program knows version {VERSION}")
    if hashlib.sha256(bytes(file.workspace)).hexdigest() != file.sha256:
        raise DamagedError("its bytes changed after they were written")
    try:
        return msgspec.json.decode(file.workspace, type=Workspace)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DamagedError(f"it says what no workspace says: {error}") from error


class WorkspaceFile:
    """The workspace on disk. `problem` says in words what went wrong with it; empty where nothing did."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem = ""

    def read(self) -> Workspace:
        """What was kept; where that is damaged its backup, else a fresh one. Damaged files are set aside."""
        try:
            workspace, recovered = read_with_backup(self._path, read_workspace)
        except FileNotFoundError:
            return Workspace()
        except OSError as error:
            self.problem = f"{self._path.name} could not be read: {why(error)}."
        except DamagedError as damage:
            aside = set_aside(self._path)
            kept = f"It was kept as {aside.name}." if aside else "It could not be set aside."
            self.problem = f"{self._path.name} is damaged: {damage}. {kept}"
        else:
            self.problem = str(recovered or "")
            return workspace
        return Workspace()

    def write(self, workspace: Workspace, say: Callable[[str], object] = lambda _text: None) -> bool:
        """Keep a workspace whole or not at all; where that fails the old file stands, and `say` hears why, once."""
        try:
            make_folder(self._path.parent)
            write_atomically(self._path, write_workspace(workspace))
        except OSError as error:
            problem = f"The layout could not be saved: {error.strerror or error}."
            if problem != self.problem:
                self.problem = problem
                say(problem)
            return False
        self.problem = ""
        return True
