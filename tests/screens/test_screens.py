"""Every screen looks as its golden picture does; no number on it is elided, no word cut, and everything has a name."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.screens import texts
from tests.screens.pictures import GOLDEN, SHARE, TILE_SHARE, compare, load, pixels, save, with_palette
from tests.screens.screens import SHOTS, Shot, put_back, settle, staged
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.tables.frozen_rows import Column, FrozenRows
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import DARK, Theme
from workstation.ui.widgets.figure import Figure


@pytest.fixture(autouse=True)
def first_look(qapp: object) -> Iterator[None]:
    """Other tests expect the dark look at 100 %."""
    yield
    put_back()


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
def test_a_screen_is_as_its_picture_and_nothing_on_it_is_cut(shot: Shot, qtbot: QtBot):
    golden = load(GOLDEN / f"{shot.name}.png")
    assert golden is not None, "no golden picture: python3 dev.py pictures --update"
    with staged(shot) as stage:
        picture = stage.picture()
        for window in stage.shown:
            assert texts.cut(window) == []
            assert texts.covered(window) == []
            assert texts.unnamed(window) == []
            assert texts.of_no_font(window) == []
    apart = compare(golden, picture)
    if not apart.is_none:
        save(picture, GOLDEN / f"{shot.name}.actual.png")
    assert apart.is_none, apart.in_words


def test_every_golden_picture_is_of_a_screen():
    names = {path.stem for path in GOLDEN.glob("*.png") if not path.stem.endswith(".actual")}
    assert names == {shot.name for shot in SHOTS}


def test_the_pictures_keep_the_repository_small():
    assert sum(path.stat().st_size for path in GOLDEN.glob("*.png") if ".actual" not in path.name) <= 6_000_000


# --- whether the comparison sees what it should -----------------------------------------------------------------------


def _written(text: str) -> QImage:
    image = QImage(800, 400, QImage.Format.Format_RGB888)
    image.fill(QColor(DARK.bg1))
    theme = Theme(DARK)
    theme.apply()
    painter = QPainter(image)
    painter.setPen(theme.colour("fg"))
    painter.setFont(theme.font(12))
    painter.drawText(400, 200, text)
    painter.end()
    return image


def test_one_other_digit_in_a_table_is_another_picture(qapp: object):
    golden = with_palette(_written("100 412.7"))
    assert compare(golden, _written("100 412.7")).is_none
    other = compare(golden, _written("100 472.7"))
    assert other.whole <= SHARE  # lost among so many pixels
    assert other.worst > TILE_SHARE


def test_a_palette_changes_no_colour_by_more_than_the_tolerance(qapp: object):
    image = QImage(64, 64, QImage.Format.Format_RGB888)
    for x in range(64):
        for y in range(64):
            image.setPixelColor(x, y, QColor(20 + x, 30, 40 + y // 2))  # 2 048 colours
    reduced = with_palette(image)
    assert reduced.colorCount() <= 256
    assert compare(image, reduced).whole == 0


def test_pictures_of_other_sizes_are_wholly_different():
    one, other = (QImage(size, 10, QImage.Format.Format_RGB888) for size in (10, 11))
    assert compare(one, other) == (1.0, 1.0)


# --- whether the looks at texts see what they should ------------------------------------------------------------------


def _shown(qtbot: QtBot, *children: QWidget) -> QWidget:
    root = QWidget()
    qtbot.addWidget(root)
    for child in children:
        child.setParent(root)
    root.resize(600, 300)
    root.show()
    settle()
    return root


def test_a_label_with_too_little_room_is_found(qtbot: QtBot):
    label = QLabel("Margin use after the move")
    root = _shown(qtbot, label)
    label.setGeometry(0, 0, 300, 30)
    assert texts.cut(root) == []
    label.setGeometry(0, 0, 60, 30)
    assert len(texts.cut(root)) == 1
    label.setWordWrap(True)
    assert len(texts.cut(root)) == 1  # four lines have no room either
    label.setGeometry(0, 0, 60, 200)
    assert texts.cut(root) == []


def test_what_reaches_over_an_edge_is_found(qtbot: QtBot):
    button = QPushButton("Back")
    root = _shown(qtbot, button)
    button.setGeometry(10, 10, 120, 40)
    assert texts.cut(root) == []
    button.setGeometry(540, 10, 120, 40)
    assert texts.cut(root) == ["QPushButton: 'Back' reaches over the edge of QWidget"]


def test_a_number_that_is_elided_is_found(qtbot: QtBot, qapp: object):
    theme = Theme(DARK)
    theme.apply()
    rows: FrozenRows[str] = FrozenRows((Column("price", "Price", str, numeric=True), Column("note", "Note", str)))
    table = RowsView(rows, theme, "Prices")
    rows.setParent(table)
    rows.show(("1 234 567.123456",))
    root = _shown(qtbot, table)
    assert texts.cut(root) == []
    table.setColumnWidth(0, 90)
    assert [fault.partition(" needs")[0] for fault in texts.cut(root)] == [
        "RowsView 'Prices': '1 234 567.123456' under 'Price'"
    ]


def test_a_number_at_the_edge_of_a_table_is_shown_whole_or_not_at_all(qtbot: QtBot, qapp: object):
    theme = Theme(DARK)
    theme.apply()
    price: Column[str] = Column("price", "Price", str, numeric=True, tone=lambda _row: "up")
    rows: FrozenRows[str] = FrozenRows((price, Column("note", "Note", str, tone=lambda _row: "fg2")))
    table = RowsView(rows, theme, "Prices")
    rows.setParent(table)
    rows.show(("+0.0093 %",))
    root = _shown(qtbot, table)

    def figures() -> int:
        """How many pixels the price's green reaches across; an ellipsis is three dots wide."""
        settle()
        shown = pixels(table.viewport().grab().toImage()).astype(int)
        green = shown[:, :, 1] - shown[:, :, 2] > 20
        columns = np.flatnonzero(green.any(axis=0))
        return int(columns.max() - columns.min()) if len(columns) else 0

    table.resize(400, 100)
    whole = figures()
    assert whole > 40
    table.resize(table.columnWidth(0) - 20, 100)  # the per cent sign would be outside
    assert 0 < figures() < 15
    table.resize(400, 100)
    assert figures() == whole
    table.setColumnWidth(0, 50)
    assert 0 < figures() < 15
    assert root.isVisible()


