"""The portfolio file, version 1: read with every fault reported at its place.

The format is a public contract: JSON in UTF-8, amounts as decimal strings (JSON numbers are read through their text).
A fault of form refuses the whole file; a missing fact is no fault and is said by the risk engine later.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar, cast

from workstation.desk.fields import Place, Problems, at, read_json
from workstation.desk.state import DeskState
from workstation.domain.collateral import Buffers, CollateralRule, Haircut
from workstation.domain.instrument import InstrumentOverride, Kind, parse_symbol
from workstation.domain.parsing import parse_moment
from workstation.domain.position import (
    Account,
    CollateralMode,
    MarginMode,
    Order,
    Position,
    PositionMode,
    Side,
    Stop,
    Trigger,
)
from workstation.domain.problem import BadInput
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable

VENUE_IDS = (
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
LARGEST_FILE = 32 * 1024 * 1024
FROM_FILE = "portfolio file"
_T = TypeVar("_T")
_ZERO = Decimal(0)
_ONE = Decimal(1)


def read_portfolio(data: bytes) -> DeskState:
    """The desk that a portfolio file holds. Raises BadInput with every fault and its place; nothing is half-loaded."""
    problems = Problems()
    document = _decode(data, problems)
    if problems.found:
        raise BadInput(problems.found)
    state = _desk(at(document, "", problems))
    if problems.found:
        raise BadInput(problems.found)
    return state


def _decode(data: bytes, problems: Problems) -> object:
    if len(data) > LARGEST_FILE:
        problems.add("", f"the file is larger than {LARGEST_FILE // 1024 // 1024} MiB; split it")
        return None
    return read_json(data, "", "a portfolio needs a depth of 8", problems)


def _desk(place: Place) -> DeskState:
    # `betas` is an extension of ours: optional, and nothing else in the file depends on it
    keys = place.keys(
        "version", "as_of", "accounts", "instruments", "marks", "collateral_prices", "collateral", "betas"
    )
    if "version" not in keys:
        place.wrong('"version" is missing; write "version": 1')
    elif keys["version"].number(least=_ZERO) not in (None, _ONE):
        keys["version"].wrong("only version 1 is known here")
    if "accounts" not in keys:
        place.wrong('"accounts" is missing; it is a list of accounts')
    instruments = _by_venue(keys.get("instruments"), lambda p: _by_symbol(p, _instrument))
    accounts = tuple(_account(p) for p in keys["accounts"].items()) if "accounts" in keys else ()
    if "accounts" in keys:
        _check_accounts(keys["accounts"].items(quiet=True), accounts, instruments)
    return DeskState(
        as_of=_moment(keys.get("as_of")),
        accounts=accounts,
        instruments=instruments,
        marks=_by_venue(keys.get("marks"), lambda p: _by_symbol(p, _price)),
        collateral_prices=_collateral_prices(keys.get("collateral_prices")),
        collateral=_by_venue(keys.get("collateral"), _collateral),
        betas=_amounts(keys["betas"], None) if "betas" in keys else {},
    )


def _moment(place: Place | None) -> str | None:
    text = place.text() if place else None
    if place and text is not None and parse_moment(text) is None:
        place.wrong('not a moment; write it like "2026-05-07T00:00:00Z"')
    return text


def _price(place: Place) -> Decimal | None:
    return place.number(above=_ZERO)


def _by_venue(place: Place | None, read: Callable[[Place], dict[str, _T]]) -> dict[str, dict[str, _T]]:
    if place is None:
        return {}
    result: dict[str, dict[str, _T]] = {}
    for venue, inner in place.entries():
        if venue not in VENUE_IDS:
            inner.wrong(f"unknown venue; known are {', '.join(VENUE_IDS)}")
        else:
            result[venue] = read(inner)
    return result


def _by_symbol(place: Place, read: Callable[[Place], _T | None]) -> dict[str, _T]:
    result: dict[str, _T] = {}
    for symbol, inner in place.entries():
        if parse_symbol(symbol) is None:
            inner.wrong('not a derivative\'s unified symbol; write it like "BTC/USDT:USDT"')
            continue
        value = read(inner)
        if value is not None:
            result[symbol] = value
    return result


def _account(place: Place) -> Account:
    keys = place.keys(
        "name",
        "venue",
        "position_mode",
        "collateral_mode",
        "taker_fee_rate",
        "balances",
        "positions",
        "orders",
        "holdings",
        required=("name", "venue"),
    )
    mode = keys["collateral_mode"].choice("single", "multi") if "collateral_mode" in keys else "single"
    # a wallet can only be overdrawn where other assets stand for it
    least = None if mode == "multi" else _ZERO
    return Account(
        name=keys["name"].text() or "" if "name" in keys else "",
        venue=keys["venue"].choice(*VENUE_IDS) or "" if "venue" in keys else "",
        position_mode=cast(
            "PositionMode", (keys["position_mode"].choice("one-way", "hedge") if "position_mode" in keys else "one-way")
        ),
        collateral_mode=cast("CollateralMode", mode),
        taker_fee_rate=_fraction(keys.get("taker_fee_rate")),
        balances=_amounts(keys["balances"], least) if "balances" in keys else None,
        positions=tuple(read_position(p) for p in keys["positions"].items()) if "positions" in keys else (),
        orders=tuple(_order(p) for p in keys["orders"].items()) if "orders" in keys else (),
        holdings=_amounts(keys["holdings"], _ZERO) if "holdings" in keys else {},
    )


def _amounts(place: Place, least: Decimal | None) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for asset, inner in place.entries():
        value = inner.number(least=least)
        if not asset.strip():
            inner.wrong('an asset needs a name; write it like "USDT"')
        elif value is not None:
            amounts[asset] = value
    return amounts


def _fraction(place: Place | None) -> Decimal | None:
    return place.number(least=_ZERO, below=_ONE, mend="it is a fraction: 0.05 % is 0.0005") if place else None


def _symbol(keys: Mapping[str, Place]) -> str:
    if "symbol" not in keys:
        return ""
    symbol = keys["symbol"].text()
    if symbol is not None and parse_symbol(symbol) is None:
        keys["symbol"].wrong('not a derivative\'s unified symbol; write it like "BTC/USDT:USDT"')
    return symbol or ""


def _size(place: Place, keys: Mapping[str, Place]) -> tuple[Decimal | None, Decimal | None]:
    if ("quantity" in keys) == ("contracts" in keys):
        place.wrong("write either quantity (base units) or contracts, and not both")
    quantity = keys["quantity"].number(above=_ZERO) if "quantity" in keys else None
    contracts = keys["contracts"].number(above=_ZERO) if "contracts" in keys else None
    return quantity, contracts


def read_position(place: Place) -> Position:
    """One position of the file. What is wrong is noted at the place; the value then only keeps the reading going."""
    keys = place.keys(
        "symbol",
        "side",
        "quantity",
        "contracts",
        "entry_price",
        "margin_mode",
        "leverage",
        "isolated_wallet",
        "stop",
        "implied_volatility",
        required=("symbol", "side", "entry_price"),
    )
    quantity, contracts = _size(place, keys)
    margin_mode = keys["margin_mode"].choice("cross", "isolated") if "margin_mode" in keys else "cross"
    wallet = keys["isolated_wallet"].number(least=_ZERO) if "isolated_wallet" in keys else None
    if wallet is not None and margin_mode == "cross":
        keys["isolated_wallet"].wrong(
            'only an isolated position has one; add "margin_mode": "isolated" or leave it out'
        )
    side = keys["side"].choice("long", "short") if "side" in keys else None
    symbol = _symbol(keys)
    return Position(
        # without a side or mode nobody can tell whether it is another leg's twin
        symbol=symbol if side and margin_mode else "",
        side=cast("Side", side or "long"),
        quantity=quantity,
        contracts=contracts,
        entry_price=(keys["entry_price"].number(above=_ZERO) if "entry_price" in keys else None) or _ONE,
        margin_mode=cast("MarginMode", margin_mode or "cross"),
        leverage=keys["leverage"].number(above=_ZERO) if "leverage" in keys else None,
        isolated_wallet=wallet,
        stop=_stop(keys["stop"]) if "stop" in keys else None,
        implied_volatility=keys["implied_volatility"].number(above=_ZERO) if "implied_volatility" in keys else None,
    )


def _stop(place: Place) -> Stop:
    keys = place.keys("price", "trigger", required=("price", "trigger"))
    price = keys["price"].number(above=_ZERO) if "price" in keys else None
    trigger = keys["trigger"].choice("mark", "last", "index") if "trigger" in keys else None
    return Stop(price or _ONE, cast("Trigger", trigger or "mark"))


def _order(place: Place) -> Order:
    keys = place.keys(
        "symbol", "side", "quantity", "contracts", "price", "reduce_only", required=("symbol", "side", "price")
    )
    quantity, contracts = _size(place, keys)
    side = keys["side"].choice("buy", "sell") if "side" in keys else None
    return Order(
        symbol=_symbol(keys),
        side="sell" if side == "sell" else "buy",
        quantity=quantity,
        contracts=contracts,
        price=(keys["price"].number(above=_ZERO) if "price" in keys else None) or _ONE,
        reduce_only=bool(keys["reduce_only"].boolean()) if "reduce_only" in keys else False,
    )


def _instrument(place: Place) -> InstrumentOverride:
    keys = place.keys("kind", "contract_size", "price_tick", "expiry", "class", "tiers", "margin_model")
    if "tiers" in keys and "margin_model" in keys:
        place.wrong("write either tiers or margin_model, and not both")
    kind = keys["kind"].choice("linear", "inverse") if "kind" in keys else None
    return InstrumentOverride(
        kind=cast("Kind | None", kind),
        contract_size=keys["contract_size"].number(above=_ZERO) if "contract_size" in keys else None,
        price_tick=keys["price_tick"].number(above=_ZERO) if "price_tick" in keys else None,
        expiry=_expiry(keys.get("expiry")),
        asset_class=keys["class"].text() if "class" in keys else None,
        tiers=_tiers(keys["tiers"]) if "tiers" in keys else None,
        margin_model=_margin_model(keys["margin_model"]) if "margin_model" in keys else None,
    )


def _expiry(place: Place | None) -> date | None:
    text = place.text() if place else None
    moment = parse_moment(text) if text is not None else None
    if place and text is not None and moment is None:
        place.wrong('not a date; write it like "2026-12-25"')
    return moment.date() if moment else None


def _tiers(place: Place) -> TierTable:
    rows: list[MarginTier] = []
    before: MarginTier | None = None
    for i, inner in enumerate(place.items()):
        keys = inner.keys(
            "floor",
            "cap",
            "maintenance_rate",
            "maintenance_amount",
            "max_leverage",
            required=("floor", "cap", "maintenance_rate"),
        )
        floor = keys["floor"].number(least=_ZERO) if "floor" in keys else None
        no_cap = "cap" in keys and keys["cap"].is_null
        cap = None if no_cap or "cap" not in keys else keys["cap"].number(above=_ZERO)
        rate = (
            keys["maintenance_rate"].number(least=_ZERO, most=_ONE, mend="it is a fraction: 0.4 % is 0.004")
            if "maintenance_rate" in keys
            else None
        )
        amount = keys.get("maintenance_amount")
        leverage = keys.get("max_leverage")
        row = MarginTier(
            floor=floor if floor is not None else _ZERO,
            cap=cap,
            maintenance_rate=rate if rate is not None else _ZERO,
            maintenance_amount=None if amount is None or amount.is_null else amount.number(least=_ZERO),
            max_leverage=None if leverage is None or leverage.is_null else leverage.number(above=_ZERO),
        )
        rows.append(row)
        if floor is None or rate is None or (cap is None and not no_cap):
            before = None  # said already; the row below is not accused of it
            continue
        if i == 0 and floor != 0:
            inner.wrong("the first tier must start at floor 0")
        _check_row(inner, row, before)
        before = row
    if not rows and place.is_list:
        place.wrong("there must be at least one tier")
    return TierTable(tuple(rows), FROM_FILE, FROM_FILE)


def _check_row(place: Place, row: MarginTier, before: MarginTier | None) -> None:
    if row.cap is not None and row.cap <= row.floor:
        place.wrong("the cap must be above the floor")
    if before is None:
        return
    if before.cap is None:
        place.wrong("no tier can follow one without a cap")
    elif before.cap != row.floor:
        place.wrong(f"tiers must be contiguous: this floor must be the cap before it, {before.cap}")
    if row.maintenance_rate < before.maintenance_rate:
        place.wrong("the maintenance rate must not fall from one tier to the next")


def _margin_model(place: Place) -> LinearInSize:
    names = ("initial_base", "initial_slope_per_coin", "maintenance_base", "maintenance_slope_per_coin")
    keys = place.keys("kind", *names, required=("kind", *names))
    if "kind" in keys:
        keys["kind"].choice("linear-in-size")
    numbers = [(keys[name].number(least=_ZERO) if name in keys else None) or _ZERO for name in names]
    return LinearInSize(*numbers)


def _collateral(place: Place) -> dict[str, CollateralRule]:
    rules: dict[str, CollateralRule] = {}
    for asset, inner in place.entries():
        keys = inner.keys("bid_buffer", "ask_buffer", "haircut")
        if set(keys) == {"haircut"}:
            haircut = keys["haircut"].number(least=_ZERO, most=_ONE)
            if haircut is not None:
                rules[asset] = Haircut(haircut)
        elif set(keys) == {"bid_buffer", "ask_buffer"}:
            bid, ask = keys["bid_buffer"].number(least=_ZERO, most=_ONE), keys["ask_buffer"].number(least=_ZERO)
            if bid is not None and ask is not None:
                rules[asset] = Buffers(bid, ask)
        elif inner.is_object:
            inner.wrong("write either bid_buffer and ask_buffer, or haircut")
    return rules


def _collateral_prices(place: Place | None) -> dict[str, Decimal | Mapping[str, Decimal]]:
    prices: dict[str, Decimal | Mapping[str, Decimal]] = {}
    for asset, inner in place.entries() if place else ():
        if inner.is_object:
            by_venue: dict[str, Decimal] = {}
            for venue, own in inner.entries():
                if venue not in VENUE_IDS:
                    own.wrong(f"unknown venue; known are {', '.join(VENUE_IDS)}")
                price = own.number(above=_ZERO)
                if price is not None:
                    by_venue[venue] = price
            prices[asset] = by_venue
        else:
            price = inner.number(above=_ZERO)
            if price is not None:
                prices[asset] = price
    return prices


def _check_accounts(
    places: Sequence[Place], accounts: Sequence[Account], instruments: Mapping[str, Mapping[str, InstrumentOverride]]
) -> None:
    seen: set[tuple[str, str]] = set()
    for place, account in zip(places, accounts, strict=True):
        key = (account.name, account.venue)
        if account.name and key in seen:
            place.wrong(f"a second account at {account.venue} is named {account.name!r}; give each its own name")
        seen.add(key)
        legs = [place.child("positions", i) for i in range(len(account.positions))]
        check_legs(legs, account.positions, instruments.get(account.venue, {}))


def check_legs(
    places: Sequence[Place], positions: Sequence[Position], instruments: Mapping[str, InstrumentOverride]
) -> None:
    """What only an account as a whole can show: no leg stands twice, inverse contracts are counted in contracts."""
    seen: dict[tuple[str, str, str], Place] = {}
    for place, position in zip(places, positions, strict=True):
        key = (position.symbol, position.side, position.margin_mode)
        first = seen.setdefault(key, place)
        if position.symbol and first is not place:
            place.wrong(f"the same leg as {first.path}; add the two up, or change side or margin_mode")
        parts = parse_symbol(position.symbol)
        override = instruments.get(position.symbol)
        kind = override.kind if override and override.kind else parts.kind if parts else "linear"
        if kind == "inverse" and position.quantity is not None and not (parts and parts.is_option):
            # a quantity of base units would depend on the price
            place.child("quantity").wrong("an inverse contract is counted in contracts; write contracts")
