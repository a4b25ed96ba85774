"""How much memory a process holds, as far as the system tells without a library."""

import os
from pathlib import Path

_MIB = 1024 * 1024


def resident_mib(process: int) -> float | None:
    """Resident memory in MiB. None where there is no such process, or where the system has no /proc (not Linux)."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB
