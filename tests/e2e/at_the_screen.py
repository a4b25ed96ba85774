"""A trader at the screen: starts the real program on an X screen, acts by mouse and keys alone, and looks."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Self

import msgspec

from tests.e2e.seen import Place, Seen, Want
from tests.e2e.x_screen import Pixels, Screen

ROOT = Path(__file__).parents[2]
PATIENCE_S = 25.0  # of a slow, busy machine; what is waited for takes a tenth of a second to three
_LOOK_EVERY_S = 0.03
_NOBODY_TYPES_FASTER_MS = 4
# What would make Qt ask the desktop for its own dialogs and looks, or find another screen.
_OF_THE_DESKTOP = ("XDG_", "WAYLAND_", "DBUS_", "DESKTOP_", "QT_", "GTK_", "DISPLAY", "XAUTHORITY", "WORKSTATION_")


class Program:
    """One run of the program. `home` is its user's folder, `pictures` where pictures go."""

    def __init__(self, screen: Screen, home: Path, pictures: Path, *words: str) -> None:
        self.screen = screen
        self.home = home
        self._pictures = pictures
        home.mkdir(exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_DESKTOP)}
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.peephole", str(theirs.fileno()), *words],
                cwd=ROOT,
                env={**clean, "HOME": str(home), "DISPLAY": screen.display, "QT_QPA_PLATFORM": "xcb"},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        self._line = ours
        self._line.settimeout(PATIENCE_S)
        self._pause = threading.Event()
        self._last: Seen | None = None

    @property
    def pid(self) -> int:
        """The window's process."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self.screen.save(self._pictures / "failed.png")
            (self._pictures / "failed.json").write_bytes(msgspec.json.format(msgspec.json.encode(self._last)))
            error.add_note(f"what was on the screen: {self._pictures}/failed.png and failed.json")
        said = self.kill()
        if error is not None:
            error.add_note(f"the program said: {said}")
        self._line.close()

    # --- looking ------------------------------------------------------------------------------------------------------

    def look(self) -> Seen | None:
        """What is on screen now; None before there is a window."""
        self._line.sendall(b"?")
        size = int.from_bytes(self._hear(4), "big")
        self._last = msgspec.json.decode(self._hear(size), type=Seen | None)
        return self._last

    def _hear(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._line.recv(size - len(data))
            if not part:
                raise ConnectionError(f"the program ended, with code {self._process.wait(PATIENCE_S)}")
            data += part
        return data

    def until(self, what: str, wanted: Want, seconds: float = PATIENCE_S) -> Seen:
        """Look again and again until it is there."""
        end = time.monotonic() + seconds
        while True:
            seen = self.look()
            if seen is not None and wanted(seen):
                return seen
            assert time.monotonic() < end, f"waited {seconds:g} s in vain for: {what}"
            self._pause.wait(_LOOK_EVERY_S)

    def at_rest(self, what: str = "an answer to the newest edit") -> Seen:
        """Once what is on screen answers the newest edit."""
        return self.until(what, lambda seen: seen.answered)

    def rest(self, seconds: float) -> None:
        """Do nothing for a while."""
        self._pause.wait(seconds)

    def picture(self, name: str) -> Pixels:
        """Keep a picture of the screen, the mouse being out of the way."""
        self.screen.move((2, 2))
        for _ in range(5):  # as often went the program through its events, and painted
            self.look()
            self._pause.wait(0.05)
        return self.screen.save(self._pictures / f"{name}.png")

    # --- acting -------------------------------------------------------------------------------------------------------

    def click(self, what: str | Place, times: int = 1) -> None:
        """Click in the middle of something that is on screen, waiting for it where it has a name."""
        if isinstance(what, str):
            place = self.until(f"{what!r} on screen", lambda seen: what in seen.named).place(what)
        else:
            place = what
        self.screen.click(place.centre, times)

    def keys(self, *keys: str) -> None:
        """Press keys one after another ("ctrl+z")."""
        self._take_the_keyboard()
        self.screen.do("key", "--delay", 30, *keys)

    def type(self, text: str) -> None:
        """Type into whatever has the keyboard."""
        self._take_the_keyboard()
        self.screen.do("type", "--delay", _NOBODY_TYPES_FASTER_MS, text)

    def enter(self, text: str) -> None:
        """Type, and press Enter."""
        self.type(text)
        self.screen.do("key", "Return")

    def _take_the_keyboard(self) -> None:
        """What a window manager does, and there is none: a window of the program gets the keys."""
        seen = self.look()
        if seen is not None and not seen.is_active:
            self.screen.do("windowfocus", "--sync", seen.window)
            self.until("the keyboard for its window", lambda now: now.is_active)

    # --- ending -------------------------------------------------------------------------------------------------------

    def ended(self) -> int:
        """Its exit code, once it ended by itself; nothing may have been printed, and no process of it may be left."""
        assert self._process.communicate(timeout=PATIENCE_S) == ("", "")
        assert self._is_all_gone(PATIENCE_S), "a process of the program is left"
        return self._process.returncode

    def kill(self) -> tuple[str, str]:
        """End it the hard way; what it had printed."""
        if self._process.returncode is not None:
            return "", ""
        self._process.kill()
        self._process.wait(PATIENCE_S)
        if not self._is_all_gone(4):  # its feed sees that it is alone, and goes by itself
            os.killpg(self.pid, signal.SIGKILL)
        return self._process.communicate(timeout=PATIENCE_S)

    def complaints(self) -> list[str]:
        """Warnings and worse in the logs of all runs in this home, and their crash reports."""
        lines = [line for log in self.home.rglob("*.log") for line in log.read_text(encoding="utf-8").splitlines()]
        found = [line for line in lines if any(f" {level} " in line for level in ("WARNING", "ERROR", "CRITICAL"))]
        return found + [path.name for path in self.home.rglob("*crash-*")]

    def _is_all_gone(self, seconds: float) -> bool:
        """Whether nothing of its process group runs any more, after so long at most."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                os.killpg(self.pid, 0)
            except ProcessLookupError:
                return True
            self._pause.wait(0.02)
        return False
