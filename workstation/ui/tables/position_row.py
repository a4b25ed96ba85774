"""One line of the positions table: what was written, what the engine says of it, and every cell's words."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from workstation.desk.trial import counted_legs, looked_at, market_move
from workstation.domain.instrument import parse_symbol
from workstation.domain.position import Position
from workstation.domain.scenario import DOLLARS
from workstation.domain.unknown import Number, Unknown, known
from workstation.risk.report import Liquidation, PositionReport
from workstation.runtime.messages import Frame
from workstation.ui import formats, severity
from workstation.ui.distances import signed_distance
from workstation.ui.theme import Tone
from workstation.ui.ticks import price_tick

FAR = float("inf")
LEFT_OUT = Unknown("left out of the what-if")
NOT_BOOKED = Unknown("only the what-if holds this position")


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: what the trader wrote, what the engine says of it, and where it belongs in the desk.

    `report` is what is shown: of the what-if where one is on (`what_if`), else of the book. `actual` is the book's own
    report on this leg, None where the leg is not in the book; `booked` the leg as it stands there.
    """

    account: int
    position: int
    account_name: str
    venue: str
    held: Position
    report: PositionReport
    tick: Decimal | None
    stated_mark: Decimal | None
    what_if: bool = False
    moved: bool = False  # the market is: marks are not to be typed
    counted: bool = True
    actual: PositionReport | None = None
    booked: Position | None = None

    @property
    def settle(self) -> str | None:
        parts = parse_symbol(self.held.symbol)
        return parts.settle if parts else None

    @property
    def is_new(self) -> bool:
        """Only the what-if holds it."""
        return self.what_if and self.booked is None


def rows_of(frame: Frame) -> tuple[PositionRow, ...]:
    """One row a position, account by account, in the order of the file; of the what-if's copy where there is one."""
    desk = frame.desk
    moved, what_if = not market_move(desk).is_real, frame.what_if is not None
    shown = frame.shown.accounts
    counted = counted_legs(desk) if frame.what_if is not None else None
    rows: list[PositionRow] = []
    for i, account in enumerate(looked_at(desk)):
        booked = desk.accounts[i] if i < len(desk.accounts) else None
        actual = frame.risk.accounts[i].positions if booked else ()
        reports = iter(shown[i].positions)
        counts = set(range(len(account.positions)) if counted is None else counted[i])
        same_book = booked is account
        book = {} if booked is None or same_book else {_leg(p): k for k, p in enumerate(booked.positions)}
        stated = desk.marks.get(account.venue, {})
        for j, held in enumerate(account.positions):
            k = j if same_book else book.get(_leg(held))
            own = None if k is None else actual[k]
            report = next(reports) if j in counts else left_out(held, own)
            rows.append(
                PositionRow(
                    account=i,
                    position=j,
                    account_name=account.name,
                    venue=account.venue,
                    held=held,
                    report=report,
                    tick=price_tick(report, frame.market, account.venue),
                    stated_mark=stated.get(held.symbol),
                    what_if=what_if,
                    moved=moved,
                    counted=j in counts,
                    actual=own,
                    booked=held if same_book else None if k is None or booked is None else booked.positions[k],
                )
            )
    return tuple(rows)


def _leg(position: Position) -> tuple[str, str, str]:
    """What names a leg within its account."""
    return position.symbol, position.side, position.margin_mode


def left_out(held: Position, actual: PositionReport | None) -> PositionReport:
    """What a what-if says of a leg that it leaves out."""
    return PositionReport(
        symbol=held.symbol,
        side=held.side,
        margin_mode=held.margin_mode,
        isolated_wallet=held.isolated_wallet,
        mark=LEFT_OUT if actual is None else actual.mark,
        notional=LEFT_OUT,
        unrealised_pnl=LEFT_OUT,
        initial_margin=LEFT_OUT,
        maintenance_margin=LEFT_OUT,
        margin_use=LEFT_OUT,
        liquidation=Liquidation("none", because=LEFT_OUT.because),
        price_tick=None if actual is None else actual.price_tick,
        displayed_price=LEFT_OUT,
        bankruptcy_price=LEFT_OUT,
        distance_fraction=LEFT_OUT,
        distance_quote=LEFT_OUT,
        rule=None if actual is None else actual.rule,
        tiers=None if actual is None else actual.tiers,
    )


