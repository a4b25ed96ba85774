"""Portfolio files with planted faults: a valid file, broken in one to four known ways, and the places of the faults."""

import json
from collections.abc import Callable
from random import Random

from tests.kit.portfolios import MULTI_VENUES, VENUES, Json, random_portfolio

NONSENSE = (
    "nan",
    "Infinity",
    "-1",
    "1_000",
    "1,5",
    "٣",
    "",
    " 1",
    "0x10",
    "1e99",
    "9" * 80,
    True,
    None,
    [],
    {},
    -5,
)
POSITIVE = ("entry_price", "leverage")
Fault = Callable[[Json, Random], str | None]


def _account(document: Json, rng: Random) -> tuple[Json, str]:
    i = rng.randrange(len(document["accounts"]))
    return document["accounts"][i], f"accounts[{i}]"


def _position(document: Json, rng: Random) -> tuple[Json, str]:
    account, where = _account(document, rng)
    i = rng.randrange(len(account["positions"]))
    return account["positions"][i], f"{where}.positions[{i}]"


def unknown_key(document: Json, rng: Random) -> str:
    target, where = rng.choice(
        (lambda: (document, ""), lambda: _account(document, rng), lambda: _position(document, rng))
    )()
    key = rng.choice(("size", "Leverage", "note", "_", "x" * 30))
    target[key] = "1"
    return f"{where}.{key}".lstrip(".")


