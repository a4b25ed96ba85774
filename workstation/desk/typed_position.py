"""A position typed as one line, ``long 0.5 BTC @ 98000 10x cross``: read into edits, said back, and written again.

Public: `read_typed` (text to edits), `describe_typed` (what was understood, while one types), `typed_text` (a position
as such a line), `Echo`. Nothing here reads a file or waits: it may run on every key.
"""

from decimal import Decimal

import msgspec

from workstation.desk.contract_facts import face_of, kind_of, mark_of, market_venue, new_account, shown, size_from_usd
from workstation.desk.contract_names import Known, base_of, did_you_mean, find, listed, nothing_known, unlisted
from workstation.desk.edits import AddAccount, AddPosition, Edit, SetBalance, apply_all
from workstation.desk.grown_position import grown, growth, same_leg
from workstation.desk.portfolio_file import VENUE_IDS
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.desk.typed_words import Said, quoted, sort_words
from workstation.domain.instrument import SymbolParts, parse_symbol
from workstation.domain.position import Account, Position, Stop
from workstation.domain.problem import BadInput, Problem
from workstation.market.view import MarketView


class Echo(msgspec.Struct, frozen=True):
    """What was understood of a line, or what is wrong with it. `note`: what is missing, though nothing is wrong."""

    text: str = ""
    fault: str = ""
    note: str = ""


class _Place(msgspec.Struct, frozen=True):
    """Where a position goes. `is_new`: the account is made for it."""

    index: int
    account: Account
    symbol: str
    parts: SymbolParts
    is_new: bool
    is_listed: bool


class _Meant(msgspec.Struct, frozen=True):
    """What was understood. `held` is the leg of the same contract, side and mode that it is added to, if any; then
    `position` is both together.
    """

    edits: tuple[Edit, ...]
    place: _Place
    said: Said
    typed: Position
    position: Position
    held: Position | None


def read_typed(text: str, desk: DeskState, market: MarketView, known: Known = nothing_known) -> tuple[Edit, ...]:
    """The edits that add the position, tried on the desk. Raises BadInput: the place is the word that is wrong.

    Where the account holds such a position it grows, as at a venue: at the average of both entries.

    >>> from workstation.domain.position import Account
    >>> desk = DeskState(accounts=(Account(name="main", venue="bybit"),))
    >>> read_typed("short 2 BTCUSDT @ 98K 5x", desk, MarketView())[0].position.entry_price
    Decimal('9.8E+4')
    """
    return _understand(text, desk, market, known).edits


def describe_typed(text: str, desk: DeskState, market: MarketView, known: Known = nothing_known) -> Echo:
    """What would be added, or the first fault with its word."""
    try:
        meant = _understand(text, desk, market, known)
    except BadInput as bad:
        return Echo(fault=str(bad.problems[0]))
    words = _in_words(meant.typed, meant.place, meant.said) + _together(meant)
    return Echo(words, note=_missing(meant.typed, meant.place, meant.said))


def typed_text(position: Position, account: Account) -> str:
    """The line that adds this position to that account. Implied volatility has no word and stays out.

    >>> typed_text(Position(symbol="BTC/USDT:USDT", side="long", quantity=Decimal("0.5"), entry_price=Decimal(98000)),
    ...            Account(name="main", venue="okx"))
    'long 0.5 okx:BTC/USDT:USDT @ 98000 cross in "main"'
    """
    size = f"{position.contracts:f} contracts" if position.quantity is None else f"{position.quantity:f}"
    words = [position.side, size, f"{account.venue}:{position.symbol}", f"@ {position.entry_price:f}"]
    if position.leverage is not None:
        words.append(f"{position.leverage:f}x")
    words.append(position.margin_mode)
    if position.isolated_wallet is not None:
        words.append(f"wallet {position.isolated_wallet:f}")
    if position.stop is not None:
        words.append(f"stop {position.stop.price:f} {position.stop.trigger}")
    return " ".join([*words, f"in {quoted(account.name)}"])


def _understand(text: str, desk: DeskState, market: MarketView, known: Known) -> _Meant:
    said = sort_words(text)
    place = _placed(said, desk, market, known)
    venue, symbol = place.account.venue, place.symbol
    entry = said.entry_price
    if entry is None:
        entry = mark_of(desk, market, venue, symbol)
    if entry is None:
        where = "@ mark" if said.at_mark else ""
        raise _bad(where, f"no mark price of {symbol} is known yet; write the entry price, like @ 98000")
    quantity, contracts = said.size, None
    if said.unit == "contracts":
        quantity, contracts = None, said.size
    elif said.unit == "usd":
        face = face_of(desk, market, known, venue, symbol)
        kind = kind_of(desk, known, venue, symbol)
        quantity, contracts = size_from_usd(said.size, entry, kind, place.parts, face)
    position = Position(
        symbol=symbol,
        side=said.side,
        entry_price=entry,
        quantity=quantity,
        contracts=contracts,
        margin_mode=said.margin_mode,
        leverage=said.leverage,
        isolated_wallet=said.isolated_wallet,
        stop=None if said.stop_price is None else Stop(said.stop_price, said.stop_trigger),
    )
    edits: list[Edit] = [AddAccount(place.account)] if place.is_new else []
    if said.balance is not None:
        edits.append(SetBalance(place.index, place.parts.settle, f"{said.balance:f}"))
    leg = same_leg(place.account, position)
    held = None if leg is None else place.account.positions[leg]
    both = None if held is None else grown(held, position, kind_of(desk, known, venue, symbol))
    if leg is None or held is None or both is None:
        edits.append(AddPosition(place.index, position))
    else:
        edits += growth(place.index, leg, held, both)
    try:
        apply_all(desk, edits)
    except BadInput as bad:
        raise BadInput(tuple(Problem(said.symbol, problem.text) for problem in bad.problems)) from bad
    if held is None or both is None:
        return _Meant(tuple(edits), place, said, position, position, None)
    return _Meant(tuple(edits), place, said, position, both, held)


