"""Margin and liquidation price of 10 000 positions in one call, and one slider position over them."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from books import Book, book, rows_of
from harness import Row, Target, measure, report
from libraries import is_installed, with_ccxt, with_freqtrade
from pandas_forms import after, margins

from workstation.domain.instrument import Instrument
from workstation.domain.position import Account, Position
from workstation.domain.scenario import JointMove
from workstation.domain.tiers import MarginTier, TierTable
from workstation.market.view import MarketView
from workstation.notebook import margin_frame, prepared_columns
from workstation.risk.column_margin import liquidations, standing
from workstation.risk.engine import evaluate
from workstation.risk.report import RiskReport
from workstation.risk.rules import VenueRules
from workstation.venues.binance import USD_M

RULE = "binance-linear"
EXACT_ACCOUNTS = 10
CLOSE = 1e-9


def main() -> None:
    whole = book(500, 20)
    positions, wallets, tiers = whole.positions, whole.wallets, whole.tiers

    def ours() -> pd.DataFrame:
        return margin_frame(positions, wallets, tiers, rule=RULE, taker_fee_rate=0.0)

    answer = ours()
    check_equal(answer, margins(positions, wallets, tiers))
    in_one_call = measure(ours)
    columns = prepared_columns(positions, wallets, tiers, rule=RULE, taker_fee_rate=0.0)
    rows = [
        Row("`margin_frame`: DataFrame in, DataFrame out", in_one_call, "checks of the input included", is_ours=True),
        Row(
            "the same columns already prepared", measure(lambda: liquidations(columns)), "`column_margin.liquidations`"
        ),
        Row(
            "plain pandas", measure(lambda: margins(positions, wallets, tiers)), "equal to 1e-9; root and margins only"
        ),
    ]
    few = Book(positions[: EXACT_ACCOUNTS * 20], wallets[:EXACT_ACCOUNTS], tiers)
    exact = exact_call(few)
    check_exact(answer[: EXACT_ACCOUNTS * 20], exact())
    scaled = measure(exact).times(len(positions) / len(few.positions))
    rows.append(Row("our exact engine in Decimal", scaled, f"{len(few.positions)} positions, scaled; equal to 1e-9"))
    rows += library_rows(whole, answer)
    report(
        f"Margin of {len(positions):,} positions",
        rows,
        [Target("margin of 10 000 positions in one call", 25, in_one_call, "reference/performance.md, 10")],
    )

    rng = np.random.default_rng(2)
    moves = pd.Series(rng.normal(-0.08, 0.05, len(columns.symbols)), index=columns.symbols)
    steps = np.asarray(moves, np.float64)
    check_slider(columns_after(whole, moves), after(positions, wallets, tiers, moves))
    slider = measure(lambda: standing(columns, steps))
    report(
        f"One scenario over {len(positions):,} prepared positions (slider)",
        [
            Row(
                "`column_margin.standing` after moves", slider, "profit, requirement, equity, margin use", is_ours=True
            ),
            Row(
                "plain pandas",
                measure(lambda: after(positions, wallets, tiers, moves)),
                "cross accounts only; equal to 1e-9",
            ),
        ],
        [Target("10k positions x 1 scenario", 2, slider, "reference/performance.md, 5")],
    )


def columns_after(whole: Book, moves: pd.Series) -> pd.DataFrame:
    """Ours in the shape of the pandas form: equity and maintenance of each account's cross positions after the
    moves.
    """
    columns = prepared_columns(whole.positions, whole.wallets, whole.tiers, rule=RULE, taker_fee_rate=0.0)
    stood = standing(columns, np.asarray(moves.reindex(list(columns.symbols)), np.float64))
    names = whole.positions["account"].unique()
    cross = pd.unique(columns.pool[(whole.positions["margin_mode"] == "cross").to_numpy()])
    return pd.DataFrame(
        {"equity": stood.equity[cross], "maintenance": stood.pool_maintenance[cross]},
        index=names[columns.account[cross]],
    )


def check_slider(ours: pd.DataFrame, plain: pd.DataFrame) -> None:
    assert set(ours.index) == set(plain.index)
    theirs = plain.reindex(ours.index)
    for name in ("equity", "maintenance"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=CLOSE, atol=1e-6)


def check_equal(ours: pd.DataFrame, plain: pd.DataFrame) -> None:
    """The pandas form agrees on every figure that it computes."""
    for name, theirs in (
        ("maintenance_margin", "maintenance"),
        ("equity", "equity"),
        ("margin_use", "margin_use"),
        ("liquidation_price", "root"),
    ):
        np.testing.assert_allclose(ours[name].to_numpy(), plain[theirs].to_numpy(), rtol=CLOSE, atol=1e-9, err_msg=name)


def exact_call(some: Book, scenarios: Sequence[JointMove] = ()) -> Callable[[], RiskReport]:
    """A call of the exact engine on a book, everything that it reads already made."""
    tables = {
        str(symbol): TierTable(
            tuple(
                MarginTier(Decimal(repr(r.floor)), Decimal(repr(r.cap)), Decimal(repr(r.maintenance_rate)))
                for r in rows_of(rows)
            ),
            "benchmark",
            "benchmark",
        )
        for symbol, rows in some.tiers.groupby("symbol")
    }
    accounts = [
        Account(
            name=str(name),
            venue=USD_M.id,
            balances={"USDT": Decimal(repr(float(some.wallets[name])))},
            positions=tuple(
                Position(
                    symbol=p.symbol,
                    side=p.side,
                    entry_price=Decimal(repr(p.entry_price)),
                    quantity=Decimal(repr(p.quantity)),
                    margin_mode=p.margin_mode,
                    leverage=Decimal(repr(p.leverage)),
                )
                for p in rows_of(rows)
            ),
        )
        for name, rows in some.positions.groupby("account", sort=False)
    ]
    marks = {p.symbol: Decimal(repr(p.mark)) for p in rows_of(some.positions)}
    rules = VenueRules(
        venue=USD_M.id,
        rules=tuple(rule for rule in USD_M.rules if rule.id == RULE),
        instruments={symbol: Instrument(symbol, "linear", tiers=table) for symbol, table in tables.items()},
        collateral={},
        taker_fee_rate=None,
        ratio=None,
        as_of=date(2026, 1, 1),
    )
    market = MarketView({USD_M.id: marks})

    def call() -> RiskReport:
        return evaluate(market, accounts, scenarios, {USD_M.id: rules}, rules.as_of)

    return call


def check_exact(ours: pd.DataFrame, exact: RiskReport) -> None:
    positions = [position for account in exact.accounts for position in account.positions]
    prices = [float("nan") if p.liquidation.price is None else float(p.liquidation.price) for p in positions]
    assert list(ours["liquidation_status"]) == [p.liquidation.status for p in positions]
    np.testing.assert_allclose(ours["liquidation_price"].to_numpy(), prices, rtol=CLOSE)


def library_rows(whole: Book, answer: pd.DataFrame) -> list[Row]:
    """What the nearest public libraries take for a liquidation price of the same positions."""
    rows: list[Row] = []
    known = (answer["liquidation_status"] == "ok").to_numpy()
    isolated = (whole.positions["margin_mode"] == "isolated").to_numpy()
    first = whole.tiers.groupby("symbol")["cap"].min()
    in_first = answer["notional"].to_numpy() <= whole.positions["symbol"].map(first).to_numpy()
    tier = answer["tier_below"].fillna(answer["tier_above"]).to_numpy()
    root_in_first = tier == 1

    if is_installed("ccxt"):
        call = with_ccxt(whole.positions, whole.wallets, whole.tiers)
        same = known & isolated & in_first & root_in_first
        off = compare(call(), answer, same, isolated & known)
        note = f"equal on {same.sum()} isolated ones in the first tier{off}; for cross it sees no other position"
        rows.append(Row("ccxt `parse_account_position`", measure(call), note))
    else:
        rows.append(
            Row("ccxt `parse_account_position`", None, "ccxt is not installed; `python3 dev.py bench` installs it")
        )

    if is_installed("freqtrade"):
        alone = isolated & known
        call = with_freqtrade(whole.positions[isolated], whole.wallets, whole.tiers)
        mark_tier = tier_at_mark(whole)
        same = (known & (tier == mark_tier))[isolated]
        off = compare(call(), answer[isolated], same, alone[isolated])
        scaled = measure(call).times(len(whole.positions) / int(isolated.sum()))
        note = f"tier of today's notional: equal on {same.sum()} isolated ones whose price is in it{off}; scaled to all"
        rows.append(Row("freqtrade `dry_run_liquidation_price`", scaled, note))
    else:
        note = "freqtrade is not installed: 745 MB, and sdnotify has no wheel"
        rows.append(Row("freqtrade `dry_run_liquidation_price`", None, note))
    return rows


def tier_at_mark(whole: Book) -> np.ndarray:
    """The number of the tier that each position's notional is in."""
    tables = {str(symbol): np.asarray(rows["cap"], np.float64) for symbol, rows in whole.tiers.groupby("symbol")}
    sizes: list[tuple[str, float]] = [(p.symbol, p.quantity * p.mark) for p in rows_of(whole.positions)]
    return np.array([1 + np.count_nonzero(tables[symbol] < size) for symbol, size in sizes])


def compare(theirs: list[float | None], ours: pd.DataFrame, same: np.ndarray, claimed: np.ndarray) -> str:
    """Where a library claims the same thing it must agree; how far off it is elsewhere is said."""
    prices = np.array([np.nan if price is None else price for price in theirs], float)
    own = ours["liquidation_price"].to_numpy()
    np.testing.assert_allclose(prices[same], own[same], rtol=CLOSE)
    rest = claimed & ~same
    if not rest.any():
        return ""
    off = np.nanmax(np.abs(prices[rest] / own[rest] - 1))
    return f", up to {off:.1%} off on {rest.sum()} others"


if __name__ == "__main__":
    main()
