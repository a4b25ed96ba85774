"""Joint distance of 1 000 accounts of 20 positions: how many times a joint move each stands."""

from decimal import Decimal

import numpy as np
import pandas as pd
from bench_margin import exact_call
from books import Book, book
from harness import Row, Target, measure, report
from pandas_forms import joint_by_bisection, joint_by_breakpoints

from workstation.domain.instrument import parse_symbol
from workstation.domain.scenario import JointMove
from workstation.notebook import joint_distance_frame, prepared_columns
from workstation.risk.column_margin import MOST, joint_distance

RULE = "binance-linear"
EXACT_ACCOUNTS = 10
CLOSE = 1e-9


def main() -> None:
    whole = book(1000, 20, isolated=0.0)
    positions, wallets, tiers = whole.positions, whole.wallets, whole.tiers
    rng = np.random.default_rng(3)
    symbols = tiers["symbol"].unique()
    moves = pd.Series(np.round(rng.normal(-0.06, 0.05, len(symbols)), 4), index=symbols)
    by_base = {base_of(str(symbol)): float(move) for symbol, move in moves.items()}

    def ours() -> pd.DataFrame:
        return joint_distance_frame(positions, by_base, wallets, tiers, rule=RULE, taker_fee_rate=0.0)

    answer = ours()["joint_distance_multiple"]
    for form in (joint_by_bisection, joint_by_breakpoints):
        plain = form(positions, wallets, tiers, moves, MOST).reindex(answer.index)
        np.testing.assert_allclose(answer.to_numpy(), plain.to_numpy(), rtol=CLOSE, err_msg=form.__name__)
    in_one_call = measure(ours)
    columns = prepared_columns(positions, wallets, tiers, rule=RULE, taker_fee_rate=0.0)
    steps = np.asarray(moves.reindex(list(columns.symbols)), np.float64)
    prepared = measure(lambda: joint_distance(columns, steps))
    few = Book(positions[: EXACT_ACCOUNTS * 20], wallets[:EXACT_ACCOUNTS], tiers)
    exact = exact_call(few, [JointMove("benchmark", "benchmark", {b: Decimal(repr(m)) for b, m in by_base.items()})])
    multiples = [account.multiple for account in exact().stress[0].accounts]
    numbers = [float(m) if isinstance(m, Decimal) else np.nan for m in multiples]
    np.testing.assert_allclose(answer[:EXACT_ACCOUNTS].to_numpy(), numbers, rtol=CLOSE)
    # the exact stress report says much more: every position after the move, and today's margins
    scaled = measure(exact).times(len(wallets) / EXACT_ACCOUNTS)

    found = int(answer.notna().sum())
    report(
        f"Joint distance of {len(wallets):,} accounts x 20 positions",
        [
            Row(
                "`joint_distance_frame`: DataFrame in, DataFrame out",
                in_one_call,
                f"{found} are liquidated",
                is_ours=True,
            ),
            Row("the same columns already prepared", prepared, "`column_margin.joint_distance`"),
            Row(
                "plain pandas, breakpoints and running sums",
                measure(lambda: joint_by_breakpoints(positions, wallets, tiers, moves, MOST)),
                "equal to 1e-9",
            ),
            Row(
                "plain pandas, bisection",
                measure(lambda: joint_by_bisection(positions, wallets, tiers, moves, MOST)),
                "40 halvings and an interpolation; equal to 1e-9",
            ),
            Row(
                "our exact engine in Decimal", scaled, f"{EXACT_ACCOUNTS} accounts, scaled; whole stress report; equal"
            ),
            Row("nearest public library", None, "none computes it: ccxt and freqtrade move one contract at a time"),
        ],
        [Target("1 000 accounts x 20 positions in one call", 50, in_one_call, "twice the margin of 10 000 positions")],
    )


def base_of(symbol: str) -> str:
    parts = parse_symbol(symbol)
    assert parts is not None
    return parts.base


if __name__ == "__main__":
    main()
