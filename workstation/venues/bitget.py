"""Bitget: maintenance plus taker fee; whole tiers to 2025-11-09; a cross price frozen at the mark to 2025-09-28."""

from datetime import date
from typing import Literal

from workstation.domain.position import MarginMode
from workstation.risk.rules import Evidence, MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec


def _rule(
    rule_id: str,
    valid_from: date,
    evidence: Evidence,
    source: str,
    mode: MarginMode,
    *,
    form: Literal["marginal", "whole"] = "marginal",
    displayed: Literal["root", "frozen-mark"] = "root",
) -> MarginRule:
    return MarginRule(
        id=rule_id,
        valid_from=valid_from,
        evidence=evidence,
        source=source,
        margin_modes=(mode,),
        tier_form=form,
        closing_fee="at-price",
        initial_at="entry",
        hedge="larger-tier" if mode == "cross" else "sum",
        displayed=displayed,
    )


_START = date(2018, 9, 1)
_ESTIMATE = "Bitget notice: new estimate of the liquidation price from 2025-09-29"
_MARGINAL = "Bitget support 12560603841952 (marginal tiers from 2025-11-10)"

SPEC = VenueSpec(
    id="bitget",
    name="Bitget",
    ccxt_id="bitget",
    ratio=RatioStyle("Margin ratio", rising_is_bad=True),
    rules=(
        _rule(
            "bitget-cross-frozen",
            _START,
            "verified",
            "Bitget API, reported positions of 2023 to March 2025",
            "cross",
            form="whole",
            displayed="frozen-mark",
        ),
        _rule(
            "bitget-isolated-whole",
            _START,
            "documented",
            "Bitget, isolated liquidation price",
            "isolated",
            form="whole",
        ),
        _rule("bitget-cross-whole", date(2025, 9, 29), "documented", _ESTIMATE, "cross", form="whole"),
        _rule("bitget-cross", date(2025, 11, 10), "documented", _MARGINAL, "cross"),
        _rule("bitget-isolated", date(2025, 11, 10), "documented", _MARGINAL, "isolated"),
    ),
)
