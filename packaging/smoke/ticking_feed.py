"""A feed of nothing but clock records, for the smoke test of the frozen program."""

import time

from workstation.domain.playback import WhichMarket
from workstation.market.records import Kind, blank
from workstation.runtime.feed_link import FeedLink


def tick(link: FeedLink, market: WhichMarket) -> None:
    """A reset, then ten clock records each hundredth of a second."""
    records = blank(1)
    records["kind"] = Kind.RESET
    link.write(records)
    records = blank(10)
    records["kind"] = Kind.CLOCK
    records["instrument"] = link.number("practice", "₿TC/USDT:USDT")
    while not link.stopping:
        link.write(records)
        time.sleep(0.01)
