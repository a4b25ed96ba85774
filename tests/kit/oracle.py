"""A second opinion: the contract's margin rules in plain fractions, written from its text and sharing no code with it.

Everything starts from the portfolio as JSON. `Pool.slack` answers one question directly, "equity minus requirement at
these prices"; liquidation prices are found by walking from the mark over the prices where a leg changes its tier and
fitting the curve between two of them to values of `slack`. Nothing here is fast, and nothing here is clever.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, isqrt
from typing import Any

F = Fraction
ZERO, ONE = F(0), F(1)
UNSAID = F(-1)  # where the oracle has no opinion
Json = Mapping[str, Any]

# Meaning 9, and reference/margin.md where the contract leaves a venue out.
BYBIT_ROOT = "2025-09-01"
BITGET_TRUE_ESTIMATE = "2025-09-29"
BITGET_MARGINAL = "2025-11-10"
GATE_MARGINAL = "2025-07-29"
HYPERLIQUID_MARGINAL = "2024-01-01"
GATE_FEE = F("0.00075")


@dataclass(frozen=True)
class Terms:
    """How a venue charges one position on one day."""

    basis: str = "root"  # root, entry, frozen, entry-tier
    marginal: bool = True
    contracts: bool = False  # tiers in contracts
    fee: str = "none"  # none, price, entry-bankruptcy, cost-and-initial
    fee_cancels: bool = False
    fee_shown: bool = True  # in the venue's own maintenance figure
    hedge: str = "sum"  # sum, net, larger
    initial: str = "mark"  # mark, entry, "" where the contract does not say
    initial_fee: bool = False
    displayed: str = "root"  # root, tick, one-tick, frozen, ratio
    opening_fee: bool = False


def terms_of(venue: str, day: str, mode: str, multi: bool) -> Terms:
    """The reading of the contract; `day` as YYYY-MM-DD."""
    cross = mode == "cross"
    match venue:
        case "binance-usdm" | "binance-coinm":
            return Terms()
        case "dydx":
            return Terms(marginal=False)
        case "deribit":
            return Terms(displayed="ratio")
        case "hyperliquid":
            if day < HYPERLIQUID_MARGINAL:
                return Terms(basis="frozen", marginal=False, opening_fee=True)
            return Terms(opening_fee=True)
        case "okx":
            shown = "root" if cross else "one-tick"
            return Terms(marginal=False, contracts=True, fee="price", fee_shown=False, displayed=shown)
        case "bybit":
            old = day < BYBIT_ROOT
            return Terms(
                basis="entry" if old else "root",
                fee="entry-bankruptcy",
                fee_cancels=not cross,
                hedge="net" if cross else "sum",
                initial="entry" if old else "mark",
                initial_fee=True,
                displayed="tick",
            )
        case "bitget":
            frozen = cross and day < BITGET_TRUE_ESTIMATE
            return Terms(
                marginal=day >= BITGET_MARGINAL,
                fee="price",
                hedge="larger" if cross else "sum",
                initial="",
                displayed="frozen" if frozen else "root",
            )
        case "gate":
            return Terms(
                marginal=day >= GATE_MARGINAL,
                fee="price",
                hedge="larger" if cross else "sum",
                initial="",
                displayed="tick",
            )
        case "kraken":
            return Terms(basis="entry-tier" if cross and multi else "root", marginal=False, initial="")
        case "kucoin" if cross:  # since 2024-10; KuCoin support 35233217061785
            return Terms(marginal=False, fee="price", initial="", displayed="tick")
        case "bitmex" | "kucoin":
            return Terms(
                basis="entry",
                marginal=False,
                fee="cost-and-initial",
                fee_cancels=not cross,
                initial="",
                displayed="tick",
            )
        case _:
            raise AssertionError(venue)


@dataclass(frozen=True)
class Row:
    floor: Fraction
    cap: Fraction | None
    rate: Fraction
    amount: Fraction | None


class TooLarge(Exception):  # noqa: N818  (it names the size, not a failure)
    """A size above the last tier."""


@dataclass(frozen=True)
class Table:
    """Tier rows; `charge` is the maintenance on a value."""

    rows: tuple[Row, ...]
    marginal: bool

    def number(self, size: Fraction) -> int:
        """From 1; a size n is in the tier with floor < n <= cap."""
        for i, row in enumerate(self.rows, 1):
            if row.cap is None or size <= row.cap:
                return i
        raise TooLarge

    def charge(self, number: int, value: Fraction) -> Fraction:
        """Maintenance on a value that is in this tier."""
        row = self.rows[number - 1]
        if row.amount is not None:
            return row.rate * value - row.amount
        if not self.marginal:
            return row.rate * value
        slices = [
            (min(value, r.cap) if r.cap is not None and r is not row else value) - r.floor for r in self.rows[:number]
        ]
        return sum((r.rate * part for r, part in zip(self.rows, slices, strict=False)), ZERO)


@dataclass(frozen=True)
class Leg:
    """One position with everything that its margins need."""

    index: int
    symbol: str
    settle: str
    sign: int
    inverse: bool
    size: Fraction
    entry: Fraction
    mark: Fraction
    leverage: Fraction | None
    terms: Terms
    taker: Fraction
    table: Table | None
    model: Mapping[str, Fraction] | None
    tick: Fraction | None
    charged: Fraction  # part of the size that is charged
    decides: Fraction  # size that decides the tier
    fixed_number: int | None = None

    def value(self, price: Fraction, size: Fraction | None = None) -> Fraction:
        size = self.size if size is None else size
        return size / price if self.inverse else size * price

    def profit(self, price: Fraction) -> Fraction:
        if self.inverse:
            return self.sign * (self.size / self.entry - self.size / price)
        return self.sign * self.size * (price - self.entry)

    def tier(self, price: Fraction, *, carry: bool = False) -> int | None:
        if self.table is None:
            return None
        if self.fixed_number is not None:
            return self.fixed_number
        at = {"entry": self.entry, "entry-tier": self.entry, "frozen": self.mark}.get(self.terms.basis, price)
        try:
            return self.table.number(self.value(at, self.decides))
        except TooLarge:
            if carry:
                return len(self.table.rows)
            raise

    def bare(self, price: Fraction, *, carry: bool = False) -> Fraction:
        """Maintenance without any fee."""
        charged_at = {"entry": self.entry, "frozen": self.mark}.get(self.terms.basis, price)
        value = self.value(charged_at, self.charged)
        if self.model is not None:
            coins = self.value(charged_at, self.charged) if self.inverse else self.charged
            return value * (self.model["maintenance_base"] + self.model["maintenance_slope_per_coin"] * coins)
        if not self.charged:
            return ZERO
        assert self.table is not None
        number = self.tier(price, carry=carry)
        assert number is not None
        share = self.charged / self.decides
        return share * self.table.charge(number, value / share)

    def fee(self, price: Fraction) -> Fraction:
        """The closing fee that the venue counts."""
        cost = self.value(self.entry, self.charged)
        match self.terms.fee:
            case "price":
                return self.taker * self.value(price, self.charged)
            case "entry-bankruptcy":
                return self.taker * self.value_at_entry_bankruptcy() * self.charged / self.size
            case "cost-and-initial":
                return self.taker * (cost + (cost / self.leverage if self.leverage else ZERO))
            case _:
                return ZERO

    def value_at_entry_bankruptcy(self) -> Fraction:
        """Value at the price at which margin = value / leverage is used up; nothing where the leverage is not given."""
        if self.leverage is None:
            return ZERO
        if self.inverse:  # E L / (L + 1) for a long, E L / (L - 1) for a short
            return self.size * (self.leverage + self.sign) / (self.entry * self.leverage)
        return self.size * self.entry * (1 - self.sign / self.leverage)

    def requirement(self, price: Fraction, *, carry: bool = False) -> Fraction:
        return self.bare(price, carry=carry) + (ZERO if self.terms.fee_cancels else self.fee(price))

    def maintenance(self, price: Fraction) -> Fraction:
        """The venue's own figure."""
        return self.bare(price) + (self.fee(price) if self.terms.fee_shown else ZERO)

    def initial(self) -> Fraction | None:
        if self.model is not None:
            coins = self.value(self.mark) if self.inverse else self.size
            return self.value(self.mark) * (self.model["initial_base"] + self.model["initial_slope_per_coin"] * coins)
        if self.leverage is None:
            return None
        at = self.mark if self.terms.initial == "mark" else self.entry
        fee = self.taker * self.value_at_entry_bankruptcy() if self.terms.initial_fee else ZERO
        return self.value(at) / self.leverage + fee

    def edges(self) -> list[Fraction]:
        """Where in x (price, or one over it) this leg changes its tier; the last one ends the table if that ends."""
        fixed = self.fixed_number is not None or self.terms.basis != "root" or not self.charged
        if self.table is None or fixed:
            return []
        return [row.cap / self.decides for row in self.table.rows if row.cap is not None]


