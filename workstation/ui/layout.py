"""Where each pane stands at first, and which data it depends on."""

import msgspec

from workstation.ui.docking import Area, Docks
from workstation.ui.theme import Theme


class Place(msgspec.Struct, frozen=True):
    """A pane's first place. `tables` are what it shows the state of, `least_height` is in pixels at 100 %.

    What `names_itself` (a heading of its own) spares the title bar, and hangs below its neighbour like a part of it.
    """

    key: str
    title: str
    area: Area
    beside: str | None = None
    tables: tuple[str, ...] = ("marks",)
    least_height: int = 0
    names_itself: bool = False


# The account header has no place here: it stands above all docks and cannot be closed.
PLACES: tuple[Place, ...] = (
    Place("price", "Chart", "centre", tables=("candles",)),
    Place("watchlist", "Watchlist", "left", tables=("marks", "candles")),
    Place("stress", "Stress test", "right"),
    Place("open_interest", "Open interest", "below", "price", ("open_interest",), 72, names_itself=True),
    Place("liquidations", "Liquidations", "below", "open_interest", ("liquidations",), 92, names_itself=True),
    Place("positions", "Positions", "below", beside="liquidations", least_height=190),
)
_SIDES = (444, 340)  # watchlist and stress, in pixels at 100 % in a window of _WIDTH
_WIDTH = 1720
_DOWN = (380, 112, 112, 256)  # chart, open interest, liquidations, positions


def lay_out(docks: Docks, theme: Theme) -> None:
    """The layout of a first start."""
    for place in PLACES:
        docks.add(place.key, place.title, place.area, place.beside, place.least_height, names_itself=place.names_itself)
    docks.keep_default()
    _share(docks, theme)


def lay_out_anew(docks: Docks, theme: Theme) -> None:
    """Back to the layout of a first start."""
    docks.reset()
    _share(docks, theme)


def _share(docks: Docks, theme: Theme) -> None:
    # larger text takes half of what it would need from the chart, and the rest from the scroll bars
    left, right = ((side + theme.px(side)) // 2 for side in _SIDES)
    docks.share("watchlist", (left, _WIDTH - left - right, right))
    docks.share("price", _DOWN)
