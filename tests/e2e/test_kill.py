"""A program that is killed at any moment loses at most a second of edits, and never the file."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.e2e.edit_until_killed import RECORD, number_of, numbered
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.storage.autosave import unfinished
from workstation.storage.files import backup_of

ROOT = Path(__file__).parents[2]
# The long form is `python3 dev.py soak --only kill`.
KILLS = int(os.environ.get("WORKSTATION_KILLS", "20"))
MOST_LOST_S = 1.0
ALWAYS, NEVER = 1, 1 << 60


def records(log: Path) -> list[tuple[int, float]]:
    """(number, seconds) of every edit that was made; the last record may be cut."""
    data = log.read_bytes()
    whole = len(data) - len(data) % RECORD.size
    return [(number, at / 1e9) for number, at in RECORD.iter_unpack(data[:whole])]


@pytest.mark.slow
@pytest.mark.timeout(60 + 10 * KILLS)
@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_kill_at_any_moment_loses_at_most_a_second_of_edits_and_never_the_file(tmp_path: Path):
    portfolio, sessions, log = tmp_path / "desk.json", tmp_path / "sessions", tmp_path / "log"
    random, said = Random(KILLS), list[str]()
    portfolio.write_bytes(write_portfolio(numbered(1)))
    first, worst = 1, 0.0
    for kill in range(KILLS):
        log.unlink(missing_ok=True)
        # Where the file is saved all the time its writing is what is cut; else only the journal has the edits.
        saves = ALWAYS if kill % 2 else NEVER
        words = (portfolio, sessions, log, first, saves)
        command = [sys.executable, "-m", "tests.e2e.edit_until_killed", *map(str, words)]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as program:
            try:
                while not (log.exists() and log.stat().st_size >= RECORD.size):
                    with pytest.raises(subprocess.TimeoutExpired):
                        program.wait(0.005)
                with pytest.raises(subprocess.TimeoutExpired):
                    program.wait(random.random() * (0.3 if saves == ALWAYS else 2.5))
            finally:
                program.kill()
            assert program.communicate(timeout=10)[1] == ""
        made = records(log)
        last, ended = made[-1]
        # The file is one of the versions that were written, whole, and so is its backup.
        saved = number_of(read_portfolio(portfolio.read_bytes()))
        if backup_of(portfolio).exists():  # the same version where the kill came between backup and replacement
            assert number_of(read_portfolio(backup_of(portfolio).read_bytes())) <= saved
        session = unfinished(sessions, said.append)
        kept = saved
        if session is not None:
            kept = max(saved, number_of(session.state))
            assert session.path == portfolio
            session.leave()  # the next round's program takes it over
        assert kept <= last
        lost = [at for number, at in made if number > kept]
        if lost:
            worst = max(worst, ended - lost[0])
        assert worst <= MOST_LOST_S, f"kill {kill}: edits {kept + 1} to {last} are lost"
        first = last + 1
    assert said == []
    # Litter of cut-off writes is there at most for a while, and nothing else is beside the file.
    left = [name for name in os.listdir(tmp_path) if not name.startswith(".desk.json.")]
    assert set(left) <= {"desk.json", "desk.json.bak", "sessions", "log"}
    print(f"{KILLS} kills, at most {worst:.2f} s of edits lost")  # noqa: T201


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_restored_desk_survives_a_second_kill_right_after_the_restore(tmp_path: Path):
    """Between the restore and the first edit nothing new is posted: the desk must not hang on the old journal alone."""
    portfolio, sessions = tmp_path / "desk.json", tmp_path / "sessions"
    said: list[str] = []
    code = (
        "import sys, pathlib; from tests.e2e.edit_until_killed import numbered\n"
        "from workstation.storage.autosave import Autosave, unfinished\n"
        "folder = pathlib.Path(sys.argv[1]); autosave = Autosave(folder, print); old = unfinished(folder, print)\n"
        "autosave.post(numbered(5), None, is_saved=False) if old is None else autosave.take_over(old)\n"
        "print('posted', flush=True); input()"
    )
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(sessions)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == "posted\n"
            with pytest.raises(subprocess.TimeoutExpired):
                program.wait(0.3)
            program.kill()
        session = unfinished(sessions, said.append)
        assert session is not None
        assert number_of(session.state) == 5
        session.leave()
        assert len(list(sessions.glob("*.journal"))) == 1
    assert said == []
    assert not portfolio.exists()
