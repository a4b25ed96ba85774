"""What is written is read back as the same desk, byte for byte the same each time."""

import json
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.planted_faults import RICH
from tests.kit.portfolios import SEEDS, VENUES, encoded, public_cases, random_portfolio
from workstation.desk.portfolio_file import FROM_FILE, read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.domain.collateral import Buffers, Haircut
from workstation.domain.instrument import InstrumentOverride, parse_symbol
from workstation.domain.position import Account, Order, Position, Stop
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable

LINEAR = ("BTC/USDT:USDT", "1000PEPE/USDT:USDT", "哈基米/USDT:USDT", "XYZ-AAPL/USDC:USDC", "ETH/USDT:USDT-261225")
INVERSE = ("BTC/USD:BTC", "ETH/USD:ETH-250926")
OPTIONS = ("BTC/USD:BTC-261225-80000-P", "ETH/USDC:USDC-261225-4000.5-C")
ASSETS: st.SearchStrategy[str] = st.sampled_from(
    ("USDT", "USDC", "BTC", "BNB", "USD", "哈基米", "a b", 'quo"te', "back\\slash")
)


def numbers(least: str = "0", most: str = "1e20", *, above: bool = False) -> st.SearchStrategy[Decimal]:
    """Decimals of every form: whole, long, tiny, with an exponent."""
    plain = st.decimals(least, most, allow_nan=False, allow_infinity=False, places=None)
    forms = st.one_of(
        plain.map(lambda d: Decimal(f"{d:.25g}")),
        st.integers(1, 10**18).map(lambda i: Decimal(i).scaleb(-9)),
        st.sampled_from([Decimal("1E+3"), Decimal("1E-12"), Decimal("0.100"), Decimal(7)]),
    )
    low, high = Decimal(least), Decimal(most)
    return forms.filter(lambda d: (d > low if above else d >= low) and d <= high and abs(d.adjusted()) <= 29)


AMOUNTS, PRICES = numbers(), numbers(above=True)
NAMES = st.text(min_size=1, max_size=40).filter(lambda text: bool(text.strip()) and text.isprintable())


@st.composite
def tier_tables(draw: st.DrawFn) -> TierTable:
    edges = [Decimal(0), *sorted(draw(st.sets(numbers(above=True), min_size=1, max_size=5)))]
    rates = sorted(draw(st.lists(numbers("0", "1"), min_size=len(edges) - 1, max_size=len(edges) - 1)))
    endless = draw(st.booleans())
    rows = [
        MarginTier(
            floor,
            None if endless and i == len(rates) - 1 else edges[i + 1],
            rates[i],
            draw(st.none() | AMOUNTS),
            draw(st.none() | PRICES),
        )
        for i, floor in enumerate(edges[:-1])
    ]
    return TierTable(tuple(rows), FROM_FILE, FROM_FILE)


