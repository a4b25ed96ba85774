"""Opening and saving the portfolio: nothing unsaved is lost unasked, and a file with faults changes nothing.

`new`, `ask_open`, `open`, `open_recent`, `save`, `save_as` are what the File menu does; `paste` and every table of
positions (`.csv`, `.tsv`, `.txt`) open a preview, and what is added there goes out as the signal `pasted`.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from workstation.desk.contract_names import Known
from workstation.desk.document import Document
from workstation.desk.pasted_table import read_table
from workstation.desk.positions_csv import LARGEST_FILE
from workstation.desk.state import DeskState
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView
from workstation.ui.dialogs.csv_preview import CsvPreview
from workstation.ui.known_contracts import known_contracts
from workstation.ui.notices import Notices
from workstation.ui.ports import Ports
from workstation.ui.recent import Recent
from workstation.ui.theme import Theme

_FILTER = "Portfolios (*.json);;Positions (*.csv *.tsv *.txt);;All files (*)"
_TABLES = (".csv", ".tsv", ".txt")
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # what a spreadsheet saves as "Unicode text"
Answer = QMessageBox.StandardButton


class PortfolioFiles(QObject):
    """Does what the File menu says. `opened` comes after another portfolio took the old one's place; `pasted` carries
    the edits that a preview of positions made, to become one undo step.
    """

    opened = Signal()
    saved = Signal()
    pasted = Signal(tuple)

    def __init__(
        self,
        document: Document,
        ports: Ports,
        notices: Notices,
        window: QWidget,
        *,
        theme: Theme,
        market: Callable[[], MarketView] = MarketView,
        known: Known = known_contracts,
        recent: Recent | None = None,
    ) -> None:
        super().__init__(window)
        self.recent = Recent() if recent is None else recent
        self._theme = theme
        self._market = market
        self._known = known
        self._document = document
        self._ports = ports
        self._notices = notices
        self._window = window

    def new(self) -> None:
        """Begin an empty portfolio, after what is unsaved was asked about."""
        self.when_saved(lambda: self._take(DeskState(), None))

    def ask_open(self) -> None:
        """Let the trader choose a file."""
        dialog = self._dialog("Open portfolio", QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._open_named)
        dialog.open()

    def _open_named(self, name: str) -> None:
        self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open a file. What is to become of unsaved edits is asked only once the file is known to be sound."""
        if path.suffix.lower() in _TABLES:
            self._open_table(path)
            return
        try:
            state = self._ports.read_portfolio(path)
        except BadInput as bad:
            # a place in the file means that the rest of it can be read: then its owner mends it, and nobody else
            backup = None if any(problem.where for problem in bad.problems) else self._ports.read_backup(path)
            if backup is not None:
                self.when_saved(lambda: self._take_backup(*backup, path))
                return
            count = len(bad.problems)
            faults = "1 fault" if count == 1 else f"{count} faults"
            self._notices.tell(f"{path.name} was not opened: {faults}. Nothing has changed.", bad.problems)
            return
        except OSError as error:
            self._notices.tell(f"{path.name} could not be read: {error.strerror or error}. Nothing has changed.")
            return
        self.when_saved(lambda: self._take(state, path))

    def _take(self, state: DeskState, path: Path | None) -> None:
        self._notices.clear()
        self._document.opened(state, path)
        if path is not None:
            self.recent.add(path)
        self.opened.emit()

    def _take_backup(self, state: DeskState, happened: str, path: Path) -> None:
        self._take(state, path)
        self._notices.tell(happened)

    def open_recent(self, path: Path) -> None:
        """Open one of the files opened last; one that is gone leaves the list."""
        if path.exists():
            self.open(path)
        else:
            self.recent.forget(path)
            self._notices.tell(
                f"{path.name} is no longer in {path.parent}. It was taken from the list of recent files."
            )

    def paste(self) -> None:
        """Show the positions that are on the clipboard; nothing is added before the trader says so."""
        self.preview(QGuiApplication.clipboard().text(), "The clipboard")

    def _open_table(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except OSError as error:
            self._notices.tell(f"{path.name} could not be read: {error.strerror or error}. Nothing has changed.")
            return
        try:
            text = data.decode(_BYTE_ORDER_MARKS.get(data[:2], "utf-8-sig"))
        except UnicodeDecodeError as error:
            self._notices.tell(f"{path.name} is no text at byte {error.start}: save it as CSV in UTF-8.")
            return
        self.preview(text, path.name)

    def preview(self, text: str, name: str) -> None:
        """Show a table of positions with what its columns mean; `name` says where it is from."""
        try:
            table = read_table(text)
        except BadInput as bad:
            self._notices.tell(f"{name} holds no positions. Nothing has changed.", bad.problems)
            return
        self._notices.clear()
        dialog = CsvPreview(
            table, self._document.state, self._ports.venues, self._theme, self._window, self._market(), self._known
        )
        dialog.made.connect(self.pasted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save to the document's file; the first time, ask for one."""
        if self._document.path is None:
            self.save_as(then)
        else:
            self._save(self._document.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Let the trader choose where to save."""
        dialog = self._dialog("Save portfolio", QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(self._document.path.name if self._document.path else "portfolio.json")

        def chosen(name: str) -> None:
            self._save(Path(name), then)

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _save(self, path: Path, then: Callable[[], None] | None) -> None:
        try:
            self._ports.write_portfolio(self._document.state, path)
        except OSError as error:
            self._notices.tell(f"{path.name} could not be saved: {error.strerror or error}. Your edits are still here.")
            return
        self._document.saved(path)
        self.recent.add(path)
        self.saved.emit()
        if then is not None:
            then()

    def when_saved(self, then: Callable[[], None]) -> None:
        """Go on at once where nothing is unsaved, else after the trader chose to save or to throw away."""
        if self._document.is_saved:
            then()
            return
        name = self._document.path.name if self._document.path else "the portfolio"
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "Unsaved changes",
            f"Save the changes to {name}?",
            Answer.Save | Answer.Discard | Answer.Cancel,
            self._window,
        )
        box.setObjectName("unsaved")
        box.setDefaultButton(Answer.Save)

        def answered(_result: int) -> None:
            chosen = box.standardButton(box.clickedButton())
            box.deleteLater()
            if chosen == Answer.Save:
                self.save(then)
            elif chosen == Answer.Discard:
                then()

        box.finished.connect(answered)
        box.open()

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        dialog = QFileDialog(
            self._window, title, str(self._document.path.parent if self._document.path else ""), _FILTER
        )
        dialog.setAcceptMode(mode)
        dialog.finished.connect(dialog.deleteLater)
        return dialog
