"""Every pane of the window, one line each. Panes with charts come after the first paint: `app` adds them."""

from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.base import Pane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.panes.watchlist import WatchlistPane

PANES: tuple[type[Pane], ...] = (
    WatchlistPane,
    AccountPane,
    PositionsPane,
    StressPane,
)
