"""One line of the positions table: what was written, what the engine says of it, and every cell's words."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from workstation.domain.instrument import parse_symbol
from workstation.domain.position import Position
from workstation.domain.scenario import DOLLARS
from workstation.domain.unknown import Number, Unknown, known
from workstation.risk.report import PositionReport
from workstation.runtime.messages import Frame
from workstation.ui import formats, severity
from workstation.ui.distances import signed_distance
from workstation.ui.ports import MarketMove
from workstation.ui.theme import Tone

FAR = float("inf")


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: what the trader wrote, what the engine says of it, and where it belongs in the desk."""

    account: int
    position: int
    account_name: str
    venue: str
    held: Position
    report: PositionReport
    tick: Decimal | None
    actual_mark: Decimal | None
    what_if: bool

    @property
    def settle(self) -> str | None:
        parts = parse_symbol(self.held.symbol)
        return parts.settle if parts else None


def rows_of(frame: Frame, move: MarketMove) -> tuple[PositionRow, ...]:
    """One row a position, account by account, in the order of the file."""
    return tuple(
        PositionRow(
            account=i,
            position=j,
            account_name=account.name,
            venue=account.venue,
            held=held,
            report=report,
            tick=report.price_tick,
            actual_mark=frame.desk.marks.get(account.venue, {}).get(held.symbol),
            what_if=not move.is_real,
        )
        for i, (account, answer) in enumerate(zip(frame.desk.accounts, frame.risk.accounts, strict=True))
        for j, (held, report) in enumerate(zip(account.positions, answer.positions, strict=True))
    )


def status(row: PositionRow) -> str:
    """The state of the position in words, with the reason where there is no liquidation price."""
    liquidation = row.report.liquidation
    because = liquidation.because or "no reason was given"
    match liquidation.status:
        case "ok":
            return "ok"
        case "estimate":
            return "estimate: no figure of the venue confirms this rule yet"
        case "none":
            return f"no liquidation price: {because}"
        case "liquidatable":
            return "LIQUIDATABLE"
        case "insufficient":
            return f"— {formats.reason(Unknown(because, liquidation.missing))}"


def explanation(row: PositionRow) -> str:
    """Where the row's numbers come from, in full."""
    report, rule, tiers = row.report, row.report.rule, row.report.tiers
    parts = [f"{row.held.symbol} {row.held.side}, {row.account_name} on {row.venue}: {status(row)}"]
    if report.liquidation.status == "liquidatable":
        parts.append(report.liquidation.because or "The requirement has reached the equity")
    if report.liquidation.roots:
        roots = "; ".join(
            f"{formats.exact(root.price)} {root.direction} the mark" + (f" (tier {root.tier})" if root.tier else "")
            for root in report.liquidation.roots
        )
        parts.append(f"Liquidated at {roots}. Bankrupt at {formats.exact(report.bankruptcy_price)}")
    if known(report.maintenance_margin):
        parts.append(
            f"Initial margin {formats.exact(report.initial_margin)}, "
            f"maintenance margin {formats.exact(report.maintenance_margin)}{_unit(row)} at the mark"
        )
    if rule:
        parts.append(f"Rule {rule.id} from {rule.valid_from}, {rule.evidence}: {rule.source}")
    if tiers:
        read_on = "" if tiers.as_of == tiers.source else f", read on {tiers.as_of}"
        parts.append(f"Tiers: {tiers.source}{read_on}")
    return ".\n".join(parts) + "."


def side(row: PositionRow) -> str:
    """Which way it goes, in a word and an arrow."""
    return "▲ LONG" if row.held.side == "long" else "▼ SHORT"


def size(row: PositionRow) -> str:
    """In coins or contracts."""
    if row.held.contracts is not None:
        return f"{formats.grouped(row.held.contracts)} contracts"
    parts = parse_symbol(row.held.symbol)
    return f"{formats.grouped(row.held.quantity or Decimal(0))} {parts.base if parts else ''}".strip()


def price(number: Number, row: PositionRow) -> str:
    """At the tick."""
    return shown(number, lambda price: formats.price(price, row.tick))


