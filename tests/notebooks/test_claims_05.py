"""The loops and formulas of chapter 05 equal PyTorch's transposed convolution in every setting.

The chapter shows one setting of each; numbers are whole, so equal means to the last bit.
"""

import ast
from functools import cache
from itertools import product
from pathlib import Path

import nbformat
import pytest
import torch
from torch.nn import functional as F

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "05_transposed_convolution.ipynb"
HEIGHT, WIDTH = 3, 5
SETTINGS = [
    (s, p, q, d) for s, p, q, d in product((1, 2, 3), (0, 1, 2), (0, 1, 2), (1, 2)) if q < max(s, d)
]


@cache
def load_functions():
    """Run the chapter's function definitions, and nothing else, from top to bottom."""
    names = {"torch": torch, "F": F, "product": product}
    for cell in nbformat.read(CHAPTER, as_version=4).cells:
        if cell.cell_type == "code" and "### BEGIN" not in cell.source:
            tree = ast.parse(cell.source)
            tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
            exec(compile(tree, cell.id, "exec"), names)
    return names


def make_whole_numbers(*shape):
    generator = torch.Generator().manual_seed(5)
    return torch.randint(-9, 10, shape, generator=generator).double()


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_stamp_1d_equals_torch(stride):
    signal, kernel = make_whole_numbers(5), make_whole_numbers(3)
    theirs = F.conv_transpose1d(signal[None, None], kernel[None, None], stride=stride)[0, 0]
    ours = load_functions()["stamp_1d"](signal, kernel, stride)
    assert torch.equal(ours.double(), theirs)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
def test_stamp_2d_equals_torch(stride):
    image, kernel = make_whole_numbers(HEIGHT, WIDTH), make_whole_numbers(3, 2)
    theirs = F.conv_transpose2d(image[None, None], kernel[None, None], stride=stride)[0, 0]
    assert torch.equal(load_functions()["stamp_2d"](image, kernel, stride).double(), theirs)


@pytest.mark.parametrize("kernel_size", [(1, 2), (3, 2), (4, 5)])
def test_stamp_and_output_size_agree_with_torch(kernel_size):
    stamp, output_size = (load_functions()[name] for name in ("stamp", "output_size"))
    images, bias = make_whole_numbers(2, 3, HEIGHT, WIDTH), make_whole_numbers(2)
    weight = make_whole_numbers(3, 2, *kernel_size)
    for s, p, q, d in SETTINGS:
        sides = (HEIGHT, WIDTH), kernel_size
        size = [output_size(n, k, s, p, q, d) for n, k in zip(*sides, strict=True)]
        if min(size) >= 1:
            theirs = F.conv_transpose2d(images, weight, bias, s, p, q, dilation=d)
            assert size == list(theirs.shape[2:]), (s, p, q, d)
            assert torch.equal(stamp(images, weight, bias, s, p, q, d), theirs), (s, p, q, d)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_zeros_between_the_pixels_give_the_same(k):
    names = load_functions()
    images, weight = make_whole_numbers(2, 3, HEIGHT, WIDTH), make_whole_numbers(3, 2, k, k)
    for s, p, q, d in SETTINGS:
        if names["output_size"](HEIGHT, k, s, p, q, d) >= 1:
            theirs = F.conv_transpose2d(images, weight, None, s, p, q, dilation=d)
            ours = names["stuff_and_convolve"](images, weight, s, p, q, d)
            assert torch.equal(ours, theirs), (s, p, q, d)
