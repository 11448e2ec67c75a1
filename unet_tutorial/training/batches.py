"""A batch on its way to the loss: drawn from the loader, moved to the device, checked."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from unet_tutorial import losses
from unet_tutorial.losses import IGNORE, check_target
from unet_tutorial.prediction import find_labels
from unet_tutorial.training.random_states import list_parts
from unet_tutorial.training.state import TrainingState


def draw_batches(loader: Iterable, name: str, length: int | None = None) -> Iterator:
    """Yield a loader's batches; raise ValueError unless it can make them, and `length` of them."""
    given = 0
    try:
        for given, batch in enumerate(loader, 1):
            if given - 1 == length:
                break
            yield batch
    except RuntimeError as error:
        if "stack expects" not in str(error):
            raise
        raise ValueError(
            f"The items of {name} have different shapes. RandomCrops cuts equal pieces, "
            f"batch_size=1 needs none, and channels must agree. ({str(error).splitlines()[-1]})"
        ) from error
    if length not in (None, given):
        many = "more" if given > length else f"only {given}"
        raise ValueError(
            f"{name} has length {length}, but gave {many} batches. Correct the loader's __len__."
        )


def set_epoch(loader: Any, epoch: int) -> None:
    """Tell the loader's samplers and datasets which epoch begins."""
    for part in list_parts(loader):
        if hasattr(part, "set_epoch"):
            part.set_epoch(epoch)


def move_to_device(batch: Any, device: torch.device) -> list[Tensor]:
    """Return a batch's images, target and perhaps weight map on the device."""
    parts = batch if isinstance(batch, tuple | list) else []
    if len(parts) not in (2, 3) or not all(isinstance(part, Tensor) for part in parts):
        kinds = [type(part).__name__ for part in parts]
        raise TypeError(
            f"A loader gave a batch {type(batch).__name__}{kinds or ''}, but must give two tensors "
            "(images, target), or a weight map as a third. torch.from_numpy(array) makes a tensor."
        )
    # From pinned memory the copy to a CUDA GPU runs while the GPU computes.
    return [part.to(device, non_blocking=device.type == "cuda") for part in parts]


def compute_loss(
    state: TrainingState, batch: Any, place: str, *, check: bool
) -> tuple[Tensor, Any, Tensor]:
    """Return a batch's loss, a finite scalar; what the model returned; and the target.

    `place` is for the message of an error; `check` looks at the batch's values.
    """
    images, target, *weight = move_to_device(batch, state.device)
    mixed = torch.autocast(state.device.type, state.autocast) if state.autocast else nullcontext()
    try:
        with mixed:
            logits = state.model(images)
            if check:
                check_batch(state, images, logits, target)
            value = apply_loss(state.loss, logits, target, *weight)
    except Exception as error:
        parts = [f"{part.dtype} {tuple(part.shape)}" for part in (images, target, *weight)]
        error.add_note(f"In {place}. Images, target and any weight map: {', '.join(parts)}.")
        raise
    if not isinstance(value, Tensor) or value.ndim != 0:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"loss must return a scalar tensor, but gave {got}: average it.")
    number = value.item()  # a GPU has to finish for it
    if not 0 <= number < math.inf:  # a loss of your own may be below 0
        check_batch(state, images, logits, target)
    if not math.isfinite(number):
        finite = "all finite" if images.isfinite().all() else "NOT all finite: clean them first"
        marked = "has" if target.isnan().any() else "doesn't have"
        raise FloatingPointError(
            f"The loss became {number} in {place}. Try a tenth of the learning rate, which is "
            f"{state.optimiser.param_groups[0]['lr']:.2g} here. A loss of your own may also take "
            f"log(0), divide by 0, or be one that can't ignore pixels (the target {marked} NaN, "
            f"for such pixels). The images of this batch are {finite}."
        )
    return value, logits, target


