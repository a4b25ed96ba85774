"""Writes the desk as a portfolio file, version 1, so that reading it back gives the same desk."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from workstation.desk.state import DeskState
from workstation.domain.collateral import Buffers, CollateralRule
from workstation.domain.instrument import InstrumentOverride
from workstation.domain.position import Account, Order, Position

_T = TypeVar("_T")


def write_portfolio(state: DeskState) -> bytes:
    """The file's bytes: UTF-8, amounts as decimal strings, keys that say nothing left out."""
    document = _said(
        {
            "version": 1,
            "as_of": state.as_of,
            "accounts": [_account(account) for account in state.accounts],
            "instruments": _nested(state.instruments, _instrument),
            "marks": _nested(state.marks, _text),
            "collateral_prices": {
                asset: _text(price) if isinstance(price, Decimal) else _texts(price)
                for asset, price in state.collateral_prices.items()
            },
            "collateral": _nested(state.collateral, _collateral),
            "betas": _texts(state.betas),
        }
    )
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _texts(values: Mapping[str, Decimal]) -> dict[str, str | None]:
    return {name: _text(value) for name, value in values.items()}


def _said(members: Mapping[str, object]) -> dict[str, object]:
    """Without members that say nothing; an empty list or object of accounts or balances says something."""
    silent = {"instruments", "marks", "collateral_prices", "collateral", "betas", "orders", "holdings"}
    return {k: v for k, v in members.items() if v is not None and not (k in silent and not v)}


def _nested(outer: Mapping[str, Mapping[str, _T]], write: Callable[[_T], object]) -> dict[str, dict[str, object]]:
    return {key: {name: write(value) for name, value in members.items()} for key, members in outer.items()}


def _account(account: Account) -> dict[str, object]:
    return _said(
        {
            "name": account.name,
            "venue": account.venue,
            "position_mode": account.position_mode,
            "collateral_mode": account.collateral_mode,
            "taker_fee_rate": _text(account.taker_fee_rate),
            "balances": None if account.balances is None else _texts(account.balances),
            "positions": [_position(position) for position in account.positions],
            "orders": [_order(order) for order in account.orders],
            "holdings": _texts(account.holdings),
        }
    )


def _position(position: Position) -> dict[str, object]:
    stop = position.stop
    return _said(
        {
            "symbol": position.symbol,
            "side": position.side,
            "quantity": _text(position.quantity),
            "contracts": _text(position.contracts),
            "entry_price": _text(position.entry_price),
            "margin_mode": position.margin_mode,
            "leverage": _text(position.leverage),
            "isolated_wallet": _text(position.isolated_wallet),
            "stop": None if stop is None else {"price": _text(stop.price), "trigger": stop.trigger},
            "implied_volatility": _text(position.implied_volatility),
        }
    )


def _order(order: Order) -> dict[str, object]:
    return _said(
        {
            "symbol": order.symbol,
            "side": order.side,
            "quantity": _text(order.quantity),
            "contracts": _text(order.contracts),
            "price": _text(order.price),
            "reduce_only": order.reduce_only,
        }
    )


def _instrument(instrument: InstrumentOverride) -> dict[str, object]:
    model = instrument.margin_model
    rows = None if instrument.tiers is None else instrument.tiers.rows
    return _said(
        {
            "kind": instrument.kind,
            "contract_size": _text(instrument.contract_size),
            "price_tick": _text(instrument.price_tick),
            "expiry": None if instrument.expiry is None else instrument.expiry.isoformat(),
            "class": instrument.asset_class,
            "tiers": None
            if rows is None
            else [
                {
                    "floor": _text(row.floor),
                    "cap": _text(row.cap),
                    **_said(
                        {
                            "maintenance_rate": _text(row.maintenance_rate),
                            "maintenance_amount": _text(row.maintenance_amount),
                            "max_leverage": _text(row.max_leverage),
                        }
                    ),
                }
                for row in rows
            ],
            "margin_model": None
            if model is None
            else {
                "kind": "linear-in-size",
                "initial_base": _text(model.initial_base),
                "initial_slope_per_coin": _text(model.initial_slope_per_coin),
                "maintenance_base": _text(model.maintenance_base),
                "maintenance_slope_per_coin": _text(model.maintenance_slope_per_coin),
            },
        }
    )


def _collateral(rule: CollateralRule) -> dict[str, object]:
    if isinstance(rule, Buffers):
        return {"bid_buffer": _text(rule.bid_buffer), "ask_buffer": _text(rule.ask_buffer)}
    return {"haircut": _text(rule.haircut)}
