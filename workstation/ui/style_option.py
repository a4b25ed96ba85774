"""What a delegate is told of the cell that it paints. PySide's stubs leave the fields of style options out."""

from typing import cast

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

# as plain numbers: Python's enums cost more than the painting itself
SELECTED = QStyle.StateFlag.State_Selected.value
HOVER = QStyle.StateFlag.State_MouseOver.value
FOCUS = QStyle.StateFlag.State_HasFocus.value
ENABLED = QStyle.StateFlag.State_Enabled.value


def rect_of(option: QStyleOptionViewItem) -> QRect:
    """The cell's place, as a copy."""
    return QRect(cast("QRect", getattr(option, "rect")))  # noqa: B009


def state_of(option: QStyleOptionViewItem) -> int:
    """Some of SELECTED, HOVER, FOCUS, ENABLED."""
    return cast("QStyle.StateFlag", getattr(option, "state")).value  # noqa: B009
