"""8.3 Where did the parameters go?."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial import Down, Up
from unet_tutorial.teaching.checks.answers.modules import make_module, output_of
from unet_tutorial.teaching.checks.chapter_08.networks import difference
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within


def _compare_blocks(network: nn.Module, levels: int, base_channels: int, tried: str) -> None:
    """Refuse a U-Net that does not know of all its blocks, or has others."""
    found = [len(_blocks_of(network, kind)) for kind in (Down, Up)]
    if found != [levels, levels]:
        refuse(
            _hint_on_blocks(found, levels),
            tried=tried,
            expected=f"{levels} Downs and {levels} Ups among its modules",
            got=f"{found[0]} Downs and {found[1]} Ups",
        )
    c = base_channels
    expected = 9 * c + 9 * c * c + 4 * c + c + 1  # in_conv and out_conv
    for o in (c * 2**level for level in range(levels)):  # a Down from o to 2 o, an Up back
        expected += 9 * o * 2 * o + 9 * 4 * o * o + 4 * 2 * o
        expected += 4 * 2 * o * o + o + 9 * 2 * o * o + 9 * o * o + 4 * o
    got = sum(p.numel() for p in nn.Module.parameters(network))
    if got != expected:
        refuse(
            "Change only how the blocks are kept: their channels were right.",
            tried=tried,
            expected=f"{expected} parameters",
            got=f"{got} parameters",
        )


def _blocks_of(network: nn.Module, kind: type) -> list[nn.Module]:
    """Return the blocks of a kind that the network knows of, in the order in which they run."""
    found = [each for each in nn.Module.modules(network) if type(each) is kind]
    return sorted(found, key=lambda b: sum(p.numel() for p in b.parameters()), reverse=kind is Up)


def _hint_on_blocks(found: list[int], levels: int) -> str:
    """Return the hint for a network that does not know of all its blocks."""
    if sorted(found) == [0, levels]:
        return "One arm is mended. The blocks of the other one are still kept out of sight."
    if found == [0, 0]:
        return (
            "An optimiser made from the network's parameters would never train these blocks: "
            "nn.Module does not look inside Python's own lists, tuples and dicts."
        )
    return "The network should have one Down and one Up for each level."


def _compare_pass(network: nn.Module, x: Tensor, tried: str) -> None:
    """Refuse a U-Net whose output is not that of its blocks, run down and up."""
    got = output_of(network, x)
    with torch.no_grad():
        levels = [network.in_conv(x)]
        for down in _blocks_of(network, Down):
            levels.append(down(levels[-1]))
        y = levels.pop()
        for up in _blocks_of(network, Up):
            y = up(y, levels.pop())
        expected = network.out_conv(y)
    if not equal_within(got, expected):
        refuse(
            "The blocks are all there, but forward does not run down and up through them.",
            tried=tried,
            got=difference(got, expected),
        )


@exercise(
    misconception="A module owns whatever is reachable from its attributes.",
    hints=(
        "Count: how many parameter tensors should two Downs and two Ups have, and how many does "
        "the network have in all?",
        "nn.Module notices an attribute that is a module or a parameter. What is a list?",
        "torch.nn has a list that is a module itself.",
    ),
)
def registered_blocks(DeepUNet, *, seed=0) -> str:
    """Check the class DeepUNet(levels, base_channels)."""
    torch.manual_seed(seed)
    for levels, c, n, h, w in [(2, 2, 2, 12, 8), (3, 1, 1, 16, 24), (1, 3, 3, 6, 10)]:
        network = make_module(DeepUNet, levels, c)
        tried = f"DeepUNet(levels={levels}, base_channels={c})"
        _compare_blocks(network, levels, c, tried)
        _compare_pass(network, torch.rand(n, 1, h, w, dtype=torch.float64), tried)
    return "1, 2 and 3 levels, every block's parameters known to the network"
