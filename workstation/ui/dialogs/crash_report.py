"""One dialog for errors of the program: what happened, copy report, open logs, go on or quit; never two at a time."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workstation.runtime.crash import Crash, CrashReports
from workstation.ui.theme import Theme

LOOK_MS = 250
QUIET_S = 60.0  # an error that the trader went on after is not shown again sooner
_GOES_ON = "The program made an error and goes on."
_BEWARE = "What is on screen may be wrong from here on: if it looks so, save under another name and start anew."
_AFTER_A_CRASH = "Edits that were not saved are kept in the journal, except for the last second."
_RULE = "\n" + "-" * 80 + "\n"


def open_in_files(folder: Path) -> bool:
    """Show a folder in the system's file manager; False where it has none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class CrashDialog(QDialog):
    """Not modal: the trader may have a position to look at first. Closing it is going on."""

    quit_asked = Signal()

    def __init__(
        self, theme: Theme, folder: Path, open_folder: Callable[[Path], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("crash_report")
        self.setWindowTitle("A fault in the program")
        # Whoever is typing a price at this moment goes on typing it.
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._folder = folder
        self._open_folder = open_folder
        self._report = ""
        self.heading = QLabel()
        self.heading.setFont(theme.font(14, QFont.Weight.DemiBold))
        self.what = QLabel()
        self.kept = QLabel()
        for label in (self.what, self.kept):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMinimumWidth(theme.px(460))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.what.setAccessibleName("What happened")
        self.kept.setAccessibleName("Where the report is")
        self.kept.setProperty("tone", "fg2")
        self.copy = QPushButton("Copy report")
        self.logs = QPushButton("Open logs")
        self.go_on = QPushButton("Go on")
        self.quit = QPushButton("Quit")
        self.go_on.setProperty("primary", True)
        self.go_on.setDefault(True)
        row = QHBoxLayout()
        row.addWidget(self.copy)
        row.addWidget(self.logs)
        row.addStretch(1)
        row.addWidget(self.quit)
        row.addWidget(self.go_on)
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(10))
        for label in (self.heading, self.what, self.kept):
            layout.addWidget(label)
        layout.addLayout(row)
        self.copy.clicked.connect(self._copy)
        self.logs.clicked.connect(self._open_logs)
        self.go_on.clicked.connect(self.accept)
        self.quit.clicked.connect(self._quit)
        self.go_on.setFocus()

    def show_crashes(self, crashes: tuple[Crash, ...]) -> None:
        """The newest first in words, all of them in the report."""
        lines = [_line(crash) for crash in reversed(crashes[-3:])]
        if len(crashes) > 3:
            lines.append(f"… and {len(crashes) - 3} more")
        self.what.setText("\n".join(lines))
        earlier = all(crash.earlier for crash in crashes)
        self.heading.setText("The session before ended by a crash." if earlier else _GOES_ON)
        advice = _AFTER_A_CRASH if earlier else _BEWARE
        paths = [crash.path for crash in crashes if crash.path is not None]
        kept = f"The report is in {paths[-1]}" if paths else "No report could be written; copy it from here"
        self.kept.setText(f"{advice}\n{kept}. It holds no positions, figures or keys.")
        self._report = _RULE.join(f"{_times(crash)}{crash.report}" for crash in crashes)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy.setText("Copied")

    def _open_logs(self) -> None:
        if not self._open_folder(self._folder):
            self.kept.setText(f"No program to show folders was found. The logs are in {self._folder}")

    def _quit(self) -> None:
        self.accept()
        self.quit_asked.emit()


def _line(crash: Crash) -> str:
    return crash.what if crash.count == 1 else f"{crash.what} ({crash.count:,} times)".replace(",", "\u202f")


def _times(crash: Crash) -> str:
    return "" if crash.count == 1 else f"{crash.count} times\n"


class CrashWatch(QObject):
    """Looks from the GUI thread for errors of any thread, and shows them in the one dialog."""

    def __init__(
        self,
        reports: CrashReports,
        theme: Theme,
        window: QWidget,
        quit_program: Callable[[], object],
        open_folder: Callable[[Path], bool] = open_in_files,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(window)
        self.dialog: CrashDialog | None = None
        self._reports = reports
        self._theme = theme
        self._window = window
        self._quit = quit_program
        self._open_folder = open_folder
        self._clock = clock
        self._seen: tuple[Crash, ...] = ()
        self._shown: tuple[Crash, ...] = ()
        self._gone_on: dict[str, tuple[int, float]] = {}  # what: how often it had come, and when the trader went on
        self._failed = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)

    def look(self) -> None:
        """What the timer does."""
        crashes = self._reports.crashes
        if self._failed or (crashes == self._seen and self.dialog is not None):
            return
        self._seen = crashes
        fresh = tuple(crash for crash in crashes if crash.count > self._gone_on.get(crash.what, (0, 0.0))[0])
        due = any(self._is_due(crash) for crash in fresh)
        if not fresh or (self.dialog is None and not due):
            return
        # Where the dialog itself is what fails, it would otherwise be tried four times a second from here on.
        self._failed = True
        self._shown = fresh
        if self.dialog is None:
            self.dialog = CrashDialog(self._theme, self._reports.folder, self._open_folder, self._window)
            self.dialog.quit_asked.connect(self._quit_program)
            self.dialog.finished.connect(self._went_on)
        self.dialog.show_crashes(fresh)
        self.dialog.show()
        self._failed = False

    def _is_due(self, crash: Crash) -> bool:
        gone_on = self._gone_on.get(crash.what)
        return gone_on is None or self._clock() - gone_on[1] >= QUIET_S

    def _went_on(self) -> None:
        for crash in self._shown:
            self._gone_on[crash.what] = (crash.count, self._clock())
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _quit_program(self) -> None:
        self._quit()

    def stop(self) -> None:
        """No look from here on; a dialog that is open goes."""
        self._timer.stop()
        if self.dialog is not None:
            self.dialog.accept()
