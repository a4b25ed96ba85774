"""VenueSpec: everything that differs by exchange, in one value."""

import msgspec

from workstation.domain.position import CollateralMode
from workstation.risk.rules import MarginRule, RatioStyle


class VenueSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One venue. `rules` are all rules ever known, dated; `ratio` is the venue's own, None where it shows none."""

    id: str
    name: str
    ccxt_id: str
    rules: tuple[MarginRule, ...]
    ratio: RatioStyle | None = None
    collateral_modes: tuple[CollateralMode, ...] = ("single",)
    trigger: str = "mark"
