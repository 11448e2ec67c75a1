"""Checks of chapter 08: UNet."""

from __future__ import annotations

import torch

from unet_tutorial.checks.compare import compare_function
from unet_tutorial.checks.exercise import CheckFailed, exercise, refuse
from unet_tutorial.checks.oracles.modules import make_module
from unet_tutorial.checks.oracles.networks import compare_blocks, compare_pass, compare_shortcut
from unet_tutorial.checks.oracles.padding import compare_padded
from unet_tutorial.checks.oracles.sizes import (
    FAILS_WRONG,
    TOO_LARGE,
    WAITING_WRONG,
    added_up,
    step_that_fails,
)
from unet_tutorial.checks.values import short

__all__ = [
    "any_size_wrapper",
    "first_failing_step",
    "registered_blocks",
    "skip_kept",
    "waiting_bytes",
]

NO_MEMORY = (MemoryError, RuntimeError)  # of NumPy, of torch


@exercise(
    "8.1",
    title="What waits at the bottom",
    misconception="At the bottom of the U, only the bottleneck is in memory.",
    objectives=(1, 2, 4),
    hints=(
        "Which tensors do the four Ups take, besides what comes from the step before?",
        "Level l has base_channels · 2^l channels, on 1/2^l of the height and of the width.",
        "Add up five levels, 0 to 4. Each takes 4 bytes · images · channels · height · width.",
    ),
)
def waiting_bytes(waiting, *, seed=0) -> str:
    """Check waiting(base_channels, shape): the bytes that must be kept when up1 begins."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(1, 4, (3, 5), generator=generator).tolist()
    cases = [(3, (2, 3, 32, 48)), (1, (1, 1, 16, 16))]
    cases += [(c, (n, i, 16 * h, 16 * w)) for c, n, i, h, w in random]
    mistakes = WAITING_WRONG
    otherwise = "Add up what the four skips and the bottleneck hold, level by level."
    compare_function(waiting, added_up, cases, mistakes=mistakes, otherwise=otherwise)
    huge = (8, (10**6, 3, 2**16, 3 * 2**15))
    try:
        compare_function(waiting, added_up, [huge], mistakes=mistakes, otherwise=otherwise)
    except CheckFailed as failed:
        error = failed.__context__
        if "stopped with this error" in str(failed) and isinstance(error, NO_MEMORY):
            came = short(f"{type(error).__name__}: {error}")
            refuse(TOO_LARGE, tried=f"waiting{huge}", came=came)
        raise
    return f"{len(cases)} batches, and one that no machine could hold"


@exercise(
    "8.2",
    title="The step that fails",
    misconception="The join fails on the level where the first pixel was dropped.",
    objectives=(3,),
    hints=(
        "Write down the sizes of all five levels for a side of 90. Where is one odd?",
        "A join on a level fails where that level's size is odd: halved and doubled, it has lost "
        "a pixel. Of several such levels, which one does the way up meet first?",
        "up1 joins level 3, up2 level 2, up3 level 1, up4 level 0. Halve both sides three times, "
        "keep all sizes, and look from the bottom up for the first odd one.",
    ),
)
def first_failing_step(failing_step, *, seed=0) -> str:
    """Check failing_step(height, width): the number of the step up whose join fails, or 0."""
    generator = torch.Generator().manual_seed(seed)
    random = torch.randint(16, 300, (40, 2), generator=generator).tolist()
    twice = [(side, side) for side in (90, 96, 104, 50, 17, 31, 120)]
    cases = [(97, 97), (98, 96), (96, 98), *twice, (90, 100), (480, 480), *map(tuple, random)]
    number = compare_function(
        failing_step,
        step_that_fails,
        cases,
        mistakes=FAILS_WRONG,
        otherwise="Follow both sides down, and then up again until two sizes differ.",
    )
    return f"{number} sizes, each followed down and up"


@exercise(
    "8.3",
    title="Where did the parameters go?",
    misconception="A module owns whatever is reachable from its attributes.",
    objectives=(1, 5),
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
        compare_blocks(network, levels, c, tried)
        compare_pass(network, torch.rand(n, 1, h, w, dtype=torch.float64), tried)
    return "1, 2 and 3 levels, every block's parameters known to the network"


@exercise(
    "8.4",
    title="A shortcut that carries the wrong thing",
    misconception="If the shapes fit and every parameter has a gradient, forward is right.",
    objectives=(2, 5),
    hints=(
        "Two tensors of this network have the shape (N, c, H, W). Which two, and who reads each?",
        "Write beside each line of forward which tensors are still wanted by a later line.",
        "One of the names is given a second tensor while the first is still wanted, by the "
        "shortcut. Give the second tensor a name of its own.",
    ),
)
def skip_kept(ShortcutUNet, *, seed=0) -> str:
    """Check the class ShortcutUNet(base_channels)."""
    torch.manual_seed(seed)
    for c, n, h, w in [(2, 2, 8, 12), (1, 1, 4, 4), (3, 3, 12, 4)]:
        network = make_module(ShortcutUNet, c)
        compare_shortcut(network, torch.rand(n, 1, h, w, dtype=torch.float64))
    return "3 networks, each compared with its own parts run one by one"


@exercise(
    "8.5",
    title="Any size, cut back",
    misconception="A wrapper that returns the right size returns the right pixels.",
    objectives=(3,),
    hints=(
        "`-size % multiple` is what is missing. Half of it, rounded down, goes first.",
        "F.pad takes left, right, top, bottom, in this order; mode='replicate' repeats the border.",
        "Cut back by where the image begins and how long it is, x[:, :, top : top + height, ...], "
        "not by how much was added at the end, which may be 0.",
    ),
)
def any_size_wrapper(run_padded, *, seed=0) -> str:
    """Check run_padded(network, images, multiple)."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [
        (1, 1, 13, 20, 16),
        (2, 3, 16, 27, 16),
        (3, 1, 9, 8, 8),
        (1, 2, 3, 2, 16),
        (2, 1, 12, 8, 4),
    ]
    for *shape, multiple in shapes:
        images = torch.randint(1, 100, shape, generator=generator).double()
        compare_padded(run_padded, images, multiple)
    return f"{len(shapes)} sizes; the identity gives back every pixel, and two classes stay two"
