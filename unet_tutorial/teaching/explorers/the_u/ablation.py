"""Ablation: what a trained U-Net predicts without some of its skip connections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import binary_dilation, binary_erosion
from torch import nn

_NEAR = 2  # pixels on either side of an outline


@contextmanager
def disable_skips(model: nn.Module, levels: Collection[int]) -> Iterator[None]:
    """Context manager: replace the skip connections of `levels` by zeros.

    The weights don't change. A skip is the output of a ReLU, so a zero means "no feature found
    here". The network wasn't trained for that: the result shows how much this network relies on a
    skip, not how well one trained without it would do.

    Args:
        model: with steps up as for `skip_blocks`. It's left as it was, even after an error.
        levels: the levels whose skips are replaced; 0 is full resolution.

    Raises:
        ValueError: a level has no skip.

    Example:
        Within `disable_skips(model, {3})`, `up1(x, skip)` does what `up1(x, 0 * skip)` does.
    """
    blocks = skip_blocks(model)
    unknown = sorted(set(levels) - set(blocks))
    if unknown:
        raise ValueError(f"no skip connection has the level {unknown[0]}; there are {[*blocks]}.")
    hooks = []
    try:
        for level in levels:
            hooks.append(blocks[level].register_forward_pre_hook(_zero_skip))
        yield
    finally:
        for hook in hooks:
            hook.remove()


def skip_blocks(model: nn.Module) -> dict[int, nn.Module]:
    """Return the steps up of a U-Net by the level of their skip connection, level 0 first.

    Args:
        model: a module with children named up1, up2, ..., deepest first, each called as
            up(x, skip), like this tutorial's UNet.

    Raises:
        ValueError: the model has no such children.

    Example:
        A `UNet` has four: {0: up4, 1: up3, 2: up2, 3: up1}.
    """
    names = [name for name, _ in model.named_children() if re.fullmatch(r"up[1-9]\d*", name)]
    if not names:
        raise ValueError(
            f"{type(model).__name__} has no steps up named up1, up2, ..., each called as "
            "up(x, skip); the UNet of this tutorial has up1 to up4."
        )
    deepest_last = sorted(names, key=lambda name: -int(name[2:]))
    return {level: getattr(model, name) for level, name in enumerate(deepest_last)}


def _zero_skip(block: nn.Module, inputs: tuple) -> tuple:
    if len(inputs) != 2:
        raise ValueError(
            f"a step up should be called as up(x, skip), but {type(block).__name__} got "
            f"{len(inputs)} inputs by position."
        )
    below, skip = inputs
    return below, torch.zeros_like(skip)


class MaskChange(NamedTuple):
    """Pixels that a mask gained and lost, and how many of these are near its old outline."""

    gained: int
    lost: int
    near_outline: int

    @property
    def changed(self) -> int:
        """Number of pixels that changed."""
        return self.gained + self.lost


def compare_masks(before: np.ndarray, now: np.ndarray) -> MaskChange:
    """Count the pixels that differ between two masks, and how many are near the first's outline.

    Args:
        before, now: bool arrays (H, W).

    Returns:
        Numbers of pixels. A changed pixel is near the outline if at most 2 steps up, down, left or
        right lead to a pixel that has the other value in `before`.

    Raises:
        ValueError: the shapes differ.

    Example:
        Columns 0 to 4 of a row are foreground, now columns 0 to 7: 3 gained, 0 lost; columns 5
        and 6 are within 2 pixels of the old outline, column 7 is not, so near_outline is 2.
    """
    if before.shape != now.shape:
        raise ValueError(f"the masks must have one shape, not {before.shape} and {now.shape}.")
    wide = binary_dilation(before, iterations=_NEAR)
    narrow = binary_erosion(before, iterations=_NEAR, border_value=1)  # not at the image's border
    gained, lost = now & ~before, before & ~now
    near = (gained | lost) & wide & ~narrow
    return MaskChange(int(gained.sum()), int(lost.sum()), int(near.sum()))
