"""Edits as values, and apply(state, edit) -> state. What the trader typed is checked here, before any state is made."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeVar, assert_never

import msgspec
from msgspec.structs import replace

from workstation.desk.state import DeskState, Trial
from workstation.desk.trial import WIDEST, counted, looked_at, tried
from workstation.domain.instrument import parse_symbol
from workstation.domain.parsing import parse_decimal
from workstation.domain.position import Account, Position
from workstation.domain.problem import BadInput, Problem

PositionField = Literal["quantity", "contracts", "entry_price", "leverage", "isolated_wallet"]

LARGEST_BETA = Decimal(10)
LARGEST_SHOCK = Decimal(10)  # a fraction: a price at eleven times today's
_ZERO = Decimal(0)
_T = TypeVar("_T")


class SetPositionField(msgspec.Struct, frozen=True):
    """One number of one position, as it was typed. An empty text takes leverage or isolated wallet away."""

    account: int
    position: int
    field: PositionField
    text: str


class SetBalance(msgspec.Struct, frozen=True):
    """The wallet of an account in one asset, as it was typed. An empty text makes it unknown."""

    account: int
    asset: str
    text: str


class SetMark(msgspec.Struct, frozen=True):
    """The mark price of one contract, as it was typed. An empty text gives it back to the market."""

    venue: str
    symbol: str
    text: str


class SetBeta(msgspec.Struct, frozen=True):
    """How far an asset moves when the market moves by one, as it was typed. An empty text makes it move alike."""

    asset: str
    text: str


class AddAccount(msgspec.Struct, frozen=True):
    """An account at the end of the list."""

    account: Account


class AddPosition(msgspec.Struct, frozen=True):
    """A position at the end of an account's list."""

    account: int
    position: Position


class RemovePosition(msgspec.Struct, frozen=True):
    """A position taken out of an account's list."""

    account: int
    position: int


class FollowMarket(msgspec.Struct, frozen=True):
    """Forget the marks that the trader or the file stated, so that the market's hold."""


class BeginWhatIf(msgspec.Struct, frozen=True):
    """Try on a copy of the book: edits of accounts, balances and positions go to it until the what-if ends."""


class MoveMarket(msgspec.Struct, frozen=True):
    """Try the market moved by a fraction, every asset by its beta."""

    size: Decimal


class SetShock(msgspec.Struct, frozen=True):
    """Try an asset moved by so many per cent of its own ("-15" or "-15 %"), as it was typed. Empty: by its beta."""

    asset: str
    text: str


class DropLeg(msgspec.Struct, frozen=True):
    """Leave a position out of every number of the what-if, or count it again."""

    account: int
    position: int
    dropped: bool


class EndWhatIf(msgspec.Struct, frozen=True):
    """Back to the book as it is: the copy, the market's move and the dropped legs are forgotten."""


class KeepWhatIf(msgspec.Struct, frozen=True):
    """The copy becomes the book, without the legs that are dropped. The market's move is not kept."""


Edit = (
    SetPositionField
    | SetBalance
    | SetMark
    | SetBeta
    | AddAccount
    | AddPosition
    | RemovePosition
    | FollowMarket
    | BeginWhatIf
    | MoveMarket
    | SetShock
    | DropLeg
    | EndWhatIf
    | KeepWhatIf
)


