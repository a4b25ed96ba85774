"""Unsaved edits survive a killed program: what the journal holds, and who is offered it."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from tests.kit.frames import desk, position, sample_desk
from tests.kit.planted_faults import RICH
from tests.kit.portfolios import encoded
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.state import DeskState, Trial
from workstation.storage import journal as journals
from workstation.storage.autosave import Autosave, Session, restored_text, unfinished
from workstation.storage.files import Reserve
from workstation.storage.journal import Entry, Journal, encode, newest
from workstation.storage.session_lock import SessionLock

NOON = datetime(2026, 5, 7, 12, 3, 4, tzinfo=UTC)
RICH_DESK = read_portfolio(encoded(RICH))
TRIED = replace(
    sample_desk(),
    trial=Trial(
        accounts=desk(position(quantity="3")).accounts,
        dropped=frozenset({(0, 1)}),
        size=Decimal("-0.1"),
        shocks={"ETH": Decimal("-0.2")},
    ),
)


def numbered(number: int) -> DeskState:
    return desk(position(quantity=str(number)), name="哈基米")


def entry(state: DeskState, at: datetime = NOON, path: Path | None = None) -> Entry:
    return Entry(at=at, path=path, state=state)


def names_in(folder: Path) -> list[str]:
    return sorted(e.name for e in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, said: list[str]) -> Iterator[Callable[..., Autosave]]:
    """Starts a session in the folder; those that a test leaves open are closed."""
    started: list[Autosave] = []

    def make(every_s: float = 0.0, reserve: Reserve | None = None) -> Autosave:
        started.append(Autosave(tmp_path, said.append, every_s=every_s, reserve=reserve))
        return started[-1]

    yield make
    for autosave in started:
        autosave.close(discard=True)


def offered(folder: Path, said: list[str]) -> Session:
    session = unfinished(folder, said.append)
    assert session is not None
    return session


def wait_until(true: Callable[[], object]) -> None:
    give_up = time.monotonic() + 10
    pause = threading.Event()
    while not true():
        assert time.monotonic() < give_up
        pause.wait(0.005)


# --- the journal ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [DeskState(), sample_desk(), TRIED, RICH_DESK], ids=["empty", "sample", "trial", "rich"]
)
def test_a_desk_comes_back_with_its_file_and_its_trial(state: DeskState):
    path = Path(os.fsdecode(b"/home/trader/b\xfcch\xff.json"))  # not every name is text
    written = Entry(at=NOON, path=path, state=state, extra={"shown": "stress"})
    assert newest(encode(written, 1)) == (written, 0)


def test_the_newest_line_counts_and_a_torn_last_line_does_not():
    lines = [encode(entry(numbered(n)), n) for n in (1, 2, 3)]
    data = b"".join(lines)
    assert newest(data) == (entry(numbered(3)), 0)
    # the last byte is only the line's end: without it the entry is still whole
    assert newest(data[:-1]) == (entry(numbered(3)), 0)
    for cut in range(2, len(lines[2])):
        assert newest(data[:-cut]) == (entry(numbered(2)), 0)
    assert newest(b"") == (None, 0)


def damaged_copy(whole: bytes, random: Random) -> bytes:
    """One to three harms: bits, holes, strangers' bytes, zeros, repeats, a cut end, a letter in place of another."""
    data = bytearray(whole)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(data))
        length = random.randint(1, 600)
        match random.randrange(7):
            case 0:
                data[at] ^= 1 << random.randrange(8)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = random.randbytes(length)
            case 3:
                data[at : at + length] = bytes(len(data[at : at + length]))
            case 4:
                data[at:at] = data[random.randrange(len(data)) :][:length]
            case 5:
                del data[at:]
            case _:
                data[at] = random.choice(b'\n0123456789"}{')
        if not data:
            break
    return bytes(data)


