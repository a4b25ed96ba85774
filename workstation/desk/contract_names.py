"""What a trader means by the name of a coin or a contract: every common spelling, against the contracts that are known.

Public: `resolve` (the contract that a name means in an account), `listed` (the contracts known at a venue), `find`
(those a name may mean), `nearest` (what to offer instead).
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.instrument import Instrument, SymbolParts, parse_symbol
from workstation.domain.position import Account
from workstation.domain.problem import BadInput, Problem
from workstation.market.view import MarketView

Known = Callable[[str], Mapping[str, Instrument]]
"""The program's own contracts of a venue, by unified symbol."""

MOST_OFFERED = 4
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MARKS = re.compile(r"[\s\-_/.:]+")
# Kraken says PF_XBTUSD and PI_XBTUSD for perpetuals, FF_ and FI_ for dated ones; BitMEX says XBT for BTC
_KRAKEN = re.compile(r"(?:PF|PI|FF|FI)_")
_WITH_QUOTE = re.compile(r"([^\s/:\-_.]{1,30}?)[\-/_]?(USDT|USDC)(?:[\-_.]?(?:PERP|PERPETUAL|SWAP|P))?")


def nothing_known(_venue: str) -> Mapping[str, Instrument]:
    """For places without rule data."""
    return {}


def listed(venue: str, desk: DeskState, market: MarketView, known: Known = nothing_known) -> tuple[str, ...]:
    """The contracts of a venue that anything speaks of: the market first, then the desk, then the rule data."""
    in_market = [
        symbol
        for (where, symbol), shown in market.instruments.items()
        if where == venue and (shown.info is None or shown.info.kind != "spot")
    ]
    held = [p.symbol for account in looked_at(desk) if account.venue == venue for p in account.positions]
    of_desk = [*held, *desk.marks.get(venue, {}), *desk.instruments.get(venue, {})]
    every = dict.fromkeys([*in_market, *market.marks.get(venue, {}), *of_desk, *known(venue)])
    return tuple(symbol for symbol in every if parse_symbol(symbol))


def find(
    name: str, symbols: Collection[str], favoured: Collection[str] = (), wallets: Collection[str] = ()
) -> tuple[str, ...]:
    """The contracts that a name may mean; more than one where nothing decides between them.

    A whole symbol means itself. Else a perpetual goes before dated contracts, then one that is `favoured` (the market
    shows it), then one that settles in an asset of the `wallets`, then one in USDT.

    >>> find("btcusdt", ("BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USDT:USDT"))
    ('BTC/USDT:USDT',)
    >>> find("XBT", ("BTC/USD:USD", "BTC/USD:BTC"))
    ('BTC/USD:USD', 'BTC/USD:BTC')
    """
    if name in symbols:
        return (name,)
    same = [symbol for symbol in symbols if symbol.upper() == name.upper()]
    if len(same) == 1:
        return tuple(same)
    wanted = _compact(name)
    ranked: dict[tuple[bool, bool, bool, bool], list[str]] = {}
    for symbol in symbols:
        parts = parse_symbol(symbol)
        if parts is not None and wanted in _spellings(symbol):
            dated = parts.expiry is not None
            rank = (dated, symbol not in favoured, parts.settle not in wallets, parts.quote != "USDT")
            ranked.setdefault(rank, []).append(symbol)
    return tuple(ranked[min(ranked)]) if ranked else ()


def resolve(name: str, account: Account, desk: DeskState, market: MarketView, known: Known = nothing_known) -> str:
    """The one contract that a name means in an account. Raises BadInput with what may have been meant."""
    if not name.strip():
        raise _bad("which contract? Write a coin like BTC")
    symbols = listed(account.venue, desk, market, known)
    favoured = tuple(symbol for venue, symbol in market.instruments if venue == account.venue)
    found = find(name.strip(), symbols, favoured, tuple(account.balances or ()))
    if len(found) == 1:
        return found[0]
    if found:
        raise _bad(f"this may be {' or '.join(found)}; write which")
    whole = unlisted(name.strip())
    if whole is not None:
        return whole
    raise _bad(f"not known at {account.venue}; {did_you_mean(name, symbols)}")


