"""The nearest public libraries that compute a liquidation price, called on the benchmark's own positions.

ccxt (MIT, in requirements.lock): `binanceusdm.parse_account_position` computes the price itself from brackets and
wallet. freqtrade (GPL-3.0): `Binance.dry_run_liquidation_price`. Not in requirements.lock: 745 MB installed, and one
of its dependencies (sdnotify) has no wheel. `pip install freqtrade` into .venv-bench to see its row. Benchmarks only:
the program imports neither.
"""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from books import rows_of

Prices = Callable[[], list[float | None]]


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def with_ccxt(positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame) -> Prices:
    """A call that gives each position's price by ccxt, from rows such as Binance's account endpoint sends."""
    ccxt: Any = importlib.import_module("ccxt")
    exchange = ccxt.binanceusdm()
    exchange.options["leverageBrackets"] = {
        symbol: [[repr(floor), repr(rate)] for floor, rate in zip(rows["floor"], rows["maintenance_rate"], strict=True)]
        for symbol, rows in tiers.groupby("symbol")
    }
    markets: dict[str, dict[str, object]] = {
        str(symbol): {
            "id": symbol,
            "symbol": symbol,
            "linear": True,
            "inverse": False,
            "contract": True,
            "contractSize": 1.0,
            "precision": {"price": 1e-12},
        }
        for symbol in tiers["symbol"].unique()
    }
    rows: list[tuple[dict[str, object], dict[str, object]]] = []
    for p in rows_of(positions):
        isolated = p.margin_mode == "isolated"
        sign = 1 if p.side == "long" else -1
        cost = p.quantity * p.entry_price
        wallet = cost / p.leverage if isolated else wallets[p.account]
        row: dict[str, object] = {
            "symbol": p.symbol,
            "positionSide": "BOTH",
            "positionAmt": _text(sign * p.quantity),
            "entryPrice": _text(p.entry_price),
            "notional": _text(sign * p.quantity * p.mark),
            "unrealizedProfit": _text(sign * p.quantity * (p.mark - p.entry_price)),
            "initialMargin": _text(p.quantity * p.mark / p.leverage),
            "maintMargin": "1",
            "leverage": _text(p.leverage),
            "isolated": isolated,
            "isolatedWallet": _text(wallet),
            "crossWalletBalance": _text(wallet),
            "crossMargin": _text(wallet),
            "updateTime": 0,
        }
        rows.append((row, markets[p.symbol]))

    def prices() -> list[float | None]:
        return [exchange.parse_account_position(row, market)["liquidationPrice"] for row, market in rows]

    return prices


def with_freqtrade(positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame) -> Prices:
    """A call that gives each isolated position's price by freqtrade, outside its bot (no exchange is asked)."""
    binance: Any = importlib.import_module("freqtrade.exchange.binance").Binance
    enums: Any = importlib.import_module("freqtrade.enums")
    exchange = binance.__new__(binance)
    exchange.close = lambda: None  # it was never opened
    exchange._config = {"runmode": enums.RunMode.BACKTEST}
    exchange.trading_mode = enums.TradingMode.FUTURES
    exchange.margin_mode = enums.MarginMode.ISOLATED
    exchange._leverage_tiers = {
        symbol: [
            {"minNotional": floor, "maintenanceMarginRate": rate, "maintAmt": amount}
            for floor, rate, amount in zip(
                rows["floor"], rows["maintenance_rate"], rows["maintenance_amount"], strict=True
            )
        ]
        for symbol, rows in tiers.groupby("symbol")
    }
    calls: list[dict[str, Any]] = [
        {
            "pair": p.symbol,
            "open_rate": p.entry_price,
            "is_short": p.side == "short",
            "amount": p.quantity,
            # it looks the tier up by what it calls the stake amount; the notional is what the tier is of
            "stake_amount": p.quantity * p.mark,
            "leverage": p.leverage,
            "wallet_balance": p.quantity * p.entry_price / p.leverage,
            "open_trades": [],
        }
        for p in rows_of(positions)
    ]

    def prices() -> list[float | None]:
        return [exchange.dry_run_liquidation_price(**call) for call in calls]

    return prices


def _text(value: float) -> str:
    return np.format_float_positional(value, trim="-")
