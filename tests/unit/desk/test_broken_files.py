"""The reader of portfolio files: 10 000 broken ones, each refused with every fault and its place; none half-loads."""

import os
from random import Random

import pytest

from tests.kit.broken_files import broken_file, garbled_file, valid_file
from tests.kit.portfolios import encoded
from workstation.desk.portfolio_file import read_portfolio
from workstation.domain.problem import BadInput

FILES = 10_000
SEED = 20_261_122


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_portfolio(data)
    problems = caught.value.problems
    assert problems
    assert all(problem.text and "\n" not in str(problem) for problem in problems)
    return [problem.where for problem in problems]


def test_every_planted_fault_is_found_at_its_place() -> None:
    rng = Random(SEED if os.environ.get("HYPOTHESIS_PROFILE", "ci") == "ci" else None)
    planted = 0
    for _ in range(FILES):
        data, places = broken_file(rng)
        if not places:
            continue
        found = problems_of(data)
        missed = [place for place in places if place not in found]
        assert not missed, (data, missed, found)
        planted += len(places)
    assert planted > FILES


def test_garbled_files_are_refused() -> None:
    rng = Random(SEED + 1)
    for _ in range(2_000):
        problems_of(garbled_file(rng))


def test_valid_files_are_not_refused() -> None:
    rng = Random(SEED + 2)
    for _ in range(500):
        read_portfolio(encoded(valid_file(rng)))
