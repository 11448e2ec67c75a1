"""What the explorer shows of a U-Net: its maps with each combination of skips, and the masks."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image
from torch import nn

from unet_tutorial.metrics import dice
from unet_tutorial.shapes.unet import LEVELS_DOWN, level_of
from unet_tutorial.teaching.explorers.frame.atlas import (
    Atlas,
    find_limits,
    find_liveliest,
    scale_maps,
)
from unet_tutorial.teaching.explorers.the_u.ablation import compare_masks
from unet_tutorial.teaching.explorers.the_u.network import (
    BLOCKS,
    DECODER,
    ENCODER,
    prepare_patch,
    run_blocks,
)
from unet_tutorial.teaching.explorers.the_u.patch import load_patch
from unet_tutorial.unet import load_trained_unet

SHOWN = 8  # maps of each block
ALL_ON = 2**LEVELS_DOWN - 1  # bit l says that the skip of level l is on
# Of changes.png: background, kept, gained and lost pixels, with their opacities.
_COLOURS = [(0, 0, 0), (245, 245, 240), (86, 180, 233), (240, 112, 48)]
_OPACITIES = bytes([0, 110, 255, 255])


def export_data() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Compute the data that the explorer ships: the trained network on the chapters' patch.

    Returns:
        What data.json contains, and the pictures that it refers to, by file name.
    """
    return compute_data(load_trained_unet(), *load_patch())


def compute_data(
    model: nn.Module, image: Any, truth: Any = None
) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Compute what a U-Net's blocks return with each of the 16 combinations of skips.

    Args:
        model: a U-Net of four levels, as for `run_blocks`.
        image: a patch, as for `prepare_patch`.
        truth: the expert's mask of it, with the same number of pixels; None if there is none.

    Returns:
        As `export_data`. Each map keeps the scale that it has with all skips.

    Raises:
        ValueError: the model isn't such a U-Net, or the patch or the mask doesn't fit.
    """
    patch = prepare_patch(image)
    mask = None if truth is None else prepare_patch(truth, "truth") > 0
    if mask is not None and mask.shape != patch.shape:
        raise ValueError(f"image {patch.shape} and truth {mask.shape} must have one shape.")
    runs = [run_blocks(model, patch, _list_off(on)) for on in range(ALL_ON + 1)]
    atlas = Atlas()
    image_top = atlas.add(scale_maps(patch[None], find_limits(patch[None])) ** 0.7)  # brighter
    blocks = [_add_block(atlas, name, model, runs) for name in BLOCKS]
    maps, atlas_png = atlas.encode("atlas.png")
    changes, changes_png = _encode_changes([run["out_conv"][0] > 0 for run in runs], "changes.png")
    data = {
        "side": len(patch),
        "parameters": sum(p.numel() for p in model.parameters()),
        "imageTop": image_top,
        "blocks": blocks,
        "changes": [_measure_change(runs, on, mask) for on in range(ALL_ON + 1)],
        "maps": maps,
        "change": changes,
        "outline": "" if mask is None else draw_outline(mask),
    }
    return data, {"atlas.png": atlas_png, "changes.png": changes_png}


def _list_off(on: int) -> list[int]:
    return [level for level in range(LEVELS_DOWN) if not on >> level & 1]


def _add_block(
    atlas: Atlas, name: str, model: nn.Module, runs: list[dict[str, np.ndarray]]
) -> dict[str, Any]:
    """Add a block's liveliest maps to the atlas, once for each set of skips that it depends on.

    An up block depends on the skips of its level and below: its strips are `tops[on >> level]`.
    """
    maps = runs[ALL_ON][name]
    block = {
        "name": name,
        "channels": len(maps),
        "side": maps.shape[1],
        "parameters": sum(p.numel() for p in getattr(model, name).parameters()),
    }
    if name not in (*ENCODER, *DECODER):
        return block
    chosen = find_liveliest(maps, SHOWN)
    limits = find_limits(maps[chosen])
    level = level_of(name)
    variants = range((ALL_ON >> level) + 1) if name in DECODER else [ALL_ON >> level]
    shown = [scale_maps(runs[variant << level][name][chosen], limits) for variant in variants]
    return {**block, "shown": len(chosen), "tops": [atlas.add(each) for each in shown]}


def _measure_change(
    runs: list[dict[str, np.ndarray]], on: int, truth: np.ndarray | None
) -> dict[str, Any]:
    before, now = (run["out_conv"][0] > 0 for run in (runs[ALL_ON], runs[on]))
    change = compare_masks(before, now)
    counts = {"pixels": int(now.sum()), "gained": change.gained, "lost": change.lost}
    score = {} if truth is None else {"dice": round(dice(now, truth), 3)}
    return {**counts, "near": change.near_outline, **score}


def _encode_changes(masks: list[np.ndarray], href: str) -> tuple[dict[str, Any], bytes]:
    """Encode the masks side by side: what stayed, what was gained, and what was lost."""
    before = masks[ALL_ON]
    tiles = [(before & now) + 2 * (now & ~before) + 3 * (before & ~now) for now in masks]
    picture = Image.fromarray(np.concatenate(tiles, axis=1).astype(np.uint8))
    picture.putpalette([part for colour in _COLOURS for part in colour])
    buffer = io.BytesIO()
    picture.save(buffer, "png", optimize=True, bits=2, transparency=_OPACITIES)
    return {"href": href, "width": picture.width, "height": picture.height}, buffer.getvalue()


def draw_outline(mask: np.ndarray) -> str:
    """Draw a mask's outline along the edges of its pixels: the `d` of an SVG path.

    A mask of the one pixel in row 0, column 0 gives "M0 0h1M0 1h1M0 0v1M1 0v1".
    """
    padded = np.pad(np.asarray(mask, dtype=bool), 1)
    across = [(f"M{start} {row}h", length) for row, start, length in _find_runs(padded)]
    down = [(f"M{row} {start}v", length) for row, start, length in _find_runs(padded.T)]
    return "".join(f"{move}{length}" for move, length in across + down)


def _find_runs(padded: np.ndarray) -> list[tuple[int, int, int]]:
    """Find where a row differs from the one above: (row, first column, columns) of each run."""
    runs = []
    for row, line in enumerate(padded[1:] != padded[:-1]):
        turns = np.flatnonzero(np.diff(np.r_[False, line, False]))
        runs += [
            (row, int(first) - 1, int(last - first))
            for number, (first, last) in enumerate(pairwise(turns))
            if number % 2 == 0
        ]
    return runs
