"""Builds every object once, in order; commands go to the command line. The only place for late imports."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workstation import cli
from workstation.assessment import FrameMaker
from workstation.desk.document import Document
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.storage.files import write_atomically
from workstation.venues import VENUES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workstation.ui.main_window import MainWindow

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
    from PySide6.QtWidgets import QApplication

    application = QApplication(sys.argv[:1])
    window = open_window(application, options.portfolio, options.theme)
    window.show()
    return application.exec()


def has_display() -> bool:
    """Qt aborts the process where it finds none, so we look first. QT_QPA_PLATFORM (offscreen) is an answer too."""
    return sys.platform != "linux" or any(
        os.environ.get(name) for name in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM")
    )


def read_path(path: Path) -> DeskState:
    """A portfolio file. Raises BadInput with every fault of its form or where it cannot be read."""
    return cli.read_file(str(path))


def write_path(state: DeskState, path: Path) -> None:
    """Writes a portfolio file whole or not at all. Raises OSError where it cannot."""
    write_atomically(path, write_portfolio(state))


def open_window(application: "QApplication", portfolio: Path | None, theme_name: str) -> "MainWindow":
    """Everything behind the window, in order, and the window with a portfolio opened; not shown yet."""
    from PySide6.QtCore import QTimer

    from workstation.ui.main_window import MainWindow
    from workstation.ui.ports import Ports
    from workstation.ui.theme import DARK, LIGHT, Theme

    # a collection on another thread would free widgets there, which crashes; so only the GUI thread collects
    gc.disable()
    collector = QTimer(application)
    collector.timeout.connect(lambda: gc.collect(1))
    collector.start(2000)
    theme = Theme(LIGHT if theme_name == "light" else DARK)
    theme.apply()
    ports = Ports(FrameMaker(), read_path, write_path, tuple(spec.id for spec in VENUES))
    window = MainWindow(Document(), ports, theme)
    if portfolio is not None:
        window.files.open(portfolio)
    return window
