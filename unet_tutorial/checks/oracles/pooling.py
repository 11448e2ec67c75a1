"""Settings of a pooling, pooling and receptive fields by plain loops: right ones and mistakes."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.shapes import max_pool_output_size

HALVING = {(1, 2, 0), (2, 2, 0), (3, 2, 1), (4, 2, 1), (5, 2, 2), (6, 2, 2), (7, 2, 3)}
ROUNDING_UP = {(1, 2, 0), (3, 2, 1), (5, 2, 2), (7, 2, 3)}


def side_after(setting: tuple[int, int, int], side: int) -> int | str:
    """Return the side after a pooling, or why there is none."""
    try:
        return max_pool_output_size(side, *setting)
    except ValueError:
        return "refused"


def does_not_halve(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return what comes of a setting that does not halve every even side, and a hint."""
    kernel, stride, padding = setting
    if not (1 <= kernel <= 7 and 1 <= stride <= 4):
        return "outside the range of the task", "Kernels from 1 to 7, strides from 1 to 4."
    if padding > kernel // 2:
        hint = "A max pooling may have at most half its kernel as padding, rounded down."
        return "PyTorch refuses it", hint
    side = next(n for n in range(8, 482, 2) if side_after(setting, n) != n // 2)
    came = f"a side of {side} gives {side_after(setting, side)}"
    if stride != 2:
        return came, "Only the stride divides. Padding and kernel shift the size, never halve it."
    if 2 * padding > kernel - 1:
        return came, "One window too many: the padding adds pixels before the division."
    return came, "The windows stop too early: this kernel needs more padding to halve."


def lacking_halving(lacking: set[tuple[int, int, int]]) -> str:
    """Return a hint for somebody who has not found all that halve."""
    if lacking == {(1, 2, 0)}:
        return "There is one more. How small may a window be?"
    if all(kernel % 2 == 0 for kernel, _, _ in lacking):
        return "There are more. Padding is not for odd kernels alone."
    return "There are more. Take the kernels one by one, and ask which padding each needs."


def does_not_round_up(setting: tuple[int, int, int]) -> tuple[str, str]:
    """Return what comes of a setting that does not round odd sides up, and a hint."""
    if setting not in HALVING:
        return "not one of those that halve", "The second set is a part of the first."
    return (
        f"15 gives {side_after(setting, 15)}",
        "This one rounds down, so it is not of the second set.",
    )


def cases(seed: int) -> list[tuple]:
    """Return (image, kernel_size, stride, padding), the small ones first."""
    generator = torch.Generator().manual_seed(seed)
    settings = [(4, 4, 2, 2, 0), (3, 4, 3, 1, 1), (3, 3, 3, 2, 1), (5, 4, 2, 2, 1), (6, 5, 5, 1, 0)]
    settings += [(7, 9, 3, 3, 0), (15, 10, 3, 2, 1), (12, 11, 4, 3, 2), (11, 8, 1, 2, 0)]
    found = []
    for height, width, *setting in settings:
        image = torch.randint(-9, 0, (height, width), generator=generator).double()
        found.append((image, *setting))
    image = torch.randint(-9, 10, (9, 12), generator=generator).double()
    return [*found, (image, 3, 2, 1), (1e6 * image[:3, :4] - 1e8, 3, 2, 1)]


def pool(border=-torch.inf, count=None):
    """Return a max pooling by plain loops; count(side, *setting) says how many windows."""
    count = count or (lambda n, kernel, stride, padding: (n + 2 * padding - kernel) // stride + 1)

    def pooled(image, kernel, stride, padding):
        room = F.pad(image, (padding, padding + kernel) * 2, value=border)  # to hang over as well
        tops, lefts = (
            [stride * place for place in range(count(n, kernel, stride, padding))]
            for n in image.shape
        )
        windows = [
            [room[top : top + kernel, left : left + kernel].max() for left in lefts] for top in tops
        ]
        return torch.tensor(windows, dtype=image.dtype)

    return pooled


MISTAKES = [
    (pool(border=0.0), "A zero of the border won over the negative values beside it."),
    *(
        (pool(border=-(10.0**digits)), "The border beat very negative values. What loses to all?")
        for digits in range(10)
    ),
    (
        pool(count=lambda n, kernel, stride, padding: n // stride),
        "Stride alone does not count the windows: kernel and padding do too.",
    ),
    (
        pool(count=lambda n, kernel, stride, padding: -((kernel - n - 2 * padding) // stride) + 1),
        "A window that hangs over the edge of the padding is not used.",
    ),
    (
        pool(count=lambda n, kernel, stride, padding: (n - kernel) // stride + 1),
        "The padding is looked at too: it makes room for more windows.",
    ),
]


def seen_forwards(level: int, column: int) -> tuple[int, int]:
    """Return what a value depends on, by pushing sets of columns through the layers."""
    low = column * 2**level // 16 * 16 - 96  # far enough to the left
    seen = [{low + place} for place in range(208)]
    for here in range(level + 1):
        if here > 0:
            seen = [a | b for a, b in zip(seen[::2], seen[1::2], strict=True)]
        for _ in range(2):
            seen = [set().union(*seen[max(i - 1, 0) : i + 2]) for i in range(len(seen))]
    mine = seen[column - low // 2**level]
    return min(mine), max(mine)


def walk_back(wide=2, second=1, end=0, level_zero=True, pool_first=False):
    """Return `sees` with the mistakes that are asked for."""

    def sees(level, column):
        first = last = column
        for _ in range(level):
            if pool_first:
                first, last = 2 * first, 2 * last + second
            first, last = first - wide, last + wide
            if not pool_first:
                first, last = 2 * first, 2 * last + second
        edge = wide if level_zero else 0
        return first - edge, last + edge + end

    return sees


def centred(level, column):
    """Return a field of the right size, its middle at the column times the jump."""
    first, last = walk_back()(level, column)
    start = column * 2**level - (last - first) // 2
    return start, start + last - first
