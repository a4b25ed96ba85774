"""Every account along a joint move: what is left at its end, and how much of it the account stands."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import MarketView
from workstation.risk.account import Beyond, Pool, Ray, first_touch
from workstation.risk.holdings import Book, Holding
from workstation.risk.margin import Leg
from workstation.risk.report import (
    AccountReport,
    FirstLiquidation,
    PositionReport,
    StressedAccount,
    StressedPosition,
    StressReport,
)
from workstation.risk.rules import VenueRules

# the contract's search range for the multiple of a move
MOST = Decimal(10)
UnitKey = str | int
Touch = Decimal | Beyond | Unknown | None
End = Decimal | None
NOT_ASKED = Unknown("only the distance was asked for")
STILL_THERE = Unknown("not liquidated within the move")
ON_THE_WAY = Unknown("liquidated on the way")
NO_PRICE_LEFT = Unknown("the price reaches zero")
_ZERO = Decimal(0)
_ONE = Decimal(1)


def stressed(
    scenario: JointMove, books: Sequence[Book], reports: Sequence[AccountReport], after: Sequence[AccountReport] = ()
) -> StressReport:
    """One scenario over all accounts: `reports` are today's, `after` those at the end of the move where they are
    wanted.
    """
    ends = tuple(after) or (None,) * len(reports)
    rows = tuple(_account(*account, scenario) for account in zip(books, reports, ends, strict=True))
    return StressReport(scenario.name, scenario.source, rows, tuple(after))


def shocked(market: MarketView, scenario: JointMove, rules: Mapping[str, VenueRules]) -> MarketView:
    """The market at the end of the move; prices that would reach zero or less are left out."""
    marks: dict[str, dict[str, Decimal]] = {}
    for venue, symbols in market.marks.items():
        if venue not in rules:
            continue
        instruments = rules[venue].instruments
        moved = {s: p * (_ONE + scenario.of(instruments[s].base)) for s, p in symbols.items() if s in instruments}
        marks[venue] = {symbol: price for symbol, price in moved.items() if price > 0}
    prices: dict[str, Decimal | Mapping[str, Decimal]] = {}
    for asset, price in market.collateral_prices.items():
        factor = _ONE + scenario.of(asset)
        if factor > 0:
            prices[asset] = price * factor if isinstance(price, Decimal) else {v: p * factor for v, p in price.items()}
    return MarketView(marks, prices)


def _account(book: Book, now: AccountReport, after: AccountReport | None, scenario: JointMove) -> StressedAccount:
    touches, nothing_left = touches_of(book, scenario)
    found = outcome(touches, nothing_left)
    return account_row(
        now,
        after,
        found,
        moves={h.position.symbol: scenario.of(h.instrument.base) for h in book.holdings},
        first=None if found.first is None else first_of(book, found.first[1], found.first[0], scenario),
        positions=tuple(
            position_row(holding, after and after.positions[i], scenario, touches.get(unit_key(i, holding)))
            for i, holding in enumerate(book.holdings)
        ),
    )


def touches_of(book: Book, scenario: JointMove, before: Decimal | None = None) -> tuple[dict[UnitKey, Touch], End]:
    """Where each of the book's units is liquidated, and where the first price reaches zero: there all ends (`before`:
    where another part of the account ends).
    """
    units = _units(book)
    rays = {key: _ray(unit, scenario) for key, unit in units.items() if isinstance(unit, Pool)}
    ends = [end for ray in rays.values() if (end := ray.end()) is not None]
    nothing_left = min(ends if before is None else [*ends, before], default=None)
    touches: dict[UnitKey, Touch] = {
        key: unit if isinstance(unit, Unknown) else _touch(unit, rays[key], nothing_left) for key, unit in units.items()
    }
    return touches, nothing_left


class Outcome(msgspec.Struct, frozen=True):
    """The first unit that is known to be liquidated, at which multiple of the move; and what the account stands."""

    first: tuple[Decimal, UnitKey] | None
    multiple: Number
    computed: bool


def outcome(touches: Mapping[UnitKey, Touch], nothing_left: End) -> Outcome:
    """From an account's units to the account."""
    known = [(t, key) for key, t in touches.items() if isinstance(t, Decimal)]
    first = min(known, default=None, key=lambda pair: pair[0])
    unknown = [because for t in touches.values() if (because := _in_doubt(t, first)) is not None]
    multiple: Number
    if unknown:  # an unknown unit may be the first
        multiple = Unknown("; ".join(dict.fromkeys(u.because for u in unknown)), unknown[0].missing)
    elif first is None:
        multiple = _endless(nothing_left) if touches else Unknown("there are no positions")
    else:
        multiple = first[0]
    return Outcome(first, multiple, not unknown)


