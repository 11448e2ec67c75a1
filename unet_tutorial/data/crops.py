"""Random crops of images and their masks, for training."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from unet_tutorial.metrics import to_array
from unet_tutorial.shapes.layers import check_whole


class RandomCrops(Dataset):
    """Random crops of images and masks, turned and flipped together, the same ones every run.

    An item depends only on (seed, epoch, index), not on the order of access, the number of workers
    or a global random state. So a run can be repeated, and resumed.
    Every pair is drawn equally often, and so is every position of the crop in it (pixels near an
    edge are in fewer of them), and each of the eight symmetries of the square (of the four of the
    rectangle, if the crop isn't square).

    Args:
        pairs: sequence of (image, mask), such as `[(image, mask)]`, an ImageMaskFolder, or
            `list(folder)`, which reads every file once and keeps it in memory.
            image: floats (H, W) or (C, H, W), array or tensor.
            mask: (H, W) or (1, H, W) of zeros and ones, bool or numbers; but int64 (H, W) is
                taken for class numbers, two classes too. For instance labels write `labels > 0`.
        size: side of the crops, or (height, width).
        length: number of items an epoch.
        seed: a whole number from 0.

    Items:
        image: float32 tensor (C, height, width), values unchanged.
        mask: float32 (1, height, width) of zeros and ones, or int64 (height, width) of class
            numbers if the mask was int64 (H, W).

    Raises:
        ValueError: an image smaller than the crop (nothing is padded), a mask of other values
            or another size, pairs that differ in channels. A list or tuple of pairs is checked
            at once; other sequences are read and checked item by item.

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
        self.size = _parse_size(size)
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
        index = operator.index(index)
        if not 0 <= index < self.length:
            raise IndexError(f"index {index} is not in 0 to {self.length - 1}")
        rng = np.random.default_rng([self.seed, int(self._epoch), index])
        number = int(rng.integers(len(self.pairs)))
        image, mask = self.pairs[number]
        if not self._is_validated:
            image, mask = _validate_pair((image, mask), number, self.size)
        window = self._draw_window(rng, *mask.shape)
        symmetry = int(rng.integers(8))
        image, mask = (self._turn(part[..., *window], symmetry) for part in (image, mask))
        if mask.dtype == bool:
            mask = mask[None].astype(np.float32)  # (H, W) -> (1, H, W)
        return torch.from_numpy(image.astype(np.float32, order="C")), torch.from_numpy(mask.copy())

    def _draw_window(
        self, rng: np.random.Generator, height: int, width: int
    ) -> tuple[slice, slice]:
        top = int(rng.integers(height - self.size[0] + 1))
        left = int(rng.integers(width - self.size[1] + 1))
        return slice(top, top + self.size[0]), slice(left, left + self.size[1])

    def _turn(self, crop: np.ndarray, symmetry: int) -> np.ndarray:
        """One of the eight symmetries (0 to 7); of a rectangle, half turns in place of quarters."""
        quarters = symmetry % 4 if self.size[0] == self.size[1] else 2 * (symmetry % 2)
        crop = np.rot90(crop, quarters, axes=(-2, -1))
        return crop[..., ::-1] if symmetry >= 4 else crop

    def _validate_pairs(self, pairs: Sequence) -> list[tuple[np.ndarray, np.ndarray]]:
        checked = [_validate_pair(pair, number, self.size) for number, pair in enumerate(pairs)]
        for number, (image, mask) in enumerate(checked):
            if (len(image), mask.dtype) != (len(checked[0][0]), checked[0][1].dtype):
                raise ValueError(
                    f"pair {number} has another number of channels or another kind of mask than "
                    "pair 0, and a batch cannot hold both; bring all pairs to one form"
                )
        return checked


def _validate_pair(pair: Any, number: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return image (C, H, W) and mask (H, W), bool or int64 class numbers; raise if unusable."""
    if not (isinstance(pair, list | tuple) and len(pair) == 2):
        raise TypeError(
            f"pair {number} is not (image, mask) but {type(pair).__name__}; for a single pair "
            "write [(image, mask)], with the brackets"
        )
    image, mask = (to_array(part) for part in pair)
    try:
        image, mask = _validate_image(image), _validate_mask(mask)
        _check_sizes(image, mask, size)
    except ValueError as error:
        raise ValueError(f"pair {number}: {error}") from None
    return image, mask


def _validate_image(image: np.ndarray) -> np.ndarray:
    if image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(f"the image must be (H, W) or (C, H, W) and not empty, got {image.shape}")
    if image.dtype.kind != "f":
        raise ValueError(
            f"the image holds {image.dtype}, and a model is trained on floats of about 0 to 1; "
            "write normalise(image, reference=image), with your training image as reference"
        )
    if not np.isfinite(image).all():
        raise ValueError(
            "the image has NaN or infinite values: replace those pixels or leave them out"
        )
    return image[None] if image.ndim == 2 else image  # (C, H, W)


def _validate_mask(mask: np.ndarray) -> np.ndarray:
    if mask.ndim == 2 and mask.dtype == np.int64:
        if mask.size and mask.min() < 0:
            raise ValueError(f"class numbers are counted from 0, got {mask.min()} in the mask")
        return mask
    if mask.ndim != 2 and not (mask.ndim == 3 and len(mask) == 1):
        raise ValueError(f"the mask must be (H, W) or (1, H, W), got {mask.shape}")
    foreground = mask == 1
    if not (foreground | (mask == 0)).all():
        raise ValueError(
            f"the mask ({mask.dtype}, {mask.min()} to {mask.max()}) must hold zeros and ones: for "
            "instance labels or 0 and 255 write mask > 0; for class numbers mask.astype(np.int64)"
        )
    return foreground.reshape(mask.shape[-2:])


def _check_sizes(image: np.ndarray, mask: np.ndarray, size: tuple[int, int]) -> None:
    if image.shape[-2:] != mask.shape:
        raise ValueError(
            f"image {image.shape} and mask {mask.shape} differ in height or width; images are "
            "(H, W) or (C, H, W), channels first"
        )
    if mask.shape[0] < size[0] or mask.shape[1] < size[1]:
        raise ValueError(
            f"the image is {mask.shape[0]} x {mask.shape[1]} (height x width), smaller than the "
            f"crop of {size[0]} x {size[1]}; choose a smaller size, or leave this pair out"
        )


def _parse_size(size: Any) -> tuple[int, int]:
    pair = tuple(size) if isinstance(size, list | tuple) else (size, size)
    if len(pair) != 2:
        raise ValueError(f"size must be one side, or (height, width), got {size}")
    height, width = (check_whole("size", side, at_least=1) for side in pair)
    return height, width
