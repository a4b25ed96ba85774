"""From an account's positions to pools of legs, or to the reasons why that cannot be done."""

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal

import msgspec

from workstation.domain.collateral import Buffers
from workstation.domain.instrument import Instrument, parse_symbol
from workstation.domain.position import Account, Position
from workstation.domain.unknown import Unknown
from workstation.market.view import MarketView
from workstation.risk.account import AssetPart, Pool
from workstation.risk.margin import Leg, costed, entry_value, leg_of, size_of
from workstation.risk.rules import MarginRule, VenueRules

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One position with all that is known of it; the pool is an isolated position's own or the one that it shares."""

    position: Position
    where: str
    instrument: Instrument
    rule: MarginRule | None
    mark: Decimal | None
    size: Decimal | None
    taker: Decimal | None
    pool_asset: str | None
    leg: Leg | Unknown
    isolated_wallet: Decimal | Unknown | None = None
    long_option: bool = False


class Book(msgspec.Struct, frozen=True):
    """An account ready for arithmetic: its holdings in file order, cross pools by asset, isolated pools by index."""

    holdings: tuple[Holding, ...]
    pools: Mapping[str, Pool | Unknown]
    isolated: Mapping[int, Pool | Unknown]

    def pool_of(self, index: int) -> Pool | Unknown:
        holding = self.holdings[index]
        return self.isolated[index] if holding.pool_asset is None else self.pools[holding.pool_asset]


def book_of(
    account: Account, where: str, market: MarketView, rules: VenueRules, wanted: Container[int] | None = None
) -> Book:
    """Everything about one account that the risk functions need. `where` is its path in the portfolio file.

    `wanted` (None: all) are the positions of the pools that are asked for; of the others there are only the facts.
    """
    count = range(len(account.positions))
    facts = [_facts(account, i, where, market, rules) for i in count]
    asked = [wanted is None or i in wanted for i in count]
    holdings = tuple(
        _with_leg(fact, facts, account, rules) if own else fact for fact, own in zip(facts, asked, strict=True)
    )
    isolated = {i: _isolated_pool(h) for i, h in enumerate(holdings) if h.pool_asset is None and asked[i]}
    assets = dict.fromkeys(h.pool_asset for i, h in enumerate(holdings) if h.pool_asset is not None and asked[i])
    pools = {asset: _cross_pool(asset, holdings, account, where, market, rules) for asset in assets}
    return Book(holdings, pools, isolated)


def _facts(account: Account, index: int, where: str, market: MarketView, rules: VenueRules) -> Holding:
    position = account.positions[index]
    instrument = rules.instruments[position.symbol]
    rule = rules.rule(position.margin_mode, instrument.kind, account.collateral_mode)
    taker = account.taker_fee_rate if account.taker_fee_rate is not None else rules.taker_fee_rate
    cross_asset = "USD" if account.collateral_mode == "multi" else instrument.settle
    parts = parse_symbol(position.symbol)
    return Holding(
        position=position if isinstance(rule, Unknown) else costed(position, instrument, rule),
        where=f"{where}.positions[{index}]",
        instrument=instrument,
        rule=None if isinstance(rule, Unknown) else rule,
        mark=market.mark(account.venue, position.symbol),
        size=size_of(position, instrument),
        taker=taker,
        pool_asset=cross_asset if position.margin_mode == "cross" else None,
        leg=rule if isinstance(rule, Unknown) else Unknown("not computed yet"),
        long_option=parts is not None and parts.is_option and position.side == "long",
    )


def _with_leg(fact: Holding, facts: Sequence[Holding], account: Account, rules: VenueRules) -> Holding:
    leg = fact.leg if fact.rule is None and isinstance(fact.leg, Unknown) else _leg(fact, facts, account, rules)
    wallet = _isolated_wallet(fact) if fact.pool_asset is None else None
    return msgspec.structs.replace(fact, leg=leg, isolated_wallet=wallet)