class Names:
    """What names mean, found once for each: a long table says the same again and again, and lists do not change."""

    def __init__(self, desk: DeskState, market: MarketView, known: Known) -> None:
        self._desk = desk
        self._market = market
        self._known = known
        self._found: dict[tuple[str, str, str], str | BadInput] = {}

    def resolve(self, name: str, account: Account) -> str:
        """The one contract that is meant. Raises BadInput."""
        key = (account.venue, account.name, name)
        if key not in self._found:
            try:
                self._found[key] = resolve(name, account, self._desk, self._market, self._known)
            except BadInput as bad:
                self._found[key] = bad
        found = self._found[key]
        if isinstance(found, BadInput):
            raise BadInput(found.problems)
        return found


def did_you_mean(name: str, symbols: Collection[str], offered: Collection[str] = ()) -> str:
    """The end of a fault about a name that is not known; without a likely one, how a whole symbol is written there."""
    offered = offered or nearest(name, symbols)
    if offered:
        return f"did you mean {', '.join(offered)}?"
    parts = [part for part in map(parse_symbol, symbols) if part is not None and part.kind == "linear"]
    dollars = parts[0].settle if parts else "USDT"
    coin = base_of(name) if base_of(name).isalnum() else "BTC"
    return f"if it is listed there, write the whole symbol, like {coin[:20]}/{dollars}:{dollars}"


def unlisted(name: str) -> str | None:
    """The unified symbol of a name that says everything itself, for contracts that no list here has.

    >>> unlisted("ethusdt"), unlisted("BTC/USD:BTC-261225"), unlisted("ETH")
    ('ETH/USDT:USDT', 'BTC/USD:BTC-261225', None)
    """
    plain = name.upper()
    if parse_symbol(plain):
        return plain
    match = _WITH_QUOTE.fullmatch(plain)
    if match is None:
        return None
    symbol = f"{match[1]}/{match[2]}:{match[2]}"
    return symbol if parse_symbol(symbol) else None


def base_of(name: str) -> str:
    """The coin that a name is about, as far as its spelling tells."""
    symbol = unlisted(name)
    parts = parse_symbol(symbol) if symbol else None
    return parts.base if parts else _compact(name)


def nearest(name: str, symbols: Iterable[str]) -> tuple[str, ...]:
    """What may have been meant, at most four: the same letters inside, else a similar coin.

    >>> nearest("pepe", ("1000PEPE/USDT:USDT", "BTC/USDT:USDT"))
    ('1000PEPE/USDT:USDT',)
    """
    wanted = base_of(name)
    bases: dict[str, list[str]] = {}
    for symbol in symbols:
        parts = parse_symbol(symbol)
        if parts is not None:
            bases.setdefault(_compact(parts.base), []).append(symbol)
    close = [base for base in bases if wanted and (wanted in base or (len(base) > 2 and base in wanted))]
    close += difflib.get_close_matches(wanted, list(bases), MOST_OFFERED, 0.6)
    found = dict.fromkeys(symbol for base in close for symbol in bases[base])
    return tuple(found)[:MOST_OFFERED]


def _compact(name: str) -> str:
    plain = _KRAKEN.sub("", name.strip().upper(), count=1) if _KRAKEN.match(name.strip().upper()) else name
    plain = _MARKS.sub("", plain.upper())
    return "BTC" + plain[3:] if plain.startswith("XBT") else plain


@lru_cache(maxsize=8192)
def _spellings(symbol: str) -> frozenset[str]:
    """How people and venues write a contract, without the marks between its parts."""
    parts = parse_symbol(symbol)
    if parts is None:
        return frozenset()
    pairs = (parts.base, parts.base + parts.quote, parts.base + parts.quote + parts.settle)
    ends = _dated_ends(parts) if parts.expiry else ("", "PERP", "PERPETUAL", "SWAP", "P", "M")
    # a coin's name alone means its perpetual; "BTCP" or "BTCM" would be other coins
    return frozenset(
        _compact(pair + end) for pair in pairs for end in ends if not (pair == parts.base and end in ("P", "M"))
    )


def _dated_ends(parts: SymbolParts) -> tuple[str, ...]:
    """`261225` and Deribit's `25DEC26`, with strike and right for an option."""
    date = parts.expiry or ""
    month = int(date[2:4])
    dates = [date]
    if 1 <= month <= len(_MONTHS):
        day = date[4:].lstrip("0")
        dates += [f"{day}{_MONTHS[month - 1]}{date[:2]}", f"{date[4:]}{_MONTHS[month - 1]}{date[:2]}"]
    option = f"{parts.strike}{parts.right}" if parts.right else ""
    return tuple(date + option for date in dates)


def _bad(text: str) -> BadInput:
    return BadInput((Problem("", text),))
