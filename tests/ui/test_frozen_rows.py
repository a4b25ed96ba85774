"""The table model: always a sound Qt model, and only what changed is repainted."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from workstation.ui.tables.frozen_rows import Cell, Column, Entry, FrozenRows, Role


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
    assert cell.data(Role.CELL) == Cell("-2.0", "down", -2.0, True, None, True, True)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Size: -2.0"
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == "about b"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Size"
    assert model.headerData(1, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) == "How many"


def test_only_changed_cells_are_redrawn(model: FrozenRows[Leg]):
    spy = QSignalSpy(model.dataChanged)
    model.show((A, Leg("b", 5.0), Leg("fixed", 3.0)))
    assert spy.count() == 1
    first, last = spy.at(0)[:2]
    assert (first.row(), first.column(), last.row(), last.column()) == (1, 1, 1, 1)


def test_a_row_that_looks_the_same_is_left_alone(model: FrozenRows[Leg]):
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


rows = st.lists(st.builds(Leg, st.sampled_from("abc"), st.floats(-9, 9)), max_size=6).map(tuple)


@given(st.lists(rows, max_size=8))
def test_the_model_and_its_sorted_view_stay_sound(qapp: object, shown: list[tuple[Leg, ...]]):
    model: FrozenRows[Leg] = FrozenRows(COLUMNS)
    proxy = QSortFilterProxyModel()
    proxy.setSortRole(Role.SORT)
    proxy.setSourceModel(model)
    proxy.sort(1)
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    testers = [QAbstractItemModelTester(model, fatal), QAbstractItemModelTester(proxy, fatal)]
    for legs in shown:
        model.show(legs)
        assert [model.index(i, 0).data() for i in range(model.rowCount())] == [leg.name for leg in legs]
        sizes = [proxy.index(i, 1).data(Role.SORT) for i in range(proxy.rowCount())]
        assert sizes == sorted(leg.size for leg in legs)
    assert len(testers) == 2
