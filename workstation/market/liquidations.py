"""The liquidation tape of one contract: columns, totals by side, and how much of all of them it shows."""

import numpy as np

from workstation.domain.events import Coverage
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

    def take(self, records: Records) -> None:
        """Records of this contract in the order in which they were heard."""
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
        """The tape as it is now."""
        column = self._columns.view
        coverage = None if self._worst < 0 else COVERAGES[self._worst]
        return TapeView(
            column("at_ms"), column("is_long"), column("quantity_base"), column("price"), column("usd"), coverage
        )


def totals(tape: TapeView, from_ms: int, to_ms: int) -> tuple[float, float, Coverage | None]:
    """USD of longs and of shorts liquidated from one moment to before another; lower bounds where sampled."""
    start, end = np.searchsorted(tape.at_ms, [from_ms, to_ms])
    usd, is_long = tape.usd[start:end], tape.is_long[start:end]
    return float(usd[is_long].sum()), float(usd[~is_long].sum()), tape.coverage
