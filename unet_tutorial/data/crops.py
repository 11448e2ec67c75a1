"""Random crops of images and their masks, for training."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from unet_tutorial.losses import IGNORE
from unet_tutorial.metrics import to_array
from unet_tutorial.shapes.images import check_image_shape
from unet_tutorial.shapes.layers import check_whole


class RandomCrops(Dataset):
    """Random crops of images and masks, turned and flipped together, the same ones every run.

    An item depends only on (seed, epoch, index), so a run can be repeated with any number of
    workers. Each pair is equally likely, each position of the crop in it, and each of the square's
    eight symmetries (the rectangle's four).

    Args:
        pairs: sequence of (image, mask), such as `[(image, mask)]`, an ImageMaskFolder, or
            `list(folder)`, which reads every file once and keeps it in memory.
            image: floats (H, W) or (C, H, W), array or tensor.
            mask: (H, W) or (K, H, W), one channel a label, of zeros and ones, or NaN to ignore a
                pixel. But int64 (H, W) is taken for class numbers, or IGNORE (-100) to ignore a
                pixel. For numbered objects write `labels > 0`.
        size: side of the crops, or (height, width).
        length: number of items an epoch.
        seed: a whole number from 0.

    Items:
        image: float32 tensor (C, height, width), values unchanged.
        mask: float32 (K, height, width), or int64 (height, width) if the mask was int64 (H, W).

    A list or tuple of pairs is checked at once, other sequences item by item: ValueError for what
    can't be used, such as an image smaller than the crop.

    >>> crops = RandomCrops([(np.zeros((512, 208)), np.zeros((512, 208), bool))], size=96)
    >>> [tuple(part.shape) for part in crops[0]]
    [(1, 96, 96), (1, 96, 96)]

    Chapter 10 trains on them.
    """

    def __init__(
        self,
        pairs: Sequence,
        *,
        size: int | tuple[int, int] = 96,
        length: int = 1600,
        seed: int = 0,
    ) -> None:
        sides = size if isinstance(size, list | tuple) else (size, size)
        if len(sides) != 2:
            raise ValueError(f"size must be one side, or (height, width), got {size}")
        self.size = tuple(check_whole("size", side, at_least=1) for side in sides)
        self.length = check_whole("length", length, at_least=1)
        self.seed = check_whole("seed", seed, at_least=0)
        # In shared memory, so that a new epoch also reaches workers that are kept alive.
        self._epoch = torch.tensor(0).share_memory_()
        if len(pairs) == 0:
            raise ValueError("RandomCrops got no pairs; give at least one (image, mask)")
        self._is_validated = isinstance(pairs, list | tuple)
        self.pairs = self._validate_pairs(pairs) if self._is_validated else pairs

    def __len__(self) -> int:
        return self.length

    def set_epoch(self, epoch: int) -> None:
        """Switch to the crops of this epoch, a whole number from 0."""
        self._epoch.fill_(check_whole("epoch", epoch, at_least=0))

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        index = range(self.length)[index]  # IndexError after the last one, which ends a `for`
        rng = np.random.default_rng([self.seed, int(self._epoch), index])
        number = int(rng.integers(len(self.pairs)))
        image, mask = self.pairs[number]
        if not self._is_validated:
            image, mask = _validate_pair((image, mask), number, self.size)
        height, width = self.size
        top = int(rng.integers(mask.shape[-2] - height + 1))
        left = int(rng.integers(mask.shape[-1] - width + 1))
        symmetry = int(rng.integers(8))
        parts = (part[..., top : top + height, left : left + width] for part in (image, mask))
        image, mask = (self._turn(part, symmetry) for part in parts)
        if mask.dtype != np.int64:
            mask = mask.astype(np.float32)
        return torch.from_numpy(image.astype(np.float32, order="C")), torch.from_numpy(mask.copy())

    def _turn(self, crop: np.ndarray, symmetry: int) -> np.ndarray:
        """One of the eight symmetries (0 to 7); of a rectangle, half turns in place of quarters."""
        quarters = symmetry % 4 if self.size[0] == self.size[1] else 2 * (symmetry % 2)
        crop = np.rot90(crop, quarters, axes=(-2, -1))
        return crop[..., ::-1] if symmetry >= 4 else crop

    def _validate_pairs(self, pairs: Sequence) -> list[tuple[np.ndarray, np.ndarray]]:
        checked = [_validate_pair(pair, number, self.size) for number, pair in enumerate(pairs)]
        kinds = [(len(image), mask.shape[:-2]) for image, mask in checked]
        if other := [number for number, kind in enumerate(kinds) if kind != kinds[0]]:
            raise ValueError(
                f"pair {other[0]} has another number of channels or another kind of mask than "
                "pair 0; bring all pairs to one form"
            )
        return checked


def _validate_pair(pair: Any, number: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return image (C, H, W) and mask, bool or float (K, H, W) or int64 (H, W), or raise."""
    if not (isinstance(pair, list | tuple) and len(pair) == 2):
        kind = type(pair).__name__
        raise TypeError(f"pair {number} is not (image, mask) but {kind}; write [(image, mask)]")
    image, mask = (to_array(part) for part in pair)
    try:
        image, mask = _validate_image(image), _validate_mask(mask)
        _check_sizes(image, mask, size)
    except ValueError as error:
        raise ValueError(f"pair {number}: {error}") from None
    return image, mask


def _validate_image(image: np.ndarray) -> np.ndarray:
    check_image_shape("the image", image.shape)
    if image.dtype.kind != "f":
        raise ValueError(
            f"the image holds {image.dtype}, and a model is trained on floats of about 0 to 1; "
            "write normalise(image, reference=image), with your training image as reference"
        )
    if bad := np.count_nonzero(~np.isfinite(image)):
        raise ValueError(
            f"{bad} of the image's {image.size} values are NaN or infinite: set them to 0, and "
            "leave those pixels out by NaN in the mask, or by IGNORE (-100) among class numbers"
        )
    return image[None] if image.ndim == 2 else image  # (C, H, W)


def _validate_mask(mask: np.ndarray) -> np.ndarray:
    if mask.ndim == 2 and mask.dtype == np.int64:
        if (wrong := mask[(mask < 0) & (mask != IGNORE)]).size:
            allowed = f"counted from 0 (IGNORE, {IGNORE}, leaves a pixel out)"
            raise ValueError(f"class numbers are {allowed}, got {wrong.min()} in the mask")
        return mask
    check_image_shape("the mask", mask.shape)
    foreground, ignored = mask == 1, mask != mask  # NaN is unequal to itself
    if not (foreground | ignored | (mask == 0)).all():
        raise ValueError(
            f"the mask ({mask.dtype}, {np.nanmin(mask)} to {np.nanmax(mask)}) must hold zeros and "
            "ones (NaN leaves a pixel out): for instance labels or 0 and 255 write mask > 0; for "
            "class numbers mask.astype(np.int64)"
        )
    mask = np.where(ignored, np.float32("nan"), foreground) if ignored.any() else foreground
    return mask.reshape(-1, *mask.shape[-2:])


def _check_sizes(image: np.ndarray, mask: np.ndarray, size: tuple[int, int]) -> None:
    height, width = mask.shape[-2:]
    if image.shape[-2:] != (height, width):
        raise ValueError(f"image {image.shape} and mask {mask.shape} differ in height or width")
    if height < size[0] or width < size[1]:
        raise ValueError(
            f"the image is {height} x {width} (height x width), smaller than the crop of "
            f"{size[0]} x {size[1]}; choose a smaller size, or leave this pair out"
        )
