"""Docks: the only place that knows QtAds. Panes in movable, floating, tabbed places; their layout as sealed bytes."""
# pyright: basic
# QtAds has no type information; the face of this module is typed by hand.

from collections.abc import Callable
from typing import Any, Literal

import PySide6QtAds as ads  # noqa: N813
from PySide6.QtCore import QEvent, QObject, QRect, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QIcon
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from workstation.storage.workspace import seal, unseal
from workstation.ui.icons import icon
from workstation.ui.theme import Theme

Area = Literal["centre", "left", "right", "below", "tab"]
_BEGINNING = b"<?xml"  # whatever else it takes for compressed, and complains
LAYOUT_VERSION = 1  # a layout of another version is not for this program
_AREAS = {
    "centre": ads.CenterDockWidgetArea,
    "left": ads.LeftDockWidgetArea,
    "right": ads.RightDockWidgetArea,
    "below": ads.BottomDockWidgetArea,
    "tab": ads.CenterDockWidgetArea,
}
_ICONS = {
    ads.TabCloseIcon: "close",
    ads.DockAreaCloseIcon: "close",
    ads.DockAreaMenuIcon: "down",
    ads.DockAreaUndockIcon: "float",
    ads.AutoHideIcon: "pin",
    ads.DockAreaMinimizeIcon: "minimise",
}
_BUTTONS = {
    "tabsMenuButton": "All tabs beside",
    "detachGroupButton": "Float",
    "dockAreaAutoHideButton": "Pin to the side:",
    "dockAreaMinimizeButton": "Minimise",
    "dockAreaCloseButton": "Close",
}
_MOST_WIDTH = 0.43  # of the window, for what one dock may insist on
_FRAME = 2  # the line on both sides of a dock
_LEAST_SEEN = 80  # of a floating window on some screen, in pixels
_Flag = ads.CDockManager.eConfigFlag
_FLAGS = (
    _Flag.AlwaysShowTabs
    | _Flag.OpaqueSplitterResize
    | _Flag.DisableTabTextEliding
    | _Flag.AllTabsHaveCloseButton
    | _Flag.DockAreaHasTabsMenuButton
    | _Flag.DockAreaDynamicTabsMenuButtonVisibility
    | _Flag.DockAreaHasUndockButton
    | _Flag.DisableStylesheet  # its own sheet would stand above ours
    | _Flag.FloatingContainerHasWidgetTitle
)


