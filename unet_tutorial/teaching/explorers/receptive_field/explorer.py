"""The explorer of the receptive field: the part of an image that one value depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

CONTRACTING = ("in_conv", "down1", "down2", "down3", "down4")
STAGES = (*CONTRACTING, "up1", "up2", "up3", "up4", "out_conv")


def receptive_field(
    image: ArrayLike | None = None, stage: str | None = None, stages: Sequence[str] = STAGES
) -> ExplorerWidget:
    """Return an explorer of the part of an image that one value of the U-Net depends on.

    Args:
        image: what is shown, as an array (H, W) with sides divisible by 16. By default, 256 × 256
            pixels of the nuclei image.
        stage: the stage at first; by default, the last of `stages`.
        stages: the stages to choose from, out of in_conv, down1 to down4, up1 to up4 and out_conv
            (the logits), in this order.

    Raises:
        ValueError: the image isn't (H, W), its sides aren't divisible by 16, or there is no such
            stage.

    Example:
        `receptive_field()` opens on the logit in the middle, which depends on 188 × 188 pixels.

    Used in chapters 04 and 08.
    """
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget, inline_pictures

    chosen = _check_stages(stage, stages)
    settings = {"stage": stage, "stages": None if chosen == list(STAGES) else chosen}
    if image is None:
        return ExplorerWidget("receptive_field", settings)
    from unet_tutorial.teaching.explorers.receptive_field.data import pack_image

    return ExplorerWidget("receptive_field", settings, inline_pictures(*pack_image(image)))


def _check_stages(stage: str | None, stages: Sequence[str]) -> list[str]:
    """Return the stages in the order of the network."""
    known = set(STAGES)
    if not stages or set(stages) - known:
        raise ValueError(f"stages must be one or more of {STAGES}, not {list(stages)}.")
    if stage is not None and stage not in stages:
        raise ValueError(f"stage must be one of {tuple(stages)}, not {stage!r}.")
    return [each for each in STAGES if each in stages]
