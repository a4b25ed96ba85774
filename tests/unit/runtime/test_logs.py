"""Logs: bounded, for the user alone, without keys, and never the reason why something fails."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workstation.runtime import logs as module
from workstation.runtime.logs import HIDDEN, Logs, Redactor, start_logs

LOG = logging.getLogger("workstation.test")
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Logs]]:
    started: list[Logs] = []

    def make(folder: Path = tmp_path, role: str = "window") -> Logs:
        started.append(start_logs(folder, role))
        return started[-1]

    yield make
    for logs in started:
        logs.stop()


def test_a_line_says_when_how_bad_where_and_what(start: Callable[..., Logs]):
    logs = start()
    LOG.info("opened %s", "desk.json")
    line = logs.path.read_text(encoding="utf-8")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO MainThread workstation\.test: opened desk\.json\n", line
    )
    assert logs.recent() == (line.rstrip("\n"),)


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")
def test_the_file_and_its_folder_can_be_read_by_the_user_alone(tmp_path: Path, start: Callable[..., Logs]):
    logs = start(tmp_path / "new")
    LOG.info("one")
    assert logs.path.stat().st_mode & 0o777 == 0o600
    assert logs.folder.stat().st_mode & 0o777 == 0o700


def test_the_level_comes_from_the_environment(start: Callable[..., Logs], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKSTATION_LOG", "debug")
    logs = start()
    LOG.debug("fine")
    assert len(logs.recent()) == 1
    logs.stop()
    monkeypatch.delenv("WORKSTATION_LOG")
    logs = start()
    LOG.debug("too fine")
    assert logs.recent() == ()


def test_a_level_that_is_none_is_told(
    start: Callable[..., Logs], monkeypatch: pytest.MonkeyPatch, expected_logs: list[str]
):
    expected_logs.append("WORKSTATION_LOG is no level of logs")
    monkeypatch.setenv("WORKSTATION_LOG", "loud")
    logs = start()
    LOG.info("still logged")
    assert len(logs.recent()) == 2


def test_a_session_writes_two_files_of_bounded_size_whatever_it_logs(
    start: Callable[..., Logs], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "LARGEST", 10_000)
    logs = start()
    for number in range(2_000):
        LOG.info("line %d %s", number, "·" * 50)
    files = sorted(logs.folder.iterdir())
    assert len(files) == 2
    assert all(0 < file.stat().st_size <= 10_000 for file in files)
    assert "line 1999" in logs.path.read_text(encoding="utf-8").splitlines()[-1]
    # nothing is missing between the two
    both = "".join(file.read_text(encoding="utf-8") for file in sorted(files, key=lambda file: ".old" not in file.name))
    numbers = [int(number) for number in re.findall(r"line (\d+)", both)]
    assert numbers == list(range(numbers[0], 2_000))


def test_only_the_newest_sessions_are_kept_and_strangers_files_never_touched(
    tmp_path: Path, start: Callable[..., Logs]
):
    for day in range(1, 31):
        path = tmp_path / f"window-202605{day:02}T120000-77.log"
        path.touch()
        os.utime(path, (day, day))
    (tmp_path / "mine.log").touch()
    os.utime(tmp_path / "mine.log", (0, 0))
    start()
    LOG.info("one")
    left = sorted(entry.name for entry in tmp_path.iterdir())
    assert len(left) == module.MOST_FILES + 1
    assert "mine.log" in left
    assert "window-20260530T120000-77.log" in left
    assert "window-20260501T120000-77.log" not in left


def test_two_processes_have_two_files(start: Callable[..., Logs]):
    """Else the one would rename the other's."""
    assert start(role="window").path != start(role="feed").path


