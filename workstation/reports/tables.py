"""A RiskReport as readable tables for a terminal."""

import unicodedata
from collections.abc import Iterable, Sequence

from workstation.domain.parsing import parse_moment
from workstation.domain.unknown import Number, Unknown
from workstation.reports.numbers import percent, short
from workstation.risk.report import AccountReport, PoolReport, PositionReport, RiskReport, StressedAccount, StressReport

_POSITION_TITLES = (
    "symbol",
    "side",
    "mode",
    "mark",
    "liquidation",
    "distance",
    "in quote",
    "margin use",
    "status",
    "rule",
)


def margin_table(report: RiskReport) -> str:
    """`workstation margin FILE`: every account, its pools and positions; reasons below where a number is missing."""
    return "\n\n".join(_account(account, report.as_of) for account in report.accounts) or "The file holds no accounts."


def stress_table(stress: StressReport) -> str:
    """`workstation stress FILE --scenario S`."""
    answer = {True: "survives", False: "does not survive", None: "not known: facts are missing"}[stress.survives]
    head = f"Scenario {stress.name}: {answer}"
    return "\n\n".join([head, *(_stressed(account) for account in stress.accounts)])


def columns(titles: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table: the first `left` columns flush left, the others flush right, and two blanks between."""
    lines = [tuple(titles), *(tuple(row) for row in rows)]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(titles))]
    return "\n".join(
        "  ".join(
            _padded(cell, width, flush_left=i < left) for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Columns on a terminal: East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, *, flush_left: bool) -> str:
    gap = " " * (width - _width(text))
    return text + gap if flush_left else gap + text


def _account(account: AccountReport, as_of: str) -> str:
    rows = [_position(position) for position in account.positions]
    parts = [f"{account.name} · {account.venue} · rules of {as_of}"]
    parts += [_pool(pool) for pool in account.pools]
    if rows:
        parts.append(columns(_POSITION_TITLES, rows, left=3))
    notes = dict.fromkeys(note for position in account.positions for note in _notes(position))
    parts += notes
    parts += dict.fromkeys(line for position in account.positions for line in _sources(position, as_of))
    return "\n".join(parts)


def _pool(pool: PoolReport) -> str:
    if isinstance(pool.equity, Unknown):
        return f"pool {pool.asset}: — {pool.equity.because}"
    ratio = pool.venue_ratio
    own = f", {ratio.label} {short(ratio.value)}" if ratio else ""
    return (
        f"pool {pool.asset}: equity {short(pool.equity)}, maintenance {short(pool.maintenance_margin)}, "
        f"initial {short(pool.initial_margin)}, margin use {percent(pool.margin_use)}{own}"
    )


def _position(position: PositionReport) -> tuple[str, ...]:
    found = position.liquidation
    return (
        position.symbol,
        position.side,
        position.margin_mode,
        short(position.mark),
        short(position.displayed_price),
        _signed(position),
        short(position.distance_quote),
        percent(position.margin_use),
        found.status,
        position.rule.id if position.rule else "—",
    )


def _signed(position: PositionReport) -> str:
    """The distance with the direction that liquidates."""
    if not isinstance(position.distance_fraction, Unknown) and position.liquidation.price is not None:
        down = any(r.direction == "below" and r.price == position.liquidation.price for r in position.liquidation.roots)
        return ("−" if down else "+") + percent(position.distance_fraction)
    return "—"


def _notes(position: PositionReport) -> list[str]:
    found = position.liquidation
    label = f"{position.symbol} {position.side}"
    notes: list[str] = []
    if found.status != "ok" and found.because:
        notes.append(f"  {label}: {found.status} — {found.because}")
    notes += [f"    missing: {place}" for place in found.missing]
    if len(found.roots) > 1:
        prices = " and ".join(f"{short(root.price)} ({root.direction})" for root in found.roots)
        notes.append(f"  {label}: liquidated at {prices}")
    return notes


def _sources(position: PositionReport, as_of: str) -> list[str]:
    """What the figures rest on; brackets that were read long before are to be seen as such."""
    lines: list[str] = []
    if position.rule:
        rule = position.rule
        lines.append(f"  rule {rule.id}: {rule.evidence}, since {rule.valid_from}; {rule.source}")
    read_on = parse_moment(position.tiers.as_of) if position.tiers else None
    if position.tiers and read_on:
        asked = parse_moment(as_of)
        age = f", {(asked - read_on).days} days before" if asked else ""
        lines.append(f"  brackets read on {position.tiers.as_of}{age}; {position.tiers.source}")
    return lines


def _stressed(account: StressedAccount) -> str:
    before, after = short(account.equity_before), short(account.equity_after)
    use = percent(account.margin_use_after)
    lines = [
        f"{account.name}: equity {before} → {after} {account.asset or ''}, margin use after {use}",
        f"joint distance: {_multiple(account.multiple)}",
    ]
    if account.moves:
        lines.append("  at " + ", ".join(f"{symbol} {percent(move, 4)}" for symbol, move in account.moves.items()))
    if account.first_liquidation:
        lines.append(f"  first liquidated: {account.first_liquidation.symbol}")
    rows = [
        (
            p.symbol,
            p.side,
            short(p.mark_after),
            short(p.pnl),
            percent(p.distance_after),
            "liquidated" if p.liquidated else "",
        )
        for p in account.positions
    ]
    lines.append(columns(("symbol", "side", "mark after", "change", "distance after", ""), rows, left=2))
    return "\n".join(lines)


def _multiple(multiple: Number) -> str:
    return f"— {multiple.because}" if isinstance(multiple, Unknown) else f"{short(multiple, 6)} × the move"
