"""Pane: a part of the window with a key, a title and show_frame; and Hands: what a pane may do."""

from collections.abc import Callable
from typing import ClassVar

import msgspec
from PySide6.QtWidgets import QFrame, QWidget

from workstation.desk.edits import Edit
from workstation.domain.playback import Steering
from workstation.runtime.messages import Frame
from workstation.ui.theme import Theme

FIRST_INTERVAL_MS = 300_000  # the charts' timeframe where none was chosen


class Focus(msgspec.Struct, frozen=True):
    """The contract that panes of the window follow, and the charts' timeframe."""

    venue: str
    symbol: str
    interval_ms: int


class Hands(msgspec.Struct, frozen=True):
    """A pane's ways to act: make edits (one undo step), ask what is wrong with one (empty: nothing), say which position
    is chosen (account and position in the desk; None: none), steer a replayed or simulated market, and look at another
    contract or timeframe.
    """

    edit: Callable[..., None]  # (*edits: Edit)
    fault: Callable[[Edit], str]
    choose: Callable[[tuple[int, int] | None], None]
    steer: Callable[[Steering], None]
    look_at: Callable[[Focus], None]


def same_answer(one: Frame, other: Frame) -> bool:
    """Both answer the same desk with the same numbers; the market may have gone on."""
    return one.risk is other.risk and one.what_if is other.what_if and one.desk is other.desk


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

    def show_frame(self, frame: Frame) -> None:
        """Paint a frame."""
        raise NotImplementedError

    def show_focus(self, focus: Focus) -> None:
        """Follow another contract or timeframe. Most panes follow none."""

    def show_greyed(self, greyed: bool) -> None:
        """Numbers of the desk are greyed while they do not answer its newest edit, and while the feed is down."""
