"""What changed in a venue's rules between two days: brackets, sizes, fees, collateral and formulas."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product, zip_longest
from typing import Literal, TypeVar

import msgspec

from workstation.domain.collateral import Buffers, CollateralRule
from workstation.domain.instrument import Instrument, Kind
from workstation.domain.position import CollateralMode, MarginMode
from workstation.domain.tiers import MarginTier, TierTable
from workstation.risk.rules import MarginRule
from workstation.venues.rule_data import VenueData, load

V = TypeVar("V")

# sizes at which a changed table is compared in `describe`, in the table's own unit (quote, coins or contracts)
_SAMPLES = tuple(Decimal(10) ** power for power in range(9))
_MOST_SAMPLES = 3
_NOT_TOLD = ("tiers[", "source", "valid_from")


class FieldChange(msgspec.Struct, frozen=True):
    """One figure before and after, as plain text; None where there was or is none.

    `field` is a path (``price_tick``, ``tiers[1].maintenance_rate``, counted from 1) or, where the brackets differ,
    ``maintenance of 1000000``: what that size costs, in the table's own unit.
    """

    field: str
    before: str | None
    after: str | None


class RuleChange(msgspec.Struct, frozen=True):
    """What happened to one subject: a symbol, ``taker fee``, ``collateral BTC`` or ``formula cross linear single``.

    `added`: no source states anything of the subject for the day before; `removed`: none does for the day after.
    """

    subject: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...] = ()


def changes(venue: str, before: date, after: date, rules: Sequence[MarginRule] = ()) -> tuple[RuleChange, ...]:
    """Everything that differs at a venue between two days; with `rules` also which formula was in force.

    The days may stand in either order: the first is taken as what was.
    """
    old, new = load(venue, before), load(venue, after)
    found = list(_formulas(rules, before, after))
    found += _compared("", _fee(old), _fee(new), _fee_fields)
    found += _compared("collateral ", old.collateral, new.collateral, _collateral_fields)
    marginal = _is_marginal(rules, before), _is_marginal(rules, after)
    found += _compared("", old.instruments, new.instruments, lambda a, b: _instrument_fields(a, b, marginal))
    return tuple(found)


def describe(found: Iterable[RuleChange]) -> list[str]:
    """One line a change, for people. Bracket by bracket is left out where the cost of a size says it.

    >>> describe([RuleChange("taker fee", "changed", (FieldChange("rate", "0.0006", "0.00055"),))])
    ['taker fee: rate 0.0006 → 0.00055']
    """
    return [_line(change) for change in found]


def _line(change: RuleChange) -> str:
    told = [field for field in change.fields if not field.field.startswith(_NOT_TOLD)]
    if change.kind != "changed":
        facts = [f"{field.field} {_first(field.after, field.before)}" for field in map(_spaced, told)]
        return f"{change.subject}: {change.kind}" + (f" ({', '.join(facts)})" if facts else "")
    if not any(field.field.startswith("maintenance of") for field in told):
        told += [field for field in change.fields if field.field.startswith("tiers[")]
    facts = [f"{field.field} {_first(field.before)} → {_first(field.after)}" for field in map(_spaced, told)]
    return f"{change.subject}: " + "; ".join(facts)


def _spaced(field: FieldChange) -> FieldChange:
    """The same with thousands set apart where sizes and costs would be columns of zeros."""
    if not field.field.startswith(("maintenance of", "largest size")):
        return field
    words = " ".join(f"{Decimal(word):,f}" if word.isdecimal() else word for word in field.field.split())
    return FieldChange(words, _thousands(field.before), _thousands(field.after))


def _thousands(text: str | None) -> str | None:
    return f"{Decimal(text):,f}" if text is not None and text != _NO_END else text


def _first(*texts: str | None) -> str:
    return next((text for text in texts if text is not None), "none")


# --- formulas ---------------------------------------------------------------------------------------------------------

_MODES: tuple[MarginMode, ...] = ("cross", "isolated")
_KINDS: tuple[Kind, ...] = ("linear", "inverse")
_COLLATERAL: tuple[CollateralMode, ...] = ("single", "multi")


def _rule(
    rules: Sequence[MarginRule], on: date, mode: MarginMode, kind: Kind, collateral: CollateralMode
) -> MarginRule | None:
    fitting = [
        rule
        for rule in rules
        if rule.valid_from <= on
        and mode in rule.margin_modes
        and kind in rule.kinds
        and collateral in rule.collateral_modes
    ]
    return max(fitting, key=lambda rule: rule.valid_from, default=None)


def _is_marginal(rules: Sequence[MarginRule], on: date) -> bool:
    rule = _rule(rules, on, "cross", "linear", "single") or _rule(rules, on, "isolated", "linear", "single")
    return rule is None or rule.tier_form == "marginal"


def _formulas(rules: Sequence[MarginRule], before: date, after: date) -> Iterable[RuleChange]:
    for mode, kind, collateral in product(_MODES, _KINDS, _COLLATERAL):
        old = _rule(rules, before, mode, kind, collateral)
        new = _rule(rules, after, mode, kind, collateral)
        if old == new:
            continue
        subject = f"formula {mode} {kind} {collateral}"
        if old is None or new is None:
            yield RuleChange(subject, "added" if old is None else "removed")
            continue
        names = (name for name in MarginRule.__struct_fields__ if getattr(old, name) != getattr(new, name))
        yield RuleChange(
            subject,
            "changed",
            tuple(FieldChange(name, _text(getattr(old, name)), _text(getattr(new, name))) for name in names),
        )


# --- figures ----------------------------------------------------------------------------------------------------------

_NO_END = "no limit"


def _compared(
    prefix: str,
    old: Mapping[str, V],
    new: Mapping[str, V],
    fields: Callable[[V | None, V | None], Iterable[FieldChange]],
) -> Iterable[RuleChange]:
    for name in [*old, *(name for name in new if name not in old)]:
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        kind = "added" if was is None else "removed" if now is None else "changed"
        different = tuple(fields(was, now))
        if different or kind != "changed":  # the same figures read again on a later day are no change
            yield RuleChange(prefix + name, kind, different)


def _fee(data: VenueData) -> dict[str, Decimal]:
    return {} if data.taker_fee_rate is None else {"taker fee": data.taker_fee_rate}


def _fee_fields(old: Decimal | None, new: Decimal | None) -> Iterable[FieldChange]:
    yield _field("rate", old, new)


def _collateral_fields(old: CollateralRule | None, new: CollateralRule | None) -> Iterable[FieldChange]:
    was, now = _collateral_figures(old), _collateral_figures(new)
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield _field(name, was.get(name), now.get(name))


def _collateral_figures(rule: CollateralRule | None) -> dict[str, Decimal]:
    if rule is None:
        return {}
    if isinstance(rule, Buffers):
        return {"bid_buffer": rule.bid_buffer, "ask_buffer": rule.ask_buffer}
    return {"haircut": rule.haircut}


def _instrument_fields(
    old: Instrument | None, new: Instrument | None, marginal: tuple[bool, bool]
) -> Iterable[FieldChange]:
    for name in ("kind", "asset_class", "contract_size", "price_tick", "expiry"):
        was, now = getattr(old, name, None), getattr(new, name, None)
        if was != now and old is not None and new is not None:
            yield _field(name, was, now)
    old_model, new_model = old and old.margin_model, new and new.margin_model
    if old_model != new_model:
        model = old_model or new_model
        for name in model.__struct_fields__ if model else ():
            was, now = getattr(old_model, name, None), getattr(new_model, name, None)
            if was != now:
                yield _field(name, was, now)
    yield from _tier_fields(old.tiers if old else None, new.tiers if new else None, marginal)


def _tier_fields(old: TierTable | None, new: TierTable | None, marginal: tuple[bool, bool]) -> Iterable[FieldChange]:
    was, now = old.rows if old else (), new.rows if new else ()
    if was == now:
        return
    summaries = ("number of tiers", len), ("max_leverage", _most_leverage), ("largest size", _largest)
    for name, summary in summaries:
        if summary(was) != summary(now):
            yield _field(name, summary(was) if was else None, summary(now) if now else None)
    if old and new:
        costs = ((n, _maintenance(old, n, marginal[0]), _maintenance(new, n, marginal[1])) for n in _SAMPLES)
        differing = [cost for cost in costs if None not in cost and cost[1] != cost[2]]
        for size, before, after in _spread(differing):
            yield _field(f"maintenance of {size:f}", before, after)
    for number, (row, other) in enumerate(zip_longest(was, now), start=1):
        for name in MarginTier.__struct_fields__:
            before, after = getattr(row, name, None), getattr(other, name, None)
            if before != after:
                yield _field(f"tiers[{number}].{name}", before, after)


def _most_leverage(rows: tuple[MarginTier, ...]) -> Decimal | None:
    return rows[0].max_leverage if rows else None


def _largest(rows: tuple[MarginTier, ...]) -> Decimal | str | None:
    return (rows[-1].cap or _NO_END) if rows else None


def _maintenance(table: TierTable, size: Decimal, marginal: bool) -> Decimal | None:
    number = table.tier_of(size)
    if number is None:
        return None
    return table.rows[number - 1].maintenance_rate * size - table.amounts(marginal=marginal)[number - 1]


def _spread(found: list[V]) -> list[V]:
    """The last, which hurts most, and others before it at even steps."""
    step = max(1, len(found) // _MOST_SAMPLES)
    return found[::-1][::step][:_MOST_SAMPLES][::-1]


def _field(name: str, before: object, after: object) -> FieldChange:
    return FieldChange(name, _text(before), _text(after))


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case tuple():
            return ", ".join(str(part) for part in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case _:
            return str(value)
