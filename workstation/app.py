"""Builds every object once, in order; commands go to the command line. The only place for late imports."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workstation import cli
from workstation.desk.state import DeskState
from workstation.domain.problem import BadInput, Problem
from workstation.storage.files import write_atomically

NO_DISPLAY = (
    "No display here: use  xvfb-run -a workstation  for a virtual one, "
    "or  workstation margin FILE  for the command line."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The `workstation` command: a window, or one of the commands that need none. Returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and (words[0] in cli.COMMANDS or words[0] in ("-h", "--help", "--version")):
        return cli.main(words)
    parser = argparse.ArgumentParser(
        prog="workstation", epilog=f"Commands without a window: {', '.join(cli.COMMANDS)}; see workstation --help."
    )
    parser.add_argument("portfolio", nargs="?", type=Path, metavar="PORTFOLIO", help="portfolio file to open")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    options = parser.parse_args(words)
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)  # noqa: T201
        return cli.ENVIRONMENT
    return _window(options.portfolio, options.theme)


def has_display() -> bool:
    """Qt aborts the process where it finds none, so we look first. QT_QPA_PLATFORM (offscreen) is an answer too."""
    return sys.platform != "linux" or any(
        os.environ.get(name) for name in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM")
    )


def read_path(path: Path) -> DeskState:
    """A portfolio file. Raises BadInput with every fault of its form, OSError where it cannot be read."""
    with path.open("rb") as file:
        return cli.read_portfolio(file.read(cli.LARGEST_FILE + 1))


def write_path(state: DeskState, path: Path) -> None:
    """Writes a portfolio file whole or not at all. Raises OSError where it cannot."""
    from workstation.desk.portfolio_write import write_portfolio

    write_atomically(path, write_portfolio(state))


__all__ = ["BadInput", "Problem", "has_display", "main", "read_path", "write_path"]
