"""A screen of its own for end-to-end tests: an X server without a window manager, a hand on its mouse and its keys,
and its very pixels.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtGui import QImage

SIZE = (1720, 1000)
Pixels = npt.NDArray[np.uint8]  # (height, width, 3): red, green, blue
_PATIENCE_S = 20
_FIELDS = 25  # of the X window dump's header, 32 bits each
BUTTONS = {"left": 1, "wheel up": 4, "wheel down": 5, "wheel left": 6, "wheel right": 7}


class Screen:
    """An X server that ends with the `with` block. `do` speaks to xdotool in its own words."""

    def __init__(self, folder: Path) -> None:
        """The screen's memory is a file in `folder`. Skips the test where the programs are not there."""
        if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
            pytest.skip("no X server program (Xvfb), or no xdotool")
        read, write = os.pipe()
        place = [*("-displayfd", str(write)), *("-fbdir", str(folder))]
        # without -noreset it starts anew whenever its last client goes
        form = ["-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp", "-noreset"]
        with (folder / "xvfb.log").open("wb") as log:
            self._server = subprocess.Popen(
                ["Xvfb", *place, *form], pass_fds=[write], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            number = answer.readline().strip().decode()  # comes once it takes clients, or ends with it
        assert number, (folder / "xvfb.log").read_text(encoding="utf-8", errors="replace")
        self.display = f":{number}"
        self._memory = folder / "Xvfb_screen0"
        self._environment = {**os.environ, "DISPLAY": self.display}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        try:
            self._server.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(_PATIENCE_S)

    # --- the hand -----------------------------------------------------------------------------------------------------

    def do(self, *words: object) -> str:
        """One call of xdotool; what it said."""
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout.strip()

    def click(self, at: tuple[int, int], times: int = 1, button: str = "left") -> None:
        """Go there and click, so fast that two are a double click."""
        repeat = ("--repeat", times, "--delay", 40) if times > 1 else ()
        self.do("mousemove", *at, "click", *repeat, BUTTONS[button])

    def press(self, at: tuple[int, int]) -> None:
        """Go there and hold the button down."""
        self.do("mousemove", *at, "mousedown", BUTTONS["left"])

    def move(self, at: tuple[int, int]) -> None:
        """Go there."""
        self.do("mousemove", *at)

    def release(self) -> None:
        """Let the button go."""
        self.do("mouseup", BUTTONS["left"])

    def drag_and_hold(self, start: tuple[int, int], end: tuple[int, int], steps: int = 6) -> None:
        """Press at one place, and move in steps to another."""
        self.press(start)
        for step in range(1, steps + 1):
            self.move((start[0] + (end[0] - start[0]) * step // steps, start[1] + (end[1] - start[1]) * step // steps))

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """And let go there."""
        self.drag_and_hold(start, end)
        self.release()

    # --- the eye ------------------------------------------------------------------------------------------------------

    def pixels(self) -> Pixels:
        """What is on the screen now."""
        data = self._memory.read_bytes()
        # an X window dump: a header of big-endian numbers, a colour table, then the rows
        header = np.frombuffer(data, ">u4", _FIELDS)
        size, version, width, height, bits, stride, colours = (int(header[i]) for i in (0, 1, 4, 5, 11, 12, 19))
        assert (version, width, height, bits) == (7, *SIZE, 32)
        rows = np.frombuffer(data, np.uint8, stride * height, size + 12 * colours)
        little = int(header[7]) == 0
        pixels = rows.reshape(height, stride // 4, 4)[:, :width]
        return np.ascontiguousarray(pixels[:, :, 2::-1] if little else pixels[:, :, 1:])

    def save(self, path: Path) -> Pixels:
        """Keep a picture, and give its pixels."""
        pixels = self.pixels()
        height, width, _ = pixels.shape
        assert QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).save(str(path))
        return pixels


def share_of(pixels: Pixels, colour: str) -> float:
    """How much of a part of the screen has exactly this colour ("#rrggbb"), from 0 to 1."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.uint8)
    return float(np.mean(np.all(pixels == wanted, axis=-1))) if pixels.size else 0.0
