"""What window tests share: a theme on the application, and windows that are closed again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.kit.cores import Assess, SynchronousCore
from tests.kit.frames import RememberingMaker
from workstation.app import read_backup
from workstation.desk.document import Document
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.storage.workspace import Workspace
from workstation.ui.main_window import MainWindow
from workstation.ui.ports import CoreLink, Ports
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
    """Opens a window on a desk, which counts as saved, and on a market; the core answers within `post`."""

    def make(
        state: DeskState | None = None,
        assess: Assess | None = None,
        market: MarketView | None = None,
        *,
        core: CoreLink | None = None,
        workspace: Workspace | None = None,
        keep: Callable[[Workspace], None] = lambda _workspace: None,
        trust_layout: bool = True,
    ) -> MainWindow:
        answering = core or SynchronousCore(assess or RememberingMaker(), market)
        ports = Ports(answering, read, write, ("binance-usdm", "okx"), keep, read_backup)
        window = MainWindow(Document(state), ports, theme, workspace, trust_layout=trust_layout)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        qtbot.waitExposed(window)
        return window

    return make
