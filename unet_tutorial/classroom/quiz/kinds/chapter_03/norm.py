"""Questions on BatchNorm: values, running averages, and a bias before it."""

from __future__ import annotations

import itertools
import random
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("03", "value_after_batch_norm", "A value after BatchNorm")
def ask_value_after_batch_norm(draw: random.Random) -> Question:
    """Normalise a batch of two tiny images by hand."""
    values = _draw_batch(draw)
    scale, shift = draw.randint(2, 5), draw.choice([-3, -2, -1, 1, 2, 3])
    batch = torch.tensor(values, dtype=torch.float64).reshape(2, 1, 1, 2)
    mean, variance = batch.mean().item(), batch.var(correction=0).item()
    first, signed = values[0] - mean, f"{'+' if shift > 0 else '−'} {abs(shift)}"
    return Question(
        text="A batch has two images of one channel and two pixels each: the first holds "
        f"{values[0]} and {values[1]}, the second {values[2]} and {values[3]}. It goes through a "
        f"BatchNorm in train mode, with scale $\\gamma$ = {scale} and shift $\\beta$ = {shift}. "
        f"What becomes of the first value, {values[0]}? (Ignore $\\varepsilon$; two decimals.)",
        right=round(_normalize(batch, scale, shift)[0].item(), 3),
        wrong=(
            Wrong(
                round(_normalize(batch[:1], scale, shift)[0].item(), 3),
                "normalises each image separately",
            ),
            Wrong(round(first / variance**0.5, 3), "leaves out scale and shift"),
            Wrong(round(scale * first / variance + shift, 3), "divides by the variance"),
            Wrong(
                round(scale * first / batch.std().item() + shift, 3),
                "divides the squares by the number of values minus one",
            ),
            Wrong(
                round(scale * (first / variance**0.5 + shift), 3), "adds the shift before scaling"
            ),
        ),
        why=f"The four values of the channel have the mean {mean:g} and the variance {variance:g}, "
        f"so a standard deviation of {variance**0.5:g}: {scale} · ({values[0]} − {mean:g}) / "
        f"{variance**0.5:g} {signed}.",
        tolerance=0.011,
        numerical=True,
    )


def _normalize(batch: Tensor, scale: float, shift: float) -> Tensor:
    """Return all values of a batch of one channel after a BatchNorm in train mode."""
    ones = torch.ones(1, dtype=batch.dtype)
    return F.batch_norm(
        batch, None, None, scale * ones, shift * ones, training=True, eps=1e-9
    ).flatten()


def _draw_batch(draw: random.Random) -> list[int]:
    """Return four whole numbers whose mean and standard deviation are whole numbers."""
    spread = draw.choice(_list_spreads(draw.choice([3, 5, 6])))
    middle = draw.randint(max(0, -min(spread)), 20)
    return [middle + part for part in spread]


@cache
def _list_spreads(root: int) -> list[tuple[int, ...]]:
    """List four differences from a mean, with this root mean square; the first two don't cancel."""
    return [
        each
        for each in itertools.product(range(-10, 11), repeat=4)
        if sum(each) == 0 and sum(x * x for x in each) == 4 * root**2 and each[0] and sum(each[:2])
    ]


@kind("03", "running_mean", "The running mean after a few batches")
def ask_running_mean(draw: random.Random) -> Question:
    """Follow a running mean, which starts at 0."""
    means = [draw.randint(1, 9) * 10 for _ in range(draw.randint(2, 3))]
    layer = nn.BatchNorm2d(1)
    for mean in means:
        layer(torch.tensor([mean - 1.0, mean + 1.0]).reshape(1, 1, 1, 2))
    right = round(layer.running_mean.item(), 3)
    fast, warm = 0.0, float(means[0])
    for mean in means:
        fast, warm = 0.1 * fast + 0.9 * mean, 0.9 * warm + 0.1 * mean
    shown = ", then ".join(map(str, means))
    return Question(
        text="A new `nn.BatchNorm2d(1)`, with its running mean at 0 and `momentum=0.1`, sees "
        f"{len(means)} batches in train mode. Their means are {shown}. What's its running mean "
        "now? (Two decimals.)",
        right=right,
        wrong=(
            Wrong(round(sum(means) / len(means), 3), "averages the batches equally"),
            Wrong(means[-1], "keeps the last batch only"),
            Wrong(round(fast, 3), "moves nine tenths of the way instead of one"),
            Wrong(round(warm, 3), "starts at the first batch's mean instead of 0"),
            Wrong(
                round(sum(means) / 10, 3), "adds up a tenth of each, but forgets to shrink the old"
            ),
        ),
        why="Each batch moves it a tenth of the way, from its old value towards the batch's mean: "
        f"new = 0.9 · old + 0.1 · mean, starting at 0. After {shown}, that's {right:g}.",
        tolerance=0.011,
        numerical=True,
    )


@kind("03", "bias_before_batch_norm", "What a bias changes before a BatchNorm")
def ask_bias_before_batch_norm(draw: random.Random) -> Question:
    """Raise a convolution's bias. What does the BatchNorm after it return, in one mode?"""
    bias, scale, root = draw.randint(2, 9), draw.randint(2, 6), draw.randint(2, 5)
    training = draw.random() < 0.5
    layer = nn.BatchNorm2d(1, eps=1e-9, track_running_stats=True, dtype=torch.float64)
    layer.train(training)
    layer.weight.data.fill_(scale), layer.running_var.fill_(root**2)
    x = torch.tensor([0.0, root, 3 * root], dtype=torch.float64).reshape(1, 1, 1, 3)
    before = layer(x).detach()
    layer.running_mean.zero_(), layer.running_var.fill_(root**2)
    change = round((layer(x + bias) - before).mean().item(), 2)
    options = {
        0: "expects the BatchNorm to remove the bias",
        round(scale * bias / root, 2): "uses the running statistics in train mode",
        bias: "lets the bias pass unchanged",
        scale * bias: "multiplies by the scale, without dividing by the standard deviation",
        round(scale * bias / root**2, 2): "divides by the variance",
    }
    if len(options) < 5:
        raise DrawAgain
    mode = "train mode" if training else "eval mode"
    return Question(
        text=f"A convolution is followed by a BatchNorm, whose scale is {scale} and whose running "
        f"variance is {root**2} in some channel. You add {bias} to the convolution's bias in that "
        f"channel, and nothing else: the running averages stay as they are. By how much does the "
        f"BatchNorm's output change there, in **{mode}**? (Ignore $\\varepsilon$.)",
        right=_format_change(change),
        wrong=tuple(
            Wrong(_format_change(value), told) for value, told in options.items() if value != change
        ),
        why=(
            f"In train mode, the batch's own mean is subtracted. It's {bias} larger, too, so "
            "nothing changes."
            if training
            else "In eval mode, the running mean is subtracted, which hasn't changed. What's left "
            f"is divided by the root of {root**2} and multiplied by {scale}: {scale} · {bias} / "
            f"{root}."
        ),
    )


def _format_change(change: float) -> str:
    return f"{change:+.2f}" if change else "not at all"
