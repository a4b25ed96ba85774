"""An ad-hoc joint shock typed as text: "BTC=-0.10,ETH=-0.13,*=-0.15"."""

from decimal import Decimal

from workstation.domain.parsing import parse_decimal
from workstation.domain.problem import BadInput, Problem
from workstation.domain.scenario import JointMove

_MEND = 'write relative moves per base asset like "BTC=-0.10,ETH=-0.13,*=-0.15" (-0.10 is ten per cent down)'


def read_shock(text: str) -> JointMove:
    """The joint move that a text states. Raises BadInput naming every part that is wrong.

    >>> read_shock("BTC=-0.10,*=-0.15").of("SOL")
    Decimal('-0.15')
    """
    problems: list[Problem] = []
    moves: dict[str, Decimal] = {}
    for part in text.split(","):
        name, equals, amount = (piece.strip() for piece in part.partition("="))
        move = parse_decimal(amount)
        if not name or not equals or move is None:
            problems.append(Problem("scenario", f"{part.strip()!r} is not a move; {_MEND}"))
        elif name in moves:
            problems.append(Problem("scenario", f"{name} is named twice; keep one"))
        elif move <= -1:
            problems.append(Problem("scenario", f"{name}={amount} leaves no price; {_MEND}"))
        else:
            moves[name] = move
    if problems:
        raise BadInput(tuple(problems))
    others = moves.pop("*", Decimal(0))
    return JointMove(text, "ad hoc", moves, others)
