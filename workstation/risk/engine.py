"""evaluate(market, accounts, scenarios, rules) -> RiskReport: the only entry to the arithmetic."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext

import msgspec

from workstation.domain.position import Account
from workstation.domain.scenario import JointMove
from workstation.domain.unknown import Number, Unknown
from workstation.market.view import MarketView
from workstation.risk.account import Pool
from workstation.risk.holdings import Book, Holding, book_of
from workstation.risk.liquidation import bankruptcy_price, displayed_price, liquidation_of
from workstation.risk.margin import Leg, initial_margin
from workstation.risk.report import (
    AccountReport,
    Liquidation,
    PoolReport,
    PositionReport,
    RiskReport,
    RuleNote,
    StressReport,
    TierNote,
    VenueRatio,
)
from workstation.risk.rules import VenueRules
from workstation.risk.stress import shocked, stressed

# far beyond the 15 digits promised, so that nothing shown carries a rounding of ours
PRECISION = 50
_ZERO = Decimal(0)


class Standing(msgspec.Struct, frozen=True):
    """Accounts in one market, ready to be put under any number of scenarios."""

    market: MarketView
    accounts: tuple[Account, ...]
    rules: Mapping[str, VenueRules]
    books: tuple[Book, ...]
    reports: tuple[AccountReport, ...]


def evaluate(
    market: MarketView,
    accounts: Sequence[Account],
    scenarios: Sequence[JointMove],
    rules: Mapping[str, VenueRules],
    on: date,
) -> RiskReport:
    """Every account as it stands at the marks, and along every scenario.

    `rules` maps each account's venue to what is in force there on the day `on`; their instruments must contain every
    symbol held. Facts that are missing give reasons, never numbers. Raises KeyError for a venue without rules.
    """
    now = standing(market, accounts, rules)
    return RiskReport(str(on), now.reports, tuple(under(now, scenario) for scenario in scenarios))


def standing(market: MarketView, accounts: Sequence[Account], rules: Mapping[str, VenueRules]) -> Standing:
    """The first half of `evaluate`, for asking about one scenario after another."""
    with localcontext() as context:
        context.prec = PRECISION
        books = tuple(
            book_of(account, f"accounts[{i}]", market, rules[account.venue]) for i, account in enumerate(accounts)
        )
        reports = tuple(_account(a, b, rules[a.venue]) for a, b in zip(accounts, books, strict=True))
        return Standing(market, tuple(accounts), rules, books, reports)


def under(now: Standing, scenario: JointMove) -> StressReport:
    """The second half of `evaluate`: one scenario."""
    with localcontext() as context:
        context.prec = PRECISION
        after = standing(shocked(now.market, scenario, now.rules), now.accounts, now.rules)
        return stressed(scenario, now.books, now.reports, after.reports)


def toward(now: Standing, direction: JointMove) -> StressReport:
    """How far the accounts stand a direction, without what is left at its end: half the work of `under`."""
    with localcontext() as context:
        context.prec = PRECISION
        return stressed(direction, now.books, now.reports)


class Part(msgspec.Struct, frozen=True):
    """Some of an account's pools, and the positions in them by their numbers."""

    book: Book
    positions: Mapping[int, PositionReport]
    pools: Mapping[str, PoolReport]


def part(market: MarketView, account: Account, number: int, rules: VenueRules, wanted: Collection[int]) -> Part:
    """What `standing` says of the positions that are wanted, which must be all of their pools."""
    with localcontext() as context:
        context.prec = PRECISION
        book = book_of(account, f"accounts[{number}]", market, rules, wanted)
        positions = {i: _position(i, book.holdings[i], book) for i in wanted}
        return Part(book, positions, {asset: _pool(asset, p, account, book, rules) for asset, p in book.pools.items()})


def _account(account: Account, book: Book, rules: VenueRules) -> AccountReport:
    pools = tuple(_pool(asset, pool, account, book, rules) for asset, pool in book.pools.items())
    return AccountReport(
        name=account.name,
        venue=account.venue,
        positions=tuple(_position(i, holding, book) for i, holding in enumerate(book.holdings)),
        pools=pools,
        worst_pool=max(pools, key=strain, default=None),
    )


def strain(pool: PoolReport) -> Decimal:
    """For choosing the pool that matters most: dead before strained before unknown."""
    if isinstance(pool.margin_use, Decimal):
        return pool.margin_use
    return Decimal("Infinity") if isinstance(pool.equity, Decimal) else Decimal(-1)


def _pool(asset: str, pool: Pool | Unknown, account: Account, book: Book, rules: VenueRules) -> PoolReport:
    if isinstance(pool, Unknown):
        return PoolReport(
            asset=asset,
            equity=pool,
            initial_margin=pool,
            maintenance_margin=pool,
            requirement=pool,
            margin_use=pool,
            venue_ratio=None,
        )
    equity, requirement = pool.equity(), pool.requirement()
    return PoolReport(
        asset=asset,
        equity=equity,
        initial_margin=_pool_initial(asset, pool, book),
        maintenance_margin=pool.maintenance(),
        requirement=requirement,
        margin_use=margin_use_of(equity, requirement),
        venue_ratio=venue_ratio_of(pool, equity, requirement, account, rules),
    )


def margin_use_of(equity: Decimal, requirement: Decimal) -> Number:
    """Requirement / equity: 1 is liquidation."""
    return requirement / equity if equity > 0 else Unknown("there is no equity left")


