"""Answers that are whole networks: their blocks, and what comes of running them by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial import Down, Up
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.oracles.modules import output_of
from unet_tutorial.checks.values import same


def compare_blocks(network: nn.Module, levels: int, base_channels: int, tried: str) -> None:
    """Refuse a U-Net that does not know of all its blocks, or has others."""
    found = [len(blocks_of(network, kind)) for kind in (Down, Up)]
    if found != [levels, levels]:
        refuse(
            hint_on_blocks(found, levels),
            tried=tried,
            expected=f"{levels} Downs and {levels} Ups among its modules",
            came=f"{found[0]} Downs and {found[1]} Ups",
        )
    c = base_channels
    expected = 9 * c + 9 * c * c + 4 * c + c + 1  # in_conv and out_conv
    for o in (c * 2**level for level in range(levels)):  # a Down from o to 2 o, an Up back
        expected += 9 * o * 2 * o + 9 * 4 * o * o + 4 * 2 * o
        expected += 4 * 2 * o * o + o + 9 * 2 * o * o + 9 * o * o + 4 * o
    came = sum(p.numel() for p in nn.Module.parameters(network))
    if came != expected:
        refuse(
            "Change only how the blocks are kept: their channels were right.",
            tried=tried,
            expected=f"{expected} parameters",
            came=f"{came} parameters",
        )


def blocks_of(network: nn.Module, kind: type) -> list[nn.Module]:
    """Return the blocks of a kind that the network knows of, in the order in which they run."""
    found = [each for each in nn.Module.modules(network) if type(each) is kind]
    return sorted(found, key=lambda b: sum(p.numel() for p in b.parameters()), reverse=kind is Up)


def hint_on_blocks(found: list[int], levels: int) -> str:
    """Return the hint for a network that does not know of all its blocks."""
    if sorted(found) == [0, levels]:
        return "One arm is mended. The blocks of the other one are still kept out of sight."
    if found == [0, 0]:
        return (
            "An optimiser made from the network's parameters would never train these blocks: "
            "nn.Module does not look inside Python's own lists, tuples and dicts."
        )
    return "The network should have one Down and one Up for each level."


def compare_pass(network: nn.Module, x: Tensor, tried: str) -> None:
    """Refuse a U-Net whose output is not that of its blocks, run down and up."""
    came = output_of(network, x)
    with torch.no_grad():
        levels = [network.in_conv(x)]
        for down in blocks_of(network, Down):
            levels.append(down(levels[-1]))
        y = levels.pop()
        for up in blocks_of(network, Up):
            y = up(y, levels.pop())
        expected = network.out_conv(y)
    if not same(came, expected):
        refuse(
            "The blocks are all there, but forward does not run down and up through them.",
            tried=tried,
            came=difference(came, expected),
        )


SHORTCUT_PARTS = ("in_conv", "down1", "down2", "up1", "up2", "out_conv", "shortcut")


def compare_shortcut(network: nn.Module, x: Tensor) -> None:
    """Refuse a network whose output is not what its parts give with every skip kept."""
    missing = [
        name for name in SHORTCUT_PARTS if not isinstance(getattr(network, name, None), nn.Module)
    ]
    if missing:
        refuse(f"Keep the names of the parts: {missing[0]} is missing.")
    came = output_of(network, x)
    if came.shape != x.shape:
        refuse(
            "The logits have one channel. Only forward should change.",
            tried=f"an input {tuple(x.shape)}",
            came=f"an output {tuple(came.shape)}",
        )
    with torch.no_grad():
        first = network.in_conv(x)
        second = network.down1(first)
        bottleneck = network.down2(second)
        last = network.up2(network.up1(bottleneck, second), first)
        out, short = network.out_conv, network.shortcut
        right = out(last) + short(first)
        mistakes = [
            (
                out(last) + short(last),
                "The shortcut should carry what in_conv gave out. What does "
                "the name hold by the time the last line reads it?",
            ),
            (out(first) + short(last), "The two last layers have changed places."),
            (
                out(first) + short(first),
                "Now both of the last layers read the contracting path: "
                "the way down and up is run for nothing.",
            ),
            (out(last), "The shortcut is gone. It should be mended, not removed."),
            (
                out(last + first) + short(last + first),
                "in_conv's output is for the shortcut alone: "
                "out_conv reads the end of the expanding path.",
            ),
        ]
    if same(came, right):
        return
    hint = "Follow each name through forward: which tensor does it hold, and who reads it later?"
    hint = next((meant for wrong, meant in mistakes if same(came, wrong)), hint)
    refuse(hint, tried=f"an input {tuple(x.shape)}", came=difference(came, right))


def difference(came: Tensor, expected: Tensor) -> str:
    """Return in words how far an output is from the right one."""
    if came.shape != expected.shape:
        return f"an output {tuple(came.shape)} in place of {tuple(expected.shape)}"
    most = float((came - expected).abs().max())
    return f"an output of the right shape, but up to {most:.2g} away from the right one"
