"""Margin, liquidation prices and joint distances of columns of positions: the exact engine's answers in float64.

Along a move equity less requirement, the slack, is a sequence of straight pieces: for one contract's legs and for a
whole account alike. `_first_touch` finds, for all groups of legs at once, the piece that reaches zero, and solves
that one. No grid, no tolerance: figures are the exact engine's for wallets that differ by about 1e-15 of the pool's
gross value.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from workstation.risk.columns import BEYOND_COLUMNS, EDGE, MIXED_KINDS, Bools, Columns, Floats, Ints

States = npt.NDArray[np.int8]
STATES = ("ok", "none", "liquidatable", "insufficient", "left out")
OK, NONE, LIQUIDATABLE, INSUFFICIENT, LEFT_OUT = range(len(STATES))

MOST = 10.0  # the contract's search range for the multiple of a joint move
_NOISE = 1e-14  # what is so small beside the amounts that it is the difference of is nothing


class Standing(msgspec.Struct, frozen=True, eq=False):
    """Where positions (N,) and pools (P,) stand at one set of prices, in their settle assets.

    NaN where facts are missing, and where a value is above its last tier. `margin_use` = requirement / equity (1 is
    liquidation), NaN where no equity is left.
    """

    value: Floats
    profit: Floats
    requirement: Floats
    maintenance: Floats
    equity: Floats
    pool_requirement: Floats
    pool_maintenance: Floats
    margin_use: Floats


class Liquidations(msgspec.Struct, frozen=True, eq=False):
    """Prices at which each position is liquidated with every other price frozen, (N,) each.

    `state` indexes STATES. `price` is the root nearest to the mark, `below` and `above` are the roots on each side
    (NaN: none); tiers count from 1 (0: no root, or no tiers); `distance` = |price - mark| / mark; `bankruptcy` is the
    price at which the equity is used up, `estimate` that at which it is today's requirement.
    """

    state: States
    price: Floats
    below: Floats
    above: Floats
    tier_below: Ints
    tier_above: Ints
    distance: Floats
    bankruptcy: Floats
    estimate: Floats


class JointDistance(msgspec.Struct, frozen=True, eq=False):
    """How many times a joint move each account stands, (A,) each.

    `multiple` is where its first pool is liquidated: 0 where one already is; NaN where the whole range is not enough
    (state "none") and where facts are missing. `first` is the position of that pool that lost most on the way (-1:
    none).
    """

    multiple: Floats
    state: States
    first: Ints


def standing(columns: Columns, moves: Floats | None = None) -> Standing:
    """Profit, requirement, equity and margin use at the marks, or after relative moves per instrument (-0.1: ten per
    cent down). Where a price would reach zero its positions and pools are NaN.
    """
    at = np.ones(len(columns)) if moves is None else _after(columns, moves)
    charged = columns.charged * at
    tier = _tier(columns, charged)
    rows = np.arange(len(columns))
    fee = columns.fee_rate * charged
    requirement = (
        _at_tier(columns.rates, tier, rows) * charged - _at_tier(columns.amounts, tier, rows) + fee + columns.fixed
    )
    requirement[charged > columns.last_cap * EDGE] = np.nan
    maintenance = requirement + columns.reserved_fee - np.where(columns.fee_in_maintenance, 0.0, fee)
    value = columns.value * at
    profit = columns.direction * (value - columns.entry_value)
    pools = len(columns.wallet)
    equity = columns.wallet + _per_pool(columns, profit)
    required = _per_pool(columns, requirement)
    held = _per_pool(columns, maintenance)
    unknown = columns.gaps != 0
    equity[unknown] = required[unknown] = held[unknown] = np.nan
    margin_use = np.divide(required, equity, out=np.full(pools, np.nan), where=equity > 0)
    return Standing(value, profit, requirement, maintenance, equity, required, held, margin_use)


def liquidations(columns: Columns, now: Standing | None = None) -> Liquidations:
    """Liquidation prices with all other prices frozen; `now` spares the standing at the marks where it is known.

    The algebra is `risk.liquidation`'s: one root at most on each side of the mark, what lies behind it comes too late.
    """
    now = now or standing(columns)
    contract, pool = columns.contract, columns.pool
    count = int(contract.max(initial=-1)) + 1
    own, slack, up = (now.equity - now.pool_requirement)[pool], np.empty(count), np.ones(len(columns))
    slack[contract] = own
    fallen, _ = _first_touch(columns, contract, -up, slack, np.ones(count))
    risen, beyond = _first_touch(columns, contract, up, slack, np.full(count, np.inf))
    low = np.where(fallen < 1 - _NOISE, 1 - fallen, np.nan)[contract]
    high = np.where(risen <= beyond, 1 + risen, np.nan)[contract]
    high[~np.isfinite(high)] = np.nan

    below, above = np.where(columns.inverse, high, low), np.where(columns.inverse, low, high)
    state = np.where(np.isfinite(low) | np.isfinite(high), OK, NONE).astype(np.int8)
    state[(risen[contract] > beyond[contract]) & (state == NONE) & np.isfinite(risen[contract])] = INSUFFICIENT
    state[~(own > 0)] = LIQUIDATABLE
    _mark_gaps(state, columns.gaps[pool])
    gone = state != OK
    below[gone] = above[gone] = np.nan

    tier_below, tier_above = (_shown(columns, y) for y in (below, above))
    below, above = _price(columns, below), _price(columns, above)
    fall, rise = columns.mark - below, above - columns.mark
    price = np.where(np.isnan(above) | (fall <= rise), below, above)
    return Liquidations(
        state=state,
        price=price,
        below=below,
        above=above,
        tier_below=tier_below,
        tier_above=tier_above,
        distance=np.abs(price - columns.mark) / columns.mark,
        bankruptcy=_equity_reaches(columns, now.equity, count),
        estimate=_equity_reaches(columns, now.equity - now.pool_requirement, count),
    )


class Touches(msgspec.Struct, frozen=True, eq=False):
    """Where each pool is liquidated along a joint move, (P,) each.

    `multiple` of the move (NaN: nowhere in the range); of a pool that is not known (state neither "ok" nor "none") it
    is the one from which it may be.
    """

    multiple: Floats
    state: States


def touches(columns: Columns, moves: Floats, most: float = MOST) -> Touches:
    """The first multiple in [0, most] at which each pool is liquidated, every price moving to
    mark x (1 + multiple x move) together; `moves` are relative, per instrument (I,).

    The search ends where a price of the account reaches zero. A pool that mixes linear and inverse contracts, or
    inverse ones with different moves, is not straight along the way and is left out.
    """
    move = moves[columns.instrument]
    accounts = int(columns.account.max(initial=-1)) + 1
    falls = move < 0
    pool_end, account_end = np.full(len(columns.wallet), np.inf), np.full(accounts, np.inf)
    np.minimum.at(pool_end, columns.pool[falls], -1 / move[falls])
    np.minimum.at(account_end, columns.account, pool_end)

    mixed, inverse_move = _kinds(columns, move)
    now = standing(columns)
    slack = now.equity - now.pool_requirement
    speed = np.where(columns.inverse, -np.sign(move), move)
    end = _along_inverse(np.minimum(pool_end, most * (1 + _NOISE)), inverse_move)
    touch, beyond = _first_touch(columns, columns.pool, speed, slack, end)
    multiple = np.minimum(_multiple_of(touch, inverse_move), most)
    multiple[~(multiple < pool_end * (1 - _NOISE))] = np.nan
    doubtful = (touch > beyond) & ~np.isnan(multiple)
    multiple[doubtful] = _multiple_of(beyond, inverse_move)[doubtful]
    multiple[~(multiple < account_end[columns.account])] = np.nan

    state = np.where(np.isnan(multiple), NONE, np.where(doubtful, INSUFFICIENT, OK)).astype(np.int8)
    _mark_gaps(state, columns.gaps | np.where(mixed, MIXED_KINDS, 0))
    multiple[(columns.gaps != 0) | mixed] = -np.inf
    return Touches(multiple, state)


def joint_distance(columns: Columns, moves: Floats, most: float = MOST) -> JointDistance:
    """Of each account the first of its pools' `touches`."""
    found = touches(columns, moves, most)
    accounts = int(columns.account.max(initial=-1)) + 1
    return _by_account(columns, moves[columns.instrument], found.multiple, found.state, accounts)


