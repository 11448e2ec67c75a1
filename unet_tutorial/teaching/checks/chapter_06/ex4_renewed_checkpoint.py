"""6.4 The checkpoint of an older version."""

from __future__ import annotations

import random

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value


def _old_checkpoint(seed: int) -> dict[str, Tensor]:
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


def _skip_first(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the same checkpoint with the skip's slices first, moved one by one."""
    renewed = {name: tensor.clone() for name, tensor in state.items()}
    for name in [name for name in state if name.endswith(".upsampling.bias")]:
        first = name.removesuffix("upsampling.bias") + "conv.double_conv.0.weight"
        of_below, channels = len(state[name]), state[first].shape[1]
        for c in range(channels):
            renewed[first][:, (c - of_below) % channels] = state[first][:, c]
    return renewed


def _refuse_tensor(name: str, got: object, state: dict, wanted: dict) -> None:
    """Refuse one tensor of a renewed checkpoint with the hint that fits."""
    old, right = state[name], wanted[name]
    block = name.partition(".")[0]
    tried = f"{name}, of shape {tuple(old.shape)}"
    if name.endswith(".upsampling.weight") or f"{block}.upsampling.weight" not in state:
        refuse("This tensor reads no join, so no order is in it.", tried=tried, got="a change")
    if equal_within(old, right, 0.0):
        refuse(
            f"{block} has one layer that reads the join. It is not this one.",
            tried=tried,
            got="a change",
        )
    half = old.shape[1] // 2
    of_below = state[f"{block}.upsampling.weight"].shape[1]
    tried += f", with {of_below} channels from below and {old.shape[1] - of_below} of the skip"
    hints = [
        (old, "This one is as it was. Every Up needs the swap."),
        (
            torch.cat([old[:, half:], old[:, :half]], 1),
            "Cut at the middle. Is the join half and half?",
        ),
        (old.roll(of_below, 1), "Cut at the wrong end: the old order was below first."),
        (old.flip(1), "The two parts change places. Inside each part the order stays."),
    ]
    for wrong, hint in hints:
        if equal_within(got, wrong, 0.0):
            refuse(hint, tried=tried)
    if not isinstance(to_plain_value(got), torch.Tensor) or to_plain_value(got).shape != old.shape:
        refuse("The shape must stay as it is.", tried=tried, got=format_value(got))
    refuse("Which slices of this weight read the skip? They come first now.", tried=tried)


@exercise(
    misconception="The order is swapped at the middle of each weight, wherever a Up stands.",
    hints=(
        "Only layers that read a join depend on its order. Which one is that in an Up?",
        "Not every join is half and half. The checkpoint says how many channels come from below.",
        "upsampling.weight is (in, out, 2, 2): its second number is where the first weight of the "
        "same Up has to be cut. Build new tensors, and carry all the others over.",
    ),
)
def renewed_checkpoint(answer, *, seed=0) -> str:
    """Check renew(state): a checkpoint that joined below first, for Ups that join skip first."""
    state = _old_checkpoint(seed)
    wanted = _skip_first(state)
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