Prices = Callable[[str], Fraction]


@dataclass(frozen=True)
class Part:
    """One settle or collateral asset of a pool, and what a unit of it counts for."""

    asset: str
    wallet: Fraction
    legs: tuple[Leg, ...]
    gain: Fraction = ONE
    loss: Fraction = ONE
    charge: Fraction = ONE

    def own(self, prices: Prices) -> Fraction:
        return self.wallet + sum((leg.profit(prices(leg.symbol)) for leg in self.legs), ZERO)

    def counted(self, own: Fraction, move: Fraction = ZERO) -> Fraction:
        return own * (self.gain if own >= 0 else self.loss) * (1 + move)


@dataclass(frozen=True)
class Pool:
    asset: str
    parts: tuple[Part, ...]

    @property
    def legs(self) -> list[Leg]:
        return [leg for part in self.parts for leg in part.legs]

    def at_marks(self, symbol: str) -> Fraction:
        return next(leg.mark for leg in self.legs if leg.symbol == symbol)

    def with_price(self, symbol: str, price: Fraction) -> Prices:
        return lambda s: price if s == symbol else self.at_marks(s)

    def equity(self, prices: Prices, moves: Mapping[str, Fraction] | None = None) -> Fraction:
        moves = moves or {}
        return sum((part.counted(part.own(prices), moves.get(part.asset, ZERO)) for part in self.parts), ZERO)

    def requirement(
        self, prices: Prices, moves: Mapping[str, Fraction] | None = None, *, carry: bool = False
    ) -> Fraction:
        moves = moves or {}
        return sum(
            (
                leg.requirement(prices(leg.symbol), carry=carry) * part.charge * (1 + moves.get(part.asset, ZERO))
                for part in self.parts
                for leg in part.legs
            ),
            ZERO,
        )

    def slack(self, prices: Prices, moves: Mapping[str, Fraction] | None = None, *, carry: bool = False) -> Fraction:
        """Equity minus requirement at these prices."""
        return self.equity(prices, moves) - self.requirement(prices, moves, carry=carry)

    def gross(self) -> Fraction:
        """Gross notional at the marks, as the pool counts it: what errors are measured against."""
        return sum((leg.value(leg.mark) * part.charge for part in self.parts for leg in part.legs), ZERO)

    # --- one contract moves, everything else stands ---

    def _price(self, leg: Leg, x: Fraction) -> Fraction:
        return 1 / x if leg.inverse else x

    def _slack_of_x(self, leg: Leg) -> Callable[[Fraction], Fraction]:
        return lambda x: self.slack(self.with_price(leg.symbol, self._price(leg, x)), carry=True)

    def _breaks(self, leg: Leg) -> list[Fraction]:
        moving = [other for other in self.legs if other.symbol == leg.symbol]
        breaks = {edge for other in moving for edge in other.edges()}
        for part in self.parts:  # the sign of wallet + profit changes what the asset counts for
            if leg in part.legs and part.gain != part.loss:
                one, two = (part.own(self.with_price(leg.symbol, self._price(leg, x))) for x in (ONE, F(2)))
                if one != two:
                    breaks.add(1 - one / (two - one))
        return sorted(x for x in breaks if x > 0)

    def _table_end(self, leg: Leg) -> Fraction | None:
        """The x above which some moving leg has no rate."""
        ends = [
            other.edges()[-1]
            for other in self.legs
            if other.symbol == leg.symbol and other.table and other.table.rows[-1].cap is not None and other.edges()
        ]
        return min(ends, default=None)

    def touches(self, leg: Leg) -> list[tuple[Fraction, str]]:
        """First price on each side of the mark at which the requirement has reached the equity, with its direction.

        A price beyond the last tier comes as direction `beyond`.
        """
        mark = 1 / leg.mark if leg.inverse else leg.mark
        slack, breaks, end = self._slack_of_x(leg), self._breaks(leg), self._table_end(leg)
        found: list[tuple[Fraction, str]] = []
        up = [mark, *(b for b in breaks if b > mark)]
        down = [mark, *reversed([b for b in breaks if b < mark]), ZERO]
        x = _first_touch_walking(slack, [*pairwise(up), (up[-1], None)])
        if x is not None:
            direction = "below" if leg.inverse else "above"
            found.append((self._price(leg, x), "beyond" if end is not None and x > end else direction))
        x = _first_touch_walking(slack, list(pairwise(down)))
        if x is not None and x > 0:
            found.append((self._price(leg, x), "above" if leg.inverse else "below"))
        return sorted(found)

    def bankruptcy(self, leg: Leg) -> Fraction | None:
        """The price at which this contract alone uses up the equity."""
        part = next(part for part in self.parts if leg in part.legs)
        own = {x: part.own(self.with_price(leg.symbol, self._price(leg, x))) for x in (ONE, F(2))}
        slope = own[F(2)] - own[ONE]
        if not slope:
            return None
        rest = self.equity(self.with_price(leg.symbol, leg.mark)) - part.counted(
            part.own(self.with_price(leg.symbol, leg.mark))
        )
        for factor, fits in ((part.gain, lambda v: v >= 0), (part.loss, lambda v: v <= 0)):
            if factor and fits(-rest / factor):
                x = 1 + (-rest / factor - own[ONE]) / slope
                return self._price(leg, x) if x > 0 else None
        return None

    def common_ratio(self) -> Fraction | None:
        """Deribit: the r nearest to 1 at which r x mark for every future liquidates; pools of one kind only."""
        inverse = self.legs[0].inverse
        assert all(leg.inverse == inverse and leg.table is None for leg in self.legs)
        assert all(part.gain == part.loss for part in self.parts)

        def slack(x: Fraction) -> Fraction:
            ratio = 1 / x if inverse else x
            return self.slack(lambda symbol: ratio * self.at_marks(symbol))

        found = [_first_touch_walking(slack, [(ONE, None)]), _first_touch_walking(slack, [(ONE, ZERO)])]
        ratios = sorted(1 / x if inverse else x for x in found if x)
        return min(ratios, key=lambda r: round(abs(r - 1), 40), default=None)


