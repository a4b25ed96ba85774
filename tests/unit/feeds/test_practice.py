"""The practice tape: the same records to the bit, however time is cut and wherever the clock is set back to."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.domain.events import Candle, Liquidation
from workstation.feeds import practice
from workstation.feeds.practice import HOUR_MS, START_MS, PracticeTape
from workstation.feeds.practice_records import MINUTE_MS
from workstation.market.records import CLOSED, RECORD, Batch, Kind, Records, blank, unpack

SEED = 7
ORIGIN_MS = START_MS - 12 * HOUR_MS
SPAN_MS = 13 * MINUTE_MS
HISTORY = (Kind.CANDLE, Kind.OPEN_INTEREST, Kind.FUNDING, Kind.LIQUIDATION)


@lru_cache(maxsize=1)
def shared_tape() -> PracticeTape:
    """One tape for many tests: each sets it where it wants it."""
    return PracticeTape(SEED)


@lru_cache(maxsize=1)
def fall() -> tuple[Records, tuple[tuple[str, str], ...]]:
    """An hour of seed 7 after its start, the fall in it, as it was said."""
    tape = PracticeTape(SEED)
    joined(tape.rewind(START_MS))
    return joined(tape.until(START_MS + HOUR_MS)), tuple(tape.names)


def joined(pieces: Iterable[Records]) -> Records:
    return np.concatenate([blank(0), *pieces])


def known_ms(records: Records) -> np.ndarray:
    """When each became known: a closed candle at its end; of a forming one it is not said."""
    closed = (records["kind"] == Kind.CANDLE) & (records["flags"] == CLOSED)
    forming = (records["kind"] == Kind.CANDLE) & ~closed
    return np.where(forming, -1, records["at_ms"] + np.where(closed, MINUTE_MS, 0))


@lru_cache(maxsize=1)
def first_minutes() -> Records:
    tape = PracticeTape(SEED)
    return joined(tape.until(ORIGIN_MS + SPAN_MS))


# --- sameness ---------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.lists(st.integers(0, SPAN_MS), max_size=12))
def test_however_time_is_cut_the_records_are_the_same(cuts: list[int]):
    tape = shared_tape()
    heard = list(tape.rewind(ORIGIN_MS))
    for cut in [*sorted(cuts), SPAN_MS]:
        heard.extend(tape.until(ORIGIN_MS + cut))
    assert joined(heard).tobytes() == first_minutes().tobytes()


@settings(max_examples=20)
@given(st.lists(st.integers(0, SPAN_MS), min_size=1, max_size=4))
def test_set_back_anywhere_it_goes_on_as_if_played_there(moments: list[int]):
    tape, reference = shared_tape(), first_minutes()
    for moment in moments:
        joined(tape.rewind(ORIGIN_MS + moment))
    rest = joined(tape.until(ORIGIN_MS + SPAN_MS))
    assert rest.tobytes() == reference[len(reference) - len(rest) :].tobytes()
    told = known_ms(reference)
    assert (told[: len(reference) - len(rest)] <= ORIGIN_MS + moments[-1]).all()
    assert ((known_ms(rest) > ORIGIN_MS + moments[-1]) | (known_ms(rest) == -1)).all()


@settings(max_examples=20)
@given(st.integers(0, SPAN_MS))
def test_a_rewind_tells_what_playing_would_have_told(moment: int):
    tape, to_ms = shared_tape(), ORIGIN_MS + moment
    told = joined(tape.rewind(to_ms))
    joined(tape.rewind(ORIGIN_MS))
    played = joined(tape.until(to_ms))
    is_history = np.isin(told["kind"], HISTORY) & ~is_forming(told)
    was_history = np.isin(played["kind"], HISTORY) & ~is_forming(played)
    assert told[is_history].tobytes() == played[was_history].tobytes()
    newest: dict[tuple[int, int, float], bytes] = {}
    for record in played[~was_history]:
        distance = float(record["values"][0]) if record["kind"] == Kind.DEPTH else 0.0
        newest[int(record["kind"]), int(record["instrument"]), distance] = record.tobytes()
    state = told[~is_history]
    for record in state:
        distance = float(record["values"][0]) if record["kind"] == Kind.DEPTH else 0.0
        assert newest.pop((int(record["kind"]), int(record["instrument"]), distance)) == record.tobytes()
    # What is not told again is a candle that has closed since.
    assert all(kind == Kind.CANDLE for kind, _, _ in newest)
    assert not newest or moment % MINUTE_MS < 1000


def is_forming(records: Records) -> np.ndarray:
    return (records["kind"] == Kind.CANDLE) & (records["flags"] != CLOSED)


def test_what_was_given_up_is_simulated_anew(monkeypatch: pytest.MonkeyPatch):
    reference = PracticeTape(1)
    joined(reference.rewind(ORIGIN_MS + 20 * MINUTE_MS))
    wanted = joined(reference.until(ORIGIN_MS + 21 * MINUTE_MS))
    monkeypatch.setattr(practice, "KEPT_H", 2)
    monkeypatch.setattr(practice, "CLOSE_H", 1)
    monkeypatch.setattr(practice, "MOST_HISTORY", 30)
    tape = PracticeTape(1)
    joined(tape.rewind(ORIGIN_MS + 4 * HOUR_MS + 1))
    assert len(tape._hours) == 2
    assert len(tape._snapshots) < 5
    told = joined(tape.rewind(ORIGIN_MS + 20 * MINUTE_MS))
    assert np.count_nonzero((told["kind"] == Kind.OPEN_INTEREST) & (told["instrument"] == 0)) == 20
    assert joined(tape.until(ORIGIN_MS + 21 * MINUTE_MS)).tobytes() == wanted.tobytes()


def test_a_rewind_hands_out_the_newest_rows_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(practice, "MOST_HISTORY", 10)
    told = joined(shared_tape().rewind(ORIGIN_MS + 30 * MINUTE_MS))
    candles = told[(told["kind"] == Kind.CANDLE) & (told["flags"] == CLOSED) & (told["instrument"] == 3)]
    assert candles["at_ms"].tolist() == [ORIGIN_MS + minute * MINUTE_MS for minute in range(20, 30)]


def test_who_waits_for_a_long_rewind_may_look_up():
    pieces = [len(piece) for piece in PracticeTape(2).rewind(ORIGIN_MS + HOUR_MS)]
    assert pieces.count(0) >= 6


# --- what is said -----------------------------------------------------------------------------------------------------


def test_it_is_a_simulated_market_and_says_so():
    tape = shared_tape()
    assert tape.source.kind == "simulated"
    assert tape.source.to_ms is None
    assert tape.start_ms - tape.source.from_ms == 12 * HOUR_MS
    assert [symbol for _, symbol in tape.names] == list(tape.source.instruments["binance-usdm"])


def test_there_are_hours_of_history_before_the_start():
    told = joined(shared_tape().rewind(START_MS))
    for kind, rows in ((Kind.CANDLE, 720), (Kind.OPEN_INTEREST, 720), (Kind.FUNDING, 144)):
        some = told[(told["kind"] == kind) & (told["instrument"] == 0)]
        assert len(some) == rows
    marks = told[told["kind"] == Kind.MARK]
    assert marks["values"][:2, 0].tolist() == [100_000, 4_000]
    assert (marks["at_ms"] == START_MS).all()


def test_records_come_in_the_order_in_which_they_became_known():
    records, _ = fall()
    known = known_ms(records)
    assert (np.diff(known[known >= 0]) >= 0).all()
    assert records.dtype == RECORD
    assert not records["sequence"].any()  # the ring's to count


def test_each_minute_has_one_closed_candle_that_begins_where_the_last_ended():
    records, _ = fall()
    for instrument in range(8):
        candles = records[(records["kind"] == Kind.CANDLE) & (records["instrument"] == instrument)]
        closed = candles[candles["flags"] == CLOSED]
        assert closed["at_ms"].tolist() == [START_MS + minute * MINUTE_MS for minute in range(60)]
        _, opens, highs, lows, closes, volumes = closed["values"][:, :6].T
        assert (opens[1:] == closes[:-1]).all()
        assert (highs >= np.maximum(opens, closes)).all()
        assert (lows <= np.minimum(opens, closes)).all()
        assert (lows > 0).all()
        assert (volumes > 0).all()
        forming = candles[candles["flags"] != CLOSED]
        assert len(forming) == 59 * 60
        assert (np.diff(candles["at_ms"]) >= 0).all()  # a forming candle is never told after it closed


def test_a_forced_order_lies_within_its_minutes_candle():
    records, names = fall()
    events = unpack(Batch(records, names))
    candles = {(e.symbol, e.open_ms): e for e in events if isinstance(e, Candle) and e.closed}
    liquidations = [e for e in events if isinstance(e, Liquidation)]
    forced: dict[tuple[str, int], float] = {}
    for event in liquidations:
        key = (event.symbol, (event.at_ms - 1) // MINUTE_MS * MINUTE_MS)
        assert candles[key].low <= event.price <= candles[key].high
        assert (event.coverage, event.price_kind) == ("complete", "fill")
        assert event.quantity_base > 0
        forced[key] = forced.get(key, 0) + event.quantity_base
    assert len(liquidations) > 200
    assert all(quantity <= candles[key].volume_base * (1 + 1e-9) for key, quantity in forced.items())
    assert sum(event.side == "long" for event in liquidations) > 0.8 * len(liquidations)  # it is a fall


def test_open_interest_changes_by_no_more_than_volume():
    records, _ = fall()
    for instrument in range(8):
        mine = records[records["instrument"] == instrument]
        interest = mine[mine["kind"] == Kind.OPEN_INTEREST]["values"][:, 0]
        closed = mine[(mine["kind"] == Kind.CANDLE) & (mine["flags"] == CLOSED)]
        assert (np.abs(np.diff(interest)) <= closed["values"][1:, 5] * (1 + 1e-9)).all()


def test_quotes_and_depth_are_in_order():
    records, _ = fall()
    quotes = records[records["kind"] == Kind.QUOTE]["values"]
    assert (quotes[:, 0] < quotes[:, 1]).all()
    depth = records[records["kind"] == Kind.DEPTH]["values"][:, :3].reshape(-1, len(practice.DISTANCES), 3)
    assert (depth[:, :, 0] == practice.DISTANCES).all()
    assert (np.diff(depth[:, :, 1:], axis=1) > 0).all()
    assert (depth > 0).all()


def test_depth_within_one_percent_thins_in_the_fall_and_the_spread_widens():
    records, _ = fall()
    bitcoin = records[records["instrument"] == 0]
    depth = bitcoin[bitcoin["kind"] == Kind.DEPTH]
    one_percent = depth[depth["values"][:, 0] == 0.01]
    early = one_percent["at_ms"] < START_MS + 20 * MINUTE_MS
    both = one_percent["values"][:, 1] + one_percent["values"][:, 2]
    assert both[~early].min() < 0.5 * np.median(both[early])
    quotes = bitcoin[bitcoin["kind"] == Kind.QUOTE]
    spread = (quotes["values"][:, 1] - quotes["values"][:, 0]) / quotes["values"][:, 0]
    early = quotes["at_ms"] < START_MS + 20 * MINUTE_MS
    assert spread[~early].max() > 3 * np.median(spread[early])


# --- known positions --------------------------------------------------------------------------------------------------


def test_known_positions_have_two_sides_and_sum_to_open_interest():
    tape = shared_tape()
    joined(tape.rewind(ORIGIN_MS))
    played = joined(tape.until(ORIGIN_MS + 7 * MINUTE_MS))
    positions = tape.known_positions(ORIGIN_MS + 7 * MINUTE_MS)
    interest = played[played["kind"] == Kind.OPEN_INTEREST][-8:]
    for (_, symbol), record in zip(tape.names, interest, strict=True):
        mine = [position for position in positions if position.symbol == symbol]
        sides = [sum(p.quantity_base for p in mine if p.side == side) for side in ("long", "short")]
        assert sides[0] == pytest.approx(sides[1], rel=1e-9)
        assert sides[0] == pytest.approx(float(record["values"][0]), rel=1e-9)
        assert all(p.quantity_base > 0 and p.entry_price > 0 and p.leverage >= 1 for p in mine)


def test_asking_for_positions_does_not_move_the_tape():
    tape = shared_tape()
    joined(tape.rewind(ORIGIN_MS))
    heard = list(tape.until(ORIGIN_MS + 11 * MINUTE_MS))
    now = tape.known_positions(ORIGIN_MS + 11 * MINUTE_MS)
    assert tape.known_positions(ORIGIN_MS + 2 * MINUTE_MS) != now
    within = tape.known_positions(ORIGIN_MS + 11 * MINUTE_MS + 9_999)
    assert [p.quantity_base for p in within] == [p.quantity_base for p in now]
    heard.extend(tape.until(ORIGIN_MS + SPAN_MS))
    assert joined(heard).tobytes() == first_minutes().tobytes()
    again = tape.known_positions(ORIGIN_MS + 11 * MINUTE_MS)
    assert again == now


def test_it_starts_at_a_full_hour():
    with pytest.raises(ValueError, match="full hour"):
        PracticeTape(SEED, START_MS + 1)
    with pytest.raises(LookupError, match="no brackets of"):
        PracticeTape(SEED, 1_700_000_000_000 // HOUR_MS * HOUR_MS)
