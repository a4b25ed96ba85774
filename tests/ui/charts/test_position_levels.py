"""Lines of positions: entries, the venue's own liquidation price and the joint one; real and tried side by side."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.kit.charts import SYMBOL, VENUE
from workstation.assessment import Assessor
from workstation.desk.portfolio_file import read_portfolio
from workstation.desk.state import DeskState, Trial
from workstation.market.view import MarketView
from workstation.packaged import resources
from workstation.runtime.messages import Frame
from workstation.ui import formats
from workstation.ui.charts.position_levels import PositionLevels, position_levels

ETH = "ETH/USDT:USDT"


@pytest.fixture
def sample() -> DeskState:
    return read_portfolio((resources() / "samples" / "sample-account.json").read_bytes())


def levels_of(desk: DeskState, symbol: str = SYMBOL) -> PositionLevels:
    market = MarketView()
    return position_levels(Frame(market, desk, *Assessor(exact=True).assess(market, desk)), VENUE, symbol)


def said(shown: PositionLevels) -> list[tuple[str, str, str]]:
    return [
        (level.brief, level.text.replace(formats.GROUP, " "), level.distance.replace(formats.GROUP, " "))
        for level in shown.levels
    ]


def test_the_sample_account_shows_both_distances(sample: DeskState):
    shown = levels_of(sample)
    assert [line[0] for line in said(shown)] == ["entry LONG 1 BTC", "per symbol", "joint"]
    assert said(shown)[1][2] == "−9.24 %"
    assert said(shown)[2][1:] == ("95 469.8", "−4.53 %")
    assert shown.missing == ()


def test_a_contract_that_is_not_held_has_no_lines(sample: DeskState):
    assert levels_of(sample, "SOL/USDT:USDT") == PositionLevels()


def test_a_what_if_hatches_its_lines_and_leaves_the_real_ones_faint(sample: DeskState):
    shown = levels_of(replace(sample, trial=Trial(size=Decimal("-0.02"))), ETH)
    real = [level for level in shown.levels if level.faint]
    tried = [level for level in shown.levels if level.what_if]
    assert [level.brief for level in real] == ["per symbol"]
    assert [level.brief for level in tried] == ["per symbol", "mark"]
    assert all(level.label.startswith("What-if") and level.tone == "red" for level in tried)
    moved = tried[-1]
    assert (moved.price, moved.distance.replace(formats.GROUP, " ")) == (4000 * (1 - 0.026), "−2.60 %")
    # from the marks as they are nothing else is tried: the entry and the joint price are the real ones
    assert [level.brief for level in shown.levels if not level.faint and not level.what_if] == [
        "entry LONG 20 ETH",
        "joint",
    ]


def test_a_leg_that_is_left_out_leaves_its_real_lines_faint(sample: DeskState):
    shown = levels_of(replace(sample, trial=Trial(dropped=frozenset({(0, 0)}))))
    assert shown.levels
    assert all(level.faint for level in shown.levels)


def test_a_missing_fact_is_said_instead_of_a_line(sample: DeskState):
    marks = {VENUE: {SYMBOL: Decimal(100_000)}}
    shown = levels_of(replace(sample, marks=marks))
    assert "joint" not in [line[0] for line in said(shown)]
    assert any("no mark price" in text for text in shown.missing)


def test_two_accounts_are_told_apart_by_name(sample: DeskState):
    other = replace(sample.accounts[0], name="second")
    names = [line[0] for line in said(levels_of(replace(sample, accounts=(sample.accounts[0], other))))]
    assert "SAMPLE joint" in names
    assert "second joint" in names