def apply_loss(loss: Callable, logits: Any, target: Tensor, *weight: Tensor) -> Tensor:
    """Return the loss; IGNORE in the target becomes the number that the loss ignores."""
    ignored = find_ignored(loss)
    if ignored != IGNORE and target.dtype == torch.int64:
        target = torch.where(target == IGNORE, ignored, target)
    return loss(logits, target, *weight)


def find_ignored(loss: Callable) -> int:
    """Return the class number that a loss leaves out, such as 255; IGNORE if it names none."""
    parts = loss.modules() if isinstance(loss, nn.Module) else [loss]
    numbers = [getattr(part, "ignore_index", None) for part in parts]
    numbers.append(getattr(loss, "keywords", {}).get("ignore_index"))  # a partial's
    return next((number for number in numbers if isinstance(number, int)), IGNORE)


def read_target(state: TrainingState, logits: Any, target: Tensor) -> Tensor | None:
    """Return what a target is taken for: class numbers, masks, or neither (None).

    Class numbers are int64 (N, H, W), IGNORE where the loss ignores a pixel. Masks are floating
    (N, K, H, W); unless the loss is known to take them, they have two values: 0, and 1 or more.
    """
    if not isinstance(logits, Tensor) or logits.ndim != 4:
        return None  # for a loss of your own
    loss, exclusive = state.loss, find_labels(state.model) == "exclusive"
    one_a_pixel = target.shape == logits[:, 0].shape
    if one_a_pixel and logits.shape[1] == 1:
        raise ValueError(
            f"target has shape {tuple(target.shape)}, but logits have {tuple(logits.shape)}: torch "
            "would pair every image with every mask. Use target[:, None]."
        )
    if one_a_pixel and not target.is_floating_point():
        classes = target.long()
        return torch.where(classes == find_ignored(loss), IGNORE, classes)
    if target.shape != logits.shape:
        return None
    if isinstance(loss, nn.CrossEntropyLoss) and logits.shape[1] > 1:
        return target.argmax(dim=1)  # from a probability for each class
    masks = target.float()
    if _takes_masks(loss):
        return masks
    values = masks.nan_to_num(0)
    if exclusive and logits.shape[1] > 1 and not values.any():
        return None  # perhaps of a regression
    return masks if ((values == 0) | (values == values.max().clamp_min(1))).all() else None


def _takes_masks(loss: Callable) -> bool:
    """Return whether a loss is known to take masks: ours, and PyTorch's."""
    function = getattr(loss, "func", loss)  # a partial's
    ours = getattr(function, "__module__", None) == losses.__name__
    return ours or isinstance(loss, nn.BCEWithLogitsLoss)


def check_batch(state: TrainingState, images: Tensor, logits: Any, target: Tensor) -> None:
    """Raise ValueError if a batch's values or shapes don't go with what they are taken for."""
    if images.is_floating_point():  # a network that takes integers scales them itself
        low, high = (value.item() for value in images.aminmax())
        if low >= 0 and high > 30 and (images.mean() > 5 or (images == images.round()).all()):
            raise ValueError(
                f"The images have values from {low:g} to {high:g}, as in files. Scale them with "
                "data.normalise, or give integers to a network that scales them itself."
            )
    if not isinstance(logits, Tensor) and _takes_masks(state.loss):
        raise TypeError(
            f"the model returned a {type(logits).__name__}, but this loss needs a tensor. "
            "Give one like lambda output, target: segmentation_loss(output['out'], target)."
        )
    if (known := read_target(state, logits, target)) is None:
        return
    what, needed = "masks: one for each channel", "independent"
    if known.dtype == torch.int64:
        what, needed = "class numbers: one for each pixel", "exclusive"
    labels = find_labels(state.model)
    if logits.shape[1] > 1 and labels != needed:
        raise ValueError(
            f'The target holds {what}; but model.labels is "{labels}". It must be "exclusive" for '
            'class numbers (N, H, W), such as masks.argmax(dim=1), or "independent" for floating '
            "masks (N, K, H, W), where a pixel can have several labels."
        )
    check_target(logits, known if target.ndim == 3 else target.float())
