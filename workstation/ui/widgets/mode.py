"""ACTUAL or WHAT-IF in words, with all that is tried and the way back: no moved number is taken for a real one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QWidget

from workstation.desk.state import DeskState
from workstation.desk.trial import market_move
from workstation.ui import distances, formats
from workstation.ui.theme import Theme


class Mode(QStackedWidget):
    """One strip of one height for both: what is below must not move under the mouse that drags the slider."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.banner = WhatIfBanner(theme)
        self._actual = QLabel("ACTUAL  nothing is moved")
        self._actual.setProperty("tone", "fg2")
        self.addWidget(self._actual)
        self.addWidget(self.banner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts anew."""
        self._actual.setFont(self._theme.font(12, QFont.Weight.Medium))
        self._actual.setContentsMargins(self._theme.px(10), 0, self._theme.px(6), 0)

    def show_desk(self, desk: DeskState) -> None:
        """Say whether anything is tried, and what."""
        self.banner.show_desk(desk)
        self.setCurrentIndex(0 if desk.trial is None else 1)


class WhatIfBanner(QFrame):
    """Seen while something is tried."""

    back = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("what_if_banner")
        self.setAccessibleName("What-if")
        self._word = QLabel("WHAT-IF")
        self._tried = QLabel()
        # a long list of shocks must not make the window wider
        self._tried.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QPushButton("Back to actual")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # it vanishes: a click leaves the keyboard where it is
        self._button.clicked.connect(self.back)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._word)
        self._row.addWidget(self._tried, 1)
        self._row.addWidget(self._button)
        theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def text(self) -> str:
        """What it says."""
        return f"{self._word.text()} {self._tried.text()}"

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._row.setContentsMargins(px(10), px(3), px(6), px(3))
        self._word.setFont(self._theme.font(13, QFont.Weight.DemiBold))
        self._tried.setFont(self._theme.font(12, QFont.Weight.Medium))

    def show_desk(self, desk: DeskState) -> None:
        """Say what is tried; all of it in the tooltip, too, where there is no room."""
        text = f"{trial_in_words(desk)}: hatched numbers are not real"
        if self._tried.text() != text:
            self._tried.setText(text)
            self._tried.setToolTip(text)


def trial_in_words(desk: DeskState) -> str:
    """What the what-if moves, leaves out and changes."""
    trial = desk.trial
    if trial is None:
        return "nothing is tried"
    move, said = market_move(desk), list[str]()
    if move.size:
        said.append(f"market {formats.percent(move.size, 1, signed=True)}, {distances.betas_in_words(move.betas)}")
    said += [f"{asset} {formats.percent(size, 1, signed=True)}" for asset, size in move.shocks.items()]
    if trial.dropped:
        said.append("1 leg left out" if len(trial.dropped) == 1 else f"{len(trial.dropped)} legs left out")
    if trial.accounts is not None:
        said.append("on a copy of the book")
    return "; ".join(said) or "nothing is moved yet"
