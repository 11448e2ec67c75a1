"""Losses for segmentation: cross-entropy on logits, plus soft Dice (built in chapter 10).

Every loss takes logits, not probabilities, and refuses shapes that torch would broadcast. It looks
at shapes alone, so that it never waits for a GPU; `check_target` looks at values, and `fit` calls
it on the first batch. Pixels to ignore are IGNORE in class numbers and NaN in masks.
"""

import torch
import torch.fx
import torch.nn.functional as F
from torch import Tensor

IGNORE = -100  # as in PyTorch's own cross-entropy


def soft_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """One minus the Dice coefficient, with probabilities in place of the predicted mask.

    For each foreground class the sums run over all pixels of the batch at once:

        loss = 1 - 2 * sum(p * t) / (sum(p) + sum(t)),   or   mean(p) where t is empty

    and the losses of the classes are averaged. Why so:
    - Over the batch, not image by image: a crop without foreground has no Dice of its own.
    - An empty target: its Dice would be 0 for any prediction; mean(p) is 0 for an empty one and 1
      for a full one, and doesn't depend on the image's size, as a smoothing constant would.
    - Several classes: class 0 is the background and is left to the cross-entropy.

    Args:
        logits: floating (N, C, H, W), finite. Half precision is computed in float32.
        target: floating (N, C, H, W), a mask for each channel with values from 0 to 1, NaN where
            a pixel is ignored; or, if C >= 2, int64 (N, H, W) with class numbers from 0 to C - 1,
            IGNORE where a pixel is ignored.

    Returns:
        A scalar tensor from 0 (perfect) to 1; 0 if every pixel is ignored.

    Raises:
        TypeError, ValueError: another dtype; shapes that don't belong together; an empty batch.

    Example:
        Logits 0 are probabilities 0.5. For four pixels of which one is foreground the loss is
        1 - 2 * 0.5 / (4 * 0.5 + 1) = 2/3.

        >>> mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
        >>> round(soft_dice_loss(torch.zeros(1, 1, 2, 2), mask).item(), 4)
        0.6667

    Source: F. Milletari, N. Navab, S.-A. Ahmadi, "V-Net", 3DV 2016, section 3, where the terms of
    the denominator are squared; plain sums are the Dice of chapter 01. Built in chapter 10.
    """
    return _compute_soft_dice(*_prepare(logits, target))


