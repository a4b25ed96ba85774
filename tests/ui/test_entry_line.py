"""The line under the positions: it says what it understood while one types, and Enter adds only what is sound."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.kit.frames import sample_desk
from workstation.desk.typed_position import Echo, describe_typed
from workstation.market.view import MarketView
from workstation.ui.theme import LIGHT, Theme
from workstation.ui.widgets.entry_line import PLACEHOLDER, EntryLine

SOUND = "short 2 ETHUSDT @ 4000"


class Desk:
    """Remembers what was added; refuses what `describe_typed` refuses, as a window does."""

    def __init__(self) -> None:
        self.added: list[str] = []

    def echo(self, text: str) -> Echo:
        return describe_typed(text, sample_desk(), MarketView())

    def add(self, text: str) -> str:
        fault = self.echo(text).fault
        if not fault:
            self.added.append(text)
        return fault


@pytest.fixture
def desk_side() -> Desk:
    return Desk()


@pytest.fixture
def entry(qtbot: QtBot, theme: Theme, desk_side: Desk) -> EntryLine:
    widget = EntryLine(theme, desk_side.echo, desk_side.add)
    qtbot.addWidget(widget)
    widget.resize(1000, 40)
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    return widget


Press = Callable[[Qt.Key], None]


@pytest.fixture
def press(qtbot: QtBot, entry: EntryLine) -> Press:
    return lambda key: qtbot.keyClick(entry.line, key)


def test_an_empty_line_says_what_to_type_and_nothing_else(entry: EntryLine):
    assert entry.line.placeholderText() == PLACEHOLDER
    assert entry.said.text() == ""
    assert not entry.line.property("wrong")


def test_what_is_understood_stands_beside_it_while_one_types(entry: EntryLine, qtbot: QtBot):
    qtbot.keyClicks(entry.line, SOUND)
    assert entry.said.text().startswith("SHORT 2 ETH/USDT:USDT on binance-usdm at 4\u202f000, cross, account SAMPLE")
    assert entry.said.property("tone") == "fg2"
    assert entry.line.accessibleDescription().startswith("SHORT 2 ETH")


def test_a_fault_stands_there_with_its_word(entry: EntryLine, qtbot: QtBot):
    qtbot.keyClicks(entry.line, "short 1,5 ETH")
    assert entry.said.text().startswith("1,5: is it thousands")
    assert entry.said.property("tone") == "red"
    assert entry.line.property("wrong")


def test_enter_adds_and_clears(entry: EntryLine, qtbot: QtBot, press: Press, desk_side: Desk):
    qtbot.keyClicks(entry.line, SOUND)
    press(Qt.Key.Key_Return)
    assert desk_side.added == [SOUND]
    assert entry.line.text() == ""
    press(Qt.Key.Key_Return)
    assert desk_side.added == [SOUND]


def test_enter_keeps_what_is_wrong(entry: EntryLine, qtbot: QtBot, press: Press, desk_side: Desk):
    qtbot.keyClicks(entry.line, "long 1 BTC @ 1 stop 1")
    press(Qt.Key.Key_Return)
    assert desk_side.added == []
    assert entry.line.text() == "long 1 BTC @ 1 stop 1"
    assert "already holds" in entry.said.text()


def test_up_and_down_walk_through_what_was_added(entry: EntryLine, qtbot: QtBot, press: Press):
    for text in (SOUND, "short 3 BTC/USDT:USDT @ 9", SOUND):
        entry.line.setText(text)
        press(Qt.Key.Key_Return)
    qtbot.keyClicks(entry.line, "long")
    seen: list[str] = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        press(key)
        seen.append(entry.line.text())
    other = "short 3 BTC/USDT:USDT @ 9"
    assert seen == [SOUND, other, other, SOUND, "long", "long"]


def test_escape_gives_up(entry: EntryLine, qtbot: QtBot, press: Press):
    qtbot.keyClicks(entry.line, SOUND)
    press(Qt.Key.Key_Escape)
    assert entry.line.text() == ""
    assert entry.said.text() == ""


def test_it_follows_the_theme(entry: EntryLine, theme: Theme):
    entry.line.setText(SOUND)
    height, line = entry.sizeHint().height(), entry.line.minimumHeight()
    entry.resize(1500, 60)
    theme.apply(LIGHT, 150)
    assert entry.sizeHint().height() > height
    assert entry.line.minimumHeight() > line


def test_in_a_narrow_pane_nothing_is_cut_off(entry: EntryLine, qtbot: QtBot):
    entry.resize(500, entry.height())
    assert not entry.said.isVisible()
    entry.line.setText(SOUND + " 5x isolated 500 stop 4200 last")
    assert entry.said.isVisible()
    entry.resize(500, entry.heightForWidth(500))
    qtbot.waitUntil(lambda: entry.said.y() > entry.line.geometry().bottom())
    assert entry.said.height() >= entry.said.heightForWidth(entry.said.width())
    entry.resize(1200, entry.height())
    qtbot.waitUntil(lambda: entry.said.x() > entry.line.geometry().right())
