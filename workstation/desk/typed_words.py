"""The words of a typed position sorted by what they say; what each means on the desk is found in typed_position.py.

After the side the words stand in any order: ``long 0.5 BTC @ 98000 10x cross stop 95000 mark in main``.
"""

import re
from decimal import Decimal
from typing import Literal, cast

import msgspec

from workstation.desk.portfolio_file import VENUE_IDS
from workstation.domain.parsing import parse_decimal
from workstation.domain.position import MarginMode, Side, Trigger
from workstation.domain.problem import BadInput, Problem

Unit = Literal["coins", "contracts", "usd"]

EXAMPLE = "long 0.5 BTC @ 98000 10x cross"
SIDES: dict[str, Side] = {"long": "long", "l": "long", "+": "long", "short": "short", "s": "short", "-": "short"}
LONGEST_TEXT = 400
_MODES: dict[str, MarginMode] = {"cross": "cross", "isolated": "isolated", "iso": "isolated"}
_CONTRACTS = ("contracts", "contract")
_TRIGGERS = ("mark", "last", "index")
# a name in quotes, or what stands between blanks; a narrow blank inside a number is our own grouping, pasted back
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|(?:\S|(?<=\d)[\u202f\u00a0](?=\d{3}))+', re.DOTALL)
_NUMBER = re.compile(r"[+-]?\$?[+-]?((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([kKmMbB]?)\$?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\$?[\d.]*[,'_][\d.,'_]*[kKmMbB]?[$x×]?", re.ASCII)
_LEVERAGE = re.compile(r"((?:\d+\.?\d*|\.\d+))[x×X]", re.ASCII)
_GLUED = re.compile(r"(\d*\.\d+)([^\W\d_]{2,}.*)", re.ASCII)
_SCALES = {"": 0, "k": 3, "m": 6, "b": 9}
_ALIASES = {"binance": ("binance-usdm", "binance-coinm"), "usdm": ("binance-usdm",), "coinm": ("binance-coinm",)}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed, number by number. None and "" stand for what was not said; `venues` may be several that a name
    means. `at_mark`: the entry is today's mark.
    """

    side: Side
    size: Decimal
    unit: Unit
    symbol: str
    venues: tuple[str, ...] = ()
    entry_price: Decimal | None = None
    at_mark: bool = False
    leverage: Decimal | None = None
    margin_mode: MarginMode = "cross"
    isolated_wallet: Decimal | None = None
    stop_price: Decimal | None = None
    stop_trigger: Trigger = "mark"
    account: str = ""
    balance: Decimal | None = None


def sort_words(text: str) -> Said:
    """What the words say. Raises BadInput with the word that is wrong as the place, and how to mend it."""
    if len(text) > LONGEST_TEXT:
        raise _bad(text[:20] + "…", f"longer than {LONGEST_TEXT} characters; one position at a time")
    reading = _Reading(_words(text))
    reading.read()
    return reading.said()


def starts_a_position(text: str) -> bool:
    """Whether the first word is a side, so that the rest is meant to be a position.

    >>> starts_a_position("short 2 ETH"), starts_a_position("+0.5 btc"), starts_a_position("save as")
    (True, True, False)
    """
    words = _words(text[:LONGEST_TEXT])
    first = words[0].lower() if words else ""
    return first in SIDES or (first[:1] in SIDES and _NUMBER.fullmatch(first) is not None)


def quoted(name: str) -> str:
    """A name as one word."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def venue_names(name: str) -> tuple[str, ...]:
    """The venues that a name means; none where it is no venue's.

    >>> venue_names("Binance"), venue_names("okx"), venue_names("nyse")
    (('binance-usdm', 'binance-coinm'), ('okx',), ())
    """
    plain = name.lower()
    return (plain,) if plain in VENUE_IDS else _ALIASES.get(plain, ())


def _words(text: str) -> list[str]:
    found = _WORD.findall(text)
    return [w if w.startswith('"') else re.sub("[\u202f\u00a0]", "", w).replace("−", "-") for w in found]


def _bad(where: str, text: str) -> BadInput:
    return BadInput((Problem(where, text),))


