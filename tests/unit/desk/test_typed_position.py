"""A position typed as one line: what is understood, what is refused and with which word, and that it never crashes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.kit.frames import BTC, ETH, d, desk, position, sample_desk
from workstation.desk.edits import AddAccount, AddPosition, BeginWhatIf, SetBalance, apply
from workstation.desk.state import DeskState
from workstation.desk.typed_position import describe_typed, read_typed, typed_text
from workstation.desk.typed_words import EXAMPLE, quoted, sort_words
from workstation.domain.instrument import Instrument
from workstation.domain.playback import InstrumentInfo
from workstation.domain.position import Account, Position, Stop
from workstation.domain.problem import BadInput
from workstation.market.view import InstrumentView, MarketView

COIN = "BTC/USD:BTC"
LISTS = {
    "binance-usdm": (BTC, ETH, "BTC/USDC:USDC", "1000PEPE/USDT:USDT", "XAG/USDT:USDT"),
    "binance-coinm": (COIN, "BTC/USD:BTC-261225"),
    "kraken": ("BTC/USD:USD", "BTC/USD:BTC"),
    "hyperliquid": ("BTC/USDC:USDC", "HYPE/USDC:USDC"),
}


def known(venue: str) -> dict[str, Instrument]:
    return {
        symbol: Instrument(symbol, "inverse" if symbol.startswith(COIN) else "linear", contract_size=d("100"))
        for symbol in LISTS.get(venue, ())
    }


def typed(text: str, state: DeskState | None = None, market: MarketView | None = None) -> Position:
    edits = read_typed(text, desk() if state is None else state, market or MarketView(), known)
    (made,) = (edit.position for edit in edits if isinstance(edit, AddPosition))
    return made


def fault(text: str, state: DeskState | None = None, market: MarketView | None = None) -> str:
    said = describe_typed(text, desk() if state is None else state, market or MarketView(), known)
    assert not said.text
    return said.fault


def test_the_example_is_understood():
    made = typed("long 0.5 BTC @ 98000 10x cross")
    assert made == Position(symbol=BTC, side="long", quantity=d("0.5"), entry_price=d("98000"), leverage=d("10"))


@pytest.mark.parametrize(
    "text",
    [
        "long BTC 0.5 cross 10x @ 98000",
        "l .5 btc @98000 10X",
        "+0.5 BTC/USDT:USDT @ 98K 10×",
        "long 10x @ 98000 0.5 btcusdt",
        "long 0.5BTC at 98000 10x in SAMPLE",
        "LONG 0.5 binance:BTC-PERP @ 98\u202f000 10x",
        "long 0.5 BTC/USDT 10x on binance @ 98000 in sample",
        "long 0.5 BTCUSDT.P @ 9.8e4 10x",
    ],
)
def test_the_order_and_the_spelling_are_free(text: str):
    assert typed(text) == typed("long 0.5 BTC @ 98000 10x cross")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("xag", "XAG/USDT:USDT"), ("1000PEPE", "1000PEPE/USDT:USDT"), ("BTC-USDC", "BTC/USDC:USDC"), ("XBTUSDT", BTC)],
)
def test_coins_and_contracts_in_any_usual_spelling(name: str, symbol: str):
    assert typed(f"short 1 {name} @ 1").symbol == symbol


def test_a_minus_of_our_own_display_is_a_short():
    assert typed("−2 ETH @ 4000").side == "short"


def test_suffixes_contracts_wallet_and_stop():
    made = typed("short 3 contracts ETH @ 4K isolated 500 5x stop 4.2K last")
    assert (made.contracts, made.quantity, made.entry_price) == (d("3"), None, d("4000"))
    assert (made.margin_mode, made.isolated_wallet, made.stop) == ("isolated", d("500"), Stop(d("4200"), "last"))
    assert typed("long 1.5M 1000PEPE @ 0.01").quantity == 1_500_000


def test_dollars_become_coins_at_the_entry_and_never_more_than_was_said():
    assert typed("long $5000 BTC @ 100000").quantity == d("0.05")
    assert typed("long 5000 usd BTC @ 98000").quantity == d("0.05102040")
    assert typed("long $5K BTC @ 98000").quantity == d("0.0510204")


def test_dollars_become_whole_contracts_where_they_are_inverse():
    state = DeskState(accounts=(Account(name="coin", venue="binance-coinm"),))
    assert typed("short $5050 BTC @ 98000", state).contracts == 50
    assert "less than one contract of 100 USD" in fault("short $50 BTC @ 98000", state)
    assert "counted in contracts" in fault("short 0.5 BTC @ 98000", state)


def test_without_a_price_the_mark_is_the_entry():
    market = MarketView(
        instruments={("binance-usdm", ETH): InstrumentView(venue="binance-usdm", symbol=ETH, mark=4001.5)}
    )
    state = replace(desk(), marks={})
    assert typed("long 1 ETH @ mark", state, market).entry_price == d("4001.5")
    assert typed("long 1 ETH", state, market).entry_price == d("4001.5")
    assert "no mark price of ETH/USDT:USDT is known yet" in fault("long 1 ETH @ mark", state)
    assert "at the mark 100\u202f000" in describe_typed("long 1 BTC", desk(), MarketView(), known).text


def test_a_spot_series_of_the_market_is_no_contract():
    info = InstrumentInfo("spot")
    market = MarketView(
        instruments={("bybit", "BTC/USDT:USDT"): InstrumentView(venue="bybit", symbol="BTC/USDT:USDT", info=info)}
    )
    state = DeskState(accounts=(Account(name="a", venue="bybit"),))
    assert fault("long 1 BTC @ 1", state, market).startswith("BTC: no such contract is known at bybit")


def test_what_the_market_shows_goes_first():
    shown = "BTC/USDC:USDC"
    market = MarketView(instruments={("binance-usdm", shown): InstrumentView(venue="binance-usdm", symbol=shown)})
    assert typed("long 1 BTC @ 1", desk(), market).symbol == shown


def test_the_first_account_that_knows_the_coin_takes_it():
    state = replace(desk(), accounts=(*desk().accounts, Account(name="my hl", venue="hyperliquid")))
    (edit,) = read_typed("long 3 HYPE @ 40", state, MarketView(), known)
    assert isinstance(edit, AddPosition)
    assert (edit.account, edit.position.symbol) == (1, "HYPE/USDC:USDC")
    (other,) = read_typed('long 3 BTC @ 40 in "my hl"', state, MarketView(), known)
    assert isinstance(other, AddPosition)
    assert (other.account, other.position.symbol) == (1, "BTC/USDC:USDC")


def test_a_desk_without_accounts_gets_one_named_main_and_says_that_its_balance_is_missing():
    edits = read_typed("long 1 BTC @ 1", DeskState(), MarketView(), known)
    assert edits[0] == AddAccount(Account(name="main", venue="binance-usdm"))
    said = describe_typed("long 1 BTC @ 1", DeskState(), MarketView(), known)
    assert said.text.endswith("new account main")
    assert said.note.startswith("the balance of main in USDT is missing")


def test_a_balance_can_be_said_with_the_first_position():
    edits = read_typed("long 1 BTC @ 1 balance 10K", DeskState(), MarketView(), known)
    assert edits[1] == SetBalance(0, "USDT", "10000")
    assert describe_typed("long 1 BTC @ 1 balance 10K", DeskState(), MarketView(), known).note == ""


def test_another_venue_gets_an_account_of_its_own():
    first, second = read_typed("long 1 hyperliquid:HYPE @ 40", desk(name="main"), MarketView(), known)
    assert first == AddAccount(Account(name="hyperliquid", venue="hyperliquid"))
    assert isinstance(second, AddPosition)
    assert second.account == 1


def test_a_name_of_two_venues_goes_where_the_contract_is():
    edits = read_typed("short 5 contracts binance:BTCUSD_PERP @ 98000", desk(name="main"), MarketView(), known)
    assert isinstance(edits[0], AddAccount)
    assert edits[0].account.venue == "binance-coinm"


def test_while_a_copy_is_tried_the_position_goes_into_the_copy():
    state = apply(sample_desk(), BeginWhatIf())
    state = apply(state, read_typed("short 1 BTC @ 99000", state, MarketView(), known)[0])
    assert len(state.accounts[0].positions) == 2
    assert state.trial is not None
    assert state.trial.accounts is not None
    assert state.trial.accounts[0].positions[-1].side == "short"


def test_the_echo_says_everything_that_was_understood():
    said = describe_typed("long 0.5 BTC @ 98000 10x cross", desk(), MarketView(), known)
    wanted = "LONG 0.5 BTC/USDT:USDT on binance-usdm at 98\u202f000, 10× cross, account SAMPLE"
    assert (said.text, said.fault, said.note) == (wanted, "", "")


def test_a_contract_that_no_list_has_is_taken_whole_and_said():
    said = describe_typed("long 1 SOLUSDT @ 160", desk(), MarketView(), known)
    assert said.text.startswith("LONG 1 SOL/USDT:USDT")
    assert said.note == "SOL/USDT:USDT is not among the contracts known at binance-usdm"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "begin with long or short"),
        ("0.5 BTC", "0.5: begin with long or short"),
        ("buy 1 BTC", "buy: orders are not placed here"),
        ("long 1", "which coin?"),
        ("long BTC", "how much?"),
        ("long BTC isolated 500", "the number after isolated is its wallet"),
        ("long 1,000.5 BTC", "1,000.5: is it thousands or a decimal?"),
        ("long 1 BTC @ 98,000", "98,000: is it thousands or a decimal?"),
        ("long 1 BTC @ 98'000", "98'000: is it thousands or a decimal?"),
        ("long 0 BTC", "0: the size must be above zero"),
        ("long -1 BTC", "-1: the size must be above zero"),
        ("long 1 BTC @ 1 @ 2", "@: the entry price is said twice"),
        ("long 1 2 BTC", "2: the size is said twice"),
        ("long 1 BTC @", "@: the entry price is missing"),
        ("long 1 BTC @ abc", "abc: the entry price is not a number"),
        ("long 1 BTC foo", "foo: not understood; BTC is taken as the contract"),
        ("long 1 BTC 10x wallet 5", "wallet: only an isolated position"),
        ("long 1 BTC stop", "stop: write a number after it"),
        ("long 1 BTC mark", "mark: stands alone"),
        ("long 1 BTC in nowhere", 'nowhere: no account has this name; there are "SAMPLE"'),
        ("long 1 BTC on nyse", "nyse: not a venue; known are binance-usdm"),
        ("long 1 BTC on okx in SAMPLE", "SAMPLE: this account is at binance-usdm, not at okx"),
        ("long 1 nyse:BTC", "nyse: not a venue"),
        ("long 1 bybit:", "bybit:: name a coin after the venue"),
        ("long 1 PEPE @ 1", "did you mean 1000PEPE/USDT:USDT?"),
        ("long 1 BTCEUR @ 1", "BTCEUR: no such contract is known at binance-usdm"),
        ("long 1 kraken:BTC @ 1", "BTC: at kraken this may be BTC/USD:USD or BTC/USD:BTC; write which"),
        ("long 1e31 BTC", "1e31: the size has too many digits"),
        ("long 1 " + "x" * 500, "longer than 400 characters"),
        ("long long 1 BTC", "long: the side stands first and once"),
    ],
)
def test_a_fault_names_the_word_and_the_mend(text: str, says: str):
    assert says in fault(text)


def after(text: str, desk: DeskState) -> Position:
    """The first position of the desk, once the line was entered."""
    for edit in read_typed(text, desk, MarketView()):
        desk = apply(desk, edit)
    return desk.accounts[0].positions[0]


def test_what_is_typed_on_top_of_a_position_grows_it():
    # the very example that the empty line shows, on the account that the program begins with
    grown = after(EXAMPLE, sample_desk())
    assert (grown.quantity, grown.leverage) == (d("1.5"), d("10"))
    assert grown.entry_price == d("99333.3333333")
    said = describe_typed(EXAMPLE, sample_desk(), MarketView()).text.replace("\u202f", " ")
    assert said.endswith("with what is held 1.5 at 99 333.3333333, 10×")


def test_inverse_contracts_are_averaged_by_what_they_are_worth_in_the_coin():
    held = Position(symbol="BTC/USD:BTC", side="long", contracts=d("100"), entry_price=d("50000"))
    desk = DeskState(accounts=(Account(name="main", venue="bybit", positions=(held,)),))
    grown = after("long 100 contracts BTC/USD:BTC @ 100000", desk)
    assert (grown.contracts, grown.quantity) == (d("200"), None)
    assert grown.entry_price == d("66666.6666667")


@given(*[st.decimals("0.0001", "1000000", places=4)] * 5)
def test_a_position_that_grows_wins_and_loses_what_both_did(
    size: Decimal, entry: Decimal, more: Decimal, at: Decimal, price: Decimal
):
    held = Position(symbol="BTC/USDT:USDT", side="long", quantity=size, entry_price=entry)
    desk = DeskState(accounts=(Account(name="main", venue="okx", positions=(held,)),))
    both = after(f"long {more:f} BTC/USDT:USDT @ {at:f}", desk)
    apart = size * (price - entry) + more * (price - at)
    together = (both.quantity or d("0")) * (price - both.entry_price)
    assert abs(together - apart) <= d("1e-11") * (size * entry + more * at)


@pytest.mark.parametrize("text", ["long 1 BTC @ 98000 stop 90000", "long 5 contracts BTC @ 98000"])
def test_what_cannot_be_put_together_is_refused(text: str):
    assert "already holds a cross long in BTC/USDT:USDT" in fault(text, sample_desk())


WORDS = st.sampled_from(
    [
        "long",
        "short",
        "+",
        "-",
        "0.5",
        "-1",
        "1,000",
        "BTC",
        "btcusdt",
        "@",
        "98K",
        "mark",
        "10x",
        "cross",
        "isolated",
        "500",
        "stop",
        "last",
        "in",
        "SAMPLE",
        "on",
        "okx",
        "bybit:",
        ":",
        "binance:BTCUSD",
        "$5000",
        "usd",
        "contracts",
        "balance",
        "wallet",
        "at",
        '"',
        '"a',
        "\\",
        '"\\"',
        "1e999",
        ".",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=14).map(" ".join)))
def test_no_text_ever_crashes_it(text: str):
    for state in (DeskState(), sample_desk()):
        said = describe_typed(text, state, MarketView(), known)
        assert bool(said.text) != bool(said.fault)


AMOUNTS = st.decimals(Decimal("0.00000001"), Decimal(10) ** 12, places=8).filter(lambda value: value > 0)
NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda name: name.strip()
)


@given(
    name=NAMES,
    symbol=st.sampled_from([BTC, ETH, "1000PEPE/USDT:USDT", "SUI/USDT:USDT", "BTC/USDT:USDT-261225"]),
    side=st.sampled_from(["long", "short"]),
    size=AMOUNTS,
    in_contracts=st.booleans(),
    entry=AMOUNTS,
    leverage=st.none() | AMOUNTS,
    wallet=st.none() | AMOUNTS,
    stop=st.none() | st.builds(Stop, AMOUNTS, st.sampled_from(["mark", "last", "index"])),
)
def test_what_is_written_is_read_back(name, symbol, side, size, in_contracts, entry, leverage, wallet, stop):
    made = Position(
        symbol=symbol,
        side=side,
        quantity=None if in_contracts else size,
        contracts=size if in_contracts else None,
        entry_price=entry,
        margin_mode="cross" if wallet is None else "isolated",
        leverage=leverage,
        isolated_wallet=wallet,
        stop=stop,
    )
    account = Account(name=name, venue="binance-usdm")
    text = typed_text(made, account)
    assert typed(text, DeskState(accounts=(Account(name="other", venue="okx"), account))) == made


@given(NAMES)
def test_any_name_is_one_word(name: str):
    assert sort_words(f"long 1 BTC in {quoted(name)} cross").account == name


def test_an_own_contract_of_the_portfolio_file_is_known():
    state = replace(desk(position("ABC/USDT:USDT")), instruments={})
    assert typed("short 1 abc @ 1", state).symbol == "ABC/USDT:USDT"


def test_bad_input_carries_the_word_as_its_place():
    with pytest.raises(BadInput) as bad:
        read_typed("long 1,5 BTC", desk(), MarketView(), known)
    assert bad.value.problems[0].where == "1,5"


def test_a_date_picks_the_dated_contract_and_no_date_the_perpetual():
    state = DeskState(accounts=(Account(name="coin", venue="binance-coinm"),))
    assert typed("long 1 contract BTC-25DEC26 @ 1", state).symbol == "BTC/USD:BTC-261225"
    assert typed("long 1 contract BTC @ 1", state).symbol == COIN
