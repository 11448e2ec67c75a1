"""6.5 Which skip is needed most."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from unet_tutorial.teaching.checks.answers.modules import output_of
from unet_tutorial.teaching.checks.compare import (
    call_answer,
    compare_value,
    describe,
    require_callable,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within, format_value, to_plain_value
from unet_tutorial.unet import UNet


def _small_unet(seed: int) -> UNet:
    """Return a UNet of 2 base channels with random weights and BatchNorm, in float64, eval mode."""
    generator = torch.Generator().manual_seed(seed)
    net = UNet(base_channels=2).double().eval()
    with torch.no_grad():
        for tensor in net.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(
                    0.5 + torch.rand(tensor.shape, generator=generator, dtype=tensor.dtype)
                )
                if tensor.dim() == 4:
                    tensor.sub_(1.0)
    return net


def _logits_without(net: UNet, x: Tensor, without: Callable[[str], tuple[float, float]]) -> Tensor:
    """Return a UNet's logits; without(name) gives the factors of an Up's skip and of its below."""
    kept = [net.in_conv(x)]
    for down in (net.down1, net.down2, net.down3, net.down4):
        kept.append(down(kept[-1]))
    x = kept.pop()
    for name in ("up1", "up2", "up3", "up4"):
        up, (of_skip, of_below) = getattr(net, name), without(name)
        joined = torch.cat([of_skip * kept.pop(), of_below * up.upsampling(x)], dim=1)
        x = up.conv(joined)
    return net.out_conv(x)


def _factors_of(name: str) -> list[tuple[str, Callable]]:
    """Return pairs of a hint and what it speaks of: an Up's factors, of its skip and its below."""
    return [
        ("right", lambda up: (float(up != name), 1.0)),
        ("The skip is still read as before.", lambda up: (1.0, 1.0)),
        ("That half reads what comes from below. Which is joined first?",
         lambda up: (1.0, float(up != name))),
        ("One skip alone, not all four.", lambda up: (0.0, 1.0)),
        ("Both halves are 0 now. What comes from below is still wanted.",
         lambda up: (float(up != name),) * 2),
    ]  # fmt: skip


STEPS = ("up1", "up2", "up3", "up4")


def _check_one_skip(answer, net, name: str, x: torch.Tensor, before: torch.Tensor) -> None:
    """Refuse a without_skip(net, name) that does not silence that skip alone, in a copy."""
    require_callable(answer, 2)

    def asked(name):
        return answer(net, name)  # the very network, not a copy

    got = call_answer(asked, name)
    tried = f'without_skip(net, "{name}")'
    if not isinstance(got, torch.nn.Module):
        refuse("The function must return a network.", tried=tried, got=describe(got))
    if not equal_within(output_of(net, x), before, 1e-9):
        refuse("The network that was given has changed. Work on a copy.", tried=tried)
    if got.training:
        refuse("It came back in train mode, where BatchNorm works otherwise.", tried=tried)
    logits = output_of(got, x)
    with torch.no_grad():
        likely = (
            hint
            for hint, factors in _factors_of(name)
            if equal_within(logits, _logits_without(net, x, factors), 1e-9)
        )
        hint = next(likely, None)
    if hint != "right":
        refuse(
            hint or "Only the weights that read this skip should be 0, every other as it was.",
            tried=f"{tried}, on a batch {tuple(x.shape)}",
            got="other logits than with zeros in place of the skip",
        )


@exercise(
    misconception="The deepest skip has the most channels, so it brings the most.",
    hints=(
        "A skip that meets weights of 0 has no say. Which weights meet it?",
        "In the first convolution of the Up, the first half of the second axis. Copy the network "
        "before you change it.",
        "Work on deepcopy(net). In `getattr(copied, name).conv.double_conv[0].weight`, which "
        "slices of which axis read the skip? Change them under torch.no_grad().",
    ),
)
def skips_taken_away(without_skip, ranking, *, seed=0) -> str:
    """Check without_skip(net, name), and the names from the skip needed most to the least."""
    net = _small_unet(seed)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 1, 32, 16, generator=generator).double()
    before = output_of(net, x)
    for name in STEPS:
        _check_one_skip(without_skip, net, name, x, before)
    right = ("up4", "up3", "up2", "up1")
    if isinstance(to_plain_value(ranking), tuple) and {*to_plain_value(ranking)} != {*STEPS}:
        refuse('The ranking holds "up1" to "up4", each once.', got=format_value(ranking))
    compare_value(
        ranking,
        right,
        mistakes=[(right[::-1], "Most needed first: without which skip is the Dice lowest?")],
        name="ranking",
        otherwise="Measure: one Dice for each of the four, on the test strip, lowest first.",
    )
    return "each skip silenced alone, and the nearer to the image, the more was lost without it"
