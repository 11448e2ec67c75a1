"""What chapter 02 says about its functions, its pictures and its training."""

import ast
import re
from itertools import product
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from test_notebook_definitions import find_last_definition_in_notebook

from tools.figures import worked_examples
from unet_tutorial import load_trained_unet
from unet_tutorial.data import load_nuclei, split_strips
from unet_tutorial.shapes import conv_output_size

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "02_convolution.ipynb"
NAMES = ["slide", "output_size", "conv2d_by_hand", "find_padding", "find_targets"]
PATCH = np.s_[190:286, 376:472]


@pytest.fixture(scope="module")
def sources():
    """The chapter's cells, as text by id."""
    return {cell.id: cell.source for cell in nbformat.read(CHAPTER, as_version=4).cells}


@pytest.fixture(scope="module")
def shown():
    """The functions that the chapter defines."""
    found = [find_last_definition_in_notebook(CHAPTER, name) for name in NAMES]
    scope = {"torch": torch, "F": F}
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


def test_one_padding_keeps_every_size_and_an_even_kernel_has_none(shown):
    for kernel_size in range(1, 9):
        padding = shown["find_padding"](kernel_size)
        if kernel_size % 2 == 0:
            assert padding == "none"
        else:
            sizes = range(1, 513)
            assert all(shown["output_size"](n, kernel_size, padding=padding) == n for n in sizes)


def test_the_explorer_s_question_has_these_answers(shown):
    """At stride 3 and kernel 3, the last window ends at the edge for the sizes 6 and 9 alone."""
    ends = {n: 3 * shown["output_size"](n, 3, stride=3) for n in range(4, 11)}
    assert [n for n, end in ends.items() if n == end] == [6, 9]
    assert {n - end for n, end in ends.items()} == {0, 1, 2}


def test_the_frame_s_pixels_are_as_described(sources):
    levels, labels = np.rint(255 * load_nuclei()[0])[PATCH], load_nuclei()[1][PATCH]
    frame, inside = levels[30:39, 50:59], labels[30:39, 50:59] > 0
    means = [f"{frame[where].mean():.0f}" for where in (inside, ~inside)]
    assert f"average {means[0]}, outside {means[1]}" in sources["title"]
    assert {round(frame[where].std()) for where in (inside, ~inside)} == {6}
    assert f"from {frame.min():.0f} to {frame.max():.0f}" in sources["title"]


def test_the_picture_has_the_numbers_of_the_several_channels(sources):
    scope = {"torch": torch}
    exec(sources["several-channels"], scope)
    assert scope["channels"].tolist() == worked_examples.CHANNELS.tolist()
    assert scope["kernels"].tolist() == worked_examples.KERNELS.tolist()


def test_every_seed_finds_both_kernels_and_the_outlines(shown, sources):
    """The training of the chapter's own cell, with the seeds 0 to 4."""
    image, labels = load_nuclei()
    strips = split_strips(image).train, split_strips(labels).train
    scope = {"torch": torch, "nn": torch.nn, "my_top": None, "wanted": None}
    scope |= {"compare_guess": lambda *_: None, "approximate": lambda *_, **__: ""}
    scope |= {"strip": torch.tensor(strips[0])[None, None], "print": lambda *_: None}
    scope["wanted"] = shown["find_targets"](strips[1])[None]
    patch = torch.tensor(image[PATCH])[None, None]
    on_outline = (shown["find_targets"](labels[PATCH]) != 0).any(dim=0)
    for seed in range(5):
        exec(re.sub(r"manual_seed\(\d\)", f"manual_seed({seed})", sources["learned-kernel"]), scope)
        kernels = scope["learner"].weight.detach()[:, 0]
        for low, middle, high in (kernels[0].T, kernels[1]):
            assert ((low > -1.1) & (low < -0.6)).all()
            assert (middle.abs() < 0.2).all()
            assert ((high > 0.6) & (high < 1.1)).all()
        with torch.no_grad():
            maps = scope["learner"](patch)[0]
            output, wanted = scope["learner"](scope["strip"]), scope["wanted"]
        usual, doubled = ((k * output - wanted).square().mean() for k in (1, 2))
        assert usual < doubled  # "overall, the difference would grow"
        for sign in (1, -1):  # "where we asked for ±1, its answers average only ±0.1"
            assert round(maps[shown["find_targets"](labels[PATCH]) == sign].mean().item(), 1) == (
                sign * 0.1
            )
        strength = maps.square().sum(dim=0).sqrt()
        elsewhere = strength[~on_outline].mean()
        assert 1.8 < strength[on_outline].mean() / elsewhere < 2.2
        for number, least, most in ((45, 2.4, 2.8), (34, 1.1, 1.5)):  # brightest and dimmest
            here = (shown["find_targets"](labels[PATCH] == number) != 0).any(dim=0)
            assert least < strength[here].mean() / elsewhere < most


def test_the_brightest_and_the_dimmest_nucleus_are_the_ones_named():
    image, labels = (each[PATCH] for each in load_nuclei())
    means = {int(n): image[labels == n].mean() for n in np.unique(labels) if n}
    assert max(means, key=means.get) == 45
    assert min(means, key=means.get) == 34


def test_the_first_layer_s_maps_follow_the_sums_of_the_weights():
    layer = load_trained_unet().in_conv.double_conv[0]
    image, labels = load_nuclei()
    inside = torch.tensor(labels[PATCH] > 0)
    with torch.no_grad():
        maps = layer(torch.tensor(image[PATCH])[None, None])[0]
    sums = layer.weight.detach().sum((1, 2, 3))
    brighter = torch.tensor([each[inside].mean() > each[~inside].mean() for each in maps])
    assert torch.equal(brighter, sums > 0)
    assert brighter.sum() == 3
