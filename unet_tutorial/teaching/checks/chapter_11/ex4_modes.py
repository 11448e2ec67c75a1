"""11.4 Looking without touching."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.chapter_11.batchnorm_network import make_batchnorm_network
from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _require_probabilities(probabilities, network: nn.Module, images: Tensor) -> None:
    """Refuse values that aren't those of eval mode, and a model that was changed."""
    training, before = network.training, copy.deepcopy(dict(network.state_dict()))
    with torch.no_grad():
        expected = copy.deepcopy(network).eval()(images).sigmoid()[:, 0]

    def run(images):
        return probabilities(network, images)

    run.__name__ = "probabilities"
    mode = "training" if training else "eval"
    tried = f"probabilities(model in {mode} mode, images {tuple(images.shape)})"
    with torch.enable_grad():
        got = call_answer(run, images)
    _require_eval_values(got, expected, training, tried)
    if not is_equal(dict(network.state_dict()), before, 0.0):
        refuse("Your function changed the model's running averages.", tried=tried)
    if any(module.training != training for module in network.modules()):
        refuse(
            "The model was in training mode and is left in eval mode: continuing the training "
            "would go wrong silently."
            if training
            else "The model was in eval mode. Leave it in the mode that it had.",
            tried=tried,
        )


def _require_eval_values(got: object, expected: Tensor, training: bool, tried: str) -> None:
    """Refuse any result but the tensor of the model's probabilities in eval mode."""
    if type(got) is not torch.Tensor or got.shape != expected.shape:
        shape = tuple(expected.shape)
        refuse(f"Return a tensor of shape {shape}.", tried=tried, got=describe(got))
    if got.requires_grad:
        refuse("The result still has its graph, for a backward pass.", tried=tried)
    if torch.allclose(got, expected.logit()):
        refuse("These are the logits. Their sigmoid is the probability.", tried=tried)
    if not torch.allclose(got, expected):
        refuse(
            "BatchNorm used the statistics of this batch. Which switch stops that?"
            if training
            else "These are not the probabilities of eval mode.",
            tried=tried,
            expected=f"as in eval mode, first {format_value(expected[0, 0, :3])}",
            got=f"first {format_value(got[0, 0, :3])}",
        )


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
    require_callable(probabilities, 2)
    for number, (count, training) in enumerate([(3, True), (1, True), (2, False)]):
        network = make_batchnorm_network(seed=10 * seed + number)
        generator = torch.Generator().manual_seed(10 * seed + number)
        images = torch.rand((count, 1, 5, 7), generator=generator, dtype=torch.float64)
        _require_probabilities(probabilities, network.train(training), images)
    return "3 batches, in training mode and in eval mode, and the model as it was before"
