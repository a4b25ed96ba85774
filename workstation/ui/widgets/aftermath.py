"""What is left after the market move: equity, margin use and what is liquidated, account by account."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workstation.desk.trial import market_move
from workstation.risk.report import AccountReport, StressedAccount
from workstation.runtime.messages import Frame
from workstation.ui import distances, formats
from workstation.ui.distances import Said
from workstation.ui.theme import Theme
from workstation.ui.widgets.figure import Figure
from workstation.ui.widgets.quiet_scroll import is_out_of_sight

_MOST_NAMES = 2
_NOT_BOOKED = Said(formats.UNKNOWN, "only the what-if has this account")


class Aftermath(QWidget):
    """One block of figures an account."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.blocks: list[AccountAfter] = []
        self._frame: Frame | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_frame(self, frame: Frame) -> None:
        """Paint a frame's accounts at its prices."""
        accounts = frame.shown.accounts
        while len(self.blocks) > len(accounts):
            block = self.blocks.pop()
            self._column.removeWidget(block)
            block.deleteLater()
        while len(self.blocks) < len(accounts):
            self.blocks.append(AccountAfter(self._theme))
            self._column.addWidget(self.blocks[-1])
        self._frame = frame
        self.fill()

    def fill(self) -> None:
        """Write the blocks that are seen: of fifty accounts a few are on screen."""
        frame = self._frame
        if frame is None:
            return
        accounts = frame.shown.accounts
        along = () if frame.what_if is None else frame.what_if.stress[-1].accounts
        moved = frame.what_if is not None and not market_move(frame.desk).is_real
        for i, (block, account) in enumerate(zip(self.blocks, accounts, strict=True)):
            if is_out_of_sight(block, i):
                continue
            block.show_account(
                account,
                frame.risk.accounts[i] if i < len(frame.risk.accounts) else None,
                along[i] if along else None,
                moved=moved,
                named=len(self.blocks) > 1,
            )

    def fade(self, faded: bool) -> None:
        """Grey the numbers: they do not answer the newest edit yet."""
        for block in self.blocks:
            block.fade(faded)


class AccountAfter(QWidget):
    """Equity after, change, margin use after, and the names of what is liquidated on the way."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name = QLabel()
        self.equity = Figure(theme, "Equity after")
        self.change = Figure(theme, "Change")
        self.margin_use = Figure(theme, "Margin use after")
        self.liquidated = Figure(theme, "Liquidated")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self._name, 0, 0, 1, 2)
        for i, figure in enumerate((self.equity, self.change, self.margin_use, self.liquidated)):
            grid.addWidget(figure, 1 + i // 2, i % 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self._name.setFont(self._theme.font(12, QFont.Weight.DemiBold))

    def fade(self, faded: bool) -> None:
        """Grey the numbers."""
        for figure in (self.equity, self.change, self.margin_use, self.liquidated):
            figure.fade(faded)

    def show_account(
        self,
        account: AccountReport,
        actual: AccountReport | None,
        along: StressedAccount | None,
        *,
        moved: bool,
        named: bool,
    ) -> None:
        """`actual` is the account as it is, None where only the what-if has it; `along` how it fares along the trial's
        move, None where nothing is tried.
        """
        self._name.setText(account.name)
        self._name.setVisible(named)
        what_if = along is not None
        equity, use = distances.equity(account), distances.margin_use(account)
        where = equity.note if moved else "at today's prices"
        self.equity.say(equity.value, where, equity.tone, equity.tip, what_if=what_if)
        self.margin_use.say(use.value, use.brief or use.note, use.tone, use.tip, use.fullness, what_if=what_if)
        if along is None:
            self.change.say(formats.UNKNOWN, "nothing is tried", "fg2", what_if=False)
            self.liquidated.say(formats.UNKNOWN, f"0 of {len(account.positions)} moved", "fg2", what_if=False)
            return
        before = (
            Said(formats.UNKNOWN, "only the what-if has this account") if actual is None else distances.equity(actual)
        )
        if equity.number is not None and before.number is not None and equity.asset == before.asset:
            change = equity.number - before.number
            text = f"{formats.amount(change, equity.asset, signed=True)} {equity.asset or ''}"
            tone = "up" if change > 0 else "down" if change < 0 else "fg2"
            self.change.say(text, "what-if less actual", tone, formats.exact(change), what_if=True)
        else:
            why = equity.note if equity.number is None else before.note
            self.change.say(formats.UNKNOWN, why, "fg2", why, what_if=True)
        dead = [p for p in along.positions if p.liquidated]
        names = ", ".join(f"{p.symbol} {p.side}" for p in dead[:_MOST_NAMES])
        more = f"{len(dead) - _MOST_NAMES} more" if len(dead) > _MOST_NAMES else ""
        count = f"{len(dead)} of {len(along.positions)}"
        unknown = "" if along.computed else "some facts are missing: there may be more"
        note = " · ".join(filter(None, (names, more, unknown)))
        self.liquidated.say(count, note, "red" if dead else "fg", what_if=True)
