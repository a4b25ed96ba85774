"""Builds every object once, in order; commands go to the command line. The only place for late imports."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from workstation import __version__, cli
from workstation.assessment import Assessor
from workstation.desk.document import Document
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.domain.playback import FASTEST, SLOWEST, FeedFault, PracticeMarket, Recording, WhichMarket
from workstation.domain.problem import BadInput
from workstation.packaged import resources
from workstation.storage.files import (
    Reserve,
    config_folder,
    read_with_backup,
    session_folder,
    state_folder,
    write_atomically,
)
from workstation.venues import VENUES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from workstation.runtime.crash import CrashReports
    from workstation.runtime.thread import CoreThread
    from workstation.storage.autosave import Autosave, Session
    from workstation.ui.garbage import Garbage
    from workstation.ui.main_window import MainWindow

_LOG = logging.getLogger(__name__)
SAMPLE = ("samples", "sample-account.json")
SETTLED_MS = 5_000  # a window that stood so long has started well
SELF_CHECK_S = 60.0  # a slow machine; what is checked takes about two seconds
NO_DISPLAY = (
    "No display here: use  xvfb-run -a workstation  for a virtual one, "
    "or  workstation margin FILE  for the command line."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The `workstation` command: a window, or one of the commands that need none. Returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] == "record":
        from workstation.feeds.record_practice import add_record_options, run_record

        return cli.main(words, cli.Late(add_record_options, run_record))
    if words and (words[0] in cli.COMMANDS or words[0] in ("-h", "--help", "--version")):
        return cli.main(words)
    options = _parser().parse_args(words)
    if not has_display():
        print(NO_DISPLAY, file=sys.stderr)  # noqa: T201
        return cli.ENVIRONMENT
    return Workstation(options).run()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workstation", epilog=f"Commands without a window: {', '.join(cli.COMMANDS)}; see workstation --help."
    )
    parser.add_argument("portfolio", nargs="?", type=Path, metavar="PORTFOLIO", help="portfolio file to open")
    parser.add_argument("--replay", type=Path, metavar="FOLDER", help="play a recording in place of the market")
    parser.add_argument("--speed", type=_speed, default=None, metavar="N", help="market seconds in one of ours")
    parser.add_argument("--seed", type=int, default=7, metavar="N", help="of the practice market (7)")
    parser.add_argument("--offline", action="store_true", help="use no network: the practice market")
    parser.add_argument("--safe-mode", action="store_true", help="leave the stored layout alone")
    parser.add_argument("--theme", choices=("dark", "light"), help="the look (that of the last session)")
    parser.add_argument("--self-check", action="store_true", help="open the window, wait for its market, quit")
    return parser


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = float("nan")
    if not SLOWEST <= speed <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; write a number from {SLOWEST} to {FASTEST}")
    return speed


def has_display() -> bool:
    """Qt aborts the process where it finds none, so we look first. QT_QPA_PLATFORM (offscreen) is an answer too."""
    return sys.platform != "linux" or any(
        os.environ.get(name) for name in ("WAYLAND_DISPLAY", "DISPLAY", "QT_QPA_PLATFORM")
    )


def read_path(path: Path) -> DeskState:
    """A portfolio file. Raises BadInput with every fault of its form or where it cannot be read."""
    return cli.read_file(str(path))


def read_backup(path: Path) -> tuple[DeskState, str] | None:
    """The desk in the backup of a damaged file, which takes that file's place; None where no backup is sound."""
    try:
        state, recovered = read_with_backup(path, read_portfolio)
    except (BadInput, OSError):
        return None
    return None if recovered is None else (state, str(recovered))


def sample_path() -> Path:
    """The packed sample account."""
    return Path(str(resources().joinpath(*SAMPLE)))


def _is_sample(path: Path) -> bool:
    return path.exists() and path.samefile(sample_path())


def market_of(options: argparse.Namespace) -> WhichMarket:
    """Which market the command line asks for."""
    if options.replay is not None:
        return Recording(str(options.replay), options.speed or 60)
    return PracticeMarket(options.seed, options.speed or 60)


