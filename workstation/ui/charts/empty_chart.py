"""What stands in a chart's place while there is nothing to draw: why, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.ui.theme import Theme


class EmptyChart(QWidget):
    """A reason, a hint, and a button where one step helps; `asked` when it is pressed."""

    asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.reason = QLabel()
        self.hint = QLabel()
        self.hint.setProperty("tone", "fg2")
        self.button = QPushButton()
        self.button.clicked.connect(self.asked)
        layout = QVBoxLayout(self)
        layout.addStretch()
        for label in (self.reason, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.reason.setFont(self._theme.font(13, QFont.Weight.Medium))
        self.hint.setFont(self._theme.font(12))

    def say(self, reason: str, hint: str, action: str = "") -> None:
        """Why there is nothing, what to do, and what the button does (empty: no button)."""
        self.reason.setText(reason)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.button.setText(action)
        self.button.setVisible(bool(action))
