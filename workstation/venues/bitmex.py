"""BitMEX: maintenance on the entry cost plus a closing commission; whole satoshi per contract, then the tick."""

from datetime import date

from workstation.risk.rules import MarginRule
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="bitmex",
    name="BitMEX",
    ccxt_id="bitmex",
    rules=(
        MarginRule(
            id="bitmex-entry",
            valid_from=date(2014, 11, 1),
            evidence="verified",
            source="bitmex.com/app/isolatedMarginExamples; a position reported by the API in 2018",
            basis="entry",
            tier_form="whole",
            closing_fee="on-cost-and-initial",
            fee_reserved=True,
            initial_at="entry",
            whole_satoshi=True,
            displayed="satoshi-tick",
        ),
    ),
)
