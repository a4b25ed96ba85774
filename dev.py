#!/usr/bin/env python3
"""The README's commands: everything set up on a fresh machine, then the window, the checks or the long measurements.

    python3 dev.py run [ARGS]        set up, then `workstation ARGS`; without them the window
    python3 dev.py test [ARGS]       set up, then what CI runs (with ARGS: only pytest, with them)
    python3 dev.py setup             set up for both, and nothing more
    python3 dev.py bench [WORDS]     every benchmark, or those with one of the words in their file name
    python3 dev.py soak [--hours H]  the long form of the tests that look for what is rare, for H hours (1 if not told)
    python3 dev.py pictures [ARGS]   every picture of the window into build/pictures; with --update as the golden ones
    python3 dev.py lock              write the lock files anew from pyproject.toml

Standard library only. Which package index is asked is the machine's business (pip's own settings), never this file's.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import importlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

if sys.platform == "win32":
    import msvcrt

    def wait_for(file: IO[bytes]) -> None:
        """Take the file's lock; the system drops it with the process that holds it."""
        while True:
            # Windows itself gives up after ten seconds.
            with contextlib.suppress(OSError):
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                return
else:
    import fcntl

    def wait_for(file: IO[bytes]) -> None:
        """Take the file's lock; the system drops it with the process that holds it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another dev.py is setting this tree up; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)


ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
BENCH_VENV = ROOT / ".venv-bench"
BENCH_LOCK = ROOT / "benchmarks" / "requirements.lock"
BIN = "Scripts" if os.name == "nt" else "bin"
EXE = ".exe" if os.name == "nt" else ""

OLDEST, TOO_NEW = (3, 11), (3, 14)
LACKING = 3  # The exit code for "this machine lacks something", as the command line's.

# What Qt's wheels load from the system, and the Debian package that has it; checked by running in a bare Debian 12.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libbrotlidec.so.1": "libbrotli1",
}
WINDOW_LIBRARIES = {
    **QT_LIBRARIES,
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
# xvfb-run needs xauth, and xvfb only recommends it; xdotool is the hand of the end-to-end tests.
TEST_PROGRAMS = {"Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool"}

NO_DISPLAY = (
    "No display here: use  xvfb-run -a python3 dev.py run  for a virtual one{package}, or  "
    "python3 dev.py run margin resources/samples/sample-account.json  for the command line."
)


def say(text: str) -> None:
    """Print one line of progress at once, so that it stands before what a child prints."""
    print(text, flush=True)


def stop(text: str) -> NoReturn:
    """Say what this machine lacks and end."""
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(LACKING)


# --- set-up -----------------------------------------------------------------------------------------------------------


def require_python() -> None:
    """Stop on a Python that the locked wheels are not made for, naming one on this machine that would do."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return
    wanted = [f"python3.{minor}" for minor in range(TOO_NEW[1] - 1, OLDEST[1] - 1, -1)]
    found = [name for name in wanted if shutil.which(name)]
    hint = f" Use:  {found[0]} dev.py {' '.join(sys.argv[1:])}" if found else ""
    stop(f"Python 3.11, 3.12 or 3.13 is needed; this is {platform.python_version()}.{hint}")


def missing_libraries(libraries: Mapping[str, str]) -> dict[str, str]:
    """Those of the shared libraries that the system's loader does not find."""
    missing: dict[str, str] = {}
    for soname, package in libraries.items():
        try:
            ctypes.CDLL(soname)
        except OSError:
            missing[soname] = package
    return missing


def missing_system(libraries: Mapping[str, str], programs: Mapping[str, str], venvs: Sequence[Venv]) -> dict[str, str]:
    """What the operating system should give and does not: its name here, and the Debian package that has it."""
    missing: dict[str, str] = {}
    if sys.platform.startswith("linux"):
        missing |= missing_libraries(libraries)
        missing |= {name: package for name, package in programs.items() if shutil.which(name) is None}
    # Debian splits venv's inner parts off. They are only needed to make one.
    if not all(venv.ready() for venv in venvs) and importlib.util.find_spec("ensurepip") is None:
        missing["ensurepip"] = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    return missing


