"""The board: what it makes of records, what it refuses, and that its views stay as they were."""

import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.market import MINUTE, START, SYMBOL, VENUE, batch, candle, clock, reset, source
from workstation.domain.events import Candle, Depth, Funding, Liquidation, Mark, OpenInterest, Quote
from workstation.market.board import MarketBoard
from workstation.market.records import Batch, Packable, pack
from workstation.market.view import InstrumentView

NAME = (VENUE, SYMBOL)


def seen(board: MarketBoard, name: tuple[str, str] = NAME) -> InstrumentView:
    return board.instruments()[name]


def liquidation(at: int, usd: float, side: str = "long", coverage: str = "complete") -> Liquidation:
    return Liquidation(VENUE, SYMBOL, at, side, usd / 100, 100.0, "fill", coverage)  # type: ignore[arg-type]


def market(seed: int, count: int) -> list[Packable]:
    """Something of everything, in order of time."""
    chance = random.Random(seed)
    heard: list[Packable] = []
    for i in range(count):
        at = START + i * 1000
        symbol = chance.choice([SYMBOL, "ETH/USDT:USDT"])
        price = chance.uniform(90, 110)
        heard += [
            Mark(VENUE, symbol, at, price),
            Quote(VENUE, symbol, at, price - 0.1, price + 0.1),
            OpenInterest(VENUE, symbol, at, chance.uniform(1, 9)),
            Depth(VENUE, symbol, at, 0.001, price, price),
            Depth(VENUE, symbol, at, 0.01, 2 * price, 2 * price),
        ]
        if i % 60 == 59:
            heard.append(candle(i // 60, price, symbol=SYMBOL))
        if i % 7 == 0:
            heard.append(liquidation(at, price))
    return heard


def say(view: InstrumentView) -> object:
    """A view as plain values, to compare."""
    tape, depth = view.liquidations, view.depth
    return (
        {interval: (c.open_ms.tolist(), c.close.tolist(), c.forming) for interval, c in view.candles.items()},
        (view.last, view.mark, view.mark_ms, view.bid, view.ask),
        (view.open_interest.at_ms.tolist(), view.open_interest.values.tolist()),
        (tape.at_ms.tolist(), tape.usd.tolist(), tape.is_long.tolist()),
        None if depth is None else (depth.at_ms, depth.distances.tolist(), depth.bid_usd.tolist()),
    )


@given(st.integers(0, 99), st.lists(st.integers(1, 40), max_size=30))
def test_however_the_stream_is_cut_the_board_is_the_same(seed: int, cuts: list[int]) -> None:
    heard = market(seed, 200)
    numbers: dict[tuple[str, str], int] = {}
    records = pack(heard, numbers)
    whole, pieces = MarketBoard(), MarketBoard()
    whole.apply(Batch(records, tuple(numbers)))
    start = 0
    for cut in cuts:
        pieces.apply(Batch(records[start : start + cut], tuple(numbers)))
        pieces.instruments()
        start += cut
    pieces.apply(Batch(records[start:], tuple(numbers)))
    assert {name: say(view) for name, view in whole.instruments().items()} == {
        name: say(view) for name, view in pieces.instruments().items()
    }
    assert whole.marks() == pieces.marks()
    assert whole.at_ms == pieces.at_ms


def test_what_was_seen_stays_as_it_was() -> None:
    board = MarketBoard()
    board.apply(batch(*market(1, 100)))
    before, said = seen(board), say(seen(board))
    board.apply(batch(*market(2, 300)))
    assert say(before) == said
    assert seen(board) is not before


def test_unchanged_parts_are_the_same_object() -> None:
    board = MarketBoard()
    board.apply(batch(*market(1, 50)))
    views, marks = board.instruments(), board.marks()
    board.apply(clock(START + 10**6))
    assert board.instruments() is views
    assert board.marks() is marks
    board.apply(batch(Quote(VENUE, SYMBOL, START + 10**6, 1, 2)))
    assert board.instruments()[VENUE, "ETH/USDT:USDT"] is views[VENUE, "ETH/USDT:USDT"]
    assert board.instruments()[NAME] is not views[NAME]


def test_marks_carry_the_digits_that_the_source_wrote() -> None:
    board = MarketBoard()
    board.apply(batch(Mark(VENUE, SYMBOL, START, 0.1), Mark(VENUE, "ETH/USDT:USDT", START, 4000.55)))
    board.instruments()
    assert board.marks() == {VENUE: {SYMBOL: Decimal("0.1"), "ETH/USDT:USDT": Decimal("4000.55")}}


def test_the_last_price_stands_for_a_mark_that_no_source_says_but_never_for_spot() -> None:
    board = MarketBoard()
    board.apply(batch(candle(0, 123.5), candle(0, 99, symbol="BTC/USDT")))
    board.instruments()
    assert board.marks() == {VENUE: {SYMBOL: Decimal("123.5")}}
    assert seen(board).mark is None


def test_nonsense_is_counted_and_left_out() -> None:
    board = MarketBoard()
    good = Mark(VENUE, SYMBOL, START, 100)
    bad: list[Packable] = [
        Mark(VENUE, SYMBOL, START + 1, float("nan")),
        Mark(VENUE, SYMBOL, START + 1, 0),
        Mark(VENUE, SYMBOL, START + 1, -5),
        Quote(VENUE, SYMBOL, START, float("inf"), 1),
        OpenInterest(VENUE, SYMBOL, START, -1),
        Liquidation(VENUE, SYMBOL, START, "long", 0, 1, "fill", "complete"),
        Candle(VENUE, SYMBOL, MINUTE, START, 10, 9, 8, 9, 1),  # the high is below the open
        Candle(VENUE, SYMBOL, 0, START, 1, 1, 1, 1, 1),
        Depth(VENUE, SYMBOL, START, 0.1, float("nan"), 1),
        Funding(VENUE, SYMBOL, START, float("nan"), 8),
        Mark(VENUE, SYMBOL, -1, 100),
    ]
    board.apply(batch(*bad, good))
    assert board.refused == len(bad)
    view = seen(board)
    assert view.mark == 100
    assert (view.bid, view.last, view.depth, len(view.open_interest.values)) == (None, None, None, 0)


def test_a_record_of_an_unknown_kind_or_contract_is_refused() -> None:
    board = MarketBoard()
    made = batch(Mark(VENUE, SYMBOL, START, 1), Mark(VENUE, SYMBOL, START, 2))
    made.records["kind"][0] = 15
    made.records["instrument"][1] = 7
    board.apply(made)
    assert board.refused == 2
    assert board.instruments() == {}


def test_a_negative_funding_rate_is_no_nonsense() -> None:
    board = MarketBoard()
    board.apply(batch(Funding(VENUE, SYMBOL, START, -0.0005, 8)))
    assert seen(board).funding.values.tolist() == [-0.0005]
    assert seen(board).funding_interval_h == 8


def test_a_reset_forgets_everything_before_it() -> None:
    board = MarketBoard()
    board.apply(batch(*market(1, 100)))
    old = batch(Mark(VENUE, SYMBOL, START, 1), Mark(VENUE, "ETH/USDT:USDT", START, 50))
    records = np.concatenate([old.records[:1], reset(), old.records[1:]])
    board.apply(Batch(records, old.names))
    assert list(board.instruments()) == [(VENUE, "ETH/USDT:USDT")]
    assert board.marks() == {VENUE: {"ETH/USDT:USDT": Decimal("50.0")}}
    assert board.at_ms == START


def test_the_clock_stands_where_a_closed_candle_became_known() -> None:
    board = MarketBoard()
    board.apply(batch(candle(0)))
    assert board.at_ms == START + MINUTE


def test_charts_get_the_timeframes_that_they_watch() -> None:
    board = MarketBoard()
    board.apply(batch(*(candle(i) for i in range(12))))
    assert set(seen(board).candles) == {MINUTE}
    board.watch(frozenset({(VENUE, SYMBOL, 5 * MINUTE), (VENUE, SYMBOL, 90_000)}))
    assert set(seen(board).candles) == {MINUTE, 5 * MINUTE}
    assert len(seen(board).candles[5 * MINUTE].open_ms) == 2
    board.watch(frozenset())
    assert set(seen(board).candles) == {MINUTE}


def test_the_day_change_needs_a_day() -> None:
    board = MarketBoard()
    board.apply(batch(*(candle(i, 100 + i / 100) for i in range(1_440))))
    assert seen(board).day_change is None
    board.apply(batch(candle(1_440, 121)))
    assert seen(board).day_change == 121 / 100 - 1


def test_liquidations_keep_their_side_and_the_tape_says_the_worst_of_what_it_covers() -> None:
    board = MarketBoard()
    board.apply(batch(liquidation(START, 5), liquidation(START + 1, 7, "short"), liquidation(START + 9, 100)))
    tape = seen(board).liquidations
    assert (tape.usd.tolist(), tape.is_long.tolist()) == (pytest.approx([5, 7, 100]), [True, False, True])
    assert tape.coverage == "complete"
    board.apply(batch(liquidation(START + 10, 1, coverage="sampled")))
    assert seen(board).liquidations.usd[-1] == pytest.approx(1)
    assert seen(board).liquidations.coverage == "sampled"


def test_what_has_not_changed_of_a_contract_is_the_same_object() -> None:
    """Charts look at sameness: a quote must not make them add up a tape of a day."""
    board = MarketBoard()
    board.watch(frozenset({(*NAME, 5 * MINUTE)}))
    board.apply(batch(*(candle(i, 100) for i in range(12)), *market(3, 60)))
    before = seen(board)
    board.apply(batch(Quote(VENUE, SYMBOL, START + 10**6, 1, 2)))
    after = seen(board)
    assert after is not before
    assert set(after.candles) == {MINUTE, 5 * MINUTE}
    assert all(after.candles[interval] is before.candles[interval] for interval in after.candles)
    assert after.liquidations is before.liquidations
    assert after.open_interest is before.open_interest
    assert after.funding is before.funding
    board.apply(batch(liquidation(START + 10**6, 5), OpenInterest(VENUE, SYMBOL, START + 10**6, 3), candle(70, 100)))
    later = seen(board)
    assert later.liquidations is not after.liquidations
    assert later.open_interest is not after.open_interest
    assert all(later.candles[interval] is not after.candles[interval] for interval in after.candles)
    assert later.funding is before.funding


def test_a_stream_that_falls_silent_is_said_late_and_then_silent() -> None:
    board = MarketBoard()
    board.open(source())
    board.apply(batch(Mark(VENUE, SYMBOL, START, 100), Mark(VENUE, SYMBOL, START + 1_000, 100)))
    for age, state in ((1_000, "live"), (14_500, "live"), (20_000, "late"), (40_000, "silent")):
        board.apply(clock(START + 1_000 + age))
        board.look_at_quality()
        assert seen(board).quality["marks"].state == state
        assert board.venues()[VENUE].state == state


def test_another_market_is_forgotten_at_once_and_the_same_one_of_a_feed_started_anew_is_kept():
    board = MarketBoard()
    board.open(source())
    board.apply(batch(Mark(VENUE, SYMBOL, START, 100.0)))
    board.open(source())
    assert seen(board).mark == 100.0
    board.open(source(("ETH/USDT:USDT",)))
    assert NAME not in board.instruments()
    assert board.marks() == {}
    assert board.at_ms is None
