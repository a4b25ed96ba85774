"""Many positions as float64 columns: what `column_margin` computes with, made from the exact engine's pools.

Along any move a leg's value changes as y: its price over its mark (linear), or the mark over its price (inverse).
Over y profit is a straight line and the requirement a sequence of straight pieces, with edges where the leg changes
its tier. What columns cannot carry is found when they are made and named in `Columns.gaps`: such pools get no number
there, and the exact engine answers for them.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from workstation.risk.account import Pool
from workstation.risk.margin import Leg, Piece

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

# Why a pool has no figures; a pool's gaps are the sum of its bits.
NO_MARK, NO_TIERS, NO_FEE, NO_WALLET, NO_MARGIN, NO_CONTRACT_SIZE, ABOVE_TIERS = (1 << i for i in range(7))
SEVERAL_ASSETS, RISING_RATE, WHOLE_SATOSHI, MIXED_KINDS = (1 << i for i in range(7, 11))
BECAUSE = {
    NO_MARK: "no mark price",
    NO_TIERS: "no maintenance tiers are known",
    NO_FEE: "the taker fee rate counts here and is not known",
    NO_WALLET: "the wallet balance is not given",
    NO_MARGIN: "neither the isolated wallet nor the leverage is given",
    NO_CONTRACT_SIZE: "the contract size is not known",
    ABOVE_TIERS: "size above the last tier",
    SEVERAL_ASSETS: "several assets are the collateral",
    RISING_RATE: "the margin rate rises with the value itself",
    WHOLE_SATOSHI: "the cost of a contract is rounded to whole satoshi",
    MIXED_KINDS: "linear and inverse contracts, or inverse ones with different moves, share one wallet",
}
# Gaps of a position itself, so that it has no margins; the rest are its pool's.
OF_THE_LEG = NO_MARK | NO_TIERS | NO_FEE | NO_CONTRACT_SIZE | ABOVE_TIERS
# Facts are not missing here: only the exact engine can do it.
BEYOND_COLUMNS = SEVERAL_ASSETS | RISING_RATE | WHOLE_SATOSHI | MIXED_KINDS

EDGE = 1 + 4e-15  # a value so little above a cap was put there by rounding


class TierArrays(msgspec.Struct, frozen=True, eq=False):
    """Tier tables side by side, shorter ones filled up: (width, tables) each.

    Requirement on a value up to `caps` (infinite in the last tier and in the filling): rates x value - amounts. Values
    are in the settle asset (contracts on OKX). `last_cap` (tables,): beyond it no rate is known; infinite where there
    is no end.
    """

    caps: Floats
    rates: Floats
    amounts: Floats
    last_cap: Floats

    def bent(self) -> Bools:
        """Where the requirement jumps at an edge, or rises slower above it than below: not the marginal form."""
        inner = np.isfinite(self.caps[:-1])
        edge = np.where(inner, self.caps[:-1], 0.0)
        bend = np.diff(self.rates, axis=0)
        jump = np.abs(bend * edge - np.diff(self.amounts, axis=0))
        return np.any(inner & ((bend < 0) | (jump > 1e-13 * (1 + self.rates[1:]) * edge)), axis=0)


class Columns(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Positions and the pools that they live in, ready for arithmetic. Made by `columns_of` or `prepared`.

    Per position (N,): `pool` and `instrument` (indices), `contract` (index of the legs that share a pool and a price),
    `inverse`, `mark`; at the mark, in the settle asset: `value` (notional), `charged` (the part of it that maintenance
    is charged on); `entry_value`; `direction` (+1 or -1: profit per unit of value); `fixed`, `reserved_fee`,
    `fee_rate`, `fee_in_maintenance` as in `risk.margin.Leg`; `shown_tier` (the tier's number where the price does not
    decide it, 0 for none, else -1); `last_cap`; `bent` (the requirement jumps, or rises slower above an edge than
    below it). Tiers of each position, (width, N): `caps`, `rates`, `amounts`.
    Per pool (P,): `wallet`, `account` (index), `gaps` (bits of BECAUSE; 0: all is well).
    """

    symbols: tuple[str, ...]
    pool: Ints
    instrument: Ints
    contract: Ints
    inverse: Bools
    mark: Floats
    value: Floats
    entry_value: Floats
    charged: Floats
    direction: Floats
    fixed: Floats
    reserved_fee: Floats
    fee_rate: Floats
    fee_in_maintenance: Bools
    shown_tier: Ints
    last_cap: Floats
    caps: Floats
    rates: Floats
    amounts: Floats
    bent: Bools
    wallet: Floats
    account: Ints
    gaps: Ints

    def __len__(self) -> int:
        return len(self.pool)


