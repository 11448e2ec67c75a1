"""Each check notices every small change to its solution, except for harmless ones.

Testing all solutions takes minutes: `make mutants`.
"""

from fnmatch import fnmatchcase

import pytest
from answers import load_answers
from mutants import find_survivors, make_mutants

from unet_tutorial.teaching.checks import EXERCISES

SOURCE = """
x = 1
### BEGIN SOLUTION
def f(a, b):
    return g(a, b, dim=1) - 2.5
### END SOLUTION
"""


def test_a_solution_is_broken_in_every_way():
    assert set(make_mutants(SOURCE, range(4, 6))) == {
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


def test_texts_change_places():
    source = "### BEGIN SOLUTION\nx = ('a', 'b', 'c')\n### END SOLUTION"
    assert set(make_mutants(source, range(2, 3))) == {
        "line 1: ('a', 'b', 'c') -> ('b', 'a', 'c')",
        "line 1: ('a', 'b', 'c') -> ('a', 'c', 'b')",
    }


@pytest.mark.mutants
@pytest.mark.parametrize("number", list(EXERCISES))
def test_every_mutant_that_passes_is_as_right_as_the_solution(number):
    alive, tried = find_survivors(number)
    equivalent = load_answers()[number].equivalent
    assert tried > 0
    unexplained = [name for name in alive if not any(fnmatchcase(name, key) for key in equivalent)]
    assert unexplained == [], (
        "make the check stricter, or list a mutant that is just as right in `equivalent`"
    )
    idle = [key for key in equivalent if not any(fnmatchcase(name, key) for name in alive)]
    assert idle == [], "these mutants don't pass any longer: take them out of `equivalent`"
    assert all(len(why) > 10 for why in equivalent.values())
