"""6.5 Which skip is needed most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import run_module
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    compare_value,
    describe,
    require_callable,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import format_value, is_equal, to_plain_value
from unet_tutorial.unet import UNet

_RANKING = ("up4", "up3", "up2", "up1")
_SKIP, _BELOW = 0, 1  # the halves of a join


def _make_without_skip(*halves: int, names: Sequence[str] = ()) -> Callable[[UNet, str], UNet]:
    """Return without_skip(net, name), which zeroes these halves in one Up or in all of `names`."""

    def without_skip(net, name):
        copied = deepcopy(net)
        for each in names or (name,):
            weight = getattr(copied, each).conv.double_conv[0].weight
            for half in halves:
                weight.detach().chunk(2, dim=1)[half].zero_()
        return copied

    return without_skip


REFERENCE = {"without_skip": _make_without_skip(_SKIP), "ranking": _RANKING}
MISTAKES = {
    "without_skip": [
        (_make_without_skip(), "The skip is still read as before."),
        (_make_without_skip(_BELOW), "That half reads the channels from below. Which is joined "
         "first?"),
        (_make_without_skip(_SKIP, names=_RANKING), "Take away one skip, not all four."),
        (_make_without_skip(_SKIP, _BELOW), "Both halves are 0 now. But the network still needs "
         "the channels from below."),
    ],
    "ranking": [(_RANKING[::-1], "Most needed first: without which skip is the Dice lowest?")],
}  # fmt: skip


def _make_small_unet(seed: int) -> UNet:
    """Return a UNet of 2 base channels with random weights and statistics, in eval mode."""
    generator = torch.Generator().manual_seed(seed)
    net = UNet(base_channels=2).double().eval()
    with torch.no_grad():
        for tensor in net.state_dict().values():
            if tensor.is_floating_point():
                random = torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
                tensor.copy_(0.5 + random)
                if tensor.dim() == 4:
                    tensor.sub_(1.0)
    return net


def _check_one_skip(answer: object, net: UNet, name: str, x: Tensor, before: Tensor) -> None:
    """Refuse a without_skip(net, name) that doesn't silence exactly that skip, in a copy."""
    require_callable(answer, 2)

    def without_skip(name):
        return answer(net, name)  # the network itself: `call_answer` would copy it

    got = call_answer(without_skip, name)
    tried = f'without_skip(net, "{name}")'
    if not isinstance(got, nn.Module):
        refuse("The function must return a network.", tried=tried, got=describe(got))
    if not is_equal(run_module(net, x), before, 1e-9):
        refuse("The network that you were given has changed. Work on a copy.", tried=tried)
    if got.training:
        refuse("The network is in train mode, where BatchNorm works differently.", tried=tried)
    logits = run_module(got, x)
    if is_equal(logits, run_module(REFERENCE["without_skip"](net, name), x), 1e-9):
        return
    otherwise = "Only the weights that read this skip should be 0, every other as it was."
    likely = (
        hint
        for wrong, hint in MISTAKES["without_skip"]
        if is_equal(logits, run_module(wrong(net, name), x), 1e-9)
    )
    refuse(
        next(likely, otherwise),
        tried=f"{tried}, on a batch {tuple(x.shape)}",
        got="different logits than with zeros in place of the skip",
    )


@exercise(
    misconception="The deepest skip has the most channels, so it matters most.",
    question=(
        "Which skip would you give up last: the one with the most channels, or the one with the "
        "most pixels?"
    ),
    hints=(
        "A skip that is multiplied by weights of 0 has no effect. Which weights read it?",
        "In the first convolution of the Up, it's the first half of the second axis. Copy the "
        "network before you change it.",
        "Work on deepcopy(net). In `getattr(copied, name).conv.double_conv[0].weight`, which "
        "slices of which axis read the skip? Change them under torch.no_grad().",
    ),
)
def skips_taken_away(without_skip, ranking, *, seed=0) -> str:
    """Check without_skip(net, name), and the names from the skip needed most to the least."""
    net = _make_small_unet(seed)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 1, 32, 16, generator=generator).double()
    before = run_module(net, x)
    for name in reversed(_RANKING):
        _check_one_skip(without_skip, net, name, x, before)
    if isinstance(to_plain_value(ranking), tuple) and {*to_plain_value(ranking)} != {*_RANKING}:
        refuse('The ranking holds "up1" to "up4", each once.', got=format_value(ranking))
    compare_value(
        ranking,
        _RANKING,
        mistakes=MISTAKES["ranking"],
        name="ranking",
        otherwise="Measure: one Dice for each of the four, on the test strip, lowest first.",
    )
    return "each skip silenced alone, and the nearer to the image, the more was lost without it"
