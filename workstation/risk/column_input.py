"""Checks plain arrays of positions and tiers, names what is wrong with them and where, and makes `column_rules`
input.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np

from workstation.domain.instrument import Instrument, Kind
from workstation.domain.position import MarginMode
from workstation.domain.problem import BadInput, Problem
from workstation.domain.tiers import TierTable
from workstation.domain.unknown import Unknown
from workstation.risk.column_rules import Brackets
from workstation.risk.columns import Bools, Floats, Ints
from workstation.risk.rules import MarginRule, VenueRules

_SHOWN = 3


class Labels(Protocol):
    """What the rows of a frame are called."""

    def __getitem__(self, row: int, /) -> object: ...


class Faults:
    """What is wrong with the input: every kind, with the first few rows of each."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, where: str, text: str) -> None:
        self.found.append(Problem(where, text))

    def rows(self, frame: str, labels: Labels, column: str, wrong: Bools, text: str) -> None:
        """Name the first rows that are wrong in one column of a frame, and count the rest."""
        rows = np.flatnonzero(wrong)
        for row in rows[:_SHOWN]:
            self.add(f"{frame}.loc[{labels[int(row)]!r}, {column!r}]", text)
        if len(rows) > _SHOWN:
            self.add(f"{frame}[{column!r}]", f"{len(rows) - _SHOWN} more rows: {text}")

    def stop(self) -> None:
        """Raise BadInput with what was found."""
        if self.found:
            raise BadInput(tuple(self.found))


class TierRows(msgspec.Struct, frozen=True, eq=False):
    """Rows of tier tables in any order, (R,) each: `instrument` (-1: not held), sizes, rates; a cap that is infinite
    has no end, an amount that is NaN is to be rebuilt. `labels` are what the rows are called.
    """

    instrument: Ints
    floor: Floats
    cap: Floats
    rate: Floats
    amount: Floats
    labels: Labels


def together(parts: Sequence[TierRows]) -> TierRows:
    """The rows of several sources one after the other."""
    names = [part.labels[row] for part in parts for row in range(len(part.instrument))]
    columns = ("instrument", "floor", "cap", "rate", "amount")
    return TierRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns), labels=names)


def rows_of_tables(tables: Mapping[int, TierTable]) -> TierRows:
    """The rows of tier tables, by the number of their instrument."""
    nan = float("nan")
    rows = [
        (
            instrument,
            float(row.floor),
            float("inf") if row.cap is None else float(row.cap),
            float(row.maintenance_rate),
            nan if row.maintenance_amount is None else float(row.maintenance_amount),
        )
        for instrument, table in tables.items()
        for row in table.rows
    ]
    columns = list(zip(*rows, strict=True)) or [()] * 5
    floats = (np.array(column, np.float64) for column in columns[1:])
    return TierRows(np.array(columns[0], np.intp), *floats, labels=range(len(rows)))


def brackets_of(rows: TierRows, instruments: int, faults: Faults) -> Brackets:
    """Tier rows side by side, (width, instruments), checked like a portfolio file's: from 0, contiguous, rates that
    do not fall and are fractions.
    """
    used = np.flatnonzero(rows.instrument >= 0)
    used = used[np.lexsort((rows.floor[used], rows.instrument[used]))]
    own = rows.instrument[used]
    counts = np.bincount(own, minlength=instruments)
    place = np.arange(len(used)) - (np.cumsum(counts) - counts)[own]
    shape = (int(counts.max(initial=1)), instruments)
    floors, caps, rates, amounts = (np.full(shape, np.nan) for _ in range(4))
    for table, column in ((floors, rows.floor), (caps, rows.cap), (rates, rows.rate), (amounts, rows.amount)):
        table[place, own] = column[used]

    before = np.full(shape, np.nan)
    before[1:] = caps[:-1]
    before[0] = 0.0
    slower = np.zeros(shape, np.bool_)
    slower[1:] = rates[1:] < rates[:-1]
    for column, wrong, text in (
        ("floor", floors != before, "tiers must start at 0 and be contiguous: a floor is the cap before it"),
        ("cap", ~(caps > floors), "the cap must be above the floor"),
        ("maintenance_rate", slower, "the maintenance rate must not fall from one tier to the next"),
        ("maintenance_rate", ~((rates >= 0) & (rates <= 1)), "it is a fraction: 0.4 % is 0.004"),
    ):
        bad = np.zeros(len(rows.instrument), np.bool_)
        bad[used] = wrong[place, own]
        faults.rows("tiers", rows.labels, column, bad, text)
    return Brackets(floors, caps, rates, amounts)


