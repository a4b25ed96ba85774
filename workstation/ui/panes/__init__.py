"""Every pane, one line each."""

from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.base import Pane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane

PANES: tuple[type[Pane], ...] = (
    AccountPane,
    PositionsPane,
    StressPane,
)
