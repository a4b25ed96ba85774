"""What the window says while there is nothing to show: what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.ui.theme import Theme


class EmptyDesk(QFrame):
    """Asks for a portfolio file or for a first position."""

    open_asked = Signal()
    add_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = QLabel("How far from liquidation are you?")
        self._text = QLabel(
            "Drop a portfolio file anywhere on this window, open one, or enter a position.\n"
            "Nothing is sent anywhere, and no order can be placed from here."
        )
        self._text.setProperty("tone", "fg2")
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setWordWrap(True)
        self.open = QPushButton("Open a portfolio…")
        self.open.setProperty("primary", True)
        self.add = QPushButton("Add a position…")
        self.open.clicked.connect(self.open_asked)
        self.add.clicked.connect(self.add_asked)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.open)
        buttons.addWidget(self.add)
        buttons.addStretch()
        card = QFrame()
        card.setProperty("drop", True)
        self._inside = QVBoxLayout(card)
        self._inside.setSpacing(14)
        self._inside.addWidget(self._title)
        self._inside.addWidget(self._text)
        self._inside.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self._card = card
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._title.setFont(self._theme.font(20, QFont.Weight.DemiBold))
        self._text.setFont(self._theme.font(13))
        self._inside.setContentsMargins(px(40), px(32), px(40), px(32))
        self._card.setMinimumWidth(px(560))
