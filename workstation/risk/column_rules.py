"""From plain arrays of positions to columns by a venue's rules: `risk.margin.leg_of` without an object for each
position.
"""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from workstation.risk.columns import (
    ABOVE_TIERS,
    EDGE,
    NO_CONTRACT_SIZE,
    NO_FEE,
    NO_MARGIN,
    NO_MARK,
    NO_TIERS,
    NO_WALLET,
    RISING_RATE,
    WHOLE_SATOSHI,
    Bools,
    Columns,
    Floats,
    Ints,
    TierArrays,
    numbered,
    prepared,
)
from workstation.risk.rules import MarginRule


class Brackets(msgspec.Struct, frozen=True, eq=False):
    """Tier tables as venues publish them, side by side, (width, instruments) each; NaN fills up the shorter ones.

    Rows cover sizes above `floors` up to `caps` (infinite: no end), in the venue's own unit. `amounts` NaN: to be
    rebuilt from the rows where the venue's form is marginal. A column of NaN: no tiers are known.
    """

    floors: Floats
    caps: Floats
    rates: Floats
    amounts: Floats

    def known(self) -> Bools:
        return ~np.isnan(self.rates[0])

    def endless(self) -> Bools:
        """Where the first tier has no end."""
        return np.isinf(self.caps[0])

    def arrays(self, *, marginal: bool) -> TierArrays:
        """For computing, as `domain.tiers.TierTable.amounts` has it: c_n = c_(n-1) + floor_n x (m_n - m_(n-1)).

        >>> nan = np.nan
        >>> rows = Brackets(*(np.array([[a], [b]]) for a, b in [(0, 100), (100, np.inf), (0.01, 0.02), (nan, nan)]))
        >>> rows.arrays(marginal=True).amounts.ravel().tolist()
        [0.0, 1.0]
        """
        rates, amounts = self.rates.copy(), self.amounts.copy()
        caps = np.where(np.isnan(self.caps), np.inf, self.caps)
        width = len(rates)
        amounts[0] = np.where(np.isnan(amounts[0]), 0.0, amounts[0])
        for k in range(1, width):
            absent = np.isnan(rates[k])
            rates[k] = np.where(absent, rates[k - 1], rates[k])
            rebuilt = amounts[k - 1] + self.floors[k] * (rates[k] - rates[k - 1]) if marginal else 0.0
            amounts[k] = np.where(absent, amounts[k - 1], np.where(np.isnan(amounts[k]), rebuilt, amounts[k]))
        last = np.maximum(np.count_nonzero(~np.isnan(self.rates), axis=0) - 1, 0)
        tables = np.arange(len(rates[0]))
        last_cap = caps[last, tables]
        caps[last, tables] = np.inf
        return TierArrays(caps, np.nan_to_num(rates), np.nan_to_num(amounts), last_cap)


class Listed(msgspec.Struct, frozen=True, eq=False):
    """The contracts that are held, (I,) each: base and settle asset as numbers, `contract_size` NaN where unknown,
    `rising` where the rate rises with the size and there are no brackets.
    """

    symbols: tuple[str, ...]
    base: Ints
    settle: Ints
    inverse: Bools
    contract_size: Floats
    rising: Bools
    brackets: Brackets


