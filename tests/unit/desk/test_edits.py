"""Edits: what they change, what they refuse and in which words; and that every result can be saved and opened again."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.kit.frames import BTC, ETH, d, desk, position, sample_desk
from workstation.desk.edits import (
    AddAccount,
    AddPosition,
    BeginWhatIf,
    DropLeg,
    Edit,
    EndWhatIf,
    FollowMarket,
    KeepWhatIf,
    MoveMarket,
    RemovePosition,
    SetBalance,
    SetBeta,
    SetMark,
    SetPositionField,
    SetShock,
    apply,
    describe,
    merge_key,
)
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState
from workstation.domain.position import Account
from workstation.domain.problem import BadInput, Problem

ISOLATED = replace(position(), margin_mode="isolated", isolated_wallet=d("5000"))
INVERSE = "BTC/USD:BTC"


def fault(state: DeskState, edit: Edit) -> Problem:
    with pytest.raises(BadInput) as bad:
        apply(state, edit)
    (problem,) = bad.value.problems
    return problem


def test_a_number_of_a_position_changes_and_nothing_else():
    before = sample_desk()
    after = apply(before, SetPositionField(0, 1, "quantity", "25.5"))
    assert after.accounts[0].positions[1].quantity == d("25.5")
    assert after.accounts[0].positions[0] is before.accounts[0].positions[0]
    assert replace(after, accounts=before.accounts) == before


def test_the_state_before_is_left_alone():
    before = sample_desk()
    apply(before, SetPositionField(0, 0, "entry_price", "1"))
    assert before == sample_desk()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the size is missing"),
        ("abc", "not a number: 'abc'"),
        ("98,000", 'write it with a point and without groups, like "98000.5"'),
        ("-1", "the size must be above zero"),
        ("0", "the size must be above zero"),
        ("nan", "not a number"),
        ("1_0", "not a number"),
        ("9" * 300, "not a number"),
    ],
)
def test_a_wrong_number_is_refused_with_its_place_and_the_mend(text: str, says: str):
    problem = fault(sample_desk(), SetPositionField(0, 1, "quantity", text))
    assert problem.where == "accounts[0].positions[1].quantity"
    assert says in problem.text
    assert len(problem.text) < 200


def test_leverage_may_be_taken_away():
    after = apply(sample_desk(), SetPositionField(0, 0, "leverage", " "))
    assert after.accounts[0].positions[0].leverage is None


def test_only_an_isolated_position_has_a_wallet():
    assert "only an isolated position" in fault(sample_desk(), SetPositionField(0, 0, "isolated_wallet", "5")).text
    after = apply(desk(ISOLATED), SetPositionField(0, 0, "isolated_wallet", "0"))
    assert after.accounts[0].positions[0].isolated_wallet == 0


def test_contracts_take_the_place_of_a_size():
    after = apply(sample_desk(), SetPositionField(0, 0, "contracts", "500"))
    assert after.accounts[0].positions[0].contracts == 500
    assert after.accounts[0].positions[0].quantity is None


def test_balances_change_come_and_go():
    assert apply(sample_desk(), SetBalance(0, "USDT", "0")).accounts[0].balances == {"USDT": d("0")}
    assert apply(sample_desk(), SetBalance(0, "USDT", "")).accounts[0].balances is None
    assert apply(sample_desk(), SetBalance(0, "BTC", "1")).accounts[0].balances == {"USDT": d("10000"), "BTC": d("1")}


def test_only_with_several_collateral_assets_a_wallet_may_be_in_debt():
    debt = SetBalance(0, "USDT", "-3")
    assert "must not be below zero" in fault(sample_desk(), debt).text
    multi = replace(sample_desk(), accounts=(replace(sample_desk().accounts[0], collateral_mode="multi"),))
    assert apply(multi, debt).accounts[0].balances == {"USDT": d("-3")}


def test_marks_are_set_and_given_back():
    after = apply(sample_desk(), SetMark("okx", BTC, "99000"))
    assert after.marks["okx"] == {BTC: d("99000")}
    assert after.marks["binance-usdm"] == sample_desk().marks["binance-usdm"]
    assert BTC not in apply(sample_desk(), SetMark("binance-usdm", BTC, "")).marks["binance-usdm"]
    assert fault(sample_desk(), SetMark("okx", BTC, "0")).where == "marks.okx.BTC/USDT:USDT"


def test_betas_are_set_bounded_and_given_back():
    after = apply(sample_desk(), SetBeta("ETH", "1.3"))
    assert after.betas == {"ETH": d("1.3")}
    assert apply(after, SetBeta("ETH", "")).betas == {}
    assert apply(after, SetBeta("ETH", "-1")).betas == {"ETH": d("-1")}
    assert "between -10 and 10" in fault(after, SetBeta("ETH", "11")).text


def test_accounts_need_a_name_of_their_own():
    assert apply(DeskState(), AddAccount(Account(name="a", venue="okx"))).accounts[0].venue == "okx"
    assert "needs a name" in fault(DeskState(), AddAccount(Account(name=" ", venue="okx"))).text
    assert "exists already" in fault(sample_desk(), AddAccount(Account(name="SAMPLE", venue="okx"))).text


def test_positions_come_and_go():
    short = position(side="short")
    after = apply(sample_desk(), AddPosition(0, short))
    assert after.accounts[0].positions[-1] == short
    assert apply(after, RemovePosition(0, 2)) == sample_desk()


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (position("BTCUSDT"), "BTC/USDT:USDT"),
        (position(), "already holds a cross long in BTC/USDT:USDT"),
        (position(INVERSE), "counted in contracts"),
        (replace(position(ETH, "short"), quantity=None), "either a size or a number of contracts"),
        (replace(position(ETH, "short"), contracts=d("1")), "either a size or a number of contracts"),
        (position(ETH, "short", "-1"), "must be above zero"),
        (position(ETH, "short", entry="0"), "entry price must be above zero"),
    ],
)
def test_a_position_that_no_file_could_hold_is_refused(new, says: str):
    assert says in fault(sample_desk(), AddPosition(0, new)).text


def test_only_a_run_of_edits_of_one_thing_is_one_step():
    size = SetPositionField(0, 0, "quantity", "1")
    assert merge_key(size) == merge_key(SetPositionField(0, 0, "quantity", "2"))
    others = [
        SetPositionField(0, 1, "quantity", "1"),
        SetPositionField(0, 0, "entry_price", "1"),
        SetBalance(0, "USDT", "1"),
        SetMark("okx", BTC, "1"),
        SetBeta("ETH", "1"),
        SetShock("ETH", "1"),
        MoveMarket(d("0.1")),
    ]
    assert len({merge_key(size), *map(merge_key, others)}) == 8
    assert merge_key(MoveMarket(d("0.1"))) == merge_key(MoveMarket(d("0.2")))
    alone: list[Edit] = [RemovePosition(0, 0), DropLeg(0, 0, True), BeginWhatIf(), EndWhatIf(), KeepWhatIf()]
    assert [merge_key(edit) for edit in alone] == [None] * 5


def test_every_edit_has_words():
    edits: list[Edit] = [
        SetPositionField(0, 0, "entry_price", "1"),
        SetBalance(0, "USDT", "1"),
        SetMark("okx", BTC, "1"),
        SetBeta("ETH", "1"),
        AddAccount(Account(name="b", venue="okx")),
        AddPosition(0, position(side="short")),
        RemovePosition(0, 1),
        FollowMarket(),
        BeginWhatIf(),
        MoveMarket(d("-0.1")),
        SetShock("ETH", "-5"),
        DropLeg(0, 1, True),
        DropLeg(0, 1, False),
        EndWhatIf(),
        KeepWhatIf(),
    ]
    assert [describe(sample_desk(), edit) for edit in edits] == [
        "change entry price of BTC/USDT:USDT",
        "change balance in USDT",
        "change mark of BTC/USDT:USDT",
        "change beta of ETH",
        "add account b",
        "add short BTC/USDT:USDT",
        "remove long ETH/USDT:USDT",
        "follow the market's prices",
        "begin a what-if",
        "move the market",
        "move ETH",
        "leave out long ETH/USDT:USDT",
        "count long ETH/USDT:USDT",
        "end the what-if",
        "keep the what-if",
    ]


def test_the_file_s_marks_are_forgotten_for_the_market_s():
    assert apply(sample_desk(), FollowMarket()) == replace(sample_desk(), marks={})


numbers = st.one_of(
    st.decimals(allow_nan=True, allow_infinity=True).map(str), st.text(max_size=8), st.integers(-5, 5).map(str)
)
edits = st.one_of(
    st.builds(
        SetPositionField,
        st.just(0),
        st.integers(0, 1),
        st.sampled_from(["quantity", "contracts", "entry_price", "leverage", "isolated_wallet"]),
        numbers,
    ),
    st.builds(SetBalance, st.just(0), st.sampled_from(["USDT", "BTC"]), numbers),
    st.builds(SetMark, st.sampled_from(["okx", "binance-usdm"]), st.sampled_from([BTC, ETH]), numbers),
    st.builds(SetBeta, st.sampled_from(["BTC", "ETH"]), numbers),
    st.builds(
        AddPosition,
        st.just(0),
        st.builds(
            position,
            st.sampled_from([BTC, ETH, INVERSE, "SOL/USDT:USDT", "x"]),
            st.sampled_from(["long", "short"]),
            st.sampled_from(["-1", "0", "0.5"]),
            st.sampled_from(["0", "100"]),
        ),
    ),
)


@given(st.lists(edits, max_size=6))
def test_whatever_is_typed_the_desk_can_be_saved_and_opened_again(typed: list[Edit]):
    state = sample_desk()
    for edit in typed:
        with contextlib.suppress(BadInput):
            state = apply(state, edit)
    again = read_portfolio(write_portfolio(state))
    assert again.accounts == state.accounts
    assert {k: v for k, v in again.marks.items() if v} == {k: v for k, v in state.marks.items() if v}
    assert again.betas == state.betas
    assert all(isinstance(beta, Decimal) for beta in again.betas.values())
