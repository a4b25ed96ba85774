"""Maintenance and initial margin of one leg, over a venue's tiers.

A leg's value in its settle asset is size x x, where x is the price (linear) or one over the price (inverse;
the size is then the face in the quote currency). Over x, profit is a straight line and maintenance a sequence of
pieces; both are built once here, and everything venue-specific ends here.
"""

from decimal import ROUND_CEILING, Decimal
from functools import cached_property

import msgspec

from workstation.domain.instrument import Instrument
from workstation.domain.position import MarginMode, Position
from workstation.domain.tiers import LinearInSize, TierTable
from workstation.risk.rules import MarginRule

_ZERO = Decimal(0)
_ONE = Decimal(1)
# a size within this relative distance above a cap was put there by rounding of the price that it was computed from
_EDGE = Decimal("1e-35")
SATOSHI = Decimal("1e-8")


class Piece(msgspec.Struct, frozen=True):
    """Maintenance on values up to `cap` (None: no end): rate x value - amount + square x value^2."""

    cap: Decimal | None
    rate: Decimal
    amount: Decimal
    square: Decimal = _ZERO

    def on(self, value: Decimal) -> Decimal:
        return self.rate * value - self.amount + self.square * value * value


class Leg(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One position as numbers.

    `size`: base units (linear) or face in quote (inverse). `charged`: the part of it that maintenance is charged on;
    `tier_size`: the size that decides the tier. `pieces` are over the value of `charged`; `fixed` is a requirement that
    no price moves (entry-based maintenance, a closing fee fixed at entry); `reserved_fee` is a closing fee that is held
    on top of the isolated margin and so cancels against it; `fee_rate` is charged on the value at the price.
    """

    symbol: str
    base: str
    settle: str
    sign: int
    inverse: bool
    size: Decimal
    entry: Decimal
    mark: Decimal
    charged: Decimal
    tier_size: Decimal
    pieces: tuple[Piece, ...]
    fixed: Decimal = _ZERO
    reserved_fee: Decimal = _ZERO
    fee_rate: Decimal = _ZERO
    fee_in_maintenance: bool = True
    fixed_tier: int | None = None
    tiers_path: str = ""

    def x(self, price: Decimal) -> Decimal:
        return _ONE / price if self.inverse else price

    @property
    def slope(self) -> Decimal:
        """Profit per unit of x."""
        return self.size * (-self.sign if self.inverse else self.sign)

    def profit(self, price: Decimal) -> Decimal:
        """Unrealised profit at a price, in the settle asset."""
        return self.slope * (self.x(price) - self.x(self.entry))

    @cached_property
    def profit_now(self) -> Decimal:
        """Unrealised profit at the mark."""
        return self.profit(self.mark)

    @cached_property
    def held_now(self) -> Decimal:
        """The requirement at the mark, where every leg of a pool has one."""
        return self.requirement(self.mark) or _ZERO

    def value(self, price: Decimal) -> Decimal:
        """Notional at a price, in the settle asset."""
        return self.size * self.x(price)

    def tier_index(self, price: Decimal) -> int | None:
        """Index of the piece at a price; None above the last cap."""
        value = self.charged * self.x(price)
        for i, piece in enumerate(self.pieces):
            if piece.cap is None or value <= piece.cap * (_ONE + _EDGE):
                return i
        return None

    def tier(self, price: Decimal) -> int | None:
        """The leg's tier at a price, from 1; None without tiers or above the last."""
        if self.fixed_tier is not None:
            return self.fixed_tier or None
        index = self.tier_index(price)
        return None if index is None else index + 1

    def moving_requirement(self, price: Decimal) -> Decimal | None:
        """The part of the requirement that depends on the price; None above the last tier."""
        value = self.charged * self.x(price)
        fee = self.fee_rate * value
        if not self.pieces:
            return fee
        index = self.tier_index(price)
        return None if index is None else self.pieces[index].on(value) + fee

    def requirement(self, price: Decimal) -> Decimal | None:
        """What the venue holds against equity for this leg at a price; None above the last tier."""
        moving = self.moving_requirement(price)
        return None if moving is None else moving + self.fixed

    def maintenance(self, price: Decimal) -> Decimal | None:
        """The venue's own maintenance figure at a price; None above the last tier."""
        requirement = self.requirement(price)
        if requirement is None:
            return None
        fee_apart = _ZERO if self.fee_in_maintenance else self.fee_rate * self.charged * self.x(price)
        return requirement + self.reserved_fee - fee_apart


def size_of(position: Position, instrument: Instrument) -> Decimal | None:
    """Base units (linear) or face in quote (inverse); None where the contract size is needed and unknown."""
    if position.contracts is None:
        return position.quantity
    return None if instrument.contract_size is None else position.contracts * instrument.contract_size


def costed(position: Position, instrument: Instrument, rule: MarginRule) -> Position:
    """The position at the entry that the venue books: BitMEX rounds a contract's cost up to whole satoshi."""
    if not rule.whole_satoshi or instrument.kind != "inverse" or instrument.contract_size is None:
        return position
    satoshi = (instrument.contract_size / position.entry_price / SATOSHI).to_integral_value(ROUND_CEILING)
    return msgspec.structs.replace(position, entry_price=instrument.contract_size / (satoshi * SATOSHI))


def entry_value(position: Position, instrument: Instrument, size: Decimal) -> Decimal:
    """Notional at the entry price, in the settle asset."""
    return size / position.entry_price if instrument.kind == "inverse" else size * position.entry_price


def closing_fee(
    position: Position, rule: MarginRule, value_at_entry: Decimal, taker: Decimal, inverse: bool
) -> Decimal:
    """A closing fee fixed at entry, in the settle asset; zero where the rule has none or the leverage is not given.

    Bybit: taker x value at the bankruptcy price of the entry (help centre, "Order cost"); BitMEX and KuCoin: taker x
    (cost + initial margin).
    """
    if rule.closing_fee == "at-entry-bankruptcy":
        if position.leverage is None:
            return _ZERO
        toward = position.sign if inverse else -position.sign
        return value_at_entry * (_ONE + toward / position.leverage) * taker
    if rule.closing_fee == "on-cost-and-initial":
        initial = value_at_entry / position.leverage if position.leverage else _ZERO
        return (value_at_entry + initial) * taker
    return _ZERO


def initial_margin(
    leg: Leg, position: Position, instrument: Instrument, rule: MarginRule, taker: Decimal
) -> Decimal | None:
    """What the venue asks to open: value / leverage, at mark or entry by its rule; None without leverage."""
    model = instrument.margin_model
    at = leg.mark if rule.initial_at == "mark" else leg.entry
    if model is not None:
        value = leg.value(at)
        coins = value if leg.inverse else leg.size
        return value * (model.initial_base + model.initial_slope_per_coin * coins)
    if position.leverage is None:
        return None
    fee = closing_fee(position, rule, leg.value(leg.entry), taker, leg.inverse) if rule.initial_has_fee else _ZERO
    return leg.value(at) / position.leverage + fee


def pieces_of(
    source: TierTable | LinearInSize, rule: MarginRule, *, charged: Decimal, tier_size: Decimal, inverse: bool
) -> tuple[Piece, ...]:
    """Maintenance over the value of `charged`, where the tier is that of `tier_size`."""
    if isinstance(source, LinearInSize):
        slope = source.maintenance_slope_per_coin
        if inverse:  # coins = value, so the rate rises with the value itself
            return (Piece(None, source.maintenance_base, _ZERO, slope),)
        return (Piece(None, source.maintenance_base + slope * charged, _ZERO),)
    amounts = source.amounts(marginal=rule.tier_form == "marginal")
    share = charged / tier_size if tier_size else _ZERO
    return tuple(
        Piece(None if row.cap is None else row.cap * share, row.maintenance_rate, amount * share)
        for row, amount in zip(source.rows, amounts, strict=True)
    )


def leg_of(
    position: Position,
    instrument: Instrument,
    rule: MarginRule,
    *,
    margin_mode: MarginMode,
    size: Decimal,
    mark: Decimal,
    taker: Decimal,
    charged: Decimal | None = None,
    tier_size: Decimal | None = None,
    contracts: Decimal | None = None,
    tiers_path: str = "",
) -> Leg | None:
    """The leg as numbers; None where its size is above the last tier at the price that decides it.

    `charged` and `tier_size` default to the whole size; `contracts` is what a venue that counts contracts counts;
    `tiers_path` is where the portfolio file would state the tiers.
    """
    inverse = instrument.kind == "inverse"
    charged = size if charged is None else charged
    tier_size = size if tier_size is None else tier_size
    source = instrument.tiers or instrument.margin_model
    if source is None:
        raise ValueError(f"{position.symbol} has no tiers")
    pieces = pieces_of(source, rule, charged=charged, tier_size=tier_size, inverse=inverse)
    fixed_tier: int | None = 0 if instrument.tiers is None else None
    value_at_entry = entry_value(position, instrument, size)
    share = charged / size
    fee = closing_fee(position, rule, value_at_entry, taker, inverse) * share
    reserved = rule.fee_reserved and margin_mode == "isolated"

    if instrument.tiers is not None and rule.tier_unit == "contracts":
        fixed_tier = instrument.tiers.tier_of(contracts) if contracts is not None else 1
    elif instrument.tiers is not None and rule.basis in ("entry", "root-entry-tier"):
        fixed_tier = instrument.tiers.tier_of(entry_value(position, instrument, tier_size))
    if fixed_tier is None and (rule.tier_unit == "contracts" or rule.basis in ("entry", "root-entry-tier")):
        if charged:
            return None
        fixed_tier = 1  # a hedged leg on which nothing is charged is never too large
    if fixed_tier:
        chosen = pieces[fixed_tier - 1]
        pieces = (Piece(None, chosen.rate, chosen.amount, chosen.square),)

    leg = Leg(
        symbol=position.symbol,
        base=instrument.base,
        settle=instrument.settle,
        sign=position.sign,
        inverse=inverse,
        size=size,
        entry=position.entry_price,
        mark=mark,
        charged=charged,
        tier_size=tier_size,
        pieces=pieces,
        fixed=_ZERO if reserved else fee,
        reserved_fee=fee if reserved else _ZERO,
        fee_rate=taker if rule.closing_fee == "at-price" else _ZERO,
        fee_in_maintenance=rule.fee_in_maintenance,
        fixed_tier=fixed_tier,
        tiers_path=tiers_path,
    )
    frozen_at = {"entry": position.entry_price, "frozen-mark": mark}.get(rule.basis)
    if frozen_at is None:
        return leg if leg.tier_index(mark) is not None else None
    held = leg.moving_requirement(frozen_at)
    if held is None:
        return None
    tier = leg.tier(frozen_at) or 0
    return msgspec.structs.replace(leg, pieces=(), fee_rate=_ZERO, fixed=leg.fixed + held, fixed_tier=tier)
