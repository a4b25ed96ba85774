"""What the window says while the trader holds nothing: what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.ui.theme import Theme


class EmptyDesk(QFrame):
    """Stands where the accounts will be, and asks for a portfolio file or for a first position."""

    open_asked = Signal()
    add_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("drop", True)
        self.setAccessibleName("No positions yet")
        self._title = QLabel("How far from liquidation are you?")
        self._text = QLabel(
            "Drop a portfolio file anywhere on this window, open one, or enter a position. "
            "Nothing is sent anywhere, and no order can be placed from here."
        )
        self._text.setProperty("tone", "fg2")
        self._text.setWordWrap(True)
        self.open = QPushButton("Open a portfolio…")
        self.open.setProperty("primary", True)
        self.add = QPushButton("Add a position…")
        self.open.clicked.connect(self.open_asked)
        self.add.clicked.connect(self.add_asked)
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(self._text)
        self._row = QHBoxLayout(self)
        self._row.addLayout(words, 1)
        self._row.addWidget(self.open, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._title.setFont(self._theme.font(18, QFont.Weight.DemiBold))
        self._text.setFont(self._theme.font(12))
        self._row.setContentsMargins(px(20), px(14), px(20), px(14))
        self._row.setSpacing(px(10))
