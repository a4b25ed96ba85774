"""MarginTier and TierTable: a venue's maintenance brackets, dated."""

from decimal import Decimal

import msgspec


class MarginTier(msgspec.Struct, frozen=True):
    """One bracket: sizes above `floor` up to and including `cap` (None: no end).

    Sizes are in the venue's own unit: quote notional, coins for inverse contracts, contracts on OKX. `maintenance_rate`
    is a fraction; `maintenance_amount` (Binance: "cum") is what the marginal form takes off, in the unit of the size.
    """

    floor: Decimal
    cap: Decimal | None
    maintenance_rate: Decimal
    maintenance_amount: Decimal | None = None
    max_leverage: Decimal | None = None


class TierTable(msgspec.Struct, frozen=True):
    """The brackets of one instrument, ascending and without gaps, with where and when they were read."""

    rows: tuple[MarginTier, ...]
    source: str
    as_of: str

    def amounts(self, *, marginal: bool) -> tuple[Decimal, ...]:
        """What each row takes off (rate x size - amount), given or rebuilt.

        In the marginal form c_n = c_(n-1) + floor_n x (m_n - m_(n-1)), so that the requirement does not jump (checked
        against all 22,822 brackets of six Binance snapshots); otherwise nothing is taken off.

        >>> first = MarginTier(Decimal(0), Decimal(100), Decimal("0.01"))
        >>> second = MarginTier(Decimal(100), None, Decimal("0.02"))
        >>> TierTable((first, second), "example", "2026-01-01").amounts(marginal=True)
        (Decimal('0'), Decimal('1.00'))
        """
        amounts: list[Decimal] = []
        for i, row in enumerate(self.rows):
            if row.maintenance_amount is not None:
                amounts.append(row.maintenance_amount)
            elif not marginal or i == 0:
                amounts.append(Decimal(0))
            else:
                before = self.rows[i - 1]
                amounts.append(amounts[-1] + row.floor * (row.maintenance_rate - before.maintenance_rate))
        return tuple(amounts)

    def tier_of(self, size: Decimal) -> int | None:
        """The tier's number, counted from 1, that a size (> 0) is in; None above the last cap."""
        for number, row in enumerate(self.rows, start=1):
            if row.cap is None or size <= row.cap:
                return number
        return None


class LinearInSize(msgspec.Struct, frozen=True):
    """Margin rates that rise with the size in coins: rate = base + slope x coins (Deribit)."""

    initial_base: Decimal
    initial_slope_per_coin: Decimal
    maintenance_base: Decimal
    maintenance_slope_per_coin: Decimal
