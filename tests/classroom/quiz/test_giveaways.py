"""Whoever knows nothing of convolutions, but looks at the options, seldom finds the right one.

Such rules found nearly all the right options of seven kinds, whose wrong options each differed from
the right one in a single thing, or were all larger.
"""

import re
from difflib import SequenceMatcher

import pytest

from unet_tutorial.classroom.quiz.bank import draw_bank, load_kinds
from unet_tutorial.classroom.quiz.question import format_value

pytestmark = pytest.mark.mutants
CHAPTERS = ("02", "04", "05", "09")
VARIANTS, MOST = 24, 0.75


def words(option):
    return re.findall(r"\w+|\S", option)


def count_common(option, options):
    """How much an option has in common with the others."""
    pairs = ((words(option), words(other)) for other in options if other != option)
    return sum(SequenceMatcher(None, *pair, autojunk=False).ratio() for pair in pairs)


RULES = {
    "most in common": lambda options: max(options, key=lambda each: count_common(each, options)),
    "least in common": lambda options: min(options, key=lambda each: count_common(each, options)),
    "first, or smallest": lambda options: options[0],
    "last, or largest": lambda options: options[-1],
    "middle": lambda options: options[len(options) // 2],
    "longest": lambda options: max(options, key=len),
    "shortest": lambda options: min(options, key=len),
}
KINDS = {f"{each.chapter} {each.name}": each for each in load_kinds(CHAPTERS)}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_rule_finds_the_right_options_without_knowing_anything(name):
    variants = []
    for variant in draw_bank([KINDS[name]], "a guess", VARIANTS):
        if variant.question.numerical:
            return  # there are no options
        variants.append(variant)
    for rule, choose in RULES.items():
        found = sum(choose(each.options) == format_value(each.question.right) for each in variants)
        assert found / len(variants) <= MOST, rule