def bce_dice_loss(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Binary cross-entropy plus soft Dice, in equal parts.

    Cross-entropy judges every pixel by itself and keeps gradients alive where the overlap is
    still nil; soft Dice judges the overlap, however few the foreground pixels are.

    Args:
        logits: floating (N, C, H, W); with several channels, each is a label by itself.
        target: floating (N, C, H, W), values from 0 to 1, NaN where a pixel is ignored.
        weight: how much each pixel counts in the cross-entropy (soft Dice has no weights), such
            as the paper's border weights: floating, (N, 1, H, W) or (N, C, H, W).

    Returns a scalar tensor, 0 or more: the mean over the pixels that aren't ignored.

    Example:
        Logits 0 give a cross-entropy of log 2 = 0.6931 a pixel, and a soft Dice loss of 2/3.

        >>> mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
        >>> round(bce_dice_loss(torch.zeros(1, 1, 2, 2), mask).item(), 4)
        1.3598

    Built in chapter 10.
    """
    logits, masks, kept = _prepare(logits, target, classes=False)
    counted = kept if weight is None else kept * _check_weight(weight, logits)
    total = F.binary_cross_entropy_with_logits(logits, masks, counted, reduction="sum")
    return total / kept.sum().clamp_min(1) + _compute_soft_dice(logits, masks, kept)


def cross_entropy_dice_loss(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross-entropy over all classes plus soft Dice over the foreground classes, in equal parts.

    Args:
        logits: floating (N, K, H, W), K >= 2, class 0 the background.
        target: int64 (N, H, W), class numbers from 0 to K - 1, IGNORE where a pixel is ignored.
        weight: how much each pixel counts in the cross-entropy: floating (N, H, W) or
            (N, 1, H, W).

    Returns a scalar tensor, 0 or more: the mean over the pixels that aren't ignored.

    Example:
        Equal logits for two classes give the loss of one class with logits 0.

        >>> classes = torch.tensor([[[1, 0], [0, 0]]])
        >>> round(cross_entropy_dice_loss(torch.zeros(1, 2, 2, 2), classes).item(), 4)
        1.3598

    Built in chapter 10.
    """
    logits, masks, kept = _prepare(logits, target, classes=True)
    pixels = F.cross_entropy(logits, target, ignore_index=IGNORE, reduction="none")[:, None]
    if weight is not None:
        weight = weight[:, None] if weight.ndim == 3 else weight
        pixels = pixels * _check_weight(weight, pixels)
    return pixels.sum() / kept.sum().clamp_min(1) + _compute_soft_dice(logits, masks, kept)


def segmentation_loss(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """cross_entropy_dice_loss of an int64 target, otherwise bce_dice_loss: the default of fit."""
    loss = cross_entropy_dice_loss if target.dtype == torch.int64 else bce_dice_loss
    return loss(logits, target, weight)


def check_target(logits: Tensor, target: Tensor) -> None:
    """Raise ValueError if a target's values can't be those of masks or class numbers.

    It reads the values, so a GPU has to finish first: `fit` calls it for the first batch.

    `logits` (N, C, H, W) count for their number of channels; `target` is as the losses take it.
    """
    whole = target.dtype == torch.int64
    values = target[target != IGNORE] if whole else target[~target.isnan()]
    low, high = (v.item() for v in values.aminmax()) if values.numel() else (0, 0)
    highest = logits.shape[1] - 1 if whole else 1
    if low < 0 or high > highest:
        advice = ", and 255 often marks pixels to ignore"
        if high != 255:
            advice = ". Build the model with more classes"
        rule = f"class numbers go from 0 to {highest} here{advice}"
        if not whole:
            rule = "masks have values from 0 to 1. Divide a 0/255 mask by 255"
        raise ValueError(
            f"target has values from {low:g} to {high:g}, but {rule}. (Pixels to ignore are NaN in "
            f"masks, and {IGNORE} in class numbers.)"
        )


@torch.fx.wrap  # a leaf of traced graphs, as the helpers below that look at shapes or dtypes
def _check_weight(weight: Tensor, values: Tensor) -> Tensor:
    """Return a weight map; raise unless it has a number for each pixel of (N, C, H, W)."""
    allowed = (len(values), 1, *values.shape[2:]), tuple(values.shape)
    if tuple(weight.shape) not in allowed:
        raise ValueError(
            f"weight has shape {tuple(weight.shape)}, but must be one number a pixel, "
            f"{allowed[0]}, or one for each channel too, {allowed[1]}."
        )
    return weight


@torch.fx.wrap
def _compute_soft_dice(logits: Tensor, masks: Tensor, kept: Tensor) -> Tensor:
    if masks.shape[1] == logits.shape[1]:
        probabilities = logits.sigmoid()  # (N, C, H, W)
    else:
        probabilities = logits.softmax(dim=1)[:, 1:]  # (N, C - 1, H, W): no background
    pixels = (0, 2, 3)
    overlap = (probabilities * masks).sum(pixels)
    predicted, foreground = (probabilities * kept).sum(pixels), masks.sum(pixels)
    # The clamp only matters where a mask and its prediction are both empty: there 0 / 0 would
    # put NaN into the gradient of the branch that torch.where does not take.
    total = (predicted + foreground).clamp_min(torch.finfo(masks.dtype).tiny)
    mean = predicted / kept.sum(pixels).clamp_min(1)
    return torch.where(foreground == 0, mean, 1 - 2 * overlap / total).mean()


@torch.fx.wrap
def _split_target(target: Tensor, logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the masks of the foreground, (N, C or C - 1, H, W), and 1 where a pixel counts.

    A value that no mask and no class number can have makes the latter NaN, and so the loss.
    """
    if target.dtype == torch.int64:
        kept = (target != IGNORE)[:, None]
        classes = torch.arange(1, logits.shape[1], device=target.device).view(-1, 1, 1)
        masks = (target[:, None] == classes).to(logits.dtype)
        (low, high), highest = (target * kept[:, 0]).aminmax(), logits.shape[1] - 1
    else:
        kept, masks, highest = target == target, target.to(logits.dtype).nan_to_num(0), 1
        low, high = masks.aminmax()
    impossible = (low < 0) | (high > highest)
    return masks, kept * torch.where(impossible, torch.nan, 1.0).to(logits.dtype)


@torch.fx.wrap
def _prepare(
    logits: Tensor, target: Tensor, classes: bool | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Return logits in single precision or better, and the parts of the target; or raise.

    `classes` says whether the target must be class numbers (True) or masks (False).
    """
    if not logits.is_floating_point():
        raise TypeError(
            f"logits have dtype {logits.dtype}, but must be floating: pass what the model returns, "
            "not a thresholded mask."
        )
    if logits.ndim != 4 or logits.numel() == 0:
        raise ValueError(
            f"logits have shape {tuple(logits.shape)}, but must be (N, C, H, W), none of them 0."
        )
    whole = target.dtype == torch.int64
    if classes is not None and classes != whole:
        needed = "int64 class numbers: target.long()" if classes else "a floating mask"
        raise TypeError(
            f"target has dtype {target.dtype}, but this loss needs {needed}. segmentation_loss "
            "takes both."
        )
    (_check_class_numbers if whole else _check_mask)(logits, target)
    # Sums over a batch overflow half precision at 65504.
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    return logits, *_split_target(target, logits)


def _check_mask(logits: Tensor, target: Tensor) -> None:
    if not target.is_floating_point():
        raise TypeError(
            f"target has dtype {target.dtype}; a mask must be floating, with the shape of the "
            "logits (N, C, H, W): use target.float(). Class numbers are int64 (N, H, W)."
        )
    if target.shape != logits.shape:
        raise ValueError(
            f"target has shape {tuple(target.shape)}, but logits have {tuple(logits.shape)}: they "
            "must be equal, since torch would broadcast them silently. If only the channel is "
            "missing, use target[:, None]. If one class of several is meant for each pixel, give "
            "int64 class numbers (N, H, W)."
        )


def _check_class_numbers(logits: Tensor, target: Tensor) -> None:
    batch, classes, height, width = logits.shape
    if classes < 2:
        raise ValueError(
            "logits have 1 channel, but an int64 target holds class numbers, which need a channel "
            "for each class, the background too. Use a mask target.float() of shape (N, 1, H, W), "
            "or build the model with num_classes=2 or more."
        )
    if target.shape != (batch, height, width):
        raise ValueError(
            f"target has shape {tuple(target.shape)}, but logits of shape {tuple(logits.shape)} "
            f"need class numbers of shape {(batch, height, width)}. If there's a channel too "
            "many, use target[:, 0]."
        )
