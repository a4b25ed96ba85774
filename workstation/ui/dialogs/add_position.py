"""The form for a new position, and for its account where there is none; it says what is wrong while one types."""

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from workstation.desk.edits import AddAccount, AddPosition, Edit, SetBalance, SetMark, SetPositionField, apply
from workstation.desk.state import DeskState
from workstation.domain.instrument import parse_symbol
from workstation.domain.position import Account, MarginMode, Position, Side
from workstation.domain.problem import BadInput
from workstation.ui import formats
from workstation.ui.theme import Theme
from workstation.ui.widgets.choice import Choice

_NEW = "New account"
_ONE = Decimal(1)


class AddPositionDialog(QDialog):
    """`made` carries the edits that together add the position."""

    made = Signal(tuple)

    def __init__(self, state: DeskState, venues: tuple[str, ...], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add position")
        self.setModal(True)
        self._state = state
        self.account = Choice(theme, "Account", (*(account.name for account in state.accounts), _NEW))
        self.name = _line("Name of the account", "main")
        self.venue = Choice(theme, "Venue", venues)
        self.balance = _line("Balance in the settle asset")
        self.symbol = _line("Symbol", hint="BTC/USDT:USDT")
        self.side = Choice(theme, "Side", ("long", "short"))
        self.amount = _line("Size", hint="0.5")
        self.unit = Choice(theme, "Unit of the size", ("coins", "contracts"))
        self.entry_price = _line("Entry price")
        self.margin_mode = Choice(theme, "Margin mode", ("cross", "isolated"))
        self.leverage = _line("Leverage", hint="may stay empty")
        self.mark = _line("Mark price", hint="empty: the market's")
        self.fault = QLabel()
        self.fault.setWordWrap(True)
        self.fault.setProperty("tone", "amber")
        self.fault.setMinimumWidth(theme.px(360))
        self._form = QFormLayout()
        for field in self._fields():
            self._form.addRow(field.accessibleName(), field)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Add")
        self._ok.setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.fault)
        layout.addWidget(self.buttons)
        for field in self._fields():
            changed = field.currentTextChanged if isinstance(field, QComboBox) else field.textChanged
            changed.connect(self._check)
        self.buttons.accepted.connect(self._make)
        self.buttons.rejected.connect(self.reject)
        self._check()

    def _fields(self) -> tuple[QComboBox | QLineEdit, ...]:
        return (
            self.account,
            self.name,
            self.venue,
            self.balance,
            self.symbol,
            self.side,
            self.amount,
            self.unit,
            self.entry_price,
            self.margin_mode,
            self.leverage,
            self.mark,
        )

    def edits(self) -> tuple[Edit, ...]:
        """The edits, each of which has been tried on the state. Raises BadInput with the first that is wrong."""
        state, made = self._state, list[Edit]()

        def take(edit: Edit) -> None:
            nonlocal state
            state = apply(state, edit)
            made.append(edit)

        account = self.account.currentIndex()
        symbol = self.symbol.text().strip()
        parts = parse_symbol(symbol)
        if self.account.currentText() == _NEW:
            take(AddAccount(Account(name=self.name.text().strip(), venue=self.venue.currentText())))
            if parts and self.balance.text().strip():
                take(SetBalance(account, parts.settle, formats.typed(self.balance.text())))
        in_contracts = self.unit.currentText() == "contracts"
        side: Side = "short" if self.side.currentText() == "short" else "long"
        margin_mode: MarginMode = "isolated" if self.margin_mode.currentText() == "isolated" else "cross"
        # it comes in with ones in place of its numbers, which then pass through the same checks as typed cells
        take(
            AddPosition(
                account,
                Position(
                    symbol=symbol,
                    side=side,
                    entry_price=_ONE,
                    quantity=None if in_contracts else _ONE,
                    contracts=_ONE if in_contracts else None,
                    margin_mode=margin_mode,
                ),
            )
        )
        position = len(state.accounts[account].positions) - 1
        size = formats.typed(self.amount.text())
        take(SetPositionField(account, position, "contracts" if in_contracts else "quantity", size))
        take(SetPositionField(account, position, "entry_price", formats.typed(self.entry_price.text())))
        if self.leverage.text().strip():
            take(SetPositionField(account, position, "leverage", formats.typed(self.leverage.text())))
        if self.mark.text().strip():
            take(SetMark(state.accounts[account].venue, symbol, formats.typed(self.mark.text())))
        return tuple(made)

    def _check(self) -> None:
        is_new = self.account.currentText() == _NEW
        for field in (self.name, self.venue, self.balance):
            self._form.setRowVisible(field, is_new)
        fault = ""
        try:
            self.edits()
        except BadInput as bad:
            fault = bad.problems[0].text
        self.fault.setText(fault)
        self._ok.setEnabled(not fault)

    def _make(self) -> None:
        self.made.emit(self.edits())
        self.accept()


def _line(name: str, text: str = "", hint: str = "") -> QLineEdit:
    line = QLineEdit(text)
    line.setAccessibleName(name)
    line.setPlaceholderText(hint)
    return line