def apply(state: DeskState, edit: Edit) -> DeskState:
    """The state after an edit. Raises BadInput where the edit is wrong or would make a file that could not be opened.

    While a copy of the book is tried, what concerns accounts goes to the copy. Accounts and positions are numbered as
    in `trial.looked_at`.

    >>> apply(DeskState(), AddAccount(Account(name="main", venue="okx"))).accounts[0].name
    'main'
    """
    accounts = looked_at(state)
    trial = state.trial or Trial()
    match edit:
        case SetPositionField(account, position, field, text):
            return _set_position_field(state, account, position, field, text)
        case SetBalance(account, asset, text):
            own = accounts[account]
            where = f"accounts[{account}].balances.{asset}"
            # with several collateral assets a wallet may be in debt
            debt = own.collateral_mode == "multi"
            balance = _number(text, where, "the balance", zero=True, signed=debt)
            balances = _put(own.balances or {}, asset, balance)
            return _with_account(state, account, replace(own, balances=balances or None))
        case SetMark(venue, symbol, text):
            where = f"marks.{venue}.{symbol}"
            of_venue = _put(state.marks.get(venue, {}), symbol, _number(text, where, "the mark price"))
            return replace(state, marks={**state.marks, venue: of_venue})
        case SetBeta(asset, text):
            beta = _number(text, f"betas.{asset}", "the beta", signed=True)
            most = f"the beta must be between {-LARGEST_BETA} and {LARGEST_BETA}; 1 moves like the market"
            _require(beta is None or abs(beta) <= LARGEST_BETA, f"betas.{asset}", most)
            return replace(state, betas=_put(state.betas, asset, beta))
        case AddAccount(account):
            _check_account(accounts, account)
            return _with_accounts(state, (*accounts, account))
        case AddPosition(account, position):
            own = accounts[account]
            _check_position(state, own, position, f"accounts[{account}].positions[{len(own.positions)}]")
            return _with_account(state, account, replace(own, positions=(*own.positions, position)))
        case RemovePosition(account, position):
            own = accounts[account]
            positions = own.positions[:position] + own.positions[position + 1 :]
            rest = _with_account(state, account, replace(own, positions=positions))
            dropped = _without(trial.dropped, account, position)
            return tried(rest, replace(rest.trial, dropped=dropped)) if rest.trial else rest
        case FollowMarket():
            return replace(state, marks={})
        case BeginWhatIf():
            return tried(state, replace(trial, accounts=accounts))
        case MoveMarket(size):
            _require(abs(size) <= WIDEST, "trial.size", f"the market moves by at most {WIDEST * 100:f} %")
            return tried(state, replace(trial, size=size))
        case SetShock(asset, text):
            return tried(state, replace(trial, shocks=_put(trial.shocks, asset, _shock(asset, text))))
        case DropLeg(account, position, dropped):
            leg = frozenset({(account, position)})
            _require(position < len(accounts[account].positions), "trial.dropped", "there is no such position")
            return tried(state, replace(trial, dropped=trial.dropped | leg if dropped else trial.dropped - leg))
        case EndWhatIf():
            return replace(state, trial=None)
        case KeepWhatIf():
            return replace(state, accounts=counted(state), trial=None)
        case _:
            assert_never(edit)


def apply_all(state: DeskState, edits: Iterable[Edit]) -> DeskState:
    """The state after edits that are made one after another. Raises BadInput where one of them is wrong."""
    for edit in edits:
        state = apply(state, edit)
    return state


def describe(state: DeskState, edit: Edit) -> str:
    """An edit in words, for the undo menu."""
    match edit:
        case SetPositionField(account, position, field, _):
            return f"change {field.replace('_', ' ')} of {looked_at(state)[account].positions[position].symbol}"
        case SetBalance(_, asset, _):
            return f"change balance in {asset}"
        case SetMark(_, symbol, _):
            return f"change mark of {symbol}"
        case SetBeta(asset, _):
            return f"change beta of {asset}"
        case AddAccount(account):
            return f"add account {account.name}"
        case AddPosition(_, position):
            return f"add {position.side} {position.symbol}"
        case RemovePosition(account, position):
            removed = looked_at(state)[account].positions[position]
            return f"remove {removed.side} {removed.symbol}"
        case FollowMarket():
            return "follow the market's prices"
        case BeginWhatIf():
            return "begin a what-if"
        case MoveMarket():
            return "move the market"
        case SetShock(asset, _):
            return f"move {asset}"
        case DropLeg(account, position, dropped):
            leg = looked_at(state)[account].positions[position]
            return f"{'leave out' if dropped else 'count'} {leg.side} {leg.symbol}"
        case EndWhatIf():
            return "end the what-if"
        case KeepWhatIf():
            return "keep the what-if"
        case _:
            assert_never(edit)


def merge_key(edit: Edit) -> tuple[object, ...] | None:
    """What two edits in a row must share to be one undo step; None for edits that stand alone."""
    match edit:
        case SetPositionField(account, position, field, _):
            return (SetPositionField, account, position, field)
        case SetBalance(account, asset, _):
            return (SetBalance, account, asset)
        case SetMark(venue, symbol, _):
            return (SetMark, venue, symbol)
        case SetBeta(asset, _):
            return (SetBeta, asset)
        case MoveMarket():
            return (MoveMarket,)
        case SetShock(asset, _):
            return (SetShock, asset)
        case AddAccount() | AddPosition() | RemovePosition() | DropLeg():
            return None
        case FollowMarket() | BeginWhatIf() | EndWhatIf() | KeepWhatIf():
            return None
        case _:
            assert_never(edit)


