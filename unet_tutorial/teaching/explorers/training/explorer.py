"""Explorer of a training while it runs: progress, curves, and the current prediction."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display

from unet_tutorial.prediction import predict
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.teaching.explorers.controls import LABEL_STYLE
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.training.picture import draw_training

_REST_FACTOR = 25  # after a drawing, wait this many times as long as it took
_MIN_PAUSE = 0.5  # seconds between two drawings, at least
_NOT_STARTED = "No epoch is done yet. The last picture is what the weights of the start predict."
_NO_EPOCH_DONE = (
    "No epoch was seen here: training was stopped during the first, or had nothing left to do. The "
    "model can predict all the same: the last picture is its prediction."
)
_RUN_AGAIN = "Run this cell to train again, and watch."
_ALT = "Curves of the loss and of the validation Dice; a patch, the expert's mask, the prediction."


class TrainingExplorer(Explorer):
    """Explorer of a training; its only control, the progress bar, follows the epochs.

    Args:
        model, image, mask, epochs: as for `training`.

    Example:
        `with TrainingExplorer(model, image, mask, 8) as watch: fit(..., on_epoch=watch)`
    """

    hint = _RUN_AGAIN

    def __init__(self, model: Any, image: np.ndarray, mask: np.ndarray, epochs: int):
        self.image, self.mask = np.asarray(image), np.asarray(mask) > 0
        if self.image.ndim != 2 or self.image.shape != self.mask.shape:
            shapes = f"{self.image.shape} and {self.mask.shape}"
            raise ValueError(f"image and mask must have one shape (H, W), not {shapes}.")
        self.model, self.epochs = model, check_whole("epochs", epochs, at_least=1)
        self.history: Any = None
        self.ending = ""  # a sentence once the training has ended
        self._failed = False
        self._now: np.ndarray | None = None  # the latest prediction
        self._next = 0.0  # earliest time of the next drawing
        self._handle: Any = None
        bar = ipywidgets.IntProgress(value=0, min=0, max=self.epochs, style=LABEL_STYLE)
        super().__init__("training", {"epoch": bar}, self._draw_epoch)
        self._keep_view = True  # the model may change later, and a new drawing would show that
        self._label_epoch()

    def __enter__(self) -> TrainingExplorer:
        self._handle = display(self, display_id=True)
        return self

    def __call__(self, epoch: int, history: Any, model: Any) -> None:
        """Show one epoch; `fit` calls this as its `on_epoch`."""
        self.history, self.model = history, model
        self.controls["epoch"].value = epoch

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped = kind is None or issubclass(kind, KeyboardInterrupt)
        self._failed = not stopped
        bar = self.controls["epoch"]
        # You may stop the training after an epoch, but before `fit` has called us for it.
        done = bar.value if self.history is None else self.history.epochs
        self.ending = self._describe_end(done)
        self._shown_values = None  # the text has changed, even if the epoch hasn't
        if done == bar.value:
            self._update(None)
        else:
            bar.value = done
        if self._handle is not None:
            self._handle.update(self)  # so the saved notebook shows the final picture

    def _describe_end(self, done: int) -> str:
        epochs = self.epochs
        if self._failed:
            return f"Training ended with an error after {done} of {epochs} epochs."
        if done == epochs:
            return f"All {epochs} epochs are done."
        if done == 0:
            return _NO_EPOCH_DONE
        return (
            f"Training was stopped after {done} of {epochs} epochs. The model keeps the weights of "
            "that moment and can predict: the last picture is its prediction."
        )

    def _label_epoch(self) -> None:
        bar = self.controls["epoch"]
        bar.description = f"epoch {bar.value} of {self.epochs}"

    def _update(self, change: Any) -> None:
        """Draw if enough time has passed; always draw the first epoch, the last and the end."""
        self._label_epoch()
        self._view = None  # so `view` is up to date even if the page isn't
        start = time.monotonic()
        last = self.ending or self.controls["epoch"].value == self.epochs
        if last or start >= self._next:
            super()._update(change)
            end = time.monotonic()
            self._next = end + max(_MIN_PAUSE, _REST_FACTOR * (end - start))

    def _draw_epoch(self, epoch: int) -> View:
        if self._now is None or not self._failed:  # after an error, weights may be NaN
            self._now = np.nan_to_num(predict(self.model, self.image)[0])
        record = vars(self.history) if self.history else {}
        names = "train_loss", "validation_loss", "validation_dice"
        train, validation, dice = (record.get(name, []) for name in names)
        losses = {"training": train, "validation": validation}
        patches = self.image, self.mask, self._now
        figure = draw_training(*patches, losses, dice, self.epochs)
        state = self.ending or (
            f"Epoch {epoch} of {self.epochs} is done." if train else _NOT_STARTED
        )
        curves = {"training loss": train, "validation loss": validation, "validation Dice": dice}
        return View(figure, f"{_ALT} {state}", f"{state}\n{self._format_curves(curves)}".strip())

    def _format_curves(self, curves: dict[str, list[float]]) -> str:
        """Format both ends of the curves; the final text has fewer digits, so machines agree."""
        digits = 1 if self.ending else 2
        changes = [
            f"{name} from {values[0]:.{digits}f} to {values[-1]:.{digits}f}"
            for name, values in curves.items()
            if len(values) > 1
        ]
        return f"Since the first epoch: {', '.join(changes)}." if changes else ""


def training(model: Any, image: np.ndarray, mask: np.ndarray, *, epochs: int) -> TrainingExplorer:
    """Return an explorer that shows a training: progress, loss, Dice, and one patch's prediction.

    Use it as a context manager and pass it to `fit` as `on_epoch`. It appears when the block
    starts, and at the end it says how the training ended. The first epoch, the last and the end
    are always drawn. Between those, a drawing is followed by none for 25 times as long as it took,
    so the drawings cost less than 4% of the time; short epochs may be skipped.

    Args:
        model: the network to train, with one class.
        image: a patch (H, W) of the validation strip, scaled as in training.
        mask: the expert's mask (H, W), above 0 in the foreground.
        epochs: as for `fit`.

    Returns:
        The explorer; its progress bar follows the epochs.

    Raises:
        ValueError: the shapes differ, or `epochs` isn't a whole number or is below 1.

    Example:
        with training(model, image, mask, epochs=8) as watch:
            history = fit(model, loader, epochs=8, learning_rate=0.003, on_epoch=watch)

    Used in chapter 10.
    """
    return TrainingExplorer(model, image, mask, epochs)
