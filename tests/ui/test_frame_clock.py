"""The frame clock: the newest frame once a tick, a screen that can be held, and an honest word while it is behind."""

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from tests.kit.cores import SynchronousCore
from tests.kit.markets import market
from workstation.desk.state import DeskState
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import ShowDesk
from workstation.ui.frame_clock import PATIENCE_S, TICK_MS, FrameClock


def nothing(_market: MarketView, _desk: DeskState) -> tuple[RiskReport, None]:
    return RiskReport("", ()), None


class Bench:
    """A clock by hand, over a core that answers at once, and a desk that can be edited."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.desk = DeskState()
        self.core = SynchronousCore(nothing)
        self.clock = FrameClock(self.core, lambda: self.desk, lambda: self.seconds)
        self.came = list[object]()
        self.said = list[bool]()
        self.slow = 0
        self.clock.came.connect(lambda: self.came.append(self.clock.frame))
        self.clock.recomputing.connect(self.said.append)
        self.clock.slow.connect(self._count)

    def _count(self) -> None:
        self.slow += 1

    def tick(self, after: float = TICK_MS / 1000) -> None:
        self.seconds += after
        self.clock.tick()


def test_a_frame_is_shown_once(qapp: object):
    bench = Bench()
    bench.core.post(ShowDesk(bench.desk))
    bench.tick()
    bench.tick()
    assert bench.came == [bench.clock.frame]
    assert bench.clock.frame is not None
    assert bench.clock.frame.desk is bench.desk


def test_a_frozen_screen_goes_on_with_the_newest_frame(qapp: object):
    bench = Bench()
    bench.core.post(ShowDesk(bench.desk))
    bench.tick()
    bench.clock.freeze(True)
    for _ in range(3):
        bench.core.show_market(market())
        bench.tick(1.0)
    assert len(bench.came) == 1
    assert bench.clock.frozen_s == 3.0
    bench.clock.freeze(False)
    assert len(bench.came) == 2
    assert bench.clock.frozen_s is None
    assert bench.clock.frame is not None
    assert bench.clock.frame.market is bench.core.market


def test_a_screen_that_is_behind_the_desk_says_so_after_a_moment(qapp: object):
    bench = Bench()
    bench.core.post(ShowDesk(bench.desk))
    bench.tick()
    bench.desk = replace(bench.desk, as_of="2025-10-10")
    bench.tick()
    bench.tick(0.9 * PATIENCE_S)
    assert bench.said == []
    bench.tick()
    assert bench.said == [True]
    bench.core.post(ShowDesk(bench.desk))
    bench.tick()
    assert bench.said == [True, False]


def test_quick_answers_are_never_called_late(qapp: object):
    bench = Bench()
    for day in range(10, 30):
        bench.desk = replace(bench.desk, as_of=f"2025-10-{day}")
        bench.tick(PATIENCE_S / 2)
        bench.core.post(ShowDesk(bench.desk))
        bench.tick(PATIENCE_S / 2)
    assert bench.said == []


def test_text_is_told_four_times_a_second(qapp: object):
    bench = Bench()
    for _ in range(128):
        bench.tick(1 / 64)
    assert bench.slow == 8


def test_ticks_are_counted_over_the_last_second(qapp: object):
    bench = Bench()
    assert bench.clock.ticks_per_s is None
    for _ in range(100):
        bench.tick(1 / 50)
    assert bench.clock.ticks_per_s is not None
    assert abs(bench.clock.ticks_per_s - 50) <= 1
    for _ in range(10):
        bench.tick(0.2)
    assert abs(bench.clock.ticks_per_s - 5) <= 1


def test_the_timer_ticks_until_it_is_stopped(qtbot: QtBot):
    bench = Bench()
    bench.clock.start()
    bench.core.post(ShowDesk(bench.desk))
    qtbot.waitUntil(lambda: len(bench.came) == 1)
    bench.clock.stop()
    bench.core.show_market(market())
    qtbot.wait(5 * TICK_MS)
    assert len(bench.came) == 1
