"""What is in force at a venue on a day: its margin rules and rule data, with the trader's overrides merged in."""

from collections.abc import Iterable, Mapping
from datetime import date

from workstation.domain.collateral import CollateralRule
from workstation.domain.instrument import Instrument, InstrumentOverride, Kind, parse_symbol
from workstation.domain.position import MarginMode
from workstation.risk.rules import MarginRule, VenueRules
from workstation.venues import BY_ID
from workstation.venues.rule_data import in_force


def rules_in_force(
    venue: str,
    on: date,
    symbols: Iterable[str],
    instruments: Mapping[str, InstrumentOverride],
    collateral: Mapping[str, CollateralRule],
) -> VenueRules:
    """The venue's rules on a day. Every symbol asked for has an instrument, if only with what its name says."""
    spec = BY_ID[venue]
    data = in_force(venue, on, instruments, collateral)
    known = dict(data.instruments)
    for symbol in symbols:
        parts = parse_symbol(symbol)
        if symbol not in known and parts is not None:
            known[symbol] = Instrument(symbol, parts.kind)
    newest_first = sorted((r for r in spec.rules if r.valid_from <= on), key=lambda r: r.valid_from, reverse=True)
    return VenueRules(
        venue=venue,
        rules=tuple(newest_first),
        instruments=known,
        collateral=data.collateral,
        taker_fee_rate=data.taker_fee_rate,
        ratio=spec.ratio,
        as_of=on,
        collateral_modes=spec.collateral_modes,
    )


def answering_rules(venue: str, on: date) -> list[MarginRule]:
    """The rules that answer for some kind of position on a day: not those that a newer one has replaced."""
    rules = rules_in_force(venue, on, (), {}, {})
    modes: tuple[MarginMode, ...] = ("cross", "isolated")
    kinds: tuple[Kind, ...] = ("linear", "inverse")
    found = [rules.rule(m, k, c) for c in rules.collateral_modes for m in modes for k in kinds]
    return [rule for rule in found if isinstance(rule, MarginRule)]
