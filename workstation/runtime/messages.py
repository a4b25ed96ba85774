"""Commands into the core and the Frame out of it."""

import msgspec

from workstation.desk.state import DeskState
from workstation.domain.playback import Steering, WhichMarket
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport


class Frame(msgspec.Struct, frozen=True):
    """The immutable picture in which market, desk and risk agree; made by the core, painted by the ui.

    `risk` is the desk as it is, `desk` the state that it answers. `what_if` is the trial in it (`desk.trial`), None
    where nothing is tried. `risk.stress` holds "market falls" and "market rises" along the desk's betas, from the marks
    as they are; `what_if.stress` the same two, then the trial's own move.
    """

    market: MarketView
    desk: DeskState
    risk: RiskReport
    what_if: RiskReport | None = None

    @property
    def shown(self) -> RiskReport:
        """What the numbers on screen are: the trial's where there is one."""
        return self.risk if self.what_if is None else self.what_if


class ShowDesk(msgspec.Struct, frozen=True):
    """The desk was edited: answer it at once."""

    desk: DeskState


class Watch(msgspec.Struct, frozen=True):
    """The timeframes that charts want to see: (venue, symbol, interval_ms)."""

    charts: frozenset[tuple[str, str, int]]


class OpenMarket(msgspec.Struct, frozen=True):
    """Show another market: the feed process is started anew with it."""

    market: WhichMarket


Command = ShowDesk | Watch | OpenMarket | Steering
