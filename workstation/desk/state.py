"""DeskState: everything the trader decided, as one frozen value."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from workstation.domain.collateral import CollateralRule
from workstation.domain.instrument import InstrumentOverride
from workstation.domain.position import Account


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A what-if: what is tried beside the real book, and never saved with it.

    `accounts` is a copy of the book to edit (None: the book itself is looked at); `dropped` legs (account, position in
    that copy or in the book) are left out of every number. The market (BTC) moves by `size`, others by their betas,
    and the assets in `shocks` by their own relative moves instead.
    """

    accounts: tuple[Account, ...] | None = None
    dropped: frozenset[tuple[int, int]] = frozenset()
    size: Decimal = Decimal(0)
    shocks: Mapping[str, Decimal] = {}


class DeskState(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts, and what the trader says of instruments, prices and collateral in place of the program's own data.

    `as_of` (ISO 8601, None: now) is the moment whose venue rules apply. Instruments and marks are venue -> symbol,
    `collateral` is venue -> asset; collateral prices are USD per asset, or per asset and venue. `betas` say how far an
    asset moves when the market (BTC) moves by one; an asset that is not named moves like the market. `trial` is None
    while nothing is tried.
    """

    as_of: str | None = None
    accounts: tuple[Account, ...] = ()
    instruments: Mapping[str, Mapping[str, InstrumentOverride]] = {}
    marks: Mapping[str, Mapping[str, Decimal]] = {}
    collateral_prices: Mapping[str, Decimal | Mapping[str, Decimal]] = {}
    collateral: Mapping[str, Mapping[str, CollateralRule]] = {}
    betas: Mapping[str, Decimal] = {}
    trial: Trial | None = None
