"""Position, Order, Account: what a trader holds on a venue, as values."""

from decimal import Decimal
from typing import Literal

import msgspec

Side = Literal["long", "short"]
MarginMode = Literal["cross", "isolated"]
PositionMode = Literal["one-way", "hedge"]
CollateralMode = Literal["single", "multi"]
Trigger = Literal["mark", "last", "index"]


class Stop(msgspec.Struct, frozen=True):
    """A stop order that closes the position when its trigger price is reached."""

    price: Decimal
    trigger: Trigger


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """One leg. Its size is either `quantity` (base units, linear) or `contracts`; both are positive.

    `isolated_wallet` is the margin held by an isolated position, without unrealised profit and without the reserved
    closing fee, in the settle asset.
    """

    symbol: str
    side: Side
    entry_price: Decimal
    quantity: Decimal | None = None
    contracts: Decimal | None = None
    margin_mode: MarginMode = "cross"
    leverage: Decimal | None = None
    isolated_wallet: Decimal | None = None
    stop: Stop | None = None
    implied_volatility: Decimal | None = None

    @property
    def sign(self) -> int:
        return 1 if self.side == "long" else -1


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A resting order, counted only where a venue's ratio counts it."""

    symbol: str
    side: Literal["buy", "sell"]
    price: Decimal
    quantity: Decimal | None = None
    contracts: Decimal | None = None
    reduce_only: bool = False


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One margin account on one venue. `balances` are wallets per asset without unrealised profit; None: not given."""

    name: str
    venue: str
    position_mode: PositionMode = "one-way"
    collateral_mode: CollateralMode = "single"
    taker_fee_rate: Decimal | None = None
    balances: dict[str, Decimal] | None = None
    positions: tuple[Position, ...] = ()
    orders: tuple[Order, ...] = ()
    holdings: dict[str, Decimal] = {}
