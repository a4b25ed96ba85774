"""OKX: tiers by contracts, one rate on everything, and the account's own taker rate counts against equity."""

from datetime import date

from workstation.risk.rules import MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec

_SOURCE = "OKX, Tiered maintenance margin ratio rules (2025-05-16), and When would my order be liquidated"

SPEC = VenueSpec(
    id="okx",
    name="OKX",
    ccxt_id="okx",
    ratio=RatioStyle("Maintenance margin ratio", rising_is_bad=False, counts_order_fees=True),
    collateral_modes=("single", "multi"),
    rules=(
        MarginRule(
            id="okx-isolated",
            valid_from=date(2018, 12, 1),
            evidence="verified",
            source=_SOURCE,
            margin_modes=("isolated",),
            tier_form="whole",
            tier_unit="contracts",
            closing_fee="at-price",
            fee_in_maintenance=False,
            displayed="one-tick",
        ),
        MarginRule(
            id="okx-cross",
            valid_from=date(2018, 12, 1),
            evidence="verified",
            source=_SOURCE,
            margin_modes=("cross",),
            tier_form="whole",
            tier_unit="contracts",
            closing_fee="at-price",
            fee_in_maintenance=False,
        ),
        MarginRule(
            id="okx-multi-currency",
            valid_from=date(2020, 11, 30),
            evidence="documented",
            source="OKX, Multi-currency margin mode: adjusted equity against maintenance and fees",
            margin_modes=("cross",),
            collateral_modes=("multi",),
            tier_form="whole",
            tier_unit="contracts",
            closing_fee="at-price",
            fee_in_maintenance=False,
        ),
    ),
)
