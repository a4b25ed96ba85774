"""The portfolio file is read whole or refused whole, with every fault and its place."""

import json
import os
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from tests.kit.planted_faults import RICH, BrokenFile, broken_files
from tests.kit.portfolios import CASES_FILE, Json, encoded, public_cases
from workstation.desk.portfolio_file import LARGEST_FILE, VENUE_IDS, read_portfolio
from workstation.domain.collateral import Buffers, Haircut
from workstation.domain.position import Stop
from workstation.domain.problem import BadInput, Problem
from workstation.venues import VENUES

NUMBER_OF_FILES = 10_000
SEED = int(os.environ.get("BROKEN_FILES_SEED", "20260507"))


def problems_of(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(BadInput) as refused:
        read_portfolio(data)
    assert refused.value.problems
    return refused.value.problems


def changed(*path: Any, to: Any = None, drop: bool = False) -> Json:
    """The rich portfolio with one thing changed, or without it."""
    document = deepcopy(RICH)
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return document


def places_of(document: Json) -> set[str]:
    return {problem.where for problem in problems_of(encoded(document))}


# --- broken files -----------------------------------------------------------------------------------------------------


def test_10_000_broken_files_are_each_refused_with_every_fault_and_its_place():
    for file in broken_files(SEED, NUMBER_OF_FILES):
        problems = problems_of(file.data)
        named = {problem.where for problem in problems}
        for fault in file.faults:
            assert named & set(fault.places), f"{fault} not among {sorted(named)}"
        assert all("\n" not in str(problem) and problem.text for problem in problems)


def test_no_place_is_accused_where_no_fault_was_planted():
    for file in broken_files(SEED + 1, NUMBER_OF_FILES // 5):
        for problem in problems_of(file.data):
            assert _has_to_do_with(problem.where, file), f"{problem} for {file.faults}"


def _has_to_do_with(where: str, file: BrokenFile) -> bool:
    places = [place for fault in file.faults for place in fault.places]
    return any(where.startswith(place) or place.startswith(where) for place in places)


def test_a_bad_cap_does_not_accuse_the_row_below_it():
    document = changed("instruments", "binance-usdm", "BTC/USDT:USDT", "tiers", 0, "cap", to="many")
    assert places_of(document) == {"instruments.binance-usdm.BTC/USDT:USDT.tiers[0].cap"}


def test_a_leg_without_a_side_is_no_twin():
    document = changed("accounts", 0, "positions", 0, "side", drop=True)
    document["accounts"][0]["positions"].append(deepcopy(RICH["accounts"][0]["positions"][0]))
    assert places_of(document) == {"accounts[0].positions[0]"}


# --- the faults that the contract names -------------------------------------------------------------------------------

POSITION = ("accounts", 0, "positions", 0)
TIERS = ("instruments", "binance-usdm", "BTC/USDT:USDT", "tiers")
NAMED = {
    "unknown key": (changed(*POSITION, "quantiy", to="1"), "accounts[0].positions[0].quantiy"),
    "bad number": (changed(*POSITION, "quantity", to="one"), "accounts[0].positions[0].quantity"),
    "negative number": (changed(*POSITION, "entry_price", to="-1"), "accounts[0].positions[0].entry_price"),
    "negative balance": (changed("accounts", 0, "balances", "USDT", to="-1"), "accounts[0].balances.USDT"),
    "negative amount": (
        changed(*TIERS, 1, "maintenance_amount", to="-300"),
        "instruments.binance-usdm.BTC/USDT:USDT.tiers[1].maintenance_amount",
    ),
    "unknown venue": (changed("accounts", 0, "venue", to="ftx"), "accounts[0].venue"),
    "unknown venue of marks": (changed("marks", "ftx", to={}), "marks.ftx"),
    "identical legs": (
        changed("accounts", 0, "positions", to=[RICH["accounts"][0]["positions"][0]] * 2),
        "accounts[0].positions[1]",
    ),
    "both tiers and margin_model": (
        changed(*TIERS[:-1], "margin_model", to=RICH["instruments"]["deribit"]["BTC/USD:BTC"]["margin_model"]),
        "instruments.binance-usdm.BTC/USDT:USDT",
    ),
    "tiers not contiguous": (
        changed(*TIERS, 1, "floor", to="299999"),
        "instruments.binance-usdm.BTC/USDT:USDT.tiers[1]",
    ),
    "rates falling": (
        changed(*TIERS, 2, "maintenance_rate", to="0.0049"),
        "instruments.binance-usdm.BTC/USDT:USDT.tiers[2]",
    ),
}


@pytest.mark.parametrize("fault", NAMED)
def test_a_fault_that_the_contract_names_is_refused_at_its_place(fault: str):
    document, place = NAMED[fault]
    assert places_of(document) == {place}


def test_all_faults_are_told_at_once_and_nothing_is_loaded():
    document = changed("accounts", 0, "venue", to="ftx")
    document["accounts"][0]["positions"][0] |= {"quantity": "-1", "leverage": "ten"}
    document["accounts"][1]["name"] = ""
    document["marks"]["deribit"]["BTC/USD:BTC"] = 0
    document["extra"] = 1
    assert places_of(document) == {
        "extra",
        "accounts[0].venue",
        "accounts[0].positions[0].quantity",
        "accounts[0].positions[0].leverage",
        "accounts[1].name",
        "marks.deribit.BTC/USD:BTC",
    }


def test_a_fault_says_what_is_wrong_and_how_to_mend_it():
    [problem] = problems_of(encoded(changed(*POSITION, "leverage", to="ten")))
    assert str(problem).startswith("accounts[0].positions[0].leverage: ")
    assert "'ten'" in problem.text
    assert '"0.5"' in problem.text
    [problem] = problems_of(encoded(changed("accounts", 0, "taker_fee_rate", to="5")))
    assert "fraction" in problem.text


def test_a_key_that_stands_twice_is_refused_at_its_place():
    text = json.dumps(RICH).replace('"quantity": "1"', '"quantity": "1", "quantity": "10"', 1)
    [problem] = problems_of(text.encode())
    assert problem.where == "accounts[0].positions[0].quantity"


@pytest.mark.parametrize("name", ["\ud800", "A\nB", "\x00", "x" * 500])
@pytest.mark.parametrize("place", [("accounts", 0, "balances"), ("accounts", 0, "holdings"), ("collateral_prices",)])
def test_names_that_no_screen_and_no_file_can_take_are_refused(place: tuple[Any, ...], name: str):
    problems = problems_of(encoded(changed(*place, name, to="1")))
    assert all(str(problem).isprintable() for problem in problems)


def test_many_faults_take_no_longer_than_many_positions():
    """200 000 of them: where each is compared with all others this takes an hour, and the test's limit ends it."""
    document = {"version": 1, "accounts": [], **{f"key{i}": 1 for i in range(200_000)}}
    assert len(problems_of(encoded(document))) == 200_000


def test_a_file_too_large_to_be_one_is_refused():
    [problem] = problems_of(b" " * (LARGEST_FILE + 1))
    assert "MiB" in problem.text


@pytest.mark.parametrize("account", [{}, {"name": "a"}, {"venue": "okx"}])
def test_an_account_needs_a_name_and_a_venue(account: Json):
    wanted = {"accounts[0]"}
    assert places_of({"version": 1, "accounts": [account]}) == wanted


def test_two_accounts_of_one_venue_need_names_of_their_own():
    account = {"name": "main", "venue": "okx"}
    assert places_of({"version": 1, "accounts": [account, account]}) == {"accounts[1]"}


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_rich_file_is_read_as_it_stands():
    state = read_portfolio(encoded(RICH))
    main, coins = state.accounts
    assert (main.name, main.venue, main.position_mode, main.collateral_mode) == (
        "main",
        "binance-usdm",
        "hedge",
        "single",
    )
    assert main.balances == {"USDT": Decimal(10000), "USDC": Decimal(0)}
    assert main.positions[0].stop == Stop(Decimal(90000), "mark")
    assert main.positions[2].contracts == 3
    assert main.positions[3].implied_volatility == Decimal("0.55")
    assert main.orders[1].contracts == 2
    assert main.holdings == {"BTC": Decimal("0.5")}
    assert coins.collateral_mode == "multi"
    tiers = state.instruments["binance-usdm"]["BTC/USDT:USDT"].tiers
    assert tiers is not None
    assert [row.cap for row in tiers.rows] == [300000, 800000, None]
    assert tiers.rows[1].maintenance_amount == 300
    assert state.instruments["binance-usdm"]["BTC/USDT:USDT"].asset_class == "crypto"
    assert str(state.instruments["deribit"]["BTC/USD:BTC"].expiry) == "2026-12-25"
    assert state.marks["deribit"]["BTC/USD:BTC"] == 100000
    assert state.collateral_prices["USDC"] == {"deribit": Decimal(1), "binance-usdm": Decimal("0.9998")}
    assert state.collateral["binance-usdm"]["USDT"] == Buffers(Decimal("0.01"), Decimal("0.005"))
    assert state.collateral["deribit"]["BTC"] == Haircut(Decimal("0.05"))


def test_every_published_case_is_read():
    for case in public_cases():
        read_portfolio(encoded(case["portfolio"]))


def test_the_contracts_venues_are_those_of_the_program():
    contract = "binance-usdm binance-coinm bybit okx hyperliquid deribit bitget gate dydx bitmex kraken kucoin"
    assert list(VENUE_IDS) == contract.split() == [spec.id for spec in VENUES]


def test_what_is_absent_has_the_contracts_default():
    document = {
        "version": 1,
        "accounts": [
            {
                "name": "a",
                "venue": "okx",
                "positions": [{"symbol": "BTC/USDT:USDT", "side": "long", "quantity": "1", "entry_price": "1"}],
            }
        ],
    }
    state = read_portfolio(encoded(document))
    [account] = state.accounts
    assert state.as_of is None
    assert (account.position_mode, account.collateral_mode) == ("one-way", "single")
    assert (account.taker_fee_rate, account.balances) == (None, None)
    [position] = account.positions
    assert position.margin_mode == "cross"
    assert (position.leverage, position.isolated_wallet, position.stop) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"0.1"', "0.1"),
        ("0.1", "0.1"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
        ("123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789"),
        ("1e-8", "0.00000001"),
        ("1E+2", "100"),
        ("3", "3"),
        ('"+3"', "3"),
        ('".5"', "0.5"),
        ('"1."', "1"),
    ],
)
def test_a_number_is_read_through_its_text_and_never_through_binary_floating_point(text: str, value: str):
    data = f'{{"version": 1, "accounts": [], "collateral_prices": {{"BTC": {text}}}}}'.encode()
    assert read_portfolio(data).collateral_prices == {"BTC": Decimal(value)}


@pytest.mark.parametrize("version", ["1", "1.0", '"1"'])
def test_version_1_may_be_a_number_or_a_text(version: str):
    assert read_portfolio(f'{{"version": {version}, "accounts": []}}'.encode()).accounts == ()


@pytest.mark.parametrize("moment", ["2026-05-07T00:00:00Z", "2026-05-07T00:00:00.5+02:00", "2026-05-07"])
def test_a_moment_is_iso_8601(moment: str):
    assert read_portfolio(encoded({"version": 1, "as_of": moment, "accounts": []})).as_of == moment


def test_a_byte_order_mark_does_no_harm():
    assert read_portfolio(b"\xef\xbb\xbf" + encoded(RICH)) == read_portfolio(encoded(RICH))


def test_the_order_of_keys_does_no_harm():
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(inner) for key, inner in reversed(value.items())}
        return [turned(inner) for inner in value] if isinstance(value, list) else value

    assert read_portfolio(encoded(turned(RICH))) == read_portfolio(encoded(RICH))


@pytest.mark.parametrize(
    "symbol", ["哈基米/USDT:USDT", "XYZ-AAPL/USDC:USDC", "1000PEPE/USDT:USDT", "BTC/USD:BTC-250926"]
)
def test_symbols_of_every_venue_are_read(symbol: str):
    document = {"version": 1, "accounts": [], "marks": {"okx": {symbol: "1"}}}
    assert read_portfolio(encoded(document)).marks["okx"] == {symbol: Decimal(1)}


def test_in_multi_mode_a_wallet_may_be_in_debt():
    assert read_portfolio(encoded(changed("accounts", 1, "balances", "USDC", to="-5"))).accounts[1].balances


def test_one_contract_may_be_held_in_cross_and_isolated_and_on_both_sides():
    legs = [
        {"symbol": "BTC/USDT:USDT", "side": side, "quantity": "1", "entry_price": "1", "margin_mode": mode}
        for side in ("long", "short")
        for mode in ("cross", "isolated")
    ]
    assert len(read_portfolio(encoded(changed("accounts", 0, "positions", to=legs))).accounts[0].positions) == 4


def test_the_cases_file_itself_is_no_portfolio():
    assert problems_of(CASES_FILE.read_bytes())
