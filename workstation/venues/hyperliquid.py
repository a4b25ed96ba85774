"""Hyperliquid: maintenance rate 1 / (2 x max leverage), marginal tiers, no fee; before 2024 flat and frozen."""

from datetime import date

from workstation.risk.rules import MarginRule
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="hyperliquid",
    name="Hyperliquid",
    ccxt_id="hyperliquid",
    rules=(
        MarginRule(
            id="hyperliquid-frozen",
            valid_from=date(2023, 2, 1),
            # twelve positions of March 2023 fit this form; none of them is among our published cases
            evidence="documented",
            source="Positions of March 2023: no (1 - l x s) correction, one flat rate, maintenance at today's mark",
            kinds=("linear",),
            basis="frozen-mark",
            tier_form="whole",
            opening_fee_from_wallet=True,
        ),
        MarginRule(
            id="hyperliquid-linear",
            valid_from=date(2024, 1, 1),
            evidence="verified",
            source="Hyperliquid docs, Liquidations and Margin tiers",
            kinds=("linear",),
            opening_fee_from_wallet=True,
        ),
    ),
)
