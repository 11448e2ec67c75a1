"""The loss of one batch, and loss and Dice of a model on images that it isn't trained on."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from unet_tutorial.metrics import count_foreground, mean_dice

Loss = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def validate(
    model: nn.Module,
    loader: Iterable,
    loss: Loss,
    device: torch.device,
    rate: float,
    epoch: int,
) -> tuple[float, float]:
    """Return the mean loss over the images, and the Dice over all pixels.

    With several classes the Dice of the foreground classes that occur are averaged.

    Args:
        model: in eval mode, on the device.
        loader: gives (images, target) batches.
        loss: function (logits, target) -> scalar tensor.
        device: where to compute.
        rate, epoch: the learning rate and the number of the epoch, for errors.

    Raises:
        ValueError: the loader gives nothing, or batches that have no Dice.
        FloatingPointError: the loss became NaN or infinite.
    """
    total, count, pixels = 0.0, 0, []
    for step, batch in enumerate(loader, 1):
        images, target = move_to_device(batch, device)
        place = f"the validation of epoch {epoch}, step {step}"
        value, logits = compute_loss(model, loss, images, target, rate, place)
        total, count = total + value.item() * len(images), count + len(images)
        pixels.append(_count_classes(logits, target))
    if count == 0:
        raise ValueError("validation_loader gave no batches. Check its dataset and drop_last.")
    return total / count, mean_dice(pixels)


def _count_classes(logits: Tensor, target: Tensor) -> list[tuple[int, int]]:
    """Return what `count_foreground` counts in a batch, for each foreground class."""
    if logits.ndim == 4 and logits.shape[1] == 1 and target.shape == logits.shape:
        return [count_foreground(logits > 0, target > 0.5)]
    if logits.ndim == 4 and logits.shape[1] > 1 and target.shape == logits[:, 0].shape:
        predicted = logits.argmax(dim=1)  # (N, H, W)
        classes = range(1, logits.shape[1])
        return [count_foreground(predicted == number, target == number) for number in classes]
    raise ValueError(
        f"There is no validation Dice for logits of shape {tuple(logits.shape)} and a target "
        f"of shape {tuple(target.shape)}: give (N, 1, H, W) and a mask (N, 1, H, W), or "
        "(N, K, H, W) and class numbers (N, H, W), or leave out validation_loader."
    )


def move_to_device(batch: Any, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return a batch's images and target on the device; raise TypeError for other batches."""
    pair = isinstance(batch, tuple | list) and len(batch) == 2
    if not pair or not all(isinstance(part, Tensor) for part in batch):
        kinds = [type(part).__name__ for part in batch] if isinstance(batch, tuple | list) else ""
        raise TypeError(
            f"A loader gave a batch {type(batch).__name__}{kinds}, but must give two tensors, "
            "(images, target). Check what the dataset's items are."
        )
    # From pinned memory the copy to a CUDA GPU runs while the GPU computes.
    images, target = (part.to(device, non_blocking=device.type == "cuda") for part in batch)
    return images, target


def compute_loss(
    model: nn.Module, loss: Loss, images: Tensor, target: Tensor, rate: float, place: str
) -> tuple[Tensor, Tensor]:
    """Return the loss of a batch, a finite scalar, and the logits.

    `rate` is the learning rate and `place` the step, for the message of an error.

    Raises:
        ValueError: the loss function returns no scalar.
        FloatingPointError: the loss is NaN or infinite.
    """
    logits = model(images)
    value = loss(logits, target)
    if not isinstance(value, Tensor) or value.ndim != 0:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"loss must return a scalar tensor, but gave {got}: average it.")
    if not math.isfinite(value.item()):
        finite = "all finite" if images.isfinite().all() else "NOT all finite: clean them first"
        raise FloatingPointError(
            f"The loss became {value.item()} in {place}. Likely causes: a learning rate that is "
            f"too high (it was {rate:.2g} here; try a tenth), images that are not normalised or "
            "hold NaN, a loss of your own that takes log(0) or divides by 0. The images of this "
            f"batch are {finite}."
        )
    return value, logits
