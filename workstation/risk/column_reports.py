"""From columns back to reports: the figures of `column_margin` as the exact engine's own values, with its reasons."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import isnan

import msgspec
import numpy as np

from workstation.domain.position import Account
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import MarketView
from workstation.risk.account import Pool
from workstation.risk.column_exact import exact_number
from workstation.risk.column_margin import (
    LIQUIDATABLE,
    NONE,
    OK,
    Liquidations,
    Standing,
    liquidations,
    standing,
    touches,
)
from workstation.risk.columns import Bools, Columns, Floats
from workstation.risk.engine import venue_ratio_of
from workstation.risk.holdings import Holding
from workstation.risk.liquidation import GONE, NEVER_BANKRUPT, NO_PRICE, NOT_CONFIRMED
from workstation.risk.margin import Leg
from workstation.risk.report import (
    AccountReport,
    FirstLiquidation,
    Liquidation,
    PoolReport,
    PositionReport,
    Root,
    RuleNote,
    StressedPosition,
    TierNote,
)
from workstation.risk.rules import VenueRules
from workstation.risk.stress import (
    NO_PRICE_LEFT,
    NOT_ASKED,
    ON_THE_WAY,
    STILL_THERE,
    size_written,
)

_ON_A_TICK = Decimal("1e-12")  # of the steps: what float64 cannot tell from standing on it
_MOST_USE = 1e12  # where the equity is a rounding error
_NO_EQUITY = Unknown("there is no equity left")
_NO_ESTIMATE = Unknown("the venue's frozen estimate has no price here")


class Rows(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Whose the rows of columns are: (account, position) as numbered in the book, the leg and the holding.

    Per pool of the columns: the exact pool and its asset (None: one isolated position). `accounts`: the numbers in the
    book of the columns' accounts. `initial`: initial margin as (share of the value, amount), None where not known.
    """

    places: tuple[tuple[int, int], ...]
    legs: tuple[Leg, ...]
    holdings: tuple[Holding, ...]
    pools: tuple[Pool, ...]
    pool_names: tuple[str | None, ...]
    accounts: tuple[int, ...]
    initial: tuple[tuple[float, float] | None, ...]

    def owner(self, columns: Columns, pool: int) -> int:
        """The number of a pool's account in the book."""
        return self.accounts[int(columns.account[pool])]


class Carried(msgspec.Struct, frozen=True, eq=False):
    """What columns say at one set of marks: positions by (account, position), pools by (account, asset)."""

    positions: Mapping[tuple[int, int], PositionReport]
    pools: Mapping[tuple[int, str], PoolReport]


def carried_reports(
    rows: Rows,
    columns: Columns,
    market: MarketView,
    accounts: Sequence[Account],
    rules: Mapping[str, VenueRules],
    left_out: Bools,
) -> Carried:
    """The report on every position and pool of the columns, but for the pools (P,) that are left out."""
    now = standing(columns)
    found = liquidations(columns, now)
    uses: list[Number] = [
        exact_number(use) if use <= _MOST_USE else _NO_EQUITY  # NaN is not below it either
        for use in _listed(now.margin_use)
    ]
    initial = _initials(rows, columns)
    positions = _positions(rows, columns, market, accounts, left_out, now, found, uses, initial)
    return Carried(positions, _pools(rows, columns, accounts, rules, left_out, now, uses, initial))


def _listed(values: Floats) -> list[float]:
    return values.tolist()


def _initials(rows: Rows, columns: Columns) -> list[Number]:
    return [
        Unknown("the leverage is not given", (f"{holding.where}.leverage",))
        if parts is None
        else exact_number(parts[0] * value + parts[1])
        for holding, parts, value in zip(rows.holdings, rows.initial, columns.value.tolist(), strict=True)
    ]


