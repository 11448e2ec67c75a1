"""Loss and Dice of a model on images that it isn't trained on."""

import torch
from torch import Tensor

from unet_tutorial.losses import IGNORE
from unet_tutorial.metrics import mean_dice
from unet_tutorial.training.batches import compute_loss, draw_batches, read_target
from unet_tutorial.training.state import TrainingState


@torch.no_grad()
def validate(state: TrainingState, epoch: int) -> dict[str, float]:
    """Return the validation_loss, a mean over images, and the validation_dice over all pixels.

    Dice counts the pixels that aren't ignored, at logit 0 (probability 0.5). With several classes
    the largest logit decides, and the Dice of the foreground classes (or labels) that occur are
    averaged. If the targets aren't masks of zeros and ones or class numbers, there's no Dice.
    """
    total, count, pixels = 0.0, 0, []
    for step, batch in enumerate(draw_batches(state.validation_loader, "validation_loader"), 1):
        place = f"the validation of epoch {epoch}, step {step}"
        value, logits, target = compute_loss(state, batch, place, check=step == 1)
        total, count = total + value.item() * len(batch[0]), count + len(batch[0])
        known = read_target(state, logits, target)
        pixels.append(None if known is None else _count_pixels(logits, known))
    if count == 0:
        raise ValueError("validation_loader gave no batches. Check its dataset and drop_last.")
    dice = {} if None in pixels else {"validation_dice": mean_dice(pixels)}
    return {"validation_loss": total / count, **dice}


def _count_pixels(logits: Tensor, target: Tensor) -> list[tuple[int, int]]:
    """Return |P and T| and |P| + |T| of each foreground class or label."""
    if target.dtype == torch.int64:
        target = target[:, None]  # (N, 1, H, W)
        classes = torch.arange(1, logits.shape[1], device=target.device).view(-1, 1, 1)
        predicted, true = logits.argmax(dim=1, keepdim=True) == classes, target == classes
        kept = target != IGNORE
    else:
        kept, predicted, true = ~target.isnan(), logits > 0, target > 0.5
    places = (0, 2, 3)
    shared = (predicted & true & kept).sum(places)
    both = (predicted & kept).sum(places) + (true & kept).sum(places)
    return list(zip(shared.tolist(), both.tolist(), strict=True))
