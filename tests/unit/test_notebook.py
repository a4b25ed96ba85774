"""What the notebook API refuses and how it says so; every form of wallets, tiers and rules; who computed."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workstation.domain.problem import BadInput
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable
from workstation.notebook import joint_distance_frame, margin, margin_frame, prepared_columns, read, stress
from workstation.packaged import resources
from workstation.risk.column_margin import joint_distance
from workstation.venues.binance import USD_M
from workstation.venues.okx import SPEC as OKX

BTC, ETH, INVERSE = "BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USD:BTC"


def positions(**columns: Any) -> pd.DataFrame:
    """Two long positions of one account, a column or more in another way; None drops it."""
    frame = pd.DataFrame(
        {
            "account": "main",
            "symbol": [BTC, ETH],
            "side": "long",
            "quantity": [1.0, 20.0],
            "entry_price": [100_000.0, 4_000.0],
            "mark": [100_000.0, 4_000.0],
        },
        index=["first", "second"],
    )
    for name, values in columns.items():
        if values is None:
            frame = frame.drop(columns=name)
        else:
            frame[name] = values
    return frame


def flat(*symbols: str, rate: float = 0.004) -> pd.DataFrame:
    return pd.DataFrame({"symbol": list(symbols), "floor": 0.0, "cap": np.nan, "maintenance_rate": rate})


TIERS = flat(BTC, ETH)
WALLETS = {"main": 10_000.0}


def faults(**arguments: Any) -> list[str]:
    """What `margin_frame` says is wrong."""
    given: dict[str, Any] = {"positions": positions(), "wallets": WALLETS, "tiers": TIERS, **arguments}
    with pytest.raises(BadInput) as caught:
        margin_frame(**given)
    return [str(problem) for problem in caught.value.problems]


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "place", "text"),
    [
        ({"symbol": [BTC, "ETHUSDT"]}, "positions.loc['second', 'symbol']", "unified symbol"),
        ({"symbol": [BTC, "BTC/USD:BTC-261225-80000-P"]}, "positions.loc['second', 'symbol']", "perpetual or future"),
        ({"symbol": [BTC, None]}, "positions.loc['second', 'symbol']", "missing"),
        ({"account": [None, "main"]}, "positions.loc['first', 'account']", "missing"),
        ({"side": ["long", "buy"]}, "positions.loc['second', 'side']", "must be long or short"),
        ({"margin_mode": ["cros", "cross"]}, "positions.loc['first', 'margin_mode']", "must be cross or isolated"),
        ({"quantity": [1.0, -2.0]}, "positions.loc['second', 'quantity']", "must be above zero"),
        ({"quantity": ["1", "a lot"]}, "positions.loc['second', 'quantity']", "not a number"),
        (
            {"quantity": [1.0, np.nan]},
            "positions.loc['second', 'quantity']",
            "write quantity (base units) or contracts",
        ),
        ({"contracts": [5.0, np.nan]}, "positions.loc['first', 'quantity']", "not both"),
        ({"entry_price": [1.0, np.nan]}, "positions.loc['second', 'entry_price']", "a number is missing"),
        ({"entry_price": [1.0, np.inf]}, "positions.loc['second', 'entry_price']", "must be above zero"),
        ({"isolated_wallet": [-1.0, 1.0]}, "positions.loc['first', 'isolated_wallet']", "must be zero or above"),
        ({"symbol": [BTC, BTC]}, "positions.loc['second', 'symbol']", "the same leg stands twice"),
        ({"symbol": [BTC, BTC], "side": ["long", "short"]}, "'mark']", "the legs of one contract have one mark price"),
        (
            {"symbol": [BTC, INVERSE]},
            "positions.loc['second', 'quantity']",
            "inverse contracts are counted in contracts",
        ),
        ({"mark": None}, "positions['mark']", "the column is missing"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_column(columns: dict[str, Any], place: str, text: str) -> None:
    found = faults(positions=positions(**columns))
    assert any(place in line and text in line for line in found), found


def test_many_wrong_rows_are_counted() -> None:
    many = pd.concat([positions(quantity=-1.0)] * 5, ignore_index=True)
    found = faults(positions=many)
    assert sum("'quantity'" in line for line in found) == 4
    assert "positions['quantity']: 7 more rows: must be above zero" in found


@pytest.mark.parametrize(
    ("rows", "place", "text"),
    [
        ([(0, 100, 0.01), (200, np.nan, 0.02)], "tiers.loc[1, 'floor']", "contiguous"),
        ([(5, 100, 0.01)], "tiers.loc[0, 'floor']", "start at 0"),
        ([(0, 100, 0.02), (100, np.nan, 0.01)], "tiers.loc[1, 'maintenance_rate']", "must not fall"),
        ([(0, np.nan, 1.5)], "tiers.loc[0, 'maintenance_rate']", "a fraction"),
        ([(0, np.nan, "much")], "tiers.loc[0, 'maintenance_rate']", "not a number"),
        ([(0, 0, 0.01)], "tiers.loc[0, 'cap']", "above the floor"),
    ],
)
def test_a_tier_that_is_wrong_is_named(rows: list[tuple[Any, ...]], place: str, text: str) -> None:
    table = pd.DataFrame(rows, columns=["floor", "cap", "maintenance_rate"]).assign(symbol=BTC)
    found = faults(tiers=table)
    assert any(place in line and text in line for line in found), found


@pytest.mark.parametrize(
    ("arguments", "place", "text"),
    [
        ({"wallets": {"main": -5.0}}, "wallets", "zero or above"),
        ({"rule": "binance"}, "rule", "neither a venue"),
        ({"rule": "bitmex-entry", "on": "yesterday"}, "on", "not a date"),
        ({"taker_fee_rate": 5.0}, "taker_fee_rate", "a fraction"),
        ({"rule": "kucoin-isolated-entry"}, "positions.loc['first', 'margin_mode']", "no rule"),
        ({"tiers": TIERS.drop(columns="cap")}, "tiers['cap']", "the column is missing"),
    ],
)
def test_an_argument_that_is_wrong_is_named(arguments: dict[str, Any], place: str, text: str) -> None:
    found = faults(**arguments)
    assert any(line.startswith(place) and text in line for line in found), found


def test_one_wallet_for_two_settle_assets_is_refused() -> None:
    two = positions(symbol=[BTC, "ETH/USDC:USDC"])
    found = faults(positions=two, tiers=flat(BTC, "ETH/USDC:USDC"))
    assert found == ["wallets: main: cross positions settle in several assets; give wallets by (account, asset)"]


def test_a_file_that_is_not_there_is_refused_with_its_name() -> None:
    with pytest.raises(BadInput, match=r"no_such_file\.json: cannot be read"):
        read("no_such_file.json")


# --- missing facts ----------------------------------------------------------------------------------------------------


def test_a_missing_fact_is_a_reason_and_never_a_number() -> None:
    answer = margin_frame(positions(mark=[np.nan, 4_000.0]), WALLETS, TIERS)
    assert list(answer["liquidation_status"]) == ["insufficient"] * 2
    assert list(answer["because"]) == ["no mark price", "of another position in its pool: no mark price"]
    assert answer["liquidation_price"].isna().all()
    assert answer["equity"].isna().all()
    # what the position itself knows stays
    assert answer["notional"].tolist()[1] == 80_000.0
    assert np.isnan(answer["notional"].tolist()[0])
    assert answer["maintenance_margin"].tolist()[1] == 320.0


@pytest.mark.parametrize(
    ("columns", "arguments", "why"),
    [
        ({}, {"wallets": None}, "the wallet balance is not given"),
        ({}, {"tiers": flat(ETH)}, "no maintenance tiers are known"),
        ({"margin_mode": "isolated"}, {}, "neither the isolated wallet nor the leverage is given"),
        ({}, {"rule": OKX.rules}, "the taker fee rate counts here and is not known"),
        ({}, {"tiers": flat(BTC, ETH).assign(cap=50_000.0)}, "size above the last tier"),
        ({"quantity": None, "contracts": 10.0}, {"rule": USD_M.rules}, "the contract size is not known"),
    ],
)
def test_every_gap_has_its_words(columns: dict[str, Any], arguments: dict[str, Any], why: str) -> None:
    given: dict[str, Any] = {"positions": positions(**columns), "wallets": WALLETS, "tiers": TIERS, **arguments}
    answer = margin_frame(**given)
    assert answer["liquidation_status"].iloc[0] == "insufficient"
    assert answer["because"].iloc[0] == why


def test_an_isolated_position_stays_when_its_neighbour_is_not_known() -> None:
    answer = margin_frame(
        positions(margin_mode=["cross", "isolated"], leverage=10.0, mark=[np.nan, 4_000.0]), WALLETS, TIERS
    )
    assert list(answer["liquidation_status"]) == ["insufficient", "ok"]
    assert answer["isolated_wallet"].iloc[1] == 8_000.0


# --- forms of the input -----------------------------------------------------------------------------------------------

SAME = {
    "series": pd.Series({"main": 10_000.0}),
    "mapping": {"main": 10_000.0},
    "by account and asset": pd.Series({("main", "USDT"): 10_000.0, ("other", "USDT"): 5.0}),
    "frame": pd.DataFrame({"USDC": [1.0], "USDT": [10_000.0]}, index=["main"]),
}


@pytest.mark.parametrize("wallets", SAME.values(), ids=SAME.keys())
def test_wallets_come_in_every_form(wallets: Any) -> None:
    answer = margin_frame(positions(), wallets, TIERS)
    assert answer["equity"].tolist() == [10_000.0, 10_000.0]


def test_tiers_come_in_every_form() -> None:
    table = TierTable((MarginTier(Decimal(0), None, Decimal("0.004")),), "test", "2026-01-01")
    expected = margin_frame(positions(), WALLETS, TIERS)["liquidation_price"].tolist()
    own = flat(ETH).drop(columns="symbol")
    assert margin_frame(positions(), WALLETS, {BTC: table, ETH: own})["liquidation_price"].tolist() == expected
    rates = LinearInSize(Decimal(0), Decimal(0), Decimal("0.004"), Decimal(0))
    linear = margin_frame(positions(), WALLETS, {BTC: table, ETH: rates})
    assert linear["liquidation_price"].tolist() == pytest.approx(expected, rel=1e-15)
    assert list(linear["engine"]) == ["exact", "exact"]


def test_numbers_come_as_text_and_as_decimals() -> None:
    answer = margin_frame(positions(quantity=["1", Decimal(20)], mark=["100000", "4000"]), WALLETS, TIERS)
    assert answer["notional"].tolist() == [100_000.0, 80_000.0]


def test_without_tiers_the_program_s_own_data_of_the_day_count() -> None:
    answer = margin_frame(positions(), WALLETS, rule="binance-usdm", on="2026-10-01")
    assert list(answer["liquidation_status"]) == ["ok", "ok"]
    unknown = margin_frame(
        positions(symbol=[BTC, "NOSUCHCOIN/USDT:USDT"]), WALLETS, rule="binance-usdm", on="2026-10-01"
    )
    assert unknown["because"].iloc[1] == "no maintenance tiers are known"


def test_each_account_has_its_own_fee() -> None:
    two = positions(account=["main", "other"], symbol=BTC, quantity=1.0, contract_size=1.0, entry_price=1e5, mark=1e5)
    fees = {"main": 0.0, "other": 0.01}
    answer = margin_frame(two, {"main": 90_000.0, "other": 90_000.0}, TIERS, rule=OKX.rules, taker_fee_rate=fees)
    assert answer["root_below"].iloc[0] < answer["root_below"].iloc[1]


def test_an_empty_frame_has_every_column_and_no_row() -> None:
    answer = margin_frame(positions().iloc[:0], WALLETS, TIERS)
    assert len(answer) == 0
    assert {"liquidation_price", "because", "engine"} <= set(answer.columns)
    assert len(joint_distance_frame(positions().iloc[:0], "BTC=-0.1", WALLETS, TIERS)) == 0


def test_the_input_is_left_as_it_was() -> None:
    given = positions(margin_mode=["cross", "isolated"], leverage=5.0)
    before = given.copy(deep=True)
    margin_frame(given, WALLETS, TIERS)
    pd.testing.assert_frame_equal(given, before)


# --- who computed -----------------------------------------------------------------------------------------------------


def test_what_columns_cannot_carry_the_exact_engine_computes() -> None:
    """BitMEX rounds the cost of an inverse contract to whole satoshi; the linear neighbour stays in columns."""
    two = positions(
        symbol=[INVERSE, BTC],
        quantity=[np.nan, 1.0],
        contracts=[100_000.0, np.nan],
        contract_size=1.0,
        margin_mode="isolated",
        leverage=10.0,
    )
    answer = margin_frame(two, None, flat(BTC, INVERSE, rate=0.005), rule="bitmex", taker_fee_rate=0.00075)
    assert list(answer["engine"]) == ["exact", "float64"]
    assert list(answer["liquidation_status"]) == ["ok", "ok"]
    assert answer["liquidation_price"].notna().all()


def test_a_pool_that_mixes_kinds_is_followed_by_the_exact_engine() -> None:
    mixed = positions(
        symbol=["ETH/BTC:BTC", INVERSE],
        quantity=[10.0, np.nan],
        contracts=[np.nan, 50_000.0],
        contract_size=1.0,
        entry_price=[0.04, 100_000.0],
        mark=[0.04, 100_000.0],
    )
    tiers = flat("ETH/BTC:BTC", INVERSE)
    wallets = {"main": 0.1}
    answer = joint_distance_frame(mixed, {"BTC": -0.1, "ETH": -0.12}, wallets, tiers, rule="kraken")
    assert list(answer["engine"]) == ["exact"]
    assert list(answer["status"]) == ["ok"]
    assert 0 < answer["joint_distance_multiple"].iloc[0] < 10
    columns = prepared_columns(mixed, wallets, tiers, rule="kraken")
    assert np.isnan(joint_distance(columns, np.array([-0.12, -0.1])).multiple).all()


def test_a_joint_move_that_is_no_move_is_refused() -> None:
    with pytest.raises(BadInput, match="leaves no price"):
        joint_distance_frame(positions(), {"BTC": -1.5}, WALLETS, TIERS)


# --- files ------------------------------------------------------------------------------------------------------------


def test_the_sample_s_frame_and_file_agree() -> None:
    desk = read((resources() / "samples" / "sample-account.json").read_bytes())
    from_file = margin(desk)
    from_frame = margin_frame(
        positions(leverage=20.0), WALLETS, {BTC: flat(BTC), ETH: flat(ETH, rate=0.005)}, rule="binance-linear"
    )
    shared = [
        "notional",
        "initial_margin",
        "maintenance_margin",
        "margin_use",
        "liquidation_price",
        "distance_fraction",
    ]
    np.testing.assert_allclose(from_frame[shared].to_numpy(), from_file[shared].to_numpy(), rtol=1e-14)


def test_a_desk_without_positions_gives_frames_with_columns() -> None:
    desk = read(b'{"version": 1, "accounts": []}')
    assert "liquidation_price" in margin(desk).columns
    assert len(stress(desk, "BTC=-0.1")) == 0
