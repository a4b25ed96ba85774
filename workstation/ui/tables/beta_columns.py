"""The table of betas: how far each coin of the book moves with the market, and where the slider puts it."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from workstation.desk.edits import Edit, SetBeta, SetShock
from workstation.desk.state import DeskState
from workstation.desk.trial import MARKET, MarketMove, held_assets, market_move
from workstation.domain.scenario import DOLLARS
from workstation.ui import formats
from workstation.ui.tables.frozen_rows import Column, Entry


class BetaRow(msgspec.Struct, frozen=True):
    """One base asset of the book: its beta to the market, where the market stands, and a move of its own, if any."""

    asset: str
    beta: Decimal
    size: Decimal
    shock: Decimal | None = None
    what_if: bool = False

    @property
    def move(self) -> Decimal:
        """How far the asset is moved."""
        return self.beta * self.size if self.shock is None else self.shock


def rows_of(desk: DeskState) -> tuple[BetaRow, ...]:
    """One row a coin."""
    move = market_move(desk)
    return tuple(
        BetaRow(asset, _beta(asset, move), move.size, move.shocks.get(asset), desk.trial is not None)
        for asset in held_assets(desk)
    )


def _beta(asset: str, move: MarketMove) -> Decimal:
    return move.betas.get(asset, Decimal(0) if asset in DOLLARS else Decimal(1))


def beta_columns(edit: Callable[[Edit], None], fault: Callable[[Edit], str]) -> tuple[Column[BetaRow], ...]:
    """The columns; `edit` takes a finished edit, `fault` says what is wrong with one."""
    return (
        Column("asset", "Asset", lambda row: row.asset),
        Column(
            "beta",
            "Beta",
            lambda row: formats.times(row.beta),
            sort=lambda row: float(row.beta),
            numeric=True,
            tip=lambda row: "the market itself" if row.asset == MARKET else "double-click or type to change",
            tone=lambda row: "fg2" if row.asset == MARKET else "fg",
            entry=Entry(
                start=lambda row: f"{row.beta:f}",
                check=lambda row, text: fault(SetBeta(row.asset, formats.typed(text))),
                commit=lambda row, text: edit(SetBeta(row.asset, formats.typed(text))),
                allowed=lambda row: row.asset != MARKET,
            ),
            help="How far the coin moves when the market (BTC) moves by 1 %",
        ),
        Column(
            "move",
            "Move",
            lambda row: formats.percent(row.move, 1, signed=True),
            sort=lambda row: float(row.move),
            numeric=True,
            tip=lambda row: "by its beta" if row.shock is None else "a move of its own; empty it to follow its beta",
            tone=lambda row: "fg2" if row.shock is None else "accent",
            entry=Entry(
                start=lambda row: "" if row.shock is None else f"{(row.shock * 100).normalize():f}",
                check=lambda row, text: fault(SetShock(row.asset, formats.typed(text))),
                commit=lambda row, text: edit(SetShock(row.asset, formats.typed(text))),
            ),
            unreal=lambda row: row.what_if,
            help="How far the coin is moved: by its beta, or by so many per cent as are typed here",
        ),
    )