def test_a_figure_that_is_not_whole_is_found(qtbot: QtBot, qapp: object):
    theme = Theme(DARK)
    theme.apply()
    figure = Figure(theme, "Equity", 24)
    root = _shown(qtbot, figure)
    figure.say("1 234 567 890.12 USDT", what_if=False)
    figure.setGeometry(0, 0, 400, 120)
    assert texts.cut(root) == []
    figure.setGeometry(0, 0, 60, 120)
    assert len(texts.cut(root)) == 1


def test_widgets_over_each_other_and_without_a_name_are_found(qtbot: QtBot):
    one, other = QPushButton("One"), QPushButton()
    root = _shown(qtbot, one, other)
    one.setGeometry(0, 0, 100, 40)
    other.setGeometry(80, 0, 100, 40)
    assert len(texts.covered(root)) == 1
    assert texts.unnamed(root) == ["QPushButton in QWidget"]
    other.setGeometry(120, 0, 100, 40)
    other.setAccessibleName("Other")
    assert texts.covered(root) == []
    assert texts.unnamed(root) == []


def test_a_letter_that_no_shipped_font_has_is_found(qtbot: QtBot, qapp: object):
    Theme(DARK).apply()
    label = QLabel("Market ▸ Practice")
    label.setGeometry(0, 0, 300, 30)
    label.setFont(Theme(DARK).font())
    root = _shown(qtbot, label)
    assert texts.of_no_font(root) == ["'▸' in 'Market ▸ Practice'"]
    label.setText("▲ LONG −10.02 % · ≥ 5× — …")
    assert texts.of_no_font(root) == []


def test_while_the_feed_is_down_the_account_header_is_grey(qtbot: QtBot):
    for screen, greyed in (("feed-killed", True), ("full", False)):
        with staged(Shot(screen)) as stage:
            header = stage.window.panes["account"]
            assert isinstance(header, AccountPane)
            assert {figure._faded for line in header.lines for figure in line.figures} == {greyed}


def test_large_text_leaves_room_for_the_chart(qtbot: QtBot):
    for size, lines in ((100, 2), (150, 1)):
        with staged(Shot("full", "dark", size)) as stage:
            header, chart = stage.window.panes["account"], stage.window.panes["price"]
            assert isinstance(header, AccountPane)
            assert header.height() < (lines + 0.3) * header.lines[0].height()
            assert chart.height() >= 120


def test_the_same_screen_twice_is_the_same_to_the_bit(qtbot: QtBot):
    made: list[QImage] = []
    for _ in range(2):
        with staged(Shot("full")) as stage:
            made.append(stage.picture())
            positions = stage.window.panes["positions"]
            assert isinstance(positions, PositionsPane)
            assert len(positions.rows.rows) == 6
    assert made[0] == made[1]
