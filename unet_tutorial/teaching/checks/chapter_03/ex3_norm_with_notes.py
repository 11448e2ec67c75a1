"""3.3 Right for one image, wrong for many."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import call_answer, describe, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal

_ALL, _EACH_IMAGE = (0, 2, 3), (2, 3)


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
        variance = _compute_variance(x, self.running_axes, self.running_correction)
        self.mean += self.rate * (_compute_mean(x) - self.mean)
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
     "The running statistics are for eval mode. Train mode uses the batch's own mean and "
     "variance."),
    (_make_norm(rate=0.9),
     "The running statistics move a tenth of the way, from the old values to the batch's."),
    (_make_norm(rate=0.9, running_correction=0),
     "The running statistics move a tenth of the way, from their old values to the batch's. And "
     "that's not all: look at the running variance."),
    (_make_norm(running_correction=0),
     "The running variance divides by the number of values less one, unlike the variance that "
     "normalises the batch."),
    (_make_norm(running_axes=_EACH_IMAGE, running_correction=0),
     "The running variance takes the variance of each image separately."),
    (_make_norm(running_axes=_EACH_IMAGE),
     "The running variance takes the variance of each image separately."),
    (_make_norm(rate=1.0), "The running statistics only contain the last batch."),
    (_make_norm(rate=0.0), "The running statistics have not changed in train mode."),
    (_make_norm(eval_output=_Norm.train_output),
     "Eval mode must use the running statistics, not the mean and variance of this batch."),
]  # fmt: skip


def _make_batches(channels: int, sizes: tuple[int, ...], generator: torch.Generator) -> list:
    """Return batches of these sizes, with images of different brightness."""
    batches = [
        torch.randn(n, channels, 5, 4, generator=generator, dtype=torch.float64)
        + 5 * torch.rand(n, channels, 1, 1, generator=generator, dtype=torch.float64)
        for n in sizes
    ]
    batches[-1] *= 0.01  # with values this small, eps makes a visible difference
    return batches


def _run_both_modes(layer: nn.Module, batches: list[Tensor]) -> Iterator[object]:
    """Yield a layer's outputs: each batch in train mode, then one batch twice in eval mode."""
    nn.Module.train(nn.Module.double(layer))
    for batch in batches:
        yield call_answer(layer, batch)
    nn.Module.eval(layer)
    for _ in range(2):
        yield call_answer(layer, batches[-1][:2])


def _refuse_norm(got: object, expected: Tensor, number: int, batches: list[Tensor]) -> None:
    """Refuse output `number` of `_run_both_modes`."""
    tried = f"{len(batches)} batches in train mode, then eval mode"
    if number == len(batches) + 1:
        refuse(
            "A pass in eval mode must leave the running statistics as they are.",
            tried=f"{tried}, twice",
        )
    otherwise = "Follow the running mean and variance of one channel by hand, batch by batch."
    if number < len(batches):
        tried = f"train mode, on {format_value(batches[number])}"
        otherwise = hint_for_type_or_shape(got, expected) or (
            "Which axes, and which numbers, do you compute the mean and the variance from?"
        )
    channels = batches[0].shape[1]
    outputs = ((list(_run_both_modes(wrong(channels), batches)), hint) for wrong, hint in MISTAKES)
    hints = (hint for output, hint in outputs if is_equal(got, output[number]))
    refuse(next(hints, otherwise), tried=tried, got="a different output than nn.BatchNorm2d")


@exercise(
    misconception="A BatchNorm that is right for one image in train mode is right.",
    question=(
        "Your BatchNorm agrees with PyTorch on a batch of one image. Over which axes might you "
        "have averaged without noticing?"
    ),
    hints=(
        "Compare with nn.BatchNorm2d(3, affine=False) yourself: first train mode with a batch of "
        "several images, then eval mode after some passes in train mode.",
        "One mistake is in the values that normalise the batch, two are in the running "
        "statistics. The chapter computes both by hand.",
        "The variance is taken over images, rows and columns at once. The running statistics move "
        "a tenth of the way, and their variance divides by the number of values less one.",
    ),
)
def norm_with_notes(answer, *, seed=0) -> str:
    """Check the class Norm(channels) against BatchNorm2d without affine."""
    if not (isinstance(answer, type) and issubclass(answer, nn.Module)):
        refuse("The answer must be the class `Norm`, without brackets.", got=describe(answer))
    generator = torch.Generator().manual_seed(seed)
    for channels, sizes in ((3, (1, 4, 2)), (2, (3, 5))):
        batches = _make_batches(channels, sizes, generator)
        layer, oracle = call_answer(answer, channels), nn.BatchNorm2d(channels, affine=False)
        if not isinstance(layer, nn.Module):
            refuse("The class must make an nn.Module.", got=describe(layer))
        passes = zip(_run_both_modes(layer, batches), _run_both_modes(oracle, batches), strict=True)
        for number, (got, expected) in enumerate(passes):
            if not is_equal(got, expected):
                _refuse_norm(got, expected, number, batches)
    return "equal to PyTorch's in train mode and, with the notes of five batches, in eval mode"
