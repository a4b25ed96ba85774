"""Document: who is told, and what counts as saved."""

from pathlib import Path

from tests.kit.frames import desk, position
from workstation.desk.document import Document
from workstation.desk.state import DeskState

ONE, TWO = desk(position()), desk(position(quantity="2"))


def test_a_new_document_is_empty_and_saved():
    document = Document()
    assert document.state == DeskState()
    assert document.is_saved
    assert document.path is None


def test_listeners_hear_of_every_change_and_of_nothing_else():
    document, heard = Document(), list[DeskState]()
    document.listen(lambda: heard.append(document.state))
    document.show(ONE)
    document.show(ONE)
    document.show(TWO)
    assert heard == [ONE, TWO]


def test_going_back_to_what_the_file_says_is_saved_again():
    document = Document()
    document.opened(ONE, Path("a.json"))
    document.show(TWO)
    assert not document.is_saved
    document.show(ONE)
    assert document.is_saved


def test_saving_moves_the_mark_and_the_path():
    document = Document()
    document.opened(ONE, Path("a.json"))
    document.show(TWO)
    document.saved(Path("b.json"))
    assert document.is_saved
    assert document.path == Path("b.json")
    document.show(ONE)
    assert not document.is_saved
