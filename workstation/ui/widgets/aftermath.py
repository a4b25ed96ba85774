"""What is left after the market move: equity, margin use and what is liquidated, account by account."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workstation.domain.unknown import known
from workstation.risk.report import AccountReport, StressedAccount
from workstation.runtime.messages import Frame
from workstation.ui import distances, formats
from workstation.ui.ports import WHAT_IF, MarketMove
from workstation.ui.theme import Theme
from workstation.ui.widgets.figure import Figure


class Aftermath(QWidget):
    """One block of figures an account."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.blocks: list[AccountAfter] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_frame(self, frame: Frame, move: MarketMove) -> None:
        """Paint a frame's accounts at its prices."""
        while len(self.blocks) > len(frame.risk.accounts):
            block = self.blocks.pop()
            self._column.removeWidget(block)
            block.deleteLater()
        while len(self.blocks) < len(frame.risk.accounts):
            self.blocks.append(AccountAfter(self._theme))
            self._column.addWidget(self.blocks[-1])
        shocked = next((report.accounts for report in frame.risk.stress if report.name == WHAT_IF), None)
        for i, (block, account) in enumerate(zip(self.blocks, frame.risk.accounts, strict=True)):
            block.show_account(account, None if shocked is None else shocked[i], move, named=len(self.blocks) > 1)


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

    def show_account(
        self, account: AccountReport, shocked: StressedAccount | None, move: MarketMove, *, named: bool
    ) -> None:
        """`shocked` is the account along the move; None while the market stands at today's prices."""
        what_if = not move.is_real
        self._name.setText(account.name)
        self._name.setVisible(named)
        equity, use = distances.equity(account), distances.margin_use(account)
        self.equity.say(
            equity.value, equity.note if what_if else "at today's prices", equity.tone, equity.tip, what_if=what_if
        )
        self.margin_use.say(use.value, use.brief or use.note, use.tone, use.tip, use.fullness, what_if=what_if)
        if shocked is None:
            self.change.say(formats.UNKNOWN, "move the market", "fg2", what_if=False)
            self.liquidated.say(formats.UNKNOWN, f"0 of {len(account.positions)} moved", "fg2", what_if=False)
            return
        if known(shocked.equity_after) and known(shocked.equity_before):
            change = shocked.equity_after - shocked.equity_before
            text = f"{formats.amount(change, shocked.asset, signed=True)} {shocked.asset or ''}"
            tone = "up" if change > 0 else "down" if change < 0 else "fg2"
            self.change.say(text, "", tone, formats.exact(change), what_if=True)
        else:
            why = formats.exact(shocked.equity_after if not known(shocked.equity_after) else shocked.equity_before)
            self.change.say(formats.UNKNOWN, why, "fg2", why, what_if=True)
        dead = [p for p in shocked.positions if p.liquidated]
        names = ", ".join(f"{p.symbol} {p.side}" for p in dead)
        count = f"{len(dead)} of {len(shocked.positions)}"
        unknown = "" if shocked.computed else "some facts are missing: there may be more"
        self.liquidated.say(count, " · ".join(filter(None, (names, unknown))), "red" if dead else "fg", what_if=True)
