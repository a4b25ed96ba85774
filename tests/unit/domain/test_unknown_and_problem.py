"""Unknown stands where a number would stand; a problem is one line with its place."""

from decimal import Decimal

import pytest

from workstation.domain.problem import BadInput, Problem
from workstation.domain.unknown import Unknown, known


def test_only_a_number_is_known():
    assert known(Decimal(0))
    assert not known(Unknown("no mark"))


def test_an_unknown_counts_for_nothing_in_arithmetic():
    with pytest.raises(TypeError):
        _ = Decimal(1) + Unknown("no mark")  # type: ignore[operator]


def test_a_problem_is_path_and_text():
    assert str(Problem("accounts[0].venue", "unknown venue")) == "accounts[0].venue: unknown venue"
    assert str(Problem("", "not JSON")) == "not JSON"


def test_bad_input_carries_every_problem():
    problems = (Problem("a", "wrong"), Problem("b", "wrong too"))
    assert BadInput(problems).problems == problems
    assert str(BadInput(problems)) == "a: wrong\nb: wrong too"
