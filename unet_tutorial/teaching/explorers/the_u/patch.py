"""The patch on which chapters look at the trained U-Net: nuclei that touch, in 96 by 96 pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unet_tutorial.data import load_nuclei, normalise, split_strips

TOP, LEFT, SIDE = 186, 43, 96  # of the test strip: six nuclei, two of which touch


class Patch(NamedTuple):
    """A piece of an image, scaled as in training, and the expert's mask of it."""

    image: np.ndarray
    truth: np.ndarray


def load_patch() -> Patch:
    """Load a patch of the test strip in which nuclei touch.

    Returns:
        The image, float32 (96, 96), scaled as `load_trained_unet()` expects it, and the expert's
        mask, bool (96, 96).

    Example:
        `explorers.the_u(load_trained_unet(), *explorers.load_patch())`

    Used in chapters 06, 08 and 11.
    """
    image, labels = load_nuclei()
    scaled = normalise(image, reference=split_strips(image).train)
    window = np.s_[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
    return Patch(split_strips(scaled).test[window], split_strips(labels).test[window] > 0)
