"""A vertical scroll area that shows the ground it stands on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

_FEW = 6


def is_out_of_sight(inside: QWidget, place: int) -> bool:
    """This widget, one of a long row that scrolls, needs no writing now. The first few are always written, so that the
    row has its height from the start.
    """
    return place >= _FEW and inside.visibleRegion().isEmpty()


class QuietScroll(QScrollArea):
    """No frame, no ground of its own, and never a horizontal bar: what is inside takes the width there is."""

    def __init__(self, inside: QWidget, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
