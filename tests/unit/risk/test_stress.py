"""The joint distance and the end of a move, with figures worked out by hand."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.kit.portfolios import Json, flat, instrument, leg, portfolio_of, report_of, tier
from workstation.desk.shock import read_shock
from workstation.domain.scenario import JointMove
from workstation.reports.documents import margin_document, stress_document

BTC, ETH, SOL = "BTC/USDT:USDT", "ETH/USDT:USDT", "SOL/USDT:USDT"
COIN = "BTC/USD:BTC"
SAMPLES = (
    Path(__file__).parents[3] / "resources" / "samples" / "sample-account.json",
    Path(__file__).parents[4] / "shared" / "cases" / "sample-account.json",
)


def stress_of(portfolio: Json, scenario: str | JointMove) -> Json:
    """`stress --json`."""
    move = read_shock(scenario) if isinstance(scenario, str) else scenario
    return stress_document(report_of(portfolio, move).stress[0])


def account_of(portfolio: Json, scenario: str) -> Json:
    [account] = stress_of(portfolio, scenario)["accounts"]  # type: ignore[misc]
    return account


def multiple_of(portfolio: Json, scenario: str) -> str | None:
    return account_of(portfolio, scenario)["joint_distance"]["multiple"]


def assert_near(text: str | None, exact: Fraction | int | str) -> None:
    assert text is not None
    assert abs(Fraction(text) - Fraction(exact)) <= abs(Fraction(exact)) / 10**15, (
        f"{text} is not {float(Fraction(exact))}"
    )


def book(*positions: Json, wallet: str = "5000", marks: Json | None = None, **members: Any) -> Json:
    """On Binance: BTC at 100,000 and 0.4 %, ETH at 4,000 and 0.5 %, SOL at 160 and 1 %, all in one USDT pool."""
    rates = {BTC: "0.004", ETH: "0.005", SOL: "0.01"}
    return portfolio_of(
        "binance-usdm",
        list(positions),
        {symbol: instrument(tiers=flat(rate)) for symbol, rate in rates.items()},
        {BTC: "100000", ETH: "4000", SOL: "160"} | (marks or {}),
        balances={"USDT": wallet},
        **members,
    )


LONG_BTC = leg(BTC, "long", "1", "100000")
SHORT_ETH = leg(ETH, "short", "10", "4000")


@pytest.mark.parametrize("file", SAMPLES, ids=["resources", "shared"])
def test_the_sample_account_stands_9_2369_per_cent_alone_and_4_5302_jointly(file: Path):
    if not file.exists():
        pytest.skip("shared data absent: the sample account")
    portfolio = json.loads(file.read_text(encoding="utf-8"))
    # alone: 10000 + P - 100000 = 0.004 P + 400 at 90400 / 0.996
    bitcoin = margin_document(report_of(portfolio))["accounts"][0]["positions"][0]  # type: ignore[index]
    assert f"{-Decimal(bitcoin['distance']['fraction']) * 100:.4f}" == "-9.2369"
    # with ETH moving 1.3 x BTC: 10000 - 204000 m = 800 - 920 m at m = 9200 / 203080
    joint = account_of(portfolio, "BTC=-0.10,ETH=-0.13")["joint_distance"]
    assert_near(joint["multiple"], Fraction(92000, 203080))
    assert f"{Decimal(joint['moves'][BTC]) * 100:.4f}" == "-4.5302"
    assert_near(joint["moves"][ETH], Fraction(-9200, 203080) * Fraction("1.3"))


# --- first liquidation along a move -----------------------------------------------------------------------------------


def test_a_short_hedge_helps():
    # 5000 - 10000 s + 5200 s = 400 (1 - 0.1 s) + 200 (1 - 0.13 s) at s = 4400 / 4734
    assert_near(multiple_of(book(LONG_BTC, SHORT_ETH), "BTC=-0.10,ETH=-0.13"), Fraction(4400, 4734))


def test_a_short_hedge_hurts_when_only_it_moves():
    # 5000 - 5200 s = 400 + 200 (1 + 0.13 s) at s = 4400 / 5226
    assert_near(multiple_of(book(LONG_BTC, SHORT_ETH), "ETH=0.13"), Fraction(4400, 5226))


def test_an_offsetting_book_never_liquidates_on_the_way_down():
    portfolio = book(LONG_BTC, leg(BTC, "short", "1", "101000"), account={"position_mode": "hedge"})
    joint = account_of(portfolio, "BTC=-0.10")
    # the maintenance of both legs falls with the price, the equity stays
    assert joint["joint_distance"]["multiple"] is None
    assert joint["joint_distance"]["moves"] == {}
    assert joint["first_liquidation"] is None


def test_an_offsetting_book_is_liquidated_upward_by_maintenance_alone():
    portfolio = book(LONG_BTC, leg(BTC, "short", "1", "101000"), account={"position_mode": "hedge"})
    # 5000 + 1000 = 2 x 400 (1 + s) at s = 6.5
    assert multiple_of(portfolio, "BTC=1") == "6.5"


def test_collateral_that_falls_with_the_position():
    portfolio = book(
        LONG_BTC,
        wallet="0",
        account={"collateral_mode": "multi"},
        collateral_prices={"USDT": "1", "BTC": "100000"},
        collateral={
            "binance-usdm": {
                "USDT": {"bid_buffer": "0", "ask_buffer": "0"},
                "BTC": {"bid_buffer": "0.05", "ask_buffer": "0.05"},
            }
        },
    )
    portfolio["accounts"][0]["balances"]["BTC"] = "0.5"
    # 0.95 x 50000 (1 - 0.1 s) - 10000 s = 400 (1 - 0.1 s); coins that kept their price would make it 47100 / 9960
    assert_near(multiple_of(portfolio, "BTC=-0.1"), Fraction(47100, 14710))
    portfolio["collateral_prices"]["BTC"] = {"binance-usdm": "100000", "okx": "1"}
    assert_near(multiple_of(portfolio, "BTC=-0.1"), Fraction(47100, 14710))


def test_a_dollar_that_slips_is_part_of_the_move():
    free = {"bid_buffer": "0", "ask_buffer": "0"}
    portfolio = book(
        leg(BTC, "long", "0.1", "100000"),
        wallet="0",
        account={"collateral_mode": "multi"},
        collateral_prices={"USDT": "1", "USDC": "1"},
        collateral={"binance-usdm": {"USDT": free, "USDC": free}},
    )
    portfolio["accounts"][0]["balances"]["USDC"] = "1000"
    # 1000 (1 - 0.2 s) - 1000 s = 40 (1 - 0.1 s) at s = 960 / 1196
    assert_near(multiple_of(portfolio, "BTC=-0.1,USDC=-0.2"), Fraction(960, 1196))
    # `*` is every coin, not a dollar: 1000 - 1000 s = 40 (1 - 0.1 s) at s = 960 / 996
    assert_near(multiple_of(portfolio, "*=-0.1"), Fraction(960, 996))


def test_a_coin_margined_long_falls_faster_than_its_price():
    portfolio = portfolio_of(
        "binance-coinm",
        [leg(COIN, "long", "100", "50000")],
        {COIN: instrument("inverse", contract_size="100", tiers=flat("0.01"))},
        {COIN: "50000"},
        balances={"BTC": "0.2"},
    )
    # 0.2 + 0.2 - 10000 / p = 100 / p at p = 25250, 49.5 % down
    assert_near(multiple_of(portfolio, "BTC=-0.1"), "4.95")


def test_of_two_pools_the_first_counts_and_names_itself():
    usdc = "ETH/USDC:USDC"
    portfolio = book(LONG_BTC, leg(usdc, "long", "10", "4000"))
    portfolio["instruments"]["binance-usdm"][usdc] = instrument(tiers=flat("0.005"))
    portfolio["marks"]["binance-usdm"][usdc] = "4000"
    portfolio["accounts"][0]["balances"]["USDC"] = "3000"
    # USDT: 5000 - 10000 s = 400 - 40 s at 4600 / 9960; USDC: 3000 - 5200 s = 200 - 26 s at 2800 / 5174
    account = account_of(portfolio, "BTC=-0.10,ETH=-0.13")
    assert_near(account["joint_distance"]["multiple"], Fraction(4600, 9960))
    assert account["first_liquidation"]["symbol"] == BTC
    # a gain in one pool does not help the other
    portfolio["accounts"][0]["balances"]["USDC"] = "1000"
    account = account_of(portfolio, "BTC=-0.10,ETH=-0.13")
    assert_near(account["joint_distance"]["multiple"], Fraction(800, 5174))
    assert account["first_liquidation"]["symbol"] == usdc


def test_an_isolated_position_may_be_the_first():
    apart = leg(SOL, "long", "10", "160", margin_mode="isolated", leverage="10")
    # 160 - 1600 x 0.2 s = 16 (1 - 0.2 s) at s = 144 / 316.8
    account = account_of(book(LONG_BTC, apart), "BTC=-0.01,SOL=-0.2")
    assert_near(account["joint_distance"]["multiple"], Fraction(1440, 3168))
    assert account["first_liquidation"]["symbol"] == SOL


def test_a_move_that_is_not_enough_ten_times_over_has_no_multiple():
    account = account_of(book(LONG_BTC, wallet="50000"), "BTC=-0.01")
    assert account["joint_distance"]["multiple"] is None
    assert "10" in account["joint_distance"]["because"]


def test_nor_has_a_move_along_which_a_price_reaches_zero_first():
    # fully funded: nothing is left of the position at price zero only, at twice the move
    apart = leg(BTC, "long", "1", "100000", margin_mode="isolated", leverage="1")
    account = account_of(book(apart), "BTC=-0.5")
    assert account["joint_distance"]["multiple"] is None
    # ETH is gone at 1.25 times the move, before BTC could be liquidated at (5000 - 400) / 99600 x 100
    portfolio = book(LONG_BTC, leg(ETH, "long", "0.001", "4000"))
    assert account_of(portfolio, "BTC=-0.001,ETH=-0.8")["joint_distance"]["multiple"] is None


def test_no_move_never_liquidates():
    assert multiple_of(book(LONG_BTC), "SOL=-0.5") is None


def test_an_account_that_is_dead_already_stands_nothing_of_the_move():
    account = account_of(book(LONG_BTC, wallet="100"), "BTC=0.1")
    assert account["joint_distance"]["multiple"] == "0"
    assert account["first_liquidation"]["at_multiple"] == "0"


def test_a_jump_of_the_requirement_along_the_move_is_found():
    # kraken: above 150 the whole short is charged 20 %; at 150 equity is 20
    portfolio = portfolio_of(
        "kraken",
        [leg(SOL, "short", "1", "100")],
        {SOL: instrument(tiers=[tier("0", "150", "0.01"), tier("150", None, "0.2")])},
        {SOL: "100"},
        balances={"USDT": "70"},
    )
    assert multiple_of(portfolio, "SOL=0.25") == "2"


def test_two_dips_the_first_one_counts():
    # long 10 and short 9 of one contract: 20 + P - 100 = 0.19 P at 98.77 on the way down
    portfolio = book(
        leg(SOL, "long", "10", "100"),
        leg(SOL, "short", "9", "100"),
        wallet="20",
        marks={SOL: "100"},
        account={"position_mode": "hedge"},
    )
    assert_near(multiple_of(portfolio, "SOL=-0.5"), (1 - Fraction("0.80") / Fraction("0.81")) * 2)


# --- unknown facts ----------------------------------------------------------------------------------------------------


def test_an_account_with_a_missing_fact_has_no_multiple_but_the_reason():
    portfolio = book(LONG_BTC, leg(ETH, "long", "1", "4000"))
    del portfolio["marks"]["binance-usdm"][ETH]
    stress = stress_of(portfolio, "BTC=-0.1")
    joint = stress["accounts"][0]["joint_distance"]  # type: ignore[index]
    assert stress["survives"] is None
    assert (joint["multiple"], joint["missing"]) == (None, [f"marks.binance-usdm.{ETH}"])


def test_what_is_certain_is_said_beside_what_is_not():
    """The pool is liquidated at 0.46; an isolated short would be, but only in tiers that nobody told, and later."""
    apart = leg(SOL, "short", "1", "160", margin_mode="isolated", isolated_wallet="160")
    portfolio = book(LONG_BTC, apart)
    portfolio["instruments"]["binance-usdm"][SOL]["tiers"] = [tier("0", "250", "0.01")]
    account = account_of(portfolio, "BTC=-0.10,SOL=0.2")
    assert_near(account["joint_distance"]["multiple"], Fraction(4600, 9960))
    assert stress_of(portfolio, "BTC=-0.10,SOL=0.2")["survives"] is False


# --- the end of the move ----------------------------------------------------------------------------------------------


def test_the_end_of_a_survived_move():
    portfolio = book(LONG_BTC, SHORT_ETH, wallet="20000")
    stress = stress_of(portfolio, "BTC=-0.10,ETH=-0.13")
    [account] = stress["accounts"]  # type: ignore[misc]
    assert stress["survives"] is True
    assert (account["equity_before"], account["equity_after"]) == ("20000", "15200")
    # 0.4 % of 90000 + 0.5 % of 34800
    assert_near(account["margin_use_after"], Fraction(534) / 15200)
    assert account["events"] == []
    bitcoin, ether = account["positions"]
    assert (bitcoin["mark_after"], bitcoin["pnl"], bitcoin["liquidated"]) == ("90000", "-10000", False)
    assert (ether["mark_after"], ether["pnl"]) == ("3480", "5200")
    # 15200 + P - 90000 = 0.004 P + 174
    assert_near(bitcoin["distance_after"], 1 - Fraction(74974) / Fraction("0.996") / 90000)


def test_the_end_of_a_move_that_liquidates():
    stress = stress_of(book(LONG_BTC), "BTC=-0.10")
    [account] = stress["accounts"]  # type: ignore[misc]
    assert stress["survives"] is False
    [event] = account["events"]
    # 5000 + P - 100000 = 0.004 P
    assert_near(event["price"], 95000 / Fraction("0.996"))
    assert_near(event["loss"], 100000 - 95000 / Fraction("0.996"))
    assert (event["step"], event["time"], event["kind"], event["symbol"]) == (None, None, "liquidation", BTC)
    [position] = account["positions"]
    assert position["liquidated"] is True
    assert position["distance_after"] is None
    first = account["first_liquidation"]
    assert (first["symbol"], first["at_step"], first["time"]) == (BTC, None, None)


def test_exactly_at_the_end_is_a_liquidation():
    # 10360 - 10000 = 0.004 x 90000
    portfolio = book(LONG_BTC, wallet="10360")
    assert multiple_of(portfolio, "BTC=-0.1") == "1"
    assert stress_of(portfolio, "BTC=-0.1")["survives"] is False


def test_every_account_has_its_own_answer():
    portfolio = book(LONG_BTC)
    rich = portfolio["accounts"][0] | {"name": "rich", "balances": {"USDT": "90000"}}
    portfolio["accounts"].append(rich)
    stress = stress_of(portfolio, "BTC=-0.1")
    assert [account["name"] for account in stress["accounts"]] == ["main", "rich"]  # type: ignore[union-attr]
    assert [account["first_liquidation"] is None for account in stress["accounts"]] == [False, False]  # type: ignore[union-attr]
    assert stress["survives"] is False
    multiples = [Fraction(account["joint_distance"]["multiple"]) for account in stress["accounts"]]  # type: ignore[union-attr]
    # 4600 / 9960 and 89600 / 9960
    assert multiples[0] < 1 < multiples[1]


def test_an_asset_of_a_thousand_is_one_of_its_own():
    pepe = "1000PEPE/USDT:USDT"
    portfolio = book(leg(pepe, "long", "1000", "0.01"), wallet="2")
    portfolio["instruments"]["binance-usdm"][pepe] = instrument(tiers=flat("0.01"))
    portfolio["marks"]["binance-usdm"][pepe] = "0.01"
    assert multiple_of(portfolio, "PEPE=-0.5") is None
    # 2 - 10 x 0.5 s = 0.1 (1 - 0.5 s) at s = 1.9 / 4.95
    assert_near(multiple_of(portfolio, "1000PEPE=-0.5"), Fraction(190, 495))


def test_numbers_out_are_plain_texts_and_scenarios_are_named():
    stress = stress_of(book(LONG_BTC), "BTC=-0.10")
    assert stress["version"] == 1
    assert stress["scenario"] == {"name": "BTC=-0.10", "source": "ad hoc"}
    assert "E" not in json.dumps(stress["accounts"]).replace("ETH", "").replace("USDT", "")
