"""A file is replaced whole or not at all, with what was there beside it."""

import os
import sys
from pathlib import Path

import pytest

from workstation.storage.files import APP, state_folder, write_atomically


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_new_file_is_written_and_nothing_else(tmp_path: Path):
    write_atomically(tmp_path / "desk.json", b"one")
    assert (tmp_path / "desk.json").read_bytes() == b"one"
    assert names_in(tmp_path) == ["desk.json"]


def test_what_was_there_stays_beside_it(tmp_path: Path):
    path = tmp_path / "desk.json"
    for data in (b"one", b"two", b"three"):
        write_atomically(path, data)
    assert path.read_bytes() == b"three"
    assert (tmp_path / "desk.json.bak").read_bytes() == b"two"
    assert names_in(tmp_path) == ["desk.json", "desk.json.bak"]


@pytest.mark.parametrize("failing", ["fsync", "replace", "link"])
def test_a_failure_leaves_the_old_file_and_no_leftovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str):
    path = tmp_path / "desk.json"
    write_atomically(path, b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if failing == "link":  # no hard links here: the backup is copied, and that fails too
            patch.setattr(os, "link", fail)
            patch.setattr(Path, "write_bytes", fail)
        else:
            patch.setattr(os if failing == "fsync" else Path, failing, fail)
        with pytest.raises(OSError, match="No space"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert not [name for name in names_in(tmp_path) if name.endswith(".tmp") and ".bak." not in name]


def test_without_hard_links_the_backup_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "desk.json"
    write_atomically(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_atomically(path, b"new")
    assert (path.read_bytes(), (tmp_path / "desk.json.bak").read_bytes()) == (b"new", b"old")


def test_a_missing_folder_is_an_error(tmp_path: Path):
    with pytest.raises(OSError, match="No such file"):
        write_atomically(tmp_path / "nowhere" / "desk.json", b"new")
    assert names_in(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_permissions_and_links_are_kept(tmp_path: Path):
    path, alias = tmp_path / "desk.json", tmp_path / "alias.json"
    write_atomically(path, b"old")
    path.chmod(0o640)
    alias.symlink_to(path)
    write_atomically(alias, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert alias.is_symlink()


def test_logs_go_where_the_system_wants_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / APP
    monkeypatch.setenv("XDG_STATE_HOME", "")
    assert state_folder() == Path.home() / ".local" / "state" / APP
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert state_folder() == tmp_path / APP
    monkeypatch.setattr(sys, "platform", "darwin")
    assert state_folder() == Path.home() / "Library" / "Logs" / APP


def test_a_write_that_fails_twice_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "desk.json"
    path.write_bytes(b"old")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == path:
            raise OSError(28, "no space left")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    for _ in range(2):
        with pytest.raises(OSError, match="no space"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["desk.json", "desk.json.bak"]
