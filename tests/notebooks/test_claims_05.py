"""The functions of chapter 05 equal PyTorch's in every setting, and its measured claims hold.

The chapter shows one setting of each; numbers are whole, so equal means to the last bit.
"""

import ast
from functools import cache
from itertools import product
from pathlib import Path

import nbformat
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from unet_tutorial import load_nuclei
from unet_tutorial.data import normalise, split_strips

CHAPTER = Path(__file__).resolve().parents[2] / "notebooks" / "05_transposed_convolution.ipynb"
HEIGHT, WIDTH = 3, 5
SETTINGS = [
    (s, p, q) for s, p, q in product((1, 2, 3), (0, 1, 2), (0, 1, 2)) if q < s
]  # output_padding must be smaller than the stride
DOUBLING = [(2, 0, 0), (3, 1, 1), (4, 1, 0)]  # kernel, padding, output_padding


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
    for s, p, q in SETTINGS:
        sides = (HEIGHT, WIDTH), kernel_size
        size = [output_size(n, k, s, p, q) for n, k in zip(*sides, strict=True)]
        if min(size) >= 1:
            theirs = F.conv_transpose2d(images, weight, bias, s, p, q)
            assert size == list(theirs.shape[2:]), (s, p, q)
            assert torch.equal(stamp(images, weight, bias, s, p, q), theirs), (s, p, q)


def test_doubling_every_size_takes_stride_2():
    output_size = load_functions()["output_size"]
    for k, s, p, q in product(range(1, 8), range(1, 6), range(3), range(3)):
        doubles = all(output_size(n, k, s, p, q) == 2 * n for n in range(1, 65))
        assert doubles == (s == 2 and k + q == 2 * p + 2), (k, s, p, q)


def stuff_with_zeros_and_convolve(images, weight, s, p, q):
    """Put zeros between the pixels and around them, and convolve with the flipped kernel."""
    batch, channels, height, width = images.shape
    stuffed = images.new_zeros(batch, channels, (height - 1) * s + 1, (width - 1) * s + 1)
    stuffed[:, :, ::s, ::s] = images
    border = weight.shape[-1] - 1 - p
    stuffed = F.pad(stuffed, (border, border + q, border, border + q))
    return F.conv2d(stuffed, weight.flip(2, 3).transpose(0, 1))


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_zeros_between_the_pixels_give_the_same(k):
    images, weight = make_whole_numbers(2, 3, HEIGHT, WIDTH), make_whole_numbers(3, 2, k, k)
    for s, p, q in SETTINGS:
        if load_functions()["output_size"](HEIGHT, k, s, p, q) >= 1:
            theirs = F.conv_transpose2d(images, weight, None, s, p, q)
            assert torch.equal(stuff_with_zeros_and_convolve(images, weight, s, p, q), theirs)


def test_the_gradient_of_a_convolution_is_a_transposed_convolution():
    x, weight = make_whole_numbers(1, 3, 9, 8).requires_grad_(), make_whole_numbers(5, 3, 3, 3)
    y = F.conv2d(x, weight, stride=2, padding=1)
    arriving = make_whole_numbers(*y.shape)
    y.backward(arriving)
    stamped = F.conv_transpose2d(arriving, weight, None, 2, 1, output_padding=(0, 1))
    assert torch.equal(x.grad, stamped)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("kernel", "padding", "output_padding"), DOUBLING)
def test_random_weights_leave_a_checkerboard_on_constant_ink(kernel, padding, output_padding, seed):
    torch.manual_seed(seed)
    layer = nn.ConvTranspose2d(
        16, 1, kernel, stride=2, padding=padding, output_padding=output_padding
    )
    with torch.no_grad():
        inside = layer(torch.ones(1, 16, 10, 10))[0, 0, 2:-2, 2:-2]
    torch.testing.assert_close(inside, inside[:2, :2].repeat(8, 8))
    assert len(inside.round(decimals=3).unique()) == 4


@pytest.mark.parametrize("seed", range(5))
def test_four_orthogonal_kernels_lose_nothing(seed):
    generator = torch.Generator().manual_seed(seed)
    square = torch.randn(4, 4, generator=generator, dtype=torch.float64)
    weight = torch.linalg.qr(square).Q.reshape(4, 1, 2, 2)
    image = torch.rand(1, 1, 48, 64, generator=generator, dtype=torch.float64)
    halved = F.conv2d(image, weight, stride=2)
    restored = F.conv_transpose2d(halved, weight, stride=2)
    torch.testing.assert_close(restored, image, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (8, 6)])
def test_bilinear_upsampling_by_hand_equals_torch(height, width):
    images = make_whole_numbers(2, 1, height, width).float()
    theirs = F.interpolate(images, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(load_functions()["double_bilinear"](images), theirs)


@pytest.mark.parametrize("seed", range(5))
def test_a_learned_stamp_beats_copying_and_bilinear(seed):
    image, _ = load_nuclei()
    strips = split_strips(normalise(image, reference=split_strips(image).train))
    train, test = (torch.from_numpy(x)[None, None] for x in (strips.train, strips.test))
    torch.manual_seed(seed)
    learned = nn.ConvTranspose2d(1, 1, kernel_size=16, stride=8, padding=4)
    optimiser = torch.optim.Adam(learned.parameters(), lr=0.1)
    given = F.avg_pool2d(train, 8)
    for _ in range(200):
        loss = F.mse_loss(learned(given), train)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    def compute_error(result):
        return ((result - test).square().mean().sqrt() / test.std()).item()

    shrunken = F.avg_pool2d(test, 8)
    copied = compute_error(F.interpolate(shrunken, scale_factor=8))
    bilinear = compute_error(F.interpolate(shrunken, scale_factor=8, mode="bilinear"))
    assert copied == pytest.approx(0.413, abs=0.001)
    assert bilinear == pytest.approx(0.347, abs=0.001)
    with torch.no_grad():
        assert compute_error(learned(shrunken)) == pytest.approx(0.3405, abs=0.002)
