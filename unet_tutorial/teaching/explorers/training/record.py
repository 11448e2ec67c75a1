"""What is kept of a training: its curves, and what the network predicted of one patch."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from unet_tutorial.teaching.drawing.intensity import scale_intensity
from unet_tutorial.teaching.explorers.frame.atlas import Atlas
from unet_tutorial.teaching.explorers.the_u.data import draw_outline

MOST_SLOTS = 17  # predictions that are kept: at the start, and after up to 16 epochs
_LARGEST = 128  # pixels; the longer side of a picture of the patch
_DIGITS = 4  # of a loss or a Dice


class Frame(NamedTuple):
    """One prediction of the patch.

    Args:
        epoch: the number of epochs before it.
        probability: (H, W), as large as the picture of the patch.
        stopped: whether it was made in the middle of the next epoch, when training was stopped.
    """

    epoch: int
    probability: np.ndarray
    stopped: bool = False


class Record:
    """The frames of a training, at most one for each slot of the film strip.

    Args:
        image: the patch (H, W).
        mask: the expert's, bool (H, W).
        epochs: of the whole training. If there are more than 16, several share a slot.
    """

    def __init__(self, image: np.ndarray, mask: np.ndarray, epochs: int):
        self.epochs, self.last_slot = epochs, min(epochs, MOST_SLOTS - 1)
        self.image = _shrink(scale_intensity(image))
        self.mask = _shrink(mask.astype(float)) > 0.5
        self.outline = draw_outline(self.mask)
        self.frames: dict[int, Frame] = {}  # by slot

    def find_slot(self, epoch: int) -> int:
        """Return the slot of an epoch; 0 is for the start alone."""
        return -(-epoch * self.last_slot // self.epochs)

    def add(self, epoch: int, probability: np.ndarray, *, stopped: bool = False) -> None:
        """Keep a prediction (H, W); one that is in its slot already is replaced."""
        slot = min(self.find_slot(epoch) + stopped, self.last_slot)
        self.frames[slot] = Frame(epoch, _shrink(np.nan_to_num(probability)), stopped)

    def has(self, epoch: int) -> bool:
        """Whether there's a frame of just this epoch."""
        return any(frame.epoch == epoch and not frame.stopped for frame in self.frames.values())

    def pack(
        self, curves: dict[str, list[float]], *, running: bool, ending: str
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Pack the record for the browser.

        Args:
            curves: "training" and "validation" losses and "dice", one number an epoch.
            running: whether there is more to come.
            ending: a sentence about how it ended.

        Returns:
            What data.json contains, and the picture that it refers to, by file name.
        """
        atlas, frames = Atlas(), [self.frames[slot] for slot in sorted(self.frames)]
        tops = {"image": atlas.add(self.image[None])}
        if frames:
            shades = np.stack([frame.probability for frame in frames]).clip(0, 1)
            tops["probability"] = atlas.add(shades)
            tops["mask"] = atlas.add((shades > 0.5).astype(float))
        href, png = atlas.encode("frames.png")
        rows, columns = self.mask.shape
        data = {
            "epochs": self.epochs,
            "slots": self.last_slot + 1,
            "rows": rows,
            "columns": columns,
            "outline": self.outline,
            "frames": [self._describe(slot) for slot in sorted(self.frames)],
            "curves": {
                name: [round(v, _DIGITS) for v in values] for name, values in curves.items()
            },
            "running": running,
            "ending": ending,
            "tops": tops,
            "atlas": href,
        }
        return data, {"frames.png": png}

    def _describe(self, slot: int) -> dict[str, Any]:
        """Describe a frame; `same` is the share of pixels that are on their last side of 0.5."""
        frame, last = self.frames[slot], self.frames[max(self.frames)]
        same = float(((frame.probability > 0.5) == (last.probability > 0.5)).mean())
        return {
            "epoch": frame.epoch,
            "slot": slot,
            "same": round(same, 3),
            "stopped": frame.stopped,
        }


def list_curves(history: Any) -> dict[str, list[float]]:
    """List the curves of fit's History: "training" and "validation" losses and "dice"."""
    names = {"training": "train_loss", "validation": "validation_loss", "dice": "validation_dice"}
    kept = {} if history is None else vars(history)
    return {name: [float(v) for v in kept.get(names[name], [])] for name in names}


def _shrink(image: np.ndarray) -> np.ndarray:
    """Average squares of pixels if a side is longer than a picture's."""
    factor = -(-max(image.shape) // _LARGEST)
    rows, columns = (max(1, side // factor) * factor for side in image.shape)
    padded = np.pad(
        image,
        [(0, max(0, n - s)) for n, s in zip((rows, columns), image.shape, strict=True)],
        mode="edge",
    )
    return (
        padded[:rows, :columns]
        .reshape(rows // factor, factor, columns // factor, factor)
        .mean(axis=(1, 3))
    )
