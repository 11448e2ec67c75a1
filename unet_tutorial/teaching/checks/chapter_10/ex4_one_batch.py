"""10.4 A loop that does not learn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.arrays import read_numbers
from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _overfit(model: nn.Module, x: Tensor, y: Tensor, steps: int, zero_grad=True) -> list[float]:
    """Train without an optimiser, with a learning rate of 0.1, and return the losses."""
    model.train()
    losses = []
    for _ in range(steps):
        if zero_grad:
            model.zero_grad()
        loss = _compute_bce_dice(model(x), y)
        loss.backward()
        for parameter in model.parameters():
            parameter.data -= 0.1 * parameter.grad
        losses.append(loss.item())
    model.eval()
    return losses


def _compute_bce_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice."""
    probability = logits.sigmoid()
    overlap = (probability * target).sum()
    soft_dice = 1 - 2 * overlap / (probability.sum() + target.sum())
    return F.binary_cross_entropy_with_logits(logits, target) + soft_dice


REFERENCE = _overfit
MISTAKES = [
    (partial(_overfit, zero_grad=False),
     "Each step still adds the gradients of all the steps before it."),
]  # fmt: skip


@dataclass
class _TrainingResult:
    """The losses after a training, and the network."""

    losses: object
    network: nn.Module

    @property
    def state(self) -> dict[str, Tensor]:
        return self.network.state_dict()


def _run_overfit(
    overfit: object, x: Tensor, y: Tensor, steps: int, training: bool = True
) -> _TrainingResult:
    """Call overfit(model, x, y, steps) with a small network, in training or eval mode."""
    network = _make_network().train(training)

    def run(x, y, steps):
        return overfit(network, x, y, steps)

    run.__name__ = getattr(overfit, "__name__", "overfit")
    with torch.enable_grad():
        return _TrainingResult(call_answer(run, x, y, steps), network)


def _make_network() -> nn.Sequential:
    """Return a network with one BatchNorm, the same each time."""
    generator = torch.Generator().manual_seed(1)
    network = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 1, 1)
    ).float()
    for parameter in network.parameters():
        parameter.data = 0.5 * torch.randn(
            parameter.shape, generator=generator, dtype=torch.float32
        )
    return network


def _require_losses(losses: object, steps: int, tried: str) -> None:
    """Refuse losses that aren't a sequence with one number for each step, free of their graphs."""
    found = losses if isinstance(losses, tuple | list) else [losses]
    if any(isinstance(each, Tensor) and (each.ndim == 0 or each.requires_grad) for each in found):
        hint = "A loss is a tensor. Keep only the number, without its tensor and its graph."
        refuse(hint, tried=tried, got=describe(losses))
    numbers = read_numbers(losses)
    if numbers is None or numbers.ndim != 1:
        refuse("Return the list of the losses, as numbers.", tried=tried, got=describe(losses))
    if len(numbers) != steps:
        refuse("One loss for each step.", tried=tried, got=f"{len(numbers)} losses")


def _compare_training(got: _TrainingResult, x: Tensor, y: Tensor, steps: int, tried: str) -> None:
    """Refuse weights, losses or a mode other than those of the reference."""
    right = _run_overfit(REFERENCE, x, y, steps)
    if not _has_same_state(got.state, right.state):
        refuse(_hint_for_state(got.state, right, x, y, steps), tried=tried)
    if any(module.training for module in got.network.modules()):
        refuse(
            "The weights are right, but the model is left in training mode. It should be ready to "
            "predict.",
            tried=tried,
        )
    if not all(parameter.requires_grad for parameter in got.network.parameters()):
        refuse("The weights can't be trained any more: `requires_grad` is off.", tried=tried)
    if not is_equal(got.losses, right.losses, 1e-4):
        hint = "The loss of a step is the loss before the weights move."
        refuse(hint, tried=tried, expected=format_value(right.losses), got=format_value(got.losses))


def _hint_for_state(
    state: dict[str, Tensor], right: _TrainingResult, x: Tensor, y: Tensor, steps: int
) -> str:
    before = _make_network()
    if _has_same_state(state, dict(before.named_parameters())):
        return (
            "No weight of the model has moved. What do the gradients hold when `optimiser.step()` "
            "reads them?"
        )
    if _has_same_state(state, {n: b for n, b in before.named_buffers() if "running" in n}):
        return "BatchNorm's averages have not moved: this trained in eval mode."
    if _has_same_state(state, dict(right.network.named_parameters())):
        return "The weights are right, but not BatchNorm's averages: run the model once a step."
    for wrong, hint in MISTAKES:
        if _has_same_state(state, _run_overfit(wrong, x, y, steps).state):
            return hint
    return (
        "The weights aren't those of plain SGD with a rate of 0.1 on `bce_dice_loss`, with one "
        "step for each loss."
    )


def _has_same_state(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Whether a contains all tensors of b, up to rounding."""
    return all(torch.allclose(a[name].double(), b[name].double(), atol=1e-5) for name in b)


@exercise(
    misconception="The six lines of a training step can be in any order.",
    question=(
        "I swap backward and step in the loop. Do you get an error? Which gradient does the first "
        "step use?"
    ),
    hints=(
        "Print the first weight before and after one step. Then print its gradient just before "
        "`optimiser.step()`.",
        "BatchNorm needs training mode while the network learns and eval mode afterwards, "
        "whichever mode it was in before.",
        "`losses` should hold numbers: `loss` is a tensor that still has its graph. `.item()` "
        "takes the number out.",
    ),
)
def one_batch(overfit, *, seed=0) -> str:
    """Check overfit(model, x, y, steps): its losses, the weights and the mode afterwards."""
    require_callable(overfit, 4)
    for number, (shape, steps, training) in enumerate(
        [((3, 1, 6, 9), 3, True), ((2, 1, 8, 5), 5, False), ((1, 1, 7, 7), 1, False)]
    ):
        generator = torch.Generator().manual_seed(100 * seed + number)
        x = torch.rand(shape, generator=generator, dtype=torch.float32)
        y = (x + 0.3 * torch.rand(shape, generator=generator) > 0.6).float()
        got = _run_overfit(overfit, x, y, steps, training)
        tried = f"overfit(model, x, y, {steps}) with x of shape {shape}"
        _require_losses(got.losses, steps, tried)
        _compare_training(got, x, y, steps, tried)
    return "3 small networks, with the losses and the weights of a loop computed by hand"
