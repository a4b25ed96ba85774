"""Whose money is whose in the practice market: positions, the makers opposite them, fees and the insurance fund."""

import copy

import msgspec
import numpy as np

from workstation.feeds.practice_contracts import COUNT, Contracts, Floats, Integers
from workstation.feeds.practice_traders import ACCOUNTS, Orders, Traders

FUND_SHARE = 0.01  # the insurance fund at the beginning, of all open interest


class Ledger(msgspec.Struct):
    """Where money is besides margins and makers, in USD; paid in and out since the beginning.

    The insurance fund may fall below zero: the venue's loss then. Nobody is deleveraged.
    """

    fees: float = 0.0
    insurance: float = 0.0
    paid_in: float = 0.0
    paid_out: float = 0.0


class Clearing:
    """Every trade is with the makers, who hold the other side of what traders hold, to the lot.

    `maker_lots` (8,) are signed; `maker_cash` is what makers were paid less what they paid, in USD.
    """

    def __init__(self, contracts: Contracts, traders: Traders) -> None:
        """The makers took the other side of what traders hold, at the prices at which they entered."""
        self._contracts, self.traders = contracts, traders
        held = np.flatnonzero(traders.lots)
        self.maker_lots: Integers = -traders.lots.reshape(COUNT, ACCOUNTS).sum(1)
        self.maker_cash: Floats = np.bincount(
            traders.contract[held], self._coins(held) * traders.entry[held], COUNT
        ).astype(np.float64)
        fund = FUND_SHARE * float(contracts.open_interest.sum())
        self.ledger = Ledger(insurance=fund, paid_in=fund + float(traders.margin[held].sum()))

    def copy(self) -> "Clearing":
        """The same books, to be kept apart from these."""
        twin = copy.copy(self)
        twin.traders, twin.ledger = self.traders.copy(), copy.copy(self.ledger)
        twin.maker_lots, twin.maker_cash = self.maker_lots.copy(), self.maker_cash.copy()
        return twin

    def _coins(self, accounts: Integers) -> Floats:
        return self.traders.lots[accounts] / self._contracts.lots[self.traders.contract[accounts]]

    def open_interest_lots(self) -> Integers:
        """One-sided open interest (8,): the longs' lots, the makers' included; the shorts' are as many."""
        return self.traders.long_lots(self.maker_lots)

    def money(self) -> float:
        """Everything that is in the market less what came from outside: constant, in USD, up to rounding."""
        traders, ledger = self.traders, self.ledger
        held = np.flatnonzero(traders.lots)
        inside = float((traders.margin[held] - self._coins(held) * traders.entry[held]).sum() + self.maker_cash.sum())
        return inside + ledger.fees + ledger.insurance + ledger.paid_out - ledger.paid_in

    def trade(self, orders: Orders, price: Floats) -> None:
        """Book voluntary orders that were filled at these prices, (SEATS, 8) as the orders are."""
        self.maker_lots -= orders.lots.sum(0)
        self.maker_cash += (orders.lots / self._contracts.lots * price).sum(0)
        closing = orders.closing
        if closing.any():
            self._settle(orders.accounts[closing], orders.held[closing], price[closing], 0.0)
        opening = (orders.lots != 0) & ~closing
        if opening.any():
            self._open(orders.accounts[opening], orders.lots[opening], price[opening])

    def force(self, accounts: Integers, price: Floats, penalty: float) -> None:
        """Close what accounts (N,) hold at these prices; they are flat then."""
        lots = self.traders.lots[accounts]
        contract = self.traders.contract[accounts]
        np.add.at(self.maker_lots, contract, lots)
        self.maker_cash -= np.bincount(contract, self._coins(accounts) * price, COUNT)
        self._settle(accounts, lots, price, penalty)
        self.traders.leave(accounts)
        self.traders.look_for_nearest()

    def _open(self, accounts: Integers, lots: Integers, price: Floats) -> None:
        """Flat accounts (N,) hold so many signed lots; margin and fee come from outside."""
        traders, contracts = self.traders, self._contracts
        contract = traders.contract[accounts]
        notional = np.abs(lots) / contracts.lots[contract] * price
        margin = notional / traders.leverage[accounts]
        fees = float(notional.sum()) * contracts.fee_rate
        self.ledger.fees += fees
        self.ledger.paid_in += float(margin.sum()) + fees
        traders.hold(accounts, lots, price, margin)

    def _settle(self, accounts: Integers, lots: Integers, price: Floats, penalty: float) -> None:
        """Settle positions of so many signed lots that were closed at a price, and pay out what is left.

        `penalty` goes to the insurance fund, a fraction of notional, as far as margin covers it. What margin does not
        cover of the loss the fund pays.
        """
        traders, ledger, contracts = self.traders, self.ledger, self._contracts
        contract = traders.contract[accounts]
        coins = lots / contracts.lots[contract]
        left = traders.margin[accounts] + coins * (price - traders.entry[accounts])
        notional = np.abs(coins) * price
        fee = np.minimum(np.maximum(left, 0), contracts.fee_rate * notional)
        fine = np.minimum(np.maximum(left - fee, 0), penalty * notional)
        left = left - fee - fine
        ledger.fees += float(fee.sum())
        ledger.insurance += float(fine.sum() + np.minimum(left, 0).sum())
        ledger.paid_out += float(np.maximum(left, 0).sum())

    def pay_funding(self, mark: Floats, rate: Floats) -> None:
        """Let longs pay shorts on the mark (shorts longs where the rate is below zero); liquidation prices move."""
        traders = self.traders
        held = np.flatnonzero(traders.lots)
        traders.margin[held] -= self._coins(held) * (mark * rate)[traders.contract[held]]
        self.maker_cash -= self.maker_lots / self._contracts.lots * mark * rate
        traders.reprice(held)
