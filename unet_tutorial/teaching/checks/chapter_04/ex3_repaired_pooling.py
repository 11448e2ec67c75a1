"""4.3 A pooling that only works after a ReLU."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from unet_tutorial.teaching.checks.compare import compare_function, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse


def _max_pool_with_torch(image: Tensor, kernel_size: int, stride: int, padding: int) -> Tensor:
    return F.max_pool2d(image[None, None], kernel_size, stride, padding)[0, 0]


def _count_windows(side: int, kernel: int, stride: int, padding: int) -> int:
    return (side + 2 * padding - kernel) // stride + 1


def _make_pooling(border: float = -torch.inf, count: Callable = _count_windows) -> Callable:
    """Return a max pooling with this border value, in which `count` counts the windows."""

    def max_pool(image, kernel, stride, padding):
        # `kernel` more on the right and below, as a wrong `count` lets windows hang over the edge
        padded = F.pad(image, (padding, padding + kernel) * 2, value=border)
        tops, lefts = (
            range(0, stride * count(side, kernel, stride, padding), stride) for side in image.shape
        )
        windows = [[padded[y : y + kernel, x : x + kernel].max() for x in lefts] for y in tops]
        return torch.tensor(windows, dtype=image.dtype)

    return max_pool


REFERENCE = _make_pooling()
MISTAKES = [
    (_make_pooling(border=0.0), "A zero in the border beat the negative values next to it."),
    *((_make_pooling(-(10.0**digits)),
       "The border beat very negative values. Which value loses to every number?")
      for digits in (0, 1, 2, 3, 4, 5, 6, 9, 10, 30)),
    (_make_pooling(count=lambda side, kernel, stride, padding: side // stride),
     "The stride alone doesn't give the number of windows: kernel and padding matter too."),
    (_make_pooling(count=lambda side, kernel, stride, padding:
                   _count_windows(side + stride - 1, kernel, stride, padding)),
     "A window that hangs over the edge of the padding is not used."),
    (_make_pooling(count=lambda side, kernel, stride, padding:
                   _count_windows(side, kernel, stride, 0)),
     "Windows also cover the padding: it makes room for more of them."),
]  # fmt: skip


def _make_cases(seed: int) -> list[tuple]:
    """Return (image, kernel_size, stride, padding), the small ones first."""
    generator = torch.Generator().manual_seed(seed)
    settings = [(4, 4, 2, 2, 0), (3, 4, 3, 1, 1), (3, 3, 3, 2, 1), (5, 4, 2, 2, 1), (6, 5, 5, 1, 0)]
    settings += [(7, 9, 3, 3, 0), (15, 10, 3, 2, 1), (12, 11, 4, 3, 2), (11, 8, 1, 2, 0)]
    settings += [(2, 3, 5, 2, 2), (8, 7, 2, 3, 1), (9, 6, 6, 1, 3)]
    cases = []
    for height, width, *setting in settings:
        image = torch.randint(-36, 0, (height, width), generator=generator)
        cases.append((image / 4, *setting))
    image = torch.randint(-36, 37, (9, 12), generator=generator) / 4
    hugely_negative = 1e37 * image[:3, :4] - 2e38  # float32 ends at -3.4e38
    return [*cases, *((each, 3, s, 1) for each in (image, hugely_negative) for s in (1, 2))]


class _NotePoolings(TorchFunctionMode):
    """Notes the calls of PyTorch's poolings, as functions or as layers."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.names += [name for name in [getattr(func, "__name__", "")] if "pool" in name]
        return func(*args, **(kwargs or {}))


def _forbid_poolings(answer: Callable) -> Callable:
    @functools.wraps(answer)
    def watched(*arguments):
        with _NotePoolings() as noted:
            result = answer(*arguments)
        if noted.names:  # noted, not raised: the answer might catch it
            refuse(
                "The task asks for your own pooling, so that you can see what the border does.",
                got=f"a call of PyTorch's {noted.names[0]}",
            )
        return result

    return watched


@exercise(
    misconception="A max pooling pads with zeros, as a convolution does.",
    question=(
        "All values in a corner are negative. What does a max pooling with padding give there: "
        "zero, or one of them?"
    ),
    hints=(
        "Pool an image of negative numbers with kernel 3, stride 2 and padding 1. What wins?",
        "There are two bugs: the value of the border, and the number of windows.",
        'The border must lose to every number. The formula under "Further" counts the windows, '
        "with kernel size, stride and padding.",
    ),
)
def repaired_pooling(answer, *, seed=0) -> str:
    """Check max_pool(image, kernel_size, stride, padding) on images of either sign."""
    require_callable(answer, arguments=4)
    number = compare_function(
        _forbid_poolings(answer),
        _max_pool_with_torch,
        _make_cases(seed),
        mistakes=MISTAKES,
        otherwise="Work this case out by hand: how many windows, and what does each hold?",
    )
    return f"{number} images of either sign, square and not, as nn.MaxPool2d pools them"
