"""Gate: the contract's fee counts in the requirement; whole tiers to 2025-07-28, marginal since."""

from datetime import date
from typing import Literal

from workstation.domain.instrument import Kind
from workstation.domain.position import MarginMode
from workstation.risk.rules import Evidence, MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec


def _rule(
    rule_id: str,
    valid_from: date,
    evidence: Evidence,
    modes: tuple[MarginMode, ...],
    kinds: tuple[Kind, ...],
    form: Literal["marginal", "whole"],
) -> MarginRule:
    return MarginRule(
        id=rule_id,
        valid_from=valid_from,
        evidence=evidence,
        source="Gate API modify_margin (2022) and Gate notice of marginal tiers (2025-07-29)",
        margin_modes=modes,
        kinds=kinds,
        tier_form=form,
        closing_fee="at-price",
        hedge="larger-tier" if "cross" in modes else "sum",
        displayed="tick",
    )


_START = date(2018, 1, 1)

SPEC = VenueSpec(
    id="gate",
    name="Gate",
    ccxt_id="gate",
    ratio=RatioStyle("Margin ratio", rising_is_bad=False),
    rules=(
        _rule("gate-linear-whole", _START, "verified", ("isolated",), ("linear",), "whole"),
        # the one published inverse figure differs by 0.008 %: a fee of 2019 that is not known
        _rule("gate-inverse-whole", _START, "documented", ("isolated",), ("inverse",), "whole"),
        _rule("gate-cross-whole", _START, "documented", ("cross",), ("linear", "inverse"), "whole"),
        _rule("gate-isolated", date(2025, 7, 29), "documented", ("isolated",), ("linear", "inverse"), "marginal"),
        _rule("gate-cross", date(2025, 7, 29), "documented", ("cross",), ("linear", "inverse"), "marginal"),
    ),
)
