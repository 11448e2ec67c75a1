"""Questions on the last layer: parameters, a logit, and two classes as one."""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F

from unet_tutorial.blocks import OutConv
from unet_tutorial.classroom.quiz.kinds.shared import count_parameters, draw_grids
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind


@kind("07", "two_classes_as_one", "Two classes with softmax, as one with sigmoid")
def ask_two_classes_as_one(draw: random.Random) -> Question:
    """Merge a last layer of two classes into one of a single logit."""
    weights = torch.tensor([[draw.randint(-5, 5) for _ in range(2)] for _ in range(2)]).double()
    biases = torch.tensor([draw.randint(-4, 4) for _ in range(2)]).double()
    options = {
        "difference": (weights[1] - weights[0], biases[1] - biases[0]),
        "turned round": (weights[0] - weights[1], biases[0] - biases[1]),
        "dropped": (weights[1], biases[1]),
        "own bias": (weights[1] - weights[0], biases[1]),
        "sum": (weights[1] + weights[0], biases[1] + biases[0]),
    }
    told = {
        "difference": "takes nucleus minus background",
        "turned round": "takes background minus nucleus",
        "dropped": "drops the background's weights, though only differences of logits count",
        "own bias": "subtracts the weights, but forgets the bias",
        "sum": "adds the two classes up",
    }
    features = torch.tensor([[draw.uniform(-3, 3) for _ in range(2)] for _ in range(20)]).double()
    expected = (features @ weights.T + biases).softmax(1)[:, 1]
    equal = [
        name
        for name, (weight, bias) in options.items()
        if torch.allclose((features @ weight + bias).sigmoid(), expected)
    ]
    if len(equal) != 1:
        raise DrawAgain
    shown = {name: _format_layer(*layer) for name, layer in options.items()}
    return Question(
        text="A network's last layer computes two logits for each pixel from two features, and a "
        f"softmax turns them into probabilities. Background: weights {_format_whole(weights[0])}, "
        f"bias {biases[0]:g}. Nucleus: weights {_format_whole(weights[1])}, bias {biases[1]:g}. "
        "Another network is to give the same probability of nucleus with a single logit and a "
        "sigmoid. Which layer does that?",
        right=shown[equal[0]],
        wrong=tuple(Wrong(shown[name], told[name]) for name in options if name != equal[0]),
        why="Dividing by $e^{z_1}$ shows that the softmax of two logits is the sigmoid of their "
        "difference, nucleus minus background. So weights and biases are subtracted, too.",
    )


def _format_whole(values: torch.Tensor) -> str:
    return str([int(value) for value in values])


def _format_layer(weight: torch.Tensor, bias: torch.Tensor) -> str:
    return f"weights {_format_whole(weight)}, bias {bias:g}"


@kind("07", "logit_at_a_pixel", "A logit from the maps of a picture")
def ask_logit_at_a_pixel(draw: random.Random) -> Question:
    """Read the features of a pixel from a picture, and weigh them."""
    maps = torch.tensor(
        [[[draw.randint(0, 6) for _ in range(3)] for _ in range(3)] for _ in range(3)]
    )
    weights, bias = [draw.choice([-3, -2, -1, 1, 2, 3]) for _ in range(3)], draw.randint(1, 5)
    row, column = draw.randrange(3), draw.randrange(3)
    weight = torch.tensor(weights)[None, :, None, None]
    logits = F.conv2d(maps[None].float(), weight.float(), torch.tensor([bias]).float())[0, 0]
    right = int(logits[row, column].item())
    lists = [f"channel {i}: {each.tolist()}" for i, each in enumerate(maps)]
    return Question(
        text="The picture shows three channels of 3 × 3 pixels. A 1 × 1 convolution with the "
        f"weights {weights} for the channels 0, 1 and 2, and the bias {bias}, turns them into one "
        f"logit at each pixel. What's the logit in row {row}, column {column}? (Both are counted "
        "from 0.)",
        right=right,
        wrong=(
            Wrong(right - bias, "forgets the bias"),
            Wrong(right + 2 * bias, "adds the bias once for each channel"),
            Wrong(int(logits[column, row].item()), "confuses rows and columns"),
            Wrong(int(logits[max(row - 1, 0), max(column - 1, 0)].item()), "counts from 1"),
        ),
        why="Only the three values of this pixel count: "
        + " + ".join(f"({w}) · {each[row, column]}" for w, each in zip(weights, maps, strict=True))
        + f" + {bias} = {right}.",
        picture=draw_grids([each.numpy() for each in maps], [f"channel {i}" for i in range(3)]),
        alt="Three grids of 3 by 3 numbers, row by row. " + "; ".join(lists) + ".",
        numerical=True,
    )


@kind("07", "parameters_of_the_last_layer", "Parameters of the last layer")
def ask_parameters_of_the_last_layer(draw: random.Random) -> Question:
    """Count the parameters of an OutConv for several classes, the background included."""
    channels = 4 * draw.randint(2, 16)
    names = ["nucleus", "debris", "outline", "bubble", "scratch"][: draw.randint(2, 5)]
    classes = 1 + len(names)
    right = count_parameters(OutConv(channels, classes))
    return Question(
        text=f"At its end, a U-Net has {channels} channels. A 1 × 1 convolution with bias turns "
        "them into logits, for a softmax over background, "
        f"{' and '.join([', '.join(names[:-1]), names[-1]])}. How many parameters does this layer "
        "have?",
        right=right,
        wrong=(
            Wrong(right - classes, "forgets the biases"),
            Wrong(
                right - channels - 1, "gives the background no logit, though it's a class as well"
            ),
            Wrong(9 * channels * classes + classes, "takes a kernel of 3 × 3"),
            Wrong(channels * classes + 1, "has one bias for all classes"),
            Wrong(channels + 1, "has one logit for all classes"),
        ),
        why=f"{classes} classes with the background, {channels} weights and a bias for each: "
        f"{classes} · ({channels} + 1) = {right}.",
        numerical=True,
    )
