"""9.3 A validation that runs out of memory."""

from __future__ import annotations

import weakref

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial import UNet
from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


class _Batches(list):
    """A list of batches that shows itself in a few words."""

    def __init__(self, batches) -> None:
        super().__init__(batches)

    def __repr__(self) -> str:
        return f"[{len(self)} batches]"


def _compare_validation(answer: object, network: nn.Module, batches: _Batches) -> None:
    """Refuse a validation that keeps what only a backward pass would read, or is wrong."""
    network.__deepcopy__ = lambda memo: network  # the answer gets this very network
    alive, most, kept = set(), 0, 0

    def pack(tensor):
        nonlocal most, kept
        held = _Held(tensor.detach())  # the tensor itself would hold its graph, and that this
        alive.add(number := id(held))
        weakref.finalize(held, alive.discard, number)
        most, kept = max(most, len(alive)), kept + 1
        return held

    recording = torch.is_grad_enabled()
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda h: h.tensor):
        got = call_answer(answer, network, batches)
        still_on = torch.is_grad_enabled()
    torch.set_grad_enabled(recording)
    with torch.no_grad():
        each = [F.binary_cross_entropy_with_logits(network(x), y).item() for x, y in batches]
    tried = f"a U-Net in eval mode and {len(batches)} batches"
    hint = _hint_on_state(network, still_on) or _hint_on_memory(got, kept, most, len(batches))
    if hint:
        refuse(hint, tried=tried, got=f"{kept} tensors saved, at most {most} at a time")
    mean = sum(each) / len(each)
    if isinstance(to_plain_value(got), torch.Tensor):
        refuse("Return a number: `.item()` takes it out of its tensor.", got=describe(got))
    if not equal_within(got, mean):
        hint = "The result is the mean of the batches' losses."
        if equal_within(got, sum(each)):
            hint = "That is their sum. How many batches were there?"
        refuse(hint, tried=tried, expected=format_value(round(mean, 4)), got=format_value(got))


class _Held:
    """A tensor that the forward pass saved, as long as anything needs it."""

    def __init__(self, tensor: torch.Tensor):
        self.tensor = tensor


def _hint_on_state(network: nn.Module, still_on: bool) -> str | None:
    """Return the hint for a validation that leaves something switched off behind it."""
    if not all(p.requires_grad for p in nn.Module.parameters(network)):
        return "The parameters no longer want gradients: the next epoch would train nothing."
    if not still_on:
        return "Gradients are still switched off after it, for the whole notebook. Use a `with`."
    return None


def _hint_on_memory(got: object, kept: int, most: int, batches: int) -> str | None:
    """Return the hint for a validation that saves tensors, of one batch or of all."""
    if kept == 0:
        return None
    if most > kept // 2:
        return (
            "Every batch's activations are kept until the end, since the sum remembers how it was "
            "made."
        )
    return (
        "It no longer grows with the batches. But each one still saves its activations, for a "
        "backward pass that never comes."
    )


@exercise(
    misconception="Without a backward pass nothing is kept for one.",
    hints=(
        "Who could still ask for a backward pass through all the batches, after the loop?",
        "`total` holds a graph that reaches every batch's activations. But even one batch's need "
        "not be kept.",
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
