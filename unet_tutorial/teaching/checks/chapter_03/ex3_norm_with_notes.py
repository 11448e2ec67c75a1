"""3.3 Right for one image, wrong for many."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.teaching.checks.chapter_03.normalising import EPS
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value

AXES = (0, 2, 3)


def _running_pair(layer: object, channels: int) -> tuple[nn.Module, nn.Module]:
    """Return the layer and PyTorch's, both fresh, in train mode and in float64."""
    if not isinstance(layer, nn.Module):
        refuse("The class must make an nn.Module.", got=describe(layer))
    oracle = nn.BatchNorm2d(channels, affine=False)
    return tuple(nn.Module.train(nn.Module.double(each)) for each in (layer, oracle))


def _scaled(x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, eps=EPS) -> torch.Tensor:
    """Return (N, C, H, W) less the mean (C,), over the root of the variance (C,)."""
    return (x - mean[:, None, None]) / torch.sqrt(variance + eps)[:, None, None]


def _compare_train_mode(layer: nn.Module, oracle: nn.Module, batch: torch.Tensor) -> None:
    """Pass a batch through both, and refuse another output than PyTorch's."""
    got, expected = call_answer(layer, batch), oracle(batch)
    if equal_within(got, expected):
        return
    mean, variance = batch.mean(dim=AXES), batch.var(dim=AXES, correction=0)
    each = batch.var(dim=(2, 3), correction=0)
    wrong = [
        (
            _scaled(batch, mean, each.mean(dim=0)),
            "This takes the variance of each image by itself. How far the images lie from each "
            "other is part of the batch's variance too.",
        ),
        (
            F.instance_norm(batch),
            "Each image is normalised by itself. Over which axes does the batch's mean go?",
        ),
        (
            _scaled(batch, mean, batch.var(dim=AXES, correction=1)),
            "For the output the sum of squared differences is divided by the number of values.",
        ),
        (_scaled(batch, mean, variance, 0.0), "What keeps the root away from zero?"),
        (_scaled(batch, mean, variance**2), "The deviation is the root of the variance."),
        (
            _scaled(batch, oracle.running_mean, oracle.running_var),
            "The notes are for eval mode. Train mode takes the batch's own mean and variance.",
        ),
    ]
    hint = next((text for each, text in wrong if equal_within(got, each)), None)
    refuse(
        hint
        or hint_for_type_or_shape(got, expected)
        or "Look at which axes, and which numbers, the mean and the variance are computed from.",
        tried=f"train mode, on {format_value(batch)}",
        got="another output than nn.BatchNorm2d's",
    )


def _compare_notes(layer: nn.Module, oracle: nn.Module, batches: list[torch.Tensor]) -> None:
    """Refuse a layer whose output in eval mode is not PyTorch's, or changes from pass to pass."""
    nn.Module.eval(layer)
    x = batches[-1][:2]
    got, expected = call_answer(layer, x), nn.Module.eval(oracle)(x)
    tried = f"{len(batches)} batches in train mode, then eval mode"
    if not equal_within(got, expected):
        refuse(
            _hint_on_notes(got, x, batches),
            tried=tried,
            got="another output than nn.BatchNorm2d's",
        )
    if not equal_within(call_answer(layer, x), got):
        refuse("A pass in eval mode must leave the notes as they are.", tried=f"{tried}, twice")


def _noted(batches: list[torch.Tensor], keep: float, correction: int, axes=AXES) -> torch.Tensor:
    """Return the running mean and variance, as one tensor (2, C)."""
    notes = torch.stack([torch.zeros(batches[0].shape[1]), torch.ones(batches[0].shape[1])])
    for batch in batches:
        variance = batch.var(dim=axes, correction=correction)
        variance = variance if axes == AXES else variance.mean(dim=0)
        notes = keep * notes + (1 - keep) * torch.stack([batch.mean(dim=AXES), variance])
    return notes


def _hint_on_notes(got: object, x: torch.Tensor, batches: list[torch.Tensor]) -> str:
    """Return the hint for an output in eval mode that is not right."""
    far = "The notes move a tenth of the way, from what they were towards the batch."
    less_one = (
        "What is noted of the variance is divided by the number of values less one, unlike what "
        "the batch is normalised with."
    )
    alone = "The variance in the notes is that of each image by itself."
    wrong = [
        (_noted(batches, 0.1, 1), far),
        (_noted(batches, 0.1, 0), f"{far} And that is not all: look at the variance in the notes."),
        (_noted(batches, 0.9, 0), less_one),
        (_noted(batches, 0.9, 0, (2, 3)), alone),
        (_noted(batches, 0.9, 1, (2, 3)), alone),
        (_noted(batches, 0.0, 1), "Only the last batch is noted."),
        (_noted(batches, 1.0, 1), "The notes have not moved in train mode."),
    ]
    for notes, hint in wrong:
        if equal_within(got, _scaled(x, *notes)):
            return hint
    if equal_within(got, F.batch_norm(x, None, None, training=True)):
        return "Eval mode must take the notes, not the mean and variance of the batch at hand."
    return "Follow the running mean and variance of one channel by hand, batch after batch."


@exercise(
    misconception="What is right for one image in train mode is a right BatchNorm.",
    hints=(
        "Compare with nn.BatchNorm2d(3, affine=False) yourself: first train mode with a batch of "
        "several images, then eval mode after some passes in train mode.",
        "One mistake is in what the batch is normalised with, two are in what is noted for later. "
        "The chapter computes both by hand.",
        "The variance goes over images, rows and columns at once. The notes move a tenth of the "
        "way, and for them the squared differences are divided by the number of values less one.",
    ),
)
def norm_with_notes(answer, *, seed=0) -> str:
    """Check a class of modules, made as Norm(channels), against BatchNorm2d without affine."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse("The answer must be the class `Norm`, without brackets.", got=describe(answer))
    generator = torch.Generator().manual_seed(seed)
    for channels, sizes in ((3, (1, 4, 2)), (2, (3, 5))):
        batches = [
            torch.randn(n, channels, 5, 4, generator=generator, dtype=torch.float64)
            + 5 * torch.rand(n, channels, 1, 1, generator=generator, dtype=torch.float64)
            for n in sizes
        ]
        batches[-1] *= 0.01  # as small as this, eps shows
        layer, oracle = _running_pair(call_answer(answer, channels), channels)
        for batch in batches:
            _compare_train_mode(layer, oracle, batch)
        _compare_notes(layer, oracle, batches)
    return "equal to PyTorch's in train mode and, with the notes of five batches, in eval mode"
