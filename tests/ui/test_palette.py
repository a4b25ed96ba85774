"""The palette: everything is found and done by keys alone, and what a command would do is said before Enter."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMainWindow
from pytestqt.qtbot import QtBot

from tests.kit.frames import sample_desk
from workstation.desk.typed_command import COMMANDS, describe_command
from workstation.desk.typed_position import Echo
from workstation.market.view import MarketView
from workstation.ui.fitting import fit
from workstation.ui.palette import Palette
from workstation.ui.theme import LIGHT, Theme

SYMBOLS = (("binance-usdm", "BTC/USDT:USDT"), ("binance-usdm", "1000PEPE/USDT:USDT"), ("okx", "ETH/USDT:USDT"))


class Window(QMainWindow):
    """A window with a field of its own, some actions, and a memory of what was done."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.field = QLineEdit()
        self.setCentralWidget(self.field)
        self.resize(900, 600)
        menu = self.menuBar().addMenu("&File")
        self.all = [self._action(text, key) for text, key in (("&Open…", "Ctrl+O"), ("&Save", ""), ("Save &as…", ""))]
        menu.addActions(self.all)
        self.all[1].setEnabled(False)

    def _action(self, text: str, key: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(key)
        action.triggered.connect(lambda _checked=False: self.done.append(text))
        return action

    def echo(self, text: str) -> Echo:
        return describe_command(text, sample_desk(), MarketView())

    def run(self, text: str) -> str:
        self.done.append(text)
        return "the desk says no" if "13" in text else ""

    def look_at(self, venue: str, symbol: str) -> None:
        self.done.append(f"{venue} {symbol}")


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> Window:
    window = Window()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.field.setFocus()
    return window


@pytest.fixture
def palette(window: Window, theme: Theme) -> Palette:
    return Palette(
        window, theme, lambda: window.all, window.echo, window.run, symbols=lambda: SYMBOLS, look_at=window.look_at
    )


Keys = Callable[[str | Qt.Key], None]


@pytest.fixture
def keys(qtbot: QtBot, palette: Palette) -> Keys:
    def send(what: str | Qt.Key) -> None:
        if isinstance(what, str):
            qtbot.keyClicks(palette.line, what)
        else:
            qtbot.keyClick(palette.line, what)

    return send


def offers(palette: Palette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_it_opens_with_the_keyboard_and_gives_it_back(palette: Palette, window: Window, keys: Keys):
    assert not palette.isVisible()
    palette.open()
    assert palette.line.hasFocus()
    keys(Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.field.hasFocus()


def test_empty_it_shows_what_can_be_typed_and_every_action(palette: Palette):
    palette.open()
    assert offers(palette) == [example for example, _ in COMMANDS] + ["Open…", "Save", "Save as…"]


def test_an_example_is_filled_in_to_be_changed(palette: Palette, keys: Keys):
    palette.open()
    keys(Qt.Key.Key_Down)
    keys(Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette.line.text() == COMMANDS[1][0]


def test_an_action_is_found_by_its_letters_and_done(palette: Palette, window: Window, keys: Keys):
    palette.open()
    keys("sa as")
    assert offers(palette)[0] == "Save as…"
    keys(Qt.Key.Key_Return)
    assert window.done == ["Save &as…"]
    assert not palette.isVisible()


def test_an_action_that_cannot_be_done_now_is_shown_and_passed_over(palette: Palette, window: Window, keys: Keys):
    palette.open()
    keys("sav")
    assert offers(palette) == ["Save as…", "Save"]
    keys(Qt.Key.Key_Down)
    assert palette.list.currentRow() == 0
    assert not palette.list.item(1).flags() & Qt.ItemFlag.ItemIsEnabled


def test_a_shortcut_stands_beside_its_action(palette: Palette, keys: Keys):
    palette.open()
    keys("open")
    assert palette.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole) == "Open… Ctrl+O"


def test_a_symbol_can_be_jumped_to(palette: Palette, window: Window, keys: Keys):
    palette.open()
    keys("pepe")
    assert offers(palette) == ["show 1000PEPE/USDT:USDT"]
    keys(Qt.Key.Key_Return)
    assert window.done == ["binance-usdm 1000PEPE/USDT:USDT"]


def test_a_position_is_said_back_and_added(palette: Palette, window: Window, keys: Keys):
    palette.open()
    keys("short 2 ETHUSDT @ 4000 5x")
    assert offers(palette) == ["SHORT 2 ETH/USDT:USDT on binance-usdm at 4\u202f000, 5× cross, account SAMPLE"]
    keys(Qt.Key.Key_Return)
    assert window.done == ["short 2 ETHUSDT @ 4000 5x"]
    assert not palette.isVisible()


def test_a_fault_is_said_and_enter_does_nothing(palette: Palette, window: Window, keys: Keys):
    palette.open()
    keys("short 1,5 ETH")
    assert palette.said.isVisible()
    assert palette.said.text().startswith("1,5: ")
    assert palette.line.property("wrong")
    keys(Qt.Key.Key_Return)
    assert window.done == []
    assert palette.isVisible()


def test_a_first_letter_is_not_yet_a_fault(palette: Palette, keys: Keys):
    palette.open()
    keys("s")
    assert not palette.said.isVisible()
    assert "Save as…" in offers(palette)


def test_what_the_desk_refuses_stays_open(palette: Palette, keys: Keys):
    palette.open()
    keys("stress btc -13")
    keys(Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette.said.text() == "the desk says no"


def test_a_risk_verb_is_said_back(palette: Palette, keys: Keys):
    palette.open()
    keys("stress btc -15 eth -22")
    assert offers(palette) == ["BTC −15 %; ETH −22 %; others stay"]


def test_keyboard_that_goes_elsewhere_closes_it(palette: Palette, window: Window):
    palette.open()
    window.field.setFocus()
    assert not palette.isVisible()
    assert window.field.hasFocus()


@pytest.mark.parametrize("size", [100, 150])
def test_it_stays_inside_the_window(palette: Palette, window: Window, theme: Theme, size: int):
    theme.apply(LIGHT, size)
    palette.open()
    window.resize(640, 420)
    assert window.rect().contains(palette.geometry())


def test_it_has_names_for_a_screen_reader(palette: Palette):
    assert palette.accessibleName() == "Command palette"
    assert palette.line.accessibleName() == "Command"
    assert palette.list.accessibleName() == "Matches"


def test_starts_of_words_fit_better_than_letters_inside():
    assert fit("ap", "Add position") is not None
    assert (fit("ap", "Add position") or 0) > (fit("ap", "Capture") or 0)
    assert fit("zz", "Add position") is None
