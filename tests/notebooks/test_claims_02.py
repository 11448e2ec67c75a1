"""Chapter 02's functions agree with PyTorch for many sizes; the chapter shows one case of each."""

import ast
from itertools import product
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from test_notebook_definitions import find_last_definition_in_notebook

from unet_tutorial.shapes import conv_output_size

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "02_convolution.ipynb"
NAMES = ["slide", "output_size", "conv2d_by_hand"]


@pytest.fixture(scope="module")
def shown():
    """The functions that the chapter defines."""
    found = [find_last_definition_in_notebook(CHAPTER, name) for name in NAMES]
    scope = {}
    exec(compile(ast.Module(found, []), CHAPTER.name, "exec"), scope)
    return scope


def test_the_size_formula_is_the_package_s(shown):  # test_shapes.py compares that with torch
    for n, k, s, p in product(range(1, 21), range(1, 8), range(1, 5), range(5)):
        size = shown["output_size"](n, k, s, p)
        if k > n + 2 * p:
            assert size < 1  # the kernel fits nowhere
        else:
            assert size == conv_output_size(n, k, s, p)


@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 3), (2, 3), (5, 4)])
@pytest.mark.parametrize("size", [(5, 6), (8, 5), (7, 9)])
def test_the_loops_give_what_torch_gives(shown, size, kernel_size):
    image, bias = torch.randint(-9, 10, (2, *size)), torch.tensor([1, -2, 3])
    weight = torch.randint(-9, 10, (3, 2, *kernel_size))
    for stride, padding, shift in product((1, 2, 3), (0, 1, 2), (None, bias)):
        ours = shown["conv2d_by_hand"](image, weight, shift, stride, padding)
        assert torch.equal(ours, F.conv2d(image[None], weight, shift, stride, padding)[0])
    one_channel = shown["slide"](image[0], weight[0, 0])
    assert torch.equal(one_channel, F.conv2d(image[None, :1], weight[:1, :1])[0, 0])
