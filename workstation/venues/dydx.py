"""dYdX v4: one flat maintenance fraction per market at the oracle price, no fee, cross only."""

from datetime import date

from workstation.risk.rules import MarginRule
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="dydx",
    name="dYdX v4",
    ccxt_id="dydx",
    trigger="oracle",
    rules=(
        MarginRule(
            id="dydx-linear",
            valid_from=date(2023, 10, 26),
            evidence="verified",
            source="dydxprotocol/v4-abacus calculation tests; dYdX v4 documentation, Liquidations",
            kinds=("linear",),
            tier_form="whole",
        ),
    ),
)
