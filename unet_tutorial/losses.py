"""Losses for segmentation: cross-entropy on logits, plus soft Dice (built in chapter 10).

Every loss takes logits, not probabilities, and says no to shapes that torch would broadcast.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def soft_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """One minus the Dice coefficient, with probabilities in place of the predicted mask.

    For each foreground class the sums run over all pixels of the batch at once:

        loss = 1 - 2 * sum(p * t) / (sum(p) + sum(t)),   or   mean(p) where t is empty

    and the losses of the classes are averaged. Why so:
    - Over the batch, not image by image: a crop without foreground has no Dice of its own, and
      the score that training reports is counted over all pixels as well.
    - An empty target: its Dice would be 0 for any prediction, so the loss is the mean predicted
      probability instead: 0 for an empty prediction, 1 for a full one. No smoothing constant
      enters, so the loss does not depend on how large the image is.
    - Several classes: class 0 is the background and is left to the cross-entropy. Two classes
      then give the loss of one class whose logit is logits[:, 1] - logits[:, 0].

    Args:
        logits: floating, (N, 1, H, W) for one foreground class, or (N, K, H, W) with K >= 2;
            any values, infinities and NaN aside. Half precision is computed in float32.
        target: floating (N, 1, H, W) with values from 0 to 1, or int64 (N, H, W) with class
            numbers from 0 to K - 1.

    Returns:
        A scalar tensor from 0 (perfect) to 1.

    Raises:
        TypeError: a dtype that is not one of those above.
        ValueError: shapes that do not belong together, an empty batch, target values outside
            the range.

    Example:
        Logits 0 are probabilities 0.5. For four pixels of which one is foreground the loss is
        1 - 2 * 0.5 / (4 * 0.5 + 1) = 2/3.

        >>> mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
        >>> round(soft_dice_loss(torch.zeros(1, 1, 2, 2), mask).item(), 4)
        0.6667

    Source: F. Milletari, N. Navab, S.-A. Ahmadi, "V-Net", 3DV 2016, section 3. The paper squares
    the terms of the denominator; the plain sums here are the Dice of chapter 01, letter by letter.
    Built in chapter 10.
    """
    if target.dtype == torch.int64:
        logits = _check_for_classes(logits, target)
        probabilities = logits.softmax(dim=1)[:, 1:]  # (N, K - 1, H, W): no background
        classes = torch.arange(1, logits.shape[1], device=target.device).view(-1, 1, 1)
        masks = (target[:, None] == classes).to(logits.dtype)  # (N, K - 1, H, W)
    else:
        logits = _check_for_mask(logits, target)
        probabilities, masks = logits.sigmoid(), target.to(logits.dtype)  # (N, 1, H, W)
    return _compute_soft_dice_per_class(probabilities, masks).mean()


def bce_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy plus soft Dice, in equal parts.

    Cross-entropy judges every pixel by itself and keeps gradients alive where the overlap is
    still nil; soft Dice judges the overlap, however few the foreground pixels are.

    Args:
        logits: floating (N, 1, H, W).
        target: floating (N, 1, H, W), values from 0 to 1.

    Returns:
        A scalar tensor, 0 or more.

    Raises:
        TypeError, ValueError: as soft_dice_loss.

    Example:
        Logits 0 give a cross-entropy of log 2 = 0.6931 a pixel, and here a soft Dice loss of
        2/3: 1.3598 together.

        >>> mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
        >>> round(bce_dice_loss(torch.zeros(1, 1, 2, 2), mask).item(), 4)
        1.3598

    Built in chapter 10.
    """
    logits = _check_for_mask(logits, target)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, target.to(logits.dtype))
    return cross_entropy + soft_dice_loss(logits, target)


