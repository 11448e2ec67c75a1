"""Maps of a network as one small PNG: strips of tiles, 16 greys, 4 bits a pixel.

In the browser a tile is a window onto this picture, so another tile appears without decoding.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

GREYS = 16
_BITS = 4


def find_liveliest(maps: np.ndarray, count: int) -> np.ndarray:
    """Return the numbers of the maps with the largest spread, largest first.

    Args:
        maps: (C, H, W).
        count: how many at most.
    """
    return np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:count]


def find_limits(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the black and the white of each map: its 1st and its 99th percentile, each (C, 1, 1).

    A map of a single value gets limits that differ, so that it can be scaled.
    """
    low, high = np.percentile(maps, [1, 99], axis=(1, 2))[..., None, None]
    return low, np.maximum(high, low + 1e-6)


def scale_maps(maps: np.ndarray, limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Scale maps (C, H, W) so that their limits become 0 and 1; the rest is clipped."""
    low, high = limits
    return ((maps - low) / (high - low)).clip(0, 1)


class Atlas:
    """A picture that strips of tiles are added to, one below the other.

    Example:
        `top = atlas.add(shades)` adds the maps (C, H, W), side by side, at the row `top`.
    """

    def __init__(self) -> None:
        self._strips: list[np.ndarray] = []

    @property
    def height(self) -> int:
        """Rows so far."""
        return sum(len(strip) for strip in self._strips)

    def add(self, shades: np.ndarray) -> int:
        """Add maps from 0 to 1, shape (C, H, W), as a strip; return its first row."""
        top = self.height
        self._strips.append(np.round(np.concatenate(shades, axis=1) * (GREYS - 1)).astype(np.uint8))
        return top

    def encode(self, href: str) -> tuple[dict[str, Any], bytes]:
        """Return what data.json says about the picture, and the picture as PNG.

        Args:
            href: the picture's file name.
        """
        width = max(strip.shape[1] for strip in self._strips)
        padded = [np.pad(strip, ((0, 0), (0, width - strip.shape[1]))) for strip in self._strips]
        picture = Image.fromarray(np.concatenate(padded))
        picture.putpalette([grey * 255 // (GREYS - 1) for grey in range(GREYS) for _ in range(3)])
        buffer = io.BytesIO()
        picture.save(buffer, "png", optimize=True, bits=_BITS)
        return {"href": href, "width": width, "height": self.height}, buffer.getvalue()
