"""One pass over a loader: with gradients for training, without for validation."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass
class Setup:
    """What every step needs."""

    model: nn.Module
    loss: Loss
    device: torch.device
    optimiser: Optimizer
    schedule: LRScheduler

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(self.schedule.get_last_lr()[0])


def train_epoch(
    setup: Setup, loader: Iterable, steps: int, epoch: int, on_step: Callable[[float], None]
) -> tuple[float, float]:
    """Train over the loader once, in training mode.

    Args:
        setup: what to train, and how.
        loader: gives exactly `steps` batches.
        steps: 1 or more.
        epoch: the number to name in errors, from 1.
        on_step: called after each step with the mean loss of the epoch so far.

    Returns:
        The mean loss over the images and the learning rate of the last step.
    """
    setup.model.train()
    total, count, rate = 0.0, 0, 0.0
    for step, batch in enumerate(_exactly(loader, steps), 1):
        images, target = _on_device(batch, setup.device)
        setup.optimiser.zero_grad(set_to_none=True)
        loss, _ = _checked_loss(setup, images, target, f"epoch {epoch}, step {step}")
        loss.backward()
        rate = setup.learning_rate
        setup.optimiser.step()
        setup.schedule.step()
        total, count = total + loss.item() * len(images), count + len(images)
        on_step(total / count)
    return total / count, rate


@torch.no_grad()
def validate(setup: Setup, loader: Iterable, epoch: int) -> tuple[float, float]:
    """Mean loss over the images, and Dice over all pixels, of a model in eval mode.

    Raises:
        ValueError: the loader gives nothing, or batches that have no Dice.
    """
    total, count, pixels = 0.0, 0, 0
    for step, batch in enumerate(loader, 1):
        images, target = _on_device(batch, setup.device)
        place = f"the validation of epoch {epoch}, step {step}"
        loss, logits = _checked_loss(setup, images, target, place)
        total, count = total + loss.item() * len(images), count + len(images)
        pixels = pixels + _dice_counts(logits, target)
    if count == 0:
        raise ValueError("validation_loader gave no batches. Check its dataset and drop_last.")
    return total / count, _dice(pixels)


def set_epoch(loader: Any, epoch: int) -> None:
    """Tell the loader's dataset, and those it wraps (a Subset's, for one), which epoch begins."""
    holder = loader
    while (holder := getattr(holder, "dataset", None)) is not None:
        if hasattr(holder, "set_epoch"):
            holder.set_epoch(epoch)


def _exactly(loader: Iterable, steps: int) -> Iterator:
    """The loader's batches, which must be as many as its length promised to the schedule."""
    given = 0
    for given, batch in enumerate(loader, 1):
        if given > steps:
            break
        yield batch
    if given != steps:
        many = "more" if given > steps else f"only {given}"
        raise ValueError(
            f"train_loader has length {steps}, but gave {many} batches. The schedule is made for "
            "its length: correct the loader's __len__."
        )


def _on_device(batch: Any, device: torch.device) -> tuple[Tensor, Tensor]:
    pair = isinstance(batch, tuple | list) and len(batch) == 2
    if not pair or not all(isinstance(part, Tensor) for part in batch):
        kinds = [type(part).__name__ for part in batch] if isinstance(batch, tuple | list) else ""
        raise TypeError(
            f"A loader gave a batch {type(batch).__name__}{kinds}, but must give two tensors, "
            "(images, target). Check what the dataset's items are."
        )
    # From pinned memory the copy to a CUDA GPU runs beside the computation.
    images, target = (part.to(device, non_blocking=device.type == "cuda") for part in batch)
    return images, target


def _checked_loss(
    setup: Setup, images: Tensor, target: Tensor, place: str
) -> tuple[Tensor, Tensor]:
    """The loss, a finite scalar, and the logits."""
    logits = setup.model(images)
    loss = setup.loss(logits, target)
    if not isinstance(loss, Tensor) or loss.ndim != 0:
        got = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
        raise ValueError(f"loss must return a scalar tensor, but gave {got}: average it.")
    if not math.isfinite(loss.item()):
        finite = "all finite" if images.isfinite().all() else "NOT all finite: clean them first"
        raise FloatingPointError(
            f"The loss became {loss.item()} in {place}. Likely causes: a learning rate that is too "
            f"high (it was {setup.learning_rate:.2g} here; try a tenth), images that are not "
            "normalised or hold NaN, a loss of your own that takes log(0) or divides by 0. The "
            f"images of this batch are {finite}."
        )
    return loss, logits


def _dice_counts(logits: Tensor, target: Tensor) -> Tensor:
    """Twice the overlap, and predicted plus true pixels, of each foreground class: int64 (2, C)."""
    if logits.ndim == 4 and logits.shape[1] == 1:
        predicted, true = logits > 0, target > 0.5  # (N, 1, H, W)
    elif logits.ndim == 4:
        classes = torch.arange(1, logits.shape[1], device=logits.device).view(-1, 1, 1)
        predicted = logits.argmax(dim=1, keepdim=True) == classes  # (N, C, H, W)
        true = target[:, None] == classes
    if logits.ndim != 4 or predicted.shape != true.shape:
        raise ValueError(
            f"There is no validation Dice for logits of shape {tuple(logits.shape)} and a target "
            f"of shape {tuple(target.shape)}: give (N, 1, H, W) and a mask (N, 1, H, W), or "
            "(N, K, H, W) and class numbers (N, H, W), or leave out validation_loader."
        )
    pixels = (0, 2, 3)
    return torch.stack(
        [2 * (predicted & true).sum(pixels), predicted.sum(pixels) + true.sum(pixels)]
    ).cpu()


def _dice(counts: Tensor) -> float:
    """The mean over the classes that were predicted or true somewhere; 1.0 if none was."""
    twice_overlap, total = counts.double()
    occurs = total > 0
    return (twice_overlap[occurs] / total[occurs]).mean().item() if occurs.any() else 1.0
