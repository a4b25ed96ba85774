"""Portfolio files with planted faults, each with the place where it must be reported."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.kit.portfolios import VENUES, Json, random_portfolio

Path = tuple[str | int, ...]

# every part of the format at once
RICH: Json = {
    "version": 1,
    "as_of": "2026-05-07T00:00:00Z",
    "accounts": [
        {
            "name": "main",
            "venue": "binance-usdm",
            "position_mode": "hedge",
            "collateral_mode": "single",
            "taker_fee_rate": "0.0005",
            "balances": {"USDT": "10000", "USDC": "0"},
            "positions": [
                {
                    "symbol": "BTC/USDT:USDT",
                    "side": "long",
                    "quantity": "1",
                    "entry_price": "100000",
                    "margin_mode": "cross",
                    "leverage": "10",
                    "stop": {"price": "90000", "trigger": "mark"},
                },
                {
                    "symbol": "SOL/USDT:USDT",
                    "side": "short",
                    "quantity": "50",
                    "entry_price": "160",
                    "margin_mode": "isolated",
                    "leverage": "5",
                    "isolated_wallet": "1600",
                    "stop": {"price": "172", "trigger": "last"},
                },
                {"symbol": "ETH/USDT:USDT", "side": "short", "contracts": "3", "entry_price": "4000"},
                {
                    "symbol": "BTC/USDT:USDT-261225-80000-P",
                    "side": "long",
                    "quantity": "1",
                    "entry_price": "900",
                    "implied_volatility": "0.55",
                },
            ],
            "orders": [
                {"symbol": "BTC/USDT:USDT", "side": "buy", "quantity": "0.2", "price": "95000", "reduce_only": False},
                {"symbol": "BTC/USDT:USDT", "side": "sell", "contracts": "2", "price": "110000"},
            ],
            "holdings": {"BTC": "0.5"},
        },
        {
            "name": "coins",
            "venue": "deribit",
            "collateral_mode": "multi",
            "balances": {"BTC": "2", "USDC": "500"},
            "positions": [{"symbol": "BTC/USD:BTC", "side": "short", "contracts": "100", "entry_price": "98000"}],
        },
    ],
    "instruments": {
        "binance-usdm": {
            "BTC/USDT:USDT": {
                "kind": "linear",
                "contract_size": "1",
                "price_tick": "0.1",
                "class": "crypto",
                "tiers": [
                    {"floor": "0", "cap": "300000", "maintenance_rate": "0.004", "max_leverage": "150"},
                    {"floor": "300000", "cap": "800000", "maintenance_rate": "0.005", "maintenance_amount": "300"},
                    {"floor": "800000", "cap": None, "maintenance_rate": "0.01", "max_leverage": "50"},
                ],
            }
        },
        "deribit": {
            "BTC/USD:BTC": {
                "kind": "inverse",
                "contract_size": "10",
                "price_tick": "0.5",
                "expiry": "2026-12-25",
                "margin_model": {
                    "kind": "linear-in-size",
                    "initial_base": "0.02",
                    "initial_slope_per_coin": "0.00005",
                    "maintenance_base": "0.01",
                    "maintenance_slope_per_coin": "0.00005",
                },
            }
        },
    },
    "marks": {
        "binance-usdm": {"BTC/USDT:USDT": "100000", "SOL/USDT:USDT": "158.2"},
        "deribit": {"BTC/USD:BTC": "100000"},
    },
    "collateral_prices": {"BTC": "100000", "USDC": {"deribit": "1", "binance-usdm": "0.9998"}},
    "collateral": {
        "binance-usdm": {"USDT": {"bid_buffer": "0.01", "ask_buffer": "0.005"}},
        "deribit": {"BTC": {"haircut": "0.05"}, "USDC": {"haircut": "0"}},
    },
}


@dataclass(frozen=True)
class Fault:
    """What was planted, and the places of which one must be named."""

    kind: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class BrokenFile:
    data: bytes
    faults: tuple[Fault, ...]


class Repeated(dict[str, Any]):
    """An object that is written with one of its keys twice."""

    key = ""


def dump(value: Any) -> str:
    """JSON, where `Repeated` writes its key a second time."""
    if isinstance(value, dict):
        pairs = [*value.items(), *([(value.key, value[value.key])] if isinstance(value, Repeated) else [])]
        return "{" + ", ".join(f"{json.dumps(k)}: {dump(v)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump, value)) + "]"
    return json.dumps(value)


def text_of(path: Path) -> str:
    """``accounts[0].positions[1].quantity``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


