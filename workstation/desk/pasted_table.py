"""A pasted or dropped table as text cells, and a guess at what its columns are and how its numbers are written.

Public: `Table`, `read_table`, `Meaning`, `MEANINGS`, `guess_meanings`, `NumberForm`, `NUMBER_FORMS`, `guess_numbers`,
`plain_number`. What the rows mean as positions is said in pasted_positions.py.
"""

import csv
import io
import re
from typing import Literal, get_args

import msgspec

from workstation.desk.positions_csv import LARGEST_FILE
from workstation.domain.parsing import parse_decimal
from workstation.domain.problem import BadInput, Problem

Meaning = Literal[
    "ignored",
    "account",
    "venue",
    "symbol",
    "side",
    "quantity",
    "contracts",
    "size in USD",
    "entry price",
    "margin mode",
    "leverage",
    "isolated wallet",
    "mark",
]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)
NumberForm = Literal["1234.5", "1,234.5", "1.234,5"]
NUMBER_FORMS: tuple[NumberForm, ...] = get_args(NumberForm)

MOST_ROWS = 1_000
MOST_COLUMNS = 60
_LONGEST_CELL = 200
# titles of venues' exports and of spreadsheets, without case, blanks and marks
_TITLES: dict[Meaning, tuple[str, ...]] = {
    "account": ("account", "accountname", "subaccount", "wallet name"),
    "venue": ("venue", "exchange"),
    "symbol": (
        *(
            "symbol",
            "instrument",
            "instrumentname",
            "instid",
            "market",
            "pair",
            "tradingpair",
            "ticker",
            "coin",
            "asset",
        ),
        *("futures", "contract", "product", "underlying"),
    ),
    "side": ("side", "direction", "positionside", "posside", "longshort", "positiontype"),
    "quantity": (
        *("quantity", "qty", "size", "amount", "positionsize", "positionamt", "positionamount", "positionqty", "pos"),
        *("position", "positionquantity", "currentqty", "szi", "holding"),
    ),
    "contracts": ("contracts", "numberofcontracts", "conts", "cont", "lots", "sz"),
    "size in USD": ("sizeinusd", "sizeusd", "notionalusd", "positionvalueusd", "sizeinusdt"),
    "entry price": (
        *(
            "entryprice",
            "entry",
            "avgentryprice",
            "averageentryprice",
            "avgprice",
            "averageprice",
            "avgpx",
            "openprice",
        ),
        *("avgopenprice", "openingprice", "averageopenprice", "entrypx", "avgcost", "averagecost", "costprice"),
    ),
    "margin mode": ("marginmode", "margintype", "mgnmode", "marginmethod", "crossisolated", "mode"),
    "leverage": ("leverage", "lever", "lev"),
    "isolated wallet": ("isolatedwallet", "isolatedmargin", "isolatedwalletbalance"),
    "mark": ("mark", "markprice", "markpx", "oracleprice"),
}
_BY_TITLE: dict[str, Meaning] = {re.sub(r"\W", "", t): meaning for meaning, titles in _TITLES.items() for t in titles}
_DECIMAL_COMMA = re.compile(r"[^\d.,]*(\d{1,3}([.\s]\d{3})+,\d+|0,\d+|\d+,(\d{1,2}|\d{4,}))[^\d.,]*")
_UNIT_IN_TITLE = re.compile(r"[\(\[].*?[\)\]]")


