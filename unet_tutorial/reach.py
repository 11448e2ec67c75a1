"""How far a network looks around a pixel: what tiles of an image must respect."""

from __future__ import annotations

from itertools import chain

import torch
from torch import nn

SIDE = 2**10  # of the image whose way through the network is followed
_WHOLE_IMAGE = (
    *(nn.modules.instancenorm._InstanceNorm, nn.GroupNorm, nn.LayerNorm, nn.MultiheadAttention),
    *(nn.modules.pooling._AdaptiveAvgPoolNd, nn.modules.pooling._AdaptiveMaxPoolNd),
)


def find_whole_image_layer(model: nn.Module) -> str | None:
    """Return the kind of a layer that computes something else in a tile than in the whole image.

    Such as InstanceNorm, BatchNorm without running averages, and attention; None if there's none.
    """
    for part in model.modules():
        batch_norm = isinstance(part, nn.modules.batchnorm._BatchNorm)
        if isinstance(part, _WHOLE_IMAGE) or (batch_norm and part.running_mean is None):
            return type(part).__name__
    return None


def measure_reach(model: nn.Module, channels: int) -> tuple[int, int]:
    """Follow a network's layers back from the output to the image.

    Layers that work side by side are taken one after the other, which may give more than is
    needed, but not less. What isn't a layer, such as `F.interpolate`, is known by the change of
    size, and taken to look at the nearest pixels. No numbers are computed, only shapes.

    Args:
        model: takes (1, channels, 1024, 1024), or raises what it likes.
        channels: those of the image.

    Returns:
        How many times larger the image is than the network's smallest map, and how many pixels
        the output looks beyond its own block of so many pixels: (16, 94) for the U-Net.
    """
    layers = _record_layers(model, channels)
    multiple = SIDE // min((outputs for _, _, outputs in layers), default=SIDE)
    start = SIDE // 2 // multiple * multiple  # of a block far from the border
    lows, highs = zip(*(_trace_back(layers, start + i) for i in range(multiple)), strict=True)
    return multiple, max(start - min(lows), max(highs) - (start + multiple - 1), 0)


def _record_layers(model: nn.Module, channels: int) -> list[tuple[nn.Module, int, int]]:
    """Return the convolutions and poolings in the order in which they run, with both widths."""
    layers, hooks = [], []
    for part in model.modules():
        if hasattr(part, "kernel_size"):
            hooks.append(part.register_forward_hook(lambda *run: layers.append(_measure(*run))))
    if not hooks:
        return []
    tensors = chain(model.named_parameters(), model.named_buffers())
    shapes = {name: tensor.to("meta") for name, tensor in tensors}  # without numbers
    dtype = next((t.dtype for t in shapes.values() if t.is_floating_point()), None)
    image = torch.empty(1, channels, SIDE, SIDE, dtype=dtype, device="meta")
    try:
        with torch.no_grad():
            torch.func.functional_call(model, shapes, (image,))
    finally:
        for hook in hooks:
            hook.remove()
    return layers


def _measure(module: nn.Module, inputs: tuple, output: torch.Tensor) -> tuple[nn.Module, int, int]:
    return module, inputs[0].shape[-1], output.shape[-1]


def _trace_back(layers: list[tuple[nn.Module, int, int]], pixel: int) -> tuple[int, int]:
    """Return the first and last column of the image that a column of the output depends on."""
    low, high, width = pixel, pixel, SIDE
    for module, inputs, outputs in reversed(layers):
        kernel, stride, padding, dilation = _read_settings(module)
        if kernel == 1:  # such as the shortcut of a residual block
            continue
        low, high = _resize(low, high, outputs, width)
        span, width = dilation * (kernel - 1), inputs
        if isinstance(module, nn.ConvTranspose2d):
            low, high = -((span - padding - low) // stride), (high + padding) // stride
        else:
            low, high = low * stride - padding, high * stride - padding + span
    return _resize(low, high, SIDE, width)


def _read_settings(module: nn.Module) -> list[int]:
    """Return kernel, stride, padding and dilation of a layer along the width."""
    names = ("kernel_size", "stride", "padding", "dilation")
    values = [getattr(module, name, 1) for name in names]
    kernel, stride, padding, dilation = (v[-1] if isinstance(v, tuple) else v for v in values)
    named = {"same": dilation * (kernel - 1) // 2, "valid": 0}
    return [kernel, stride, named.get(padding, padding), dilation]


def _resize(low: int, high: int, new: int, old: int) -> tuple[int, int]:
    """Follow columns to a map of another width, with a neighbour on each side if it differs."""
    if new == old:
        return low, high
    return low * new // old - 1, -(-(high + 1) * new // old)