def _placed(said: Said, desk: DeskState, market: MarketView, known: Known) -> _Place:
    """The first account in which the name means one contract; a new one where the desk has none there."""
    accounts = [(index, own, False) for index, own in _candidates(said, desk)]
    if not said.account and (said.venues or not accounts):
        # a name like binance means two venues: the second is asked too
        missing = set(said.venues or (market_venue(market),)).difference(own.venue for _, own, _ in accounts)
        venues = [venue for venue in VENUE_IDS if venue in missing]
        accounts += [(len(looked_at(desk)), new_account(desk, venue), True) for venue in venues]
    unclear: BadInput | None = None
    for index, own, is_new in accounts:
        symbols = listed(own.venue, desk, market, known)
        favoured = tuple(symbol for venue, symbol in market.instruments if venue == own.venue)
        found = find(said.symbol, symbols, favoured, tuple(own.balances or ()))
        parts = parse_symbol(found[0]) if found else None
        if len(found) == 1 and parts is not None:
            return _Place(index, own, found[0], parts, is_new, True)
        if found and unclear is None:
            unclear = _bad(said.symbol, f"at {own.venue} this may be {' or '.join(found)}; write which")
    if unclear is not None:
        raise unclear
    return _unlisted(said, accounts[0], listed(accounts[0][1].venue, desk, market, known))


def _candidates(said: Said, desk: DeskState) -> list[tuple[int, Account]]:
    accounts = list(enumerate(looked_at(desk)))
    if said.account:
        named = [(i, own) for i, own in accounts if own.name == said.account]
        named = named or [(i, own) for i, own in accounts if own.name.lower() == said.account.lower()]
        if not named:
            names = ", ".join(quoted(own.name) for _, own in accounts) or "none; leave the account out to make one"
            raise _bad(said.account, f"no account has this name; there are {names}")
        accounts = named
    if said.venues:
        there = [(i, own) for venue in said.venues for i, own in accounts if own.venue == venue]
        if not there and said.account:
            raise _bad(said.account, f"this account is at {accounts[0][1].venue}, not at {said.venues[0]}")
        accounts = there
    return accounts


def _unlisted(said: Said, place: tuple[int, Account, bool], symbols: tuple[str, ...]) -> _Place:
    """A contract that no list has: taken where its name says everything and the venue has none of that coin."""
    index, own, is_new = place
    symbol = unlisted(said.symbol)
    parts = parse_symbol(symbol) if symbol else None
    whole = parse_symbol(said.symbol.upper()) is not None
    of_coin = find(base_of(said.symbol), symbols)
    if symbol is not None and parts is not None and (whole or not of_coin):
        return _Place(index, own, symbol, parts, is_new, False)
    raise _bad(said.symbol, f"no such contract is known at {own.venue}; {did_you_mean(said.symbol, symbols, of_coin)}")


def _in_words(position: Position, place: _Place, said: Said) -> str:
    size = f"{shown(position.quantity or Decimal(0))} " if position.quantity is not None else ""
    if position.contracts is not None:
        plural = "contract" if position.contracts == 1 else "contracts"
        size = f"{shown(position.contracts)} {plural} "
    at = "the mark " if said.entry_price is None else ""
    leverage = "" if position.leverage is None else f"{shown(position.leverage)}× "
    wallet = "" if position.isolated_wallet is None else f" with {shown(position.isolated_wallet)} {place.parts.settle}"
    stop = "" if position.stop is None else f", stop {shown(position.stop.price)} ({position.stop.trigger})"
    what = f"{position.side.upper()} {size}{position.symbol} on {place.account.venue}"
    how = f"{leverage}{position.margin_mode}{wallet}{stop}"
    account = f"{'new ' if place.is_new else ''}account {place.account.name}"
    return f"{what} at {at}{shown(position.entry_price)}, {how}, {account}"


def _together(meant: _Meant) -> str:
    """What it makes of the position that is held."""
    if meant.held is None:
        return ""
    both = meant.position
    size = both.contracts if both.quantity is None else both.quantity
    leverage = "" if both.leverage == meant.held.leverage or both.leverage is None else f", {shown(both.leverage)}×"
    return f": with what is held {shown(size or Decimal(0))} at {shown(both.entry_price)}{leverage}"


def _missing(position: Position, place: _Place, said: Said) -> str:
    notes: list[str] = []
    if not place.is_listed:
        notes.append(f"{position.symbol} is not among the contracts known at {place.account.venue}")
    own, settle = place.account, place.parts.settle
    unknown = settle not in (own.balances or {}) and own.collateral_mode == "single" and said.balance is None
    if position.margin_mode == "cross" and unknown:
        notes.append(f"the balance of {own.name} in {settle} is missing: add  balance 10000  here, or see Ctrl+B")
    return "; ".join(notes)


def _bad(where: str, text: str) -> BadInput:
    return BadInput((Problem(where, text),))
