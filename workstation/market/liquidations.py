"""The liquidation tape of one contract: columns, and how much of all liquidations they show."""

import numpy as np

from workstation.market.records import COVERAGES, LONG, Records, coverage_codes
from workstation.market.series import GrowingColumns
from workstation.market.view import TapeView


class LiquidationTape:
    """Forced orders as they are heard; what a venue repeats is its own business and is not guessed at here."""

    def __init__(self) -> None:
        f, i = np.dtype("f8"), np.dtype("i8")
        self._columns = GrowingColumns(
            {"at_ms": i, "is_long": np.dtype("?"), "quantity_base": f, "price": f, "usd": f}, most=500_000
        )
        self._worst = -1
        self._view: TapeView | None = TapeView()

    def take(self, records: Records) -> None:
        """Records of this contract in the order in which they were heard."""
        self._view = None
        quantity, price = records["values"][:, 0], records["values"][:, 1]
        flags = records["flags"]
        self._worst = max(self._worst, int(coverage_codes(flags).max()))
        self._columns.append(
            {
                "at_ms": records["at_ms"],
                "is_long": (flags & LONG) != 0,
                "quantity_base": quantity,
                "price": price,
                "usd": quantity * price,
            }
        )

    def view(self) -> TapeView:
        """The tape as it is now; the very same view where nothing has changed."""
        if self._view is None:
            column = self._columns.view
            self._view = TapeView(
                column("at_ms"),
                column("is_long"),
                column("quantity_base"),
                column("price"),
                column("usd"),
                COVERAGES[self._worst],
            )
        return self._view
