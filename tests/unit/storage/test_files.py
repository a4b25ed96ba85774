"""A file is replaced whole or not at all, with what was there beside it."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from workstation.domain.problem import BadInput, Problem
from workstation.storage import files
from workstation.storage.files import (
    APP,
    Reserve,
    config_folder,
    data_folder,
    make_folder,
    read_with_backup,
    session_folder,
    set_aside,
    state_folder,
    sweep,
    write_atomically,
)


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
            patch.setattr(Path, "read_bytes", fail)
        else:
            patch.setattr(os if failing == "fsync" else Path, failing, fail)
        with pytest.raises(OSError, match="the disk is full; free some space and save again"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert not [name for name in names_in(tmp_path) if name.endswith(".tmp")]


def test_without_hard_links_the_backup_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "desk.json"
    write_atomically(path, b"old")

    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_atomically(path, b"new")
    assert (path.read_bytes(), (tmp_path / "desk.json.bak").read_bytes()) == (b"new", b"old")


def test_a_missing_folder_is_an_error(tmp_path: Path):
    with pytest.raises(OSError, match="no such folder"):
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
        with pytest.raises(OSError, match="the disk is full"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["desk.json", "desk.json.bak"]


# --- places -----------------------------------------------------------------------------------------------------------


def test_each_kind_of_file_has_its_place_on_each_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "platform", "linux")
    for variable in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    home = Path.home()
    assert data_folder() == home / ".local" / "share" / APP
    assert config_folder() == home / ".config" / APP
    assert session_folder() == home / ".local" / "state" / APP / "sessions"
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative/counts/for/nothing")
    assert config_folder() == home / ".config" / APP
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert {data_folder(), config_folder(), session_folder().parent} == {tmp_path / APP}
    monkeypatch.setattr(sys, "platform", "darwin")
    # not among the logs, which tidying programs empty
    assert session_folder() == home / "Library" / "Application Support" / APP / "sessions"


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_what_is_made_can_be_read_by_the_user_alone_from_its_first_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = make_folder(tmp_path / "a" / "b")
    assert [entry.stat().st_mode & 0o777 for entry in (folder, folder.parent)] == [0o700, 0o700]
    seen: list[int] = []
    fsync = os.fsync

    def look(handle: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(folder / "desk.json", b"mine")
    assert seen == [0o600, 0o700]  # the file, then its folder
    assert (folder / "desk.json").stat().st_mode & 0o777 == 0o600


# --- litter and room --------------------------------------------------------------------------------------------------


def test_only_old_leftovers_of_this_very_file_are_swept(tmp_path: Path):
    kept = (".desk.json.ab12cd_9.tmp", ".other.json.ab12cd_9.tmp", ".desk.json.note.tmp", "desk.json.bak")
    swept = (".desk.json.00000000.tmp", ".desk.json.zzzzzzzz.bak.tmp")
    for name in (*kept, *swept):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / kept[0])  # a write that goes on in another window
    assert sweep(tmp_path / "desk.json") == 2
    assert names_in(tmp_path) == sorted(kept)


def test_sweeping_where_there_is_nothing_is_no_error(tmp_path: Path):
    assert sweep(tmp_path / "nowhere" / "desk.json") == 0


def test_a_full_disk_costs_the_reserve_and_not_the_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reserve = Reserve(tmp_path / "state" / "reserve", size=1000)
    assert reserve.keep()
    assert reserve.keep()
    assert (tmp_path / "state" / "reserve").stat().st_size == 1000
    path = tmp_path / "desk.json"
    path.write_bytes(b"old")
    fsync = os.fsync

    def full_while_the_reserve_stands(handle: int) -> None:
        if (tmp_path / "state" / "reserve").exists():
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full_while_the_reserve_stands)
    write_atomically(path, b"new", reserve)
    assert (path.read_bytes(), (tmp_path / "desk.json.bak").read_bytes()) == (b"new", b"old")
    assert names_in(tmp_path / "state") == []


def test_the_reserve_is_not_given_up_for_other_errors(tmp_path: Path):
    reserve = Reserve(tmp_path / "reserve", size=10)
    reserve.keep()
    with pytest.raises(OSError, match="no such folder"):
        write_atomically(tmp_path / "nowhere" / "desk.json", b"new", reserve)
    assert (tmp_path / "reserve").exists()
    (tmp_path / "reserve").unlink()
    assert not reserve.give_up(tmp_path)


def test_a_reserve_that_cannot_be_kept_is_no_error(tmp_path: Path):
    (tmp_path / "file").touch()
    assert not Reserve(tmp_path / "file" / "reserve").keep()
    assert not Reserve(tmp_path / "reserve", size=1 << 60).keep()
    assert names_in(tmp_path) == ["file"]


def test_a_folder_that_could_not_be_synced_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The rename was done, but a power cut may still undo it."""
    fsync, path = os.fsync, tmp_path / "desk.json"

    def fail(handle: int) -> None:
        if os.fstat(handle).st_mode & 0o40000:
            raise OSError(number, "of the folder")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    number = 22  # network disks that cannot
    write_atomically(path, b"one")
    number = 5
    with pytest.raises(OSError, match="the disk answers with an error"):
        write_atomically(path, b"two")


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved_twice(tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    write_atomically(path, b'{"theme": "dark"}')
    write_atomically(path, b'{"theme": "light"}')
    return path


def test_a_sound_file_is_read_and_nothing_is_said(saved_twice: Path):
    assert read_with_backup(saved_twice, json.loads) == ({"theme": "light"}, None)
    assert names_in(saved_twice.parent) == ["settings.json", "settings.json.bak"]


@pytest.mark.parametrize("damage", [b"", b'{"theme": "li', b"\0" * 20, b"\xff\xfe"])
def test_a_damaged_file_is_put_aside_and_its_backup_takes_its_place(saved_twice: Path, damage: bytes):
    saved_twice.write_bytes(damage)
    value, recovered = read_with_backup(saved_twice, json.loads)
    assert value == {"theme": "dark"}
    assert recovered is not None
    aside = saved_twice.with_name("settings.json.corrupt-1")
    assert recovered.set_aside == aside
    assert aside.read_bytes() == damage
    assert "settings.json was damaged" in str(recovered)
    assert "kept as settings.json.corrupt-1" in str(recovered)
    # healed: the next start reads it without a word
    assert read_with_backup(saved_twice, json.loads) == ({"theme": "dark"}, None)
    # and the next damage does not take the place of the first
    saved_twice.write_bytes(b"again")
    assert read_with_backup(saved_twice, json.loads)[1] is not None
    assert saved_twice.with_name("settings.json.corrupt-2").read_bytes() == b"again"
    assert aside.read_bytes() == damage


def test_a_file_that_is_gone_comes_back_from_its_backup(saved_twice: Path):
    saved_twice.unlink()
    value, recovered = read_with_backup(saved_twice, json.loads)
    assert value == {"theme": "dark"}
    assert recovered is not None
    assert "it is gone" in str(recovered)
    assert saved_twice.exists()


def test_a_file_that_cannot_be_read_is_left_as_it_is_and_its_backup_is_opened(saved_twice: Path):
    saved_twice.unlink()
    saved_twice.mkdir()  # reading it is refused, for root as well
    value, recovered = read_with_backup(saved_twice, json.loads)
    assert value == {"theme": "dark"}
    assert recovered is not None
    assert recovered.set_aside is None
    assert "Is a directory" in str(recovered)
    assert saved_twice.is_dir()


def test_where_the_backup_does_not_help_the_first_error_is_raised_and_nothing_is_touched(saved_twice: Path):
    saved_twice.write_bytes(b"bad")
    saved_twice.with_name("settings.json.bak").write_bytes(b"worse")
    before = names_in(saved_twice.parent)

    def read(data: bytes) -> object:
        raise BadInput((Problem("", f"this is {data.decode()}"),))

    with pytest.raises(BadInput, match="this is bad"):
        read_with_backup(saved_twice, read)
    assert names_in(saved_twice.parent) == before
    with pytest.raises(FileNotFoundError):
        read_with_backup(saved_twice.with_name("never"), read)


def test_a_damaged_file_is_opened_from_its_backup_even_where_nothing_can_be_renamed(
    saved_twice: Path, monkeypatch: pytest.MonkeyPatch
):
    saved_twice.write_bytes(b"bad")

    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    value, recovered = read_with_backup(saved_twice, json.loads)
    assert value == {"theme": "dark"}
    assert recovered is not None
    assert recovered.set_aside is None
    assert saved_twice.read_bytes() == b"bad"  # not overwritten: nothing else holds these bytes
    assert set_aside(saved_twice) is None


def test_stale_leftovers_go_when_the_file_is_read(saved_twice: Path):
    left = saved_twice.with_name(".settings.json.00000000.tmp")
    left.write_bytes(b"half")
    long_ago = time.time() - files.STALE_S - 1
    os.utime(left, (long_ago, long_ago))
    read_with_backup(saved_twice, json.loads)
    assert not left.exists()