def liquidation_price(row: PositionRow) -> str:
    """What the venue would show, at the tick, never rounded away from the market; with the mark of an estimate."""
    mark = row.report.mark
    toward = mark if known(mark) else None
    text = shown(row.report.displayed_price, lambda price: formats.price(price, row.tick, toward=toward))
    return f"~{text}" if row.report.liquidation.status == "estimate" else text


def liquidation_tip(row: PositionRow) -> str:
    """The venue's figure and the exact one, or why there is none."""
    exact = row.report.liquidation.price
    if exact is None:
        return status(row)
    return f"shown {formats.exact(row.report.displayed_price)}\nexact {formats.exact(exact)}"


def distance(row: PositionRow) -> str:
    """In per cent, signed as the price must move."""
    signed = signed_distance(row.report)
    return formats.UNKNOWN if signed is None else formats.percent(signed, signed=True)


def distance_tone(row: PositionRow) -> Tone:
    """How near it is."""
    fraction = row.report.distance_fraction
    return severity.of_distance(fraction)[0] if known(fraction) else "fg2"


def distance_quote(row: PositionRow) -> str:
    """As a price difference, signed as the price must move."""
    signed, quote = signed_distance(row.report), row.report.distance_quote
    if signed is None or not known(quote):
        return formats.UNKNOWN
    return (formats.MINUS if signed < 0 else "+") + formats.price(quote, row.tick)


def pnl_tone(row: PositionRow) -> Tone:
    """Won or lost."""
    pnl = row.report.unrealised_pnl
    if not known(pnl) or pnl == 0:
        return "fg2"
    return "up" if pnl > 0 else "down"


def margin_use_tip(row: PositionRow) -> str:
    """The exact figure with its word."""
    use = row.report.margin_use
    return f"{severity.of_margin_use(use)[1]}: {formats.exact(use)}" if known(use) else formats.exact(use)


def money(number: Number, row: PositionRow, *, signed: bool) -> str:
    """An amount in the settle asset."""
    # dollars go without saying
    unit = "" if row.settle in DOLLARS else _unit(row)
    return shown(number, lambda value: formats.amount(value, row.settle, signed=signed) + unit)


def _unit(row: PositionRow) -> str:
    return f" {row.settle}" if row.settle else ""


def wallet(row: PositionRow) -> str:
    """What an isolated position holds."""
    if row.held.margin_mode == "cross":
        return "shared"
    return (
        formats.UNKNOWN if row.report.isolated_wallet is None else money(row.report.isolated_wallet, row, signed=False)
    )


def wallet_tip(row: PositionRow) -> str:
    """Where that figure comes from."""
    if row.held.margin_mode == "cross":
        return "cross: the account's wallet carries it"
    if row.report.isolated_wallet is None:
        return ""
    source = "given" if row.held.isolated_wallet is not None else "from the entry value and the leverage"
    return f"{formats.exact(row.report.isolated_wallet)} ({source})"


def rule(row: PositionRow) -> str:
    """The rule and its evidence."""
    rule = row.report.rule
    if rule is None:
        return formats.UNKNOWN
    return f"{rule.id} · {'✓ verified' if rule.evidence == 'verified' else '~ documented'}"


def rule_tip(row: PositionRow) -> str:
    """Where the rule was read."""
    rule = row.report.rule
    return f"{rule.source}, from {rule.valid_from}" if rule else status(row)


def rule_tone(row: PositionRow) -> Tone:
    """Amber where no figure of the venue confirms the rule."""
    rule = row.report.rule
    return "amber" if rule and rule.evidence == "documented" else "fg2"


def status_tone(row: PositionRow) -> Tone:
    """How much attention the state needs."""
    match row.report.liquidation.status:
        case "liquidatable":
            return "red"
        case "insufficient" | "estimate":
            return "amber"
        case "ok" | "none":
            return "fg2"


def bare(number: Decimal | None) -> str:
    """What an editor starts with: every digit, no groups."""
    return "" if number is None else f"{number:f}"


def shown(number: Number, how: Callable[[Decimal], str]) -> str:
    """The number as text, or the dash."""
    return how(number) if known(number) else formats.UNKNOWN


def tone(number: Number, when_known: Tone) -> Tone:
    """Grey where there is no number."""
    return when_known if known(number) else "fg2"


def sort_key(number: Number) -> float:
    """Unknown numbers sort last."""
    return float(number) if known(number) else FAR
