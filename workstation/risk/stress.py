"""Every account along a joint move: what is left at its end, and how much of it the account stands."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

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
_ZERO = Decimal(0)
_ONE = Decimal(1)


def stressed(
    scenario: JointMove, books: Sequence[Book], reports: Sequence[AccountReport], after: Sequence[AccountReport]
) -> StressReport:
    """One scenario over all accounts: `reports` are today's, `after` those at the end of the move."""
    rows = tuple(_account(*account, scenario) for account in zip(books, reports, after, strict=True))
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


def _account(book: Book, now: AccountReport, after: AccountReport, scenario: JointMove) -> StressedAccount:
    units = _units(book)
    rays = {key: _ray(unit, scenario) for key, unit in units.items() if isinstance(unit, Pool)}
    nothing_left = min((end for ray in rays.values() if (end := ray.end()) is not None), default=None)
    touches = {
        key: unit if isinstance(unit, Unknown) else _touch(unit, rays[key], nothing_left) for key, unit in units.items()
    }
    known = [(t, key) for key, t in touches.items() if isinstance(t, Decimal)]
    first = min(known, default=None, key=lambda pair: pair[0])
    unknown = [because for t in touches.values() if (because := _in_doubt(t, first)) is not None]
    multiple: Number
    if unknown:  # an unknown unit may be the first
        multiple = Unknown("; ".join(dict.fromkeys(u.because for u in unknown)), unknown[0].missing)
    elif first is None:
        multiple = _endless(nothing_left) if units else Unknown("there are no positions")
    else:
        multiple = first[0]
    worst = after.worst_pool
    no_pool = Unknown("the account has no cross positions")
    return StressedAccount(
        name=now.name,
        computed=not unknown,
        asset=None if worst is None else worst.asset,
        equity_before=no_pool if worst is None else _equity_of(worst.asset, now),
        equity_after=no_pool if worst is None else worst.equity,
        margin_use_after=no_pool if worst is None else worst.margin_use,
        multiple=multiple,
        moves=_moves(book, scenario, multiple) if isinstance(multiple, Decimal) else {},
        first_liquidation=None if first is None else _first(book, first[1], first[0], scenario),
        positions=tuple(
            _position(holding, after.positions[i], scenario, touches.get(_unit_key(i, holding)))
            for i, holding in enumerate(book.holdings)
        ),
    )


def _equity_of(asset: str, report: AccountReport) -> Number:
    return next(pool.equity for pool in report.pools if pool.asset == asset)


def _unit_key(index: int, holding: Holding) -> str | int:
    return index if holding.pool_asset is None else holding.pool_asset


def _units(book: Book) -> dict[str | int, Pool | Unknown]:
    """Everything that can be liquidated by itself: pools, and isolated positions that are not long options."""
    return {**book.pools, **{i: pool for i, pool in book.isolated.items() if not book.holdings[i].long_option}}


def _ray(unit: Pool, scenario: JointMove) -> Ray:
    return Ray(
        {leg.symbol: scenario.of(leg.base) for leg in unit.legs},
        # a pool in its own asset is not converted, so the asset's price does not move it
        {part.asset: scenario.of(part.asset) for part in unit.parts} if unit.asset == "USD" else {},
    )


def _touch(unit: Pool, ray: Ray, nothing_left: Decimal | None) -> Decimal | Beyond | None:
    """Where this unit is liquidated along the move, as long as every price of the account is above zero."""
    touch = first_touch(unit, ray, MOST)
    at = touch.at if isinstance(touch, Beyond) else touch
    return None if at is not None and nothing_left is not None and at >= nothing_left else touch


def _in_doubt(touch: Decimal | Beyond | Unknown | None, first: tuple[Decimal, str | int] | None) -> Unknown | None:
    """Why this unit may be liquidated before the first that is known to be; None where it cannot."""
    if isinstance(touch, Beyond):
        return None if first is not None and first[0] <= touch.at else touch.because
    return touch if isinstance(touch, Unknown) else None


def _endless(nothing_left: Decimal | None) -> Unknown:
    if nothing_left is not None and nothing_left <= MOST:
        return Unknown(f"stands the move until a price reaches zero, at {nothing_left.normalize():f} times it")
    return Unknown(f"stands {MOST} times the move")


def _moves(book: Book, scenario: JointMove, multiple: Decimal) -> dict[str, Decimal]:
    return {h.position.symbol: scenario.of(h.instrument.base) * multiple for h in book.holdings}


def _first(book: Book, key: str | int, multiple: Decimal, scenario: JointMove) -> FirstLiquidation:
    """In a pool, the position that lost most on the way names the liquidation."""
    members = [(i, h) for i, h in enumerate(book.holdings) if _unit_key(i, h) == key]

    def lost(holding: Holding) -> Decimal:
        leg = holding.leg
        if not isinstance(leg, Leg):
            return Decimal("-Infinity")
        mark = leg.mark * (_ONE + scenario.of(leg.base) * multiple)
        return leg.profit_now - leg.profit(mark)

    _, worst = max(members, key=lambda member: lost(member[1]))
    return FirstLiquidation(worst.position.symbol, multiple, worst.position.margin_mode)


def _position(
    holding: Holding, after: PositionReport, scenario: JointMove, touch: Decimal | Beyond | Unknown | None
) -> StressedPosition:
    leg = holding.leg
    at_touch = touch if isinstance(touch, Decimal) and touch <= 1 else None
    liquidated = at_touch is not None
    still = Unknown("not liquidated within the move")
    at: Number = still
    loss: Number = still
    if isinstance(leg, Unknown):
        pnl: Number = leg
    else:
        end = leg.mark * (_ONE + scenario.of(leg.base))
        pnl = leg.profit(end) - leg.profit_now if end > 0 else Unknown("the price reaches zero")
        if at_touch is not None:
            at = leg.mark * (_ONE + scenario.of(leg.base) * at_touch)
            loss = leg.profit_now - leg.profit(at)
    return StressedPosition(
        symbol=holding.position.symbol,
        side=holding.position.side,
        mark_after=after.mark,
        pnl=pnl,
        distance_after=Unknown("liquidated on the way") if liquidated else after.distance_fraction,
        liquidated=liquidated,
        liquidation_mark=at,
        loss=loss,
        quantity=_quantity(holding),
    )


def _quantity(holding: Holding) -> Number:
    size = holding.position.quantity if holding.position.quantity is not None else holding.position.contracts
    return size if size is not None else Unknown("no size")
