"""10.4 A loop that does not learn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    require_callable,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value

RATE = 0.1


@dataclass
class _Trained:
    """What a training leaves behind."""

    losses: object
    state: dict[str, Tensor]
    in_training_mode: bool


def _small_network() -> nn.Sequential:
    """Return a network with one BatchNorm, the same each time."""
    generator = torch.Generator().manual_seed(1)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1)
    ).double()
    for parameter in network.parameters():
        values = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
        parameter.data = 0.5 * values
    return network


def _state_of(network: nn.Module) -> dict[str, Tensor]:
    """Return copies of all its numbers."""
    tensors = [*network.named_parameters(), *network.named_buffers()]
    return {name: tensor.detach().clone() for name, tensor in tensors}


def _learned(overfit: object, x: Tensor, y: Tensor, steps: int, training: bool) -> _Trained:
    """Return what overfit(model, x, y, steps) makes of a small network, in the mode given."""
    require_callable(overfit, 4)
    network = _small_network().train(training)

    def run(x, y, steps):
        return overfit(network, x, y, steps)

    run.__name__ = getattr(overfit, "__name__", "overfit")
    with torch.enable_grad():
        losses = call_answer(run, x, y, steps)
    modes = [module.training for module in network.modules()]
    return _Trained(losses, _state_of(network), any(modes))


def _learned_by_hand(x, y, steps, *, adds_up=False, training=True, moves=True) -> _Trained:
    """Return the same from a loop without an optimiser, rightly or with a mistake."""
    network = _small_network().train(training)
    parameters = list(network.parameters())
    held = [torch.zeros_like(parameter) for parameter in parameters]
    losses = []
    with torch.enable_grad():
        for _ in range(steps):
            loss = _plain_loss(network(x), y)
            gradients = torch.autograd.grad(loss, parameters)
            held = [h * adds_up + g for h, g in zip(held, gradients, strict=True)]
            for parameter, gradient in zip(parameters, held, strict=True):
                parameter.data -= RATE * moves * gradient
            losses.append(loss.item())
    return _Trained(losses, _state_of(network), False)


def _plain_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice."""
    probability = logits.sigmoid()
    overlap = (probability * target).sum()
    soft_dice = 1 - 2 * overlap / (probability.sum() + target.sum())
    return F.binary_cross_entropy_with_logits(logits, target) + soft_dice


def _close(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Return whether two states are equal to rounding."""
    return all(torch.allclose(a[name].double(), b[name].double(), atol=1e-7) for name in b)


def _need_losses(got: _Trained, steps: int, tried: str) -> None:
    """Refuse losses that are not a list of so many numbers."""
    losses = got.losses
    if type(losses) not in (list, tuple):
        hint = "Return the list of the losses."
        refuse(hint, tried=tried, got=describe(losses))
    if any(isinstance(loss, Tensor) for loss in losses):
        refuse(
            "The losses are tensors. Keep the number alone, without its tensor and its graph.",
            tried=tried,
            got=f"a list of {type(losses[-1]).__name__}s",
        )
    if len(losses) != steps:
        refuse("One loss for each step.", tried=tried, got=f"{len(losses)} losses")
    if any(type(loss) is not float for loss in losses):
        refuse(
            "Each loss must be a number with a decimal point.",
            tried=tried,
            got=format_value(losses),
        )


def _need_weights(got: _Trained, x: Tensor, y: Tensor, steps: int, tried: str) -> None:
    """Refuse weights, losses or a mode other than those of the loop by hand."""
    before = _state_of(_small_network())
    right = _learned_by_hand(x, y, steps)
    weights = [name for name in before if "running" not in name and "num" not in name]
    if _close(got.state, {name: before[name] for name in weights}):
        hint = "No weight has moved. What do the gradients hold when `optimiser.step()` reads them?"
        refuse(hint, tried=tried)
    if _close(got.state, {n: before[n] for n in before if "running" in n}):
        hint = "BatchNorm's averages have not moved: this trained in eval mode."
        refuse(hint, tried=tried)
    if _close(got.state, _learned_by_hand(x, y, steps, adds_up=True).state):
        hint = "Each step still follows the gradients of all the steps before it."
        refuse(hint, tried=tried)
    if not _close(got.state, right.state):
        hint = "The weights end elsewhere than with plain SGD at a rate of 0.1, one step a loss."
        refuse(hint, tried=tried)
    if got.in_training_mode:
        hint = "The weights are right, but the model is left in training mode. It is to predict."
        refuse(hint, tried=tried)
    if not torch.allclose(torch.tensor(got.losses), torch.tensor(right.losses), atol=1e-6):
        hint = "The loss of a step is that before its weights move."
        refuse(hint, tried=tried, expected=format_value(right.losses), got=format_value(got.losses))


@exercise(
    misconception="The six lines of a training step may stand in any order.",
    hints=(
        "Print the first weight before and after one step. Then print its gradient just before "
        "`optimiser.step()`.",
        "BatchNorm needs training mode while the network learns and eval mode afterwards, "
        "however it came in.",
        "`losses` should hold numbers: `loss` is a tensor that still carries its graph. "
        "`.item()` takes the number out.",
    ),
)
def one_batch(overfit, *, seed=0) -> str:
    """Check overfit(model, x, y, steps): its losses, the weights it learns, and the mode after."""
    for number, (shape, steps, training) in enumerate(
        [((3, 1, 6, 9), 3, True), ((2, 1, 8, 5), 5, False), ((1, 1, 7, 7), 4, False)]
    ):
        generator = torch.Generator().manual_seed(100 * seed + number)
        x = torch.rand(shape, generator=generator, dtype=torch.float64)
        y = (x + 0.3 * torch.rand(shape, generator=generator, dtype=torch.float64) > 0.6).double()
        got = _learned(overfit, x, y, steps, training)
        tried = f"overfit(model, x, y, {steps}) with x of shape {shape}"
        _need_losses(got, steps, tried)
        _need_weights(got, x, y, steps, tried)
    return "3 small networks, with the losses and the weights of a loop computed by hand"