def test_3000_random_damages_never_crash_and_never_pass_off_a_desk_that_was_not_written(tmp_path: Path):
    random = Random(7)
    desks = [numbered(n) for n in range(1, 7)] + [TRIED, RICH_DESK]
    random.shuffle(desks)
    whole = b"".join(encode(entry(state), number) for number, state in enumerate(desks, 1))
    path, unharmed = tmp_path / "a.journal", 0
    for _ in range(3000):
        said: list[str] = []
        data = damaged_copy(whole, random)
        path.write_bytes(data)
        session = unfinished(tmp_path, said.append)
        if session is None:
            # nothing readable, which is told where there was anything at all
            assert bool(said) is bool(data)
            for aside in tmp_path.glob("*.corrupt-*"):
                assert aside.read_bytes() == data
                aside.unlink()
            continue
        assert said == []
        assert session.state in desks
        if session.state == desks[-1]:
            unharmed += 1
        elif not session.problem:
            # the one damage that cannot be seen: it ends where a kill might have ended it
            assert whole.startswith(data.rpartition(b"\n")[0])
        session.discard()
        assert names_in(tmp_path) == []
    assert 300 < unharmed < 2700  # both kinds were tried


def test_lines_in_another_order_still_tell_the_newest():
    first, second = encode(entry(numbered(1)), 1), encode(entry(numbered(2)), 2)
    assert newest(second + first) == (entry(numbered(2)), 0)


def test_a_desk_whose_checksum_is_right_and_whose_words_are_wrong_is_damage():
    """Written by another version of the program, say."""
    body = encode(entry(numbered(2)), 2)[9:-1].replace(b'"long"', b'"lang"')
    data = encode(entry(numbered(1)), 1) + b"%08x %s\n" % (journals.zlib.crc32(body), body)
    assert newest(data) == (entry(numbered(1)), 1)


def test_a_large_journal_is_written_anew_with_the_newest_desk_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journals, "COMPACT_ABOVE", 5_000)
    journal = Journal(tmp_path / "a.journal")
    for number in range(1, 41):
        journal.write(entry(numbered(number)))
        data = journal.path.read_bytes()
        assert len(data) <= 5_000
        assert newest(data) == (entry(numbered(number)), 0)
    assert names_in(tmp_path) == ["a.journal"]


@pytest.mark.parametrize("harm", ["removed", "shortened", "lengthened"])
def test_a_journal_that_somebody_else_touched_still_gets_the_next_desk(tmp_path: Path, harm: str):
    journal = Journal(tmp_path / "a.journal")
    journal.write(entry(numbered(1)))
    journal.write(entry(numbered(2)))
    if harm == "removed":
        journal.path.unlink()
    elif harm == "shortened":
        os.truncate(journal.path, 10)
    else:
        with journal.path.open("ab") as file:
            file.write(b"half a line of a write that failed")
    journal.write(entry(numbered(3)))
    assert newest(journal.path.read_bytes()) == (entry(numbered(3)), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_the_journal_can_be_read_by_the_user_alone(tmp_path: Path, start: Callable[..., Autosave]):
    start().post(numbered(1), None, is_saved=False)
    wait_until(lambda: len(names_in(tmp_path)) == 2)
    assert [e.stat().st_mode & 0o777 for e in tmp_path.iterdir()] == [0o600, 0o600]


# --- a session --------------------------------------------------------------------------------------------------------


def test_while_nothing_is_unsaved_there_is_no_file_and_no_thread(tmp_path: Path, start: Callable[..., Autosave]):
    before = threading.active_count()
    autosave = start()
    autosave.post(numbered(1), tmp_path / "desk.json", is_saved=True)
    assert (names_in(tmp_path), threading.active_count()) == ([], before)
    assert autosave.close()


def test_what_was_unsaved_at_the_end_is_offered_at_the_next_start(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str]
):
    autosave = start()
    for number in range(1, 50):
        autosave.post(numbered(number), tmp_path / "desk.json", is_saved=False, extra={"shown": "stress"})
    assert autosave.close()
    session = offered(tmp_path, said)
    assert (session.state, session.path, session.extra) == (
        numbered(49),
        tmp_path / "desk.json",
        {"shown": "stress"},
    )
    assert datetime.now(UTC) - session.at < timedelta(minutes=1)
    # it is held: a second window that starts now is not offered it as well
    assert unfinished(tmp_path, said.append) is None
    session.leave()
    offered(tmp_path, said).discard()
    assert unfinished(tmp_path, said.append) is None
    assert (names_in(tmp_path), said) == ([], [])


