"""The account header: equity, margin use, and the two distances side by side, one line an account."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workstation.desk.trial import MarketMove, looked_at, market_move
from workstation.risk.report import AccountReport, RiskReport, StressedAccount
from workstation.runtime.messages import Frame
from workstation.ui import distances, formats
from workstation.ui.distances import Said
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.theme import Theme
from workstation.ui.widgets.figure import Figure
from workstation.ui.widgets.quiet_scroll import QuietScroll, is_out_of_sight

SAMPLE = "SAMPLE"
_MOST_LINES = 2
_CLEARLY = 0.05  # of margin use: accounts that are nearly alike do not change places all the time
_MOST_SHARE = 0.22  # of the window's height, before the second line has to be scrolled to


class AccountIn(msgspec.Struct, frozen=True):
    """An account in one of a frame's two reports, and how it fares along the betas and along the trial's move."""

    report: AccountReport
    falls: StressedAccount
    rises: StressedAccount
    along: StressedAccount | None
    move: MarketMove

    def said(self) -> tuple[Said, Said, Said, Said]:
        """Equity, margin use, per symbol, joint."""
        return (
            distances.equity(self.report),
            distances.margin_use(self.report),
            distances.per_symbol(self.report),
            distances.joint(self.falls, self.rises, self.move, self.along),
        )


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
        self.figures = (self.equity, self.margin_use, self.per_symbol, self.joint)
        for figure in self.figures:
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

    def show_account(self, tried: AccountIn, actual: AccountIn | None, *, what_if: bool) -> None:
        """Paint one account's figures; `actual` is the same account without the what-if, None where it has none."""
        account = tried.report
        self._name.setText("Example account" if account.name == SAMPLE else account.name)
        self._venue.setText(account.venue)
        self.sample.setVisible(account.name == SAMPLE)
        beside = None if actual is None else actual.said()
        for i, (figure, said) in enumerate(zip(self.figures, tried.said(), strict=True)):
            booked = Said(formats.UNKNOWN) if beside is None else beside[i]
            figure.say(
                said.value,
                said.note,
                said.tone,
                said.tip,
                said.fullness,
                what_if=what_if,
                actual=booked.value if what_if else "",
                change=distances.difference(said, booked) if what_if else "",
            )

    def fade(self, faded: bool) -> None:
        """Grey the numbers: they do not answer the newest edit yet."""
        for figure in self.figures:
            figure.fade(faded)


class AccountPane(Pane):
    """The accounts above everything else, the most strained first; from the third on they scroll, from the second on
    where two would leave too little of the window to the charts.
    """

    key = "account"
    title = "Account"

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(theme, hands, parent)
        self._shown: Frame | None = None
        self._greyed = False
        self._watched: QWidget | None = None
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
        self._scroll.verticalScrollBar().valueChanged.connect(self._fill)

    def show_frame(self, frame: Frame) -> None:
        before = self._shown
        if before is not None and frame.risk is before.risk and frame.what_if is before.what_if:
            return
        self._shown = frame
        accounts = frame.shown.accounts
        while len(self.lines) > len(accounts):
            line = self.lines.pop()
            self._column.removeWidget(line)
            line.deleteLater()
        while len(self.lines) < len(accounts):
            self.lines.append(AccountLine(self.theme))
            self._column.addWidget(self.lines[-1])
        # a line must not change its place while the market is moved
        same_book = before is not None and looked_at(frame.desk) is looked_at(before.desk)
        if not same_book or (frame.what_if is None and self._is_out_of_order(accounts)):
            self._order = sorted(range(len(self.lines)), key=lambda i: -_strain(accounts[i]))
        self._fade()
        self._fill()

    def _is_out_of_order(self, accounts: Sequence[AccountReport]) -> bool:
        """Another account is clearly worse than the first: its price has come, or the market has."""
        strains = [_strain(accounts[i]) for i in self._order]
        return bool(strains) and max(strains) > strains[0] + _CLEARLY

    def _fill(self) -> None:
        """Write the lines that are seen: of fifty accounts a few are on screen."""
        frame = self._shown
        if frame is None:
            return
        move, booked = market_move(frame.desk), market_move(replace(frame.desk, trial=None))
        for place, (line, i) in enumerate(zip(self.lines, self._order, strict=True)):
            if is_out_of_sight(line, place):
                continue
            tried = _account(frame.shown, i, move)
            actual = None
            if frame.what_if is not None and i < len(frame.risk.accounts):
                actual = _account(frame.risk, i, booked)
            line.show_account(tried, actual, what_if=frame.what_if is not None)

    def show_greyed(self, greyed: bool) -> None:
        self._greyed = greyed
        self._fade()

    def _fade(self) -> None:
        for line in self.lines:
            line.fade(self._greyed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._watched is not self.window():
            self._watched = self.window()
            self._watched.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As high as the first accounts are, whenever one of them or the window has another height."""
        if (watched is self._inside and event.type() == QEvent.Type.LayoutRequest) or (
            watched is self._watched and event.type() == QEvent.Type.Resize
        ):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        if not self.lines:
            return
        heights = [line.minimumSizeHint().height() for line in self.lines[:_MOST_LINES]]
        if sum(heights) > self.window().height() * _MOST_SHARE:
            heights = heights[:1]
        self.setFixedHeight(sum(heights) + self.height() - self._scroll.viewport().height())


def _account(report: RiskReport, i: int, move: MarketMove) -> AccountIn:
    falls, rises, *along = report.stress
    return AccountIn(
        report.accounts[i], falls.accounts[i], rises.accounts[i], along[0].accounts[i] if along else None, move
    )


def _strain(account: AccountReport) -> float:
    return distances.margin_use(account).fullness or 0.0
