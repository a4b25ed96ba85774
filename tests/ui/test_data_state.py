"""The words for how data are: nothing old, missing or made up is shown as if it were live."""

import pytest

from tests.kit.markets import NOW_MS, VENUE, instrument, market
from workstation.domain.events import Health, HealthState
from workstation.market.view import FeedState, MarketView
from workstation.ui.data_state import badge, source_word, venues

BTC = (VENUE, "BTC/USDT:USDT")
DOWN = FeedState(up=False, because="the feed process ended; starting it again")


def test_the_kind_of_data_has_a_word():
    assert source_word(MarketView()) == "OFFLINE"
    words = {kind: source_word(market(kind=kind)) for kind in ("live", "recorded", "historical", "simulated")}
    assert words == {kind: kind.upper() for kind in words}


def test_a_feed_that_is_down_marks_every_pane_with_its_reason():
    for tables in (("marks",), ("open_interest",), ("liquidations",)):
        assert badge(market(feed=DOWN), tables, BTC) == ("feed down", DOWN.because)


def test_no_pane_is_marked_where_no_market_was_asked_for():
    assert badge(MarketView(), ("marks",), None) == ("", "")
    assert badge(MarketView(feed=FeedState(because="it ended")), ("marks",), None) == ("feed down", "it ended")


@pytest.mark.parametrize("state", ["late", "gap", "silent", "down", "connecting"])
def test_the_worst_table_of_the_contract_marks_the_panes_that_depend_on_it(state: HealthState):
    late = instrument(state=state, because="nothing for more than 15 s")
    shown = market(late, instrument("ETH/USDT:USDT", 4_000))
    assert badge(shown, ("marks", "candles"), BTC) == (state, "BTC/USDT:USDT: nothing for more than 15 s")
    assert badge(shown, ("liquidations",), BTC) == ("", "")
    assert badge(shown, ("marks",), (VENUE, "ETH/USDT:USDT")) == ("", "")


def test_a_venue_says_its_latency_while_live_and_its_age_while_not():
    sound = {VENUE: Health(VENUE, "", "live", NOW_MS, latency_ms=38.0)}
    assert [(v.word, v.tone, v.age_ms) for v in venues(market(kind="live", venues=sound))] == [("live", "up", 38.0)]
    # nothing that is recorded or simulated may be called live
    words = [venues(market(kind=kind, venues=sound))[0].word for kind in ("recorded", "historical", "simulated")]
    assert words == ["recorded", "historical", "simulated"]
    late = market(venues={VENUE: Health(VENUE, "marks", "late", NOW_MS - 14_000, "nothing for more than 15 s")})
    (state,) = venues(late)
    assert (state.word, state.tone, state.age_ms) == ("late", "amber", 14_000.0)
    assert state.because == "marks: nothing for more than 15 s"
    silent = market(venues={VENUE: Health(VENUE, "", "silent", NOW_MS - 60_000)})
    assert [v.tone for v in venues(silent)] == ["red"]


def test_every_venue_is_down_with_the_feed():
    assert [(v.word, v.tone, v.because) for v in venues(market(feed=DOWN))] == [("down", "red", DOWN.because)]


def test_a_venue_that_said_nothing_yet_is_not_called_live():
    (state,) = venues(market(venues={}))
    assert (state.word, state.tone) == ("nothing heard yet", "amber")