def status(row: PositionRow) -> str:
    """The state of the position in words, with the reason where there is no liquidation price."""
    liquidation = row.report.liquidation
    because = liquidation.because or "no reason was given"
    if not row.counted:
        return because
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


def liquidation_price(report: PositionReport | None, tick: Decimal | None) -> str:
    """What the venue would show, at the tick, never rounded away from the market; with the mark of an estimate."""
    if report is None:
        return formats.UNKNOWN
    toward = report.mark if known(report.mark) else None
    text = shown(report.displayed_price, lambda price: formats.price(price, tick, toward=toward))
    return f"~{text}" if report.liquidation.status == "estimate" else text


def liquidation_tip(row: PositionRow) -> str:
    """The venue's figure and the exact one, or why there is none."""
    exact = row.report.liquidation.price
    if exact is None:
        return status(row)
    return f"shown {formats.exact(row.report.displayed_price)}\nexact {formats.exact(exact)}"


def distance(report: PositionReport | None) -> str:
    """In per cent, signed as the price must move."""
    signed = None if report is None else signed_distance(report)
    return formats.UNKNOWN if signed is None else formats.percent(signed, signed=True)


def distance_tone(report: PositionReport | None) -> Tone:
    """How near it is."""
    fraction = NOT_BOOKED if report is None else report.distance_fraction
    return severity.of_distance(fraction)[0] if known(fraction) else "fg2"


def actual(row: PositionRow, figure: Callable[[PositionReport], Number]) -> Number:
    """A figure of the book, or why there is none."""
    return NOT_BOOKED if row.actual is None else figure(row.actual)


def change(row: PositionRow, figure: Callable[[PositionReport], Number]) -> Number:
    """What the what-if makes of a figure, less what it is in the book."""
    tried, booked = figure(row.report), actual(row, figure)
    if not known(tried):
        return tried
    return tried - booked if known(booked) else booked


def signed_fraction(report: PositionReport) -> Number:
    """The distance, signed as the price must move."""
    signed = signed_distance(report)
    if signed is not None:
        return signed
    fraction = report.distance_fraction
    return Unknown("there is no liquidation price") if known(fraction) else fraction


def displayed(report: PositionReport) -> Number:
    """What the venue would show."""
    return report.displayed_price


def pnl(report: PositionReport) -> Number:
    """Unrealised profit at the mark."""
    return report.unrealised_pnl


def distance_quote(row: PositionRow) -> str:
    """As a price difference, signed as the price must move."""
    signed, quote = signed_distance(row.report), row.report.distance_quote
    if signed is None or not known(quote):
        return formats.UNKNOWN
    return (formats.MINUS if signed < 0 else "+") + formats.price(quote, row.tick)


def price_change(number: Number, row: PositionRow) -> str:
    """A difference of two prices."""
    if not known(number):
        return formats.UNKNOWN
    sign = formats.MINUS if number < 0 else "+" if number > 0 else ""
    return sign + formats.price(abs(number), row.tick)


def points(number: Number, _row: PositionRow) -> str:
    """A difference of two percentages, in percentage points."""
    return shown(number, lambda value: formats.fixed(value * 100, 2, signed=True) + formats.GROUP + "pp")


def mark_tip(row: PositionRow) -> str:
    """The exact mark and whose it is."""
    whose = "" if row.stated_mark is None else "\nstated in the portfolio; empty it to follow the market"
    return formats.exact(row.report.mark) + whose


def sign_tone(number: Number) -> Tone:
    """Won or lost."""
    if not known(number) or number == 0:
        return "fg2"
    return "up" if number > 0 else "down"


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