def _set_position_field(state: DeskState, account: int, position: int, field: PositionField, text: str) -> DeskState:
    own = looked_at(state)[account]
    old = own.positions[position]
    where = f"accounts[{account}].positions[{position}].{field}"
    match field:
        case "quantity":
            new = replace(old, quantity=_needed(text, where, "the size"), contracts=None)
        case "contracts":
            new = replace(old, contracts=_needed(text, where, "the number of contracts"), quantity=None)
        case "entry_price":
            new = replace(old, entry_price=_needed(text, where, "the entry price"))
        case "leverage":
            new = replace(old, leverage=_number(text, where, "the leverage"))
        case "isolated_wallet":
            _require(old.margin_mode == "isolated", where, "only an isolated position has a wallet of its own")
            new = replace(old, isolated_wallet=_number(text, where, "the isolated wallet", zero=True))
        case _:
            assert_never(field)
    positions = (*own.positions[:position], new, *own.positions[position + 1 :])
    return _with_account(state, account, replace(own, positions=positions))


def _shock(asset: str, text: str) -> Decimal | None:
    where = f"trial.shocks.{asset}"
    per_cent = _number(text.strip().removesuffix("%"), where, "the move", signed=True)
    if per_cent is None:
        return None
    move = per_cent / 100
    _require(move > -1, where, "a fall of 100 % leaves no price")
    _require(move <= LARGEST_SHOCK, where, f"a price rises by at most {LARGEST_SHOCK * 100:f} % here")
    return move


def _without(legs: frozenset[tuple[int, int]], account: int, position: int) -> frozenset[tuple[int, int]]:
    """The legs as they are numbered once a position is gone."""
    return frozenset((i, j - (i == account and j > position)) for i, j in legs if (i, j) != (account, position))


def _check_account(accounts: tuple[Account, ...], new: Account) -> None:
    where = f"accounts[{len(accounts)}].name"
    _require(bool(new.name.strip()), where, "an account needs a name")
    _require(all(new.name != old.name for old in accounts), where, f"an account named {new.name!r} exists already")


def _check_position(state: DeskState, account: Account, new: Position, where: str) -> None:
    """The rules of the portfolio file: what is added here must be openable again."""
    parts = parse_symbol(new.symbol)
    _require(parts is not None, f"{where}.symbol", "write the symbol like BTC/USDT:USDT")
    _require((new.quantity is None) != (new.contracts is None), where, "give either a size or a number of contracts")
    _require((new.quantity or new.contracts or _ZERO) > 0, where, "the size must be above zero")
    override = state.instruments.get(account.venue, {}).get(new.symbol)
    kind = override.kind if override and override.kind else parts.kind if parts else "linear"
    counted = kind == "linear" or new.contracts is not None or (parts is not None and parts.is_option)
    _require(counted, where, "an inverse contract is counted in contracts; give their number")
    _require(new.entry_price > 0, f"{where}.entry_price", "the entry price must be above zero")
    twin = any(
        (old.symbol, old.side, old.margin_mode) == (new.symbol, new.side, new.margin_mode) for old in account.positions
    )
    held = f"{account.name} already holds a {new.margin_mode} {new.side} in {new.symbol}; change its size instead"
    _require(not twin, where, held)


def _with_account(state: DeskState, index: int, account: Account) -> DeskState:
    accounts = looked_at(state)
    return _with_accounts(state, (*accounts[:index], account, *accounts[index + 1 :]))


def _with_accounts(state: DeskState, accounts: tuple[Account, ...]) -> DeskState:
    trial = state.trial
    if trial is None or trial.accounts is None:
        return replace(state, accounts=accounts)
    return replace(state, trial=replace(trial, accounts=accounts))


def _put(numbers: Mapping[str, _T], key: str, value: _T | None) -> dict[str, _T]:
    """The mapping with one entry changed, or taken out where there is no value."""
    if value is not None:
        return {**numbers, key: value}
    return {name: number for name, number in numbers.items() if name != key}


def _needed(text: str, where: str, what: str) -> Decimal:
    number = _number(text, where, what)
    if number is None:
        raise BadInput((Problem(where, f"{what} is missing; write a number"),))
    return number


def _number(text: str, where: str, what: str, *, zero: bool = False, signed: bool = False) -> Decimal | None:
    """The number typed, None for an empty text."""
    plain = text.strip()
    if not plain:
        return None
    number = parse_decimal(plain)
    if number is None:
        mend = 'write it with a point and without groups, like "98000.5"'
        raise BadInput((Problem(where, f"{what} is not a number: {plain[:40]!r}; {mend}"),))
    if not signed:
        _require(
            number >= 0 if zero else number > 0, where, f"{what} must {'not be below' if zero else 'be above'} zero"
        )
    return number


def _require(holds: bool, where: str, text: str) -> None:
    if not holds:
        raise BadInput((Problem(where, text),))
