"""5.4 An image that vanishes."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.compare import compare_value, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, to_plain_value

REFERENCE = {
    "image": torch.tensor([[1.0, -2.0, 1.0], [0.0, 0.0, 0.0]]).repeat(2, 2)[None, None],
    "channels_needed": 6,
}
MISTAKES = {
    "channels_needed": [
        (2, "This layer has two kernels, and your image vanished in it."),
        (3, "Three equations for six pixels still let many images vanish."),
        (4, "That is enough for blocks of 2 by 2. How many pixels does a block have here?"),
        (5, "Five equations for six pixels still leave something undetermined."),
        (1, "One number for six pixels?"),
        (24, "The blocks don't overlap, so you can look at each one separately."),
    ],
}


@exercise(
    misconception="With the right weights, a transposed convolution undoes a convolution.",
    question=(
        "Can a network learn weights with which a transposed convolution undoes the stride-2 "
        "convolution before it, for every image?"
    ),
    hints=(
        "One block of 2 by 3 pixels is enough; leave the others 0. What do the two kernels demand "
        "of its six pixels?",
        "Two equations with six unknowns: their sum must be 0, and so must their sum weighted by 1 "
        "to 6.",
        "Three neighbours in a row of the kernel are evenly spaced: 1, 2, 3. Take the middle "
        "twice, and subtract each end once. For the count: how many numbers does one block hold?",
    ),
)
def image_that_vanishes(image, channels_needed) -> str:
    """Check an image (1, 1, 4, 6) that gives zeros, and how many channels keep every image."""
    if not isinstance(to_plain_value(image), torch.Tensor):
        refuse("The image must be a tensor.", got=describe(image))
    image = to_plain_value(image).double()
    if tuple(image.shape) != (1, 1, 4, 6) or not image.isfinite().all():
        refuse("The shape must be (1, 1, 4, 6), every pixel a number.", got=format_value(image))
    if not image.any():
        refuse("It vanishes because nothing was there. At least one pixel must not be 0.")
    kernels = torch.tensor([[[1, 2, 3], [4, 5, 6]], [[1, 1, 1], [1, 1, 1]]]).double()
    small = F.conv2d(image / image.abs().max(), kernels[:, None], stride=(2, 3))[0]
    if not small[1].abs().max() < 1e-5:
        hint = "The second channel isn't 0. What must the six pixels of a block add up to?"
        refuse(hint, got=f"channel 1 is {format_value(small[1] * image.abs().max())}")
    if not small[0].abs().max() < 1e-5:
        hint = "The second channel vanishes, the first does not: weight each pixel by its entry."
        refuse(hint, got=f"channel 0 is {format_value(small[0] * image.abs().max())}")
    compare_value(
        channels_needed,
        REFERENCE["channels_needed"],
        mistakes=MISTAKES["channels_needed"],
        name="channels_needed",
        otherwise="A block is determined by its outputs if there are as many as it has pixels.",
    )
    return "the layer gives zeros for it, so its round trip is all zeros as well"
