"""Your own folders of images and masks as a Dataset."""

import operator
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from unet_tutorial.data.image_files import SUFFIXES, read_image, read_mask
from unet_tutorial.shapes.layers import check_whole

MOST_CLASSES = 16  # more values than this are taken for numbered objects, unless told otherwise


class ImageMaskFolder(Dataset):
    """The images of one folder, each with the mask of the same name from another folder.

    `cell1.tif` goes with `cell1.png`: the name without its last suffix counts. PNG, TIFF and
    JPEG files are read, in the order of their names; hidden and other files are ignored. All masks
    are read once, at the start, to find out which kind they are, so that a mask with only
    background has the same type as the others. Images are read when they are needed.

    Images are grey (one channel), RGB (three) or TIFFs with channels, all alike; 8 or 16 bit,
    divided by 255 or 65535, or floats in [0, 1]. Alpha channels are dropped. A PNG's palette
    becomes RGB; the colour table of a TIFF (a microscope's look-up table) is ignored.

    Masks hold 0 and 1, or 0 and 255, or class numbers 0, 1, 2, ... without a gap, at most 16 of
    them. Of a palette the index is the class number. RGB masks are taken where their channels are
    equal. Numbered objects (instance labels) are no mask: save `(labels > 0).astype(np.uint8)`.

    Args:
        images: folder of images.
        masks: folder of masks, each of the height and width of its image.
        num_classes: None to go by the values in all the masks. 1 to insist on foreground and
            background. K, 2 or more, for class numbers 0 to K - 1: some may be missing, there may
            be more than 16, and two folders (to train on, to validate on) give the same type.

    Attributes:
        names: the names without suffix, in order.
        num_classes: 1 for foreground and background, otherwise the number of classes: what
            `UNet(num_classes=...)` takes.

    Items:
        image: float32 tensor (C, H, W) in [0, 1].
        mask: float32 (1, H, W) of zeros and ones where num_classes is 1, otherwise int64 (H, W).

    Raises:
        FileNotFoundError: a folder that is not there.
        ValueError: an empty folder; an image or mask without a partner, or with two; a file that
            is empty or cannot be read; a mask of other values; and, once the item is asked for,
            an image and a mask of different size. The message names the file.

    Example: with cells/a.tif, cells/b.tif, masks/a.png and masks/b.png,
    `ImageMaskFolder("cells", "masks")` has 2 items and the names ["a", "b"].

    Chapter 12 uses it.
    """

    def __init__(
        self, images: str | Path, masks: str | Path, *, num_classes: int | None = None
    ) -> None:
        images, masks = Path(images), Path(masks)
        if num_classes is not None:
            num_classes = check_whole("num_classes", num_classes, at_least=1)
        self._images, self._masks = _find_files(images), _find_files(masks)
        if images.samefile(masks):
            raise ValueError(f"images and masks are one folder, {images}; keep them in two")
        _check_partners(self._images, self._masks, masks)
        _check_partners(self._masks, self._images, images)
        self.names = list(self._images)
        self.num_classes, self._allowed = _choose_classes(
            _read_values(self._masks.values()), num_classes
        )
        self._channels = len(read_image(self._images[self.names[0]]))

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"ImageMaskFolder({len(self)} images, num_classes={self.num_classes})"

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        index = operator.index(index)
        if not 0 <= index < len(self):
            raise IndexError(f"index {index} is not in 0 to {len(self) - 1}")
        image_path, mask_path = self._images[self.names[index]], self._masks[self.names[index]]
        image, mask = read_image(image_path), read_mask(mask_path)
        if image.shape[1:] != mask.shape:
            raise ValueError(
                f"{image_path} is {image.shape[1]} x {image.shape[2]} (height x width), its mask "
                f"{mask_path} is {mask.shape[0]} x {mask.shape[1]}; bring both to one size"
            )
        self._check_like_the_others(image, mask, image_path, mask_path)
        if self.num_classes == 1:
            return torch.from_numpy(image), torch.from_numpy((mask[None] > 0).astype(np.float32))
        return torch.from_numpy(image), torch.from_numpy(mask.astype(np.int64))

    def _check_like_the_others(
        self, image: np.ndarray, mask: np.ndarray, image_path: Path, mask_path: Path
    ) -> None:
        if len(image) != self._channels:
            raise ValueError(
                f"{image_path} has {len(image)} channels, but {self._images[self.names[0]]} has "
                f"{self._channels}; a model takes one number: save all as grey, or all as RGB"
            )
        if not np.isin(mask, self._allowed).all():
            raise ValueError(
                f"{mask_path} has changed since the folder was opened; make the dataset anew"
            )