class Table(msgspec.Struct, frozen=True):
    """Cells as texts, every row as long as `titles`. `lines`: where each row stands in the text; `named`: the first
    line held titles (else they are made up).
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    named: bool


def read_table(text: str) -> Table:
    """The table in a text with commas, semicolons or tabs between its cells. Raises BadInput where there is none.

    >>> read_table("Symbol\\tSize\\nBTCUSDT\\t0.5\\n").rows
    (('BTCUSDT', '0.5'),)
    """
    if len(text) > LARGEST_FILE:
        raise _bad("", f"larger than {LARGEST_FILE // 1024 // 1024} MiB; take only the positions")
    text = text.lstrip("\ufeff\r\n").replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    separator = max("\t;,", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise _bad("", f"not a table: {error}; copy it anew from the spreadsheet") from error
    filled = [(number, cells) for number, cells in enumerate(lines, start=1) if any(cell.strip() for cell in cells)]
    if not filled:
        raise _bad("", "nothing to read; copy rows with a symbol, a side, a size and an entry price")
    width = max(len(cells) for _, cells in filled)
    if len(filled) > MOST_ROWS + 1 or width > MOST_COLUMNS:
        raise _bad("", f"more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; take only the positions")
    padded = [(number, tuple(_cell(cell) for cell in cells) + ("",) * (width - len(cells))) for number, cells in filled]
    named = _is_heading(padded[0][1])
    titles = padded[0][1] if named else ("",) * width
    rows = padded[1:] if named else padded
    if not rows:
        raise _bad("", "there is only a line of titles; copy the rows below it too")
    shown = tuple(title or f"column {number}" for number, title in enumerate(titles, start=1))
    return Table(shown, tuple(cells for _, cells in rows), tuple(line for line, _ in rows), named)


def guess_meanings(table: Table) -> tuple[Meaning, ...]:
    """What each column is, by its title, or by its cells where there are no titles; each meaning at most once."""
    taken: set[Meaning] = set()
    meanings: list[Meaning] = []
    for column, title in enumerate(table.titles):
        cells = [row[column] for row in table.rows if row[column]]
        meaning = _by_title(title, cells) if table.named else _by_cells(cells)
        if meaning in taken:
            meaning = "ignored"
        taken.add(meaning)
        meanings.append(meaning)
    return tuple(meanings)


def guess_numbers(table: Table) -> NumberForm:
    """How numbers are written: with a point alone unless some cell can only be read with groups or a decimal comma."""
    cells = [cell for row in table.rows for cell in row]
    if any(re.fullmatch(r"[^\d]*\d{1,3}(,\d{3})+\.\d+[^\d.,]*", cell) for cell in cells):
        return "1,234.5"
    # a comma with one, two or four digits behind it, behind a nought or behind groups, parts no thousands
    if any(re.fullmatch(_DECIMAL_COMMA, cell) for cell in cells):
        return "1.234,5"
    return "1234.5"


def plain_number(text: str, form: NumberForm) -> str | None:
    """A number with a point and without groups; None where the text does not fit the form.

    >>> plain_number("98,000.50", "1,234.5"), plain_number("98.000,5", "1.234,5"), plain_number("98,000", "1234.5")
    ('98000.50', '98000.5', None)
    >>> plain_number("98 000.5", "1234.5"), plain_number("98 5", "1234.5")
    ('98000.5', None)
    """
    group, point = {"1234.5": ("", "."), "1,234.5": (",", "."), "1.234,5": (".", ",")}[form]
    bare = text.strip().replace("−", "-").lstrip("$+- ")
    if re.search(r"\s", bare) and not re.fullmatch(rf"\d{{1,3}}(\s\d{{3}})+({re.escape(point)}\d*)?", bare):
        return None  # a blank parts thousands, or two numbers
    bare = re.sub(r"\s", "", text).replace("−", "-").lstrip("$")
    if group and group in bare:
        whole = bare.partition(point)[0]
        if not re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(group)}\d{{3}})+", whole) or group in bare[len(whole) :]:
            return None
        bare = bare.replace(group, "")
    if point == ",":
        bare = bare if "." not in bare else "?"
    bare = bare.replace(point, ".")
    return bare if parse_decimal(bare) is not None else None


def _cell(text: str) -> str:
    # a spreadsheet's guard against formulas, as our own export writes it
    plain = text.strip().removeprefix("'")
    return plain if len(plain) <= _LONGEST_CELL else plain[:_LONGEST_CELL] + "…"


def _bare_title(title: str) -> str:
    return re.sub(r"[\W_]", "", _UNIT_IN_TITLE.sub("", title).lower())


def _is_heading(cells: tuple[str, ...]) -> bool:
    known = sum(_bare_title(cell) in _BY_TITLE for cell in cells)
    return known >= 2 or not any(re.search(r"\d", cell) for cell in cells)


def _by_title(title: str, cells: list[str]) -> Meaning:
    meaning = _BY_TITLE.get(_bare_title(title), "ignored")
    if meaning == "contracts" and cells and not any(re.match(r"[+\-−]?[\d.]", cell) for cell in cells):
        return "symbol"  # one large venue heads its symbols so
    return meaning


def _by_cells(cells: list[str]) -> Meaning:
    """Only what cannot be mistaken: numbers are for the trader to name."""
    lower = {cell.lower() for cell in cells}
    if lower and lower <= {"long", "short", "buy", "sell"}:
        return "side"
    if lower and lower <= {"cross", "isolated"}:
        return "margin mode"
    if lower and all(re.fullmatch(r"\d+(\.\d+)?[x×]", cell) for cell in lower):
        return "leverage"
    letters = bool(cells) and all(re.search(r"[A-Za-z]{2}", cell) for cell in cells)
    return "symbol" if letters and any(re.search(r"USD|PERP|/", cell, re.IGNORECASE) for cell in cells) else "ignored"


def _bad(where: str, text: str) -> BadInput:
    return BadInput((Problem(where, text),))
