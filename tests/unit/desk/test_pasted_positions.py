"""Pasted and dropped tables: columns guessed by title, each fault at its cell, and only sound rows become edits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.frames import BTC, ETH, d, desk, sample_desk
from workstation.desk.edits import AddAccount, apply
from workstation.desk.pasted_positions import PastedRow, Reading, read_rows
from workstation.desk.pasted_table import (
    MEANINGS,
    NUMBER_FORMS,
    guess_meanings,
    guess_numbers,
    plain_number,
    read_table,
)
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.positions_csv import write_positions
from workstation.desk.state import DeskState
from workstation.domain.instrument import Instrument
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView

MARKET = MarketView()
EXPORT = (
    "Symbol\tSide\tSize\tEntry Price\tMark Price\tLiq. Price\tMargin Mode\tLeverage\n"
    "SOLUSDT\tLong\t50 SOL\t160.5\t158.2\t90.1\tCross\t10x\n"
    "1000PEPEUSDT Perp\tSell\t5000 USDT\t0.01\t\t\tIsolated\t20\n"
)


def known(venue: str) -> dict[str, Instrument]:
    names = (BTC, ETH, "SOL/USDT:USDT", "1000PEPE/USDT:USDT") if venue == "binance-usdm" else ()
    return {symbol: Instrument(symbol, "linear") for symbol in names}


def rows(text: str, state: DeskState | None = None, **changed: object) -> tuple[PastedRow, ...]:
    table = read_table(text)
    reading = Reading(
        meanings=changed.get("meanings") or guess_meanings(table),  # type: ignore[arg-type]
        numbers=changed.get("numbers") or guess_numbers(table),  # type: ignore[arg-type]
        account=str(changed.get("account", "SAMPLE")),
        venue=str(changed.get("venue", "binance-usdm")),
    )
    left_out = changed.get("left_out") or ()
    return read_rows(table, reading, desk() if state is None else state, MARKET, known, left_out)  # type: ignore[arg-type]


def test_a_venues_export_is_understood():
    sol, pepe = (row.position for row in rows(EXPORT))
    assert sol is not None
    assert (sol.symbol, sol.side, sol.quantity, sol.leverage) == ("SOL/USDT:USDT", "long", d("50"), d("10"))
    assert pepe is not None
    assert (pepe.symbol, pepe.side, pepe.margin_mode) == ("1000PEPE/USDT:USDT", "short", "isolated")
    assert pepe.quantity == 500_000


def test_the_liquidation_price_of_the_venue_is_ignored():
    assert guess_meanings(read_table(EXPORT))[5] == "ignored"


def test_signed_sizes_say_the_side():
    titles = "symbol,positionAmt,entryPrice,marginType,isolatedMargin\n"
    text = titles + "BTCUSDT,-0.5,98000,cross,0\nETHUSDT,2,4000,isolated,500\n"
    short, long = (row.position for row in rows(text))
    assert short is not None
    assert (short.side, short.quantity, short.isolated_wallet) == ("short", d("0.5"), None)
    assert long is not None
    assert (long.side, long.isolated_wallet) == ("long", d("500"))


def test_a_size_without_any_sign_of_its_side_is_asked_about():
    (row,) = rows("symbol,qty,entry\nBTCUSDT,0.5,98000\n")
    assert "long or short?" in row.faults[-1]


def test_a_side_that_its_size_denies_is_refused():
    (row,) = rows("symbol,side,qty,entry\nBTCUSDT,long,-0.5,98000\n")
    assert row.faults == {1: "says long, but the size is below zero"}


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        ("DOGEX,long,1,1,,", 0, "not known at binance-usdm"),
        (",long,1,1,,", 0, "the contract is missing"),
        ("BTC,up,1,1,,", 1, "neither long nor short: 'up'"),
        ("BTC,long,,1,,", 2, "the size is missing"),
        ("BTC,long,0,1,,", 2, "must be above 0"),
        ("BTC,long,x,1,,", 2, "not a number written like 1234.5: 'x'"),
        ("BTC,long,1,,,", 3, "the entry price is missing"),
        ("BTC,long,1,-5,,", 3, "must be above 0"),
        ("BTC,long,1,1,0,", 4, "must be above zero"),
        ("BTC,long,1,1,,abcx", 5, "not a number written like"),
        ("BTC,long,1,1,,0", 5, "must be above 0"),
    ],
)
def test_a_fault_stands_at_its_cell(line: str, column: int, says: str):
    (row,) = rows("symbol,side,qty,entry,mark,leverage\n" + line + "\n")
    assert says in row.faults[column]
    assert row.edits == ()


def test_one_row_may_have_several_faults():
    (row,) = rows("symbol,side,qty,entry\nDOGEX,up,x,y\n")
    assert set(row.faults) == {0, 1, 2, 3}


def test_a_line_keeps_its_number_when_blank_ones_stand_before_it():
    text = "symbol,side,qty,entry\n\nBTC,long,1,1\n,,,\nETH,long,1,1\n"
    assert [row.line for row in rows(text)] == [3, 5]


def test_the_same_leg_twice_is_refused_until_the_first_is_left_out():
    text = "symbol,side,qty,entry\nBTC,long,1,1\nBTC,long,2,1\n"
    first, second = rows(text)
    assert first.is_sound
    assert "already holds" in second.faults[-1]
    assert rows(text, left_out={0})[1].is_sound


def test_a_new_account_is_made_once():
    text = "symbol,side,qty,entry\nBTC,long,1,1\nETH,short,1,1\n"
    first, second = rows(text, account="new")
    assert isinstance(first.edits[0], AddAccount)
    assert len(second.edits) == 1
    state = desk()
    for row in (first, second):
        for edit in row.edits:
            state = apply(state, edit)
    assert [len(account.positions) for account in state.accounts] == [0, 2]


def test_columns_of_account_and_venue_say_where_each_row_goes():
    text = "account,venue,symbol,side,qty,entry\nhl,Hyperliquid,BTC/USDC:USDC,long,1,1\n,nyse,BTC,long,1,1\n"
    first, second = rows(text)
    assert isinstance(first.edits[0], AddAccount)
    assert first.edits[0].account.venue == "hyperliquid"
    assert second.faults == {1: "not a venue known here: 'nyse'"}


def test_two_sizes_are_one_too_many():
    (row,) = rows("symbol,side,qty,contracts,entry\nBTC,long,1,1,1\n")
    assert "quantity and contracts both give a size" in row.faults[2]


def test_our_own_export_comes_back():
    state = sample_desk()
    back = DeskState()
    for row in rows(write_positions(state).decode("utf-8-sig"), back):
        assert row.is_sound, row.faults
        for edit in row.edits:
            back = apply(back, edit)
    assert back.accounts[0].positions == state.accounts[0].positions
    assert back.marks == state.marks


def test_groups_are_read_only_where_they_cannot_be_a_decimal():
    text = 'symbol,side,qty,entry\nBTC,long,"1,000","98,000.50"\n'
    assert guess_numbers(read_table(text)) == "1,234.5"
    (row,) = rows(text)
    assert row.position is not None
    assert (row.position.quantity, row.position.entry_price) == (1000, d("98000.50"))
    alone = 'symbol,side,qty,entry\nBTC,long,"1,000",98000\n'
    assert guess_numbers(read_table(alone)) == "1234.5"
    assert "not a number written like" in rows(alone)[0].faults[2]
    assert rows(alone, numbers="1.234,5")[0].position is not None


def test_a_comma_for_the_point_goes_with_semicolons():
    text = "symbol;side;qty;entry\nBTC;short;0,5;98.000,5\n"
    (row,) = rows(text)
    assert row.position is not None
    assert (row.position.quantity, row.position.entry_price) == (d("0.5"), d("98000.5"))


def test_blanks_part_thousands_and_nothing_behind_them_is_dropped():
    text = "symbol;side;qty;entry\nETH;short;12;4 105,20\nBTC;long;0,25 BTC;98 450 USDT\n"
    assert guess_numbers(read_table(text)) == "1.234,5"
    first, second = rows(text)
    assert first.position is not None
    assert second.position is not None
    assert first.position.entry_price == d("4105.20")
    assert (second.position.quantity, second.position.entry_price) == (d("0.25"), 98450)
    wrong = rows(text, numbers="1234.5")[0]
    assert wrong.position is None
    assert "not a number written like 1234.5: '4 105,20'" in wrong.faults[3]


def test_two_numbers_in_a_cell_are_no_number():
    (row,) = rows("symbol,side,qty,entry\nBTC,long,1 2,98000\n")
    assert "not a number" in row.faults[2]


@pytest.mark.parametrize("cell", ["0,25", "0,123", "85,5", "12,3456", "4 105,20", "1.234,5"])
def test_what_only_a_decimal_comma_explains_is_guessed_so(cell: str):
    assert guess_numbers(read_table(f"symbol;side;qty;entry\nBTC;long;{cell};98000\n")) == "1.234,5"


@pytest.mark.parametrize(
    ("text", "form"),
    [("1,00", "1,234.5"), ("1.2.3", "1234.5"), ("1.23,4", "1.234,5"), ("1,234,5", "1.234,5"), ("1.5,0.5", "1,234.5")],
)
def test_groups_of_another_length_are_no_number(text: str, form: str):
    assert plain_number(text, form) is None  # type: ignore[arg-type]


def test_a_table_without_titles_is_read_by_its_cells():
    table = read_table("BTCUSDT\tlong\t0.5\t98000\t10x\n")
    assert not table.named
    assert guess_meanings(table) == ("symbol", "side", "ignored", "ignored", "leverage")
    (row,) = rows("BTCUSDT\tlong\t0.5\t98000\n", meanings=("symbol", "side", "quantity", "entry price"))
    assert row.is_sound


def test_contracts_as_a_title_of_symbols():
    text = "Contracts,Qty,Side,Entry Price\nBTCUSDT,0.5,Buy,98000\n"
    assert guess_meanings(read_table(text))[0] == "symbol"


@pytest.mark.parametrize("text", ["", "\n \n", "symbol,side\n", 'a,"b\n', "a\n" * 2_100])
def test_what_is_no_table_is_refused(text: str):
    with pytest.raises(BadInput):
        read_table(text)


CELLS = st.sampled_from(
    [
        "",
        "BTC",
        "btcusdt",
        "long",
        "Sell",
        "-1",
        "0.5",
        "1,000",
        "98.000,5",
        "x",
        "10x",
        "cross",
        "$5",
        "5 USDT",
        "3 Cont",
    ]
)


@given(
    st.lists(st.lists(CELLS | st.text(max_size=5), min_size=5, max_size=5), min_size=1, max_size=4),
    st.lists(st.sampled_from(MEANINGS), min_size=5, max_size=5, unique=True),
    st.sampled_from(NUMBER_FORMS),
)
def test_whatever_is_pasted_what_is_sound_can_be_saved_and_opened(cells, meanings, numbers):
    text = "\n".join("\t".join("".join(c.split()) or c.strip() for c in line) for line in cells)
    try:
        table = read_table(text)
    except BadInput:
        return
    if len(table.titles) != 5:
        return
    state = desk()
    for row in read_rows(table, Reading(tuple(meanings), numbers, "new", "binance-usdm"), state, MARKET, known):
        assert row.is_sound == bool(row.edits)
        for edit in row.edits:
            state = apply(state, edit)
    assert read_portfolio(write_portfolio(state)) == state
    assert state.accounts[0].balances == {"USDT": Decimal(10000)}
