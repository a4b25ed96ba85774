"""Bybit: a closing fee in both margins; maintenance on the entry value to 2025-08-31, at the price since."""

from datetime import date

from workstation.risk.rules import MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec

_ENTRY = date(2018, 12, 1)
_ROOT = date(2025, 9, 1)  # displayed margins changed between 2025-08 and 2025-11: three records each side
_CROSS = "Bybit UTA Trading Rules: account maintenance rate = maintenance margins / margin balance"

SPEC = VenueSpec(
    id="bybit",
    name="Bybit",
    ccxt_id="bybit",
    ratio=RatioStyle("Maintenance Margin Rate", rising_is_bad=True),
    collateral_modes=("single", "multi"),
    rules=(
        MarginRule(
            id="bybit-isolated-entry",
            valid_from=_ENTRY,
            evidence="verified",
            source="Bybit help centre 360039261334, 900000181046, 900000167723",
            margin_modes=("isolated",),
            basis="entry",
            closing_fee="at-entry-bankruptcy",
            fee_reserved=True,
            initial_at="entry",
            initial_has_fee=True,
            displayed="tick",
        ),
        MarginRule(
            id="bybit-isolated-root",
            valid_from=_ROOT,
            evidence="documented",
            source="Bybit, Liquidation Price Calculation under Isolated Mode (page of 2026-05-27)",
            margin_modes=("isolated",),
            closing_fee="at-entry-bankruptcy",
            fee_reserved=True,
            initial_has_fee=True,
            displayed="tick",
        ),
        MarginRule(
            id="bybit-cross-entry",
            valid_from=_ENTRY,
            # five records confirm the margins; no public record includes the equity that a price would need
            evidence="documented",
            source=_CROSS,
            margin_modes=("cross",),
            collateral_modes=("single", "multi"),
            basis="entry",
            closing_fee="at-entry-bankruptcy",
            initial_at="entry",
            initial_has_fee=True,
            hedge="net",
            displayed="tick",
        ),
        MarginRule(
            id="bybit-cross",
            valid_from=_ROOT,
            evidence="documented",
            source=_CROSS,
            margin_modes=("cross",),
            collateral_modes=("single", "multi"),
            closing_fee="at-entry-bankruptcy",
            initial_has_fee=True,
            hedge="net",
            displayed="tick",
        ),
    ),
)
