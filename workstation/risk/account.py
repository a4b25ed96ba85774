"""One account's pools: equity, requirement, and the first point where they meet along any joint move."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from heapq import merge

import msgspec

from workstation.domain.unknown import Unknown
from workstation.risk.curve import NOISE, Curve, sum_of
from workstation.risk.margin import Leg

_ZERO = Decimal(0)
_ONE = Decimal(1)


class AssetPart(msgspec.Struct, frozen=True, dict=True):
    """What settles in one asset: its wallet, its legs, and what one unit counts for in the pool's own asset.

    `gain` counts where wallet + profit is positive, `loss` where it is negative, `charge` for margins. All three are 1
    where the pool is in this asset itself.
    """

    asset: str
    wallet: Decimal
    legs: tuple[Leg, ...]
    gain: Decimal = _ONE
    loss: Decimal = _ONE
    charge: Decimal = _ONE

    @cached_property
    def equity(self) -> Decimal:
        """Wallet + unrealised profit at the marks, in this asset."""
        return self.wallet + sum((leg.profit_now for leg in self.legs), _ZERO)

    @cached_property
    def held(self) -> Decimal:
        """The requirement at the marks, in this asset."""
        return sum((leg.held_now for leg in self.legs), _ZERO)

    def counted(self, equity: Decimal) -> Decimal:
        return equity * (self.gain if equity >= 0 else self.loss)


class Pool(msgspec.Struct, frozen=True):
    """Legs that stand and fall together, and the wallets that carry them. An isolated position is a pool of its own."""

    asset: str
    parts: tuple[AssetPart, ...]

    @property
    def legs(self) -> tuple[Leg, ...]:
        return tuple(leg for part in self.parts for leg in part.legs)

    def equity(self) -> Decimal:
        return sum((part.counted(part.equity) for part in self.parts), _ZERO)

    def is_gone(self) -> bool:
        """The requirement has reached the equity at the marks."""
        requirement = self.requirement()
        return self.equity() - requirement <= NOISE * requirement

    def requirement(self) -> Decimal:
        """What is held against equity at the marks."""
        return sum((part.charge * part.held for part in self.parts), _ZERO)

    def maintenance(self) -> Decimal:
        """The venue's own maintenance figure at the marks."""
        charges = (part.charge * (leg.maintenance(leg.mark) or _ZERO) for part in self.parts for leg in part.legs)
        return sum(charges, _ZERO)


class Ray(msgspec.Struct, frozen=True):
    """A joint move: every symbol's and every asset's relative speed; a price at s is its mark x (1 + speed x s)."""

    symbols: Mapping[str, Decimal]
    assets: Mapping[str, Decimal] = {}

    def end(self) -> Decimal | None:
        """Where the first price reaches zero; None where none falls."""
        fastest = min((*self.symbols.values(), *self.assets.values()), default=_ZERO)
        return None if fastest >= 0 else -_ONE / fastest


def one_symbol(symbol: str, speed: int) -> Ray:
    """The ray on which only one contract moves, up (1) or down (-1)."""
    return Ray({symbol: Decimal(speed)})


class Beyond(msgspec.Struct, frozen=True):
    """Nothing is touched up to `at`, where a leg leaves its last known tier; behind it something may be."""

    at: Decimal
    because: Unknown


def first_touch(pool: Pool, ray: Ray, limit: Decimal | None = None) -> Decimal | Beyond | None:
    """The smallest s at which the requirement has reached the equity; None where none does up to `limit` or price 0.

    Exact: between the points where a leg changes its tier (or an asset's balance its sign) the difference is one curve.
    Beyond where it happens only above a leg's last tier, for which no source states a rate.
    """
    if pool.is_gone():
        return _ZERO
    price_end = ray.end()
    end = min((e for e in (limit, price_end) if e is not None), default=None)
    slack = Curve({})
    changes: list[Iterator[tuple[Decimal, Curve]]] = []
    beyond: tuple[Decimal, Leg] | None = None
    for part in pool.parts:
        speed = ray.assets.get(part.asset, _ZERO)
        moving = [(leg, ray.symbols[leg.symbol]) for leg in part.legs if ray.symbols.get(leg.symbol)]
        # legs that stand still are two numbers, however many they are
        still = [leg for leg in part.legs if not ray.symbols.get(leg.symbol)]
        own = Curve.constant(sum((leg.profit_now for leg in still), part.wallet))
        held = Curve.constant(sum((leg.held_now for leg in still), _ZERO))
        for leg, leg_speed in moving:
            own = own + _profit(leg, leg_speed)
            steps = _requirement_steps(leg, leg_speed)
            now = next(steps)[1]
            held = held + now
            changes.append(_changes(now, steps, -part.charge, speed))
            cap = _leaves_tiers_at(leg, leg_speed)
            if cap is not None and (beyond is None or cap < beyond[0]):
                beyond = (cap, leg)
        conversions = list(_conversion_steps(part, own, end))
        slack = slack + (own.scaled(conversions[0][1]) - held.scaled(part.charge)).along(speed)
        for (at, after), (_, before) in zip(conversions[1:], conversions, strict=False):
            changes.append(iter([(at, own.scaled(after - before).along(speed))]))

    s = _scan(slack, merge(*changes, key=lambda change: change[0]), end)
    if s is None or (price_end is not None and s >= price_end * (_ONE - NOISE)):
        return None
    if beyond is not None and s > beyond[0]:
        leg = beyond[1]
        because = Unknown(f"liquidated only where {leg.symbol} is above its last known tier", (leg.tiers_path,))
        return Beyond(beyond[0], because)
    return s


