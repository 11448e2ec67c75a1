"""What checks of BatchNorm need: a layer beside PyTorch's, and what a folded layer got wrong."""

from __future__ import annotations

import types
from functools import wraps

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.checks.compare import call, described, hint_on_kind
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.values import same, shown

AXES = (0, 2, 3)
EPS = 1e-5


def running_pair(layer: object, channels: int) -> tuple[nn.Module, nn.Module]:
    """Return the layer and PyTorch's, both fresh, in train mode and in float64."""
    if not isinstance(layer, nn.Module):
        refuse("The class must make an nn.Module.", came=described(layer))
    oracle = nn.BatchNorm2d(channels, affine=False)
    return tuple(nn.Module.train(nn.Module.double(each)) for each in (layer, oracle))


def scaled(x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, eps=EPS) -> torch.Tensor:
    """Return (N, C, H, W) less the mean (C,), over the root of the variance (C,)."""
    return (x - mean[:, None, None]) / torch.sqrt(variance + eps)[:, None, None]


def compare_train_mode(layer: nn.Module, oracle: nn.Module, batch: torch.Tensor) -> None:
    """Pass a batch through both, and refuse another output than PyTorch's."""
    came, expected = call(layer, batch), oracle(batch)
    if same(came, expected):
        return
    mean, variance = batch.mean(dim=AXES), batch.var(dim=AXES, correction=0)
    each = batch.var(dim=(2, 3), correction=0)
    wrong = [
        (
            scaled(batch, mean, each.mean(dim=0)),
            "This takes the variance of each image by itself. How far the images lie from each "
            "other is part of the batch's variance too.",
        ),
        (
            F.instance_norm(batch),
            "Each image is normalised by itself. Over which axes does the batch's mean go?",
        ),
        (
            scaled(batch, mean, batch.var(dim=AXES, correction=1)),
            "For the output the sum of squared differences is divided by the number of values.",
        ),
        (scaled(batch, mean, variance, 0.0), "What keeps the root away from zero?"),
        (scaled(batch, mean, variance**2), "The deviation is the root of the variance."),
        (
            scaled(batch, oracle.running_mean, oracle.running_var),
            "The notes are for eval mode. Train mode takes the batch's own mean and variance.",
        ),
    ]
    hint = next((text for each, text in wrong if same(came, each)), None)
    refuse(
        hint
        or hint_on_kind(came, expected)
        or "Look at which axes, and which numbers, the mean and the variance are computed from.",
        tried=f"train mode, on {shown(batch)}",
        came="another output than nn.BatchNorm2d's",
    )


def compare_notes(layer: nn.Module, oracle: nn.Module, batches: list[torch.Tensor]) -> None:
    """Refuse a layer whose output in eval mode is not PyTorch's, or changes from pass to pass."""
    nn.Module.eval(layer)
    x = batches[-1][:2]
    came, expected = call(layer, x), nn.Module.eval(oracle)(x)
    tried = f"{len(batches)} batches in train mode, then eval mode"
    if not same(came, expected):
        refuse(
            hint_on_notes(came, x, batches),
            tried=tried,
            came="another output than nn.BatchNorm2d's",
        )
    if not same(call(layer, x), came):
        refuse("A pass in eval mode must leave the notes as they are.", tried=f"{tried}, twice")


def noted(batches: list[torch.Tensor], keep: float, correction: int, axes=AXES) -> torch.Tensor:
    """Return the running mean and variance, as one tensor (2, C)."""
    notes = torch.stack([torch.zeros(batches[0].shape[1]), torch.ones(batches[0].shape[1])])
    for batch in batches:
        variance = batch.var(dim=axes, correction=correction)
        variance = variance if axes == AXES else variance.mean(dim=0)
        notes = keep * notes + (1 - keep) * torch.stack([batch.mean(dim=AXES), variance])
    return notes


def hint_on_notes(came: object, x: torch.Tensor, batches: list[torch.Tensor]) -> str:
    """Return the hint for an output in eval mode that is not right."""
    far = "The notes move a tenth of the way, from what they were towards the batch."
    less_one = (
        "What is noted of the variance is divided by the number of values less one, unlike what "
        "the batch is normalised with."
    )
    alone = "The variance in the notes is that of each image by itself."
    wrong = [
        (noted(batches, 0.1, 1), far),
        (noted(batches, 0.1, 0), f"{far} And that is not all: look at the variance in the notes."),
        (noted(batches, 0.9, 0), less_one),
        (noted(batches, 0.9, 0, (2, 3)), alone),
        (noted(batches, 0.9, 1, (2, 3)), alone),
        (noted(batches, 0.0, 1), "Only the last batch is noted."),
        (noted(batches, 1.0, 1), "The notes have not moved in train mode."),
    ]
    for notes, hint in wrong:
        if same(came, scaled(x, *notes)):
            return hint
    if same(came, F.batch_norm(x, None, None, training=True)):
        return "Eval mode must take the notes, not the mean and variance of the batch at hand."
    return "Follow the running mean and variance of one channel by hand, batch after batch."


