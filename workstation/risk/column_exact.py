"""The exact engine's answers for accounts that are held as columns: for the pools that `column_margin` leaves out."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec
import numpy as np

from workstation.domain.instrument import Instrument
from workstation.domain.position import Account, Position
from workstation.domain.scenario import JointMove
from workstation.domain.tiers import LinearInSize, MarginTier, TierTable
from workstation.market.view import MarketView
from workstation.risk.column_rules import Brackets, Held, Listed
from workstation.risk.columns import Floats, Ints
from workstation.risk.engine import evaluate
from workstation.risk.report import AccountReport, StressedAccount
from workstation.risk.rules import VenueRules

SOURCE = "given"


def exact_number(value: float) -> Decimal:
    """The decimal number that a float stands for: the shortest that reads back as it.

    >>> exact_number(0.1)
    Decimal('0.1')
    """
    return Decimal(repr(float(value)))


def exact_reports(
    held: Held,
    listed: Listed,
    models: Mapping[str, LinearInSize],
    wallets: Floats,
    assets: Sequence[str],
    taker: Floats,
    rules: VenueRules,
    accounts: Ints,
    scenarios: Sequence[JointMove] = (),
    *,
    hedge_mode: bool = False,
) -> Iterator[tuple[Ints, AccountReport, tuple[StressedAccount, ...]]]:
    """The exact report on each of some accounts: the rows (of the columns) that its positions stand in, in order, how
    it stands, and how under each scenario.

    Arguments as in `column_rules.ruled`; `models` holds the rates of the contracts that are `rising`, `assets` names
    the columns of `wallets`. `rules` gives the margin rules; its instruments are not asked.
    """
    for account in accounts:
        rows = np.flatnonzero(held.account == account)
        instruments: dict[str, Instrument] = {}
        marks: dict[str, Decimal] = {}
        for row in rows:
            number = int(held.instrument[row])
            symbol, mark = listed.symbols[number], float(held.mark[row])
            if symbol not in instruments:
                instruments[symbol] = _instrument(number, listed, models)
            if not np.isnan(mark):
                marks[symbol] = exact_number(mark)
        fee, wallet = float(taker[rows[0]]), wallets[int(account)].tolist()
        own = Account(
            name="",
            venue=rules.venue,
            position_mode="hedge" if hedge_mode else "one-way",
            taker_fee_rate=None if np.isnan(fee) else exact_number(fee),
            balances={a: exact_number(w) for a, w in zip(assets, wallet, strict=True) if not np.isnan(w)},
            positions=tuple(_position(int(row), held, listed) for row in rows),
        )
        in_force = {rules.venue: msgspec.structs.replace(rules, instruments=instruments, taker_fee_rate=None)}
        report = evaluate(MarketView({rules.venue: marks}), (own,), scenarios, in_force, rules.as_of)
        yield rows, report.accounts[0], tuple(stress.accounts[0] for stress in report.stress)


def _position(row: int, held: Held, listed: Listed) -> Position:
    def known(values: Floats) -> Decimal | None:
        return None if np.isnan(values[row]) else exact_number(values[row])

    isolated = bool(held.isolated[row])
    return Position(
        symbol=listed.symbols[int(held.instrument[row])],
        side="long" if held.sign[row] > 0 else "short",
        entry_price=exact_number(held.entry[row]),
        quantity=known(held.quantity) if np.isnan(held.contracts[row]) else None,
        contracts=known(held.contracts),
        margin_mode="isolated" if isolated else "cross",
        leverage=known(held.leverage),
        isolated_wallet=known(held.isolated_wallet) if isolated else None,
    )


def _instrument(index: int, listed: Listed, models: Mapping[str, LinearInSize]) -> Instrument:
    symbol, size = listed.symbols[index], listed.contract_size[index]
    return Instrument(
        symbol=symbol,
        kind="inverse" if listed.inverse[index] else "linear",
        contract_size=None if np.isnan(size) else exact_number(size),
        tiers=_table(index, listed.brackets),
        margin_model=models.get(symbol),
    )


def _table(index: int, brackets: Brackets) -> TierTable | None:
    rows: list[MarginTier] = []
    for k, rate in enumerate(brackets.rates[:, index]):
        if np.isnan(rate):
            break
        cap, amount = brackets.caps[k, index], brackets.amounts[k, index]
        rows.append(
            MarginTier(
                floor=exact_number(brackets.floors[k, index]),
                cap=None if np.isinf(cap) else exact_number(cap),
                maintenance_rate=exact_number(rate),
                maintenance_amount=None if np.isnan(amount) else exact_number(amount),
            )
        )
    return TierTable(tuple(rows), SOURCE, SOURCE) if rows else None