def account_row(
    now: AccountReport,
    after: AccountReport | None,
    found: Outcome,
    *,
    moves: Mapping[str, Decimal],
    first: FirstLiquidation | None,
    positions: tuple[StressedPosition, ...],
) -> StressedAccount:
    """An account along a move: what its reports tell, and what was found on the way. `moves` are each symbol's own."""
    multiple = found.multiple
    worst = now.worst_pool if after is None else after.worst_pool
    no_pool = Unknown("the account has no cross positions")
    return StressedAccount(
        name=now.name,
        computed=found.computed,
        asset=None if worst is None else worst.asset,
        equity_before=no_pool if worst is None else next(p.equity for p in now.pools if p.asset == worst.asset),
        equity_after=no_pool if worst is None else NOT_ASKED if after is None else worst.equity,
        margin_use_after=no_pool if worst is None else NOT_ASKED if after is None else worst.margin_use,
        multiple=multiple,
        moves={symbol: move * multiple for symbol, move in moves.items()} if isinstance(multiple, Decimal) else {},
        first_liquidation=first,
        positions=positions,
    )


def unit_key(index: int, holding: Holding) -> UnitKey:
    """What names the unit that a position stands and falls with: its pool's asset, or its own number."""
    return index if holding.pool_asset is None else holding.pool_asset


def _units(book: Book) -> dict[UnitKey, Pool | Unknown]:
    """Everything that can be liquidated by itself: pools, and isolated positions that are not long options."""
    return {**book.pools, **{i: pool for i, pool in book.isolated.items() if not book.holdings[i].long_option}}


def _ray(unit: Pool, scenario: JointMove) -> Ray:
    return Ray(
        {leg.symbol: scenario.of(leg.base) for leg in unit.legs},
        # a pool in its own asset is not converted, so the asset's price does not move it
        {part.asset: scenario.of(part.asset) for part in unit.parts} if unit.asset == "USD" else {},
    )


def _touch(unit: Pool, ray: Ray, nothing_left: End) -> Decimal | Beyond | None:
    """Where this unit is liquidated along the move, as long as every price of the account is above zero."""
    touch = first_touch(unit, ray, MOST)
    at = touch.at if isinstance(touch, Beyond) else touch
    return None if at is not None and nothing_left is not None and at >= nothing_left else touch


def _in_doubt(touch: Touch, first: tuple[Decimal, UnitKey] | None) -> Unknown | None:
    """Why this unit may be liquidated before the first that is known to be; None where it cannot."""
    if isinstance(touch, Beyond):
        return None if first is not None and first[0] <= touch.at else touch.because
    return touch if isinstance(touch, Unknown) else None


def _endless(nothing_left: End) -> Unknown:
    if nothing_left is not None and nothing_left <= MOST:
        return Unknown(f"stands the move until a price reaches zero, at {nothing_left.normalize():f} times it")
    return Unknown(f"stands {MOST} times the move")


def first_of(book: Book, key: UnitKey, multiple: Decimal, scenario: JointMove) -> FirstLiquidation:
    """In a pool, the position that lost most on the way names the liquidation."""
    members = [(i, h) for i, h in enumerate(book.holdings) if unit_key(i, h) == key]

    def lost(holding: Holding) -> Decimal:
        leg = holding.leg
        if not isinstance(leg, Leg):
            return Decimal("-Infinity")
        mark = leg.mark * (_ONE + scenario.of(leg.base) * multiple)
        return leg.profit_now - leg.profit(mark)

    _, worst = max(members, key=lambda member: lost(member[1]))
    return FirstLiquidation(worst.position.symbol, multiple, worst.position.margin_mode)


def position_row(holding: Holding, after: PositionReport | None, scenario: JointMove, touch: Touch) -> StressedPosition:
    """One position along a move, and at its end where that is wanted."""
    leg = holding.leg
    at_touch = touch if isinstance(touch, Decimal) and touch <= 1 else None
    liquidated = at_touch is not None
    at: Number = STILL_THERE
    loss: Number = STILL_THERE
    if isinstance(leg, Unknown):
        pnl: Number = leg
    else:
        end = leg.mark * (_ONE + scenario.of(leg.base))
        pnl = leg.profit(end) - leg.profit_now if end > 0 else NO_PRICE_LEFT
        if at_touch is not None:
            at = leg.mark * (_ONE + scenario.of(leg.base) * at_touch)
            loss = leg.profit_now - leg.profit(at)
    return StressedPosition(
        symbol=holding.position.symbol,
        side=holding.position.side,
        mark_after=NOT_ASKED if after is None else after.mark,
        pnl=pnl,
        distance_after=ON_THE_WAY if liquidated else NOT_ASKED if after is None else after.distance_fraction,
        liquidated=liquidated,
        liquidation_mark=at,
        loss=loss,
        quantity=size_written(holding),
    )


def size_written(holding: Holding) -> Number:
    """The size as the file has it, in coins or contracts."""
    size = holding.position.quantity if holding.position.quantity is not None else holding.position.contracts
    return size if size is not None else Unknown("no size")
