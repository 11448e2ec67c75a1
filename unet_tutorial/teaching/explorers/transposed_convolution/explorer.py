"""The explorer of transposed convolutions: point at a pixel of the sheet to see who stamped it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unet_tutorial.teaching.explorers.frame.controls import split_controls

if TYPE_CHECKING:
    import numpy as np

    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

CONTROLS = ("ink", "size", "kernel", "stride", "padding", "output_padding")


def transposed_convolution(
    controls: str | None = None, model: Any = None, image: np.ndarray | None = None
) -> ExplorerWidget:
    """Return an explorer of a transposed convolution, in numbers and in a trained network.

    Args:
        controls: which controls there are, separated by spaces: "ink" (numbers, constant ink, the
            trained network), "size", "kernel", "stride", "padding", "output_padding". By default,
            all of them.
        model: the network of the third kind of ink; its last transposed convolution must have
            kernel 2 and stride 2. By default, the network that the course ships.
        image: what that network sees, with the shape (H, W), scaled as in training, each side at
            least 16 pixels. By default, a piece of the test strip.

    Raises:
        ValueError: there is no control of that name, the network has no such layer, the image has
            another shape, or only one of model and image is given.

    Example:
        `transposed_convolution(controls="size kernel stride")`

    Used in chapter 05.
    """
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget, inline_pictures

    names = split_controls(controls, CONTROLS)
    if (model is None) != (image is None):
        raise ValueError("Give both a model and an image, or neither.")
    if model is None:
        return ExplorerWidget("transposed_convolution", {"controls": names})
    from unet_tutorial.teaching.explorers.transposed_convolution.data import compute_data

    own = inline_pictures(*compute_data(model, image))
    return ExplorerWidget("transposed_convolution", {"controls": names}, own)
