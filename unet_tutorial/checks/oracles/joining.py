"""Joins of two tensors, and the checkpoints that hang on them: right ones and mistakes."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise, product

import torch
from torch import Tensor

from unet_tutorial.unet import UNet


def channels_by_shape(widths: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Return (upsampled, joined, out) of every Up from the deepest on, read off real tensors."""
    below = torch.zeros(1, widths[-1], 1, 1)
    steps = []
    for width in reversed(widths[:-1]):
        upsampled, _ = below.chunk(2, dim=1)
        joined = torch.cat([torch.zeros(1, width, 1, 1), upsampled], dim=1)
        below = torch.zeros(1, width, 1, 1)
        steps.append((upsampled.shape[1], joined.shape[1], below.shape[1]))
    return steps


def width_cases(seed: int) -> list[tuple]:
    """Return widths of networks, from level 0 to the bottleneck: doubling and not."""
    draw = random.Random(seed)
    cases = [(8, 16, 32), (64, 64, 128, 256, 512), (3, 10), (32, 48, 96, 160, 256)]
    for levels in (2, 4, 5):
        cases.append((draw.randrange(1, 99), *(2 * draw.randrange(1, 99) for _ in range(levels))))
    return [(widths,) for widths in cases]


def steps(step: Callable[[int, int], tuple[int, int, int]]) -> Callable:
    """Return up_channels(widths) that takes each step by a function of (below, own)."""
    return lambda widths: [step(below, own) for own, below in reversed([*pairwise(widths)])]


WIDTH_MISTAKES = [
    (
        steps(lambda below, own: (below / 2, below / 2 + own, own)),
        "Channels are whole numbers: divide with `//`.",
    ),
    (
        steps(lambda below, own: (below // 2, below, own)),
        "The joined channels are those from below only where below is twice the skip.",
    ),
    (
        steps(lambda below, own: (own, 2 * own, own)),
        "This block gives out half of what comes from below, not the skip's number.",
    ),
    (
        steps(lambda below, own: (below // 2, below // 2 + own, (below // 2 + own) // 2)),
        "The double convolution gives what its level held on the way down.",
    ),
    (
        steps(lambda below, own: (below, below + own, own)),
        "The transposed convolution halves the channels that come from below.",
    ),
    (
        steps(lambda below, own: (below // 2, below // 2 + own // 2, own)),
        "The skip is joined whole. What is halved comes from below.",
    ),
    (
        lambda widths: channels_by_shape(widths)[::-1],
        "The right steps from the top. The first step up starts at the bottleneck.",
    ),
]


def lateral_by_loops(lateral: Tensor, weight: Tensor) -> Tensor:
    """Return the weight for joined tensors, one product at a time."""
    between, skip_channels = lateral.shape[:2]
    of_skip = torch.zeros(len(weight), skip_channels, *weight.shape[2:], dtype=weight.dtype)
    for o, c, m in product(range(len(weight)), range(skip_channels), range(between)):
        of_skip[o, c] += weight[o, m] * lateral[m, c, 0, 0]
    return torch.cat([of_skip, weight], dim=1)


def lateral_cases(seed: int) -> list[tuple]:
    """Return (lateral, weight) of whole numbers, the first small enough to be shown."""
    generator = torch.Generator().manual_seed(seed)
    sizes = [(1, 2, 2, 1), (2, 3, 2, 1), (1, 1, 3, 3), (4, 3, 5, 3), (2, 4, 4, 3)]
    cases = []
    for out, between, skip_channels, kernel in sizes:
        lateral = torch.randint(1, 10, (between, skip_channels, 1, 1), generator=generator)
        weight = torch.randint(-9, 10, (out, between, kernel, kernel), generator=generator)
        cases.append((lateral.double(), weight.double()))
    return cases


def of_the_skip(lateral: Tensor, weight: Tensor) -> Tensor:
    """Return the half of that weight that reads the skip."""
    return lateral_by_loops(lateral, weight)[:, : lateral.shape[1]]


LATERAL_MISTAKES = [
    (
        lambda lateral, weight: torch.cat([weight, of_the_skip(lateral, weight)], dim=1),
        "The right numbers in the other order: the skip is joined first.",
    ),
    (
        lambda lateral, weight: lateral_by_loops(lateral.transpose(0, 1), weight),
        "The axes of lateral are (out, in). Which of them meets the second axis of weight?",
    ),
    (
        lambda lateral, weight: torch.cat([weight, weight], dim=1),
        "Equal halves add the skip as it is. Here a 1×1 convolution comes between.",
    ),
    (of_the_skip, "That reads the skip alone. Where is what comes from below?"),
    (
        lambda lateral, weight: torch.cat([of_the_skip(lateral, weight)] * 2, dim=1),
        "The lateral convolution reads the skip alone, not what comes from below.",
    ),
]


# ---- a checkpoint whose Ups joined below first


def old_checkpoint(seed: int) -> dict[str, Tensor]:
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


def skip_first(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the same checkpoint with the skip's slices first, moved one by one."""
    renewed = {name: tensor.clone() for name, tensor in state.items()}
    for name in [name for name in state if name.endswith(".upsampling.bias")]:
        first = name.removesuffix("upsampling.bias") + "conv.double_conv.0.weight"
        of_below, channels = len(state[name]), state[first].shape[1]
        for c in range(channels):
            renewed[first][:, (c - of_below) % channels] = state[first][:, c]
    return renewed


# ---- one skip taken away


def small_unet(seed: int) -> UNet:
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


def logits_without(net: UNet, x: Tensor, without: Callable[[str], tuple[float, float]]) -> Tensor:
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


def factors_of(name: str) -> list[tuple[str, Callable]]:
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
