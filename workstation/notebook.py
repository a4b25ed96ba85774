"""The Python API for notebooks: portfolio files and DataFrames in, DataFrames out.

Two ways in. A portfolio file: `read` it, then `margin`, `pools`, `stress` give the exact engine's figures as frames.
Or a DataFrame of positions of one venue, thousands of them: `margin_frame` and `joint_distance_frame` give the same
figures in float64, in one call; what float64 columns cannot carry they hand to the exact engine, and say so in the
column `engine`.

Money is in the settle asset, prices in the quote currency, rates and moves are fractions (0.05 is 5 %). A figure that
cannot be known is NaN, and `because` says why. Input that is wrong raises `BadInput` with every place and the mend.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

from workstation.assessment import assess
from workstation.desk.portfolio_file import LARGEST_FILE, read_portfolio
from workstation.desk.shock import read_shock
from workstation.desk.state import DeskState
from workstation.domain.instrument import parse_symbol
from workstation.domain.parsing import parse_moment
from workstation.domain.problem import BadInput, Problem
from workstation.domain.scenario import JointMove
from workstation.domain.tiers import LinearInSize, TierTable
from workstation.domain.unknown import Number, Unknown
from workstation.risk.column_exact import exact_reports
from workstation.risk.column_input import (
    Faults,
    TierRows,
    brackets_of,
    check_legs,
    check_sizes,
    contract_sizes,
    rows_of_tables,
    rule_of_each,
    together,
)
from workstation.risk.column_margin import (
    INSUFFICIENT,
    LEFT_OUT,
    LIQUIDATABLE,
    NONE,
    OK,
    STATES,
    joint_distance,
    liquidations,
    standing,
)
from workstation.risk.column_rules import Held, Listed, Ruled, ruled
from workstation.risk.columns import OF_THE_LEG, Bools, Columns, Floats, Ints, because
from workstation.risk.report import AccountReport, PositionReport, StressedAccount, StressReport
from workstation.risk.rules import MarginRule, VenueRules
from workstation.venues import BY_ID, VENUES
from workstation.venues.in_force import rules_in_force

__all__ = [
    "BadInput",
    "joint_distance_frame",
    "margin",
    "margin_frame",
    "pools",
    "prepared_columns",
    "read",
    "stress",
    "stress_accounts",
]

Tiers = pd.DataFrame | Mapping[str, "TierTable | LinearInSize | pd.DataFrame"]
Wallets = pd.Series | pd.DataFrame | Mapping[str, float]


# --- portfolio files --------------------------------------------------------------------------------------------------


def read(source: str | os.PathLike[str] | bytes) -> DeskState:
    """The desk of a portfolio file: a path, or the file's bytes. Raises BadInput with every fault and its place.

    >>> desk = read(b'{"version": 1, "accounts": []}')
    >>> desk.accounts
    ()
    """
    if isinstance(source, bytes):
        return read_portfolio(source)
    try:
        with Path(source).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        problem = Problem(str(source), f"cannot be read: {error.strerror or error}; check the name")
        raise BadInput((problem,)) from error
    return read_portfolio(data)


def margin(desk: DeskState, *, on: date | None = None) -> pd.DataFrame:
    """One row a position, by the exact engine: what `workstation margin FILE --json` says, as floats.

    Columns are named as there, with `_` for what is nested (`liquidation_price`, `distance_fraction`, `rule_id`); each
    of the two sides has its root (`root_below`, `root_above`), and `missing` joins the paths of missing facts.
    `on` replaces the day whose venue rules apply.

    >>> from workstation.packaged import resources
    >>> desk = read((resources() / "samples" / "sample-account.json").read_bytes())
    >>> margin(desk)[["symbol", "liquidation_status", "liquidation_price"]].round(2)
              symbol liquidation_status  liquidation_price
    0  BTC/USDT:USDT                 ok           90763.05
    1  ETH/USDT:USDT                 ok            3537.69
    """
    rows = [
        {"account": account.name, "venue": account.venue, **_position_row(position)}
        for account in assess(desk, on=on).accounts
        for position in account.positions
    ]
    return pd.DataFrame(rows, columns=[*_ACCOUNT, *_POSITION])


def pools(desk: DeskState, *, on: date | None = None) -> pd.DataFrame:
    """One row a pool of cross positions that share a wallet, by the exact engine.

    `margin_use` = requirement / equity, so 1 is liquidation everywhere; `venue_ratio` is the venue's own figure (NaN
    where it shows none), which liquidates at 1 too, from below or above as `venue_ratio_rising_is_bad` says.

    >>> from workstation.packaged import resources
    >>> desk = read((resources() / "samples" / "sample-account.json").read_bytes())
    >>> pools(desk)[["account", "asset", "equity", "maintenance_margin", "margin_use"]]
      account asset   equity  maintenance_margin  margin_use
    0  SAMPLE  USDT  10000.0               800.0        0.08
    """
    rows = [
        {
            "account": account.name,
            "venue": account.venue,
            "asset": pool.asset,
            "equity": _number(pool.equity),
            "initial_margin": _number(pool.initial_margin),
            "maintenance_margin": _number(pool.maintenance_margin),
            "margin_use": _number(pool.margin_use),
            "venue_ratio": np.nan if pool.venue_ratio is None else _number(pool.venue_ratio.value),
            "venue_ratio_label": None if pool.venue_ratio is None else pool.venue_ratio.label,
            "venue_ratio_rising_is_bad": None if pool.venue_ratio is None else pool.venue_ratio.rising_is_bad,
            "because": _reason(pool.equity, pool.margin_use),
        }
        for account in assess(desk, on=on).accounts
        for pool in account.pools
    ]
    return pd.DataFrame(rows, columns=[*_ACCOUNT, *_POOL])


def stress(desk: DeskState, scenario: str) -> pd.DataFrame:
    """One row a position after a joint move of all marks: "BTC=-0.10,ETH=-0.13,*=-0.15", relative, per base asset.

    `pnl` is the change from today's mark; `liquidated`: on the way, at `price` with `loss`. `stress_accounts` has what
    each account stands.

    >>> from workstation.packaged import resources
    >>> desk = read((resources() / "samples" / "sample-account.json").read_bytes())
    >>> stress(desk, "BTC=-0.10,ETH=-0.13")[["symbol", "mark_after", "pnl", "liquidated"]]
              symbol  mark_after      pnl  liquidated
    0  BTC/USDT:USDT     90000.0 -10000.0        True
    1  ETH/USDT:USDT      3480.0 -10400.0        True
    """
    rows = [
        {
            "account": account.name,
            "symbol": row.symbol,
            "side": row.side,
            "mark_after": _number(row.mark_after),
            "pnl": _number(row.pnl),
            "distance_after": _number(row.distance_after),
            "liquidated": row.liquidated,
            "quantity": _number(row.quantity),
            "price": _number(row.liquidation_mark),
            "loss": _number(row.loss),
            "because": _reason(row.mark_after, row.pnl, row.distance_after),
        }
        for account in _stress(desk, scenario).accounts
        for row in account.positions
    ]
    return pd.DataFrame(rows, columns=["account", *_STRESSED])


def stress_accounts(desk: DeskState, scenario: str) -> pd.DataFrame:
    """One row an account under a joint move; `joint_distance_multiple` is how many times the move it stands.

    >>> from workstation.packaged import resources
    >>> desk = read((resources() / "samples" / "sample-account.json").read_bytes())
    >>> stress_accounts(desk, "BTC=-0.10,ETH=-0.13")[["account", "joint_distance_multiple", "survives"]].round(4)
      account  joint_distance_multiple  survives
    0  SAMPLE                    0.453     False
    """
    rows = [
        {
            "account": account.name,
            "asset": account.asset,
            "equity_before": _number(account.equity_before),
            "equity_after": _number(account.equity_after),
            "margin_use_after": _number(account.margin_use_after),
            "joint_distance_multiple": _number(account.multiple),
            "first_liquidation_symbol": None if account.first_liquidation is None else account.first_liquidation.symbol,
            "survives": account.survives,
            "because": _reason(account.multiple),
        }
        for account in _stress(desk, scenario).accounts
    ]
    return pd.DataFrame(rows, columns=_STRESSED_ACCOUNT)


_ACCOUNT = ["account", "venue"]
_POSITION = [
    "symbol",
    "side",
    "margin_mode",
    "isolated_wallet",
    "mark",
    "notional",
    "unrealised_pnl",
    "initial_margin",
    "maintenance_margin",
    "margin_use",
    "liquidation_status",
    "liquidation_price",
    "root_below",
    "root_above",
    "tier_below",
    "tier_above",
    "displayed_price",
    "bankruptcy_price",
    "distance_fraction",
    "distance_quote",
    "because",
    "missing",
    "rule_id",
    "rule_valid_from",
    "rule_evidence",
    "tiers_source",
    "tiers_as_of",
]
_POOL = [
    "asset",
    "equity",
    "initial_margin",
    "maintenance_margin",
    "margin_use",
    "venue_ratio",
    "venue_ratio_label",
    "venue_ratio_rising_is_bad",
    "because",
]
_STRESSED = [
    "symbol",
    "side",
    "mark_after",
    "pnl",
    "distance_after",
    "liquidated",
    "quantity",
    "price",
    "loss",
    "because",
]
_STRESSED_ACCOUNT = [
    "account",
    "asset",
    "equity_before",
    "equity_after",
    "margin_use_after",
    "joint_distance_multiple",
    "first_liquidation_symbol",
    "survives",
    "because",
]


def _stress(desk: DeskState, scenario: str) -> StressReport:
    return assess(desk, [read_shock(scenario)]).stress[0]


def _number(value: Number | None) -> float:
    return float(value) if isinstance(value, Decimal) else float("nan")


def _reason(*values: Number | None) -> str | None:
    return next((value.because for value in values if isinstance(value, Unknown)), None)


def _position_row(position: PositionReport) -> dict[str, object]:
    found, rule, tiers = position.liquidation, position.rule, position.tiers
    roots = {root.direction: root for root in found.roots}
    below, above = roots.get("below"), roots.get("above")
    return {
        "symbol": position.symbol,
        "side": position.side,
        "margin_mode": position.margin_mode,
        "isolated_wallet": _number(position.isolated_wallet),
        "mark": _number(position.mark),
        "notional": _number(position.notional),
        "unrealised_pnl": _number(position.unrealised_pnl),
        "initial_margin": _number(position.initial_margin),
        "maintenance_margin": _number(position.maintenance_margin),
        "margin_use": _number(position.margin_use),
        "liquidation_status": found.status,
        "liquidation_price": _number(found.price),
        "root_below": _number(below and below.price),
        "root_above": _number(above and above.price),
        "tier_below": float((below and below.tier) or np.nan),
        "tier_above": float((above and above.tier) or np.nan),
        "displayed_price": _number(position.displayed_price),
        "bankruptcy_price": _number(position.bankruptcy_price),
        "distance_fraction": _number(position.distance_fraction),
        "distance_quote": _number(position.distance_quote),
        "because": found.because,
        "missing": "; ".join(found.missing),
        "rule_id": None if rule is None else rule.id,
        "rule_valid_from": None if rule is None else rule.valid_from,
        "rule_evidence": None if rule is None else rule.evidence,
        "tiers_source": None if tiers is None else tiers.source,
        "tiers_as_of": None if tiers is None else tiers.as_of,
    }


# --- frames of positions ----------------------------------------------------------------------------------------------


def margin_frame(
    positions: pd.DataFrame,
    wallets: Wallets | None = None,
    tiers: Tiers | None = None,
    *,
    rule: str | MarginRule | Sequence[MarginRule] = "binance-usdm",
    on: str | date | None = None,
    taker_fee_rate: float | Mapping[str, float] | pd.Series | None = None,
    hedge_mode: bool = False,
) -> pd.DataFrame:
    """Margins and liquidation prices of the positions of one venue, in one call; one row a position, same index.

    `positions`: columns `symbol` (ccxt unified), `side` (long, short), `entry_price`, `mark`, and `quantity` (base
    units) or `contracts` (needed for inverse); optional `account` (default: one account), `margin_mode` (cross,
    isolated; default cross), `leverage`, `isolated_wallet` (default: entry notional / leverage), `contract_size`.
    NaN: not known. `wallets`: what each account's cross positions share, without unrealised profit: a Series by
    account, or by (account, asset), or a DataFrame of accounts by assets.
    `tiers`: a DataFrame with `symbol`, `floor`, `cap` (NaN: no end), `maintenance_rate` and optionally
    `maintenance_amount`; or symbol -> such a DataFrame, a TierTable or a LinearInSize. Default: the program's own dated
    data of the venue.
    `rule`: a venue ("okx": its rules in force on the day `on`, default today), the id of one rule
    ("bybit-isolated-root"), or MarginRule values of which the first that fits a position holds. `taker_fee_rate`: a
    fraction, one for all or per account; default the venue's published base rate. `hedge_mode`: where contracts are
    counted (OKX), longs and shorts are counted apart.

    Columns of the answer are named as in `margin`; `margin_use` is that of the position's pool, `equity` the pool's.
    `engine` says who computed: "float64", or "exact" where columns cannot (whole satoshi at BitMEX, rates that rise
    with the value at Deribit). What a venue would display (`displayed_price`) is left to `margin`.

    >>> positions = pd.DataFrame({
    ...     "account": "main", "symbol": ["BTC/USDT:USDT", "ETH/USDT:USDT"], "side": "long",
    ...     "quantity": [1.0, 20.0], "entry_price": [100_000.0, 4_000.0], "mark": [100_000.0, 4_000.0]})
    >>> tiers = pd.DataFrame({
    ...     "symbol": ["BTC/USDT:USDT", "ETH/USDT:USDT"], "floor": 0.0, "cap": float("nan"),
    ...     "maintenance_rate": [0.004, 0.005]})
    >>> answer = margin_frame(positions, pd.Series({"main": 10_000.0}), tiers)
    >>> answer[["symbol", "maintenance_margin", "margin_use", "liquidation_price"]].round(2)
              symbol  maintenance_margin  margin_use  liquidation_price
    0  BTC/USDT:USDT               400.0        0.08           90763.05
    1  ETH/USDT:USDT               400.0        0.08            3537.69
    """
    book = _book(positions, wallets, tiers, rule, on, taker_fee_rate, hedge_mode=hedge_mode)
    columns = book.ruled.columns
    now = standing(columns)
    found = liquidations(columns, now)
    pool = columns.pool
    computed = (book.ruled.own_gaps & OF_THE_LEG) == 0
    numbers = {
        "isolated_wallet": np.where(book.held.isolated, book.ruled.isolated_wallet, np.nan),
        "mark": columns.mark.copy(),
        "notional": now.value,
        "unrealised_pnl": now.profit,
        "initial_margin": np.where(computed, book.ruled.initial, np.nan),
        "maintenance_margin": np.where(computed, now.maintenance, np.nan),
        "equity": now.equity[pool],
        "margin_use": now.margin_use[pool],
        "liquidation_price": found.price,
        "root_below": found.below,
        "root_above": found.above,
        "tier_below": np.where(found.tier_below > 0, found.tier_below, np.nan),
        "tier_above": np.where(found.tier_above > 0, found.tier_above, np.nan),
        "bankruptcy_price": found.bankruptcy,
        "distance_fraction": found.distance,
        "distance_quote": np.abs(found.price - columns.mark),
    }
    documented = np.array([rule.evidence == "documented" for rule in book.used], np.bool_)[book.rule_of]
    status = np.where((found.state == OK) & documented, _ESTIMATE, found.state.astype(np.intp))
    words = _Words(list(_STATUSES), status)
    why = _reasons(status, columns.gaps[pool], book.ruled.own_gaps)
    engine = _Words(["float64", "exact"], np.where(found.state == LEFT_OUT, 1, 0))
    for row, position in _exactly(book, found.state == LEFT_OUT):
        exact = _position_row(position)
        for name, column in numbers.items():
            value = exact.get(name)
            if isinstance(value, float):
                column[row] = value
        words.put(row, position.liquidation.status)
        why.put(row, position.liquidation.because)
    answer: dict[str, object] = {name: positions[name].array for name in _KEPT if name in positions}
    for name, column in numbers.items():
        answer[name] = column
        if name == "margin_use":
            answer["liquidation_status"] = words.column()
    return pd.DataFrame(
        {**answer, "because": why.column(), "engine": engine.column()}, index=positions.index, copy=False
    )


def prepared_columns(
    positions: pd.DataFrame,
    wallets: Wallets | None = None,
    tiers: Tiers | None = None,
    *,
    rule: str | MarginRule | Sequence[MarginRule] = "binance-usdm",
    on: str | date | None = None,
    taker_fee_rate: float | Mapping[str, float] | pd.Series | None = None,
    hedge_mode: bool = False,
) -> Columns:
    """The frame's positions as columns, for asking again and again: `workstation.risk.column_margin` answers.

    Arguments as in `margin_frame`. Arrays of N positions in the frame's order; `moves` there are per `symbols`. Pools
    that columns cannot carry have `gaps` and no figures.

    >>> from workstation.risk.column_margin import standing
    >>> positions = pd.DataFrame({
    ...     "symbol": ["BTC/USDT:USDT"], "side": "long", "quantity": 1.0, "entry_price": 100_000.0, "mark": 100_000.0})
    >>> tiers = pd.DataFrame({"symbol": ["BTC/USDT:USDT"], "floor": 0.0, "cap": np.nan, "maintenance_rate": 0.004})
    >>> columns = prepared_columns(positions, {"main": 10_000.0}, tiers)
    >>> columns.symbols, standing(columns, np.array([-0.05])).equity.tolist()
    (('BTC/USDT:USDT',), [5000.0])
    """
    return _book(positions, wallets, tiers, rule, on, taker_fee_rate, hedge_mode=hedge_mode).ruled.columns


def joint_distance_frame(
    positions: pd.DataFrame,
    moves: str | Mapping[str, float],
    wallets: Wallets | None = None,
    tiers: Tiers | None = None,
    *,
    rule: str | MarginRule | Sequence[MarginRule] = "binance-usdm",
    on: str | date | None = None,
    taker_fee_rate: float | Mapping[str, float] | pd.Series | None = None,
    hedge_mode: bool = False,
) -> pd.DataFrame:
    """How many times a joint move each account stands before its first liquidation, in one call; one row an account.

    `moves`: relative moves per base asset, as text ("BTC=-0.10,*=-0.15") or a mapping; every mark goes to mark x
    (1 + multiple x move). The rest as in `margin_frame`. Columns: `joint_distance_multiple` (searched from 0 to 10,
    or to where a price reaches zero; NaN: none), `status` (ok, none, insufficient), `first_liquidation_symbol` (of
    the first pool that is liquidated, the position that lost most), `because`, `engine`.

    >>> positions = pd.DataFrame({
    ...     "account": "main", "symbol": ["BTC/USDT:USDT", "ETH/USDT:USDT"], "side": "long",
    ...     "quantity": [1.0, 20.0], "entry_price": [100_000.0, 4_000.0], "mark": [100_000.0, 4_000.0]})
    >>> tiers = pd.DataFrame({
    ...     "symbol": ["BTC/USDT:USDT", "ETH/USDT:USDT"], "floor": 0.0, "cap": float("nan"),
    ...     "maintenance_rate": [0.004, 0.005]})
    >>> answer = joint_distance_frame(positions, "BTC=-0.10,ETH=-0.13", {"main": 10_000.0}, tiers)
    >>> answer.reset_index()[["account", "joint_distance_multiple", "first_liquidation_symbol"]].round(4)
      account  joint_distance_multiple first_liquidation_symbol
    0    main                    0.453            ETH/USDT:USDT
    """
    move = _joint_move(moves)
    book = _book(positions, wallets, tiers, rule, on, taker_fee_rate, hedge_mode=hedge_mode)
    columns, symbols = book.ruled.columns, book.listed.symbols
    speeds = [float(move.of(parts.base)) for parts in map(_parts, symbols) if parts is not None]
    found = joint_distance(columns, np.array(speeds))
    multiple = found.multiple
    words = _Words(["ok", "none", "liquidatable", "insufficient", "left out"], found.state.astype(np.intp))
    of_account = np.zeros(len(book.accounts), np.intp)
    np.bitwise_or.at(of_account, columns.account, columns.gaps)
    why = _Words([], np.full(len(book.accounts), -1))
    for account in np.flatnonzero(found.state != OK):
        why.put(int(account), because(int(of_account[account])) or _STANDS.get(int(found.state[account])))
    first = _Words(list(symbols), np.where(found.first < 0, -1, columns.instrument[found.first]))
    left_out = np.flatnonzero(found.state == LEFT_OUT)
    engine = _Words(["float64", "exact"], np.where(found.state == LEFT_OUT, 1, 0))
    for account, (_, _, (exact,)) in zip(left_out.tolist(), _exact_accounts(book, left_out, [move]), strict=True):
        known = isinstance(exact.multiple, Decimal)
        multiple[account] = _number(exact.multiple)
        words.put(account, "ok" if known else "none" if exact.computed else "insufficient")
        why.put(account, None if known else _reason(exact.multiple))
        first.put(account, exact.first_liquidation.symbol if known and exact.first_liquidation else None)
    answer = {
        "joint_distance_multiple": multiple,
        "status": words.column(),
        "first_liquidation_symbol": first.column(),
        "because": why.column(),
        "engine": engine.column(),
    }
    return pd.DataFrame(answer, index=book.accounts.rename("account"))


_BECAUSE = {
    NONE: "no price of this contract liquidates it",
    LIQUIDATABLE: "the requirement has reached the equity at the mark",
    INSUFFICIENT: "liquidated only where a contract is above its last known tier",
    len(STATES): "the rule is documented by the venue, but no published figure confirms it",
}
_STANDS = {
    NONE: "stands ten times the move, or until a price reaches zero",
    INSUFFICIENT: _BECAUSE[INSUFFICIENT],
}
_parts = lru_cache(maxsize=8192)(parse_symbol)
_KEPT = ("account", "symbol", "side", "margin_mode")
_STATUSES = (*STATES, "estimate")
_ESTIMATE = len(STATES)


class _Words:
    """A column of few different texts: a number for each row, -1 for none."""

    def __init__(self, texts: list[str], codes: Ints) -> None:
        self._texts = {text: i for i, text in enumerate(texts)}
        self._codes = codes.copy()

    def put(self, row: int, text: str | None) -> None:
        self._codes[row] = -1 if text is None else self._texts.setdefault(text, len(self._texts))

    def column(self) -> object:
        return pd.Categorical.from_codes(self._codes, dtype=pd.CategoricalDtype(list(self._texts)))


class _Book(msgspec.Struct, frozen=True, eq=False):
    """A frame of positions, read and checked, and the columns made of it."""

    accounts: pd.Index
    assets: list[str]
    held: Held
    listed: Listed
    models: Mapping[str, LinearInSize]
    wallets: Floats
    taker: Floats
    rules: VenueRules
    used: list[MarginRule]
    rule_of: Ints
    hedge_mode: bool
    ruled: Ruled


def _reasons(status: Ints, gaps: Ints, own: Ints) -> _Words:
    """Why there is no price, or only an estimate: each row's own gaps, else those of the pool that it is in."""
    if not gaps.any():  # the usual case, and the sort below takes its time
        texts = [_BECAUSE.get(state) for state in range(len(_STATUSES))]
        words = [text for text in texts if text is not None]
        return _Words(words, np.array([-1 if text is None else words.index(text) for text in texts], np.intp)[status])
    kinds, codes = np.unique((status << 40) | (own << 20) | gaps, return_inverse=True)
    texts = [_reason_of(kind >> 40, (kind >> 20) & 0xFFFFF, kind & 0xFFFFF) for kind in kinds.tolist()]
    known = {text: i for i, text in enumerate(dict.fromkeys(text for text in texts if text is not None))}
    numbers = np.array([-1 if text is None else known[text] for text in texts], np.intp)
    return _Words(list(known), numbers[codes])


