"""WHAT-IF in words, with the size of the move and the way back: no number under it can be taken for a real one."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from workstation.ui import distances, formats
from workstation.ui.ports import MarketMove
from workstation.ui.theme import Theme


class WhatIfBanner(QFrame):
    """Hidden while the prices are real."""

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
        self.hide()

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
        self.setVisible(not move.is_real)
        size = formats.percent(move.size, 1, signed=True)
        self._size.setText(f"market {size}, {distances.betas_in_words(move.betas)}: hatched numbers are not real")