def _changes(
    now: Curve, later: Iterator[tuple[Decimal, Curve]], factor: Decimal, speed: Decimal
) -> Iterator[tuple[Decimal, Curve]]:
    """How the slack changes where the requirement goes over from one curve to the next."""
    for at, following in later:
        yield at, (following - now).scaled(factor).along(speed)
        now = following


def _scan(slack: Curve, changes: Iterator[tuple[Decimal, Curve]], end: Decimal | None) -> Decimal | None:
    """The first point where `slack`, with its changes in ascending order, is not above zero."""
    start = _ZERO
    change = next(changes, None)
    while True:
        while change is not None and change[0] <= start:
            slack = slack + change[1]
            change = next(changes, None)
        stop = end if change is None else change[0]
        if end is not None and (stop is None or stop > end):
            stop = end
        here = slack.at(start)
        zeros = slack.zeros(start, stop)
        if not here:
            # a jump that uses up the equity to the last digit, at a price that itself is still below the jump
            zeros = [zero for zero in zeros if zero > start]
            after = zeros[0] if zeros else stop
            here = slack.at(start + _ONE if after is None else (start + after) / 2)
        if here <= 0:
            return start
        if zeros:
            return zeros[0]
        if stop is None or stop == end:
            return None
        start = stop


def _profit(leg: Leg, speed: Decimal) -> Curve:
    x = Curve.price(leg.x(leg.mark), speed, -1 if leg.inverse else 1)
    return (x - Curve.constant(leg.x(leg.entry))).scaled(leg.slope)


def _requirement_steps(leg: Leg, speed: Decimal) -> Iterator[tuple[Decimal, Curve]]:
    """The requirement's curve from each s on, ascending; beyond the last tier its rate is carried on."""
    power = -1 if leg.inverse else 1
    value = leg.charged * leg.x(leg.mark)
    base = Curve.constant(leg.fixed) + Curve.price(leg.fee_rate * value, speed, power)
    if not leg.pieces:
        yield _ZERO, base
        return

    def curve(index: int) -> Curve:
        piece = leg.pieces[index]
        moving = Curve.price(piece.rate * value, speed, power) - Curve.constant(piece.amount)
        if piece.square:
            moving = moving + Curve.price(piece.square * value * value, speed, 2 * power)
        return base + moving

    index = leg.tier_index(leg.mark)
    index = len(leg.pieces) - 1 if index is None else index
    yield _ZERO, curve(index)
    if not speed or not value:
        return
    growing = (speed > 0) != leg.inverse
    while True:
        # going up a size leaves its tier above the cap, going down at the floor, which is the cap of the tier below
        edge = leg.pieces[index if growing else index - 1].cap if growing or index else None
        if edge is None or (growing and index + 1 == len(leg.pieces)):
            return
        ratio = edge / value
        at = ((_ONE / ratio if leg.inverse else ratio) - _ONE) / speed
        index += 1 if growing else -1
        yield max(at, _ZERO), curve(index)


def _leaves_tiers_at(leg: Leg, speed: Decimal) -> Decimal | None:
    if not leg.pieces or not speed or not leg.charged or (speed > 0) == leg.inverse:
        return None
    cap = leg.pieces[-1].cap
    if cap is None:
        return None
    ratio = cap / (leg.charged * leg.x(leg.mark))
    return ((_ONE / ratio if leg.inverse else ratio) - _ONE) / speed


def _conversion_steps(part: AssetPart, own: Curve, end: Decimal | None) -> Iterator[tuple[Decimal, Decimal]]:
    """What one unit of the asset counts for from each s on: it changes where wallet + profit changes its sign."""
    if part.gain == part.loss:
        yield _ZERO, part.gain
        return
    # where a price reaches zero the denominators do too: that end is no zero of the balance
    inside = None if end is None else end * (_ONE - NOISE)
    edges = [_ZERO, *(zero for zero in own.zeros(_ZERO, inside) if zero)]
    counted: Decimal | None = None
    for i, edge in enumerate(edges):
        after = edges[i + 1] if i + 1 < len(edges) else end
        between = edge + _ONE if after is None else (edge + after) / 2
        following = part.gain if own.at(between) >= 0 else part.loss
        if following != counted:
            yield edge, following
        counted = following


def equity_reaches(pool: Pool, symbol: str, target: Decimal) -> Decimal | None:
    """The price of one contract at which the pool's equity is `target`, all other prices frozen; None where none is.

    May be zero or negative where the algebra says so; the caller decides what that means.
    """
    for part in pool.parts:
        moving = [leg for leg in part.legs if leg.symbol == symbol]
        if not moving:
            continue
        others = sum((p.counted(p.equity) for p in pool.parts if p is not part), _ZERO)
        needed = sum_of(target, -others)
        counts = part.gain if needed >= 0 else part.loss
        slope = sum((leg.slope for leg in moving), _ZERO)
        if not slope or (not counts and needed):
            return None
        own = needed / counts if needed else _ZERO
        still = sum((leg.profit_now for leg in part.legs if leg.symbol != symbol), part.wallet)
        cost = sum((leg.slope * leg.x(leg.entry) for leg in moving), _ZERO)
        x = sum_of(own, sum_of(cost, -still)) / slope
        if moving[0].inverse:
            return _ONE / x if x else None
        return x
    return None
