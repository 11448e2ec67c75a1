"""The explorer of the threshold: drag it, and see which pixels, Dice and pieces change."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from unet_tutorial.teaching.explorers.threshold.levels import PROBABILITY

if TYPE_CHECKING:
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

COUNTS = (None, "pieces", "watershed")
FIRST = "watershed"  # the shipped scene that needs no settings
_MOST_PIXELS = 1_000_000
_PIXELS_APART = 0.02  # of all, as other processors round otherwise
_NOT_PIXELS = "values", "image", "maps", "bars", "inside", "pieces", "splits"


def threshold(
    image: Any,
    values: Any,
    truth: Any = None,
    *,
    name: str = PROBABILITY,
    count: str | None = None,
) -> ExplorerWidget:
    """Return an explorer of the threshold that turns values into a mask.

    Args:
        image: shown in grey: an array or a tensor (H, W), or with axes of length 1 before these.
        values: of the same shape; the mask is where they're above the threshold. Probabilities,
            from 0 to 1, or anything else that `name` says.
        truth: the expert's nuclei, integers of the same shape, 0 = background; or their mask, whose
            connected components are taken for nuclei. With it, the explorer shows the Dice.
        name: what the values are called, such as "grey value".
        count: None; "pieces" counts the connected components of the mask; "watershed" also splits
            those of the first threshold, as chapter 12 does.

    Raises:
        ValueError: the shapes differ or are too large, values aren't finite, a probability isn't
            from 0 to 1, the truth isn't of whole numbers, or there's no such count.

    Example:
        `threshold(strip, strip, labels, name="grey value")` opens on a high threshold.

    Used in chapters 01, 07, 11 and 12.
    """
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget, inline_pictures
    from unet_tutorial.teaching.explorers.threshold.data import compute_scene

    if count not in COUNTS:
        raise ValueError(f'count must be None, "pieces" or "watershed", not {count!r}.')
    if not isinstance(name, str) or not name.replace(" ", "").isalnum():
        raise ValueError(f'name must be words, such as "grey value", not {name!r}.')
    planes = _require_planes(image, values, truth)
    _check_values(planes["values"], name)
    scene, pictures = compute_scene("own", **planes, name=name, count=count)
    same = _find_shipped(scene, pictures)
    settings = None if same is None else {} if same == FIRST else {"scene": same}
    own = {"scenes": {"own": inline_pictures(scene, pictures)}, "scene": "own"}
    return ExplorerWidget("threshold", own_data=own, same_as=settings)


def _require_planes(image: Any, values: Any, truth: Any) -> dict[str, np.ndarray]:
    given = {"image": image, "values": values}
    planes = {key: _require_plane(key, array) for key, array in given.items()}
    if truth is not None:
        planes["truth"] = _require_truth(_require_plane("truth", truth))
    shapes = {plane.shape for plane in planes.values()}
    if len(shapes) > 1:
        listed = ", ".join(f"{key} {plane.shape}" for key, plane in planes.items())
        raise ValueError(f"image, values and truth must have one shape (H, W), not {listed}.")
    return planes


def _require_plane(name: str, array: Any) -> np.ndarray:
    """Return an array (H, W) of finite numbers; axes of length 1 before these are dropped."""
    from unet_tutorial.metrics import to_array

    plane = to_array(array)
    while plane.ndim > 2 and plane.shape[0] == 1:
        plane = plane[0]
    if plane.ndim != 2 or plane.size == 0:
        raise ValueError(f"{name} must have the shape (H, W), not {plane.shape}.")
    if plane.size > _MOST_PIXELS:
        raise ValueError(
            f"{name} has {plane.size:,} pixels, and {_MOST_PIXELS:,} are the most that can be "
            "shown. Give a piece of it, for example image[:512, :512]."
        )
    if plane.dtype.kind not in "biuf" or not np.isfinite(plane).all():
        raise ValueError(f"{name} must contain finite numbers.")
    return plane.astype(int) if plane.dtype.kind == "b" else plane


def _require_truth(truth: np.ndarray) -> np.ndarray:
    """Return numbered nuclei: those given, or the connected components of a mask."""
    if truth.min() < 0 or not np.array_equal(truth, np.rint(truth)):
        raise ValueError("truth must be whole numbers: 0, or the number of a nucleus.")
    if truth.max() > 1:
        return truth.astype(int)
    from unet_tutorial.teaching.explorers.threshold.counting import label_pieces

    return label_pieces(truth > 0)


def _check_values(values: np.ndarray, name: str) -> None:
    if name == PROBABILITY and not 0 <= values.min() <= values.max() <= 1:
        raise ValueError(
            f"Probabilities are from 0 to 1, but the values are from {values.min():.4g} to "
            f'{values.max():.4g}. Say what they are, for example name="logit".'
        )


def _find_shipped(scene: Mapping[str, Any], pictures: Mapping[str, bytes]) -> str | None:
    """Find the shipped scene that shows the same, so that its still can be saved."""
    from unet_tutorial.teaching.explorers.frame.widget import read_data

    for key, shipped in read_data("threshold")["scenes"].items():
        if _describe(scene) == _describe(shipped) and all(
            _is_like(pictures[scene[part]["href"]], shipped[part]["href"])
            for part in ("values", "image")
            if part in scene
        ):
            return key
    return None


def _describe(scene: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a scene says besides its pixels, and which parts it has."""
    said = {key: value for key, value in scene.items() if key not in _NOT_PIXELS}
    return said | {"parts": sorted(scene)}


def _is_like(png: bytes, shipped: str) -> bool:
    """Whether nearly all pixels of a picture are those of another, a data URL."""
    from PIL import Image

    own, other = (
        np.asarray(Image.open(io.BytesIO(each)))
        for each in (png, base64.b64decode(shipped.partition(",")[2]))
    )
    return own.shape == other.shape and bool((own != other).mean() <= _PIXELS_APART)