def core_thread(on_fault: Callable[[BaseException], None], on_feed_fault: Callable[[FeedFault], None]) -> "CoreThread":
    """The core on its thread with a feed process behind it; neither runs yet."""
    from workstation.runtime.core import Core
    from workstation.runtime.feed_link import NamedTarget
    from workstation.runtime.feed_process import FeedProcess
    from workstation.runtime.thread import CoreThread

    feed = FeedProcess(NamedTarget("workstation.feeds.program", "run"))  # by its name, since it brings duckdb with it
    return CoreThread(Core(Assessor().assess, DeskState()), feed, on_fault, on_feed_fault)


def add_charts(window: "MainWindow") -> None:
    """Add the panes that bring pyqtgraph with them, which is not loaded before the first paint, and link their time."""
    from workstation.ui.charts.linked_view import link_views
    from workstation.ui.panes.liquidations import LiquidationsPane
    from workstation.ui.panes.open_interest import OpenInterestPane
    from workstation.ui.panes.price import PricePane

    kinds = (PricePane, OpenInterestPane, LiquidationsPane)
    link_views([pane.linked for pane in window.add_panes(kinds) if isinstance(pane, kinds)])


def _is_in_its_file(session: "Session") -> bool:
    """Killed right after a save: nothing was lost."""
    try:
        return session.path is not None and read_path(session.path) == session.state
    except BadInput:
        return False