def _reason_of(status: int, own: int, gaps: int) -> str | None:
    if own or not gaps:
        return because(own) if own else _BECAUSE.get(status)
    return f"of another position in its pool: {because(gaps)}"


def _exactly(book: _Book, wanted: Bools) -> Iterator[tuple[int, PositionReport]]:
    """The wanted rows by the exact engine."""
    for rows, account, _ in _exact_accounts(book, np.unique(book.held.account[wanted])):
        for row, position in zip(rows, account.positions, strict=True):
            if wanted[row]:
                yield int(row), position


def _exact_accounts(
    book: _Book, accounts: Ints, scenarios: Sequence[JointMove] = ()
) -> Iterator[tuple[Ints, AccountReport, tuple[StressedAccount, ...]]]:
    return exact_reports(
        book.held,
        book.listed,
        book.models,
        book.wallets,
        book.assets,
        book.taker,
        book.rules,
        accounts,
        scenarios,
        hedge_mode=book.hedge_mode,
    )


def _joint_move(moves: str | Mapping[str, float]) -> JointMove:
    if isinstance(moves, str):
        return read_shock(moves)
    return read_shock(",".join(f"{asset}={float(move)!r}" for asset, move in moves.items()))


# --- reading frames ---------------------------------------------------------------------------------------------------


