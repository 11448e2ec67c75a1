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
from unet_tutorial.teaching.checks.values import is_equal


def _sum_losses(network: nn.Module, batches: list) -> float:
    with torch.no_grad():  # no decorator: grading would report the wrapped function as replaced
        return sum(F.binary_cross_entropy_with_logits(network(x), y).item() for x, y in batches)


def _average_losses(network: nn.Module, batches: list) -> float:
    return _sum_losses(network, batches) / len(batches)


REFERENCE = _average_losses
MISTAKES = [(_sum_losses, "That is the sum of the losses. How many batches were there?")]


@dataclass(eq=False)
class _SavedTensor:
    """A tensor that a forward pass saved; deleted when nothing needs it any more."""

    tensor: Tensor


def _run_counting_saved(
    answer: object, network: nn.Module, batches: list
) -> tuple[object, int, int]:
    """Return the result, and the number of saved tensors: of all, and the most at a time."""
    alive, most, count = set(), 0, 0

    def save(tensor):
        nonlocal most, count
        saved = _SavedTensor(tensor.detach())  # detached, since the graph would keep itself alive
        alive.add(number := id(saved))
        weakref.finalize(saved, alive.discard, number)
        most, count = max(most, len(alive)), count + 1
        return saved

    with torch.enable_grad(), saved_tensors_hooks(save, lambda saved: saved.tensor):
        return call_answer(answer, network, batches), count, most


def _hint_for_memory(count: int, most: int) -> str:
    """Return the hint for a validation that saves tensors for a backward pass."""
    if most > count // 2:
        return "Activations are kept until the end, because something still refers to their graph."
    return (
        "The memory no longer grows with the batches. But each batch still saves its activations, "
        "for a backward pass that never comes."
    )


def _compare_validation(answer: object, cases: list[tuple], network: nn.Module, batches: list):
    """Refuse a validation that saves tensors for a backward pass, or returns another loss."""
    got, count, most = _run_counting_saved(answer, network, batches)
    tried = f"a U-Net in eval mode and {len(batches)} batches"
    if count:
        got = f"{count} tensors saved, at most {most} at the same time"
        refuse(_hint_for_memory(count, most), tried=tried, got=got)
    if not isinstance(got, float):
        hint = "Return a Python float: `.item()` takes the number out of a tensor or an array."
        refuse(hint, tried=tried, got=describe(got))
    if not is_equal(got, expected := REFERENCE(network, batches), 1e-4):
        refuse(
            hint_for_mistake(MISTAKES, answer, REFERENCE, cases, 1e-4)
            or "The result is the mean of the batches' losses.",
            tried=tried,
            expected=f"{expected:.4f}",
            got=f"{got:.4f}",
        )


@exercise(
    misconception="If there's no backward pass, nothing is saved for one.",
    question=(
        "Validation needs no backward pass. So why can it run out of memory, and which line of "
        "the loop keeps tensors that nobody needs?"
    ),
    hints=(
        "Print `total` after the loop. It's not just a number: what does it still refer to?",
        "Each loss has a graph, which holds the activations of its batch, and `total` holds all "
        "of these graphs. If you add plain numbers, only one batch's activations are left. Who "
        "needs those?",
        "Nobody will call `backward`, so PyTorch shouldn't record anything while the network "
        "runs. Chapter 08 had a `with` for that. It ends with the loop, so training goes on.",
    ),
)
def validate_lightly(validation_loss, *, seed=0) -> str:
    """Check validation_loss(network, batches), a float."""
    torch.manual_seed(seed)
    network = nn.Module.eval(UNet(base_channels=1).float())
    network.in_conv.requires_grad_(False)  # a frozen layer should stay frozen
    shapes = [(2, 1, 16, 32), (1, 1, 32, 16), (2, 1, 16, 16), (1, 1, 16, 48), (3, 1, 16, 16)]
    batches = [
        (torch.rand(shape, dtype=torch.float32), (torch.rand(shape) > 0.5).float())
        for shape in shapes
    ]
    cases = [(network, batches), (network, batches[:3])]
    for case in cases:
        _compare_validation(validation_loss, cases, *case)
    return f"the mean of {len(batches)} batches, with nothing kept for a backward pass"
