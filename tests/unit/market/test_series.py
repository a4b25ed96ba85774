"""Columns that only grow, and views that stay as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.market.series import GrowingColumns


@given(st.lists(st.lists(st.integers(0, 1000), max_size=400), max_size=12))
def test_a_view_never_changes_under_its_reader(pieces: list[list[int]]) -> None:
    columns = GrowingColumns({"x": np.dtype("i8")})
    taken: list[tuple[np.ndarray, list[int]]] = []
    whole: list[int] = []
    for piece in pieces:
        columns.append({"x": np.array(piece, np.int64)})
        whole += piece
        taken.append((columns.view("x"), list(whole)))
    for view, expected in taken:
        assert view.tolist() == expected


def test_a_reader_cannot_write() -> None:
    columns = GrowingColumns({"x": np.dtype("i8")})
    columns.append({"x": np.array([1])})
    with pytest.raises(ValueError, match="read-only"):
        columns.view("x")[0] = 2


def test_beyond_its_limit_the_older_half_is_let_go_and_counted() -> None:
    columns = GrowingColumns({"x": np.dtype("i8")}, most=1000)
    before = None
    for i in range(300):
        columns.append({"x": np.arange(i * 10, i * 10 + 10)})
        if i == 50:
            before = columns.view("x")
        assert len(columns) <= 1000
        assert columns.view("x")[-1] == i * 10 + 9
        assert columns.view("x")[0] == columns.dropped
    assert columns.dropped + len(columns) == 3000
    assert before is not None
    assert before.tolist() == list(range(510))
