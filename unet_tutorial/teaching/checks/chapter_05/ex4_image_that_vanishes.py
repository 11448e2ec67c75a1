"""5.4 An image that the layer can't see."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import compare_value, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value

REFERENCE = {
    "image": torch.tensor([[1.0, -2.0, 1.0], [0.0, 0.0, 0.0]]).repeat(2, 2)[None, None],
    "channels_needed": 6,
}
MISTAKES = {
    "channels_needed": [
        (2, "This layer has two kernels, and your image was lost in it."),
        (3, "Three numbers don't determine six pixels: many images are still lost."),
        (4, "That's enough for a window of 2 × 2. How many pixels does a window have here?"),
        (5, "Five numbers don't determine six pixels: some image is still lost."),
        (1, "One number can't determine six pixels."),
        (24, "The windows don't overlap, so you can look at each one separately."),
    ],
}


@exercise(
    misconception="With the right weights, a transposed convolution undoes a convolution.",
    question=(
        "Can a network learn weights with which a transposed convolution undoes the stride-2 "
        "convolution before it, for every image?"
    ),
    hints=(
        "One window of 2 × 3 pixels is enough; leave the others 0. What do the two kernels compute "
        "from its six pixels?",
        "Both results must be 0: the sum of the six pixels, and the sum of 1 to 6 times the "
        "pixels. That's two equations with six unknowns.",
        "In the first kernel's top row, 1 - 2 * 2 + 3 = 0. Which three pixels does that suggest? "
        "For the count: how many numbers do you need to know the six pixels of a window?",
    ),
)
def image_that_vanishes(image, channels_needed) -> str:
    """Check an image (1, 1, 4, 6) that gives zeros, and how many channels keep every image."""
    given, image = image, read_numbers(image)
    if image is None:
        refuse("The image must be a tensor.", got=describe(given))
    if tuple(image.shape) != (1, 1, 4, 6) or not image.isfinite().all():
        refuse("The shape must be (1, 1, 4, 6), every pixel a number.", got=format_value(image))
    if not image.any():
        refuse("A black image gives zeros anyway. At least one pixel must not be 0.")
    kernels = torch.tensor([[[1, 2, 3], [4, 5, 6]], [[1, 1, 1], [1, 1, 1]]]).double()
    small = F.conv2d(image / image.abs().max(), kernels[:, None], stride=(2, 3))[0]
    if not small[1].abs().max() < 1e-5:
        hint = "The second channel isn't 0. What must the six pixels of a window add up to?"
        refuse(hint, got=f"channel 1 is {format_value(small[1] * image.abs().max())}")
    if not small[0].abs().max() < 1e-5:
        hint = "The second channel is 0, but the first isn't: multiply each pixel by its weight."
        refuse(hint, got=f"channel 0 is {format_value(small[0] * image.abs().max())}")
    compare_value(
        channels_needed,
        REFERENCE["channels_needed"],
        mistakes=MISTAKES["channels_needed"],
        name="channels_needed",
        otherwise="How many numbers do you need to know all the pixels of a window?",
    )
    return (
        "your image isn't zero, but both output channels are. And you do need six channels: with "
        "fewer, some image is always lost"
    )