def because(gaps: int) -> str:
    """The reasons that a pool's bits stand for, in words.

    >>> because(NO_MARK | ABOVE_TIERS)
    'no mark price; size above the last tier'
    """
    return "; ".join(text for bit, text in BECAUSE.items() if gaps & bit)


def numbered(keys: Ints) -> Ints:
    """Numbers from 0, the same where the keys are the same.

    >>> numbered(np.array([7, 5, 7])).tolist(), numbered(np.array([7, 5, 9])).tolist()
    ([1, 0, 1], [0, 1, 2])
    """
    in_order = np.sort(keys)
    if (in_order[1:] != in_order[:-1]).all():  # the usual case, and several times faster
        return np.arange(len(keys))
    return np.unique(keys, return_inverse=True)[1].astype(np.intp, copy=False)


def tier_arrays(tables: Sequence[Sequence[Piece]]) -> TierArrays:
    """Tables of pieces side by side; an empty one requires nothing.

    >>> low, high = Piece(Decimal(100), Decimal("0.01"), Decimal(0)), Piece(Decimal(300), Decimal("0.02"), Decimal(1))
    >>> arrays = tier_arrays([[low, high]])
    >>> arrays.caps[:, 0].tolist(), arrays.last_cap.tolist()
    ([100.0, inf], [300.0])
    """
    width = max((len(table) for table in tables), default=0) or 1
    shape = (width, len(tables))
    caps, rates, amounts = np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
    last_cap = np.full(len(tables), np.inf)
    for i, table in enumerate(tables):
        for k, piece in enumerate(table):
            rates[k, i], amounts[k, i] = float(piece.rate), float(piece.amount)
            if piece.cap is None:
                continue
            if k + 1 < len(table):
                caps[k, i] = float(piece.cap)
            else:
                last_cap[i] = float(piece.cap)
        rates[len(table) :, i] = rates[len(table) - 1, i] if table else 0.0
        amounts[len(table) :, i] = amounts[len(table) - 1, i] if table else 0.0
    return TierArrays(caps, rates, amounts, last_cap)


def columns_of(pools: Sequence[Pool], accounts: Sequence[int] | None = None) -> Columns:
    """The exact engine's pools as columns, positions in the order of the pools' legs.

    `accounts` gives each pool's account as a number from 0 (default: every pool its own). `symbols` holds the contracts
    in order of appearance. Pools in several assets, and legs whose rate rises with their value (Deribit inverse), are
    left out.
    """
    legs = [(i, leg) for i, pool in enumerate(pools) for leg in pool.legs]
    tables: dict[tuple[Piece, ...], int] = {}
    table = np.array([tables.setdefault(leg.pieces, len(tables)) for _, leg in legs], np.intp)
    symbols: dict[str, int] = {}
    instrument = np.array([symbols.setdefault(leg.symbol, len(symbols)) for _, leg in legs], np.intp)
    arrays = tier_arrays(list(tables))
    gaps = np.zeros(len(pools), np.intp)
    for i, pool in enumerate(pools):
        gaps[i] |= 0 if _one_asset(pool) else SEVERAL_ASSETS
        gaps[i] |= RISING_RATE if any(piece.square for leg in pool.legs for piece in leg.pieces) else 0
    return prepared(
        symbols=tuple(symbols),
        pool=np.array([i for i, _ in legs], np.intp),
        instrument=instrument,
        inverse=np.array([leg.inverse for _, leg in legs], np.bool_),
        sign=_floats(leg.sign for _, leg in legs),
        size=_floats(leg.size for _, leg in legs),
        charged=_floats(leg.charged for _, leg in legs),
        entry=_floats(leg.entry for _, leg in legs),
        mark=_floats(leg.mark for _, leg in legs),
        fixed=_floats(leg.fixed for _, leg in legs),
        reserved_fee=_floats(leg.reserved_fee for _, leg in legs),
        fee_rate=_floats(leg.fee_rate for _, leg in legs),
        fee_in_maintenance=np.array([leg.fee_in_maintenance for _, leg in legs], np.bool_),
        shown_tier=np.array([_shown_tier(leg) for _, leg in legs], np.intp),
        caps=np.take(arrays.caps, table, axis=1),
        rates=np.take(arrays.rates, table, axis=1),
        amounts=np.take(arrays.amounts, table, axis=1),
        last_cap=arrays.last_cap[table],
        bent=arrays.bent()[table],
        wallet=_floats(pool.parts[0].wallet for pool in pools),
        account=np.arange(len(pools)) if accounts is None else np.asarray(accounts, np.intp),
        gaps=gaps,
    )


