"""The practice market keeps its books: two sides to every trade, no money made, nobody liquidated who need not be."""

import copy
from functools import lru_cache

import numpy as np
import pytest

from tests.kit.portfolios import report_of
from workstation.feeds.practice import HISTORY_H, HOUR_MS, START_MS, positions
from workstation.feeds.practice_contracts import COUNT, LISTINGS, VENUE, Contracts, Floats, Integers
from workstation.feeds.practice_fair import FairValue
from workstation.feeds.practice_market import ROUNDS, Forced, Market, Round
from workstation.feeds.practice_traders import ACCOUNTS

ORIGIN_MS = START_MS - HISTORY_H * HOUR_MS
SEED = 7
QUIET, FALL = (12.0, 12.5), (12.55, 13.0)  # hours of seed 7 from its first second
HOURS = 14


class Watched:
    """Seed 7 for some hours and what was true at the end of each round; index a round, then a contract."""

    def __init__(self) -> None:
        self.market = market = Market(SEED, ORIGIN_MS, START_MS)
        self.before_the_fall: Market | None = None
        self.money = [market.clearing.money()]
        self.net: list[Integers] = []
        self.lots: list[Integers] = [market.clearing.open_interest_lots()]
        self.turned: list[Integers] = []  # lots that were opened or closed by traders
        self.rounds: list[Round] = []
        self.shares: list[Floats] = []
        self.carried: list[Floats] = []
        self.mixes: list[tuple[float, float, float]] = []
        for number in range(HOURS * ROUNDS):
            if number == int(FALL[0] * ROUNDS):
                self.before_the_fall = market.copy()
            held = market.traders.lots.copy()
            self.rounds.append(market.step())
            self.net.append(per_contract(market.traders.lots) + market.clearing.maker_lots)
            self.lots.append(market.clearing.open_interest_lots())
            self.turned.append(per_contract(np.abs(market.traders.lots - held)))
            self.shares.append(market.depth_share)
            self.carried.append(market.carried)
            if number % 60 == 59:
                self.money.append(market.clearing.money())
                self.mixes.append(mix(market))

    def between(self, hours: tuple[float, float]) -> slice:
        return slice(int(hours[0] * ROUNDS), int(hours[1] * ROUNDS))

    def forced(self) -> list[tuple[int, Forced]]:
        return [(number, fills) for number, played in enumerate(self.rounds) for fills in played.forced]


def per_contract(lots: Integers) -> Integers:
    return lots.reshape(COUNT, ACCOUNTS).sum(1)


def mix(market: Market) -> tuple[float, float, float]:
    """The parts of all open interest, both sides, at 0-3x, 3-7x and above; makers are the lowest."""
    held, contracts = market.traders, market.contracts
    notional = np.abs(held.lots) / contracts.lots[held.contract] * market.mark[held.contract]
    makers = float((np.abs(market.clearing.maker_lots) / contracts.lots * market.mark).sum())
    low = float(notional[held.leverage < 3].sum()) + makers
    high = float(notional[held.leverage >= 7].sum())
    total = float(notional.sum()) + makers
    return low / total, 1 - (low + high) / total, high / total


def liquidated_usd(market: Market, rounds: list[Round]) -> Floats:
    total = np.zeros(COUNT)
    for played in rounds:
        for fills in played.forced:
            np.add.at(total, fills.contract, np.abs(fills.lots) / market.contracts.lots[fills.contract] * fills.price)
    return total


@lru_cache(maxsize=1)
def watched() -> Watched:
    """Some seconds of work, done once."""
    return Watched()


def test_longs_and_shorts_are_the_same_at_every_step():
    assert np.array(watched().net).dtype == np.int64
    assert not np.any(watched().net)


def test_open_interest_changes_by_no_more_than_was_traded():
    run = watched()
    lots = np.array(run.lots)
    changed = np.abs(np.diff(lots, axis=0))
    forced = np.zeros_like(changed)
    for number, fills in run.forced():
        np.add.at(forced[number], fills.contract, np.abs(fills.lots))
    traded = np.array([played.volume.sum(0) for played in run.rounds]) * run.market.contracts.lots
    assert (changed <= np.array(run.turned) + forced).all()
    assert (np.array(run.turned) <= np.rint(traded) + 1).all()
    assert (forced <= np.rint(traded) + 1).all()
    assert (lots > 0).all()


def test_forced_orders_are_only_of_those_whose_price_the_mark_had_reached():
    run = watched()
    seen = 0
    for number, fills in run.forced():
        before = run.rounds[number].mark[fills.second - 1] if fills.second else run.rounds[number - 1].mark[-1]
        assert (fills.mark == before[fills.contract]).all()
        long = fills.lots > 0
        assert (fills.mark[long] <= fills.liquidation[long]).all()
        assert (fills.mark[~long] >= fills.liquidation[~long]).all()
        assert (fills.lots != 0).all()
        seen += len(fills.lots)
    assert seen > 100


