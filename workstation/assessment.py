"""From a desk to its risk report: the dated rules of each venue, the trader's overrides, the market, the engine."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from workstation.desk.state import DeskState
from workstation.desk.trial import MarketMove, counted, market_move
from workstation.domain.parsing import parse_moment
from workstation.domain.position import Account
from workstation.domain.scenario import JointMove
from workstation.market.view import MarketView
from workstation.risk.engine import Standing, evaluate, standing, toward, under
from workstation.risk.large_book import LargeBook, LargeStanding, large_book, large_standing, large_toward, large_under
from workstation.risk.report import AccountReport, RiskReport, StressReport
from workstation.risk.rules import VenueRules
from workstation.venues.in_force import rules_in_force

MOST_EXACT = 24  # positions; beyond, the exact engine takes longer than a frame of the screen


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


class Assessor:
    """Answers the core, and keeps what has not changed since the last question: rules, legs, distances, reports. What
    is the same comes back as the same object.

    Books of up to `MOST_EXACT` positions are answered in Decimal, larger ones as float64 columns, which agree to 1e-9
    of the figure; `exact` asks for Decimal whatever it takes (seconds, for a thousand positions).
    """

    def __init__(self, *, exact: bool = False) -> None:
        self._exact = exact
        self._market = MarketView()
        self._asked: tuple[object, ...] = ()
        self._rules = _Rules(date.min, DeskState(), {})
        self._real = _Side()
        self._tried = _Side()

    def assess(self, market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        """The report on the desk as it is, and on its what-if where there is one.

        Marks are the desk's own where it states them, else the market's. The first report's stress is: market falls,
        market rises; the second's the same of the tried book, then the trial's own move; all from the marks as they
        are. The second's accounts stand at the moved marks, without the legs that are dropped.
        """
        rules = self._rules_of(desk)
        view = self._view_of(market, desk)
        self._real.stand(view, desk.accounts, rules, exact=self._exact)
        risk = self._real.report(market_move(replace(desk, trial=None)))
        if desk.trial is None:
            self._tried = _Side()
            return risk, None
        accounts = counted(desk)
        side = self._real if accounts is desk.accounts else self._tried
        if side is self._tried:
            side.stand(view, accounts, rules, exact=self._exact)
        return risk, side.what_if(market_move(desk))

    def _rules_of(self, desk: DeskState) -> "_Rules":
        """The venue rules for the book and what is tried; the very same while nothing that they depend on changes."""
        day, had = day_of(desk), self._rules
        if day != had.day or not _have_same_rules(desk, had.desk):
            both = replace(desk, accounts=(*desk.accounts, *_copied(desk)))
            self._rules = _Rules(day, desk, rules_of(both, day))
        return self._rules

    def _view_of(self, market: MarketView, desk: DeskState) -> MarketView:
        """The prices that the desk needs; the very same view where none has changed."""
        copied = _copied(desk)
        asked = (market.marks, market.collateral_prices, desk.marks, desk.collateral_prices, desk.accounts, copied)
        if len(self._asked) == len(asked) and all(a is b for a, b in zip(asked, self._asked, strict=True)):
            return self._market
        self._asked = asked
        marks: dict[str, dict[str, Decimal]] = {}
        prices: dict[str, Decimal | Mapping[str, Decimal]] = {**market.collateral_prices, **desk.collateral_prices}
        for account in (*desk.accounts, *copied):
            stated, heard = desk.marks.get(account.venue, {}), market.marks.get(account.venue, {})
            own = marks.setdefault(account.venue, {})
            for position in account.positions:
                mark = stated.get(position.symbol) or heard.get(position.symbol)
                if mark is not None:
                    own[position.symbol] = mark
            if account.collateral_mode == "multi":
                _add_coin_prices(prices, account, heard)
        if marks != self._market.marks or prices != self._market.collateral_prices:
            self._market = MarketView(marks, prices)
        return self._market


class _Rules(msgspec.Struct, frozen=True, eq=False):
    """What is in force on a day for a desk."""

    day: date
    desk: DeskState
    in_force: Mapping[str, VenueRules]


class _Side:
    """One book, real or tried, and what is known of it so far."""

    def __init__(self) -> None:
        self._accounts: tuple[Account, ...] = ()
        self._rules: _Rules | None = None
        self._view: MarketView | None = None
        self._large: LargeBook | None = None
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._now: Standing | LargeStanding | None = None
        self._still: tuple[MarketMove, RiskReport] | None = None
        self._moved: tuple[MarketMove, RiskReport] | None = None

    def stand(self, view: MarketView, accounts: tuple[Account, ...], rules: _Rules, *, exact: bool) -> None:
        """Look at this book at these marks."""
        same_book = rules is self._rules and (accounts is self._accounts or accounts == self._accounts)
        if same_book and view is self._view:
            return
        if exact or sum(len(account.positions) for account in accounts) <= MOST_EXACT:
            self._large = None
            self._now = standing(view, accounts, rules.in_force)
        else:
            # a leg whose mark turns up or goes away is another leg
            known = frozenset((venue, symbol) for venue, symbols in view.marks.items() for symbol in symbols)
            if not same_book or self._large is None or known != self._known:
                self._large, self._known = large_book(view, accounts, rules.in_force), known
            self._now = large_standing(self._large, view)
        self._view, self._accounts, self._rules = view, accounts, rules
        self._still = self._moved = None

    def report(self, move: MarketMove) -> RiskReport:
        """The book as it stands, and how far along the move's directions."""
        if self._still is None or self._still[0].betas != move.betas:
            self._still = move, self._answer(self._now_known.reports, tuple(self._toward(d) for d in move.directions()))
        return self._still[1]

    def what_if(self, move: MarketMove) -> RiskReport:
        """The book at the moved marks, how far along the directions, and what happens on the way."""
        if self._moved is None or self._moved[0] != move:
            along = self._under(move.shock())
            self._moved = move, self._answer(along.after, (*self.report(move).stress, along))
        return self._moved[1]

    @property
    def _now_known(self) -> Standing | LargeStanding:
        if self._now is None:
            raise RuntimeError("ask where the book stands first")
        return self._now

    def _answer(self, accounts: tuple[AccountReport, ...], stress: tuple[StressReport, ...]) -> RiskReport:
        day = "" if self._rules is None else str(self._rules.day)
        return RiskReport(day, accounts, stress, "exact" if self._large is None else "float64")

    def _toward(self, direction: JointMove) -> StressReport:
        now = self._now_known
        return toward(now, direction) if isinstance(now, Standing) else large_toward(now, direction)

    def _under(self, move: JointMove) -> StressReport:
        now = self._now_known
        return under(now, move) if isinstance(now, Standing) else large_under(now, move)


def _copied(desk: DeskState) -> tuple[Account, ...]:
    return () if desk.trial is None else desk.trial.accounts or ()


def _have_same_rules(one: DeskState, other: DeskState) -> bool:
    """Both hold the same contracts under the same overrides; asked at every step, so sameness is looked at first."""
    return ((one.accounts is other.accounts and _copied(one) is _copied(other)) or _held(one) == _held(other)) and (
        one.instruments,
        one.collateral,
    ) == (other.instruments, other.collateral)


def _held(desk: DeskState) -> set[tuple[str, str]]:
    accounts = (*desk.accounts, *_copied(desk))
    return {(a.venue, held.symbol) for a in accounts for held in (*a.positions, *a.orders)} | {
        (a.venue, "") for a in accounts
    }


def _add_coin_prices(
    prices: dict[str, Decimal | Mapping[str, Decimal]], account: Account, marks: Mapping[str, Decimal]
) -> None:
    """Coins that are collateral and have no price of their own, at the mark of their perpetual in dollars."""
    for asset in account.balances or {}:
        mark = marks.get(f"{asset}/USDT:USDT")
        known = prices.get(asset, {})
        if mark is not None and isinstance(known, Mapping) and account.venue not in known:
            prices[asset] = {**known, account.venue: mark}