def _pools(
    rows: Rows,
    columns: Columns,
    accounts: Sequence[Account],
    rules: Mapping[str, VenueRules],
    left_out: Bools,
    now: Standing,
    uses: list[Number],
    initial: list[Number],
) -> dict[tuple[int, str], PoolReport]:
    answer: dict[tuple[int, str], PoolReport] = {}
    sums: list[Number] = [Decimal(0)] * len(rows.pools)
    for pool_of_row, own in zip(columns.pool, initial, strict=True):
        p = int(pool_of_row)
        so_far = sums[p]
        if isinstance(so_far, Decimal):
            sums[p] = so_far + own if isinstance(own, Decimal) else own
    for p, (pool, name) in enumerate(zip(rows.pools, rows.pool_names, strict=True)):
        if name is None or left_out[p]:
            continue
        i = rows.owner(columns, p)
        equity, requirement = exact_number(now.equity[p]), exact_number(now.pool_requirement[p])
        if uses[p] is _NO_EQUITY and equity > 0:
            equity = Decimal(0)  # a rounding error
        answer[i, name] = PoolReport(
            asset=name,
            equity=equity,
            initial_margin=sums[p],
            maintenance_margin=exact_number(now.pool_maintenance[p]),
            requirement=requirement,
            margin_use=uses[p],
            venue_ratio=venue_ratio_of(pool, equity, requirement, accounts[i], rules[accounts[i].venue]),
        )
    return answer


def _positions(
    rows: Rows,
    columns: Columns,
    market: MarketView,
    accounts: Sequence[Account],
    left_out: Bools,
    now: Standing,
    found: Liquidations,
    uses: list[Number],
    initial: list[Number],
) -> dict[tuple[int, int], PositionReport]:
    answer: dict[tuple[int, int], PositionReport] = {}
    figures = zip(
        columns.pool,
        found.state,
        found.tier_below,
        found.tier_above,
        *(
            _listed(part)
            for part in (
                now.value,
                now.profit,
                now.maintenance,
                found.below,
                found.above,
                found.price,
                found.bankruptcy,
                found.estimate,
            )
        ),
        strict=True,
    )
    notes: dict[tuple[int, int], tuple[RuleNote | None, TierNote | None]] = {}
    for row, own in enumerate(figures):
        place, holding, leg = rows.places[row], rows.holdings[row], rows.legs[row]
        if left_out[own[0]]:
            continue
        pool, state, tier_below, tier_above, value, profit, maintenance, below, above, price, bankrupt, estimate = own
        venue, symbol = accounts[place[0]].venue, holding.position.symbol
        mark = market.marks[venue][symbol]
        liquidation = _liquidation(int(state), leg, holding, (below, int(tier_below)), (above, int(tier_above)), price)
        distance_fraction: Number
        distance_quote: Number
        if liquidation.price is None:
            distance_fraction = distance_quote = Unknown(liquidation.because or NO_PRICE, liquidation.missing)
        else:
            distance_quote = abs(liquidation.price - mark)
            distance_fraction = distance_quote / mark
        key = id(holding.instrument), id(holding.rule)
        note = notes.get(key)
        if note is None:
            note = notes[key] = _notes(holding)
        answer[place] = PositionReport(
            symbol=symbol,
            side=holding.position.side,
            margin_mode=holding.position.margin_mode,
            isolated_wallet=holding.isolated_wallet,
            mark=mark,
            notional=exact_number(value),
            unrealised_pnl=exact_number(profit),
            initial_margin=initial[row],
            maintenance_margin=exact_number(maintenance),
            margin_use=uses[int(pool)],
            liquidation=liquidation,
            price_tick=holding.instrument.price_tick,
            displayed_price=_displayed(liquidation, holding, leg, mark, estimate),
            bankruptcy_price=Unknown(NEVER_BANKRUPT) if isnan(bankrupt) else exact_number(bankrupt),
            distance_fraction=distance_fraction,
            distance_quote=distance_quote,
            rule=note[0],
            tiers=note[1],
        )
    return answer


def _notes(holding: Holding) -> tuple[RuleNote | None, TierNote | None]:
    rule, table = holding.rule, holding.instrument.tiers
    return (
        None if rule is None else RuleNote(rule.id, str(rule.valid_from), rule.evidence, rule.source),
        None if table is None else TierNote(table.source, table.as_of),
    )


def _liquidation(
    state: int, leg: Leg, holding: Holding, below: tuple[float, int], above: tuple[float, int], price: float
) -> Liquidation:
    if state == OK:
        roots: list[Root] = []
        for direction, (root, tier) in (("below", below), ("above", above)):
            if not isnan(root):
                roots.append(Root(exact_number(root), "below" if direction == "below" else "above", tier or None))
        verified = holding.rule is not None and holding.rule.evidence == "verified"
        because = None if verified else NOT_CONFIRMED
        return Liquidation("ok" if verified else "estimate", exact_number(price), because, (), tuple(roots))
    if state == LIQUIDATABLE:
        return Liquidation("liquidatable", because=GONE)
    if state == NONE:
        return Liquidation("none", because=NO_PRICE)
    because = f"liquidated only where {leg.symbol} is above its last known tier"
    return Liquidation("insufficient", because=because, missing=(leg.tiers_path,))


