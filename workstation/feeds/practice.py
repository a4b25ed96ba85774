"""PracticeTape: the practice market as a tape. Simulated leveraged traders, for use without a network; never real."""

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from workstation.domain.events import KnownPosition
from workstation.domain.playback import Source
from workstation.feeds.practice_book import DISTANCES
from workstation.feeds.practice_contracts import LISTINGS, VENUE, Integers, infos
from workstation.feeds.practice_market import ROUND_MS, Market
from workstation.feeds.practice_records import MINUTE_MS, Scribe, in_order
from workstation.feeds.practice_traders import ACCOUNTS
from workstation.feeds.tape import MOST_HISTORY
from workstation.market.records import Kind, Name, Records, blank

START_MS = 1_793_534_400_000  # 2026-11-01 12:00 UTC
HOUR_MS = 3_600_000
HISTORY_H = 12  # before the start
KEPT_H = 500  # of history; more than MOST_HISTORY rows of everything
CLOSE_H, FAR_H = 24, 12  # snapshots are kept hourly for so long, then one in so many hours
_BREATH_MS = 600_000  # of simulating in silence, then whoever waits may look up


class _Hour(msgspec.Struct):
    """The kept rows of one hour, in the order in which they became known."""

    begin_ms: int
    parts: list[tuple[Records, Integers]]


class PracticeTape:
    """The same seed gives the same records to the bit, however time is cut and wherever it is set back to.

    `seed` is 0 or more, `start_ms` a full hour (else ValueError); the brackets are those of its day
    (LookupError where some are not known). At that moment the marks are the listed prices: BTC 100 000, ETH 4 000.
    Twelve hours before it are history.
    Setting the clock back more than KEPT_H hours means simulating anew from the first second.
    """

    def __init__(self, seed: int, start_ms: int = START_MS) -> None:
        if start_ms % HOUR_MS:
            raise ValueError("the practice market starts at a full hour")
        self._start_ms = start_ms
        self._origin_ms = start_ms - HISTORY_H * HOUR_MS
        self._seed = seed
        self._source = Source("simulated", f"practice market, seed {seed}", self._origin_ms, None, infos())
        self._begin()

    def _begin(self) -> None:
        self._market = Market(self._seed, self._origin_ms, self._start_ms)
        self._stands = self._origin_ms
        self._hours: list[_Hour] = []
        self._snapshots = {self._origin_ms: self._market.copy()}
        self._take_up()

    def _take_up(self) -> None:
        """Begin to write where the market is, at a full hour."""
        self._scribe = Scribe(self._market.contracts, self._market.last_price())
        self._round = self._moment = self._moment_before = _nothing()

    @property
    def source(self) -> Source:
        """Always simulated, and says so."""
        return self._source

    @property
    def names(self) -> Sequence[Name]:
        """The eight contracts, in the order of LISTINGS."""
        return [(VENUE, listing.symbol) for listing in LISTINGS]

    @property
    def start_ms(self) -> int:
        """Twelve hours after the first second."""
        return self._start_ms

    # --- the tape -----------------------------------------------------------------------------------------------------

    def rewind(self, to_ms: int) -> Iterator[Records]:
        """What was known at that moment: history, then the newest mark, quote, depth and forming candle.

        Where much must be simulated for it, empty pieces come in between, so that the reader can do something else.
        """
        to_ms = max(to_ms, self._origin_ms)
        self._go_back(to_ms)
        while self._market.at_ms < to_ms:
            self._play(speaks=self._market.at_ms + 2 * ROUND_MS >= to_ms)
            if self._market.at_ms % _BREATH_MS == 0:
                yield blank(0)
        self._stands = to_ms
        kept, known = in_order([part for hour in self._hours for part in hour.parts] or [_nothing()])
        yield _newest(kept[: np.searchsorted(known, to_ms, "right")], MOST_HISTORY)
        moment, known = in_order([self._moment_before, self._moment])
        moment = moment[: np.searchsorted(known, to_ms, "right")]
        is_over = (moment["kind"] == Kind.CANDLE) & (moment["at_ms"] + MINUTE_MS <= to_ms)  # its closed candle is there
        yield _newest(moment[~is_over], 1)

    def until(self, to_ms: int) -> Iterator[Records]:
        """A piece for each round of ten seconds or part of one; the tape stands where the last piece ended."""
        while self._stands < to_ms:
            if self._stands >= self._market.at_ms:
                self._play(speaks=True)
            records, known = self._round
            upto = min(to_ms, self._market.at_ms)
            first, last = np.searchsorted(known, [self._stands, upto], "right")
            self._stands = upto
            if last > first:
                yield records[first:last]

    def known_positions(self, at_ms: int) -> list[KnownPosition]:
        """Every open position at the end of the last round up to that moment. The tape stays where it stands.

        `leverage` is that of the entry. Makers have one position a contract, account "makers", carried at the mark and
        never liquidated, so that longs and shorts are the same.
        """
        end_ms = max(at_ms - at_ms % ROUND_MS, self._origin_ms)
        market = self._market
        if market.at_ms != end_ms:
            market = self._snapshots[max(at for at in self._snapshots if at <= end_ms)].copy()
            while market.at_ms < end_ms:
                market.step()
        return positions(market, at_ms)

    # --- playing ------------------------------------------------------------------------------------------------------

    def _play(self, *, speaks: bool) -> None:
        """One round. Only where it `speaks` are the rows made of which merely the newest counts."""
        market = self._market
        begin_ms = market.at_ms
        if begin_ms % HOUR_MS == 0:
            self._turn_hour(begin_ms)
        played = market.step()
        kept = self._scribe.follow(played)
        if len(kept[0]):
            self._hours[-1].parts.append(kept)
        self._moment_before, self._moment, self._round = self._moment, _nothing(), _nothing()
        if speaks:
            self._moment = self._scribe.moment(played)
            self._round = in_order([self._moment, kept])

    def _turn_hour(self, begin_ms: int) -> None:
        if self._hours:
            self._hours[-1].parts = [in_order(self._hours[-1].parts or [_nothing()])]
        self._hours.append(_Hour(begin_ms, []))
        del self._hours[:-KEPT_H]
        self._snapshots.setdefault(begin_ms, self._market.copy())
        for at_ms in list(self._snapshots):
            age_h, number = (begin_ms - at_ms) // HOUR_MS, (at_ms - self._origin_ms) // HOUR_MS
            is_spare = age_h > CLOSE_H and (number % FAR_H != 0 or age_h > KEPT_H)
            if is_spare and at_ms != self._origin_ms:
                del self._snapshots[at_ms]

    def _go_back(self, to_ms: int) -> None:
        """Be before that moment by two rounds at least, and not by more than need be."""
        if self._market.at_ms + 2 * ROUND_MS <= to_ms:
            return
        wanted = max(to_ms - 2 * ROUND_MS, self._origin_ms)
        at_ms = max(at for at in self._snapshots if at <= wanted)
        oldest = self._hours[0].begin_ms if self._hours else self._origin_ms
        if oldest > self._origin_ms and at_ms - oldest < MOST_HISTORY * 60_000:
            at_ms = self._origin_ms  # what was known then has been given up
        self._market = self._snapshots[at_ms].copy()
        self._hours = [hour for hour in self._hours if hour.begin_ms < at_ms]
        self._take_up()


