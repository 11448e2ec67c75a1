"""11.4 Looking without touching."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.chapter_11.batchnorm_network import make_batchnorm_network
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    describe,
    format_difference,
    hint_for_mistake,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal


def _find_probabilities(model: nn.Module, images: Tensor, training: bool = False) -> Tensor:
    with torch.no_grad():
        return copy.deepcopy(model).train(training)(images).sigmoid()[:, 0]


REFERENCE = _find_probabilities
MISTAKES = [
    (lambda model, images: _find_probabilities(model, images, model.training),
     "BatchNorm used the statistics of this batch. Which switch stops that?"),
    (lambda model, images: _find_probabilities(model, images).logit(),
     "These are the logits. Their sigmoid is the probability."),
]  # fmt: skip


def _require_probabilities(probabilities, model: nn.Module, images: Tensor) -> None:
    """Refuse anything but a tensor of the probabilities in eval mode, without a graph."""
    mode = "training" if model.training else "eval"
    tried = f"probabilities(model in {mode} mode, images {tuple(images.shape)})"
    expected = REFERENCE(model, images)
    with torch.enable_grad():
        got = call_answer(probabilities, model, images)
    if type(got) is not torch.Tensor or got.shape != expected.shape:
        shape = tuple(expected.shape)
        refuse(f"Return a tensor of shape {shape}.", tried=tried, got=describe(got))
    if got.requires_grad:
        refuse("The result still has its graph, for a backward pass.", tried=tried)
    if not is_equal(got, expected, 1e-4):
        hint = "These are not the probabilities of eval mode."
        refuse(hint, tried=tried, **format_difference(got, expected, 1e-4))


@exercise(
    misconception="Under torch.no_grad(), a network predicts as in eval mode.",
    question=(
        "I predict under `no_grad()`. What does BatchNorm do, and is the network the same "
        "afterwards?"
    ),
    hints=(
        "Predict one image alone, and the same image together with another one. Then do it with a "
        "model that you have put into eval mode.",
        "`torch.no_grad()` only concerns gradients. What tells BatchNorm to ignore the batch's "
        "statistics?",
        "Store `model.training` before you call `model.eval()`, and restore it afterwards with "
        "`model.train(...)`.",
    ),
)
def modes(probabilities, *, seed=0) -> str:
    """Check probabilities(model, images): their values, and that the model hasn't changed."""
    cases = []
    for number, (count, training, dropout) in enumerate(
        [(3, True, 0), (1, True, 0), (2, False, 0), (2, True, 0.5)]
    ):
        network = make_batchnorm_network(10 * seed + number, dropout).train(training)
        generator = torch.Generator().manual_seed(10 * seed + number)
        shape = (count, 1, 5, 7)
        cases.append((network, torch.rand(shape, generator=generator, dtype=torch.float32)))
    cases[2][0].down.requires_grad_(False)  # a frozen layer should stay frozen
    with torch.enable_grad():  # only three cases: with dropout, no two results agree
        hint = hint_for_mistake(MISTAKES, probabilities, REFERENCE, cases[:3], 1e-4)
    if hint:
        refuse(hint, tried="probabilities(model, images), with a model in training and eval mode")
    for case in cases:
        _require_probabilities(probabilities, *case)
    return "4 batches, in training mode and in eval mode, and the model as it was before"
