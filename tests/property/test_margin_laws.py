"""What must hold of any account, whatever the rule: more equity never hurts, and who is apart stays apart."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.kit.portfolios import (
    INVERSE_VENUES,
    LINEAR_VENUES,
    SEEDS,
    VENUES,
    Json,
    portfolios,
    random_portfolio,
    report_of,
)
from tests.property.test_margin_oracle import each_venue
from workstation.domain.unknown import Unknown
from workstation.risk.report import AccountReport, PoolReport, PositionReport

FIGURES = (
    "isolated_wallet",
    "mark",
    "notional",
    "unrealised_pnl",
    "initial_margin",
    "maintenance_margin",
    "margin_use",
    "displayed_price",
    "bankruptcy_price",
    "distance_fraction",
    "distance_quote",
)
# in any order of summing up, the 50 digits of the engine leave at least this many
CLOSE = Fraction(1, 10**30)


def _same(a: object, b: object, scale: Fraction) -> bool:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return abs(Fraction(a) - Fraction(b)) <= CLOSE * max(abs(Fraction(a)), scale)
    return (a is None and b is None) or (isinstance(a, Unknown) and isinstance(b, Unknown))


def _alike(a: PositionReport, b: PositionReport) -> list[str]:
    """What differs between two reports of one position."""
    scale = Fraction(a.notional) if isinstance(a.notional, Decimal) else Fraction(0)
    found = [name for name in FIGURES if not _same(getattr(a, name), getattr(b, name), scale)]
    if a.liquidation.status != b.liquidation.status:
        found.append(f"status {a.liquidation.status} {b.liquidation.status}")
    roots, others = a.liquidation.roots, b.liquidation.roots
    if [(r.direction, r.tier) for r in roots] != [(r.direction, r.tier) for r in others]:
        found.append("roots")
    return found + [
        "root"
        for r, o in zip(roots, others, strict=False)
        if not _same(r.price, o.price, Fraction(a.mark))  # type: ignore[arg-type]
    ]


POOL_FIGURES = ("equity", "initial_margin", "maintenance_margin", "requirement", "margin_use")


def _pools_alike(some: Iterable[PoolReport], others: Iterable[PoolReport]) -> bool:
    """The same pools with the same figures; the places of missing facts may differ."""
    mine, yours = {pool.asset: pool for pool in some}, {pool.asset: pool for pool in others}
    return mine.keys() == yours.keys() and all(
        _same(getattr(pool, name), getattr(yours[asset], name), Fraction(0))
        for asset, pool in mine.items()
        for name in POOL_FIGURES
    )


def _by_leg(account: AccountReport) -> dict[tuple[str, str, str], PositionReport]:
    return {(p.symbol, p.side, p.margin_mode): p for p in account.positions}


@each_venue
def test_the_order_of_positions_is_irrelevant(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi), SEEDS)
    def shuffle(portfolio: Json, seed: int) -> None:
        shuffled = _with_positions(portfolio, Random(seed).sample(_positions(portfolio), len(_positions(portfolio))))
        before, after = report_of(portfolio).accounts[0], report_of(shuffled).accounts[0]
        legs = _by_leg(after)
        assert {leg: _alike(p, legs[leg]) for leg, p in _by_leg(before).items()} == {leg: [] for leg in legs}
        assert {pool.asset for pool in before.pools} == {pool.asset for pool in after.pools}

    shuffle()


def _positions(portfolio: Mapping[str, Any]) -> list[Json]:
    return portfolio["accounts"][0]["positions"]


def _with_positions(portfolio: Json, positions: Iterable[Json]) -> Json:
    return portfolio | {"accounts": [portfolio["accounts"][0] | {"positions": list(positions)}]}


def _with_balances(portfolio: Json, balances: Mapping[str, str]) -> Json:
    return portfolio | {"accounts": [portfolio["accounts"][0] | {"balances": dict(balances)}]}


# --- more equity ------------------------------------------------------------------------------------------------------


@each_venue
def test_more_equity_never_brings_a_liquidation_nearer(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi), st.sampled_from(("1.000001", "1.1", "3")), st.integers(0, 9))
    def monotone(portfolio: Json, factor: str, which: int) -> None:
        balances = portfolio["accounts"][0]["balances"]
        positions = _positions(portfolio)
        richer = _with_positions(
            portfolio,
            [
                p | {"isolated_wallet": _more(p["isolated_wallet"], factor)} if "isolated_wallet" in p else p
                for p in positions
            ],
        )
        if balances:
            asset = sorted(balances)[which % len(balances)]
            richer = _with_balances(richer, balances | {asset: _more(balances[asset], factor)})
        before, after = report_of(portfolio).accounts[0], report_of(richer).accounts[0]
        for old, new in zip(before.positions, after.positions, strict=True):
            _no_nearer(old, new)
        for old_pool, new_pool in zip(before.pools, after.pools, strict=True):
            if isinstance(old_pool.margin_use, Decimal) and old_pool.margin_use >= 0:
                assert Fraction(new_pool.margin_use) <= Fraction(old_pool.margin_use) * (1 + CLOSE)  # type: ignore[arg-type]

    monotone()


def _more(amount: str, factor: str) -> str:
    return f"{abs(Decimal(amount)) * Decimal(factor) + Decimal('0.0000001'):f}"


def _no_nearer(old: PositionReport, new: PositionReport) -> None:
    was, now = old.liquidation, new.liquidation
    if was.status == "liquidatable":
        return
    assert now.status != "liquidatable"
    if was.status == "none":
        assert now.status == "none"
    for root in now.roots:
        nearer = [r for r in was.roots if r.direction == root.direction]
        assert nearer, f"{root} has come up"
        slip = Fraction(root.price) * CLOSE
        moved = Fraction(root.price) - Fraction(nearer[0].price)
        assert moved <= slip if root.direction == "below" else moved >= -slip


# --- cross and isolated -----------------------------------------------------------------------------------------------

# venues that charge a lone position alike in both modes, and those that do when there is no taker fee
ALIKE = ("binance-usdm", "binance-coinm", "okx", "hyperliquid", "deribit", "bitget", "gate", "dydx", "kraken")
ALIKE_WITHOUT_FEE = ("bybit", "bitmex")


@pytest.mark.parametrize("venue", [*ALIKE, *ALIKE_WITHOUT_FEE])
def test_one_cross_position_is_an_isolated_one_with_the_same_wallet(venue: str):
    @given(portfolios(venue, most=1), st.sampled_from(("0", "0.01", "0.07", "0.4", "1.5")))
    def equal(portfolio: Json, share: str) -> None:
        own = {k: v for k, v in _positions(portfolio)[0].items() if k not in ("isolated_wallet", "margin_mode")}
        account = portfolio["accounts"][0] | ({"taker_fee_rate": "0"} if venue in ALIKE_WITHOUT_FEE else {})
        first = report_of(portfolio).accounts[0].positions[0]
        assume(isinstance(first.notional, Decimal))
        wallet = f"{first.notional * Decimal(share):.12f}"  # type: ignore[operator]
        settle = own["symbol"].partition(":")[2].split("-")[0]
        reports = [
            report_of(portfolio | {"accounts": [account | {"balances": {settle: wallet}, "positions": [position]}]})
            for position in (own, own | {"margin_mode": "isolated", "isolated_wallet": wallet})
        ]
        cross, isolated = (report.accounts[0].positions[0] for report in reports)
        # what a venue displays may differ (Bitget's frozen estimate, OKX's extra tick), what liquidates may not
        assert set(_alike(cross, isolated)) <= {"isolated_wallet", "displayed_price"} | _evidence(cross, isolated)

    equal()


def _evidence(a: PositionReport, b: PositionReport) -> set[str]:
    """`ok` and `estimate` are the same answer from rules of different evidence."""
    statuses = a.liquidation.status, b.liquidation.status
    return {f"status {statuses[0]} {statuses[1]}"} if set(statuses) == {"ok", "estimate"} else set()


@each_venue
def test_isolated_legs_never_touch_a_pool(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi))
    def apart(portfolio: Json) -> None:
        whole = report_of(portfolio).accounts[0]
        for mode in ("cross", "isolated"):
            members = [p for p in _positions(portfolio) if p["margin_mode"] == mode]
            alone = report_of(_with_positions(portfolio, members)).accounts[0]
            legs = _by_leg(whole)
            assert [_alike(p, legs[leg]) for leg, p in _by_leg(alone).items()] == [[] for _ in members]
            if mode == "cross":
                assert _pools_alike(alone.pools, whole.pools)
            else:
                assert alone.pools == ()
        poorer = _with_balances(portfolio, dict.fromkeys(portfolio["accounts"][0]["balances"], "0"))
        for old, new in zip(whole.positions, report_of(poorer).accounts[0].positions, strict=True):
            assert old.margin_mode == "cross" or old == new

    apart()


@pytest.mark.parametrize("venue", VENUES)
def test_pools_of_two_assets_never_touch(venue: str):
    """Except that OKX counts the contracts of one base and kind over all of them."""

    @given(portfolios(venue))
    def apart(portfolio: Json) -> None:
        whole = report_of(portfolio).accounts[0]
        for pool in whole.pools:
            members = [p for p in _positions(portfolio) if p["symbol"].partition(":")[2].split("-")[0] == pool.asset]
            alone = report_of(_with_positions(portfolio, members)).accounts[0]
            if venue == "okx" and len(whole.pools) > 1:
                continue
            assert _pools_alike([p for p in alone.pools if p.asset == pool.asset], [pool])

    apart()


@each_venue
def test_the_account_repeats_its_most_used_pool(venue: str, multi: bool):
    @given(portfolios(venue, multi=multi))
    def repeats(portfolio: Json) -> None:
        account = report_of(portfolio).accounts[0]
        if not account.pools:
            assert account.worst_pool is None
            return
        assert account.worst_pool in account.pools
        uses = [pool.margin_use for pool in account.pools if isinstance(pool.margin_use, Decimal)]
        if len(uses) == len(account.pools):
            assert account.worst_pool is not None
            assert account.worst_pool.margin_use == max(uses)

    repeats()


@pytest.mark.parametrize("kind", ["linear", "inverse"])
def test_two_accounts_never_touch(kind: str):
    venues = LINEAR_VENUES if kind == "linear" else INVERSE_VENUES

    @given(st.sampled_from(venues), st.sampled_from(venues), SEEDS)
    def apart(one: str, two: str, seed: int) -> None:
        files = [random_portfolio(Random(seed), venue, kinds=(kind,)) for venue in (one, two)]
        assume(one != two)
        both = {
            "version": 1,
            "as_of": files[0]["as_of"],
            "accounts": [
                file["accounts"][0] | {"name": name} for file, name in zip(files, ("one", "two"), strict=True)
            ],
            "instruments": files[0]["instruments"] | files[1]["instruments"],
            "marks": files[0]["marks"] | files[1]["marks"],
        }
        whole = report_of(both).accounts
        for account, file in zip(whole, files, strict=True):
            alone = report_of(file | {"as_of": files[0]["as_of"]}).accounts[0]
            assert [_alike(p, q) for p, q in zip(account.positions, alone.positions, strict=True)] == [[]] * len(
                alone.positions
            )
            assert _pools_alike(account.pools, alone.pools)

    apart()
