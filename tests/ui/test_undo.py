"""Undo: snapshots of the desk; a run of edits of one thing is one step."""

from pathlib import Path

from tests.kit.frames import desk, position, sample_desk
from tests.ui.conftest import OpenWindow
from workstation.desk.edits import AddPosition, RemovePosition, SetBeta, SetPositionField
from workstation.ui.main_window import MainWindow


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
