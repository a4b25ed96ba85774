"""The table of betas: how far each coin of the book moves with the market, and where the slider puts it."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from workstation.desk.edits import Edit, SetBeta
from workstation.desk.state import DeskState
from workstation.domain.scenario import DOLLARS
from workstation.ui import formats
from workstation.ui.ports import MARKET, MarketMove, held_assets
from workstation.ui.tables.frozen_rows import Column, Entry


class BetaRow(msgspec.Struct, frozen=True):
    """One base asset of the book: its beta to the market, and its move where the slider stands."""

    asset: str
    beta: Decimal
    size: Decimal


def rows_of(desk: DeskState, move: MarketMove) -> tuple[BetaRow, ...]:
    """One row a coin."""
    return tuple(BetaRow(asset, _beta(asset, move), move.size) for asset in held_assets(desk))


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
            lambda row: formats.percent(row.beta * row.size, 1, signed=True),
            sort=lambda row: float(row.beta * row.size),
            numeric=True,
            computed=True,
            help="How far the coin is moved now",
        ),
    )
