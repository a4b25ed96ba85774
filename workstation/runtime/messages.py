"""Frame: the immutable picture in which market, desk and risk agree with each other."""

import msgspec

from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport


class Frame(msgspec.Struct, frozen=True):
    """Made by the core, painted by the ui. `desk` is the state that `risk` answers."""

    market: MarketView
    desk: DeskState
    risk: RiskReport
