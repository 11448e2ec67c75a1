"""The nuclei image of the tutorial, and its split."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

NUCLEI = Path(__file__).with_name("nuclei")
NUCLEI_WIDTH = 512
TRAIN, VALIDATION, TEST = slice(0, 208), slice(240, 304), slice(336, 512)  # columns


def load_nuclei() -> tuple[np.ndarray, np.ndarray]:
    """Load the microscope image of the tutorial and the label of every nucleus in it.

    Returns:
        The image, float32 (512, 512) in [0, 1] (its 8-bit values / 255), and its labels, int32
        (512, 512): 0 is background, 1 to 125 number the nuclei. The mask is `labels > 0`.

    >>> image, labels = load_nuclei()
    >>> image.shape, labels.max()
    ((512, 512), np.int32(125))

    Source: image set BBBC038v1 (Caicedo et al., Nature Methods 2019); see data/nuclei.
    Chapter 01 shows it.
    """
    from PIL import Image

    with Image.open(NUCLEI / "image.png") as image, Image.open(NUCLEI / "labels.png") as labels:
        return np.array(image, np.float32) / 255, np.array(labels, np.int32)


class Strips(NamedTuple):
    """The three parts of a split: to train on, to choose settings by, to report results on."""

    train: Any
    validation: Any
    test: Any


def split_strips(array: Any) -> Strips:
    """Cut the nuclei image, its labels or any array of its width into three vertical strips.

    The 32 columns between two strips are left out, so that no nucleus is in both.

    Of an array or tensor (..., 512) it returns views: train (..., 208), columns 0 to 207;
    validation (..., 64), columns 240 to 303; test (..., 176), columns 336 to 511.

    >>> [strip.shape for strip in split_strips(np.zeros((512, 512)))]
    [(512, 208), (512, 64), (512, 176)]

    Chapter 01 makes the split.
    """
    if array.ndim == 0 or array.shape[-1] != NUCLEI_WIDTH:
        raise ValueError(
            f"the last axis must be {NUCLEI_WIDTH} long, as the nuclei image's; got {array.shape}. "
            "Split your own image by slicing it, with a gap as wide as your largest object."
        )
    return Strips(array[..., TRAIN], array[..., VALIDATION], array[..., TEST])
