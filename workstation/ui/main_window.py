"""The window: puts its parts together, and shows the newest frame of the document and the market."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QFrame,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from workstation import __version__
from workstation.desk.document import Document
from workstation.desk.edits import BeginWhatIf, EndWhatIf, FollowMarket, KeepWhatIf
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.market.view import MarketView
from workstation.runtime.messages import Frame, ShowDesk
from workstation.storage.workspace import Workspace
from workstation.ui import data_state
from workstation.ui.dialogs.key_map import KeyMap
from workstation.ui.docking import Docks
from workstation.ui.editing import Editing
from workstation.ui.frame_clock import FrameClock
from workstation.ui.icons import app_icon
from workstation.ui.keeping import Keeping
from workstation.ui.layout import PLACES, lay_out, lay_out_anew
from workstation.ui.markets import Markets
from workstation.ui.menus import Deeds, Menus
from workstation.ui.notices import Notices
from workstation.ui.palette import Palette
from workstation.ui.pane_rack import PaneRack
from workstation.ui.panes import PANES
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.base import FIRST_INTERVAL_MS, Focus, Hands, Pane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.panes.watchlist import WatchlistPane
from workstation.ui.portfolio_files import PortfolioFiles
from workstation.ui.ports import Ports
from workstation.ui.recent import Recent
from workstation.ui.styled import set_styled
from workstation.ui.theme import Theme
from workstation.ui.typed import Typed
from workstation.ui.widgets.empty_desk import EmptyDesk
from workstation.ui.widgets.entry_line import EntryLine
from workstation.ui.widgets.mode import Mode
from workstation.ui.widgets.pinned import PinnedStrip
from workstation.ui.widgets.playback_bar import PlaybackBar
from workstation.ui.widgets.status import Status
from workstation.ui.widgets.strip import Strip

TITLE = "Liquidation Workstation"


class MainWindow(QMainWindow):
    """One document, one market, one frame at a time. Nothing here computes: the core behind `ports` does.

    `workspace` is what was stored of the last session; with `trust_layout` false its layout is left alone (a start in
    safe mode, or after starts that failed).
    """

    def __init__(
        self,
        document: Document,
        ports: Ports,
        theme: Theme,
        workspace: Workspace | None = None,
        *,
        trust_layout: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        workspace = Workspace() if workspace is None else workspace
        self.document = document
        self.theme = theme
        self._core = ports.core
        self._posted: DeskState | None = None
        self._may_close = False
        self.clock = FrameClock(ports.core, lambda: document.state, parent=self)
        self.notices = Notices(theme)
        self.editing = Editing(document, self.notices, theme, ports.venues, self.market, self)
        self.edit, self.undo_stack = self.editing.edit, self.editing.undo_stack
        self.typed = Typed(document, self.editing, self.market)
        self.markets = Markets(ports.core, Focus(*workspace.focus) if workspace.focus else None, self)
        self.recent = Recent(workspace.recent, self._show_recent)
        self.files = PortfolioFiles(
            document, ports, self.notices, self, theme=theme, market=self.market, recent=self.recent
        )
        self.docks = Docks(theme, self, self._layout_changed)
        lay_out(self.docks, theme)
        self.keeping = Keeping(workspace, ports.keep, self, self.docks, theme, self.notices)
        self.keeping.focus = lambda: self.markets.wanted
        self.keeping.recent = lambda: tuple(self.recent.paths)
        self.mode = Mode(theme)
        self.banner = self.mode.banner
        self.empty = EmptyDesk(theme)
        self.pinned = PinnedStrip(theme)
        self.playback = PlaybackBar(theme, self.markets.steer)
        self.menus = Menus(self, self.undo_stack, theme, self.docks, self._deeds())
        self.strip = Strip(theme, self.playback, self.menus.market)
        self.status = Status(self.statusBar(), theme)
        self.desk_frame = QFrame()
        self._column = QVBoxLayout(self.desk_frame)
        hands = Hands(
            edit=self.edit,
            fault=self.editing.fault,
            choose=self.editing.choose,
            steer=self.markets.steer,
            look_at=self.markets.look_at,
        )
        self._rack = PaneRack(self, theme, hands, self.docks, self._place)
        self.panes = self._rack.panes
        self._lay_out()
        self.add_panes(PANES)
        self.command_palette = Palette(
            self,
            theme,
            self.menus.actions,
            self.typed.echo,
            self.typed.run,
            symbols=lambda: self.market().instruments,
            look_at=self._look_at_name,
        )
        self._connect()
        if trust_layout:
            self.keeping.restore()
        self._changed()
        self._slowly()
        self.clock.start()

    def _lay_out(self) -> None:
        """From the top: what data this is, actual or what-if, what is wrong, the accounts; then the docks."""
        self.desk_frame.setObjectName("desk")
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        for widget in (self.strip, self.mode, self.pinned, self.notices, self.empty):
            self._column.addWidget(widget)
        self._column.addWidget(self.docks.widget, 1)
        self.setCentralWidget(self.desk_frame)
        self.desk_frame.setFocus()  # else the first button has it, and Space would press that
        self.setAcceptDrops(True)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(1000, 640)
        self.resize(_first_size(self))

    def _connect(self) -> None:
        self.clock.came.connect(self._came)
        self.clock.recomputing.connect(self._rack.show_recomputing)
        self.clock.slow.connect(self._slowly)
        self.markets.looked.connect(self._looked)
        for action in (self.menus.change, self.menus.remove):
            self.editing.chose.connect(action.setEnabled)
            action.setEnabled(False)
        self.keeping.named.connect(lambda: self.menus.show_layouts(self.keeping.workspace.layouts))
        self.banner.back.connect(lambda: self.edit(EndWhatIf()))
        self.pinned.follow.connect(lambda: self.edit(FollowMarket()))
        self.strip.commands.clicked.connect(self._commands_clicked)
        self.empty.open_asked.connect(self.files.ask_open)
        self.empty.add_asked.connect(self.editing.add_position)
        self.files.opened.connect(self.undo_stack.clear)
        self.files.pasted.connect(self.editing.edit_all)
        self.files.saved.connect(self.undo_stack.setClean)  # edits before and after a save are two steps
        self.undo_stack.indexChanged.connect(self._show_title)
        self.document.listen(self._changed)
        self.menus.show_layouts(self.keeping.workspace.layouts)
        self.menus.show_recent(self.recent.paths)

    def _deeds(self) -> Deeds:
        return Deeds(
            new=self.files.new,
            open_file=self.files.ask_open,
            save=self.files.save,
            save_as=self.files.save_as,
            paste=self.files.paste,
            open_recent=lambda path: self.files.open_recent(Path(path)),
            add_position=self.editing.add_position,
            change_position=self.editing.change_position,
            remove_position=self.editing.remove_position,
            change_balances=self.editing.change_balances,
            begin_what_if=lambda: self.edit(BeginWhatIf()),
            keep_what_if=lambda: self.edit(KeepWhatIf()),
            end_what_if=lambda: self.edit(EndWhatIf()),
            commands=self.show_commands,
            search=self.search,
            stress=lambda: self.docks.raise_("stress"),
            freeze=self.freeze,
            practice=self.markets.practise,
            open_recording=self.markets.ask_recording,
            pause=self.playback.pause_or_resume,
            step_back=lambda: self.playback.step(-1),
            step_on=lambda: self.playback.step(1),
            name_layout=self.keeping.ask_name,
            reset_layout=lambda: lay_out_anew(self.docks, self.theme),
            use_layout=self.keeping.use_layout,
            forget_layout=self.keeping.forget_layout,
            key_map=self.show_keys,
            about=self.about,
        )

    # --- frames -------------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """What is on screen."""
        return self.clock.frame

    def market(self) -> MarketView:
        """The market on screen; an empty one before the first frame."""
        return MarketView() if self.frame is None else self.frame.market

    def add_panes(self, kinds: Iterable[type[Pane]]) -> tuple[Pane, ...]:
        """Make panes and put them into their docks: at once, or after the first paint where they are heavy to load."""
        made = self._rack.add(kinds)
        self._rack.show(self.frame)
        return made

    def _place(self, pane: Pane) -> bool:
        if isinstance(pane, PositionsPane):
            pane.set_entry_line(EntryLine(self.theme, self.typed.echo_position, self.typed.add_position))
        if isinstance(pane, AccountPane):
            # equity and distances are never in a dock: nothing may cover or close them
            self._column.insertWidget(self._column.count() - 1, pane)
            return True
        return False

    def _changed(self) -> None:
        """The document changed: ask the core, and show its answer at once where it comes at once."""
        self._show_title()
        state = self.document.state
        if state is not self._posted:
            self._posted = state
            self._core.post(ShowDesk(state))
            self.clock.look()

    def _came(self) -> None:
        frame = self.frame
        if frame is None:
            return
        anything = any(account.positions for account in looked_at(frame.desk))
        self.empty.setVisible(not anything)
        self.panes["account"].setVisible(anything)
        self.markets.find_focus(frame)
        self._rack.show(frame)
        self.mode.show_desk(frame.desk)
        self._show_what_if(frame.desk.trial is not None)
        self.pinned.show_frame(frame)
        self.playback.show_playback(frame.market.source, frame.market.playback)
        self.strip.show_market(frame.market)
        for action in self.menus.steering:
            action.setEnabled(self.playback.can_steer)
        self._show_title()

    def _show_what_if(self, on: bool) -> None:
        set_styled(self.desk_frame, "what_if", on)
        for action in (self.menus.keep_what_if, self.menus.end_what_if):
            action.setEnabled(on)

    def _slowly(self) -> None:
        """What changes at a reader's pace."""
        self._rack.show(self.frame)  # a tab may have come to the front
        self.status.refresh(self.frame, self.clock.ticks_per_s)
        self.strip.show_frozen(self.clock.frozen_s)
        focus = self.markets.focus
        contract = None if focus is None else (focus.venue, focus.symbol)
        for place in PLACES:
            self.docks.badge(place.key, *data_state.badge(self.market(), place.tables, contract))

    def freeze(self) -> None:
        """Hold the view, or go on."""
        self.clock.freeze(self.clock.frozen_s is None)
        self.strip.show_frozen(self.clock.frozen_s)

    # --- focus and layout ---------------------------------------------------------------------------------------------

    def _looked(self) -> None:
        focus = self.markets.focus
        if focus is None:
            return
        self.playback.step_ms = focus.interval_ms
        self._rack.show_focus(focus)
        self.keeping.changed()
        self.clock.look()

    def _show_recent(self, paths: list[str]) -> None:
        self.menus.show_recent(paths)
        self.keeping.changed()

    def _look_at_name(self, venue: str, symbol: str) -> None:
        focus = self.markets.focus
        self.markets.look_at(Focus(venue, symbol, FIRST_INTERVAL_MS if focus is None else focus.interval_ms))

    def search(self) -> None:
        """Let the trader type a symbol into the watchlist."""
        self.docks.raise_("watchlist")
        pane = self.panes["watchlist"]
        if isinstance(pane, WatchlistPane):
            pane.search()

    def _layout_changed(self) -> None:
        if self.isVisible():
            self.keeping.changed()
            self._rack.show(self.frame)

    # --- the window ---------------------------------------------------------------------------------------------------

    def _commands_clicked(self) -> None:
        self.show_commands()

    def show_commands(self) -> None:
        """Search everything that can be done."""
        self.command_palette.open()

    def show_keys(self) -> None:
        """List what the keys do."""
        dialog = KeyMap(self.menus.actions(), self.theme, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _show_title(self) -> None:
        name = self.document.path.name if self.document.path else "Untitled"
        source = self.market().source
        # the word for data that are not live stands first, where a task bar still shows it
        word = "" if source is None or source.kind == "live" else f"{data_state.source_word(self.market())} – "
        title = f"{word}{'' if self.document.is_saved else '● '}{name} – {TITLE}"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        self.menus.save.setEnabled(not self.document.is_saved or self.document.path is None)

    def about(self) -> None:
        """Say what this is."""
        text = f"{TITLE} {__version__}\n\nTells where leveraged positions would be liquidated. It cannot trade."
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About", text, QMessageBox.StandardButton.Close, self)
        box.finished.connect(box.deleteLater)
        box.open()

    def event(self, event: QEvent) -> bool:
        """Space presses the button and ticks the cell that has the focus, where there is one, before it freezes."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and _takes_space(QApplication.focusWidget())
        ):
            event.accept()
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is None:
            return
        event.acceptProposedAction()
        if path.is_dir():
            self.markets.open_recording(path)
        else:
            self.files.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close or self.document.is_saved:
            self.keeping.keep_now()
            self.clock.stop()
            event.accept()
            return
        event.ignore()
        self.files.when_saved(self._close_now)

    @property
    def was_asked(self) -> bool:
        """The trader was asked what to do with unsaved edits; what is unsaved now was thrown away on purpose."""
        return self._may_close

    def _close_now(self) -> None:
        self._may_close = True
        self.close()


def _first_size(window: QWidget) -> QSize:
    """Of a first start: as the screen allows, and no larger than one can read across."""
    screen = window.screen()
    return QSize(1720, 1000).boundedTo(screen.availableGeometry().size()) if screen else QSize(1440, 900)


def _takes_space(widget: QWidget | None) -> bool:
    if isinstance(widget, QAbstractItemView):
        return bool(widget.currentIndex().flags() & Qt.ItemFlag.ItemIsUserCheckable)
    return isinstance(widget, QAbstractButton)


def _dropped(event: QDropEvent) -> Path | None:
    """The one local file or folder of a drop; None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
