"""The core: frames in which market, desk and risk agree, made only where something changed."""

import pytest
from msgspec.structs import replace

from tests.kit.frames import sample_desk
from tests.kit.market import START, SYMBOL, VENUE, batch, clock, source
from workstation.desk.state import DeskState
from workstation.domain.events import Health, Mark
from workstation.domain.playback import FeedDown, FeedUp, Playback
from workstation.market.view import MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.core import RISK_EVERY_S, Core
from workstation.runtime.messages import Frame, ShowDesk, Watch


class Asked:
    """Answers with an empty report and remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[MarketView, DeskState]] = []

    def __call__(self, market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        self.questions.append((market, desk))
        return RiskReport(str(len(self.questions)), ()), None


def made(core: Core, now_s: float) -> Frame:
    frame = core.frame(now_s)
    assert frame is not None
    return frame


def test_an_edit_is_answered_at_once_and_the_frame_says_which_desk_it_answers() -> None:
    asked = Asked()
    core = Core(asked, DeskState())
    assert made(core, 0.0).desk == DeskState()
    desk = sample_desk()
    core.obey(ShowDesk(desk))
    assert core.must_answer
    frame = made(core, 0.001)
    assert frame.desk is desk
    assert frame.risk.as_of == "2"
    assert not core.must_answer


def test_where_nothing_changed_there_is_no_frame() -> None:
    core = Core(Asked(), DeskState())
    made(core, 0.0)
    assert core.frame(5.0) is None
    core.obey(ShowDesk(core._desk))
    assert core.frame(6.0) is None


def test_marks_move_the_risk_four_times_a_second_and_the_charts_at_once() -> None:
    asked = Asked()
    core = Core(asked, sample_desk())
    core.take([batch(Mark(VENUE, SYMBOL, START, 100.0))])
    first = made(core, 10.0)
    assert first.market.mark(VENUE, SYMBOL) == 100
    core.take([batch(Mark(VENUE, SYMBOL, START + 1, 101.0))])
    second = made(core, 10.016)
    assert second.market.instruments[VENUE, SYMBOL].mark == 101.0
    assert second.market.marks is first.market.marks
    assert second.risk is first.risk
    third = made(core, 10.0 + RISK_EVERY_S)
    assert third.market.mark(VENUE, SYMBOL) == 101
    assert third.risk is not first.risk
    assert asked.questions[-1][0] is third.market
    assert core.frame(10.0 + 2 * RISK_EVERY_S) is None


def test_an_edit_is_answered_at_the_newest_marks() -> None:
    asked = Asked()
    core = Core(asked, DeskState())
    made(core, 0.0)
    core.take([batch(Mark(VENUE, SYMBOL, START, 7.0))])
    core.obey(ShowDesk(sample_desk()))
    assert made(core, 0.001).market.mark(VENUE, SYMBOL) == 7


def test_risk_is_not_computed_anew_while_marks_stand_still() -> None:
    asked = Asked()
    core = Core(asked, sample_desk())
    core.take([batch(Mark(VENUE, SYMBOL, START, 7.0))])
    made(core, 0.0)
    for i in range(1, 20):
        core.take([clock(START + i), batch(Mark(VENUE, SYMBOL, START + i, 7.0))])
        core.frame(float(i))
    assert len(asked.questions) == 1


def test_what_the_feed_process_says_is_in_the_frame() -> None:
    core = Core(Asked(), DeskState())
    assert made(core, 0.0).market.feed.up is False
    for said in (
        source(),
        FeedUp(4711, 0),
        Playback(START, 60, paused=False),
        Health("okx", "", "down", 1, "the socket closed"),
    ):
        core.hear(said)
    market = made(core, 0.1).market
    assert market.source == source()
    assert market.playback == Playback(START, 60, paused=False)
    assert (market.feed.up, market.feed.pid) == (True, 4711)
    assert market.venues["okx"].because == "the socket closed"
    core.hear(FeedDown("killed", 1))
    core.lose(12)
    feed = made(core, 0.2).market.feed
    assert (feed.up, feed.because, feed.restarts, feed.lost) == (False, "killed", 1, 12)


def test_a_desk_that_cannot_be_answered_is_not_asked_about_at_every_pulse() -> None:
    def breaks(_market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        if desk.accounts:
            raise RuntimeError("a bug")
        return RiskReport("", ()), None

    core = Core(breaks, DeskState())
    made(core, 0.0)
    core.obey(ShowDesk(sample_desk()))
    with pytest.raises(RuntimeError, match="a bug"):
        core.frame(0.1)
    assert not core.must_answer
    core.obey(ShowDesk(DeskState(betas={})))
    assert made(core, 0.2).desk.accounts == ()


def test_numbers_of_one_desk_are_never_shown_as_another_ones() -> None:
    """After an answer that failed the frames go on with the desk that was answered last, which the window greys."""

    def breaks(_market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]:
        if desk.accounts:
            raise RuntimeError("a bug")
        return RiskReport("", ()), None

    before = DeskState()
    core = Core(breaks, before)
    answered = made(core, 0.0)
    core.obey(ShowDesk(sample_desk()))
    with pytest.raises(RuntimeError, match="a bug"):
        core.frame(0.1)
    core.take([clock(START)])
    frame = made(core, 0.12)
    assert (frame.desk, frame.risk) == (before, answered.risk)
    assert frame.desk is before


def test_nothing_of_one_market_stands_under_the_name_of_another() -> None:
    core = Core(Asked(), DeskState())
    core.hear(source())
    core.hear(Playback(START, 60, paused=False))
    core.hear(Health("okx", "", "down", 1, "the socket closed"))
    core.take([batch(Mark(VENUE, SYMBOL, START, 7.0))])
    before = made(core, 0.0).market
    assert ("okx" in before.venues, set(before.instruments)) == (True, {(VENUE, SYMBOL)})
    core.hear(source())  # the feed process was restarted: the same market goes on
    same = made(core, 0.1).market
    assert (same.playback, set(same.instruments)) == (before.playback, {(VENUE, SYMBOL)})
    other = replace(source(), name="another")
    core.hear(other)
    after = made(core, 1.2).market
    assert after.source == other
    assert (after.playback, after.venues, after.instruments, after.marks) == (None, {}, {}, {})


def test_a_watched_timeframe_makes_a_frame() -> None:
    core = Core(Asked(), DeskState())
    made(core, 0.0)
    core.obey(Watch(frozenset({(VENUE, SYMBOL, 300_000)})))
    assert core.frame(0.1) is not None


def test_frames_are_values() -> None:
    core = Core(Asked(), DeskState())
    frame = made(core, 0.0)
    assert replace(frame) == frame
