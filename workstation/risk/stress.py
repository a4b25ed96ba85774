"""Every account along a joint move: what is left at its end, and how much of it the account stands."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from workstation.domain.position import Account
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import MarketView
from workstation.risk.account import Pool, Ray, first_touch
from workstation.risk.holdings import Book, Holding, book_of
from workstation.risk.liquidation import liquidation_of
from workstation.risk.margin import Leg
from workstation.risk.report import FirstLiquidation, StressedAccount, StressedPosition, StressReport
from workstation.risk.rules import VenueRules

# the contract's search range for the multiple of a move
MOST = Decimal(10)
_ZERO = Decimal(0)
_ONE = Decimal(1)


def stressed(
    scenario: JointMove,
    accounts: Sequence[Account],
    books: Sequence[Book],
    market: MarketView,
    rules: Mapping[str, VenueRules],
) -> StressReport:
    """One scenario over all accounts. Every price of an asset moves by price x (1 + s x move)."""
    after = shocked(market, scenario, rules)
    rows = tuple(
        _account(account, f"accounts[{i}]", book, scenario, after, rules[account.venue])
        for i, (account, book) in enumerate(zip(accounts, books, strict=True))
    )
    return StressReport(scenario.name, scenario.source, rows)


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


def _account(
    account: Account, where: str, book: Book, scenario: JointMove, after: MarketView, rules: VenueRules
) -> StressedAccount:
    units = _units(book)
    rays = {key: _ray(unit, scenario) for key, unit in units.items() if isinstance(unit, Pool)}
    nothing_left = min((end for ray in rays.values() if (end := ray.end()) is not None), default=None)
    touches = {
        key: unit if isinstance(unit, Unknown) else _touch(unit, rays[key], nothing_left) for key, unit in units.items()
    }
    unknown = [t for t in touches.values() if isinstance(t, Unknown)]
    known = [(t, key) for key, t in touches.items() if isinstance(t, Decimal)]
    first = min(known, default=None, key=lambda pair: pair[0])
    multiple: Number
    if unknown:  # an unknown unit may be the first
        multiple = Unknown("; ".join(dict.fromkeys(u.because for u in unknown)), unknown[0].missing)
    elif first is None:
        multiple = _endless(nothing_left) if units else Unknown("there are no positions")
    else:
        multiple = first[0]
    later = book_of(account, where, after, rules)
    asset, equity_before, equity_after, use_after = _figures(book, later)
    return StressedAccount(
        name=account.name,
        computed=not unknown,
        asset=asset,
        equity_before=equity_before,
        equity_after=equity_after,
        margin_use_after=use_after,
        multiple=multiple,
        moves=_moves(book, scenario, multiple) if isinstance(multiple, Decimal) else {},
        first_liquidation=None if first is None else _first(book, first[1], first[0], scenario),
        positions=tuple(
            _position(i, holding, later, scenario, touches.get(_unit_key(i, holding)))
            for i, holding in enumerate(book.holdings)
        ),
    )


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


def _touch(unit: Pool, ray: Ray, nothing_left: Decimal | None) -> Decimal | Unknown | None:
    """Where this unit is liquidated along the move, as long as every price of the account is above zero."""
    touch = first_touch(unit, ray, MOST)
    if isinstance(touch, Decimal) and nothing_left is not None and touch >= nothing_left:
        return None
    return touch


def _endless(nothing_left: Decimal | None) -> Unknown:
    if nothing_left is not None and nothing_left <= MOST:
        return Unknown(f"stands the move until a price reaches zero, at {nothing_left.normalize():f} times it")
    return Unknown(f"stands {MOST} times the move")


def _figures(book: Book, later: Book) -> tuple[str | None, Number, Number, Number]:
    """The pool that is strained most after the move: its asset, equity before and after, margin use after."""
    worst: tuple[Decimal, str] | None = None
    unknown: tuple[str, Unknown] | None = None
    for asset, pool in later.pools.items():
        if isinstance(pool, Unknown):
            unknown = (asset, pool)
            continue
        equity = pool.equity()
        strain = pool.requirement() / equity if equity > 0 else Decimal("Infinity")
        if worst is None or strain > worst[0]:
            worst = (strain, asset)
    if worst is None:
        because = unknown[1] if unknown else Unknown("the account has no cross positions")
        return (unknown[0] if unknown else None), because, because, because
    before, after = book.pools[worst[1]], later.pools[worst[1]]
    assert isinstance(after, Pool)  # noqa: S101  (it was measured above)
    use: Number = worst[0] if worst[0].is_finite() else Unknown("there is no equity left")
    return worst[1], before if isinstance(before, Unknown) else before.equity(), after.equity(), use


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
        return leg.profit(leg.mark) - leg.profit(mark)

    _, worst = max(members, key=lambda member: lost(member[1]))
    return FirstLiquidation(worst.position.symbol, multiple, worst.position.margin_mode)


def _position(
    index: int, holding: Holding, later: Book, scenario: JointMove, touch: Decimal | Unknown | None
) -> StressedPosition:
    leg, after = holding.leg, later.holdings[index]
    liquidated = isinstance(touch, Decimal) and touch <= 1
    gone = Unknown("liquidated on the way")
    if isinstance(leg, Unknown):
        pnl: Number = leg
        at: Number = leg
        loss: Number = leg
    else:
        end = leg.mark * (_ONE + scenario.of(leg.base))
        pnl = leg.profit(end) - leg.profit(leg.mark) if end > 0 else Unknown("the price reaches zero")
        at = (
            leg.mark * (_ONE + scenario.of(leg.base) * touch)
            if isinstance(touch, Decimal)
            else Unknown("not liquidated")
        )
        loss = leg.profit(leg.mark) - leg.profit(at) if isinstance(at, Decimal) else at
    return StressedPosition(
        symbol=holding.position.symbol,
        side=holding.position.side,
        mark_after=after.mark if after.mark is not None else Unknown("no mark after the move"),
        pnl=pnl,
        distance_after=gone if liquidated else _distance_after(index, after, later),
        liquidated=liquidated,
        liquidation_mark=at if liquidated else Unknown("not liquidated within the move"),
        loss=loss if liquidated else Unknown("not liquidated within the move"),
        quantity=_quantity(holding),
    )


def _quantity(holding: Holding) -> Number:
    size = holding.position.quantity if holding.position.quantity is not None else holding.position.contracts
    return size if size is not None else Unknown("no size")


def _distance_after(index: int, after: Holding, later: Book) -> Number:
    pool = later.pool_of(index)
    if isinstance(pool, Unknown):
        return pool
    if isinstance(after.leg, Unknown) or after.rule is None:
        return after.leg if isinstance(after.leg, Unknown) else Unknown("no rule is known")
    price = liquidation_of(pool, after.leg, after.rule).price
    if price is None:
        return Unknown("no price of this contract liquidates it")
    return abs(price - after.leg.mark) / after.leg.mark
