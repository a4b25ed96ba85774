"""Owns the board: takes batches and commands, makes frames. No thread inside."""

from collections.abc import Iterable
from typing import Protocol

from msgspec.structs import replace

from workstation.desk.state import DeskState
from workstation.domain.events import Health
from workstation.domain.playback import FeedDown, FeedFault, FeedSaid, FeedUp, Playback, Source
from workstation.market.board import MarketBoard
from workstation.market.records import Batch
from workstation.market.view import FeedState, MarketView
from workstation.risk.report import RiskReport
from workstation.runtime.messages import Frame, ShowDesk, Watch

RISK_EVERY_S = 0.25  # numbers that people read change four times a second; an edit is answered at once
_QUALITY_EVERY_S = 1.0
_RATE_EVERY_S = 1.0


class Assess(Protocol):
    """The desk's risk in a market: as it is, and its trial (None where nothing is tried)."""

    def __call__(self, market: MarketView, desk: DeskState, /) -> tuple[RiskReport, RiskReport | None]: ...


class Core:
    """What comes in changes the board or the desk; `frame` gives the newest picture, or None where it has not changed.

    `now_s` is any clock in seconds that only goes on.
    """

    def __init__(self, assess: Assess, desk: DeskState) -> None:
        self._assess = assess
        self._desk = desk
        self._board = MarketBoard()
        self._source: Source | None = None
        self._playback: Playback | None = None
        self._feed = FeedState()
        self._said: dict[str, Health] = {}
        self._market = MarketView()
        self._answer: tuple[RiskReport, RiskReport | None] | None = None
        self._answered = desk  # whose answer that is: an older desk where the newest could not be answered
        self._frame: Frame | None = None
        self._desk_changed = True
        self._changed = True
        self._risk_at = self._quality_at = self._rate_at = float("-inf")
        self._heard_before = 0

    # --- in -----------------------------------------------------------------------------------------------------------

    def take(self, batches: Iterable[Batch]) -> None:
        """Records from the ring."""
        for batch in batches:
            self._board.apply(batch)
            self._changed = True

    def hear(self, said: FeedSaid | Health) -> None:
        """What the feed process says beside its records."""
        self._changed = True
        match said:
            case Source():
                if said != self._source:
                    self._playback = None
                self._source, self._said = said, {}  # what was said of the venues before holds no more
                self._board.open(said)
            case Playback():
                self._playback = said
            case FeedDown():
                self._feed = replace(self._feed, up=False, because=said.because, restarts=said.restarts)
            case FeedUp():
                self._feed = replace(self._feed, up=True, because="", restarts=said.restarts, pid=said.pid)
            case FeedFault():
                pass  # it is for the trader's eyes, and changes nothing that a frame shows
            case Health():
                self._said[said.venue] = said

    def lose(self, lost: int) -> None:
        """So many records were overwritten before they were read, since the start."""
        if lost != self._feed.lost:
            self._feed = replace(self._feed, lost=lost)
            self._changed = True

    def obey(self, command: ShowDesk | Watch) -> None:
        """A command that is not for the feed process."""
        match command:
            case ShowDesk(desk):
                self._desk_changed = self._desk_changed or desk is not self._desk
                self._desk = desk
            case Watch(charts):
                self._board.watch(charts)
                self._changed = True

    # --- out ----------------------------------------------------------------------------------------------------------

    @property
    def must_answer(self) -> bool:
        """An edit waits for its answer."""
        return self._desk_changed

    def frame(self, now_s: float) -> Frame | None:
        """The newest picture; None where the last one still holds."""
        if now_s - self._quality_at >= _QUALITY_EVERY_S:
            self._quality_at = now_s
            self._board.look_at_quality()
            self._count(now_s)
        market = self._look(now_s)
        if self._desk_changed or self._answer is None or market.marks is not self._market.marks:
            # before the answer: where it fails, the desk must not be asked about again at every pulse
            self._desk_changed = False
            self._risk_at = now_s
            desk = self._desk
            self._answer = self._assess(market, desk)
            self._answered = desk
        elif market is self._market and self._frame is not None:
            return None
        self._market = market
        risk, what_if = self._answer
        self._frame = Frame(market, self._answered, risk, what_if)
        return self._frame

    def _look(self, now_s: float) -> MarketView:
        """The market now; the very same view where nothing has changed."""
        if not self._changed and self._board_is_still():
            return self._market
        self._changed = False
        instruments = self._board.instruments()
        marks = self._market.marks
        if self._desk_changed or now_s - self._risk_at >= RISK_EVERY_S:
            newest = self._board.marks()
            marks = marks if newest == marks else newest
        else:
            self._changed = True  # the marks are due later, even if nothing more comes in
        return MarketView(
            marks=marks,
            collateral_prices={},
            instruments=instruments,
            source=self._source,
            playback=self._playback,
            feed=self._feed,
            venues={**self._board.venues(), **self._said},
            at_ms=self._board.at_ms,
        )

    def _board_is_still(self) -> bool:
        return self._board.instruments() is self._market.instruments

    def _count(self, now_s: float) -> None:
        span = now_s - self._rate_at
        if span < _RATE_EVERY_S:
            return
        rate = 0.0 if span == float("inf") else round((self._board.heard - self._heard_before) / span, 1)
        self._rate_at, self._heard_before = now_s, self._board.heard
        if (rate, self._board.refused) != (self._feed.events_per_s, self._feed.refused):
            self._feed = replace(self._feed, events_per_s=rate, refused=self._board.refused)
            self._changed = True
