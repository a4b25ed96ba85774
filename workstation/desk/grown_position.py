"""A position that grows: what is typed on top of one that is held makes one of both, at their average entry."""

from decimal import Decimal, localcontext

from msgspec.structs import replace

from workstation.desk.edits import Edit, PositionField, SetPositionField
from workstation.domain.instrument import Kind
from workstation.domain.position import Account, Position

_DIGITS = 12  # of an average entry price: more than any venue shows


def same_leg(account: Account, new: Position) -> int | None:
    """Where the account holds this contract on this side in this mode."""
    name = new.symbol, new.side, new.margin_mode
    legs = (i for i, old in enumerate(account.positions) if (old.symbol, old.side, old.margin_mode) == name)
    return next(legs, None)


def grown(held: Position, more: Position, kind: Kind) -> Position | None:
    """Both together; None where that says nothing: sizes of two kinds, a stop, or one wallet without the other.

    >>> old = Position(symbol="BTC/USDT:USDT", side="long", quantity=Decimal(1), entry_price=Decimal(100000))
    >>> both = grown(old, replace(old, entry_price=Decimal(98000)), "linear")
    >>> both.quantity, both.entry_price
    (Decimal('2'), Decimal('99000'))
    """
    by_contract = held.quantity is None
    size, added = (held.contracts, more.contracts) if by_contract else (held.quantity, more.quantity)
    wallets = held.isolated_wallet, more.isolated_wallet
    if size is None or added is None or more.stop is not None or (wallets[0] is None) != (wallets[1] is None):
        return None
    with localcontext() as context:
        context.prec = 60
        total = size + added
        if kind == "inverse" and by_contract:
            entry = total / (size / held.entry_price + added / more.entry_price)
        else:
            entry = (size * held.entry_price + added * more.entry_price) / total
        context.prec = _DIGITS
        entry = held.entry_price if held.entry_price == more.entry_price else +entry
    return replace(
        held,
        quantity=None if by_contract else total,
        contracts=total if by_contract else None,
        entry_price=entry,
        leverage=held.leverage if more.leverage is None else more.leverage,
        isolated_wallet=None if wallets[0] is None or wallets[1] is None else wallets[0] + wallets[1],
    )


def growth(account: int, leg: int, held: Position, both: Position) -> list[Edit]:
    """The edits that make one of the other, in its place."""
    numbers: dict[PositionField, tuple[Decimal | None, Decimal | None]] = {
        "quantity": (held.quantity, both.quantity),
        "contracts": (held.contracts, both.contracts),
        "entry_price": (held.entry_price, both.entry_price),
        "leverage": (held.leverage, both.leverage),
        "isolated_wallet": (held.isolated_wallet, both.isolated_wallet),
    }
    return [
        SetPositionField(account, leg, field, f"{now:f}")
        for field, (was, now) in numbers.items()
        if now is not None and now != was
    ]
