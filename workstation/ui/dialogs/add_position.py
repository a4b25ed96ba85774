"""The form for a new position, or for one that is held: built from declared fields, each with its fault beside it.

`AddPositionDialog(state, venues, theme, parent, market=…, editing=(account, position))`; `made` carries the edits.
"""

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workstation.desk.contract_names import Known
from workstation.desk.edits import Edit
from workstation.desk.position_fields import FIELDS, Field
from workstation.desk.position_form import Checked, PositionForm
from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.ui import formats
from workstation.ui.known_contracts import known_contracts
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.widgets.choice import Choice

Editor = QComboBox | QLineEdit


class AddPositionDialog(QDialog):
    """`made` carries the edits that together add or change the position: one undo step.

    `editors` are the fields by key, `messages` what stands beside each row: its help, or in red what is wrong.
    """

    made = Signal(tuple)

    def __init__(
        self,
        state: DeskState,
        venues: tuple[str, ...],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        market: MarketView | None = None,
        known: Known = known_contracts,
        editing: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._form = PositionForm(state, venues, market, known, editing)
        self.setWindowTitle("Add position" if editing is None else "Change position")
        self.setModal(True)
        self.editors: dict[str, Editor] = {}
        self.messages: dict[str, QLabel] = {}
        self._labels: dict[str, QLabel] = {}
        self._rows: dict[str, QHBoxLayout] = {}
        self._touched: set[str] = set()
        self._symbols = QStringListModel(self)
        answers = self._form.first()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(5))
        for field in FIELDS:
            self._ask(field, answers[field.key])
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Add" if editing is None else "Change")
        self._ok.setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        layout.setSpacing(theme.px(12))
        layout.addLayout(self._grid)
        layout.addStretch()
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self._make)
        self.buttons.rejected.connect(self.reject)
        self.check()
        self.editors["size" if editing else "symbol"].setFocus()

    def _ask(self, field: Field, start: str) -> None:
        """A row for the field, or a place in the row of the one that it stands beside."""
        editor = self._editor(field, start)
        editor.setToolTip(field.help)
        self.editors[field.key] = editor
        if field.beside:
            self._rows[field.beside].addWidget(editor)
            return
        label = QLabel(field.label)
        label.setBuddy(editor)
        label.setProperty("tone", "fg2")
        message = QLabel(field.help)
        message.setWordWrap(True)
        message.setFont(self._theme.font(11))
        message.setFixedWidth(self._theme.px(280))
        inside = QHBoxLayout()
        inside.setSpacing(self._theme.px(6))
        inside.addWidget(editor, 1)
        number = self._grid.rowCount()
        self._labels[field.key], self.messages[field.key], self._rows[field.key] = label, message, inside
        self._grid.addWidget(label, number, 0)
        self._grid.addLayout(inside, number, 1)
        self._grid.addWidget(message, number, 2)

    def _editor(self, field: Field, start: str) -> Editor:
        if field.kind == "choice":
            choice = Choice(self._theme, field.label, self._form.choices(field.key))
            choice.setCurrentText(start)
            choice.setEnabled(choice.count() > 1)
            choice.currentTextChanged.connect(self.check)
            return choice
        line = QLineEdit(start)
        line.setAccessibleName(field.label)
        line.setMinimumWidth(self._theme.px(200))
        if field.kind == "symbol":
            completer = QCompleter(self._symbols, line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)

        def typed(_text: str) -> None:
            self._touched.add(field.key)
            self.check()

        line.textChanged.connect(typed)
        return line

    def answers(self) -> dict[str, str]:
        """What stands in the fields; numbers without the blanks of our own display."""
        said: dict[str, str] = {}
        for field in FIELDS:
            editor = self.editors[field.key]
            text = editor.currentText() if isinstance(editor, QComboBox) else editor.text()
            said[field.key] = formats.typed(text) if field.kind == "number" else text
        return said

    def edits(self) -> tuple[Edit, ...]:
        """The edits, each of which has been tried; none while something is wrong."""
        return self._form.check(self.answers()).edits

    def check(self) -> None:
        """Say beside every field what is wrong with it."""
        answers = self.answers()
        symbols = list(self._form.choices("symbol", answers))
        if symbols != self._symbols.stringList():
            self._symbols.setStringList(symbols)
        checked = self._form.check(answers)
        for field in FIELDS:
            self._show(field, answers, checked)
        self._ok.setEnabled(bool(checked.edits))

    def _show(self, field: Field, answers: dict[str, str], checked: Checked) -> None:
        editor = self.editors[field.key]
        asked = self._form.asked(field.key, answers)
        editor.setVisible(asked)
        if isinstance(editor, QLineEdit):
            editor.setPlaceholderText(self._form.hint(field.key, answers))
        if field.beside:
            return
        # what nobody has come to yet is no fault
        waiting = not answers[field.key] and field.key not in self._touched and not field.optional
        fault = "" if waiting else checked.faults.get(field.key, "")
        message = self.messages[field.key]
        message.setText(fault or field.help)
        # else two lines have room for one, and the last one's descenders are cut
        message.setMinimumHeight(message.heightForWidth(message.maximumWidth()) + self._theme.px(2))
        message.setVisible(asked)
        self._labels[field.key].setVisible(asked)
        set_styled(message, "tone", "red" if fault else "fg2")
        set_styled(editor, "wrong", bool(fault))
        editor.setAccessibleDescription(fault or field.help)

    def _make(self) -> None:
        edits = self.edits()
        if edits:
            self.made.emit(edits)
            self.accept()
