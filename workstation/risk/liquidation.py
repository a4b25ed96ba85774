"""Liquidation prices: every root of one contract, all other prices frozen, and what the venue shows of it."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from workstation.domain.unknown import Number, Unknown
from workstation.risk.account import Beyond, Pool, Ray, equity_reaches, first_touch, one_symbol
from workstation.risk.curve import NOISE
from workstation.risk.margin import SATOSHI, Leg
from workstation.risk.report import Direction, Liquidation, Root, Status
from workstation.risk.rules import MarginRule

GONE = "the requirement has reached the equity at the mark"
NO_PRICE = "no price of this contract liquidates it"
NOT_CONFIRMED = "the rule is documented by the venue, but no published figure confirms it"
NEVER_BANKRUPT = "no positive price of this contract uses up the equity"
_ONE = Decimal(1)


def liquidation_of(pool: Pool, leg: Leg, rule: MarginRule) -> Liquidation:
    """Where this leg is liquidated when only its own contract moves.

    At most one root on each side of the mark: what lies behind the first one comes too late.
    """
    if pool.is_gone():
        return Liquidation("liquidatable", because=GONE)
    roots: list[Root] = []
    beyond: Unknown | None = None
    sides: tuple[tuple[Direction, int], ...] = (("below", -1), ("above", 1))
    for direction, speed in sides:
        s = first_touch(pool, one_symbol(leg.symbol, speed))
        if isinstance(s, Beyond):
            beyond = s.because
        elif s is not None:
            price = leg.mark * (_ONE + speed * s)
            roots.append(Root(price, direction, leg.tier(price)))
    if not roots:
        if beyond is not None:
            return Liquidation("insufficient", because=beyond.because, missing=beyond.missing)
        return Liquidation("none", because=NO_PRICE)
    nearest = min(roots, key=lambda root: _away(root.price - leg.mark))
    status: Status = "ok" if rule.evidence == "verified" else "estimate"
    because = None if status == "ok" else NOT_CONFIRMED
    return Liquidation(status, nearest.price, because, (), tuple(roots))


def bankruptcy_price(pool: Pool, leg: Leg) -> Number:
    """The price at which the pool's equity is nothing, only this contract moving; unrounded."""
    price = equity_reaches(pool, leg.symbol, Decimal(0))
    if price is None or price <= 0:
        return Unknown(NEVER_BANKRUPT)
    return price


def displayed_price(
    pool: Pool,
    leg: Leg,
    rule: MarginRule,
    liquidation: Liquidation,
    tick: Decimal | None,
    contract_size: Decimal | None,
) -> Number:
    """What the venue's own screen would show for this root."""
    price = liquidation.price
    if price is None:
        return Unknown(liquidation.because or "there is no liquidation price", liquidation.missing)
    match rule.displayed:
        case "root":
            return price
        case "frozen-mark":
            return _or_unknown(equity_reaches(pool, leg.symbol, pool.requirement()))
        case "ratio":
            return _at_common_ratio(pool, leg)
        case "tick" | "one-tick" | "satoshi-tick":
            if tick is None:
                return price
            upward = price < leg.mark  # toward the market
            if rule.displayed == "one-tick":
                return price + tick if upward else price - tick
            if rule.displayed == "satoshi-tick" and leg.inverse and contract_size is not None:
                price = _whole_satoshi(price, contract_size, upward=upward)
            return _to_tick(price, tick, upward=upward)


def _to_tick(price: Decimal, tick: Decimal, *, upward: bool) -> Decimal:
    steps = price / tick
    nearest = steps.to_integral_value()
    # a root that stands on a tick up to the rounding of our own arithmetic stands on it
    if abs(steps - nearest) <= abs(steps) * Decimal("1e-40"):
        return nearest * tick
    return steps.to_integral_value(ROUND_CEILING if upward else ROUND_FLOOR) * tick


def _whole_satoshi(price: Decimal, contract_size: Decimal, *, upward: bool) -> Decimal:
    """BitMEX: the value of one contract is a whole number of satoshi, rounded toward the market too."""
    satoshi = (contract_size / price / SATOSHI).to_integral_value(ROUND_FLOOR if upward else ROUND_CEILING)
    return contract_size / (satoshi * SATOSHI) if satoshi else price


def _at_common_ratio(pool: Pool, leg: Leg) -> Number:
    """Deribit's `estimated_liquidation_ratio`: one r for all futures of the pool, nearest to 1; price = r x mark."""
    symbols = {other.symbol for other in pool.legs}
    found: list[Decimal] = []
    for speed in (-_ONE, _ONE):
        s = first_touch(pool, Ray(dict.fromkeys(symbols, speed)))
        if isinstance(s, Decimal):
            found.append(speed * s)
    if not found:
        return Unknown("no common ratio of all futures of the pool liquidates it")
    return leg.mark * (_ONE + min(found, key=_away))


def _away(step: Decimal) -> Decimal:
    """How far a step leads away; of two that are equally far but for their last digits the one down comes first."""
    return abs(step) * (_ONE + NOISE) if step > 0 else abs(step)


def _or_unknown(price: Decimal | None) -> Number:
    return Unknown("the venue's frozen estimate has no price here") if price is None else price
