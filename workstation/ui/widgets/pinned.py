"""Says that prices of the portfolio file stand in place of the running market's, and offers to follow the market."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from workstation.runtime.messages import Frame
from workstation.ui.theme import Theme

_MOST_NAMED = 4


class PinnedStrip(QFrame):
    """Seen while marks of the desk hold against a running market."""

    follow = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("pinned")
        self.setAccessibleName("Pinned prices")
        self.words = QLabel()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton("Follow the market")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # it vanishes: a click leaves the keyboard where it is
        self.button.clicked.connect(self.follow)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.words, 1)
        self._row.addWidget(self.button)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        px = self._theme.px
        self._row.setContentsMargins(px(10), px(3), px(6), px(3))
        self.words.setFont(self._theme.font(12))

    def show_frame(self, frame: Frame) -> None:
        """Name what is pinned."""
        names = [symbol for of_venue in frame.desk.marks.values() for symbol in of_venue]
        self.setVisible(bool(names) and frame.market.source is not None)
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        text = f"Prices of this file are pinned: {', '.join(names[:_MOST_NAMED])}{more}. The market does not move them."
        if self.words.text() != text:
            self.words.setText(text)
            self.words.setToolTip(", ".join(names))
