"""A lock that says "this session is still running"; the system drops it with the process, however that ended."""

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        # flock and not lockf: that one is dropped as soon as any descriptor of the file is closed by this process.
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # This disk knows no locks. Then a session counts as ended: offered once too often, but never lost.
            return True
        return True


class SessionLock:
    """Held from `take` on until `drop`. Never share it with a forked child: the child would hold it as well."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path = path
        self._handle = handle

    @classmethod
    def take(cls, path: Path) -> "SessionLock | None":
        """The lock, or None where another process (or another part of this one) holds it. Raises OSError."""
        while True:
            try:
                handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                try:  # a disk that became read-only still tells whether somebody runs
                    handle = os.open(path, os.O_RDONLY)
                except OSError:
                    raise error from None
            if not _try_lock(handle):
                os.close(handle)
                return None
            # Between opening and locking, another start may have tidied the file away: then this is a lock on nothing.
            with suppress(FileNotFoundError):
                if sys.platform == "win32" or path.stat().st_ino == os.fstat(handle).st_ino:
                    return cls(path, handle)
            os.close(handle)

    def drop(self, *, remove: bool) -> None:
        """Let go of it, and remove the file where the session is over for good. Never raises."""
        if self._handle < 0:
            return
        with suppress(OSError):
            if remove and sys.platform != "win32":
                self.path.unlink(missing_ok=True)  # while it is held, so that nobody takes a file about to go
        with suppress(OSError):
            os.close(self._handle)
        self._handle = -1
        with suppress(OSError):
            if remove and sys.platform == "win32":  # there an open file cannot be removed
                self.path.unlink(missing_ok=True)