class _Reading:
    """Walks over the words once; `facts` is what was said so far, by name."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._facts: dict[str, object] = {}

    def said(self) -> Said:
        facts = self._facts
        if "symbol" not in facts:
            raise _bad("", 'which coin? Write its name, like "BTC"')
        if "size" not in facts:
            wallet = " (the number after isolated is its wallet)" if "isolated_wallet" in facts else ""
            raise _bad("", f'how much? Write a size like "0.5", "3 contracts" or "$5000"{wallet}')
        if "isolated_wallet" in facts and facts.get("margin_mode") != "isolated":
            raise _bad("wallet", "only an isolated position has a wallet of its own; add isolated or leave it out")
        return msgspec.convert(facts, Said)

    def read(self) -> None:
        self._side()
        while self._at < len(self._words):
            word = self._next()
            match word.lower():
                case "@" | "at" if word == "@" or self._is_price():
                    self._price(word, self._next())
                case "cross" | "isolated" | "iso":
                    self._mode(word)
                case "stop":
                    self._stop(word)
                case "wallet":
                    self._put("isolated_wallet", self._number_after(word, zero=True), word)
                case "balance":
                    self._put("balance", self._number_after(word, zero=True), word)
                case "in" | "account":
                    self._put("account", self._name_after(word), word)
                case "on":
                    self._venue(self._next(), word)
                case lower if lower.startswith("@"):
                    self._price("@", word[1:])
                case _:
                    self._other(word)

    def _next(self) -> str:
        """The next word; "" after the last one."""
        word = self._peek()
        self._at += 1
        return word

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _put(self, name: str, value: object, word: str) -> None:
        if name in self._facts:
            raise _bad(word, f"the {name.replace('_', ' ')} is said twice; keep one")
        self._facts[name] = value

    def _side(self) -> None:
        word = self._next()
        side = SIDES.get(word.lower())
        if side is None and word[:1] in ("+", "-") and _NUMBER.fullmatch(word):
            self._at -= 1
            self._words[self._at] = word[1:]
            side = SIDES[word[0]]
        if side is None and word.lower() in ("buy", "sell"):
            raise _bad(word, "orders are not placed here; write long or short for what is held")
        if side is None:
            raise _bad(word, f'begin with long or short, like "{EXAMPLE}"')
        self._facts["side"] = side

    def _is_price(self) -> bool:
        return self._peek().lower() == "mark" or _NUMBER.fullmatch(self._peek()) is not None

    def _price(self, word: str, price: str) -> None:
        if price.lower() == "mark":
            self._put("at_mark", True, word)
        else:
            self._put("entry_price", self._number(price, word, "the entry price"), word)
        if "at_mark" in self._facts and "entry_price" in self._facts:
            raise _bad(word, "the entry price is said twice; keep one")

    def _mode(self, word: str) -> None:
        self._put("margin_mode", _MODES[word.lower()], word)
        after = self._words[self._at + 1].lower() if self._at + 1 < len(self._words) else ""
        sized = after in (*_CONTRACTS, "usd") or "$" in self._peek()
        if word.lower() != "cross" and _NUMBER.fullmatch(self._peek()) and not sized:
            self._put("isolated_wallet", self._number(self._next(), word, "the isolated wallet", zero=True), word)

    def _stop(self, word: str) -> None:
        self._put("stop_price", self._number_after(word), word)
        if self._peek().lower() in _TRIGGERS:
            self._facts["stop_trigger"] = cast("Trigger", self._next().lower())

    def _name_after(self, word: str) -> str:
        name = self._next()
        if len(name) > 1 and name.startswith('"') and name.endswith('"'):
            name = re.sub(r"\\(.)", r"\1", name[1:-1], flags=re.DOTALL)
        if not name.strip():
            raise _bad(word, 'name an account after it, like in main or in "my account"')
        return name

    def _venue(self, name: str, word: str) -> None:
        venues = venue_names(name)
        if not venues:
            raise _bad(name or word, f"not a venue; known are {', '.join(VENUE_IDS)}")
        self._put("venues", venues, name)

    def _other(self, word: str) -> None:
        """A size, a leverage, or else the contract."""
        leverage = _LEVERAGE.fullmatch(word)
        glued = _GLUED.fullmatch(word)
        if glued is not None:  # 0.5BTC: no coin's name has a point in it
            self._words[self._at - 1 : self._at] = [glued[1], glued[2]]
            self._at -= 1
        elif leverage is not None:
            self._put("leverage", self._number(leverage[1], word, "the leverage"), word)
        elif _NUMBER.fullmatch(word) or _GROUPED.fullmatch(word):
            self._size(word)
        elif word.lower() in (*_CONTRACTS, *_TRIGGERS, "usd"):
            raise _bad(word, "stands alone; it follows a number, like 3 contracts, 5000 usd or stop 95000 last")
        elif word.lower() in ("buy", "sell", "long", "short"):
            raise _bad(word, "the side stands first and once")
        else:
            self._symbol(word)

    def _size(self, word: str) -> None:
        self._put("size", self._number(word, word, "the size"), word)
        unit: Unit = "usd" if "$" in word else "coins"
        if self._peek().lower() in _CONTRACTS and unit == "coins":
            unit, _ = "contracts", self._next()
        elif self._peek().lower() == "usd":
            unit, _ = "usd", self._next()
        self._facts["unit"] = unit

    def _symbol(self, word: str) -> None:
        venue, colon, name = word.partition(":")
        if colon and "/" not in venue:
            self._venue(venue, word)
            word = name
        if not word:
            raise _bad(f"{venue}:", "name a coin after the venue, like bybit:BTC")
        if "symbol" in self._facts:
            raise _bad(word, f"not understood; {self._facts['symbol']} is taken as the contract")
        self._facts["symbol"] = word

    def _number_after(self, word: str, *, zero: bool = False) -> Decimal:
        if not self._peek():
            raise _bad(word, f"write a number after it, like {word} 500")
        return self._number(self._next(), word, f"the number after {word}", zero=zero)

    def _number(self, text: str, word: str, what: str, *, zero: bool = False) -> Decimal:
        if not text:
            raise _bad(word, f"{what} is missing; write a number")
        if re.search(r"[,'_]", text) and re.search(r"\d", text):
            raise _bad(text, "is it thousands or a decimal? Write it with a point and without groups, like 1000.5")
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise _bad(text, f'{what} is not a number; write it like "98000.5" or "5K"')
        number = parse_decimal(match[1])
        scaled = None if number is None else number.scaleb(_SCALES[match[2].lower()])
        # it must come back from the file that it is saved to
        if scaled is None or parse_decimal(f"{scaled:f}") is None:
            raise _bad(text, f"{what} has too many digits")
        if "-" in text or (scaled == 0 and not zero):
            raise _bad(text, f"{what} must {'not be below' if zero else 'be above'} zero; the side says the direction")
        return scaled
