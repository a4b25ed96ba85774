"""The plain pandas form of the same work, as a careful user would write it for Binance USD-M: vectorised, no loop
over rows.

One-way positions with one settle asset, marginal tiers at the liquidation price, no fee: the rule `binance-linear`.
"""

import numpy as np
import pandas as pd


def margins(positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame) -> pd.DataFrame:
    """Maintenance, equity, margin use and liquidation price of each position, by row."""
    p = positions.reset_index(drop=True)
    p["row"] = p.index
    p["sign"] = np.where(p["side"] == "long", 1.0, -1.0)
    p["notional"] = p["quantity"] * p["mark"]
    p["pnl"] = p["sign"] * p["quantity"] * (p["mark"] - p["entry_price"])
    p = _with_tier(p, tiers)
    p["maintenance"] = p["notional"] * p["maintenance_rate"] - p["maintenance_amount"]

    is_cross = p["margin_mode"] == "cross"
    p["pool"] = np.where(is_cross, p["account"], p["row"])
    p["wallet"] = np.where(is_cross, p["account"].map(wallets), p["quantity"] * p["entry_price"] / p["leverage"])
    sums = p.groupby("pool", sort=False)[["pnl", "maintenance"]].transform("sum")
    p["equity"] = p["wallet"] + sums["pnl"]
    p["margin_use"] = np.where(p["equity"] > 0, sums["maintenance"] / p["equity"], np.nan)

    # the venue's formula in every tier; the root is the one that lies in its own tier
    p["frozen"] = p["wallet"] + (sums["pnl"] - p["pnl"]) - (sums["maintenance"] - p["maintenance"])
    own = ["row", "symbol", "sign", "quantity", "entry_price", "frozen"]
    c = p[own].merge(tiers, on="symbol")
    numerator = c["frozen"] + c["maintenance_amount"] - c["sign"] * c["quantity"] * c["entry_price"]
    c["root"] = numerator / (c["quantity"] * (c["maintenance_rate"] - c["sign"]))
    size = c["root"] * c["quantity"]
    roots = c[(size > c["floor"]) & (size <= c["cap"]) & (c["root"] > 0)].set_index("row")["root"]

    p = p.set_index("row")
    p["root"] = roots
    p["root"] = p["root"].where(sums["maintenance"].to_numpy() < p["equity"])
    return p[["maintenance", "equity", "margin_use", "root"]]


def after(positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame, moves: pd.Series) -> pd.DataFrame:
    """Equity and maintenance of each account's cross positions after relative moves per symbol (one slider
    position).
    """
    p = positions[positions["margin_mode"] == "cross"].copy()
    p["price"] = p["mark"] * (1 + p["symbol"].map(moves))
    p["notional"] = p["quantity"] * p["price"]
    p["pnl"] = np.where(p["side"] == "long", 1.0, -1.0) * p["quantity"] * (p["price"] - p["entry_price"])
    p = _with_tier(p, tiers)
    p["maintenance"] = p["notional"] * p["maintenance_rate"] - p["maintenance_amount"]
    sums = p.groupby("account")[["pnl", "maintenance"]].sum()
    return pd.DataFrame({"equity": wallets.reindex(sums.index) + sums["pnl"], "maintenance": sums["maintenance"]})


def joint_by_bisection(
    positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame, moves: pd.Series, most: float
) -> pd.Series:
    """Each account's multiple of the joint move, by bisection over all accounts at once; NaN where none is within
    reach.

    The slack is concave along the move, so it falls through zero once; the last step interpolates.
    """
    p = positions.copy()
    p["sign"] = np.where(p["side"] == "long", 1.0, -1.0)
    p["move"] = p["symbol"].map(moves)

    def slack(multiple: pd.Series) -> pd.Series:
        q = p[["account", "symbol", "sign", "quantity", "entry_price"]].copy()
        q["price"] = p["mark"] * (1 + p["account"].map(multiple) * p["move"])
        q["notional"] = q["quantity"] * q["price"]
        q = _with_tier(q, tiers)
        q["slack"] = q["sign"] * q["quantity"] * (q["price"] - q["entry_price"]) - (
            q["notional"] * q["maintenance_rate"] - q["maintenance_amount"]
        )
        return wallets + q.groupby("account")["slack"].sum()

    low = pd.Series(0.0, index=wallets.index)
    high = _end_of_prices(p, most).reindex(wallets.index)
    reached = slack(high) <= 0
    already = slack(low) <= 0
    for _ in range(40):
        middle = (low + high) / 2
        above = slack(middle) > 0
        low, high = low.mask(above, middle), high.mask(~above, middle)
    at_low, at_high = slack(low), slack(high)
    multiple = low + (high - low) * at_low / (at_low - at_high)
    return multiple.where(reached).mask(already, 0.0)