def _book(
    positions: pd.DataFrame,
    wallets: Wallets | None,
    tiers: Tiers | None,
    rule: str | MarginRule | Sequence[MarginRule],
    on: str | date | None,
    taker_fee_rate: float | Mapping[str, float] | pd.Series | None,
    *,
    hedge_mode: bool,
) -> _Book:
    faults = Faults()
    for column in ("symbol", "side", "entry_price", "mark"):
        if column not in positions:
            faults.add(f"positions[{column!r}]", "the column is missing")
    faults.stop()
    labels = positions.index
    instrument, symbols = _texts(positions, "symbol", faults)
    account, accounts = _accounts(positions, faults)
    parts = [_parts(symbol) for symbol in symbols]
    future = np.array([part is not None and not part.is_option for part in parts], np.bool_)
    unread = 'not a unified symbol of a perpetual or future; write it like "BTC/USDT:USDT"'
    faults.rows("positions", labels, "symbol", ~future[instrument] & (instrument >= 0), unread)
    quanto = np.array([part is not None and part.is_quanto for part in parts], np.bool_)
    third = "settles in a third currency, which is not modelled here; leave it out"
    faults.rows("positions", labels, "symbol", quanto[instrument] & (instrument >= 0), third)
    short = _choice(positions, "side", ("long", "short"), faults)
    isolated = _choice(positions, "margin_mode", ("cross", "isolated"), faults)
    entry = _numbers(positions, "entry_price", faults, needed=True)
    mark, quantity, contracts, leverage, size = (
        _numbers(positions, name, faults) for name in ("mark", "quantity", "contracts", "leverage", "contract_size")
    )
    margin_held = _numbers(positions, "isolated_wallet", faults, zero=True)
    faults.stop()

    futures = [part for part in parts if part is not None]
    inverse = np.array([part.kind == "inverse" for part in futures], np.bool_)
    check_sizes(quantity, contracts, inverse[instrument], labels, faults)
    check_legs(account, instrument, short, isolated, mark, labels, faults)
    rules = _rules(rule, on, faults)
    used, rule_of = rule_of_each(rules, isolated, inverse[instrument], labels, faults)
    faults.stop()

    settle, assets = pd.factorize(np.array([part.settle for part in futures], object))
    base, _ = pd.factorize(np.array([part.base for part in futures], object))
    tables, models = _tables(tiers, symbols, rules, faults)
    held = Held(
        account=account,
        instrument=instrument,
        sign=np.where(short, -1.0, 1.0),
        quantity=quantity,
        contracts=contracts,
        entry=entry,
        mark=mark,
        isolated=isolated,
        isolated_wallet=np.where(isolated, margin_held, np.nan),
        leverage=leverage,
    )
    listed = Listed(
        symbols=tuple(symbols),
        base=base.astype(np.intp),
        settle=settle.astype(np.intp),
        inverse=inverse,
        contract_size=contract_sizes(size, instrument, [rules.instruments.get(s) for s in symbols], labels, faults),
        rising=np.array([symbol in models for symbol in symbols], np.bool_),
        brackets=brackets_of(tables, len(symbols), faults),
    )
    shared = _wallets(wallets, held, listed, accounts, list(assets), faults)
    taker = _taker(taker_fee_rate, accounts, rules, faults)[account]
    faults.stop()
    made = ruled(held, listed, shared, used, rule_of, taker, hedge_mode=hedge_mode)
    return _Book(accounts, list(assets), held, listed, models, shared, taker, rules, used, rule_of, hedge_mode, made)


