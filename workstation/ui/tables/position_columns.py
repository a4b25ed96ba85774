"""The columns of the positions table: what each says of a row, how it sorts, and which edit it makes."""

from collections.abc import Callable
from decimal import Decimal

from workstation.desk.edits import DropLeg, Edit, PositionField, SetMark, SetPositionField
from workstation.domain.position import Position
from workstation.domain.unknown import Number, Unknown, known
from workstation.risk.report import PositionReport
from workstation.ui import formats, severity
from workstation.ui.tables import position_row as words
from workstation.ui.tables.frozen_rows import Column, Entry, Tick
from workstation.ui.tables.position_row import PositionRow
from workstation.ui.theme import Tone

WHAT_IF_ONLY = (
    "liquidation_actual",
    "liquidation_change",
    "distance_actual",
    "distance_change",
    "pnl_actual",
    "pnl_change",
)
"""Columns that say something only while a what-if is on."""


def position_columns(edit: Callable[[Edit], None], fault: Callable[[Edit], str]) -> tuple[Column[PositionRow], ...]:
    """The columns, from left to right. `edit` takes a finished edit, `fault` says what is wrong with one."""

    def entry(
        start: Callable[[PositionRow], Decimal | None],
        make: Callable[[PositionRow, str], Edit],
        allowed: Callable[[PositionRow], bool] = lambda _row: True,
    ) -> Entry[PositionRow]:
        return Entry(
            start=lambda row: words.bare(start(row)),
            check=lambda row, text: fault(make(row, formats.typed(text))),
            commit=lambda row, text: edit(make(row, formats.typed(text))),
            allowed=allowed,
        )

    def field(name: PositionField) -> Callable[[PositionRow, str], Edit]:
        return lambda row, text: SetPositionField(row.account, row.position, name, text)

    def size(row: PositionRow, text: str) -> Edit:
        name: PositionField = "quantity" if row.held.contracts is None else "contracts"
        return SetPositionField(row.account, row.position, name, text)

    def differs(value: Callable[[Position], object]) -> Callable[[PositionRow], bool]:
        """What the what-if's copy changed is not real either."""
        return lambda row: row.what_if and (row.booked is None or value(row.held) != value(row.booked))

    def actual(
        key: str,
        title: str,
        text: Callable[[PositionRow], str],
        figure: Callable[[PositionReport], Number],
    ) -> Column[PositionRow]:
        return Column(
            key,
            title,
            text,
            sort=lambda row: words.sort_key(words.actual(row, figure)),
            numeric=True,
            tip=lambda row: formats.exact(words.actual(row, figure)),
            tone=lambda row: words.tone(words.actual(row, figure), "fg"),
            help="As it is, without the what-if",
        )

    def change(
        key: str,
        text: Callable[[Number, PositionRow], str],
        figure: Callable[[PositionReport], Number],
        *,
        coloured: bool = False,
    ) -> Column[PositionRow]:
        def tone(row: PositionRow) -> Tone:
            number = words.change(row, figure)
            return words.sign_tone(number) if coloured else words.tone(number, "fg")

        return Column(
            key,
            "Difference",
            lambda row: text(words.change(row, figure), row),
            sort=lambda row: words.sort_key(words.change(row, figure)),
            numeric=True,
            tip=lambda row: formats.exact(words.change(row, figure)),
            tone=tone,
            computed=True,
            help="What-if less actual",
        )

    return (
        Column(
            "counted",
            "",
            lambda _row: "",
            sort=lambda row: float(row.counted),
            tip=lambda row: "counted; untick to leave it out" if row.counted else "left out; tick to count it",
            tick=Tick(
                ticked=lambda row: row.counted,
                commit=lambda row, counted: edit(DropLeg(row.account, row.position, not counted)),
            ),
            help="Ticked: it counts in every number",
        ),
        Column("account", "Account", lambda row: row.account_name, tip=lambda row: row.venue),
        Column(
            "symbol",
            "Symbol",
            lambda row: f"{row.held.symbol} · new" if row.is_new else row.held.symbol,
            tip=lambda row: f"{row.venue}, {row.account_name}",
            tone=lambda row: "fg" if row.counted else "fg2",
            unreal=lambda row: row.is_new,
        ),
        Column("side", "Side", words.side, tone=lambda row: "up" if row.held.side == "long" else "down"),
        Column(
            "size",
            "Size",
            words.size,
            sort=lambda row: float(row.held.quantity or row.held.contracts or 0),
            numeric=True,
            entry=entry(lambda row: row.held.quantity if row.held.contracts is None else row.held.contracts, size),
            unreal=differs(lambda held: (held.quantity, held.contracts)),
            help="In coins, or in contracts where the venue counts them",
        ),
        Column(
            "entry",
            "Entry",
            lambda row: formats.price(row.held.entry_price, row.tick),
            sort=lambda row: float(row.held.entry_price),
            numeric=True,
            tip=lambda row: formats.exact(row.held.entry_price),
            entry=entry(lambda row: row.held.entry_price, field("entry_price")),
            unreal=differs(lambda held: held.entry_price),
        ),
        Column(
            "mark",
            "Mark",
            lambda row: words.price(row.report.mark, row),
            sort=lambda row: words.sort_key(row.report.mark),
            numeric=True,
            tip=words.mark_tip,
            tone=lambda row: words.tone(row.report.mark, "fg"),
            entry=entry(
                lambda row: row.stated_mark,
                lambda row, text: SetMark(row.venue, row.held.symbol, text),
                lambda row: not row.moved,
            ),
            unreal=lambda row: row.moved and row.counted,
            help="The market's mark price, or the one that is typed here; empty it to follow the market again",
        ),
        actual(
            "liquidation_actual",
            "Liq. actual",
            lambda row: words.liquidation_price(row.actual, row.tick),
            words.displayed,
        ),
        Column(
            "liquidation",
            "Liq. price",
            lambda row: words.liquidation_price(row.report, row.tick),
            sort=lambda row: words.sort_key(row.report.displayed_price),
            numeric=True,
            tip=words.liquidation_tip,
            tone=lambda row: words.tone(row.report.displayed_price, "fg"),
            computed=True,
            help="What the venue would show; ~ marks an estimate",
            title_what_if="Liq. what-if",
        ),
        change("liquidation_change", words.price_change, words.displayed),
        actual("distance_actual", "Dist. actual", lambda row: words.distance(row.actual), words.signed_fraction),
        Column(
            "distance",
            "Distance",
            lambda row: words.distance(row.report),
            sort=lambda row: words.sort_key(row.report.distance_fraction),
            numeric=True,
            tip=lambda row: formats.exact(row.report.distance_fraction),
            tone=lambda row: words.distance_tone(row.report),
            computed=True,
            help="The move of this symbol alone that liquidates the position",
            title_what_if="Dist. what-if",
        ),
        change("distance_change", words.points, words.signed_fraction),
        Column(
            "margin_use",
            "Margin use",
            lambda row: words.shown(row.report.margin_use, lambda use: formats.percent(use, 1)),
            sort=lambda row: words.sort_key(row.report.margin_use),
            numeric=True,
            tip=words.margin_use_tip,
            tone=lambda row: (
                severity.of_margin_use(row.report.margin_use)[0] if known(row.report.margin_use) else "fg2"
            ),
            bar=lambda row: float(row.report.margin_use) if known(row.report.margin_use) else None,
            computed=True,
            help="Requirement / equity of the position's pool, or of itself where isolated: 100 % is liquidation",
        ),
        actual(
            "pnl_actual",
            "PnL actual",
            lambda row: words.money(words.actual(row, words.pnl), row, signed=True),
            words.pnl,
        ),
        Column(
            "pnl",
            "Unreal. PnL",
            lambda row: words.money(row.report.unrealised_pnl, row, signed=True),
            sort=lambda row: words.sort_key(row.report.unrealised_pnl),
            numeric=True,
            tip=lambda row: f"{formats.exact(row.report.unrealised_pnl)} {row.settle or ''}",
            tone=lambda row: words.sign_tone(row.report.unrealised_pnl),
            computed=True,
            help="Unrealised profit at the mark, in the settle asset",
            title_what_if="PnL what-if",
        ),
        change("pnl_change", lambda number, row: words.money(number, row, signed=True), words.pnl, coloured=True),
        Column("rule", "Rule · evidence", words.rule, tip=words.rule_tip, tone=words.rule_tone),
        Column(
            "distance_quote",
            "Gap",
            words.distance_quote,
            sort=lambda row: words.sort_key(row.report.distance_quote),
            numeric=True,
            tip=lambda row: formats.exact(row.report.distance_quote),
            tone=lambda row: words.tone(row.report.distance_quote, "fg2"),
            computed=True,
            help="The distance as a price difference, in the quote currency",
        ),
        Column(
            "leverage",
            "Leverage",
            lambda row: f"{row.held.margin_mode} {formats.times(row.held.leverage) if row.held.leverage else '—'}",
            sort=lambda row: float(row.held.leverage or words.FAR),
            numeric=True,
            entry=entry(lambda row: row.held.leverage, field("leverage")),
            unreal=differs(lambda held: held.leverage),
            help="Margin mode, and the leverage set on the venue",
        ),
        Column(
            "wallet",
            "Wallet",
            words.wallet,
            sort=lambda row: words.sort_key(row.report.isolated_wallet or Unknown("")),
            numeric=True,
            tip=words.wallet_tip,
            tone=lambda row: "fg" if row.held.isolated_wallet is not None else "fg2",
            entry=entry(
                lambda row: row.held.isolated_wallet,
                field("isolated_wallet"),
                lambda row: row.held.margin_mode == "isolated",
            ),
            unreal=differs(lambda held: held.isolated_wallet),
            help="The margin that an isolated position holds",
        ),
        # last, where the room is: its words change their length while numbers move
        Column("status", "Status", words.status, tip=words.status, tone=words.status_tone),
    )
