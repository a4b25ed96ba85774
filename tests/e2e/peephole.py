"""Starts the program as `python -m workstation` does, with a peephole: asked on a socket, it says what it shows.

Arguments: the number of the socket, then the program's own. Whatever acts on the program comes through the X server;
here is only looked, in the thread that owns the widgets, between two of its events.
"""

import runpy
import socket
import sys
import threading
from collections.abc import Iterable

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QWidget,
)

from tests.e2e.seen import Bar, Cell, Chart, Figure, Line, Place, Seen
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.price import PricePane
from workstation.ui.widgets import figure

MOST_BARS = 400


class Peephole(QObject):
    """Made before the program's own application; answers once that runs, and null as long as it has no window."""

    asked = Signal()

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._hear, name="peephole", daemon=True).start()

    def _hear(self) -> None:
        while self._line.recv(1):
            self.asked.emit()

    def _answer(self) -> None:
        windows = [window for window in QApplication.topLevelWidgets() if isinstance(window, MainWindow)]
        data = msgspec.json.encode(look(windows[0]) if windows else None)
        self._line.sendall(len(data).to_bytes(4, "big") + data)


def look(window: MainWindow) -> Seen:
    """Everything that is on screen now."""
    tops = [top for top in QApplication.topLevelWidgets() if top.isVisible()]
    tops.sort(key=lambda top: top is not window)  # of two with the same name the window's own comes first
    widgets = [widget for top in tops for widget in (top, *top.findChildren(QWidget)) if _is_seen(widget)]
    market, frame = window.market(), window.frame
    positions = window.panes["positions"]
    assert isinstance(positions, PositionsPane)
    price = window.panes.get("price")
    return Seen(
        title=window.windowTitle(),
        window=int(window.winId()),
        is_active=QApplication.activeWindow() is not None,
        focus=_name(QApplication.focusWidget()),
        windows=tuple(top.windowTitle() or type(top).__name__ for top in tops if _is_dialog(top, window)),
        named=_named(widgets),
        values=_values(widgets),
        texts=tuple(widget.text() for widget in widgets if isinstance(widget, QLabel) and widget.text()),
        figures={
            widget.accessibleName(): Figure(widget.text, widget.actual, widget.change, _place(widget))
            for widget in widgets
            if isinstance(widget, figure.Figure)
        },
        columns=tuple(key for key, shown in _columns(positions) if shown),
        rows=tuple(_rows(positions)),
        chart=_chart(price) if isinstance(price, PricePane) else None,
        undo=(window.undo_stack.index(), window.undo_stack.count()),
        answered=frame is not None and frame.desk is window.document.state,
        what_if=bool(window.desk_frame.property("what_if")),
        feed_up=market.feed.up,
        feed_pid=market.feed.pid,
        restarts=market.feed.restarts,
        lost=market.feed.lost,
        at_ms=None if market.playback is None else market.playback.at_ms,
        paused=market.playback is not None and market.playback.paused,
    )


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _is_dialog(top: QWidget, window: MainWindow) -> bool:
    return top is not window and not isinstance(top, QMenu) and top.windowType() is not Qt.WindowType.ToolTip


def _place(widget: QWidget, rect: QRect | None = None) -> Place:
    """A part of a widget on the screen; of the whole what can be seen."""
    part = widget.visibleRegion().boundingRect() if rect is None else rect
    corner = widget.mapToGlobal(part.topLeft())
    return Place(corner.x(), corner.y(), part.width(), part.height())


def _name(widget: QWidget | None) -> str:
    return "" if widget is None else widget.accessibleName() or widget.objectName() or type(widget).__name__


def _named(widgets: Iterable[QWidget]) -> dict[str, tuple[Place, ...]]:
    found: dict[str, dict[Place, None]] = {}
    for widget in widgets:
        if isinstance(widget, QMenu | QMenuBar):
            for action in widget.actions():
                if action.isVisible() and action.isEnabled() and action.text():
                    place = _place(widget, widget.actionGeometry(action))
                    found.setdefault(action.text().replace("&", ""), {})[place] = None
        if not widget.isEnabled():
            continue
        text = widget.text().replace("&", "") if isinstance(widget, QAbstractButton) else ""
        for name in filter(None, (widget.accessibleName(), text)):
            found.setdefault(name, {})[_place(widget)] = None
    return {name: tuple(places) for name, places in found.items()}


def _values(widgets: Iterable[QWidget]) -> dict[str, str]:
    values: dict[str, str] = {}
    for widget in widgets:
        if isinstance(widget, QLineEdit | QAbstractSpinBox):
            values[widget.accessibleName()] = widget.text()
        elif isinstance(widget, QAbstractSlider):
            values[widget.accessibleName()] = str(widget.value())
    return values


def _columns(pane: PositionsPane) -> list[tuple[str, bool]]:
    return [(column.key, not pane.table.isColumnHidden(i)) for i, column in enumerate(pane.rows.columns)]


def _rows(pane: PositionsPane) -> Iterable[dict[str, Cell]]:
    """In the order of the table, which is that of the screen."""
    table, model = pane.table, pane.table.model()
    for line in range(model.rowCount(QModelIndex())):
        cells: dict[str, Cell] = {}
        for number, (key, shown) in enumerate(_columns(pane)):
            cell = pane.rows.cell(table.source_row(model.index(line, number)), number)
            rect = table.visualRect(model.index(line, number)) & table.viewport().rect()
            seen = shown and rect.width() > 0 and rect.height() > 0
            cells[key] = Cell(cell.text, _place(table.viewport(), rect) if seen else None, cell.ticked)
        yield cells


def _chart(pane: PricePane) -> Chart | None:
    linked = pane.linked
    if not linked.isVisible():
        return None
    view, candles = linked.view, pane.candles.candles
    plot = _place(linked, QRect(view.left, view.top, view.width, view.height))
    bars: list[Bar] = []
    if candles is not None:
        columns = (candles.open_ms, candles.open, candles.high, candles.low, candles.close)
        bars = [Bar(int(row[0]), *map(float, row[1:])) for row in zip(*(c[-MOST_BARS:] for c in columns), strict=True)]
    ys = {level: y for y, level in linked.lines.placed(view, linked.width() - view.right).lines}
    return Chart(
        heading=pane.heading.text,
        watermark=linked.watermark.word,
        state=linked.state,
        plot=plot,
        from_ms=view.from_ms,
        to_ms=view.to_ms,
        low=view.low,
        high=view.high,
        lines=tuple(
            Line(
                label=level.label,
                text=level.text,
                price=level.price,
                colour=pane.theme.colour(level.tone).name(),
                what_if=level.what_if,
                faint=level.faint,
                y=linked.mapToGlobal(QPoint(0, ys[level])).y() if level in ys else None,
            )
            for level in linked.lines.levels
        ),
        bars=tuple(bars),
    )


def main() -> None:
    peephole = Peephole(socket.socket(fileno=int(sys.argv[1])))
    sys.argv[:] = ["workstation", *sys.argv[2:]]
    # as __main__, so that the feed process is started from it just as it is from the real one
    runpy.run_module("workstation", run_name="__main__", alter_sys=True)
    del peephole


if __name__ == "__main__":
    main()