@pytest.mark.parametrize(
    "text",
    [
        f"api_key={KEY}",
        f'{{"apiKey": "{KEY}", "venue": "okx"}}',
        f"X-MBX-APIKEY: {KEY}",
        f"OK-ACCESS-KEY: {KEY}",
        "secret: hunter2",
        "password='hunter2 and more'",
        "KC-API-PASSPHRASE => hunter2,",
        "Authorization: Bearer hunter2.hunter2.hunter2",
        "sent Bearer hunter2hunter2",
        f"GET /order?symbol=BTC&signature={KEY}&x=1",
        "socks5://trader:hunter2@proxy:1080",
        f"just {KEY} in a sentence",
        "0x" + "4f3a" * 16,
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
        f"-----BEGIN EC PRIVATE KEY-----\n{KEY}\nhunter2\n-----END EC PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str):
    clean = Redactor().clean(text)
    assert HIDDEN in clean
    assert "hunter2" not in clean
    assert not re.search(r"[A-Za-z0-9+/]{25,}", clean)


@pytest.mark.parametrize(
    "text",
    [
        "BTC/USDT:USDT at binance-usdm: no mark price yet",
        'File "/home/trader1/projects/2026/liquidation-workstation/workstation/runtime/crash.py", line 12, in take',
        "practice market started with seed 7 at 60x; 12 345 accounts",
        "the token bucket is empty",
        "restart 3 of the feed process 4711 after 1.5 s",
    ],
)
def test_what_is_no_key_stays_as_it_is(text: str):
    assert Redactor().clean(text) == text


def test_a_secret_that_was_told_is_hidden_whatever_it_looks_like(start: Callable[..., Logs]):
    logs = start()
    logs.redactor.hide("plain word")
    logs.redactor.hide("")
    LOG.info("the plain word in a line")
    assert logs.path.read_text(encoding="utf-8").endswith(f": the {HIDDEN} in a line\n")


def test_keys_are_hidden_in_arguments_and_tracebacks_too(start: Callable[..., Logs], expected_logs: list[str]):
    expected_logs.append("failed")
    logs = start()
    try:
        raise ValueError(f"bad key {KEY}")
    except ValueError:
        LOG.exception("failed with %s", {"secret": "hunter2"})
    text = logs.path.read_text(encoding="utf-8")
    assert "ValueError: bad key" in text
    assert KEY not in text
    assert "hunter2" not in text
    assert KEY not in "".join(logs.recent())


def test_a_folder_that_cannot_be_written_is_told_once_and_harms_nothing(
    tmp_path: Path, start: Callable[..., Logs], capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "file").touch()
    logs = start(tmp_path / "file" / "logs")
    for _ in range(3):
        LOG.info("one")
    err = capsys.readouterr().err
    assert err.count("The log cannot be written") == 1
    assert len(err.splitlines()) == 1
    assert len(logs.recent()) == 3
    # and when the folder comes, so does the log
    (tmp_path / "file").unlink()
    (tmp_path / "file" / "logs").mkdir(parents=True)
    LOG.info("two")
    assert logs.path.read_text(encoding="utf-8").endswith("two\n")


def test_a_log_call_with_wrong_arguments_is_told_without_them(
    start: Callable[..., Logs], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    logs = start()
    monkeypatch.setattr(logging.getLogger(), "handlers", list(logs._handlers))  # those of pytest raise on it
    LOG.info("%d positions", "12345678")
    err = capsys.readouterr().err
    assert "A log line could not be made (TypeError): " in err
    assert "test_logs.py:" in err
    assert "12345678" not in err
    assert not logs.path.exists()


def test_a_line_of_letters_that_are_none_is_written_all_the_same(start: Callable[..., Logs]):
    logs = start()
    LOG.info("a name \udcff")
    assert "a name \\udcff" in logs.path.read_text(encoding="utf-8")


def test_after_stop_logging_is_as_it_was(start: Callable[..., Logs]):
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    logs = start()
    logs.stop()
    assert (root.level, list(root.handlers)) == before
    LOG.info("nobody writes this")
    assert not logs.path.exists()
