"""Autosave: what is unsaved stands in a journal at most a second later, so that a killed program loses no work."""

import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from workstation.desk.state import DeskState
from workstation.storage.files import FULL, Reserve, make_folder, set_aside, sweep, why
from workstation.storage.journal import Entry, Journal, newest, now
from workstation.storage.session_lock import SessionLock

Say = Callable[[str], None]

EVERY_S = 0.5
AGAIN_S = 2.0  # after a disk that refused
_JOURNAL, _LOCK = ".journal", ".lock"


class _Wanted(msgspec.Struct, frozen=True):
    """What the journal is to say: an entry, or that nothing is unsaved."""

    entry: Entry | None


class Autosave:
    """Writes the newest unsaved desk of this session, on a thread of its own.

    `post` costs the caller a microsecond. At most one write in `every_s` seconds; the last desk posted is always
    written. `say` is called on the worker thread, once when the disk begins to refuse and once when it takes again.
    """

    def __init__(self, folder: Path, say: Say, *, reserve: Reserve | None = None, every_s: float = EVERY_S) -> None:
        self._folder = folder
        self._say = say
        self._reserve = reserve
        self._every_s = every_s
        self._name = f"{now():%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(3)}"
        self._journal = Journal(folder / f"{self._name}{_JOURNAL}")
        self._lock: SessionLock | None = None
        self._change = threading.Condition()
        self._wanted: _Wanted | None = None
        self._closing = False
        self._refused = False
        self._taken_over: list[Session] = []
        self._thread: threading.Thread | None = None

    @property
    def refused(self) -> bool:
        """The disk took nothing the last time: what is unsaved would be lost with the program."""
        return self._refused

    def post(
        self, state: DeskState, path: Path | None, *, is_saved: bool, extra: Mapping[str, str] | None = None
    ) -> None:
        """The desk changed, or was saved. Never blocks and never fails."""
        entry = None if is_saved else Entry(at=now(), path=path, state=state, extra=extra or {})
        with self._change:
            if self._closing:
                return
            if entry is None and self._thread is None:
                return  # nothing was ever unsaved: no thread and no file for that
            self._wanted = _Wanted(entry)
            self._change.notify()
            # A thread that a bug of ours ended is in the crash report; the next desk is written all the same.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)
                self._thread.start()

    def take_over(self, session: "Session") -> None:
        """A desk of an earlier session is now this one's: its files go once this session's journal has it."""
        with self._change:
            self._taken_over.append(session)
            self.post(session.state, session.path, is_saved=False, extra=session.extra)

    def close(self, *, discard: bool = False, timeout_s: float = 5.0) -> bool:
        """End the session: write what waits, and leave the journal where something is unsaved.

        `discard`: the trader threw it away. Returns False where the disk refused or did not answer in time.
        """
        with self._change:
            if discard:
                self._wanted = _Wanted(None)
            self._closing = True
            self._change.notify()
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive() and not self._refused

    # --- the worker ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        unsaved = False
        while True:
            with self._change:
                while self._wanted is None and not self._closing:
                    self._change.wait()
                wanted, self._wanted = self._wanted, None
                taken_over = tuple(self._taken_over)
            if wanted is not None:
                done = self._try(wanted)
                unsaved = wanted.entry is not None
                for session in taken_over if done else ():
                    session.discard()
                    self._taken_over.remove(session)
                with self._change:
                    if not done and self._wanted is None:
                        self._wanted = wanted
                    if not self._closing:
                        self._pause(self._every_s if done else AGAIN_S)
                    elif not done:
                        self._wanted = None  # one last try was all there was time for
            with self._change:
                if self._closing and self._wanted is None:
                    break
        if self._lock is not None:
            self._lock.drop(remove=not unsaved)
            self._lock = None

    def _pause(self, seconds: float) -> None:
        """Wait so long, or until the session is closed; what is posted meanwhile is written together."""
        until = time.monotonic() + seconds
        while not self._closing and (left := until - time.monotonic()) > 0:
            self._change.wait(left)

    def _try(self, wanted: _Wanted) -> bool:
        try:
            self._write(wanted.entry)
        except (OSError, ValueError) as error:
            if not self._refused:
                self._refused = True
                text = why(error) if isinstance(error, OSError) else str(error)
                self._say(f"Unsaved edits are not kept safe at the moment: {text} ({self._folder}).")
            return False
        if self._refused:
            self._refused = False
            self._say("Unsaved edits are kept safe again.")
        return True

    def _write(self, entry: Entry | None) -> None:
        if entry is None:
            self._journal.remove()
        else:
            make_folder(self._folder)
            if self._lock is None:
                self._lock = SessionLock.take(self._folder / f"{self._name}{_LOCK}")
            try:
                self._journal.write(entry)
            except OSError as error:
                if self._reserve is None or error.errno not in FULL or not self._reserve.give_up(self._folder):
                    raise
                self._journal.write(entry)


