"""The writer: work in its order, never on the caller's thread, and all of it before the program ends."""

import threading

import pytest

from workstation.storage.writer import Writer


def test_work_is_done_in_its_order_on_another_thread_and_the_thread_goes():
    writer, done, may_go_on = Writer(), list[tuple[int, bool]](), threading.Event()

    def work(number: int) -> None:
        may_go_on.wait(10)
        done.append((number, threading.current_thread() is threading.main_thread()))

    for number in range(3):
        writer.do(lambda number=number: work(number))
    assert done == []  # nobody was waited for
    may_go_on.set()
    assert writer.close()
    assert done == [(0, False), (1, False), (2, False)]
    assert "writer" not in {thread.name for thread in threading.enumerate()}
    writer.do(lambda: work(3))
    assert writer.close()
    assert done[-1] == (3, False)


def test_a_disk_that_does_not_answer_does_not_keep_the_program():
    writer, may_go_on = Writer(), threading.Event()
    writer.do(lambda: may_go_on.wait(10))
    assert not writer.close(timeout_s=0.05)
    may_go_on.set()
    assert writer.close()


def test_an_error_is_not_swallowed_and_does_not_stop_the_next_piece(monkeypatch: pytest.MonkeyPatch):
    writer, errors, done = Writer(), list[str](), list[int]()

    def hear(heard: threading.ExceptHookArgs) -> None:
        errors.append(str(heard.exc_value))

    monkeypatch.setattr(threading, "excepthook", hear)

    def breaks() -> None:
        raise RuntimeError("a bug")

    writer.do(breaks)
    assert writer.close()
    writer.do(lambda: done.append(1))
    assert writer.close()
    assert (errors, done) == (["a bug"], [1])


def test_nothing_to_do_takes_no_time():
    assert Writer().close()
