"""A box for a signed percentage: typed with a point in every locale, shown with its sign and a true minus."""

from decimal import Decimal

from PySide6.QtCore import QEvent
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from workstation.domain.parsing import parse_decimal
from workstation.ui import formats
from workstation.ui.widgets.undo_keys import is_for_the_desk


class PercentBox(QDoubleSpinBox):
    """Holds per cent with one decimal."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(1)
        self.setSingleStep(1.0)
        self.setAccessibleName(name)
        self.setKeyboardTracking(False)

    def event(self, event: QEvent, /) -> bool:
        if is_for_the_desk(event, self.lineEdit()):
            event.ignore()
            return False
        return super().event(event)

    def textFromValue(self, value: float, /) -> str:
        return formats.percent(Decimal(repr(value)) / 100, 1, signed=True)

    def valueFromText(self, text: str, /) -> float:
        number = parse_decimal(formats.typed(text))
        return float(number) if number is not None else self.value()

    def validate(self, text: str, position: int, /) -> tuple[QValidator.State, str, int]:
        number = parse_decimal(formats.typed(text))
        inside = number is not None and self.minimum() <= number <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position
