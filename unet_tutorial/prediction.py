"""Predict a whole image of any size, at once or tile by tile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from unet_tutorial.shapes.layers import check_whole

QUIET_SECONDS = 10  # a prediction that is done by then shows no progress bar


def predict(
    model: nn.Module,
    image: np.ndarray | Tensor,
    *,
    tile: int | None = None,
    overlap: int = 96,
    multiple: int = 16,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the probability of each class at every pixel of one image of any size.

    The image is padded at the bottom and right to the next multiple: by reflection, or with its
    last row or column where it is too small to reflect. What belongs to the padding is cut off.

    With `tile`, windows of at most tile x tile pixels go through the network one after another,
    and memory beyond input and output does not grow with the image. Windows start on the multiple;
    the outer `overlap` pixels of each are its surroundings, computed and thrown away (not where
    the image ends: there the network meets the same border as without tiles).

    Args:
        model: takes (1, C, h, w) and gives logits (1, num_classes, h, w). It runs in eval mode,
            without gradients, on its own device and in its own dtype; afterwards each of its parts
            is in train or eval mode as before.
        image: (H, W) or (C, H, W), floating point, finite, scaled as in training. An array, a
            memory map or a tensor; read, never changed.
        tile: side of a window in pixels, surroundings included: a multiple of `multiple` above
            twice the overlap. None predicts the whole image at once.
        overlap: surroundings on each side in pixels, at least 0; rounded up to the multiple.
        multiple: what the sides of a window divide by, at least 1: 16 for four poolings.
        out: floating-point array or memory map (num_classes, H, W) to write into. A network that
            fails at a later window leaves it written in part.

    Returns:
        `out`, or a new float32 array (num_classes, H, W) of probabilities from 0 to 1: the sigmoid
        of the logits for one class, the softmax over the classes for more.

    Raises:
        TypeError: an argument of the wrong kind, such as an image of integers.
        ValueError: an image of the wrong rank, empty, or with NaN or infinity in it (looked for
            before the network runs); a tile that is no multiple or cannot hold the overlap; an
            `out`, or an output of the network, of the wrong shape.

    Example:
        tile=512 and overlap=96 decide 512 - 2 * 96 = 320 pixels a side (next to the image's border
        512 - 96 = 416), so 2048 pixels take 6 windows: 416 + 4 * 320 + 352.

    Why 96: in the U-Net, the pixels between two multiples of 16 depend on at most 94 pixels on
    either side of them. 96 is the next multiple and gives the untiled result to rounding.

    Source: Ronneberger et al. 2015, section 2 and figure 2, "overlap-tile". Used in chapter 11.
    """
    device, dtype = _find_device_and_dtype(model)
    planes = _require_planes(image)
    height, width = planes.shape[-2:]
    margin = _compute_margin(tile, overlap, multiple)
    rows, columns = (_make_spans(side, tile, margin, multiple) for side in (height, width))
    if out is not None:
        _check_out(out, planes)
    windows = list(product(rows, columns))  # a few numbers each, no pixels
    _check_finite(planes, windows, dtype)
    bar = tqdm(windows, "predict", unit="window", delay=QUIET_SECONDS, disable=len(windows) == 1)
    with _switch_to_eval(model), torch.inference_mode():
        for down, across in bar:
            window = _cut(planes, down.sources, across.sources).to(dtype).to(device)
            probabilities = _predict_window(model, window)
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


def _predict_window(model: nn.Module, window: Tensor) -> np.ndarray:
    """Run one window (C, h, w) through the network: (num_classes, h, w)."""
    logits = model(window[None])
    _check_logits(logits, window)
    logits = logits[0] if logits.dtype == torch.float64 else logits[0].float()
    probabilities = logits.sigmoid() if len(logits) == 1 else logits.softmax(dim=0)
    return probabilities.cpu().numpy()


@contextmanager
def _switch_to_eval(model: nn.Module) -> Iterator[None]:
    """Context manager: puts the model in eval mode, and each part back in its own mode on exit."""
    modes = [(module, module.training) for module in model.modules()]
    try:
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
            "np.asarray(image, dtype=np.float32) makes one."
        )
    image = image.detach() if isinstance(image, Tensor) else np.asarray(image)
    if not _is_float(image):
        raise TypeError(
            f"image holds {image.dtype}, but predict takes floating-point numbers up to 64 bits, "
            "scaled as in training: unet_tutorial.data.normalise(image, reference=...) does both."
        )
    shape = tuple(image.shape)
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"image must have shape (H, W) or (C, H, W), each side at least 1, not {shape}. "
            "Give a batch image by image."
        )
    return image if len(shape) == 3 else image[None]


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
    check_whole("tile", tile, at_least=1)
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


def _check_finite(planes: np.ndarray | Tensor, windows: Iterable, dtype: torch.dtype) -> None:
    """Raise if a value is NaN or infinite in the model's dtype; reads what each tile keeps."""
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