def _texts(frame: pd.DataFrame, column: str, faults: Faults) -> tuple[Ints, list[str]]:
    """Each row's text as a number, and the texts; -1 and a fault where there is none."""
    codes, texts = pd.factorize(frame[column])
    faults.rows("positions", frame.index, column, codes < 0, "a text is missing")
    return codes.astype(np.intp), [str(text) for text in texts]


def _accounts(frame: pd.DataFrame, faults: Faults) -> tuple[Ints, pd.Index]:
    if "account" not in frame:
        return np.zeros(len(frame), np.intp), pd.Index(["main"])
    codes, names = pd.factorize(frame["account"])
    faults.rows("positions", frame.index, "account", codes < 0, "the account is missing")
    return codes.astype(np.intp), pd.Index(names)


def _choice(frame: pd.DataFrame, column: str, choices: tuple[str, str], faults: Faults) -> Bools:
    """Where a column says the second of two words; the first stands where there is no column."""
    if column not in frame:
        return np.zeros(len(frame), np.bool_)
    given = frame[column].to_numpy(object)
    second = np.asarray(given == choices[1], np.bool_)
    known = second | np.asarray(given == choices[0], np.bool_)
    faults.rows("positions", frame.index, column, ~known, f"must be {choices[0]} or {choices[1]}")
    return second


