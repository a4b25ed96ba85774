"""JointMove: every asset's relative move at one moment of a scenario."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec


class JointMove(msgspec.Struct, frozen=True):
    """Relative moves per base asset (-0.10 is ten per cent down); `others` holds for assets that are not named.

    It moves every mark and every collateral price of the asset. `1000PEPE` is an asset of its own.

    >>> JointMove("ad hoc", "command line", {"BTC": Decimal("-0.1")}).of("ETH")
    Decimal('0')
    """

    name: str
    source: str
    moves: Mapping[str, Decimal]
    others: Decimal = Decimal(0)

    def of(self, asset: str) -> Decimal:
        """The move of an asset. A US dollar and the stablecoins stay unless they are named."""
        if asset in self.moves:
            return self.moves[asset]
        return Decimal(0) if asset in DOLLARS else self.others


# `*` means "every coin"; a trader who wants a depeg names the stablecoin (contract: `USDT=-0.05` is allowed)
DOLLARS = frozenset({"USD", "USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "USDE", "USD1", "BFUSD", "RLUSD", "PYUSD"})
