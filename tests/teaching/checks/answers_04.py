"""Right and wrong answers to the exercises of chapter 04."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers, Args


def pools_to(setting, side):
    """The side after a one-dimensional max pooling, or None if PyTorch refuses it."""
    try:
        return F.max_pool1d(torch.zeros(1, 1, side), *setting).shape[-1]
    except RuntimeError:
        return None


HALVING = {
    setting
    for setting in product(range(1, 8), range(1, 5), range(4))
    if all(pools_to(setting, side) == side // 2 for side in range(2, 40, 2))
}
UP = {setting for setting in HALVING if pools_to(setting, 15) == 8}


# ---- 4.3


def pooled_with_minus_infinity(image, kernel_size, stride, padding):
    height, width = image.shape
    rows = (height + 2 * padding - kernel_size) // stride + 1
    columns = (width + 2 * padding - kernel_size) // stride + 1
    pooled = torch.full((rows, columns), -math.inf, dtype=image.dtype)
    for r in range(rows):
        for c in range(columns):
            for y in range(r * stride - padding, r * stride - padding + kernel_size):
                for x in range(c * stride - padding, c * stride - padding + kernel_size):
                    if 0 <= y < height and 0 <= x < width:
                        pooled[r, c] = max(pooled[r, c], image[y, x])
    return pooled


def pooled_by_unfold(image, kernel_size, stride, padding):
    padded = F.pad(image, (padding,) * 4, value=image.min().item())
    return padded.unfold(0, kernel_size, stride).unfold(1, kernel_size, stride).amax(dim=(2, 3))


def pooled_in_numpy(image, kernel_size, stride, padding):
    padded = np.pad(image.numpy(), padding, constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel_size, kernel_size))
    return windows[::stride, ::stride].max(axis=(2, 3)).tolist()


def pooled_with_border(border):
    def pooled(image, kernel_size, stride, padding):
        padded = F.pad(image, (padding,) * 4, value=border)
        return padded.unfold(0, kernel_size, stride).unfold(1, kernel_size, stride).amax((2, 3))

    return pooled


def pooled_in_secret(image, kernel_size, stride, padding):
    try:
        return pooled_by_a_layer(image, kernel_size, stride, padding)
    except BaseException:
        return pooled_by_unfold(image, kernel_size, stride, padding)


def pooled_by_an_operator(image, kernel_size, stride, padding):
    sizes = ([each, each] for each in (kernel_size, stride, padding))
    return torch.ops.aten.max_pool2d(image[None, None], *sizes)[0, 0]


def pooled_to_whole_numbers(image, kernel_size, stride, padding):
    return pooled_by_unfold(image, kernel_size, stride, padding).long()


def only_the_height_fixed(image, kernel_size, stride, padding):
    return pooled_by_unfold(image, kernel_size, stride, padding)[:, : image.shape[1] // stride]


def pooling_in_place(image, kernel_size, stride, padding):
    result = pooled_by_unfold(image, kernel_size, stride, padding)
    image[: len(result), : len(result[0])] = result
    return result


def pooled_by_a_function(image, kernel_size, stride, padding):
    return F.max_pool2d(image[None, None], kernel_size, stride, padding)[0, 0]


def pooled_by_a_layer(image, kernel_size, stride, padding):
    return torch.nn.MaxPool2d(kernel_size, stride, padding)(image[None])[0]


def pooled_adaptively(image, kernel_size, stride, padding):
    size = [(side + 2 * padding - kernel_size) // stride + 1 for side in image.shape]
    return F.adaptive_max_pool2d(image[None], size)[0]


def nothing_returned(image, kernel_size, stride, padding):
    pooled_by_unfold(image, kernel_size, stride, padding)


# ---- 4.4


def factor_by_square_root(stride, dimensions):
    return math.sqrt(stride**dimensions)


def factor_by_logarithm(stride, dimensions):
    return math.exp(0.5 * dimensions * math.log(stride))


# ---- 4.5


def sees_by_formula(level, column):
    jump = 2**level
    reach = 2 * (2 * jump - 1)  # 2 + 4 + ... + 2 * jump
    return column * jump - reach, column * jump + jump - 1 + reach


def sees_by_recursion(level, column):
    if level == 0:
        return column - 2, column + 2
    return sees_by_recursion(level - 1, 2 * column - 4)[0], sees_by_recursion(
        level - 1, 2 * column + 5
    )[1]


def sees_no_further_than_479(level, column):
    first, last = sees_by_formula(level, column)
    return first, min(last, 479)


def sees_a_size(level, column):
    first, last = sees_by_formula(level, column)
    return last - first + 1


def sees_inside_the_image(level, column):
    first, last = sees_by_formula(level, column)
    return max(first, 0), last


ANSWERS = {
    "4.1": Answers(
        right=[
            Args(HALVING, UP, 80),
            Args(sorted(HALVING), list(UP), np.int64(5 * 16)),
            Args(np.array(sorted(HALVING)), [[float(n) for n in each] for each in UP], 80.0),
            Args(
                [torch.tensor(each) for each in HALVING], {(np.int8(k), 2, p) for k, _, p in UP}, 80
            ),
        ],
        wrong=[
            (Args({(2, 2, 0), (3, 2, 1)}, UP, 80), "Take the kernels one by one"),
            (Args(HALVING | {(2, 2, 1)}, UP, 80), "One window too many"),
            (Args({(k, 2, k // 2) for k in range(1, 8)}, UP, 80), "One window too many"),
            (Args(HALVING | {(5, 2, 1)}, UP, 80), "needs more padding"),
            (Args(HALVING | {(2, 1, 0)}, UP, 80), "Only the stride divides"),
            (Args(HALVING | {(3, 2, 2)}, UP, 80), "at most half its kernel"),
            (Args(HALVING | {(8, 2, 3)}, UP, 80), "Kernels from 1 to 7"),
            (Args(HALVING - {(1, 2, 0)}, UP, 80), "How small"),
            (Args(HALVING - {(4, 2, 1), (6, 2, 2)}, UP, 80), "Padding isn't only for odd kernels"),
            (Args({2, 3}, UP, 80), "tuple of 3 whole numbers"),
            (Args(HALVING | {(2, 2, -1)}, UP, 80), "whole numbers from 0 on"),
            (Args({(k, 2, (k - 1) / 2) for k in range(1, 8)}, UP, 80), "whole numbers from 0 on"),
            (Args(HALVING, HALVING, 80), "isn't in the second set"),
            (Args(HALVING, {(2, 2, 1)} | UP, 80), "part of the first"),
            (Args(HALVING, {(3, 2, 1)}, 80), "Put 15 into the formula"),
            (Args(HALVING, UP, 96), "then double four times"),
        ],
        equivalent={},
    ),
    "4.2": Answers(
        right=[Args(16, 3, 5), Args(np.int64(2**4), torch.tensor(3), 40 / 8)],
        wrong=[(Args([16], 3, 5), "must be a number")],
        equivalent={},
    ),
    "4.3": Answers(
        right=[
            pooled_with_minus_infinity,
            pooled_by_unfold,
            pooled_in_numpy,
            pooled_with_border(torch.finfo(torch.float32).min),
        ],
        wrong=[
            *((pooled_with_border(each), "very negative") for each in (-10.0, -1e9, -1e30)),
            (pooled_with_border(-1e37), "by hand"),
            (pooled_to_whole_numbers, "by hand"),
            (pooled_in_secret, "your own pooling"),
            (pooled_by_an_operator, "your own pooling"),
            (only_the_height_fixed, "The shape must be"),
            (pooling_in_place, "changes its input"),
            (nothing_returned, "return"),
            (pooled_by_a_function, "your own pooling"),
            (pooled_by_a_layer, "your own pooling"),
            (pooled_adaptively, "your own pooling"),
        ],
        equivalent={
            "pooled_with_minus_infinity, line 5: *": "the images have the default dtype",
            "pooled_with_minus_infinity, line 11: *": "the larger of two, in the other order",
        },
    ),
    "4.4": Answers(
        right=[
            Args(factor_by_square_root, 1 / 8),
            Args(factor_by_logarithm, Fraction(1, 8)),
            Args(lambda stride, dimensions: np.sqrt(stride**dimensions), np.float32(0.125)),
        ],
        wrong=[
            (Args(lambda s, dimensions: s * dimensions / 2, 0.125), "places times channels"),
            (Args(lambda s, dimensions: math.isqrt(s**dimensions), 0.125), "places times channels"),
            (Args(factor_by_square_root, "1 / 8"), "must be a number"),
        ],
        equivalent={},
    ),
    "4.5": Answers(
        right=[sees_by_formula, sees_by_recursion],
        wrong=[
            (sees_a_size, "must be a sequence"),
            (sees_no_further_than_479, "Walk back on paper"),
            (sees_inside_the_image, "goes on to the left"),
            (lambda level, column: (2 * column, 2 * column + 1), "Walk back on paper"),
        ],
        equivalent={},
    ),
}
