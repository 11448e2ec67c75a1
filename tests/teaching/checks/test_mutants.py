"""Every small break of a solution is noticed by its check, but for those that break nothing.

The run over all solutions takes minutes: `make mutants`.
"""

import pytest
from answers import all_answers
from mutants import mutants, survivors

from unet_tutorial.teaching.checks import EXERCISES

SOURCE = """
x = 1
### BEGIN SOLUTION
def f(a, b):
    return g(a, b, dim=1) - 2.5
### END SOLUTION
"""


def test_a_solution_is_broken_in_every_way():
    assert set(mutants(SOURCE)) == {
        "line 2: g(a, b, dim=1) - 2.5 -> g(a, b, dim=1)",
        "line 2: g(a, b, dim=1) - 2.5 -> 2.5",
        "line 2: g(a, b, dim=1) - 2.5 -> g(a, b, dim=1) + 2.5",
        "line 2: g(a, b, dim=1) - 2.5 -> 2.5 - g(a, b, dim=1)",
        "line 2: g(a, b, dim=1) -> g(b, a, dim=1)",
        "line 2: g(a, b, dim=1) -> g(a, b)",
        "line 2: 1 -> 2",
        "line 2: 1 -> 0",
        "line 2: 2.5 -> 6.0",
    }


@pytest.mark.mutants
@pytest.mark.parametrize("number", list(EXERCISES))
def test_every_mutant_that_passes_is_as_right_as_the_solution(number):
    alive, tried = survivors(number)
    assert tried > 0
    assert set(alive) == set(all_answers()[number].equivalent)
    assert all(len(why) > 10 for why in all_answers()[number].equivalent.values())