def folded(answer: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> object:
    """Return answer(conv, norm); refuse a function that changes the two."""
    if not isinstance(answer, types.FunctionType):
        return call(answer, conv, norm)

    @wraps(answer)
    def watched(conv, norm):
        before = state_of(conv) + state_of(norm)
        result = answer(conv, norm)
        if not same(state_of(conv) + state_of(norm), before, 0.0):
            refuse("The function changes the layers that it is given. Make a new nn.Conv2d.")
        return result

    return call(watched, conv, norm)


def state_of(layer: nn.Module) -> list[torch.Tensor]:
    """Return copies of all tensors of a layer."""
    return [tensor.detach().clone() for tensor in nn.Module.state_dict(layer).values()]


def need_folded(came: object, conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    """Refuse what is not one convolution that does what both layers do."""
    if isinstance(came, nn.Sequential):
        refuse("These are several layers still. One nn.Conv2d is asked for.", came=shown(came))
    if type(came) is not nn.Conv2d:
        refuse("The function must return an nn.Conv2d.", came=described(came))
    names = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
    for name in names:
        if getattr(came, name) != getattr(conv, name):
            refuse(
                f"The new layer must have conv's {name}.",
                tried=str(conv),
                came=f"{name} {getattr(came, name)}",
            )
    if came.bias is None:
        refuse("The new layer needs a bias, even where conv has none. Why?", tried=str(conv))
    x = torch.randn(2, conv.in_channels, 9, 12, dtype=torch.float64)
    weight, bias = (tensor.detach().double() for tensor in (came.weight, came.bias))
    with torch.no_grad():
        output = F.conv2d(x, weight, bias, conv.stride, conv.padding)
        if not same(output, norm(conv(x))):
            refuse(
                hint_on_folded(weight, bias, conv, norm),
                tried=f"{conv}, then a norm with eps={norm.eps}",
                came="another output than of the two layers",
            )


def hint_on_folded(
    weight: torch.Tensor, bias: torch.Tensor, conv: nn.Conv2d, norm: nn.BatchNorm2d
) -> str:
    """Return the hint for the weight and the bias of a folded layer that are not right."""
    old = conv.bias if conv.bias is not None else torch.zeros_like(norm.bias)
    gamma, beta, mean, variance = norm.weight, norm.bias, norm.running_mean, norm.running_var
    deviation = torch.sqrt(variance + norm.eps)

    def times(scale: torch.Tensor) -> torch.Tensor:
        return scale[:, None, None, None] * conv.weight

    scale = gamma / deviation
    own_eps = "The eps under the root is missing, or not the norm's own: norm.eps."
    weights: list[tuple[torch.Tensor, str]] = [
        (times(gamma / torch.sqrt(variance)), own_eps),
        (times(gamma / torch.sqrt(variance + EPS)), own_eps),
        (times(gamma / (variance + norm.eps)), "Divide by the root of the variance."),
        (times(1 / deviation), "The norm's own scale, its weight, is missing."),
        (times(gamma), "The running variance is missing."),
        (conv.weight, "The weight is conv's own. What does the norm multiply each channel by?"),
    ]
    if conv.in_channels == conv.out_channels:
        along = "The scale lies along the input channels. Whose channels does norm normalise?"
        weights.append((scale[:, None, None] * conv.weight, along))
    biases = [
        (scale * (old - mean), "The norm's own shift, its bias, is missing."),
        (-scale * mean + beta, "The bias that conv had is lost."),
        (old - scale * mean + beta, "What scales conv's output scales conv's bias too."),
        (scale * old + beta, "The running mean is missing."),
        (scale * old - mean + beta, "The mean is subtracted before the scale is applied."),
        (scale * (old + mean) + beta, "The mean is subtracted, not added."),
        (beta, "The running mean is missing."),
    ]
    if not same(weight, times(scale)):
        hints = [text for each, text in weights if same(weight, each)]
        return (hints or ["The weight is not right: multiply each output channel's kernel."])[0]
    hints = [text for each, text in biases if same(bias, each)]
    return (hints or ["The weight is right, the bias is not. What comes out for an input of 0?"])[0]
