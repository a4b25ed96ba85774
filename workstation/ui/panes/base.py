"""Pane: a part of the window with a key, a title and show_frame; and Hands: what a pane may do."""

from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

import msgspec
from PySide6.QtWidgets import QFrame, QWidget

from workstation.desk.edits import Edit
from workstation.runtime.messages import Frame
from workstation.ui.ports import MarketMove
from workstation.ui.theme import Theme


class Hands(msgspec.Struct, frozen=True):
    """A pane's ways to act: make an edit, ask what is wrong with one (empty: nothing), move the market, say which
    position is chosen (account and position in the desk; None: none).
    """

    edit: Callable[[Edit], None]
    fault: Callable[[Edit], str]
    move_market: Callable[[Decimal], None]
    choose: Callable[[tuple[int, int] | None], None]


class Pane(QFrame):
    """Paints what it is given. `show_frame` begins with a look whether anything changed: sameness is the signal."""

    key: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, theme: Theme, hands: Hands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hands = hands
        self.setObjectName(self.key)
        self.setAccessibleName(self.title)
        self.setProperty("panel", True)

    def show_frame(self, frame: Frame, move: MarketMove) -> None:
        """Paint a frame; `move` is the market move whose numbers it holds."""
        raise NotImplementedError
