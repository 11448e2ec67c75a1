"""Predict a whole image of any size, at once or tile by tile."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from unet_tutorial.metrics import to_array
from unet_tutorial.reach import find_whole_image_layer, measure_reach
from unet_tutorial.scaling import normalise
from unet_tutorial.shapes.images import check_image_shape
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.unet import UNet

MULTIPLE, OVERLAP = 16, 96  # four poolings; 94 pixels, rounded up to the multiple
_HOW_TO_SCALE = (
    "Scale it as in training: unet_tutorial.data.normalise(image, reference=...) does, and so does "
    "scale=True if the weights were saved with their scaling."
)
QUIET_SECONDS = 10  # a prediction that is done by then shows no progress bar


def predict(
    model: nn.Module,
    image: np.ndarray | Tensor,
    *,
    tile: int | None = None,
    overlap: int | None = None,
    multiple: int | None = None,
    scale: bool = False,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the probability of each class at every pixel of one image of any size.

    The image is padded at the bottom and right to the next multiple: by reflection, or with its
    last row or column where it is too small to reflect. What belongs to the padding is cut off.

    With `tile`, windows of at most tile x tile pixels go through the network one after another.
    The outer `overlap` pixels of a window are computed and thrown away, except at the image's ends.

    Args:
        model: takes (1, C, h, w) and gives logits (1, num_classes, h, w). It runs in eval mode,
            without gradients, on its own device and in its own dtype; its mode comes back.
        image: (H, W) or (C, H, W), floating point, finite, scaled as in training. An array, a
            memory map or a tensor; read, never changed.
        tile: side of a window in pixels, surroundings included: a multiple of `multiple` above
            twice the overlap. None predicts the whole image at once.
        overlap: surroundings on each side in pixels, at least 0; rounded up to the multiple. None
            takes what the network's layers look at, at least 96, as the U-Net's do.
        multiple: what the sides of a window must be multiples of, at least 1. None is 16, as four
            poolings need, or with tiles what the network's own poolings need.
        scale: scale the image, which may hold integers then, by the Scaling that was saved with
            the weights (model.scaling).
        out: floating-point array or memory map (num_classes, H, W) to write into. A network that
            fails at a later window leaves it written in part.

    Returns:
        `out`, or a new float32 array (num_classes, H, W) of probabilities from 0 to 1: the sigmoid
        of the logits for one class, or if model.labels is "independent"; otherwise the softmax.

    Raises:
        TypeError: an argument of the wrong kind, such as an image of integers.
        ValueError: an image of the wrong shape, or with NaN or infinity in it; a tile that can't
            be used, or a layer that looks at the whole image; an `out` of the wrong shape.

    Warns:
        UserWarning: the weights were saved with a Scaling, and the image's range is far from it.

    Example:
        tile=512 and an overlap of 96 decide 512 - 2 * 96 = 320 pixels a side (next to the image's
        border 512 - 96 = 416), so 2048 pixels take 6 windows: 416 + 4 * 320 + 352.

    Source: Ronneberger et al. 2015, section 2 and figure 2, "overlap-tile". Used in chapter 11.
    """
    device, dtype = _find_device_and_dtype(model)
    labels = find_labels(model)
    if scale:
        image = _scale(model, image)
    planes = _require_planes(image)
    height, width = planes.shape[-2:]
    if tile is not None:
        check_whole("tile", tile, at_least=1)
        if max(height, width) > tile:
            _check_tiles_are_right(model)
        if None in (overlap, multiple):
            reach = _find_reach(model, len(planes))
            multiple = reach[0] if multiple is None else multiple
            overlap = reach[1] if overlap is None else overlap
    multiple = MULTIPLE if multiple is None else multiple
    margin = _compute_margin(tile, 0 if overlap is None else overlap, multiple)
    rows, columns = (_make_spans(side, tile, margin, multiple) for side in (height, width))
    if out is not None:
        _check_out(out, planes)
    windows = list(product(rows, columns))  # a few numbers each, no pixels
    values = _check_finite(planes, windows, dtype)
    if getattr(unwrap(model), "scaling", None) is not None:
        _warn_of_another_range(*values)
    bar = tqdm(windows, "predict", unit="window", delay=QUIET_SECONDS, disable=len(windows) == 1)
    with _switch_to_eval(model), torch.inference_mode():
        for down, across in bar:
            window = _cut(planes, down.sources, across.sources).to(dtype).to(device)
            probabilities = _predict_window(model, window, labels)
            out = _prepare_out(out, (len(probabilities), height, width))
            out[:, down.target, across.target] = probabilities[:, down.core, across.core]
    return out


class _Span(NamedTuple):
    """The position of a window along one side of the image."""

    sources: np.ndarray  # the image's row (or column) behind each one of the window, padding too
    core: slice  # what is kept of the window
    target: slice  # where that belongs in the image


