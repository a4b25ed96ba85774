"""The form for a position: every field says its own fault, and sound answers become one list of edits."""

import pytest
from msgspec.structs import replace

from tests.kit.frames import BTC, ETH, d, desk, position, sample_desk
from workstation.desk.edits import AddAccount, AddPosition, RemovePosition, SetBalance, SetMark, SetPositionField, apply
from workstation.desk.position_fields import BY_KEY, FIELDS
from workstation.desk.position_form import NEW, Checked, PositionForm
from workstation.desk.state import DeskState
from workstation.domain.instrument import Instrument
from workstation.domain.position import Account, Position, Stop
from workstation.market.view import MarketView

VENUES = ("binance-usdm", "okx", "kraken")
MARKET = MarketView({"binance-usdm": {BTC: d("99000")}})
SOUND = {"symbol": "btc", "size": "0.5", "entry_price": "98000"}


def known(venue: str) -> dict[str, Instrument]:
    lists = {"binance-usdm": (BTC, ETH), "kraken": ("BTC/USD:USD", "BTC/USD:BTC")}
    return {symbol: Instrument(symbol, "linear") for symbol in lists.get(venue, ())}


def form(state: DeskState | None = None, editing: tuple[int, int] | None = None) -> PositionForm:
    return PositionForm(desk() if state is None else state, VENUES, MARKET, known, editing)


def checked(state: DeskState | None = None, /, **answers: str) -> Checked:
    asked = form(state)
    return asked.check(asked.first() | answers)


def made(result: Checked) -> Position:
    (edit,) = (edit for edit in result.edits if isinstance(edit, AddPosition))
    return edit.position


def test_sound_answers_make_a_position():
    result = checked(**SOUND, leverage="10", stop="95000", trigger="last")
    assert not result.faults
    assert made(result) == Position(
        symbol=BTC,
        side="long",
        quantity=d("0.5"),
        entry_price=d("98000"),
        leverage=d("10"),
        stop=Stop(d("95000"), "last"),
    )


def test_a_first_position_brings_its_account_and_balance():
    result = checked(DeskState(), **SOUND, balance="10000", mark="99000")
    assert result.edits[:2] == (AddAccount(Account(name="main", venue="binance-usdm")), SetBalance(0, "USDT", "10000"))
    assert result.edits[3] == SetMark("binance-usdm", BTC, "99000")


def test_the_entry_is_the_mark_where_none_is_said():
    assert made(checked(replace(desk(), marks={}), **SOUND | {"entry_price": ""})).entry_price == d("99000")
    said = form(replace(desk(), marks={}))
    assert said.hint("entry_price", said.first() | SOUND) == "the mark, 99\u202f000"
    without = checked(DeskState(), symbol="ETH", size="1")
    assert without.faults == {"entry_price": "no mark price is known yet; write the entry price"}


def test_dollars_become_coins():
    assert made(checked(**SOUND | {"size": "4900", "unit": "USD"})).quantity == d("0.05")


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("symbol", "", "which contract?"),
        ("symbol", "doge", "not known at binance-usdm"),
        ("size", "", "the size is missing"),
        ("size", "0", "must be above zero"),
        ("size", "1,5", "without groups"),
        ("entry_price", "x", "not a number"),
        ("leverage", "-1", "must be above zero"),
        ("stop", "0", "must be above zero"),
        ("mark", "nan", "not a number"),
    ],
)
def test_a_fault_stands_beside_its_own_field(key: str, text: str, says: str):
    faults = checked(**SOUND | {key: text}).faults
    assert list(faults) == [key]
    assert says in faults[key]


def test_every_fault_is_said_at_once():
    result = checked(DeskState(), name=" ", symbol="", size="x", entry_price="-1", balance="-5")
    assert set(result.faults) == {"name", "symbol", "size", "entry_price", "balance"}
    assert result.edits == ()


def test_an_account_of_this_name_is_refused():
    assert "exists already" in checked(**SOUND, account=NEW, name="SAMPLE").faults["name"]


def test_another_leg_like_it_is_refused():
    assert "already holds" in checked(sample_desk(), **SOUND).faults["symbol"]


def test_a_name_of_two_contracts_is_asked_about():
    result = checked(DeskState(), **SOUND, venue="kraken")
    assert result.faults == {"symbol": "this may be BTC/USD:USD or BTC/USD:BTC; write which"}


def test_an_inverse_contract_is_counted():
    fault = checked(**SOUND | {"symbol": "BTC/USD:BTC"}).faults
    assert "counted in contracts" in fault["size"]
    assert made(checked(**SOUND | {"symbol": "BTC/USD:BTC", "unit": "contracts"})).contracts == d("0.5")


def test_only_what_matters_is_asked():
    asked = form()
    answers = asked.first()
    hidden = {field.key for field in FIELDS if not asked.asked(field.key, answers)}
    assert hidden == {"name", "venue", "balance", "isolated_wallet", "trigger"}
    answers |= {"account": NEW, "margin_mode": "isolated", "stop": "1"}
    assert all(asked.asked(field.key, answers) for field in FIELDS)


def test_a_wallet_that_is_not_asked_for_is_not_taken():
    assert made(checked(**SOUND, isolated_wallet="nonsense")).isolated_wallet is None


def test_every_field_has_words_and_every_choice_has_texts():
    for field in FIELDS:
        assert field.label
        assert field.help.endswith(".")
        if field.kind == "choice":
            assert form().choices(field.key)
        if field.beside:
            assert field.beside in BY_KEY


HELD = replace(position(), stop=Stop(d("90000"), "index"), margin_mode="isolated", isolated_wallet=d("500"))


def test_what_is_held_stands_in_the_fields():
    answers = form(desk(HELD), (0, 0)).first()
    assert answers["account"] == "SAMPLE"
    assert (answers["symbol"], answers["size"], answers["unit"]) == (BTC, "1", "coins")
    assert (answers["stop"], answers["trigger"], answers["isolated_wallet"]) == ("90000", "index", "500")


def test_changed_numbers_keep_the_position_in_its_place():
    asked = form(sample_desk(), (0, 0))
    result = asked.check(asked.first() | {"size": "2", "unit": "contracts", "leverage": ""})
    assert result.edits == (
        SetPositionField(0, 0, "contracts", "2"),
        SetPositionField(0, 0, "leverage", ""),
    )


def test_another_side_is_another_position():
    asked = form(desk(HELD), (0, 0))
    result = asked.check(asked.first() | {"side": "short"})
    assert result.edits == (RemovePosition(0, 0), AddPosition(0, replace(HELD, side="short")))


def test_nothing_changed_makes_no_edits():
    asked = form(sample_desk(), (0, 1))
    assert asked.check(asked.first()) == Checked()


def test_two_accounts_of_one_name_are_told_apart():
    both = (Account(name="a", venue="okx"), Account(name="a", venue="binance-usdm"))
    asked = form(DeskState(accounts=both))
    assert asked.choices("account") == ("a (okx)", "a (binance-usdm)", NEW)
    result = asked.check(asked.first() | SOUND | {"account": "a (binance-usdm)"})
    state = DeskState(accounts=both)
    for edit in result.edits:
        state = apply(state, edit)
    assert [len(account.positions) for account in state.accounts] == [0, 1]
