"""Small recordings for tests: folders with a manifest and tables, in each form that the contract allows."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from workstation.feeds.recording_tables import TABLE_BY_NAME, Column

T0 = 1_760_000_400_000  # a full hour
MINUTE = 60_000
HOUR = 3_600_000
VENUE, BTC, ETH, SPOT = "binance-usdm", "BTC/USDT:USDT", "ETH/USDT:USDT", "BTC/USDT"
Rows = Sequence[Sequence[object]]

MANIFEST: dict[str, Any] = {
    "version": 1,
    "kind": "historical",
    "source": "made for a test",
    "from_ms": T0,
    "to_ms": T0 + 24 * HOUR,
    "instruments": {
        VENUE: {
            BTC: {"kind": "linear", "contract_size": 1, "price_tick": 0.1},
            ETH: {"kind": "linear", "contract_size": 1, "price_tick": 0.01},
            SPOT: {"kind": "spot", "contract_size": 1, "price_tick": 0.01},
        }
    },
    "gaps": [],
}


def candle(minute: int, close: float = 100.0, symbol: str = BTC, interval_ms: int = MINUTE) -> tuple[object, ...]:
    """A bar that opens so many minutes after T0."""
    open_ms = T0 + minute * MINUTE
    return (VENUE, symbol, interval_ms, open_ms, 100.0, max(close, 100.0) + 1, min(close, 100.0) - 1, close, 5.0)


# One or two sound rows of every table.
SOUND: dict[str, Rows] = {
    "candles": [candle(0), candle(0, 200.0, SPOT), candle(0, 101.0, BTC, 5 * MINUTE), candle(1, 102.0)],
    "marks": [(VENUE, BTC, T0 + 1, 100.5), (VENUE, ETH, T0 + 1, 10.5), (VENUE, BTC, T0 + MINUTE, 100.7)],
    "open_interest": [(VENUE, BTC, T0 + 500, 1000.0)],
    "funding": [(VENUE, BTC, T0 + HOUR, -0.0001, 8.0)],
    "liquidations": [
        (VENUE, BTC, T0 + 700, "long", 2.5, 99.0, "fill", "sampled"),
        (VENUE, ETH, T0 + 800, "short", 1.5, 9.0, "bankruptcy", "complete"),
    ],
    "depth": [(VENUE, BTC, T0 + 900, 0.001, 5000.0, 0.0), (VENUE, BTC, T0 + 900, 0.01, 9000.0, 7000.0)],
    "account_snapshots": [(VENUE, T0 + 10, "main", '{"balances": {"USDT": "100"}}')],
    "long_short": [(VENUE, BTC, T0 + 20, 0.6, 0.4)],
    "positions": [
        (VENUE, BTC, T0 + 30, "0xabc", "long", 1.5, 90.0, 10.0, 81.5),
        (VENUE, BTC, T0 + 30, "0xdef", "long", 1.0, 90.0, 1.0, None),
    ],
    "quotes": [(VENUE, BTC, T0 + 40, 99.9, 100.0)],
}


def write_recording(
    folder: Path,
    tables: Mapping[str, Rows],
    form: str = "csv",
    columns: Mapping[str, Sequence[str]] | None = None,
    **manifest: object,
) -> Path:
    """A recording's folder. Rows have the needed columns in the contract's order, or those that `columns` names."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({**MANIFEST, **manifest}), encoding="utf-8")
    for name, rows in tables.items():
        names = (columns or {}).get(name) or [c.name for c in TABLE_BY_NAME[name].columns if not c.optional]
        write_table(folder / f"{name}.{form}", names, rows)
    return folder


def write_table(path: Path, names: Sequence[str], rows: Rows) -> None:
    """One table's file, by its suffix."""
    if path.suffix == ".parquet":
        _write_parquet(path, names, rows)
        return
    lines = [",".join(names), *(",".join(_cell(value) for value in row) for row in rows)]
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if '"' in text or "," in text else text


def _write_parquet(path: Path, names: Sequence[str], rows: Rows) -> None:
    declared = {column.name: column for table in TABLE_BY_NAME.values() for column in table.columns}
    types = [_sql_type(declared.get(name)) for name in names]
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    chosen = ", ".join(f'unnest($c{i})::{types[i]} AS "{name}"' for i, name in enumerate(names))
    table = duckdb.sql(f"SELECT {chosen}", params={f"c{i}": list(column) for i, column in enumerate(columns)})
    assert table is not None
    table.write_parquet(str(path))


def _sql_type(column: Column | None) -> str:
    if column is None:
        return "VARCHAR"
    return {"number": "DOUBLE", "whole": "BIGINT"}.get(column.holds, "VARCHAR")
