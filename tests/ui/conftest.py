"""What window tests share: a theme on the application, and windows that are closed again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.kit.frames import RememberingMaker
from workstation.desk.document import Document
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.ui.main_window import MainWindow
from workstation.ui.ports import MakeFrame, Ports
from workstation.ui.theme import DARK, Theme

OpenWindow = Callable[..., MainWindow]


def read(path: Path) -> DeskState:
    return read_portfolio(path.read_bytes())


def write(state: DeskState, path: Path) -> None:
    path.write_bytes(write_portfolio(state))


@pytest.fixture
def theme(qapp: object) -> Iterator[Theme]:
    """The dark look at 100 %; put back after tests that change it."""
    theme = Theme(DARK)
    theme.apply()
    yield theme
    theme.apply(DARK, 100)


@pytest.fixture
def open_window(qtbot: QtBot, theme: Theme) -> OpenWindow:
    """Opens a window on a desk; it counts as saved."""

    def make(state: DeskState | None = None, make_frame: MakeFrame | None = None) -> MainWindow:
        ports = Ports(make_frame or RememberingMaker(), read, write, ("binance-usdm", "okx"))
        window = MainWindow(Document(state), ports, theme)
        qtbot.addWidget(window)
        window.resize(1440, 860)
        window.show()
        qtbot.waitExposed(window)
        return window

    return make
