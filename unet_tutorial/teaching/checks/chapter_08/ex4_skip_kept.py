"""8.4 A shortcut that carries the wrong thing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unet_tutorial.teaching.checks.answers.modules import make_module, output_of
from unet_tutorial.teaching.checks.chapter_08.networks import difference
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import equal_within

SHORTCUT_PARTS = ("in_conv", "down1", "down2", "up1", "up2", "out_conv", "shortcut")


def _compare_shortcut(network: nn.Module, x: Tensor) -> None:
    """Refuse a network whose output is not what its parts give with every skip kept."""
    missing = [
        name for name in SHORTCUT_PARTS if not isinstance(getattr(network, name, None), nn.Module)
    ]
    if missing:
        refuse(f"Keep the names of the parts: {missing[0]} is missing.")
    got = output_of(network, x)
    if got.shape != x.shape:
        refuse(
            "The logits have one channel. Only forward should change.",
            tried=f"an input {tuple(x.shape)}",
            got=f"an output {tuple(got.shape)}",
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
    if equal_within(got, right):
        return
    hint = "Follow each name through forward: which tensor does it hold, and who reads it later?"
    hint = next((meant for wrong, meant in mistakes if equal_within(got, wrong)), hint)
    refuse(hint, tried=f"an input {tuple(x.shape)}", got=difference(got, right))


@exercise(
    misconception="If the shapes fit and every parameter has a gradient, forward is right.",
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
        _compare_shortcut(network, torch.rand(n, 1, h, w, dtype=torch.float64))
    return "3 networks, each compared with its own parts run one by one"
