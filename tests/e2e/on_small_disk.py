"""Saves and autosaves on a disk of 1 MiB that is full, and then read-only: run by test_small_disk.py on such a disk.

Arguments: a folder on that disk, which the program may fill and make read-only. Prints one JSON line of what happened.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.e2e.edit_until_killed import number_of, numbered
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.storage.autosave import Autosave, unfinished
from workstation.storage.files import Reserve, read_with_backup, write_atomically


def wait_until(true: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(2_000):
        if true():
            return
        pause.wait(0.005)
    raise AssertionError("waited in vain")


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    filler = folder / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (4096, 1):
            while True:
                try:
                    file.write(b"\1" * size)
                except OSError:
                    break
    return filler


def save(path: Path, number: int, reserve: Reserve | None = None) -> str:
    """What the trader is told; empty where it went well."""
    try:
        write_atomically(path, write_portfolio(numbered(number)), reserve)
    except OSError as error:
        return error.strerror or ""
    return ""


def main() -> None:
    folder = Path(sys.argv[1])
    portfolio, sessions = folder / "desk.json", folder / "sessions"
    happened: dict[str, object] = {}
    said: list[str] = []

    def kept() -> int:
        return number_of(read_portfolio(portfolio.read_bytes()))

    reserve = Reserve(folder / "reserve", 512 * 1024)
    assert not reserve.keep(), "a disk with little more room than the reserve has none to spare"
    (folder / "reserve").write_bytes(b"\1" * 512 * 1024)
    assert save(portfolio, 1) == ""
    autosave = Autosave(sessions, said.append)
    autosave.post(numbered(1), portfolio, is_saved=False)
    wait_until(lambda: list(sessions.glob("*.journal")))

    filler = fill(folder)
    happened["full"] = save(portfolio, 2)
    happened["kept when full"] = kept()
    for number in range(3, 30):
        autosave.post(numbered(number), portfolio, is_saved=False)
        threading.Event().wait(0.05)
    wait_until(lambda: said)
    happened["said when full"] = list(said)
    happened["saved with the reserve"] = save(portfolio, 30, reserve)
    happened["kept with the reserve"] = kept()
    happened["litter"] = [entry.name for entry in folder.iterdir() if entry.name.endswith(".tmp")]
    filler.unlink()
    wait_until(lambda: len(said) > 1)
    happened["said with room again"] = said[1:]
    happened["closed with room"] = autosave.close()

    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    happened["read-only"] = save(portfolio, 31)
    happened["kept when read-only"] = kept()
    autosave = Autosave(sessions, said.append)
    autosave.post(numbered(32), portfolio, is_saved=False)
    happened["closed"] = autosave.close(timeout_s=5)
    happened["said when read-only"] = said[2:]
    session = unfinished(sessions, said.append)
    assert session is not None
    happened["offered on a read-only disk"] = number_of(session.state)
    session.discard()
    state, recovered = read_with_backup(portfolio, read_portfolio)
    happened["read"] = [number_of(state), recovered is None]
    print(json.dumps(happened))  # noqa: T201


if __name__ == "__main__":
    main()
