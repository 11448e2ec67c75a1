"""Scaling of images: the values that become 0 and 1, measured on the training image."""

from typing import Any, NamedTuple

import numpy as np

from unet_tutorial.shapes.images import check_image_shape


class Scaling(NamedTuple):
    """Which values of an image become 0 and 1: one number a channel in each tuple."""

    floor: tuple[float, ...]
    ceiling: tuple[float, ...]


def measure_scaling(reference: Any, *, low: float = 1.0, high: float = 99.8) -> Scaling:
    """Measure which values of a reference become 0 and 1: two of its percentiles.

    Args:
        reference: array (H, W) or (C, H, W) of integers or floats, such as the training image.
        low: percentile that becomes 0, in [0, 100).
        high: percentile that becomes 1, in (low, 100].

    It raises ValueError for what can't be used, and for equal percentiles.

    >>> measure_scaling(np.array([[100, 200, 300]]), low=0, high=100)
    Scaling(floor=(100.0,), ceiling=(300.0,))

    Chapter 12 keeps it with the weights.
    """
    reference = np.asarray(reference)
    _check_image("reference", reference)
    if not 0 <= low < high <= 100:
        raise ValueError(f"percentiles must be 0 <= low < high <= 100, got {low} and {high}")
    floor, ceiling = np.percentile(reference, [low, high], axis=(-2, -1)).reshape(2, -1)
    if not (ceiling > floor).all():
        raise ValueError(
            f"the percentiles {low} and {high} of the reference are equal ({floor}, {ceiling}), so "
            "there is no range. Take a reference that shows some objects, or other percentiles."
        )
    return Scaling(tuple(floor.tolist()), tuple(ceiling.tolist()))


def normalise(
    image: np.ndarray, reference: np.ndarray | Scaling, *, low: float = 1.0, high: float = 99.8
) -> np.ndarray:
    """Scale an image so that two percentiles of a reference become 0 and 1; clip the rest.

    A microscope's values depend on lamp, gain and bit depth; relative to the darkest and the
    brightest per cent they hardly do. The reference is the training image, never the test image.

    Args:
        image: array (H, W) or (C, H, W) of integers (8-bit, 16-bit, ...) or floats.
        reference: array of as many axes and channels, with values on the same scale; or the
            Scaling that `measure_scaling` took from it.
        low, high: as for `measure_scaling`; not used with a Scaling.

    Returns:
        Array float32 of the image's shape, in [0, 1]; each channel scaled by itself.

    Raises:
        ValueError: as `measure_scaling`, for the image too; or the two don't go together.

    With low=0 and high=100, the reference 100, 200, 300 makes 150 into
    (150 - 100) / (300 - 100) = 0.25 and clips 400 to 1:

    >>> normalise(np.array([[150, 400]]), np.array([[100, 200, 300]]), low=0, high=100)
    array([[0.25, 1.  ]], dtype=float32)

    Chapter 10 uses it.
    """
    image = np.asarray(image)
    _check_image("image", image)
    if not isinstance(reference, Scaling):
        shape, reference = np.shape(reference), measure_scaling(reference, low=low, high=high)
        if image.shape[:-2] != shape[:-2]:
            raise ValueError(
                f"image {image.shape} and reference {shape} must both be (H, W), or both (C, H, W) "
                "with as many channels; channels come first"
            )
    channels = 1 if image.ndim == 2 else len(image)
    if channels != len(reference.floor):
        raise ValueError(
            f"the image has {channels} channels, and the scaling is for {len(reference.floor)}"
        )
    floor, ceiling = (np.reshape(values, (-1, 1, 1)[3 - image.ndim :]) for values in reference)
    # At least float32 before subtracting: unsigned integers would wrap around below the floor.
    scaled = image.astype(np.result_type(image.dtype, np.float32))
    scaled -= floor.astype(scaled.dtype)
    scaled /= (ceiling - floor).astype(scaled.dtype)
    return np.clip(scaled, 0, 1, out=scaled).astype(np.float32, copy=False)


def _check_image(name: str, array: np.ndarray) -> None:
    check_image_shape(name, array.shape)
    if array.dtype.kind not in "uif":
        raise ValueError(f"{name} must hold integers or floats, got {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has NaN or infinite values: replace or leave out those pixels")
