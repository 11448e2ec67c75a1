"""What checks of convolutions need: sizes by counting, maps by moving, layers by their size."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial.checks.compare import described
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.oracles.arrays import numbers_in
from unet_tutorial.checks.values import same, shown


def sizes_by_search(out: int, kernel_size: int, stride: int, padding: int) -> list[int]:
    """Return every size up to 120 on which the kernel has `out` places, by counting them."""
    return [
        size
        for size in range(1, 121)
        if len(range(0, size + 2 * padding - kernel_size + 1, stride)) == out
    ]


def smallest(out: int, kernel_size: int, stride: int, padding: int) -> int:
    """Return the smallest size on which the kernel has `out` places, though it be none."""
    return (out - 1) * stride + kernel_size - 2 * padding


def others(*case: int, first: int = 0, last: int = 0, least: int = 1) -> list[int]:
    """Return the sizes that go in, with some more (or less) at either end."""
    start = smallest(*case)
    return [n for n in range(start + first, start + case[2] + last) if n >= least]


SIZE_MISTAKES = [
    (lambda *c: others(*c, least=-999), "An image has one pixel at least."),
    (lambda *c: others(*c, least=0), "An image has one pixel at least."),
    (lambda *c: [smallest(*c)], "That is the smallest. Do larger ones give the same?"),
    (lambda *c: others(*c)[-1:], "That is the largest. Do smaller ones give the same?"),
    (lambda *c: others(*c)[::-1], "Give the sizes in increasing order."),
    (lambda o, k, s, p: others(o, k, s, 0), "The padding is not taken into account."),
    (
        lambda o, k, s, p: [n - p for n in others(o, k, s, 0) if n > p],
        "Padding lies on both sides.",
    ),
    (lambda *c: others(*c, last=1), "The largest is too large: the kernel has one place more."),
    (lambda *c: others(*c, last=-1), "Try the next larger size too. Does it give more places?"),
    (lambda *c: others(*c, first=c[2], last=c[2]), "On these sizes the kernel has a place more."),
]


def moved(channel: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Return (N, H, W) moved down and to the right, with zeros where nothing comes in."""
    height, width = channel.shape[1:]
    framed = F.pad(channel, (1, 1, 1, 1))
    return framed[:, 1 - rows : 1 - rows + height, 1 - columns : 1 - columns + width]


def wanted_maps(image: torch.Tensor) -> list[tuple[torch.Tensor, list]]:
    """Return what each of the three maps should be, with mistakes and their hints."""
    first, second = image[:, 0], image[:, 1]
    corner = "This map has moved. Which place of a slice lies on the pixel that is computed?"
    return [
        (
            second,
            [
                (first, "This is channel 0. Which axis of the weight numbers the input channels?"),
                (first + second, "Channels are summed. Only channel 1 is wanted here."),
                (second.new_zeros(second.shape), "This map is empty: weight[0] is all zeros."),
                (moved(second, 1, 1), corner),
                (moved(second, -1, -1), corner),
            ],
        ),
        (
            first - second,
            [
                (second - first, "The sign is wrong: channel 0 minus channel 1 is wanted."),
                (first + second, "This is the sum. What makes it a difference?"),
                (first, "Channel 1 does not enter here yet."),
                (second, "Channel 0 does not enter here yet."),
            ],
        ),
        (
            moved(first, 0, 1),
            [
                (
                    moved(first, 0, -1),
                    "It moved to the left. Which neighbour must each output pixel read?",
                ),
                (moved(first, 1, 0), "It moved down. Which axis of the weight are the columns?"),
                (moved(first, -1, 0), "It moved up. Which axis of the weight are the columns?"),
                (moved(second, 0, 1), "Channel 1 was moved. Channel 0 is wanted here."),
                (first, "This is channel 0, but it has not moved."),
            ],
        ),
    ]


def compare_map(
    out: int, image: torch.Tensor, came: torch.Tensor, expected: torch.Tensor, mistakes: list
) -> None:
    """Refuse a map that is not the expected one."""
    if same(came, expected):
        return
    hint = "Try an image that is 0 but for one pixel. Which weights in weight[{}] show up?"
    hints = [text for wrong, text in mistakes if same(came, wrong)]
    channels = f"channel 0 {shown(image[0, 0])}\nchannel 1 {shown(image[0, 1])}"
    refuse(
        (hints or [hint.format(out)])[0],
        tried=channels,
        expected=f"map {out} {shown(expected[0])}",
        came=f"map {out} {shown(came[0])}",
    )


