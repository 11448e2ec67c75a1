"""The widget that follows a training: what it shows while it runs, and what is saved at the end."""

from __future__ import annotations

import base64
import json
import time
from functools import cached_property
from types import TracebackType
from typing import Any

import numpy as np
from IPython.display import display

from unet_tutorial.prediction import predict
from unet_tutorial.shapes.layers import check_whole
from unet_tutorial.teaching.explorers.frame.widget import ExplorerWidget, Still, inline_pictures
from unet_tutorial.teaching.explorers.training.record import Record, list_curves
from unet_tutorial.teaching.explorers.training.still import draw_still, measure_still

_REST_FACTOR = 40  # after a look at the network, wait this many times as long as it took
_NOT_STARTED = "No epoch is done yet."
_NO_EPOCH_DONE = (
    "No epoch was seen here: training was stopped during the first, or had nothing left to do. The "
    "model can predict all the same."
)
_LABEL = (
    "A patch of the image and, next to it, what the network predicted of it before training and "
    "after some epochs, each with the expert's outline"
)


class TrainingExplorer(ExplorerWidget):
    """Explorer that follows a training.

    Args:
        model, image, mask, epochs: as for `training`.

    Example:
        `with TrainingExplorer(model, image, mask, 8) as watch: fit(..., on_epoch=watch)`
    """

    hint = "Run this cell to train again, and watch."

    def __init__(self, model: Any, image: np.ndarray, mask: np.ndarray, epochs: int):
        image, mask = np.asarray(image), np.asarray(mask) > 0
        if image.ndim != 2 or image.shape != mask.shape:
            raise ValueError(
                f"image and mask must have one shape (H, W), not {image.shape} and {mask.shape}."
            )
        self.model, self.image, self.history = model, image, None
        self.epochs = check_whole("epochs", epochs, at_least=1)
        self.ending = ""  # a sentence once the training has ended
        self.record = Record(image, mask, self.epochs)
        self._running = False
        self._handle: Any = None
        self._next = 0.0  # earliest time of the next look
        super().__init__("training", own_data=self._pack())

    @property
    def epochs_done(self) -> int:
        """Number of epochs so far."""
        return 0 if self.history is None else self.history.epochs

    def __enter__(self) -> TrainingExplorer:
        self._running = True
        self._look(0)
        self._handle = display(self, display_id=True)
        return self

    def __call__(self, epoch: int, history: Any, model: Any) -> None:
        """Show one epoch; `fit` calls this as its `on_epoch`."""
        self.history, self.model = history, model
        start = time.monotonic()
        if epoch == self.epochs or start >= self._next:
            self._look(epoch)
            end = time.monotonic()
            self._next = end + _REST_FACTOR * (end - start)

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failed = not (kind is None or issubclass(kind, KeyboardInterrupt))
        self._running, self.ending = False, self._describe_end(failed)
        if failed or self.record.has(self.epochs):  # after an error, the weights may be NaN
            self.data = self._pack()
        else:
            self._look(self.epochs_done, stopped=True)
        if self._handle is not None:
            self._handle.update(self)  # so the saved notebook shows the final picture

    def _look(self, epoch: int, *, stopped: bool = False) -> None:
        """Keep what the model predicts now, and show it."""
        self.record.add(epoch, predict(self.model, self.image)[0], stopped=stopped)
        self.data = self._pack()

    def _pack(self) -> dict[str, Any]:
        curves = list_curves(self.history)
        packed = self.record.pack(curves, running=self._running, ending=self.ending)
        return inline_pictures(*packed)

    def _describe_end(self, failed: bool) -> str:
        done, epochs = self.epochs_done, self.epochs
        if failed:
            return f"Training ended with an error after {done} of {epochs} epochs."
        if done == epochs:
            return f"All {epochs} epochs are done."
        if done == 0:
            return _NO_EPOCH_DONE
        return (
            f"You stopped after {done} of {epochs} epochs; the model keeps the weights it had then."
        )

    @property
    def still(self) -> Still:
        """The picture that is saved: the frames so far."""
        now = (
            f"Epoch {self.epochs_done} of {self.epochs} is done." if self.history else _NOT_STARTED
        )
        state = self.ending or now
        return _DrawnStill(self.record, f"{state} {self._describe_curves()}".strip())

    def _describe_curves(self) -> str:
        """Describe both ends of the curves; what follows ≈ may differ between machines."""
        curves = list_curves(self.history)
        names = {"training": "training loss", "validation": "validation loss", "dice": "Dice"}
        changes = [
            f"{names[name]} from ≈ {values[0]:.2f} to ≈ {values[-1]:.2f}"
            for name, values in curves.items()
            if len(values) > 1
        ]
        return f"Since the first epoch: {', '.join(changes)}." if changes else ""

    def _format_html(self) -> str:
        """Add the record, so that a page brings this training to life."""
        record = base64.b64encode(json.dumps(self.data).encode()).decode("ascii")
        self._shipped = {"record": f"data:application/json;base64,{record}"}
        return super()._format_html()


class _DrawnStill(Still):
    """A picture that is drawn here, since there can be no saved one of this training."""

    def __init__(self, record: Record, sentence: str):
        super().__init__(None, _LABEL, sentence)
        self._record = record

    @cached_property
    def png(self) -> bytes:
        return draw_still(self._record)

    @property
    def width(self) -> int:
        return min(Still.width, measure_still(self._record))