def apt_prefix() -> list[str] | None:
    """The words before `apt-get` that let it install without asking, or None where there are none."""
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive"]
    if shutil.which("sudo") and subprocess.call(["sudo", "-n", "true"], stderr=subprocess.DEVNULL) == 0:
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def install_system(missing: Mapping[str, str]) -> None:
    """Install the Debian packages, or stop with the exact command for whoever may."""
    packages = sorted(set(missing.values()))
    if shutil.which("apt-get") is None:
        text = f"Not found on this system: {', '.join(sorted(missing))}."
        if "ensurepip" in missing:
            stop(f"{text} Install what has them with the system's own package manager, then call this again.")
        say(f"{text} The window needs them: install what has them with the system's own package manager.")
        return
    install = ["apt-get", "-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"]
    install += ["install", "-y", "--no-install-recommends", *packages]
    prefix = apt_prefix()
    sudo = "sudo " if shutil.which("sudo") else ""
    by_hand = f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {' '.join(packages)}"
    if prefix is None:
        stop(f"System packages are missing and only root may install them. Run this, then call again:\n  {by_hand}")
    say(f"Installing system packages: {' '.join(packages)}")

    def run(*words: str) -> bool:
        return subprocess.call([*prefix, *words], stdin=subprocess.DEVNULL) == 0

    if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
        run("apt-get", "-q", "update")
    if not run(*install):
        # An install that was cut off leaves packages half set up, and old lists name files that are gone.
        run("dpkg", "--configure", "-a")
        run("apt-get", "-q", "update")
        if not run(*install):
            stop(f"The system packages could not be installed. What was tried:\n  {by_hand}")


class Venv:
    """A virtual environment that holds exactly what one lock file says, or is not ready."""

    def __init__(self, folder: Path, lock: Path, import_from: Sequence[Path]) -> None:
        """Packages come from `lock`; the folders in `import_from` can be imported from as well, after them."""
        self.folder = folder
        self.lock = lock
        self.import_from = import_from
        self.python = folder / BIN / f"python{EXE}"
        # Not asked of sysconfig: this line is also run by a Python that is too old to know, before it is told so.
        inner = ["Lib"] if os.name == "nt" else ["lib", f"python{sys.version_info[0]}.{sys.version_info[1]}"]
        self.packages = folder.joinpath(*inner, "site-packages")
        self._stamp = folder / "ready"

    def program(self, name: str) -> Path:
        """Where a tool's command is, whether or not it is there."""
        return self.folder / BIN / f"{name}{EXE}"

    def _state(self) -> str:
        # Python up to the minor version: a distribution's bug-fix release does not make a venv stale. The folder's own
        # name is part of it: a venv that was moved or copied points at the old place.
        words = (sys.implementation.cache_tag, platform.machine(), self.folder, *self.import_from)
        return hashlib.sha256(self.lock.read_bytes() + "\n".join(map(str, words)).encode()).hexdigest()

    def ready(self) -> bool:
        """Whether a set-up ran to its end for this very lock, interpreter and place."""
        try:
            return self.python.exists() and self._stamp.read_text(encoding="ascii") == self._state()
        except FileNotFoundError:
            return False

    def build(self, keep_open: Sequence[int] = ()) -> None:
        """Make it from nothing. The stamp comes last, so whatever is cut off before that is built again.

        `keep_open`: file descriptors that the children inherit; see `one_at_a_time`.
        """
        say(f"Making {self.folder.name} with Python {platform.python_version()}")
        if self.folder.exists():
            self._stamp.unlink(missing_ok=True)
            shutil.rmtree(self.folder)
        # Not sys.executable: that may be the very venv which was just removed.
        base = str(getattr(sys, "_base_executable", sys.executable))
        run_or_stop([base, "-m", "venv", str(self.folder)], "The virtual environment could not be made", keep_open)
        say(f"Installing what {self.lock.name} says into {self.folder.name}")
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
        if not sys.stdout.isatty():
            pip += ["--progress-bar", "off"]
        pip += ["--require-hashes", "--only-binary", ":all:", "-r", str(self.lock)]
        run_or_stop(pip, "The packages could not be installed", keep_open)
        (self.packages / "workstation-tree.pth").write_text(
            "".join(f"{folder}\n" for folder in self.import_from), encoding="utf-8"
        )
        fresh = self._stamp.with_suffix(".new")
        fresh.write_text(self._state(), encoding="ascii")
        fresh.replace(self._stamp)