def missing_key(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    position.pop(rng.choice(("symbol", "side", "entry_price")), None)
    return where


def bad_number(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    name = rng.choice(("quantity" if "quantity" in position else "contracts", *POSITIVE))
    position[name] = rng.choice((*NONSENSE, "0"))
    return f"{where}.{name}"


def bad_choice(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    name = rng.choice(("side", "margin_mode"))
    position[name] = rng.choice(("Long", "both", "", 1, None, []))
    return f"{where}.{name}"


def bad_symbol(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    position["symbol"] = rng.choice(("BTCUSDT", "BTC/USDT", "BTC/USDT:", "/:", "A/B:C-2612", 7, None))
    return f"{where}.symbol"


def both_sizes(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    position["quantity"] = position["contracts"] = "1"
    return where


def no_size(document: Json, rng: Random) -> str:
    position, where = _position(document, rng)
    position.pop("quantity", None)
    position.pop("contracts", None)
    return where


def same_leg(document: Json, rng: Random) -> str:
    account, where = _account(document, rng)
    account["positions"].append(dict(rng.choice(account["positions"])))
    return f"{where}.positions[{len(account['positions']) - 1}]"


def unknown_venue(document: Json, rng: Random) -> str:
    account, where = _account(document, rng)
    account["venue"] = rng.choice(("binance", "ftx", "", 3, None))
    return f"{where}.venue"


def bad_mark(document: Json, rng: Random) -> str:
    venue = rng.choice(list(document["marks"]))
    symbol = rng.choice(list(document["marks"][venue]))
    document["marks"][venue][symbol] = rng.choice((*NONSENSE, "0"))
    return f"marks.{venue}.{symbol}"


def _tiers(document: Json, rng: Random) -> tuple[list[Json], str] | None:
    tables = [
        (instrument["tiers"], f"instruments.{venue}.{symbol}.tiers")
        for venue, symbols in document["instruments"].items()
        for symbol, instrument in symbols.items()
        if instrument.get("tiers")
    ]
    return rng.choice(tables) if tables else None


def gap_between_tiers(document: Json, rng: Random) -> str | None:
    found = _tiers(document, rng)
    if found is None or len(found[0]) < 2:
        return None
    rows, where = found
    i = rng.randrange(1, len(rows))
    rows[i]["floor"] = "0.123456"
    return f"{where}[{i}]"


def falling_rate(document: Json, rng: Random) -> str | None:
    found = _tiers(document, rng)
    if found is None or len(found[0]) < 2:
        return None
    rows, where = found
    i = rng.randrange(1, len(rows))
    rows[i - 1]["maintenance_rate"], rows[i]["maintenance_rate"] = "0.99", "0.5"
    return f"{where}[{i}]"


def rate_in_per_cent(document: Json, rng: Random) -> str | None:
    found = _tiers(document, rng)
    if found is None:
        return None
    rows, where = found
    rows[-1]["maintenance_rate"] = "2.5"
    return f"{where}[{len(rows) - 1}].maintenance_rate"


def tiers_and_model(document: Json, rng: Random) -> str | None:
    found = _tiers(document, rng)
    if found is None:
        return None
    where = found[1].removesuffix(".tiers")
    venue, symbol = where.removeprefix("instruments.").split(".", 1)
    rate = dict.fromkeys(
        ("initial_base", "initial_slope_per_coin", "maintenance_base", "maintenance_slope_per_coin"), "0.01"
    )
    document["instruments"][venue][symbol]["margin_model"] = {"kind": "linear-in-size", **rate}
    return where


def bad_shape(document: Json, rng: Random) -> str:
    name = rng.choice(("accounts", "marks", "instruments"))
    document[name] = rng.choice(("x", 5, None, True))
    return name


def bad_version(document: Json, rng: Random) -> str:
    document["version"] = rng.choice((2, "0", "one", None, []))
    return "version"


def bad_moment(document: Json, rng: Random) -> str:
    document["as_of"] = rng.choice(("yesterday", "2026-13-01", "2026-05-07T00:00:00", "", 20260507, "9999-99-99"))
    return "as_of"


FAULTS: tuple[Fault, ...] = (
    unknown_key,
    missing_key,
    bad_number,
    bad_choice,
    bad_symbol,
    both_sizes,
    no_size,
    same_leg,
    unknown_venue,
    bad_mark,
    gap_between_tiers,
    falling_rate,
    rate_in_per_cent,
    tiers_and_model,
    bad_version,
    bad_moment,
)


def valid_file(rng: Random) -> Json:
    """Any of the random portfolios that have tiers."""
    venue = rng.choice(VENUES)
    return random_portfolio(rng, venue, multi=venue in MULTI_VENUES and rng.random() < 0.3)


def broken_file(rng: Random) -> tuple[bytes, list[str]]:
    """The bytes of a broken file and the places of its faults; faults that would hide each other are not combined."""
    document = valid_file(rng)
    places: list[str] = []
    if rng.random() < 0.1:
        places.append(bad_shape(document, rng))
    else:
        touched: set[str] = set()
        for fault in rng.sample(FAULTS, rng.randint(1, 4)):
            before = json.dumps(document)
            where = fault(document, rng)
            if where is None:
                continue
            # two faults at one position or table can hide each other: the second is taken back
            owner = where.split("].", 1)[0] if where.startswith("accounts") else ".".join(where.split(".")[:3])
            if any(owner.startswith(other) or other.startswith(owner) for other in touched):
                document = json.loads(before)
                continue
            touched.add(owner)
            places.append(where)
    return json.dumps(document).encode(), places


def garbled_file(rng: Random) -> bytes:
    """A valid file cut off, overwritten or nested until it is no portfolio any more."""
    data = bytearray(json.dumps(valid_file(rng)).encode())
    match rng.randrange(6):
        case 0:
            return bytes(data[: rng.randrange(len(data))])
        case 1:
            data[rng.randrange(len(data))] = 0xFF
            return bytes(data)
        case 2:
            return rng.randbytes(rng.randrange(200))
        case 3:
            return b'{"version":1,"accounts":' + b"[" * rng.randrange(2_000, 200_000)
        case 4:
            return rng.choice((b"", b"null", b"[]", b"7", b'"x"', b"NaN", b'{"version": 1}', b"{}"))
        case _:
            at = data.index(b'"version": 1')
            return bytes(data[:at] + b'"version": 1, ' + data[at:])
