"""The explorer of the whole U-Net: point at its blocks, cut its skips, try sizes, see its costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

MEASURES = ("parameters", "memory", "multiplications")
LIMITS = {"height": 2048, "width": 2048, "base_channels": 128}
_DEFAULTS = {"height": 96, "width": 96, "base_channels": 8}  # also in boxes_state.js
_SAME_LOGITS = 1e-3


def the_u(
    model: nn.Module | None = None,
    image: Any = None,
    truth: Any = None,
    *,
    height: int = 96,
    width: int = 96,
    base_channels: int = 8,
    measure: str | None = None,
) -> ExplorerWidget:
    """Return an explorer of the whole U-Net: with its maps, or as boxes of any size.

    Args:
        model: a trained U-Net of four levels, grey images in, one logit out. With it, each block
            shows what it returns for the image, and the skips can be cut.
        image: what the model sees: a square patch, array or tensor (S, S) or (1, 1, S, S), scaled
            as in training; S is a multiple of 16 from 32 to 128.
        truth: the expert's mask of the image; with it, there is the Dice.
        height, width: without a model, the image's sides at first, 1 to 2048.
        base_channels: without a model, the channels of level 0 at first, 1 to 128.
        measure: without a model, "parameters", "memory" or "multiplications" make each block's
            area its share of all; None shows the sizes alone.

    Raises:
        ValueError: the model isn't such a U-Net, the patch or the mask doesn't fit, a number is
            out of its range, or the arguments of both faces are mixed.

    Example:
        `the_u(load_trained_unet(), *load_patch())`, or `the_u(height=100)`

    Used in chapters 01, 06, 08, 09 and 11.
    """
    if (model is None) != (image is None) or (model is None and truth is not None):
        raise ValueError("Give a model together with an image (and truth, its mask), or neither.")
    if model is None:
        return _show_boxes(measure, height=height, width=width, base_channels=base_channels)
    if measure is not None:
        raise ValueError("measure is for the U without a model: explorers.the_u(measure=...).")
    return _show_maps(model, image, truth)


def _show_boxes(measure: str | None, **sizes: int) -> ExplorerWidget:
    from unet_tutorial.shapes.layers import check_whole
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget  # late: it takes 70 ms

    if measure is not None and measure not in MEASURES:
        raise ValueError(f"There's no measure {measure!r}. Choose from: {', '.join(MEASURES)}.")
    for name, value in sizes.items():
        if check_whole(name, value, at_least=1) > LIMITS[name]:
            raise ValueError(f"{name} goes from 1 to {LIMITS[name]}, not to {value}.")
    given: dict[str, Any] = {
        name: int(value) for name, value in sizes.items() if value != _DEFAULTS[name]
    }
    given |= {} if measure is None else {"measure": measure}
    return ExplorerWidget("the_u", given, own_data={}, same_as=given)  # without any maps


def _show_maps(model: nn.Module, image: Any, truth: Any) -> ExplorerWidget:
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget, inline_pictures
    from unet_tutorial.teaching.explorers.the_u.data import compute_data

    settings = {"face": "maps", "truth": None if truth is not None else False}
    if _is_shipped(model, image, truth):
        return ExplorerWidget("the_u", settings)
    return ExplorerWidget("the_u", settings, inline_pictures(*compute_data(model, image, truth)))


def _is_shipped(model: nn.Module, image: Any, truth: Any) -> bool:
    """Whether the explorer ships what this model makes of this patch."""
    import numpy as np

    from unet_tutorial.teaching.explorers.the_u.network import prepare_patch
    from unet_tutorial.teaching.explorers.the_u.patch import load_patch

    shipped, patch = load_patch(), prepare_patch(image)
    if patch.shape != shipped.image.shape or np.abs(patch - shipped.image).max() > 1e-6:
        return False
    if truth is not None and not np.array_equal(prepare_patch(truth, "truth") > 0, shipped.truth):
        return False
    return _is_trained_unet(model, patch)


def _is_trained_unet(model: nn.Module, patch: np.ndarray) -> bool:
    """Whether a model has the shipped weights, and does the same with them."""
    import numpy as np
    import torch

    from unet_tutorial.teaching.explorers.the_u.network import run_blocks
    from unet_tutorial.unet import load_trained_unet

    trained = load_trained_unet()
    own, shipped = ({k: v.cpu() for k, v in m.state_dict().items()} for m in (model, trained))
    if own.keys() != shipped.keys() or not all(torch.equal(own[k], shipped[k]) for k in own):
        return False
    for off in ((), range(4)):
        mine, theirs = (run_blocks(each, patch, off)["out_conv"] for each in (model, trained))
        if np.abs(mine - theirs).max() > _SAME_LOGITS:
            return False
    return True
