"""A full and a read-only disk are told, lose nothing that was there, and are no reason to crash or to hang."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.storage.files import write_atomically

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_full_and_a_read_only_disk_cost_nothing_that_was_there(tmp_path: Path):
    # A mount of its own needs no rights where the system lets a user make namespaces.
    small = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    mount = 'mount -t tmpfs -o size=1m tmpfs "$1"; '
    if not shutil.which("unshare") or subprocess.run([*small, mount, "sh", str(tmp_path)], check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    program = [sys.executable, "-m", "tests.e2e.on_small_disk", str(tmp_path)]
    done = subprocess.run(
        [*small, f'{mount} shift; exec "$@"', "sh", str(tmp_path), *program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    happened = json.loads(done.stdout)
    assert happened["full"] == "the disk is full; free some space and save again"
    assert happened["kept when full"] == 1
    [text] = happened["said when full"]
    assert text.startswith("Unsaved edits are not kept safe at the moment: the disk is full")
    assert happened["saved with the reserve"] == ""
    assert happened["kept with the reserve"] == 30
    assert happened["litter"] == []
    assert happened["said with room again"] == ["Unsaved edits are kept safe again."]
    assert happened["read-only"] == "the disk is read-only; save somewhere else"
    assert happened["kept when read-only"] == 30
    assert happened["closed with room"] is True
    assert happened["closed"] is False
    [text] = happened["said when read-only"]
    assert "the disk is read-only" in text
    assert happened["offered on a read-only disk"] == 29
    assert happened["read"] == [30, True]


def test_a_write_that_is_cut_in_the_middle_leaves_the_old_file(tmp_path: Path):
    """The system's own limit stops the write after 1 000 bytes, as a disk does that becomes full."""
    resource = pytest.importorskip("resource", reason="not on Windows")
    path = tmp_path / "desk.json"
    write_atomically(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(OSError, match="the system allows no file of that size there"):
            write_atomically(path, b"x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["desk.json"]
