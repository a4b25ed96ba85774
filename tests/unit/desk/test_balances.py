"""Wallets: every balance that an account has or needs can be written, and nothing else is changed."""

from tests.kit.frames import BTC, d, desk, position, sample_desk
from workstation.desk.balances import wallets, written
from workstation.desk.edits import BeginWhatIf, SetBalance, apply, apply_all
from workstation.desk.state import DeskState
from workstation.domain.position import Account

LEG = position()


def test_what_positions_settle_in_is_asked_for_though_nobody_said_it():
    coin = position("BTC/USD:BTC")
    accounts = (
        Account(name="a", venue="okx", balances={"USDC": d("5")}, positions=(LEG, coin)),
        Account(name="b", venue="okx"),
    )
    found = [(wallet.account_name, wallet.asset, wallet.balance) for wallet in wallets(DeskState(accounts=accounts))]
    assert found == [("a", "USDC", d("5")), ("a", "USDT", None), ("a", "BTC", None)]


def test_only_what_is_different_is_an_edit():
    assert written(sample_desk(), {(0, "USDT"): "10000.00"}) == ((), {})
    edits, faults = written(sample_desk(), {(0, "USDT"): "12000"})
    assert (edits, faults) == ((SetBalance(0, "USDT", "12000"),), {})
    after = apply_all(sample_desk(), edits)
    assert after.accounts[0].balances == {"USDT": d("12000")}


def test_an_empty_text_makes_a_balance_unknown():
    edits, _ = written(sample_desk(), {(0, "USDT"): " "})
    assert apply_all(sample_desk(), edits).accounts[0].balances is None


def test_what_is_wrong_is_named_by_its_wallet():
    edits, faults = written(sample_desk(), {(0, "USDT"): "-1"})
    assert edits == ()
    assert faults == {(0, "USDT"): "the balance must not be below zero"}


def test_a_what_if_tries_balances_on_its_copy():
    trying = apply(desk(position(BTC)), BeginWhatIf())
    edits, _ = written(trying, {(0, "USDT"): "50000"})
    after = apply_all(trying, edits)
    assert after.accounts == trying.accounts
    assert after.trial is not None
    assert after.trial.accounts is not None
    assert after.trial.accounts[0].balances == {"USDT": d("50000")}
