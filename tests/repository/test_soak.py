"""Which tests `dev.py soak` runs, how often, and that it stops at the first that fails."""

import pytest

import dev

Calls = list[tuple[str, dict[str, str]]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What would have been run; nothing is, and everything passes."""
    called: Calls = []

    def call(words: list[str], *, env: dict[str, str], **_: object) -> int:
        called.append((words[-1], env))
        return 0

    monkeypatch.setattr(dev, "set_up", lambda *_: None)
    monkeypatch.setattr(dev.subprocess, "call", call)
    return called


def test_a_round_has_every_form_in_its_long_form(calls: Calls):
    assert dev.soak(["--rounds", "2"]) == 0
    assert [tests for tests, _ in calls] == [tests for tests, _ in dev.SOAKS.values()] * 2
    for tests, environment in calls:
        [(name, value)] = next(long for own, long in dev.SOAKS.values() if own == tests).items()
        assert environment[name] == value
        assert (dev.ROOT / tests).exists()


@pytest.mark.parametrize("form", ["property", "kill", "quit"])
def test_one_form_alone_can_be_asked_for(calls: Calls, form: str):
    assert dev.soak(["--only", form, "--rounds", "1"]) == 0
    assert [tests for tests, _ in calls] == [dev.SOAKS[form][0]]


def test_when_the_time_is_up_the_round_is_finished_and_no_other_begun(calls: Calls):
    assert dev.soak(["--hours", "0"]) == 0
    assert len(calls) == len(dev.SOAKS)


def test_it_stops_where_a_test_fails(calls: Calls, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dev.subprocess, "call", lambda *_, **__: calls.append(("", {})) or 1)
    assert dev.soak(["--rounds", "3"]) == 1
    assert len(calls) == 1
