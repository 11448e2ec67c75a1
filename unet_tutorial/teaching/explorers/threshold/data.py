"""What the explorer of the threshold shows: levels, pieces and, as PNG, their pixels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from unet_tutorial.teaching.explorers.frame.atlas import Atlas
from unet_tutorial.teaching.explorers.threshold.counting import (
    label_pieces,
    split_pieces,
    tally,
)
from unet_tutorial.teaching.explorers.threshold.levels import choose_levels, find_levels

SMOOTHINGS, DISTANCES = (0, 1, 2, 3), (3, 5, 7, 9)  # as chapter 12 tries them
_SHADES = 60, 99.5  # percent of the pixels that are black, and that aren't white

Pictures = dict[str, bytes]


def export_data() -> tuple[dict[str, Any], Pictures]:
    """Compute what the explorer ships: the images of the chapters that use it.

    Returns:
        What data.json contains, and the pictures that it refers to, by file name.
    """
    scenes, pictures = {}, {}
    for key, given in _list_shipped().items():
        scenes[key], own = compute_scene(key, **given)
        pictures.update(own)
    return {"scenes": scenes}, pictures


def _list_shipped() -> dict[str, dict[str, Any]]:
    from unet_tutorial.data import load_nuclei, normalise, split_strips
    from unet_tutorial.prediction import predict
    from unet_tutorial.unet import load_trained_unet

    raw, labels = load_nuclei()
    grey, nuclei = split_strips(raw).train.T, split_strips(labels).train.T
    image = normalise(raw, reference=split_strips(raw).train)
    probability = predict(load_trained_unet(), image)[0]
    train, validation = (
        dict(zip(("image", "values", "truth"), strips, strict=True))
        for strips in (
            [getattr(split_strips(each), name).T for each in (image, probability, labels)]
            for name in ("train", "validation")
        )
    )
    patch = image[200:328, 352:480]
    return {
        "watershed": {**train, "count": "watershed"},  # chapter 12
        "train": {"image": grey, "values": grey, "truth": nuclei, "name": "grey value"},  # 01
        "patch": {"image": patch, "values": predict(load_trained_unet(), patch)[0]},  # 07
        "validation": validation,  # 11
    }


def compute_scene(
    key: str,
    image: np.ndarray,
    values: np.ndarray,
    truth: np.ndarray | None = None,
    name: str = "probability",
    count: str | None = None,
) -> tuple[dict[str, Any], Pictures]:
    """Compute what the explorer shows of one image.

    Args:
        key: what its pictures' file names begin with.
        image: (H, W), shown in grey.
        values: (H, W), which the threshold cuts.
        truth: the expert's nuclei, integers (H, W), 0 = background; or None.
        name: what the values are called.
        count: None, "pieces" or "watershed".

    Returns:
        What the browser gets, and its pictures by file name.
    """
    levels = choose_levels(values, name)
    above = find_levels(values, levels.thresholds)
    nuclei = (
        None if truth is None else np.unique(truth, return_inverse=True)[1].reshape(truth.shape)
    )
    scene = {
        "name": name,
        "width": values.shape[1],
        "height": values.shape[0],
        "low": round(float(levels.thresholds[0]), 6),
        "step": round(float(levels.thresholds[1] - levels.thresholds[0]), 8),
        "digits": levels.digits,
        "start": levels.start,
        "bars": np.bincount(above.ravel(), minlength=len(levels.thresholds) + 1).tolist(),
    }
    pictures = {f"{key}_values.png": _encode(above)}
    scene["values"] = {"href": f"{key}_values.png"}
    if not np.array_equal(image, values):
        scene["image"], pictures[f"{key}_image.png"] = _shade(image).encode(f"{key}_image.png")
    maps = [] if nuclei is None else [nuclei]
    if nuclei is not None:
        inside = np.bincount(above[nuclei > 0], minlength=len(scene["bars"]))
        scene |= {"nuclei": int(nuclei.max()), "inside": inside.tolist()}
    if count:
        scene["pieces"] = _count_at_each(above, nuclei, len(levels.thresholds))
    if count == "watershed":
        mask = above > levels.start
        splits = [split_pieces(mask, s, d) for s in SMOOTHINGS for d in DISTANCES]
        scene["splits"] = [_describe(each, nuclei) for each in splits]
        maps += splits
    if maps:
        scene["maps"] = {"href": f"{key}_maps.png", "count": len(maps)}
        pictures[f"{key}_maps.png"] = _encode(_interleave(maps))
    return scene, pictures


def _count_at_each(above: np.ndarray, nuclei: np.ndarray | None, count: int) -> list[Any]:
    return [_describe(label_pieces(above > i), nuclei) for i in range(count)]


def _describe(pieces: np.ndarray, nuclei: np.ndarray | None) -> list[Any]:
    """Return the tally as a list; without nuclei, of the number of pieces alone."""
    return [int(pieces.max())] if nuclei is None else list(tally(pieces, nuclei))


def _shade(image: np.ndarray) -> Atlas:
    """Return an atlas with the image alone, in 16 greys."""
    low, high = np.percentile(image, _SHADES)
    atlas = Atlas()
    atlas.add(((image - low) / (high - low or 1)).clip(0, 1)[None])
    return atlas


def _interleave(maps: list[np.ndarray]) -> np.ndarray:
    """Stack the first rows of all maps, then the second ones, and so on.

    Neighbouring rows are nearly equal then, and PNG packs them ten times smaller.
    """
    return np.stack(maps, axis=1).reshape(-1, maps[0].shape[1]).astype(np.uint16)


def _encode(pixels: np.ndarray) -> bytes:
    """Encode integers (H, W), of 8 or 16 bits, as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", optimize=True)
    return buffer.getvalue()
