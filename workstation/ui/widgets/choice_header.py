"""A table's header with a choice under every title: what the column holds."""

from collections.abc import Mapping

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHeaderView, QTableView

from workstation.ui.theme import Theme
from workstation.ui.widgets.choice import Choice


class ChoiceHeader(QHeaderView):
    """`start` gives the columns that have a choice and what stands in it first. `changed` comes after any choice."""

    changed = Signal()

    def __init__(self, theme: Theme, start: Mapping[int, str], texts: tuple[str, ...], table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._theme = theme
        self.choices: dict[int, Choice] = {}
        for column, text in start.items():
            choice = Choice(
                theme,
                f"What {table.model().headerData(column, Qt.Orientation.Horizontal)} holds",
                texts,
                self.viewport(),
            )
            choice.setCurrentText(text)
            choice.currentTextChanged.connect(self.changed)
            choice.show()
            self.choices[column] = choice
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(theme.px(32))
        self.sectionResized.connect(self._place)
        self.geometriesChanged.connect(self._place)
        table.horizontalScrollBar().valueChanged.connect(self._place)

    def chosen(self) -> tuple[int, ...]:
        """Which of the texts each choice stands at, from left to right."""
        return tuple(choice.currentIndex() for choice in self.choices.values())

    def sizeHint(self) -> QSize:
        height = super().sizeHint().height()
        return QSize(0, height + self._theme.px(32)) if self.choices else QSize(0, height)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._place()

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        title = QRect(rect)
        title.setHeight(rect.height() - self._theme.px(32))
        painter.fillRect(rect, self._theme.colour("bg1"))
        super().paintSection(painter, title, logicalIndex)

    def _place(self) -> None:
        height = self._theme.px(26)
        gap = self._theme.px(3)
        for column, choice in self.choices.items():
            left = self.sectionViewportPosition(column)
            width = self.sectionSize(column)
            choice.setGeometry(left + gap, self.height() - height - gap, max(0, width - 2 * gap), height)
