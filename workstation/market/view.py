"""MarketView: the frozen picture of the market that others read."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec


class MarketView(msgspec.Struct, frozen=True):
    """Marks per venue and symbol, and collateral prices in USD per asset (one price, or one per venue)."""

    marks: Mapping[str, Mapping[str, Decimal]] = {}
    collateral_prices: Mapping[str, Decimal | Mapping[str, Decimal]] = {}

    def mark(self, venue: str, symbol: str) -> Decimal | None:
        """The mark price (oracle price on dYdX), or None where none is known."""
        return self.marks.get(venue, {}).get(symbol)

    def collateral_price(self, venue: str, asset: str) -> Decimal | None:
        """The USD price of an asset as that venue counts it, or None. A US dollar is worth one."""
        price = self.collateral_prices.get(asset)
        if isinstance(price, Decimal):
            return price
        if price is not None:
            return price.get(venue)
        return Decimal(1) if asset == "USD" else None
