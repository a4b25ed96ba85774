"""What the form for a position asks, as declared fields: label, kind, help, and whether it may stay empty."""

from typing import Literal

import msgspec

FieldKind = Literal["choice", "text", "number", "symbol"]


class Field(msgspec.Struct, frozen=True):
    """One thing that is asked. `hint` stands in the empty field, `help` explains it; `optional` may stay empty;
    one that is `beside` another shares its row.
    """

    key: str
    label: str
    kind: FieldKind
    help: str
    hint: str = ""
    optional: bool = False
    beside: str = ""


FIELDS: tuple[Field, ...] = (
    Field("account", "Account", "choice", "Cross positions of one account share its wallet."),
    Field("name", "Account name", "text", "How this account is called here."),
    Field("venue", "Venue", "choice", "Whose margin rules apply."),
    Field("balance", "Balance", "number", "The wallet in the settle asset, without unrealised profit.", "10000", True),
    Field("symbol", "Contract", "symbol", "A coin or a contract in any usual spelling.", "BTC, BTCUSDT, BTC/USDT:USDT"),
    Field("side", "Side", "choice", "Long gains when the price rises, short when it falls."),
    Field("size", "Size", "number", "How much is held, always above zero.", "0.5"),
    Field("unit", "Unit of the size", "choice", "Inverse contracts are counted in contracts or USD.", beside="size"),
    Field("entry_price", "Entry price", "number", "The average price at which it was opened.", "98000", True),
    Field("margin_mode", "Margin mode", "choice", "Cross uses the whole wallet, isolated only its own."),
    Field("leverage", "Leverage", "number", "As set at the venue; gives the initial margin.", "10", True),
    Field("isolated_wallet", "Isolated wallet", "number", "Its own margin; else entry value / leverage.", "500", True),
    Field("stop", "Stop price", "number", "A stop order that closes it; none where empty.", "95000", True),
    Field("trigger", "Stop trigger", "choice", "Which price triggers the stop.", beside="stop"),
    Field("mark", "Mark price", "number", "Only in place of the market's own mark.", "the market's", True),
)
BY_KEY = {field.key: field for field in FIELDS}
