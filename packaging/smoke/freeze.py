"""Freezes frozen_feed.py in an environment of its own and runs it: `python packaging/smoke/freeze.py`."""

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYINSTALLER = "pyinstaller>=6.22,<7"
LIMIT_S = 600
Result = TypeVar("Result")


def main() -> int:
    """0 where the frozen program heard its feed before and after each kill and left nothing behind."""
    with tempfile.TemporaryDirectory(prefix="smoke-") as name:
        folder = Path(name)
        python = timed("environment", lambda: environment(folder / "venv"))
        program = timed("freezing", lambda: frozen(python, folder))
        size = sum(
            file.stat().st_size for file in program.parent.rglob("*") if file.is_file() and not file.is_symlink()
        )
        say(f"size: {size / 1e6:.0f} MB")
        ran = timed("run", lambda: subprocess.run([program], capture_output=True, text=True, timeout=120, check=False))
    say(ran.stdout.strip())
    if ran.returncode or ran.stderr:
        say(f"FAILED with code {ran.returncode}: {ran.stderr.strip()}")
        return 1
    return judged(json.loads(ran.stdout))


def environment(folder: Path) -> Path:
    """A new environment with PyInstaller and what the feed process needs, as it is installed here; its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    needed = [f"{package}=={version(package)}" for package in ("numpy", "msgspec")]
    run([python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", PYINSTALLER, *needed])
    return python


def frozen(python: Path, folder: Path) -> Path:
    """A folder with the frozen program in it; the program."""
    options = ["--noconfirm", "--log-level", "WARN", "--onedir", "--console", "--name", "feed"]
    options += ["--paths", str(ROOT), "--paths", str(HERE)]
    for what in ("dist", "work", "spec"):
        options += [f"--{what}path", str(folder / what)]
    run([python, "-m", "PyInstaller", *options, HERE / "frozen_feed.py"])
    return folder / "dist" / "feed" / ("feed.exe" if os.name == "nt" else "feed")


def judged(summary: dict[str, Any]) -> int:
    """Compare what the program says with what it must."""
    runs = summary["runs"]
    is_good = (
        summary["frozen"] is True
        and summary["restarts"] == 2
        and len({run["pid"] for run in runs}) == 3
        and all(run["first_is_reset"] and run["name"] == "₿TC/USDT:USDT" for run in runs)
    )
    left = [entry.name for entry in Path("/dev", "shm").glob(f"lqring_{summary['pid']}_*")]
    say("good" if is_good and not left else f"FAILED; left in shared memory: {left}")
    return 0 if is_good and not left else 1


def run(command: list[str | Path]) -> None:
    """Run a command from this file's folder, where nothing hides a package of the environment."""
    subprocess.run(command, cwd=HERE, check=True, timeout=LIMIT_S)


def say(text: str) -> None:
    """A line for whoever runs this."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def timed(what: str, work: Callable[[], Result]) -> Result:
    """Do the work and say how long it took."""
    began = time.monotonic()
    result = work()
    say(f"{what}: {time.monotonic() - began:.1f} s")
    return result


if __name__ == "__main__":
    sys.exit(main())