def _first_touch_walking(
    slack: Callable[[Fraction], Fraction], stretches: list[tuple[Fraction, Fraction | None]]
) -> Fraction | None:
    """The first x, walking from one stretch to the next, at which slack is not above zero. None: never.

    On a stretch slack is a + b x + c x^2 (a requirement may jump at its ends), so three values inside give all of it.
    """
    for start, stop in stretches:
        if start == stop:
            continue
        inside = [start + (((stop - start) if stop is not None else max(start, ONE)) * F(k, 5)) for k in (1, 2, 3, 4)]
        a, b, c = _parabola(inside[:3], [slack(x) for x in inside[:3]])
        assert a + b * inside[3] + c * inside[3] ** 2 == slack(inside[3]), (
            "the curve between two tier edges is no parabola"
        )
        outward = 1 if stop is None or stop > start else -1
        at_start, after = a + b * start + c * start * start, (b + 2 * c * start) * outward
        # a size at the edge is still in the lower tier: going up, the curve starts just behind the edge
        if at_start < 0 or (at_start == 0 and (outward < 0 or after <= 0)):
            return start
        roots = [r for r in _roots(a, b, c) if (r - start) * outward > 0]
        roots = [r for r in roots if stop is None or (stop - r) * outward >= 0]
        if outward < 0 and stop and stop in roots and slack(stop) > 0:
            roots.remove(stop)  # going down, the curve ends just before the edge
        if roots:
            return min(roots, key=lambda r: abs(r - start))
    return None


