"""The workspace file: whole or set aside, and no damaged byte of a layout ever reaches anybody."""

import random
from pathlib import Path

import pytest

from workstation.storage.workspace import (
    DamagedError,
    Workspace,
    WorkspaceFile,
    read_workspace,
    seal,
    unseal,
    write_workspace,
)

FULL = Workspace(
    theme="light",
    text_size=125,
    layout=seal(bytes(range(256)) * 3),
    layouts={"one screen": seal(b"first"), "дві": seal(b"second")},
    recent=("/home/me/book.json",),
    focus=("binance-usdm", "BTC/USDT:USDT", 300_000),
    geometry=b"\x00\xff",
)


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One to four bits changed."""
    damaged = bytearray(data)
    for at in chance.sample(range(len(data) * 8), chance.randint(1, 4)):
        damaged[at // 8] ^= 1 << at % 8
    return bytes(damaged)


def test_what_is_written_is_read_again():
    assert read_workspace(write_workspace(FULL)) == FULL
    assert read_workspace(write_workspace(Workspace())) == Workspace()


def test_no_changed_bit_of_a_workspace_is_believed():
    chance, data = random.Random(1), write_workspace(FULL)
    for _ in range(4_000):
        with pytest.raises(DamagedError):
            read_workspace(flipped(data, chance))


def test_no_changed_bit_of_a_sealed_layout_is_believed():
    chance, sealed = random.Random(2), seal(random.Random(3).randbytes(700))
    assert unseal(sealed) is not None
    assert not any(unseal(flipped(sealed, chance)) for _ in range(4_000))


def test_a_cut_file_is_not_believed():
    data = write_workspace(FULL)
    for length in range(len(data)):
        with pytest.raises(DamagedError):
            read_workspace(data[:length])
    sealed = seal(b"layout")
    assert not any(unseal(sealed[:length]) for length in range(len(sealed)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not a workspace"),
        (b"[]", "not a workspace"),
        (b"\xff\xfe", "not a workspace"),
        (b"[" * 100_000, "not a workspace"),
        (write_workspace(FULL).replace(b'"version":1', b'"version":2'), "version 2"),
        (b" " * (16 * 1024 * 1024 + 1), "larger"),
    ],
    ids=["empty", "list", "no text", "deep", "newer", "huge"],
)
def test_what_is_no_workspace_is_refused_with_its_reason(data: bytes, why: str):
    with pytest.raises(DamagedError, match=why):
        read_workspace(data)


def test_the_first_start_has_a_fresh_workspace_and_no_complaint(tmp_path: Path):
    file = WorkspaceFile(tmp_path / "deep" / "workspace.json")
    assert file.read() == Workspace()
    assert file.problem == ""
    assert file.write(FULL)
    assert WorkspaceFile(tmp_path / "deep" / "workspace.json").read() == FULL


def test_a_damaged_file_is_set_aside_said_and_its_backup_used(tmp_path: Path):
    path = tmp_path / "workspace.json"
    file = WorkspaceFile(path)
    file.write(FULL)
    file.write(Workspace(theme="light"))
    path.write_bytes(b"damaged")
    again = WorkspaceFile(path)
    assert again.read() == FULL
    assert "workspace.json was damaged (it is not a workspace file)" in again.problem
    assert "kept as workspace.json.corrupt-1" in again.problem
    assert (tmp_path / "workspace.json.corrupt-1").read_bytes() == b"damaged"
    assert again.write(FULL)
    assert again.problem == ""


def test_without_a_sound_backup_a_damaged_file_gives_a_fresh_workspace(tmp_path: Path):
    path = tmp_path / "workspace.json"
    path.write_bytes(b"damaged")
    path.with_name("workspace.json.bak").write_bytes(b"damaged too")
    file = WorkspaceFile(path)
    assert file.read() == Workspace()
    assert file.problem.startswith("workspace.json is damaged")
    assert (tmp_path / "workspace.json.corrupt-1").read_bytes() == b"damaged"


def test_a_file_that_cannot_be_written_is_said_once_and_is_not_fatal(tmp_path: Path):
    (tmp_path / "in the way").write_bytes(b"")
    file = WorkspaceFile(tmp_path / "in the way" / "workspace.json")
    said = list[str]()
    assert not file.write(FULL, said.append)
    assert not file.write(Workspace(), said.append)
    assert len(said) == 1
    assert "could not be saved" in said[0]
    assert file.problem == said[0]
    (tmp_path / "in the way").unlink()
    assert file.write(FULL, said.append)
    assert (len(said), file.problem) == (1, "")
