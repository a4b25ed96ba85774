"""The menus and their keys."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMainWindow, QMenu

from workstation.ui.theme import DARK, LIGHT, TEXT_SIZES, Theme

Do = Callable[[], object]


class Menus:
    """Builds the menu bar of a window. `remove` is for the window to enable and disable."""

    def __init__(
        self,
        window: QMainWindow,
        undo: QUndoStack,
        theme: Theme,
        *,
        open_file: Do,
        save: Do,
        save_as: Do,
        add_position: Do,
        remove_position: Do,
        about: Do,
    ) -> None:
        bar = window.menuBar()
        file = bar.addMenu("&File")
        _add(file, "&Open…", open_file, QKeySequence("Ctrl+O"))
        file.addSeparator()
        self.save = _add(file, "&Save", save, QKeySequence("Ctrl+S"))
        _add(file, "Save &as…", save_as, QKeySequence("Ctrl+Shift+S"))
        file.addSeparator()
        quit_action = _add(file, "&Quit", window.close, QKeySequence("Ctrl+Q"))
        quit_action.setMenuRole(QAction.MenuRole.QuitRole)

        edit = bar.addMenu("&Edit")
        undo_action = undo.createUndoAction(window, "&Undo")
        undo_action.setShortcut(QKeySequence("Ctrl+Z"))
        redo_action = undo.createRedoAction(window, "&Redo")
        redo_action.setShortcut(QKeySequence("Ctrl+Shift+Z"))
        edit.addActions([undo_action, redo_action])
        edit.addSeparator()
        _add(edit, "&Add position…", add_position, QKeySequence("Ctrl+N"))
        self.remove = _add(edit, "Remove &position", remove_position, QKeySequence("Ctrl+Del"))

        view = bar.addMenu("&View")
        looks = QActionGroup(view)
        for tokens, text in ((DARK, "&Dark"), (LIGHT, "&Light")):
            look = _add(view, text, lambda tokens=tokens: theme.apply(tokens=tokens), group=looks)
            look.setChecked(theme.tokens is tokens)
        view.addSeparator()
        sizes = QActionGroup(view)
        for size in TEXT_SIZES:
            text_size = _add(view, f"Text size {size} %", lambda size=size: theme.apply(text_size=size), group=sizes)
            text_size.setChecked(theme.text_size == size)

        help_menu = bar.addMenu("&Help")
        _add(help_menu, "&About", about).setMenuRole(QAction.MenuRole.AboutRole)


def _add(
    menu: QMenu, text: str, do: Do, shortcut: QKeySequence | None = None, group: QActionGroup | None = None
) -> QAction:
    action = QAction(text, menu)
    if shortcut is not None:
        action.setShortcut(shortcut)
    if group is not None:
        action.setCheckable(True)
        group.addAction(action)

    # a function of its own: Qt hands `checked` to a lambda or a partial only where it can count their parameters
    def triggered(_checked: bool) -> None:
        do()

    action.triggered.connect(triggered)
    menu.addAction(action)
    return action
