"""What the window needs from outside: three callables and the venues' names; and the market move that it asks about."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Protocol

import msgspec

from workstation.desk.state import DeskState
from workstation.domain.instrument import parse_symbol
from workstation.domain.scenario import DOLLARS, JointMove
from workstation.runtime.messages import Frame

MARKET = "BTC"  # the market is measured in it: its own beta is one
FALLS = "market falls"
RISES = "market rises"
WHAT_IF = "what-if"
_SOURCE = "market slider"
WIDEST = Decimal("0.5")
STEP = Decimal("0.001")
_ONE = Decimal(1)


class MarketMove(msgspec.Struct, frozen=True):
    """Where the market slider stands: `size` as a fraction, and the betas of what the book holds (1 where unnamed).

    >>> MarketMove(Decimal("-0.1"), {"ETH": Decimal("1.3")}).shock().of("ETH")
    Decimal('-0.13')
    """

    size: Decimal = Decimal(0)
    betas: Mapping[str, Decimal] = {}

    @property
    def is_real(self) -> bool:
        """The prices are today's: nothing is moved."""
        return self.size == 0

    def shock(self) -> JointMove:
        """The move as it stands."""
        return self._scaled(WHAT_IF, self.size)

    def directions(self) -> tuple[JointMove, JointMove]:
        """Everything falls, everything rises: a multiple of one of them is the market's own move."""
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


def held_assets(state: DeskState) -> tuple[str, ...]:
    """What has a beta: every base asset of the book, and coins that are collateral; BTC first, then as they come."""
    parts = (parse_symbol(position.symbol) for account in state.accounts for position in account.positions)
    coins = [part.base for part in parts if part]
    for account in state.accounts:
        if account.collateral_mode == "multi":
            coins += [asset for asset in account.balances or {} if asset not in DOLLARS]
    return tuple(sorted(dict.fromkeys(coins), key=lambda coin: coin != MARKET))


def market_move(state: DeskState, size: Decimal) -> MarketMove:
    """The move of a size with the desk's betas, as far as the slider goes with them."""
    betas = {asset: state.betas[asset] for asset in held_assets(state) if asset in state.betas}
    lowest, highest = MarketMove(betas=betas).slider()
    return MarketMove(min(max(size, lowest), highest), betas)


class MakeFrame(Protocol):
    """Evaluates the desk.

    `risk.accounts` is at the marks moved by `shock` (None: the marks as they are). `risk.stress` has one report for
    each of `directions` in their order, each computed from the marks as they are, and after them one for `shock` where
    it is given. `frame.desk` is the very `state` that was handed in.
    """

    def __call__(self, state: DeskState, shock: JointMove | None, directions: tuple[JointMove, ...], /) -> Frame: ...


class ReadPortfolio(Protocol):
    """Reads a portfolio file; raises BadInput with every fault of its form, OSError where it cannot be read."""

    def __call__(self, path: Path, /) -> DeskState: ...


class WritePortfolio(Protocol):
    """Writes a portfolio file whole or not at all; raises OSError where it cannot."""

    def __call__(self, state: DeskState, path: Path, /) -> None: ...


class Ports(msgspec.Struct, frozen=True):
    """Everything that `app` hands to the window. `venues` are the ids that an account may have."""

    make_frame: MakeFrame
    read_portfolio: ReadPortfolio
    write_portfolio: WritePortfolio
    venues: tuple[str, ...]
