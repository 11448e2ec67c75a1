"""3.3 Right for one image, wrong for many."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import call_answer, describe, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value

ALL, EACH_IMAGE = (0, 2, 3), (2, 3)


def _compute_mean(x: Tensor) -> Tensor:
    return x.mean(ALL)[:, None, None]  # (C, 1, 1)


def _compute_variance(x: Tensor, axes: tuple[int, ...] = ALL, correction: int = 0) -> Tensor:
    """Return the variance over the axes, averaged over the images if axis 0 is left out."""
    return x.var(axes, correction=correction, keepdim=True).mean(dim=0)  # (C, 1, 1)


def _normalise(x: Tensor, mean: Tensor, variance: Tensor, eps: float = 1e-5) -> Tensor:
    return (x - mean) / torch.sqrt(variance + eps)


class _Norm(nn.Module):
    """BatchNorm2d without scale and shift, in parts that the mistakes replace."""

    rate, eps = 0.1, 1e-5
    axes, correction = ALL, 0  # of the variance in the output
    noted_axes, noted_correction = ALL, 1  # of the variance in the notes

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("variance", torch.ones(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return self.eval_output(x)
        variance = _compute_variance(x, self.noted_axes, self.noted_correction)
        self.mean += self.rate * (_compute_mean(x) - self.mean)
        self.variance += self.rate * (variance - self.variance)
        return self.train_output(x)

    def train_output(self, x: Tensor) -> Tensor:
        variance = _compute_variance(x, self.axes, self.correction)
        return _normalise(x, _compute_mean(x), variance, self.eps)

    def eval_output(self, x: Tensor) -> Tensor:
        return _normalise(x, self.mean, self.variance, self.eps)


def _change_norm(**parts: object) -> type[nn.Module]:
    """Return a class like _Norm, in which some parts are replaced."""
    return type("Norm", (_Norm,), parts)


def _without_root(self: nn.Module, x: Tensor) -> Tensor:
    return _normalise(x, _compute_mean(x), _compute_variance(x) ** 2)


REFERENCE = _Norm
MISTAKES = [
    (_change_norm(axes=EACH_IMAGE),
     "This takes the variance of each image by itself. How far the images lie from each other is "
     "part of the batch's variance too."),
    (_change_norm(train_output=lambda self, x: F.instance_norm(x)),
     "Each image is normalised by itself. Over which axes does the batch's mean go?"),
    (_change_norm(correction=1),
     "For the output the sum of squared differences is divided by the number of values."),
    (_change_norm(eps=0.0), "What keeps the root away from zero?"),
    (_change_norm(train_output=_without_root), "The deviation is the root of the variance."),
    (_change_norm(train_output=_Norm.eval_output),
     "The notes are for eval mode. Train mode takes the batch's own mean and variance."),
    (_change_norm(rate=0.9),
     "The notes move a tenth of the way, from what they were towards the batch."),
    (_change_norm(rate=0.9, noted_correction=0),
     "The notes move a tenth of the way, from what they were towards the batch. And that is not "
     "all: look at the variance in the notes."),
    (_change_norm(noted_correction=0),
     "What is noted of the variance is divided by the number of values less one, unlike what the "
     "batch is normalised with."),
    (_change_norm(noted_axes=EACH_IMAGE, noted_correction=0),
     "The variance in the notes is that of each image by itself."),
    (_change_norm(noted_axes=EACH_IMAGE),
     "The variance in the notes is that of each image by itself."),
    (_change_norm(rate=1.0), "Only the last batch is noted."),
    (_change_norm(rate=0.0), "The notes have not moved in train mode."),
    (_change_norm(eval_output=_Norm.train_output),
     "Eval mode must take the notes, not the mean and variance of the batch at hand."),
]  # fmt: skip


def _make_batches(channels: int, sizes: tuple[int, ...], generator: torch.Generator) -> list:
    """Return batches of these sizes, whose images differ in brightness."""
    batches = [
        torch.randn(n, channels, 5, 4, generator=generator, dtype=torch.float64)
        + 5 * torch.rand(n, channels, 1, 1, generator=generator, dtype=torch.float64)
        for n in sizes
    ]
    batches[-1] *= 0.01  # as small as this, eps shows
    return batches


def _pass_through(layer: nn.Module, batches: list[Tensor]) -> Iterator[object]:
    """Yield a layer's output for each batch in train mode, then for one twice in eval mode."""
    nn.Module.train(nn.Module.double(layer))
    for batch in batches:
        yield call_answer(layer, batch)
    nn.Module.eval(layer)
    for _ in range(2):
        yield call_answer(layer, batches[-1][:2])


def _refuse_output(got: object, expected: Tensor, number: int, batches: list[Tensor]) -> None:
    """Refuse output `number` of those that `_pass_through` yields."""
    tried = f"{len(batches)} batches in train mode, then eval mode"
    if number == len(batches) + 1:
        refuse("A pass in eval mode must leave the notes as they are.", tried=f"{tried}, twice")
    otherwise = "Follow the running mean and variance of one channel by hand, batch after batch."
    if number < len(batches):
        tried = f"train mode, on {format_value(batches[number])}"
        otherwise = hint_for_type_or_shape(got, expected) or (
            "Look at which axes, and which numbers, the mean and the variance are computed from."
        )
    channels = batches[0].shape[1]
    outputs = ((list(_pass_through(wrong(channels), batches)), hint) for wrong, hint in MISTAKES)
    hints = (hint for output, hint in outputs if equal_within(got, output[number]))
    refuse(next(hints, otherwise), tried=tried, got="another output than nn.BatchNorm2d's")


@exercise(
    misconception="What is right for one image in train mode is a right BatchNorm.",
    question=(
        "Your BatchNorm agrees with PyTorch on a batch of one image. Over which axes might you "
        "have averaged without noticing?"
    ),
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
        batches = _make_batches(channels, sizes, generator)
        layer, oracle = call_answer(answer, channels), nn.BatchNorm2d(channels, affine=False)
        if not isinstance(layer, nn.Module):
            refuse("The class must make an nn.Module.", got=describe(layer))
        passes = zip(_pass_through(layer, batches), _pass_through(oracle, batches), strict=True)
        for number, (got, expected) in enumerate(passes):
            if not equal_within(got, expected):
                _refuse_output(got, expected, number, batches)
    return "equal to PyTorch's in train mode and, with the notes of five batches, in eval mode"
