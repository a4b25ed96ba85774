"""The window: shows the newest frame of the document, and turns gestures into edits."""

from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QUndoStack
from PySide6.QtWidgets import QFrame, QLabel, QMainWindow, QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workstation import __version__
from workstation.desk.document import Document
from workstation.desk.edits import Edit, RemovePosition, apply, describe, merge_key
from workstation.domain.problem import BadInput
from workstation.runtime.messages import Frame
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.icons import app_icon
from workstation.ui.menus import Menus
from workstation.ui.notices import Notices
from workstation.ui.panes import PANES
from workstation.ui.panes.base import Hands, Pane
from workstation.ui.portfolio_files import PortfolioFiles
from workstation.ui.ports import MarketMove, Ports, market_move
from workstation.ui.theme import Theme
from workstation.ui.undo import ChangeDesk
from workstation.ui.widgets.empty_desk import EmptyDesk
from workstation.ui.widgets.mode import Mode

TITLE = "Liquidation Workstation"
_REAL = Decimal(0)
TICK_MS = 16  # one frame of a 60 Hz display: a dragged slider is evaluated once in it


class MainWindow(QMainWindow):
    """One document, one frame at a time. Nothing here computes: `ports.make_frame` does."""

    def __init__(self, document: Document, ports: Ports, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.theme = theme
        self.undo_stack = QUndoStack(self)
        self.frame: Frame | None = None
        self.move_shown = MarketMove()  # what the frame on screen answers
        self._ports = ports
        self._size = _REAL
        self._may_close = False
        self._chosen: tuple[int, int] | None = None
        self._tick = QTimer(self)
        self._tick.setSingleShot(True)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.show_now)

        hands = Hands(edit=self.edit, fault=self.fault, move_market=self.move_market, choose=self._choose)
        self.panes: dict[str, Pane] = {pane.key: pane(theme, hands) for pane in PANES}
        self.notices = Notices(theme)
        self.files = PortfolioFiles(document, ports, self.notices, self)
        self.mode = Mode(theme)
        self.banner = self.mode.banner
        self.empty = EmptyDesk(theme)
        self.desk_frame = QFrame()
        self._pages = QStackedWidget()
        self._data = QLabel()
        self._rules = QLabel()
        self.menus = Menus(
            self,
            self.undo_stack,
            theme,
            open_file=self.files.ask_open,
            save=self.files.save,
            save_as=self.files.save_as,
            add_position=self.add_position,
            remove_position=self.remove_position,
            about=self.about,
        )
        self.menus.remove.setEnabled(False)
        self._lay_out()
        self.setAcceptDrops(True)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(1000, 640)
        self.resize(1440, 860)
        self.banner.back.connect(self._back)
        self.empty.open_asked.connect(self.files.ask_open)
        self.empty.add_asked.connect(self.add_position)
        self.files.opened.connect(self._start_anew)
        self.files.saved.connect(self.undo_stack.setClean)  # edits before and after a save are two steps
        self.undo_stack.indexChanged.connect(self._show_title)
        document.listen(self._changed)
        self._changed()

    def _lay_out(self) -> None:
        """Header above, positions and stress beside each other. Docks take this function's place later."""
        beside = QSplitter(Qt.Orientation.Horizontal)
        beside.setChildrenCollapsible(False)
        beside.addWidget(self.panes["positions"])
        beside.addWidget(self.panes["stress"])
        beside.setStretchFactor(0, 3)
        beside.setStretchFactor(1, 1)
        beside.setSizes([1080, 360])
        book = QWidget()
        column = QVBoxLayout(book)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.panes["account"])
        column.addWidget(beside, 1)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(book)
        self.desk_frame.setObjectName("desk")
        everything = QVBoxLayout(self.desk_frame)
        everything.setContentsMargins(0, 0, 0, 0)
        everything.setSpacing(0)
        for widget, stretch in ((self.mode, 0), (self.notices, 0), (self._pages, 1)):
            everything.addWidget(widget, stretch)
        self.setCentralWidget(self.desk_frame)
        self.statusBar().addWidget(self._data)
        self.statusBar().addPermanentWidget(self._rules)

    # --- frames -------------------------------------------------------------------------------------------------------

    def move_market(self, size: Decimal) -> None:
        """Move the market by a fraction; however often this is called, one tick evaluates once."""
        self._size = size
        if not self._tick.isActive():
            self._tick.start()

    def _back(self) -> None:
        self.move_market(_REAL)

    def _changed(self) -> None:
        """The document changed: what is on screen must answer it at once."""
        self._show_title()
        if self.frame is None or self.frame.desk is not self.document.state:
            self.show_now()

    def show_now(self) -> None:
        """Evaluate the desk where the market stands, and show it."""
        self._tick.stop()
        move = market_move(self.document.state, self._size)
        shock = None if move.is_real else move.shock()
        self.frame = self._ports.make_frame(self.document.state, shock, move.directions())
        self.move_shown = move
        self._pages.setCurrentIndex(1 if any(a.positions for a in self.document.state.accounts) else 0)
        for pane in self.panes.values():
            pane.show_frame(self.frame, move)
        self.mode.show_move(move)
        if self.desk_frame.property("what_if") != (not move.is_real):
            self.desk_frame.setProperty("what_if", not move.is_real)
            self.desk_frame.style().unpolish(self.desk_frame)
            self.desk_frame.style().polish(self.desk_frame)
        self._data.setText("Prices from the file" if self.document.state.marks else "No prices in the file")
        self._rules.setText(f"Venue rules of {self.frame.risk.as_of}" if self.frame.risk.as_of else "")

    def _start_anew(self) -> None:
        """Another portfolio: its history and its market move begin with it."""
        self.undo_stack.clear()
        self._size = _REAL
        self.show_now()

    # --- edits --------------------------------------------------------------------------------------------------------

    def fault(self, edit: Edit) -> str:
        """What is wrong with an edit; empty where nothing is."""
        try:
            apply(self.document.state, edit)
        except BadInput as bad:
            return "; ".join(problem.text for problem in bad.problems)
        return ""

    def edit(self, *edits: Edit) -> None:
        """Make edits as one undo step. What is wrong is listed, and changes nothing."""
        state = self.document.state
        try:
            for edit in edits:
                state = apply(state, edit)
        except BadInput as bad:
            self.notices.tell("That was not changed.", bad.problems)
            return
        text = describe(self.document.state, edits[0]) if len(edits) == 1 else "add position"
        key = merge_key(edits[0]) if len(edits) == 1 else None
        self.undo_stack.push(ChangeDesk(self.document, state, text, key))

    def _edit_all(self, edits: tuple[Edit, ...]) -> None:
        self.edit(*edits)

    def add_position(self) -> None:
        """Ask for a new position."""
        dialog = AddPositionDialog(self.document.state, self._ports.venues, self.theme, self)
        dialog.made.connect(self._edit_all)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def remove_position(self) -> None:
        """Take the chosen position out; undo brings it back."""
        if self._chosen is not None:
            self.edit(RemovePosition(*self._chosen))

    def _choose(self, chosen: tuple[int, int] | None) -> None:
        self._chosen = chosen
        self.menus.remove.setEnabled(chosen is not None)

    # --- the window ---------------------------------------------------------------------------------------------------

    def _show_title(self) -> None:
        name = self.document.path.name if self.document.path else "Untitled"
        self.setWindowTitle(f"{'' if self.document.is_saved else '● '}{name} – {TITLE}")
        self.setWindowModified(False)
        self.menus.save.setEnabled(not self.document.is_saved or self.document.path is None)

    def about(self) -> None:
        """Say what this is."""
        text = f"{TITLE} {__version__}\n\nTells where leveraged positions would be liquidated. It cannot trade."
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About", text, QMessageBox.StandardButton.Close, self)
        box.finished.connect(box.deleteLater)
        box.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close or self.document.is_saved:
            self._tick.stop()
            event.accept()
            return
        event.ignore()
        self.files.when_saved(self._close_now)

    def _close_now(self) -> None:
        self._may_close = True
        self.close()


def _dropped_file(event: QDropEvent) -> Path | None:
    """The one local file of a drop; None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
