"""Positions as CSV: what is written comes back, every fault names its line, and nothing is half-added."""

from decimal import Decimal
from pathlib import Path

import pytest

from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.positions_csv import COLUMNS, read_positions, write_positions
from workstation.desk.state import DeskState
from workstation.domain.position import Account, Position
from workstation.domain.problem import BadInput

SAMPLE = Path(__file__).parents[3] / "resources" / "samples" / "sample-account.json"
HEAD = "account,venue,symbol,side,quantity,contracts,entry_price,margin_mode,leverage,isolated_wallet,mark\n"


def places(data: str, desk: DeskState | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_positions(data.encode(), desk or DeskState())
    return [problem.where for problem in caught.value.problems]


def test_what_is_written_comes_back() -> None:
    desk = read_portfolio(SAMPLE.read_bytes())
    back = read_positions(write_positions(desk), DeskState())
    assert [a.positions for a in back.accounts] == [a.positions for a in desk.accounts]
    assert back.marks == desk.marks


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_rows_join_the_account_of_their_name_and_venue(separator: str) -> None:
    rows = (
        HEAD + "main,okx,BTC/USDT:USDT,long,0.5,,98000,,10,,97000\nmain,okx,BTC/USD:BTC,short,,3,98000,isolated,5,,\n"
    )
    held = Position(symbol="ETH/USDT:USDT", side="long", entry_price=Decimal(3000), quantity=Decimal(1))
    desk = DeskState(accounts=(Account(name="main", venue="okx", positions=(held,)),))
    read = read_positions(rows.replace(",", separator).encode("utf-8-sig"), desk)
    assert [p.symbol for p in read.accounts[0].positions] == ["ETH/USDT:USDT", "BTC/USDT:USDT", "BTC/USD:BTC"]
    assert read.marks["okx"]["BTC/USDT:USDT"] == 97000
    assert desk.accounts[0].positions == (held,)


def test_every_fault_names_its_line() -> None:
    rows = HEAD + "main,okx,BTC/USDT:USDT,long,-1,,98000,,,,x\n,nowhere,BTC,up,,,,,,,\n"
    found = places(rows)
    assert {"line 2.quantity", "line 2.mark", "line 3.account", "line 3.venue", "line 3.symbol", "line 3.side"} <= set(
        found
    )


def test_a_leg_that_stands_twice_is_refused() -> None:
    row = "main,okx,BTC/USDT:USDT,long,1,,98000,,,,\n"
    assert places(HEAD + row + row) == ["line 3"]


@pytest.mark.parametrize(
    "data",
    [
        "",
        "account,venue\n",
        "account,venue,symbol,side,entry_price,entry_price\n",
        HEAD.replace("side", "direction"),
        HEAD + 'main,okx,"BTC\n',
        HEAD + "a,b,c,d,e,f,g,h,i,j,k,l\n",
    ],
)
def test_what_is_no_table_of_ours_is_refused(data: str) -> None:
    assert places(data)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(BadInput):
        read_positions(HEAD.encode() + b"\xff\xfe", DeskState())


def test_a_spreadsheet_runs_no_formula_of_ours() -> None:
    position = Position(symbol="ETH/USDT:USDT", side="long", entry_price=Decimal(3000), quantity=Decimal(1))
    desk = DeskState(accounts=(Account(name="=2+3", venue="okx", positions=(position,)),))
    written = write_positions(desk)
    assert b"'=2+3" in written
    assert read_positions(written, DeskState()).accounts[0].name == "=2+3"


def test_the_columns_are_ours() -> None:
    assert HEAD.strip() == ",".join(COLUMNS)