def run_or_stop(command: Sequence[str], failure: str, keep_open: Sequence[int] = ()) -> None:
    """Run one step of the set-up, or stop saying what failed."""
    if subprocess.call(command, stdin=subprocess.DEVNULL, pass_fds=keep_open) != 0:
        stop(f"{failure} (see above). The next call starts this step again.")


@contextlib.contextmanager
def one_at_a_time() -> Generator[Sequence[int], None, None]:
    """Let a second set-up in this tree wait for the first, and give the descriptors that children are to inherit.

    Where this process is killed, its pip goes on alone for a while. That pip then holds the lock, and so the next call
    does not build where it still writes.
    """
    with (ROOT / ".venv.lock").open("a+b") as file:
        wait_for(file)
        yield [] if sys.platform == "win32" else [file.fileno()]


MAIN = Venv(VENV, LOCK, import_from=[ROOT])
# Baselines lie over the program's own packages, in a place of their own, so that they never reach the program.
BENCH = Venv(BENCH_VENV, BENCH_LOCK, import_from=[ROOT, MAIN.packages])


def set_up(libraries: Mapping[str, str], programs: Mapping[str, str], venvs: Sequence[Venv] = (MAIN,)) -> None:
    """Bring the machine and the tree to where the rest can run; does nothing, quickly, when they are there."""
    if not missing_system(libraries, programs, venvs) and all(venv.ready() for venv in venvs):
        return
    started = time.monotonic()
    with one_at_a_time() as keep_open:
        # Looked at again: another call may have done it while this one waited.
        missing = missing_system(libraries, programs, venvs)
        if missing:
            install_system(missing)
            importlib.invalidate_caches()
            if shutil.which("apt-get") and (left := missing_system(libraries, programs, venvs)):
                stop(f"Still not found after the installation: {', '.join(sorted(left))}.")
        for venv in venvs:
            if not venv.ready():
                venv.build(keep_open)
    say(f"Set up in {time.monotonic() - started:.0f} s")


# --- commands ---------------------------------------------------------------------------------------------------------


def opens_window(arguments: Sequence[str]) -> bool:
    """Whether `workstation ARGUMENTS` would open the window: it does unless a command or help is asked for."""
    if any(word in ("-h", "--help", "--version") for word in arguments):
        return False
    return not arguments or re.fullmatch(r"[a-z][a-z-]*", arguments[0]) is None


