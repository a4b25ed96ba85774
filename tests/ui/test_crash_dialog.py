"""Errors of every kind are shown in one dialog, however many come; the program goes on."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qCritical, qWarning
from PySide6.QtGui import QGuiApplication, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from workstation.runtime.crash import CrashReports
from workstation.ui.dialogs.crash_report import QUIET_S, CrashDialog, CrashWatch
from workstation.ui.qt_messages import hear_qt, hear_qt_no_more
from workstation.ui.theme import Theme


@pytest.fixture
def reports(tmp_path: Path) -> CrashReports:
    return CrashReports(tmp_path / "logs", "1.2.3")


@pytest.fixture
def installed(reports: CrashReports) -> Iterator[CrashReports]:
    """Inside pytest-qt's own hook, which would call every error in a slot a failure of the test."""
    reports.install()
    yield reports
    reports.remove()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


class Asked:
    """What the dialog asked the program to do, and the time it goes by."""

    def __init__(self) -> None:
        self.quits = 0
        self.folders: list[Path] = []
        self.can_open = True
        self.now = 0.0

    def quit(self) -> None:
        self.quits += 1

    def open_folder(self, folder: Path) -> bool:
        self.folders.append(folder)
        return self.can_open


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def watch(reports: CrashReports, theme: Theme, window: QWidget, asked: Asked) -> Iterator[CrashWatch]:
    watch = CrashWatch(reports, theme, window, asked.quit, asked.open_folder, lambda: asked.now)
    yield watch
    watch.stop()


@pytest.fixture
def fails(reports: CrashReports, expected_logs: list[str]) -> Callable[..., None]:
    """Lets an error arrive, as the hooks do."""
    expected_logs.append("Error at ")

    def fail(error: type[Exception] = ZeroDivisionError) -> None:
        try:
            raise error
        except Exception as caught:  # noqa: BLE001
            reports.take(caught, "the main thread")

    return fail


def dialogs() -> list[CrashDialog]:
    return [
        widget for widget in QApplication.topLevelWidgets() if isinstance(widget, CrashDialog) and widget.isVisible()
    ]


def shown(watch: CrashWatch) -> CrashDialog:
    assert watch.dialog is not None
    return watch.dialog


def test_without_an_error_there_is_no_dialog(watch: CrashWatch):
    watch.look()
    assert watch.dialog is None


@pytest.mark.parametrize("way", ["timer", "thread", "paint"])
def test_an_uncaught_error_opens_the_dialog_by_itself_on_the_gui_thread(
    way: str, installed: CrashReports, watch: CrashWatch, window: QWidget, qtbot: QtBot, expected_logs: list[str]
):
    expected_logs.append("ZeroDivisionError at ")
    if way == "timer":
        QTimer.singleShot(0, lambda: 1 / 0)
    elif way == "thread":
        thread = threading.Thread(target=lambda: 1 / 0, name="worker")
        thread.start()
        thread.join()
    else:

        class Broken(QWidget):
            def paintEvent(self, event: QPaintEvent) -> None:
                del event
                raise ZeroDivisionError

        broken = Broken(window)
        broken.resize(20, 20)
        broken.show()
    qtbot.waitUntil(lambda: watch.dialog is not None)
    assert shown(watch).isVisible()
    assert not shown(watch).isModal()
    assert "ZeroDivisionError at ui/test_crash_dialog.py:" in shown(watch).what.text()
    assert shown(watch).heading.text() == "The program made an error and goes on."
    assert str(installed.folder) in shown(watch).kept.text()


def test_however_many_errors_come_there_is_one_dialog_with_their_counts(watch: CrashWatch, fails: Callable[..., None]):
    for kind in (ZeroDivisionError, ValueError, KeyError, TypeError):
        fails(kind)
        watch.look()
    for _ in range(1233):
        fails(TypeError)
    watch.look()
    assert dialogs() == [watch.dialog]
    lines = shown(watch).what.text().splitlines()
    assert [line.split()[0] for line in lines] == ["TypeError", "KeyError", "ValueError", "…"]
    assert lines[0].endswith("(1\u202f234 times)")
    assert lines[-1] == "… and 1 more"