def _per_pool(columns: Columns, amounts: Floats) -> Floats:
    return np.bincount(columns.pool, amounts, len(columns.wallet)).astype(np.float64, copy=False)


def _mark_gaps(state: States, gaps: Ints) -> None:
    state[gaps != 0] = INSUFFICIENT
    state[(gaps & BEYOND_COLUMNS) != 0] = LEFT_OUT


def _after(columns: Columns, moves: Floats) -> Floats:
    factor = 1 + moves[columns.instrument]
    factor[factor <= 0] = np.nan
    return np.where(columns.inverse, 1 / factor, factor)


def _price(columns: Columns, y: Floats) -> Floats:
    return np.where(columns.inverse, columns.mark / y, columns.mark * y)


def _tier(columns: Columns, charged: Floats, rows: Ints | None = None) -> Ints:
    """Index of the tier at a charged value, of each position or of some."""
    caps = columns.caps if rows is None or len(rows) == len(columns) else columns.caps[:, rows]
    count: Ints = np.add.reduce(caps < charged / EDGE, axis=0, dtype=np.int16).astype(np.intp)
    return count


def _at_tier(table: Floats, tier: Ints, rows: Ints) -> Floats:
    """One figure of a (width, N) table for each row: its tier's."""
    return table.ravel()[tier * len(table[0]) + rows]


