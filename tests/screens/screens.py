"""The screens of the program that have pictures: how each is made, in which looks, and its picture as an image."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLineEdit, QWidget

from tests.kit.cores import SynchronousCore
from tests.screens import scenery
from workstation.app import add_charts
from workstation.assessment import Assessor
from workstation.desk.document import Document
from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.runtime.crash import Crash
from workstation.ui.dialogs.add_position import AddPositionDialog
from workstation.ui.dialogs.crash_report import CrashDialog
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.watchlist import WatchlistPane
from workstation.ui.ports import Ports
from workstation.ui.theme import DARK, LIGHT, TEXT_SIZES, Theme
from workstation.venues import VENUES

WIDTH, HEIGHT = 1720, 1000
_LOOKS = {"dark": DARK, "light": LIGHT}
_NOW_S = 1_793_600_000.0  # 2026-11-02 06:13:20 UTC: the clock on the wall
_TICKS = 80  # more than one second of the display
_MEMORY = "Memory 243 MB"


@dataclass(frozen=True)
class Shot:
    """One picture: a screen by its name, the theme, the text size in per cent."""

    screen: str
    theme: str = "dark"
    size: int = 100

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.screen}-{self.theme}-{self.size}"


class Stage:
    """A real window at a moment that stands still; `shown` is it and the dialogs over it, the lowest first."""

    def __init__(self, window: MainWindow, theme: Theme) -> None:
        self.window = window
        self.theme = theme
        self.now_s = 1_000.0

    def wait(self, seconds: float) -> None:
        """Let time pass on the window's own clock, and show what people read."""
        self.now_s += seconds
        self.window.clock.slow.emit()

    @property
    def shown(self) -> tuple[QWidget, ...]:
        """Everything on the screen."""
        return (self.window, *(dialog for dialog in self.window.findChildren(QDialog) if dialog.isVisible()))

    def picture(self) -> QImage:
        """The window, with its dialogs where they stand."""
        settle()
        window = QPixmap(self.window.grab())
        painter = QPainter(window)
        for dialog in self.shown[1:]:
            # in the middle, where a window manager would put it
            at = QPoint((WIDTH - dialog.width()) // 2, (HEIGHT - dialog.height()) // 2)
            painter.drawPixmap(at, dialog.grab())
            painter.setPen(self.theme.colour("line2"))
            painter.drawRect(at.x() - 1, at.y() - 1, dialog.width() + 1, dialog.height() + 1)
        painter.end()
        return window.toImage().convertToFormat(QImage.Format.Format_RGB888)


def settle() -> None:
    """Everything that waits for the event loop is done: layouts, paints, deletions."""
    for _ in range(4):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


# --- what is on a screen ----------------------------------------------------------------------------------------------


def _nothing(_stage: Stage) -> None:
    pass


def _freeze(stage: Stage) -> None:
    stage.window.freeze()
    stage.wait(14)


def _add_position(stage: Stage) -> None:
    """Half filled in, with a fault in one field."""
    stage.window.editing.add_position()
    dialog = next(shown for shown in stage.shown if isinstance(shown, AddPositionDialog))
    for key, text in (("symbol", "SOL/USDT:USDT"), ("size", "12.5"), ("entry_price", "18o.20"), ("leverage", "10")):
        editor = dialog.editors[key]
        if isinstance(editor, QLineEdit):
            editor.setText(text)
        elif isinstance(editor, QComboBox):
            editor.setCurrentText(text)


def _palette(stage: Stage) -> None:
    stage.window.show_commands()


def _palette_typed(stage: Stage) -> None:
    stage.window.command_palette.open("long 2.5 SOL @ 180.4 10x cross")


def _csv(stage: Stage) -> None:
    stage.window.files.preview(scenery.PASTED, "positions.csv")


def _crash(stage: Stage) -> None:
    folder = Path("logs")
    dialog = CrashDialog(stage.theme, folder, lambda _folder: True, stage.window)
    dialog.finished.connect(dialog.deleteLater)
    what = "ZeroDivisionError in a slot of the window at panes/positions.py:87: division by zero"
    at = datetime(2026, 11, 1, 21, 14, tzinfo=UTC)
    path = Path("crashes") / "2026-11-01T21-14-05Z.txt"
    dialog.show_crashes((Crash(what, "", path, at, count=3),))
    dialog.show()


@dataclass(frozen=True)
class Screen:
    """A desk on a market, and what is done in the window then."""

    market: Callable[[], MarketView]
    desk: Callable[[], DeskState]
    done: Callable[[Stage], None] = _nothing


SCREENS: dict[str, Screen] = {
    "full": Screen(scenery.simulated, scenery.full_desk),
    "empty": Screen(scenery.simulated, scenery.empty_desk),
    "what-if": Screen(scenery.simulated, scenery.what_if_desk),
    "first-start": Screen(scenery.simulated, scenery.sample_desk),
    "paused": Screen(scenery.paused, scenery.full_desk),
    "feed-killed": Screen(scenery.feed_killed, scenery.full_desk),
    "recorded": Screen(scenery.recorded, scenery.recorded_desk),
    "live": Screen(scenery.live, scenery.full_desk),
    "frozen": Screen(scenery.simulated, scenery.full_desk, _freeze),
    "no-market": Screen(MarketView, scenery.empty_desk),
    "add-position": Screen(scenery.simulated, scenery.full_desk, _add_position),
    "palette": Screen(scenery.simulated, scenery.full_desk, _palette),
    "palette-typed": Screen(scenery.simulated, scenery.full_desk, _palette_typed),
    "csv": Screen(scenery.simulated, scenery.full_desk, _csv),
    "crash": Screen(scenery.simulated, scenery.full_desk, _crash),
}
_IN_EVERY_LOOK = ("full", "empty", "what-if")
_IN_THE_OTHER_EXTREME = ("first-start", "paused", "feed-killed", "recorded", "live", "add-position", "csv")
# Every screen in the first look, the most important ones in every look, and what has much text in the largest.
SHOTS: tuple[Shot, ...] = tuple(
    sorted(
        (
            *(Shot(name) for name in SCREENS),
            *(
                Shot(name, theme, size)
                for name in _IN_EVERY_LOOK
                for theme in _LOOKS
                for size in TEXT_SIZES
                if (theme, size) != ("dark", 100)
            ),
            *(Shot(name, "light", 150) for name in _IN_THE_OTHER_EXTREME),
        ),
        key=lambda shot: (shot.theme, shot.size),  # a change of look lays every widget out anew
    )
)


# --- the window -------------------------------------------------------------------------------------------------------


def _read_nothing(path: Path) -> DeskState:
    raise OSError(f"no picture opens {path}")


def _write_nothing(_state: DeskState, path: Path) -> None:
    raise OSError(f"no picture saves {path}")


@contextmanager
def staged(shot: Shot) -> Generator[Stage]:
    """The window of a picture, with every clock, count and caret at a fixed place; it is gone afterwards."""
    screen = SCREENS[shot.screen]
    QApplication.setCursorFlashTime(0)
    theme = Theme(_LOOKS[shot.theme], shot.size)
    theme.apply()
    core = SynchronousCore(Assessor().assess, screen.market())
    ports = Ports(core, _read_nothing, _write_nothing, tuple(spec.id for spec in VENUES))
    window = MainWindow(Document(screen.desk()), ports, theme)
    stage = Stage(window, theme)
    try:
        window.clock.stop()
        window.clock._now = lambda: stage.now_s
        window.status._now = lambda: _NOW_S
        window.resize(WIDTH, HEIGHT)
        window.show()
        settle()
        add_charts(window)
        settle()
        for _ in range(_TICKS):
            stage.now_s += 1 / 60
            window.clock.tick()
        watchlist = window.panes["watchlist"]
        if isinstance(watchlist, WatchlistPane):
            watchlist._show_waiting()  # what it would do within a quarter of a second
        window.status.memory.setText(_MEMORY)
        screen.done(stage)
        stage.wait(0)
        settle()
        yield stage
    finally:
        for dialog in window.findChildren(QDialog):
            dialog.close()
        window.close()
        window.deleteLater()
        settle()


def put_back() -> None:
    """Leave the application in the first look."""
    Theme(DARK).apply()
