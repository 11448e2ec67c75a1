"""6.4 The checkpoint of an older version."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.compare import call_answer, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal


def _make_renew(reorder: Callable[[Tensor, int], Tensor]) -> Callable[[dict], dict]:
    """Return renew(state), which applies reorder(weight, upsampled) to each Up's first weight."""

    def renew(state):
        renewed = dict(state)
        for name in state:
            if name.endswith(".upsampling.weight"):
                first = name.removesuffix("upsampling.weight") + "conv.double_conv.0.weight"
                renewed[first] = reorder(state[first], state[name].shape[1])
        return renewed

    return renew


REFERENCE = _make_renew(lambda weight, upsampled: weight.roll(-upsampled, 1))
MISTAKES = [
    (_make_renew(lambda weight, upsampled: weight),
     "This one is unchanged. Every Up needs the swap."),
    (_make_renew(lambda weight, upsampled: weight.roll(-(weight.shape[1] // 2), 1)),
     "You cut this one in the middle. Is the join half and half?"),
    (_make_renew(lambda weight, upsampled: weight.roll(upsampled, 1)),
     "You cut at the wrong place: in the old order, the upsampled channels came first."),
    (_make_renew(lambda weight, upsampled: weight.flip(1)),
     "The channels are in reverse. The two parts change places. Inside each part the order stays."),
]  # fmt: skip


def _make_old_checkpoint(halves: list[tuple[int, int]], seed: int) -> OrderedDict[str, Tensor]:
    """Return a state dict with an Up for each (upsampled, skip), and layers with similar names."""
    draw, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    shapes = {
        "in_conv.double_conv.0.weight": (4, 2, 3, 3),
        "in_conv.double_conv.1.num_batches_tracked": (),
        "group1.double_conv.0.weight": (5, 4, 3, 3),
        "down1.downsampling.1.double_conv.0.weight": (6, 5, 3, 3),
        "down1.downsampling.1.double_conv.3.weight": (6, 6, 3, 3),
    }
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
    state = {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    whole = {name: tensor.long() for name, tensor in state.items() if not tensor.ndim}
    return OrderedDict(state | whole)


def _compare_checkpoint(answer: object, state: dict[str, Tensor]) -> int:
    """Refuse a renew(state) that returns another checkpoint; return the number of tensors."""
    wanted, got = REFERENCE(state), call_answer(answer, state)
    if got is None:
        refuse("The function returned nothing: it needs a `return`.")
    if not isinstance(got, dict):
        hint = "The function must return a dict, as state_dict() does."
        refuse(hint, got=f"something of type {type(got).__name__}")
    lacking = [name for name in wanted if name not in got]
    if lacking or len(got) != len(wanted):
        other = lacking[0] if lacking else next(name for name in got if name not in wanted)
        hint = "A checkpoint must hold every tensor under its name, and no others."
        refuse(hint, got=f"{format_value(other)} is {'missing' if lacking else 'new'}")
    for name in wanted:
        _require_kind(name, got[name], wanted[name])
        if not is_equal(got[name], wanted[name], 0.0):
            _refuse_tensor(name, got[name], state, wanted)
    return len(wanted)


def _require_kind(name: str, got: object, wanted: Tensor) -> None:
    """Refuse a value that isn't a tensor of the wanted shape and dtype."""
    if not isinstance(got, Tensor):
        refuse("A state dict holds tensors.", tried=name, got=describe(got))
    for kind in ("shape", "dtype"):
        before, after = (str(getattr(each, kind)) for each in (wanted, got))
        if before != after:
            refuse(f"The {kind} must stay as it is.", tried=name, expected=before, got=after)


def _refuse_tensor(name: str, got: Tensor, state: dict, wanted: dict) -> None:
    """Refuse one tensor of a renewed checkpoint, with the hint that fits."""
    old, block = state[name], name.partition(".")[0]
    tried = f"{name}, of shape {tuple(old.shape)}"
    if name.endswith(".upsampling.weight") or f"{block}.upsampling.weight" not in state:
        hint = "This tensor reads no join, so it doesn't depend on the order."
        refuse(hint, tried=tried, got="a change")
    if is_equal(old, wanted[name], 0.0):
        hint = f"{block} has one layer that reads the join, and it's another one."
        refuse(hint, tried=tried, got="a change")
    upsampled = state[f"{block}.upsampling.weight"].shape[1]
    tried += f", with {upsampled} upsampled channels and {old.shape[1] - upsampled} of the skip"
    for wrong, hint in MISTAKES:  # what they say is true of this tensor alone
        if is_equal(got, wrong(state)[name], 0.0):
            refuse(hint, tried=tried)
    refuse("Which input channels of this weight read the skip? They come first now.", tried=tried)


@exercise(
    misconception="Swapping the two halves of a weight is right for every Up.",
    question=(
        "At which channel do you cut an old weight to swap its two parts: always in the middle?"
    ),
    hints=(
        "Only layers that read a join depend on its order. Which layer of an Up does?",
        "Not every join is half and half. The checkpoint says how many channels are upsampled.",
        "upsampling.weight is (in, out, 2, 2): its second number is where you have to cut the "
        "first weight of the same Up. Build new tensors, and copy all the others.",
    ),
)
def renewed_checkpoint(answer, *, seed=0) -> str:
    """Check renew(state), which turns [upsampled, skip] into [skip, upsampled]."""
    draw = random.Random(seed)
    uneven = [(3, 5), (4, 2), (2, 2), (draw.randrange(1, 4), draw.randrange(4, 7))]
    tensors = [
        _compare_checkpoint(answer, _make_old_checkpoint(halves, seed))
        for halves in (uneven, uneven[:1], uneven * 3)
    ]
    return f"checkpoints of 4, 1 and 12 steps up, with {sum(tensors)} tensors in all"
