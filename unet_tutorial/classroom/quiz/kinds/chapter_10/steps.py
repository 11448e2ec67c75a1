"""Questions on the loop: how many steps, what a step does, and what the loss is."""

from __future__ import annotations

import random
from typing import NamedTuple

import torch
from torch.utils.data import DataLoader

from unet_tutorial.classroom.quiz.question import Question, Wrong, kind
from unet_tutorial.losses import soft_dice_loss
from unet_tutorial.metrics import dice


@kind("10", "steps_of_a_training", "Steps of a whole training")
def ask_steps_of_a_training(draw: random.Random) -> Question:
    """Count the optimiser's steps where the last batch is smaller."""
    crops, batch, epochs = (
        draw.randint(30, 300),
        draw.choice([4, 6, 8, 12, 16]),
        draw.randint(3, 20),
    )
    steps = epochs * len(DataLoader(range(crops), batch_size=batch))
    return Question(
        text=f"A training uses {crops} crops and `DataLoader(crops, batch_size={batch})`. After "
        f"each batch comes one `optimiser.step()`. How many steps is that in {epochs} epochs?",
        right=steps,
        wrong=(
            Wrong(epochs * (crops // batch), "drops the last, smaller batch of each epoch"),
            Wrong(-(-epochs * crops // batch), "lets a batch run over the end of an epoch"),
            Wrong(steps // epochs, "counts a single epoch"),
            Wrong(epochs * crops, "makes a step for each crop"),
            Wrong(epochs, "makes one step per epoch"),
        ),
        why=f"{crops} crops make {steps // epochs} batches of up to {batch}; the last one holds "
        f"the rest. In {epochs} epochs, that's {epochs} · {steps // epochs} = {steps} steps.",
        numerical=True,
    )


@kind("10", "weight_after_steps", "A weight without zero_grad in every step")
def ask_weight_after_steps(draw: random.Random) -> Question:
    """Follow a weight when old gradients are only removed now and then."""
    start, slope, rate = draw.randint(5, 20), draw.randint(1, 6), draw.choice([0.1, 0.2, 0.5])
    steps, cleared = draw.randint(4, 7), draw.randint(2, 4)
    right, always, never = (
        _train_weight(start, slope, rate, steps, {1, *extra})
        for extra in ([cleared], range(1, steps + 1), [])
    )
    gradients = [slope * (1 + (n if n < cleared - 1 else n + 1 - cleared)) for n in range(steps)]
    kept = _train_weight(start, slope, rate, steps, set(range(1, steps + 1)) - {cleared})
    return Question(
        text=f"A weight is {start}. Its loss is {slope} times the weight, so every `backward` "
        f"computes the same gradient, {slope}. The optimiser is `torch.optim.SGD` with a learning "
        f"rate of {rate}. There are {steps} steps, but `zero_grad` is only called twice: before "
        f"the first, and before step {cleared}. What's the weight in the end?",
        right=round(right, 4),
        wrong=(
            Wrong(round(always, 4), "expects each backward to replace the old gradient"),
            Wrong(round(never, 4), "never removes the old gradients"),
            Wrong(round(kept, 4), "adds up gradients in that step only"),
            Wrong(
                round(2 * start - right, 4), "moves the weight along the gradient, not against it"
            ),
        ),
        why="`backward` adds to the gradient that's there. So the steps use the gradients "
        f"{', '.join(map(str, gradients))}, {sum(gradients)} in all: {start} − {rate} · "
        f"{sum(gradients)} = {right:g}.",
        tolerance=0.001,
        numerical=True,
    )


def _train_weight(start: float, slope: float, rate: float, steps: int, cleared: set[int]) -> float:
    """Return a weight after steps of SGD; `cleared` are the steps that zero_grad comes before."""
    weight = torch.tensor(float(start), dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([weight], lr=rate)
    for step in range(1, steps + 1):
        if step in cleared:
            optimiser.zero_grad()
        (slope * weight).backward()
        optimiser.step()
    return weight.item()


_LINES = {
    "loss": "loss = {loss}(model(x), y)",
    "zero": "{name}.zero_grad()",
    "backward": "loss.backward()",
    "step": "{name}.step()",
}
_ORDERS = (
    "loss zero backward step",
    "zero loss backward step",
    "loss backward step zero",
    "loss backward zero step",
    "zero loss step backward",
    "zero step loss backward",
    "loss zero step backward",
    "loss step zero backward",
    "step zero loss backward",
    "step loss zero backward",
    "loss backward step",
    "loss backward step",  # twice, since it's the most common mistake
)


class _Effect(NamedTuple):
    """What a loop does whose lines are in some order."""

    order: str  # one that does it
    says: str
    why: str
    told: str  # the misconception of those who choose it wrongly


_EFFECTS = (
    _Effect(
        "zero loss backward step",
        "Each step uses the gradient of its own batch.",
        "When `step` runs, the gradients of this batch are there, and no others.",
        "expects any order of the lines to work",
    ),
    _Effect(
        "loss backward step",
        "Each step also uses the gradients of earlier batches.",
        "Nothing removes the gradients, so `backward` adds each batch's to all earlier ones.",
        "takes the order of the lines for a missing zero_grad",
    ),
    _Effect(
        "loss backward zero step",
        "The weights never change.",
        "Between `backward` and the next `step`, `zero_grad` removes the gradients.",
        "expects a wrong order to stop all learning",
    ),
    _Effect(
        "loss step zero backward",
        "Each step uses the gradient of the batch before.",
        "`step` runs before this batch's `backward`, and finds the gradients of the batch before.",
        "looks for a step that comes before backward",
    ),
)


@kind("10", "order_of_a_step", "The lines of a training step in some order")
def ask_order_of_a_step(draw: random.Random) -> Question:
    """Say what a loop does whose lines are in another order, or lack one."""
    order = draw.choice(_ORDERS)
    name = draw.choice(["optimiser", "optimizer", "sgd"])
    loss = draw.choice(["F.mse_loss", "F.l1_loss", "F.binary_cross_entropy_with_logits"])
    rate = draw.choice([0.1, 0.01, 0.05])
    code = "for x, y in loader:\n" + _format_lines(order, name, loss)
    reached = _run_loop(order)
    effect = next(each for each in _EFFECTS if _run_loop(each.order).equal(reached))
    return Question(
        text="What does this loop do? (`loader` gives a different batch each time.)\n\n```\n"
        f"{name} = torch.optim.SGD(model.parameters(), lr={rate})\n{code}\n```",
        right=effect.says,
        wrong=tuple(Wrong(each.says, each.told) for each in _EFFECTS if each is not effect),
        why="`zero_grad` removes the gradients, `backward` adds new ones, and `step` uses what's "
        f"there at that moment. {effect.why}",
    )


def _format_lines(order: str, name: str, loss: str) -> str:
    return "\n".join("    " + _LINES[line].format(name=name, loss=loss) for line in order.split())


def _run_loop(order: str) -> torch.Tensor:
    """Return a small model's weights after a loop over three batches.

    Its loss is a straight line, so each batch has the same gradient at any weights.
    """
    model = torch.nn.Linear(3, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    names = {
        "model": model,
        "sgd": torch.optim.SGD(model.parameters(), lr=1),
        "loader": [(x[None], None) for x in torch.eye(3)],
        "compute_loss": lambda output, target: output.sum(),
    }
    exec("for x, y in loader:\n" + _format_lines(order, "sgd", "compute_loss"), names)
    return model.weight.detach()


@kind("10", "soft_dice_of_pixels", "The soft Dice loss of a few pixels")
def ask_soft_dice_of_pixels(draw: random.Random) -> Question:
    """Compute a soft Dice loss by hand."""
    chances = [draw.randint(1, 9) / 10 for _ in range(draw.choice([4, 5]))]
    truth = [1, 0, *(draw.randint(0, 1) for _ in chances[2:])]
    draw.shuffle(truth)
    p, t = (
        torch.tensor(each, dtype=torch.float64).reshape(1, 1, 1, -1) for each in (chances, truth)
    )
    loss = soft_dice_loss(p.logit(), t).item()
    shared, both = (p * t).sum().item(), (p + t).sum().item()
    return Question(
        text=f"A tiny image has {len(truth)} pixels. The network gives them the probabilities "
        f"{chances}, and the truth is {truth}. What's the soft Dice loss, $1 - 2 \\sum p\\,t "
        "\\,/\\, (\\sum p + \\sum t)$? (Two decimals.)",
        right=round(loss, 4),
        wrong=(
            Wrong(round(1 - loss, 4), "gives the score instead of the loss"),
            Wrong(round(1 - dice(p > 0.5, t), 4), "makes a mask of the probabilities first"),
            Wrong(round(1 - shared / both, 4), "counts the shared part once instead of twice"),
            Wrong(round((p - t).abs().mean().item(), 4), "averages the differences from the truth"),
        ),
        why=f"$\\sum p\\,t$ is {shared:g}, the sum of the probabilities where the truth is 1. The "
        f"sums in the denominator are {p.sum().item():g} and {sum(truth)}: 1 − {2 * shared:g} / "
        f"{both:g} = {loss:.2f}.",
        tolerance=0.006,
        numerical=True,
    )