def some(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """One of some names, as any text."""
    return st.sampled_from(names)


MODELS = st.builds(LinearInSize, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)


@st.composite
def overrides(draw: st.DrawFn, symbol: str) -> InstrumentOverride:
    parts, tiered = parse_symbol(symbol), draw(st.sampled_from(("tiers", "model", "none")))
    assert parts is not None
    return InstrumentOverride(
        kind=draw(st.sampled_from((None, parts.kind))),
        contract_size=draw(st.none() | PRICES),
        price_tick=draw(st.none() | PRICES),
        expiry=draw(st.none() | st.dates(date(2020, 1, 1), date(2099, 12, 31))),
        asset_class=draw(st.none() | NAMES),
        tiers=draw(tier_tables()) if tiered == "tiers" else None,
        margin_model=draw(MODELS) if tiered == "model" else None,
    )


@st.composite
def positions(draw: st.DrawFn, symbol: str, side: str, mode: str) -> Position:
    by_contracts = symbol in INVERSE or draw(st.booleans())
    return Position(
        symbol=symbol,
        side=side,  # type: ignore[arg-type]
        entry_price=draw(PRICES),
        quantity=None if by_contracts else draw(PRICES),
        contracts=draw(PRICES) if by_contracts else None,
        margin_mode=mode,  # type: ignore[arg-type]
        leverage=draw(st.none() | PRICES),
        isolated_wallet=draw(st.none() | AMOUNTS) if mode == "isolated" else None,
        stop=draw(st.none() | st.builds(Stop, PRICES, st.sampled_from(("mark", "last", "index")))),
        implied_volatility=draw(PRICES) if symbol in OPTIONS else None,
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    by_contracts = draw(st.booleans())
    return Order(
        symbol=draw(st.sampled_from(LINEAR + INVERSE)),
        side=draw(st.sampled_from(("buy", "sell"))),
        price=draw(PRICES),
        quantity=None if by_contracts else draw(PRICES),
        contracts=draw(PRICES) if by_contracts else None,
        reduce_only=draw(st.booleans()),
    )


@st.composite
def accounts(draw: st.DrawFn, name: str) -> Account:
    multi = draw(st.booleans())
    legs = st.tuples(
        st.sampled_from(LINEAR + INVERSE + OPTIONS),
        st.sampled_from(("long", "short")),
        st.sampled_from(("cross", "isolated")),
    )
    wallet = numbers("-1e20" if multi else "0")
    return Account(
        name=name,
        venue=draw(st.sampled_from(VENUES)),
        position_mode=draw(st.sampled_from(("one-way", "hedge"))),
        collateral_mode="multi" if multi else "single",
        taker_fee_rate=draw(st.none() | numbers("0", "0.9999")),
        balances=draw(st.none() | st.dictionaries(ASSETS, wallet, max_size=3)),
        positions=tuple(draw(positions(*leg)) for leg in sorted(draw(st.sets(legs, max_size=4)))),
        orders=tuple(draw(st.lists(orders(), max_size=2))),
        holdings=draw(st.dictionaries(ASSETS, AMOUNTS, max_size=2)),
    )


@st.composite
def desks(draw: st.DrawFn) -> DeskState:
    """Any desk that a file can hold."""
    venues = some(VENUES)
    symbols = LINEAR + INVERSE
    held = {
        venue: {
            symbol: draw(overrides(symbol)) for symbol in sorted(draw(st.sets(st.sampled_from(symbols), max_size=2)))
        }
        for venue in sorted(draw(st.sets(venues, max_size=2)))
    }
    marks = st.dictionaries(some(symbols + OPTIONS), PRICES, max_size=3)
    rules = st.builds(Buffers, numbers("0", "1"), AMOUNTS) | st.builds(Haircut, numbers("0", "1"))
    moments = st.sampled_from((None, "2026-05-07T00:00:00Z", "2026-05-07", "2025-01-01T10:00:00+02:00"))
    return DeskState(
        as_of=draw(moments),
        accounts=tuple(draw(accounts(name)) for name in draw(st.lists(NAMES, max_size=3, unique=True))),
        instruments=held,
        marks=draw(st.dictionaries(venues, marks, max_size=2)),
        collateral_prices=draw(
            st.dictionaries(ASSETS, PRICES | st.dictionaries(venues, PRICES, max_size=2), max_size=3)
        ),
        collateral=draw(st.dictionaries(venues, st.dictionaries(ASSETS, rules, max_size=2), max_size=2)),
        betas=draw(st.dictionaries(ASSETS, numbers("-10", "10"), max_size=2)),
    )


@given(desks())
def test_what_is_written_is_read_back_as_the_same_desk(desk: DeskState):
    assert read_portfolio(write_portfolio(desk)) == desk


@given(desks())
def test_writing_is_deterministic_and_settles_at_once(desk: DeskState):
    data = write_portfolio(desk)
    assert write_portfolio(desk) == data
    assert write_portfolio(read_portfolio(data)) == data


@given(SEEDS, st.sampled_from(VENUES))
def test_a_valid_file_is_never_refused(seed: int, venue: str):
    portfolio = random_portfolio(Random(seed), venue)
    state = read_portfolio(encoded(portfolio))
    assert read_portfolio(write_portfolio(state)) == state


@pytest.mark.parametrize("portfolio", [RICH, *(case["portfolio"] for case in public_cases()[::9])])
def test_known_files_survive_a_round(portfolio: dict[str, Any]):
    state = read_portfolio(encoded(portfolio))
    assert read_portfolio(write_portfolio(state)) == state


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [leaf for inner in value for leaf in leaves(inner)] if isinstance(value, list) else [value]


@given(desks())
def test_every_amount_is_a_plain_decimal_text(desk: DeskState):
    for leaf in leaves(json.loads(write_portfolio(desk))):
        assert leaf is None or isinstance(leaf, str | bool) or leaf == 1  # the version


def test_the_file_is_utf_8_for_people():
    data = write_portfolio(read_portfolio(encoded(RICH)))
    assert data.endswith(b"}\n")
    assert b"\n  " in data
    assert "哈基米".encode() in write_portfolio(
        DeskState(marks={"okx": {"哈基米/USDT:USDT": Decimal(1)}}),
    )


def test_what_says_nothing_is_left_out():
    document = json.loads(write_portfolio(DeskState(accounts=(Account(name="a", venue="okx"),))))
    assert set(document) == {"version", "accounts"}
    assert set(document["accounts"][0]) == {"name", "venue", "position_mode", "collateral_mode", "positions"}
