"""The explorer of max pooling: point at a pixel to see whether it wins its window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unet_tutorial.teaching.explorers.frame.small_image import list_rows

if TYPE_CHECKING:
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

SIDES = (2, 9)  # least and most pixels of an image's side


def pooling(image: Any = None) -> ExplorerWidget:
    """Return an explorer of max pooling with windows of 2 × 2, two pixels apart.

    Args:
        image: numbers to pool instead of a piece of the nuclei image: an array, a tensor or lists,
            of shape (H, W), with 2 to 9 pixels a side.

    Raises:
        ValueError: the image has another shape, or contains anything but finite numbers.

    Example:
        `pooling()` opens on 7 × 7 grey values at the edge of a nucleus. Their largest, 223, wins
        its window, and no window reaches the last row and column.

    Used in chapter 04.
    """
    from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget

    return ExplorerWidget("pooling", {"image": list_rows(image, *SIDES)})
