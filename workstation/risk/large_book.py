"""Reports on large books: the exact engine makes the legs once, float64 columns answer for every new set of marks.

What columns cannot carry (facts that are missing, several assets as collateral, options, Deribit's rates, BitMEX's
whole satoshi, sizes above the last tier) goes to the exact engine, a pool at a time.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from math import isnan

import msgspec
import numpy as np
from msgspec.structs import replace

from workstation.domain.position import Account
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Unknown
from workstation.market.view import MarketView
from workstation.risk import engine
from workstation.risk.account import Pool
from workstation.risk.column_exact import exact_number
from workstation.risk.column_reports import (
    CarriedStress,
    Rows,
    carried_reports,
    carried_stress,
    named_first,
    stressed_positions,
)
from workstation.risk.columns import Bools, Columns, Floats, columns_of, frozen_at, moved_to
from workstation.risk.holdings import Book, Holding, book_of
from workstation.risk.margin import Leg
from workstation.risk.report import AccountReport, PositionReport, StressedAccount, StressedPosition, StressReport
from workstation.risk.rules import MarginRule, VenueRules
from workstation.risk.stress import (
    Touch,
    UnitKey,
    account_row,
    first_of,
    outcome,
    position_row,
    shocked,
    touches_of,
    unit_key,
)

_CARRIED = ("root", "tick", "one-tick", "frozen-mark")


class LargeBook(msgspec.Struct, frozen=True, eq=False):
    """Accounts whose legs stand in columns, at the marks that they were made at.

    `rows` says whose the columns' rows are; `rest` are the positions of each account that columns cannot carry.
    `frozen` marks the rows whose requirement is taken at today's mark, wherever that is. `assets`: the pools of each
    account in their order.
    """

    accounts: tuple[Account, ...]
    rules: Mapping[str, VenueRules]
    assets: tuple[tuple[str, ...], ...]
    rest: tuple[frozenset[int], ...]
    rows: Rows
    columns: Columns
    frozen: Bools


class LargeStanding(msgspec.Struct, frozen=True, eq=False):
    """A large book at one set of marks. `left_out` are the columns' pools (P,) that have a gap there; `parts` is what
    the exact engine says of these and of the rest, by account.
    """

    book: LargeBook
    market: MarketView
    columns: Columns
    left_out: Bools
    parts: Mapping[int, engine.Part]
    reports: tuple[AccountReport, ...]


def large_book(market: MarketView, accounts: Sequence[Account], rules: Mapping[str, VenueRules]) -> LargeBook:
    """The legs of the accounts as columns. Made anew where a position, a rule or what is known of the marks changes."""
    places: list[tuple[int, int]] = []
    holdings: list[Holding] = []
    pools: list[Pool] = []
    owners: list[int] = []
    pool_names: list[str | None] = []
    rest: list[frozenset[int]] = []
    assets: list[tuple[str, ...]] = []
    thawed = {venue: _thawed(own) for venue, own in rules.items()}
    with localcontext() as context:
        context.prec = engine.PRECISION
        for i, account in enumerate(accounts):
            book = book_of(account, f"accounts[{i}]", market, thawed[account.venue])
            assets.append(tuple(book.pools))
            left = set(range(len(book.holdings)))
            for name, pool, members in _units(book):
                if not isinstance(pool, Pool) or not _is_carried(account, [book.holdings[j] for j in members]):
                    continue
                left -= set(members)
                pools.append(pool)
                owners.append(i)
                pool_names.append(name)
                places += [(i, j) for j in members]
                holdings += [_real(book.holdings[j], rules[account.venue]) for j in members]
            rest.append(frozenset(left))
        legs = tuple(leg for pool in pools for leg in pool.legs)
        rows = Rows(
            places=tuple(places),
            legs=legs,
            holdings=tuple(holdings),
            pools=tuple(pools),
            pool_names=tuple(pool_names),
            accounts=tuple(range(len(accounts))),
            initial=tuple(_initial(h, leg) for h, leg in zip(holdings, legs, strict=True)),
        )
        columns = columns_of(pools, owners)
    frozen = np.array([h.rule is not None and h.rule.basis == "frozen-mark" for h in holdings], np.bool_)
    return LargeBook(tuple(accounts), rules, tuple(assets), tuple(rest), rows, columns, frozen)


def large_standing(book: LargeBook, market: MarketView) -> LargeStanding:
    """Every account at the market's marks."""
    columns = frozen_at(moved_to(book.columns, _marks(book, market)), book.frozen)
    left_out = columns.gaps != 0
    parts = _parts(book, market, columns, left_out)
    with localcontext() as context:
        context.prec = engine.PRECISION
        found = carried_reports(book.rows, columns, market, book.accounts, book.rules, left_out)
    reports: list[AccountReport] = []
    for i, account in enumerate(book.accounts):
        exact = parts.get(i)
        own: Mapping[int, PositionReport] = {} if exact is None else exact.positions
        pools = tuple(
            exact.pools[asset] if exact is not None and asset in exact.pools else found.pools[i, asset]
            for asset in book.assets[i]
        )
        reports.append(
            AccountReport(
                name=account.name,
                venue=account.venue,
                positions=tuple(own[j] if j in own else found.positions[i, j] for j in range(len(account.positions))),
                pools=pools,
                worst_pool=max(pools, key=engine.strain, default=None),
            )
        )
    return LargeStanding(book, market, columns, left_out, parts, tuple(reports))


