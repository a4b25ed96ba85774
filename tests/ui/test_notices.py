"""What is wrong is said until the trader has read it."""

from pytestqt.qtbot import QtBot

from workstation.domain.problem import Problem
from workstation.ui.notices import Notices
from workstation.ui.theme import Theme


def test_what_comes_from_behind_is_added_and_takes_nothing_away(qtbot: QtBot, theme: Theme):
    notices = Notices(theme)
    qtbot.addWidget(notices)
    notices.tell("book.json was not opened: 1 fault.", (Problem("version", "is missing"),))
    height = notices.heading.heightForWidth(400)
    notices.add("The layout could not be saved: the disk is full.")
    notices.add("The layout could not be saved: the disk is full.")
    assert notices.text().splitlines() == [
        "book.json was not opened: 1 fault.",
        "The layout could not be saved: the disk is full.",
        "version: is missing",
    ]
    assert not notices.isHidden()
    assert notices.heading.heightForWidth(400) > height


def test_what_was_dismissed_does_not_come_back_with_the_next_word(qtbot: QtBot, theme: Theme):
    notices = Notices(theme)
    qtbot.addWidget(notices)
    notices.tell("one", (Problem("version", "is missing"),))
    notices.dismiss.click()
    assert notices.isHidden()
    notices.add("two")
    assert (notices.text(), notices.isHidden(), notices.table.isHidden()) == ("two", False, True)


def test_a_voice_that_says_something_new_again_and_again_does_not_fill_the_window(qtbot: QtBot, theme: Theme):
    notices = Notices(theme)
    qtbot.addWidget(notices)
    for number in range(50):
        notices.add(f"word {number}")
    assert notices.text().splitlines() == [f"word {number}" for number in range(45, 50)]
