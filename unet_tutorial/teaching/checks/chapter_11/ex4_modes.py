"""11.4 Looking without touching."""

from __future__ import annotations

import torch

from unet_tutorial.teaching.checks.chapter_11.predicting import (
    equal_numbers,
    network_with_batchnorm,
    numbers_of,
)
from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value


def _need_untouched_model(probabilities, network, images, expected) -> None:
    """Refuse other values than those of eval mode, or a model that was changed by looking."""
    training, before = network.training, numbers_of(network)

    def run(images):
        return probabilities(network, images)

    run.__name__ = "probabilities"
    mode = "training" if training else "eval"
    tried = f"probabilities(model in {mode} mode, images {tuple(images.shape)})"
    with torch.enable_grad():
        got = call_answer(run, images)
    if type(got) is not torch.Tensor or got.shape != expected.shape:
        shape = tuple(expected.shape)
        refuse(f"Return a tensor of shape {shape}.", tried=tried, got=describe(got))
    if got.requires_grad:
        refuse("The result still carries what a backward pass would need.", tried=tried)
    if torch.allclose(got, expected.logit()):
        refuse("These are the logits. Their sigmoid is the probability.", tried=tried)
    if not torch.allclose(got, expected):
        refuse(
            "BatchNorm has used the statistics of this very batch. Which switch stops that?"
            if training
            else "These are not the probabilities of eval mode.",
            tried=tried,
            expected=f"as in eval mode, first {format_value(expected[0, 0, :3])}",
            got=f"first {format_value(got[0, 0, :3])}",
        )
    if not equal_numbers(numbers_of(network), before):
        refuse("Looking has moved the model's running averages.", tried=tried)
    if any(module.training != training for module in network.modules()):
        left = "eval" if training else "training"
        refuse(
            f"The model came in {mode} mode and is left in {left} mode: who trains on would not "
            "know."
            if training
            else "The model came in eval mode. Give it back in the mode that it had.",
            tried=tried,
        )


@exercise(
    misconception="Under torch.no_grad() a network predicts as in eval mode.",
    hints=(
        "Predict one image alone, and the same image beside another. Then do it with a model "
        "that you have put into eval mode.",
        "`torch.no_grad()` is about gradients and nothing else. What tells BatchNorm to leave "
        "the batch's statistics alone?",
        "Keep `model.training` before you call `model.eval()`, and give it back afterwards by "
        "`model.train(...)`.",
    ),
)
def modes(probabilities, *, seed=0) -> str:
    """Check probabilities(model, images): their values, and that the model is as it was."""
    require_callable(probabilities, 2)
    for number, (count, training) in enumerate([(3, True), (1, True), (2, False)]):
        network = network_with_batchnorm(seed=10 * seed + number)
        generator = torch.Generator().manual_seed(10 * seed + number)
        images = torch.rand((count, 1, 5, 7), generator=generator, dtype=torch.float64)
        with torch.no_grad():
            expected = network.eval()(images).sigmoid()[:, 0]
        _need_untouched_model(probabilities, network.train(training), images, expected)
    return "3 batches, in training mode and in eval mode, and the model as it was before"