class Held(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Positions, (N,) each. `sign` +1 (long) or -1; `quantity` in base units or `contracts`, the other NaN; `leverage`,
    `isolated_wallet` and `mark` NaN where they are not known.
    """

    account: Ints
    instrument: Ints
    sign: Floats
    quantity: Floats
    contracts: Floats
    entry: Floats
    mark: Floats
    isolated: Bools
    isolated_wallet: Floats
    leverage: Floats


class Ruled(msgspec.Struct, frozen=True, eq=False):
    """Columns, and per position (N,) what they do not need: initial margin and isolated wallet (NaN: not known), and
    the position's own part of its pool's gaps.
    """

    columns: Columns
    initial: Floats
    isolated_wallet: Floats
    own_gaps: Ints


def ruled(
    held: Held,
    listed: Listed,
    wallets: Floats,
    rules: Sequence[MarginRule],
    rule_of: Ints,
    taker: Floats,
    *,
    hedge_mode: bool = False,
) -> Ruled:
    """Positions under single-collateral rules. A pool is an account's cross positions of one settle asset, or one
    isolated position.

    `wallets` (accounts, settle assets), without unrealised profit, and `taker` (N,), fee rates, are NaN where not
    known; `rule_of` (N,) indexes `rules`. `hedge_mode`: where contracts are counted, longs and shorts are counted
    apart.
    """

    def where(has: Callable[[MarginRule], bool]) -> Bools:
        answers = {has(rule) for rule in rules}
        if len(answers) == 1:
            return np.full(len(rule_of), answers.pop())
        return np.array([has(rule) for rule in rules], np.bool_)[rule_of]

    inverse, contract_size = listed.inverse[held.instrument], listed.contract_size[held.instrument]
    size = np.where(np.isnan(held.contracts), held.quantity, held.contracts * contract_size)
    cost = size / held.entry if inverse.all() else size * np.where(inverse, 1 / held.entry, held.entry)
    pool, account, settle = _pools(held, listed.settle[held.instrument], wallets.shape[1])
    charged, tier_size = _sizes(
        held, pool, size, where(lambda r: r.hedge == "net"), where(lambda r: r.hedge == "larger-tier")
    )

    fee = _closing_fee(held, cost, taker, inverse, where)
    own_fee = fee * charged / size
    reserved = where(lambda r: r.fee_reserved) & held.isolated
    fee_rate = np.where(where(lambda r: r.closing_fee == "at-price"), taker, 0.0)

    margin = np.where(np.isnan(held.isolated_wallet), cost / held.leverage, held.isolated_wallet)
    opening = where(lambda r: r.opening_fee_from_wallet) & np.isnan(held.isolated_wallet)
    margin = np.where(opening, margin - cost * taker, margin)
    wallet = np.where(settle < 0, np.nan, wallets[account, settle])
    wallet[pool[held.isolated]] = margin[held.isolated]

    by_count, endless = where(lambda r: r.tier_unit == "contracts"), listed.brackets.endless()[held.instrument]
    counted = _contracts(held, listed, hedge_mode=hedge_mode) if by_count.any() else size
    by_entry = where(lambda r: r.basis in ("entry", "root-entry-tier")) & ~by_count
    frozen = where(lambda r: r.basis in ("entry", "frozen-mark"))
    frozen_price = np.where(where(lambda r: r.basis == "entry"), held.entry, held.mark)
    marginal = where(lambda r: r.tier_form == "marginal")
    tiers = _tiers(
        listed.brackets,
        held.instrument,
        marginal,
        share=np.divide(charged, tier_size, out=np.zeros_like(size), where=tier_size > 0),
        chosen_by=np.where(by_count, np.where(endless, 0.0, counted), cost / size * tier_size),
        chosen=by_count | by_entry,
        frozen_value=charged * np.where(inverse, 1 / frozen_price, frozen_price),
        frozen=frozen,
        fee_rate=fee_rate,
    )

    own = np.where(np.isnan(held.mark), NO_MARK, 0)
    rising = listed.rising[held.instrument]
    for bit, rows in (
        (NO_TIERS, ~listed.brackets.known()[held.instrument] & ~rising),
        (RISING_RATE, rising),
        (NO_FEE, np.isnan(taker) & (where(lambda r: r.counts_taker_fee) | (opening & held.isolated))),
        (NO_CONTRACT_SIZE, np.isnan(size) | (by_count & np.isnan(counted) & ~endless)),
        (NO_MARGIN, held.isolated & np.isnan(held.isolated_wallet) & np.isnan(held.leverage)),
        (NO_WALLET, ~held.isolated & np.isnan(wallet[pool])),
        (WHOLE_SATOSHI, where(lambda r: r.whole_satoshi) & inverse),
        (ABOVE_TIERS, tiers.above),
    ):
        own[rows] |= bit
    gaps = np.zeros(len(wallet), np.intp)
    np.bitwise_or.at(gaps, pool, own)
    columns = prepared(
        symbols=listed.symbols,
        pool=pool,
        instrument=held.instrument,
        inverse=inverse,
        sign=held.sign,
        size=size,
        charged=charged,
        entry=held.entry,
        mark=held.mark,
        fixed=np.where(reserved, 0.0, own_fee) + tiers.held,
        reserved_fee=np.where(reserved, own_fee, 0.0),
        fee_rate=np.where(frozen, 0.0, fee_rate),
        fee_in_maintenance=where(lambda r: r.fee_in_maintenance),
        shown_tier=tiers.shown,
        caps=tiers.rows.caps,
        rates=tiers.rows.rates,
        amounts=tiers.rows.amounts,
        last_cap=tiers.rows.last_cap,
        bent=tiers.bent,
        wallet=wallet,
        account=account,
        gaps=gaps,
    )
    own[columns.charged > columns.last_cap * EDGE] |= ABOVE_TIERS
    at_entry = where(lambda r: r.initial_at == "entry")
    initial = np.where(at_entry, cost, columns.value) / held.leverage
    return Ruled(columns, initial + np.where(where(lambda r: r.initial_has_fee), fee, 0.0), margin, own)


def _pools(held: Held, settle: Ints, assets: int) -> tuple[Ints, Ints, Ints]:
    """Each position's pool, and of each pool its account and settle asset (-1: one isolated position)."""
    cross, alone = np.flatnonzero(~held.isolated), np.flatnonzero(held.isolated)
    key = held.account[cross] * assets + settle[cross]
    keys = np.flatnonzero(np.bincount(key))
    shared = np.empty(int(key.max(initial=-1)) + 1, np.intp)
    shared[keys] = np.arange(len(keys))
    pool = np.empty(len(settle), np.intp)
    pool[cross] = shared[key]
    pool[alone] = len(keys) + np.arange(len(alone))
    account = np.concatenate([keys // max(assets, 1), held.account[alone]])
    return pool, account, np.concatenate([keys % max(assets, 1), np.full(len(alone), -1)])


def _sizes(held: Held, pool: Ints, size: Floats, net: Bools, larger: Bools) -> tuple[Floats, Floats]:
    """The part of each size that maintenance is charged on, and the size that decides its tier (`holdings`)."""
    if not (net | larger).any():
        return size, size
    contract = numbered(pool * (int(held.instrument.max()) + 1) + held.instrument)
    other = np.where(held.isolated, 0.0, np.bincount(contract, size)[contract] - size)
    hedged = np.bincount(contract)[contract] > 1
    net, larger = net & hedged, larger & hedged
    rest = np.abs(size - other)
    charged = np.where(net, np.where(size > other, rest, 0.0), size)
    return charged, np.where(net, rest, np.where(larger, np.maximum(size, other), size))


def _closing_fee(
    held: Held, cost: Floats, taker: Floats, inverse: Bools, where: Callable[[Callable[[MarginRule], bool]], Bools]
) -> Floats:
    """A closing fee fixed at entry, as `risk.margin.closing_fee` has it."""
    at_bankruptcy = where(lambda r: r.closing_fee == "at-entry-bankruptcy")
    on_cost = where(lambda r: r.closing_fee == "on-cost-and-initial")
    if not (at_bankruptcy | on_cost).any():
        return np.zeros_like(cost)
    part = 1 / held.leverage
    toward = np.where(inverse, held.sign, -held.sign)
    closing = np.where(np.isnan(part), 0.0, cost * (1 + toward * part) * taker)
    return np.where(at_bankruptcy, closing, np.where(on_cost, cost * (1 + np.nan_to_num(part)) * taker, 0.0))


def _contracts(held: Held, listed: Listed, *, hedge_mode: bool) -> Floats:
    """Contracts that decide the tier where a venue counts them: over one base and kind in cross, all expiries."""
    contract_size = listed.contract_size[held.instrument]
    own = np.where(np.isnan(held.contracts), held.quantity / contract_size, held.contracts)
    key = (held.account * (int(listed.base.max(initial=0)) + 1) + listed.base[held.instrument]) * 2
    key = (key + listed.inverse[held.instrument]) * 2 + (held.sign > 0 if hedge_mode else 0)
    group = numbered(key)
    total = np.bincount(group, np.where(held.isolated, 0.0, own))[group]
    return np.where(held.isolated, own, total)


class _Tiers(msgspec.Struct, frozen=True, eq=False):
    """Tiers of each position: `rows` (width, N), whether they are `bent`, the number shown where the price does not
    decide it, what is `held` whatever the price, and which sizes are above the last tier at the price that decides it.
    """

    rows: TierArrays
    bent: Bools
    shown: Ints
    held: Floats
    above: Bools


def _tiers(
    brackets: Brackets,
    instrument: Ints,
    marginal: Bools,
    *,
    share: Floats,
    chosen_by: Floats,
    chosen: Bools,
    frozen_value: Floats,
    frozen: Bools,
    fee_rate: Floats,
) -> _Tiers:
    """`share` scales tables to the charged part of a size; where `chosen`, the tier is that of `chosen_by`; where
    `frozen`, the requirement is the one on `frozen_value`.
    """
    needed = [form for form in (True, False) if (marginal == form).any()] or [True]
    forms = [brackets.arrays(marginal=form) for form in needed]
    tables = TierArrays(*(np.concatenate(parts, axis=-1) for parts in zip(*map(_parts, forms), strict=True)))
    table = instrument if len(forms) == 1 else instrument + np.where(marginal, 0, brackets.rates.shape[1])
    caps, rates, amounts = (np.take(part, table, axis=1) for part in (tables.caps, tables.rates, tables.amounts))
    last_cap, bent = tables.last_cap[table], tables.bent()[table]
    shown, held, above = np.full(len(table), -1), np.zeros(len(table)), np.zeros(len(table), np.bool_)

    picked = np.flatnonzero(chosen)
    if len(picked):
        tier = np.count_nonzero(caps[:, picked] < chosen_by[picked] / EDGE, axis=0)
        # a hedged leg on which nothing is charged is never too large
        above[picked] = (chosen_by[picked] > last_cap[picked] * EDGE) & (share[picked] != 0)
        rates[:, picked], amounts[:, picked] = rates[tier, picked], amounts[tier, picked]
        caps[:, picked], last_cap[picked] = np.inf, np.inf
        shown[picked], bent[picked] = tier + 1, False
    if (share != 1).any():
        amounts *= share
        for part in (caps, last_cap):
            np.multiply(part, share, out=part, where=np.isfinite(part))
    still = np.flatnonzero(frozen)
    if len(still):
        value = frozen_value[still]
        tier = np.count_nonzero(caps[:, still] < value / EDGE, axis=0)
        above[still] |= value > last_cap[still] * EDGE
        held[still] = (rates[tier, still] + fee_rate[still]) * value - amounts[tier, still]
        shown[still] = np.where(shown[still] < 0, tier + 1, shown[still])
        caps[:, still], last_cap[still], rates[:, still], amounts[:, still] = np.inf, np.inf, 0.0, 0.0
        bent[still] = False
    return _Tiers(TierArrays(caps, rates, amounts, last_cap), bent, shown, held, above)


def _parts(tables: TierArrays) -> tuple[Floats, Floats, Floats, Floats]:
    return tables.caps, tables.rates, tables.amounts, tables.last_cap
