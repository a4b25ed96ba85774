"""Workspace: the look, layouts, recent files, focus and place of the window, in one sealed file that may be damaged."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from workstation.storage.files import write_atomically

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


class DamagedError(Exception):
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
        """What was kept. A damaged file is set aside as `NAME.corrupt`; then the backup counts, else a fresh one."""
        for path in (self._path, self._path.with_name(self._path.name + ".bak")):
            try:
                return read_workspace(path.read_bytes())
            except FileNotFoundError:
                if path == self._path:
                    return Workspace()
            except OSError as error:
                self.problem = f"{path.name} could not be read: {error.strerror or error}."
            except DamagedError as damage:
                # the word on the first file stands: the backup is only a way out
                self.problem = self.problem or self._set_aside(path, damage)
        return Workspace()

    def _set_aside(self, path: Path, damage: DamagedError) -> str:
        aside = path.with_name(path.name + ".corrupt")
        try:
            path.replace(aside)
        except OSError as error:
            return f"{path.name} is damaged ({damage}) and could not be set aside: {error.strerror or error}."
        return f"{path.name} is damaged: {damage}. It was set aside as {aside.name}."

    def write(self, workspace: Workspace) -> bool:
        """Keep a workspace whole or not at all; where that fails the old file stands and `problem` says why."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._path, write_workspace(workspace))
        except OSError as error:
            self.problem = f"The layout could not be saved: {error.strerror or error}."
            return False
        self.problem = ""
        return True
