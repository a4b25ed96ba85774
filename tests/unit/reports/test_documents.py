"""The documents for machines hold what the contract names, and nothing that JSON cannot say."""

import json

from tests.kit.planted_faults import RICH
from tests.kit.portfolios import public_cases, report_of
from workstation.desk.shock import read_shock
from workstation.reports.documents import as_text, margin_document, stress_document


def test_every_document_is_json_and_comes_back_as_it_was():
    for portfolio in (RICH, *(case["portfolio"] for case in public_cases())):
        report = report_of(portfolio, read_shock("BTC=-0.1,*=-0.2"))
        for document in (margin_document(report), *(stress_document(stress) for stress in report.stress)):
            assert json.loads(as_text(document)) == document


def test_accounts_and_positions_stand_in_the_order_of_the_file():
    document = margin_document(report_of(RICH))
    accounts = document["accounts"]
    assert [account["name"] for account in accounts] == ["main", "coins"]  # type: ignore[union-attr]
    for ours, theirs in zip(accounts, RICH["accounts"], strict=True):  # type: ignore[arg-type]
        held = [(position["symbol"], position["side"]) for position in theirs["positions"]]
        assert [(position["symbol"], position["side"]) for position in ours["positions"]] == held


def test_letters_of_any_script_stay_readable():
    symbol = "哈基米/USDT:USDT"
    account = {"name": "学校", "venue": "okx", "positions": []}
    assert "学校" in as_text(margin_document(report_of({"version": 1, "accounts": [account]})))
    position = {"symbol": symbol, "side": "long", "quantity": "1", "entry_price": "1"}
    assert symbol in as_text(
        margin_document(report_of({"version": 1, "accounts": [account | {"positions": [position]}]}))
    )


def test_an_account_without_positions_has_no_figures():
    document = margin_document(
        report_of({"version": 1, "accounts": [{"name": "a", "venue": "okx", "balances": {"USDT": "5"}}]})
    )
    [account] = document["accounts"]  # type: ignore[misc]
    assert account == {
        "name": "a",
        "venue": "okx",
        "asset": None,
        "equity": None,
        "initial_margin": None,
        "maintenance_margin": None,
        "margin_use": None,
        "venue_ratio": None,
        "pools": [],
        "positions": [],
    }
