"""The account header: equity, margin use, and the two distances side by side, one line an account."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workstation.risk.report import AccountReport, StressedAccount
from workstation.runtime.messages import Frame
from workstation.ui import distances
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.ports import MarketMove
from workstation.ui.theme import Theme
from workstation.ui.widgets.figure import Figure
from workstation.ui.widgets.quiet_scroll import QuietScroll

SAMPLE = "SAMPLE"
_MOST_LINES = 2


class AccountLine(QWidget):
    """One account."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._name = QLabel()
        self._venue = QLabel()
        self._venue.setProperty("tone", "fg2")
        self.sample = QLabel(SAMPLE)
        self.sample.setProperty("pill", "amber")
        self.sample.setToolTip("An example to look around with, not an account of yours.")
        self.equity = Figure(theme, "Equity")
        self.margin_use = Figure(theme, "Margin use")
        self.per_symbol = Figure(theme, "Per symbol", 24)
        self.joint = Figure(theme, "Joint", 24)
        who = QVBoxLayout()
        who.setSpacing(2)
        for label in (self._name, self._venue):
            who.addWidget(label)
        who.addWidget(self.sample, alignment=Qt.AlignmentFlag.AlignLeft)
        who.addStretch()
        self._line = QHBoxLayout(self)
        self._line.setSpacing(8)
        self._line.addLayout(who)
        for figure in (self.equity, self.margin_use, self.per_symbol, self.joint):
            self._line.addWidget(figure, 1)
        self.restyle()
        theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._line.setContentsMargins(px(9), px(6), px(9), px(6))
        self._name.setFont(self._theme.font(13, QFont.Weight.DemiBold))
        self._name.setMinimumWidth(px(112))
        self._venue.setFont(self._theme.font(11))
        self.sample.setFont(self._theme.font(11))

    def show_account(
        self, account: AccountReport, falls: StressedAccount, rises: StressedAccount, move: MarketMove
    ) -> None:
        """Paint one account's figures."""
        self._name.setText("Example account" if account.name == SAMPLE else account.name)
        self._venue.setText(account.venue)
        self.sample.setVisible(account.name == SAMPLE)
        for figure, said in (
            (self.equity, distances.equity(account)),
            (self.margin_use, distances.margin_use(account)),
            (self.per_symbol, distances.per_symbol(account)),
            (self.joint, distances.joint(falls, rises, move)),
        ):
            figure.say(said.value, said.note, said.tone, said.tip, said.fullness, what_if=not move.is_real)


class AccountPane(Pane):
    """The accounts above everything else, the most strained first; from the third on they scroll."""

    key = "account"
    title = "Account"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: tuple[Frame, MarketMove] | None = None
        self.lines: list[AccountLine] = []
        self._order: list[int] = []
        self._inside = QWidget()
        self._inside.installEventFilter(self)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        self._scroll = QuietScroll(self._inside, "Accounts")
        layout.addWidget(self._scroll)

    def show_frame(self, frame: Frame, move: MarketMove) -> None:
        before = self._shown
        if before is not None and frame.risk is before[0].risk and move is before[1]:
            return
        self._shown = (frame, move)
        falls, rises = frame.risk.stress[:2]
        while len(self.lines) > len(frame.risk.accounts):
            line = self.lines.pop()
            self._column.removeWidget(line)
            line.deleteLater()
        while len(self.lines) < len(frame.risk.accounts):
            self.lines.append(AccountLine(self.theme))
            self._column.addWidget(self.lines[-1])
        if before is None or frame.desk is not before[0].desk:
            self._order = sorted(range(len(self.lines)), key=lambda i: -_strain(frame.risk.accounts[i]))
        for line, i in zip(self.lines, self._order, strict=True):
            line.show_account(frame.risk.accounts[i], falls.accounts[i], rises.accounts[i], move)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As high as the first accounts are, whenever one of them needs another height."""
        if watched is self._inside and event.type() == QEvent.Type.LayoutRequest and self.lines:
            around = self.height() - self._scroll.viewport().height()
            self.setFixedHeight(sum(line.minimumSizeHint().height() for line in self.lines[:_MOST_LINES]) + around)
        return super().eventFilter(watched, event)


def _strain(account: AccountReport) -> float:
    return distances.margin_use(account).fullness or 0.0