def _moved(speed: Floats, at: Floats) -> Floats:
    """y at t; a leg that does not move stays, however long the way."""
    with np.errstate(invalid="ignore"):
        return np.where(speed == 0, 1.0, 1 + speed * at)


def _shown(columns: Columns, y: Floats) -> Ints:
    tier = np.where(columns.shown_tier < 0, _tier(columns, columns.charged * y) + 1, columns.shown_tier)
    return np.where(np.isnan(y), 0, tier)


def _equity_reaches(columns: Columns, above: Floats, count: int) -> Floats:
    """The price of each contract that takes from its pool what its equity (P,) is above a target."""
    slope = np.bincount(columns.contract, columns.direction * columns.value, count)[columns.contract]
    flat = np.abs(slope) <= _NOISE * np.bincount(columns.contract, columns.value, count)[columns.contract]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = 1 - above[columns.pool] / slope
        return np.where((y > _NOISE) & ~flat, _price(columns, y), np.nan)


def _kinds(columns: Columns, move: Floats) -> tuple[Bools, Floats]:
    """Which pools mix kinds or moves, and the one move of the inverse pools (NaN: linear)."""
    pools = len(columns.wallet)
    pool, inverse = columns.pool, columns.inverse
    linear = np.bincount(pool, ~inverse, pools) > 0
    least, largest = np.full(pools, np.inf), np.full(pools, -np.inf)
    np.minimum.at(least, pool[inverse], move[inverse])
    np.maximum.at(largest, pool[inverse], move[inverse])
    has_inverse = least <= largest
    return has_inverse & (linear | (least != largest)), np.where(has_inverse, least, np.nan)


def _along_inverse(multiple: Floats, move: Floats) -> Floats:
    """How far y of an inverse pool has moved at a multiple: |1 / (1 + multiple x move) - 1|. Linear pools: it
    itself.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1 + multiple * move
        moved = np.where(factor > 0, np.abs(1 / factor - 1), np.inf)
    return np.where(np.isnan(move), multiple, moved)


def _multiple_of(moved: Floats, move: Floats) -> Floats:
    """The multiple at which y has moved so far: the inverse of `_along_inverse`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        multiple = np.where(moved == 0, 0.0, moved / (np.abs(move) * (1 - np.sign(move) * moved)))
    multiple = np.where(np.isnan(move), moved, multiple)
    return np.where(np.isfinite(multiple), multiple, np.nan)