def _parabola(xs: list[Fraction], ys: list[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    (x0, x1, x2), (y0, y1, y2) = xs, ys
    first, second = (y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1)
    c = (second - first) / (x2 - x0)
    b = first - c * (x0 + x1)
    return y0 - b * x0 - c * x0 * x0, b, c


def _roots(a: Fraction, b: Fraction, c: Fraction) -> list[Fraction]:
    """Zeros of a + b x + c x^2; exact where it is a line, else to 60 digits."""
    if not c:
        return [-a / b] if b else []
    square = b * b - 4 * a * c
    if square < 0:
        return []
    root = _square_root(square)
    if not root:
        return [-b / (2 * c)]
    q = -(b + root) / 2 if b > 0 else -(b - root) / 2
    return [q / c, a / q]


def _square_root(value: Fraction) -> Fraction:
    scale = 10**80
    return F(isqrt(value.numerator * value.denominator * scale * scale), value.denominator * scale)


# --- from the file to pools -------------------------------------------------------------------------------------------


@dataclass
class Position:
    """The oracle's answer for one position; None stands for null."""

    symbol: str
    side: str
    status: str = "insufficient"
    roots: list[tuple[Fraction, str, int | None]] = field(default_factory=list)
    price: Fraction | None = None
    notional: Fraction | None = None
    profit: Fraction | None = None
    initial: Fraction | None = None
    initial_is_said: bool = True
    maintenance: Fraction | None = None
    displayed: Fraction | None = None
    bankruptcy: Fraction | None = None
    isolated_wallet: Fraction | None = None
    pool: Pool | None = None
    leg: Leg | None = None


@dataclass
class PoolFigures:
    asset: str
    pool: Pool | None = None
    equity: Fraction | None = None
    initial: Fraction | None = None
    maintenance: Fraction | None = None
    requirement: Fraction | None = None
    margin_use: Fraction | None = None


@dataclass
class Account:
    name: str
    positions: list[Position]
    pools: dict[str, PoolFigures]


def parts_of(symbol: str) -> tuple[str, str, str]:
    """Base, quote and settle asset of a ccxt unified symbol."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    return base, quote, settle.split("-")[0]


def number(value: object) -> Fraction | None:
    return None if value is None else F(str(value))


def read(portfolio: Json, takers: Mapping[str, Fraction] | None = None) -> list[Account]:
    """Every account's answers. `takers`: base rates per venue, for accounts that state none."""
    return [_account(portfolio, account, takers or {}) for account in portfolio["accounts"]]


def _account(portfolio: Json, account: Json, takers: Mapping[str, Fraction]) -> Account:
    venue, day = account["venue"], str(portfolio.get("as_of") or "9999")[:10]
    multi = account.get("collateral_mode", "single") == "multi"
    taker = number(account.get("taker_fee_rate"))
    taker = taker if taker is not None else takers.get(venue, GATE_FEE if venue == "gate" else None)
    raw = account.get("positions", [])
    legs = [_leg(portfolio, account, i, day, taker) for i in range(len(raw))]
    positions: list[Position] = []
    units: dict[str, list[int]] = {}
    for i, (position, leg) in enumerate(zip(raw, legs, strict=True)):
        answer = Position(position["symbol"], position["side"], leg=leg)
        positions.append(answer)
        answer.notional, answer.profit = _size_and_mark_tell(portfolio, venue, position)
        if leg is not None:
            answer.initial, answer.maintenance = leg.initial(), leg.maintenance(leg.mark) if leg.charged else UNSAID
            answer.initial_is_said = leg.terms.initial != "" and leg.charged > 0
        if position.get("margin_mode", "cross") == "cross":
            units.setdefault("USD" if multi else parts_of(position["symbol"])[2], []).append(i)
        else:
            terms = terms_of(venue, day, "isolated", multi)
            answer.isolated_wallet = _isolated_wallet(portfolio, account, position, terms, taker)
            if leg is not None and answer.isolated_wallet is not None:
                answer.pool = Pool(leg.settle, (Part(leg.settle, answer.isolated_wallet, (leg,)),))
    pools: dict[str, PoolFigures] = {}
    for asset, members in units.items():
        pool = _pool(portfolio, account, asset, [legs[i] for i in members], multi)
        pools[asset] = _figures(asset, pool)
        for i in members:
            positions[i].pool = pool
    for answer in positions:
        if answer.pool is not None and answer.leg is not None:
            _answer(answer, answer.pool, answer.leg)
    return Account(account["name"], positions, pools)


def _size_and_mark_tell(portfolio: Json, venue: str, position: Json) -> tuple[Fraction | None, Fraction | None]:
    """Notional and profit need no rule and no tier."""
    size = _size(portfolio, venue, position)
    mark, entry = (
        number(portfolio.get("marks", {}).get(venue, {}).get(position["symbol"])),
        F(str(position["entry_price"])),
    )
    if size is None or mark is None:
        return None, None
    sign = 1 if position["side"] == "long" else -1
    if _is_inverse(portfolio, venue, position["symbol"]):
        return size / mark, sign * (size / entry - size / mark)
    return size * mark, sign * size * (mark - entry)


def _instrument(portfolio: Json, venue: str, symbol: str) -> Json:
    return portfolio.get("instruments", {}).get(venue, {}).get(symbol, {})


def _is_inverse(portfolio: Json, venue: str, symbol: str) -> bool:
    base, _, settle = parts_of(symbol)
    return _instrument(portfolio, venue, symbol).get("kind", "inverse" if base == settle else "linear") == "inverse"


def _size(portfolio: Json, venue: str, position: Json) -> Fraction | None:
    if "quantity" in position:
        return number(position["quantity"])
    contract = number(_instrument(portfolio, venue, position["symbol"]).get("contract_size"))
    return None if contract is None else F(str(position["contracts"])) * contract


def _contracts(portfolio: Json, venue: str, position: Json) -> Fraction | None:
    if "contracts" in position:
        return number(position["contracts"])
    contract = number(_instrument(portfolio, venue, position["symbol"]).get("contract_size"))
    return None if contract is None else F(str(position["quantity"])) / contract


def _leg(portfolio: Json, account: Json, index: int, day: str, taker: Fraction | None) -> Leg | None:
    """None where a fact is missing or the size is above the last tier."""
    venue, position = account["venue"], account["positions"][index]
    symbol, side = position["symbol"], position["side"]
    mode, multi = position.get("margin_mode", "cross"), account.get("collateral_mode", "single") == "multi"
    terms = terms_of(venue, day, mode, multi)
    instrument = _instrument(portfolio, venue, symbol)
    mark = number(portfolio.get("marks", {}).get(venue, {}).get(symbol))
    size = _size(portfolio, venue, position)
    table, model = instrument.get("tiers"), instrument.get("margin_model")
    if mark is None or size is None or (table is None and model is None) or (terms.fee != "none" and taker is None):
        return None
    twins = [p for p in account["positions"] if p["symbol"] == symbol and p.get("margin_mode", "cross") == "cross"]
    opposite = next((p for p in twins if p["side"] != side), None) if mode == "cross" else None
    other = _size(portfolio, venue, opposite) or ZERO if opposite is not None else ZERO
    charged = decides = size
    if terms.hedge == "net" and other:
        charged, decides = max(size - other, ZERO), abs(size - other)
    elif terms.hedge == "larger":
        decides = max(size, other)
    leg = Leg(
        index=index,
        symbol=symbol,
        settle=parts_of(symbol)[2],
        sign=1 if side == "long" else -1,
        inverse=_is_inverse(portfolio, venue, symbol),
        size=size,
        entry=F(str(position["entry_price"])),
        mark=mark,
        leverage=number(position.get("leverage")),
        terms=terms,
        taker=taker or ZERO,
        table=None
        if table is None
        else Table(
            tuple(
                Row(
                    F(str(row["floor"])),
                    number(row["cap"]),
                    F(str(row["maintenance_rate"])),
                    number(row.get("maintenance_amount")),
                )
                for row in table
            ),
            terms.marginal,
        ),
        model=None if model is None else {k: F(str(v)) for k, v in model.items() if k != "kind"},
        tick=number(instrument.get("price_tick")),
        charged=charged,
        decides=decides,
    )
    if terms.contracts and leg.table is not None:
        count = ZERO
        for p in account["positions"] if mode == "cross" else [position]:
            same_side = account.get("position_mode", "one-way") == "one-way" or p["side"] == side
            cross = p.get("margin_mode", "cross") == "cross" or p is position
            same_kind = _is_inverse(portfolio, venue, p["symbol"]) == leg.inverse
            if cross and same_side and same_kind and parts_of(p["symbol"])[0] == parts_of(symbol)[0]:
                own = _contracts(portfolio, venue, p)
                if own is None and len(leg.table.rows) > 1:
                    return None
                count += own or ZERO
        try:
            leg = replace(leg, fixed_number=leg.table.number(count))
        except TooLarge:
            return None
    try:
        leg.tier(mark)
    except TooLarge:
        return leg if not charged else None
    return leg


def _isolated_wallet(
    portfolio: Json, account: Json, position: Json, terms: Terms, taker: Fraction | None
) -> Fraction | None:
    if "isolated_wallet" in position:
        return number(position["isolated_wallet"])
    size, leverage = _size(portfolio, account["venue"], position), number(position.get("leverage"))
    if size is None or leverage is None or (terms.opening_fee and taker is None):
        return None
    entry = F(str(position["entry_price"]))
    value = size / entry if _is_inverse(portfolio, account["venue"], position["symbol"]) else size * entry
    return value / leverage - (value * (taker or ZERO) if terms.opening_fee else ZERO)


def _pool(portfolio: Json, account: Json, asset: str, legs: list[Leg | None], multi: bool) -> Pool | None:
    if any(leg is None for leg in legs):
        return None
    known = [leg for leg in legs if leg is not None]
    balances = account.get("balances")
    if not multi:
        wallet = number((balances or {}).get(asset))
        return None if wallet is None else Pool(asset, (Part(asset, wallet, tuple(known)),))
    if balances is None:
        return None
    sides = {(parts_of(leg.symbol)[0], leg.sign) for leg in known}
    if account["venue"] == "kraken" and any((base, -sign) in sides for base, sign in sides):
        return None  # Max(long, short) of one underlying is not modelled
    parts: list[Part] = []
    for name in sorted({*balances, *(leg.settle for leg in known)}):
        price = portfolio.get("collateral_prices", {}).get(name)
        price = price.get(account["venue"]) if isinstance(price, Mapping) else price
        price = ONE if price is None and name == "USD" else number(price)
        rule = portfolio.get("collateral", {}).get(account["venue"], {}).get(name)
        if price is None or rule is None:
            return None
        if "haircut" in rule:
            gain, loss, charge = price * (1 - F(rule["haircut"])), price, price
        else:
            gain, loss = price * (1 - F(rule["bid_buffer"])), price * (1 + F(rule["ask_buffer"]))
            charge = loss
        own = tuple(leg for leg in known if leg.settle == name)
        parts.append(Part(name, number(balances.get(name)) or ZERO, own, gain, loss, charge))
    return Pool(asset, tuple(parts))


def _figures(asset: str, pool: Pool | None) -> PoolFigures:
    if pool is None:
        return PoolFigures(asset)
    equity, requirement = pool.equity(pool.at_marks), pool.requirement(pool.at_marks)
    initial = [(leg.initial(), part.charge) for part in pool.parts for leg in part.legs]
    return PoolFigures(
        asset,
        pool,
        equity=equity,
        initial=None if any(own is None for own, _ in initial) else sum((own * c for own, c in initial if own), ZERO),
        maintenance=sum((leg.maintenance(leg.mark) * part.charge for part in pool.parts for leg in part.legs), ZERO),
        requirement=requirement,
        margin_use=requirement / equity if equity > 0 else None,
    )


def _answer(answer: Position, pool: Pool, leg: Leg) -> None:
    answer.bankruptcy = pool.bankruptcy(leg)
    if pool.slack(pool.at_marks) <= 0:
        answer.status = "liquidatable"
        return
    touches = pool.touches(leg)
    listed = [(price, direction) for price, direction in touches if direction != "beyond"]
    if not listed:
        answer.status = "insufficient" if touches else "none"
        return
    answer.status = "found"
    answer.roots = [(price, direction, leg.tier(price, carry=True)) for price, direction in listed]
    # ascending, so that of two equally near (up to the digits of a square root) the one below comes first
    answer.price = min(listed, key=lambda root: round(abs(root[0] - leg.mark) / leg.mark, 40))[0]
    answer.displayed = _displayed(pool, leg, answer.price)


def _displayed(pool: Pool, leg: Leg, price: Fraction) -> Fraction | None:
    match leg.terms.displayed:
        case "tick" if leg.tick:
            steps = price / leg.tick
            return (ceil(steps) if price < leg.mark else floor(steps)) * leg.tick
        case "one-tick" if leg.tick:
            return price + leg.tick * leg.sign
        case "ratio" if len(pool.parts) == 1 and pool.parts[0].gain == pool.parts[0].loss:
            ratio = pool.common_ratio()
            return None if ratio is None else ratio * leg.mark
        case "ratio":
            return UNSAID
        case "frozen":
            # equity(P) = maintenance and fee at today's mark; the equity is a straight line in x
            needed = pool.requirement(pool.at_marks)
            values = {
                x: pool.equity(pool.with_price(leg.symbol, 1 / x if leg.inverse else x)) - needed for x in (ONE, F(2))
            }
            slope = values[F(2)] - values[ONE]
            if not slope:
                return None
            x = 1 - values[ONE] / slope
            return (1 / x if x else None) if leg.inverse else x
        case _:
            return price


# --- joint moves ------------------------------------------------------------------------------------------------------

DOLLARS = ("USD", "USDT", "USDC")
BEYOND = F(-2)  # the walk came to the end of a tier table first


@dataclass(frozen=True)
class Move:
    """Relative moves per asset; `others` holds for coins that are not named, not for dollars."""

    named: Mapping[str, Fraction]
    others: Fraction = ZERO

    def of(self, asset: str) -> Fraction:
        return self.named.get(asset, ZERO if asset in DOLLARS else self.others)


def slack_along(pool: Pool, move: Move, multiple: Fraction) -> Fraction:
    """Equity minus requirement at a multiple of a joint move."""
    base = {leg.symbol: parts_of(leg.symbol)[0] for leg in pool.legs}
    converted = pool.asset == "USD" and any(part.asset != "USD" for part in pool.parts)
    moves = {part.asset: multiple * move.of(part.asset) for part in pool.parts} if converted else {}
    return pool.slack(lambda s: pool.at_marks(s) * (1 + multiple * move.of(base[s])), moves)


def stretch_of(pools: list[Pool], move: Move) -> Fraction:
    """How far the multiple is looked for: ten times, or until a price reaches zero."""
    assets = {parts_of(leg.symbol)[0] for pool in pools for leg in pool.legs}
    assets |= {part.asset for pool in pools if pool.asset == "USD" for part in pool.parts}
    falls = [-1 / move.of(asset) for asset in assets if move.of(asset) < 0]
    return min([F(10), *falls])


def first_touch_along(pool: Pool, move: Move, end: Fraction, steps: int = 120) -> Fraction | None:
    """The multiple at which the pool is liquidated, by looking closely at many and halving; None: none before `end`.

    BEYOND where a size leaves its tiers first. A touch that lasts less than a step is missed.
    """
    at = [end * k / steps for k in range(steps)] + [end * (1 - F(1, 10**9))]
    low = ZERO
    for multiple in at:
        try:
            if slack_along(pool, move, multiple) <= 0:
                break
        except TooLarge:
            high = _last_inside(pool, move, low, multiple)
            if slack_along(pool, move, high) > 0:
                return BEYOND
            multiple = high
            break
        low = multiple
    else:
        return None
    if not multiple:
        return ZERO
    for _ in range(100):
        middle = (low + multiple) / 2
        if slack_along(pool, move, middle) <= 0:
            multiple = middle
        else:
            low = middle
    return multiple


def _last_inside(pool: Pool, move: Move, low: Fraction, high: Fraction) -> Fraction:
    """The last multiple at which every leg is in a tier."""
    for _ in range(100):
        middle = (low + high) / 2
        try:
            slack_along(pool, move, middle)
            low = middle
        except TooLarge:
            high = middle
    return low
