"""Loss and Dice of a model on images that it is not trained on."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from unet_tutorial.metrics import count_foreground, dice_from_counts
from unet_tutorial.training.batch import Loss, compute_loss, move_to_device


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
    return total / count, _mean_dice(pixels)


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


def _mean_dice(batches: list[list[tuple[int, int]]]) -> float:
    """Average over the classes that were predicted or true somewhere; 1.0 if none was."""
    scores = []
    for counts in zip(*batches, strict=True):  # the batches of one class
        shared, total = map(sum, zip(*counts, strict=True))
        if total:
            scores.append(dice_from_counts(shared, total))
    return sum(scores) / len(scores) if scores else 1.0