# --- at the next start ------------------------------------------------------------------------------------------------


class Session:
    """Unsaved work of a session that ended without being asked. It is held: no other window is offered it meanwhile."""

    def __init__(self, entry: Entry, journal: Path, lock: SessionLock, problem: str) -> None:
        self.state = entry.state
        self.path = entry.path
        self.at: datetime = entry.at  # UTC
        self.extra = entry.extra
        self.problem = problem  # empty where the whole journal could be read
        self._journal = journal
        self._lock = lock

    def discard(self) -> None:
        """The trader has it, or does not want it: the files go. Never raises: at worst it is offered once more."""
        with suppress(OSError):
            self._journal.unlink(missing_ok=True)
        self._lock.drop(remove=not self._journal.exists())

    def leave(self) -> None:
        """Not now: it is offered again at the next start."""
        self._lock.drop(remove=False)


def unfinished(folder: Path, say: Say) -> Session | None:
    """The newest unsaved desk of the sessions that did not end in order, and do not run any more.

    Older ones stay for the next start. A journal in which nothing can be read is put aside as NAME.corrupt-<n> and told
    through `say`. Never raises: where the folder cannot be read there is nothing to offer, and that is told too.
    """
    try:
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        say(f"Whether an earlier session left unsaved work cannot be seen: {error.strerror or error} ({folder}).")
        return None
    sessions: list[Session] = []
    for stem in dict.fromkeys(Path(name).stem for name in names if name.endswith((_JOURNAL, _LOCK))):
        try:
            session = _look(folder / f"{stem}{_JOURNAL}", folder / f"{stem}{_LOCK}", say)
        except OSError as error:
            say(f"The journal of an earlier session cannot be read: {error.strerror or error} ({stem}{_JOURNAL}).")
            continue
        if session is not None:
            sessions.append(session)
    sessions.sort(key=lambda session: session.at)
    for older in sessions[:-1]:
        older.leave()
    return sessions[-1] if sessions else None


def _look(journal: Path, lock_path: Path, say: Say) -> Session | None:
    lock = SessionLock.take(lock_path)
    if lock is None:
        return None  # that session runs
    try:
        sweep(journal, stale_s=0)
        if not journal.exists():
            lock.drop(remove=True)
            return None
        entry, damaged = newest(journal.read_bytes())
        if entry is not None:
            lines = "1 entry" if damaged == 1 else f"{damaged} entries"
            problem = f"{lines} of its journal could not be read, so something newer may be missing" if damaged else ""
            return Session(entry, journal, lock, problem)
        if journal.stat().st_size:
            aside = set_aside(journal)
            say(f"The journal of an earlier session is damaged; nothing of it could be read ({aside or journal}).")
        else:
            journal.unlink()
        lock.drop(remove=not journal.exists())
    except BaseException:
        lock.drop(remove=False)
        raise
    return None


def restored_text(session: Session) -> str:
    """The notice after a restore, in the clock time of this machine."""
    at = session.at.astimezone()
    today = at.date() == now().astimezone().date()
    text = f"Restored what was unsaved at {at:%H:%M:%S}" + ("" if today else f" on {at:%Y-%m-%d}")
    return f"{text}; {session.problem}." if session.problem else f"{text}."
