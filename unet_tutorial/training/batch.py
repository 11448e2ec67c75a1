"""One batch: moved to the device, checked, and its loss."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]


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