def _pool_initial(asset: str, pool: Pool, book: Book) -> Number:
    charge = {part.asset: part.charge for part in pool.parts}
    amount = _ZERO
    for holding in book.holdings:
        if holding.pool_asset == asset and isinstance(holding.leg, Leg):
            own = initial_of(holding, holding.leg)
            if isinstance(own, Unknown):
                return own
            amount += own * charge[holding.leg.settle]
    return amount


def initial_of(holding: Holding, leg: Leg) -> Number:
    """The initial margin of a leg, in its settle asset."""
    if holding.rule is None:
        return Unknown("no rule is known")
    own = initial_margin(leg, holding.position, holding.instrument, holding.rule, holding.taker or _ZERO)
    return Unknown("the leverage is not given", (f"{holding.where}.leverage",)) if own is None else own


def venue_ratio_of(
    pool: Pool, equity: Decimal, requirement: Decimal, account: Account, rules: VenueRules
) -> VenueRatio | None:
    """The venue's own ratio, where it shows one."""
    style = rules.ratio
    if style is None:
        return None
    if style.rising_is_bad:
        return VenueRatio(style.label, margin_use_of(equity, requirement), rising_is_bad=True)
    if style.counts_order_fees:
        equity -= _order_fees(pool, account, rules)
    value: Number = equity / requirement if requirement > 0 else Unknown("nothing is required")
    return VenueRatio(style.label, value, rising_is_bad=False)


def _order_fees(pool: Pool, account: Account, rules: VenueRules) -> Decimal:
    """Taker fees of resting orders that open: OKX takes them off its ratio's equity, not off its liqPx (inferred)."""
    taker = account.taker_fee_rate if account.taker_fee_rate is not None else rules.taker_fee_rate
    charge = {part.asset: part.charge for part in pool.parts}
    fees = _ZERO
    for order in account.orders:
        instrument = rules.instruments.get(order.symbol)
        if order.reduce_only or instrument is None or instrument.settle not in charge:
            continue
        size = order.quantity
        if order.contracts is not None:
            size = None if instrument.contract_size is None else order.contracts * instrument.contract_size
        if size is not None:
            value = size / order.price if instrument.kind == "inverse" else size * order.price
            fees += value * (taker or _ZERO) * charge[instrument.settle]
    return fees


def _position(index: int, holding: Holding, book: Book) -> PositionReport:
    position, leg, pool = holding.position, holding.leg, book.pool_of(index)
    wallet = holding.isolated_wallet
    rule = holding.rule
    table = holding.instrument.tiers
    if isinstance(leg, Unknown) or rule is None:
        because = leg if isinstance(leg, Unknown) else Unknown("no rule is known")
        if isinstance(pool, Unknown) and not holding.long_option:
            because = pool  # names this leg's missing facts and those of the legs and wallet that it shares a pool with
        status = "none" if holding.long_option else "insufficient"
        mark: Number = holding.mark if holding.mark is not None else because
        numbers: dict[str, Number] = dict.fromkeys(_FIGURES, because) | _without_rules(holding)
        liquidation = Liquidation(status, because=because.because, missing=because.missing)
        margin_use: Number = because
    else:
        mark = leg.mark
        numbers = {
            "notional": leg.value(leg.mark),
            "unrealised_pnl": leg.profit(leg.mark),
            "initial_margin": initial_of(holding, leg),
            "maintenance_margin": leg.maintenance(leg.mark) or _ZERO,
        }
        if isinstance(pool, Unknown):
            liquidation = Liquidation("insufficient", because=pool.because, missing=pool.missing)
            numbers |= dict.fromkeys(_FROM_POOL, pool)
            margin_use = pool
        else:
            liquidation = liquidation_of(pool, leg, rule)
            tick, contract_size = holding.instrument.price_tick, holding.instrument.contract_size
            numbers["displayed_price"] = displayed_price(pool, leg, rule, liquidation, tick, contract_size)
            numbers["bankruptcy_price"] = bankruptcy_price(pool, leg)
            numbers |= _distance(liquidation, leg.mark)
            margin_use = margin_use_of(pool.equity(), pool.requirement())
    return PositionReport(
        symbol=position.symbol,
        side=position.side,
        margin_mode=position.margin_mode,
        isolated_wallet=wallet,
        mark=mark,
        margin_use=margin_use,
        liquidation=liquidation,
        price_tick=holding.instrument.price_tick,
        rule=None if rule is None else RuleNote(rule.id, str(rule.valid_from), rule.evidence, rule.source),
        tiers=None if table is None else TierNote(table.source, table.as_of),
        **numbers,
    )


def _without_rules(holding: Holding) -> dict[str, Number]:
    """What size and mark tell by themselves, where the rest is not known."""
    if holding.size is None or holding.mark is None or holding.long_option:
        return {}
    position, inverse = holding.position, holding.instrument.kind == "inverse"
    worth, cost = (
        (Decimal(1) / holding.mark, Decimal(1) / position.entry_price)
        if inverse
        else (holding.mark, position.entry_price)
    )
    sign = -position.sign if inverse else position.sign
    return {"notional": holding.size * worth, "unrealised_pnl": sign * holding.size * (worth - cost)}


_FROM_POOL = ("displayed_price", "bankruptcy_price", "distance_fraction", "distance_quote")
_FIGURES = ("notional", "unrealised_pnl", "initial_margin", "maintenance_margin", *_FROM_POOL)


def _distance(liquidation: Liquidation, mark: Decimal) -> dict[str, Number]:
    if liquidation.price is None:
        unknown = Unknown(liquidation.because or "there is no liquidation price", liquidation.missing)
        return {"distance_fraction": unknown, "distance_quote": unknown}
    quote = abs(liquidation.price - mark)
    return {"distance_fraction": quote / mark, "distance_quote": quote}