def _make_spans(size: int, tile: int | None, margin: int, multiple: int) -> Iterator[_Span]:
    """Cut one side into overlapping spans of at most tile; each keeps all but its margins."""
    padded = size + -size % multiple
    tile = padded if tile is None else tile
    step = tile - 2 * margin
    for start in range(0, max(padded - tile, 0) + step, step):
        stop = min(start + tile, padded)
        first = start + margin if start > 0 else 0
        last = stop - margin if stop < padded else size
        sources = _reflect(np.arange(start, stop), size, padded)
        yield _Span(sources, slice(first - start, last - start), slice(first, last))


def _reflect(positions: np.ndarray, size: int, padded: int) -> np.ndarray:
    """Return which pixel of the image each position of the padded image copies."""
    mirror = size - 1  # the last row or column, which is not repeated by reflection
    if padded - size > mirror:  # fewer than the padding needs: repeat the last one instead
        return np.minimum(positions, mirror)
    return mirror - np.abs(mirror - positions)


def _cut(planes: np.ndarray | Tensor, rows: np.ndarray, columns: np.ndarray) -> Tensor:
    """Return a copy (C, len(rows), len(columns)), reading only that of a memory map."""
    if isinstance(planes, Tensor):
        rows, columns = (torch.from_numpy(i).to(planes.device) for i in (rows, columns))
        return planes[:, rows[:, None], columns]
    piece = planes[:, rows[:, None], columns]
    return torch.from_numpy(piece.astype(piece.dtype.newbyteorder("="), copy=False))


def _predict_window(model: nn.Module, window: Tensor, labels: str) -> np.ndarray:
    """Run one window (C, h, w) through the network: (num_classes, h, w)."""
    logits = model(window[None])
    _check_logits(logits, window)
    logits = logits[0] if logits.dtype == torch.float64 else logits[0].float()
    single = len(logits) == 1 or labels == "independent"
    probabilities = logits.sigmoid() if single else logits.softmax(dim=0)
    return probabilities.cpu().numpy()


@contextmanager
def _switch_to_eval(model: nn.Module) -> Iterator[None]:
    """Context manager: puts the model in eval mode, and each part back in its own mode on exit."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        with suppress(NotImplementedError):  # an exported program keeps the mode it was made in
            model.eval()
        yield
    finally:
        for module, training in modes:
            module.training = training


def _find_device_and_dtype(model: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return the device and dtype of the model's weights; the CPU and float32 if it has none."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, not {type(model).__name__}.")
    numbers = chain(model.parameters(), model.buffers())
    first = next((n for n in numbers if n.is_floating_point()), torch.zeros(0, device="cpu"))
    return first.device, first.dtype


def _require_planes(image: np.ndarray | Tensor) -> np.ndarray | Tensor:
    """Return the image as (C, H, W), without a copy; raise if it can't be predicted."""
    if not isinstance(image, np.ndarray | Tensor):
        raise TypeError(
            f"image must be a NumPy array or a torch tensor, not {type(image).__name__}: "
            f"np.asarray(image) makes an array. {_HOW_TO_SCALE}"
        )
    image = image.detach() if isinstance(image, Tensor) else np.asarray(image)
    if not _is_float(image):
        raise TypeError(
            f"image holds {image.dtype}, but predict takes floating-point numbers up to 64 bits. "
            f"{_HOW_TO_SCALE}"
        )
    check_image_shape("image", image.shape)
    return image if image.ndim == 3 else image[None]


