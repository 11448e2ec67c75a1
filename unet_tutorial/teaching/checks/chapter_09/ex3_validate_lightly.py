"""9.3 A validation that runs out of memory."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from unet_tutorial import UNet
from unet_tutorial.teaching.checks.compare import call_answer, describe, hint_for_mistake
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value


def _sum_losses(network: nn.Module, batches: list) -> float:
    with torch.no_grad():  # no decorator: grading would report the wrapped function as replaced
        return sum(F.binary_cross_entropy_with_logits(network(x), y).item() for x, y in batches)


def _average_losses(network: nn.Module, batches: list) -> float:
    return _sum_losses(network, batches) / len(batches)


REFERENCE = _average_losses
MISTAKES = [(_sum_losses, "That is the sum of the losses. How many batches were there?")]


class _Batches(list):
    """A list of batches with a short repr for messages."""

    def __repr__(self) -> str:
        return f"[{len(self)} batches]"


@dataclass(eq=False)
class _SavedTensor:
    """A tensor that a forward pass saved; deleted when nothing needs it any more."""

    tensor: Tensor


def _compare_validation(answer: object, network: nn.Module, batches: _Batches) -> None:
    """Refuse a validation that saves tensors for a backward pass, or returns another loss."""
    got, count, most, still_on = _run_counting_saved(answer, network, batches)
    tried = f"a U-Net in eval mode and {len(batches)} batches"
    hint = _hint_for_switched_off(network, still_on) or _hint_for_memory(count, most)
    if hint:
        refuse(hint, tried=tried, got=f"{count} tensors saved, at most {most} at the same time")
    if isinstance(to_plain_value(got), Tensor):
        refuse("Return a number: `.item()` takes it out of its tensor.", got=describe(got))
    expected = REFERENCE(network, batches)
    if not is_equal(got, expected):
        hint = hint_for_mistake(MISTAKES, (network, batches), got)
        refuse(
            hint or "The result is the mean of the batches' losses.",
            tried=tried,
            expected=format_value(round(expected, 4)),
            got=format_value(got),
        )


def _run_counting_saved(
    answer: object, network: nn.Module, batches: _Batches
) -> tuple[object, int, int, bool]:
    """Return the result, the number of saved tensors (total, at once), and if gradients are on."""
    network.__deepcopy__ = lambda memo: network  # so that the answer gets this network, no copy
    alive, most, count = set(), 0, 0

    def save(tensor):
        nonlocal most, count
        saved = _SavedTensor(tensor.detach())  # detached, since the graph would keep itself alive
        alive.add(number := id(saved))
        weakref.finalize(saved, alive.discard, number)
        most, count = max(most, len(alive)), count + 1
        return saved

    recording = torch.is_grad_enabled()
    with torch.enable_grad(), saved_tensors_hooks(save, lambda saved: saved.tensor):
        got = call_answer(answer, network, batches)
        still_on = torch.is_grad_enabled()
    torch.set_grad_enabled(recording)
    return got, count, most, still_on


def _hint_for_switched_off(network: nn.Module, still_on: bool) -> str | None:
    """Return the hint for a validation that leaves gradients switched off, or None."""
    if not all(p.requires_grad for p in nn.Module.parameters(network)):
        return "The parameters no longer require gradients: the next epoch would train nothing."
    if not still_on:
        return "Gradients are still switched off afterwards, in the whole notebook. Use a `with`."
    return None


def _hint_for_memory(count: int, most: int) -> str | None:
    """Return the hint for a validation that saves tensors for a backward pass, or None."""
    if count == 0:
        return None
    if most > count // 2:
        return (
            "Every batch's activations are kept until the end, because the sum still has its graph."
        )
    return (
        "The memory no longer grows with the batches. But each batch still saves its activations, "
        "for a backward pass that never comes."
    )


@exercise(
    misconception="If there's no backward pass, nothing is saved for one.",
    question=(
        "Validation needs no backward pass. So why can it run out of memory, and which line of "
        "the loop keeps tensors that nobody needs?"
    ),
    hints=(
        "After the loop, what still allows a backward pass through all the batches?",
        "`total` has a graph that reaches every batch's activations. But you don't need to keep "
        "even one batch's.",
        "Run the loop where PyTorch records nothing (`with torch.no_grad():` or "
        "`torch.inference_mode()`), and return a number, not a tensor.",
    ),
)
def validate_lightly(validation_loss, *, seed=0) -> str:
    """Check validation_loss(network, batches), a float."""
    torch.manual_seed(seed)
    network = nn.Module.eval(UNet(base_channels=1).float())
    shapes = [(2, 1, 16, 32), (1, 1, 32, 16), (2, 1, 16, 16), (1, 1, 16, 16), (3, 1, 16, 16)]
    batches = _Batches(
        (torch.rand(shape, dtype=torch.float32), (torch.rand(shape) > 0.5).float())
        for shape in shapes
    )
    _compare_validation(validation_loss, network, batches)
    return f"the mean of {len(batches)} batches, with nothing kept for a backward pass"
