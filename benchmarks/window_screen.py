"""Where a benchmark of the window runs: an X server of its own or no screen at all, and a home that is thrown away."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "1720x1000x24"


@contextmanager
def x_server() -> Iterator[str | None]:
    """The display of a new X server, None where there is no such program. It ends with the block."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    told, tells = os.pipe()
    command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[tells], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(tells)
    try:
        with os.fdopen(told) as end:
            number = end.readline().strip()
        yield f":{number}" if number else None
    finally:
        server.terminate()
        server.wait(10)


def surroundings(home: Path, display: str | None) -> dict[str, str]:
    """The environment of the program: on a display, or drawing into memory alone (offscreen) where there is none."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "QT_"))}
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        own.pop(name, None)
    own["HOME"] = str(home)
    if display is None:
        return {**own, "QT_QPA_PLATFORM": "offscreen"}
    return {**own, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
