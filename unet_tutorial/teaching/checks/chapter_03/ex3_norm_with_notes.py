"""3.3 Right for one image, wrong for many."""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import make_module
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    format_difference,
    hint_for_mistake,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal

_TOLERANCE = 1e-4
_ALL, _EACH_IMAGE = (0, 2, 3), (2, 3)
_HISTORY = (
    "The running averages keep the history of every batch, for gradients that nobody needs. Take "
    "them from `mean.detach()` and `variance.detach()`."
)


def _compute_mean(x: Tensor) -> Tensor:
    return x.mean(_ALL)[:, None, None]  # (C, 1, 1)


def _compute_variance(x: Tensor, axes: tuple[int, ...] = _ALL, correction: int = 0) -> Tensor:
    """Return the variance over the axes, averaged over the images if axis 0 is left out."""
    return x.var(axes, correction=correction, keepdim=True).mean(dim=0)  # (C, 1, 1)


def _normalise_values(x: Tensor, mean: Tensor, variance: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - mean) / torch.sqrt(variance + eps)


class _Norm(nn.Module):
    """BatchNorm2d without scale and shift, in parts that the mistakes replace."""

    rate, eps = 0.1, 1e-5
    axes, correction = _ALL, 0  # of the variance in the output
    running_axes, running_correction = _ALL, 1  # of the running variance

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("variance", torch.ones(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return self.eval_output(x)
        seen = x.detach()
        variance = _compute_variance(seen, self.running_axes, self.running_correction)
        self.mean += self.rate * (_compute_mean(seen) - self.mean)
        self.variance += self.rate * (variance - self.variance)
        return self.train_output(x)

    def train_output(self, x: Tensor) -> Tensor:
        variance = _compute_variance(x, self.axes, self.correction)
        return _normalise_values(x, _compute_mean(x), variance, self.eps)

    def eval_output(self, x: Tensor) -> Tensor:
        return _normalise_values(x, self.mean, self.variance, self.eps)


def _make_norm(**parts: object) -> type[nn.Module]:
    """Return a subclass of _Norm with some parts replaced."""
    return type("Norm", (_Norm,), parts)


def _divide_by_variance(self: nn.Module, x: Tensor) -> Tensor:
    return _normalise_values(x, _compute_mean(x), _compute_variance(x) ** 2)


REFERENCE = _Norm
MISTAKES = [
    (_make_norm(axes=_EACH_IMAGE),
     "This takes the variance of each image separately. But the batch's variance also includes "
     "how much the images differ from each other."),
    (_make_norm(train_output=lambda self, x: F.instance_norm(x)),
     "Each image is normalised separately. Over which axes is the batch's mean taken?"),
    (_make_norm(correction=1),
     "For the output, divide the sum of squared differences by the number of values."),
    (_make_norm(eps=0.0), "What keeps the root away from zero?"),
    (_make_norm(train_output=_divide_by_variance),
     "The standard deviation is the root of the variance."),
    (_make_norm(train_output=_Norm.eval_output),
     "The running averages are for eval mode. Train mode uses the batch's own mean and "
     "variance."),
    (_make_norm(rate=0.9),
     "The running averages move a tenth of the way, from the old values to the batch's."),
    (_make_norm(rate=0.9, running_correction=0),
     "The running averages move a tenth of the way, from their old values to the batch's. And "
     "that's not all: look at the running variance."),
    (_make_norm(running_correction=0),
     "The running variance divides by the number of values minus one, unlike the variance that "
     "normalises the batch."),
    (_make_norm(running_axes=_EACH_IMAGE, running_correction=0),
     "The running variance takes the variance of each image separately."),
    (_make_norm(running_axes=_EACH_IMAGE),
     "The running variance takes the variance of each image separately."),
    (_make_norm(rate=1.0), "The running averages only contain the last batch."),
    (_make_norm(rate=0.0), "The running averages have not changed in train mode."),
    (_make_norm(eval_output=_Norm.train_output),
     "Eval mode must use the running averages, not the mean and variance of this batch."),
]  # fmt: skip


def _make_passes(channels: int, sizes: tuple[int, ...], generator: torch.Generator) -> list:
    """Return pairs (train mode, batch): batches of images that differ in brightness and contrast.

    Each pass in eval mode comes twice: the first may change what the second returns.
    """
    batches = []
    for height, number in enumerate(sizes, 4):
        noise, contrast, brightness = (
            torch.randn(number, channels, *size, generator=generator, dtype=torch.float32)
            for size in ((height, 5), (1, 1), (1, 1))
        )
        batches.append(contrast.exp() * noise + 3 * brightness)
    batches += [0.01 * batch for batch in batches[-2:]]  # so small that eps is visible
    looks = [look for batch in (batches[1], batches[-1]) for look in [(False, batch)] * 2]
    some = [(True, batch) for batch in batches]
    many = 40 * some[-1:]  # until the running variance is so small too
    return [*looks, *some, *looks, *many, *looks]


def _run_passes(layer: nn.Module, passes: list) -> tuple[list[Tensor], list[Tensor]]:
    """Return the output of each pass, and the gradient of its input (0 without gradients)."""
    outputs, gradients = [], []
    for training, batch in passes:
        layer.train(training)
        if not training and torch.is_grad_enabled() and layer(batch).requires_grad:
            refuse(_HISTORY, tried="eval mode, after passes in train mode")
        x = batch.clone().requires_grad_(torch.is_grad_enabled())
        output = layer(x)
        if output.requires_grad:
            (output * torch.linspace(1, 2, output.numel()).view(output.shape)).sum().backward()
        outputs.append(output.detach())
        gradients.append(torch.zeros(()) if x.grad is None else x.grad)
    return outputs, gradients


def _require_plain_norm(layer: nn.Module, batch: Tensor) -> None:
    """Refuse a layer that learns, changes its input or its mode, or returns another shape."""
    if names := [name for name, each in layer.named_parameters() if each.requires_grad]:
        refuse(
            "A BatchNorm without scale and shift has no parameters to train.",
            got=f"parameters {', '.join(names)}",
        )
    for training in (True, False):
        twin = copy.deepcopy(layer).train(training)
        got = call_answer(twin, batch)
        if twin.training is not training:
            refuse("Leave the mode to whoever uses the layer, with `train()` and `eval()`.")
        if hint := hint_for_type_or_shape(got, batch):
            refuse(hint, tried=f"a batch of shape {tuple(batch.shape)}", got=describe(got))


def _refuse_output(number: int, passes: list, got: list[Tensor], expected: list[Tensor]) -> None:
    """Refuse the output of pass `number`."""
    training, batch = passes[number]
    mistakes = (
        (_run_passes(make_module(wrong, batch.shape[1]), passes)[0].__getitem__, hint)
        for wrong, hint in MISTAKES
    )
    of_this_mode = [(n,) for n, (mode, _) in enumerate(passes) if mode is training]
    with torch.no_grad():
        hint = hint_for_mistake(
            mistakes, got.__getitem__, expected.__getitem__, of_this_mode, _TOLERANCE
        )
    refuse(
        hint or _explain_pass(number, passes),
        tried=f"{'train' if training else 'eval'} mode, pass {number + 1} of {len(passes)}",
        **format_difference(got[number], expected[number], _TOLERANCE),
    )


def _explain_pass(number: int, passes: list) -> str:
    """Return a hint for pass `number` that is true of every wrong output."""
    if passes[number][0]:
        return (
            "Which axes and numbers do you compute the mean and the variance from? And what do you "
            "divide by?"
        )
    if number and passes[number] is passes[number - 1]:
        return "A pass in eval mode must leave the running averages as they are."
    if not any(training for training, _ in passes[:number]):
        return "Before any pass in train mode, the running mean is 0 and the running variance 1."
    return "Follow the running mean and variance of one channel by hand, batch by batch."


@exercise(
    misconception="A BatchNorm that is right for one image in train mode is right.",
    question=(
        "Your BatchNorm agrees with PyTorch on a batch of one image. Over which axes might you "
        "have averaged without noticing?"
    ),
    hints=(
        "Compare with nn.BatchNorm2d(3, affine=False) yourself: first train mode with a batch of "
        "several images, then eval mode after some passes in train mode.",
        "One mistake is in the variance that normalises the batch, the other one in how far the "
        "running averages move. The chapter computes both by hand.",
        "The variance is taken over images, rows and columns at once. The running averages move a "
        "tenth of the way, so nine tenths of the old value remain.",
    ),
)
def norm_with_notes(answer, *, seed=0) -> str:
    """Check the class Norm(channels) against BatchNorm2d without affine."""
    generator = torch.Generator().manual_seed(seed)
    for channels, sizes, gradients in ((3, (1, 4, 2), False), (2, (3, 2, 5), True)):
        passes = _make_passes(channels, sizes, generator)
        layer = make_module(answer, channels)
        _require_plain_norm(layer, passes[0][1])
        with torch.set_grad_enabled(gradients):
            got = _run_passes(layer, passes)
            oracle = nn.BatchNorm2d(channels, affine=False, dtype=torch.float32)
            expected = _run_passes(oracle, passes)
        for number in range(len(passes)):
            if not is_equal(got[0][number], expected[0][number], _TOLERANCE):
                _refuse_output(number, passes, got[0], expected[0])
        if not is_equal(got[1], expected[1], 10 * _TOLERANCE):
            refuse(
                "The outputs are right, but the gradients of the input aren't. In train mode the "
                "batch's mean and variance depend on the input too: don't detach them there.",
            )
    return "equal to PyTorch's in train mode and, with its running averages, in eval mode"
