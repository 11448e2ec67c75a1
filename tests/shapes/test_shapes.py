"""The size arithmetic against torch's own layers, over every small combination."""

import doctest
import itertools
import warnings

import pytest
import torch
from torch.nn import functional as F

from unet_tutorial.shapes import (
    Stage,
    conv_output_size,
    conv_transpose_output_size,
    layers,
    max_pool_output_size,
    receptive_field,
    unet,
    unet_sizes,
)

KERNELS, STRIDES, PADDINGS, DILATIONS = range(4), range(4), range(-1, 4), range(4)


def torch_size(layer, size, *arguments, **keywords):
    """The output's side by torch's 2-D layer on the CPU; None where it refuses or gives nothing."""
    try:
        side = layer(torch.zeros(1, 1, size, size), *arguments, **keywords).shape[-1]
    except (RuntimeError, ValueError):
        return None
    return side or None


def our_size(formula, *arguments):
    try:
        return formula(*arguments)
    except ValueError:
        return None


def weight(kernel_size):
    return torch.zeros(1, 1, kernel_size, kernel_size)


def disagreements(pairs):
    """Count the valid and invalid cases, and list those where the two sides differ."""
    pairs = list(pairs)
    wrong = [(case, ours, theirs) for case, ours, theirs in pairs if ours != theirs]
    valid = sum(theirs is not None for _, _, theirs in pairs)
    return wrong, valid, len(pairs) - valid


@pytest.fixture(autouse=True)
def quiet_torch():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of empty tensors, which are meant here
        yield


def test_convolution_agrees_with_torch():
    def cases():
        for size, k, s, p, d in itertools.product(
            (1, 2, 3, 5, 8, 13), KERNELS, STRIDES, PADDINGS, DILATIONS
        ):
            theirs = (
                torch_size(F.conv2d, size, weight(k), None, stride=s, padding=p, dilation=d)
                if k
                else None  # an empty kernel crashes nothing in torch, but is no convolution
            )
            yield (size, k, s, p, d), our_size(conv_output_size, size, k, s, p, d), theirs

    wrong, valid, invalid = disagreements(cases())
    assert wrong == []
    assert valid > 500
    assert invalid > 500


def test_max_pooling_agrees_with_torch():
    def cases():
        for size, k, s, p, d in itertools.product(
            (1, 2, 3, 5, 8, 15, 16), (0, 1, 2, 3, 5), (None, 0, 1, 2, 3), PADDINGS, DILATIONS
        ):
            theirs = torch_size(F.max_pool2d, size, k, s, padding=p, dilation=d)
            yield (size, k, s, p, d), our_size(max_pool_output_size, size, k, s, p, d), theirs

    wrong, valid, invalid = disagreements(cases())
    assert wrong == []
    assert valid > 300
    assert invalid > 500


def test_transposed_convolution_agrees_with_torch():
    def cases():
        for size, k, s, p, o, d in itertools.product(
            (1, 2, 5), KERNELS, STRIDES, PADDINGS, range(-1, 4), DILATIONS
        ):
            theirs = (
                torch_size(
                    F.conv_transpose2d,
                    size,
                    weight(k),
                    None,
                    stride=s,
                    padding=p,
                    output_padding=o,
                    dilation=d,
                )
                if k
                else None
            )
            ours = our_size(conv_transpose_output_size, size, k, s, p, o, d)
            yield (size, k, s, p, o, d), ours, theirs

    wrong, valid, invalid = disagreements(cases())
    assert wrong == []
    assert valid > 500
    assert invalid > 500


def test_defaults_are_those_of_the_torch_layers():
    image, kernel = torch.zeros(1, 1, 9, 9), torch.zeros(1, 1, 3, 3)
    assert conv_output_size(9, 3) == F.conv2d(image, kernel).shape[-1] == 7
    assert max_pool_output_size(9, 3) == F.max_pool2d(image, 3).shape[-1] == 3
    assert conv_transpose_output_size(9, 3) == F.conv_transpose2d(image, kernel).shape[-1] == 11


