"""Whether the rules of tests/conftest.py bite: tests that break them are planted in a copy and seen to fail."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = '''"""Tests that break the rules, and their well-behaved neighbours; the name says what must come of each."""

import gc
import logging
import threading
import warnings

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QWidget

KEPT = []


def test_passes_silent():
    assert not gc.isenabled()


def test_passes_log_expected(expected_logs):
    expected_logs.append("WARNING .*the feed is late")
    logging.getLogger("x").warning("the feed is late")


def test_passes_widget_given_to_qtbot(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    timer = QTimer(widget)
    timer.start(1000)
    widget.show()
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def test_errors_log():
    logging.getLogger("x").error("unexpected")


def test_errors_expected_log_missing(expected_logs):
    expected_logs.append("never said")


def test_errors_widget_left(qtbot):
    KEPT.append(QWidget())


def test_errors_timer_left(qtbot):
    timer = QTimer()
    timer.start(1000)
    KEPT.append(timer)


def test_errors_thread_left(qtbot):
    done = threading.Event()
    KEPT.append(done)
    threading.Thread(target=done.wait, daemon=True).start()


def test_passes_after_the_leftovers(qtbot):
    KEPT[-1].set()


def test_fails_warning():
    warnings.warn("old", DeprecationWarning, stacklevel=1)


def test_fails_qt_warning(qtbot):
    qWarning("from Qt")


def test_fails_slot(qtbot):
    timer = QTimer()
    timer.timeout.connect(lambda: 1 / 0)
    timer.setSingleShot(True)
    timer.start(0)
    qtbot.wait(20)


@pytest.mark.skip(reason="shared data absent: nothing there")
def test_skipped_for_a_known_reason():
    pass
'''


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with our pytest settings and rules, and no tests yet."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "workstation").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(tree: Path) -> tuple[int, str]:
    """Run the planted tests as CI runs ours: the exit code and the report."""
    command = [sys.executable, "-m", "pytest", "-v", "--color=no", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_what_breaks_a_rule_fails_and_what_does_not_passes(tree: Path) -> None:
    (tree / "tests" / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    code, text = run(tree)
    assert code == 1
    seen: dict[str, set[str]] = {}
    for name, outcome in re.findall(r"::test_(\w+) (PASSED|FAILED|ERROR|SKIPPED)", text):
        seen.setdefault(name, set()).add(outcome)
    # A rule that looks after the test shows as an error beside its pass.
    expected = {"passes": {"PASSED"}, "errors": {"PASSED", "ERROR"}, "fails": {"FAILED"}, "skipped": {"SKIPPED"}}
    assert seen == {name: expected[name.split("_")[0]] for name in re.findall(r"def test_(\w+)", PLANTED)}, text


def test_a_skip_for_an_unknown_reason_fails_the_run_by_name(tree: Path) -> None:
    planted = tree / "tests" / "test_planted.py"
    planted.write_text(
        "import pytest\ndef test_skips():\n    pytest.skip('no time today')\ndef test_passes():\n    pass\n",
        encoding="utf-8",
    )
    code, text = run(tree)
    assert code == 1
    assert "UNKNOWN SKIP tests/test_planted.py::test_skips: no time today" in text
    planted.write_text(
        planted.read_text(encoding="utf-8").replace("no time today", "shared data absent"), encoding="utf-8"
    )
    code, text = run(tree)
    assert code == 0
    assert "skips: 1, of them with an unknown reason: 0" in text


def test_a_whole_file_skipped_for_an_unknown_reason_fails_the_run(tree: Path) -> None:
    (tree / "tests" / "test_gone.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8"
    )
    (tree / "tests" / "test_there.py").write_text("def test_passes():\n    pass\n", encoding="utf-8")
    code, text = run(tree)
    assert code == 1
    assert "UNKNOWN SKIP tests/test_gone.py: could not import 'no_such_module'" in text
