"""A frozen window is told once with its line; a sleeping computer is none."""

import threading
import time
from pathlib import Path

import pytest

from workstation.runtime.watchdog import Freeze, Watchdog


@pytest.fixture
def told() -> list[Freeze]:
    return []


@pytest.fixture
def dog(told: list[Freeze], monkeypatch: pytest.MonkeyPatch) -> Watchdog:
    """Without its thread: the test is the clock."""
    dog = Watchdog(limit_s=2.0, look_s=0.25, on_freeze=told.append)
    dog.restart(0.0, 0.0)
    return dog


def pass_time(dog: Watchdog, start: float, seconds: float, *, beats: bool, busy: float = 1.0) -> float:
    """Look every quarter of a second, and beat as often or not at all; the time at the end."""
    for step in range(1, int(seconds * 4) + 1):
        now = start + step / 4
        if beats:
            dog._beat_at = now
        dog.look(now, now * busy)
    return start + seconds


def test_a_window_that_answers_is_never_told(dog: Watchdog, told: list[Freeze]):
    pass_time(dog, 0, 600, beats=True)
    assert told == []


def test_a_freeze_is_told_once_and_its_length_when_it_ends(dog: Watchdog, told: list[Freeze], expected_logs: list[str]):
    expected_logs += [r"WARNING .*has not answered for 2\.2 s; it is here:\n", r"WARNING .*answers again after 30\.2 s"]
    now = pass_time(dog, 0, 10, beats=True)
    now = pass_time(dog, now, 30, beats=False)
    pass_time(dog, now, 10, beats=True)
    assert [(freeze.seconds, freeze.ended) for freeze in told] == [(2.25, False), (30.25, True)]


def test_a_second_freeze_is_told_again(dog: Watchdog, told: list[Freeze], expected_logs: list[str]):
    expected_logs += ["has not answered", "answers again"]
    now = 0.0
    for _ in range(2):
        now = pass_time(dog, now, 5, beats=False)
        now = pass_time(dog, now, 5, beats=True)
    assert [freeze.ended for freeze in told] == [False, True] * 2


def test_a_computer_that_slept_and_a_stopped_process_are_no_freeze(dog: Watchdog, told: list[Freeze]):
    now = pass_time(dog, 0, 10, beats=True)
    # nothing ran for an hour: no beat, no look, no processor time
    dog.look(now + 3600, now)
    pass_time(dog, now + 3600, 1.5, beats=False)
    assert told == []


def test_sleep_amid_a_freeze_is_not_counted(dog: Watchdog, told: list[Freeze], expected_logs: list[str]):
    expected_logs += ["has not answered", "answers again"]
    now = pass_time(dog, 0, 4, beats=False)
    dog.look(now + 3600, now)
    now = pass_time(dog, now + 3600, 3, beats=False)
    pass_time(dog, now, 1, beats=True)
    assert told[-1].ended
    assert told[-1].seconds == pytest.approx(7.25)


def test_a_freeze_in_which_even_the_watchdog_could_not_run_is_told_afterwards(
    dog: Watchdog, told: list[Freeze], expected_logs: list[str]
):
    """A call that holds Python's lock: the processor was busy all the while, so the computer did not sleep."""
    expected_logs += [r"has not answered for 8\.0 s", "answers again"]
    dog.look(8.0, 7.9)
    pass_time(dog, 8.0, 1, beats=True)
    assert [freeze.ended for freeze in told] == [False, True]


def hangs(until: threading.Event) -> None:
    until.wait(10)  # this is the line that hangs


def test_the_line_that_hangs_is_named_and_the_thread_goes_with_stop(told: list[Freeze], expected_logs: list[str]):
    expected_logs += ["has not answered", "answers again"]
    came, ended = threading.Event(), threading.Event()

    def on_freeze(freeze: Freeze) -> None:
        told.append(freeze)
        (ended if freeze.ended else came).set()

    before = threading.active_count()
    dog = Watchdog(limit_s=0.1, look_s=0.01, on_freeze=on_freeze)
    dog.start()
    hangs(came)
    give_up = time.monotonic() + 10
    while not ended.is_set() and time.monotonic() < give_up:
        dog.beat()
        ended.wait(0.01)
    dog.stop()
    assert threading.active_count() == before
    stack = "".join(told[0].stack)
    assert f'File "{Path(__file__)}"' in stack
    assert stack.index("in hangs") > stack.index("in test_the_line_that_hangs")  # innermost last
    assert "until.wait(10)  # this is the line that hangs" in stack
    assert told[-1].ended
    dog.stop()
