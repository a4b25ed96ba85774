"""ACTUAL or WHAT-IF: all that is tried stands in the banner, and it takes no more room than its absence."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from tests.kit.frames import d, sample_desk
from workstation.desk.state import DeskState, Trial
from workstation.ui.formats import GROUP
from workstation.ui.theme import DARK, Theme
from workstation.ui.widgets.mode import Mode, trial_in_words

BOOK = sample_desk().accounts


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (None, "nothing is tried"),
        (Trial(size=Decimal("-0.12")), "market −12.0 %, every coin alike"),
        (Trial(shocks={"ETH": Decimal("0.05")}), "ETH +5.0 %"),
        (Trial(dropped=frozenset({(0, 0)})), "1 leg left out"),
        (Trial(dropped=frozenset({(0, 0), (0, 1)})), "2 legs left out"),
        (Trial(accounts=BOOK), "on a copy of the book"),
        (
            Trial(size=Decimal("0.01"), dropped=frozenset({(0, 1)}), accounts=BOOK),
            "market +1.0 %, every coin alike; 1 leg left out; on a copy of the book",
        ),
    ],
)
def test_everything_that_is_tried_is_said(trial: Trial | None, words: str):
    assert trial_in_words(replace(sample_desk(), trial=trial)).replace(GROUP, " ") == words


def test_betas_are_named_with_the_move(qapp: object):
    desk = replace(sample_desk(), betas={"ETH": d("1.3")}, trial=Trial(size=d("-0.03")))
    assert trial_in_words(desk).replace(GROUP, " ") == "market −3.0 %, ETH ×1.3"


@pytest.mark.parametrize("size", [100, 125, 150])
def test_nothing_below_moves_when_a_what_if_begins(qtbot: QtBot, theme: Theme, size: int):
    theme.apply(DARK, size)
    mode = Mode(theme)
    qtbot.addWidget(mode)
    mode.show_desk(DeskState())
    actual = mode.sizeHint().height()
    mode.show_desk(DeskState(trial=Trial(size=d("-0.1"))))
    assert mode.currentWidget() is mode.banner
    assert mode.sizeHint().height() == actual
