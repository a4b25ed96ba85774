"""What other threads say reaches the trader on the GUI thread, and the watchdog hears that it lives."""

import threading

from pytestqt.qtbot import QtBot

from workstation.ui.heartbeat import Heartbeat


def test_what_another_thread_says_is_told_on_this_one_in_its_order(qtbot: QtBot):
    told: list[tuple[str, int]] = []
    beats: list[int] = []
    heart = Heartbeat(lambda: beats.append(1), lambda text: told.append((text, threading.get_ident())))

    def speak() -> None:
        heart.say("one")
        heart.say("two")

    thread = threading.Thread(target=speak)
    thread.start()
    thread.join()
    assert told == []
    qtbot.waitUntil(lambda: len(told) == 2)
    heart.stop()
    assert told == [("one", threading.get_ident()), ("two", threading.get_ident())]
    assert beats


def test_the_last_words_are_heard_before_the_window_goes(qtbot: QtBot):
    told: list[str] = []
    heart = Heartbeat(lambda: None, told.append)
    heart.stop()
    heart.say("the disk is full")
    heart.tick()
    assert told == ["the disk is full"]
