"""Events and fixed records say the same."""

from hypothesis import given
from hypothesis import strategies as st

from tests.kit.market import SYMBOL, VENUE, batch
from workstation.domain.events import Candle, Depth, Funding, Liquidation, Mark, OpenInterest, Quote
from workstation.market.records import RECORD, Packable, unpack

numbers = st.floats(1e-12, 1e12)
moments = st.integers(0, 2**45)
symbols = st.sampled_from([SYMBOL, "哈基米/USDT:USDT", "ETH/USD:ETH-260925"])
events: st.SearchStrategy[Packable] = st.one_of(
    st.builds(
        Candle,
        st.just(VENUE),
        symbols,
        st.integers(1, 2**40),
        moments,
        numbers,
        numbers,
        numbers,
        numbers,
        numbers,
        st.booleans(),
    ),
    st.builds(Mark, st.just(VENUE), symbols, moments, numbers, st.none() | numbers),
    st.builds(Quote, st.just("okx"), symbols, moments, numbers, numbers),
    st.builds(OpenInterest, st.just(VENUE), symbols, moments, numbers, st.none() | numbers),
    st.builds(Funding, st.just(VENUE), symbols, moments, st.floats(-1, 1), st.sampled_from([1.0, 4.0, 8.0])),
    st.builds(
        Liquidation,
        st.just("bybit"),
        symbols,
        moments,
        st.sampled_from(["long", "short"]),
        numbers,
        numbers,
        st.sampled_from(["fill", "bankruptcy"]),
        st.sampled_from(["complete", "sampled", "estimated"]),
    ),
    st.builds(Depth, st.just(VENUE), symbols, moments, numbers, numbers, numbers),
)


@given(st.lists(events, max_size=30))
def test_every_event_comes_back_from_its_record_as_it_was(heard: list[Packable]) -> None:
    assert unpack(batch(*heard)) == heard


def test_a_record_has_the_size_that_the_ring_counts_with() -> None:
    assert RECORD.itemsize == 96
