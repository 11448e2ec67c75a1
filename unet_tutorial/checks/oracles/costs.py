"""What a U-Net costs, counted apart from the chapter, and the mistakes made in counting."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from unet_tutorial import DoubleConv, UNet
from unet_tutorial.checks.compare import call, described
from unet_tutorial.checks.exercise import refuse
from unet_tutorial.checks.values import plain, same, shown


def count_of_adding(in_channels: int, num_classes: int, base_channels: int) -> int:
    """Return the parameters of a U-Net that adds its skips, by building one without contents."""
    with torch.device("meta"):
        network = UNet(in_channels, num_classes, base_channels)
        for up in (network.up1, network.up2, network.up3, network.up4):
            half = up.upsampling.out_channels
            up.conv = DoubleConv(half, half)
    return sum(p.numel() for p in network.parameters())


def counted(first=0.5, second=1.0, norms=4, stamp=4, stamp_bias=1) -> Callable:
    """Return a count of that U-Net by formula, with factors that may be wrong.

    `first` and `second` are what the two convolutions of an Up read, as a share of its input and
    of its output; the rest are the BatchNorms' numbers a channel and the transposed convolution's.
    """

    def count(in_channels: int, num_classes: int, base_channels: int) -> int:
        c = base_channels
        total = 9 * in_channels * c + 9 * c * c + norms * c + c * num_classes + num_classes
        for o in (c, 2 * c, 4 * c, 8 * c):
            total += 9 * o * 2 * o + 9 * 2 * o * 2 * o + norms * 2 * o  # a Down from o to 2 o
            total += stamp * 2 * o * o + stamp_bias * o  # an Up from 2 o to o
            total += int(9 * first * 2 * o * o + 9 * second * o * o) + norms * o
        return total

    return count


COUNT_WRONG = [
    (counted(first=1), "That is the network that joins. Adding two tensors adds no channels."),
    (
        counted(second=0.5),
        "The second convolution of a DoubleConv reads what the first gave out: o channels.",
    ),
    (counted(norms=2), "Each DoubleConv has two BatchNorms, with two numbers a channel each."),
    (counted(norms=0), "The BatchNorms' scales and shifts are parameters too."),
    (
        counted(stamp=0, stamp_bias=0),
        "The transposed convolutions are still there: two tensors must have one shape to be added.",
    ),
    (counted(stamp_bias=0), "A transposed convolution has biases, i / 2 of them."),
    (
        counted(stamp=2),
        "The transposed convolution has the same input as before, all i channels.",
    ),
    (counted(stamp=9), "The kernel of the transposed convolution is 2 by 2."),
]


class Batches(list):
    """A list of batches that shows itself in a few words."""

    def __init__(self, batches) -> None:
        super().__init__(batches)

    def __repr__(self) -> str:
        return f"[{len(self)} batches]"


def compare_validation(answer: object, network: nn.Module, batches: Batches) -> None:
    """Refuse a validation that keeps what only a backward pass would read, or is wrong."""
    network.__deepcopy__ = lambda memo: network  # the answer gets this very network
    alive, most, kept = set(), 0, 0

    def pack(tensor):
        nonlocal most, kept
        held = Held(tensor.detach())  # the tensor itself would hold its graph, and that this
        alive.add(number := id(held))
        weakref.finalize(held, alive.discard, number)
        most, kept = max(most, len(alive)), kept + 1
        return held

    recording = torch.is_grad_enabled()
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda h: h.tensor):
        came = call(answer, network, batches)
        still_on = torch.is_grad_enabled()
    torch.set_grad_enabled(recording)
    with torch.no_grad():
        each = [F.binary_cross_entropy_with_logits(network(x), y).item() for x, y in batches]
    tried = f"a U-Net in eval mode and {len(batches)} batches"
    hint = hint_on_state(network, still_on) or hint_on_memory(came, kept, most, len(batches))
    if hint:
        refuse(hint, tried=tried, came=f"{kept} tensors saved, at most {most} at a time")
    mean = sum(each) / len(each)
    if isinstance(plain(came), torch.Tensor):
        refuse("Return a number: `.item()` takes it out of its tensor.", came=described(came))
    if not same(came, mean):
        hint = "The result is the mean of the batches' losses."
        if same(came, sum(each)):
            hint = "That is their sum. How many batches were there?"
        refuse(hint, tried=tried, expected=shown(round(mean, 4)), came=shown(came))


class Held:
    """A tensor that the forward pass saved, as long as anything needs it."""

    def __init__(self, tensor: torch.Tensor):
        self.tensor = tensor


def hint_on_state(network: nn.Module, still_on: bool) -> str | None:
    """Return the hint for a validation that leaves something switched off behind it."""
    if not all(p.requires_grad for p in nn.Module.parameters(network)):
        return "The parameters no longer want gradients: the next epoch would train nothing."
    if not still_on:
        return "Gradients are still switched off after it, for the whole notebook. Use a `with`."
    return None


def hint_on_memory(came: object, kept: int, most: int, batches: int) -> str | None:
    """Return the hint for a validation that saves tensors, of one batch or of all."""
    if kept == 0:
        return None
    if most > kept // 2:
        return (
            "Every batch's activations are kept until the end, since the sum remembers how it was "
            "made."
        )
    return (
        "It no longer grows with the batches. But each one still saves its activations, for a "
        "backward pass that never comes."
    )


def bytes_to_train(c, images, height, width, copies=4, size=4, image=1, pooled=1, written=False):
    """Return the bytes of training UNet(1, 1, c) with Adam, level by level; defaults are right."""
    saved = image * height * width
    for level in range(5):
        one = c * 2**level * (height >> level) * (width >> level)  # one map of this level
        saved += (4 if level == 4 else 9 if written else 10) * one
        if level and not written:
            saved += pooled * 3 * one // 2  # half a map of values, their positions in 8 bytes
    return 4 * copies * counted(first=1)(1, 1, c) + size * images * saved


def widest_by_trying(images, height, width, limit, **wrong) -> int:
    """Return the largest base_channels whose training fits, or 0."""
    c = 0
    while bytes_to_train(c + 1, images, height, width, **wrong) <= limit:
        c += 1
    return c


def widest_with(**wrong) -> Callable:
    """Return the same for a count of bytes that is wrong in some way."""
    return lambda *case: widest_by_trying(*case, **wrong)


WIDEST_WRONG = [
    (widest_with(image=0), "The image itself is kept for the first convolution."),
    (widest_with(copies=1), "Adam and the gradients are missing: four numbers a parameter."),
    (widest_with(copies=2), "Adam is missing: it keeps two averages for each parameter."),
    (widest_with(copies=3), "A weight, its gradient, and how many averages does Adam keep?"),
    (widest_with(size=0), "The activations are missing, which grow with the image."),
    (
        lambda images, *rest: widest_by_trying(1, *rest),
        "That is for one image. What goes with each image counts once for each.",
    ),
    (widest_with(size=1), "A number in single precision takes 4 bytes."),
    (widest_with(pooled=0), "Levels 1 to 4 keep their pooled input and its positions too."),
    (
        widest_with(written=True),
        "Those are the tensors that the layers write. The backward pass reads others: joined "
        "tensors, pooled ones, positions.",
    ),
    (lambda *case: widest_by_trying(*case) + 1, "That is the first width that does not fit."),
    (
        lambda images, h, w, limit: widest_by_trying(images, h, w, limit - 1),
        "Filling the limit to the last byte is allowed.",
    ),
    (
        lambda *case: 2 ** (widest_by_trying(*case).bit_length() - 1),
        "base_channels may be any whole number, not only a power of two.",
    ),
]