def three_convolutions(network: object, channels_in: int, channels_out: int) -> list[nn.Conv2d]:
    """Return the three convolutions of a network; refuse others than those of the task."""
    if not isinstance(network, nn.Module):
        refuse("The function must return the network, an nn.Sequential.", came=described(network))
    layers = [layer for layer in nn.Module.modules(network) if type(layer) is nn.Conv2d]
    found = [(n.in_channels, n.out_channels, n.kernel_size, n.stride) for n in layers]
    channels = (channels_in, 8, 6, channels_out)
    if found != [(*channels[i : i + 2], (k, k), (1, 1)) for i, k in enumerate((3, 5, 1))]:
        refuse(
            "Leave channels, kernels and strides as they were. Only the padding is wrong.",
            came="; ".join(f"{i} to {o}, kernel {k}, stride {s}" for i, o, k, s in found),
        )
    return layers


def need_kept_size(layer: nn.Conv2d, x: torch.Tensor) -> None:
    """Refuse a layer that changes height or width."""
    side = layer.kernel_size[0]
    out = nn.Conv2d.forward(layer, x)
    if out.shape[2:] == x.shape[2:]:
        return
    hint = f"How many pixels does a {side}×{side} kernel take away on each side without padding?"
    if side == 1 and out.shape[2] > x.shape[2]:
        hint = (
            "A 1×1 kernel takes nothing away. What does it see on a pixel that is padding, and "
            "what does it give out there?"
        )
    refuse(
        hint,
        tried=f"the {side}×{side} convolution, with padding {layer.padding}",
        came=f"height and width {tuple(x.shape[2:])} became {tuple(out.shape[2:])}",
    )


def weight_of(name: str, answer: object, shape: tuple[int, ...]) -> torch.Tensor:
    """Return a weight of the given shape, or refuse it."""
    weight = numbers_in(answer)
    if weight is None:
        refuse(f"`{name}` must be a tensor of numbers.", came=described(answer))
    if tuple(weight.shape) != shape:
        hint = f"The weight `{name}` must have the shape (out, in, 3, 3): {shape}."
        if tuple(weight.shape) == (1, 1, 3, 3):
            hint = "With one channel in the middle, the ReLU lets one sign through. Make it two."
        refuse(hint, came=f"shape {tuple(weight.shape)}")
    return weight


def across(image: torch.Tensor) -> torch.Tensor:
    """Return the right neighbour minus the left one, zeros outside."""
    framed = F.pad(image, (1, 1))
    return framed[..., 2:] - framed[..., :-2]


def down(image: torch.Tensor) -> torch.Tensor:
    """Return the lower neighbour minus the upper one, zeros outside."""
    return across(image.mT).mT


def hint_on_edges(came: torch.Tensor, d: torch.Tensor, vertical: torch.Tensor) -> str:
    """Return the hint for a map that should be |d|."""
    one_sign = "Only edges of one sign are left: the ReLU cut the other. Use the second channel."
    undone = "relu(d) - relu(-d) is d itself: the second convolution undoes what the ReLU did."
    wrong = [
        (torch.zeros_like(d), "Nothing is left. With which sign does each channel enter?"),
        (d, undone),
        (-d, undone),
        (-d.abs(), "The right size with the wrong sign: look at the second weight."),
        (vertical.abs(), "These are upper and lower neighbours. The last axis are the columns."),
    ]
    for factor in (1, 2, -1, -2):
        wrong += [(factor * F.relu(d), one_sign), (factor * F.relu(-d), one_sign)]
    for factor in (2, 3, 0.5):
        wrong.append((factor * d.abs(), "Right but for a factor."))
    spread = F.conv2d(d.abs(), torch.ones(1, 1, 3, 3).to(d), padding=1)
    wrong.append((spread, "The second convolution mixes neighbours. Only the pixel itself counts."))
    otherwise = (
        "Look at the two channels in the middle, before the ReLU: one should be right minus left, "
        "the other the same with the other sign."
    )
    return next((hint for each, hint in wrong if same(came, each)), otherwise)
