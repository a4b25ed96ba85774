"""Cores for window tests: one that answers within post, and so keeps them synchronous; and one that never answers."""

from collections.abc import Callable

from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Command, Frame, ShowDesk

Assess = Callable[[MarketView, DeskState], tuple[RiskReport, RiskReport | None]]


class SynchronousCore:
    """Calls `assess` with the desk and a market that a test sets. `posted` remembers every command."""

    def __init__(self, assess: Assess, market: MarketView | None = None) -> None:
        self.posted: list[Command] = []
        self.market = MarketView() if market is None else market
        self._assess = assess
        self._desk: DeskState | None = None
        self._newest: Frame | None = None

    def post(self, command: Command, /) -> None:
        self.posted.append(command)
        if isinstance(command, ShowDesk):
            self._desk = command.desk
            self._answer()

    def newest(self) -> Frame | None:
        frame, self._newest = self._newest, None
        return frame

    def show_market(self, market: MarketView) -> None:
        """Another market: the next look finds a frame with it."""
        self.market = market
        self._answer()

    def _answer(self) -> None:
        if self._desk is not None:
            risk, what_if = self._assess(self.market, self._desk)
            self._newest = Frame(self.market, self._desk, risk, what_if)


class SilentCore:
    """Hears everything and never answers."""

    def __init__(self) -> None:
        self.posted: list[Command] = []

    def post(self, command: Command, /) -> None:
        self.posted.append(command)

    def newest(self) -> Frame | None:
        return None
