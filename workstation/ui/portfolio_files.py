"""Opening and saving the portfolio: nothing unsaved is lost unasked, and a file with faults changes nothing."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from workstation.desk.document import Document
from workstation.desk.state import DeskState
from workstation.domain.problem import BadInput
from workstation.ui.notices import Notices
from workstation.ui.ports import Ports

_FILTER = "Portfolios (*.json);;Positions (*.csv);;All files (*)"
Answer = QMessageBox.StandardButton


class PortfolioFiles(QObject):
    """Does what the File menu says. `opened` comes after another portfolio took the old one's place."""

    opened = Signal()
    saved = Signal()

    def __init__(self, document: Document, ports: Ports, notices: Notices, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._ports = ports
        self._notices = notices
        self._window = window

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
        try:
            state = self._ports.read_portfolio(path)
        except BadInput as bad:
            count = len(bad.problems)
            faults = "1 fault" if count == 1 else f"{count} faults"
            self._notices.tell(f"{path.name} was not opened: {faults}. Nothing has changed.", bad.problems)
            return
        except OSError as error:
            self._notices.tell(f"{path.name} could not be read: {error.strerror or error}. Nothing has changed.")
            return
        self.when_saved(lambda: self._take(state, path))

    def _take(self, state: DeskState, path: Path) -> None:
        self._notices.clear()
        # positions as CSV hold less than a portfolio: saving must ask for a file of its own
        self._document.opened(state, None if path.suffix.lower() == ".csv" else path)
        self.opened.emit()

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