def _numbers(frame: pd.DataFrame, column: str, faults: Faults, *, needed: bool = False, zero: bool = False) -> Floats:
    """A column of positions as floats above zero (or zero), all NaN where it is absent."""
    if column not in frame:
        return np.full(len(frame), np.nan)
    values = _floats(frame, column, faults, "positions")
    if needed:
        missing = np.isnan(values) & frame[column].isna().to_numpy()
        faults.rows("positions", frame.index, column, missing, "a number is missing")
    wrong = np.isinf(values) | (values < 0 if zero else values <= 0)
    faults.rows("positions", frame.index, column, wrong, "must be zero or above" if zero else "must be above zero")
    return values


def _rules(rule: str | MarginRule | Sequence[MarginRule], on: str | date | None, faults: Faults) -> VenueRules:
    """What holds: a venue's rules and data of a day, one of its rules with its data, or given rules with no data."""
    moment = parse_moment(on) if isinstance(on, str) else on
    if on is not None and moment is None:
        faults.add("on", f'{on!r} is not a date; write it like "2026-05-07"')
    day = moment.date() if isinstance(moment, datetime) else moment or datetime.now(UTC).date()
    if not isinstance(rule, str):
        given = (rule,) if isinstance(rule, MarginRule) else tuple(rule)
        return VenueRules(
            venue="given", rules=given, instruments={}, collateral={}, taker_fee_rate=None, ratio=None, as_of=day
        )
    if rule in BY_ID:
        return rules_in_force(rule, day, (), {}, {})
    for spec in VENUES:
        for known in spec.rules:
            if known.id == rule:
                return msgspec.structs.replace(rules_in_force(spec.id, day, (), {}, {}), rules=(known,))
    faults.add(
        "rule", f"{rule!r} is neither a venue ({', '.join(BY_ID)}) nor the id of a rule (see `workstation rules`)"
    )
    faults.stop()
    raise AssertionError


