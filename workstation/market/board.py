"""MarketBoard: the newest of everything; apply(batch) is the only way in."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np

from workstation.domain.events import Health
from workstation.domain.playback import Gap, Source
from workstation.market.candles import CandleColumns, RolledUp
from workstation.market.depth import DepthBook
from workstation.market.liquidations import LiquidationTape
from workstation.market.quality import STATES, health
from workstation.market.records import NO_INSTRUMENT, Batch, Kind, Records
from workstation.market.series import GrowingColumns
from workstation.market.view import Floats, InstrumentView, Name, SeriesView, Times

_DAY_MS = 86_400_000
_TABLES = {
    Kind.CANDLE: "candles",
    Kind.MARK: "marks",
    Kind.QUOTE: "quotes",
    Kind.OPEN_INTEREST: "open_interest",
    Kind.FUNDING: "funding",
    Kind.LIQUIDATION: "liquidations",
    Kind.DEPTH: "depth",
}
# How many of a record's values must be finite numbers, and how many of those above zero (the first ones).
_NEEDED = {
    Kind.CANDLE: (6, 5),
    Kind.MARK: (1, 1),
    Kind.QUOTE: (2, 2),
    Kind.OPEN_INTEREST: (1, 0),
    Kind.FUNDING: (2, 0),
    Kind.LIQUIDATION: (2, 2),
    Kind.DEPTH: (3, 0),
}
_SIGNED = frozenset({Kind.FUNDING})
# A liquidation stream is quiet for hours and well; what it last said tells nothing of its health.
_RHYTHMLESS = frozenset({"liquidations"})


class MarketBoard:
    """State of the world, for one thread. Views that it gave never change."""

    def __init__(self) -> None:
        self.refused = 0  # records that were nonsense, since the start
        self.heard = 0  # records applied, since the start
        self._source: Source | None = None
        self._watched: frozenset[tuple[str, str, int]] = frozenset()
        self._forget()

    def _forget(self) -> None:
        self._names: dict[Name, int] = {}
        self._books: list[_Book] = []
        self._views: dict[Name, InstrumentView] = {}
        self._marks: dict[str, dict[str, Decimal]] = {}
        self._mark_sources: dict[Name, float] = {}
        self._marks_changed = True
        self._venues: dict[str, Health] = {}
        self.at_ms: int | None = None

    def open(self, source: Source) -> None:
        """Say which market the records are of; its ticks, sizes and gaps hold from now on.

        What is known of another market goes at once. The same one, of a feed that was started anew, is kept until the
        feed has something to say.
        """
        if self._source is not None and self._source != source:
            self._forget()
        self._source = source
        for book in self._books:
            book.changed = True

    def watch(self, charts: frozenset[tuple[str, str, int]]) -> None:
        """Roll candles up to these timeframes (venue, symbol, interval_ms)."""
        for venue, symbol, _ in charts ^ self._watched:
            if (venue, symbol) in self._names:
                self._books[self._names[venue, symbol]].changed = True
        self._watched = charts

    def apply(self, batch: Batch) -> None:
        """Take records in the order in which they were heard. What is nonsense is counted and left out."""
        records = batch.records
        resets = np.flatnonzero(records["kind"] == Kind.RESET)
        if len(resets):
            self._forget()
            records = records[resets[-1] + 1 :]
        if not len(records):
            return
        sound = _sound(records, len(batch.names))
        if not sound.all():
            self.refused += int(np.count_nonzero(~sound))
            records = records[sound]
            if not len(records):
                return
        self.heard += len(records)
        clock = records["at_ms"].copy()
        candles = records["kind"] == Kind.CANDLE
        # a candle is known at its end; a forming one at some moment before that, which its record does not say
        closed = candles & (records["flags"] & 1).astype(np.bool_)
        clock[closed] += records["values"][closed, 0].astype(np.int64)
        self.at_ms = max(self.at_ms if self.at_ms is not None else 0, int(clock.max()))
        records = records[records["kind"] != Kind.CLOCK]
        if not len(records):
            return
        # one group a contract and kind, each in its own order
        key = records["instrument"].astype(np.int64) * 16 + records["kind"]
        order = np.argsort(key, kind="stable")
        records, key = records[order], key[order]
        starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(key)], strict=True):
            group = records[start:end]
            kind = Kind(int(key[start]) % 16)
            self._book(batch.names[int(key[start]) // 16]).take(kind, group)

    def _book(self, name: Name) -> "_Book":
        number = self._names.get(name)
        if number is None:
            number = self._names[name] = len(self._books)
            self._books.append(_Book(name))
        return self._books[number]

    def instruments(self) -> Mapping[Name, InstrumentView]:
        """Every contract heard of; the very same mapping and views where nothing has changed."""
        changed = [book for book in self._books if book.changed]
        if changed:
            views = dict(self._views)
            for book in changed:
                views[book.name] = book.view(self._source, self._intervals(book.name), self.at_ms or 0)
                if book.mark_now() is not None and self._mark_sources.get(book.name) != book.mark_now():
                    self._marks_changed = True
            self._views = views
        return self._views

    def look_at_quality(self) -> None:
        """Judge every stream anew by the market's clock; once a second is enough."""
        for book in self._books:
            book.judge(self._source, self.at_ms or 0)

    def venues(self) -> Mapping[str, Health]:
        """The worst state among each venue's streams, as judged last; the very same mapping where nothing changed."""
        worst: dict[str, Health] = {}
        for book in self._books:
            for said in book.quality.values():
                before = worst.get(said.venue)
                if before is None or STATES.index(said.state) > STATES.index(before.state):
                    worst[said.venue] = said
        if worst != self._venues:
            self._venues = worst
        return self._venues

    def _intervals(self, name: Name) -> frozenset[int]:
        return frozenset(interval for venue, symbol, interval in self._watched if (venue, symbol) == name)

    def marks(self) -> Mapping[str, Mapping[str, Decimal]]:
        """Venue -> symbol -> mark price, or the last price where the source says no mark of a contract at all.

        The very same mapping where nothing has changed. Digits are those that the source wrote.
        """
        if self._marks_changed:
            self._marks_changed = False
            marks: dict[str, dict[str, Decimal]] = {}
            sources: dict[Name, float] = {}
            for book in self._books:
                price = book.mark_now()
                if price is not None:
                    sources[book.name] = price
                    marks.setdefault(book.name[0], {})[book.name[1]] = Decimal(repr(price))
            self._marks, self._mark_sources = marks, sources
        return self._marks