def _displayed(liquidation: Liquidation, holding: Holding, leg: Leg, mark: Decimal, estimate: float) -> Number:
    """What the venue's own screen would show, as `liquidation.displayed_price` has it."""
    price, tick, rule = liquidation.price, holding.instrument.price_tick, holding.rule
    if price is None or rule is None:
        return Unknown(liquidation.because or "there is no liquidation price", liquidation.missing)
    if rule.displayed == "frozen-mark":
        return _NO_ESTIMATE if isnan(estimate) else exact_number(estimate)
    if rule.displayed == "root" or tick is None:
        return price
    upward = price < mark  # toward the market
    if rule.displayed == "one-tick":
        return price + tick if upward else price - tick
    steps = price / tick
    nearest = steps.to_integral_value()
    if abs(steps - nearest) <= abs(steps) * _ON_A_TICK:
        return nearest * tick
    return steps.to_integral_value(ROUND_CEILING if upward else ROUND_FLOOR) * tick


class CarriedStress(msgspec.Struct, frozen=True, eq=False):
    """Columns along a joint move. Per pool (P,): `multiple` where it is liquidated (NaN: nowhere), `in_doubt` where
    columns cannot tell. Per position (N,): `pnl` at the end of the move, `loss` where its pool is liquidated.
    """

    multiple: Floats
    in_doubt: Bools
    pnl: Floats
    loss: Floats


def carried_stress(rows: Rows, columns: Columns, scenario: JointMove) -> CarriedStress:
    """Where the columns' pools are liquidated along the move, and what positions win and lose."""
    base_of = {leg.symbol: leg.base for leg in rows.legs}
    found = touches(columns, np.array([float(scenario.of(base_of[symbol])) for symbol in columns.symbols], np.float64))
    move = np.array([float(scenario.of(leg.base)) for leg in rows.legs], np.float64)
    in_doubt = ~np.isin(found.state, (OK, NONE))
    multiple = np.where(in_doubt, np.nan, found.multiple)
    loss = -_gained(columns, move * multiple[columns.pool])
    return CarriedStress(multiple, in_doubt, _gained(columns, move), loss)


def _gained(columns: Columns, move: Floats) -> Floats:
    """Profit of each position from its mark to mark x (1 + move); without a number where no price is left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(columns.inverse, 1 / (1 + move), 1 + move)
        return columns.direction * columns.value * (y - 1)


def named_first(rows: Rows, columns: Columns, along: CarriedStress, pool: int) -> FirstLiquidation:
    """The liquidation of a pool is named by the position that lost most on the way."""
    members = np.flatnonzero(columns.pool == pool)
    worst = rows.holdings[int(members[np.argmax(along.loss[members])])].position
    return FirstLiquidation(worst.symbol, exact_number(along.multiple[pool]), worst.margin_mode)


def stressed_positions(
    rows: Rows,
    columns: Columns,
    after: Sequence[AccountReport] | None,
    scenario: JointMove,
    along: CarriedStress,
    left_out: Bools,
) -> dict[tuple[int, int], StressedPosition]:
    """Every position along the move, but for the pools (P,) that are left out."""
    answer: dict[tuple[int, int], StressedPosition] = {}
    at_row = along.multiple[columns.pool]
    figures = zip(*(_listed(part) for part in (columns.mark, at_row, along.pnl, along.loss)), strict=True)
    for row, (mark, at, change, lost) in enumerate(figures):
        place, holding, leg = rows.places[row], rows.holdings[row], rows.legs[row]
        if left_out[columns.pool[row]]:
            continue
        end = None if after is None else after[place[0]].positions[place[1]]
        liquidated = at <= 1
        speed = scenario.of(leg.base)
        answer[place] = StressedPosition(
            symbol=holding.position.symbol,
            side=holding.position.side,
            mark_after=NOT_ASKED if end is None else end.mark,
            pnl=exact_number(change) if speed > -1 else NO_PRICE_LEFT,
            distance_after=ON_THE_WAY if liquidated else NOT_ASKED if end is None else end.distance_fraction,
            liquidated=liquidated,
            liquidation_mark=exact_number(mark * (1 + float(speed) * at)) if liquidated else STILL_THERE,
            loss=exact_number(lost) if liquidated else STILL_THERE,
            quantity=size_written(holding),
        )
    return answer