@pytest.mark.parametrize("jump", [-0.03, 0.03])
def test_whoever_is_reached_is_gone_a_round_later(jump: float):
    market = watched().before_the_fall
    assert market is not None
    market = market.copy()
    market._level = market._level + jump  # down to the longs, up to the shorts
    gone = 0
    for _ in range(30):
        lots = market.traders.lots.copy()
        below, above = market.traders.below.copy(), market.traders.above.copy()
        played = market.step()
        lowest = played.mark[:-1].min(0)[market.traders.contract]
        highest = played.mark[:-1].max(0)[market.traders.contract]
        reached = (below >= lowest) | (above <= highest)
        held_on = (market.traders.lots == lots) & (lots != 0) & (market.traders.below == below)
        assert not (reached & held_on).any()
        gone += int(reached.sum())
    assert gone > 20


def test_no_money_is_made_or_lost():
    """Over trades, fees, forced orders, the insurance fund and a funding payment; a billion and more is inside."""
    run = watched()
    margins = float(run.market.traders.margin[run.market.traders.lots != 0].sum())
    assert margins > 5e8
    assert np.ptp(run.money) < 1e-11 * margins
    assert run.market.clearing.ledger.fees > 1e5


def test_funding_is_paid_between_the_sides():
    market = Market(SEED, ORIGIN_MS, START_MS)
    while market.at_ms < ORIGIN_MS + HOUR_MS:
        market.step()
    held = np.flatnonzero(market.traders.lots)
    margins, makers, mark = market.traders.margin.copy(), market.clearing.maker_cash.copy(), market.mark
    below = market.traders.below.copy()
    money = market.clearing.money()
    rate = np.full(COUNT, 0.001)
    market.clearing.pay_funding(mark, rate)
    contract = market.traders.contract
    coins = market.traders.lots / market.contracts.lots[contract]
    paid = margins - market.traders.margin
    assert paid[held] == pytest.approx((coins * mark[contract] * 0.001)[held], rel=1e-6)
    assert float(paid.sum()) == pytest.approx(float((market.clearing.maker_cash - makers).sum()), abs=1e-3)
    assert market.clearing.money() == pytest.approx(money, abs=1e-3)
    longs = held[np.isfinite(below[held])]
    assert (market.traders.below[longs] > below[longs]).all()  # who pays is liquidated sooner


def test_funding_follows_demand_and_stays_within_its_bounds():
    market = Market(SEED, ORIGIN_MS, START_MS)
    rates: list[Floats] = []
    for premium in (-0.9, -0.002, 0.0, 0.0001, 0.002, 0.9):
        market._premium_sum, market._premium_count = np.full(COUNT, premium), 1
        rates.append(market._funding_rate())
    table = np.array(rates)
    assert (np.diff(table, axis=0) >= 0).all()
    assert (table[0] == -market.contracts.funding_cap).all()
    assert (table[-1] == market.contracts.funding_cap).all()
    assert (table[2:4] == 0.0001).all()
    assert table[4] == pytest.approx(0.0015)


def test_the_marks_are_the_listed_prices_at_the_start():
    run = watched()
    at_start = run.rounds[HISTORY_H * ROUNDS - 1]
    assert at_start.end_ms == START_MS
    assert at_start.mark[-1].tolist() == [listing.price for listing in LISTINGS]
    assert at_start.mark[-1][:2].tolist() == [100_000, 4_000]


def test_the_way_to_the_listed_prices_cannot_be_seen():
    """The last hour's marks move no more from second to second than fair value alone allows."""
    run = watched()
    marks = np.concatenate([played.mark for played in run.rounds[: HISTORY_H * ROUNDS]])
    moves = np.abs(np.diff(np.log(marks), axis=0))
    assert (moves[-1] <= np.quantile(moves, 0.999, axis=0)).all()


def test_prices_are_on_their_ticks_and_above_zero():
    run = watched()
    marks = np.concatenate([played.mark for played in run.rounds])
    ticks = marks * run.market.contracts.ticks
    assert (marks > 0).all()
    assert np.abs(ticks - np.rint(ticks)).max() < 1e-4


def test_the_leverage_mix_holds():
    """As reported of Hyperliquid, 36, 48.5 and 15 %, each within four points at every ten minutes."""
    mixes = np.array(watched().mixes)
    assert np.abs(mixes - [0.36, 0.485, 0.155]).max() < 0.04


def test_nobody_has_more_leverage_than_the_brackets_allow():
    traders, contracts = watched().market.traders, watched().market.contracts
    for account in np.flatnonzero(traders.lots).tolist():
        row = account // ACCOUNTS
        notional = abs(traders.lots[account]) / contracts.lots[row] * traders.entry[account]
        allowed = contracts.most_leverage[row][np.searchsorted(contracts.caps[row], notional)]
        assert traders.leverage[account] <= allowed


