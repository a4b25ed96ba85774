"""Outside documents: JSON of which no digit is lost, and Place, whose checks collect every fault and do not stop."""

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import cast

from workstation.domain.parsing import parse_decimal
from workstation.domain.problem import Problem

_LONGEST_TEXT = 200


class Problems:
    """The faults found so far, each place once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    @property
    def found(self) -> tuple[Problem, ...]:
        return tuple(self._found)

    def add(self, where: str, text: str) -> None:
        self._found[Problem(where, text)] = None


class Repeating(dict[str, object]):
    """A JSON object in which some keys stood more than once; `repeated` names them."""

    def __init__(self, members: dict[str, object], repeated: tuple[str, ...]) -> None:
        super().__init__(members)
        self.repeated = repeated


class NumberText(str):
    """The text of a JSON number: no digit passes through binary floating point, and NaN and 1e999 are seen as such."""

    __slots__ = ()


def read_json(data: bytes, where: str, deepest: str, problems: Problems) -> object:
    """A document whose numbers are texts. Faults are noted at `where`; `deepest` says how deep such a document goes."""
    try:
        return cast(
            "object",
            json.loads(
                data.decode("utf-8-sig"),
                parse_float=NumberText,
                parse_int=NumberText,
                parse_constant=NumberText,
                object_pairs_hook=_object,
            ),
        )
    except UnicodeDecodeError as error:
        problems.add(where, f"byte {error.start} is not UTF-8; save the file as UTF-8")
    except json.JSONDecodeError as error:
        fault = error.msg.lower()
        problems.add(where, f"line {error.lineno}, column {error.colno}: not JSON ({fault}); mend it there")
    except RecursionError:
        problems.add(where, f"nested too deeply; {deepest}")
    return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counted = Counter(name for name, _ in pairs)
    return Repeating(members, tuple(name for name, times in counted.items() if times > 1))


class Place:
    """A value with its path. The readers return None after a fault, which they have noted."""

    def __init__(self, value: object, path: str, problems: Problems) -> None:
        self._value = value
        self._path = path
        self._problems = problems

    @property
    def path(self) -> str:
        return self._path

    @property
    def is_null(self) -> bool:
        return self._value is None

    @property
    def is_object(self) -> bool:
        return isinstance(self._value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self._value, list)

    def wrong(self, text: str) -> None:
        """Note a fault here: what is wrong and how to mend it."""
        self._problems.add(self._path, text)

    def child(self, *steps: str | int) -> "Place":
        """A place below this one, for noting faults only."""
        path = self._path
        for step in steps:
            path = _joined(path, step)
        return Place(None, path, self._problems)

    def entries(self) -> list[tuple[str, "Place"]]:
        """The members of an object."""
        value = self._value
        if isinstance(value, Repeating):
            for key in value.repeated:
                self.child(key).wrong("stands more than once in this object; keep one")
        if not isinstance(self._value, dict):
            self.wrong(f"must be an object {{…}}, not {_kind(self._value)}")
            return []
        members = cast("dict[str, object]", self._value)
        named: list[tuple[str, Place]] = []
        for key, value in members.items():
            place = Place(value, _joined(self._path, key), self._problems)
            if key.isprintable() and len(key) <= _LONGEST_TEXT:
                named.append((key, place))
            else:
                place.wrong("this name has control characters or is too long; mend it")
        return named

    def keys(self, *allowed: str, required: Iterable[str] = ()) -> dict[str, "Place"]:
        """The members of an object of which only some names are allowed and some must be there."""
        members = dict(self.entries())
        if not isinstance(self._value, dict):
            return {}
        for name, place in members.items():
            if name not in allowed:
                place.wrong(f"unknown key; known here are {', '.join(allowed)}")
        for name in required:
            if name not in members:
                self.wrong(f'"{name}" is missing; add it')
        return {name: place for name, place in members.items() if name in allowed}

    def items(self, *, quiet: bool = False) -> list["Place"]:
        """The elements of a list."""
        if not isinstance(self._value, list):
            if not quiet:
                self.wrong(f"must be a list […], not {_kind(self._value)}")
            return []
        elements = cast("list[object]", self._value)
        return [Place(value, f"{self._path}[{i}]", self._problems) for i, value in enumerate(elements)]

    def text(self) -> str | None:
        """A text that is not empty."""
        value = self._value
        if type(value) is not str:
            self.wrong(f"must be a text, not {_kind(value)}")
        elif not value.strip():
            self.wrong("must not be empty")
        elif len(value) > _LONGEST_TEXT:
            self.wrong(f"longer than {_LONGEST_TEXT} characters; shorten it")
        elif not value.isprintable():
            self.wrong("contains control characters; remove them")
        else:
            return value
        return None

    def choice(self, *allowed: str) -> str | None:
        """One of some texts."""
        if type(self._value) is str and self._value in allowed:
            return self._value
        self.wrong(f"must be one of {', '.join(allowed)}, not {_shown(self._value)}")
        return None

    def boolean(self) -> bool | None:
        if isinstance(self._value, bool):
            return self._value
        self.wrong(f"must be true or false, not {_shown(self._value)}")
        return None

    def number(
        self,
        *,
        least: Decimal | None = None,
        above: Decimal | None = None,
        most: Decimal | None = None,
        below: Decimal | None = None,
        mend: str = "",
    ) -> Decimal | None:
        """A decimal number, given as text or as a JSON number, within bounds."""
        value = self._value
        number = parse_decimal(value) if isinstance(value, str) else None
        after = f"; {mend}" if mend else ""
        if number is None:
            self.wrong(f'must be a decimal number like "0.5", not {_shown(value)}{after}')
        elif above is not None and number <= above:
            self.wrong(f"must be above {above}, not {value}{after}")
        elif least is not None and number < least:
            self.wrong(f"must not be below {least}, it is {value}{after}")
        elif most is not None and number > most:
            self.wrong(f"must not be above {most}, it is {value}{after}")
        elif below is not None and number >= below:
            self.wrong(f"must be below {below}, not {value}{after}")
        else:
            return number
        return None


def at(value: object, path: str, problems: Problems) -> Place:
    """The root of a document."""
    return Place(value, path, problems)


def _joined(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step}]"
    shown = step if len(step) <= _LONGEST_TEXT and step.isprintable() else repr(step[:40])
    return f"{path}.{shown}" if path else shown


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text" if type(value) is str else "a number"
        case _:
            return type(value).__name__


def _shown(value: object) -> str:
    if isinstance(value, str):
        text = value if len(value) <= 40 else value[:40] + "…"
        return repr(str(text))
    return _kind(value)
