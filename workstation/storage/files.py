"""Where files live on each system; atomic writes with a backup."""

import os
import sys
import tempfile
from pathlib import Path

APP = "liquidation-workstation"


def state_folder() -> Path:
    """Where logs and crash reports go, by the customs of each system; not created here."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / APP
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / APP
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / APP


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces the file whole or not at all; what was there before stays beside it as `NAME.bak`.

    Raises OSError (disk full, read-only, no such folder) and leaves the old file as it was.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
            _keep_backup(path)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _keep_backup(path: Path) -> None:
    backup = path.with_name(path.name + ".bak")
    spare = path.with_name(f".{path.name}.bak.tmp")
    spare.unlink(missing_ok=True)
    try:
        os.link(path, spare)  # the old bytes under a second name, without copying them
    except OSError:
        spare.write_bytes(path.read_bytes())
    spare.replace(backup)
    spare.unlink(missing_ok=True)  # two names of one file are left alone by a rename