def unwrap(model: nn.Module) -> nn.Module:
    """Return the network in DataParallel, DistributedDataParallel or torch.compile's wrapper."""
    if isinstance(model, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return unwrap(model.module)
    return unwrap(model._orig_mod) if hasattr(model, "_orig_mod") else model


def find_labels(model: nn.Module) -> str:
    """Return what the channels of a model's logits mean: "exclusive" or "independent"."""
    labels = getattr(unwrap(model), "labels", "exclusive")
    if labels not in ("exclusive", "independent"):
        raise ValueError(
            f'model.labels is {labels!r}, but must be "exclusive" (one class per pixel) or '
            '"independent" (each label by itself).'
        )
    return labels


def _scale(model: nn.Module, image: np.ndarray | Tensor) -> np.ndarray:
    scaling = getattr(unwrap(model), "scaling", None)
    if scaling is None:
        raise ValueError(
            f"scale=True needs model.scaling, which these weights came without. {_HOW_TO_SCALE}"
        )
    return normalise(to_array(image), scaling)


def _warn_of_another_range(low: float, high: float) -> None:
    """Warn if an image can't have been scaled as the training's images were, to 0 to 1."""
    if low < -0.5 or high > 1.5 or 0 < high < 0.05:
        warnings.warn(
            f"the image has values from {low:.4g} to {high:.4g}, but these weights were trained on "
            "0 to 1, so the result is likely to be wrong. Scale the image as in training: "
            "predict(..., scale=True) does it.",
            stacklevel=3,
        )


def _find_reach(model: nn.Module, channels: int) -> tuple[int, int]:
    """Return multiple and overlap as the network's layers need them, at least the U-Net's."""
    if type(model) is UNet:
        return MULTIPLE, OVERLAP
    try:
        multiple, reach = measure_reach(model, channels)
    except Exception as error:  # networks raise what they like
        raise ValueError(
            f"how far this {type(model).__name__} looks around a pixel can't be read off its "
            f"layers ({error}). Say so by overlap=... and multiple=..., in pixels."
        ) from error
    return MULTIPLE if MULTIPLE % multiple == 0 else multiple, max(reach, OVERLAP)


def _check_tiles_are_right(model: nn.Module) -> None:
    if layer := find_whole_image_layer(model):
        raise ValueError(
            f"tiles would change the result: this network has a {layer} layer, whose output "
            "depends on the whole image. Leave out tile, to predict the image at once."
        )


def _is_float(array: np.ndarray | Tensor) -> bool:
    if isinstance(array, Tensor):
        return array.is_floating_point()
    return array.dtype.kind == "f" and array.dtype.itemsize <= 8  # torch has no longer floats


def _compute_margin(tile: int | None, overlap: int, multiple: int) -> int:
    """Return the overlap rounded up to the multiple, so that windows start on it."""
    check_whole("multiple", multiple, at_least=1)
    check_whole("overlap", overlap, at_least=0)
    if tile is None:
        return 0
    if tile % multiple:
        fits = tile + -tile % multiple
        raise ValueError(f"tile must be a multiple of {multiple}, not {tile}; {fits} is the next.")
    margin = overlap + -overlap % multiple
    if tile <= 2 * margin:
        raise ValueError(
            f"tile={tile} cannot hold overlap={overlap}: {margin} pixels on both sides leave "
            f"nothing in between. Take a tile of {2 * margin + multiple} or more, or less overlap."
        )
    return margin


def _check_finite(
    planes: np.ndarray | Tensor, windows: Iterable, dtype: torch.dtype
) -> tuple[float, float]:
    """Return the lowest and highest value; ValueError if one isn't finite in the model's dtype."""
    lowest, highest = np.inf, -np.inf
    for down, across in windows:
        piece = _cut(planes, np.r_[down.target], np.r_[across.target]).to(dtype)
        broken = ~torch.isfinite(piece).cpu().numpy()
        if broken.any():
            channel, y, x = np.unravel_index(broken.argmax(), broken.shape)
            where = (int(channel), int(y) + down.target.start, int(x) + across.target.start)
            raise ValueError(
                f"the image is NaN, infinite or too large for {dtype} at (channel, row, column) = "
                f"{where}. Replace such pixels, for example by np.nan_to_num(image)."
            )
        low, high = (value.item() for value in piece.aminmax())
        lowest, highest = min(lowest, low), max(highest, high)
    return lowest, highest


def _check_out(out: np.ndarray, planes: np.ndarray | Tensor) -> None:
    """Raise unless out can be written to; its shape is checked after the first window."""
    if not isinstance(out, np.ndarray) or not _is_float(out):
        kind = getattr(out, "dtype", type(out).__name__)
        raise TypeError(f"out must be a floating-point NumPy array or memory map, not {kind}.")
    if not out.flags.writeable:
        raise ValueError("out is read-only: open a memory map with mode 'r+' or 'w+'.")
    if isinstance(planes, np.ndarray) and np.may_share_memory(out, planes):
        raise ValueError("out shares memory with the image, which is still being read: copy one.")


def _prepare_out(out: np.ndarray | None, shape: tuple[int, int, int]) -> np.ndarray:
    if out is None:
        return np.empty(shape, dtype=np.float32)
    if out.shape != shape:
        raise ValueError(f"out has shape {out.shape}, the result (num_classes, H, W) = {shape}.")
    return out


def _check_logits(logits: Tensor, window: Tensor) -> None:
    """Raise unless the model returned one image of logits, as large as the window (C, h, w)."""
    if not isinstance(logits, Tensor):
        raise TypeError(f"the model must return a tensor of logits, not {type(logits).__name__}.")
    height, width = window.shape[1:]
    batch, classes, *sides = logits.shape if logits.ndim == 4 else (0, 0)
    if batch != 1 or classes < 1 or sides != [height, width]:
        raise ValueError(
            f"the model turned (1, C, h, w) = {(1, *window.shape)} into {tuple(logits.shape)}; "
            f"predict needs logits (1, num_classes, {height}, {width}), as large as its input."
        )
