"""What is wrong with the texts of a window: numbers that are elided, words that are cut, letters of no shipped font."""

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QAccessible, QFont, QFontMetrics, QRawFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QStyle,
    QStyleOptionComboBox,
    QTableView,
    QWidget,
)

from workstation.ui.charts.heading import Heading
from workstation.ui.widgets.figure import Figure
from workstation.ui.widgets.status import VenueLight

_INTERACTIVE = {
    QAccessible.Role.Button,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.Slider,
    QAccessible.Role.SpinBox,
    QAccessible.Role.ComboBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.CheckBox,
    QAccessible.Role.RadioButton,
    QAccessible.Role.Table,
    QAccessible.Role.List,
}
_PARTS = QLabel | QAbstractButton | Figure | Heading | QLineEdit | QComboBox | QAbstractSlider
_TITLE_MARGINS = 16  # at 100 %, left and right
_EDIT_MARGIN = 4  # what Qt keeps free on both sides of a line's text


def visible(root: QWidget) -> Iterator[QWidget]:
    """Everything in a window that can be seen, the window too."""
    yield root
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.window() is root.window() and widget.width() and widget.height():
            yield widget


def cut(root: QWidget) -> list[str]:
    """Texts that have less room than they need, each with the widget it is in."""
    found: list[str] = []
    for widget in visible(root):
        found += [f"{_named(widget)}: {fault}" for fault in _cut(widget)]
    return found


def _cut(widget: QWidget) -> Iterator[str]:
    match widget:
        case Figure():
            if not widget.is_whole:
                yield f"{widget.text!r} {widget.note!r} is not whole in {widget.width()} x {widget.height()}"
        case Heading():
            if widget.pieces and not widget.shown():  # pieces are left out whole, but never all of them
                yield f"nothing of {widget.text!r} has room in {widget.width()}"
        case QAbstractButton() if isinstance(widget.parentWidget(), QLineEdit):
            pass  # the line's own picture has no text
        case VenueLight() | QAbstractButton():
            if widget.sizeHint().width() > widget.width() or widget.sizeHint().height() > widget.height() + 1:
                yield f"{_said(widget)!r} needs {_size(widget.sizeHint())}, has {_size(widget.size())}"
        case QLabel():
            yield from _label(widget)
        case QTableView():
            yield from _table(widget)
        case QListWidget():
            yield from _list(widget)
        case QComboBox():
            option = QStyleOptionComboBox()
            widget.initStyleOption(option)
            field = widget.style().subControlRect(
                QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
            )
            yield from _narrow(widget.currentText(), widget, field.width())
        case QLineEdit():
            margins = widget.textMargins()
            room = widget.contentsRect().width() - margins.left() - margins.right() - _EDIT_MARGIN
            yield from _narrow(widget.text() or widget.placeholderText(), widget, room)
        case _:
            pass
    if isinstance(widget, _PARTS):
        yield from _outside(widget)


def _label(label: QLabel) -> Iterator[str]:
    if not label.text():
        return
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        if needed > label.height():
            yield f"{label.text()!r} needs {needed} lines of pixels, has {label.height()}"
    elif label.sizeHint().width() > label.width():
        yield f"{label.text()!r} needs {label.sizeHint().width()}, has {label.width()}"
    metrics = QFontMetrics(label.font())
    if not label.wordWrap() and metrics.height() - metrics.descent() > label.contentsRect().height():
        yield f"{label.text()!r} is {metrics.height()} high, has {label.contentsRect().height()}"


def _table(table: QTableView) -> Iterator[str]:
    model, header = table.model(), table.horizontalHeader()
    shown = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
    for column in shown:
        title = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        has = header.sectionSize(column)
        font = QFont(header.font())
        font.setWeight(QFont.Weight.DemiBold)  # wider than what the style sheet asks for
        needed = QFontMetrics(font).horizontalAdvance(title) + _TITLE_MARGINS
        if title and header.isVisible() and needed > has:
            yield f"heading {title!r} needs {needed}, has {has}"
        for row in range(model.rowCount()):
            index = model.index(row, column)
            needed = table.sizeHintForIndex(index).width()
            if needed > has:
                yield f"{index.data()!r} under {title!r} needs {needed}, has {has}"
    for row in range(model.rowCount()):
        if table.fontMetrics().height() > table.rowHeight(row):
            yield f"row {row} is {table.rowHeight(row)} high"