class _Book:
    """Everything known of one contract."""

    def __init__(self, name: Name) -> None:
        self.name = name
        self.changed = True
        self._candles: dict[int, CandleColumns] = {}
        self._rolled: dict[int, RolledUp] = {}
        self._last: tuple[int, float] | None = None
        self._mark: tuple[int, float] | None = None
        self._index: float | None = None
        self._quote: tuple[int, float, float] | None = None
        self._open_interest = _Series()
        self._funding = _Series()
        self._interval_h: float | None = None
        self._tape = LiquidationTape()
        self._depth = DepthBook()
        self._day_of = -2  # the candle at which the price of a day ago was looked up; none opens there
        self._day_ago: float | None = None
        self._heard_ms: dict[str, int] = {}
        self._rhythm_ms: dict[str, int] = {}
        self.quality: dict[str, Health] = {}

    def take(self, kind: Kind, records: Records) -> None:
        """Records of one kind in the order in which they were heard."""
        self.changed = True
        at, values, last = int(records["at_ms"][-1]), records["values"], records["values"][-1]
        self._note(_TABLES[kind], at)
        match kind:
            case Kind.CANDLE:
                self._take_candles(records)
            case Kind.MARK:
                if self._mark is None or at >= self._mark[0]:
                    self._mark = (at, float(last[0]))
                    self._index = None if np.isnan(last[1]) else float(last[1])
            case Kind.QUOTE:
                if self._quote is None or at >= self._quote[0]:
                    self._quote = (at, float(last[0]), float(last[1]))
            case Kind.OPEN_INTEREST:
                self._open_interest.take(records["at_ms"], values[:, 0])
            case Kind.FUNDING:
                self._funding.take(records["at_ms"], values[:, 0])
                self._interval_h = float(last[1])
            case Kind.LIQUIDATION:
                self._tape.take(records)
            case Kind.DEPTH:
                self._depth.take(records)
            case _:
                raise ValueError(f"{kind} is of no contract")

    def _note(self, table: str, at: int) -> None:
        before = self._heard_ms.get(table)
        if before is None or at > before:
            if before is not None:
                self._rhythm_ms[table] = max(at - before, self._rhythm_ms.get(table, 0) // 2)
            self._heard_ms[table] = at

    def _take_candles(self, records: Records) -> None:
        intervals = records["values"][:, 0].astype(np.int64)
        for interval in dict.fromkeys(intervals.tolist()):
            own = records[intervals == interval]
            columns = self._candles.get(interval)
            if columns is None:
                columns = self._candles[interval] = CandleColumns(self.name, interval)
                self._rolled.clear()
            columns.take(own)
            row = own[-1]
            at = int(row["at_ms"]) + (interval if int(row["flags"]) & 1 else 0)
            if self._last is None or at >= self._last[0]:
                self._last = (at, float(row["values"][4]))

    def mark_now(self) -> float | None:
        """The mark, or the last price where no mark is ever said."""
        if self._mark is not None:
            return self._mark[1]
        return self._last[1] if self._last is not None and ":" in self.name[1] else None

    def judge(self, source: Source | None, now_ms: int) -> None:
        """Say of each table whether it is fresh."""
        venue, symbol = self.name
        gaps: Sequence[Gap] = () if source is None else source.gaps
        quality: dict[str, Health] = {}
        for table, last in self._heard_ms.items():
            if table in _RHYTHMLESS:
                continue
            rhythm = self._rhythm_ms.get(table, 0)
            if table == "candles":
                rhythm = min(self._candles, default=rhythm)
            own = [gap for gap in gaps if (gap.venue, gap.symbol, gap.table) == (venue, symbol, table)]
            quality[table] = health(venue, table, last, now_ms, rhythm, own)
        states = {table: (said.state, said.because) for table, said in quality.items()}
        if states != {table: (said.state, said.because) for table, said in self.quality.items()}:
            self.quality = quality
            self.changed = True

    def view(self, source: Source | None, wanted: Iterable[int], now_ms: int) -> InstrumentView:
        """Everything as it is now."""
        self.changed = False
        venue, symbol = self.name
        info = None if source is None else source.instruments.get(venue, {}).get(symbol)
        candles = {interval: columns.view() for interval, columns in self._candles.items()}
        for interval in wanted:
            rolled = self._rolled_up(interval)
            if rolled is not None:
                candles[interval] = rolled.view()
        return InstrumentView(
            venue=venue,
            symbol=symbol,
            info=info,
            candles=candles,
            last=None if self._last is None else self._last[1],
            last_ms=None if self._last is None else self._last[0],
            day_change=self._day_change(now_ms),
            mark=None if self._mark is None else self._mark[1],
            mark_ms=None if self._mark is None else self._mark[0],
            index=self._index,
            bid=None if self._quote is None else self._quote[1],
            ask=None if self._quote is None else self._quote[2],
            open_interest=self._open_interest.view,
            funding=self._funding.view,
            funding_interval_h=self._interval_h,
            liquidations=self._tape.view(),
            depth=self._depth.view(),
            quality=self.quality,
        )

    def _rolled_up(self, interval: int) -> RolledUp | None:
        """Candles of a longer interval, from the longest heard that divide it; None where they are heard themselves."""
        if interval in self._candles:
            return None
        if interval not in self._rolled:
            shorter = [own for own in self._candles if own < interval and interval % own == 0]
            if not shorter:
                return None
            self._rolled[interval] = RolledUp(self._candles[max(shorter)], interval)
        return self._rolled[interval]

    def _day_change(self, now_ms: int) -> float | None:
        """The last price against the one 24 h before it; None where the candles do not reach back so far."""
        if self._last is None or not self._candles:
            return None
        columns = self._candles[min(self._candles)]
        # another candle moves the day; between two of them only the last price does
        if self._day_of != columns.last_open_ms:
            self._day_of = columns.last_open_ms
            self._day_ago = _close_at(columns, max(now_ms, self._last[0]) - _DAY_MS - columns.interval_ms)
        return None if self._day_ago is None else self._last[1] / self._day_ago - 1


def _close_at(columns: CandleColumns, then_ms: int) -> float | None:
    """The close of the candle in which that moment lies; None where the candles have a hole there of hours."""
    opened = columns.columns.view("open_ms")
    row = int(np.searchsorted(opened, then_ms, side="right")) - 1
    if row < 0 or then_ms - int(opened[row]) > 2 * max(columns.interval_ms, 3_600_000):
        return None
    return float(columns.columns.view("close")[row])


class _Series:
    """One number over time; `view` is the very same one where nothing has changed."""

    def __init__(self) -> None:
        self._columns = GrowingColumns({"at_ms": np.dtype("i8"), "value": np.dtype("f8")}, most=500_000)
        self.view = SeriesView()

    def take(self, times: Times, numbers: Floats) -> None:
        """Rows in the order in which they were heard; what is not newer than all before says nothing new."""
        columns = self._columns
        before = int(columns.last("at_ms")) if len(columns) else -1
        newest = np.maximum.accumulate(np.concatenate(([before], times)))
        fresh = times > newest[:-1]
        if fresh.any():
            columns.append({"at_ms": times[fresh], "value": numbers[fresh]})
            self.view = SeriesView(columns.view("at_ms"), columns.view("value"))


def _sound(records: Records, names: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which records make sense: known kind and contract, finite numbers, none negative where it could not be."""
    kind, values = records["kind"], records["values"]
    sound = (kind == Kind.CLOCK) | ((records["instrument"] < names) & (records["instrument"] != NO_INSTRUMENT))
    sound &= records["at_ms"] >= 0
    known = kind == Kind.CLOCK
    for of, (finite, positive) in _NEEDED.items():
        rows = kind == of
        if not rows.any():
            continue
        known |= rows
        own = values[rows]
        fine = np.isfinite(own[:, :finite]).all(axis=1) & (own[:, :positive] > 0).all(axis=1)
        if of not in _SIGNED:
            fine &= (own[:, :finite] >= 0).all(axis=1)
        if of is Kind.CANDLE:
            fine &= (own[:, 2] >= own[:, 1:5].max(axis=1)) & (own[:, 3] <= own[:, 1:5].min(axis=1))
        sound[rows] &= fine
    return sound & known
