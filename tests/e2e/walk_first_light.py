"""The first walk through the real window on a real screen: run by test_first_light_x11.py inside Xvfb.

Arguments: a portfolio file (written to), a folder for pictures. Prints one JSON line of what the window said.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from workstation.app import open_window
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.stress import StressPane
from workstation.ui.theme import LIGHT


def distances(window: MainWindow) -> list[str]:
    pane = window.panes["account"]
    assert isinstance(pane, AccountPane)
    line = pane.lines[0]
    return [line.per_symbol.text, line.joint.text]


def cells(window: MainWindow, key: str) -> list[str]:
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    column = [c.key for c in pane.rows.columns].index(key)
    return [pane.rows.index(row, column).data() for row in range(pane.rows.rowCount())]


def type_size(window: MainWindow, text: str) -> None:
    """Double-click the first size and type over it, as a trader would."""
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    table = pane.table
    index = table.model().index(0, [c.key for c in pane.rows.columns].index("size"))
    at = table.visualRect(index).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    editor = table.findChild(QLineEdit)
    assert editor is not None, "no editor opened"
    editor.selectAll()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)


def walk(window: MainWindow, portfolio: Path, pictures: Path) -> dict[str, object]:
    said: dict[str, object] = {}

    def step(name: str) -> None:
        QTest.qWait(50)
        said[name] = {"distances": distances(window), "liquidation": cells(window, "liquidation")}
        window.grab().save(str(pictures / f"{name}.png"))

    step("opened")
    stress = window.panes["stress"]
    assert isinstance(stress, StressPane)
    stress.slider.setFocus()
    for _ in range(6):
        QTest.keyClick(stress.slider, Qt.Key.Key_Left)
    step("slid")
    said["banner"] = window.banner.isVisible()
    QTest.mouseClick(stress.reset, Qt.MouseButton.LeftButton)
    step("reset")
    type_size(window, "2")
    step("edited")
    window.undo_stack.undo()
    step("undone")
    window.undo_stack.redo()
    window.files.save()
    said["saved"] = json.loads(portfolio.read_text(encoding="utf-8"))["accounts"][0]["positions"][0]["quantity"]
    broken = portfolio.with_name("broken.json")
    broken.write_text('{"version": 1, "accounts": [{"name": "a", "venue": "nowhere"}]}', encoding="utf-8")
    window.files.open(broken)
    said["faults listed"] = window.notices.isVisible()
    step("faults")
    window.theme.apply(LIGHT, 125)
    step("light125")
    return said


def main() -> int:
    portfolio, pictures = Path(sys.argv[1]), Path(sys.argv[2])
    application = QApplication(sys.argv[:1])
    window = open_window(application, portfolio, "dark")
    window.resize(1720, 1000)
    window.show()
    assert QTest.qWaitForWindowExposed(window)
    print(json.dumps({"platform": application.platformName(), **walk(window, portfolio, pictures)}))  # noqa: T201
    window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