def test_pairs_are_height_and_width():
    image, kernel = torch.zeros(1, 1, 9, 14), torch.zeros(1, 1, 3, 2)
    ours = conv_output_size((9, 14), (3, 2), (2, 1), (1, 0), (1, 3))
    theirs = F.conv2d(image, kernel, None, (2, 1), (1, 0), (1, 3)).shape[2:]
    assert ours == tuple(theirs)
    ours = conv_transpose_output_size((9, 14), (3, 2), (2, 1), (1, 0), (1, 0), (1, 3))
    theirs = F.conv_transpose2d(image, kernel, None, (2, 1), (1, 0), (1, 0), 1, (1, 3)).shape[2:]
    assert ours == tuple(theirs)
    assert max_pool_output_size((9, 14), 2) == (4, 7)
    assert conv_output_size(9, (3, 2)) == (7, 8)  # one pair is enough


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: conv_output_size(0, 3), "size must be at least 1"),
        (lambda: conv_output_size(5, 0), "kernel_size must be at least 1"),
        (lambda: conv_output_size(5, 3, stride=0), "stride must be at least 1"),
        (lambda: conv_output_size(5, 3, padding=-1), "padding must be at least 0"),
        (lambda: conv_output_size(5, 3, dilation=0), "dilation must be at least 1"),
        (lambda: conv_output_size(5.0, 3), "size must be a whole number, not 5.0"),
        (lambda: conv_output_size(5, 2.5), "kernel_size must be a whole number, not 2.5"),
        (lambda: conv_output_size(5, True), "kernel_size must be a whole number, not True"),
        (lambda: conv_output_size(None, 3), "size must be a whole number, not None"),
        (lambda: conv_output_size((5, 0), 3), "size must be at least 1, not 0"),
        (lambda: conv_output_size((5, 5, 5), 3), "an int or a pair"),
        (
            lambda: conv_output_size(2, 3),
            "kernel_size=3 with dilation=1 spans 3 pixels, but",
        ),
        (
            lambda: max_pool_output_size(480, 2, padding=2),
            "padding=2 is more than half of",
        ),
        (lambda: conv_transpose_output_size(5, 3, 2, 1, 2), "output_padding=2 must be smaller"),
        (lambda: conv_transpose_output_size(1, 2, 1, 1), "padding=1 crops 2 pixels"),
        (lambda: unet_sizes(480, 470), r"480x470 does not. The next size that fits is 480x480"),
        (lambda: unet_sizes(0, 16), "height must be at least 1, not 0"),
        (lambda: unet_sizes(16, 16.0), "width must be a whole number"),
        (lambda: unet_sizes(16, 16, base_channels=0), "base_channels must be at least 1"),
        (lambda: unet_sizes(16, 16, in_channels=0), "in_channels must be at least 1"),
        (lambda: unet_sizes(16, 16, num_classes=0), "num_classes must be at least 1"),
        (lambda: receptive_field([(0, 1)]), "kernel_size must be at least 1"),
        (lambda: receptive_field([(3, 0)]), "stride must be at least 1"),
    ],
)
def test_errors_say_which_argument_and_why(call, names):
    with pytest.raises(ValueError, match=names):
        call()


def test_unet_sizes_of_the_design():
    rows = [
        (stage.name, stage.channels, stage.height, stage.width) for stage in unet_sizes(480, 480)
    ]
    assert rows == [
        ("input", 1, 480, 480),
        ("in_conv", 64, 480, 480),
        ("down1", 128, 240, 240),
        ("down2", 256, 120, 120),
        ("down3", 512, 60, 60),
        ("down4", 1024, 30, 30),
        ("up1", 512, 60, 60),
        ("up2", 256, 120, 120),
        ("up3", 128, 240, 240),
        ("up4", 64, 480, 480),
        ("out_conv", 1, 480, 480),
    ]


def test_unet_sizes_of_another_network():
    stages = unet_sizes(32, 48, in_channels=3, num_classes=5, base_channels=6)
    assert stages[0] == Stage("input", 3, 32, 48)
    assert stages[5] == Stage("down4", 96, 2, 3)
    assert stages[9:] == [Stage("up4", 6, 32, 48), Stage("out_conv", 5, 32, 48)]


def seen_by_one_output_pixel(chain):
    """Side of the input patch that reaches one output pixel, by the gradient of ones."""
    x = torch.ones(1, 1, 1, 64, requires_grad=True)
    y = x
    for kernel_size, stride in chain:
        y = F.conv2d(y, torch.ones(1, 1, 1, kernel_size), stride=(1, stride))
    y[0, 0, 0, y.shape[-1] // 2].backward()
    return int((x.grad != 0).sum())


@pytest.mark.parametrize(
    "chain", [[], [(3, 1)], [(3, 1), (3, 1)], [(3, 1), (2, 2), (3, 1)], [(5, 3), (3, 2), (2, 1)]]
)
def test_receptive_field_agrees_with_gradients(chain):
    assert receptive_field(chain) == seen_by_one_output_pixel(chain)


@pytest.mark.parametrize("module", [layers, unet])
def test_examples_in_docstrings(module):
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0
