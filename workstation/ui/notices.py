"""Inline list of what is wrong and where; it can be copied and dismissed, and never stands in the way."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.domain.problem import Problem
from workstation.ui.styled import set_styled
from workstation.ui.tables.frozen_rows import Column, FrozenRows
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme

_MOST_LINES = 7
_MOST_SAID = 5

COLUMNS: tuple[Column[Problem], ...] = (
    Column("where", "Place", lambda problem: problem.where or "the file", tone=lambda _problem: "fg2"),
    Column("text", "What is wrong, and how to mend it", lambda problem: problem.text, tip=lambda problem: problem.text),
)


class Notices(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("notices")
        self.setAccessibleName("Notices")
        self._said: list[str] = []
        self._only_good = False
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        self.heading.setProperty("tone", "red")
        self.problems: FrozenRows[Problem] = FrozenRows(COLUMNS, self)
        self.table: RowsView[Problem] = RowsView(self.problems, theme, "Faults and their places")
        self.copy = QPushButton("Copy")
        self.copy.setAccessibleName("Copy the faults")
        self.dismiss = QPushButton("Dismiss")
        self.dismiss.setAccessibleName("Dismiss the faults")
        self.dismiss.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # it vanishes: a click leaves the keyboard where it is
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.copy)
        top.addWidget(self.dismiss)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.table)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        self.dismiss.clicked.connect(self.clear)
        theme.changed.connect(self.restyle)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Take the theme's fonts and lengths anew."""
        self.heading.setFont(self._theme.font(12, QFont.Weight.DemiBold))
        lines = min(len(self.problems.rows), _MOST_LINES) + 1
        self.table.setFixedHeight(lines * self._theme.px(28) + self._theme.px(14))

    def _show_tone(self) -> None:
        set_styled(self, "good", self._only_good)
        set_styled(self.heading, "tone", "fg" if self._only_good else "red")

    def tell(self, heading: str, problems: tuple[Problem, ...] = ()) -> None:
        """Show these in place of what was shown before."""
        self._said, self._only_good = [heading], False
        self.heading.setText(heading)
        self._show_tone()
        self.problems.show(problems)
        self.table.measure()
        self.table.setVisible(bool(problems))
        self.restyle()
        self.show()

    def add(self, text: str, *, good: bool = False) -> None:
        """Say this, too: what comes from behind the window must not take away what the trader is reading. `good` news
        alone are not in red.
        """
        if text not in self._said:
            self._said = [*self._said, text][-_MOST_SAID:]
            self._only_good = good and (self._only_good or len(self._said) == 1)
            self.heading.setText("\n".join(self._said))
            self._show_tone()
            self.table.setVisible(bool(self.problems.rows))
            self.restyle()
        self.show()

    def clear(self) -> None:
        """Nothing to say any more."""
        self._said = []
        self.hide()
        self.problems.show(())

    def text(self) -> str:
        """Everything as text, one fault a line."""
        return "\n".join([self.heading.text(), *map(str, self.problems.rows)])
