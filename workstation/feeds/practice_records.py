"""What the practice market says, as records: rounds become candles, marks, quotes, depth and open interest."""

import numpy as np

from workstation.feeds.practice_book import DISTANCES, resting
from workstation.feeds.practice_contracts import COUNT, Contracts, Floats, Integers
from workstation.feeds.practice_market import FUNDING_MS, ROUND_MS, Round
from workstation.feeds.practice_prices import SECONDS
from workstation.market.records import CLOSED, Kind, Records, blank, liquidation_flags

MINUTE_MS = 60_000
_SECOND_MS = np.arange(1, SECONDS + 1) * 1000
_PER_SECOND = 3 * COUNT  # mark, quote, forming candle of each contract
_SECONDLY = SECONDS * _PER_SECOND
_FLAGS = np.array([liquidation_flags(long, True, "complete") for long in (False, True)], np.uint8)


class Scribe:
    """Follows the rounds in their order and keeps the candle that is forming.

    `kept` are a round's rows of the tables that have a history (closed candles, open interest, funding, liquidations),
    `moment` what only the newest of counts (marks, quotes, the forming candle each second, depth each round). Each
    comes with the moments at which the rows became known.
    """

    def __init__(self, contracts: Contracts, last: Floats) -> None:
        """Take up the pen at a full minute at which the price was `last` (8,)."""
        self._contracts = contracts
        self._last = last
        self._candle: Floats = np.zeros((6, SECONDS, COUNT))  # interval, open, high, low, close, volume
        self._high, self._low, self._volume = last, last, np.zeros(COUNT)
        self._open = last
        self._template, self._after_ms = _template()

    def follow(self, played: Round) -> tuple[Records, Integers]:
        """The round's `kept` rows, in the order in which they became known."""
        contracts = self._contracts
        if (played.end_ms - ROUND_MS) % MINUTE_MS == 0:
            self._open = self._high = self._low = self._last
            self._volume = np.zeros(COUNT)
        prices = contracts.to_tick(played.middle)
        highest, lowest = prices.copy(), prices.copy()
        for fills in played.forced:
            np.maximum.at(highest[fills.second], fills.contract, fills.price)
            np.minimum.at(lowest[fills.second], fills.contract, fills.price)
        candle = self._candle
        candle[0], candle[1], candle[4] = MINUTE_MS, self._open, prices
        np.maximum(np.maximum.accumulate(highest, axis=0), self._high, out=candle[2])
        np.minimum(np.minimum.accumulate(lowest, axis=0), self._low, out=candle[3])
        np.add(np.cumsum(played.volume, axis=0), self._volume, out=candle[5])
        self._last = prices[-1]
        self._high, self._low, self._volume = candle[2, -1].copy(), candle[3, -1].copy(), candle[5, -1].copy()
        return self._kept(played)

    def _kept(self, played: Round) -> tuple[Records, Integers]:
        parts: list[Records] = []
        known: list[Integers] = []
        begin = played.end_ms - ROUND_MS
        for fills in played.forced:
            rows = blank(len(fills.lots))
            rows["kind"], rows["instrument"] = Kind.LIQUIDATION, fills.contract
            rows["at_ms"] = begin + (fills.second + 1) * 1000
            rows["flags"] = _FLAGS[(fills.lots > 0).astype(np.intp)]
            rows["values"][:, 0] = np.abs(fills.lots) / self._contracts.lots[fills.contract]
            rows["values"][:, 1] = fills.price
            parts.append(rows)
            known.append(rows["at_ms"].copy())
        if played.end_ms % MINUTE_MS == 0:
            parts.append(self._minute(played))
            known.append(np.full(len(parts[-1]), played.end_ms))
        if not parts:
            return blank(0), np.zeros(0, np.int64)
        return np.concatenate(parts), np.concatenate(known)

    def _minute(self, played: Round) -> Records:
        rate = played.funding_rate
        rows = blank((2 if rate is None else 3) * COUNT).reshape(-1, COUNT)
        rows["instrument"], rows["at_ms"] = np.arange(COUNT), played.end_ms
        rows["kind"][0], rows["flags"][0] = Kind.CANDLE, CLOSED
        rows["at_ms"][0] = played.end_ms - MINUTE_MS
        rows["values"][0, :, :6] = self._candle[:, -1].T
        rows["kind"][1] = Kind.OPEN_INTEREST
        rows["values"][1, :, 0] = played.open_interest
        rows["values"][1, :, 1] = played.open_interest * played.mark[-1]
        if rate is not None:
            rows["kind"][2] = Kind.FUNDING
            rows["values"][2, :, 0], rows["values"][2, :, 1] = rate, FUNDING_MS / 3_600_000
        return rows.ravel()

    def moment(self, played: Round) -> tuple[Records, Integers]:
        """The `moment` rows of the round that was followed last."""
        begin = played.end_ms - ROUND_MS
        rows = self._template.copy()
        rows["at_ms"] += begin
        known = self._after_ms + begin
        secondly = rows["values"][:_SECONDLY].reshape(SECONDS, 3, COUNT, 8)
        secondly[:, 0, :, 0], secondly[:, 0, :, 1] = played.mark, played.index
        secondly[:, 1, :, 0], secondly[:, 1, :, 1] = self._quotes(played)
        secondly[:, 2, :, :6] = self._candle.transpose(1, 2, 0)
        rows["at_ms"][:_SECONDLY].reshape(SECONDS, 3, COUNT)[:, 2] = begin // MINUTE_MS * MINUTE_MS
        depth = rows["values"][_SECONDLY:].reshape(COUNT, len(DISTANCES), 8)
        bids, asks = resting(played.displaced, played.depth)
        depth[:, :, 1], depth[:, :, 2] = bids.T, asks.T
        if played.end_ms % MINUTE_MS == 0:  # the candle is closed then, not forming
            stays = np.ones(len(rows), np.bool_)
            stays[_SECONDLY - COUNT : _SECONDLY] = False
            return rows[stays], known[stays]
        return rows, known

    def _quotes(self, played: Round) -> tuple[Floats, Floats]:
        ticks, middle = self._contracts.ticks, played.middle
        bid = np.floor(middle * (1 - played.half_spread) * ticks)
        ask = np.maximum(np.ceil(middle * (1 + played.half_spread) * ticks), bid + 1)
        return bid / ticks, ask / ticks


def in_order(parts: list[tuple[Records, Integers]]) -> tuple[Records, Integers]:
    """Rows and the moments at which they became known, put into that order; at the same moment as given."""
    if len(parts) == 1:
        return parts[0]
    records = np.concatenate([rows for rows, _ in parts])
    known = np.concatenate([moments for _, moments in parts])
    order = np.argsort(known, kind="stable")
    return records[order], known[order]


def _template() -> tuple[Records, Integers]:
    rows = blank(_SECONDLY + COUNT * len(DISTANCES))
    secondly = rows[:_SECONDLY].reshape(SECONDS, 3, COUNT)
    secondly["instrument"] = np.arange(COUNT)
    secondly["kind"] = np.array([Kind.MARK, Kind.QUOTE, Kind.CANDLE], np.uint8)[:, None]
    secondly["at_ms"] = _SECOND_MS[:, None, None]
    depth = rows[_SECONDLY:].reshape(COUNT, len(DISTANCES))
    depth["instrument"] = np.arange(COUNT)[:, None]
    depth["kind"], depth["at_ms"] = Kind.DEPTH, ROUND_MS
    depth["values"][:, :, 0] = DISTANCES
    return rows, rows["at_ms"].copy()