def _nothing() -> tuple[Records, Integers]:
    return blank(0), np.zeros(0, np.int64)


def _newest(records: Records, most: int) -> Records:
    """The newest rows of each kind, instrument and (of depth) distance, in the order in which they came."""
    distance = np.where(records["kind"] == Kind.DEPTH, np.searchsorted(DISTANCES, records["values"][:, 0]), 0)
    group = (records["kind"].astype(np.int64) * len(LISTINGS) + records["instrument"]) * len(DISTANCES) + distance
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], group[order], "right")
    newest = order[ends - np.arange(len(order)) <= most]
    return records[np.sort(newest)]


def positions(market: Market, at_ms: int) -> list[KnownPosition]:
    """Everybody's open position in a market, makers included."""
    traders, contracts = market.traders, market.contracts
    found: list[KnownPosition] = []
    held = np.flatnonzero(traders.lots)
    contract = traders.contract[held]
    coins = traders.lots[held] / contracts.lots[contract]
    liquidation = traders.liquidation(held)
    for i, account in enumerate(held.tolist()):
        symbol = LISTINGS[account // ACCOUNTS].symbol
        name = f"{symbol.partition('/')[0]}-{account % ACCOUNTS:04d}"
        side = "long" if coins[i] > 0 else "short"
        price = float(liquidation[i])
        found.append(
            KnownPosition(
                VENUE,
                symbol,
                at_ms,
                name,
                side,
                abs(float(coins[i])),
                float(traders.entry[account]),
                float(traders.leverage[account]),
                None if math.isnan(price) else price,
            )
        )
    for row, listing in enumerate(LISTINGS):
        makers = float(market.clearing.maker_lots[row] / contracts.lots[row])
        if makers:
            side, mark = "long" if makers > 0 else "short", float(market.mark[row])
            found.append(KnownPosition(VENUE, listing.symbol, at_ms, "makers", side, abs(makers), mark, 1.0, None))
    return found