def _by_account(columns: Columns, move: Floats, multiple: Floats, state: States, accounts: int) -> JointDistance:
    """From pools to accounts: the smallest multiple, unless a pool that is not known may be liquidated before.

    `multiple` of a pool that is not known is the one from which it may be.
    """
    account = columns.account
    least = np.full(accounts, np.inf)
    certain = np.flatnonzero(state == OK)
    np.minimum.at(least, account[certain], multiple[certain])
    answer = np.where(np.isfinite(least), OK, NONE).astype(np.int8)
    doubt = np.flatnonzero((state > NONE) & (multiple < least[account]))
    np.maximum.at(answer, account[doubt], state[doubt])

    # of the first pool, the position that lost most; the last written stays, so the largest loss comes last
    first_pool = np.full(accounts, -1, np.intp)
    hit = certain[multiple[certain] == least[account[certain]]][::-1]
    first_pool[account[hit]] = hit
    mine = np.flatnonzero(first_pool[account[columns.pool]] == columns.pool)
    factor = 1 + least[account[columns.pool[mine]]] * move[mine]
    y = np.where(columns.inverse[mine], 1 / factor, factor)
    gained = columns.direction[mine] * columns.value[mine] * (y - 1)
    order = np.lexsort((-mine, -gained))
    first = np.full(accounts, -1, np.intp)
    first[account[columns.pool[mine[order]]]] = mine[order]
    known = answer == OK
    return JointDistance(np.where(known, least, np.nan), answer, np.where(known, first, -1))


class _Way(msgspec.Struct, frozen=True, eq=False):
    """What moves, and how: y of each position is 1 + `speed` x t, in groups that stand and fall together.

    `group` and `speed` are per position (N,), groups numbered from 0. Per group (G,): `slack` at t = 0, `end` of the
    range of t, `flat` (a slope of the slack that is not below it is a rounding error).
    """

    columns: Columns
    group: Ints
    speed: Floats
    slack: Floats
    end: Floats
    flat: Floats


def _first_touch(columns: Columns, group: Ints, speed: Floats, slack: Floats, end: Floats) -> tuple[Floats, Floats]:
    """The smallest t in [0, end] at which each group's slack is used up (infinite: nowhere), and the t from which one
    of its legs is above its last tier. The arguments are those of `_Way`.
    """
    charged, groups = columns.charged, len(slack)
    with np.errstate(divide="ignore", invalid="ignore"):
        leaves = np.where((speed > 0) & (charged > 0), (columns.last_cap / charged - 1) / speed, np.inf)
    beyond = np.full(groups, np.inf)
    np.minimum.at(beyond, group, leaves)
    gross = np.bincount(group, np.abs(speed) * columns.value, groups).astype(np.float64, copy=False)
    way = _Way(columns, group, speed, slack, end, -_NOISE * gross)
    touch = np.where(slack <= 0, 0.0, np.inf)
    bent = np.bincount(group, columns.bent, groups) > 0
    _descend(way, (slack > 0) & ~bent, touch)
    _walk(way, (slack > 0) & bent, touch)
    return touch, beyond


def _descend(way: _Way, wanted: Bools, touch: Floats) -> None:
    """`touch` of the wanted groups, whose slack is concave over t: Newton's method from where the first piece leads to,
    or from the end of the range. It comes down on the zero, meets each straight piece at most once and ends on the one
    that holds it.
    """
    columns, groups = way.columns, len(way.slack)
    every = np.arange(len(columns))
    tier = _tier(columns, columns.charged)
    needed = _at_tier(columns.rates, tier, every) * columns.charged
    held = needed - _at_tier(columns.amounts, tier, every)
    gain = columns.direction * columns.value - columns.fee_rate * columns.charged
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.bincount(way.group, way.speed * (gain - needed), groups)
        at = np.minimum(way.end, np.where(slope < way.flat, -way.slack / slope, np.inf))
    rows = np.flatnonzero(wanted[way.group])
    while len(rows):
        own, pace, charged = way.group[rows], way.speed[rows], columns.charged[rows]
        with np.errstate(invalid="ignore"):
            tier = _tier(columns, charged * _moved(pace, at[own]), rows)
        needed = _at_tier(columns.rates, tier, rows) * charged
        relief = held[rows] - needed + _at_tier(columns.amounts, tier, rows)
        level = way.slack + np.bincount(own, relief, groups)
        slope = np.bincount(own, pace * (gain[rows] - needed), groups)
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = -level / slope
        nearer = (slope < way.flat) & (zero <= way.end) & (zero < touch)
        touch[nearer] = at[nearer] = zero[nearer]
        rows = rows[nearer[own]]


