"""The explorer of convolutions: an output shows its sum, and a pixel shows who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unet_tutorial.teaching.explorers.frame.controls import split_controls
from unet_tutorial.teaching.explorers.frame.small_image import list_rows

if TYPE_CHECKING:
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

# For one kernel, and for two in a row.
CONTROLS = {1: ("size", "kernel", "stride", "padding", "weights"), 2: ("size", "padding")}
SIDES = {1: (3, 10), 2: (5, 9)}  # least and most pixels of an image's side


def convolution(controls: str | None = None, image: Any = None, kernels: int = 1) -> ExplorerWidget:
    """Return an explorer of a convolution, or of two convolutions in a row.

    Args:
        controls: which controls there are, separated by spaces: "size", "kernel", "stride",
            "padding" and "weights" (edge, blur, sharpen, copy) for one kernel, "size" and
            "padding" for two. By default, all of them.
        image: numbers to convolve instead of ours: an array, a tensor or lists, of shape (H, W),
            with 3 to 10 pixels a side, or 5 to 9 for two kernels.
        kernels: 1, or 2 for two kernels of 3 × 3 ones, which add up what they see.

    Raises:
        ValueError: there is no control of that name, the image has another shape or contains
            anything but finite numbers, or kernels isn't 1 or 2.

    Example:
        `convolution(controls="size kernel stride padding")` opens on a kernel that finds edges:
        nine products add up to 27 where the image rises from 0 to 9.

    Used in chapters 02 and 03.
    """
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

    if kernels not in CONTROLS:
        raise ValueError(f"kernels must be 1 or 2, not {kernels!r}.")
    settings = {
        "controls": split_controls(controls, CONTROLS[kernels]),
        "image": list_rows(image, *SIDES[kernels]),
        "kernels": kernels if kernels > 1 else None,
    }
    return ExplorerWidget("convolution", settings)