def test_spread_widens_and_depth_thins_in_the_fall():
    run = watched()
    shares = np.array(run.shares)
    calm, falling = shares[run.between(QUIET)].mean(0), shares[run.between(FALL)].min(0)
    crypto = slice(0, 7)
    assert (falling[crypto] < 0.5 * calm[crypto]).all()
    spreads = np.array([played.half_spread for played in run.rounds])
    assert (spreads[run.between(FALL)].max(0)[crypto] > 2 * spreads[run.between(QUIET)].mean(0)[crypto]).all()


def test_the_fall_of_seed_7_is_a_cascade():
    """Forced orders are a part of open interest worth the name, and price falls further than fair value does."""
    run = watched()
    rounds = run.rounds[run.between(FALL)]
    share = liquidated_usd(run.market, rounds) / (run.lots[run.between(FALL).start] / run.market.contracts.lots)
    share = share / rounds[0].mark[0]
    hype = [listing.symbol for listing in LISTINGS].index("HYPE/USDT:USDT")
    assert share[hype] > 0.08
    assert share[0] > 0.04
    carried = np.array(run.carried[run.between(FALL)])[:, 0]
    mark = np.log([played.mark[-1, 0] for played in rounds])
    fair = np.log([played.index[-1, 0] for played in rounds]) - carried
    assert mark.min() - mark[0] < fair.min() - fair[0] - 0.01
    bursts = [len(fills.lots) for played in rounds for fills in played.forced]
    assert sum(bursts) > 100


def test_the_cascade_comes_from_the_book_and_not_from_a_script():
    """Half an hour from the same positions: where forced orders move no price, fewer are liquidated and less falls."""
    before = watched().before_the_fall
    assert before is not None
    with_book, bottomless = before.copy(), before.copy()
    bottomless.contracts = copy.copy(before.contracts)
    bottomless.contracts.depth = before.contracts.depth * 1e6
    rounds = [[market.step() for _ in range(ROUNDS // 2)] for market in (with_book, bottomless)]
    real, harmless = (float(liquidated_usd(before, played).sum()) for played in rounds)
    assert 0 < harmless < 0.9 * real
    lows = [min(float(played.mark[:, 0].min()) for played in one) for one in rounds]
    assert lows[0] < lows[1] * 0.99


def test_different_seeds_differ_and_the_same_seed_does_not():
    first, again, other = (Market(seed, ORIGIN_MS, START_MS) for seed in (1, 1, 2))
    for _ in range(30):
        one, same, different = first.step(), again.step(), other.step()
        assert (one.mark == same.mark).all()
        assert (one.volume == same.volume).all()
        assert (one.mark != different.mark).any()
    assert (first.traders.lots == again.traders.lots).all()


def test_the_coins_move_together_and_with_fat_tails():
    fair, contracts = FairValue(SEED), Contracts(START_MS)
    levels = np.concatenate([fair.next_hour(hour, contracts)[0][59::60] for hour in range(72)])
    moves = np.diff(levels, axis=0)
    to_bitcoin = np.array([np.corrcoef(moves[:, 0], moves[:, row]) for row in range(COUNT)])[:, 0, 1]
    assert to_bitcoin[1:7].min() > 0.4
    assert abs(to_bitcoin[7]) < 0.4  # silver goes its own way
    kurtosis = (moves**4).mean(0) / (moves**2).mean(0) ** 2
    assert kurtosis[0] > 5
    size = np.abs(moves[:, 0])
    later = np.array(np.corrcoef(size[:-10], size[10:]))
    assert later[0, 1] > 0.1  # a restless minute is followed by others


def test_liquidation_prices_are_those_of_the_risk_engine():
    market = Market(3, ORIGIN_MS, START_MS)
    found = [position for position in positions(market, ORIGIN_MS) if position.account != "makers"]
    chosen = [*found[:: len(found) // 150], *sorted(found, key=lambda p: -p.quantity_base * p.entry_price)[:20]]
    for one in chosen:
        row = next(i for i, listing in enumerate(LISTINGS) if listing.symbol == one.symbol)
        portfolio = {
            "version": 1,
            "as_of": "2026-11-01T12:00:00Z",
            "accounts": [
                {
                    "name": one.account,
                    "venue": VENUE,
                    "balances": {"USDT": "0"},
                    "positions": [
                        {
                            "symbol": one.symbol,
                            "side": one.side,
                            "quantity": str(one.quantity_base),
                            "entry_price": str(one.entry_price),
                            "margin_mode": "isolated",
                            "isolated_wallet": str(one.quantity_base * one.entry_price / one.leverage),
                        }
                    ],
                }
            ],
            "marks": {VENUE: {one.symbol: str(market.mark[row])}},
        }
        answer = report_of(portfolio).accounts[0].positions[0].liquidation
        if answer.price is None:
            assert one.liquidation_price is None
        else:
            assert one.liquidation_price == pytest.approx(float(answer.price), rel=1e-9)
