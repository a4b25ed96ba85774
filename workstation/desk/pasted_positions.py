"""The rows of a pasted table as positions: each row with the edits that add it, or its faults at their cells.

Public: `Reading` (what the columns mean and where rows without an account go), `read_rows`, `PastedRow`.
"""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from workstation.desk.contract_facts import face_of, kind_of, size_from_usd
from workstation.desk.contract_names import Known, Names, nothing_known
from workstation.desk.edits import AddAccount, AddPosition, Edit, SetMark, apply_all
from workstation.desk.fields import Problems, at
from workstation.desk.pasted_table import Meaning, NumberForm, Table, plain_number
from workstation.desk.portfolio_file import read_position
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.desk.typed_words import venue_names
from workstation.domain.instrument import parse_symbol
from workstation.domain.parsing import parse_decimal
from workstation.domain.position import Account, Position
from workstation.domain.problem import BadInput
from workstation.domain.scenario import DOLLARS
from workstation.market.view import MarketView

_SIDES = {"long": "long", "buy": "long", "l": "long", "short": "short", "sell": "short", "s": "short", "both": ""}
_MODES = {"cross": "cross", "crossed": "cross", "isolated": "isolated", "isolate": "isolated", "iso": "isolated"}
_IN_SYMBOL = re.compile(r"\s+(perpetual|perp|swap|futures|long|short|cross|isolated|\d+(\.\d+)?x)\b.*", re.IGNORECASE)
_SIZES: tuple[Meaning, ...] = ("quantity", "contracts", "size in USD")
_UNITS = {"cont", "conts", "contract", "contracts"}
# which of the file's fields a column fills
_FIELDS: dict[str, Meaning] = {
    "symbol": "symbol",
    "side": "side",
    "quantity": "quantity",
    "contracts": "contracts",
    "entry_price": "entry price",
    "margin_mode": "margin mode",
    "leverage": "leverage",
    "isolated_wallet": "isolated wallet",
}


class Reading(msgspec.Struct, frozen=True):
    """How a table is read: what each column is, how numbers are written, and the account (name and venue) of rows that
    name none; it is made where the desk has none of that name and venue. `signed`: some size is below zero, so that the
    sign says the side.
    """

    meanings: tuple[Meaning, ...]
    numbers: NumberForm
    account: str
    venue: str
    signed: bool = False


class PastedRow(msgspec.Struct, frozen=True):
    """One row: the edits that add it after the chosen rows above, or its faults by column (-1: the whole row)."""

    line: int
    cells: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    faults: Mapping[int, str] = {}

    @property
    def is_sound(self) -> bool:
        return not self.faults

    @property
    def position(self) -> Position | None:
        """What would be added."""
        return next((edit.position for edit in self.edits if isinstance(edit, AddPosition)), None)


def read_rows(
    table: Table,
    reading: Reading,
    desk: DeskState,
    market: MarketView,
    known: Known = nothing_known,
    left_out: Collection[int] = (),
) -> tuple[PastedRow, ...]:
    """Every row of the table in its order. Rows in `left_out` (by number) are read but not counted for those below."""
    columns = [column for column, meaning in enumerate(reading.meanings) if meaning in _SIZES]
    signed = any(
        row[column].startswith(("-", "−")) and len(row[column]) > 1 for row in table.rows for column in columns
    )
    reading = replace(reading, signed=signed)
    state = desk
    names = Names(desk, market, known)
    rows: list[PastedRow] = []
    for number, cells in enumerate(table.rows):
        reader = _Row(table.lines[number], cells, reading, market, known, names)
        row = reader.read(state)
        if row.is_sound and number not in left_out:
            state = reader.after or state
        rows.append(row)
    return tuple(rows)


