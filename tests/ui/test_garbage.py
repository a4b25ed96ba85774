"""Cycles are collected on the GUI thread, all of them in time, and nowhere else."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from workstation.ui.garbage import Garbage


class Node:
    """Part of a cycle: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def python_collects(qapp: object) -> Iterator[None]:
    """As at the program's start; tests themselves run with the collector off."""
    before = gc.isenabled()
    gc.enable()
    yield
    gc.enable() if before else gc.disable()


@pytest.mark.usefixtures("python_collects")
def test_no_collection_happens_on_another_thread(qtbot: QtBot):
    garbage = Garbage(young_ms=5)
    where: list[int] = []

    def note(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            where.append(threading.get_ident())

    def churn() -> None:
        for _ in range(300_000):  # with the collector on that is hundreds of collections
            Node()

    gc.callbacks.append(note)
    try:
        threads = [threading.Thread(target=churn) for _ in range(2)]
        for thread in threads:
            thread.start()
        qtbot.waitUntil(lambda: len(where) > 5 and not any(thread.is_alive() for thread in threads), timeout=20_000)
    finally:
        gc.callbacks.remove(note)
        garbage.stop()
    assert set(where) == {threading.main_thread().ident}


@pytest.mark.usefixtures("python_collects")
def test_what_lived_through_young_collections_goes_too(qtbot: QtBot):
    garbage = Garbage(young_ms=5, old_every=4)
    node = Node()
    gone = weakref.ref(node)
    gc.collect(0)
    gc.collect(1)  # it is among the old ones now, where a young collection never looks
    del node
    gc.collect(1)
    assert gone() is not None
    qtbot.waitUntil(lambda: gone() is None)
    garbage.stop()


@pytest.mark.usefixtures("python_collects")
def test_after_stop_python_collects_as_before(qtbot: QtBot):
    garbage = Garbage()
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled()
    gc.disable()
    garbage = Garbage()
    garbage.stop()
    assert not gc.isenabled()
