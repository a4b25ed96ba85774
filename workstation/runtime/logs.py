"""Logs: one file a session, bounded in size, for the user alone, without keys; the newest lines for crash reports."""

import logging
import os
import re
import sys
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

LEVEL_VARIABLE = "WORKSTATION_LOG"
LARGEST = 1024 * 1024  # bytes of one file; one older part is kept beside it
MOST_FILES = 12
RECENT = 200
_FORM = "%(asctime)s.%(msecs)03dZ %(levelname)s %(threadName)s %(name)s: %(message)s"
HIDDEN = "[hidden]"
_OURS = re.compile(r"[a-z]+-\d{8}T\d{6}-\d+(\.old)?\.log")

# What is said after such a word is a secret, in every way of writing it: key=…, "key": "…", key: …
_NAMES = (
    r"(?:api|secret|private|access)[-_ ]?key|x-[a-z]+-apikey|secret|pass(?:word|phrase|wd)|token|signature"
    r"|authorization|mnemonic"
)
_VALUE = r"(?:bearer\s+|basic\s+)?(?:\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
_SECRETS = (
    re.compile(r"()-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(rf"(?i)((?:{_NAMES})[\"']?\s*(?:=>|[:=])\s*){_VALUE}"),
    re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(\w://)[^/\s:@]+:[^/\s@]+(?=@)"),
    # Long, with three digits in it, and no path: hardly a word, and never needed to understand a log.
    re.compile(r"()(?<![\w/.-])(?!/)(?=(?:[A-Za-z+/_=-]*[0-9]){3})(?=[0-9+/_=-]*[A-Za-z])[A-Za-z0-9+/_=-]{32,}"),
)


class Redactor:
    """Takes out of a text what looks like a key or a secret, and those that it was told."""

    def __init__(self) -> None:
        self._told: tuple[str, ...] = ()

    def hide(self, secret: str) -> None:
        """Never show this one (a key that was just read), whatever it looks like."""
        if secret:
            self._told = (*self._told, secret)

    def clean(self, text: str) -> str:
        """The text without them."""
        for secret in self._told:
            text = text.replace(secret, HIDDEN)
        for pattern in _SECRETS:
            text = pattern.sub(rf"\g<1>{HIDDEN}", text)
        return text


class _Form(logging.Formatter):
    """One record as text, cleaned after everything is in it: message, arguments, traceback."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(_FORM, "%Y-%m-%dT%H:%M:%S")
        self._redactor = redactor

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        # UTC and the name of the day: logs of two machines are read side by side
        return datetime.fromtimestamp(record.created, UTC).strftime(datefmt or "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        text = self._redactor.clean(super().format(record))
        record.exc_text = None  # cached by the base class as it was before cleaning
        return text


class _Recent(logging.Handler):
    """The newest lines, in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=RECENT)

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # an unfit format is told by the file's handler
            self.lines.append(self.format(record))


class _File(logging.Handler):
    """A file for the user alone. A disk that refuses is told once on stderr, and tried again with every record."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._handle = -1
        self._size = 0
        self._refused = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            data = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
        except Exception as error:  # noqa: BLE001  (wrong arguments to a log call must not end what it tells about)
            tell(f"A log line could not be made ({type(error).__name__}): {record.pathname}:{record.lineno}")
            return
        try:
            self._write(data)
            self._refused = False
        except OSError as error:
            self._let_go()
            if not self._refused:
                self._refused = True
                tell(f"The log cannot be written: {error.strerror or error}. The program goes on without it.")

    def _write(self, data: bytes) -> None:
        if self._handle >= 0 and self._size + len(data) > LARGEST:
            self._let_go()
            self._path.replace(self._path.with_suffix(".old.log"))
        if self._handle < 0:
            # For the user alone from its first byte on.
            self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self._size = os.fstat(self._handle).st_size
        self._size += os.write(self._handle, data)

    def _let_go(self) -> None:
        if self._handle >= 0:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = -1

    def close(self) -> None:
        self._let_go()
        super().close()


class Logs:
    """The logs of this process, from `start_logs` on until `stop`."""

    def __init__(self, folder: Path, role: str, redactor: Redactor) -> None:
        self.folder = folder
        self.path = folder / f"{role}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
        self.redactor = redactor
        self._recent = _Recent()
        self._handlers: tuple[logging.Handler, ...] = (_File(self.path), self._recent)
        self._level_before = logging.getLogger().level
        for handler in self._handlers:
            handler.setFormatter(_Form(redactor))
            logging.getLogger().addHandler(handler)

    def recent(self) -> tuple[str, ...]:
        """The newest lines, oldest first."""
        return tuple(self._recent.lines)

    def stop(self) -> None:
        """Close the file. Logging goes on as before `start_logs`."""
        logging.captureWarnings(capture=False)
        logging.getLogger().setLevel(self._level_before)
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()


def start_logs(folder: Path, role: str = "window", redactor: Redactor | None = None) -> Logs:
    """Log to a file of this session in `folder`, made where missing; old sessions' files go. Never raises.

    The level comes from the environment (WORKSTATION_LOG=DEBUG), INFO if it says nothing known.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _prune(folder)
    logs = Logs(folder, role, redactor or Redactor())
    asked = os.environ.get(LEVEL_VARIABLE, "").strip().upper()
    level = logging.getLevelNamesMapping().get(asked)
    logging.getLogger().setLevel(level or logging.INFO)
    logging.captureWarnings(capture=True)
    if asked and level is None:
        logging.getLogger(__name__).warning("%s is no level of logs; INFO is used", LEVEL_VARIABLE)
    return logs


def _prune(folder: Path) -> None:
    files = [(entry.stat().st_mtime, entry) for entry in folder.glob("*.log") if _OURS.fullmatch(entry.name)]
    for _, old in sorted(files, reverse=True)[MOST_FILES - 1 :]:
        old.unlink(missing_ok=True)


def tell(text: str) -> None:
    """One line on stderr, where there is one."""
    # A windowed program on Windows has no stderr.
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison]
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{text}\n")
