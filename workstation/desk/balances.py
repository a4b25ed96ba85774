"""The wallets of a desk: which balances an account has or needs, and the edits that write them."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from workstation.desk.edits import SetBalance, apply
from workstation.desk.state import DeskState
from workstation.desk.trial import looked_at
from workstation.domain.instrument import parse_symbol
from workstation.domain.problem import BadInput

Name = tuple[int, str]  # account, asset


class Wallet(msgspec.Struct, frozen=True):
    """One asset of one account; `balance` is None where nobody has said it."""

    account: int
    account_name: str
    venue: str
    asset: str
    balance: Decimal | None

    @property
    def name(self) -> Name:
        return self.account, self.asset


def wallets(desk: DeskState) -> tuple[Wallet, ...]:
    """What each account holds, then what its positions settle in, in the order of the file.

    >>> from workstation.domain.position import Account
    >>> [(wallet.asset, wallet.balance) for wallet in wallets(DeskState(accounts=(Account(name="main", venue="okx"),)))]
    []
    """
    found: list[Wallet] = []
    for i, own in enumerate(looked_at(desk)):
        held = own.balances or {}
        parts = (parse_symbol(position.symbol) for position in own.positions)
        assets = dict.fromkeys([*held, *(part.settle for part in parts if part)])
        found += [Wallet(i, own.name, own.venue, asset, held.get(asset)) for asset in assets]
    return tuple(found)


def written(desk: DeskState, texts: Mapping[Name, str]) -> tuple[tuple[SetBalance, ...], dict[Name, str]]:
    """The edits that make balances what was typed, and what is wrong with which. What is as it was needs no edit."""
    edits: list[SetBalance] = []
    faults: dict[Name, str] = {}
    for wallet in wallets(desk):
        text = texts.get(wallet.name, "").strip()
        edit = SetBalance(*wallet.name, text)
        try:
            after = apply(desk, edit)
        except BadInput as bad:
            faults[wallet.name] = bad.problems[0].text
            continue
        if (looked_at(after)[wallet.account].balances or {}).get(wallet.asset) != wallet.balance:
            edits.append(edit)
    return tuple(edits), faults
