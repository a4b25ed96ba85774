"""The table files of a recording (Parquet, CSV, CSV.gz): read into columns through duckdb, within bounds of size."""

import csv
import gzip
import io
import re
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import cast

import duckdb
import msgspec
import numpy as np
import numpy.typing as npt

from workstation.desk.fields import Problems
from workstation.feeds.recording_tables import Column, TableSpec

MOST_ROWS = 5_000_000  # of all tables: as records they take half a gigabyte
LARGEST_CSV = 1024**3  # unpacked; a small .gz may hold any number of zeros
LARGEST_PARQUET = 2 * 1024**3  # unpacked
MOST_TEXTS = 60_000  # different symbols or accounts of one table
_MOST_DOCUMENTS = 64 * 1024**2  # characters in a column of JSON texts
_LONGEST_HEADER = 64 * 1024
_LONGEST_TEXT = 200
_FORMATS = (".parquet", ".csv", ".csv.gz")
_NUMERIC = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\)")
_CSV_LINE = re.compile(r"CSV Error on Line: (\d+)")
_TEXTUAL = re.compile(r"VARCHAR|ENUM\(.*", re.DOTALL)

Values = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


class Texts(msgspec.Struct, frozen=True, eq=False):
    """A column of texts: row i says `said[codes[i]]`, or nothing where the code is -1."""

    said: tuple[str, ...]
    codes: Codes


class Numbers(msgspec.Struct, frozen=True, eq=False):
    """A column of numbers. `empty` rows say nothing, `garbage` rows no number: their values mean nothing."""

    values: Values
    empty: Flags
    garbage: Flags


class RawTable(msgspec.Struct, frozen=True, eq=False):
    """A table as it stands in its file: the declared columns that it has, unjudged."""

    rows: int
    columns: Mapping[str, Texts | Numbers]


