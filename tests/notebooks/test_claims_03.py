"""Chapter 03's rule: two 3x3 have fewer weights than one 5x5 where 9 · out < 16 · in."""

from itertools import product

from torch import nn


def count_weights(*sizes):
    layers = [nn.Conv2d(*size, bias=False, device="meta") for size in sizes]
    return sum(layer.weight.numel() for layer in layers)


def test_two_small_kernels_have_fewer_weights_where_the_rule_says_so():
    for before, after in product((1, 3, 9, 16, 36, 64), (1, 2, 5, 16, 64, 128)):
        two = count_weights((before, after, 3), (after, after, 3))
        one = count_weights((before, after, 5))
        assert (two < one) == (9 * after < 16 * before), (before, after)
    assert count_weights((9, 16, 3), (16, 16, 3)) == count_weights((9, 16, 5))  # the limit