def large_under(now: LargeStanding, scenario: JointMove) -> StressReport:
    """The accounts along a move and at its end, as `engine.under` has it."""
    after = large_standing(now.book, shocked(now.market, scenario, now.book.rules))
    return _stressed(now, scenario, after.reports)


def large_toward(now: LargeStanding, direction: JointMove) -> StressReport:
    """How far the accounts stand a direction, as `engine.toward` has it."""
    return _stressed(now, direction, None)


def _stressed(now: LargeStanding, scenario: JointMove, after: tuple[AccountReport, ...] | None) -> StressReport:
    book, rows, columns = now.book, now.book.rows, now.columns
    with localcontext() as context:
        context.prec = engine.PRECISION
        along = carried_stress(rows, columns, scenario)
        left_out = now.left_out | along.in_doubt
        # a pool that columns cannot follow along this move has to be looked at in full
        in_doubt = bool((along.in_doubt & ~now.left_out).any())
        parts = _parts(book, now.market, columns, left_out) if in_doubt else now.parts
        positions = stressed_positions(rows, columns, after, scenario, along, left_out)
        pools_of: list[list[int]] = [[] for _ in book.accounts]
        for p in np.flatnonzero(~left_out):
            pools_of[rows.owner(columns, int(p))].append(int(p))
        first_row = np.full(len(rows.pools), -1, np.intp)
        first_row[columns.pool[::-1]] = np.arange(len(columns))[::-1]
        accounts: list[StressedAccount] = []
        for i in range(len(book.accounts)):
            keys: dict[UnitKey, int] = {}
            for p in pools_of[i]:
                name = rows.pool_names[p]
                keys[rows.places[int(first_row[p])][1] if name is None else name] = p
            end = None if after is None else after[i]
            accounts.append(_account(now, i, keys, along, positions, parts.get(i), scenario, end))
    return StressReport(scenario.name, scenario.source, tuple(accounts), after or ())


def _account(
    now: LargeStanding,
    i: int,
    keys: Mapping[UnitKey, int],
    along: CarriedStress,
    carried: Mapping[tuple[int, int], StressedPosition],
    part: engine.Part | None,
    scenario: JointMove,
    after: AccountReport | None,
) -> StressedAccount:
    """One account along a move: its pools in the columns (`keys`) and those that the exact engine follows (`part`)."""
    own = now.book.accounts[i].positions
    instruments = now.book.rules[now.book.accounts[i].venue].instruments
    moves = {position.symbol: scenario.of(instruments[position.symbol].base) for position in own}
    part_touches: dict[UnitKey, Touch] = {}
    fastest = min((moves[held.symbol] for j, held in enumerate(own) if (i, j) in carried), default=Decimal(0))
    nothing_left = -1 / fastest if fastest < 0 else None
    if part is not None:
        part_touches, nothing_left = touches_of(part.book, scenario, nothing_left)
    touches: dict[UnitKey, Touch] = {}
    for key, p in keys.items():
        at = float(along.multiple[p])
        gone = isnan(at) or (nothing_left is not None and at >= nothing_left)
        touches[key] = None if gone else exact_number(at)
    touches |= part_touches
    found = outcome(touches, nothing_left)
    first = None
    if found.first is not None:
        multiple, key = found.first
        if key in keys:
            first = named_first(now.book.rows, now.columns, along, keys[key])
        elif part is not None:
            first = first_of(part.book, key, multiple, scenario)
    rest: Mapping[int, PositionReport] = {} if part is None else part.positions
    rows = tuple(
        position_row(
            part.book.holdings[j],
            None if after is None else after.positions[j],
            scenario,
            touches.get(unit_key(j, part.book.holdings[j])),
        )
        if part is not None and j in rest
        else carried[i, j]
        for j in range(len(own))
    )
    return account_row(now.reports[i], after, found, moves=moves, first=first, positions=rows)


