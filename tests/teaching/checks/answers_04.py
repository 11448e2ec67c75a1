"""Right and wrong answers to the exercises of chapter 04."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers, Args


def pools_to(setting, side):
    """The side after a max pooling of one dimension, or None where PyTorch refuses it."""
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


def pooled(border, rows, columns):
    def max_pool(image, kernel_size, stride, padding):
        padded = F.pad(image, (padding,) * 4, value=border)
        height = rows(image.shape[0], padded.shape[0], kernel_size, stride)
        width = columns(image.shape[1], padded.shape[1], kernel_size, stride)
        result = image.new_zeros(height, width)
        for r in range(height):
            for c in range(width):
                y, x = r * stride, c * stride
                result[r, c] = padded[y : y + kernel_size, x : x + kernel_size].max()
        return result

    return max_pool


def by_stride(side, padded, kernel, stride):
    return side // stride


def by_windows(side, padded, kernel, stride):
    return (padded - kernel) // stride + 1


def by_windows_rounded_up(side, padded, kernel, stride):
    return -(-(padded - kernel) // stride) + 1


def without_the_padding(side, padded, kernel, stride):
    return (side - kernel) // stride + 1


zeros_still_win = pooled(0.0, by_windows, by_windows)
minus_one_wins = pooled(-1.0, by_windows, by_windows)
minus_a_million_wins = pooled(-1e6, by_windows, by_windows)
stride_alone_counts = pooled(-math.inf, by_stride, by_stride)
hanging_over = pooled(-math.inf, by_windows_rounded_up, by_windows_rounded_up)
padding_not_counted = pooled(-math.inf, without_the_padding, without_the_padding)
only_the_height_mended = pooled(-math.inf, by_windows, by_stride)


def pooling_in_place(image, kernel_size, stride, padding):
    result = pooled_by_unfold(image, kernel_size, stride, padding)
    image[: len(result), : len(result[0])] = result
    return result


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


def sees_evenly_round_the_jump(level, column):
    side = sees_by_formula(level, 0)[1] - sees_by_formula(level, 0)[0] + 1
    start = column * 2**level - (side - 1) // 2
    return start, start + side - 1


def walking_back(wide=2, second=1, end=0, edge=2, pool_first=False):
    def sees(level, column):
        first = last = column
        for _ in range(level):
            if pool_first:
                first, last = 2 * first - wide, 2 * last + second + wide
            else:
                first, last = 2 * (first - wide), 2 * (last + wide) + second
        return first - edge, last + edge + end

    return sees


def sees_a_size(level, column):
    first, last = sees_by_formula(level, column)
    return last - first + 1


ANSWERS = {
    "4.1": Answers(
        right=[Args(HALVING, UP, 80), Args(sorted(HALVING), list(UP), np.int64(5 * 16))],
        wrong=[
            (Args({(2, 2, 0), (3, 2, 1)}, UP, 80), "Take the kernels one by one"),
            (Args(HALVING | {(2, 2, 1)}, UP, 80), "One window too many"),
            (Args({(k, 2, k // 2) for k in range(1, 8)}, UP, 80), "One window too many"),
            (Args(HALVING | {(5, 2, 1)}, UP, 80), "needs more padding"),
            (Args(HALVING | {(2, 1, 0)}, UP, 80), "Only the stride divides"),
            (Args(HALVING | {(3, 2, 2)}, UP, 80), "at most half its kernel"),
            (Args(HALVING | {(8, 2, 3)}, UP, 80), "Kernels from 1 to 7"),
            (Args(HALVING - {(1, 2, 0)}, UP, 80), "How small"),
            (Args(HALVING - {(4, 2, 1), (6, 2, 2)}, UP, 80), "not for odd kernels alone"),
            (Args({2, 3}, UP, 80), "tuple of 3 whole numbers"),
            (Args(HALVING, HALVING, 80), "not of the second set"),
            (Args(HALVING, {(2, 2, 1)} | UP, 80), "a part of the first"),
            (Args(HALVING, {(3, 2, 1)}, 80), "Put 15 into the formula"),
            (Args(HALVING, UP, 64), "round down"),
            (Args(HALVING, UP, 75), "multiple of 16"),
            (Args(HALVING, UP, 5), "Four doublings follow"),
            (Args(HALVING, UP, 96), "then double four times"),
        ],
        equivalent={},
    ),
    "4.2": Answers(
        right=[Args(16, 3, 5), Args(np.int64(2**4), np.int64(3), 40 // 8)],
        wrong=[
            (Args(1, 3, 5), "windows of a pooling stay"),
            (Args(2, 3, 5), "at level 2"),
            (Args(4, 3, 5), "halves the shift"),
            (Args(8, 3, 5), "One Down too few"),
            (Args(32, 3, 5), "a smaller one"),
            (Args(140, 3, 5), "how far a value sees"),
            (Args(16, 4, 5), "two and a half"),
            (Args(16, 0, 40), "This one is even"),
            (Args(16, 2, 10), "halve once more"),
            (Args(16, 1, 20), "as long as it comes out whole"),
            (Args(16, 3, 40), "further apart"),
            (Args(16, 3, 320), "The jump divides"),
            (Args(16, 3, 10), "one level higher"),
            (Args(16, 3, 2.5), "whole number"),
        ],
        equivalent={},
    ),
    "4.3": Answers(
        right=[pooled_with_minus_infinity, pooled_by_unfold],
        wrong=[
            (zeros_still_win, "A zero of the border"),
            (minus_one_wins, "What loses to all"),
            (minus_a_million_wins, "What loses to all"),
            (stride_alone_counts, "kernel and padding do too"),
            (hanging_over, "hangs over"),
            (padding_not_counted, "room for more windows"),
            (only_the_height_mended, "The shape must be"),
            (pooling_in_place, "changes its input"),
            (nothing_returned, "return"),
        ],
        equivalent={},
    ),
    "4.4": Answers(
        right=[Args(factor_by_square_root, 1 / 8), Args(factor_by_logarithm, 0.5**3)],
        wrong=[
            (Args(lambda stride, dimensions: 2.0, 0.125), "windows of 2 by 2"),
            (Args(lambda stride, dimensions: stride**dimensions, 0.125), "number of values"),
            (Args(lambda stride, dimensions: float(stride), 0.125), "left in a volume"),
            (Args(lambda stride, dimensions: stride**0.5, 0.125), "How many sides"),
            (Args(lambda s, dimensions: s ** (dimensions / 4), 0.125), "grow together"),
            (Args(lambda s, dimensions: s ** (-dimensions / 2), 0.125), "not fewer"),
            (Args(lambda s, dimensions: s ** (1 / dimensions), 0.125), "many sides are divided"),
            (Args(lambda s, dimensions: s * dimensions / 2, 0.125), "places times channels"),
            (Args(factor_by_square_root, Fraction(1, 8)), "such as 0.25 or 1 / 4"),
            (Args(factor_by_square_root, 1), "Of a volume"),
            (Args(factor_by_square_root, 0.5), "one step"),
            (Args(factor_by_square_root, 1 / 16), "four steps"),
            (Args(factor_by_square_root, 1 / 512), "voxels alone"),
            (Args(factor_by_square_root, 1 / 64), "Both channel counts"),
            (Args(factor_by_square_root, 8), "how many times as much"),
        ],
        equivalent={},
    ),
    "4.5": Answers(
        right=[sees_by_formula, sees_by_recursion],
        wrong=[
            (sees_evenly_round_the_jump, "evenly round"),
            (walking_back(second=0), "not of one"),
            (walking_back(end=1), "not the one after it"),
            (walking_back(edge=0), "Level 0 has two"),
            (walking_back(pool_first=True), "when does its pooling come"),
            (walking_back(wide=1, edge=1), "Each level has two"),
            (sees_a_size, "must be a tuple"),
            (lambda level, column: (2 * column, 2 * column + 1), "Try level 1 on paper"),
        ],
        equivalent={},
    ),
}