def _tables(
    tiers: Tiers | None, symbols: list[str], rules: VenueRules, faults: Faults
) -> tuple[TierRows, dict[str, LinearInSize]]:
    """The rows of the tier tables, and the rates that rise with the size where there are no tables."""
    if isinstance(tiers, pd.DataFrame):
        return _tier_rows(tiers, symbols, faults), {}
    given: dict[int, TierTable] = {}
    models: dict[str, LinearInSize] = {}
    frames: list[TierRows] = []
    for i, symbol in enumerate(symbols):
        listed = rules.instruments.get(symbol)
        source = (listed and (listed.tiers or listed.margin_model)) if tiers is None else tiers.get(symbol)
        if isinstance(source, TierTable):
            given[i] = source
        elif isinstance(source, LinearInSize):
            models[symbol] = source
        elif source is not None:
            own = _tier_rows(source.assign(symbol=symbol), [symbol], faults)
            frames.append(msgspec.structs.replace(own, instrument=own.instrument + i))
    return together([rows_of_tables(given), *frames]), models


def _tier_rows(frame: pd.DataFrame, symbols: list[str], faults: Faults) -> TierRows:
    for column in ("symbol", "floor", "cap", "maintenance_rate"):
        if column not in frame:
            faults.add(f"tiers[{column!r}]", "the column is missing")
    faults.stop()
    columns = {name: _floats(frame, name, faults, "tiers") for name in ("floor", "cap", "maintenance_rate")}
    amount = (
        _floats(frame, "maintenance_amount", faults, "tiers")
        if "maintenance_amount" in frame
        else columns["floor"] * np.nan
    )
    return TierRows(
        instrument=pd.Index(symbols).get_indexer(pd.Index(frame["symbol"])).astype(np.intp),
        floor=columns["floor"],
        cap=np.where(np.isnan(columns["cap"]), np.inf, columns["cap"]),
        rate=columns["maintenance_rate"],
        amount=amount,
        labels=frame.index,
    )


