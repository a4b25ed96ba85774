"""The two looks: readable everywhere, and the only place that names a colour."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from workstation.packaged import resources
from workstation.ui.theme import DARK, LIGHT, PAIRS, TEXT_SIZES, Theme, Tokens, contrast

UI = Path(__file__).parents[2] / "workstation" / "ui"
COLOUR = re.compile(
    r"""["'](#[0-9a-fA-F]{3,8})["']|\brgba?\(|\bhsl|Qt\.GlobalColor\.(?!transparent)|\bQColor\(["'0-9]"""
)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
@pytest.mark.parametrize("pair", PAIRS, ids="-on-".join)
def test_every_text_is_readable_on_its_ground(tokens: Tokens, pair: tuple[str, str]):
    text, ground = (getattr(tokens, name) for name in pair)
    assert contrast(text, ground) >= 4.5


def test_only_the_theme_names_a_colour():
    found = [
        f"{file.name}:{number}"
        for file in UI.rglob("*.py")
        if file.name != "theme.py"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if COLOUR.search(line) or re.search(r":\s*#[0-9a-fA-F]{3,8}\b", line)
    ]
    assert found == []


def test_a_look_reaches_palette_sheet_and_font(theme: Theme, qapp: QApplication):
    theme.apply(LIGHT, 150)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.bg0
    assert LIGHT.accent in qapp.styleSheet()
    assert DARK.bg1 not in qapp.styleSheet()
    assert "{" not in re.sub(r"\{[^{}]*\}", "", qapp.styleSheet())
    assert qapp.font().pixelSize() == 18


def test_our_own_fonts_are_used_and_figures_are_of_one_width(theme: Theme, qapp: QApplication):
    assert {"Inter", "JetBrains Mono"} <= set(QFontDatabase.families())
    font = theme.font()
    assert QFontInfo(font).family() == "Inter"
    assert font.featureValue(QFont.Tag("tnum")) == 1


def test_every_font_has_its_licence_beside_it():
    names = {entry.name for entry in (resources() / "fonts").iterdir()}
    for name in names:
        if name.endswith((".otf", ".ttf")):
            assert f"{name.split('-')[0]}-LICENSE.txt" in names


def test_lengths_follow_the_text_size(theme: Theme):
    assert [Theme(text_size=size).px(12) for size in TEXT_SIZES] == [12, 15, 18]


def test_listeners_hear_of_a_new_look(theme: Theme):
    heard = list[str]()
    theme.changed.connect(lambda: heard.append(theme.tokens.name))
    theme.apply(LIGHT)
    assert heard == ["light"]


class Sized(QLabel):
    """A text that follows the theme, as our widgets do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__("text", parent)
        self._theme = theme
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self.setFont(self._theme.font(20))


def test_a_text_keeps_its_size_when_it_moves_into_another_place(theme: Theme, qtbot: QtBot):
    places = QWidget(), QWidget()
    label = Sized(theme, places[0])
    for place in places:
        qtbot.addWidget(place)
        place.show()
    qtbot.waitExposed(places[0])
    for size, pixels in ((150, 30), (100, 20), (125, 25)):
        theme.apply(text_size=size)
        label.setParent(places[1] if label.parent() is places[0] else places[0])
        label.show()
        assert label.font().pixelSize() == pixels
        label.style().unpolish(label)
        label.style().polish(label)
        assert label.font().pixelSize() == pixels
