"""Questions on the join: channels, shapes, order and values."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F

from unet_tutorial.classroom.quiz.kinds.shared import (
    format_shape,
)
from unet_tutorial.classroom.quiz.question import Question, Wrong, kind


@kind("06", "channels_of_a_join", "Channels after a join")
def ask_channels_of_a_join(draw: random.Random) -> Question:
    """Add up the channels where the levels don't double."""
    skip, below = 8 * draw.randint(1, 16), 16 * draw.randint(2, 20)
    x, kept = torch.empty(1, below, 4, 4, device="meta"), torch.empty(1, skip, 8, 8, device="meta")
    upsampling = torch.nn.ConvTranspose2d(below, below // 2, 2, stride=2, device="meta")
    joined = torch.cat([kept, upsampling(x)], dim=1).shape[1]
    return Question(
        text=f"In some U-Net, a step up gets a tensor of {below} channels from the level below. A "
        "transposed convolution doubles its height and width and halves its channels. Then the "
        f"skip connection, with {skip} channels, is joined to it with `torch.cat(..., dim=1)`. How "
        "many input channels does the next convolution need?",
        right=joined,
        wrong=(
            Wrong(
                below, "expects the join to bring back the channels from below, whatever the skip"
            ),
            Wrong(below + skip, "forgets that the transposed convolution halves the channels"),
            Wrong(2 * skip, "takes both parts for as wide as the skip"),
            Wrong(below // 2, "adds the two tensors instead of stacking their channels"),
            Wrong((below + skip) // 2, "halves the skip's channels, too"),
        ),
        why=f"{below} / 2 = {below // 2} upsampled channels, and {skip} of the skip: {joined}.",
        numerical=True,
    )


@kind("06", "dimension_of_a_join", "What a join along each dimension gives")
def ask_dimension_of_a_join(draw: random.Random) -> Question:
    """Predict a joined shape, with the dimension written, counted from the end, or left out."""
    shape = tuple(draw.sample(range(2, 7), 2) + draw.sample(range(8, 40), 2))
    written = draw.choice(["", ", dim=0", ", dim=1", ", dim=2", ", dim=3", ", dim=-1", ", dim=-2"])
    dimension = int(written.partition("=")[2] or 0)
    skip, upsampled = torch.empty(2, *shape, device="meta")
    joined = {each: torch.cat([skip, upsampled], dim=each).shape for each in range(4)}
    told = {
        0: "stacks the images of the batch",
        1: "expects a join to stack channels, whatever the dimension",
        2: "puts the second tensor below the first",
        3: "puts the second tensor to the right of the first",
    }
    right = torch.cat([skip, upsampled], dim=dimension).shape
    return Question(
        text=f"`skip` and `upsampled` both have the shape {format_shape(shape)}, that is (N, C, H, "
        f"W). What's the shape of `torch.cat([skip, upsampled]{written})`?",
        right=format_shape(right),
        wrong=(
            *(Wrong(format_shape(each), told[i]) for i, each in joined.items() if each != right),
            Wrong(format_shape(shape), "adds the two tensors"),
        ),
        why=("" if written else "Without `dim`, it's 0. ")
        + f"Dimension {dimension % 4} becomes twice as long, and the others stay. (In a U-Net, "
        "you'd join along dimension 1, the channels.)",
    )


@kind("06", "channel_in_another_order", "Where a channel goes when the order changes")
def ask_channel_in_another_order(draw: random.Random) -> Question:
    """Repair a checkpoint: find a channel's new index."""
    skip, upsampled = draw.sample(range(4, 30), 2)
    total = skip + upsampled
    old = draw.randrange(total)
    order = torch.arange(total)
    renewed = torch.cat([order[upsampled:], order[:upsampled]])
    right = int((renewed == old).nonzero())
    outputs = draw.choice([8, 12, 16])
    return Question(
        text="An older version of a network joins `torch.cat([upsampled, skip], dim=1)`, with "
        f"{upsampled} upsampled channels and {skip} of the skip. Today's version joins `[skip, "
        "upsampled]`. To use an old checkpoint, the weight of the convolution after the join, "
        f"({outputs}, {total}, 3, 3), needs its input channels in another order. Where does the "
        f"slice `weight[:, {old}]` have to go? (Give its new index, counted from 0.)",
        right=right,
        wrong=(
            Wrong(
                (old + total // 2) % total, "swaps two equal halves, though the parts aren't equal"
            ),
            Wrong(old, "leaves it where it is"),
            Wrong((old + upsampled) % total, "moves it by the wrong part's number of channels"),
            Wrong(total - 1 - old, "reverses all channels"),
        ),
        why=f"Channels 0 to {upsampled - 1} of the old weight read the upsampled tensor; they now "
        f"come after the {skip} of the skip. All others move to the front, by {upsampled}. So "
        f"{old} becomes {right}.",
        numerical=True,
    )


@kind("06", "value_of_a_join", "One value after a join and a 1×1 convolution")
def ask_value_of_a_join(draw: random.Random) -> Question:
    """Weigh the channels of a join at one pixel."""
    skip, upsampled = ([draw.randint(0, 9) for _ in range(2)] for _ in range(2))
    weights = [draw.choice([-3, -2, -1, 1, 2, 3]) for _ in range(4)]
    right = _weigh(skip + upsampled, weights)
    mixed = [skip[0], upsampled[0], skip[1], upsampled[1]]
    added = [a + b for a, b in zip(skip, upsampled, strict=True)]
    return Question(
        text=f"At some pixel, `skip` has the two channels {skip}, and `upsampled` has {upsampled}. "
        "A 1 × 1 convolution without bias, whose weights for its four input channels are "
        f"{weights}, reads `torch.cat([skip, upsampled], dim=1)`. What does it return at this "
        "pixel?",
        right=right,
        wrong=(
            Wrong(_weigh(upsampled + skip, weights), "takes the upsampled channels first"),
            Wrong(_weigh(mixed, weights), "takes channels of both in turn"),
            Wrong(_weigh(added, weights[:2]), "adds the two tensors instead of joining them"),
        ),
        why=f"The joined channels are {skip + upsampled}, the skip's first. Each is multiplied by "
        f"its weight, and the sum is {right}.",
        numerical=True,
    )


def _weigh(channels: list[int], weights: list[int]) -> int:
    pixel, weight = (
        torch.tensor(each).float()[None, :, None, None] for each in (channels, weights)
    )
    return int(F.conv2d(pixel, weight).item())
