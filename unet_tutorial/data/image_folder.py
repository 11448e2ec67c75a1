"""Your own folders of images and masks as a Dataset."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from unet_tutorial.data.image_files import SUFFIXES, explain_volume, read_image, read_mask
from unet_tutorial.losses import IGNORE
from unet_tutorial.shapes.layers import check_whole

MOST_CLASSES = 16  # more values than this are asked about, unless num_classes is given
WHITE = (1, 255, 65535)  # foreground of masks with 1, 8 or 16 bits
Values = dict[Path, np.ndarray]  # the different values of each mask


class ImageMaskFolder(Dataset):
    """The images of one folder, each with the mask of the same name from another folder.

    `cell1.ome.tif` goes with `cell1.png`: `.ome` and the last suffix don't count. PNG, TIFF and
    JPEG files are read, as `read_image` and `read_mask` say; hidden and other files are ignored.

    Masks hold 0 and 1, or 0 and white (255 or 65535), or class numbers 0, 1, 2, ... without a gap,
    at most 16. All are read once, at the start, to find out which. If each number is one connected
    piece, as numbered objects (instance labels) are, an error asks.

    Args:
        images: folder of images, all with as many channels: grey 1, RGB 3.
        masks: folder of masks, each of the height and width of its image.
        num_classes: None to go by the values in all the masks, 1 for foreground and background, or
            K, 2 or more, for class numbers 0 to K - 1, also if some are missing in this folder.
        ignore: the value of pixels to leave out of losses and scores (void), such as 255.
        objects: True if the masks hold numbered objects: all of them become foreground.

    Attributes:
        names: the names without suffix, in order.
        num_classes: 1 for foreground and background: what `UNet(num_classes=...)` takes.

    Items:
        image: float32 tensor (C, H, W) in [0, 1].
        mask: where num_classes is 1, float32 (1, H, W) of zeros and ones, NaN to ignore;
            otherwise int64 (H, W) of class numbers, IGNORE (-100) to ignore.

    Raises:
        FileNotFoundError, ValueError: folders or files that can't be used; an image and a mask of
            different size once the item is asked for.

    With cells/a.tif, cells/b.tif, masks/a.png and masks/b.png, `ImageMaskFolder("cells", "masks")`
    has 2 items and the names ["a", "b"]. Chapter 12 uses it.
    """

    def __init__(
        self,
        images: str | Path,
        masks: str | Path,
        *,
        num_classes: int | None = None,
        ignore: int | None = None,
        objects: bool = False,
    ) -> None:
        if num_classes is not None:
            num_classes = check_whole("num_classes", num_classes, at_least=1)
        if ignore is not None:
            ignore = check_whole("ignore", ignore, at_least=-(2**31))
        if objects and num_classes not in (None, 1):
            raise ValueError(f"objects=True makes one class: leave num_classes={num_classes} out")
        images, masks = Path(images), Path(masks)
        self._images, self._masks = _find_files(images), _find_files(masks)
        if images.samefile(masks):
            raise ValueError(f"images and masks are one folder, {images}; keep them in two")
        _check_partners(self._images, self._masks, masks)
        _check_partners(self._masks, self._images, images)
        self.names, self._ignore = list(self._images), ignore
        values, numbered = _read_values(self._masks.values(), ignore)
        self._allowed = _choose_values(values, numbered, num_classes, ignore, objects)
        is_mask = objects or num_classes == 1 or (num_classes is None and len(self._allowed) == 2)
        self.num_classes = 1 if is_mask else len(self._allowed)
        self._channels = len(read_image(self._images[self.names[0]]))

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"ImageMaskFolder({len(self)} images, num_classes={self.num_classes})"

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        image_path, mask_path = (files[self.names[index]] for files in (self._images, self._masks))
        image, mask = read_image(image_path), read_mask(mask_path)
        if image.shape[1:] != mask.shape:
            is_turned = image.shape[:0:-1] == mask.shape  # (W, H)
            raise ValueError(
                f"{image_path} is {image.shape[1]} x {image.shape[2]} (height x width), its mask "
                f"{mask_path} is {mask.shape[0]} x {mask.shape[1]}; bring both to one size"
                f"{' (does an EXIF orientation turn one of them?)' if is_turned else ''}"
            )
        if len(image) != self._channels:
            raise ValueError(
                f"{image_path} has {len(image)} channels, but {self._images[self.names[0]]} has "
                f"{self._channels}; a model takes one number: save all as grey, or all as RGB"
            )
        ignored = np.False_ if self._ignore is None else mask == self._ignore
        if not (ignored | np.isin(mask, self._allowed)).all():
            raise ValueError(f"{mask_path} has changed since the start; make the dataset anew")
        if self.num_classes == 1:
            target = np.where(ignored, np.float32("nan"), mask > 0)[None]
        else:
            target = np.where(ignored, IGNORE, mask.astype(np.int64))
        return torch.from_numpy(image), torch.from_numpy(target)


def _find_files(folder: Path) -> dict[str, Path]:
    """Find the image files of a folder, by their names without suffix, in order."""
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder} (looked for {folder.absolute()})")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in SUFFIXES or path.is_dir():
            continue
        # On a Mac, an accent and its letter are two characters; elsewhere they're one.
        name = unicodedata.normalize("NFC", path.stem).removesuffix(".ome")
        if name in found:
            raise ValueError(f"{found[name]} and {path} differ in nothing but the suffix; keep one")
        if not path.exists() or path.stat().st_size == 0:
            raise ValueError(f"{path} is empty (0 bytes), or a link to no file; take it out")
        found[name] = path
    if not found:
        others = sorted(path.name for path in folder.iterdir())
        lines = sorted({explain_volume(name) for name in others}, reverse=True)
        raise ValueError(
            f"{folder} holds no images; these are taken: {', '.join(SUFFIXES)}. It holds "
            f"{_join_some(others) or 'nothing'}. {' '.join(lines)}".rstrip()
        )
    return dict(sorted(found.items()))


def _check_partners(files: dict[str, Path], partners: dict[str, Path], folder: Path) -> None:
    alone = [path for name, path in files.items() if name not in partners]
    if alone:
        raise ValueError(
            f"no partner in {folder} for {_join_some(alone)}; it holds "
            f"{_join_some(path.name for path in partners.values())}. An image and its mask must "
            "have the same name apart from the suffix, such as cell1.tif and cell1.png"
        )


def _read_values(paths: Iterable[Path], ignore: int | None) -> tuple[Values, bool]:
    """Read the values of each mask, and whether each value is one connected piece."""
    from skimage.measure import label
    from tqdm.auto import tqdm

    values, numbered = {}, True
    for path in tqdm(list(paths), desc="Reading masks", unit="mask", delay=1, leave=False):
        mask = read_mask(path)
        values[path] = found = np.setdiff1d(mask, [] if ignore is None else [ignore])
        if len(found) > 2 and path.read_bytes().startswith(b"\xff\xd8"):
            raise ValueError(
                f"{path} holds {_join_some(found, 8)}: it's a JPEG, which blurs edges. Threshold "
                "the mask again (mask > 127) and save it as PNG"
            )
        if numbered:
            mask = mask if ignore is None else np.where(mask == ignore, 0, mask)
            numbered = label(mask, connectivity=2).max() == np.count_nonzero(found)
    return values, numbered


def _choose_values(
    values: Values, numbered: bool, num_classes: int | None, ignore: int | None, objects: bool
) -> np.ndarray:
    """Return the values that masks may hold: two for foreground, the class numbers, or all."""
    union = np.unique(np.concatenate(list(values.values())))
    if ignore is not None and not union.any():
        raise ValueError(
            f"all masks hold nothing but 0 and {ignore}, which is ignored: there is nothing to "
            f"learn. If {ignore} is the foreground, leave ignore={ignore} out"
        )
    if num_classes in (None, 1):
        for white in WHITE:
            if np.isin(union, [0, white]).all():
                return np.array([0, white])
    if objects and union[0] >= 0:
        return union
    allowed = np.arange(num_classes or min(len(union), MOST_CLASSES))
    numbered = numbered and num_classes is None and np.count_nonzero(union) > 2
    if numbered or not np.isin(union, allowed).all():
        outside = {path: np.setdiff1d(found, allowed).size for path, found in values.items()}
        worst = max(values, key=lambda path: (outside[path], len(values[path])))
        raise ValueError(
            f"{worst} holds {_join_some(values[worst], 8)}, all masks together "
            f"{_join_some(union, 8)}. {_explain_values(union, numbered, num_classes, ignore)}"
        )
    return allowed


def _explain_values(
    union: np.ndarray, numbered: bool, num_classes: int | None, ignore: int | None
) -> str:
    """Return what to do about these values: the advice of the first rule that holds."""
    first, top, steps = int(union[0]), int(union[-1]), np.diff(union)
    is_long = len(union) > MOST_CLASSES
    # A void value is far above the class numbers; greys such as 0, 128, 255 are evenly spaced.
    is_void = top in WHITE[1:] and len(union) > 2 and steps[-1] > 1 and np.ptp(steps) > 1
    if num_classes is not None and num_classes > 1:
        is_void = is_void or np.count_nonzero(union >= num_classes) == 1
    void = f" If {top} marks pixels to leave out (void), say ignore={top}."
    mixed = " If it means the same as 1, save all masks as 0 and 1." * (set(union) <= {0, 1, top})
    classes = f" If they are class numbers, say num_classes={top + 1}." * (top < 255)
    objects = "Are they numbered objects (instance labels)? Then say objects=True, which makes "
    objects += f"foreground of all of them.{classes}"
    only = f"class numbers below {num_classes}" if num_classes != 1 else "0 and 1, or 0 and white"
    given = f"With num_classes={num_classes} all masks must hold {only}."
    gaps = "Class numbers must be 0, 1, 2, ... without a gap: renumber them, all masks alike, "
    search = f"by np.searchsorted({union.tolist()}, mask)."
    rules = (
        (first < 0, f"Class numbers are counted from 0: if {first} is void, say ignore={first}."),
        (num_classes and is_void, given + void),
        (num_classes, given),
        (is_void and not (numbered and is_long), void[1:] + mixed),
        (numbered, objects),
        (is_long, objects + " If they are smoothed edges, save mask > 127."),
        (ignore is None, f"{gaps}{search}{classes}{void}"),
        (True, f"{gaps}but not {ignore}.{classes}"),
    )
    return next(advice for holds, advice in rules if holds)


def _join_some(things: Iterable[object], most: int = 4) -> str:
    texts = [str(thing) for thing in things]
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
