"""Positions as CSV with our own columns: read into a desk with every fault at its row, and written."""

import csv
import io

from msgspec.structs import replace

from workstation.desk.fields import Problems, at
from workstation.desk.portfolio_file import VENUE_IDS, check_legs, read_position
from workstation.desk.state import DeskState
from workstation.domain.parsing import parse_decimal
from workstation.domain.position import Account, Position
from workstation.domain.problem import BadInput

COLUMNS = (
    "account",
    "venue",
    "symbol",
    "side",
    "quantity",
    "contracts",
    "entry_price",
    "margin_mode",
    "leverage",
    "isolated_wallet",
    "mark",
)
_OF_POSITION = COLUMNS[2:-1]
_NEEDED = ("account", "venue", "symbol", "side", "entry_price")
LARGEST_FILE = 8 * 1024 * 1024
# a spreadsheet would run a text that starts like this as a formula
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def read_positions(data: bytes, desk: DeskState) -> DeskState:
    """The desk with the file's positions added: to the account of that name and venue, or to a new one.

    The first line names the columns, of which COLUMNS are known; blank cells say nothing. Separators may be comma,
    semicolon or tab. Raises BadInput with every fault, placed like ``line 3.quantity``; then nothing is added.
    """
    problems = Problems()
    accounts = {(account.name, account.venue): account for account in desk.accounts}
    places = {
        key: [at(None, "a position that the desk holds", problems) for _ in account.positions]
        for key, account in accounts.items()
    }
    marks = {venue: dict(symbols) for venue, symbols in desk.marks.items()}
    for line, cells in _rows(data, problems):
        where = f"line {line}"
        root = at({name: cells[name] for name in _OF_POSITION if cells.get(name)}, where, problems)
        name, venue = cells.get("account", ""), cells.get("venue", "")
        if not name:
            root.child("account").wrong("is missing; name the account")
        if venue not in VENUE_IDS:
            root.child("venue").wrong(f"unknown venue; known are {', '.join(VENUE_IDS)}")
        position = read_position(root)
        mark = parse_decimal(cells["mark"]) if cells.get("mark") else None
        if cells.get("mark") and (mark is None or mark <= 0):
            root.child("mark").wrong('must be a decimal number above 0 like "98000.5"')
        elif mark is not None:
            marks.setdefault(venue, {})[position.symbol] = mark
        account = accounts.get((name, venue)) or Account(name=name, venue=venue)
        accounts[name, venue] = replace(account, positions=(*account.positions, position))
        places.setdefault((name, venue), []).append(root)
    for key, account in accounts.items():
        check_legs(places[key], account.positions, desk.instruments.get(account.venue, {}))
    if problems.found:
        raise BadInput(problems.found)
    return replace(desk, accounts=tuple(accounts.values()), marks=marks)


def write_positions(desk: DeskState) -> bytes:
    """All positions of the desk, in UTF-8 with a byte-order mark for spreadsheets; stops stay in the portfolio file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for account in desk.accounts:
        for position in account.positions:
            mark = desk.marks.get(account.venue, {}).get(position.symbol)
            writer.writerow(
                [_cell(account.name), account.venue, *_cells(position), "" if mark is None else f"{mark:f}"]
            )
    return out.getvalue().encode("utf-8-sig")


def _cells(position: Position) -> list[str]:
    values = (getattr(position, name) for name in _OF_POSITION)
    return ["" if v is None else _cell(v) if isinstance(v, str) else f"{v:f}" for v in values]


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _rows(data: bytes, problems: Problems) -> list[tuple[int, dict[str, str]]]:
    if len(data) > LARGEST_FILE:
        problems.add("", f"the file is larger than {LARGEST_FILE // 1024 // 1024} MiB; split it")
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add("", f"byte {error.start} is not UTF-8; save the file as UTF-8")
        return []
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.add("", f"not CSV: {error}; save it anew from the spreadsheet")
        return []
    titles = [title.strip() for title in lines[0]] if lines else []
    for title in titles:
        if title not in COLUMNS or titles.count(title) > 1:
            problems.add("line 1", f"column {title!r} is unknown or stands twice; known are {', '.join(COLUMNS)}")
    for title in _NEEDED:
        if title not in titles:
            problems.add("line 1", f"column {title!r} is missing; add it")
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in enumerate(lines[1:], start=2):
        if len(cells) > len(titles):
            problems.add(
                f"line {number}", f"has {len(cells)} cells, the first line has {len(titles)}; take the rest out"
            )
        elif any(cell.strip() for cell in cells):
            rows.append((number, {t: c.strip().removeprefix("'") for t, c in zip(titles, cells, strict=False)}))
    return [] if problems.found else rows