def test_the_whole_report_is_copied(watch: CrashWatch, fails: Callable[..., None], qtbot: QtBot):
    for kind in (ZeroDivisionError, ValueError, ValueError):
        fails(kind)
    watch.look()
    shown(watch).copy.click()
    text = QGuiApplication.clipboard().text()
    assert "workstation 1.2.3, Python" in text
    assert "ZeroDivisionError" in text
    assert "\n2 times\nworkstation" in text
    assert shown(watch).copy.text() == "Copied"


def test_the_logs_are_opened_or_their_place_is_told(
    watch: CrashWatch, reports: CrashReports, fails: Callable[..., None], asked: Asked
):
    fails()
    watch.look()
    shown(watch).logs.click()
    assert asked.folders == [reports.folder]
    asked.can_open = False
    shown(watch).logs.click()
    assert str(reports.folder) in shown(watch).kept.text()


def test_going_on_keeps_the_same_error_quiet_for_a_while_and_another_not(
    watch: CrashWatch, fails: Callable[..., None], asked: Asked
):
    fails()
    watch.look()
    shown(watch).go_on.click()
    assert watch.dialog is None
    watch.look()
    assert watch.dialog is None
    asked.now = QUIET_S - 1
    fails()
    watch.look()
    assert watch.dialog is None
    fails(ValueError)
    watch.look()
    assert "ValueError" in shown(watch).what.text()
    shown(watch).go_on.click()
    # not silent for ever: after a while it is said that it went on happening
    fails()
    asked.now += QUIET_S
    watch.look()
    assert shown(watch).what.text().endswith("(3 times)")
    assert asked.quits == 0


def test_quit_asks_the_program_and_closing_is_going_on(watch: CrashWatch, fails: Callable[..., None], asked: Asked):
    fails()
    watch.look()
    shown(watch).close()
    assert (watch.dialog, asked.quits) == (None, 0)
    fails(ValueError)
    watch.look()
    shown(watch).quit.click()
    assert (watch.dialog, asked.quits) == (None, 1)


def test_a_dialog_that_fails_itself_is_not_tried_for_ever(
    watch: CrashWatch, fails: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(CrashDialog, "show_crashes", broken)
    fails()
    with pytest.raises(RuntimeError):
        watch.look()
    fails(ValueError)
    watch.look()
    assert dialogs() == []


def test_a_crash_of_the_session_before_is_told_as_such(
    reports: CrashReports, watch: CrashWatch, expected_logs: list[str]
):
    expected_logs.append("The session before")
    reports.folder.mkdir()
    (reports.folder / "hard-crash-1.txt").write_text("Fatal Python error: Segmentation fault\n", encoding="utf-8")
    reports.take_hard_crashes()
    watch.look()
    assert shown(watch).heading.text() == "The session before ended by a crash."
    assert "kept in the journal" in shown(watch).kept.text()


# --- what Qt itself says ----------------------------------------------------------------------------------------------


@pytest.fixture
def qt_heard(reports: CrashReports) -> Iterator[CrashReports]:
    hear_qt(reports)
    yield reports
    hear_qt_no_more()


@pytest.mark.no_qt_log
def test_a_warning_of_qt_is_logged_and_a_critical_message_is_a_crash(qt_heard: CrashReports, expected_logs: list[str]):
    expected_logs += ["WARNING qt: default: a layout is odd", "ERROR .*a painter on #, in Qt"]
    qWarning("a layout is odd")
    assert qt_heard.crashes == ()
    qCritical("a painter on 12345678")
    assert [crash.what for crash in qt_heard.crashes] == ["a painter on #, in Qt"]


FATAL = """
import pathlib, sys
from PySide6.QtWidgets import QApplication
from workstation.runtime.crash import CrashReports
from workstation.ui.qt_messages import hear_qt
reports = CrashReports(pathlib.Path(sys.argv[1]), "1")
reports.watch_hard_crashes()
hear_qt(reports)
QApplication(["workstation", "-platform", "no-such-screen"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_what_qt_ends_the_program_for_is_written_down_before(tmp_path: Path):
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", FATAL, str(tmp_path)], cwd=root, capture_output=True, check=False)
    assert done.returncode == -6
    [report] = tmp_path.glob("crash-*.txt")
    assert "no Qt platform plugin could be initialized" in report.read_text(encoding="utf-8")
    [stacks] = tmp_path.glob("hard-crash-*.txt")
    assert stacks.read_text(encoding="utf-8").startswith("Fatal Python error: Aborted")