def _find_files(folder: Path) -> dict[str, Path]:
    """Find the image files of a folder, by their names without suffix, in order."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder} (looked for {folder.absolute()})")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in SUFFIXES or path.is_dir():
            continue
        if path.stem in found:
            raise ValueError(
                f"{found[path.stem]} and {path} differ in nothing but the suffix; keep one of them"
            )
        if path.stat().st_size == 0:
            raise ValueError(f"{path} is empty (0 bytes); write it again or take it out")
        found[path.stem] = path
    if not found:
        raise ValueError(f"{folder} holds no images; these are taken: {', '.join(SUFFIXES)}")
    return dict(sorted(found.items()))


def _check_partners(files: dict[str, Path], partners: dict[str, Path], folder: Path) -> None:
    alone = [path for name, path in files.items() if name not in partners]
    if alone:
        raise ValueError(
            f"no partner in {folder} for {_join_some(alone)}; it holds "
            f"{_join_some(path.name for path in partners.values())}. An image and its mask must "
            "have the same name apart from the suffix, such as cell1.tif and cell1.png"
        )


def _read_values(paths: Iterable[Path]) -> dict[Path, np.ndarray]:
    """Read the different values of each mask."""
    from tqdm.auto import tqdm

    bar = tqdm(list(paths), desc="Reading masks", unit="mask", delay=1, leave=False)
    return {path: np.unique(read_mask(path)) for path in bar}


def _choose_classes(
    values: dict[Path, np.ndarray], num_classes: int | None
) -> tuple[int, np.ndarray]:
    """Return the number of classes (1: foreground and background) and the values allowed."""
    union = np.unique(np.concatenate(list(values.values())))
    if num_classes in (None, 1):
        for foreground in (1, 255):
            if np.isin(union, [0, foreground]).all():
                return 1, np.array([0, foreground])
    allowed = np.arange(num_classes or min(len(union), MOST_CLASSES))
    if not np.isin(union, allowed).all():
        worst = max(values, key=lambda path: np.setdiff1d(values[path], allowed).size)
        raise ValueError(
            f"{worst} holds {_format_numbers(values[worst])}, all masks together "
            f"{_format_numbers(union)}. " + _explain_values(worst, union, num_classes)
        )
    return len(allowed), allowed


def _explain_values(path: Path, union: np.ndarray, num_classes: int | None) -> str:
    top = int(union[-1])
    if path.suffix.lower() in (".jpg", ".jpeg"):
        return "JPEG blurs edges: threshold the mask again (mask > 127) and save it as PNG."
    if num_classes == 1:
        return "With num_classes=1 all masks must hold 0 and 1, or all 0 and 255."
    if num_classes:
        return f"With num_classes={num_classes} masks must hold class numbers below {num_classes}."
    if len(union) > MOST_CLASSES:
        return (
            "Are they numbered objects (instance labels)? Then save (labels > 0).astype(np.uint8) "
            "in their place, to tell objects from background. If they are class numbers, say "
            f"num_classes={top + 1}."
        )
    if np.isin(union, [0, 1, 255]).all():
        return (
            "If 255 means the same as 1, save all masks as 0 and 1; if it means pixels to "
            "ignore, give them a class, 0 or 1."
        )
    return (
        "Class numbers must be 0, 1, 2, ... without a gap: renumber them, all masks alike, by "
        f"np.searchsorted({union.tolist()}, mask); or, if they are class numbers and some are "
        f"merely missing here, say num_classes={top + 1}."
    )


def _join_some(things: Iterable[object], most: int = 4) -> str:
    texts = [str(thing) for thing in things]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def _format_numbers(values: np.ndarray) -> str:
    if len(values) <= 8:
        return ", ".join(map(str, values))
    return f"{len(values)} values ({', '.join(map(str, values[:3]))} ... {values[-1]})"
