"""Opening, dropping, saving: a file with faults changes nothing, and nothing unsaved is lost unasked."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.kit.frames import d, desk, position, sample_desk
from tests.ui.conftest import OpenWindow, read, write
from workstation.desk.edits import MoveMarket, SetPositionField
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.storage.files import write_atomically
from workstation.ui.dialogs.csv_preview import CsvPreview
from workstation.ui.main_window import MainWindow
from workstation.ui.recent import Recent
from workstation.ui.widgets.empty_desk import EmptyDesk

Button = QMessageBox.StandardButton
BIGGER = SetPositionField(0, 0, "quantity", "2")


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    path = tmp_path / "book.json"
    write(sample_desk(), path)
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.json"
    leg = {"symbol": "BTCUSDT", "side": "up", "quantity": "-1", "entry_price": "1"}
    path.write_text(json.dumps({"version": 1, "accounts": [{"name": "a", "venue": "okx", "positions": [leg]}]}))
    return path


def answer(window: MainWindow, button: QMessageBox.StandardButton) -> None:
    (box,) = window.findChildren(QMessageBox, "unsaved")
    box.button(button).click()


def drop(window: MainWindow, *urls: QUrl) -> bool:
    """Drop files on the window, as a desktop would; whether it took them."""
    mime = QMimeData()
    mime.setUrls(list(urls))
    args = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), *args)
    enter.setAccepted(False)
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(300, 300), *args)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_an_empty_desk_says_what_to_do_next(open_window: OpenWindow):
    window = open_window()
    empty = window.findChild(EmptyDesk)
    assert empty is not None
    assert empty.isVisible()


def test_open_shows_the_portfolio(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open(portfolio)
    assert window.panes["positions"].isVisible()
    assert window.document.state == sample_desk()
    assert window.windowTitle().startswith("book.json – ")
    assert window.document.is_saved


def test_a_file_can_be_dropped_anywhere(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    assert drop(window, QUrl.fromLocalFile(str(portfolio)))
    assert window.document.state == sample_desk()


def test_only_one_local_file_is_taken(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    assert not drop(window, QUrl("https://example.org/book.json"))
    assert not drop(window, QUrl.fromLocalFile(str(portfolio)), QUrl.fromLocalFile(str(portfolio)))
    assert not drop(window)


def test_a_file_with_faults_changes_nothing_and_lists_them_with_their_places(
    open_window: OpenWindow, portfolio: Path, faulty: Path
):
    window = open_window()
    window.files.open(portfolio)
    before = window.document.state
    window.files.open(faulty)
    assert window.document.state is before
    assert window.document.path == portfolio
    assert window.notices.isVisible()
    assert "faulty.json was not opened: 3 faults" in window.notices.heading.text()
    places = [window.notices.problems.index(row, 0).data() for row in range(3)]
    assert set(places) == {f"accounts[0].positions[0].{key}" for key in ("symbol", "side", "quantity")}


@pytest.mark.parametrize("damage", [b"", b"\x00" * 400, b'{"version": 1, "acc'], ids=["empty", "zeros", "cut"])
def test_a_damaged_file_is_set_aside_and_its_backup_opened(open_window: OpenWindow, tmp_path: Path, damage: bytes):
    path = tmp_path / "book.json"
    write_atomically(path, write_portfolio(sample_desk()))
    write_atomically(path, write_portfolio(desk()))  # the first one is now the backup
    path.write_bytes(damage)
    window = open_window()
    window.files.open(path)
    assert window.document.state == sample_desk()
    assert window.document.path == path
    assert read(path) == sample_desk()
    assert (tmp_path / "book.json.corrupt-1").read_bytes() == damage
    assert "book.json was damaged" in window.notices.text()
    assert "book.json.corrupt-1" in window.notices.text()


def test_a_file_with_a_fault_at_a_place_is_its_owners_to_mend(open_window: OpenWindow, tmp_path: Path, faulty: Path):
    path = tmp_path / "book.json"
    write_atomically(path, write_portfolio(sample_desk()))
    write_atomically(path, faulty.read_bytes())
    window = open_window()
    window.files.open(path)
    assert path.read_bytes() == faulty.read_bytes()
    assert window.document.state.accounts == ()
    assert "was not opened" in window.notices.text()


def test_faults_can_be_copied_and_dismissed(open_window: OpenWindow, faulty: Path):
    window = open_window()
    window.files.open(faulty)
    window.notices.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "accounts[0].positions[0].side: must be one of long, short" in copied
    assert len(copied.splitlines()) == 4
    window.notices.dismiss.click()
    assert not window.notices.isVisible()


def test_opening_a_sound_file_clears_the_faults(open_window: OpenWindow, portfolio: Path, faulty: Path):
    window = open_window()
    window.files.open(faulty)
    window.files.open(portfolio)
    assert not window.notices.isVisible()


def test_a_file_that_cannot_be_read_is_named(open_window: OpenWindow, tmp_path: Path):
    window = open_window()
    window.files.open(tmp_path / "absent.json")
    assert "absent.json could not be read: No such file" in window.notices.text()


def test_save_writes_what_is_shown_and_the_dot_goes(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    assert window.windowTitle().startswith("● book.json")
    window.menus.save.trigger()
    assert read(portfolio) == window.document.state
    assert window.windowTitle().startswith("book.json")
    assert not window.menus.save.isEnabled()


def test_a_save_that_fails_keeps_the_edits_and_says_so(open_window: OpenWindow, portfolio: Path, tmp_path: Path):
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    portfolio.unlink()
    portfolio.mkdir()
    window.files.save()
    assert "could not be saved" in window.notices.text()
    assert not window.document.is_saved


def test_save_as_asks_for_a_file_and_keeps_to_it(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path):
    window = open_window(desk(position()))
    window.files.save()
    (dialog,) = window.findChildren(QFileDialog)
    target = tmp_path / "new.json"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    assert read(target) == window.document.state
    assert window.document.path == target


def test_opening_over_unsaved_edits_asks_first(open_window: OpenWindow, portfolio: Path, tmp_path: Path):
    other = tmp_path / "other.json"
    write(desk(position(), name="other"), other)
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    window.files.open(other)
    answer(window, Button.Cancel)
    assert window.document.path == portfolio
    window.files.open(other)
    (box, *_) = [b for b in window.findChildren(QMessageBox, "unsaved") if b.isVisible()]
    box.button(Button.Discard).click()
    assert window.document.path == other
    assert read(portfolio) == sample_desk()
    assert not window.undo_stack.canUndo()


def test_a_file_with_faults_is_refused_before_anything_is_asked(open_window: OpenWindow, portfolio: Path, faulty: Path):
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    window.files.open(faulty)
    assert window.findChildren(QMessageBox) == []
    assert window.notices.isVisible()
    window.document.saved(portfolio)


def test_closing_a_saved_window_asks_nothing(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open(portfolio)
    assert window.close()
    assert window.findChildren(QMessageBox) == []


@pytest.mark.parametrize(
    ("button", "closed", "quantity"),
    [(Button.Cancel, False, "1"), (Button.Discard, True, "1"), (Button.Save, True, "2")],
)
def test_closing_with_unsaved_edits_asks(
    open_window: OpenWindow, portfolio: Path, button: QMessageBox.StandardButton, closed: bool, quantity: str
):
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    assert not window.close()
    assert window.isVisible()
    answer(window, button)
    assert window.isVisible() is not closed
    assert str(read(portfolio).accounts[0].positions[0].quantity) == quantity
    window.document.saved(portfolio)  # so that the test's own closing is not asked


def test_another_portfolio_begins_at_real_prices(open_window: OpenWindow, qtbot: QtBot, portfolio: Path):
    window = open_window(desk(position()))
    window.document.saved(portfolio)
    window.edit(MoveMarket(d("-0.1")))
    qtbot.waitUntil(window.banner.isVisible)
    window.document.saved(portfolio)
    window.files.open(portfolio)
    qtbot.waitUntil(lambda: not window.banner.isVisible())


def test_an_empty_state_is_a_desk_too(open_window: OpenWindow, tmp_path: Path):
    path = tmp_path / "empty.json"
    write(DeskState(), path)
    window = open_window(sample_desk())
    window.files.open(path)
    empty = window.findChild(EmptyDesk)
    assert empty is not None
    assert empty.isVisible()


# --- new, recent, tables ----------------------------------------------------------------------------------------------

TABLE = "Symbol\tSide\tSize\tEntry Price\nSOLUSDT\tLong\t50\t160.5\nDOGEX\tLong\t1\t1\n"


def preview(window: MainWindow) -> CsvPreview:
    (dialog,) = [found for found in window.findChildren(CsvPreview) if found.isVisible()]
    return dialog


def test_new_asks_about_unsaved_edits_and_begins_empty(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open(portfolio)
    window.edit(BIGGER)
    window.files.new()
    answer(window, Button.Discard)
    assert window.document.state == DeskState()
    assert window.document.path is None
    assert not window.undo_stack.canUndo()


def test_what_was_opened_and_saved_is_remembered_newest_first(open_window: OpenWindow, portfolio: Path, tmp_path: Path):
    window = open_window()
    window.files.open(portfolio)
    window.files.save_as()
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "new.json"))
    dialog.reject()
    assert window.files.recent.paths == [str(tmp_path / "new.json"), str(portfolio)]


def test_a_file_with_faults_is_not_remembered(open_window: OpenWindow, faulty: Path):
    window = open_window()
    window.files.open(faulty)
    assert window.files.recent.paths == []


def test_a_recent_file_that_is_gone_leaves_the_list_and_is_named(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open(portfolio)
    before = window.document.state
    portfolio.unlink()
    window.files.open_recent(portfolio)
    assert window.files.recent.paths == []
    assert "book.json is no longer in" in window.notices.text()
    assert window.document.state is before


def test_a_recent_file_is_opened(open_window: OpenWindow, portfolio: Path):
    window = open_window()
    window.files.open_recent(portfolio)
    assert window.document.state == sample_desk()


def test_a_dropped_table_is_shown_before_anything_is_added(open_window: OpenWindow, tmp_path: Path):
    path = tmp_path / "positions.csv"
    path.write_text(TABLE.replace("\t", ","), encoding="utf-8-sig")
    window = open_window(sample_desk())
    assert drop(window, QUrl.fromLocalFile(str(path)))
    dialog = preview(window)
    assert window.document.state == sample_desk()
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert [held.symbol for held in window.document.state.accounts[0].positions][2:] == ["SOL/USDT:USDT"]
    assert window.undo_stack.count() == 1
    window.undo_stack.undo()
    assert window.document.state == sample_desk()


def test_a_cancelled_preview_adds_nothing(open_window: OpenWindow):
    window = open_window(sample_desk())
    window.files.preview(TABLE, "a table")
    preview(window).reject()
    assert window.document.state == sample_desk()
    assert window.undo_stack.count() == 0


def test_the_clipboard_is_previewed(open_window: OpenWindow):
    window = open_window(sample_desk())
    QGuiApplication.clipboard().setText(TABLE)
    window.files.paste()
    assert len(preview(window).rows.rows) == 2
    preview(window).reject()


def test_a_clipboard_without_a_table_says_so(open_window: OpenWindow):
    window = open_window(sample_desk())
    QGuiApplication.clipboard().setText("")
    window.files.paste()
    assert "The clipboard holds no positions. Nothing has changed." in window.notices.text()
    assert window.findChildren(CsvPreview) == []


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("broken.csv", b"\xff\x00\xfa", "is no text"),
        ("empty.tsv", b"", "holds no positions"),
        ("absent.csv", None, "could not be read"),
    ],
)
def test_a_table_that_cannot_be_read_changes_nothing(
    open_window: OpenWindow, tmp_path: Path, name: str, data: bytes | None, says: str
):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    window = open_window(sample_desk())
    window.files.open(tmp_path / name)
    assert says in window.notices.text()
    assert window.document.state == sample_desk()


def test_a_spreadsheets_unicode_text_is_read(open_window: OpenWindow, tmp_path: Path):
    path = tmp_path / "positions.txt"
    path.write_bytes(TABLE.encode("utf-16"))
    window = open_window(sample_desk())
    window.files.open(path)
    assert preview(window).rows.rows[0].is_sound
    preview(window).reject()


def test_recent_files_are_ten_each_once_and_every_change_is_told():
    told: list[list[str]] = []
    recent = Recent([f"/a/{i}.json" for i in range(20)], told.append)
    assert len(recent.paths) == 10
    recent.add(Path("/a/5.json"))
    recent.add(Path("/a/new.json"))
    assert recent.paths[:3] == ["/a/new.json", "/a/5.json", "/a/0.json"]
    assert len(recent.paths) == 10
    recent.forget(Path("/a/never.json"))
    recent.forget(Path("/a/5.json"))
    assert [paths[0] for paths in told] == ["/a/5.json", "/a/new.json", "/a/new.json"]
    assert "/a/5.json" not in told[-1]
