"""8.4 A shortcut that carries the wrong thing."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from unet_tutorial import DoubleConv, Down, OutConv, Up
from unet_tutorial.teaching.checks.answer_types.modules import (
    copy_weights,
    find_difference_of_modules,
    make_module,
    run_module,
)
from unet_tutorial.teaching.checks.compare import (
    format_difference,
    hint_for_mistake,
    hint_for_type_or_shape,
)
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import is_equal

_PARTS = ("in_conv", "down1", "down2", "up1", "up2", "out_conv", "shortcut")


def _make_network_class(end: Callable[..., Tensor]) -> type[nn.Module]:
    """Return a ShortcutUNet class whose forward ends with end(out_conv, shortcut, first, last).

    `first` is the output of in_conv, and `last` the decoder's output.
    """

    class Network(nn.Module):
        def __init__(self, c: int):
            super().__init__()
            self.in_conv = DoubleConv(1, c)
            self.down1, self.down2 = Down(c, 2 * c), Down(2 * c, 4 * c)
            self.up1, self.up2 = Up(4 * c, 2 * c), Up(2 * c, c)
            self.out_conv, self.shortcut = OutConv(c, 1), OutConv(c, 1)

        def forward(self, x: Tensor) -> Tensor:
            first = self.in_conv(x)
            second = self.down1(first)
            last = self.up2(self.up1(self.down2(second), second), first)
            return end(self.out_conv, self.shortcut, first, last)

    return Network


REFERENCE = _make_network_class(lambda out, shortcut, first, last: out(last) + shortcut(first))
MISTAKES = [
    (_make_network_class(lambda out, shortcut, first, last: out(last) + shortcut(last)),
     "The shortcut should carry the output of in_conv. What does the name hold by the time the "
     "last line reads it?"),
    (_make_network_class(lambda out, shortcut, first, last: out(first) + shortcut(last)),
     "The last two layers have changed places."),
    (_make_network_class(lambda out, shortcut, first, last: out(first) + shortcut(first)),
     "Now both of the last layers read in_conv's output: the way down and up has no effect."),
    (_make_network_class(lambda out, shortcut, first, last: out(last)),
     "The shortcut is gone. Fix it instead of removing it."),
    (_make_network_class(
        lambda out, shortcut, first, last: out(last + first) + shortcut(last + first)),
     "in_conv's output is only for the shortcut: out_conv reads the decoder's result."),
]  # fmt: skip


def _make_networks(answer: object, widths: int) -> tuple[nn.Module, nn.Module]:
    """Return the answer's network and the right one, with the same weights."""
    network, right = make_module(answer, widths), make_module(REFERENCE, widths)
    missing = [name for name in _PARTS if not isinstance(getattr(network, name, None), nn.Module)]
    if missing:
        refuse(f"Keep the names of the parts: {missing[0]} is missing.")
    hint = "Only forward should change: keep the parts, and their channels."
    copy_weights(network, right.state_dict(), hint)
    return network, right


def _hint_for_output(cases: list[tuple[nn.Module, Tensor]]) -> str | None:
    wrong = [(each.forward, hint) for each, hint in MISTAKES]
    with torch.no_grad():
        return hint_for_mistake(wrong, nn.Module.__call__, REFERENCE.forward, cases, 1e-4)


@exercise(
    misconception="If the shapes fit and every parameter has a gradient, forward is right.",
    question=(
        "The shapes fit, all parameters have gradients, and the loss falls. What could still be "
        "wrong in `forward`?"
    ),
    hints=(
        "Two tensors of this network have the shape (N, c, H, W). Which two, and which layers read "
        "them?",
        "Next to each line of forward, write down which tensors a later line still needs.",
        "One of the names gets a second tensor while the shortcut still needs the first one. Give "
        "the second tensor a different name.",
    ),
)
def skip_kept(ShortcutUNet, *, seed=0) -> str:
    """Check the class ShortcutUNet(base_channels)."""
    torch.manual_seed(seed)
    sizes = [(2, 2, 8, 12), (1, 2, 4, 8), (3, 3, 12, 4)]
    pairs = [_make_networks(ShortcutUNet, c) for c, *_ in sizes]
    batches = [torch.rand(n, 1, h, w, dtype=torch.float32) for _, n, h, w in sizes]
    cases = [(network, x) for (network, _), x in zip(pairs, batches, strict=True)]
    for (network, right), x in zip(pairs, batches, strict=True):
        got, wanted, tried = (
            run_module(network, x),
            run_module(right, x),
            f"an input {tuple(x.shape)}",
        )
        if not is_equal(got, wanted, 1e-4):
            refuse(
                _hint_for_output(cases)
                or hint_for_type_or_shape(got, wanted)
                or "Follow each name through forward: which tensor does it hold, and which line "
                "reads it?",
                tried=tried,
                **format_difference(got, wanted, 1e-4),
            )
        if place := find_difference_of_modules(network, right, x):
            refuse(
                "The values are right. Pass the tensors themselves on, without detach or no_grad, "
                "run each part once, and do the same in every mode.",
                tried=f"{tried}, forward and backward",
                got=f"{place}: different",
            )
    return "3 networks, each compared with its own parts run one by one"
