"""The palette's risk verbs: what they would do is said, what they do is one list of edits, and faults name a word."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.frames import d, sample_desk
from workstation.desk.edits import AddPosition, apply
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at, market_move
from workstation.desk.typed_command import COMMANDS, describe_command, is_command, read_command
from workstation.market.view import MarketView

MARKET = MarketView()


def after(text: str, state: DeskState | None = None) -> DeskState:
    state = sample_desk() if state is None else state
    for edit in read_command(text, state, MARKET):
        state = apply(state, edit)
    return state


def fault(text: str) -> str:
    return describe_command(text, sample_desk(), MARKET).fault


def test_a_stress_moves_what_it_names_and_nothing_else():
    state = after("stress btc -15 eth -22%")
    assert state.trial is not None
    assert state.trial.shocks == {"BTC": d("-0.15"), "ETH": d("-0.22")}
    assert state.trial.size == 0
    assert describe_command("stress btc -15 eth -22", sample_desk(), MARKET).text == "BTC −15 %; ETH −22 %; others stay"


def test_a_star_moves_the_rest_by_their_betas():
    state = after("stress * −10 eth +5")
    assert state.trial is not None
    assert (state.trial.size, state.trial.shocks) == (d("-0.10"), {"ETH": d("0.05")})
    assert market_move(state).shock().of("BTC") == d("-0.10")


def test_a_new_stress_takes_the_old_ones_place():
    state = after("stress eth -5", after("stress btc -15 * -3"))
    assert state.trial is not None
    assert (dict(state.trial.shocks), state.trial.size) == ({"ETH": d("-0.05")}, Decimal(0))


def test_a_what_if_is_begun_kept_and_ended():
    begun = after("whatif close 30% btc")
    assert looked_at(begun)[0].positions[0].quantity == d("0.7")
    assert begun.accounts[0].positions[0].quantity == 1
    assert after("whatif keep", begun).accounts[0].positions[0].quantity == d("0.7")
    assert after("what-if off", begun) == sample_desk()


def test_a_leg_is_left_out_by_name():
    state = after("whatif drop ETH")
    assert state.trial is not None
    assert state.trial.dropped == {(0, 1)}
    whole = after("whatif close 100% eth/usdt:usdt")
    assert whole.trial is not None
    assert whole.trial.dropped == {(0, 1)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stress", "say what moves"),
        ("stress btc", "btc: by how many per cent?"),
        ("stress btc x", "x: not a number of per cent"),
        ("stress sol -5", "sol: not held here; the book holds BTC, ETH"),
        ("stress btc -100", "a fall of 100 % leaves no price"),
        ("stress * -90", "the market moves by at most"),
        ("whatif dance", "dance: not understood; known are whatif"),
        ("whatif close x btc", "x: write how much of it is closed"),
        ("whatif close 130% btc", "130%: write how much of it is closed"),
        ("whatif drop sol", "sol: not held here"),
    ],
)
def test_a_fault_names_the_word_and_the_mend(text: str, says: str):
    assert says in fault(text)


def test_positions_are_commands_too():
    (edit,) = read_command("short 2 SOLUSDT @ 160", sample_desk(), MARKET)
    assert isinstance(edit, AddPosition)
    assert is_command("short 2 SOL")
    assert is_command("Stress btc -1")
    assert not is_command("save as")
    assert not is_command("")


@pytest.mark.parametrize("example", [text for text, _ in COMMANDS if "sol" not in text])
def test_every_example_is_understood(example: str):
    # the sample holds BTC already, so its own side is the other one
    said = describe_command(example.replace("long", "short"), sample_desk(), MARKET)
    assert said.text
    assert not said.fault


@given(
    st.lists(
        st.sampled_from(
            [
                "stress",
                "whatif",
                "close",
                "drop",
                "keep",
                "off",
                "btc",
                "eth",
                "*",
                "-15",
                "30%",
                "100",
                "x",
                "−",
                "sol",
                "%",
            ]
        ),
        max_size=7,
    )
)
def test_no_text_ever_crashes_it(words: list[str]):
    text = " ".join(words)
    said = describe_command(text, sample_desk(), MARKET)
    assert bool(said.text) != bool(said.fault)
    if said.text:
        after(text)
