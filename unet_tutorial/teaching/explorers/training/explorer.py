"""The explorer of a training: it follows one, and afterwards you can go back through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from unet_tutorial.teaching.explorers.training.follower import TrainingExplorer


def training(model: Any, image: np.ndarray, truth: np.ndarray, epochs: int = 8) -> TrainingExplorer:
    """Return an explorer that follows a training: loss, Dice, and what is predicted of one patch.

    Use it as a context manager and pass it to `fit` as `on_epoch`. It appears when the block
    starts. The last epoch is always shown. Before, a look at the network is followed by none for 40
    times as long as it took, so that training takes less than 3 % longer; short epochs may be
    skipped. Afterwards, one can go back through the predictions.

    Args:
        model: the network to train, with one class.
        image: a patch (H, W) of the validation strip, scaled as in training.
        truth: the expert's mask (H, W), above 0 in the foreground.
        epochs: as for `fit`.

    Raises:
        ValueError: the shapes differ, or `epochs` isn't a whole number or is below 1.

    Example:
        with training(model, image, mask, epochs=8) as watch:
            history = fit(model, loader, epochs=8, learning_rate=0.003, on_epoch=watch)

    Used in chapter 10.
    """
    from unet_tutorial.teaching.explorers.training.follower import TrainingExplorer

    return TrainingExplorer(model, image, truth, epochs)
