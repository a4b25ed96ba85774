"""Crash reports: where every uncaught error of the program arrives, whichever way it took, and is written down once."""

import faulthandler
import logging
import os
import platform
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from workstation.domain.playback import FeedFault
from workstation.runtime.crash_text import clean_log_entry, clean_traceback, describe, place_of, without_figures
from workstation.runtime.logs import Redactor, tell

if TYPE_CHECKING:
    import asyncio  # a fifth of what the window's start may take, for the name of a type

_LOG = logging.getLogger(__name__)
MOST_KINDS = 20  # errors of one session that get a report of their own; and reports that are kept
_LOG_LINES = 40
_OTHERS = "other errors"
_HARD = re.compile(r"hard-crash-(\d+)\.txt")


class Crash(msgspec.Struct, frozen=True):
    """One kind of error, however often it came. `path` is the report's file, None where it could not be written.

    `what` is a line for people, `report` the whole text to send; neither holds figures, names or keys of the trader.
    `earlier`: it ended a session before this one.
    """

    what: str
    report: str
    path: Path | None
    at: datetime
    count: int = 1
    earlier: bool = False


class CrashReports:
    """Takes errors in on any thread, and writes one report for each kind: the same type raised at the same line.

    The window looks at `crashes` from time to time, so that no error has to find its way to the GUI thread.
    """

    def __init__(
        self,
        folder: Path,
        version: str,
        redactor: Redactor | None = None,
        recent_log: Callable[[], tuple[str, ...]] = tuple,
    ) -> None:
        self.folder = folder
        self._about = f"workstation {version}, Python {platform.python_version()}, {platform.platform()}"
        self._redactor = redactor or Redactor()
        self._recent_log = recent_log
        self._kinds: dict[str, Crash] = {}
        self._lock = threading.RLock()  # an error may come while one is written down, on the same thread
        self._busy = False
        self._before: (
            tuple[
                Callable[[type[BaseException], BaseException, TracebackType | None], object],
                Callable[[threading.ExceptHookArgs], object],
                Callable[[sys.UnraisableHookArgs], object],
            ]
            | None
        ) = None
        self._hard: tuple[Path, int] | None = None

    @property
    def crashes(self) -> tuple[Crash, ...]:
        """Every kind of this session, in the order of their first coming. From any thread."""
        return tuple(self._kinds.copy().values())

    # --- ways in ------------------------------------------------------------------------------------------------------

    def install(self) -> None:
        """Be the place where Python's uncaught errors go: of the main thread and Qt's slots, threads, clean-up."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._main_hook
        threading.excepthook = self._thread_hook
        sys.unraisablehook = self._unraisable_hook

    def remove(self) -> None:
        """Put back what `install` replaced; the session ends in order."""
        if self._before is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None
        if self._hard is not None:
            path, handle = self._hard
            self._hard = None
            faulthandler.disable()
            with suppress(OSError):
                os.close(handle)
                path.unlink()

    def _main_hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.take(error.with_traceback(trace), "the main thread")

    def _thread_hook(self, arguments: threading.ExceptHookArgs) -> None:
        name = arguments.thread.name if arguments.thread else "that has ended"
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            self.take(arguments.exc_value, f"thread {name}")

    def _unraisable_hook(self, arguments: "sys.UnraisableHookArgs") -> None:
        # Not the object itself: how it shows may hold the trader's figures.
        if arguments.exc_value is not None:
            self.take(arguments.exc_value, f"clean-up of a {type(arguments.object).__name__}")

    def loop_handler(self, loop: "asyncio.AbstractEventLoop", context: Mapping[str, object]) -> None:
        """For `loop.set_exception_handler`: tasks and callbacks whose error nobody looked at."""
        del loop
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.take(error, "the event loop")
        else:
            self.take_text(str(context.get("message")), "", "the event loop")

    def take_feed_fault(self, fault: FeedFault) -> None:
        """A bug in the feed process, which wrote down its own traceback."""
        self.take_text(fault.text, fault.report, "the feed process")

    def take(self, error: BaseException, where: str) -> None:
        """An error that was raised in `where` and caught by nobody. Never raises."""
        name = f"{type(error).__qualname__} at {place_of(error)}"
        self._take(name, f"{name}, in {where}", lambda: describe(error))

    def take_text(self, text: str, details: str, where: str) -> None:
        """The same, for what comes as a text from elsewhere: the feed process, Qt. Never raises."""
        text = without_figures(text)
        self._take(f"{where}: {text}", f"{text}, in {where}", lambda: clean_traceback(details) or text)

    # --- hard crashes -------------------------------------------------------------------------------------------------

    def watch_hard_crashes(self) -> None:
        """Let a crash below Python (segmentation fault, abort) leave its stacks in a file for the next start."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self.folder / f"hard-crash-{os.getpid()}.txt"
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._hard = path, handle
            faulthandler.enable(handle)

    def take_hard_crashes(self) -> None:
        """What earlier sessions left when they ended by a crash becomes a report of this one. Never raises."""
        with suppress(OSError):
            for path in sorted(self.folder.glob("hard-crash-*.txt")):
                with suppress(OSError):
                    self._take_hard_crash(path)

    def _take_hard_crash(self, path: Path) -> None:
        found = _HARD.fullmatch(path.name)
        if not found or int(found[1]) == os.getpid():
            return
        text = path.read_text(encoding="utf-8", errors="replace")
        if not text and _runs(int(found[1])):
            return
        if text:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            what = f"The session before was ended by a crash at {at:%Y-%m-%d %H:%M:%S} UTC"
            # Names of functions and lines of files only: that is all the system's handler can write.
            self._take(f"{what} {path.name}", what, lambda: text, earlier=True)
        path.unlink()

    # --- writing down -------------------------------------------------------------------------------------------------

    def _take(self, key: str, what: str, details: Callable[[], str], *, earlier: bool = False) -> None:
        try:
            with self._lock:
                if self._busy:
                    tell(f"An error came while another one was written down: {key}")
                    return
                self._busy = True
                try:
                    self._note(key, what, details, earlier=earlier)
                finally:
                    self._busy = False
        except Exception as error:  # noqa: BLE001  (the last place there is: what fails here can only be told)
            tell(f"A crash report could not be made ({type(error).__name__}) of: {what}")

    def _note(self, key: str, what: str, details: Callable[[], str], *, earlier: bool) -> None:
        if key not in self._kinds and len(self._kinds) >= MOST_KINDS:
            key = what = _OTHERS
        known = self._kinds.get(key)
        if known is None:
            what = self._redactor.clean(_without_home(what))
            crash = Crash(what, self._text(what, details()), None, datetime.now(UTC), earlier=earlier)
            crash = replace(crash, path=self._write(crash, None))
            self._kinds[key] = crash
            kept = f"A report was written to {crash.path}" if crash.path else "No report could be written"
            _LOG.error("%s. %s", what, kept)
            tell(f"This is a bug: {what}. {kept}")
            return
        crash = replace(known, count=known.count + 1)
        self._kinds[key] = crash
        if crash.count & (crash.count - 1) == 0:  # 2, 4, 8…: a storm must not become a storm of writes
            _LOG.error("%s: %d times", crash.what, crash.count)
            self._write(crash, crash.path)

    def _text(self, what: str, details: str) -> str:
        lines = [self._about, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {what}", "", details.rstrip()]
        log = [clean_log_entry(entry) for entry in self._recent_log()[-_LOG_LINES:]]
        if log:
            lines += ["", "Newest log lines:", *log]
        return self._redactor.clean(_without_home("\n".join(lines))) + "\n"

    def _write(self, crash: Crash, path: Path | None) -> Path | None:
        times = "" if crash.count == 1 else f"{crash.count} times by {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        try:
            if path is None:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._prune()
                name = f"crash-{crash.at:%Y%m%dT%H%M%SZ}-{os.getpid()}-{len(self._kinds) + 1}.txt"
                path = self.folder / name
            fresh = path.with_suffix(".tmp")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write((times + crash.report).encode("utf-8", "backslashreplace"))
            fresh.replace(path)
        except OSError:
            return None
        return path

    def _prune(self) -> None:
        old = sorted(self.folder.glob("crash-*.txt"), key=lambda path: path.name, reverse=True)[MOST_KINDS - 1 :]
        for path in old:
            path.unlink(missing_ok=True)


def _without_home(text: str) -> str:
    """Paths without the name of the user."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def _runs(process: int) -> bool:
    if sys.platform == "win32":
        return False  # there a file that a program holds open cannot be removed, which is all this is asked for
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
