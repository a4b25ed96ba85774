"""The wallets of all accounts, to be written: without its balance a cross account has no liquidation price."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from workstation.desk.balances import Name, wallets, written
from workstation.desk.edits import SetBalance
from workstation.desk.state import DeskState
from workstation.ui import formats
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.widgets.quiet_scroll import QuietScroll

_HELP = "Wallet balances without unrealised profit; what cross positions share. An empty one is not known."
_NONE = "No account has a wallet yet. Add a position first."
_MOST_LINES = 12


class BalancesDialog(QDialog):
    """`made` carries the edits of what was changed: one undo step. `lines` are the fields by account and asset."""

    made = Signal(tuple)

    def __init__(self, state: DeskState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = state
        self.setWindowTitle("Balances")
        self.setModal(True)
        self.lines: dict[Name, QLineEdit] = {}
        self.messages: dict[Name, QLabel] = {}
        found = wallets(state)
        help_text = QLabel(_HELP if found else _NONE)
        help_text.setProperty("tone", "fg2")
        help_text.setWordWrap(True)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, theme.px(6), 0)
        self._grid.setHorizontalSpacing(theme.px(12))
        self._grid.setVerticalSpacing(theme.px(5))
        for wallet in found:
            start = "" if wallet.balance is None else f"{wallet.balance:f}"
            self._ask(wallet.name, f"{wallet.account_name} on {wallet.venue}", wallet.asset, start)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        scroll = QuietScroll(inside, "Wallets")
        height = min(inside.sizeHint().height(), _MOST_LINES * theme.px(32))
        scroll.setMinimumHeight(height)
        scroll.setMinimumWidth(inside.sizeHint().width() + theme.px(16))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._ok = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText("Change")
        self._ok.setProperty("primary", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        layout.setSpacing(theme.px(12))
        layout.addWidget(help_text)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self._make)
        self.buttons.rejected.connect(self.reject)
        self.check()
        # where the trader is needed: at the first one that is not known
        first = next((wallet.name for wallet in found if wallet.balance is None), next(iter(self.lines), None))
        if first is not None:
            self.lines[first].setFocus()
            self.lines[first].selectAll()

    def _ask(self, name: Name, account: str, asset: str, start: str) -> None:
        number = self._grid.rowCount()
        line, message = QLineEdit(start), QLabel()
        line.setPlaceholderText("not known")
        line.setAccessibleName(f"{asset} of {account}")
        line.setMinimumWidth(self._theme.px(140))
        line.textChanged.connect(self.check)
        message.setFont(self._theme.font(11))
        message.setProperty("tone", "red")
        message.setWordWrap(True)
        message.setFixedWidth(self._theme.px(230))
        unit = QLabel(asset)
        unit.setProperty("tone", "fg2")
        for column, widget in enumerate((QLabel(account), line, unit, message)):
            self._grid.addWidget(widget, number, column)
        self.lines[name], self.messages[name] = line, message

    def check(self) -> None:
        """Say beside every wallet what is wrong with it."""
        edits, faults = self._written()
        for name, line in self.lines.items():
            fault = faults.get(name, "")
            self.messages[name].setText(fault)
            line.setAccessibleDescription(fault)
            set_styled(line, "wrong", bool(fault))
        self._ok.setEnabled(bool(edits) and not faults)

    def _written(self) -> tuple[tuple[SetBalance, ...], dict[Name, str]]:
        return written(self._state, {name: formats.typed(line.text()) for name, line in self.lines.items()})

    def _make(self) -> None:
        edits, faults = self._written()
        if edits and not faults:
            self.made.emit(edits)
            self.accept()
