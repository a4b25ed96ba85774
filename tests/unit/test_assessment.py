"""The assessor: whose marks hold, what a what-if answers, what is kept; and that large books say what the exact engine
says.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.kit.frames import BTC, ETH, d, desk, position, sample_desk
from tests.kit.portfolios import VENUES, encoded, random_portfolio
from workstation.assessment import MOST_EXACT, Assessor, assess, day_of, rules_of
from workstation.desk.edits import (
    AddPosition,
    BeginWhatIf,
    DropLeg,
    Edit,
    MoveMarket,
    SetBalance,
    SetBeta,
    SetPositionField,
    SetShock,
    apply,
)
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.state import DeskState
from workstation.desk.trial import counted, market_move
from workstation.domain.position import Account, Position
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Unknown
from workstation.market.view import MarketView
from workstation.risk.engine import standing, toward, under
from workstation.risk.large_book import large_book, large_standing, large_toward, large_under
from workstation.risk.report import AccountReport, PositionReport, RiskReport, StressedPosition

NOTHING = MarketView()
CLOSE = 1e-9


def after(state: DeskState, *edits: Edit) -> DeskState:
    for edit in edits:
        state = apply(state, edit)
    return state


def answer(state: DeskState, market: MarketView = NOTHING) -> tuple[RiskReport, RiskReport | None]:
    return Assessor().assess(market, state)


def tried(state: DeskState, market: MarketView = NOTHING) -> RiskReport:
    what_if = answer(state, market)[1]
    assert what_if is not None
    return what_if


# --- marks ------------------------------------------------------------------------------------------------------------


def test_the_market_s_marks_hold_where_the_desk_states_none():
    bare = replace(sample_desk(), marks={"binance-usdm": {BTC: d("100000")}})
    market = MarketView({"binance-usdm": {BTC: d("1"), ETH: d("3900")}})
    risk, _ = answer(bare, market)
    assert [p.mark for p in risk.accounts[0].positions] == [d("100000"), d("3900")]


def test_a_contract_without_any_mark_stays_unknown():
    risk, _ = answer(replace(sample_desk(), marks={}))
    assert all(isinstance(p.mark, Unknown) for p in risk.accounts[0].positions)


def test_a_coin_that_is_collateral_is_priced_by_its_perpetual_unless_the_desk_says():
    own = replace(sample_desk().accounts[0], collateral_mode="multi", balances={"BTC": d("1"), "USDT": d("5000")})
    multi = replace(sample_desk(), accounts=(own,), collateral_prices={"USDT": d("1")})
    with_rules = read_portfolio(
        encoded(random_portfolio(Random(3), "binance-usdm", multi=True))
    )  # for its collateral rules only
    rules = {"binance-usdm": dict.fromkeys(("BTC", "USDT"), next(iter(with_rules.collateral["binance-usdm"].values())))}
    multi = replace(multi, collateral=rules)
    market = MarketView({"binance-usdm": {BTC: d("100000")}})
    heard = answer(multi, market)[0].accounts[0].pools[0].equity
    stated = replace(multi, collateral_prices={"USDT": d("1"), "BTC": d("100000")})
    assert isinstance(heard, Decimal)
    assert heard == answer(stated, market)[0].accounts[0].pools[0].equity
    dearer = replace(multi, collateral_prices={"USDT": d("1"), "BTC": d("200000")})
    more = answer(dearer, market)[0].accounts[0].pools[0].equity
    assert isinstance(more, Decimal)
    assert more > heard


# --- what-if ----------------------------------------------------------------------------------------------------------


def test_the_first_report_never_knows_of_the_what_if():
    real = answer(sample_desk())[0]
    state = after(
        sample_desk(),
        BeginWhatIf(),
        SetPositionField(0, 0, "quantity", "9"),
        MoveMarket(d("-0.1")),
        DropLeg(0, 1, True),
    )
    assert answer(state)[0] == real


def test_a_moved_market_is_what_the_exact_engine_says_of_it():
    state = after(sample_desk(), SetBeta("ETH", "1.3"), MoveMarket(d("-0.03")))
    move = JointMove("what-if", "market slider", {"ETH": d("-0.039")}, d("-0.03"))
    along = assess(state, [move]).stress[0]
    what_if = tried(state)
    assert what_if.accounts == along.after
    assert [report.name for report in what_if.stress] == ["market falls", "market rises", "what-if"]
    assert what_if.stress[2] == along
    assert what_if.stress[:2] == answer(state)[0].stress


def test_a_coin_s_own_move_takes_the_place_of_its_beta():
    state = after(sample_desk(), SetBeta("ETH", "1.3"), MoveMarket(d("-0.03")), SetShock("ETH", "5"))
    assert [p.mark for p in tried(state).accounts[0].positions] == [d("97000"), d("4200")]


def test_edits_of_the_copy_change_the_what_if_and_nothing_else():
    state = after(sample_desk(), BeginWhatIf(), SetBalance(0, "USDT", "20000"))
    assert tried(state).accounts == assess(after(sample_desk(), SetBalance(0, "USDT", "20000"))).accounts
    assert answer(state)[0] == answer(sample_desk())[0]


def test_a_dropped_leg_is_in_no_number():
    what_if = tried(after(sample_desk(), DropLeg(0, 1, True)))
    alone = replace(sample_desk(), accounts=desk(position()).accounts)
    assert what_if.accounts == assess(alone).accounts
    assert [p.symbol for p in what_if.stress[0].accounts[0].positions] == [BTC]


def test_without_any_leg_nothing_is_required():
    what_if = tried(after(sample_desk(), DropLeg(0, 0, True), DropLeg(0, 1, True)))
    assert what_if.accounts[0].positions == ()
    assert what_if.accounts[0].pools == ()
    assert what_if.accounts[0].worst_pool is None


def test_a_position_that_only_the_what_if_holds_has_rules_too():
    new = Position(symbol="SOL/USDT:USDT", side="long", quantity=d("1"), entry_price=d("150"))
    state = after(sample_desk(), BeginWhatIf(), AddPosition(0, new))
    market = MarketView({"binance-usdm": {"SOL/USDT:USDT": d("151")}})
    assert tried(state, market).accounts[0].positions[2].mark == d("151")


# --- sameness ---------------------------------------------------------------------------------------------------------


def test_what_has_not_changed_is_the_very_same():
    assessor = Assessor()
    state = after(sample_desk(), MoveMarket(d("-0.03")))
    risk, what_if = assessor.assess(NOTHING, state)
    elsewhere = MarketView({"binance-usdm": {"XRP/USDT:USDT": d("2")}, "okx": {BTC: d("1")}})
    again = assessor.assess(elsewhere, state)
    assert again[0] is risk
    assert again[1] is what_if
    moved = assessor.assess(elsewhere, after(state, MoveMarket(d("-0.04"))))
    assert moved[0] is risk
    assert moved[1] is not what_if


@given(st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_an_assessor_with_a_past_answers_like_a_new_one(steps: list[int]):
    edits: tuple[Edit, ...] = (
        MoveMarket(d("-0.02")),
        MoveMarket(d("0")),
        BeginWhatIf(),
        SetPositionField(0, 0, "quantity", "3"),
        DropLeg(0, 1, True),
        DropLeg(0, 1, False),
        SetBeta("ETH", "1.3"),
        SetShock("ETH", "-5"),
        SetBalance(0, "USDT", "9000"),
        SetShock("ETH", ""),
    )
    assessor, state = Assessor(), sample_desk()
    for step in steps:
        state = apply(state, edits[step])
        market = MarketView({"binance-usdm": {BTC: Decimal(90000 + 1000 * step)}})
        shown = replace(state, marks={"binance-usdm": {ETH: d("4000")}})
        assert assessor.assess(market, shown) == answer(shown, market)


# --- large books ------------------------------------------------------------------------------------------------------


def many(count: int) -> DeskState:
    """A book with too many positions for the exact engine."""
    base = sample_desk()
    accounts = tuple(replace(base.accounts[0], name=f"a{i}") for i in range((count + 1) // 2))
    return replace(base, accounts=accounts)


def test_only_large_books_are_answered_in_float64():
    assert answer(many(MOST_EXACT))[0].engine == "exact"
    assert answer(many(MOST_EXACT + 2))[0].engine == "float64"
    assert Assessor(exact=True).assess(NOTHING, many(MOST_EXACT + 2))[0].engine == "exact"


# What float64 cannot tell: our rounding must do no more than so small a change of the wallet would, of the gross value.
SHIFT = Decimal("4e-14")
ROUNDING = 1e-12
MONEY = (
    "unrealised_pnl",
    "pnl",
    "loss",
    "maintenance_margin",
    "requirement",
    "equity",
    "equity_before",
    "equity_after",
)  # differences of larger amounts
PRICES = ("price", "displayed_price", "bankruptcy_price", "distance_quote", "liquidation_mark")
USES = ("margin_use", "margin_use_after")
MOST_USE = Decimal("1e9")
FRACTIONS = ("distance_fraction", "distance_after")


class Sizes(NamedTuple):
    """What figures are differences of: money of `gross`, prices of the contract's `mark`."""

    gross: float
    marks: Mapping[str, Decimal]
    mark: float = 0.0

    def rounding(self, where: str) -> float:
        """How much of a figure may be the rounding of what it is a difference of."""
        name = where.rpartition(".")[2]
        if name in MONEY:
            return float(SHIFT) * self.gross
        return ROUNDING * (self.mark if name in PRICES else 1.0 if name in FRACTIONS else 0.0)


