"""Depth of one contract's book by distance from mid, as it was last said."""

import numpy as np

from workstation.market.records import Records
from workstation.market.view import DepthView


class DepthBook:
    """The newest row of each distance; rows of an older moment than the newest are no longer the book."""

    def __init__(self) -> None:
        self._rows: dict[float, tuple[int, float, float]] = {}
        self._at_ms = -1

    def take(self, records: Records) -> None:
        """Records of this contract in the order in which they were heard."""
        newest = int(records["at_ms"].max())
        if newest < self._at_ms:
            return
        if newest > self._at_ms:
            self._rows.clear()
            self._at_ms = newest
        for at, (distance, bid, ask) in zip(records["at_ms"].tolist(), records["values"][:, :3].tolist(), strict=True):
            if at == newest:
                self._rows[distance] = (at, bid, ask)

    def view(self) -> DepthView | None:
        """The book as it is now; None before the first row."""
        if not self._rows:
            return None
        distances = np.array(sorted(self._rows))
        sides = np.array([self._rows[distance][1:] for distance in distances.tolist()])
        for column in (distances, sides):
            column.flags.writeable = False
        return DepthView(self._at_ms, distances, sides[:, 0], sides[:, 1])
