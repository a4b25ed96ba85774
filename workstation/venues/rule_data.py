"""The program's own dated figures of a venue: brackets, contract sizes, fees, collateral; and the trader's on top."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

import msgspec

from workstation.domain.collateral import Buffers, CollateralRule, Haircut
from workstation.domain.instrument import Instrument, InstrumentOverride, Kind, parse_symbol
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable
from workstation.packaged import resources

T = TypeVar("T")


class VenueData(msgspec.Struct, frozen=True):
    """What is known of a venue on a day.

    `instruments` by ccxt unified symbol, `collateral` by asset; what no source states is absent. `taker_fee_rate` is
    the venue's published base rate, a fraction; None where no source states it for that day.
    """

    instruments: Mapping[str, Instrument]
    collateral: Mapping[str, CollateralRule]
    taker_fee_rate: Decimal | None


# --- the files: resources/venues/<venue>/<date>.json, described in resources/venues/README.md -------------------------


class Fee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fee rate (a fraction) and who states it."""

    value: Decimal
    source: str


class Collateral(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an asset counts for, in either of the two forms, and who states it."""

    source: str
    haircut: Decimal | None = None
    bid_buffer: Decimal | None = None
    ask_buffer: Decimal | None = None

    def rule(self) -> CollateralRule:
        """The domain's value."""
        if self.haircut is not None:
            return Haircut(self.haircut)
        return Buffers(self.bid_buffer or Decimal(0), self.ask_buffer or Decimal(0))


class Tier(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One bracket, an array: floor, cap (null: no end), maintenance rate, maximum leverage, amount if it is stated."""

    floor: Decimal
    cap: Decimal | None
    maintenance_rate: Decimal
    max_leverage: Decimal | None = None
    maintenance_amount: Decimal | None = None


class Model(msgspec.Struct, frozen=True, tag_field="kind", tag="linear-in-size", forbid_unknown_fields=True):
    """Rates that rise with the size in coins."""

    initial_base: Decimal
    initial_slope_per_coin: Decimal
    maintenance_base: Decimal
    maintenance_slope_per_coin: Decimal

    def rates(self) -> LinearInSize:
        """The domain's value."""
        return LinearInSize(
            self.initial_base, self.initial_slope_per_coin, self.maintenance_base, self.maintenance_slope_per_coin
        )


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file says of an instrument. A field that it leaves out stays as an older file states it."""

    asset_class: str | None = msgspec.field(name="class", default=None)
    contract_size: Decimal | None = None
    price_tick: Decimal | None = None
    expiry: date | None = None
    source: str | None = None
    tiers: tuple[Tier, ...] | None = None
    margin_model: Model | None = None


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: what was stated of a venue on one day. null takes back what an older file states."""

    version: int
    venue: str
    as_of: date
    source: str
    taker_fee_rate: Fee | None = None
    collateral: dict[str, Collateral | None] = {}
    instruments: dict[str, Statement | None] = {}


_DECODER = msgspec.json.Decoder(RuleFile)


@lru_cache(maxsize=64)
def available_dates(venue: str) -> tuple[date, ...]:
    """The days of which the program has figures of this venue, ascending; () where it has none."""
    folder = resources() / "venues" / venue
    if not folder.is_dir():
        return ()
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(date.fromisoformat(name.removesuffix(".json")) for name in names if name.endswith(".json")))


@lru_cache(maxsize=64)
def read(venue: str, day: date) -> RuleFile:
    """What one file says; `day` is one of `available_dates`."""
    return _DECODER.decode((resources() / "venues" / venue / f"{day}.json").read_bytes())


# --- what is in force -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def load(venue: str, on: date) -> VenueData:
    """The newest figures stated on or before a day. Before a venue's first file nothing is known of it."""
    instruments: dict[str, Instrument] = {}
    collateral: dict[str, CollateralRule] = {}
    fee: Decimal | None = None
    for day in available_dates(venue):
        if day > on:
            break
        file = read(venue, day)
        if file.taker_fee_rate is not None:
            fee = file.taker_fee_rate.value
        for asset, stated in file.collateral.items():
            if stated is None:
                collateral.pop(asset, None)
            else:
                collateral[asset] = stated.rule()
        for symbol, statement in file.instruments.items():
            if statement is None:
                instruments.pop(symbol, None)
            else:
                instruments[symbol] = _stated(symbol, statement, file, instruments.get(symbol))
    return VenueData(instruments, collateral, fee)


def in_force(
    venue: str,
    on: date,
    instruments: Mapping[str, InstrumentOverride],
    collateral: Mapping[str, CollateralRule],
) -> VenueData:
    """`load` with the trader's figures on top, field by field; tiers replace a margin model and the reverse."""
    data = load(venue, on)
    if not instruments and not collateral:
        return data
    merged = dict(data.instruments)
    for symbol, override in instruments.items():
        merged[symbol] = _overridden(symbol, override, merged.get(symbol))
    return VenueData(merged, {**data.collateral, **collateral}, data.taker_fee_rate)


def _stated(symbol: str, said: Statement, file: RuleFile, older: Instrument | None) -> Instrument:
    known = older or Instrument(symbol, _kind(symbol))
    tiers, model = known.tiers, known.margin_model
    if said.tiers is not None:
        rows = tuple(
            MarginTier(row.floor, row.cap, row.maintenance_rate, row.maintenance_amount, row.max_leverage)
            for row in said.tiers
        )
        tiers, model = TierTable(rows, said.source or file.source, file.as_of.isoformat()), None
    elif said.margin_model is not None:
        tiers, model = None, said.margin_model.rates()
    return Instrument(
        symbol,
        known.kind,
        contract_size=_newer(said.contract_size, known.contract_size),
        price_tick=_newer(said.price_tick, known.price_tick),
        expiry=_newer(said.expiry, known.expiry),
        asset_class=_newer(said.asset_class, known.asset_class),
        tiers=tiers,
        margin_model=model,
    )


def _overridden(symbol: str, said: InstrumentOverride, older: Instrument | None) -> Instrument:
    known = older or Instrument(symbol, _kind(symbol))
    tiers, model = known.tiers, known.margin_model
    if said.tiers is not None or said.margin_model is not None:
        tiers, model = said.tiers, said.margin_model
    return Instrument(
        symbol,
        said.kind or known.kind,
        contract_size=_newer(said.contract_size, known.contract_size),
        price_tick=_newer(said.price_tick, known.price_tick),
        expiry=_newer(said.expiry, known.expiry),
        asset_class=_newer(said.asset_class, known.asset_class),
        tiers=tiers,
        margin_model=model,
    )


def _newer(said: T | None, known: T | None) -> T | None:
    return known if said is None else said


def _kind(symbol: str) -> Kind:
    parts = parse_symbol(symbol)
    return parts.kind if parts else "linear"