def alike(ours: object, exact: list[object], sizes: Sizes, where: str = "") -> list[str]:
    """Where a report is neither one of the exact ones nor between them, to 1e-9 of each figure."""
    decimals = [e for e in exact if isinstance(e, Decimal)]
    if where.endswith(USES) and all(not isinstance(n, Decimal) or n > MOST_USE for n in (ours, *exact)):
        return []  # the equity is nothing, or next to nothing
    if isinstance(ours, Decimal) and (decimals or abs(ours) <= sizes.rounding(where)):
        if len(decimals) < len(exact):
            decimals.append(Decimal(0))  # a number so small that it may be none
        slack = CLOSE * float(max(map(abs, decimals))) + sizes.rounding(where)
        inside = float(min(decimals)) - slack <= float(ours) <= float(max(decimals)) + slack
        return [] if inside else [f"{where}: {ours} {exact}"]
    if any(ours == e for e in exact):
        return []
    if isinstance(ours, PositionReport | StressedPosition) and ours.symbol in sizes.marks:
        sizes = sizes._replace(mark=float(sizes.marks[ours.symbol]))
    same = [e for e in exact if type(e) is type(ours)]
    if isinstance(ours, msgspec.Struct) and same:
        return [
            fault
            for name in ours.__struct_fields__
            for fault in alike(getattr(ours, name), [getattr(e, name) for e in same], sizes, f"{where}.{name}")
        ]
    if isinstance(ours, tuple):
        as_long = [e for e in exact if isinstance(e, tuple) and len(e) == len(ours)]
        if as_long:
            return [
                fault
                for i, own in enumerate(ours)
                for fault in alike(own, [e[i] for e in as_long], sizes, f"{where}[{i}]")
            ]
    if isinstance(ours, Mapping):
        alike_keys = [e for e in exact if isinstance(e, Mapping) and e.keys() == ours.keys()]
        if alike_keys:
            return [fault for k in ours for fault in alike(ours[k], [e[k] for e in alike_keys], sizes, f"{where}[{k}]")]
    return [f"{where}: {ours!r} {exact!r}"]


