"""Right and wrong answers to the exercises of chapter 09."""

import math
from itertools import count

import numpy as np
import torch
import torch.nn.functional as F
from answers import Answers, Args

from unet_tutorial import UNet

# ---- 9.1

UP, DOWN = (4, 3, 2, 1, 0), (0, 1, 2, 3, 4)
FACTORS = (4, 0.25, 0.5)

# ---- 9.2


def adding_in_closed_form(in_channels, num_classes, base_channels):
    c = base_channels
    joined = 7574 * c * c + 209 * c + 1 + 9 * (in_channels - 1) * c + (num_classes - 1) * (c + 1)
    return joined - 9 * c * c * (1 + 4 + 16 + 64)


def adding_from_a_network(in_channels, num_classes, base_channels):
    with torch.device("meta"):
        network = UNet(in_channels, num_classes, base_channels)
    total = sum(p.numel() for p in network.parameters())
    for up in (network.up1, network.up2, network.up3, network.up4):
        total -= up.conv.double_conv[0].weight.numel() // 2
    return total


def adding_with_numpy(in_channels, num_classes, base_channels):
    def block(i, o):
        return 9 * i * o + 9 * o * o + 4 * o

    above, below = (base_channels * np.array(each) for each in ([1, 2, 4, 8], [2, 4, 8, 16]))
    ups = 4 * above * below + above + block(above, above)
    ends = block(in_channels, base_channels) + num_classes * (base_channels + 1)
    return ends + np.sum(block(above, below) + ups)


def adding_from_a_convolution(in_channels, num_classes, base_channels):
    kernel = torch.nn.Conv2d(base_channels, base_channels, 3, bias=False).weight
    total = adding_in_closed_form(in_channels, num_classes, base_channels)
    return total - 9 * base_channels**2 + kernel.numel()


def adding_without_the_biases_at_the_end(in_channels, num_classes, base_channels):
    return adding_in_closed_form(in_channels, num_classes, base_channels) - num_classes


# ---- 9.3


def loss_of(network, images, masks):
    return F.binary_cross_entropy_with_logits(network(images), masks)


@torch.no_grad()
def validation_decorated(network, batches):
    losses = [loss_of(network, *batch) for batch in batches]
    return torch.stack(losses).mean().item()


def validation_in_inference_mode(network, batches):
    with torch.inference_mode():
        return math.fsum(float(loss_of(network, *batch)) for batch in batches) / len(batches)


def validation_keeping_all(network, batches):
    return (sum(loss_of(network, *batch) for batch in batches) / len(batches)).item()


def validation_keeping_a_list(network, batches):
    losses = [loss_of(network, *batch) for batch in batches]
    return sum(loss.item() for loss in losses) / len(losses)


def validation_by_items(network, batches):
    return sum(loss_of(network, *batch).item() for batch in batches) / len(batches)


def validation_by_detach(network, batches):
    total = 0.0
    for batch in batches:
        total += loss_of(network, *batch).detach()
    return total.item() / len(batches)


def validation_with_no_grad_too_late(network, batches):
    total = 0.0
    for images, masks in batches:
        logits = network(images)
        with torch.no_grad():
            total += F.binary_cross_entropy_with_logits(logits, masks).item()
    return total / len(batches)


def validation_freezing(network, batches):
    for parameter in network.parameters():
        parameter.requires_grad = False
    return validation_by_items(network, batches)


def validation_switching_off(network, batches):
    torch.set_grad_enabled(False)
    return validation_by_items(network, batches)


def validation_emptying_the_list(network, batches):
    number, total = len(batches), 0.0
    while batches:
        total += validation_decorated(network, [batches.pop()])
    return total / number


def validation_in_training_mode(network, batches):
    return validation_decorated(network.train(), batches)


def validation_of_five(network, batches):
    return validation_decorated(network, batches) * len(batches) / 5


def validation_as_an_array(network, batches):
    with torch.no_grad():
        return np.mean([loss_of(network, *batch).numpy() for batch in batches])


def validation_as_a_tensor(network, batches):
    with torch.no_grad():
        return sum(loss_of(network, *batch) for batch in batches) / len(batches)


