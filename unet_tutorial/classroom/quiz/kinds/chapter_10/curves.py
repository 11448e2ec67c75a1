"""Questions on pictures of training curves. The curves are those of real, tiny trainings."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from math import log
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.classroom.quiz.kinds.shared import save_figure
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.teaching.drawing import curves

_Losses = list[float]  # after each epoch


class _Cause(NamedTuple):
    """A way to train, and how it must look if it's to be told from the others."""

    says: str
    told: str  # the misconception of those who choose it wrongly
    points: int
    rates: tuple[float, ...]
    looks: Callable[[_Losses, _Losses], bool]
    optimiser: type[torch.optim.Optimizer] = torch.optim.Adam


def _looks_learned_by_heart(train: _Losses, validation: _Losses) -> bool:
    best = validation.index(min(validation))
    rises = validation[-1] > validation[best] + 0.2
    return rises and 1 <= best <= len(train) - 5 and train[-1] < train[best] - 0.1


def _looks_slow(train: _Losses, validation: _Losses) -> bool:
    steady = train[-2] - train[-1] > 0.6 * (train[0] - train[1])
    return steady and all(0.04 < each[0] - each[-1] < 0.15 for each in (train, validation))


def _looks_too_large(train: _Losses, validation: _Losses) -> bool:
    return sum(b > a + 0.08 for a, b in pairwise(train)) >= 3 and max(train + validation) < 2


def _looks_finished(train: _Losses, validation: _Losses) -> bool:
    flat = all(abs(a - b) < 0.01 for each in (train, validation) for a, b in pairwise(each[-4:]))
    return flat and train[0] > train[-1] + 0.05 and abs(train[-1] - validation[-1]) < 0.04


_BY_HEART = _Cause(
    "It learns the training images by heart.",
    "takes any difference between the curves, or a low loss, for overfitting",
    16,
    (0.0015, 0.002, 0.0025),
    _looks_learned_by_heart,
)
_CAUSES = (
    _BY_HEART,
    _Cause(
        "The learning rate is too small.",
        "expects a loss that stays high, or falls no further, to need larger steps",
        600,
        (0.0001, 0.0002, 0.0003),
        _looks_slow,
    ),
    _Cause(
        "The learning rate is too large.",
        "takes a loss that rises, or doesn't fall, for steps that are too large",
        200,
        (5.5, 6.0, 6.5),
        _looks_too_large,
        torch.optim.SGD,
    ),
    _Cause(
        "The weights never change.",
        "takes a curve that hardly falls for one that doesn't change at all",
        300,
        (0.0,),
        lambda train, validation: True,
    ),
    _Cause(
        "Nothing is wrong: it has learned what it can.",
        "looks at the training loss alone, or at the end of the curves alone",
        1000,
        (0.002, 0.003, 0.004),
        _looks_finished,
    ),
)


@kind("10", "cause_of_curves", "What training curves say")
def ask_cause_of_curves(draw: random.Random) -> Question:
    """Tell from two curves what's wrong with a training, if anything is."""
    cause = draw.choice(_CAUSES)
    train, validation = _train_as(cause, draw)
    return Question(
        text="The picture shows the loss of a training after each epoch, on the training images "
        "and on the validation images. Which of these is most likely?",
        right=cause.says,
        wrong=tuple(Wrong(other.says, other.told) for other in _CAUSES if other is not cause),
        why="If a network learns by heart, the validation loss rises while the training loss "
        "falls. If steps are too small, both still fall in the end; if they're too large, both "
        "jump up and down. If both level off together, it's done, and if nothing changes from the "
        f"start, no step was made. Here, the training loss goes from {train[0]:.2f} to "
        f"{train[-1]:.2f}, the validation loss from {validation[0]:.2f} to {validation[-1]:.2f}, "
        f"{min(validation):.2f} at its lowest.",
        picture=_draw_losses(train, validation),
        alt=_describe_losses(train, validation),
    )


@kind("10", "epoch_to_keep", "Whose weights to keep")
def ask_epoch_to_keep(draw: random.Random) -> Question:
    """Find the epoch with the lowest validation loss in a picture."""
    train, validation = _train_as(_BY_HEART, draw)
    in_order = sorted(validation)
    if in_order[1] - in_order[0] < 0.02 * in_order[-1]:  # it must be visible
        raise DrawAgain
    best = 1 + validation.index(min(validation))
    gaps = [abs(a - b) for a, b in zip(train, validation, strict=True)]
    return Question(
        text="The picture shows the loss of a training after each epoch, on the training images "
        "and on the validation images. The weights were saved after every epoch. Which epoch's "
        "weights do you keep, for new images?",
        right=best,
        wrong=(
            Wrong(len(train), "goes by the training loss, and keeps the last weights"),
            Wrong(1 + gaps.index(min(gaps)), "looks for the smallest gap between the two curves"),
        ),
        why="The validation loss says how well the network does on images that it hasn't trained "
        f"on. It's lowest after epoch {best}; from there on, the network learns the training "
        "images by heart.",
        picture=_draw_losses(train, validation),
        alt=_describe_losses(train, validation),
        numerical=True,
    )


def _train_as(cause: _Cause, draw: random.Random) -> tuple[_Losses, _Losses]:
    """Return the two curves of a training that looks as its cause should."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several times as fast for such a small network
    try:
        for _ in range(40):
            generator = torch.Generator().manual_seed(draw.getrandbits(31))
            losses = _train(cause, draw.choice(cause.rates), draw.randint(9, 12), generator)
            if cause.looks(*losses):
                return losses
    finally:
        torch.set_num_threads(threads)
    raise DrawAgain


def _train(
    cause: _Cause, rate: float, epochs: int, generator: torch.Generator
) -> tuple[_Losses, _Losses]:
    """Return the training loss and the validation loss of a small network after each epoch."""
    known, other = (_make_points(count, generator) for count in (cause.points, 400))
    net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    for part in net.parameters():
        bound = 1 / part.shape[-1] ** 0.5
        nn.init.uniform_(part, -bound, bound, generator=generator)
    optimiser = cause.optimiser(net.parameters(), lr=rate)
    losses: tuple[_Losses, _Losses] = ([], [])
    for _ in range(epochs):
        for _ in range(6):
            optimiser.zero_grad()
            _compute_loss(net, known).backward()
            optimiser.step()
        with torch.no_grad():
            for values, data in zip(losses, (known, other), strict=True):
                values.append(_compute_loss(net, data).item())
    return losses


def _make_points(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return points of two classes that overlap, and their classes."""
    truth = (torch.arange(count) % 2)[:, None].float()
    return torch.randn(count, 2, generator=generator) + 1.2 * truth, truth


def _compute_loss(net: nn.Module, data: tuple[Tensor, Tensor]) -> Tensor:
    return F.binary_cross_entropy_with_logits(net(data[0]), data[1])


def _draw_losses(train: _Losses, validation: _Losses) -> bytes:
    lines = {"loss": {"training": train, "validation": validation}}
    known = {"always saying ½": -log(0.5), "perfect": 0.0}
    epochs = range(1, len(train) + 1)
    return save_figure(curves(lines, xlabel="epoch", x=epochs, references=known))


def _describe_losses(train: _Losses, validation: _Losses) -> str:
    shown = (", ".join(f"{value:.2f}" for value in each) for each in (train, validation))
    return "Loss after each epoch. Training: {}. Validation: {}.".format(*shown)