def check_sizes(quantity: Floats, contracts: Floats, inverse: Bools, labels: Labels, faults: Faults) -> None:
    """Every position has one size, and inverse ones are counted in contracts."""
    neither, both = np.isnan(quantity) & np.isnan(contracts), ~np.isnan(quantity) & ~np.isnan(contracts)
    faults.rows("positions", labels, "quantity", neither, "write quantity (base units) or contracts")
    faults.rows("positions", labels, "quantity", both, "write either quantity or contracts, and not both")
    wrong = inverse & ~np.isnan(quantity)
    faults.rows("positions", labels, "quantity", wrong, "inverse contracts are counted in contracts; use that column")


def check_legs(
    account: Ints, instrument: Ints, short: Bools, isolated: Bools, mark: Floats, labels: Labels, faults: Faults
) -> None:
    """No leg stands twice, and the legs of one contract in one account have one mark."""
    contract = account * (int(instrument.max(initial=0)) + 1) + instrument
    in_order = np.sort(contract)
    if (in_order[1:] != in_order[:-1]).all():
        return
    leg = (contract * 2 + short) * 2 + isolated
    again, apart = np.zeros(len(leg), np.bool_), np.zeros(len(leg), np.bool_)
    order = np.argsort(leg, kind="stable")
    again[order[1:]] = np.diff(leg[order]) == 0
    faults.rows("positions", labels, "symbol", again, "the same leg stands twice; add the two up")
    apart[order[1:]] = (np.diff(contract[order]) == 0) & (np.abs(np.diff(mark[order])) > 0)  # a NaN is not known yet
    faults.rows("positions", labels, "mark", apart, "the legs of one contract have one mark price")


def rule_of_each(
    rules: VenueRules, isolated: Bools, inverse: Bools, labels: Labels, faults: Faults
) -> tuple[list[MarginRule], Ints]:
    """The rules that the positions are under, and each position's number among them."""
    found: list[MarginRule] = []
    rule_of = np.zeros(len(isolated), np.intp)
    modes: tuple[MarginMode, MarginMode] = ("cross", "isolated")
    kinds: tuple[Kind, Kind] = ("linear", "inverse")
    for i, mode in enumerate(modes):
        for j, kind in enumerate(kinds):
            rows = (isolated == bool(i)) & (inverse == bool(j))
            if not rows.any():
                continue
            rule = rules.rule(mode, kind, "single")
            if isinstance(rule, Unknown):
                faults.rows("positions", labels, "margin_mode", rows, rule.because)
                continue
            if rule not in found:
                found.append(rule)
            rule_of[rows] = found.index(rule)
    return found, rule_of


def contract_sizes(
    given: Floats, instrument: Ints, instruments: Sequence[Instrument | None], labels: Labels, faults: Faults
) -> Floats:
    """Each instrument's contract size: what its positions say, else the program's data, else NaN."""
    sizes = np.array([_size_of(listed) for listed in instruments])
    said = ~np.isnan(given)
    sizes[instrument[said]] = given[said]
    differs = said & (given != sizes[instrument])
    faults.rows("positions", labels, "contract_size", differs, "the positions of one contract have one contract size")
    return sizes


def _size_of(instrument: Instrument | None) -> float:
    return float("nan") if instrument is None or instrument.contract_size is None else float(instrument.contract_size)
