"""Watch a training while it runs: its curves, its progress, and what it predicts by now."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display

from unet_tutorial.prediction import predict
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.teaching.explorers.controls import LABEL
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.training.picture import draw_training

REST = 25  # times as long as a drawing took, none follows
PAUSE = 0.5  # seconds between two drawings, at least
START = "No epoch is done yet. The last picture is what the weights of the start predict."
NONE_DONE = (
    "No epoch was seen here: training was stopped during the first, or had nothing left to do. The "
    "model can predict all the same: the last picture is its prediction."
)
WATCH = "Run this cell to train again, and watch."
SEEN = "Curves of the loss and of the validation Dice; a patch, the expert's mask, the prediction."


class Training(Explorer):
    """What `training` returns: an explorer whose only control is moved by the epochs.

    Args:
        model, image, mask, epochs: as for `training`.

    Example:
        `with Training(model, image, mask, 8) as watch: fit(..., on_epoch=watch)`

    Source: none. Chapter 10.
    """

    hint = WATCH

    def __init__(self, model: Any, image: np.ndarray, mask: np.ndarray, epochs: int):
        self.image, self.mask = np.asarray(image), np.asarray(mask) > 0
        if self.image.ndim != 2 or self.image.shape != self.mask.shape:
            shapes = f"{self.image.shape} and {self.mask.shape}"
            raise ValueError(f"image and mask must have one shape (H, W); {shapes} came.")
        self.model, self.epochs = model, check_whole("epochs", epochs, at_least=1)
        self.history: Any = None
        self.ending = ""  # how it ended, in words, once it has
        self._failed = False
        self._now: np.ndarray | None = None  # the latest prediction
        self._next = 0.0  # when it is time to draw again
        self._handle: Any = None
        bar = ipywidgets.IntProgress(value=0, min=0, max=self.epochs, style=LABEL)
        super().__init__("training", {"epoch": bar}, self._draw_epoch)
        self._keeps = True  # the model may change after the training has been shown
        self._name_epoch()

    def __enter__(self) -> Training:
        self._handle = display(self, display_id=True)
        return self

    def __call__(self, epoch: int, history: Any, model: Any) -> None:
        """Follow one epoch: what `fit` calls on_epoch with."""
        self.history, self.model = history, model
        self.controls["epoch"].value = epoch

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped = kind is None or issubclass(kind, KeyboardInterrupt)
        self._failed = not stopped
        bar = self.controls["epoch"]
        # A stop may come after an epoch, before that is told here.
        done = bar.value if self.history is None else self.history.epochs
        self.ending = self._how_it_ended(done)
        self._drawn = None  # perhaps no epoch more, but other words
        if done == bar.value:
            self._moved(None)
        else:
            bar.value = done
        if self._handle is not None:
            self._handle.update(self)  # the page without a kernel keeps the picture of the end

    def _how_it_ended(self, done: int) -> str:
        epochs = self.epochs
        if self._failed:
            return f"Training ended with an error after {done} of {epochs} epochs."
        if done == epochs:
            return f"All {epochs} epochs are done."
        if done == 0:
            return NONE_DONE
        return (
            f"Training was stopped after {done} of {epochs} epochs. The model keeps the weights of "
            "that moment and can predict: the last picture is its prediction."
        )

    def _name_epoch(self) -> None:
        bar = self.controls["epoch"]
        bar.description = f"epoch {bar.value} of {self.epochs}"

    def _moved(self, change: Any) -> None:
        """Draw where it is time to; the first epoch, the last and the end are always drawn."""
        self._name_epoch()
        self._view = None  # an epoch that is left out on the page is still drawn for who asks
        start = time.monotonic()
        last = self.ending or self.controls["epoch"].value == self.epochs
        if last or start >= self._next:
            super()._moved(change)
            end = time.monotonic()
            self._next = end + max(PAUSE, REST * (end - start))

    def _draw_epoch(self, epoch: int) -> View:
        if self._now is None or not self._failed:  # after an error, weights may be no numbers
            self._now = np.nan_to_num(predict(self.model, self.image)[0])
        record = vars(self.history) if self.history else {}
        names = "train_loss", "validation_loss", "validation_dice"
        train, validation, dice = (record.get(name, []) for name in names)
        losses = {"training": train, "validation": validation}
        seen = self.image, self.mask, self._now
        figure = draw_training(*seen, losses, dice, self.epochs)
        said = self.ending or (f"Epoch {epoch} of {self.epochs} is done." if train else START)
        curves = {"training loss": train, "validation loss": validation, "validation Dice": dice}
        return View(figure, f"{SEEN} {said}", f"{said}\n{self._in_numbers(curves)}".strip())

    def _in_numbers(self, curves: dict[str, list[float]]) -> str:
        """The ends of the curves, in fewer digits at the end: then machines agree on them."""
        digits = 1 if self.ending else 2
        said = [
            f"{name} from {values[0]:.{digits}f} to {values[-1]:.{digits}f}"
            for name, values in curves.items()
            if len(values) > 1
        ]
        return f"Since the first epoch: {', '.join(said)}." if said else ""


def training(model: Any, image: np.ndarray, mask: np.ndarray, *, epochs: int) -> Training:
    """Show a training while it runs: progress, loss, Dice, and the prediction of one patch.

    Use it as a context, and give it to `fit` to be called after each epoch. It is shown where the
    context begins; at its end it says how training ended. The first epoch, the last and the end
    are always drawn. After a drawing none follows for 25 times as long as it took, so that those
    between take less than a twenty-fifth of the time: where epochs are short, some are left out.

    Args:
        model: the network that is to be trained, with one class.
        image: a patch (H, W) of the validation strip, scaled as in training.
        mask: the expert's, (H, W), above 0 where foreground is.
        epochs: as for `fit`.

    Returns:
        The explorer, whose progress bar is moved by the epochs.

    Raises:
        ValueError: shapes that differ, or epochs that are no whole number or below 1.

    Example:
        with training(model, image, mask, epochs=8) as watch:
            history = fit(model, loader, epochs=8, learning_rate=0.003, on_epoch=watch)

    Source: none. Chapter 10.
    """
    return Training(model, image, mask, epochs)
