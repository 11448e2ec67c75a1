"""9.4 The widest network that trains."""

from __future__ import annotations

from functools import partial

import torch

from unet_tutorial.teaching.checks.compare import compare_function
from unet_tutorial.teaching.checks.exercise import exercise


def _count_training_bytes(
    c, images, height, width, copies=4, size=4, image=1, pooled=1, written=False
):
    """Return the bytes for training UNet(1, 1, c) with Adam; the defaults are right."""
    parameters = 7574 * c * c + 209 * c + 1
    saved = image * height * width
    for level in range(5):
        one = c * 2**level * (height >> level) * (width >> level)  # one map of this level
        saved += (4 if level == 4 else 9 if written else 10) * one
        if level and not written:
            saved += pooled * 3 * one // 2  # half a map of values, their positions in 8 bytes
    return 4 * copies * parameters + size * images * saved


def _find_widest(images: int, height: int, width: int, limit: int, **wrong) -> int:
    """Return the largest base_channels that fits, or 0; `wrong` changes the count of bytes."""
    c = 0
    while _count_training_bytes(c + 1, images, height, width, **wrong) <= limit:
        c += 1
    return c


def _find_power_of_two(*case) -> int:
    return 1 << _find_widest(*case).bit_length() >> 1


REFERENCE = _find_widest
MISTAKES = [
    (lambda *case: _find_widest(*case) + 1, "That is the first width that does not fit."),
    (partial(_find_widest, copies=1),
     "Adam and the gradients are missing: there are four numbers per parameter."),
    (partial(_find_widest, copies=2),
     "Adam is missing: it keeps two averages for each parameter."),
    (partial(_find_widest, copies=3),
     "A weight, its gradient, and how many averages of Adam?"),
    (partial(_find_widest, size=0),
     "The activations are missing. They grow with the image."),
    (lambda images, *rest: _find_widest(1, *rest),
     "That is for one image. The activations count once for each image."),
    (partial(_find_widest, size=1), "A number in single precision takes 4 bytes."),
    (partial(_find_widest, pooled=0),
     "Levels 1 to 4 also save their pooled input and its positions."),
    (partial(_find_widest, pooled=2 / 3),
     "Half a map of pooled values, and their positions in 8 bytes each, are one and a half maps."),
    (partial(_find_widest, written=True), "Those are the layers' outputs. The backward pass "
     "reads other tensors: joined ones, pooled ones, positions."),
    (lambda images, h, w, limit: _find_widest(images, h, w, limit - 1),
     "Filling the limit to the last byte is allowed."),
    (_find_power_of_two, "base_channels may be any whole number, not only a power of two."),
    (partial(_find_widest, image=0),  # last, since it rarely shows
     "The image itself is saved too, for the first convolution."),
]  # fmt: skip


@exercise(
    misconception="The memory for training is that of the parameters, or grows like it.",
    question=(
        "You have 2 GB. Does the memory for training grow with the width of the network, with its "
        "square, or with both?"
    ),
    hints=(
        "Count two parts: the bytes for each parameter, and the bytes for each image.",
        "With c channels at level 0: 16 bytes for each parameter, and for each image "
        "4 · H · W · (20.40625 c + 1), as under 'What does training keep?'.",
        "The memory grows with c. So increase c from 1 while c + 1 still fits. The parameters are "
        "the sum over the ten parts.",
    ),
)
def widest_that_trains(widest, *, seed=0) -> str:
    """Check widest(images, height, width, limit): the largest base_channels, or 0."""
    generator = torch.Generator().manual_seed(seed)
    cases = [(1, 96, 96, 2 * 10**9), (4, 480, 480, 2 * 10**9), (1, 16, 16, 146_464)]
    cases += [(1, 16, 16, 146_463), (2, 48, 80, 5_000_000), (1, 480, 480, 20_000_000)]
    cases.append((8, 480, 480, 1_000_000))  # too little for the images alone
    cases += [(2, 32, 16, 10**11), (1, 960, 960, 2 * 10**10)]
    for _ in range(2):
        c, images, height, width = torch.randint(1, 9, (4,), generator=generator).tolist()
        batch = (images, 16 * height, 16 * width)
        full = _count_training_bytes(4 * c, *batch)
        cases += [(*batch, full), (*batch, full - 1)]
    number = compare_function(
        widest,
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Compute the bytes for this width and the next one, and compare with the limit.",
    )
    return f"{number} machines and batches, some of them full to the last byte"
