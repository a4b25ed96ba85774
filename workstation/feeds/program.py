"""What the feed process does: opens the market that was asked for and plays it."""

import time
from pathlib import Path

from workstation.domain.playback import FeedFault, PracticeMarket, Recording, WhichMarket
from workstation.domain.problem import BadInput
from workstation.feeds.player import Link, play
from workstation.feeds.practice import PracticeTape
from workstation.feeds.recording import open_recording
from workstation.feeds.replay import RecordingTape
from workstation.feeds.tape import Tape

_REST_S = 0.1


def run(link: Link, market: WhichMarket) -> None:
    """Plays until the link is stopping. A recording with faults is said once; then there is nothing to play."""
    try:
        tape = _tape(market)
    except BadInput as bad:
        link.say(FeedFault("\n".join([_heading(market), *map(str, bad.problems)])))
        while not link.stopping:
            link.heard()
            time.sleep(_REST_S)
    else:
        play(link, tape, market.speed)


def _heading(market: WhichMarket) -> str:
    """Which market was not opened: the faults name places within it."""
    name = Path(market.folder).name if isinstance(market, Recording) else "The practice market"
    return f"{name} was not opened."


def _tape(market: WhichMarket) -> Tape:
    if isinstance(market, PracticeMarket):
        return PracticeTape(seed=market.seed)
    return RecordingTape(open_recording(Path(market.folder)))