def shifted(account: Account, by: Decimal) -> Account:
    """The account with every wallet changed by a trifle."""
    balances = None if account.balances is None else {asset: w + by for asset, w in account.balances.items()}
    positions = tuple(
        p if p.isolated_wallet is None else replace(p, isolated_wallet=p.isolated_wallet + by)
        for p in account.positions
    )
    return replace(account, balances=balances, positions=positions)


def gross_of(reports: Iterable[AccountReport]) -> float:
    """The largest notional or equity of all accounts, in whatever asset."""
    found = [p.notional for a in reports for p in a.positions] + [p.equity for a in reports for p in a.pools]
    return max((abs(float(n)) for n in found if isinstance(n, Decimal)), default=1.0)


def together(portfolios: list[dict[str, Any]]) -> DeskState:
    """Accounts of several random portfolios of one venue on one day in one desk, each with its own contracts."""
    states = [read_portfolio(encoded(p)) for p in portfolios]
    first = states[0]
    venue = first.accounts[0].venue
    accounts: list[Account] = []
    known = dict(first.instruments.get(venue, {}))
    marks = dict(first.marks.get(venue, {}))
    for i, state in enumerate(states):
        own = state.accounts[0]
        for symbol, instrument in state.instruments.get(venue, {}).items():
            known.setdefault(symbol, instrument)
        for symbol, mark in state.marks.get(venue, {}).items():
            marks.setdefault(symbol, mark)
        accounts.append(replace(own, name=f"a{i}"))
    return replace(first, accounts=tuple(accounts), instruments={venue: known}, marks={venue: marks})


