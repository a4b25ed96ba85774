"""What differs by exchange: VENUES lists every venue, one line each."""

from workstation.venues import (
    binance,
    bitget,
    bitmex,
    bybit,
    deribit,
    dydx,
    gate,
    hyperliquid,
    kraken,
    kucoin,
    okx,
)

VENUES = (
    binance.USD_M,
    binance.COIN_M,
    bybit.SPEC,
    okx.SPEC,
    hyperliquid.SPEC,
    deribit.SPEC,
    bitget.SPEC,
    gate.SPEC,
    dydx.SPEC,
    bitmex.SPEC,
    kraken.SPEC,
    kucoin.SPEC,
)

BY_ID = {spec.id: spec for spec in VENUES}
