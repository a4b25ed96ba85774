"""Lines of the desk's positions in one contract: entries, the venue's own liquidation price, and the joint one."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from workstation.desk.trial import counted, market_move
from workstation.domain.instrument import parse_symbol
from workstation.domain.position import Account, Position
from workstation.domain.unknown import known
from workstation.risk.report import PositionReport, RiskReport, StressedAccount
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts.level_lines import Level, Stroke
from workstation.ui.theme import Tone
from workstation.ui.ticks import market_tick

JOINT, ALONE = "joint", "per symbol"


class PositionLevels(msgspec.Struct, frozen=True):
    """Lines, and why some that should be there are not."""

    levels: tuple[Level, ...] = ()
    missing: tuple[str, ...] = ()


def position_levels(frame: Frame, venue: str, symbol: str) -> PositionLevels:
    """The lines of a contract on one venue. A what-if's own are hatched, and the real ones that differ are faint."""
    mark, tick = _mark(frame, venue, symbol), _tick(frame, venue, symbol)
    real, missing = _lines(frame.desk.accounts, frame.risk, venue, symbol, mark, tick)
    if frame.what_if is None:
        return PositionLevels(tuple(dict.fromkeys(real)), missing)
    tried, missing = _lines(counted(frame.desk), frame.what_if, venue, symbol, mark, tick)
    # distances differ where the mark is moved; the line is the same one
    same = {_place(level) for level in real} & {_place(level) for level in tried}
    faint = (msgspec.structs.replace(level, faint=True) for level in real if _place(level) not in same)
    hatched = (
        msgspec.structs.replace(level, label=f"What-if · {level.label}", tone="red", stroke="dashed", what_if=True)
        for level in tried
        if _place(level) not in same
    )
    kept = (level for level in real if _place(level) in same)
    lines = (*faint, *kept, *hatched, *_moved_mark(frame, symbol, mark, tick))
    return PositionLevels(tuple(dict.fromkeys(lines)), missing)


def _place(level: Level) -> tuple[str, float]:
    return level.brief, level.price


def _lines(
    accounts: Sequence[Account],
    report: RiskReport,
    venue: str,
    symbol: str,
    mark: Decimal | None,
    tick: Decimal | None,
) -> tuple[list[Level], tuple[str, ...]]:
    levels: list[Level] = []
    missing: list[str] = []
    holders = [i for i, own in enumerate(accounts) if own.venue == venue and _holds(own, symbol)]
    for i in holders:
        account = report.accounts[i]
        whose = f"{account.name} " if len(holders) > 1 else ""
        reports = [
            (held, said)
            for held, said in zip(accounts[i].positions, account.positions, strict=True)
            if held.symbol == symbol
        ]
        for held, said in reports:
            levels.append(_entry(held, said, tick, whose))
            price, now = said.displayed_price, said.mark if known(said.mark) else mark
            if known(price):
                what = f"{whose}Liquidation {ALONE} {held.side.upper()}"
                levels.append(_level(price, now, tick, what, whose + ALONE, "orange", "dashed"))
            elif said.liquidation.status == "insufficient":
                missing.append(f"{whose}liquidation {ALONE}: {formats.exact(price)}")
        for stress in report.stress[:2]:
            level = _joint(stress.accounts[i], symbol, mark, tick, whose)
            if level is not None:
                levels.append(level)
            elif not stress.accounts[i].computed:
                missing.append(f"{whose}{JOINT}, {stress.name}: {formats.exact(stress.accounts[i].multiple)}")
    return levels, tuple(missing)


def _holds(account: Account, symbol: str) -> bool:
    return any(held.symbol == symbol for held in account.positions)


def _entry(held: Position, said: PositionReport, tick: Decimal | None, whose: str) -> Level:
    label = f"{whose}Entry {held.side.upper()} {_size(held)}"
    mark = said.mark if known(said.mark) else None
    return _level(held.entry_price, mark, tick, label, label[0].lower() + label[1:], "accent", "dashed")


def _size(held: Position) -> str:
    if held.quantity is None:
        return "—" if held.contracts is None else f"{formats.exact(held.contracts)} contracts"
    parts = parse_symbol(held.symbol)
    return f"{formats.exact(held.quantity)} {parts.base if parts else ''}".rstrip()


def _joint(
    stressed: StressedAccount, symbol: str, mark: Decimal | None, tick: Decimal | None, whose: str
) -> Level | None:
    """Where this price stands when the account is liquidated with everything moving together."""
    move = stressed.moves.get(symbol)
    if move is None or mark is None:
        return None
    return _level(mark * (1 + move), mark, tick, f"{whose}Liquidation {JOINT}", whose + JOINT, "red", "solid")


def _level(
    price: Decimal, mark: Decimal | None, tick: Decimal | None, label: str, brief: str, tone: Tone, stroke: Stroke
) -> Level:
    distance = "" if not mark else formats.percent((price - mark) / mark, signed=True)
    is_liquidation = tone != "accent"
    text = formats.price(price, tick, toward=mark if is_liquidation else None)
    label = f"{label} {distance}".rstrip() if is_liquidation else label
    return Level(price=float(price), text=text, label=label, brief=brief, distance=distance, tone=tone, stroke=stroke)


def _moved_mark(frame: Frame, symbol: str, mark: Decimal | None, tick: Decimal | None) -> Iterable[Level]:
    parts = parse_symbol(symbol)
    move = market_move(frame.desk).shock().of(parts.base) if parts else Decimal(0)
    if mark is None or not move:
        return
    moved = mark * (1 + move)
    yield Level(
        price=float(moved),
        text=formats.price(moved, tick),
        label="What-if · mark",
        brief="mark",
        distance=formats.percent(move, signed=True),
        tone="red",
        stroke="dotted",
        what_if=True,
    )


def _mark(frame: Frame, venue: str, symbol: str) -> Decimal | None:
    """The mark that the risk was computed at: the desk's own wins."""
    pinned = frame.desk.marks.get(venue, {}).get(symbol)
    return frame.market.mark(venue, symbol) if pinned is None else pinned


def _tick(frame: Frame, venue: str, symbol: str) -> Decimal | None:
    for account in frame.risk.accounts:
        for said in account.positions:
            if account.venue == venue and said.symbol == symbol and said.price_tick is not None:
                return said.price_tick
    return market_tick(frame.market, venue, symbol)
