"""8.3 Where did the parameters go?"""

from __future__ import annotations

import inspect
from copy import deepcopy
from itertools import pairwise

import torch
from torch import Tensor, nn

from unet_tutorial import DoubleConv, Down, OutConv, Up
from unet_tutorial.teaching.checks.answer_types.modules import (
    find_difference_of_modules,
    make_module,
    run_module,
)
from unet_tutorial.teaching.checks.compare import format_difference, hint_for_type_or_shape
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal


def _require_names(network: nn.Module, tried: str) -> None:
    """Refuse a network without the arguments and parts that the task names."""
    missing = {"levels", "base_channels"} - {*inspect.signature(type(network)).parameters}
    parts = dict(nn.Module.named_children(network))
    missing |= {"in_conv", "out_conv"} - {*parts}
    if missing:
        refuse("Keep these names.", tried=tried, got=f"{', '.join(sorted(missing))}: missing")


def _require_blocks(network: nn.Module, levels: int, tried: str) -> None:
    """Refuse a U-Net without one registered Down and one registered Up for each level."""
    downs, ups = (len(_list_blocks(network, kind)) for kind in (Down, Up))
    if (downs, ups) != (levels, levels):
        refuse(
            _hint_for_blocks(network, downs, ups, levels),
            tried=tried,
            expected=f"{levels} Downs and {levels} Ups among its modules",
            got=f"{downs} Downs and {ups} Ups",
        )


def _list_blocks(network: nn.Module, kind: type) -> list[nn.Module]:
    """Return the registered blocks of a kind, in the order in which they run."""
    found = [each for each in nn.Module.modules(network) if isinstance(each, kind)]
    return sorted(found, key=_count_parameters, reverse=kind is Up)


def _count_parameters(*parts: nn.Module) -> int:
    return sum(p.numel() for part in parts for p in nn.Module.parameters(part))


def _hint_for_blocks(network: nn.Module, downs: int, ups: int, levels: int) -> str:
    in_python = [kept for kept in vars(network).values() if isinstance(kept, list | tuple | dict)]
    if downs == ups == 0 and any(in_python):
        return (
            "nn.Module doesn't look inside Python's own lists, tuples and dicts: the blocks in "
            "them aren't part of the network."
        )
    if sorted((downs, ups)) == [0, levels]:
        return "One arm is fixed. The network still can't see the blocks of the other one."
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


class _Blocks(nn.Module):
    """The blocks of a U-Net, run down and up."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = deepcopy(network)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.network.in_conv(x)]
        for down in _list_blocks(self.network, Down):
            skips.append(down(skips[-1]))
        y = skips.pop()
        for up in _list_blocks(self.network, Up):
            y = up(y, skips.pop())
        return self.network.out_conv(y)


def _compare_pass(network: nn.Module, x: Tensor, tried: str) -> None:
    """Refuse a U-Net whose output isn't that of its blocks, run down and up."""
    blocks = _Blocks(network)
    got, expected = run_module(network, x), run_module(blocks, x)
    if not is_equal(got, expected, 1e-4):
        hint = (
            "The blocks are all there. forward should run down and up through them, nothing else."
        )
        hint = hint_for_type_or_shape(got, expected) or hint
        refuse(hint, tried=tried, **format_difference(got, expected, 1e-4))
    if place := find_difference_of_modules(network, blocks, x):
        hint = (
            "In eval mode, the values are right. Pass the tensors themselves on, run each block "
            "once, and do the same in every mode."
        )
        refuse(hint, tried=tried, got=f"{place}: different")


@exercise(
    misconception="A module knows everything that can be reached from its attributes.",
    question=(
        "I keep my blocks in a list, and the list in an attribute. Why does `parameters()` not "
        "look inside?"
    ),
    hints=(
        "Print the names of the 8 parameter tensors, with `named_parameters()`. Whose are they? "
        "And whose are missing?",
        "When you set an attribute, nn.Module registers it if it's a module or a parameter. "
        "`self.downs` is neither: it's a Python list. What's in it stays unknown.",
        "torch.nn has a list that is a module, `nn.ModuleList`. You can index it and loop over it "
        "like a list, so `forward` needn't change.",
    ),
)
def registered_blocks(DeepUNet, *, seed=0) -> str:
    """Check the class DeepUNet(levels, base_channels)."""
    torch.manual_seed(seed)
    sizes = [(2, 2, 2, 12, 8), (3, 1, 2, 16, 24), (1, 3, 3, 6, 10), (4, 1, 2, 32, 16)]
    for levels, c, n, h, w in sizes:
        tried = f"DeepUNet(levels={levels}, base_channels={c})"
        network = make_module(DeepUNet, levels, c)
        _require_names(network, tried)
        _require_blocks(network, levels, tried)
        _require_channels(network, levels, c, tried)
        _compare_pass(network, torch.rand(n, 1, h, w, dtype=torch.float32), tried)
    return "1 to 4 levels, every block's parameters known to the network"
