"""DeskState: everything the trader decided, as one frozen value."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from workstation.domain.collateral import CollateralRule
from workstation.domain.instrument import InstrumentOverride
from workstation.domain.position import Account


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts, and what the trader says of instruments, prices and collateral in place of the program's own data.

    `as_of` (ISO 8601, None: now) is the moment whose venue rules apply. Instruments and marks are venue -> symbol,
    `collateral` is venue -> asset; collateral prices are USD per asset, or per asset and venue. `betas` say how far an
    asset moves when the market (BTC) moves by one; an asset that is not named moves like the market.
    """

    as_of: str | None = None
    accounts: tuple[Account, ...] = ()
    instruments: Mapping[str, Mapping[str, InstrumentOverride]] = {}
    marks: Mapping[str, Mapping[str, Decimal]] = {}
    collateral_prices: Mapping[str, Decimal | Mapping[str, Decimal]] = {}
    collateral: Mapping[str, Mapping[str, CollateralRule]] = {}
    betas: Mapping[str, Decimal] = {}
