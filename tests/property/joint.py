"""Where the engine's joint distance and the oracle's differ, in words."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.kit import oracle, portfolios
from workstation.domain.scenario import JointMove

CLOSE = Fraction(1, 10**12)


def random_move(rng: Random) -> JointMove:
    """A move of all coins together, of some, or of every coin its own way; sometimes of a dollar too."""
    sizes = ("-0.5", "-0.2", "-0.1", "-0.03", "0", "0.05", "0.1", "0.4", "1")
    if rng.randint(0, 9) < 3:
        named = {}
    else:
        named = {base: Decimal(rng.choice(sizes)) for base in portfolios.BASES if rng.randint(0, 9) < 8}
    if rng.randint(0, 9) < 2:
        named["USDT"] = Decimal(rng.choice(("-0.05", "0.02")))
    return JointMove("random", "test", named, Decimal(rng.choice(sizes)))


def joint_differences(portfolio: Mapping[str, Any], move: JointMove) -> tuple[list[str], str]:
    """Empty where they agree, and which kind of answer it was."""
    report = portfolios.report_of(portfolio, move)
    ours = report.stress[0].accounts[0]
    account = oracle.read(portfolio)[0]
    same = oracle.Move({a: Fraction(m) for a, m in move.moves.items()}, Fraction(move.others))
    units = [pool.pool for pool in account.pools.values()]
    units += [
        p.pool
        for p, q in zip(account.positions, report.accounts[0].positions, strict=True)
        if q.margin_mode == "isolated"
    ]
    pools = [pool for pool in units if pool is not None]
    end = oracle.stretch_of(pools, same)
    touches = [oracle.first_touch_along(pool, same, end) for pool in pools]
    if len(pools) < len(units) or oracle.BEYOND in touches:
        found = (
            [] if not isinstance(ours.multiple, Decimal) else [f"multiple is {ours.multiple}, the oracle lacks facts"]
        )
        if oracle.BEYOND in touches and found:
            # a touch shorter than a step of the oracle may come first
            found = _unless_it_touches(found, pools, same, Fraction(ours.multiple))  # type: ignore[arg-type]
        return found, "unknown"
    first = min((t for t in touches if t is not None), default=None)
    if not isinstance(ours.multiple, Decimal):
        if first is None:
            return [], "none"
        return [f"multiple is {ours.multiple}, the oracle says {float(first)}"], "found"
    exact = Fraction(ours.multiple)
    found = [f"multiple is {ours.multiple}, the oracle says {None if first is None else float(first)}"]
    if first is None or exact < first - CLOSE * max(1, first):
        return _unless_it_touches(found, pools, same, exact), "found"
    return (found if exact > first + CLOSE * max(1, first) else []), "found"


def _unless_it_touches(found: list[str], pools: list[oracle.Pool], move: oracle.Move, multiple: Fraction) -> list[str]:
    """Nothing wrong where some pool's equity is no more than its requirement at this multiple, or just behind it."""
    for pool in pools:
        for at in (multiple, multiple * (1 + Fraction(1, 10**20))):
            try:
                if oracle.slack_along(pool, move, at) <= pool.gross() / 10**20:
                    return []
            except oracle.TooLarge:
                pass
    return found
