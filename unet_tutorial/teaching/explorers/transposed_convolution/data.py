"""What the last transposed convolution of a trained network stamps on a patch of an image."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from unet_tutorial.teaching.explorers.frame.atlas import (
    Atlas,
    find_limits,
    find_liveliest,
    scale_maps,
)
from unet_tutorial.teaching.explorers.the_u.patch import SIDE, load_patch
from unet_tutorial.unet import load_trained_unet

SHOWN = 8  # channels
_STEP = 16  # a U-Net of four levels takes sides that are multiples of this
_QUARTERS = ((0, 0), (0, 1), (1, 0), (1, 1))


def export_data() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Compute the data that the explorer ships, from the shipped network on the test strip.

    Returns:
        What data.json contains, and the picture that it refers to, by file name.
    """
    return compute_data(load_trained_unet(), load_patch().image)


def compute_data(model: nn.Module, image: np.ndarray) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Compute what the explorer shows of a network's last transposed convolution.

    Args:
        model: a network whose last transposed convolution has kernel 2 and stride 2.
        image: (H, W), each side at least 16 pixels, scaled as in training. The network gets the
            square of at most 96 by 96 pixels in its middle.

    Returns:
        As `export_data`.

    Raises:
        ValueError: the network has no such layer, or the image has another shape.
    """
    name, layer = _find_layer(model)
    ink, sheet, after = _run(model, name, _cut_square(np.asarray(image)))
    channels = find_liveliest(sheet, SHOWN)
    limits = find_limits(sheet[channels])
    stamp = _stamp_average(layer, ink)[channels]
    atlas = Atlas()
    tops = {
        "ink": atlas.add(_shade_liveliest(ink)),
        "sheet": atlas.add(scale_maps(sheet[channels], limits)),
        "after": atlas.add(_shade_liveliest(after)),
    }
    for i, j in _QUARTERS:  # what each of the four weights has drawn
        tops[f"quarter{i}{j}"] = atlas.add(scale_maps(sheet[channels, i::2, j::2], limits))
    href, png = atlas.encode("maps.png")
    data = {
        "side": sheet.shape[1],
        "inChannels": len(ink),
        "channels": channels.tolist(),
        "stamps": stamp.round(2).tolist(),
        "shades": scale_maps(stamp, limits).round(3).tolist(),
        "weave": _measure_weave(sheet[channels]),
        "weaveAfter": _measure_weave(after[find_liveliest(after, 1)])[0],
        "tops": tops,
        "atlas": href,
    }
    return data, {"maps.png": png}


def _find_layer(model: nn.Module) -> tuple[str, nn.ConvTranspose2d]:
    layers = [
        (name, part) for name, part in model.named_modules() if isinstance(part, nn.ConvTranspose2d)
    ]
    name, layer = layers[-1] if layers else ("", None)
    if layer is None or (layer.kernel_size, layer.stride) != ((2, 2), (2, 2)) or "." not in name:
        raise ValueError(
            "The explorer shows a network whose last transposed convolution has kernel 2 and "
            f"stride 2 and is part of a block, such as `up4.upsampling`, but it found {layer}."
        )
    return name, layer


def _cut_square(image: np.ndarray) -> np.ndarray:
    """Cut the square out of the middle of an image that a U-Net of four levels takes."""
    if image.ndim != 2 or min(image.shape) < _STEP:
        raise ValueError(
            f"The image needs the shape (H, W), with sides of at least {_STEP} pixels, but it has "
            f"the shape {image.shape}."
        )
    side = min(SIDE, min(image.shape) // _STEP * _STEP)
    top, left = ((length - side) // 2 for length in image.shape)
    return image[top : top + side, left : left + side]


def _run(model: nn.Module, name: str, patch: np.ndarray) -> list[np.ndarray]:
    """Return the layer's input and output and its block's output, each (C, H, W)."""
    layer, block = model.get_submodule(name), model.get_submodule(name.rpartition(".")[0])
    kept: dict[str, torch.Tensor] = {}

    def keep_layer(_: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        kept["ink"], kept["sheet"] = inputs[0], output

    def keep_block(_: nn.Module, _inputs: tuple, output: torch.Tensor) -> None:
        kept["after"] = output

    hooks = layer.register_forward_hook(keep_layer), block.register_forward_hook(keep_block)
    was_training = model.training
    try:
        with torch.inference_mode():
            model.eval()(_as_batch(model, patch))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return [kept[part][0].double().cpu().numpy() for part in ("ink", "sheet", "after")]


def _as_batch(model: nn.Module, patch: np.ndarray) -> torch.Tensor:
    like = next(model.parameters())
    return torch.as_tensor(patch[None, None].copy(), dtype=like.dtype, device=like.device)


def _stamp_average(layer: nn.ConvTranspose2d, ink: np.ndarray) -> np.ndarray:
    """Return what the average pixel stamps, (C, 2, 2): the averages of the sheet's four quarters.

    The layer is linear, so that the average of all stamps is the stamp of the average.
    """
    weight = layer.weight.detach().double().cpu().numpy()  # (in, out, 2, 2)
    stamp = np.einsum("c,cdij->dij", ink.mean(axis=(1, 2)), weight)
    if layer.bias is None:
        return stamp
    return stamp + layer.bias.detach().double().cpu().numpy()[:, None, None]


def _shade_liveliest(maps: np.ndarray) -> np.ndarray:
    chosen = maps[find_liveliest(maps, 1)]
    return scale_maps(chosen, find_limits(chosen))


def _measure_weave(maps: np.ndarray) -> list[int]:
    """Measure how far the averages of each map's four quarters differ, in percent of its spread."""
    means = np.array([maps[:, i::2, j::2].mean(axis=(1, 2)) for i, j in _QUARTERS])
    spread = np.maximum(maps.std(axis=(1, 2)), 1e-6)
    return np.round(100 * np.ptp(means, axis=0) / spread).astype(int).tolist()
