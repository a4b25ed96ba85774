"""Undo: snapshots of the desk; a run of edits of one thing is one step."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QUndoStack

from tests.kit.frames import d, desk, position, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.document import Document
from workstation.desk.edits import (
    AddPosition,
    BeginWhatIf,
    DropLeg,
    Edit,
    EndWhatIf,
    FollowMarket,
    KeepWhatIf,
    MoveMarket,
    RemovePosition,
    SetBalance,
    SetBeta,
    SetPositionField,
    SetShock,
    apply,
    describe,
    merge_key,
)
from workstation.domain.problem import BadInput
from workstation.ui.editing import MOST_UNDONE
from workstation.ui.main_window import MainWindow
from workstation.ui.undo import ChangeDesk


def size(window: MainWindow) -> str:
    return str(window.document.state.accounts[0].positions[0].quantity)


def test_undo_and_redo_go_all_the_way(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(SetPositionField(0, 0, "quantity", "2"))
    window.edit(AddPosition(0, position(side="short")))
    window.edit(RemovePosition(0, 1))
    for _ in range(3):
        window.undo_stack.undo()
    assert window.document.state == sample_desk()
    assert window.document.is_saved
    assert not window.undo_stack.canUndo()
    for _ in range(3):
        window.undo_stack.redo()
    assert [p.symbol for p in window.document.state.accounts[0].positions] == ["BTC/USDT:USDT"] * 2


def test_a_run_of_edits_of_one_cell_is_one_step(open_window: OpenWindow):
    window = open_window(sample_desk())
    for text in ("2", "3", "4"):
        window.edit(SetPositionField(0, 0, "quantity", text))
    assert window.undo_stack.count() == 1
    window.undo_stack.undo()
    assert size(window) == "1"
    window.undo_stack.redo()
    assert size(window) == "4"


def test_another_cell_begins_another_step(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(SetPositionField(0, 0, "quantity", "2"))
    window.edit(SetPositionField(0, 1, "quantity", "2"))
    window.edit(SetBeta("ETH", "1.3"))
    assert window.undo_stack.count() == 3
    assert window.undo_stack.undoText() == "change beta of ETH"


def test_a_save_stands_between_two_edits_of_one_cell(open_window: OpenWindow, tmp_path: Path):
    window = open_window(sample_desk())
    window.document.opened(window.document.state, tmp_path / "a.json")
    window.edit(SetPositionField(0, 0, "quantity", "2"))
    window.files.save()
    window.edit(SetPositionField(0, 0, "quantity", "3"))
    window.undo_stack.undo()
    assert size(window) == "2"
    assert window.document.is_saved


def test_a_wrong_edit_changes_nothing_and_is_listed(open_window: OpenWindow):
    window = open_window(desk(position()))
    window.edit(SetPositionField(0, 0, "quantity", "-1"))
    assert size(window) == "1"
    assert not window.undo_stack.canUndo()
    assert "accounts[0].positions[0].quantity: the size must be above zero" in window.notices.text()
    assert window.notices.isVisible()


def test_the_screen_answers_an_edit_at_once(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.edit(SetPositionField(0, 0, "quantity", "2"))
    assert window.frame is not None
    assert window.frame.desk is window.document.state


EDITS: tuple[Edit, ...] = (
    MoveMarket(d("-0.1")),
    MoveMarket(d("0")),
    BeginWhatIf(),
    SetPositionField(0, 0, "quantity", "3"),
    DropLeg(0, 1, True),
    SetShock("ETH", "-5"),
    AddPosition(0, position(side="short")),
    RemovePosition(0, 0),
    EndWhatIf(),
    KeepWhatIf(),
    FollowMarket(),
    SetBalance(0, "USDT", "5"),
)


@given(st.lists(st.sampled_from(EDITS), max_size=10))
def test_undo_and_redo_go_through_every_state_that_was_seen(qapp: object, edits: list[Edit]):
    document, stack = Document(sample_desk()), QUndoStack()
    seen = [document.state]
    for edit in edits:
        try:
            text, state = describe(document.state, edit), apply(document.state, edit)
        except (BadInput, IndexError):
            continue
        steps = stack.count()
        stack.push(ChangeDesk(document, state, text, merge_key(edit)))
        if stack.count() == steps:  # one more of a run
            seen[-1] = state
        else:
            seen.append(state)
    for state in reversed(seen[:-1]):
        stack.undo()
        assert document.state == state
    assert not stack.canUndo()
    for state in seen[1:]:
        stack.redo()
        assert document.state == state


def test_a_session_of_weeks_holds_the_newest_steps_alone(open_window: OpenWindow):
    window = open_window(sample_desk())
    for number in range(MOST_UNDONE + 5):
        window.edit(SetPositionField(0, number % 2, "quantity", str(number + 2)))
    assert window.undo_stack.count() == MOST_UNDONE
    while window.undo_stack.canUndo():
        window.undo_stack.undo()
    assert size(window) == "6"  # the fifth step, and what came before it, can no longer be undone
    assert not window.document.is_saved
