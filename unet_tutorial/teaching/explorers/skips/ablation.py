"""What a trained U-Net predicts with some of its skip connections taken away."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import binary_dilation, binary_erosion
from torch import nn

from unet_tutorial.prediction import predict

NEAR = 2  # pixels on either side of an outline


def predict_without(model: nn.Module, image: np.ndarray, levels: Collection[int]) -> np.ndarray:
    """Return the probabilities that a U-Net gives with the skips of some levels replaced by zeros.

    Every weight stays as it is. A skip comes out of a ReLU, so a zero says "no feature was found
    here", at every pixel and in every channel. The weights were never trained for that: what is
    measured is how much this network relies on a skip, not what one trained without it would do.

    Args:
        model: as `predict` takes it, with steps up as `skip_blocks` finds them. It is afterwards
            as it was before, whatever happens.
        image: (H, W) or (C, H, W), as `predict` takes it.
        levels: whose skips are zeros: 0 is full resolution. None of them gives what `predict`
            gives.

    Returns:
        float32 array (num_classes, H, W) of probabilities from 0 to 1.

    Raises:
        ValueError: a level that has no skip.

    Example:
        `predict_without(load_trained_unet(), image, {0, 3})` silences `up4` and `up1`.

    Source: none; such a measurement is called an ablation. Chapters 06 and 11 use it.
    """
    with skips_off(model, levels):
        return predict(model, image)


@contextmanager
def skips_off(model: nn.Module, levels: Collection[int]) -> Iterator[None]:
    """Within the block, the steps up of these levels join zeros; at its end they are as before.

    Args:
        model: as for `predict_without`.
        levels: whose skips are zeros.

    Raises:
        ValueError: a level that has no skip.

    Example:
        Within `skips_off(model, {3})`, `up1(x, skip)` does what `up1(x, 0 * skip)` does.

    Source: none. Chapters 06 and 11 use it.
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
    """Return the steps up of a U-Net by the level whose skip they join, level 0 first.

    Args:
        model: a module whose steps up are called up1, up2, ..., the deepest first, each called as
            up(x, skip), as in this tutorial's UNet.

    Raises:
        ValueError: there are none.

    Example:
        A `UNet` has four: {0: up4, 1: up3, 2: up2, 3: up1}.

    Source: none. Chapters 06 and 11 use it.
    """
    names = [name for name, _ in model.named_children() if re.fullmatch(r"up[1-9]\d*", name)]
    if not names:
        raise ValueError(
            f"{type(model).__name__} has no steps up named up1, up2, ..., each called as "
            "up(x, skip); the UNet of this tutorial has up1 to up4."
        )
    deepest_last = sorted(names, key=lambda name: -int(name[2:]))
    return {level: getattr(model, name) for level, name in enumerate(deepest_last)}


def _zero_skip(_block: nn.Module, inputs: tuple) -> tuple:
    below, skip = inputs
    return below, torch.zeros_like(skip)


class Change(NamedTuple):
    """How many pixels a mask gained and lost, and how many of both lie near its old outline."""

    gained: int
    lost: int
    near_outline: int

    @property
    def changed(self) -> int:
        """How many pixels changed, one way or the other."""
        return self.gained + self.lost

    @property
    def mostly_near_outline(self) -> bool:
        """Whether more than half of the changed pixels lie near the old outline."""
        return 2 * self.near_outline > self.changed


def compare_masks(before: np.ndarray, now: np.ndarray) -> Change:
    """Count what changed between two masks, and how much of it near the outline of the first.

    Args:
        before, now: bool arrays (H, W).

    Returns:
        The counts of pixels. Near the outline is what lies within 2 pixels of where `before`
        changes from one side to the other, going up, down, left and right.

    Raises:
        ValueError: shapes that differ.

    Example:
        Columns 0 to 4 of a row are foreground, now columns 0 to 7: 3 gained, 0 lost; columns 5
        and 6 are within 2 pixels of the old outline, column 7 is not, so near_outline is 2.

    Source: none. Chapters 06 and 11 use it.
    """
    if before.shape != now.shape:
        raise ValueError(f"the masks have two shapes, {before.shape} and {now.shape}.")
    wide = binary_dilation(before, iterations=NEAR)
    narrow = binary_erosion(before, iterations=NEAR, border_value=1)  # the border is no outline
    gained, lost = now & ~before, before & ~now
    near = (gained | lost) & wide & ~narrow
    return Change(int(gained.sum()), int(lost.sum()), int(near.sum()))
