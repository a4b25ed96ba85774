"""A unified symbol says base, settle asset and kind; what is not one says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.instrument import Instrument, SymbolParts, parse_symbol

SYMBOLS = {
    "BTC/USDT:USDT": ("BTC", "USDT", "linear", False),
    "BTC/USD:BTC": ("BTC", "BTC", "inverse", False),
    "BTC/USD:BTC-250926": ("BTC", "BTC", "inverse", False),
    "1000PEPE/USDT:USDT": ("1000PEPE", "USDT", "linear", False),
    "哈基米/USDT:USDT": ("哈基米", "USDT", "linear", False),
    "XYZ-AAPL/USDC:USDC": ("XYZ-AAPL", "USDC", "linear", False),
    "BTC/USD:BTC-261225-80000-P": ("BTC", "BTC", "inverse", True),
    "ETH/USDC:USDC-261225-4000.5-C": ("ETH", "USDC", "linear", True),
}


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_symbol_says_what_it_is(symbol: str):
    parts = parse_symbol(symbol)
    assert parts is not None
    assert (parts.base, parts.settle, parts.kind, parts.is_option) == SYMBOLS[symbol]


@pytest.mark.parametrize(
    "symbol",
    [
        *(
            "",
            "BTC",
            "BTCUSDT",
            "BTC/USDT",
            "BTC/USDT:",
            "/USDT:USDT",
            "BTC/:USDT",
            "BTC/USDT:USDT-2609",
            "BTC USDT/USDT:USDT",
        ),
        *("BTC/USDT:USDT-260925-80000-X", "BTC/USDT:USDT-260925-80000", "BTC/USDT:USDT\n", "A/B/C:D", "A/B:C:D"),
    ],
)
def test_what_is_no_derivative_has_no_parts(symbol: str):
    assert parse_symbol(symbol) is None


@given(st.text(max_size=30))
def test_no_text_breaks_the_parser(text: str):
    parts = parse_symbol(text)
    assert parts is None or isinstance(parts, SymbolParts)


def test_an_instrument_of_another_name_is_refused_when_asked():
    with pytest.raises(ValueError, match="BTC/USDT"):
        _ = Instrument("BTC/USDT", "linear").base
