"""6.5 Which skip must line up best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answer_types.modules import run_module
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    compare_value,
    describe,
    format_difference,
    hint_for_mistake,
    require_callable,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal, to_plain_value
from unet_tutorial.unet import UNet

_NAMES = ("up1", "up2", "up3", "up4")
_RANKING = ("up3", "up4", "up2", "up1")  # test Dice 0.919, 0.932, 0.938 and 0.945
_SKIP, _UPSAMPLED = 0, 1  # the halves of a join


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
        (_make_without_skip(_UPSAMPLED), "That half reads the upsampled channels. Which is joined "
         "first?"),
        (_make_without_skip(_SKIP, names=_NAMES), "Take away one skip, not all four."),
        (_make_without_skip(_SKIP, _UPSAMPLED), "Both halves are 0 now. But the network still "
         "needs the upsampled channels."),
    ],
    "ranking": [
        (_RANKING[::-1], "The lowest Dice first: which step suffers most?"),
        (_NAMES[::-1], "That's the order when skips are taken away. What if each is misplaced?"),
        (_NAMES, "That's the order of the distances in the image. Measure each Dice."),
    ],
}  # fmt: skip


def _make_small_unet(*widths: int, generator: torch.Generator) -> UNet:
    """Return a UNet with random weights and statistics, in float32 and eval mode."""
    net = UNet(*widths).float().eval()
    with torch.no_grad():
        for tensor in net.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(
                    0.5 + torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
                )
                if tensor.dim() == 4:
                    tensor.sub_(1.0)
    return net


def _take_skip(answer: Callable, net: UNet, name: str) -> nn.Module:
    """Return without_skip(net, name); refuse one that isn't a network, or is in train mode."""

    def without_skip(name):
        return answer(net, name)  # the network itself: `call_answer` would copy it

    tried = f'without_skip(net, "{name}")'
    got = call_answer(without_skip, name)
    if not isinstance(got, nn.Module):
        refuse("The function must return a network.", tried=tried, got=describe(got))
    if any(part.training for part in got.modules() if isinstance(part, nn.BatchNorm2d)):
        refuse("The network is in train mode, where BatchNorm works differently.", tried=tried)
    return got


def _run_without(make: Callable, net: UNet, name: str, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logits of make(net, name) in eval mode, and in train mode."""
    network = make(net, name)
    return run_module(network.eval(), x), run_module(network.train(), x)


def _copy_state(net: UNet) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def _require_unchanged(net: UNet, before: dict[str, Tensor], x: Tensor, logits: Tensor) -> None:
    """Refuse the answer if the network that it was given isn't as it was."""
    same = is_equal(net.state_dict(), before, 0.0) and not any(m.training for m in net.modules())
    if not same or not is_equal(run_module(net, x), logits, 1e-4):
        refuse("The network that you were given has changed. Work on a copy.")


def _compare_networks(answer: object, cases: list[tuple[UNet, str, Tensor]]) -> None:
    """Refuse a without_skip(net, name) that doesn't silence exactly that skip, in a copy."""
    require_callable(answer, 2)
    oracle = partial(_run_without, REFERENCE["without_skip"])
    for net, name, x in cases:
        before, wanted, logits = (
            _copy_state(net),
            oracle(net, name, x),
            run_module(net, x),
        )
        network = _take_skip(answer, net, name)
        _require_unchanged(net, before, x, logits)
        got = _run_without(lambda *_, network=network: network, net, name, x)
        for mode, *pair in zip(("eval", "train"), got, wanted, strict=True):
            if not is_equal(*pair, 1e-4):
                wrong = [(partial(_run_without, w), hint) for w, hint in MISTAKES["without_skip"]]
                hint = hint_for_mistake(
                    wrong, partial(_run_without, answer), oracle, cases[::2], 1e-4
                )
                refuse(
                    hint or "Only this step's skip should count as zeros, and nothing else change.",
                    tried=f'without_skip(net, "{name}"), on a batch {tuple(x.shape)}, {mode} mode',
                    **format_difference(*pair, 1e-4),
                )
        for tensor in network.state_dict().values():
            tensor.zero_()  # what happens to a copy doesn't happen to the network
        _require_unchanged(net, before, x, logits)


@exercise(
    misconception="A skip matters as much as it hurts to take it away.",
    question=(
        "Without the skip of level 0 our mask is gone; without that of level 1 the nuclei swell. "
        "Which of the two would you rather see misplaced by one?"
    ),
    hints=(
        "A skip that is multiplied by weights of 0 has no effect. Which weights read it?",
        "In the first convolution of the Up, it's the first half of the second axis. Copy the "
        "network before you change it.",
        "Work on deepcopy(net), and set those input channels of "
        "`getattr(copied, name).conv.double_conv[0].weight` to 0 under torch.no_grad(). For the "
        "ranking, load a new network for each name, as the cell with `Misplaced` does.",
    ),
)
def skips_taken_away(without_skip, ranking, *, seed=0) -> str:
    """Check without_skip(net, name), and the names by Dice with that skip misplaced."""
    ranked = to_plain_value(ranking)
    if not isinstance(ranked, tuple) or sorted(map(str, ranked)) != sorted(_NAMES):
        hint = 'The ranking is a list of the names "up1" to "up4", each once.'
        refuse(hint, got=f"ranking = {describe(ranking)}")
    generator = torch.Generator().manual_seed(seed)
    cases = []
    for images, *widths, names in ((2, 1, 1, 2, _NAMES), (3, 2, 3, 3, ("up2",))):
        net = _make_small_unet(*widths, generator=generator)
        x = torch.randn(images, widths[0], 32, 16, generator=generator, dtype=torch.float32)
        cases += [(net, name, x) for name in names]
    _compare_networks(without_skip, cases)
    compare_value(
        ranking,
        _RANKING,
        mistakes=MISTAKES["ranking"],
        name="ranking",
        otherwise="Measure one Dice for each of the four on the test strip, the skip of one step "
        "misplaced, and sort: lowest first.",
    )
    return (
        "each skip is taken away alone. Misplaced, up3's costs the most, and up1's, moved by 8 "
        "pixels, almost nothing"
    )