def _parts(book: LargeBook, market: MarketView, columns: Columns, left_out: Bools) -> dict[int, engine.Part]:
    """What the exact engine says of everything that columns do not."""
    wanted = [set(rest) for rest in book.rest]
    for row in np.flatnonzero(left_out[columns.pool]):
        i, j = book.rows.places[int(row)]
        wanted[i].add(j)
    return {
        i: engine.part(market, account, i, book.rules[account.venue], own)
        for i, (account, own) in enumerate(zip(book.accounts, wanted, strict=True))
        if own
    }


def _units(book: Book) -> list[tuple[str | None, Pool | Unknown, list[int]]]:
    """Cross pools by their asset and isolated positions, with the numbers of their positions."""
    members: dict[str, list[int]] = {asset: [] for asset in book.pools}
    for j, holding in enumerate(book.holdings):
        if holding.pool_asset is not None:
            members[holding.pool_asset].append(j)
    units: list[tuple[str | None, Pool | Unknown, list[int]]] = [(a, p, members[a]) for a, p in book.pools.items()]
    return units + [(None, pool, [j]) for j, pool in book.isolated.items()]


def _marks(book: LargeBook, market: MarketView) -> Floats:
    """The mark of each row; NaN where none is known."""
    marks: list[float] = []
    for (i, _), leg in zip(book.rows.places, book.rows.legs, strict=True):
        mark = market.mark(book.accounts[i].venue, leg.symbol)
        marks.append(float("nan") if mark is None else float(mark))
    return np.array(marks, np.float64)


def _is_carried(account: Account, holdings: Sequence[Holding]) -> bool:
    return account.collateral_mode == "single" and all(
        isinstance(h.leg, Leg) and h.rule is not None and _is_shown(h.rule, h) for h in holdings
    )


def _is_shown(rule: MarginRule, holding: Holding) -> bool:
    """Columns can say what the venue would show, and carry the rate."""
    whole_satoshi = rule.displayed == "satoshi-tick" and holding.instrument.kind == "inverse"
    rising = holding.instrument.margin_model is not None
    return (rule.displayed in _CARRIED or (rule.displayed == "satoshi-tick" and not whole_satoshi)) and not rising


def _thawed(rules: VenueRules) -> VenueRules:
    """The rules with maintenance that follows the mark, so that legs keep their tiers: `frozen_at` takes it later."""
    return replace(rules, rules=tuple(replace(r, basis="root") if r.basis == "frozen-mark" else r for r in rules.rules))


def _real(holding: Holding, rules: VenueRules) -> Holding:
    """The holding with its rule as it is."""
    own = holding.rule
    if own is None or own in rules.rules:
        return holding
    return replace(holding, rule=next(r for r in rules.rules if replace(r, basis="root") == own))


def _initial(holding: Holding, leg: Leg) -> tuple[float, float] | None:
    """Initial margin as (share of the value at the mark, amount that stays); None where the leverage is not given."""
    rule, leverage = holding.rule, holding.position.leverage
    amount = engine.initial_of(holding, leg)
    if rule is None or leverage is None or not isinstance(amount, Decimal):
        return None
    if rule.initial_at == "entry":
        return 0.0, float(amount)
    return float(1 / leverage), float(amount - leg.value(leg.mark) / leverage)
