"""Every uncaught error arrives at one place, is written down once, and tells nothing of the trader's."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from workstation.domain.playback import FeedFault
from workstation.runtime import crash as module
from workstation.runtime.crash import Crash, CrashReports
from workstation.runtime.crash_text import clean_traceback, describe, without_figures

ROOT = Path(__file__).parents[3]
CANARY = "48151623.42"
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture
def reports(tmp_path: Path) -> CrashReports:
    return CrashReports(tmp_path / "logs", "1.2.3")


@pytest.fixture
def installed(reports: CrashReports) -> Iterator[CrashReports]:
    reports.install()
    yield reports
    reports.remove()


_E = TypeVar("_E", bound=BaseException)


def raised(error: _E) -> _E:
    with pytest.raises(type(error)):
        raise error
    return error


def breaks_with_canaries() -> None:
    balance, entry_price, symbol = CANARY, float(CANARY), f"QQQ{CANARY}/USDT"
    api_key = KEY
    assert balance
    assert entry_price
    assert api_key
    try:
        raise KeyError(symbol)
    except KeyError as error:
        raise ValueError(f"could not convert {symbol!r} of {balance} with {entry_price:,.2f} and {api_key}") from error


def only(reports: CrashReports) -> Crash:
    [crash] = reports.crashes
    return crash


# --- ways in ----------------------------------------------------------------------------------------------------------


def in_main_thread(_reports: CrashReports) -> None:
    error = raised(ZeroDivisionError())
    sys.excepthook(type(error), error, error.__traceback__)


def in_thread(_reports: CrashReports) -> None:
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()


class Dying:
    def __del__(self) -> None:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        return CANARY


def in_clean_up(_reports: CrashReports) -> None:
    Dying()


def in_task(reports: CrashReports) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(reports.loop_handler)
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("way", "where"),
    [
        (in_main_thread, "the main thread"),
        (in_thread, "thread worker"),
        (in_clean_up, "clean-up of a function"),
        (in_task, "the event loop"),
    ],
)
def test_an_uncaught_error_becomes_a_report_whichever_way_it_takes(
    way: Callable[[CrashReports], None],
    where: str,
    installed: CrashReports,
    expected_logs: list[str],
    capsys: pytest.CaptureFixture[str],
):
    expected_logs.append("ERROR workstation.runtime.crash: ZeroDivisionError at .*test_crash.py:")
    way(installed)
    crash = only(installed)
    assert crash.what.endswith(f", in {where}")
    assert crash.path is not None
    assert crash.path.read_text(encoding="utf-8") == crash.report
    assert re.search(r"workstation 1\.2\.3, Python 3\.\d+\.\d+", crash.report)
    assert "ZeroDivisionError" in crash.report
    assert "test_crash.py" in crash.report
    err = capsys.readouterr().err
    assert err == f"This is a bug: {crash.what}. A report was written to {crash.path}\n"


def test_an_interrupt_and_an_exit_are_no_crashes(installed: CrashReports, capsys: pytest.CaptureFixture[str]):
    error = raised(KeyboardInterrupt())
    sys.excepthook(type(error), error, error.__traceback__)
    assert "KeyboardInterrupt" in capsys.readouterr().err

    def leave() -> None:
        raise SystemExit

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert installed.crashes == ()


def test_a_loop_that_complains_without_an_error_is_heard(reports: CrashReports, expected_logs: list[str]):
    expected_logs.append("the event loop")
    loop = asyncio.new_event_loop()
    reports.loop_handler(loop, {"message": "Task was destroyed but it is pending!"})
    loop.close()
    assert "Task was destroyed" in only(reports).what


def test_a_fault_of_the_feed_process_is_a_report_like_any_other(reports: CrashReports, expected_logs: list[str]):
    expected_logs.append("the feed process")
    there = describe(raised(ZeroDivisionError("no 12345678")))
    reports.take_feed_fault(FeedFault("The practice market stopped", there))
    crash = only(reports)
    assert crash.what == "The practice market stopped, in the feed process"
    assert "in raised\n    raise error\n" in crash.report
    assert "12345678" not in crash.report


def test_what_was_there_before_is_put_back(reports: CrashReports):
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    reports.install()
    assert sys.excepthook != before[0]
    reports.remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    reports.remove()


# --- nothing of the trader's ------------------------------------------------------------------------------------------


def test_no_value_of_a_variable_and_no_figure_of_a_message_gets_into_a_report(
    tmp_path: Path, expected_logs: list[str], capsys: pytest.CaptureFixture[str]
):
    expected_logs.append("ValueError at .*test_crash.py")
    log = f"2026-05-07T12:00:00.000Z INFO Thread-1 (run) workstation.x: balance {CANARY} of 'QQQ' secret={KEY}"
    failed = f"2026-05-07T12:00:01.000Z ERROR MainThread workstation.y: no\nTraceback\nValueError: {CANARY}"
    reports = CrashReports(tmp_path, "1", recent_log=lambda: (log, failed))
    try:
        breaks_with_canaries()
    except ValueError as error:
        reports.take(error, "the main thread")
    crash = only(reports)
    assert crash.path is not None
    everything = crash.what + crash.report + crash.path.read_text(encoding="utf-8") + capsys.readouterr().err
    for secret in (CANARY, "48151623", "48,151,623", "QQQ", KEY, KEY[:20]):
        assert secret not in everything
    # what one needs to mend it is there: both errors in their order, places, the program's own lines, the log's words
    order = [crash.report.index(text) for text in ("KeyError: '…'", "That was the cause of this", "ValueError: could")]
    assert order == sorted(order)
    assert "    raise KeyError(symbol)\n" in crash.report
    assert (
        "2026-05-07T12:00:00.000Z INFO Thread-1 (run) workstation.x: balance # of '…' secret=[hidden]" in crash.report
    )


def test_the_name_of_the_user_is_no_part_of_a_path(
    reports: CrashReports, monkeypatch: pytest.MonkeyPatch, expected_logs: list[str]
):
    expected_logs.append("ZeroDivisionError")
    monkeypatch.setenv("HOME", str(ROOT))
    monkeypatch.setenv("USERPROFILE", str(ROOT))
    reports.take(raised(ZeroDivisionError()), "the main thread")
    assert f"~{os.sep}tests" in only(reports).report
    assert str(ROOT) not in only(reports).what + only(reports).report


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("division by zero", "division by zero"),
        ("balance 12345.67, 1 234 567, 12\u202f500 and 1,5e-8", "balance # and #e-#"),
        ("['BTC/USDT:USDT'] and \"SAMPLE\" and “mine”", "['…'] and '…' and '…'"),
        ("BTC/USDT:USDT, ETH/USD:ETH-250926 and BTC/USD:BTC-261225-80000-P", "…, … and …"),
        ("tests/unit/test_crash.py was not found", "tests/unit/test_crash.py was not found"),
        ("", ""),
    ],
)
def test_messages_lose_numbers_and_quoted_words(text: str, clean: str):
    assert without_figures(text) == clean


def test_a_traceback_that_came_as_text_keeps_its_places():
    text = "Traceback:\n  File \"a.py\", line 12, in run\n    wait(30)\n    balance 99\nValueError: 12 of 'x'\n  deep 7"
    clean = "Traceback:\n  File \"a.py\", line 12, in run\n    wait(30)\n    balance #\nValueError: # of '…'\n  deep #"
    assert clean_traceback(text) == clean


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_report_can_be_read_by_the_user_alone(reports: CrashReports, expected_logs: list[str]):
    expected_logs.append("ZeroDivisionError")
    reports.take(raised(ZeroDivisionError()), "the main thread")
    path = only(reports).path
    assert path is not None
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


# --- errors of every shape --------------------------------------------------------------------------------------------


class Untellable(Exception):  # noqa: N818
    def __str__(self) -> str:
        raise RuntimeError(CANARY)


def test_errors_of_every_shape_are_described():
    assert "its text could not be made (RuntimeError)" in describe(raised(Untellable()))
    group = raised(ExceptionGroup("two of 2", [raised(ValueError("1")), ExceptionGroup("", [TypeError()])]))
    text = describe(group)
    assert "ExceptionGroup: two of #" in text
    assert "number 1" in text
    assert "TypeError" in text
    one, two = ValueError("one"), TypeError("two")
    one.__cause__, two.__cause__ = two, one
    assert describe(one).count("ValueError") == 1

    def deep(left: int) -> None:
        if left:
            deep(left - 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        deep(900)
    assert "Previous line repeated" in describe(caught.value)
    assert len(describe(caught.value)) < 2_000


def test_a_storm_of_one_error_is_one_report_with_its_count(reports: CrashReports, expected_logs: list[str]):
    expected_logs.append("ZeroDivisionError")
    for _ in range(1000):
        reports.take(raised(ZeroDivisionError()), "the main thread")
    crash = only(reports)
    assert crash.count == 1000
    assert crash.path is not None
    assert len(list(crash.path.parent.iterdir())) == 1
    # the file's count is of the last time that it doubled
    assert crash.path.read_text(encoding="utf-8").startswith("512 times by ")


def test_errors_of_many_kinds_do_not_fill_the_disk(
    reports: CrashReports, expected_logs: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MOST_KINDS", 5)
    expected_logs.append("error|kind")
    for number in range(50):
        reports.take_text(f"kind {'x' * number}", "", "Qt")
    assert len(reports.crashes) == 6
    assert reports.crashes[-1].count == 45
    assert len(list(reports.folder.iterdir())) <= 6


def test_errors_from_many_threads_at_once_are_all_counted(reports: CrashReports, expected_logs: list[str]):
    expected_logs.append("ZeroDivisionError")

    def storm() -> None:
        for _ in range(200):
            reports.take(raised(ZeroDivisionError()), "a thread")

    threads = [threading.Thread(target=storm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert only(reports).count == 800


def test_a_report_that_cannot_be_written_is_still_there_to_be_copied(
    tmp_path: Path, expected_logs: list[str], capsys: pytest.CaptureFixture[str]
):
    expected_logs.append("No report could be written")
    (tmp_path / "file").touch()
    reports = CrashReports(tmp_path / "file", "1")
    reports.take(raised(ZeroDivisionError()), "the main thread")
    crash = only(reports)
    assert crash.path is None
    assert "ZeroDivisionError" in crash.report
    assert "No report could be written" in capsys.readouterr().err


def test_an_error_while_an_error_is_written_down_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expected_logs: list[str]
):
    expected_logs.append("ZeroDivisionError")

    def broken() -> tuple[str, ...]:
        reports.take(raised(ValueError()), "the report itself")
        raise RuntimeError

    reports = CrashReports(tmp_path, "1", recent_log=broken)
    reports.take(raised(ZeroDivisionError()), "the main thread")
    err = capsys.readouterr().err
    assert "An error came while another one was written down: ValueError" in err
    assert "A crash report could not be made (RuntimeError)" in err
    reports._recent_log = tuple
    reports.take(raised(ZeroDivisionError()), "the main thread")
    assert only(reports).count == 1


# --- hard crashes -----------------------------------------------------------------------------------------------------

DIES = """
import ctypes, os, pathlib, sys
from workstation.runtime.crash import CrashReports
reports = CrashReports(pathlib.Path(sys.argv[1]), "1")
reports.watch_hard_crashes()
def falls():
    balance = "48151623.42"
    match sys.argv[2]:
        case "segfault": ctypes.string_at(0)
        case "abort": os.abort()
        case "kill": os.kill(os.getpid(), 9)
        case "waits": print("up", flush=True); input()