def _list(shown: QListWidget) -> Iterator[str]:
    """Texts and, at the right of the same line, their details."""
    for row in range(shown.count()):
        item = shown.item(row)
        text, detail = item.text(), str(item.data(Qt.ItemDataRole.UserRole + 1) or "")
        metrics = shown.fontMetrics()
        needed = metrics.horizontalAdvance(text) + metrics.horizontalAdvance(detail)
        if needed > shown.viewport().width():
            yield f"{text!r} beside {detail!r} needs {needed}, has {shown.viewport().width()}"


def _narrow(text: str, widget: QWidget, room: int) -> Iterator[str]:
    needed = QFontMetrics(widget.font()).horizontalAdvance(text)
    if needed > room:
        yield f"{text!r} needs {needed}, has {room}"


def _outside(widget: QWidget) -> Iterator[str]:
    """Whether it reaches over the edge of what it stands in, where nothing scrolls."""
    parent = widget.parentWidget()
    area = QRect(widget.rect())
    place = widget
    while parent is not None and not place.isWindow():
        area.translate(place.pos())
        if isinstance(parent.parentWidget(), QAbstractScrollArea):
            return
        if not parent.rect().contains(area):
            yield f"{_said(widget)!r} reaches over the edge of {_named(parent)}"
            return
        place, parent = parent, parent.parentWidget()


def covered(root: QWidget) -> list[str]:
    """Labels, buttons and figures that lie over another one with the same parent."""
    found: list[str] = []
    for widget in visible(root):
        if isinstance(widget, QLineEdit | QComboBox):
            continue  # its parts are Qt's own
        parts = [child for child in visible(widget) if child.parent() is widget and isinstance(child, _PARTS)]
        found += [
            f"{_named(one)} {_said(one)!r} and {_named(other)} {_said(other)!r}"
            for one, other in combinations(parts, 2)
            if one.geometry().intersects(other.geometry())
        ]
    return found


def unnamed(root: QWidget) -> list[str]:
    """What can be worked with and has no name for those who cannot see it."""
    found: list[str] = []
    for widget in visible(root):
        face = QAccessible.queryAccessibleInterface(widget)
        if face is None or not face.isValid() or face.role() not in _INTERACTIVE:
            continue
        if not face.text(QAccessible.Text.Name) and not widget.objectName().startswith("qt_"):
            found.append(f"{_named(widget)} in {_named(widget.parentWidget())}")
    return found


def of_no_font(root: QWidget) -> list[str]:
    """Letters that the widget's own font does not have: another font of the machine would stand in, or a box."""
    found: set[str] = set()
    for widget in visible(root):
        font = QRawFont.fromFont(widget.font())
        for text in _texts(widget):
            found |= {f"{letter!r} in {text!r}" for letter in text if letter not in "\n\t" and not _has(font, letter)}
    return sorted(found)


def _has(font: QRawFont, letter: str) -> bool:
    return font.supportsCharacter(ord(letter))


def _texts(widget: QWidget) -> Iterator[str]:
    match widget:
        case Figure():
            yield from (widget.text, widget.note, widget.actual, widget.change)
        case Heading():
            yield widget.text
        case QLabel():
            yield widget.text()
        case QAbstractButton():
            yield widget.text()
        case QAbstractItemView():
            model = widget.model()
            columns = 1 if isinstance(widget, QListView) else model.columnCount()
            yield from (
                str(model.index(row, j).data() or "") for row in range(model.rowCount()) for j in range(columns)
            )
        case _:
            pass


def _named(widget: QWidget | None) -> str:
    if widget is None:
        return "nothing"
    name = widget.accessibleName() or widget.objectName()
    return f"{type(widget).__name__} {name!r}" if name else type(widget).__name__


def _said(widget: QWidget) -> str:
    return str(getattr(widget, "text", lambda: "")() if not isinstance(widget, Figure) else widget.text)


def _size(size: object) -> str:
    return f"{size.width()} x {size.height()}"  # pyright: ignore[reportAttributeAccessIssue]