def _wallets(
    wallets: Wallets | None, held: Held, listed: Listed, accounts: pd.Index, assets: list[str], faults: Faults
) -> Floats:
    """What cross positions share, (accounts, settle assets); NaN where it is not given."""
    shape = (len(accounts), len(assets))
    if wallets is None:
        return np.full(shape, np.nan)
    given = wallets if isinstance(wallets, (pd.Series, pd.DataFrame)) else pd.Series(dict(wallets), dtype=np.float64)
    if isinstance(given, pd.DataFrame):
        table = given.reindex(index=accounts, columns=assets)
    elif given.index.nlevels == 2:
        table = given.reindex(pd.MultiIndex.from_product([accounts, assets]))
    else:
        table = given.reindex(accounts)
    values = np.asarray(table.to_numpy(), np.float64)
    if (np.isinf(values) | (values < 0)).any():
        faults.add("wallets", "a wallet must be zero or above: it is the balance without unrealised profit")
    if values.size == shape[0] * shape[1] and values.ndim + given.index.nlevels > 2:
        return values.reshape(shape)
    held_in = np.zeros(shape, np.bool_)
    cross = ~held.isolated
    held_in[held.account[cross], listed.settle[held.instrument[cross]]] = True
    several = held_in.sum(axis=1) > 1
    if several.any():
        names = ", ".join(map(str, accounts[several][:3]))
        faults.add("wallets", f"{names}: cross positions settle in several assets; give wallets by (account, asset)")
    return np.repeat(values[:, None], shape[1], axis=1)


def _taker(
    rate: float | Mapping[str, float] | pd.Series | None, accounts: pd.Index, rules: VenueRules, faults: Faults
) -> Floats:
    """Each account's taker fee rate; NaN where it is not known."""
    if isinstance(rate, Mapping):
        rate = pd.Series(dict(rate), dtype=np.float64)
    if isinstance(rate, pd.Series):
        rates = np.asarray(rate.reindex(accounts).to_numpy(), np.float64)
    elif rate is None:
        rates = np.full(len(accounts), _number(rules.taker_fee_rate))
    else:
        rates = np.full(len(accounts), float(rate))
    if ((rates < 0) | (rates >= 1)).any():
        faults.add("taker_fee_rate", "it is a fraction: 0.05 % is 0.0005")
    return rates


def _floats(frame: pd.DataFrame, column: str, faults: Faults, name: str) -> Floats:
    """A column as floats; texts and Decimals are read as numbers, what is neither is a fault."""
    given = frame[column]
    if given.dtype == np.float64:
        return given.to_numpy()
    values = np.asarray(pd.to_numeric(given.astype(object), errors="coerce"), np.float64)
    unread = np.isnan(values) & given.notna().to_numpy()
    faults.rows(name, frame.index, column, unread, "not a number")
    return values
