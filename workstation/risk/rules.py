"""MarginRule and VenueRules: the questions every venue must answer before its liquidation prices can be computed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from workstation.domain.collateral import CollateralRule
from workstation.domain.instrument import Instrument, Kind
from workstation.domain.position import CollateralMode, MarginMode
from workstation.domain.unknown import Unknown

Evidence = Literal["verified", "documented"]


class MarginRule(msgspec.Struct, frozen=True, kw_only=True):
    """How one venue computes maintenance for one kind of position, from one day on.

    `basis`: the price at which maintenance is taken when the liquidation price is sought: `root` (the liquidation price
    itself), `entry` (the entry price: a constant), `frozen-mark` (today's mark: a constant), `root-entry-tier` (at the
    liquidation price, by the tier of the entry value).
    `tier_form`: `marginal` (each slice of the size at its own rate) or `whole` (everything at one tier's rate);
    `tier_unit`: `value` (notional in the settle asset) or `contracts` (summed over one base and kind in cross).
    `closing_fee`: `none`; `at-price` (taker rate on the value at the price); `at-entry-bankruptcy` (taker rate on the
    value at the bankruptcy price of the entry: needs the leverage); `on-cost-and-initial` (taker rate on entry value
    plus initial margin). `fee_reserved`: in isolated mode the fee is held on top of the margin and so cancels.
    `fee_in_maintenance`: the venue's own maintenance figure contains the fee.
    `hedge`: how two legs of one contract in cross are charged: `sum`, `net` (only the difference), `larger-tier` (both,
    by the tier of the larger).
    `whole_satoshi`: the cost of one inverse contract is a whole number of satoshi.
    `nets_underlyings`: longs and shorts of one underlying are charged together over all its contracts.
    `displayed`: what the venue would show: `root`, `tick` (rounded toward the market), `one-tick` (moved one tick
    toward the market), `satoshi-tick`, `frozen-mark`, `ratio` (one ratio for all futures of the pool times the mark).
    """

    id: str
    valid_from: date
    evidence: Evidence
    source: str
    margin_modes: tuple[MarginMode, ...] = ("cross", "isolated")
    kinds: tuple[Kind, ...] = ("linear", "inverse")
    collateral_modes: tuple[CollateralMode, ...] = ("single",)
    basis: Literal["root", "entry", "frozen-mark", "root-entry-tier"] = "root"
    tier_form: Literal["marginal", "whole"] = "marginal"
    tier_unit: Literal["value", "contracts"] = "value"
    closing_fee: Literal["none", "at-price", "at-entry-bankruptcy", "on-cost-and-initial"] = "none"
    fee_reserved: bool = False
    fee_in_maintenance: bool = True
    initial_at: Literal["mark", "entry"] = "mark"
    initial_has_fee: bool = False
    opening_fee_from_wallet: bool = False
    whole_satoshi: bool = False
    hedge: Literal["sum", "net", "larger-tier"] = "sum"
    nets_underlyings: bool = False
    displayed: Literal["root", "tick", "one-tick", "satoshi-tick", "frozen-mark", "ratio"] = "root"

    @property
    def counts_taker_fee(self) -> bool:
        """Nothing can be said without the account's taker fee rate."""
        return self.closing_fee != "none"


class RatioStyle(msgspec.Struct, frozen=True):
    """The venue's own ratio: its label, and whether it is requirement / equity (rising) or the inverse (falling)."""

    label: str
    rising_is_bad: bool
    counts_order_fees: bool = False


class VenueRules(msgspec.Struct, frozen=True, kw_only=True):
    """One venue's rules and rule data in force at one moment, the trader's overrides merged in."""

    venue: str
    rules: tuple[MarginRule, ...]
    instruments: Mapping[str, Instrument]
    collateral: Mapping[str, CollateralRule]
    taker_fee_rate: Decimal | None
    ratio: RatioStyle | None
    as_of: date
    collateral_modes: tuple[CollateralMode, ...] = ("single",)

    def rule(self, margin_mode: MarginMode, kind: Kind, collateral_mode: CollateralMode) -> MarginRule | Unknown:
        """The rule for a position; isolated positions keep the single-asset rule in `multi` accounts."""
        if collateral_mode not in self.collateral_modes:
            return Unknown(f"{self.venue} has no rule here for collateral_mode {collateral_mode}")
        wanted = "single" if margin_mode == "isolated" else collateral_mode
        for rule in self.rules:
            if margin_mode in rule.margin_modes and kind in rule.kinds and wanted in rule.collateral_modes:
                return rule
        return Unknown(f"no rule of {self.venue} is known for {margin_mode} {kind} positions on {self.as_of}")
