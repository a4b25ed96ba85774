"""manifest.json of a recording: read with every fault at its path, and written."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

import msgspec

from workstation.desk.fields import Place, Problems, at, read_json
from workstation.desk.portfolio_file import VENUE_IDS
from workstation.domain.instrument import parse_symbol
from workstation.domain.playback import Gap, InstrumentInfo, Source
from workstation.domain.problem import BadInput
from workstation.feeds.recording_tables import LATEST_MS, TABLE_BY_NAME

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 16 * 1024 * 1024
RecordingKind = Literal["recorded", "historical", "simulated"]
KINDS: tuple[RecordingKind, ...] = ("recorded", "historical", "simulated")
_INSTRUMENT_KINDS = ("linear", "inverse", "spot")
_NEEDED = ("version", "kind", "source", "from_ms", "to_ms", "instruments")
_SPOT = re.compile(r"[^\s/:]+/[^\s/:]+")


class Manifest(msgspec.Struct, frozen=True):
    """What a recording says of itself. `origin` is its "source": where the facts come from, in words."""

    kind: RecordingKind
    origin: str
    from_ms: int
    to_ms: int
    instruments: Mapping[str, Mapping[str, InstrumentInfo]]
    gaps: tuple[Gap, ...] = ()

    def source(self, name: str) -> Source:
        """The market under the name that people know the recording by."""
        return Source(self.kind, name, self.from_ms, self.to_ms, self.instruments, self.gaps)


def info_of(symbol: str) -> InstrumentInfo | None:
    """What a symbol itself says of its instrument, where the manifest is silent; None where it is no unified symbol.

    >>> info_of("BTC/USDT").kind, info_of("BTC/USD:BTC").kind, info_of("BTCUSDT")
    ('spot', 'inverse', None)
    """
    if _SPOT.fullmatch(symbol):
        return InstrumentInfo("spot")
    parts = parse_symbol(symbol)
    return InstrumentInfo(parts.kind) if parts else None


def read_manifest(folder: Path) -> Manifest:
    """The folder's manifest. Keys that are not the contract's are left alone. Raises BadInput with every fault."""
    problems = Problems()
    document = _decode(folder, problems)
    manifest = None if problems.found else _manifest(at(document, MANIFEST, problems))
    if manifest is None or problems.found:
        raise BadInput(problems.found)
    return manifest


def manifest_bytes(manifest: Manifest) -> bytes:
    """The file's bytes, instruments in the order of their names."""
    document = {
        "version": 1,
        "kind": manifest.kind,
        "source": manifest.origin,
        "from_ms": manifest.from_ms,
        "to_ms": manifest.to_ms,
        "instruments": {
            venue: {symbol: _said(info) for symbol, info in sorted(symbols.items())}
            for venue, symbols in sorted(manifest.instruments.items())
        },
        "gaps": [msgspec.to_builtins(gap) for gap in manifest.gaps],
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def _said(info: InstrumentInfo) -> dict[str, object]:
    facts = cast("dict[str, object]", msgspec.to_builtins(info))
    return {name: fact for name, fact in facts.items() if fact is not None}


def _decode(folder: Path, problems: Problems) -> object:
    try:
        with (folder / MANIFEST).open("rb") as file:
            data = file.read(LARGEST_MANIFEST + 1)
    except OSError as error:
        what = "is not a folder" if folder.exists() and not folder.is_dir() else f"cannot be read: {error.strerror}"
        problems.add(MANIFEST, f"{what}; a recording is a folder with a {MANIFEST}")
        return None
    if len(data) > LARGEST_MANIFEST:
        problems.add(MANIFEST, f"is larger than {LARGEST_MANIFEST // 1024**2} MiB; no recording needs so much")
        return None
    return read_json(data, MANIFEST, "a manifest needs a depth of 4", problems)


def _manifest(place: Place) -> Manifest | None:
    members = dict(place.entries())
    if not place.is_object:
        return None
    for name in _NEEDED:
        if name not in members:
            place.wrong(f'"{name}" is missing; add it')
    if any(name not in members for name in _NEEDED):
        return None
    if members["version"].number() not in (None, Decimal(1)):
        members["version"].wrong("only version 1 is known here")
    kind = members["kind"].choice(*KINDS)
    origin = members["source"].text()
    from_ms, to_ms = _moment(members["from_ms"]), _moment(members["to_ms"])
    if from_ms is not None and to_ms is not None and to_ms < from_ms:
        members["to_ms"].wrong("lies before from_ms; a recording ends after it begins")
    instruments = _instruments(members["instruments"])
    gaps = tuple(gap for each in members["gaps"].items() if (gap := _gap(each))) if "gaps" in members else ()
    if kind is None or origin is None or from_ms is None or to_ms is None:
        return None
    return Manifest(cast("RecordingKind", kind), origin, from_ms, to_ms, instruments, gaps)


def _moment(place: Place) -> int | None:
    number = place.number(least=Decimal(0), most=Decimal(LATEST_MS), mend="times are UTC milliseconds")
    if number is not None and number != int(number):
        place.wrong(f"must be whole milliseconds, not {number}")
        return None
    return None if number is None else int(number)


def _instruments(place: Place) -> dict[str, dict[str, InstrumentInfo]]:
    found: dict[str, dict[str, InstrumentInfo]] = {}
    for venue, symbols in place.entries():
        if venue not in VENUE_IDS:
            symbols.wrong(f"unknown venue; known are {', '.join(VENUE_IDS)}")
        infos = {symbol: _info(symbol, facts) for symbol, facts in symbols.entries()}
        found[venue] = {symbol: info for symbol, info in infos.items() if info}
    return found


def _info(symbol: str, place: Place) -> InstrumentInfo | None:
    members = dict(place.entries())
    if not place.is_object:
        return None
    if "kind" not in members:
        place.wrong(f'"kind" is missing; add one of {", ".join(_INSTRUMENT_KINDS)}')
        return None
    kind = members["kind"].choice(*_INSTRUMENT_KINDS)
    by_name = info_of(symbol)
    if by_name is None:
        place.wrong("is not a unified symbol like BTC/USDT:USDT, or BTC/USDT for spot")
    elif kind is not None and (kind == "spot") != (by_name.kind == "spot"):
        members["kind"].wrong('"spot" goes with a symbol without ":", and every other kind with a ":"')
    sizes = [_positive(members.get(name)) for name in ("contract_size", "price_tick")]
    return InstrumentInfo(cast("Literal['linear', 'inverse', 'spot']", kind), *sizes) if kind and by_name else None


def _positive(place: Place | None) -> float | None:
    if place is None or place.is_null:
        return None
    number = place.number(above=Decimal(0), mend="leave it out where it is not known")
    return None if number is None else float(number)


def _gap(place: Place) -> Gap | None:
    members = place.keys(*Gap.__struct_fields__, required=("venue", "symbol", "table", "from_ms", "to_ms", "because"))
    if len(members) < len(Gap.__struct_fields__):
        return None
    venue, table = members["venue"].choice(*VENUE_IDS), members["table"].choice(*TABLE_BY_NAME)
    symbol, because = members["symbol"].text(), members["because"].text()
    from_ms, to_ms = _moment(members["from_ms"]), _moment(members["to_ms"])
    if venue is None or table is None or symbol is None or because is None or from_ms is None or to_ms is None:
        return None
    if to_ms < from_ms:
        members["to_ms"].wrong("lies before from_ms; a gap ends after it begins")
    return Gap(venue, symbol, table, from_ms, to_ms, because)
