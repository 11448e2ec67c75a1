"""6.4 The checkpoint of an older version."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


def _renew_with(reorder: Callable[[Tensor, int], Tensor]) -> Callable[[dict], dict]:
    """Return renew(state) with reorder(weight, channels from below) for each Up's first weight."""

    def renew(state):
        renewed = dict(state)
        for name in state:
            if name.endswith(".upsampling.weight"):
                first = name.removesuffix("upsampling.weight") + "conv.double_conv.0.weight"
                renewed[first] = reorder(state[first], state[name].shape[1])
        return renewed

    return renew


REFERENCE = _renew_with(lambda weight, below: weight.roll(-below, 1))
MISTAKES = [
    (_renew_with(lambda weight, below: weight), "This one is as it was. Every Up needs the swap."),
    (_renew_with(lambda weight, below: weight.roll(-(weight.shape[1] // 2), 1)),
     "Cut at the middle. Is the join half and half?"),
    (_renew_with(lambda weight, below: weight.roll(below, 1)),
     "Cut at the wrong end: the old order was below first."),
    (_renew_with(lambda weight, below: weight.flip(1)),
     "The two parts change places. Inside each part the order stays."),
]  # fmt: skip


def _make_old_checkpoint(seed: int) -> dict[str, Tensor]:
    """Return a state dict: Ups of unequal halves, and layers whose names look like theirs."""
    draw, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    shapes = {
        "in_conv.double_conv.0.weight": (4, 2, 3, 3),
        "down1.downsampling.1.double_conv.0.weight": (6, 4, 3, 3),
        "down1.downsampling.1.double_conv.3.weight": (6, 6, 3, 3),
    }
    halves = [(3, 5), (4, 2), (2, 2), (draw.randrange(1, 4), draw.randrange(4, 7))]
    for number, (upsampled, skip) in enumerate(halves, start=1):
        out = draw.randrange(2, 5)
        shapes |= {
            f"up{number}.upsampling.weight": (2 * upsampled + 1, upsampled, 2, 2),
            f"up{number}.upsampling.bias": (upsampled,),
            f"up{number}.conv.double_conv.0.weight": (out, upsampled + skip, 3, 3),
            f"up{number}.conv.double_conv.1.weight": (out,),
            f"up{number}.conv.double_conv.1.running_mean": (out,),
            f"up{number}.conv.double_conv.3.weight": (out, out, 3, 3),
        }
    shapes["out_conv.conv.weight"] = (1, 4, 1, 1)
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def _refuse_tensor(name: str, got: object, state: dict, wanted: dict) -> None:
    """Refuse one tensor of a renewed checkpoint with the hint that fits."""
    old, block = state[name], name.partition(".")[0]
    tried = f"{name}, of shape {tuple(old.shape)}"
    if name.endswith(".upsampling.weight") or f"{block}.upsampling.weight" not in state:
        hint = "This tensor reads no join, so no order is in it."
        refuse(hint, tried=tried, got="a change")
    if equal_within(old, wanted[name], 0.0):
        hint = f"{block} has one layer that reads the join. It is not this one."
        refuse(hint, tried=tried, got="a change")
    below = state[f"{block}.upsampling.weight"].shape[1]
    tried += f", with {below} channels from below and {old.shape[1] - below} of the skip"
    for wrong, hint in MISTAKES:
        if equal_within(got, wrong(state)[name], 0.0):
            refuse(hint, tried=tried)
    if not isinstance(to_plain_value(got), torch.Tensor) or to_plain_value(got).shape != old.shape:
        refuse("The shape must stay as it is.", tried=tried, got=format_value(got))
    refuse("Which slices of this weight read the skip? They come first now.", tried=tried)


@exercise(
    misconception="The order is swapped at the middle of each weight, wherever a Up stands.",
    question=(
        "At which channel do you cut an old weight in two to swap its halves: always in the middle?"
    ),
    hints=(
        "Only layers that read a join depend on its order. Which one is that in an Up?",
        "Not every join is half and half. The checkpoint says how many channels come from below.",
        "upsampling.weight is (in, out, 2, 2): its second number is where the first weight of the "
        "same Up has to be cut. Build new tensors, and carry all the others over.",
    ),
)
def renewed_checkpoint(answer, *, seed=0) -> str:
    """Check renew(state): a checkpoint that joined below first, for Ups that join skip first."""
    state = _make_old_checkpoint(seed)
    wanted = REFERENCE(state)
    got = call_answer(answer, state)
    if got is None:
        refuse("Nothing came back: the function needs a `return`.")
    if not isinstance(got, dict):
        refuse(
            "The function must return a dict, as state_dict() does.",
            got=f"something of type {type(got).__name__}",
        )
    lacking = [name for name in wanted if name not in got]
    if lacking or len(got) != len(wanted):
        other = lacking[0] if lacking else next(name for name in got if name not in wanted)
        hint = "A checkpoint must hold every tensor under its name, and no others."
        refuse(hint, got=f"{format_value(other)} is {'missing' if lacking else 'new'}")
    for name in wanted:
        if not equal_within(got[name], wanted[name], 0.0):
            _refuse_tensor(name, got[name], state, wanted)
    return f"{len(wanted)} tensors, of which four had to change"
