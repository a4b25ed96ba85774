"""The tables of a market recording, version 1: their columns, and what a value in each may be."""

from typing import Literal

import msgspec

from workstation.market.records import COVERAGES

# `whole` are integers; `document` is JSON text.
Holds = Literal["venue", "symbol", "number", "whole", "word", "text", "document"]
LARGEST = 1e30  # of any number, either side of zero; beyond it sums and products leave float64
LATEST_MS = 7_258_118_400_000  # the year 2200: whatever lies beyond is no time in milliseconds
LONGEST_INTERVAL_MS = 400 * 86_400_000


class Column(msgspec.Struct, frozen=True):
    """One column. Numbers lie in [least, most], and above `above` where that is given.

    `optional`: the column may be absent. `blank`: a row may leave it empty (never NaN).
    """

    name: str
    holds: Holds = "number"
    least: float = -LARGEST
    most: float = LARGEST
    above: float | None = None
    words: tuple[str, ...] = ()
    optional: bool = False
    blank: bool = False


class TableSpec(msgspec.Struct, frozen=True):
    """One table, in time's order by the column `time`. No two rows are alike in all of `key`; empty: they may be."""

    name: str
    columns: tuple[Column, ...]
    time: str = "at_ms"
    key: tuple[str, ...] = ()

    @property
    def has_symbol(self) -> bool:
        return any(column.holds == "symbol" for column in self.columns)


def _price(name: str) -> Column:
    return Column(name, above=0)


def _size(name: str) -> Column:
    return Column(name, least=0)


def _extra(name: str, *, above: float | None = None) -> Column:
    return Column(name, least=0, above=above, optional=True, blank=True)


_VENUE = Column("venue", "venue")
_SYMBOL = Column("symbol", "symbol")
_AT = Column("at_ms", "whole", least=0, most=LATEST_MS)
_ACCOUNT = Column("account", "text")
_SIDE = Column("side", "word", words=("long", "short"))
_OF_INSTRUMENT = (_VENUE, _SYMBOL, _AT)

# Candles and settlements are facts of which there is one a moment; two quotes or forced orders may share a millisecond.
TABLES: tuple[TableSpec, ...] = (
    TableSpec(
        "candles",
        (
            _VENUE,
            _SYMBOL,
            Column("interval_ms", "whole", least=1, most=LONGEST_INTERVAL_MS),
            Column("open_ms", "whole", least=0, most=LATEST_MS),
            _price("open"),
            _price("high"),
            _price("low"),
            _price("close"),
            _size("volume_base"),
            _extra("taker_buy_base"),
            Column("trades", "whole", least=0, most=2**53, optional=True, blank=True),
        ),
        time="open_ms",
        key=("instrument", "interval_ms", "open_ms"),
    ),
    TableSpec("marks", (*_OF_INSTRUMENT, _price("mark"), _extra("index", above=0))),
    TableSpec("open_interest", (*_OF_INSTRUMENT, _size("open_interest_base"), _extra("open_interest_usd"))),
    TableSpec(
        "funding",
        (*_OF_INSTRUMENT, Column("rate"), Column("interval_h", above=0, most=10_000)),
        key=("instrument", "at_ms"),
    ),
    TableSpec(
        "liquidations",
        (
            *_OF_INSTRUMENT,
            _SIDE,
            _size("quantity_base"),
            _price("price"),
            Column("price_kind", "word", words=("fill", "bankruptcy")),
            Column("coverage", "word", words=COVERAGES),
        ),
    ),
    TableSpec("depth", (*_OF_INSTRUMENT, Column("distance", least=0, most=1), _size("bid_usd"), _size("ask_usd"))),
    TableSpec("account_snapshots", (_VENUE, _AT, _ACCOUNT, Column("document", "document"))),
    TableSpec(
        "long_short",
        (*_OF_INSTRUMENT, Column("long_accounts", least=0, most=1), Column("short_accounts", least=0, most=1)),
    ),
    TableSpec(
        "positions",
        (
            *_OF_INSTRUMENT,
            _ACCOUNT,
            _SIDE,
            _size("quantity_base"),
            _price("entry_price"),
            Column("leverage", above=0),
            # Some are never liquidated: a long without leverage.
            Column("liquidation_price", least=0, blank=True),
        ),
    ),
    # An extension of ours, which other readers ignore: the best bid and ask.
    TableSpec("quotes", (*_OF_INSTRUMENT, _price("bid"), _price("ask"))),
)

TABLE_BY_NAME = {table.name: table for table in TABLES}