def has_display() -> bool:
    """Whether Qt would find a screen, or was told to do without."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(arguments: list[str]) -> int:
    """Set up, then the program itself."""
    window = opens_window(arguments)
    set_up(WINDOW_LIBRARIES if window else {}, {})
    if window and not has_display():
        stop(NO_DISPLAY.format(package="" if shutil.which("xvfb-run") else " (packages xvfb and xauth)"))
    command = [str(MAIN.python), "-m", "workstation", *arguments]
    if os.name == "posix":
        os.execv(command[0], command)  # In this process's place, so that a signal reaches the program itself.
    return subprocess.call(command)


def checks() -> list[tuple[str, list[str]]]:
    """What CI runs, in order: a name, and the tool with its words."""
    return [
        ("ruff check", ["ruff", "check", "."]),
        ("ruff format", ["ruff", "format", "--check", "."]),
        ("types", ["basedpyright"]),
        ("imports", ["lint-imports"]),
        ("tests", ["pytest"]),
    ]


def test(arguments: list[str]) -> int:
    """Set up, then every check, whether or not the one before it passed; or only pytest, with its own words."""
    set_up(WINDOW_LIBRARIES, TEST_PROGRAMS)
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if arguments:
        return subprocess.call([str(MAIN.program("pytest")), *arguments], cwd=ROOT)
    results: list[tuple[str, str, float]] = []
    for name, (tool, *words) in checks():
        say(f"\n== {name}: {' '.join([tool, *words])}")
        started = time.monotonic()
        program = MAIN.program(tool)
        if program.exists():
            code = subprocess.call([str(program), *words], cwd=ROOT, stdin=subprocess.DEVNULL)
            outcome = "FAILED" if code else "ok"
        else:
            outcome = f"SKIPPED: {tool} is not in {VENV.name}"
        results.append((name, outcome, time.monotonic() - started))
        say(f"== {name}: {outcome} after {results[-1][2]:.1f} s")
    say("\n== summary")
    for name, outcome, seconds in results:
        say(f"{name:<12} {seconds:7.1f} s  {outcome}")
    skipped = sum(outcome.startswith("SKIPPED") for _, outcome, _ in results)
    failed = sum(outcome == "FAILED" for _, outcome, _ in results)
    # Every tool is in the lock, so a missing one is never expected.
    say(f"{len(results) - failed - skipped} checks passed, {failed} failed, {skipped} skipped")
    return 1 if failed or skipped else 0


def setup(arguments: list[str]) -> int:
    """Set up for `run` and for `test`."""
    if arguments:
        stop("dev.py setup takes no arguments")
    set_up(WINDOW_LIBRARIES, TEST_PROGRAMS)
    return 0


def bench(words: list[str]) -> int:
    """Run the benchmarks one after the other; those that fail are named at the end."""
    found = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    chosen = [file for file in found if not words or any(word in file.stem for word in words)]
    if not chosen:
        stop("No benchmark has such a name" if found else "There are no benchmarks yet")
    needs_baselines = BENCH_LOCK.exists()
    set_up(QT_LIBRARIES, {}, (MAIN, BENCH) if needs_baselines else (MAIN,))
    python = BENCH.python if needs_baselines else MAIN.python
    failed: list[str] = []
    for file in chosen:
        say(f"\n== {file.name}")
        started = time.monotonic()
        if subprocess.call([str(python), str(file)], cwd=ROOT) != 0:
            failed.append(file.name)
        say(f"== {file.name}: {time.monotonic() - started:.1f} s")
    say(f"\n{len(chosen) - len(failed)} benchmarks done, {len(failed)} failed {' '.join(failed)}".rstrip())
    return 1 if failed else 0


# A round of each form: the tests, and what makes them long. The counts are those that the program is held to.
SOAKS = {
    "kill": ("tests/e2e/test_kill.py", {"WORKSTATION_KILLS": "200"}),
    "quit": ("tests/e2e/test_start_quit.py", {"WORKSTATION_STARTS": "100"}),
    "property": ("tests/property", {"HYPOTHESIS_PROFILE": "soak"}),  # last: it takes longest by far
}


def soak(arguments: list[str]) -> int:
    """Run the long tests over and over, until the time is up or one fails: kill (200 kills while the desk is edited and
    saved), quit (100 starts of the program), property (many more examples).
    """
    parser = argparse.ArgumentParser(prog="dev.py soak", description=soak.__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="go on for so long; the last round is finished (1)")
    parser.add_argument("--rounds", type=int, help="go on for so many rounds at most")
    parser.add_argument("--only", choices=SOAKS, help="only this form; otherwise each round has all of them")
    options = parser.parse_args(arguments)
    hours: float = options.hours
    most: int | None = options.rounds
    only: str | None = options.only
    set_up(WINDOW_LIBRARIES, TEST_PROGRAMS)
    # A round of many examples is slow, not stuck: the limits of a test are off.
    pytest = [str(MAIN.program("pytest")), "--timeout=0", "-o", "faulthandler_timeout=0"]
    end = time.monotonic() + hours * 3600
    rounds = 0
    while not rounds or (time.monotonic() < end and rounds != most):
        rounds += 1
        for name in [only] if only else SOAKS:
            tests, long = SOAKS[name]
            say(f"\n== round {rounds}, {name}, {max(0.0, end - time.monotonic()) / 3600:.2f} h to go")
            # -s: kill and quit say what they measured.
            if subprocess.call([*pytest, "-s", tests], cwd=ROOT, env={**os.environ, **long}) != 0:
                say(f"Round {rounds} failed in {name}")
                if name == "property":
                    say("hypothesis keeps the example and tries it first next time")
                return 1
    say(f"{rounds} rounds passed")
    return 0


def pictures(arguments: list[str]) -> int:
    """Make every picture of the window, and compare it with its golden one or take its place."""
    set_up(QT_LIBRARIES, {})
    return subprocess.call([str(MAIN.python), "-m", "tests.screens", *arguments], cwd=ROOT)


def lock(arguments: list[str]) -> int:
    """Resolve pyproject.toml anew, for every system and Python it allows, with a uv that is thrown away after."""
    if arguments:
        stop("dev.py lock takes no arguments")
    require_python()
    environment = dict(os.environ)
    if "PIP_INDEX_URL" in environment:  # uv does not read pip's settings.
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    with tempfile.TemporaryDirectory() as folder:
        run_or_stop([sys.executable, "-m", "venv", folder], "The virtual environment could not be made")
        programs = Path(folder) / BIN
        run_or_stop([str(programs / f"python{EXE}"), "-m", "pip", "install", "-q", "uv"], "uv is not to be had")
        uv = [str(programs / f"uv{EXE}"), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        # One version for every Python, and nothing in the file that depends on where it was made.
        uv += ["--python-version", "3.11", "--fork-strategy", "fewest", "--no-header", "--upgrade"]
        for target, words in (
            (LOCK, ["pyproject.toml", "--group", "dev"]),
            (BENCH_LOCK, ["--group", "bench", "--constraint", LOCK.name]),
        ):
            fresh = Path(folder) / "fresh.lock"
            if subprocess.call([*uv, *words, "-o", str(fresh)], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL):
                stop("The lock could not be resolved (see above)")
            text = fresh.read_text(encoding="utf-8")
            if "==" not in text:
                continue
            name = target.relative_to(ROOT).as_posix()
            header = f"# {name}: every package with its hashes, by `python3 dev.py lock`.\n"
            target.write_text(header + text, encoding="utf-8", newline="\n")
            packages = len(re.findall(r"^\S+==", text, re.MULTILINE))
            say(f"Wrote {name}: {packages} packages")
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "setup": setup,
    "bench": bench,
    "soak": soak,
    "pictures": pictures,
    "lock": lock,
}


def main() -> int:
    """Find the command and run it."""
    name, *arguments = sys.argv[1:] or ["--help"]
    if name not in COMMANDS:
        print(__doc__, file=sys.stdout if name in ("-h", "--help", "help") else sys.stderr)
        return 0 if name in ("-h", "--help", "help") else 2
    require_python()
    return COMMANDS[name](arguments)


def end_with_children(signal_number: int, _frame: FrameType | None) -> NoReturn:
    """End on a signal as on an error, which takes the child along: a pip or pytest left alone would go on for long."""
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_with_children)
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        print("\nStopped. The next call goes on from here.", file=sys.stderr)
        raise SystemExit(130) from None
