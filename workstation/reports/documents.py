"""A RiskReport as the JSON documents of the public contract."""

import json

from workstation.domain.unknown import Unknown
from workstation.reports.numbers import plain
from workstation.risk.report import (
    AccountReport,
    PoolReport,
    PositionReport,
    RiskReport,
    StressedAccount,
    StressedPosition,
    StressReport,
    VenueRatio,
)


def margin_document(report: RiskReport, as_of: str | None = None) -> dict[str, object]:
    """`workstation margin FILE --json`; `as_of` is the moment as the file states it, else the day of the rules."""
    return {
        "version": 1,
        "as_of": as_of or report.as_of,
        "accounts": [_account(account) for account in report.accounts],
    }


def stress_document(stress: StressReport) -> dict[str, object]:
    """`workstation stress FILE --scenario S --json`."""
    return {
        "version": 1,
        "scenario": {"name": stress.name, "source": stress.source},
        "survives": stress.survives,
        "accounts": [_stressed_account(account) for account in stress.accounts],
    }


def as_text(document: dict[str, object]) -> str:
    """One JSON document, readable."""
    return json.dumps(document, indent=2, ensure_ascii=False)


_NO_POOL: dict[str, object] = {
    "asset": None,
    "equity": None,
    "initial_margin": None,
    "maintenance_margin": None,
    "margin_use": None,
    "venue_ratio": None,
}


def _account(account: AccountReport) -> dict[str, object]:
    worst = account.worst_pool
    return {
        "name": account.name,
        "venue": account.venue,
        **(_NO_POOL if worst is None else _pool(worst)),
        "pools": [_pool(pool) for pool in account.pools],
        "positions": [_position(position) for position in account.positions],
    }


def _pool(pool: PoolReport) -> dict[str, object]:
    return {
        "asset": pool.asset,
        "equity": plain(pool.equity),
        "initial_margin": plain(pool.initial_margin),
        "maintenance_margin": plain(pool.maintenance_margin),
        "margin_use": plain(pool.margin_use),
        "venue_ratio": None if pool.venue_ratio is None else _ratio(pool.venue_ratio),
    }


def _ratio(ratio: VenueRatio) -> dict[str, object]:
    return {
        "label": ratio.label,
        "value": plain(ratio.value),
        "liquidates_at": plain(ratio.liquidates_at),
        "rising_is_bad": ratio.rising_is_bad,
    }


def _position(position: PositionReport) -> dict[str, object]:
    found, rule, tiers = position.liquidation, position.rule, position.tiers
    return {
        "symbol": position.symbol,
        "side": position.side,
        "margin_mode": position.margin_mode,
        "isolated_wallet": plain(position.isolated_wallet),
        "mark": plain(position.mark),
        "notional": plain(position.notional),
        "unrealised_pnl": plain(position.unrealised_pnl),
        "initial_margin": plain(position.initial_margin),
        "maintenance_margin": plain(position.maintenance_margin),
        "liquidation": {
            "status": found.status,
            "price": plain(found.price),
            "because": found.because,
            "missing": list(found.missing),
            "roots": [{"price": plain(r.price), "direction": r.direction, "tier": r.tier} for r in found.roots],
        },
        "displayed_price": plain(position.displayed_price),
        "bankruptcy_price": plain(position.bankruptcy_price),
        "distance": {"fraction": plain(position.distance_fraction), "quote": plain(position.distance_quote)},
        "rule": None
        if rule is None
        else {"id": rule.id, "valid_from": rule.valid_from, "evidence": rule.evidence, "source": rule.source},
        "tiers": None if tiers is None else {"source": tiers.source, "as_of": tiers.as_of},
    }


def _stressed_account(account: StressedAccount) -> dict[str, object]:
    first = account.first_liquidation
    return {
        "name": account.name,
        "asset": account.asset,
        "equity_before": plain(account.equity_before),
        "equity_after": plain(account.equity_after),
        "margin_use_after": plain(account.margin_use_after),
        "joint_distance": {
            "multiple": plain(account.multiple),
            "moves": {symbol: plain(move) for symbol, move in account.moves.items()},
            "because": account.multiple.because if isinstance(account.multiple, Unknown) else None,
            "missing": list(account.multiple.missing) if isinstance(account.multiple, Unknown) else [],
        },
        "first_liquidation": None
        if first is None
        else {"symbol": first.symbol, "at_multiple": plain(first.multiple), "at_step": None, "time": None},
        "events": [_event(position) for position in account.positions if position.liquidated],
        "positions": [_stressed_position(position) for position in account.positions],
    }


def _event(position: StressedPosition) -> dict[str, object]:
    return {
        "step": None,
        "time": None,
        "kind": "liquidation",
        "symbol": position.symbol,
        "side": position.side,
        "quantity": plain(position.quantity),
        "price": plain(position.liquidation_mark),
        "loss": plain(position.loss),
    }


def _stressed_position(position: StressedPosition) -> dict[str, object]:
    return {
        "symbol": position.symbol,
        "side": position.side,
        "mark_after": plain(position.mark_after),
        "pnl": plain(position.pnl),
        "distance_after": plain(position.distance_after),
        "liquidated": position.liquidated,
    }
