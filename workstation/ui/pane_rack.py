"""PaneRack: the panes of a window, each in its dock, and what each of them was shown last."""

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QWidget

from workstation.runtime.messages import Frame
from workstation.ui.docking import Docks
from workstation.ui.panes.base import Focus, Hands, Pane
from workstation.ui.theme import Theme


class PaneRack:
    """A pane that cannot be seen is painted when it can. `place` takes panes that stand in no dock: it says whether it
    took one.
    """

    def __init__(
        self, window: QWidget, theme: Theme, hands: Hands, docks: Docks, place: Callable[[Pane], bool]
    ) -> None:
        self.panes: dict[str, Pane] = {}
        self._window = window
        self._theme = theme
        self._hands = hands
        self._docks = docks
        self._place = place
        self._shown: dict[str, Frame] = {}
        self._focus: Focus | None = None
        self._recomputing = False
        self._stale = False

    def add(self, kinds: Iterable[type[Pane]]) -> tuple[Pane, ...]:
        """Make panes and put them where they belong; what no layout knows becomes a tab beside the positions."""
        made = tuple(kind(self._theme, self._hands) for kind in kinds)
        for pane in made:
            self.panes[pane.key] = pane
            if not self._place(pane):
                if pane.key not in self._docks:
                    self._docks.add(pane.key, pane.title, "tab", "positions")
                self._docks.put(pane.key, pane)
            if self._focus is not None:
                pane.show_focus(self._focus)
            if self._recomputing or self._stale:
                pane.show_greyed(True)
        return made

    def show(self, frame: Frame | None) -> None:
        """Show a frame to every pane that can be seen and was not shown it yet; before the window is seen, to all."""
        if frame is None:
            return
        # prices that the desk states itself do not depend on the feed
        market = frame.market
        self._grey(self._recomputing, market.source is not None and not market.feed.up and not frame.desk.marks)
        for key, pane in self.panes.items():
            if self._shown.get(key) is not frame and (pane.isVisible() or not self._window.isVisible()):
                self._shown[key] = frame
                pane.show_frame(frame)

    def show_focus(self, focus: Focus) -> None:
        """Let every pane follow."""
        self._focus = focus
        for pane in self.panes.values():
            pane.show_focus(focus)

    def show_recomputing(self, recomputing: bool) -> None:
        """The frame on screen does not answer the desk's newest edit, or does again."""
        self._grey(recomputing, self._stale)

    def _grey(self, recomputing: bool, stale: bool) -> None:
        before, now = self._recomputing or self._stale, recomputing or stale
        self._recomputing, self._stale = recomputing, stale
        if now != before:
            for pane in self.panes.values():
                pane.show_greyed(now)
