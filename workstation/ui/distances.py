"""What the header says of one account: equity, margin use, per-symbol and joint distance; in words, without Qt."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from workstation.desk.trial import MarketMove
from workstation.domain.unknown import Number, Unknown, known
from workstation.risk.report import AccountReport, PositionReport, StressedAccount
from workstation.ui import formats, severity
from workstation.ui.theme import Tone

WHERE_BALANCES = "Edit › Change balances, Ctrl+B"
_MOST_BETAS = 3


class Said(msgspec.Struct, frozen=True):
    """One figure: its text, the small print under it, how bad it is, and what hovering tells."""

    value: str
    note: str = ""
    tone: Tone = "fg"
    tip: str = ""
    fullness: float | None = None
    brief: str = ""  # the small print where there is little room
    number: Decimal | None = None  # for comparing with another
    asset: str | None = None  # of an amount of money; None for fractions


def equity(account: AccountReport) -> Said:
    """The equity of the pool with the highest margin use."""
    pool = account.worst_pool
    if pool is None:
        wallets = "every position is isolated and carries its own wallet" if account.positions else "no positions yet"
        return Said(formats.UNKNOWN, wallets, "fg2")
    others = len(account.pools) - 1
    note = f"{pool.asset} pool" + (f", the most strained of {others + 1}" if others else "")
    if isinstance(pool.equity, Unknown):
        said = _unknown(pool.equity)
        wallet = any(".balances." in missing for missing in pool.equity.missing)
        return msgspec.structs.replace(said, note=f"{said.note}: {WHERE_BALANCES}") if wallet else said
    tone: Tone = "fg" if pool.equity > 0 else "red"
    text = f"{formats.amount(pool.equity, pool.asset)} {pool.asset}"
    return Said(text, note, tone, formats.exact(pool.equity), number=pool.equity, asset=pool.asset)


def difference(tried: Said, actual: Said) -> str:
    """A figure of a what-if less the actual one: money in its asset, fractions in percentage points. Empty where one of
    the two is no number, or where nothing changes.
    """
    if tried.number is None or actual.number is None or tried.asset != actual.asset or tried.number == actual.number:
        return ""
    change = tried.number - actual.number
    if tried.asset is not None:
        return formats.amount(change, tried.asset, signed=True)
    if tried.number * actual.number < 0:
        return ""  # a fall beside a rise: their difference is no distance
    return formats.fixed(change * 100, 1, signed=True) + formats.GROUP + "pp"


def margin_use(account: AccountReport) -> Said:
    """The highest margin use of the account's pool and of its isolated positions; with the venue's own ratio."""
    pool = account.worst_pool
    uses: list[tuple[Number, str]] = [
        (p.margin_use, p.symbol) for p in account.positions if p.margin_mode == "isolated"
    ]
    if pool is not None:
        uses.insert(0, (pool.margin_use, f"{pool.asset} pool"))
    if not uses:
        return Said(formats.UNKNOWN, "no positions yet", "fg2")
    if any(p.liquidation.status == "liquidatable" for p in account.positions):
        why = "the requirement has reached the equity"
        return Said("at liquidation", why, "red", fullness=1.0, brief=why)
    numbers = [(use, name) for use, name in uses if known(use)]
    if not numbers:
        return _unknown(uses[0][0])
    use, name = max(numbers)
    tone, word = severity.of_margin_use(use)
    note = [word, name]
    if len(numbers) < len(uses):
        note.append(f"{len(uses) - len(numbers)} unknown")
    if pool is not None and pool.venue_ratio is not None and known(pool.venue_ratio.value):
        note.append(f"{pool.venue_ratio.label} {formats.percent(pool.venue_ratio.value)}")
    shown: Tone = "fg" if tone == "fg2" else tone
    text, tip = formats.percent(use, 1), "100 % is liquidation"
    return Said(text, " · ".join(note), shown, tip, float(use), word, number=use)


def per_symbol(account: AccountReport) -> Said:
    """The nearest liquidation price, each symbol moving alone: the number that venues show."""
    dead = [p.symbol for p in account.positions if p.liquidation.status == "liquidatable"]
    if dead:
        return Said("at liquidation", ", ".join(dict.fromkeys(dead)), "red")
    distances = [(p.distance_fraction, p) for p in account.positions if known(p.distance_fraction)]
    missing = [p for p in account.positions if p.liquidation.status == "insufficient"]
    if not distances:
        if missing:
            return _unknown(missing[0].distance_fraction)
        return Said("none" if account.positions else formats.UNKNOWN, "no single price liquidates", "fg2")
    distance, nearest = min(distances, key=lambda pair: pair[0])
    note = f"{nearest.symbol}, the venue's own"
    if missing:
        note += f" · {len(missing)} unknown"
    signed = signed_distance(nearest) or distance
    return Said(
        formats.percent(signed, signed=True),
        note,
        severity.of_distance(distance)[0],
        f"liquidation price {formats.exact(nearest.displayed_price)} while every other price stands still",
        number=signed,
    )


def signed_distance(position: PositionReport) -> Decimal | None:
    """The relative move of this symbol alone that liquidates; None where none is known."""
    fraction, price = position.distance_fraction, position.liquidation.price
    if not known(fraction) or price is None or not known(position.mark):
        return None
    return -fraction if price < position.mark else fraction


def liquidating_moves(falls: StressedAccount, rises: StressedAccount) -> tuple[Decimal | None, Decimal | None]:
    """The market's own move, down and up, at which the account has its first liquidation; None where none is found.

    Where facts are missing (`computed` is false) it is the first of what could be computed: it comes then or earlier.
    """
    down, up = falls.first_liquidation, rises.first_liquidation
    return (None if down is None else -down.multiple), (None if up is None else up.multiple)


def joint(
    falls: StressedAccount, rises: StressedAccount, move: MarketMove, along: StressedAccount | None = None
) -> Said:
    """How far everything together may go, by the betas; while the market is moved, what is left from there.

    Where assets are moved by shocks of their own nothing says what is left: then it is what there is from today's
    prices, and `along`, the account along that move, tells whether it is liquidated on the way.
    """
    down, up = liquidating_moves(falls, rises)
    ends = [end for end in (down, up) if end is not None]
    if 0 in ends:
        dead = (falls if down == 0 else rises).first_liquidation
        return Said("at liquidation", f"{dead.symbol if dead else ''}, at today's prices", "red")
    how = f"all together, {betas_in_words(move.betas)}"
    if move.shocks:
        if along is not None and along.survives is False:
            name = along.first_liquidation.symbol if along.first_liquidation else ""
            return Said("liquidated", f"on the way to this move · {name} first", "red")
        how = f"from today's prices, {how}"
        move = msgspec.structs.replace(move, size=Decimal(0))
    for end in ends:
        if move.size <= end < 0 or 0 < end <= move.size:
            return Said("liquidated", f"{how} · at {formats.percent(end, signed=True)}", "red")
    for direction in (falls, rises):
        if not direction.computed:
            latest = (
                f" · at the latest {' or '.join(formats.percent(end, signed=True) for end in ends)}" if ends else ""
            )
            unknown = _unknown(direction.multiple)
            return msgspec.structs.replace(unknown, note=unknown.note + latest)
    if not falls.positions:
        return Said(formats.UNKNOWN, "no positions yet", "fg2")
    if not ends:
        deepest = formats.percent(move.limits()[0], 0, signed=True)
        return Said("none", f"{how} · stands {deepest} and {formats.percent(Decimal(10), 0, signed=True)}", "fg")
    end = min(ends, key=lambda at: abs(at - move.size))
    first = (falls if end == down else rises).first_liquidation
    tip = f"{first.symbol} is liquidated first" if first else ""
    note = how if not move.size else f"{how} · left of {formats.percent(end, signed=True)}"
    left = end - move.size
    return Said(formats.percent(left, signed=True), note, severity.of_distance(left)[0], tip, number=left)


def betas_in_words(betas: Mapping[str, Decimal]) -> str:
    """The betas that are not 1.

    >>> betas_in_words({"ETH": Decimal("1.3")}), betas_in_words({})
    ('ETH ×1.3', 'every coin alike')
    """
    named = [f"{asset} ×{formats.times(beta)[:-1]}" for asset, beta in betas.items() if beta != 1]
    more = [f"{len(named) - _MOST_BETAS} more"] if len(named) > _MOST_BETAS else []
    return ", ".join(named[:_MOST_BETAS] + more) or "every coin alike"


def _unknown(why: Number) -> Said:
    full = formats.exact(why)
    if not isinstance(why, Unknown):
        return Said(formats.UNKNOWN, full, "fg2", full)
    # a book without prices has as many reasons as legs: the first tells what to do, hovering tells the rest
    first, *others = why.because.split("; ")
    note = first if not others else f"{first}, and {len(others)} more reason{'s'[: len(others) > 1]}"
    return Said(formats.UNKNOWN, note, "fg2", full, brief=note)