def cross_entropy_dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy over all classes plus soft Dice over the foreground classes, in equal parts.

    Args:
        logits: floating (N, K, H, W), K >= 2, class 0 the background.
        target: int64 (N, H, W), class numbers from 0 to K - 1.

    Returns:
        A scalar tensor, 0 or more.

    Raises:
        TypeError, ValueError: as soft_dice_loss.

    Example:
        Equal logits for two classes give a cross-entropy of log 2 = 0.6931 a pixel, and here a
        soft Dice loss of 2/3: 1.3598 together, as for one class.

        >>> classes = torch.tensor([[[1, 0], [0, 0]]])
        >>> round(cross_entropy_dice_loss(torch.zeros(1, 2, 2, 2), classes).item(), 4)
        1.3598

    Built in chapter 10.
    """
    logits = _check_for_classes(logits, target)
    return F.cross_entropy(logits, target) + soft_dice_loss(logits, target)


def segmentation_loss(logits: Tensor, target: Tensor) -> Tensor:
    """The loss that the target calls for: what `fit` uses when it is given none.

    Args:
        logits: floating (N, 1, H, W) or (N, K, H, W).
        target: floating (N, 1, H, W) for bce_dice_loss, int64 (N, H, W) for
            cross_entropy_dice_loss.

    Returns:
        A scalar tensor, 0 or more.

    Raises:
        TypeError, ValueError: as soft_dice_loss.

    Example:
        >>> mask = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
        >>> segmentation_loss(torch.zeros(1, 1, 2, 2), mask).item() == bce_dice_loss(
        ...     torch.zeros(1, 1, 2, 2), mask
        ... ).item()
        True

    Built in chapter 10.
    """
    if target.dtype == torch.int64:
        return cross_entropy_dice_loss(logits, target)
    return bce_dice_loss(logits, target)


def _compute_soft_dice_per_class(probabilities: Tensor, masks: Tensor) -> Tensor:
    """(N, C, H, W) each, floating -> (C,)."""
    pixels = (0, 2, 3)
    overlap = (probabilities * masks).sum(pixels)
    foreground = masks.sum(pixels)
    # The clamp only matters where a mask and its prediction are both empty: there 0 / 0 would
    # put NaN into the gradient of the branch that torch.where does not take.
    total = (probabilities.sum(pixels) + foreground).clamp_min(torch.finfo(masks.dtype).tiny)
    return torch.where(foreground > 0, 1 - 2 * overlap / total, probabilities.mean(pixels))


def _check_for_mask(logits: Tensor, target: Tensor) -> Tensor:
    """Return the logits in single precision or better; raise unless a binary target fits them."""
    logits = _check_logits_for_loss(logits)
    if not target.is_floating_point():
        raise TypeError(
            f"target has dtype {target.dtype}; one foreground class needs a floating mask (N, 1, "
            "H, W): use target.float(). Several classes need int64 class numbers (N, H, W)."
        )
    if logits.shape[1] != 1:
        raise ValueError(
            f"logits have {logits.shape[1]} channels, but a floating target is a mask for one. "
            "Give int64 class numbers (N, H, W), or build the model with num_classes=1."
        )
    if target.shape != logits.shape:
        raise ValueError(
            f"target has shape {tuple(target.shape)}, but logits have {tuple(logits.shape)}: they "
            "must be equal, since torch would broadcast them silently. If only the channel is "
            "missing, use target[:, None]."
        )
    _check_range(target, 1, "a mask has values from 0 to 1. Divide a 0/255 mask by 255.")
    return logits


def _check_for_classes(logits: Tensor, target: Tensor) -> Tensor:
    """Return the logits in single precision or better; raise unless class numbers fit them."""
    logits = _check_logits_for_loss(logits)
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
    _check_range(
        target,
        classes - 1,
        f"{classes} channels have class numbers from 0 to {classes - 1}. Build the model with "
        "num_classes = highest class number + 1.",
    )
    return logits


def _check_logits_for_loss(logits: Tensor) -> Tensor:
    if not logits.is_floating_point():
        raise TypeError(
            f"logits have dtype {logits.dtype}, but must be floating: pass what the model returns, "
            "not a thresholded mask."
        )
    if logits.ndim != 4 or logits.numel() == 0:
        raise ValueError(
            f"logits have shape {tuple(logits.shape)}, but must be (N, C, H, W), none of them 0."
        )
    # Sums over a batch overflow half precision at 65504.
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def _check_range(target: Tensor, highest: int, rule: str) -> None:
    low, high = (value.item() for value in target.aminmax())
    if not (low >= 0 and high <= highest):  # written so that NaN is refused too
        raise ValueError(f"target has values from {low:g} to {high:g}, but {rule}")
