"""The nuclei image of the tutorial, its split and its normalisation."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

NUCLEI = Path(__file__).with_name("nuclei")
NUCLEI_WIDTH = 512
TRAIN, VALIDATION, TEST = slice(0, 208), slice(240, 304), slice(336, 512)  # columns


def load_nuclei() -> tuple[np.ndarray, np.ndarray]:
    """Load the microscope image of the tutorial and the label of every nucleus in it.

    Returns:
        The image, float32 (512, 512) in [0, 1] (its 8-bit values / 255), and its labels,
        int32 (512, 512): 0 is background, 1 to 125 number the nuclei.
        The mask to learn is `labels > 0`.

    >>> image, labels = load_nuclei()
    >>> image.shape, labels.max()
    ((512, 512), np.int32(125))

    Source: image set BBBC038v1 (Caicedo et al., Nature Methods 2019); see data/nuclei.
    Chapter 01 shows it.
    """
    from PIL import Image

    def read(name: str) -> np.ndarray:
        with Image.open(NUCLEI / name) as picture:
            return np.array(picture)

    return read("image.png").astype(np.float32) / 255, read("labels.png").astype(np.int32)


class Strips(NamedTuple):
    """The three parts of a split: to train on, to choose settings by, to report results on."""

    train: Any
    validation: Any
    test: Any


def split_strips(array: Any) -> Strips:
    """Cut the nuclei image, its labels or any array of its width into three vertical strips.

    The 32 columns between two strips are left out, so that no nucleus is in both.

    Args:
        array: array or tensor (..., 512), of any type.

    Returns:
        Strips of views: train (..., 208), columns 0 to 207; validation (..., 64), columns
        240 to 303; test (..., 176), columns 336 to 511.

    Raises:
        ValueError: the last axis isn't 512 long.

    >>> [strip.shape for strip in split_strips(np.zeros((512, 512)))]
    [(512, 208), (512, 64), (512, 176)]

    Chapter 01 makes the split.
    """
    if array.ndim == 0 or array.shape[-1] != NUCLEI_WIDTH:
        raise ValueError(
            f"split_strips takes an array whose last axis is {NUCLEI_WIDTH} long, as that of the "
            f"nuclei image is; got shape {tuple(array.shape)}. Split an image of your own by "
            "slicing it, with a gap as wide as your largest object."
        )
    return Strips(array[..., TRAIN], array[..., VALIDATION], array[..., TEST])


def normalise(
    image: np.ndarray, reference: np.ndarray, *, low: float = 1.0, high: float = 99.8
) -> np.ndarray:
    """Scale an image so that two percentiles of a reference become 0 and 1; clip the rest.

    A microscope's values depend on lamp, gain and bit depth; relative to the darkest and the
    brightest per cent they hardly do. The reference is the training image, never the test image:
    the test image is then treated as any later image will be.

    Args:
        image: array (H, W) or (C, H, W) of integers (8-bit, 16-bit, ...) or floats.
        reference: array of as many axes and channels, whose percentiles count; height, width
            and type may be others, but the values must be on the same scale.
        low: percentile that becomes 0, in [0, 100).
        high: percentile that becomes 1, in (low, 100].

    Returns:
        Array float32 of the image's shape, in [0, 1]; each channel scaled by itself.

    Raises:
        ValueError: shapes that do not go together, NaN or infinite values, percentiles out of
            order, a reference whose two percentiles are equal.

    With low=0 and high=100, the reference 100, 200, 300 makes 150 into
    (150 - 100) / (300 - 100) = 0.25 and clips 400 to 1:

    >>> normalise(np.array([[150, 400]]), np.array([[100, 200, 300]]), low=0, high=100)
    array([[0.25, 1.  ]], dtype=float32)

    Chapter 10 uses it.
    """
    image, reference = np.asarray(image), np.asarray(reference)
    _check_normalise(image, reference, low, high)
    floor, ceiling = np.percentile(reference, [low, high], axis=(-2, -1), keepdims=True)
    if not (ceiling > floor).all():
        raise ValueError(
            f"the percentiles {low} and {high} of the reference are equal (channel by channel: "
            f"{floor.ravel()} and {ceiling.ravel()}), so there is no range to scale by. Take a "
            "reference that shows some objects, or percentiles further apart."
        )
    # At least float32 before subtracting: unsigned integers would wrap around below the floor.
    scaled = image.astype(np.result_type(image.dtype, np.float32))
    scaled -= floor.astype(scaled.dtype)
    scaled /= (ceiling - floor).astype(scaled.dtype)
    return np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)


def _check_normalise(image: np.ndarray, reference: np.ndarray, low: float, high: float) -> None:
    for name, array in (("image", image), ("reference", reference)):
        if array.ndim not in (2, 3) or array.size == 0:
            raise ValueError(f"{name} must be (H, W) or (C, H, W) and not empty, got {array.shape}")
        if array.dtype.kind not in "uif":
            raise ValueError(f"{name} must hold integers or floats, got {array.dtype}")
        if not np.isfinite(array).all():
            raise ValueError(
                f"{name} has NaN or infinite values: replace those pixels or leave them out"
            )
    if image.shape[:-2] != reference.shape[:-2]:
        raise ValueError(
            f"image {image.shape} and reference {reference.shape} must both be (H, W), or both "
            "(C, H, W) with as many channels; channels come first"
        )
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be 0 <= low < high <= 100, got {low} and {high}")
