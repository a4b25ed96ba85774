"""Portfolios to test with: builders by hand, random ones for every venue, and the way from one to the report."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from workstation.assessment import assess
from workstation.desk.portfolio_file import read_portfolio
from workstation.domain.scenario import JointMove
from workstation.risk.report import RiskReport

Json = dict[str, Any]

VENUES = (
    "binance-usdm",
    "binance-coinm",
    "bybit",
    "okx",
    "hyperliquid",
    "deribit",
    "bitget",
    "gate",
    "dydx",
    "bitmex",
    "kraken",
    "kucoin",
)
# where the engine has a rule for several collateral assets
MULTI_VENUES = ("binance-usdm", "bybit", "okx", "deribit", "kraken")
INVERSE_VENUES = ("binance-coinm", "bybit", "okx", "deribit", "bitget", "gate", "kraken", "kucoin")
LINEAR_VENUES = tuple(v for v in VENUES if v != "binance-coinm")
FEE_VENUES = ("bybit", "okx", "bitget", "gate", "bitmex", "kucoin", "hyperliquid")
# both sides of every change of the rules
DAYS = {
    "bybit": ("2022-06-01", "2025-08-31", "2025-09-01", "2026-06-01"),
    "bitget": ("2024-01-01", "2025-09-28", "2025-09-29", "2025-11-09", "2025-11-10", "2026-06-01"),
    "gate": ("2022-12-01", "2025-07-28", "2025-07-29", "2026-06-01"),
    "hyperliquid": ("2023-06-01", "2023-12-31", "2024-01-01", "2026-06-01"),
}
# Made up, so that nothing that the program knows of real contracts enters.
BASES = ("QAB", "QCD", "QEF")


def encoded(portfolio: Mapping[str, Any]) -> bytes:
    """The portfolio as the bytes of a file."""
    return json.dumps(portfolio).encode()


def report_of(portfolio: Mapping[str, Any], *scenarios: JointMove) -> RiskReport:
    """The engine's answer, through the file reader and the rules of the file's day."""
    return assess(read_portfolio(encoded(portfolio)), scenarios)


# --- by hand ----------------------------------------------------------------------------------------------------------


def tier(floor: str, cap: str | None, rate: str, amount: str | None = None) -> Json:
    """One row of a tier table."""
    row: Json = {"floor": floor, "cap": cap, "maintenance_rate": rate}
    return row if amount is None else row | {"maintenance_amount": amount}


def flat(rate: str) -> list[Json]:
    """One tier without an end."""
    return [tier("0", None, rate)]


def instrument(kind: str = "linear", **members: Any) -> Json:
    """An instrument of the file; contracts of one base unit (linear) or face 1 (inverse) unless said otherwise."""
    return {"kind": kind, "contract_size": "1", **members}


def leg(symbol: str, side: str, size: str, entry: str, **members: Any) -> Json:
    """One position. Sizes of inverse contracts (BASE/USD:BASE) are contracts."""
    base, _, rest = symbol.partition("/")
    name = "contracts" if rest.partition(":")[2].split("-")[0] == base else "quantity"
    return {"symbol": symbol, "side": side, name: size, "entry_price": entry, **members}


def portfolio_of(
    venue: str,
    positions: list[Json],
    instruments: Json,
    marks: Mapping[str, str],
    *,
    balances: Mapping[str, str] | None = None,
    as_of: str | None = None,
    account: Mapping[str, Any] | None = None,
    **members: Any,
) -> Json:
    """A file with one account named main."""
    own: Json = {"name": "main", "venue": venue, "positions": positions, **(account or {})}
    if balances is not None:
        own["balances"] = dict(balances)
    document: Json = {
        "version": 1,
        "accounts": [own],
        "instruments": {venue: instruments},
        "marks": {venue: dict(marks)},
        **members,
    }
    return document if as_of is None else document | {"as_of": as_of}


# --- random -----------------------------------------------------------------------------------------------------------


def _rounded(value: float, digits: int) -> str:
    """A decimal text with so many significant digits."""
    return f"{Decimal(f'{value:.{digits - 1}e}'):f}"


class _Builder:
    """Draws one portfolio."""

    def __init__(self, rng: Random, venue: str, *, multi: bool, kinds: tuple[str, ...]) -> None:
        self.rng, self.venue, self.multi, self.kinds = rng, venue, multi, kinds
        self.instruments: dict[str, Json] = {}
        self.marks: dict[str, str] = {}
        self.value_of: dict[str, float] = {}

    def chance(self, probability: float) -> bool:
        return self.rng.randint(0, 99) < 100 * probability

    def between(self, low: float, high: float) -> float:
        """In steps, so that the ends of a range and round numbers come up."""
        return low + (high - low) * self.rng.randint(0, 1000) / 1000

    def symbol(self) -> str:
        """A contract, made the first time it is drawn."""
        rng = self.rng
        base = rng.choice(BASES)
        if rng.choice(self.kinds) == "inverse":
            expiry = rng.choice(("", "", "-271231")) if self.venue in ("okx", "deribit", "binance-coinm") else ""
            symbol = f"{base}/USD:{base}{expiry}"
        else:
            quote = rng.choice(("USDT", "USDT", "USDC"))
            symbol = f"{base}/{quote}:{quote}"
        if symbol not in self.marks:
            self._list(symbol, base)
        return symbol

    def _list(self, symbol: str, base: str) -> None:
        rng = self.rng
        inverse = symbol.split(":")[1].startswith(base)
        alike = [mark for other, mark in self.marks.items() if other.startswith(base + "/")]
        price = float(alike[0]) * self.between(0.98, 1.02) if alike else 10 ** self.between(-3, 5)
        mark = _rounded(price, rng.randint(2, 7))
        self.marks[symbol] = mark
        contract = rng.choice(("1", "10", "100")) if inverse else rng.choice(("1", "0.1", "0.01", "10"))
        own = instrument("inverse" if inverse else "linear", contract_size=contract)
        if self.chance(0.8):
            own["price_tick"] = _rounded(price * 10 ** self.between(-6, -3), 1)
        # value of a typical position in its settle asset
        self.value_of[symbol] = value = 10 ** self.between(0, 6) / (price if inverse else 1)
        if self.venue == "deribit":
            coins = value if inverse else value / price
            own["margin_model"] = {
                "kind": "linear-in-size",
                "initial_base": "0.02",
                "initial_slope_per_coin": _rounded(0.01 / coins, 2),
                "maintenance_base": rng.choice(("0", "0.01", "0.02")),
                "maintenance_slope_per_coin": rng.choice(("0", _rounded(0.01 / coins, 2), _rounded(0.2 / coins, 3))),
            }
        else:
            unit = value
            if self.venue == "okx":
                unit = value / (float(contract) * (1 / price if inverse else price))
            own["tiers"] = self._tiers(unit)
        self.instruments[symbol] = own

    def _tiers(self, typical: float) -> list[Json]:
        rng = self.rng
        rows: list[Json] = []
        floor, rate = "0", rng.choice((0.0, 0.004, 0.005, 0.01, 0.03))
        count = rng.randint(1, 5)
        edge = typical * 10 ** self.between(-1.5, 0.5)
        given = self.chance(0.15)
        for i in range(count):
            last = i == count - 1
            cap = None if last and self.chance(0.7) else _rounded(edge, 2)
            row = tier(floor, cap, f"{rate:.6f}", _rounded(typical * rate * self.between(0, 0.5), 2) if given else None)
            rows.append(row)
            floor = cap or floor
            edge = float(floor) * self.between(1.3, 6)
            rate = min(1.0, rate + rng.choice((0.0, 0.001, 0.01, 0.05, 0.2)))
        return rows

    def position(self, symbol: str, side: str, mode: str) -> Json:
        rng = self.rng
        mark = float(self.marks[symbol])
        inverse = self.instruments[symbol]["kind"] == "inverse"
        contract = float(self.instruments[symbol]["contract_size"])
        value = self.value_of[symbol] * 10 ** self.between(-1, 1)
        entry = _rounded(mark * rng.choice((1.0, 1.0, self.between(0.7, 1.4), self.between(0.97, 1.03))), 6)
        own: Json = {"symbol": symbol, "side": side, "entry_price": entry, "margin_mode": mode}
        digits = rng.randint(1, 5)
        if inverse:
            own["contracts"] = _rounded(value * mark / contract, digits)
        elif self.chance(0.2):
            own["contracts"] = _rounded(value / mark / contract, digits)
        else:
            own["quantity"] = _rounded(value / mark, digits)
        if self.chance(0.7):
            own["leverage"] = rng.choice(("1", "2", "3", "5", "10", "20", "50", "12.5"))
        if mode == "isolated" and ("leverage" not in own or self.chance(0.5)):
            own["isolated_wallet"] = _rounded(value * rng.choice((0.0, 0.02, 0.1, 0.3, 1.0, 3.0)) + 1e-9, 4)
        return own

    def notional(self, own: Json) -> float:
        """In the settle asset, roughly."""
        mark = float(self.marks[own["symbol"]])
        of = self.instruments[own["symbol"]]
        size = float(own.get("quantity") or 0) or float(own["contracts"]) * float(of["contract_size"])
        return size / mark if of["kind"] == "inverse" else size * mark

    def build(self, most: int) -> Json:
        rng = self.rng
        positions: dict[tuple[str, str, str], Json] = {}
        for _ in range(rng.randint(1, most)):
            mode = "isolated" if self.chance(0.25) else "cross"
            if positions and self.chance(0.3):  # a hedge of one that is there
                symbol, side, _ = rng.choice(list(positions))
                side = "short" if side == "long" else "long"
            else:
                symbol, side = self.symbol(), rng.choice(("long", "short"))
            own = self.position(symbol, side, mode)
            twin = positions.get((symbol, "long" if side == "short" else "short", mode))
            if twin is not None and self.chance(0.4):  # exactly or nearly as large
                for name in ("quantity", "contracts"):
                    own.pop(name, None)
                    if name in twin:
                        own[name] = twin[name]
            positions.setdefault((symbol, side, mode), own)
        held = list(positions.values())
        balances = self._balances([own for own in held if own["margin_mode"] == "cross"])
        account: Json = {
            "position_mode": rng.choice(("one-way", "hedge")),
            "collateral_mode": "multi" if self.multi else "single",
        }
        if self.venue in FEE_VENUES:
            account["taker_fee_rate"] = rng.choice(("0", "0.0005", "0.00075", "0.002"))
        document = portfolio_of(
            self.venue,
            held,
            self.instruments,
            self.marks,
            balances=balances,
            as_of=rng.choice(DAYS.get(self.venue, ("2026-06-01",))),
            account=account,
        )
        if self.multi:
            self._collateral(document, balances)
        return document

    def _balances(self, cross: list[Json]) -> dict[str, str]:
        rng = self.rng
        gross: dict[str, float] = {}
        for own in cross:
            asset = own["symbol"].split(":")[1].split("-")[0]
            gross[asset] = gross.get(asset, 0) + self.notional(own)
        share = rng.choice((0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0))
        balances = {asset: _rounded(total * share * self.between(0.5, 1.5) + 1e-9, 5) for asset, total in gross.items()}
        if self.multi:
            for asset in [a for a in balances if self.chance(0.3)]:
                balances[asset] = rng.choice(("0", _rounded(-gross[asset] * share * 0.2 - 1e-9, 3)))
            dollars = sum(total * (1 if a.startswith("USD") else self._coin(a)) for a, total in gross.items())
            for asset in rng.sample((*BASES, "USDT", "USDC"), 2):
                price = 1 if asset.startswith("USD") else self._coin(asset)
                balances.setdefault(asset, _rounded(dollars * share * self.between(0, 1) / price + 1e-9, 4))
        return balances

    def _coin(self, base: str) -> float:
        return next((float(mark) for symbol, mark in self.marks.items() if symbol.startswith(base + "/")), 25.0)

    def _collateral(self, document: Json, balances: Mapping[str, str]) -> None:
        rng = self.rng
        settle = {own["symbol"].split(":")[1].split("-")[0] for own in document["accounts"][0]["positions"]}
        assets = sorted({*balances, *settle})
        prices: Json = {}
        rules: Json = {}
        for asset in assets:
            price = rng.choice(("1", "0.999", "1.0003")) if asset.startswith("USD") else _rounded(self._coin(asset), 5)
            prices[asset] = {self.venue: price} if self.chance(0.2) else price
            if self.venue == "binance-usdm":
                bid, ask = rng.choice(("0", "0.01", "0.05", "0.3")), rng.choice(("0", "0.005", "0.05"))
                rules[asset] = {"bid_buffer": bid, "ask_buffer": ask}
            else:
                rules[asset] = {"haircut": rng.choice(("0", "0.02", "0.1", "0.5"))}
        document["collateral_prices"] = prices
        document["collateral"] = {self.venue: rules}


def random_portfolio(
    rng: Random, venue: str, *, multi: bool = False, kinds: tuple[str, ...] = (), most: int = 6
) -> Json:
    """One account of up to `most` positions: hedges, isolated legs, several pools, tiers of every shape.

    BitMEX inverse is left out: whole satoshi have tests of their own.
    """
    if not kinds:
        kinds = tuple(
            kind
            for kind, venues in (("linear", LINEAR_VENUES), ("inverse", INVERSE_VENUES))
            if venue in venues and not (venue == "bitmex" and kind == "inverse")
        )
    return _Builder(rng, venue, multi=multi, kinds=kinds).build(most)


# Numbers of random accounts: hypothesis keeps and repeats those that failed. What it cannot shrink, `smallest` can.
SEEDS = st.integers(0, 2**48)


def portfolios(
    venue: str, *, multi: bool = False, kinds: tuple[str, ...] = (), most: int = 6
) -> st.SearchStrategy[Json]:
    """`random_portfolio` for hypothesis."""
    return SEEDS.map(lambda seed: random_portfolio(Random(seed), venue, multi=multi, kinds=kinds, most=most))


def smallest(portfolio: Json, fails: Callable[[Json], object]) -> Json:
    """The portfolio without everything that can go while it still fails: positions, then tiers and optional keys."""
    best = portfolio
    while True:
        for smaller in _smaller(best):
            if fails(smaller):
                best = smaller
                break
        else:
            return best


def _smaller(portfolio: Json) -> Iterator[Json]:
    account = portfolio["accounts"][0]
    for i in range(len(account["positions"])):
        copy = deepcopy(portfolio)
        del copy["accounts"][0]["positions"][i]
        yield copy
    held = {position["symbol"] for position in account["positions"]}
    for i, position in enumerate(account["positions"]):
        for key in position.keys() & {"leverage", "isolated_wallet"}:
            copy = deepcopy(portfolio)
            del copy["accounts"][0]["positions"][i][key]
            yield copy
    for venue, symbols in portfolio["instruments"].items():
        for symbol, own in symbols.items():
            copy = deepcopy(portfolio)
            if symbol not in held:
                del copy["instruments"][venue][symbol]
                yield copy
            elif len(own.get("tiers", [])) > 1:
                copy["instruments"][venue][symbol]["tiers"].pop()
                yield copy


# --- the published cases ----------------------------------------------------------------------------------------------

CASES_FILE = Path(__file__).parent.parent / "golden" / "margin-public.json"


def public_cases() -> list[Json]:
    """The 99 published cases: portfolio and what is expected of it."""
    return json.loads(CASES_FILE.read_text(encoding="utf-8"))


def disagreements(document: Mapping[str, Any], expected: Iterable[Mapping[str, Any]]) -> list[str]:
    """Where a `margin --json` document is not what the expectations of a case say."""
    return [fault for expectation in expected if (fault := _disagreement(document, expectation))]


def _disagreement(document: Mapping[str, Any], expectation: Mapping[str, Any]) -> str:
    field, wanted, tolerance = expectation["field"], expectation["value"], expectation["tolerance"]
    place: Any = next(a for a in document["accounts"] if a["name"] == expectation["account"])
    if expectation["symbol"] is not None:
        same = ("symbol", "side")
        place = next(p for p in place["positions"] if all(p[name] == expectation[name] for name in same))
    for name in field.split("."):
        place = place[name]
    found: Any = [root["price"] for root in place] if field == "liquidation.roots" else place
    if tolerance is None:
        agrees = found == wanted
    elif isinstance(wanted, list):
        agrees = len(found) == len(wanted) and all(map(_within, found, wanted, repeat(tolerance)))
    else:
        agrees = _within(found, wanted, tolerance)
    return "" if agrees else f"{expectation['symbol']} {field}: {found}, expected {wanted} ± {tolerance}"


def _within(found: str | None, wanted: str, tolerance: str) -> bool:
    return found is not None and abs(Fraction(found) - Fraction(wanted)) <= Fraction(tolerance)
