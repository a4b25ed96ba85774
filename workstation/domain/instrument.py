"""Instrument: what is traded, as a venue lists it; and the parts of a ccxt unified symbol."""

import re
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from workstation.domain.scenario import DOLLARS
from workstation.domain.tiers import LinearInSize, TierTable

Kind = Literal["linear", "inverse"]

# BASE/QUOTE:SETTLE[-YYMMDD[-STRIKE-C|P]]; names are not all ASCII (Binance lists 哈基米/USDT:USDT) and may hold a dash
# (Hyperliquid's XYZ-AAPL/USDC:USDC)
_SYMBOL = re.compile(
    r"(?P<base>[^\s/:]+)/(?P<quote>[^\s/:]+):(?P<settle>[^\s/:\-]+)"
    r"(?:-(?P<expiry>\d{6})(?:-(?P<strike>\d+(?:\.\d+)?)-(?P<right>[CP]))?)?"
)


class SymbolParts(msgspec.Struct, frozen=True):
    """A ccxt unified symbol of a derivative, taken apart."""

    base: str
    quote: str
    settle: str
    expiry: str | None = None
    strike: str | None = None
    right: str | None = None

    @property
    def is_option(self) -> bool:
        return self.right is not None

    @property
    def is_quanto(self) -> bool:
        """Settled in neither of its two currencies: profit depends on a third price. Dollars stand for one another."""
        both_dollars = self.quote in DOLLARS and self.settle in DOLLARS
        return self.settle not in (self.base, self.quote) and not both_dollars

    @property
    def kind(self) -> Kind:
        """Inverse contracts settle in the coin they are about."""
        return "inverse" if self.settle == self.base else "linear"


def parse_symbol(symbol: str) -> SymbolParts | None:
    """The parts of a derivative's unified symbol; None where it is not one.

    >>> parse_symbol("BTC/USD:BTC-250926")
    SymbolParts(base='BTC', quote='USD', settle='BTC', expiry='250926', strike=None, right=None)
    >>> parse_symbol("BTC/USDT") is None
    True
    """
    match = _SYMBOL.fullmatch(symbol)
    return SymbolParts(**match.groupdict()) if match else None


class Instrument(msgspec.Struct, frozen=True):
    """One contract of one venue.

    `contract_size`: base units of one contract, or its face in the quote currency where the kind is inverse; None where
    unknown. `price_tick` in the quote currency. Either `tiers` or `margin_model` says what maintenance costs; None
    where no source states it.
    """

    symbol: str
    kind: Kind
    contract_size: Decimal | None = None
    price_tick: Decimal | None = None
    expiry: date | None = None
    asset_class: str | None = None
    tiers: TierTable | None = None
    margin_model: LinearInSize | None = None

    @property
    def base(self) -> str:
        return self._parts.base

    @property
    def settle(self) -> str:
        return self._parts.settle

    @property
    def _parts(self) -> SymbolParts:
        parts = parse_symbol(self.symbol)
        if parts is None:
            raise ValueError(f"{self.symbol} is not a derivative's unified symbol")
        return parts


class InstrumentOverride(msgspec.Struct, frozen=True):
    """What a portfolio file says of an instrument in place of the program's own data; None keeps the program's."""

    kind: Kind | None = None
    contract_size: Decimal | None = None
    price_tick: Decimal | None = None
    expiry: date | None = None
    asset_class: str | None = None
    tiers: TierTable | None = None
    margin_model: LinearInSize | None = None