def joint_by_breakpoints(
    positions: pd.DataFrame, wallets: pd.Series, tiers: pd.DataFrame, moves: pd.Series, most: float
) -> pd.Series:
    """The same exactly: every point at which a position changes its tier, in order, and running sums of line pieces."""
    p = positions.copy()
    p["sign"] = np.where(p["side"] == "long", 1.0, -1.0)
    p["move"] = p["symbol"].map(moves)
    p["notional"] = p["quantity"] * p["mark"]
    p = _with_tier(p, tiers)
    p["level"] = p["sign"] * p["quantity"] * (p["mark"] - p["entry_price"])
    p["level"] -= p["notional"] * p["maintenance_rate"] - p["maintenance_amount"]
    p["slope"] = p["notional"] * p["move"] * (p["sign"] - p["maintenance_rate"])
    start = p.groupby("account")[["level", "slope"]].sum()
    start["level"] += wallets
    start["at"] = 0.0

    t = tiers.sort_values(["symbol", "floor"])
    below = t.groupby("symbol", sort=False)
    t = t.assign(
        rate_step=t["maintenance_rate"] - below["maintenance_rate"].shift(),
        amount_step=t["maintenance_amount"] - below["maintenance_amount"].shift(),
    ).dropna(subset=["rate_step"])
    e = p[["account", "symbol", "notional", "move"]].merge(
        t[["symbol", "floor", "rate_step", "amount_step"]], on="symbol"
    )
    e["at"] = (e["floor"] / e["notional"] - 1) / e["move"]
    end = _end_of_prices(p, most)
    e = e[(e["at"] > 0) & (e["at"] < e["account"].map(end))]
    down = np.where(e["move"] > 0, -1.0, 1.0)
    e["level"] = down * (e["rate_step"] * e["notional"] - e["amount_step"])
    e["slope"] = down * e["rate_step"] * e["notional"] * e["move"]
    s = pd.concat([start.reset_index(), e[["account", "at", "level", "slope"]]])
    s = s.sort_values(["account", "at"], ignore_index=True)
    s[["level", "slope"]] = s.groupby("account")[["level", "slope"]].cumsum()
    s["until"] = s.groupby("account")["at"].shift(-1).fillna(s["account"].map(end))
    s["zero"] = -s["level"] / s["slope"]
    hit = s[(s["slope"] < 0) & (s["zero"] <= s["until"])]
    multiple = hit.groupby("account")["zero"].first().clip(lower=0.0).reindex(wallets.index)
    return multiple.mask((start["level"] <= 0).reindex(wallets.index), 0.0)


def _end_of_prices(p: pd.DataFrame, most: float) -> pd.Series:
    """Where each account's first price reaches zero, or the end of the range."""
    fastest = p.groupby("account")["move"].min()
    return (-1 / fastest.where(fastest < 0)).clip(upper=most).fillna(most)


def _with_tier(p: pd.DataFrame, tiers: pd.DataFrame) -> pd.DataFrame:
    """Rows with the tier that their notional is in (floor < notional <= cap), in their order."""
    by_size = p.sort_values("notional")
    found = pd.merge_asof(
        by_size,
        tiers.sort_values("floor")[["symbol", "floor", "maintenance_rate", "maintenance_amount"]],
        left_on="notional",
        right_on="floor",
        by="symbol",
        allow_exact_matches=False,
    )
    found.index = by_size.index
    return found.sort_index().fillna({"maintenance_rate": 0.0, "maintenance_amount": 0.0})  # nothing left of a notional
