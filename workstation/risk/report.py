"""RiskReport: the frozen answer, with reasons where there is none."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from workstation.domain.position import MarginMode, Side
from workstation.domain.unknown import Number

Status = Literal["ok", "estimate", "none", "liquidatable", "insufficient"]
Direction = Literal["below", "above"]
Engine = Literal["exact", "float64"]


class Root(msgspec.Struct, frozen=True):
    """A price that liquidates; `tier` (from 1) is the leg's own at that price, None where the venue has no tiers."""

    price: Decimal
    direction: Direction
    tier: int | None


class Liquidation(msgspec.Struct, frozen=True):
    """When this position is liquidated with every other price frozen; `price` is the root nearest to the mark."""

    status: Status
    price: Decimal | None = None
    because: str | None = None
    missing: tuple[str, ...] = ()
    roots: tuple[Root, ...] = ()


class RuleNote(msgspec.Struct, frozen=True):
    """Which rule a figure rests on."""

    id: str
    valid_from: str
    evidence: Literal["verified", "documented"]
    source: str


class TierNote(msgspec.Struct, frozen=True):
    """Where the brackets come from and which day they were read."""

    source: str
    as_of: str


class VenueRatio(msgspec.Struct, frozen=True):
    """The venue's own ratio in its own direction; it liquidates at `liquidates_at`."""

    label: str
    value: Number
    rising_is_bad: bool
    liquidates_at: Decimal = Decimal(1)


class PositionReport(msgspec.Struct, frozen=True, kw_only=True):
    """One position. Money in the settle asset at the mark; `margin_use` is its pool's, or its own where isolated."""

    symbol: str
    side: Side
    margin_mode: MarginMode
    isolated_wallet: Number | None
    mark: Number
    notional: Number
    unrealised_pnl: Number
    initial_margin: Number
    maintenance_margin: Number
    margin_use: Number
    liquidation: Liquidation
    price_tick: Decimal | None
    displayed_price: Number
    bankruptcy_price: Number
    distance_fraction: Number
    distance_quote: Number
    rule: RuleNote | None
    tiers: TierNote | None


class PoolReport(msgspec.Struct, frozen=True, kw_only=True):
    """Cross positions that share a wallet, in `asset` (USD where several assets are the collateral).

    `requirement` is what the venue holds against equity; `margin_use` = requirement / equity: 1 is liquidation.
    """

    asset: str
    equity: Number
    initial_margin: Number
    maintenance_margin: Number
    requirement: Number
    margin_use: Number
    venue_ratio: VenueRatio | None


class AccountReport(msgspec.Struct, frozen=True, kw_only=True):
    """One account; `worst_pool` is the pool with the highest margin use, None without cross positions."""

    name: str
    venue: str
    positions: tuple[PositionReport, ...]
    pools: tuple[PoolReport, ...]
    worst_pool: PoolReport | None


class FirstLiquidation(msgspec.Struct, frozen=True):
    """What is liquidated first along a joint move, and at which multiple of it."""

    symbol: str
    multiple: Decimal
    margin_mode: MarginMode


class StressedPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position at the end of the move; `pnl` is the change from today's mark, in the settle asset."""

    symbol: str
    side: Side
    mark_after: Number
    pnl: Number
    distance_after: Number
    liquidated: bool
    liquidation_mark: Number
    loss: Number
    quantity: Number


class StressedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One account along a joint move. `multiple` (of the move) is what it stands before its first liquidation.

    `multiple` is unknown where ten times the move is not enough, and where facts are missing; `computed` tells which.
    """

    name: str
    computed: bool
    asset: str | None
    equity_before: Number
    equity_after: Number
    margin_use_after: Number
    multiple: Number
    moves: Mapping[str, Decimal]
    first_liquidation: FirstLiquidation | None
    positions: tuple[StressedPosition, ...]

    @property
    def survives(self) -> bool | None:
        """No liquidation up to the whole move; None where that is not known."""
        if self.first_liquidation is not None and self.first_liquidation.multiple <= 1:
            return False
        return True if self.computed else None


class StressReport(msgspec.Struct, frozen=True):
    """Every account under one scenario; `after` are their reports at the end of the move, as if nothing were closed.

    Where only the distance along a direction was asked for, `after` is empty and what follows from it is unknown.
    """

    name: str
    source: str
    accounts: tuple[StressedAccount, ...]
    after: tuple[AccountReport, ...] = ()

    @property
    def survives(self) -> bool | None:
        """Every account survives; None where none is liquidated but some are not known."""
        answers = {account.survives for account in self.accounts}
        return False if False in answers else None if None in answers else True


class RiskReport(msgspec.Struct, frozen=True):
    """What the engine answers: accounts as they are, and under each scenario.

    `engine` says how: in Decimal throughout, or large books as float64 columns (equal to 1e-9 of themselves).
    """

    as_of: str
    accounts: tuple[AccountReport, ...]
    stress: tuple[StressReport, ...] = ()
    engine: Engine = "exact"
