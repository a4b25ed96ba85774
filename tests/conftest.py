"""Rules that every test lives under: no unexpected log, no leftovers in Qt tests, no skip without a known reason."""

import gc
import logging
import os
import re
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

# Before anything imports Qt: without it and without a display Qt ends the process.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, Phase, settings

ROOT = Path(__file__).resolve().parent.parent

# Deadlines and slowness measure the machine, and ours is shared; what fails is printed, to be run again elsewhere.
# Making a failing example small can take minutes: the long form does it, the short one only says what failed.
settings.register_profile(
    "ci",
    max_examples=100,
    deadline=None,
    derandomize=True,  # the short form answers the same way each time; the long form looks for what it has not seen
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", settings.get_profile("ci"), max_examples=5_000, derandomize=False, phases=list(Phase))
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


# --- skips ------------------------------------------------------------------------------------------------------------


class KnownSkips:
    """Counts skips and fails the run on a reason that pyproject.toml does not list."""

    def __init__(self, allowed: list[str]) -> None:
        """Take the allowed reasons, as regular expressions matched from the start."""
        self._allowed = [re.compile(pattern) for pattern in allowed]
        self.count = 0
        self.unknown: list[str] = []

    def _look(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        self.count += 1
        # A skip's report is (file, line, reason).
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = text.removeprefix("Skipped: ")
        if not any(pattern.match(reason) for pattern in self._allowed):
            self.unknown.append(f"{report.nodeid}: {reason}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unknown and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"skips: {self.count}, of them with an unknown reason: {len(self.unknown)}")
        for line in self.unknown:
            terminalreporter.write_line(f"UNKNOWN SKIP {line}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    """Put the skip rule to work, with the reasons of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    config.pluginmanager.register(KnownSkips(project["tool"]["workstation"]["skips"]["allowed"]), "known-skips")


# --- logs -------------------------------------------------------------------------------------------------------------


class _Warnings(logging.Handler):
    """Keeps every record from WARNING up. Judged after the test: raising here would go off in the code under test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture
def expected_logs() -> list[str]:
    """Regular expressions that a test adds for the warnings it provokes; each must turn up, and nothing else may."""
    return []


@pytest.fixture(autouse=True)
def no_unexpected_log(expected_logs: list[str]) -> Iterator[None]:
    """Fail the test when something logged a warning that the test did not expect."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    unexpected = [line for line in handler.messages if not any(re.search(p, line) for p in expected_logs)]
    assert not unexpected, f"unexpected log: {unexpected}"
    silent = [p for p in expected_logs if not any(re.search(p, line) for line in handler.messages)]
    assert not silent, f"expected in the log and not seen: {silent}"


# --- collection and leftovers -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def garbage_is_collected_between_tests() -> Iterator[None]:
    """Keep the cyclic collector off while tests run, as the program does: in a worker thread it frees widgets."""
    if PROFILE == "soak":  # One test then runs for minutes and would only grow; property tests have no widgets.
        yield
        return
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def collect_after_the_test(garbage_is_collected_between_tests: None) -> Iterator[None]:
    """Collect what the test itself made; everything older is looked at after Qt tests only, since that takes long."""
    yield
    gc.collect(1)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest, collect_after_the_test: None) -> Iterator[None]:
    """Fail a Qt test that leaves a thread, a running timer or a top-level widget."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QEvent, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import Shiboken

    app = request.getfixturevalue("qapp")
    threads_before = set(threading.enumerate())
    widgets_before = [Shiboken.getCppPointer(widget) for widget in QApplication.topLevelWidgets()]
    yield
    # qtbot has closed its widgets by now; deleting them takes an event that processEvents leaves alone.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    app.processEvents()
    gc.collect()
    threads = [
        thread
        for thread in threading.enumerate()
        # A thread that Qt or C made shows as a dummy, and cannot be joined from here.
        if thread not in threads_before and thread.is_alive() and not isinstance(thread, threading._DummyThread)
    ]
    widgets = [
        widget
        for widget in QApplication.topLevelWidgets()
        if Shiboken.getCppPointer(widget) not in widgets_before and widget.parent() is None
    ]
    timers = [
        thing
        for thing in gc.get_objects()
        if issubclass(type(thing), QTimer) and Shiboken.isValid(thing) and thing.isActive()
    ]
    # Put right before it is reported, so that the next test does not pay for this one.
    left = [f"thread {thread.name}" for thread in threads]
    left += [f"widget {type(widget).__name__} {widget.objectName()!r}" for widget in widgets]
    left += [f"timer of {type(timer.parent()).__name__}, every {timer.interval()} ms" for timer in timers]
    for timer in timers:
        timer.stop()
    for widget in widgets:
        widget.close()
        widget.deleteLater()
    assert not left, f"left behind: {left}"
