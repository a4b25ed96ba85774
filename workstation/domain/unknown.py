"""Unknown(because): the answer when there is no number."""

from decimal import Decimal
from typing import TypeGuard

import msgspec


class Unknown(msgspec.Struct, frozen=True):
    """Stands where a number would stand, with the reason in words and the places where the missing facts belong.

    `missing` holds paths into the portfolio file (``marks.okx.BTC/USDT:USDT``); it is empty where no fact of the
    file would help.

    >>> Unknown("no mark price for BTC/USDT:USDT yet").because
    'no mark price for BTC/USDT:USDT yet'
    """

    because: str
    missing: tuple[str, ...] = ()


Number = Decimal | Unknown


def known(value: Number) -> TypeGuard[Decimal]:
    """True where there is a number."""
    return isinstance(value, Decimal)
