"""What the palette understands: a position, ``stress btc -15 eth -22``, ``whatif close 30% sol``: text to edits.

Public: `read_command` (text to edits), `describe_command` (while one types), `is_command`, `COMMANDS` (for help).
"""

from decimal import Decimal

from workstation.desk.contract_facts import shown
from workstation.desk.contract_names import Known, nothing_known
from workstation.desk.edits import (
    BeginWhatIf,
    DropLeg,
    Edit,
    EndWhatIf,
    KeepWhatIf,
    MoveMarket,
    SetPositionField,
    SetShock,
    apply_all,
)
from workstation.desk.state import DeskState
from workstation.desk.trial import held_assets, looked_at
from workstation.desk.typed_position import Echo, describe_typed, read_typed
from workstation.desk.typed_words import EXAMPLE, starts_a_position
from workstation.domain.instrument import parse_symbol
from workstation.domain.parsing import parse_decimal
from workstation.domain.problem import BadInput, Problem
from workstation.market.view import MarketView

COMMANDS: tuple[tuple[str, str], ...] = (
    (EXAMPLE, "add a position"),
    ("stress btc -15 eth -22", "move prices by so many per cent; * moves every other coin"),
    ("whatif", "try on a copy of the book"),
    ("whatif close 30% sol", "try a smaller position"),
    ("whatif drop sol", "try without a position"),
    ("whatif keep", "make the copy the book"),
    ("whatif off", "back to the book as it is"),
)
_VERBS = ("stress", "whatif", "what-if")
_MARKET_WORDS = ("*", "all", "market")
_HUNDRED = Decimal(100)


def is_command(text: str) -> bool:
    """Whether the first word says that a position or another command is meant."""
    words = text.split(maxsplit=1)
    return bool(words) and (words[0].lower() in _VERBS or starts_a_position(text))


def read_command(text: str, desk: DeskState, market: MarketView, known: Known = nothing_known) -> tuple[Edit, ...]:
    """The edits of a command, tried on the desk: one undo step. Raises BadInput with the word that is wrong."""
    words = text.replace("−", "-").split()
    verb = words[0].lower() if words else ""
    if verb not in _VERBS:
        return read_typed(text, desk, market, known)
    edits = _stress(words[1:], desk) if verb == "stress" else _what_if(words[1:], desk)
    try:
        apply_all(desk, edits)
    except BadInput as bad:
        raise BadInput(tuple(Problem(verb, problem.text) for problem in bad.problems)) from bad
    return edits


def describe_command(text: str, desk: DeskState, market: MarketView, known: Known = nothing_known) -> Echo:
    """What a command would do, or what is wrong with it."""
    if not is_command(text) or starts_a_position(text):
        return describe_typed(text, desk, market, known)
    try:
        edits = read_command(text, desk, market, known)
    except BadInput as bad:
        return Echo(fault=str(bad.problems[0]))
    return Echo("; ".join(filter(None, (_in_words(desk, edit) for edit in edits))))


def _stress(words: list[str], desk: DeskState) -> tuple[Edit, ...]:
    """The whole move is said at once: what is not named stays, or moves with `*`."""
    if not words:
        raise _bad("stress", "say what moves and by how many per cent, like stress btc -15 eth -22")
    held = {asset.upper(): asset for asset in held_assets(desk)}
    size, moves = Decimal(0), dict[str, str]()
    for name, text in zip(words[::2], [*words[1::2], ""], strict=False):
        if not text:
            raise _bad(name, f"by how many per cent? Write it after the coin, like {name} -15")
        number = parse_decimal(text.removesuffix("%"))
        if number is None:
            raise _bad(text, "not a number of per cent; write it like -15")
        if name.lower() in _MARKET_WORDS:
            size = number / _HUNDRED
        elif name.upper() in held:
            moves[held[name.upper()]] = text
        else:
            raise _bad(name, f"not held here; the book holds {', '.join(held.values()) or 'nothing yet'}")
    before = tuple(desk.trial.shocks) if desk.trial else ()
    cleared = [SetShock(asset, "") for asset in before if asset not in moves]
    return (*(SetShock(asset, text) for asset, text in moves.items()), *cleared, MoveMarket(size))


def _what_if(words: list[str], desk: DeskState) -> tuple[Edit, ...]:
    match [word.lower() for word in words]:
        case []:
            return (BeginWhatIf(),)
        case ["off" | "end"]:
            return (EndWhatIf(),)
        case ["keep"]:
            return (KeepWhatIf(),)
        case ["drop", name]:
            return tuple(DropLeg(account, position, True) for account, position in _legs(name, desk))
        case ["close", part, name]:
            return (BeginWhatIf(), *_smaller(part, name, desk))
        case _:
            mends = ", ".join(text for text, _ in COMMANDS if text.startswith("whatif"))
            raise _bad(" ".join(words), f"not understood; known are {mends}")


def _smaller(part: str, name: str, desk: DeskState) -> list[Edit]:
    number = parse_decimal(part.removesuffix("%"))
    if number is None or not 0 < number <= _HUNDRED:
        raise _bad(part, "write how much of it is closed, from above 0 % to 100 %")
    edits: list[Edit] = []
    for account, index in _legs(name, desk):
        held = looked_at(desk)[account].positions[index]
        if number == _HUNDRED:
            edits.append(DropLeg(account, index, True))
            continue
        size = held.contracts if held.quantity is None else held.quantity
        left = (size or Decimal(0)) * (_HUNDRED - number) / _HUNDRED
        edits.append(
            SetPositionField(account, index, "contracts" if held.quantity is None else "quantity", f"{left:f}")
        )
    return edits


def _legs(name: str, desk: DeskState) -> list[tuple[int, int]]:
    """The positions in a coin, or in one contract."""
    found: list[tuple[int, int]] = []
    coins: dict[str, None] = {}
    for account, own in enumerate(looked_at(desk)):
        for index, held in enumerate(own.positions):
            parts = parse_symbol(held.symbol)
            coins[parts.base if parts else held.symbol] = None
            if name.upper() in (held.symbol.upper(), parts.base.upper() if parts else ""):
                found.append((account, index))
    if not found:
        raise _bad(name, f"not held here; the book holds {', '.join(coins) or 'nothing yet'}")
    return found


def _in_words(desk: DeskState, edit: Edit) -> str:
    match edit:
        case MoveMarket(size):
            return f"all other coins by their betas with the market at {_per_cent(size)}" if size else "others stay"
        case SetShock(asset, text) if text:
            return f"{asset} {_per_cent((parse_decimal(text.removesuffix('%')) or Decimal(0)) / _HUNDRED)}"
        case BeginWhatIf():
            return "try on a copy of the book"
        case EndWhatIf():
            return "back to the book as it is"
        case KeepWhatIf():
            return "the copy becomes the book"
        case DropLeg(account, position, _):
            held = looked_at(desk)[account].positions[position]
            return f"leave out {held.side} {held.symbol}"
        case SetPositionField(account, position, _, text):
            held = looked_at(desk)[account].positions[position]
            return f"{held.side} {held.symbol} down to {shown(parse_decimal(text) or Decimal(0))}"
        case _:
            return ""


def _per_cent(fraction: Decimal) -> str:
    return f"{'+' if fraction > 0 else '−' if fraction < 0 else ''}{shown(abs(fraction * 100).normalize())} %"


def _bad(where: str, text: str) -> BadInput:
    return BadInput((Problem(where, text),))
