"""The table model: always a sound Qt model, and only what changed is repainted."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from pytestqt.qtbot import QtBot

from workstation.ui.tables.frozen_rows import Cell, Column, Entry, FrozenRows, Role, Tick
from workstation.ui.tables.rows_view import RowsView
from workstation.ui.theme import Theme


@dataclass(frozen=True)
class Leg:
    name: str
    size: float


made = list[tuple[Leg, str]]()
COLUMNS = (
    Column[Leg]("name", "Name", lambda leg: leg.name, tip=lambda leg: f"about {leg.name}"),
    Column[Leg](
        "size",
        "Size",
        lambda leg: f"{leg.size:.1f}",
        sort=lambda leg: leg.size,
        numeric=True,
        tone=lambda leg: "down" if leg.size < 0 else "up",
        entry=Entry(
            start=lambda leg: str(leg.size),
            check=lambda _leg, text: "" if text.isdigit() else "write digits",
            commit=lambda leg, text: made.append((leg, text)),
            allowed=lambda leg: leg.name != "fixed",
        ),
        computed=True,
        help="How many",
    ),
)
A, B, C = Leg("a", 1.0), Leg("b", -2.0), Leg("fixed", 3.0)


@pytest.fixture
def model(qapp: object) -> FrozenRows[Leg]:
    made.clear()
    rows: FrozenRows[Leg] = FrozenRows(COLUMNS)
    rows.show((A, B, C))
    return rows


def test_what_a_cell_says(model: FrozenRows[Leg]):
    cell = model.index(1, 1)
    assert cell.data() == "-2.0"
    assert cell.data(Role.SORT) == -2.0
    assert cell.data(Role.CELL) == Cell("-2.0", "down", True, None, True, True)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Size: -2.0"
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "about b"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Size"
    assert model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == "How many"


def asked(model: FrozenRows[Leg]) -> None:
    """As a view does that paints every cell."""
    for i in range(model.rowCount()):
        for j in range(model.columnCount()):
            model.index(i, j).data()


def test_only_changed_cells_are_redrawn(model: FrozenRows[Leg]):
    asked(model)
    spy = QSignalSpy(model.dataChanged)
    model.show((A, Leg("b", 5.0), Leg("fixed", 3.0)))
    assert spy.count() == 1
    first, last = spy.at(0)[:2]
    assert (first.row(), first.column(), last.row(), last.column()) == (1, 1, 1, 1)


def test_what_lies_between_changed_columns_is_left_alone(qapp: object):
    three = (COLUMNS[1], COLUMNS[0], COLUMNS[1])
    model: FrozenRows[Leg] = FrozenRows(three)
    model.show((A, B))
    asked(model)
    spy = QSignalSpy(model.dataChanged)
    model.show((Leg("a", 2.0), B))
    boxes = [(box[0].column(), box[1].column()) for box in (spy.at(i) for i in range(spy.count()))]
    assert boxes == [(0, 0), (2, 2)]


def test_a_row_that_looks_the_same_is_left_alone(model: FrozenRows[Leg]):
    asked(model)
    spy = QSignalSpy(model.dataChanged)
    model.show((Leg("a", 1.0), B, C))
    assert spy.count() == 0


def test_the_same_rows_change_nothing(model: FrozenRows[Leg]):
    spy = QSignalSpy(model.dataChanged)
    model.show(model.rows)
    model.show((A, B, C))
    assert spy.count() == 0


def test_an_edit_goes_out_and_the_row_waits_for_the_answer(model: FrozenRows[Leg]):
    assert model.setData(model.index(0, 1), "7")
    assert made == [(A, "7")]
    assert model.rows[0] is A


def test_wrong_unchanged_and_forbidden_edits_go_nowhere(model: FrozenRows[Leg]):
    assert not model.setData(model.index(0, 1), "x")
    assert not model.setData(model.index(0, 1), "1.0")
    assert not model.setData(model.index(0, 0), "x")
    assert made == []
    assert not model.flags(model.index(2, 1)) & Qt.ItemFlag.ItemIsEditable
    assert model.flags(model.index(0, 1)) & Qt.ItemFlag.ItemIsEditable
    assert model.index(0, 1).data(Role.CHECK)("x") == "write digits"


rows = st.lists(st.builds(Leg, st.sampled_from("abc"), st.floats(-9, 9).map(lambda x: x + 0.0)), max_size=6).map(tuple)


@given(st.lists(st.tuples(rows, st.sampled_from([-1, 0, 1]), st.booleans()), max_size=8))
def test_the_model_and_its_filter_stay_sound(qapp: object, shown: list[tuple[tuple[Leg, ...], int, bool]]):
    model: FrozenRows[Leg] = FrozenRows(COLUMNS)
    proxy = QSortFilterProxyModel()
    proxy.setSourceModel(model)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, fatal), QAbstractItemModelTester(proxy, fatal)]
    for legs, column, descending in shown:
        model.show(legs)
        model.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
        lines = [(model.index(i, 0).data(), model.index(i, 1).data()) for i in range(model.rowCount())]
        keys = {0: lambda leg: leg.name, 1: lambda leg: leg.size}
        wanted = sorted(legs, key=keys[column], reverse=descending) if column >= 0 else list(legs)
        assert lines == [(leg.name, f"{leg.size:.1f}") for leg in wanted]
        assert list(model.rows) == wanted
        assert [proxy.index(i, 0).data() for i in range(proxy.rowCount())] == [name for name, _ in lines]
    assert len(testers) == 2


def test_cells_are_made_only_when_they_are_asked_for(qapp: object):
    made_texts: list[str] = []

    def text(leg: Leg) -> str:
        made_texts.append(leg.name)
        return leg.name

    model: FrozenRows[Leg] = FrozenRows((Column[Leg]("name", "Name", text),))
    model.show(tuple(Leg(str(i), 0.0) for i in range(1000)))
    assert made_texts == []
    model.see(10, 12)
    for i in range(10, 13):
        model.index(i, 0).data()
    made_texts.clear()
    model.show(tuple(Leg(str(i + 1), 0.0) for i in range(1000)))
    assert made_texts == ["11", "12", "13"]
    assert model.index(900, 0).data() == "901"


def test_a_chosen_row_stays_chosen_when_the_order_changes(model: FrozenRows[Leg]):
    chosen = QPersistentModelIndex(model.index(1, 0))
    model.sort(1)
    assert (chosen.row(), chosen.data()) == (0, "b")
    model.show((A, Leg("b", 9.0), C))
    assert (chosen.row(), chosen.data()) == (2, "b")
    model.sort(-1)
    assert chosen.row() == 1


def test_a_tick_goes_out_and_the_box_waits_for_the_answer(qapp: object):
    ticks: list[tuple[Leg, bool]] = []
    tick = Tick[Leg](ticked=lambda leg: leg.size > 0, commit=lambda leg, on: ticks.append((leg, on)))
    model: FrozenRows[Leg] = FrozenRows((Column[Leg]("on", "", lambda _leg: "", tick=tick),))
    model.show((A, B))
    box = model.index(0, 0)
    assert box.flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert box.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    assert model.setData(box, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert ticks == [(A, False)]
    assert box.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked


def test_titles_say_that_a_what_if_is_on(qapp: object):
    model: FrozenRows[Leg] = FrozenRows((Column[Leg]("n", "Price", lambda leg: leg.name, title_what_if="What-if"),))
    spy = QSignalSpy(model.headerDataChanged)
    model.what_if = True
    assert model.headerData(0, Qt.Orientation.Horizontal) == "What-if"
    model.what_if = True
    assert spy.count() == 1


def test_a_table_of_a_thousand_rows_never_cuts_a_text_that_is_seen(qtbot: QtBot, theme: Theme):
    model: FrozenRows[Leg] = FrozenRows(COLUMNS)
    table: RowsView[Leg] = RowsView(model, theme, "Legs")
    qtbot.addWidget(table)
    table.resize(300, 400)
    table.show()
    qtbot.waitExposed(table)
    model.show(tuple(Leg("x" * (1 + i // 20), float(i)) for i in range(1000)))
    for line in (0, 500, 999):
        table.scrollTo(table.sorted.index(line, 0))
        needed = theme.text_width(model.index(line, 0).data()) + 2 * theme.px(8)
        assert table.columnWidth(0) >= needed
