"""Markets: which market is shown, how its clock is steered, and which contract of it every pane follows."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workstation.desk.trial import looked_at
from workstation.domain.playback import PracticeMarket, Recording, Steering, WhichMarket
from workstation.runtime.messages import Frame, OpenMarket, Watch
from workstation.ui.panes.base import FIRST_INTERVAL_MS, Focus
from workstation.ui.ports import CoreLink


class Markets(QObject):
    """`looked` comes after the focus changed. `wanted` is what the trader chose last, even where no market has it."""

    looked = Signal()

    def __init__(self, core: CoreLink, wanted: Focus | None, window: QWidget) -> None:
        super().__init__(window)
        self.focus: Focus | None = None
        self.wanted = wanted
        self._core = core
        self._window = window

    def look_at(self, focus: Focus) -> None:
        """Let every pane follow a contract and a timeframe."""
        self.wanted = focus
        self._take(focus)

    def _take(self, focus: Focus) -> None:
        if focus != self.focus:
            self.focus = focus
            self._core.post(Watch(frozenset({(focus.venue, focus.symbol, focus.interval_ms)})))
            self.looked.emit()

    def find_focus(self, frame: Frame) -> None:
        """Where the market does not have the focus: what was wanted last, else what is held, else its first."""
        known = frame.market.instruments
        if not known or (self.focus is not None and (self.focus.venue, self.focus.symbol) in known):
            return
        wanted = [] if self.wanted is None else [(self.wanted.venue, self.wanted.symbol)]
        held = [(own.venue, leg.symbol) for own in looked_at(frame.desk) for leg in own.positions]
        venue, symbol = next(name for name in (*wanted, *held, *known) if name in known)
        interval = FIRST_INTERVAL_MS if self.wanted is None else self.wanted.interval_ms
        self._take(Focus(venue, symbol, interval))

    def steer(self, steering: Steering) -> None:
        """Steer a replayed or simulated market."""
        self._core.post(steering)

    def open(self, market: WhichMarket) -> None:
        """Show another market."""
        self._core.post(OpenMarket(market))

    def practise(self) -> None:
        """Show the practice market from its beginning."""
        self.open(PracticeMarket())

    def open_recording(self, folder: Path) -> None:
        """Show a recorded market."""
        self.open(Recording(str(folder)))

    def _open_named(self, name: str) -> None:
        self.open_recording(Path(name))

    def ask_recording(self) -> None:
        """Let the trader choose a recording's folder."""
        dialog = QFileDialog(self._window, "Open recording: choose its folder")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._open_named)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
