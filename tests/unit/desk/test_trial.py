"""The what-if: what it changes, what it leaves alone, how it ends; and that undo goes all the way back through it."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.kit.frames import BTC, ETH, d, desk, position, sample_desk
from workstation.desk.document import Document
from workstation.desk.edits import (
    AddAccount,
    AddPosition,
    BeginWhatIf,
    DropLeg,
    Edit,
    EndWhatIf,
    KeepWhatIf,
    MoveMarket,
    RemovePosition,
    SetBalance,
    SetBeta,
    SetMark,
    SetPositionField,
    SetShock,
    apply,
)
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.portfolio_write import write_portfolio
from workstation.desk.state import DeskState, Trial
from workstation.desk.trial import MarketMove, counted, counted_legs, held_assets, looked_at, market_move
from workstation.domain.position import Account
from workstation.domain.problem import BadInput

SHORT = position(side="short")
SOL = position("SOL/USDT:USDT", entry="150")


def after(state: DeskState, *edits: Edit) -> DeskState:
    for edit in edits:
        state = apply(state, edit)
    return state


def trial(state: DeskState) -> Trial:
    assert state.trial is not None
    return state.trial


def test_edits_of_accounts_go_to_the_copy_and_the_book_stays():
    state = after(
        sample_desk(),
        BeginWhatIf(),
        SetPositionField(0, 0, "quantity", "2"),
        SetBalance(0, "USDT", "5"),
        AddPosition(0, SHORT),
        AddAccount(Account(name="b", venue="okx")),
    )
    assert state.accounts == sample_desk().accounts
    copy = looked_at(state)
    assert copy[0].positions[0].quantity == 2
    assert copy[0].balances == {"USDT": d("5")}
    assert copy[0].positions[2] == SHORT
    assert [account.name for account in copy] == ["SAMPLE", "b"]


def test_what_is_added_to_the_copy_is_checked_against_the_copy():
    state = after(sample_desk(), BeginWhatIf(), AddPosition(0, SHORT))
    with pytest.raises(BadInput, match="already holds"):
        apply(state, AddPosition(0, SHORT))
    assert after(sample_desk(), AddPosition(0, SHORT)).accounts[0].positions[2] == SHORT


def test_a_what_if_that_says_nothing_is_none():
    state = after(sample_desk(), MoveMarket(d("-0.1")), SetShock("ETH", "-5"), DropLeg(0, 1, True))
    assert trial(state) == Trial(dropped=frozenset({(0, 1)}), size=d("-0.1"), shocks={"ETH": d("-0.05")})
    back = after(state, DropLeg(0, 1, False), SetShock("ETH", ""), MoveMarket(d("0.0")))
    assert back == sample_desk()
    assert trial(after(sample_desk(), BeginWhatIf())).accounts == sample_desk().accounts


def test_beginning_again_forgets_nothing():
    once = after(sample_desk(), MoveMarket(d("-0.1")), BeginWhatIf(), SetBalance(0, "USDT", "5"))
    assert apply(once, BeginWhatIf()) == once


def test_ending_a_what_if_leaves_the_book_as_it_is():
    state = after(sample_desk(), BeginWhatIf(), SetBalance(0, "USDT", "5"), MoveMarket(d("0.2")), EndWhatIf())
    assert state == sample_desk()


def test_marks_and_betas_are_the_desk_s_in_a_what_if_too():
    state = after(
        sample_desk(), BeginWhatIf(), SetMark("binance-usdm", BTC, "99000"), SetBeta("ETH", "1.3"), EndWhatIf()
    )
    assert state == after(sample_desk(), SetMark("binance-usdm", BTC, "99000"), SetBeta("ETH", "1.3"))


def test_keeping_takes_the_copy_without_dropped_legs_and_without_the_market_s_move():
    state = after(
        sample_desk(), BeginWhatIf(), AddPosition(0, SOL), MoveMarket(d("0.2")), DropLeg(0, 0, True), KeepWhatIf()
    )
    assert [p.symbol for p in state.accounts[0].positions] == [ETH, SOL.symbol]
    assert state.trial is None
    assert after(sample_desk(), DropLeg(0, 0, True), KeepWhatIf()) == after(sample_desk(), RemovePosition(0, 0))


def test_the_numbers_of_dropped_legs_follow_when_one_before_them_goes():
    three = after(sample_desk(), AddPosition(0, SHORT), DropLeg(0, 0, True), DropLeg(0, 2, True))
    assert trial(apply(three, RemovePosition(0, 1))).dropped == {(0, 0), (0, 1)}
    assert trial(apply(three, RemovePosition(0, 0))).dropped == {(0, 1)}
    assert apply(apply(three, RemovePosition(0, 2)), RemovePosition(0, 0)).trial is None
    other = after(three, AddAccount(Account(name="b", venue="okx")), AddPosition(1, SHORT), DropLeg(1, 0, True))
    assert trial(apply(other, RemovePosition(0, 1))).dropped == {(0, 0), (0, 1), (1, 0)}


def test_dropped_legs_are_not_counted_and_all_of_them_leave_nothing():
    state = after(sample_desk(), DropLeg(0, 0, True))
    assert [p.symbol for p in counted(state)[0].positions] == [ETH]
    assert counted_legs(state) == ((1,),)
    assert [len(account.positions) for account in looked_at(state)] == [2]
    assert counted(apply(state, DropLeg(0, 1, True)))[0].positions == ()
    assert counted(sample_desk()) == sample_desk().accounts
    with pytest.raises(BadInput):
        apply(state, DropLeg(0, 9, True))


@pytest.mark.parametrize(
    ("text", "move"), [("-15", "-0.15"), ("-15 %", "-0.15"), (" 2.5% ", "0.025"), ("1000", "10"), ("-99.9", "-0.999")]
)
def test_a_move_of_one_coin_is_typed_in_per_cent(text: str, move: str):
    assert trial(apply(sample_desk(), SetShock("ETH", text))).shocks == {"ETH": d(move)}


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (SetShock("ETH", "-100"), "leaves no price"),
        (SetShock("ETH", "1001"), "at most 1000 %"),
        (SetShock("ETH", "much"), "not a number"),
        (MoveMarket(d("-0.51")), "at most 50.0 %"),
    ],
)
def test_a_move_that_no_price_survives_is_refused(edit: Edit, says: str):
    with pytest.raises(BadInput, match=says):
        apply(sample_desk(), edit)


def test_the_move_is_by_betas_and_by_a_coin_s_own():
    state = after(sample_desk(), SetBeta("ETH", "1.3"), MoveMarket(d("-0.1")))
    assert market_move(state) == MarketMove(d("-0.1"), {"ETH": d("1.3")})
    assert market_move(state).shock().of("ETH") == d("-0.13")
    shocked = apply(state, SetShock("ETH", "5"))
    assert market_move(shocked).shock().of("ETH") == d("0.05")
    assert market_move(shocked).directions()[0].of("ETH") == d("-1.3")
    assert not market_move(shocked).is_real
    assert market_move(sample_desk()).is_real


def test_coins_of_the_copy_have_betas():
    assert held_assets(after(sample_desk(), BeginWhatIf(), AddPosition(0, SOL))) == ("BTC", "ETH", "SOL")


def test_a_what_if_is_never_in_a_file_and_is_nothing_to_save(tmp_path: Path):
    state = after(sample_desk(), BeginWhatIf(), SetBalance(0, "USDT", "5"), MoveMarket(d("-0.1")))
    assert write_portfolio(state) == write_portfolio(sample_desk())
    assert read_portfolio(write_portfolio(state)).trial is None
    document = Document()
    document.opened(sample_desk(), tmp_path / "a.json")
    document.show(state)
    assert document.is_saved
    document.show(apply(state, KeepWhatIf()))
    assert not document.is_saved


LEGS = [position(), position(ETH, quantity="20", entry="4000"), SHORT, SOL, position(ETH, side="short")]
ON_THE_BOOK = st.one_of(
    st.builds(SetPositionField, st.just(0), st.integers(0, 3), st.just("quantity"), st.sampled_from(["1", "2.5", "7"])),
    st.builds(SetPositionField, st.just(0), st.integers(0, 3), st.just("leverage"), st.sampled_from(["", "5", "20"])),
    st.builds(SetBalance, st.just(0), st.just("USDT"), st.sampled_from(["", "1", "20000"])),
    st.builds(AddPosition, st.just(0), st.sampled_from(LEGS)),
    st.builds(RemovePosition, st.just(0), st.integers(0, 3)),
)
ANYTHING = st.one_of(
    ON_THE_BOOK,
    st.builds(MoveMarket, st.sampled_from([d("0"), d("-0.1"), d("0.25")])),
    st.builds(SetShock, st.sampled_from(["BTC", "ETH"]), st.sampled_from(["", "-5", "12"])),
    st.builds(SetBeta, st.sampled_from(["ETH", "SOL"]), st.sampled_from(["", "1.3", "-1"])),
    st.builds(DropLeg, st.just(0), st.integers(0, 3), st.booleans()),
    st.sampled_from([BeginWhatIf(), EndWhatIf(), KeepWhatIf()]),
)


def walk(state: DeskState, edits: list[Edit]) -> list[DeskState]:
    """The states that a run of edits leads through; what is refused changes nothing."""
    states = [state]
    for edit in edits:
        with contextlib.suppress(BadInput, IndexError):
            states.append(apply(states[-1], edit))
    return states


@given(st.lists(ANYTHING, max_size=12))
def test_whatever_is_tried_the_numbers_of_legs_stay_those_of_legs(edits: list[Edit]):
    for state in walk(sample_desk(), edits):
        accounts = looked_at(state)
        assert [len(a.positions) for a in counted(state)] == [len(legs) for legs in counted_legs(state)]
        if state.trial is not None:
            assert state.trial != Trial()
            assert all(j < len(accounts[i].positions) for i, j in state.trial.dropped)


@given(st.lists(ANYTHING, max_size=12))
def test_the_book_changes_only_where_nothing_is_copied_or_where_the_copy_is_kept(edits: list[Edit]):
    state = sample_desk()
    for edit in edits:
        before = state
        with contextlib.suppress(BadInput, IndexError):
            state = apply(state, edit)
        if before.trial is not None and before.trial.accounts is not None and not isinstance(edit, KeepWhatIf):
            assert state.accounts == before.accounts


@given(st.lists(ON_THE_BOOK, max_size=10))
def test_keeping_a_what_if_is_the_same_as_editing_the_book(edits: list[Edit]):
    direct = walk(sample_desk(), edits)[-1]
    kept = apply(walk(apply(sample_desk(), BeginWhatIf()), edits)[-1], KeepWhatIf())
    assert kept == direct


@given(st.lists(ON_THE_BOOK, max_size=8))
def test_a_kept_what_if_can_be_saved_and_opened_again(edits: list[Edit]):
    kept = apply(walk(apply(desk(position()), BeginWhatIf()), edits)[-1], KeepWhatIf())
    assert replace(read_portfolio(write_portfolio(kept)), instruments=kept.instruments) == kept
