"""Where the engine's report and the oracle's answer differ, in words."""

from decimal import Decimal
from fractions import Fraction

from tests.kit import oracle
from workstation.risk.report import PositionReport, RiskReport

CLOSE = Fraction(1, 10**12)


def near(ours: object, exact: Fraction | None, scale: Fraction | None = None) -> bool:
    """Equal to 1e-12 of the number (or of `scale`); a number that is not known equals None."""
    if exact is oracle.UNSAID:
        return True
    if exact is None or not isinstance(ours, Decimal):
        return exact is None and not isinstance(ours, Decimal)
    return abs(Fraction(ours) - exact) <= CLOSE * max(abs(exact), scale or 0)


def differences(report: RiskReport, answers: list[oracle.Account]) -> list[str]:
    """Empty where they agree."""
    found: list[str] = []

    def check(what: str, ours: object, exact: Fraction | None, scale: Fraction | None = None) -> None:
        if not near(ours, exact, scale):
            found.append(f"{what} is {ours}, the oracle says {None if exact is None else float(exact)!r}")

    for account, answer in zip(report.accounts, answers, strict=True):
        for ours, exact in zip(account.positions, answer.positions, strict=True):
            where = f"{ours.symbol}.{ours.side}.{ours.margin_mode}"
            check(f"{where}.notional", ours.notional, exact.notional)
            check(f"{where}.unrealised_pnl", ours.unrealised_pnl, exact.profit, exact.notional)
            check(f"{where}.maintenance_margin", ours.maintenance_margin, exact.maintenance, exact.notional)
            if exact.initial_is_said:
                check(f"{where}.initial_margin", ours.initial_margin, exact.initial)
            check(f"{where}.isolated_wallet", ours.isolated_wallet, exact.isolated_wallet)
            found += _liquidation(where, ours, exact)
        if {pool.asset for pool in account.pools} != set(answer.pools):
            found.append(f"pools are {[pool.asset for pool in account.pools]}, the oracle says {list(answer.pools)}")
            continue
        for pool in account.pools:
            exact = answer.pools[pool.asset]
            scale = exact.pool.gross() if exact.pool else None
            check(f"{pool.asset}.equity", pool.equity, exact.equity, scale)
            check(f"{pool.asset}.pool_maintenance", pool.maintenance_margin, exact.maintenance, scale)
            if all(p.initial_is_said for p in answer.positions):
                check(f"{pool.asset}.pool_initial", pool.initial_margin, exact.initial, scale)
            check(f"{pool.asset}.margin_use", pool.margin_use, exact.margin_use)
            ratio, use = pool.venue_ratio, exact.margin_use
            if ratio is not None and use is not None and use > 0:
                check(f"{pool.asset}.venue_ratio", ratio.value, use if ratio.rising_is_bad else 1 / use)
    return found


def _liquidation(where: str, ours: PositionReport, exact: oracle.Position) -> list[str]:
    found: list[str] = []
    status = {"ok": "found", "estimate": "found"}.get(ours.liquidation.status, ours.liquidation.status)
    if status != exact.status:
        return [
            f"{where}.status is {ours.liquidation.status} ({ours.liquidation.because}), the oracle says {exact.status}"
        ]
    roots = ours.liquidation.roots
    if len(roots) != len(exact.roots):
        return [f"{where}.roots are {roots}, the oracle says {exact.roots}"]
    for root, (price, direction, tier) in zip(roots, exact.roots, strict=True):
        if not near(root.price, price):
            found.append(f"{where}.root is {root.price}, the oracle says {float(price)!r}")
        if root.direction != direction:
            found.append(f"{where}.direction is {root.direction}, the oracle says {direction}")
        if root.tier != tier and exact.leg is not None and exact.leg.charged:
            found.append(f"{where}.tier is {root.tier} at {root.price}, the oracle says {tier}")
    for name, value in (
        ("price", exact.price),
        ("displayed_price", exact.displayed),
        ("bankruptcy_price", exact.bankruptcy),
    ):
        own = ours.liquidation.price if name == "price" else getattr(ours, name)
        if not near(own, value):
            found.append(f"{where}.{name} is {own}, the oracle says {None if value is None else float(value)!r}")
    if exact.price is not None and exact.leg is not None:
        if not near(ours.distance_quote, abs(exact.price - exact.leg.mark), exact.price):
            found.append(f"{where}.distance_quote is {ours.distance_quote}")
        if not near(ours.distance_fraction, abs(exact.price - exact.leg.mark) / exact.leg.mark, Fraction(1)):
            found.append(f"{where}.distance_fraction is {ours.distance_fraction}")
    elif isinstance(ours.distance_quote, Decimal) or isinstance(ours.distance_fraction, Decimal):
        found.append(f"{where}.distance is {ours.distance_quote} without a price")
    return found
