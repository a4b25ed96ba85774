"""KuCoin Futures: isolated on the entry value with the commission in both margins; cross at the price with fees."""

from datetime import date

from workstation.risk.rules import MarginRule
from workstation.venues.spec import VenueSpec

SPEC = VenueSpec(
    id="kucoin",
    name="KuCoin Futures",
    ccxt_id="kucoinfutures",
    rules=(
        MarginRule(
            id="kucoin-isolated-entry",
            valid_from=date(2019, 7, 1),
            evidence="verified",
            source="KuCoin API positions of 2021",
            margin_modes=("isolated",),
            basis="entry",
            tier_form="whole",
            closing_fee="on-cost-and-initial",
            fee_reserved=True,
            initial_at="entry",
            displayed="tick",
        ),
        MarginRule(
            id="kucoin-cross",
            valid_from=date(2024, 10, 1),
            evidence="documented",
            source="KuCoin support 35233217061785 (risk rate in cross: maintenance and closing fees at the mark)",
            margin_modes=("cross",),
            tier_form="whole",
            closing_fee="at-price",
            initial_at="entry",
            displayed="tick",
        ),
    ),
)
