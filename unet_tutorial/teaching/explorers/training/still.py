"""A picture of a training for a saved notebook: the patch, and the predictions side by side."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from unet_tutorial.teaching.explorers.training.record import Record

_SCALE, _GAP, _FOOT, _COLOURS = 2, 8, 22, 32  # pixels
_OUTLINE, _INK, _PAPER = (246, 195, 68), (27, 39, 51), (255, 255, 255)


def draw_still(record: Record) -> bytes:
    """Draw the patch and each frame of a record, with the expert's outline, as PNG."""
    frames = [record.frames[slot] for slot in sorted(record.frames)]
    tiles = [record.image, *(frame.probability for frame in frames)]
    labels = ["image", *(_name_frame(frame.epoch, frame.stopped) for frame in frames)]
    rows, columns = (_SCALE * side for side in record.mask.shape)
    picture = Image.new("RGB", (measure_still(record), rows + _FOOT), _PAPER)
    pen = ImageDraw.Draw(picture)
    for number, (tile, label) in enumerate(zip(tiles, labels, strict=True)):
        left = number * (columns + _GAP)
        picture.paste(Image.fromarray(_draw_tile(tile, record.mask)), (left, 0))
        pen.text((left, rows + 4), label, fill=_INK)
    buffer = io.BytesIO()
    picture.quantize(_COLOURS, dither=0).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def measure_still(record: Record) -> int:
    """Return how many pixels wide the picture is."""
    return (len(record.frames) + 1) * (_SCALE * record.mask.shape[1] + _GAP) - _GAP


def _name_frame(epoch: int, stopped: bool) -> str:
    return "end" if stopped else f"epoch {epoch}" if epoch else "start"


def _draw_tile(shades: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Draw shades from 0 to 1 with the outline of a mask: uint8 (2 H, 2 W, 3)."""
    large, inside = (part.repeat(_SCALE, 0).repeat(_SCALE, 1) for part in (shades, mask))
    around = np.pad(inside, 1, mode="edge")
    kept = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    colours = np.round(15 * large.clip(0, 1))[..., None].repeat(3, axis=2) * 17
    colours[inside & ~kept] = _OUTLINE
    return colours.astype(np.uint8)
