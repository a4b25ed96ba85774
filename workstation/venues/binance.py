"""Binance USD-M and COIN-M futures: maintenance at the liquidation price, no fee, marginal brackets."""

from datetime import date

from workstation.risk.rules import MarginRule, RatioStyle
from workstation.venues.spec import VenueSpec

_RATIO = RatioStyle("Margin Ratio", rising_is_bad=True)

USD_M = VenueSpec(
    id="binance-usdm",
    name="Binance USD-M",
    ccxt_id="binanceusdm",
    ratio=_RATIO,
    collateral_modes=("single", "multi"),
    rules=(
        MarginRule(
            id="binance-linear",
            valid_from=date(2019, 9, 8),
            evidence="verified",
            source="Binance FAQ b3c689c1f50a44cabb3a84e663b81d93 (liquidation price of USD-M futures)",
            kinds=("linear",),
        ),
        MarginRule(
            id="binance-linear-multi-asset",
            valid_from=date(2021, 6, 1),
            evidence="verified",
            source="Binance FAQ c983a9268cfa4e70a4916c276bb3b7bc (margin ratio in the Multi-Assets Mode)",
            margin_modes=("cross",),
            kinds=("linear",),
            collateral_modes=("multi",),
        ),
    ),
)

COIN_M = VenueSpec(
    id="binance-coinm",
    name="Binance COIN-M",
    ccxt_id="binancecoinm",
    ratio=_RATIO,
    rules=(
        MarginRule(
            id="binance-inverse",
            valid_from=date(2020, 8, 10),
            evidence="verified",
            source="Binance FAQ ceccfcfb (liquidation price of COIN-M futures); dev.binance.vision thread 6292",
            kinds=("inverse",),
        ),
    ),
)