class Docks(QObject):
    """Every dock is made at once and filled when its pane is ready, so that a layout can be restored before that."""

    def __init__(self, theme: Theme, window: QWidget, changed: Callable[[], None]) -> None:
        super().__init__(window)
        ads.CDockManager.setConfigFlags(_FLAGS)
        # the side bars of unpinned docks; without them the pin has nothing to do
        ads.CDockManager.setAutoHideConfigFlags(ads.CDockManager.eAutoHideFlag.AutoHideFeatureEnabled)
        ads.CDockManager.setAutoHideConfigFlag(ads.CDockManager.eAutoHideFlag.DockAreaHasAutoHideButton, True)
        self._theme = theme
        self._changed = changed
        self._manager = ads.CDockManager(window)
        self._docks: dict[str, Any] = {}
        self._slots: dict[str, _Slot] = {}
        self._titles: dict[str, str] = {}
        self._badges: dict[str, tuple[str, str]] = {}
        self._default: bytes | None = None
        self._give_icons()
        theme.changed.connect(self._give_icons)
        theme.changed.connect(self._fit_later)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.fit)

    @property
    def widget(self) -> QWidget:
        """What the window lays out."""
        return self._manager

    def _give_icons(self) -> None:
        provider = self._manager.iconProvider()
        for which, name in _ICONS.items():
            provider.registerCustomIcon(which, icon(name, self._theme, "fg2"))

    def add(
        self,
        key: str,
        title: str,
        area: Area,
        beside: str | None = None,
        least_height: int = 0,
        *,
        names_itself: bool = False,
    ) -> None:
        """Make an empty dock: in an area of the window, or below or in a tab with another dock. `least_height` in
        pixels at 100 % is kept where the window is high enough. What `names_itself` has no title bar while it is alone
        in its place.
        """
        dock = ads.CDockWidget(self._manager, title)
        dock.setObjectName(key)
        dock.setMinimumSizeHintMode(ads.CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContent)
        slot = self._slots[key] = _Slot(title, least_height, names_itself)
        dock.setWidget(slot, ads.CDockWidget.eInsertMode.ForceNoScrollArea)
        dock.viewToggled.connect(self._toggled)
        dock.topLevelChanged.connect(self._toggled)
        dock.installEventFilter(self)
        self._docks[key], self._titles[key] = dock, title
        neighbour = self._docks[beside].dockAreaWidget() if beside is not None else None
        self._manager.addDockWidget(_AREAS[area], dock, neighbour)

    def put(self, key: str, pane: QWidget) -> None:
        """Put a pane into its dock."""
        self._slots[key].take(pane)
        self._fit_later()

    def fit(self) -> None:
        """No dock is smaller than what is in it can be read. QtAds only asks when a dock is made, so we tell."""
        widest, highest = round(self._manager.width() * _MOST_WIDTH), self._manager.height() // 3
        for area in self._manager.openedDockAreas():
            slots = [self._slots[dock.objectName()] for dock in area.dockWidgets() if dock.objectName() in self._slots]
            least = max((slot.least_width() for slot in slots), default=0)
            area.setMinimumWidth(min(widest, least + _FRAME))
            least = max((self._theme.px(slot.least_height) for slot in slots), default=0)
            area.setMinimumHeight(min(highest, least))
            # by hand: its own flag for that does nothing where tabs are always shown
            is_bare = len(slots) == 1 and slots[0].names_itself and not area.dockContainer().isFloating()
            area.titleBar().setVisible(not is_bare)
            self._name_buttons(area, area.currentDockWidget())

    def _name_buttons(self, area: Any, current: Any) -> None:
        """For those who cannot see the icons. QtAds makes new buttons whenever docks move."""
        shown = current.windowTitle() if current is not None else ""
        for button in area.titleBar().findChildren(QAbstractButton):
            words = _BUTTONS.get(button.objectName(), "")
            if words:
                button.setAccessibleName(f"{words} {shown}")
        for dock in area.dockWidgets():
            for button in dock.tabWidget().findChildren(QAbstractButton):
                button.setAccessibleName(f"Close {self._titles.get(dock.objectName(), '')}")

    def __contains__(self, key: str) -> bool:
        return key in self._docks

    def toggle(self, key: str) -> QAction:
        """The action that shows and hides a dock, with its title."""
        return self._docks[key].toggleViewAction()

    def raise_(self, key: str) -> None:
        """Show a dock in front of the others of its place."""
        self._docks[key].toggleView(True)
        self._docks[key].setAsCurrentTab()

    def float(self, key: str, place: QRect) -> None:
        """Give a dock a window of its own."""
        self._docks[key].setFloating()
        self._docks[key].floatingDockContainer().setGeometry(place)

    def floating(self) -> list[QWidget]:
        """The windows of docks that float."""
        return list(self._manager.floatingWidgets())

    def area(self, key: str) -> QWidget:
        """What a dock stands in, with its tab and those of its neighbours."""
        return self._docks[key].dockAreaWidget()

    def badge(self, key: str, word: str, because: str) -> None:
        """Say on a dock's tab how the data that it depends on are; an empty word takes it away."""
        if self._badges.get(key, ("", "")) == (word, because):
            return
        self._badges[key] = (word, because)
        dock = self._docks[key]
        dock.setWindowTitle(f"{self._titles[key]} · {word}" if word else self._titles[key])
        dock.setIcon(icon("warning", self._theme, "amber") if word else QIcon())
        dock.setTabToolTip(because)

    def badge_of(self, key: str) -> tuple[str, str]:
        """The word on a dock's tab, and why."""
        return self._badges.get(key, ("", ""))

    def _fit_later(self) -> None:
        """After panes were shown, or have taken a new look: before that their layouts say nothing."""
        self._later.start(0)

    # --- layouts ------------------------------------------------------------------------------------------------------

    def share(self, key: str, sizes: tuple[int, ...]) -> None:
        """Share the length between a dock and those beside it in its splitter, in their order."""
        self._manager.setSplitterSizes(self._docks[key].dockAreaWidget(), list(sizes))

    def keep_default(self) -> None:
        """What stands now is what `reset` comes back to."""
        self.fit()
        self._default = self.save()

    def save(self) -> bytes:
        """The layout, sealed."""
        return seal(bytes(self._manager.saveState(LAYOUT_VERSION).data()))

    def restore(self, sealed: bytes) -> bool:
        """Take a layout. False, with nothing changed, where a bit of it was changed: damaged bytes crash Qt."""
        state = unseal(sealed)
        if state is None or not state.startswith(_BEGINNING) or not self._manager.restoreState(state, LAYOUT_VERSION):
            return False
        self._bring_back()
        self.fit()
        return True

    def reset(self) -> None:
        """Every dock where `keep_default` found it; the shares are to be given anew."""
        if self._default is not None:
            self.restore(self._default)

    def _bring_back(self) -> None:
        """Floating windows of a screen that is not there any more come to one that is."""
        for floating in self._manager.floatingWidgets():
            floating.setGeometry(on_screens(floating.geometry()))

    def _toggled(self, _on: bool) -> None:
        self.fit()
        self._changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A dock that was resized is a changed layout, too."""
        if event.type() == QEvent.Type.Resize:
            self._fit_later()
            self._changed()
        return super().eventFilter(watched, event)


def on_screens(place: QRect) -> QRect:
    """A window's place, on one of the screens that are there now."""
    return on_screen(place, [screen.availableGeometry() for screen in QGuiApplication.screens()])


def on_screen(place: QRect, screens: list[QRect]) -> QRect:
    """The same rectangle where enough of it can be seen, else one of that size, or smaller, in the first screen.

    >>> on_screen(QRect(5000, 40, 400, 300), [QRect(0, 0, 1000, 800)])
    PySide6.QtCore.QRect(300, 250, 400, 300)
    """
    if not screens:
        return place
    for screen in screens:
        seen = screen.intersected(place)
        # the title bar must be within reach, else nobody can move the window
        reached = screen.top() <= place.top() <= screen.bottom() - _LEAST_SEEN // 2
        if seen.width() >= min(_LEAST_SEEN, place.width()) and reached:
            return place
    home = screens[0]
    fitting = QRect(0, 0, min(place.width(), home.width()), min(place.height(), home.height()))
    fitting.moveCenter(home.center())
    return fitting


class _Slot(QFrame):
    """Where a pane will be; empty until it is ready."""

    def __init__(self, title: str, least_height: int, names_itself: bool) -> None:
        super().__init__()
        self.least_height = least_height
        self.names_itself = names_itself
        self.setAccessibleName(title)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def take(self, pane: QWidget) -> None:
        self._layout.addWidget(pane)

    def least_width(self) -> int:
        return self._layout.minimumSize().width()
