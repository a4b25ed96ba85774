"""ACTUAL or WHAT-IF in words, with the size of the move and the way back: no moved number is taken for a real one."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QWidget

from workstation.ui import distances, formats
from workstation.ui.ports import MarketMove
from workstation.ui.theme import Theme


class Mode(QStackedWidget):
    """One strip of one height for both: what is below must not move under the mouse that drags the slider."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.banner = WhatIfBanner(theme)
        self._actual = QLabel("ACTUAL  nothing is moved")
        self._actual.setProperty("tone", "fg2")
        self._actual.setContentsMargins(10, 0, 6, 0)
        self.addWidget(self._actual)
        self.addWidget(self.banner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts anew."""
        self._actual.setFont(self._theme.font(12, QFont.Weight.Medium))

    def show_move(self, move: MarketMove) -> None:
        """Say whether the market is moved, and how far."""
        self.banner.show_move(move)
        self.setCurrentIndex(0 if move.is_real else 1)


class WhatIfBanner(QFrame):
    """Seen while the market is moved."""

    back = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("what_if_banner")
        self.setAccessibleName("What-if")
        self._word = QLabel("WHAT-IF")
        self._size = QLabel()
        self._button = QPushButton("Back to today's prices")
        self._button.clicked.connect(self.back)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 3, 6, 3)
        layout.addWidget(self._word)
        layout.addWidget(self._size, 1)
        layout.addWidget(self._button)
        theme.changed.connect(self.restyle)
        self.restyle()

    @property
    def text(self) -> str:
        """What it says."""
        return f"{self._word.text()} {self._size.text()}"

    def restyle(self) -> None:
        """Take the theme's fonts anew."""
        self._word.setFont(self._theme.font(13, QFont.Weight.DemiBold))
        self._size.setFont(self._theme.font(12, QFont.Weight.Medium))

    def show_move(self, move: MarketMove) -> None:
        """Say how far the market is moved."""
        size = formats.percent(move.size, 1, signed=True)
        self._size.setText(f"market {size}, {distances.betas_in_words(move.betas)}: hatched numbers are not real")
