"""The main job on real input: files with positions that venues reported show what the venues showed."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ui.conftest import OpenWindow
from workstation.assessment import Assessor
from workstation.domain.parsing import parse_decimal
from workstation.packaged import resources
from workstation.ui import formats
from workstation.ui.formats import GROUP
from workstation.ui.main_window import MainWindow
from workstation.ui.panes.account import AccountPane
from workstation.ui.panes.positions import PositionsPane
from workstation.ui.tables.position_row import PositionRow

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "margin-public.json").read_text(encoding="utf-8")
)
REPORTED = [case for case in CASES if case["evidence"] == "reported"]
PRICES = ("displayed_price", "liquidation.price")
MARGINS = ("initial_margin", "maintenance_margin")


def opened(window: MainWindow, case: dict[str, Any], folder: Path) -> PositionsPane:
    path = folder / f"{case['id']}.json"
    path.write_text(json.dumps(case["portfolio"]), encoding="utf-8")
    window.files.open(path)
    assert not window.notices.isVisible()
    pane = window.panes["positions"]
    assert isinstance(pane, PositionsPane)
    return pane


def row_of(pane: PositionsPane, symbol: str, side: str) -> int:
    (row,) = [i for i, r in enumerate(pane.rows.rows) if (r.held.symbol, r.held.side) == (symbol, side)]
    return row


def cell(pane: PositionsPane, row: int, key: str) -> str:
    keys = [column.key for column in pane.rows.columns]
    return pane.rows.index(row, keys.index(key)).data()


def said(pane: PositionsPane, row: int, field: str) -> Decimal:
    """The number that the window shows for a field of a case: in the table, or in the line that explains a row."""
    if field in PRICES:
        text = cell(pane, row, "liquidation").removeprefix("~")
    else:
        pane.table.setCurrentIndex(pane.table.model().index(row, 1))
        found = re.search(rf"{field.replace('_', ' ')} ([0-9.{GROUP}]+)", pane.why.text(), re.IGNORECASE)
        assert found is not None, pane.why.text()
        text = found.group(1)
    number = parse_decimal(formats.typed(text))
    assert number is not None, text
    return number


def room(row: PositionRow, expect: dict[str, Any]) -> Decimal:
    """On the screen prices are at the tick, toward the market."""
    step = row.tick or Decimal("0.00000001")
    return Decimal(expect["tolerance"]) + (step if expect["field"] in PRICES else 0)


@pytest.mark.parametrize("case", REPORTED, ids=lambda case: case["id"])
def test_a_position_that_a_venue_reported_shows_what_the_venue_showed(
    open_window: OpenWindow, tmp_path: Path, case: dict[str, Any]
):
    window = open_window(assess=Assessor().assess)
    pane = opened(window, case, tmp_path)
    displayed = {(e["symbol"], e["side"]) for e in case["expect"] if e["field"] == "displayed_price"}
    compared = 0
    for expect in case["expect"]:
        leg = (expect["symbol"], expect["side"])
        # where a venue shows a rounded price, the exact one is ours
        if expect["field"] not in PRICES + MARGINS or (expect["field"] == "liquidation.price" and leg in displayed):
            continue
        if expect["symbol"] is None:
            continue
        row = row_of(pane, *leg)
        shown = said(pane, row, expect["field"])
        assert abs(shown - Decimal(expect["value"])) <= room(pane.rows.rows[row], expect), expect
        compared += 1
    assert compared > 0


def figures(window: MainWindow) -> tuple[str, str]:
    pane = window.panes["account"]
    assert isinstance(pane, AccountPane)
    line = pane.lines[0]
    return line.per_symbol.text.replace(GROUP, " "), line.joint.text.replace(GROUP, " ")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.json"
    path.write_bytes((resources() / "samples" / "sample-account.json").read_bytes())
    return path


def test_the_sample_account_shows_both_distances(open_window: OpenWindow, sample: Path):
    window = open_window(assess=Assessor().assess)
    window.files.open(sample)
    assert figures(window) == ("−9.24 %", "−4.53 %")
