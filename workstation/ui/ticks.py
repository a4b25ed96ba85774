"""The tick of a contract's prices: what the rule data say of it, else what its market does."""

from decimal import Decimal

from workstation.market.view import MarketView
from workstation.risk.report import PositionReport


def market_tick(market: MarketView, venue: str, symbol: str) -> Decimal | None:
    """As the market says it; None where it does not."""
    view = market.instruments.get((venue, symbol))
    tick = None if view is None or view.info is None else view.info.price_tick
    return None if tick is None else Decimal(repr(tick))


def price_tick(said: PositionReport, market: MarketView, venue: str) -> Decimal | None:
    """Of a position's contract. The rule data know only some contracts by name, and a price at no tick is no price."""
    return market_tick(market, venue, said.symbol) if said.price_tick is None else said.price_tick