def _leg(fact: Holding, facts: Sequence[Holding], account: Account, rules: VenueRules) -> Leg | Unknown:
    position, instrument, rule, venue = fact.position, fact.instrument, fact.rule, account.venue
    parts = parse_symbol(position.symbol)
    if parts is not None and parts.is_option:
        if position.side == "short":
            return Unknown("a short option has margin rules of its own, which are not modelled here")
        return Unknown("a long option needs no maintenance: at worst its premium is lost")
    if parts is not None and parts.is_quanto:
        return Unknown(f"{position.symbol} settles in a third currency, which is not modelled here")
    assert rule is not None  # noqa: S101  (the caller has asked)
    missing: list[tuple[str, str]] = []
    path = f"instruments.{venue}.{position.symbol}"
    if fact.mark is None:
        missing.append((f"no mark price for {position.symbol}", f"marks.{venue}.{position.symbol}"))
    if instrument.tiers is None and instrument.margin_model is None:
        since = f" on {rules.as_of}"
        missing.append((f"no maintenance tiers of {position.symbol} are known{since}", f"{path}.tiers"))
    contracts: Decimal | None = None
    if fact.size is None:
        missing.append((f"the contract size of {position.symbol} is not known", f"{path}.contract_size"))
    elif rule.tier_unit == "contracts" and instrument.tiers is not None and instrument.tiers.rows[0].cap is not None:
        contracts, uncounted = _contracts(fact, facts, account)
        missing += [
            (f"the contract size of {symbol} is not known, and its contracts count here", f"{place}.contract_size")
            for symbol in uncounted
            for place in (f"instruments.{venue}.{symbol}",)
        ]
    if fact.taker is None and rule.counts_taker_fee:
        account_path = fact.where.rpartition(".")[0]
        missing.append((f"the taker fee rate counts at {venue} and is not known", f"{account_path}.taker_fee_rate"))
    if missing:
        return Unknown("; ".join(text for text, _ in missing), tuple(place for _, place in missing))
    assert fact.size is not None  # noqa: S101  (said above)
    assert fact.mark is not None  # noqa: S101
    charged, tier_size = _hedged_sizes(fact, facts)
    leg = leg_of(
        position,
        instrument,
        rule,
        margin_mode=position.margin_mode,
        size=fact.size,
        mark=fact.mark,
        taker=fact.taker or _ZERO,
        charged=charged,
        tier_size=tier_size,
        contracts=contracts,
        tiers_path=f"{path}.tiers",
    )
    return Unknown(f"size above the last tier of {position.symbol}", (f"{path}.tiers",)) if leg is None else leg


def _twins(fact: Holding, facts: Sequence[Holding]) -> list[Holding]:
    """The cross legs of the same contract, this one among them."""
    symbol = fact.position.symbol
    return [f for f in facts if f.position.symbol == symbol and f.pool_asset is not None]


def _hedged_sizes(fact: Holding, facts: Sequence[Holding]) -> tuple[Decimal | None, Decimal | None]:
    """The charged size and the size that decides the tier, where the venue treats hedged legs specially."""
    rule, size = fact.rule, fact.size
    if rule is None or size is None or fact.pool_asset is None or rule.hedge == "sum":
        return None, None
    other = sum((f.size for f in _twins(fact, facts) if f is not fact and f.size is not None), _ZERO)
    if not other:
        return None, None
    if rule.hedge == "larger-tier":
        return None, max(size, other)
    net = abs(size - other)
    return (net if size > other else _ZERO), net


def _contracts(fact: Holding, facts: Sequence[Holding], account: Account) -> tuple[Decimal, list[str]]:
    """Contracts that decide the tier where a venue counts them, and the symbols whose contracts cannot be counted.

    In cross, futures of one base and kind count together over all expiries; in hedge mode longs and shorts apart.
    """
    together = [fact]
    if fact.pool_asset is not None:
        together = [f for f in facts if _counts_with(f, fact, account)]
    count, uncounted = _ZERO, dict[str, None]()
    for holding in together:
        own, size = holding.position.contracts, holding.instrument.contract_size
        if own is None and holding.position.quantity is not None and size is not None:
            own = holding.position.quantity / size
        if own is None:
            uncounted[holding.position.symbol] = None
        else:
            count += own
    return count, list(uncounted)


def _counts_with(other: Holding, fact: Holding, account: Account) -> bool:
    parts = parse_symbol(other.position.symbol)
    same = other.instrument.base == fact.instrument.base and other.instrument.kind == fact.instrument.kind
    apart = account.position_mode == "hedge" and other.position.side != fact.position.side
    is_option = parts is not None and parts.is_option
    return other.pool_asset is not None and same and not apart and not is_option


