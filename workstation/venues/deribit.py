"""Deribit: margin rates linear in the size; liquidation prices published as one ratio for all futures of a currency."""

from datetime import date

from workstation.risk.rules import MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="deribit",
    name="Deribit",
    ccxt_id="deribit",
    ratio=RatioStyle("Maintenance Margin", rising_is_bad=True),
    collateral_modes=("single", "multi"),
    rules=(
        MarginRule(
            id="deribit-standard",
            valid_from=date(2016, 6, 1),
            # the margins are confirmed by Deribit's own tables, no liquidation price is
            evidence="documented",
            source="Deribit support 25944738177565 (linear perpetual margins); API estimated_liquidation_ratio",
            displayed="ratio",
        ),
        MarginRule(
            id="deribit-cross-collateral",
            valid_from=date(2024, 1, 1),
            evidence="documented",
            source="Deribit support, Cross collateral standard margin",
            margin_modes=("cross",),
            collateral_modes=("multi",),
            displayed="ratio",
        ),
    ),
)