def test_the_journal_goes_when_everything_is_saved_or_thrown_away(tmp_path: Path, start: Callable[..., Autosave]):
    saving, discarding = start(), start()
    for autosave in (saving, discarding):
        autosave.post(numbered(1), None, is_saved=False)
    wait_until(lambda: len(names_in(tmp_path)) == 4)
    saving.post(numbered(1), tmp_path / "desk.json", is_saved=True)
    assert saving.close()
    assert len(names_in(tmp_path)) == 2
    assert discarding.close(discard=True)
    assert names_in(tmp_path) == []


def test_many_posts_become_few_writes_and_the_last_is_always_among_them(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str]
):
    autosave = start(every_s=0.05)
    for number in range(1, 2001):
        autosave.post(numbered(number), None, is_saved=False)
    autosave.close()
    [journal] = tmp_path.glob("*.journal")
    assert journal.read_bytes().count(b"\n") < 200
    assert offered(tmp_path, said).state == numbered(2000)


def test_a_session_that_runs_is_not_offered_and_not_disturbed(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str]
):
    one, two = start(), start()
    one.post(numbered(1), None, is_saved=False)
    two.post(numbered(2), None, is_saved=False)
    wait_until(lambda: len(names_in(tmp_path)) == 4)
    assert unfinished(tmp_path, said.append) is None
    two.close(discard=True)
    assert len(names_in(tmp_path)) == 2
    one.close()
    assert offered(tmp_path, said).state == numbered(1)


def test_of_two_sessions_that_were_killed_the_newest_comes_first_and_the_other_is_kept(tmp_path: Path, said: list[str]):
    for name, number, at in (("a", 1, NOON + timedelta(seconds=1)), ("b", 2, NOON)):
        (tmp_path / f"{name}.journal").write_bytes(encode(entry(numbered(number), at), 1))
    first = offered(tmp_path, said)
    assert first.state == numbered(1)
    first.discard()
    second = offered(tmp_path, said)
    assert second.state == numbered(2)
    second.discard()
    assert (names_in(tmp_path), said) == ([], [])


