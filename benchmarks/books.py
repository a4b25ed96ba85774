"""Made-up books of positions for the benchmarks: accounts, contracts with tier tables, wallets; the same on every
run.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

TIERS = 10


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame as tuples with names."""
    return list(frame.itertuples())


@dataclass(frozen=True)
class Book:
    """Frames as `workstation.notebook` takes them: one row a position, one wallet an account, one row a tier."""

    positions: pd.DataFrame
    wallets: pd.Series
    tiers: pd.DataFrame


def book(accounts: int, each: int, *, contracts: int = 300, isolated: float = 0.3, seed: int = 1) -> Book:
    """`accounts` of `each` different linear contracts, longs and shorts, of 1,000 to 300,000 USDT, in or out of profit.

    Tier tables are of Binance's kind: marginal, ten tiers, rates from 0.4 % to tens of per cent, caps that about
    double.
    """
    rng = np.random.default_rng(seed)
    symbols = np.array([f"C{i:03d}/USDT:USDT" for i in range(contracts)], object)
    prices = np.round(10 ** rng.uniform(-1, 4.5, contracts), 4)
    caps = np.cumsum(
        np.round(10 ** rng.uniform(4, 5.3, (TIERS, contracts)), -2) * 2.0 ** np.arange(TIERS)[:, None], axis=0
    )
    floors = np.vstack([np.zeros(contracts), caps[:-1]])
    rates = np.round(0.004 + np.cumsum(rng.uniform(0.0005, 0.02, (TIERS, contracts)), axis=0), 4)
    amounts = np.zeros_like(rates)
    for k in range(1, TIERS):
        amounts[k] = amounts[k - 1] + floors[k] * (rates[k] - rates[k - 1])
    tiers = pd.DataFrame(
        {
            "symbol": np.tile(symbols, TIERS),
            "floor": floors.ravel(),
            "cap": caps.ravel(),
            "maintenance_rate": rates.ravel(),
            "maintenance_amount": amounts.ravel(),
        }
    )

    count = accounts * each
    own = np.concatenate([rng.choice(contracts, each, replace=False) for _ in range(accounts)])
    mark = prices[own]
    value = 10 ** rng.uniform(3, 5.5, count)
    names = np.array([f"account {i:04d}" for i in range(accounts)], object)
    positions = pd.DataFrame(
        {
            "account": np.repeat(names, each),
            "symbol": symbols[own],
            "side": np.where(rng.random(count) < 0.6, "long", "short"),
            "quantity": value / mark,
            "entry_price": mark * rng.uniform(0.93, 1.07, count),
            "mark": mark,
            "margin_mode": np.where(rng.random(count) < isolated, "isolated", "cross"),
            "leverage": rng.choice([2.0, 3.0, 5.0, 10.0], count),
        }
    )
    gross = value.reshape(accounts, each).sum(axis=1)
    wallets = pd.Series(gross * rng.uniform(0.08, 0.5, accounts), index=names)
    return Book(positions, wallets, tiers)