falls()
reports.remove()
"""


def run(folder: Path, how: str) -> int:
    command = [sys.executable, "-c", DIES, str(folder), how]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


@pytest.mark.parametrize("how", ["segfault", "abort"])
def test_a_crash_below_python_is_told_at_the_next_start(reports: CrashReports, how: str, expected_logs: list[str]):
    expected_logs.append("The session before was ended by a crash at")
    assert run(reports.folder, how) != 0
    reports.take_hard_crashes()
    crash = only(reports)
    assert re.match(r"The session before was ended by a crash at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", crash.what)
    assert "in falls" in crash.report
    assert "Fatal" in crash.report
    assert CANARY not in crash.report
    assert [path.name for path in reports.folder.iterdir()] == [crash.path.name if crash.path else None]
    # once is enough
    again = CrashReports(reports.folder, "1")
    again.take_hard_crashes()
    assert again.crashes == ()


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_a_session_that_ended_in_order_or_was_killed_leaves_no_crash(reports: CrashReports):
    assert run(reports.folder, "nothing") == 0
    assert list(reports.folder.iterdir()) == []
    assert run(reports.folder, "kill") == -9
    reports.take_hard_crashes()
    assert (reports.crashes, list(reports.folder.iterdir())) == ((), [])


def test_the_file_of_a_window_that_runs_is_left_alone(reports: CrashReports):
    command = [sys.executable, "-c", DIES, str(reports.folder), "waits"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
        reports.take_hard_crashes()
        assert len(list(reports.folder.iterdir())) == 1
        other.communicate("\n", timeout=10)
    assert list(reports.folder.iterdir()) == []
