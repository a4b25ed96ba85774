"""From a desk to its risk report: the dated rules of each venue, the trader's overrides, the market, the engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from workstation.desk.state import DeskState
from workstation.domain.parsing import parse_moment
from workstation.domain.scenario import JointMove
from workstation.market.view import MarketView
from workstation.risk.engine import Standing, evaluate, standing, under
from workstation.risk.report import RiskReport
from workstation.risk.rules import VenueRules
from workstation.risk.stress import shocked
from workstation.runtime.messages import Frame
from workstation.venues.in_force import rules_in_force


def market_of(state: DeskState) -> MarketView:
    """The marks and collateral prices that the desk itself states."""
    return MarketView(state.marks, state.collateral_prices)


def day_of(state: DeskState) -> date:
    """The day whose venue rules apply: the desk's `as_of`, else today in UTC."""
    moment = parse_moment(state.as_of) if state.as_of else None
    return (moment or datetime.now(UTC)).date()


def rules_of(state: DeskState, on: date) -> dict[str, VenueRules]:
    """What is in force on that day at every venue of the desk, its overrides merged in."""
    symbols: dict[str, set[str]] = {account.venue: set() for account in state.accounts}
    for account in state.accounts:
        symbols[account.venue].update(position.symbol for position in account.positions)
        symbols[account.venue].update(order.symbol for order in account.orders)
    return {
        venue: rules_in_force(venue, on, held, state.instruments.get(venue, {}), state.collateral.get(venue, {}))
        for venue, held in symbols.items()
    }


def assess(
    state: DeskState, scenarios: Sequence[JointMove] = (), *, on: date | None = None, market: MarketView | None = None
) -> RiskReport:
    """The report on every account of the desk; `on` and `market` replace what the desk itself says."""
    day = on or day_of(state)
    return evaluate(market or market_of(state), state.accounts, scenarios, rules_of(state, day), day)


class FrameMaker:
    """Makes the window's frames, and keeps what does not change while a slider is dragged.

    Called with the desk, the move of all marks that is being tried (None: none) and the directions whose joint distance
    is wanted. `risk.accounts` is at the moved marks; `risk.stress` answers the directions, then the move, all from the
    marks as they are.
    """

    def __init__(self) -> None:
        self._state: DeskState | None = None
        self._now: Standing | None = None
        self._directions: tuple[JointMove, ...] = ()
        self._still = RiskReport("", ())

    def __call__(self, state: DeskState, shock: JointMove | None, directions: tuple[JointMove, ...], /) -> Frame:
        now = self._now
        if now is None or state is not self._state:
            now = standing(market_of(state), state.accounts, rules_of(state, day_of(state)))
        if now is not self._now or directions != self._directions:
            stress = tuple(under(now, direction) for direction in directions)
            self._still = RiskReport(str(day_of(state)), now.reports, stress)
        self._state, self._now, self._directions = state, now, directions
        if shock is None:
            return Frame(now.market, state, self._still)
        along = under(now, shock)
        report = RiskReport(self._still.as_of, along.after, (*self._still.stress, along))
        return Frame(shocked(now.market, shock, now.rules), state, report)