def test_a_session_taken_over_goes_only_when_the_new_journal_has_it(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workstation.storage.autosave.AGAIN_S", 0.01)
    old = tmp_path / "old.journal"
    old.write_bytes(encode(entry(numbered(5), path=tmp_path / "desk.json"), 1))
    session = offered(tmp_path, said)
    new = start()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", refuse)
        new.take_over(session)
        wait_until(lambda: said)
        assert old.exists()
    wait_until(lambda: not old.exists())
    assert new.close()
    again = offered(tmp_path, said)
    assert (again.state, again.path) == (numbered(5), tmp_path / "desk.json")
    again.discard()
    assert names_in(tmp_path) == []


def test_a_killed_session_without_unsaved_edits_leaves_nothing_to_offer(tmp_path: Path, said: list[str]):
    (tmp_path / "a.lock").touch()
    (tmp_path / "b.journal").touch()
    (tmp_path / ".b.journal.00000000.tmp").write_bytes(b"half a snapshot")
    assert unfinished(tmp_path, said.append) is None
    assert (names_in(tmp_path), said) == ([], [])
    assert unfinished(tmp_path / "never made", said.append) is None


def test_a_journal_with_nothing_readable_is_put_aside_and_told(tmp_path: Path, said: list[str]):
    (tmp_path / "a.journal").write_bytes(b"\0" * 5000 + b"\n")
    (tmp_path / "b.journal").write_bytes(encode(entry(numbered(1)), 1))
    assert offered(tmp_path, said).state == numbered(1)
    [text] = said
    assert "damaged" in text
    assert "a.journal.corrupt-1" in text
    assert (tmp_path / "a.journal.corrupt-1").stat().st_size == 5001


def test_damage_below_the_newest_whole_line_is_told_with_the_restore(tmp_path: Path, said: list[str]):
    lines = [encode(entry(numbered(n)), n) for n in (1, 2, 3)]
    lines[2] = lines[2].replace(b"long", b"lung")
    (tmp_path / "a.journal").write_bytes(b"".join(lines))
    session = offered(tmp_path, said)
    assert session.state == numbered(2)
    assert "1 entry of its journal could not be read" in restored_text(session)


def test_the_notice_says_the_time_of_day_and_another_day_by_its_date(tmp_path: Path, said: list[str]):
    path = tmp_path / "a.journal"
    path.write_bytes(encode(entry(numbered(1), datetime.now(UTC)), 1))
    session = offered(tmp_path, said)
    assert restored_text(session) == f"Restored what was unsaved at {session.at.astimezone():%H:%M:%S}."
    session.discard()
    path.write_bytes(encode(entry(numbered(1), NOON), 1))
    assert f"{NOON.astimezone():%H:%M:%S} on {NOON.astimezone():%Y-%m-%d}." in restored_text(offered(tmp_path, said))


def test_a_folder_that_is_none_is_told_and_no_crash(tmp_path: Path, said: list[str]):
    (tmp_path / "a.journal").mkdir()
    assert unfinished(tmp_path, said.append) is None
    assert len(said) == 1
    assert "cannot be read" in said[0]


# --- locks ------------------------------------------------------------------------------------------------------------


def test_a_lock_is_held_once_and_goes_with_its_process(tmp_path: Path):
    path = tmp_path / "a.lock"
    lock = SessionLock.take(path)
    assert lock is not None
    assert SessionLock.take(path) is None
    lock.drop(remove=False)
    code = (
        "import sys, pathlib; from workstation.storage.session_lock import SessionLock\n"
        "lock = SessionLock.take(pathlib.Path(sys.argv[1])); print(lock is not None, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert SessionLock.take(path) is None
        other.kill()
        other.wait(10)
    again = SessionLock.take(path)
    assert again is not None
    again.drop(remove=True)
    assert names_in(tmp_path) == []


# --- a disk that refuses ----------------------------------------------------------------------------------------------


def test_a_disk_that_refuses_is_told_once_and_once_more_when_it_takes_again(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workstation.storage.autosave.AGAIN_S", 0.01)
    full = True
    write, tries = Journal.write, 0

    def refuse(self: Journal, wanted: Entry) -> None:
        nonlocal tries
        tries += 1
        if full:
            raise OSError(28, "No space left on device")
        write(self, wanted)

    monkeypatch.setattr(Journal, "write", refuse)
    autosave = start()
    autosave.post(numbered(1), None, is_saved=False)
    wait_until(lambda: tries > 3)
    autosave.post(numbered(2), None, is_saved=False)
    assert len(said) == 1
    assert "not kept safe" in said[0]
    assert "the disk is full" in said[0]
    assert autosave.refused
    full = False
    wait_until(lambda: len(said) == 2)
    assert said[1] == "Unsaved edits are kept safe again."
    assert autosave.close()
    assert offered(tmp_path, said).state == numbered(2)


def test_closing_on_a_disk_that_refuses_says_so_and_does_not_hang(
    start: Callable[..., Autosave], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Journal, "write", refuse)
    autosave = start()
    autosave.post(numbered(1), None, is_saved=False)
    assert not autosave.close()
    assert len(said) == 1
    assert "read-only" in said[0]


def test_a_full_disk_costs_the_reserve_first(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    reserve = Reserve(tmp_path / "reserve", 1000)
    reserve.keep()
    write = Journal.write

    def full_while_the_reserve_stands(self: Journal, wanted: Entry) -> None:
        if (tmp_path / "reserve").exists():
            raise OSError(28, "No space left on device")
        write(self, wanted)

    monkeypatch.setattr(Journal, "write", full_while_the_reserve_stands)
    autosave = start(reserve=reserve)
    autosave.post(numbered(1), None, is_saved=False)
    assert autosave.close()
    assert said == []
    assert offered(tmp_path, said).state == numbered(1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_worker_is_no_silent_end_of_autosave(
    tmp_path: Path, start: Callable[..., Autosave], said: list[str], monkeypatch: pytest.MonkeyPatch
):
    write = Journal.write

    def bug(*_: object) -> None:
        raise ZeroDivisionError

    autosave = start()
    heard: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: heard.append(arguments.exc_type))
    monkeypatch.setattr(Journal, "write", bug)
    autosave.post(numbered(1), None, is_saved=False)
    wait_until(lambda: heard)
    wait_until(lambda: autosave._thread is not None and not autosave._thread.is_alive())
    monkeypatch.setattr(Journal, "write", write)
    autosave.post(numbered(2), None, is_saved=False)
    assert autosave.close()
    assert heard == [ZeroDivisionError]
    assert offered(tmp_path, said).state == numbered(2)
