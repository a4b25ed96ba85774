"""The what-if in words and numbers: whose book is looked at, which legs count, and how far the market is moved."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from workstation.desk.state import DeskState, Trial
from workstation.domain.instrument import parse_symbol
from workstation.domain.position import Account
from workstation.domain.scenario import DOLLARS, JointMove

MARKET = "BTC"  # the market is measured in it: its own beta is one
FALLS = "market falls"
RISES = "market rises"
WHAT_IF = "what-if"
_SOURCE = "market slider"
WIDEST = Decimal("0.5")
STEP = Decimal("0.001")
_ONE = Decimal(1)
_NOTHING = Trial()


class MarketMove(msgspec.Struct, frozen=True):
    """Where the market stands: `size` as a fraction, the betas of what is held (1 where unnamed), and the assets that
    move by a `shock` of their own instead.

    >>> MarketMove(Decimal("-0.1"), {"ETH": Decimal("1.3")}).shock().of("ETH")
    Decimal('-0.13')
    """

    size: Decimal = Decimal(0)
    betas: Mapping[str, Decimal] = {}
    shocks: Mapping[str, Decimal] = {}

    @property
    def is_real(self) -> bool:
        """The prices are today's: nothing is moved."""
        return self.size == 0 and not any(self.shocks.values())

    def shock(self) -> JointMove:
        """The move as it stands."""
        moves = self._scaled(WHAT_IF, self.size)
        return replace(moves, moves={**moves.moves, **self.shocks}) if self.shocks else moves

    def directions(self) -> tuple[JointMove, JointMove]:
        """Everything falls, everything rises by its beta: a multiple of one of them is the market's own move."""
        return self._scaled(FALLS, -_ONE), self._scaled(RISES, _ONE)

    def slider(self) -> tuple[Decimal, Decimal]:
        """The ends of the market slider: half up, half down, or one step before a price would reach zero."""
        fall, rise = self.limits()
        return max(-WIDEST, _floor(fall) + STEP), WIDEST if rise is None else min(WIDEST, _floor(rise) - STEP)

    def limits(self) -> tuple[Decimal, Decimal | None]:
        """The market's fall and its rise at which the first price would reach zero; None where no rise does that."""
        lowest = min((Decimal(0), *self.betas.values()))
        return -_ONE / max((_ONE, *self.betas.values())), -_ONE / lowest if lowest else None

    def _scaled(self, name: str, size: Decimal) -> JointMove:
        return JointMove(name, _SOURCE, {asset: size * beta for asset, beta in self.betas.items()}, others=size)


def _floor(size: Decimal) -> Decimal:
    return size.quantize(STEP, ROUND_FLOOR)


def looked_at(state: DeskState) -> tuple[Account, ...]:
    """The accounts that are shown and edited: the what-if's copy where there is one, else the book."""
    trial = state.trial
    return state.accounts if trial is None or trial.accounts is None else trial.accounts


def counted(state: DeskState) -> tuple[Account, ...]:
    """The accounts that the what-if's numbers are of: `looked_at` without the legs that are dropped."""
    dropped = dropped_legs(state)
    if not dropped:
        return looked_at(state)
    return tuple(
        replace(own, positions=tuple(own.positions[j] for j in legs))
        for own, legs in zip(looked_at(state), counted_legs(state), strict=True)
    )


def counted_legs(state: DeskState) -> tuple[tuple[int, ...], ...]:
    """Which positions of each account of `looked_at` count: `what_if` reports on these, in this order."""
    dropped = dropped_legs(state)
    return tuple(
        tuple(j for j in range(len(own.positions)) if (i, j) not in dropped) for i, own in enumerate(looked_at(state))
    )


def dropped_legs(state: DeskState) -> frozenset[tuple[int, int]]:
    """The legs (account, position of `looked_at`) that are left out."""
    return frozenset() if state.trial is None else state.trial.dropped


def tried(state: DeskState, trial: Trial) -> DeskState:
    """The state with this what-if; with none where it says nothing."""
    return replace(state, trial=None if trial == _NOTHING else trial)


def held_assets(state: DeskState) -> tuple[str, ...]:
    """What has a beta: every base asset of the book, and coins that are collateral; BTC first, then as they come."""
    accounts = looked_at(state)
    coins = [base for account in accounts for leg in account.positions if (base := _base(leg.symbol))]
    for account in accounts:
        if account.collateral_mode == "multi":
            coins += [asset for asset in account.balances or {} if asset not in DOLLARS]
    return tuple(sorted(dict.fromkeys(coins), key=lambda coin: coin != MARKET))


@lru_cache(4096)  # asked for every position at every step of the slider
def _base(symbol: str) -> str | None:
    parts = parse_symbol(symbol)
    return parts.base if parts else None


def market_move(state: DeskState) -> MarketMove:
    """The desk's move with its betas, as far as the slider goes with them."""
    trial = state.trial or _NOTHING
    held = held_assets(state)
    betas = {asset: state.betas[asset] for asset in held if asset in state.betas}
    shocks = {asset: trial.shocks[asset] for asset in held if asset in trial.shocks}
    lowest, highest = MarketMove(betas=betas).slider()
    return MarketMove(min(max(trial.size, lowest), highest), betas, shocks)
