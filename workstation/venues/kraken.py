"""Kraken Futures: maintenance at the liquidation price by levels, no fee; multi-collateral by the entry's level."""

from datetime import date

from workstation.risk.rules import MarginRule
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="kraken",
    name="Kraken Futures",
    ccxt_id="krakenfutures",
    collateral_modes=("single", "multi"),
    rules=(
        MarginRule(
            id="kraken-single-collateral",
            valid_from=date(2018, 1, 1),
            evidence="verified",
            source="Kraken support 360022835671 (Equity Protection Process)",
            tier_form="whole",
        ),
        MarginRule(
            id="kraken-multi-collateral",
            valid_from=date(2022, 3, 1),
            evidence="documented",
            source="Kraken support, Multi-collateral futures: rate by the value at entry, haircuts per asset",
            margin_modes=("cross",),
            collateral_modes=("multi",),
            nets_underlyings=True,
            basis="root-entry-tier",
            tier_form="whole",
        ),
    ),
)