def _walk(way: _Way, wanted: Bools, touch: Floats) -> None:
    """`touch` of the wanted groups, whatever shape their slack has: every edge on the way in ascending order."""
    rows = np.flatnonzero(wanted[way.group])
    rows = rows[np.argsort(way.group[rows], kind="stable")]
    counts = np.bincount(way.group[rows], minlength=len(way.slack))
    starts = np.cumsum(counts) - counts
    for legs in np.unique(counts[counts > 0]):
        chosen = np.flatnonzero(counts == legs)
        block = rows[starts[chosen] + np.arange(legs)[:, None]]
        path = _path(way.columns, block, way.speed[block], way.end[chosen])
        touch[chosen] = _first_zero(*path, way.slack[chosen], way.end[chosen], way.flat[chosen])


def _path(columns: Columns, rows: Ints, speed: Floats, end: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Of groups of equally many legs, `rows` (legs, groups): slack's slope at t = 0 (groups,), then the t of every edge
    on the way in ascending order and how slack's level (its line's value at t = 0) and slope change there, (edges x
    legs, groups). An edge that is not met stands at 0 or at the end and changes nothing.
    """
    charged = columns.charged[rows]
    caps, rates, amounts = columns.caps[:, rows], columns.rates[:, rows], columns.amounts[:, rows]
    tier = np.count_nonzero(caps < charged / EDGE, axis=0)
    rate = columns.fee_rate[rows] + np.take_along_axis(rates, tier[None], axis=0)[0]
    slope = np.sum(speed * (columns.direction[rows] * columns.value[rows] - rate * charged), axis=0)
    grows, ahead = speed > 0, np.arange(len(caps) - 1)[:, None, None] >= tier
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.fmax((caps[:-1] / charged - 1) / speed, 0.0)
    met = (grows == ahead) & (speed != 0) & (at < end)
    at = np.where(met, at, np.where(grows == ahead, end, 0.0))
    turn = np.where(met, np.where(grows, -1.0, 1.0), 0.0)
    steep = np.diff(rates, axis=0) * charged
    level, bend = turn * (steep - np.diff(amounts, axis=0)), turn * steep * speed
    shape = (-1, rows.shape[1])
    at, level, bend = at.reshape(shape), level.reshape(shape), bend.reshape(shape)
    order = np.argsort(at, axis=0, kind="stable")
    at, level, bend = (np.take_along_axis(part, order, axis=0) for part in (at, level, bend))
    return slope, at, level, bend


def _first_zero(
    slope: Floats, at: Floats, level: Floats, bend: Floats, slack: Floats, end: Floats, flat: Floats
) -> Floats:
    """The first t in [0, end] at which slack is not above zero, from what `_path` says; infinite where none is."""
    groups = len(slack)
    starts = np.concatenate([np.zeros((1, groups)), at])
    stops = np.concatenate([at, end[None]])
    levels = np.cumsum(np.concatenate([slack[None], level]), axis=0)
    slopes = np.cumsum(np.concatenate([slope[None], bend]), axis=0)
    # edges of several legs at one t are passed together: a stretch of no length is looked at with the next one
    looked_at = stops > starts * (1 + 4e-16)
    looked_at[-1] = True
    with np.errstate(divide="ignore", invalid="ignore"):
        at_start = looked_at & (levels + slopes * starts <= 0)
        zeros = -levels / slopes
    hit = at_start | (looked_at & (slopes < flat) & (zeros <= stops))
    first = np.argmax(hit, axis=0)
    pick = first, np.arange(groups)
    zero = np.where(at_start[pick], starts[pick], np.fmax(zeros[pick], starts[pick]))
    return np.where(hit[pick], zero, np.inf)