def moved_to(columns: Columns, mark: Floats) -> Columns:
    """The same positions at other marks, (N,); NaN marks and values above the last tier are gaps of their pool."""
    ratio = np.where(columns.inverse, columns.mark / mark, mark / columns.mark)
    charged = columns.charged * ratio
    gaps = columns.gaps.copy()
    gaps[columns.pool[np.isnan(mark)]] |= NO_MARK
    gaps[columns.pool[charged > columns.last_cap * EDGE]] |= ABOVE_TIERS
    return replace(columns, mark=mark, value=columns.value * ratio, charged=charged, gaps=gaps)


def frozen_at(columns: Columns, frozen: Bools) -> Columns:
    """The requirement of the frozen rows (N,) as it is at the marks, whatever the price does from there: Hyperliquid's
    estimate.
    """
    still = np.flatnonzero(frozen)
    if not len(still):
        return columns
    caps, rates, amounts, last_cap, bent, fixed, fee_rate, shown = (
        part.copy()
        for part in (
            columns.caps,
            columns.rates,
            columns.amounts,
            columns.last_cap,
            columns.bent,
            columns.fixed,
            columns.fee_rate,
            columns.shown_tier,
        )
    )
    value = columns.charged[still]
    tier = np.count_nonzero(caps[:, still] < value / EDGE, axis=0)
    fixed[still] += (rates[tier, still] + fee_rate[still]) * value - amounts[tier, still]
    shown[still] = np.where(shown[still] < 0, tier + 1, shown[still])
    caps[:, still], last_cap[still], rates[:, still], amounts[:, still] = np.inf, np.inf, 0.0, 0.0
    bent[still], fee_rate[still] = False, 0.0
    return replace(
        columns,
        caps=caps,
        rates=rates,
        amounts=amounts,
        last_cap=last_cap,
        bent=bent,
        fixed=fixed,
        fee_rate=fee_rate,
        shown_tier=shown,
    )


def _floats(values: Iterable[Decimal | int]) -> Floats:
    return np.fromiter((float(value) for value in values), np.float64)


def _one_asset(pool: Pool) -> bool:
    part = pool.parts[0]
    return len(pool.parts) == 1 and part.gain == part.loss == part.charge == 1


def _shown_tier(leg: Leg) -> int:
    if leg.fixed_tier is not None:
        return leg.fixed_tier
    return -1 if leg.pieces else 0


def prepared(
    *,
    symbols: tuple[str, ...],
    pool: Ints,
    instrument: Ints,
    inverse: Bools,
    sign: Floats,
    size: Floats,
    charged: Floats,
    entry: Floats,
    mark: Floats,
    fixed: Floats,
    reserved_fee: Floats,
    fee_rate: Floats,
    fee_in_maintenance: Bools,
    shown_tier: Ints,
    caps: Floats,
    rates: Floats,
    amounts: Floats,
    last_cap: Floats,
    bent: Bools,
    wallet: Floats,
    account: Ints,
    gaps: Ints,
) -> Columns:
    """Columns from plain arrays; everything that does not change with a move is computed here, once.

    Per position (N,): `sign` +1 (long) or -1, `size` in base units (linear) or face in quote (inverse), `charged` the
    part of it that maintenance is charged on, prices above zero (NaN marks are gaps of their pool); tiers (width, N) as
    in `TierArrays`; per pool (P,) `wallet` without unrealised profit. Legs of one instrument in one pool share the
    mark.
    """
    x = np.where(inverse, 1 / mark, mark)
    value, charged_value = size * x, charged * x
    entry_value = size * np.where(inverse, 1 / entry, entry)
    gaps = np.where((gaps == 0) & np.isnan(wallet), NO_WALLET, gaps)
    gaps[pool[np.isnan(mark)]] |= NO_MARK
    gaps[pool[charged_value > last_cap * EDGE]] |= ABOVE_TIERS
    contract = numbered(pool * len(symbols) + instrument)
    amounts_known = np.isfinite(value + entry_value + charged_value + fixed + reserved_fee + fee_rate)
    if not (amounts_known | (gaps[pool] != 0)).all():
        raise ValueError(f"row {int(np.argmin(amounts_known | (gaps[pool] != 0)))} has an amount that is no number")
    own = np.empty(len(contract))
    own[contract] = mark
    if (np.abs(own[contract] - mark) > 0).any():
        raise ValueError("two legs of one contract have different marks")
    return Columns(
        symbols=symbols,
        pool=pool,
        instrument=instrument,
        contract=contract,
        inverse=inverse,
        mark=mark,
        value=value,
        entry_value=entry_value,
        charged=charged_value,
        direction=np.where(inverse, -sign, sign),
        fixed=fixed,
        reserved_fee=reserved_fee,
        fee_rate=fee_rate,
        fee_in_maintenance=fee_in_maintenance,
        shown_tier=shown_tier,
        last_cap=last_cap,
        caps=caps,
        rates=rates,
        amounts=amounts,
        bent=bent,
        wallet=wallet,
        account=account,
        gaps=gaps,
    )
