"""What each block of a U-Net returns for a patch, with some of its skips switched off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from unet_tutorial.metrics import to_array
from unet_tutorial.shapes.unet import LEVELS_DOWN, SIZE_MULTIPLE, level_of
from unet_tutorial.teaching.explorers.the_u.ablation import disable_skips

ENCODER = ("in_conv", *(f"down{level}" for level in range(1, LEVELS_DOWN + 1)))
DECODER = tuple(f"up{number}" for number in range(1, LEVELS_DOWN + 1))
BLOCKS = (*ENCODER, *DECODER, "out_conv")
SIDES = range(32, 129, SIZE_MULTIPLE)  # pixels; of a patch


def prepare_patch(image: Any, name: str = "image") -> np.ndarray:
    """Return a grey patch, or a mask of one, as an array (S, S) of float32.

    Args:
        image: array or tensor (S, S), (1, S, S) or (1, 1, S, S).
        name: what an error calls it.

    Raises:
        ValueError: it isn't one grey square patch, its side isn't a multiple of 16 from 32 to 128,
            or a value isn't finite.
    """
    array = patch = to_array(image)
    while patch.ndim > 2 and len(patch) == 1:
        patch = patch[0]
    if patch.ndim != 2 or patch.shape[0] != patch.shape[1] or patch.shape[0] not in SIDES:
        raise ValueError(
            f"The U needs one grey, square patch with a side of {SIDES[0]} to {SIDES[-1]} pixels "
            f"that divides by {SIZE_MULTIPLE}, but {name} has the shape {array.shape}. Give a "
            f"piece of it, for example {name}[:96, :96]."
        )
    if patch.dtype.kind not in "buif" or not np.isfinite(patch).all():
        raise ValueError(f"{name} must contain real, finite numbers only.")
    return patch.astype(np.float32)


def run_blocks(
    model: nn.Module, patch: np.ndarray, off: Collection[int] = ()
) -> dict[str, np.ndarray]:
    """Return what each block of a U-Net returns for a patch, with some skips replaced by zeros.

    Args:
        model: a U-Net of four levels whose blocks are called as in this tutorial. It runs in eval
            mode, and is left as it was.
        patch: (S, S), as from `prepare_patch`.
        off: the levels whose skips are replaced by zeros; 0 is full resolution.

    Returns:
        By block's name, float arrays (C, H, W); those of `out_conv` are logits (1, S, S).

    Raises:
        ValueError: the model has other blocks, or they return maps of other sizes.
    """
    _require_blocks(model)
    kept: dict[str, Tensor] = {}
    hooks = [
        getattr(model, name).register_forward_hook(_make_keeper(kept, name)) for name in BLOCKS
    ]
    was_training = model.training
    try:
        with torch.inference_mode(), disable_skips(model, off):
            model.eval()(_make_batch(model, patch))
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    _require_sizes(kept, len(patch))
    return {name: kept[name][0].float().cpu().numpy() for name in BLOCKS}


def _make_keeper(kept: dict[str, Tensor], name: str) -> Any:
    def keep(_block: nn.Module, _inputs: tuple, output: Tensor) -> None:
        kept[name] = output.clone()  # a ReLU after it may work in place

    return keep


def _make_batch(model: nn.Module, patch: np.ndarray) -> Tensor:
    like = next(model.parameters())
    return torch.as_tensor(patch[None, None].copy(), dtype=like.dtype, device=like.device)


def _require_blocks(model: nn.Module) -> None:
    names = [name for name, _ in model.named_children()]
    missing = [name for name in BLOCKS if name not in names]
    others = [name for name in names if name.startswith(("up", "down")) and name not in BLOCKS]
    if missing or others:
        said = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(others)} as well"
        raise ValueError(
            f"The explorer shows U-Nets of four levels with the blocks {', '.join(BLOCKS)}, but "
            f"{type(model).__name__} {said}."
        )


def _require_sizes(kept: dict[str, Tensor], side: int) -> None:
    for name in BLOCKS:
        shape = tuple(kept[name].shape) if name in kept else None
        expected = side >> level_of(name)
        is_square = shape is not None and len(shape) == 4 and shape[2:] == (expected, expected)
        if not is_square or (name == "out_conv" and shape[1] != 1):
            count = "1" if name == "out_conv" else "C"
            raise ValueError(
                f"{name} should return maps of the shape (1, {count}, {expected}, {expected}) for "
                f"this patch, but it {f'returned {shape}' if shape else 'was never called'}."
            )