# --- where what stands ------------------------------------------------------------------------------------------------

POSITIVE = {
    "quantity",
    "contracts",
    "entry_price",
    "price",
    "leverage",
    "implied_volatility",
    "contract_size",
    "price_tick",
    "cap",
    "max_leverage",
}
NOT_NEGATIVE = {"isolated_wallet", "floor", "ask_buffer"} | {
    f"{margin}_{part}" for margin in ("initial", "maintenance") for part in ("base", "slope_per_coin")
}
FRACTIONS = {"maintenance_rate", "haircut", "bid_buffer", "taker_fee_rate"}
CHOICES = {"side", "margin_mode", "position_mode", "collateral_mode", "trigger", "kind"}

NO_NUMBERS: tuple[Any, ...] = (
    "abc",
    "",
    " ",
    "NaN",
    "Infinity",
    "-Infinity",
    "sNaN",
    "1e999",
    "1e-999",
    "1_000",
    "0x10",
    " 1",
    "1 ",
    "1,5",
    "１２",
    "1.2.3",
    "--1",
    "1" * 200,
    "½",
    "1e",
    "∞",
    float("nan"),
    float("inf"),
    True,
    False,
    [],
    ["1"],
    {},
    {"value": "1"},
)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is no object and no list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, (*path, i))
    else:
        yield path, value


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every object and list."""
    if isinstance(value, dict | list):
        yield path, value
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from nodes(inner, (*path, key))


def bound_of(path: Path, document: Json) -> str | None:
    """What is asked of the number at a path; None where there is no number."""
    key = path[-1]
    if path[0] == "marks" or path[0] == "collateral_prices" or key in POSITIVE:
        return "positive"
    if key in FRACTIONS:
        return "fraction"
    if key in NOT_NEGATIVE or "holdings" in path:
        return "not negative"
    if "balances" in path:
        account = document["accounts"][path[1]]
        return "any" if account.get("collateral_mode") == "multi" else "not negative"
    return "any" if key == "maintenance_amount" else None


# --- faults -----------------------------------------------------------------------------------------------------------


class Breaker:
    """Plants faults in a copy of a portfolio, none of them where another one is."""

    def __init__(self, portfolio: Json, rng: Random) -> None:
        self.rng = rng
        self.document = deepcopy(portfolio)
        self.taken: list[Path] = []
        self.faults: list[Fault] = []

    def free(self, path: Path) -> bool:
        """No fault stands above or below."""
        return not any(path[: len(t)] == t or t[: len(path)] == path for t in self.taken)

    def at(self, path: Path) -> Any:
        place: Any = self.document
        for step in path:
            place = place[step]
        return place

    def put(self, path: Path, value: Any) -> None:
        self.at(path[:-1])[path[-1]] = value

    def note(self, kind: str, taken: Path, *places: Path) -> None:
        self.taken.append(taken)
        self.faults.append(Fault(kind, tuple(map(text_of, places or (taken,)))))

    def some(self, found: Iterator[Path]) -> Path | None:
        """One of some places that are free."""
        free = [path for path in found if self.free(path)]
        return self.rng.choice(free) if free else None

    def where(self, *pattern: str | None) -> Iterator[Path]:
        """Objects and lists whose path is like this; None stands for any step."""
        for path, _ in nodes(self.document):
            if len(path) == len(pattern) and all(p is None or p == s for p, s in zip(pattern, path, strict=True)):
                yield path

    # each of these plants one fault, or none where there is no room

    def bad_number(self) -> None:
        numbers = (path for path, _ in leaves(self.document) if path and bound_of(path, self.document))
        path = self.some(numbers)
        if path is not None:
            bad = self.rng.choice(NO_NUMBERS)
            if path[0] == "collateral_prices" and isinstance(bad, dict):
                bad = "abc"  # an object is prices per venue
            self.put(path, bad)
            self.note("bad number", path)

    def out_of_bounds(self) -> None:
        bounds = ("positive", "not negative", "fraction")
        path = self.some(path for path, _ in leaves(self.document) if path and bound_of(path, self.document) in bounds)
        if path is not None:
            bound = bound_of(path, self.document)
            values: list[Any] = ["-1", "-0.00000001", -3, -1e30]
            values += {"positive": ["0", 0, "0.00", "-0"], "fraction": ["1.0001", 7, "40"]}.get(bound or "", [])
            self.put(path, self.rng.choice(values))
            if path[-1] in ("floor", "cap", "maintenance_rate"):
                self.note("out of bounds", path[:-2], path, path[:-1])
            else:
                self.note("out of bounds", path)

    def unknown_key(self) -> None:
        patterns: tuple[tuple[str | None, ...], ...] = (
            (),
            ("accounts", None),
            ("accounts", None, "positions", None),
            ("accounts", None, "positions", None, "stop"),
            ("accounts", None, "orders", None),
            ("instruments", None, None),
            ("instruments", None, None, "tiers", None),
            ("instruments", None, None, "margin_model"),
            ("collateral", None, None),
        )
        found = [path for pattern in patterns for path in self.where(*pattern) if path not in self.taken]
        path = self.rng.choice(found)
        node = self.at(path)
        key = self.rng.choice(("quantiy", "levarage", "Symbol", "comment", "_note", "price ", "тариф", "\n", "a" * 300))
        if isinstance(node, dict) and self.free((*path, key)):
            node[key] = self.rng.choice(("1", None, {}, [], 1, "x"))
            shown = key if key.isprintable() and len(key) <= 200 else repr(key[:40])
            self.note("unknown key", (*path, key), (*path, shown))

    def missing_key(self) -> None:
        required = {
            ("accounts", None): ("name", "venue"),
            ("accounts", None, "positions", None): ("symbol", "side", "entry_price"),
            ("accounts", None, "positions", None, "stop"): ("price", "trigger"),
            ("accounts", None, "orders", None): ("symbol", "side", "price"),
            ("instruments", None, None, "tiers", None): ("floor", "maintenance_rate"),
            ("instruments", None, None, "margin_model"): ("initial_base", "maintenance_slope_per_coin"),
        }
        pattern = self.rng.choice(list(required))
        path = self.some(self.where(*pattern))
        if path is not None:
            key = self.rng.choice(required[pattern])
            self.at(path).pop(key)
            taken = path[:-1] if "tiers" in path else path
            self.note("missing key", taken, path, (*path, key))

    def unknown_venue(self) -> None:
        name = self.rng.choice(("binance", "Binance-USDM", "ftx", "binance-usdm ", "mtgox"))
        inside = [p for p in ("instruments", "marks", "collateral") if p in self.document and self.free((p, name))]
        prices = [p for p in self.where("collateral_prices", None) if self.free((*p, name))]
        options: list[Callable[[], Path]] = [lambda: (self.rng.choice(inside), name)] if inside else []
        if prices:
            options.append(lambda: (*self.rng.choice(prices), name))
        accounts = [(*p, "venue") for p in self.where("accounts", None) if self.free((*p, "venue"))]
        if accounts:
            options.append(lambda: self.rng.choice(accounts))
        if options:
            path = self.rng.choice(options)()
            self.put(path, name if path[-1] == "venue" else "1" if path[0] == "collateral_prices" else {})
            self.note("unknown venue", path)

    def twin_leg(self) -> None:
        path = self.some(self.where("accounts", None, "positions", None))
        if path is not None:
            legs = self.at(path[:-1])
            twin = deepcopy(self.at(path))
            twin["entry_price"] = "12.5"
            legs.append(twin)
            self.taken.append(path)
            self.note("identical legs", (*path[:-1], len(legs) - 1))

    def both_margins(self) -> None:
        path = self.some(self.where("instruments", None, None))
        if path is not None:
            instrument = self.at(path)
            instrument.setdefault(
                "margin_model", deepcopy(RICH["instruments"]["deribit"]["BTC/USD:BTC"]["margin_model"])
            )
            instrument.setdefault("tiers", [{"floor": "0", "cap": None, "maintenance_rate": "0.01"}])
            self.note("both tiers and margin_model", path)

    def broken_tiers(self) -> None:
        path = self.some(self.where("instruments", None, None, "tiers"))
        if path is None:
            return
        rows = self.at(path)
        last = rows[-1]
        # in front of the end a cap, and room above every number
        last["cap"] = last["cap"] or f"{float(last['floor']) * 2 + 100:.0f}"
        above = f"{float(last['cap']) * 2 + 1:.0f}"
        kind = self.rng.choice(("gap", "overlap", "falling", "cap", "first", "after the end", "none", "row"))
        place = (*path, len(rows))
        match kind:
            case "gap" | "overlap":
                floor = f"{float(last['cap']) * (1.5 if kind == 'gap' else 0.5):.4f}"
                rows.append({"floor": floor, "cap": above, "maintenance_rate": "1"})
            case "falling":
                last["maintenance_rate"] = "0.9"
                rows.append({"floor": last["cap"], "cap": above, "maintenance_rate": "0.89"})
            case "cap":
                rows.append(
                    {"floor": last["cap"], "cap": self.rng.choice((last["cap"], "0.0000001")), "maintenance_rate": "1"}
                )
            case "first":
                rows[:] = [{"floor": "5", "cap": None, "maintenance_rate": "0.01"}]
                place = (*path, 0)
            case "after the end":
                rows.append({"floor": last["cap"], "cap": None, "maintenance_rate": "1"})
                rows.append({"floor": above, "cap": None, "maintenance_rate": "1"})
                place = (*path, len(rows) - 1)
            case "none":
                rows.clear()
                place = path
            case _:
                rows.append(self.rng.choice(("x", None, 7, [])))
        self.note(f"tiers: {kind}", path, place)

    def two_sizes_or_none(self) -> None:
        path = self.some(
            [*self.where("accounts", None, "positions", None), *self.where("accounts", None, "orders", None)].__iter__()
        )
        if path is not None:
            own = self.at(path)
            if self.rng.randint(0, 1):
                own["quantity"] = own["contracts"] = "1"
            else:
                own.pop("quantity", None)
                own.pop("contracts", None)
            self.note("quantity and contracts", path)

    def wrong_type(self) -> None:
        lists = {"accounts", "positions", "orders", "tiers"}
        path = self.some(path for path, _ in nodes(self.document) if path)
        if path is not None:
            per_venue = path[0] == "collateral_prices" and len(path) == 2
            bad: list[Any] = ["x", "1", 3, True, None, {} if path[-1] in lists else []]
            if per_venue:
                bad = ["x", True, None, []]
            self.put(path, self.rng.choice(bad))
            self.note("wrong type", path)

    def bad_symbol(self) -> None:
        bad = self.rng.choice(
            ("BTC", "BTC/USDT", "BTCUSDT", "btc usdt", "/USDT:USDT", "BTC/USDT:", "BTC/USDT:USDT-99", "a" * 300)
        )
        if self.rng.randint(0, 1):
            legs = [*self.where("accounts", None, "positions", None), *self.where("accounts", None, "orders", None)]
            path = self.some((*leg, "symbol") for leg in legs)
            if path is not None:
                self.put(path, bad)
                self.note("bad symbol", path)
            return
        path = self.some(iter([*self.where("marks", None), *self.where("instruments", None)]))
        if path is not None:
            self.put((*path, bad), "1" if path[0] == "marks" else {})
            self.note("bad symbol", (*path, bad), (*path, bad if len(bad) <= 200 else repr(bad[:40])))

    def bad_choice(self) -> None:
        found = (
            path for path, _ in leaves(self.document) if path and (path[-1] in CHOICES or path[-1] == "reduce_only")
        )
        path = self.some(found)
        if path is not None:
            self.put(path, self.rng.choice(("Long", "both", "", "ISOLATED", "portfolio", None, 1, [], {}, "yes")))
            taken = path[:-1] if path[-1] == "kind" and "margin_model" not in path else path
            self.note("bad choice", taken, path)

    def bad_text(self) -> None:
        found = (path for path, _ in leaves(self.document) if path and path[-1] in ("name", "class", "as_of", "expiry"))
        path = self.some(found)
        if path is not None:
            self.put(
                path,
                self.rng.choice(("", "  ", 5, None, True, [], {}, "a\nb", "x" * 201, "\x00", "2026-13-45T99")[:10]),
            )
            self.note("bad text", path)

    def bad_moment(self) -> None:
        found = (path for path, _ in leaves(self.document) if path and path[-1] in ("as_of", "expiry"))
        path = self.some(found)
        if path is not None:
            self.put(
                path, self.rng.choice(("yesterday", "2026-13-01", "2026-02-30T00:00:00Z", "05/07/2026", "1700000000"))
            )
            self.note("bad moment", path)

    def bad_version(self) -> None:
        if self.free(("version",)):
            self.put(("version",), self.rng.choice((0, 2, "2", "one", -1, None, True, [], 1.5)))
            self.note("version", ("version",))

    def repeated_key(self) -> None:
        objects = [path for path, node in nodes(self.document) if isinstance(node, dict) and node and self.free(path)]
        path = self.rng.choice(objects) if objects else None
        if path:
            node = self.at(path)
            twice = Repeated(node)
            twice.key = self.rng.choice(list(node))
            self.put(path, twice)
            self.note("repeated key", path, (*path, twice.key))

    def inverse_quantity(self) -> None:
        found = (
            path
            for path in self.where("accounts", None, "positions", None)
            if "contracts" in self.at(path) and self.inverse(self.at(path).get("symbol"))
        )
        path = self.some(found)
        if path is not None:
            own = self.at(path)
            own["quantity"] = own.pop("contracts")
            self.note("inverse by quantity", path, path, (*path, "quantity"))

    @staticmethod
    def inverse(symbol: object) -> bool:
        base, _, rest = str(symbol).partition("/")
        return rest.partition(":")[2].split("-")[0] == base

    PLANTS = (
        bad_number,
        bad_number,
        out_of_bounds,
        out_of_bounds,
        unknown_key,
        unknown_key,
        missing_key,
        unknown_venue,
        twin_leg,
        both_margins,
        broken_tiers,
        broken_tiers,
        two_sizes_or_none,
        wrong_type,
        bad_symbol,
        bad_choice,
        bad_text,
        bad_moment,
        bad_version,
        repeated_key,
        inverse_quantity,
    )

    def plant(self) -> None:
        self.rng.choice(self.PLANTS)(self)


# --- files that are no portfolio at all -------------------------------------------------------------------------------


def _spoiled(data: bytes, rng: Random) -> bytes:
    """Bytes that no reader can take for JSON with an object in it."""
    match rng.randint(0, 12):
        case 0:
            return data[: rng.randint(0, len(data) - 1)]
        case 1:
            return rng.randbytes(rng.randint(0, 200)) + b"\xff"
        case 2:
            cut = rng.randint(1, len(data) - 1)
            return (
                data[:cut] + rng.choice((b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80")) + data[cut:]
            )
        case 3:
            return b"[" * rng.choice((2_000, 100_000)) + rng.choice((b"", b"]" * 2_000))
        case 4:
            return b'{"a":' * rng.choice((1_500, 60_000)) + rng.choice((b"1", b""))
        case 5:
            return b""
        case 6:
            return rng.choice((b"null", b"1", b"[]", b'"portfolio"', b"true", b"NaN", b"-Infinity", b"[{}]"))
        case 7:
            return data.replace(b",", b",,", 1)
        case 8:
            return data + rng.choice((b"}", b"x", b",", data))
        case 9:
            return data.replace(b'"', b"'")
        case 10:
            return data.decode().encode(rng.choice(("utf-16", "utf-32", "utf-16-be")))
        case 11:
            return data.replace(b": ", b" ", 1)
        case _:
            return data[:-1] + b", /* note */ }"


def broken_files(seed: int, number: int) -> Iterator[BrokenFile]:
    """So many files; most with one to four faults in a portfolio, some that are no JSON at all."""
    rng = Random(seed)
    for i in range(number):
        if rng.randint(0, 2):
            portfolio = RICH
        else:
            venue = rng.choice(VENUES)
            portfolio = random_portfolio(rng, venue, multi=venue in ("binance-usdm", "bybit") and i % 2 == 0)
        if rng.randint(0, 9) == 0:
            yield BrokenFile(_spoiled(dump(portfolio).encode(), rng), (Fault("no JSON object", ("",)),))
            continue
        breaker = Breaker(portfolio, rng)
        while not breaker.faults or (rng.randint(0, 2) and len(breaker.faults) < 5):
            breaker.plant()
        yield BrokenFile(dump(breaker.document).encode(), tuple(breaker.faults))