def validation_of_the_last_batch(network, batches):
    return validation_decorated(network, batches[-1:])


def validation_of_images(network, batches):
    with torch.no_grad():
        total = sum(loss_of(network, *batch).item() * len(batch[0]) for batch in batches)
    return total / sum(len(images) for images, _ in batches)


# ---- 9.4


def bytes_needed(c, images, height, width):
    per_image = 4 * height * width * (20.40625 * c + 1)
    return 16 * (7574 * c * c + 209 * c + 1) + images * per_image


def widest_by_counting(images, height, width, limit):
    return next(c for c in count() if bytes_needed(c + 1, images, height, width) > limit)


def widest_by_the_quadratic_formula(images, height, width, limit):
    area = 4 * images * height * width
    a, b, d = 16 * 7574, 16 * 209 + 20.40625 * area, 16 + area - limit
    if d > 0:
        return 0
    return math.floor((-b + math.sqrt(b * b - 4 * a * d)) / (2 * a) + 1e-9)


def widest_by_halving(images, height, width, limit):
    low, high = 0, 10**5  # low fits, high does not
    while high - low > 1:
        middle = (low + high) // 2
        fits = bytes_needed(middle, images, height, width) <= limit
        low, high = (middle, high) if fits else (low, middle)
    return low


def widest_up_to_128(images, height, width, limit):
    return min(128, widest_by_halving(images, height, width, limit))


def widest_by_sorted_search(images, height, width, limit):
    c = np.arange(1, 5000)
    needed = 16 * (7574 * c**2 + 209 * c + 1) + 4 * images * height * width * (20.40625 * c + 1)
    return np.searchsorted(needed, limit, side="right")


ANSWERS = {
    "9.1": Answers(
        right=[Args(UP, DOWN, DOWN, FACTORS), Args(list(UP), DOWN, list(DOWN), [4.0, 0.25, 0.5])],
        wrong=[
            (Args(UP, DOWN, (0, 1, 2, 3), FACTORS), "above or below 1"),
            (Args(UP, DOWN, DOWN, (4, 0.25, 0.25)), "an eighth of V"),
            (Args((4, 3, 2, 1), DOWN, DOWN, FACTORS), "each once"),
        ],
        equivalent={},
    ),
    "9.2": Answers(
        right=[adding_in_closed_form, adding_with_numpy],
        wrong=[
            (adding_from_a_network, "asks for arithmetic"),
            (adding_from_a_convolution, "asks for arithmetic"),
            (adding_without_the_biases_at_the_end, "Go block by block"),
        ],
        equivalent={
            "line 9: double_conv(o, o) -> double_conv(o, o)": "Both arguments are o.",
            "adding_with_numpy, line 6: block(above, above) -> *": "Both arguments are equal.",
        },
    ),
    "9.3": Answers(
        right=[validation_decorated, validation_in_inference_mode],
        wrong=[
            (validation_keeping_all, "kept until the end"),
            (validation_keeping_a_list, "kept until the end"),
            (validation_by_items, "no longer grows"),
            (validation_by_detach, "no longer grows"),
            (validation_with_no_grad_too_late, "no longer grows"),
            (validation_freezing, "changes `requires_grad`"),
            (validation_switching_off, "switches gradients on or off"),
            (validation_emptying_the_list, "changes its input"),
            (validation_in_training_mode, "changes the mode"),
            (validation_as_a_tensor, "Return a Python float"),
            (validation_as_an_array, "Return a Python float"),
            (validation_of_five, "mean of the batches' losses"),
            (validation_of_the_last_batch, "mean of the batches' losses"),
            (validation_of_images, "mean of the batches' losses"),
        ],
        equivalent={},
    ),
    "9.4": Answers(
        right=[widest_by_counting, widest_by_the_quadratic_formula, widest_by_sorted_search],
        wrong=[(widest_up_to_128, "for this width and the next one")],
        equivalent={
            "widest_by_the_quadratic_formula, line 4: *": "such a limit is too small for 1, too",
            "widest_by_the_quadratic_formula, line 6: * -> *": "rounding rarely needs it",
            "widest_by_sorted_search, line 2: 5000 -> *": "no width is that large",
        },
    ),
}
