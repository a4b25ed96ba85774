"""The dated figures of resources/venues: sound in form, as Binance published them, and found for the right day."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from workstation.domain.collateral import Haircut
from workstation.domain.instrument import InstrumentOverride, parse_symbol
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable
from workstation.packaged import resources
from workstation.venues import BY_ID
from workstation.venues.rule_data import RuleFile, Tier, available_dates, in_force, load, read

ROOT = Path(__file__).resolve().parents[3]
SNAPSHOTS = ROOT.parent / "shared" / "data" / "tiers"
LATEST = date(2026, 11, 1)
BINANCE_DAYS = (date(2025, 10, 2), date(2026, 9, 29))

FILES = [(venue, day) for venue in BY_ID for day in available_dates(venue)]


@pytest.fixture(params=FILES, ids=lambda file: f"{file[0]}-{file[1]}")
def file(request) -> RuleFile:
    return read(*request.param)


def tables(file: RuleFile) -> Iterator[tuple[str, tuple[Tier, ...]]]:
    for symbol, said in file.instruments.items():
        if said is not None and said.tiers is not None:
            yield symbol, said.tiers


# --- form -------------------------------------------------------------------------------------------------------------


def test_every_folder_is_a_venue_and_every_file_names_itself():
    folders = {entry.name for entry in (resources() / "venues").iterdir() if entry.is_dir()}
    assert folders <= set(BY_ID)
    for venue, day in FILES:
        said = read(venue, day)
        assert (said.version, said.venue, said.as_of) == (1, venue, day)


def test_every_figure_has_a_source(file):
    assert len(file.source) > 20
    stated = [*file.collateral.values(), *([file.taker_fee_rate] if file.taker_fee_rate else [])]
    assert all(entry is None or len(entry.source) > 20 for entry in stated)


def test_no_source_is_a_path_of_a_machine_or_a_package_index(file):
    text = (resources() / "venues" / file.venue / f"{file.as_of}.json").read_text(encoding="utf-8")
    assert not [word for word in ("/work/", "/home/", "../", "shared/", "pypi", "npmjs") if word in text]


def test_every_number_is_a_decimal_text(file):
    text = (resources() / "venues" / file.venue / f"{file.as_of}.json").read_text(encoding="utf-8")

    def refuse(number: str) -> None:
        raise AssertionError(f"{number} is a JSON number")

    json.loads(text, parse_float=refuse, parse_int=lambda number: number if number == "1" else refuse(number))


def test_tiers_are_contiguous_with_rising_rates_and_falling_leverage(file):
    for symbol, rows in tables(file):
        assert rows[0].floor == 0, symbol
        assert all(row.cap is not None and row.cap > row.floor for row in rows[:-1]), symbol
        assert rows[-1].cap is None or rows[-1].cap > rows[-1].floor, symbol
        for row, after in pairwise(rows):
            assert row.cap == after.floor, symbol
            assert row.maintenance_rate < after.maintenance_rate, symbol
            if row.max_leverage is not None and after.max_leverage is not None:
                assert row.max_leverage > after.max_leverage, symbol


def test_maintenance_is_below_the_initial_margin_of_its_tier(file):
    for symbol, rows in tables(file):
        for row in rows:
            assert 0 < row.maintenance_rate < 1, symbol
            if row.max_leverage is not None:
                assert row.maintenance_rate * row.max_leverage < 1, symbol


def test_symbols_sizes_and_fees_are_possible(file):
    assert file.taker_fee_rate is None or 0 < file.taker_fee_rate.value < Decimal("0.002")
    for symbol, said in file.instruments.items():
        parts = parse_symbol(symbol)
        assert parts is not None, symbol
        if said is None:
            continue
        assert said.tiers is None or said.margin_model is None, symbol
        assert said.contract_size is None or said.contract_size > 0, symbol
        assert said.price_tick is None or said.price_tick > 0, symbol
        assert said.asset_class in {None, "crypto", "metal", "commodity", "equity"}, symbol
        expiry = said.expiry.strftime("%y%m%d") if said.expiry else None
        assert expiry == parts.expiry, symbol


def test_a_collateral_entry_has_one_form(file):
    for asset, said in file.collateral.items():
        if said is not None:
            buffers = said.bid_buffer is not None, said.ask_buffer is not None
            assert (said.haircut is not None, *buffers) in {(True, False, False), (False, True, True)}, asset


# --- what Binance published -------------------------------------------------------------------------------------------


def published(day: date) -> dict[str, list[dict[str, str]]]:
    path = SNAPSHOTS / f"binance-usdm-{day}.csv"
    if not path.is_file():
        pytest.skip("shared data absent: no bracket snapshots beside this repository")
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows[row["symbol"]].append(row)
    return rows


@pytest.mark.parametrize("day", BINANCE_DAYS, ids=str)
def test_binance_tiers_are_the_published_figures_and_their_amounts_rebuild(day):
    theirs, ours = published(day), load("binance-usdm", day).instruments
    for symbol, instrument in ours.items():
        assert instrument.tiers is not None
        assert instrument.tiers.as_of == day.isoformat()
        figures = [
            (row.floor, row.cap, row.maintenance_rate, amount, row.max_leverage)
            for row, amount in zip(instrument.tiers.rows, instrument.tiers.amounts(marginal=True), strict=True)
        ]
        columns = ("floor", "cap", "maintenance_rate", "maintenance_amount", "max_leverage")
        assert figures == [tuple(Decimal(row[name]) for name in columns) for row in theirs[symbol]], symbol


def test_sixty_symbols_of_binance_with_silver_and_gold_where_they_were_listed():
    before, after = (load("binance-usdm", day).instruments for day in BINANCE_DAYS)
    assert len(after) == 60
    assert {"XAG/USDT:USDT", "XAU/USDT:USDT", "PAXG/USDT:USDT", "XAUT/USDT:USDT"} <= set(after)
    assert all(after[symbol].asset_class == "metal" for symbol in ("XAG/USDT:USDT", "XAU/USDT:USDT"))
    listed = published(BINANCE_DAYS[0])
    assert set(before) == {symbol for symbol in after if symbol in listed}
    assert "XAG/USDT:USDT" not in before


# --- the right day ----------------------------------------------------------------------------------------------------


def test_nothing_is_known_before_the_first_file():
    data = load("binance-usdm", BINANCE_DAYS[0] - timedelta(days=1))
    assert (dict(data.instruments), data.taker_fee_rate) == ({}, None)


def test_a_figure_holds_from_its_day_until_a_newer_one():
    def fee(on: date) -> Decimal | None:
        return load("hyperliquid", on).taker_fee_rate

    def leverage(on: date) -> Decimal | None:
        table = load("hyperliquid", on).instruments["BTC/USDC:USDC"].tiers
        return table.rows[0].max_leverage if table else None

    assert (fee(date(2025, 5, 4)), fee(date(2025, 5, 5))) == (Decimal("0.00035"), Decimal("0.00045"))
    assert (leverage(date(2025, 3, 14)), leverage(date(2025, 3, 15)), leverage(LATEST)) == (50, 40, 40)


def test_a_newer_file_that_leaves_the_tiers_out_keeps_them_with_their_own_day():
    bitcoin = load("okx", LATEST).instruments["BTC/USDT:USDT"]
    assert bitcoin.price_tick == Decimal("0.1")
    assert bitcoin.tiers is not None
    assert bitcoin.tiers.as_of == "2026-05-28"


def test_hyperliquid_maintains_half_the_initial_margin_of_the_tier():
    for instrument in load("hyperliquid", LATEST).instruments.values():
        assert instrument.tiers is not None
        for row in instrument.tiers.rows:
            assert row.max_leverage is not None
            assert abs(row.maintenance_rate * 2 * row.max_leverage - 1) < Decimal("1e-30")


def test_deribit_has_rates_that_rise_with_size():
    bitcoin = load("deribit", LATEST).instruments["BTC/USDC:USDC"]
    assert bitcoin.tiers is None
    assert bitcoin.margin_model == LinearInSize(
        Decimal("0.02"), Decimal("0.00005"), Decimal("0.01"), Decimal("0.00005")
    )


def test_an_unknown_venue_has_no_figures():
    assert available_dates("nowhere") == ()
    assert dict(load("nowhere", LATEST).instruments) == {}


# --- the trader's figures on top --------------------------------------------------------------------------------------

OWN = TierTable((MarginTier(Decimal(0), None, Decimal("0.01")),), "portfolio file", "2026-09-29")


def test_without_overrides_the_programs_own_value_is_given_as_it_is():
    assert in_force("okx", LATEST, {}, {}) is load("okx", LATEST)


def test_an_override_replaces_only_the_fields_it_names():
    theirs = load("okx", LATEST).instruments["BTC/USDT:USDT"]
    override = {"BTC/USDT:USDT": InstrumentOverride(tiers=OWN, price_tick=Decimal("0.5"))}
    ours = in_force("okx", LATEST, override, {}).instruments["BTC/USDT:USDT"]
    assert (ours.tiers, ours.price_tick) == (OWN, Decimal("0.5"))
    assert (ours.contract_size, ours.kind, ours.asset_class) == (theirs.contract_size, theirs.kind, theirs.asset_class)
    assert load("okx", LATEST).instruments["BTC/USDT:USDT"] == theirs


def test_own_tiers_replace_a_margin_model_and_a_model_replaces_tiers():
    model = LinearInSize(Decimal("0.02"), Decimal(0), Decimal("0.01"), Decimal(0))
    deribit = in_force("deribit", LATEST, {"BTC/USDC:USDC": InstrumentOverride(tiers=OWN)}, {})
    assert (deribit.instruments["BTC/USDC:USDC"].tiers, deribit.instruments["BTC/USDC:USDC"].margin_model) == (
        OWN,
        None,
    )
    okx = in_force("okx", LATEST, {"BTC/USDT:USDT": InstrumentOverride(margin_model=model)}, {})
    assert (okx.instruments["BTC/USDT:USDT"].tiers, okx.instruments["BTC/USDT:USDT"].margin_model) == (None, model)


def test_an_unknown_symbol_with_an_override_takes_its_kind_from_its_name():
    overrides = {name: InstrumentOverride(contract_size=Decimal(1)) for name in ("NEW/USDT:USDT", "NEW/USD:NEW")}
    data = in_force("binance-usdm", LATEST, overrides, {})
    assert [data.instruments[name].kind for name in overrides] == ["linear", "inverse"]
    stated = in_force("binance-usdm", LATEST, {"NEW/USD:USD": InstrumentOverride(kind="inverse")}, {})
    assert stated.instruments["NEW/USD:USD"].kind == "inverse"


def test_own_collateral_wins():
    own = Haircut(Decimal("0.2"))
    assert in_force("binance-usdm", LATEST, {}, {"BTC": own}).collateral["BTC"] == own