class _Row:
    """Reads one row; faults are noted by meaning first and by column at the end."""

    def __init__(
        self,
        line: int,
        cells: tuple[str, ...],
        reading: Reading,
        market: MarketView,
        known: Known,
        names: Names,
    ) -> None:
        self._line = line
        self._cells = cells
        self._reading = reading
        self._market = market
        self._known = known
        self._names = names
        self._said = {m: c for m, c in zip(reading.meanings, cells, strict=True) if m != "ignored"}
        self._faults: dict[Meaning, str] = {}
        self.after: DeskState | None = None  # the desk with the row added

    def read(self, desk: DeskState) -> PastedRow:
        account, index = self._account(desk)
        mark = self._number("mark")
        position = self._position(desk, account)
        edits: list[Edit] = []
        if position is not None and not self._faults:
            edits = [AddAccount(account)] if index == len(looked_at(desk)) else []
            edits.append(AddPosition(index, position))
            if mark:
                edits.append(SetMark(account.venue, position.symbol, mark))
            self._try(desk, edits)
        if self._faults:
            return PastedRow(self._line, self._cells, faults=self._by_column())
        return PastedRow(self._line, self._cells, tuple(edits))

    def _try(self, desk: DeskState, edits: list[Edit]) -> None:
        try:
            self.after = apply_all(desk, edits)
        except BadInput as bad:
            self._faults.setdefault("ignored", bad.problems[0].text)

    def _by_column(self) -> dict[int, str]:
        """A fault of something that no column holds belongs to the whole row."""
        faults: dict[int, str] = {}
        for meaning, text in self._faults.items():
            at_column = self._reading.meanings.index(meaning) if meaning in self._said else -1
            faults[at_column] = f"{faults[at_column]}; {text}" if at_column in faults else text
        return faults

    def _account(self, desk: DeskState) -> tuple[Account, int]:
        """The account of the row, and its number in the desk: one past the end where it is still to be made."""
        name = self._said.get("account") or self._reading.account.strip()
        venue = self._reading.venue
        if self._said.get("venue"):
            found = venue_names(self._said["venue"])
            if not found:
                self._faults["venue"] = f"not a venue known here: {self._said['venue'][:40]!r}"
            else:
                venue = found[0]
        if not name:
            self._faults["account"] = "which account? Name it above the table"
        accounts = looked_at(desk)
        for index, own in enumerate(accounts):
            if (own.name, own.venue) == (name, venue):
                return own, index
        return Account(name=name, venue=venue), len(accounts)

    def _position(self, desk: DeskState, account: Account) -> Position | None:
        symbol = self._symbol(account)
        fields: dict[str, object] = {"symbol": symbol} if symbol else {}
        fields |= self._size(desk, account, symbol)
        fields["side"] = self._side(fields)
        mode = self._mode()
        if mode:
            fields["margin_mode"] = mode
        if entry := self._number("entry price"):
            fields["entry_price"] = entry
        elif "entry price" not in self._faults:
            self._faults["entry price"] = "the entry price is missing"
        if leverage := self._leverage():
            fields["leverage"] = leverage
        wallet = self._number("isolated wallet")
        if wallet and (mode == "isolated" or parse_decimal(wallet) != 0):  # exports write 0 beside cross positions
            fields["isolated_wallet"] = wallet
        if self._faults:
            return None
        problems = Problems()
        position = read_position(at(fields, "", problems))
        for problem in problems.found:
            self._faults.setdefault(_FIELDS.get(problem.where.strip("."), "ignored"), problem.text)
        return None if problems.found else position

    def _symbol(self, account: Account) -> str:
        name = _IN_SYMBOL.sub("", self._said.get("symbol", ""))
        if not name:
            self._faults["symbol"] = "the contract is missing"
            return ""
        try:
            return self._names.resolve(name, account)
        except BadInput as bad:
            self._faults["symbol"] = bad.problems[0].text
            return ""

    def _side(self, fields: dict[str, object]) -> str:
        """By its own column, else by the sign of the size, which is taken off."""
        text = self._said.get("side", "").lower()
        side = _SIDES.get(text) if text else ""
        if side is None:
            self._faults["side"] = f"neither long nor short: {text[:40]!r}"
            return ""
        for key in ("quantity", "contracts"):
            size = fields.get(key)
            if not isinstance(size, str):
                continue
            if size.startswith("-"):
                fields[key], by_sign = size[1:], "short"
            else:
                by_sign = "long"
            if side == "long" and by_sign == "short":
                self._faults["side"] = "says long, but the size is below zero"
            # without a side column only a table whose sizes have signs says which are long
            if not side and ("side" in self._said or self._reading.signed or by_sign == "short"):
                side = by_sign
        if not side and "side" not in self._faults:
            self._faults["side"] = "long or short? Choose the column that says it, or write sizes of shorts below zero"
        return side

    def _size(self, desk: DeskState, account: Account, symbol: str) -> dict[str, object]:
        said: list[Meaning] = [meaning for meaning in _SIZES if self._said.get(meaning)]
        if len(said) != 1:
            text = "the size is missing" if not said else f"{' and '.join(said)} both give a size; ignore one column"
            self._faults["quantity" if "quantity" in self._said else "ignored"] = text
            return {}
        meaning = said[0]
        number, unit = _apart(self._said[meaning])
        unit = unit.upper()
        parts = parse_symbol(symbol) if symbol else None
        if unit.lower() in _UNITS:
            meaning_of_unit = "contracts"
        elif unit in DOLLARS and parts is not None and unit != parts.base:
            meaning_of_unit = "size in USD"
        else:
            meaning_of_unit = meaning
        plain = self._plain(meaning, number)
        if plain is None or parts is None:
            return {}
        if meaning_of_unit != "size in USD":
            return {"contracts" if meaning_of_unit == "contracts" else "quantity": plain}
        return self._from_usd(meaning, plain, desk, account, symbol)

    def _from_usd(
        self, meaning: Meaning, plain: str, desk: DeskState, account: Account, symbol: str
    ) -> dict[str, object]:
        parts = parse_symbol(symbol)
        value, entry = parse_decimal(plain), parse_decimal(self._number("entry price") or "")
        if parts is None or value is None or entry is None or entry <= 0:
            return {}
        kind = kind_of(desk, self._known, account.venue, symbol)
        face = face_of(desk, self._market, self._known, account.venue, symbol)
        sign = "-" if value < 0 else ""
        try:
            quantity, contracts = size_from_usd(abs(value), entry, kind, parts, face)
        except BadInput as bad:
            self._faults[meaning] = bad.problems[0].text
            return {}
        if quantity is None:
            return {"contracts": f"{sign}{contracts or Decimal(0):f}"}
        return {"quantity": f"{sign}{quantity:f}"}

    def _mode(self) -> str:
        text = (self._said.get("margin mode") or self._said.get("leverage", "")).lower()
        words = [_MODES[word] for word in re.split(r"\W+", text) if word in _MODES]
        if text and not words and self._said.get("margin mode"):
            self._faults["margin mode"] = f"neither cross nor isolated: {text[:40]!r}"
        return words[0] if words else ""

    def _leverage(self) -> str:
        """`10`, `10x`, and the words that some venues put beside it (`Cross 10x`)."""
        text = self._said.get("leverage", "")
        words = [word for word in text.split() if word.lower() not in _MODES]
        number = "".join(words).rstrip("xX×")
        return (self._plain("leverage", number) or "") if number else ""

    def _number(self, meaning: Meaning) -> str:
        """The number of a cell, without a unit behind it; "" where there is none."""
        number, _ = _apart(self._said.get(meaning, ""))
        if number in ("", "-", "—", "--"):
            return ""
        plain = self._plain(meaning, number)
        if meaning == "mark" and plain is not None and (parse_decimal(plain) or Decimal(0)) <= 0:
            self._faults["mark"] = "must be above zero"
        return plain or ""

    def _plain(self, meaning: Meaning, text: str) -> str | None:
        plain = plain_number(text, self._reading.numbers)
        if plain is None:
            self._faults[meaning] = f"not a number written like {self._reading.numbers}: {text[:40]!r}"
        return plain


def _apart(text: str) -> tuple[str, str]:
    """A number and the unit behind it. A blank before a digit parts thousands: what follows it is not dropped.

    >>> _apart("98 000.5 USDT"), _apart("4 105,20")
    (('98 000.5', 'USDT'), ('4 105,20', ''))
    """
    number, *unit = re.split(r"\s+(?=[^\W\d_])", text.strip(), maxsplit=1)
    return number, unit[0].strip() if unit else ""