class Workstation:
    """One session of the program with its window: opened, run, and closed again in order."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._checked: bool = False

    def run(self) -> int:
        """Returns the exit code when the window is closed."""
        from PySide6.QtWidgets import QApplication

        from workstation.runtime.crash import CrashReports
        from workstation.runtime.logs import start_logs

        logs = start_logs(state_folder() / "logs")
        reports = CrashReports(state_folder() / "crashes", __version__, logs.redactor, logs.recent)
        reports.install()
        reports.take_hard_crashes()
        reports.watch_hard_crashes()
        try:
            return self._run(QApplication(sys.argv[:1]), reports)
        finally:
            reports.remove()
            logs.stop()

    def _run(self, application: "QApplication", reports: "CrashReports") -> int:
        """The market begins first: its process has a history to compute while the window is loaded and built."""
        from workstation.ui.garbage import Garbage
        from workstation.ui.qt_messages import hear_qt, hear_qt_no_more

        garbage = Garbage(application)  # before any thread of ours could collect
        hear_qt(reports)
        words = SimpleQueue[str]()
        core = core_thread(
            lambda error: reports.take(error, "the core"),
            lambda fault: reports.take_feed_fault(fault) if fault.report else words.put(fault.text),
        )
        core.open(market_of(self._options))
        try:
            return self._run_window(application, reports, core, words, garbage)
        finally:
            if not core.stop():
                _LOG.warning("the core did not end in time")
            garbage.stop()
            hear_qt_no_more()

    def _run_window(
        self,
        application: "QApplication",
        reports: "CrashReports",
        core: "CoreThread",
        words: SimpleQueue[str],
        garbage: "Garbage",
    ) -> int:
        from workstation.runtime.watchdog import Watchdog
        from workstation.storage.autosave import Autosave
        from workstation.storage.starts import StartGuard
        from workstation.storage.workspace import WorkspaceFile
        from workstation.storage.writer import Writer
        from workstation.ui.dialogs.crash_report import CrashWatch
        from workstation.ui.heartbeat import Heartbeat
        from workstation.ui.main_window import MainWindow
        from workstation.ui.ports import Ports
        from workstation.ui.theme import DARK, LIGHT, Theme

        guard = StartGuard(state_folder() / "starts.json")
        trust_layout = guard.begin(safe_mode=self._options.safe_mode)
        kept = WorkspaceFile(config_folder() / "workspace.json")
        workspace = kept.read()
        theme = Theme(LIGHT if (self._options.theme or workspace.theme) == "light" else DARK, workspace.text_size)
        theme.apply()
        reserve = Reserve(session_folder().parent / "reserve")
        writer = Writer()
        document = Document()
        ports = Ports(
            core,
            read_path,
            lambda state, path: write_atomically(path, write_portfolio(state), reserve),
            tuple(spec.id for spec in VENUES),
            lambda workspace: writer.do(lambda: kept.write(workspace, words.put)),
            read_backup,
        )
        window = MainWindow(document, ports, theme, workspace, trust_layout=trust_layout)
        watchdog = Watchdog()
        heart = Heartbeat(watchdog.beat, window.notices.add, words, window)
        crashes = CrashWatch(reports, theme, window, window.close)
        autosave = Autosave(session_folder(), heart.say, reserve=reserve)
        # a portfolio that is opened clears the notices: what was wrong before it is said after it
        for problem in filter(None, (kept.problem, window.notices.text())):
            heart.say(problem)
        self._open_desk(window, autosave, heart.say)
        document.listen(
            lambda: autosave.post(
                document.state, document.path, is_saved=document.is_saved and document.state.trial is None
            )
        )
        core.start()  # not sooner: its thread would take the processor from the one that builds the window
        window.show()
        self._after_first_paint(window, lambda: (writer.do(reserve.keep), writer.do(guard.well), garbage.settle()))
        watchdog.start()
        if self._options.self_check:
            self._check(application, window)
        code = application.exec()
        heart.tick()
        watchdog.stop()
        heart.stop()
        crashes.stop()
        # where the system ends the session nobody is asked: the journal then keeps what is unsaved
        if not autosave.close(discard=window.was_asked or document.is_saved):
            _LOG.warning("the journal of this session could not be closed in time")
        if not writer.close():
            _LOG.warning("the layout could not be stored in time")
        return code if not self._options.self_check or self._checked else cli.BUG

    def _open_desk(self, window: "MainWindow", autosave: "Autosave", say: Callable[[str], None]) -> None:
        """The file that was asked for; else what an earlier session left unsaved; else its last file; else a sample."""
        from workstation.storage.autosave import restored_text, unfinished

        asked: Path | None = self._options.portfolio
        if asked is not None and not _is_sample(asked):
            window.files.open(asked)
            return
        session = None if self._options.self_check else unfinished(session_folder(), say)
        if session is not None and _is_in_its_file(session):
            session.discard()
            session = None
        if session is not None:
            window.document.restored(session.state, session.path)
            window.notices.add(restored_text(session), good=not session.problem)
            autosave.take_over(session)
            return
        recent = [Path(path) for path in window.recent.paths if Path(path).is_file()]
        if recent and asked is None:
            window.files.open(recent[0])
        else:
            # without a path: a save asks for one, and never writes into the program's own folder
            window.document.opened(read_path(sample_path()), None)

    def _after_first_paint(self, window: "MainWindow", settled: Callable[[], object]) -> None:
        """The charts come once the window stands; everything else of a start once it stood for a while."""
        from PySide6.QtCore import QTimer

        from workstation.ui.first_paint import FirstPaint

        def painted() -> None:
            add_charts(window)
            QTimer.singleShot(SETTLED_MS, window, settled)

        FirstPaint(window, painted)

    def _check(self, application: "QApplication", window: "MainWindow") -> None:
        """Quit as soon as the window shows a market with charts; say what is missing where it never does."""
        from PySide6.QtCore import QTimer

        end = time.monotonic() + SELF_CHECK_S
        timer = QTimer(window)

        def look() -> None:
            market = window.market()
            lacking = [
                word
                for word, there in (
                    ("the feed process", market.feed.up),
                    ("a market", bool(market.instruments)),
                    ("prices of it", bool(market.marks)),
                    ("the charts", "price" in window.panes),
                )
                if not there
            ]
            if lacking and time.monotonic() < end:
                return
            timer.stop()
            self._checked = not lacking
            text = f"self-check: {', '.join(lacking)} did not come" if lacking else "self-check: all is well"
            print(text, file=sys.stderr if lacking else sys.stdout)
            application.quit()

        timer.timeout.connect(look)
        timer.start(50)