class TableFiles:
    """Reads the tables of one folder. A context: what it unpacked is gone at its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows_left = MOST_ROWS
        # No extension may be fetched, nothing may spill to the disk, and a hostile file gets no more than this memory.
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": 2,
                "memory_limit": "3GB",
                "temp_directory": "",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self._unpacked = tempfile.TemporaryDirectory(prefix="recording-", ignore_cleanup_errors=True)

    def __enter__(self) -> "TableFiles":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
        self._unpacked.cleanup()

    def read(self, spec: TableSpec, problems: Problems) -> RawTable | None:
        """The table, or None where the folder has none or, with a problem noted, where it cannot be read."""
        paths = [path for form in _FORMATS if (path := self._folder / (spec.name + form)).exists()]
        if not paths:
            return None
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            problems.add(spec.name, f"is here more than once ({names}); keep one")
            return None
        path = paths[0]
        is_text = path.suffix != ".parquet"
        before = len(problems.found)
        try:
            columns = self._load_csv(path, spec, problems) if is_text else self._load_parquet(path, spec, problems)
            if len(problems.found) > before:
                return None
            return self._take_out(columns, spec, is_text, problems)
        except (duckdb.Error, OSError, EOFError, zlib.error) as error:
            self._note(error, path, spec, problems)
            return None

    def text_at(self, column: str, row: int) -> str | None:
        """What stands in a cell of the table that was read last; None where it is empty."""
        query = f"SELECT CAST({_quoted(column)} AS VARCHAR) FROM loaded LIMIT 1 OFFSET {row}"  # noqa: S608  (quoted)
        found = self._connection.execute(query).fetchone()
        return None if found is None or found[0] is None else str(found[0])[:_LONGEST_TEXT]

    # --- loading ------------------------------------------------------------------------------------------------------

    def _load_parquet(self, path: Path, spec: TableSpec, problems: Problems) -> list[Column]:
        file = _literal(_unglobbed(path))
        rows = self._number(f"SELECT sum(num_rows) FROM parquet_file_metadata({file})")  # noqa: S608
        size = self._number(f"SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata({file})")  # noqa: S608
        if rows > self._rows_left:
            problems.add(spec.name, f"the tables have more than {MOST_ROWS:,} rows together; split the recording")
        elif size > LARGEST_PARQUET:
            problems.add(spec.name, f"unpacks to more than {LARGEST_PARQUET // 1024**3} GiB; split the recording")
        else:
            # A folder named like `venue=okx` is no column.
            source = f"read_parquet({file}, hive_partitioning = false)"
            described = self._connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            types = {str(name): str(kind) for name, kind, *_ in described}
            columns = _present(spec, list(types), problems)
            for column in columns:
                _check_type(column, types[column.name], spec, problems)
            self._create(source, columns)
            return columns
        return []

    def _load_csv(self, path: Path, spec: TableSpec, problems: Problems) -> list[Column]:
        if path.suffix == ".gz":
            path = self._unpack(path)
        if path.stat().st_size > LARGEST_CSV:
            problems.add(spec.name, f"is larger than {LARGEST_CSV // 1024**3} GiB unpacked; split the recording")
            return []
        with path.open("rb") as file:
            line = file.readline(_LONGEST_HEADER)
        try:
            header = next(csv.reader(io.StringIO(line.decode("utf-8-sig"))), list[str]())
        except (UnicodeDecodeError, csv.Error):
            problems.add(spec.name, "the first line is no list of column names in UTF-8; mend it")
            return []
        columns = _present(spec, header, problems)
        if columns:
            declared = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in header)
            self._create(
                f"read_csv({_literal(_unglobbed(path))}, auto_detect = false, columns = {{{declared}}}, header = false,"
                " skip = 1, delim = ',', quote = '\"', escape = '\"', hive_partitioning = false)",
                columns,
            )
        return columns

    def _unpack(self, path: Path) -> Path:
        """One byte past the bound is enough to be refused by it."""
        target = Path(self._unpacked.name) / path.stem
        left = LARGEST_CSV + 1
        with gzip.open(path) as packed, target.open("wb") as plain:
            while left and (piece := packed.read(min(left, 1024**2))):
                left -= plain.write(piece)
        return target

    def _create(self, source: str, columns: list[Column]) -> None:
        chosen = ", ".join(_quoted(column.name) for column in columns) or "1"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE loaded AS SELECT {chosen} FROM {source}")  # noqa: S608

    # --- taking out ---------------------------------------------------------------------------------------------------

    def _numbers(self, columns: list[Column], is_text: bool) -> dict[str, Texts | Numbers]:
        chosen: list[str] = []
        for i, column in enumerate(columns):
            cell = _quoted(column.name)
            if is_text:
                # duckdb reads 1_000 as a number, which no writer of tables means.
                number = f"CASE WHEN contains({cell}, '_') THEN NULL ELSE TRY_CAST({cell} AS DOUBLE) END"
                chosen.append(f"{number} AS x{i}, {cell} IS NULL AS empty{i}")
            else:
                chosen.append(f"CAST({cell} AS DOUBLE) AS x{i}")
        found = self._arrays(chosen)
        numbers: dict[str, Texts | Numbers] = {}
        for i, column in enumerate(columns):
            values = found[f"x{i}"]
            without = np.ma.getmaskarray(values)
            empty = np.asarray(found[f"empty{i}"], np.bool_) if is_text else without
            numbers[column.name] = Numbers(np.asarray(np.ma.getdata(values), np.float64), empty, without & ~empty)
        return numbers

    def _texts(self, columns: list[Column], spec: TableSpec, problems: Problems) -> dict[str, Texts | Numbers]:
        """Each different text once, in order, and which of them each row says."""
        said: dict[str, tuple[str, ...]] = {}
        for i, column in enumerate(columns):
            cell = _quoted(column.name)
            different = f"SELECT DISTINCT CAST({cell} AS VARCHAR) AS x FROM loaded WHERE {cell} IS NOT NULL"  # noqa: S608
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE different AS {different} LIMIT {MOST_TEXTS + 1}")
            found = self._connection.execute("SELECT x FROM different ORDER BY x").fetchall()
            if len(found) > MOST_TEXTS:
                what = f"has more than {MOST_TEXTS:,} different texts; split the recording"
                problems.add(spec.name, f"{column.name}: {what}")
                return {}
            said[column.name] = tuple(str(row[0]) for row in found)
            if found:
                self._connection.execute(f"CREATE OR REPLACE TYPE said{i} AS ENUM (SELECT x FROM different ORDER BY x)")  # noqa: S608
        chosen = [
            f"enum_code(CAST(CAST({_quoted(column.name)} AS VARCHAR) AS said{i})) AS x{i}"
            if said[column.name]
            else f"NULL::UTINYINT AS x{i}"
            for i, column in enumerate(columns)
        ]
        codes = self._arrays(chosen)
        texts: dict[str, Texts | Numbers] = {}
        for i, column in enumerate(columns):
            code = codes[f"x{i}"]
            known = np.where(np.ma.getmaskarray(code), -1, np.ma.getdata(code).astype(np.intp))
            texts[column.name] = Texts(said[column.name], known.astype(np.intp))
        return texts

    def _documents(self, column: Column) -> Texts:
        cell = _quoted(column.name)
        rows = self._connection.execute(f"SELECT CAST({cell} AS VARCHAR) FROM loaded").fetchall()  # noqa: S608
        said = tuple("" if row[0] is None else str(row[0]) for row in rows)
        return Texts(said, np.array([-1 if row[0] is None else i for i, row in enumerate(rows)], np.intp))

    def _take_out(self, columns: list[Column], spec: TableSpec, is_text: bool, problems: Problems) -> RawTable | None:
        """Everything that was loaded, once its size is known to be sane."""
        before = len(problems.found)
        rows = self._number("SELECT count(*) FROM loaded")
        self._rows_left -= rows
        if self._rows_left < 0:
            problems.add(spec.name, f"the tables have more than {MOST_ROWS:,} rows together; split the recording")
        documents = [column for column in columns if column.holds == "document"]
        texts = [column for column in columns if column.holds in ("venue", "symbol", "word", "text")]
        sizes = [f"max(length({_quoted(column.name)}))" for column in texts]
        sizes += [f"sum(length({_quoted(column.name)}))" for column in documents]
        found = self._connection.execute(f"SELECT {', '.join(sizes)} FROM loaded").fetchone() or ()  # noqa: S608
        for column, size in zip([*texts, *documents], cast("tuple[int | None, ...]", found), strict=True):
            most = _MOST_DOCUMENTS if column.holds == "document" else _LONGEST_TEXT
            if size is not None and size > most:
                what = f"has {size:,} characters where {most:,} are the most; split the recording"
                problems.add(spec.name, f"{column.name}: {what}")
        if len(problems.found) > before:
            return None
        read = self._numbers([column for column in columns if column.holds in ("number", "whole")], is_text)
        read |= self._texts(texts, spec, problems)
        read |= {column.name: self._documents(column) for column in documents}
        return RawTable(rows, read) if len(problems.found) == before else None

    def _arrays(self, chosen: list[str]) -> dict[str, npt.NDArray[np.generic]]:
        """Columns of what is loaded, by name; one in which something is NULL is a masked array."""
        query = f"SELECT {', '.join(chosen)} FROM loaded"  # noqa: S608
        return cast("dict[str, npt.NDArray[np.generic]]", self._connection.execute(query).fetchnumpy())

    def _number(self, query: str) -> int:
        found = self._connection.execute(query).fetchone()
        return int(cast("int", found[0])) if found else 0

    def _note(self, error: BaseException, path: Path, spec: TableSpec, problems: Problems) -> None:
        """The line of a CSV, or the reader's own first words without the machine's folders."""
        said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        if line := _CSV_LINE.search(said):
            number = int(line.group(1))
            what = f"has too few or many cells, or broken quotes or letters; mend line {number}"
            problems.add(f"{spec.name} row {number - 1}", what)
            return
        for place in (str(self._folder), self._unpacked.name):
            said = said.replace(_unglobbed(Path(place)), "").replace(place, "")
        problems.add(spec.name, f"{path.name} cannot be read ({said[:300]}); write it anew")


def _present(spec: TableSpec, names: list[str], problems: Problems) -> list[Column]:
    """The declared columns that a file has; those that it lacks or has twice are problems."""
    twice = {name for name in names if names.count(name) > 1} if len(names) < 1000 else set(names)
    for name in sorted(twice):
        problems.add(spec.name, f'the column "{name[:_LONGEST_TEXT]}" stands more than once; keep one')
    for column in spec.columns:
        if column.name not in names and not column.optional:
            problems.add(spec.name, f'the column "{column.name}" is missing; add it')
    return [] if twice else [column for column in spec.columns if column.name in names]


def _check_type(column: Column, kind: str, spec: TableSpec, problems: Problems) -> None:
    wants_number = column.holds in ("number", "whole")
    if not (_NUMERIC if wants_number else _TEXTUAL).fullmatch(kind):
        wanted = "numbers" if wants_number else "texts"
        problems.add(spec.name, f"{column.name}: must hold {wanted}, not {kind[:40]}; write it anew with that type")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unglobbed(path: Path) -> str:
    """A path in which duckdb sees no pattern."""
    return re.sub(r"[\[*?]", lambda found: f"[{found.group()}]", str(path.resolve()))