def _isolated_wallet(fact: Holding) -> Decimal | Unknown:
    position, rule = fact.position, fact.rule
    if position.isolated_wallet is not None:
        return position.isolated_wallet
    places = (f"{fact.where}.isolated_wallet", f"{fact.where}.leverage")
    if position.leverage is None:
        return Unknown("neither the isolated wallet nor the leverage is given", places)
    if fact.size is None:
        return Unknown("the contract size is not known")
    value = entry_value(position, fact.instrument, fact.size)
    if rule is not None and rule.opening_fee_from_wallet:
        if fact.taker is None:
            return Unknown("the opening fee leaves the margin here, and the taker fee rate is not known", places[:1])
        return value / position.leverage - value * fact.taker
    return value / position.leverage


def _isolated_pool(holding: Holding) -> Pool | Unknown:
    leg, wallet = holding.leg, holding.isolated_wallet
    unknown = [u for u in (leg, wallet) if isinstance(u, Unknown)]
    if unknown:
        return _joined(unknown)
    assert isinstance(leg, Leg)  # noqa: S101
    assert isinstance(wallet, Decimal)  # noqa: S101
    return Pool(leg.settle, (AssetPart(leg.settle, wallet, (leg,)),))


def _cross_pool(
    asset: str, holdings: Sequence[Holding], account: Account, where: str, market: MarketView, rules: VenueRules
) -> Pool | Unknown:
    members = [h for h in holdings if h.pool_asset == asset and not h.long_option]
    unknown = [h.leg for h in members if isinstance(h.leg, Unknown)]
    if account.collateral_mode == "single":
        wallet = (account.balances or {}).get(asset)
        if wallet is None:
            unknown.append(Unknown(f"the wallet balance in {asset} is not given", (f"{where}.balances.{asset}",)))
        if unknown:
            return _joined(unknown)
        legs = tuple(h.leg for h in members if isinstance(h.leg, Leg))
        return Pool(asset, (AssetPart(asset, wallet or _ZERO, legs),))
    if account.balances is None:
        unknown.append(Unknown("the wallet balances are not given", (f"{where}.balances",)))
    if _nets_underlyings(members):
        because = f"{account.venue} nets longs and shorts of one underlying, which is not modelled here"
        unknown.append(Unknown(because))
    named = [*(account.balances or {}), *(h.instrument.settle for h in members)]
    assets: dict[str, None] = dict.fromkeys(named)
    parts = [_asset_part(a, members, account, market, rules) for a in assets]
    unknown += [part for part in parts if isinstance(part, Unknown)]
    if unknown:
        return _joined(unknown)
    return Pool(asset, tuple(part for part in parts if isinstance(part, AssetPart)))


def _asset_part(
    asset: str, members: Sequence[Holding], account: Account, market: MarketView, rules: VenueRules
) -> AssetPart | Unknown:
    """One asset of a multi-asset pool, converted to USD (Binance FAQ "Margin Ratio in the Multi-Assets Mode")."""
    venue = account.venue
    price = market.collateral_price(venue, asset)
    rule = rules.collateral.get(asset)
    missing: list[tuple[str, str]] = []
    if price is None:
        missing.append((f"no collateral price of {asset}", f"collateral_prices.{asset}"))
    if rule is None:
        missing.append((f"what {venue} counts {asset} for as collateral is not known", f"collateral.{venue}.{asset}"))
    if price is None or rule is None:
        return Unknown("; ".join(text for text, _ in missing), tuple(place for _, place in missing))
    legs = tuple(h.leg for h in members if isinstance(h.leg, Leg) and h.instrument.settle == asset)
    wallet = (account.balances or {}).get(asset, _ZERO)
    if isinstance(rule, Buffers):
        bid, ask = price * (_ONE - rule.bid_buffer), price * (_ONE + rule.ask_buffer)
        return AssetPart(asset, wallet, legs, bid, ask, ask)
    return AssetPart(asset, wallet, legs, price * (_ONE - rule.haircut), price, price)


def _nets_underlyings(members: Sequence[Holding]) -> bool:
    """Some underlying is held both ways under a rule that nets it."""
    sides: dict[str, set[str]] = {}
    for holding in members:
        if holding.rule is not None and holding.rule.nets_underlyings:
            sides.setdefault(holding.instrument.base, set()).add(holding.position.side)
    return any(len(both) > 1 for both in sides.values())


def _joined(unknown: Sequence[Unknown]) -> Unknown:
    because = dict.fromkeys(u.because for u in unknown)
    missing = dict.fromkeys(place for u in unknown for place in u.missing)
    return Unknown("; ".join(because), tuple(missing))
