"""Recordings are opened whole or refused whole, each fault with its row and reason."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from tests.kit.recordings import BTC, ETH, HOUR, MANIFEST, MINUTE, SOUND, SPOT, T0, VENUE, candle, write_recording
from workstation.domain.problem import BadInput
from workstation.feeds import recording_files
from workstation.feeds.recording import open_recording
from workstation.feeds.recording_tables import TABLE_BY_NAME

FORMS = ("csv", "csv.gz", "parquet")


def faults(folder: Path) -> dict[str, str]:
    """What is said of a recording that must not open, by place."""
    with pytest.raises(BadInput) as caught:
        open_recording(folder)
    return {problem.where: problem.text for problem in caught.value.problems}


def names_of(table: str) -> list[str]:
    return [column.name for column in TABLE_BY_NAME[table].columns if not column.optional]


def changed(table: str, row: int, **cells: object) -> list[list[object]]:
    """The sound rows of a table with some cells of one row replaced."""
    rows = [list(each) for each in SOUND[table]]
    for name, value in cells.items():
        rows[row][names_of(table).index(name)] = value
    return rows


# --- sound ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_every_table_opens_in_every_form(form: str, tmp_path: Path):
    data = open_recording(write_recording(tmp_path / "calm", SOUND, form))
    assert {name: table.rows for name, table in data.tables.items()} == {n: len(rows) for n, rows in SOUND.items()}
    assert set(data.names) == {(VENUE, BTC), (VENUE, SPOT), (VENUE, ETH)}
    candles = data.tables["candles"]
    assert [data.names[i][1] for i in candles.instrument] == [BTC, SPOT, BTC, BTC]
    assert candles.columns["close"].tolist() == [100.0, 200.0, 101.0, 102.0]
    assert candles.columns["open_ms"].dtype == np.int64
    assert candles.known_ms.tolist() == [T0 + MINUTE, T0 + MINUTE, T0 + 5 * MINUTE, T0 + 2 * MINUTE]
    liquidations = data.tables["liquidations"]
    words = [column.words for column in liquidations.spec.columns if column.name in ("side", "coverage")]
    assert [words[0][code] for code in liquidations.columns["side"]] == ["long", "short"]
    assert [words[1][code] for code in liquidations.columns["coverage"]] == ["sampled", "complete"]
    assert data.tables["positions"].texts["account"] == ("0xabc", "0xdef")
    assert np.isnan(data.tables["positions"].columns["liquidation_price"]).tolist() == [False, True]
    assert data.tables["account_snapshots"].texts["document"] == ('{"balances": {"USDT": "100"}}',)
    assert (data.source.kind, data.source.name, data.manifest.origin) == ("historical", "calm", "made for a test")


def test_columns_cannot_be_written_to(tmp_path: Path):
    table = open_recording(write_recording(tmp_path, SOUND)).tables["marks"]
    with pytest.raises(ValueError, match="read-only"):
        table.columns["mark"][0] = 1.0


@pytest.mark.parametrize("form", FORMS)
def test_optional_columns_are_read_and_may_be_left_empty(form: str, tmp_path: Path):
    rows = [(VENUE, BTC, T0, 100.0, None), (VENUE, BTC, T0 + 1, 100.0, 99.5)]
    folder = write_recording(tmp_path, {"marks": rows}, form, {"marks": [*names_of("marks"), "index"]})
    index = open_recording(folder).tables["marks"].columns["index"]
    assert np.isnan(index[0])
    assert index[1] == 99.5


def test_columns_and_files_of_others_are_left_alone(tmp_path: Path):
    rows = [(VENUE, BTC, T0, 100.0, "nan")]
    folder = write_recording(tmp_path, {"marks": rows}, columns={"marks": [*names_of("marks"), "mood"]}, author="me")
    (folder / "notes.md").write_text("calm", encoding="utf-8")
    (folder / "extra").mkdir()
    table = open_recording(folder).tables["marks"]
    assert set(table.columns) == {"at_ms", "mark"}


@pytest.mark.parametrize("form", FORMS)
def test_a_recording_may_be_empty(form: str, tmp_path: Path):
    assert open_recording(write_recording(tmp_path / "none", {})).tables == {}
    empty = open_recording(write_recording(tmp_path / "empty", dict.fromkeys(SOUND, ()), form))
    assert {table.rows for table in empty.tables.values()} == {0}
    assert empty.names == ()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_folder_may_have_any_name(form: str, tmp_path: Path):
    folder = tmp_path / "10% [oct]*?" / "venue=okx" / "it's 'so'"
    data = open_recording(write_recording(folder, {"candles": SOUND["candles"]}, form))
    assert data.tables["candles"].rows == 4
    assert {venue for venue, _ in data.names} == {VENUE}


def test_a_symbol_that_the_manifest_does_not_name_is_taken_at_its_word(tmp_path: Path):
    rows = [(VENUE, "SOL/USDT:USDT", T0, 5.0), ("bitmex", "XBT/USD:XBT", T0, 5.0)]
    source = open_recording(write_recording(tmp_path, {"marks": rows}, instruments={})).source
    assert source.instruments[VENUE]["SOL/USDT:USDT"].kind == "linear"
    assert source.instruments["bitmex"]["XBT/USD:XBT"].kind == "inverse"
    assert source.instruments["bitmex"]["XBT/USD:XBT"].contract_size is None


def test_symbols_of_every_script_are_read(tmp_path: Path):
    data = open_recording(write_recording(tmp_path, {"marks": [(VENUE, "哈基米/USDT:USDT", T0, 5.0)]}))
    assert data.names == ((VENUE, "哈基米/USDT:USDT"),)


def test_a_time_before_the_beginning_is_history(tmp_path: Path):
    rows = [(VENUE, BTC, T0 - HOUR, 5.0)]
    assert open_recording(write_recording(tmp_path, {"marks": rows})).tables["marks"].rows == 1


# --- rows that are refused --------------------------------------------------------------------------------------------

BAD_CELLS: list[tuple[str, int, dict[str, object], str]] = [
    ("candles", 1, {"high": "nan"}, "high: is NaN or infinite"),
    ("candles", 3, {"volume_base": "inf"}, "volume_base: is NaN or infinite"),
    ("candles", 0, {"volume_base": -1.0}, "volume_base: is below 0"),
    ("candles", 0, {"low": 0.0}, "low: must be above 0"),
    ("candles", 0, {"open": -5.0}, "open: must be above 0"),
    ("candles", 2, {"high": 50.0}, "high: is below another price"),
    ("candles", 2, {"low": 100.5}, "low: is above another price"),
    ("candles", 1, {"interval_ms": 0}, "interval_ms: is below 1"),
    ("candles", 1, {"venue": "mtgox"}, "venue: 'mtgox' is unknown"),
    ("candles", 1, {"symbol": "BTCUSDT"}, "symbol: 'BTCUSDT' is no unified symbol"),
    ("candles", 1, {"symbol": None}, "symbol: is empty"),
    ("candles", 2, {"close": None}, "close: is empty"),
    ("candles", 3, {"open_ms": T0 - 1}, "open_ms: is earlier than in the row before"),
    ("candles", 3, {"open_ms": T0 + 25 * HOUR}, "open_ms: is later than the manifest's to_ms"),
    ("marks", 0, {"mark": 1e300}, "mark: is above 1e+30"),
    ("marks", 2, {"at_ms": T0}, "at_ms: is earlier than in the row before"),
    ("marks", 2, {"symbol": SPOT}, "is spot, which has candles only"),
    ("open_interest", 0, {"open_interest_base": -0.5}, "open_interest_base: is below 0"),
    ("funding", 0, {"rate": "nan"}, "rate: is NaN or infinite"),
    ("funding", 0, {"interval_h": 0}, "interval_h: must be above 0"),
    ("liquidations", 1, {"side": "buy"}, "side: 'buy' is unknown; known are long, short"),
    ("liquidations", 1, {"coverage": "some"}, "coverage: 'some' is unknown; known are complete, sampled, estimated"),
    ("liquidations", 0, {"price_kind": "mark"}, "price_kind: 'mark' is unknown; known are fill, bankruptcy"),
    ("liquidations", 0, {"quantity_base": -2.0}, "quantity_base: is below 0"),
    ("depth", 1, {"ask_usd": -1.0}, "ask_usd: is below 0"),
    ("depth", 1, {"distance": 1.5}, "distance: is above 1"),
    ("account_snapshots", 0, {"document": "[1]"}, "document: is no JSON object"),
    ("account_snapshots", 0, {"account": None}, "account: is empty"),
    ("long_short", 0, {"long_accounts": 1.2}, "long_accounts: is above 1"),
    ("long_short", 0, {"long_accounts": 0.7}, "are more than 1 together"),
    ("positions", 1, {"leverage": 0.0}, "leverage: must be above 0"),
    ("positions", 1, {"liquidation_price": "nan"}, "liquidation_price: is NaN or infinite"),
    ("quotes", 0, {"bid": 100.5}, "bid: is above the ask"),
]


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(("table", "row", "cells", "said"), BAD_CELLS, ids=lambda value: str(value)[:40])
def test_a_bad_row_is_refused_with_its_number_and_reason(
    table: str, row: int, cells: dict[str, object], said: str, form: str, tmp_path: Path
):
    folder = write_recording(tmp_path, {table: changed(table, row, **cells)}, form)
    found = faults(folder)
    assert list(found) == [f"{table} row {row + 1}"]
    assert said in found[f"{table} row {row + 1}"]


@pytest.mark.parametrize("text", ["abc", "1_000", "1,5", "0x10", "٣", "true"])
def test_what_is_no_number_is_refused_in_text(text: str, tmp_path: Path):
    found = faults(write_recording(tmp_path, {"marks": changed("marks", 1, mark=text)}))
    assert found["marks row 2"].startswith(f"mark: {text!r} is no number")


def test_a_time_with_a_fraction_is_refused(tmp_path: Path):
    found = faults(write_recording(tmp_path, {"marks": changed("marks", 1, at_ms=f"{T0 + 1}.5")}))
    assert "at_ms: is no whole number" in found["marks row 2"]


def test_nan_is_refused_in_optional_columns_too(tmp_path: Path):
    rows = [(VENUE, BTC, T0, 100.0, None), (VENUE, BTC, T0, 100.0, "nan")]
    found = faults(write_recording(tmp_path, {"marks": rows}, columns={"marks": [*names_of("marks"), "index"]}))
    assert "index: is NaN" in found["marks row 2"]


@pytest.mark.parametrize(("table", "form"), [*((table, "csv") for table in SOUND), ("candles", "parquet")])
def test_a_missing_column_is_named(table: str, form: str, tmp_path: Path):
    names = names_of(table)
    for gone in names:
        kept = [i for i, name in enumerate(names) if name != gone]
        rows = [[row[i] for i in kept] for row in SOUND[table]]
        folder = write_recording(tmp_path / gone, {table: rows}, form, {table: [names[i] for i in kept]})
        assert faults(folder) == {table: f'the column "{gone}" is missing; add it'}


def test_the_same_bar_twice_is_refused_and_another_interval_is_not_the_same(tmp_path: Path):
    rows = [candle(0), candle(0, interval_ms=5 * MINUTE), candle(0, symbol=ETH), candle(0, 101.0)]
    found = faults(write_recording(tmp_path, {"candles": rows}))
    assert list(found) == ["candles row 4"]
    assert "stands twice" in found["candles row 4"]


def test_two_forced_orders_may_be_alike(tmp_path: Path):
    rows = [SOUND["liquidations"][0]] * 2
    assert open_recording(write_recording(tmp_path, {"liquidations": rows})).tables["liquidations"].rows == 2


def test_many_bad_rows_are_one_problem_and_all_tables_are_judged(tmp_path: Path):
    marks = [(VENUE, BTC, T0, -1.0)] * 3
    found = faults(write_recording(tmp_path, {"marks": marks, "quotes": changed("quotes", 0, ask=0)}))
    assert found["marks row 1"].endswith("(and 2 more rows)")
    assert set(found) == {"marks row 1", "quotes row 1"}


# --- files that are refused -------------------------------------------------------------------------------------------


def test_a_table_in_two_forms_is_refused(tmp_path: Path):
    write_recording(tmp_path, {"marks": SOUND["marks"]}, "csv")
    write_recording(tmp_path, {"marks": SOUND["marks"]}, "parquet")
    assert "more than once (marks.parquet and marks.csv)" in faults(tmp_path)["marks"]


def test_a_column_that_stands_twice_is_refused(tmp_path: Path):
    rows = [(*row, 5.0) for row in SOUND["marks"]]
    found = faults(write_recording(tmp_path, {"marks": rows}, columns={"marks": [*names_of("marks"), "mark"]}))
    assert found["marks"] == 'the column "mark" stands more than once; keep one'


def test_numbers_as_texts_are_refused_in_parquet(tmp_path: Path):
    folder = write_recording(tmp_path, {"marks": SOUND["marks"]}, "parquet")
    table = duckdb.read_parquet(str(folder / "marks.parquet"))
    table.project("venue, symbol, at_ms, CAST(mark AS VARCHAR) AS mark").write_parquet(str(folder / "texts.parquet"))
    (folder / "texts.parquet").replace(folder / "marks.parquet")
    assert "mark: must hold numbers, not VARCHAR" in faults(folder)["marks"]


@pytest.mark.parametrize("keep", [0, 3, 50, 0.3, 0.9, -1])
@pytest.mark.parametrize("form", ["csv.gz", "parquet"])
def test_a_file_that_is_cut_short_is_refused(form: str, keep: float, tmp_path: Path):
    path = write_recording(tmp_path, {"candles": SOUND["candles"]}, form) / f"candles.{form}"
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
    found = faults(tmp_path)
    assert list(found) == ["candles"]
    assert str(tmp_path) not in found["candles"]


@pytest.mark.parametrize(
    "data",
    [
        b"venue,symbol,at_ms,mark\nokx,BTC/USDT:USDT,1\n",
        b"venue,symbol,at_ms,mark\nokx,BTC/USDT:USDT,1,2,3\n",
        b'venue,symbol,at_ms,mark\nokx,"BTC/USDT:USDT,1,2\n',
        b"venue,symbol,at_ms,mark\nokx,BTC/USDT:USDT\xff,1,2\n",
        b"\xff\xfe\x00venue",
        b"",
        b"\n\n\n",
        b"a" * 100_000,
        b"{}",
    ],
    ids=["short row", "long row", "open quote", "not UTF-8", "UTF-16", "nothing", "blank lines", "one word", "JSON"],
)
def test_what_is_no_such_csv_is_refused(data: bytes, tmp_path: Path):
    write_recording(tmp_path, {})
    (tmp_path / "marks.csv").write_bytes(data)
    assert "marks" in "".join(faults(tmp_path))


def test_a_broken_line_is_named(tmp_path: Path):
    write_recording(tmp_path, {})
    good = f"{VENUE},{BTC},{T0},100.5\n"
    (tmp_path / "marks.csv").write_text(f"venue,symbol,at_ms,mark\n{good}{good}{VENUE},{BTC}\n{good}", encoding="utf-8")
    assert faults(tmp_path)["marks row 3"].endswith("mend line 4")


def test_lines_may_end_as_on_windows_and_begin_with_a_byte_order_mark(tmp_path: Path):
    write_recording(tmp_path, {})
    lines = ["venue,symbol,at_ms,mark", f"{VENUE},{BTC},{T0},100.5", f'"{VENUE}","{BTC}","{T0}","100.5"']
    (tmp_path / "marks.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert open_recording(tmp_path).tables["marks"].columns["mark"].tolist() == [100.5, 100.5]


def test_what_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_recording(tmp_path, {})
    bomb = gzip.compress(b"venue,symbol,at_ms,mark\n" + b"0" * 3_000_000)
    (tmp_path / "marks.csv.gz").write_bytes(bomb)
    assert len(bomb) < 10_000
    monkeypatch.setattr(recording_files, "LARGEST_CSV", 1_000_000)
    assert "unpacked; split the recording" in faults(tmp_path)["marks"]


@pytest.mark.parametrize("form", FORMS)
def test_more_rows_than_fit_are_refused(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = write_recording(tmp_path, {"marks": SOUND["marks"], "candles": SOUND["candles"]}, form)
    monkeypatch.setattr(recording_files, "MOST_ROWS", 7)
    assert open_recording(folder).tables["marks"].rows == 3
    monkeypatch.setattr(recording_files, "MOST_ROWS", 6)
    assert "more than 6 rows together" in faults(folder)["marks"]


# --- the manifest -----------------------------------------------------------------------------------------------------


def test_a_folder_without_a_manifest_is_no_recording(tmp_path: Path):
    assert "a recording is a folder with a manifest.json" in faults(tmp_path)["manifest.json"]
    assert "manifest.json" in faults(tmp_path / "nowhere")
    (tmp_path / "file").write_bytes(b"")
    assert "is not a folder" in faults(tmp_path / "file")["manifest.json"]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[1]", b'{"version": 1}'])
def test_what_is_no_manifest_is_refused(data: bytes, tmp_path: Path):
    (tmp_path / "manifest.json").write_bytes(data)
    assert list(faults(tmp_path)) == ["manifest.json"]


BTC_PLACE = f"manifest.json.instruments.{VENUE}.{BTC}"
BAD_MANIFESTS: list[tuple[dict[str, Any], str, str]] = [
    ({"version": 2}, "manifest.json.version", "only version 1"),
    ({"kind": "live"}, "manifest.json.kind", "must be one of recorded, historical, simulated"),
    ({"source": ""}, "manifest.json.source", "must not be empty"),
    ({"from_ms": -1}, "manifest.json.from_ms", "must not be below 0"),
    ({"from_ms": float("nan")}, "manifest.json.from_ms", "must be a decimal number"),
    ({"to_ms": 1.5}, "manifest.json.to_ms", "must be whole milliseconds"),
    ({"to_ms": T0 - 1}, "manifest.json.to_ms", "lies before from_ms"),
    ({"to_ms": 10**17}, "manifest.json.to_ms", "must not be above"),
    ({"instruments": []}, "manifest.json.instruments", "must be an object"),
    ({"instruments": {"mtgox": {}}}, "manifest.json.instruments.mtgox", "unknown venue"),
    ({"instruments": {VENUE: {"BTC": {"kind": "linear"}}}}, f"manifest.json.instruments.{VENUE}.BTC", "is not a"),
    ({"instruments": {VENUE: {BTC: {}}}}, BTC_PLACE, '"kind" is missing'),
    ({"instruments": {VENUE: {BTC: {"kind": "spot"}}}}, f"{BTC_PLACE}.kind", '"spot" goes with'),
    ({"instruments": {VENUE: {BTC: {"kind": "option"}}}}, f"{BTC_PLACE}.kind", "must be one of"),
    ({"instruments": {VENUE: {BTC: {"kind": "linear", "contract_size": 0}}}}, f"{BTC_PLACE}.contract_size", "above 0"),
    ({"gaps": [{"venue": VENUE}]}, "manifest.json.gaps[0]", '"because" is missing'),
    (
        {"gaps": [{"venue": VENUE, "symbol": BTC, "table": "trades", "from_ms": 1, "to_ms": 2, "because": "x"}]},
        "manifest.json.gaps[0].table",
        "must be one of candles",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "where", "said"), BAD_MANIFESTS, ids=lambda value: str(value)[:50])
def test_a_fault_of_the_manifest_is_found_at_its_path(changes: dict[str, Any], where: str, said: str, tmp_path: Path):
    found = faults(write_recording(tmp_path, {}, **changes))
    assert said in found[where]


def test_all_faults_of_a_manifest_are_told_at_once(tmp_path: Path):
    found = faults(write_recording(tmp_path, {}, kind="live", source=5, to_ms="soon"))
    assert set(found) == {"manifest.json.kind", "manifest.json.source", "manifest.json.to_ms"}


def test_a_key_that_stands_twice_is_refused(tmp_path: Path):
    text = json.dumps(MANIFEST)
    (tmp_path / "manifest.json").write_text(text[:-1] + ', "kind": "simulated"}', encoding="utf-8")
    assert "more than once" in faults(tmp_path)["manifest.json.kind"]


def test_gaps_are_read(tmp_path: Path):
    gap: dict[str, object] = {"venue": VENUE, "symbol": BTC, "table": "marks", "from_ms": T0, "to_ms": T0 + 5}
    folder = write_recording(tmp_path, {}, gaps=[{**gap, "because": "no recorder was running"}])
    gaps: Sequence[Any] = open_recording(folder).source.gaps
    assert [(each.symbol, each.table, each.because) for each in gaps] == [(BTC, "marks", "no recorder was running")]
