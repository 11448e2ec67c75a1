"""4.3 A pooling that is right after ReLU."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _cases(seed: int) -> list[tuple]:
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


def _pool(border=-torch.inf, count=None):
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
    (_pool(border=0.0), "A zero of the border won over the negative values beside it."),
    *(
        (_pool(border=-(10.0**digits)), "The border beat very negative values. What loses to all?")
        for digits in range(10)
    ),
    (
        _pool(count=lambda n, kernel, stride, padding: n // stride),
        "Stride alone does not count the windows: kernel and padding do too.",
    ),
    (
        _pool(count=lambda n, kernel, stride, padding: -((kernel - n - 2 * padding) // stride) + 1),
        "A window that hangs over the edge of the padding is not used.",
    ),
    (
        _pool(count=lambda n, kernel, stride, padding: (n - kernel) // stride + 1),
        "The padding is looked at too: it makes room for more windows.",
    ),
]


@exercise(
    misconception="The padding of a max pooling is made of zeros, as that of a convolution.",
    hints=(
        "Pool an image of negative numbers with kernel 3, stride 2 and padding 1. What wins?",
        "There are two faults: what the border is made of, and how many windows are counted.",
        "The border must lose to every number. The count is in the section on the stride, with "
        "kernel and padding.",
    ),
)
def repaired_pooling(answer, *, seed=0) -> str:
    """Check max_pool(image, kernel_size, stride, padding) on images of either sign."""
    number = compare_function(
        answer,
        lambda image, *setting: F.max_pool2d(image[None, None], *setting)[0, 0],
        _cases(seed),
        mistakes=MISTAKES,
        otherwise="Work this case out by hand: how many windows, and what does each hold?",
    )
    return f"{number} images of either sign, square and not, as nn.MaxPool2d pools them"
