"""Properties that the style sheet asks about: setting one is not enough, the widget must be polished anew."""

from PySide6.QtWidgets import QWidget


def set_styled(widget: QWidget, name: str, value: object) -> None:
    """Give a widget such a property; nothing happens where it has it already."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
