"""8.3 Where did the parameters go?"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from unet_tutorial import DoubleConv, Down, OutConv, Up
from unet_tutorial.teaching.checks.answer_types.modules import make_module, run_module
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal


def _require_blocks(network: nn.Module, levels: int, tried: str) -> None:
    """Refuse a U-Net without one registered Down and one registered Up for each level."""
    downs, ups = (len(_list_blocks(network, kind)) for kind in (Down, Up))
    if (downs, ups) != (levels, levels):
        refuse(
            _hint_for_blocks(downs, ups, levels),
            tried=tried,
            expected=f"{levels} Downs and {levels} Ups among its modules",
            got=f"{downs} Downs and {ups} Ups",
        )


def _list_blocks(network: nn.Module, kind: type) -> list[nn.Module]:
    """Return the registered blocks of a kind, in the order in which they run."""
    found = [each for each in nn.Module.modules(network) if type(each) is kind]
    return sorted(found, key=_count_parameters, reverse=kind is Up)


def _count_parameters(*parts: nn.Module) -> int:
    return sum(p.numel() for part in parts for p in nn.Module.parameters(part))


def _hint_for_blocks(downs: int, ups: int, levels: int) -> str:
    if sorted((downs, ups)) == [0, levels]:
        return "One arm is fixed. The network still can't see the blocks of the other one."
    if downs == ups == 0:
        return (
            "An optimiser made from the network's parameters would never train these blocks: "
            "nn.Module does not look inside Python's own lists, tuples and dicts."
        )
    return "The network should have one Down and one Up for each level."


def _require_channels(network: nn.Module, levels: int, base_channels: int, tried: str) -> None:
    """Refuse a U-Net whose number of parameters isn't that of its blocks."""
    steps = list(pairwise(base_channels * 2**level for level in range(levels + 1)))
    parts = [DoubleConv(1, base_channels), OutConv(base_channels, 1)]
    parts += [Down(above, below) for above, below in steps]
    parts += [Up(below, above) for above, below in steps]
    expected, got = _count_parameters(*parts), _count_parameters(network)
    if got != expected:
        refuse(
            "Only change how the blocks are stored: their channels were right.",
            tried=tried,
            expected=f"{expected} parameters",
            got=f"{got} parameters",
        )


def _compare_pass(network: nn.Module, x: Tensor, tried: str) -> None:
    """Refuse a U-Net whose output isn't that of its blocks, run down and up."""
    got = run_module(network, x)
    with torch.no_grad():
        skips = [network.in_conv(x)]
        for down in _list_blocks(network, Down):
            skips.append(down(skips[-1]))
        y = skips.pop()
        for up in _list_blocks(network, Up):
            y = up(y, skips.pop())
        expected = network.out_conv(y)
    if not is_equal(got, expected):
        refuse(
            "The blocks are all there, but forward does not run down and up through them.",
            tried=tried,
            got=_format_output_difference(got, expected),
        )


def _format_output_difference(got: Tensor, expected: Tensor) -> str:
    if got.shape != expected.shape:
        return f"an output {tuple(got.shape)} instead of {tuple(expected.shape)}"
    most = float((got - expected).abs().max())
    return f"an output of the right shape, but up to {most:.2g} away from the right one"


@exercise(
    misconception="A module knows everything that can be reached from its attributes.",
    question=(
        "I keep my blocks in a list, and the list in an attribute. Why does `parameters()` not "
        "look inside?"
    ),
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
        _require_blocks(network, levels, tried)
        _require_channels(network, levels, c, tried)
        _compare_pass(network, torch.rand(n, 1, h, w, dtype=torch.float64), tried)
    return "1, 2 and 3 levels, every block's parameters known to the network"
