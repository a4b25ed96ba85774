"""What an asset counts for as collateral where several assets share one pool."""

from decimal import Decimal

import msgspec


class Buffers(msgspec.Struct, frozen=True):
    """Binance's form: wallet and profit e count min(e x price x (1 - bid), e x price x (1 + ask))."""

    bid_buffer: Decimal
    ask_buffer: Decimal


class Haircut(msgspec.Struct, frozen=True):
    """A fraction taken off positive amounts; negative amounts count in full."""

    haircut: Decimal


CollateralRule = Buffers | Haircut