@pytest.mark.parametrize("venue", VENUES)
@given(seed=st.integers(0, 2**48), hole=st.booleans())
def test_large_books_say_what_the_exact_engine_says(venue: str, seed: int, hole: bool):
    rng = Random(seed)
    state = together([random_portfolio(rng, venue, multi=rng.random() < 0.1, most=5) for _ in range(2)])
    marks = dict(state.marks[venue])
    if hole:  # a fact that is missing
        del marks[rng.choice(sorted(marks))]
    rules = rules_of(state, day_of(state))
    made_at = MarketView({venue: marks}, state.collateral_prices)
    moved = {s: m * Decimal(str(1 + rng.choice((0.0, 0.02, -0.03)))) for s, m in marks.items()}
    market = MarketView({venue: moved}, state.collateral_prices)
    ours = large_standing(large_book(made_at, state.accounts, rules), market)
    sizes = Sizes(gross_of(standing(market, state.accounts, rules).reports), moved)
    by = SHIFT * Decimal(sizes.gross)
    exact = [standing(market, tuple(shifted(own, sign * by) for own in state.accounts), rules) for sign in (0, -1, 1)]
    faults = alike(ours.reports, [e.reports for e in exact], sizes)
    size = Decimal(rng.choice(("-0.05", "0.04", "-0.3")))
    move = JointMove("m", "test", {"BTC": size * 2}, size)
    fall = JointMove("falls", "test", {"BTC": d("-0.7")}, d("-1"))
    faults += alike(large_under(ours, move), [under(e, move) for e in exact], sizes, "under")
    faults += alike(large_toward(ours, fall), [toward(e, fall) for e in exact], sizes, "toward")
    assert faults == []


def test_the_trial_of_a_large_book_is_the_same_as_an_exact_one():
    state = after(many(40), SetBeta("ETH", "1.3"), DropLeg(3, 1, True), MoveMarket(d("-0.03")))
    assert counted(state)[3].positions == state.accounts[3].positions[:1]
    assert market_move(state).size == d("-0.03")
    ours, exact = Assessor().assess(NOTHING, state), Assessor(exact=True).assess(NOTHING, state)
    for mine, theirs in zip(ours, exact, strict=True):
        assert mine is not None
        assert theirs is not None
        assert (
            alike(
                replace(mine, engine="exact"), [theirs], Sizes(gross_of(theirs.accounts), state.marks["binance-usdm"])
            )
            == []
        )
