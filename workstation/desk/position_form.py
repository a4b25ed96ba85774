"""The form for a position: what is asked, what may be chosen, and what is wrong beside each answer.

Public: `PositionForm` (its `first`, `choices`, `asked`, `hint`, `check`), `Answers`, `Checked`. A dialog shows the
fields of position_fields.py and hands the answers back as texts; nothing here knows Qt.
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from workstation.desk.contract_facts import face_of, kind_of, mark_of, market_venue, new_account, shown, size_from_usd
from workstation.desk.contract_names import Known, listed, nothing_known, resolve
from workstation.desk.edits import (
    AddAccount,
    AddPosition,
    Edit,
    PositionField,
    RemovePosition,
    SetBalance,
    SetMark,
    SetPositionField,
    apply_all,
)
from workstation.desk.position_fields import BY_KEY, FIELDS, Field
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.instrument import parse_symbol
from workstation.domain.parsing import parse_decimal
from workstation.domain.position import Account, MarginMode, Position, Side, Stop, Trigger
from workstation.domain.problem import BadInput
from workstation.market.view import MarketView

Answers = Mapping[str, str]
"""What stands in each field, by key."""

NEW = "New account"
COINS, CONTRACTS, DOLLARS_WORTH = "coins", "contracts", "USD"
_TRIGGERS: dict[str, Trigger] = {"mark": "mark", "last": "last", "index": "index"}


class Checked(msgspec.Struct, frozen=True):
    """`faults` by field, empty where the answers are sound; then `edits` make the position, in one undo step."""

    edits: tuple[Edit, ...] = ()
    faults: Mapping[str, str] = {}


class PositionForm:
    """The questions for one desk. `editing` (account, position of `looked_at`) changes that position instead."""

    def __init__(
        self,
        desk: DeskState,
        venues: tuple[str, ...],
        market: MarketView | None = None,
        known: Known = nothing_known,
        editing: tuple[int, int] | None = None,
    ) -> None:
        self.editing = editing
        self._desk = desk
        self._venues = venues
        self._market = market or MarketView()
        self._known = known
        self._accounts = looked_at(desk)

    def first(self) -> dict[str, str]:
        """What stands in the fields at the start."""
        if self.editing is not None:
            return self._as_held(*self.editing)
        venue = market_venue(self._market)
        venue = venue if venue in self._venues else self._venues[0]
        start = {field.key: "" for field in FIELDS}
        start |= {field.key: self.choices(field.key)[0] for field in FIELDS if field.kind == "choice"}
        return start | {"name": new_account(self._desk, venue).name, "venue": venue}

    def _as_held(self, account: int, index: int) -> dict[str, str]:
        own = self._accounts[account]
        held = own.positions[index]
        numbers = {
            "size": held.contracts if held.quantity is None else held.quantity,
            "entry_price": held.entry_price,
            "leverage": held.leverage,
            "isolated_wallet": held.isolated_wallet,
            "stop": held.stop.price if held.stop else None,
        }
        return {
            **{field.key: "" for field in FIELDS},
            **{key: "" if number is None else f"{number:f}" for key, number in numbers.items()},
            "account": self.choices("account")[account],
            "venue": own.venue,
            "symbol": held.symbol,
            "side": held.side,
            "unit": CONTRACTS if held.quantity is None else COINS,
            "margin_mode": held.margin_mode,
            "trigger": held.stop.trigger if held.stop else "mark",
        }

    def choices(self, key: str, answers: Answers | None = None) -> tuple[str, ...]:
        """The texts of a choice; for the contract the ones known at the venue, to complete from."""
        match key:
            case "account":
                return (*self._account_names(), NEW) if self.editing is None else self._account_names()
            case "venue":
                return self._venues
            case "side":
                return ("long", "short")
            case "unit":
                return (COINS, CONTRACTS, DOLLARS_WORTH)
            case "margin_mode":
                return ("cross", "isolated")
            case "trigger":
                return tuple(_TRIGGERS)
            case "symbol" if answers is not None:
                return listed(self._account_of(answers).venue, self._desk, self._market, self._known)
            case _:
                return ()

    def asked(self, key: str, answers: Answers) -> bool:
        """Whether a field is shown beside these answers."""
        match key:
            case "name" | "venue" | "balance":
                return answers["account"] == NEW
            case "isolated_wallet":
                return answers["margin_mode"] == "isolated"
            case "trigger":
                return bool(answers["stop"].strip())
            case _:
                return True

    def hint(self, key: str, answers: Answers) -> str:
        """What stands in an empty field: for entry and mark today's mark."""
        mark = self._mark(answers) if key in ("entry_price", "mark") else None
        if mark is None:
            return BY_KEY[key].hint
        return f"the mark, {shown(mark)}" if key == "entry_price" else f"the market's, {shown(mark)}"

    def check(self, answers: Answers) -> Checked:
        """The edits, each of which has been tried on the desk, or what is wrong beside each field."""
        faults: dict[str, str] = {}
        account = self._account_of(answers)
        if answers["account"] == NEW:
            fault = _name_fault(account.name, self._accounts)
            faults |= {"name": fault} if fault else {}
        symbol = self._symbol(answers["symbol"], account, faults)
        numbers = {field.key: self._number(field, answers, faults) for field in FIELDS if field.kind == "number"}
        entry = numbers["entry_price"]
        if entry is None and "entry_price" not in faults:
            entry = numbers["mark"] or (mark_of(self._desk, self._market, account.venue, symbol) if symbol else None)
            if entry is None and symbol:
                faults["entry_price"] = "no mark price is known yet; write the entry price"
        quantity, contracts = self._size(answers["unit"], numbers["size"], entry, account.venue, symbol, faults)
        if faults or entry is None or (quantity is None and contracts is None):
            return Checked(faults=faults)
        side: Side = "short" if answers["side"] == "short" else "long"
        mode: MarginMode = "isolated" if answers["margin_mode"] == "isolated" else "cross"
        old = None if self.editing is None else self._accounts[self.editing[0]].positions[self.editing[1]]
        position = Position(
            symbol=symbol,
            side=side,
            entry_price=entry,
            quantity=quantity,
            contracts=contracts,
            margin_mode=mode,
            leverage=numbers["leverage"],
            isolated_wallet=numbers["isolated_wallet"],
            stop=None if numbers["stop"] is None else Stop(numbers["stop"], _TRIGGERS[answers["trigger"]]),
            implied_volatility=old.implied_volatility if old is not None and old.symbol == symbol else None,
        )
        return self._tried(answers, account, position, numbers)

    def _tried(
        self, answers: Answers, account: Account, position: Position, numbers: Mapping[str, Decimal | None]
    ) -> Checked:
        is_new = answers["account"] == NEW
        index = len(self._accounts) if is_new else self._account_names().index(answers["account"])
        parts = parse_symbol(position.symbol)
        edits: list[Edit] = [AddAccount(account)] if is_new else []
        if numbers["balance"] is not None and is_new and parts is not None:
            edits.append(SetBalance(index, parts.settle, f"{numbers['balance']:f}"))
        if self.editing is None:
            edits.append(AddPosition(index, position))
        else:
            edits += self._changes(*self.editing, position)
        if numbers["mark"] is not None:
            edits.append(SetMark(account.venue, position.symbol, f"{numbers['mark']:f}"))
        try:
            apply_all(self._desk, edits)
        except BadInput as bad:
            # what only the account as a whole can show: another leg like this one
            return Checked(faults={"symbol": bad.problems[0].text})
        return Checked(tuple(edits))

    def _changes(self, account: int, index: int, new: Position) -> list[Edit]:
        """Numbers change in their place; another contract, side, mode or stop is another position at the end."""
        old = self._accounts[account].positions[index]
        kept = replace(
            new,
            quantity=old.quantity,
            contracts=old.contracts,
            entry_price=old.entry_price,
            leverage=old.leverage,
            isolated_wallet=old.isolated_wallet,
        )
        if kept != old:
            return [RemovePosition(account, index), AddPosition(account, new)]
        numbers: dict[PositionField, tuple[Decimal | None, Decimal | None]] = {
            "quantity": (old.quantity, new.quantity),
            "contracts": (old.contracts, new.contracts),
            "entry_price": (old.entry_price, new.entry_price),
            "leverage": (old.leverage, new.leverage),
            "isolated_wallet": (old.isolated_wallet, new.isolated_wallet),
        }
        sizes = ("quantity", "contracts")  # one takes the other's place by itself
        return [
            SetPositionField(account, index, field, "" if now is None else f"{now:f}")
            for field, (was, now) in numbers.items()
            if was != now and not (field in sizes and now is None)
        ]

    def _account_names(self) -> tuple[str, ...]:
        """Names as they are; where two venues have an account of one name, with the venue."""
        names = [own.name for own in self._accounts]
        return tuple(own.name if names.count(own.name) == 1 else f"{own.name} ({own.venue})" for own in self._accounts)

    def _account_of(self, answers: Answers) -> Account:
        if answers["account"] == NEW:
            return Account(name=answers["name"].strip(), venue=answers["venue"])
        return self._accounts[self._account_names().index(answers["account"])]

    def _symbol(self, text: str, account: Account, faults: dict[str, str]) -> str:
        """The contract that a text means; "" with a fault where it means none or several."""
        try:
            return resolve(text, account, self._desk, self._market, self._known)
        except BadInput as bad:
            faults["symbol"] = bad.problems[0].text
            return ""

    def _mark(self, answers: Answers) -> Decimal | None:
        account = self._account_of(answers)
        symbol = self._symbol(answers["symbol"], account, {})
        return mark_of(self._desk, self._market, account.venue, symbol) if symbol else None

    def _number(self, field: Field, answers: Answers, faults: dict[str, str]) -> Decimal | None:
        text = answers[field.key].strip()
        if not self.asked(field.key, answers):
            return None
        if not text:
            if not field.optional:
                faults[field.key] = f"the {field.label.lower()} is missing; write a number"
            return None
        number = parse_decimal(text)
        may_be_zero = field.key in ("balance", "isolated_wallet")
        if number is None:
            faults[field.key] = 'not a number; write it with a point and without groups, like "98000.5"'
        elif number < 0 or (number == 0 and not may_be_zero):
            faults[field.key] = f"must {'not be below' if may_be_zero else 'be above'} zero"
        else:
            return number
        return None

    def _size(
        self, unit: str, size: Decimal | None, entry: Decimal | None, venue: str, symbol: str, faults: dict[str, str]
    ) -> tuple[Decimal | None, Decimal | None]:
        """(quantity, contracts) of the size in its unit."""
        parts = parse_symbol(symbol)
        if size is None or parts is None:
            return None, None
        kind = kind_of(self._desk, self._known, venue, symbol)
        if unit == CONTRACTS:
            return None, size
        if unit == COINS:
            if kind == "inverse" and not parts.is_option:
                faults["size"] = "an inverse contract is counted in contracts; give their number, or USD"
            return size, None
        if entry is None:
            return None, None
        face = face_of(self._desk, self._market, self._known, venue, symbol)
        try:
            return size_from_usd(size, entry, kind, parts, face)
        except BadInput as bad:
            faults["size"] = bad.problems[0].text
            return None, None


def _name_fault(name: str, accounts: tuple[Account, ...]) -> str:
    if not name:
        return "an account needs a name"
    if not name.isprintable():
        return "this name has control characters; mend it"
    return f"an account named {name!r} exists already" if any(name == own.name for own in accounts) else ""
