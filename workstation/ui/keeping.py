"""Keeping: the look, the layouts and the window's place, gathered and stored a while after their last change."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QObject, QTimer, Signal
from PySide6.QtWidgets import QInputDialog, QMainWindow

from workstation.storage.workspace import MOST_LAYOUTS, Workspace
from workstation.ui.docking import Docks, on_screens
from workstation.ui.notices import Notices
from workstation.ui.panes.base import Focus
from workstation.ui.theme import Theme

KEEP_MS = 2_000  # after the last change: a dragged splitter is stored once


class Keeping(QObject):
    """`keep` has a workspace stored. `named` comes after layouts were named or forgotten. `focus` is what the trader
    wants to look at, `recent` the files that were open.
    """

    named = Signal()

    def __init__(
        self,
        workspace: Workspace,
        keep: Callable[[Workspace], None],
        window: QMainWindow,
        docks: Docks,
        theme: Theme,
        notices: Notices,
    ) -> None:
        super().__init__(window)
        self.workspace = workspace
        self.focus: Callable[[], Focus | None] = lambda: None
        self.recent: Callable[[], tuple[str, ...]] = lambda: workspace.recent
        self._keep = keep
        self._kept = workspace
        self._window = window
        self._docks = docks
        self._theme = theme
        self._notices = notices
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self.keep_now)
        theme.changed.connect(self.changed)

    def changed(self) -> None:
        """Something may have changed."""
        if self._window.isVisible():
            self._timer.start()

    def keep_now(self) -> None:
        """Gather and store, where anything is different from what was stored."""
        self._timer.stop()
        focus = self.focus()
        self.workspace = replace(
            self.workspace,
            theme="light" if self._theme.tokens.name == "light" else "dark",
            text_size=self._theme.text_size,
            layout=self._docks.save(),
            recent=self.recent(),
            focus=None if focus is None else (focus.venue, focus.symbol, focus.interval_ms),
            geometry=bytes(self._window.saveGeometry().data()),
        )
        if self.workspace == self._kept:
            return
        self._kept = self.workspace
        self._keep(self.workspace)

    def restore(self) -> None:
        """Put the window and its docks where they were, as far as the screens of today allow."""
        geometry, layout = self.workspace.geometry, self.workspace.layout
        if geometry is not None and self._window.restoreGeometry(QByteArray(geometry)):
            self._window.setGeometry(on_screens(self._window.geometry()))
        if layout is not None and not self._docks.restore(layout):
            self._notices.tell("The stored layout is damaged or of another version; this is the default one.")

    def ask_name(self) -> None:
        """Let the trader name the layout that stands."""
        dialog = QInputDialog(self._window)
        dialog.setWindowTitle("Save layout")
        dialog.setLabelText("Name of this layout")
        dialog.textValueSelected.connect(self.name_layout)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def name_layout(self, name: str) -> None:
        """Store the layout that stands under a name; the newest of that name counts."""
        if name.strip():
            others = [(other, kept) for other, kept in self.workspace.layouts.items() if other != name.strip()]
            self._set_layouts(dict([*others, (name.strip(), self._docks.save())][-MOST_LAYOUTS:]))

    def forget_layout(self, name: str) -> None:
        """Let a named layout go."""
        self._set_layouts({other: kept for other, kept in self.workspace.layouts.items() if other != name})

    def _set_layouts(self, layouts: dict[str, bytes]) -> None:
        self.workspace = replace(self.workspace, layouts=layouts)
        self.keep_now()
        self.named.emit()

    def use_layout(self, name: str) -> None:
        """Go to a named layout."""
        layout = self.workspace.layouts.get(name)
        if layout is None or not self._docks.restore(layout):
            self._notices.tell(f"The layout {name} is damaged or of another version. Nothing has changed.")
