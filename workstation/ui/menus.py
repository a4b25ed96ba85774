"""The menus and their keys. One list of actions feeds the menu bar, the command palette and the key map."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMainWindow, QMenu

from workstation.ui.docking import Docks
from workstation.ui.layout import PLACES
from workstation.ui.theme import DARK, LIGHT, TEXT_SIZES, Theme

Do = Callable[[], object]
_EVERYWHERE = Qt.ShortcutContext.ApplicationShortcut  # docks that float are windows of their own
_SPACE = "Space"  # ticks and presses what has the focus; only the main window knows when it does not


@dataclass(frozen=True, kw_only=True)
class Deeds:
    """What the menus can do, each a function of the window."""

    new: Do
    open_file: Do
    save: Do
    save_as: Do
    paste: Do
    add_position: Do
    change_position: Do
    remove_position: Do
    change_balances: Do
    begin_what_if: Do
    keep_what_if: Do
    end_what_if: Do
    commands: Do
    search: Do
    stress: Do
    freeze: Do
    practice: Do
    open_recording: Do
    pause: Do
    step_back: Do
    step_on: Do
    name_layout: Do
    reset_layout: Do
    use_layout: Callable[[str], object]
    forget_layout: Callable[[str], object]
    open_recent: Callable[[str], object]
    key_map: Do
    about: Do


class Menus:
    """Builds the menu bar of a window, and has the actions that the window enables and disables."""

    def __init__(self, window: QMainWindow, undo: QUndoStack, theme: Theme, docks: Docks, deeds: Deeds) -> None:
        self._window = window
        self._deeds = deeds
        bar = window.menuBar()
        self._file(bar.addMenu("&File"))
        self._edit(bar.addMenu("&Edit"), undo)
        self._view(bar.addMenu("&View"), theme, docks)
        self.market = bar.addMenu("&Market")
        self._market(self.market)
        help_menu = bar.addMenu("&Help")
        _add(help_menu, "&Commands…", deeds.commands, "Ctrl+K")
        _add(help_menu, "&Keys", deeds.key_map, "?")
        help_menu.addSeparator()
        _add(help_menu, "&About", deeds.about).setMenuRole(QAction.MenuRole.AboutRole)

    def _file(self, menu: QMenu) -> None:
        deeds = self._deeds
        _add(menu, "&New", deeds.new)
        _add(menu, "&Open…", deeds.open_file, "Ctrl+O")
        self._recent = menu.addMenu("Open &recent")
        menu.addSeparator()
        self.save = _add(menu, "&Save", deeds.save, "Ctrl+S")
        _add(menu, "Save &as…", deeds.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        _add(menu, "&Quit", self._window.close, "Ctrl+Q").setMenuRole(QAction.MenuRole.QuitRole)
        self.show_recent(())

    def _edit(self, menu: QMenu, undo: QUndoStack) -> None:
        deeds = self._deeds
        undo_action = undo.createUndoAction(self._window, "&Undo")
        undo_action.setShortcut(QKeySequence("Ctrl+Z"))
        redo_action = undo.createRedoAction(self._window, "&Redo")
        redo_action.setShortcut(QKeySequence("Ctrl+Shift+Z"))
        for action in (undo_action, redo_action):
            action.setShortcutContext(_EVERYWHERE)
        menu.addActions([undo_action, redo_action])
        menu.addSeparator()
        _add(menu, "&Add position…", deeds.add_position, "Ctrl+N")
        self.change = _add(menu, "&Change position…", deeds.change_position, "Ctrl+E")
        self.remove = _add(menu, "Remove &position", deeds.remove_position, "Ctrl+Del")
        _add(menu, "Paste p&ositions…", deeds.paste, "Ctrl+Shift+V")
        _add(menu, "Change &balances…", deeds.change_balances, "Ctrl+B")
        menu.addSeparator()
        _add(menu, "Begin a &what-if", deeds.begin_what_if, "W")
        self.keep_what_if = _add(menu, "&Keep the what-if", deeds.keep_what_if)
        self.end_what_if = _add(menu, "&Back to actual", deeds.end_what_if)

    def _view(self, menu: QMenu, theme: Theme, docks: Docks) -> None:
        deeds = self._deeds
        for place in PLACES:
            menu.addAction(docks.toggle(place.key))
        menu.addSeparator()
        _add(menu, "Find a s&ymbol", deeds.search, "Ctrl+F", "/")
        _add(menu, "Show the &stress test", deeds.stress, "S")
        self.freeze = _add(menu, "&Freeze the view", deeds.freeze, _SPACE)
        menu.addSeparator()
        _add(menu, "Save &layout as…", deeds.name_layout)
        self._layouts = menu.addMenu("L&ayouts")
        self._forget = QMenu("Forget", menu)
        _add(menu, "&Restore the default layout", deeds.reset_layout)
        menu.addSeparator()
        looks = QActionGroup(menu)
        for tokens, text in ((DARK, "&Dark"), (LIGHT, "&Light")):
            look = _add(menu, text, lambda tokens=tokens: theme.apply(tokens=tokens), group=looks)
            look.setChecked(theme.tokens is tokens)
        menu.addSeparator()
        sizes = QActionGroup(menu)
        for size in TEXT_SIZES:
            text_size = _add(menu, f"Text size {size} %", lambda size=size: theme.apply(text_size=size), group=sizes)
            text_size.setChecked(theme.text_size == size)
        self.show_layouts(())

    def _market(self, menu: QMenu) -> None:
        deeds = self._deeds
        _add(menu, "&Practice market", deeds.practice)
        _add(menu, "Open a &recording…", deeds.open_recording)
        menu.addSeparator()
        self.steering = (
            _add(menu, "Pause or resu&me", deeds.pause, "Ctrl+P"),
            _add(menu, "One step &back", deeds.step_back, "["),
            _add(menu, "One step &on", deeds.step_on, "]"),
        )

    def show_recent(self, paths: Iterable[str]) -> None:
        """Files that were open before, the newest first."""
        _refill(self._recent, paths, self._deeds.open_recent)

    def show_layouts(self, names: Iterable[str]) -> None:
        """Saved layouts, the first nine with a key each."""
        kept = list(names)
        _refill(self._layouts, kept, self._deeds.use_layout, keys=True)
        if kept:
            self._layouts.addSeparator()
            self._layouts.addMenu(self._forget)
        _refill(self._forget, kept, self._deeds.forget_layout, before="Forget ")

    def actions(self) -> list[QAction]:
        """Everything that can be done now, for the palette and the key map."""
        found = list[QAction]()
        for top in self._window.menuBar().actions():
            _collect(top, found)
        return found


def _collect(action: QAction, found: list[QAction]) -> None:
    menu = action.menu()
    if isinstance(menu, QMenu):
        for inner in menu.actions():
            _collect(inner, found)
    elif not action.isSeparator():
        found.append(action)


def _refill(
    menu: QMenu, texts: Iterable[str], do: Callable[[str], object], *, keys: bool = False, before: str = ""
) -> None:
    menu.clear()
    for i, text in enumerate(texts, start=1):
        # an ampersand in a name is not a key
        shown = before + text.replace("&", "&&")
        _add(menu, shown, lambda text=text: do(text), *((f"Ctrl+{i}",) if keys and i <= 9 else ()))
    menu.setEnabled(not menu.isEmpty())


def _add(menu: QMenu, text: str, do: Do, *keys: str, group: QActionGroup | None = None) -> QAction:
    action = QAction(text, menu)
    action.setShortcuts([QKeySequence(key) for key in keys])
    if _SPACE not in keys:
        action.setShortcutContext(_EVERYWHERE)
    if group is not None:
        action.setCheckable(True)
        group.addAction(action)

    # a function of its own: Qt hands `checked` to a lambda or a partial only where it can count their parameters
    def triggered(_checked: bool) -> None:
        do()

    action.triggered.connect(triggered)
    menu.addAction(action)
    return action
