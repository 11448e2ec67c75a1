"""Right and wrong answers to the exercises of chapter 09."""

import math

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


def adding_as(first=1, second=1, norms=4, stamp=4, bias=1):
    def count_adding(in_channels, num_classes, base_channels):
        c = base_channels
        total = 9 * in_channels * c + 9 * c * c + norms * c + (c + 1) * num_classes
        for o in (c, 2 * c, 4 * c, 8 * c):
            total += 54 * o * o + norms * 2 * o + stamp * 2 * o * o + bias * o
            total += int(9 * first * o * o) + int(9 * second * o * o) + norms * o
        return total

    return count_adding


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


def validation_as_a_tensor(network, batches):
    with torch.no_grad():
        return sum(loss_of(network, *batch) for batch in batches) / len(batches)


def validation_summed(network, batches):
    return validation_decorated(network, batches) * len(batches)


def validation_of_the_last_batch(network, batches):
    return validation_decorated(network, batches[-1:])


def validation_of_images(network, batches):
    with torch.no_grad():
        total = sum(loss_of(network, *batch).item() * len(batch[0]) for batch in batches)
    return total / sum(len(images) for images, _ in batches)


# ---- 9.4


def bytes_needed(c, images, height, width, each=16, maps=20.40625, image=1, size=4):
    per_image = size * height * width * (maps * c + image)
    return each * (7574 * c * c + 209 * c + 1) + images * per_image


def widest_as(strict=False, **wrong):
    def widest(images, height, width, limit):
        def fits(c):
            needed = bytes_needed(c, images, height, width, **wrong)
            return needed < limit if strict else needed <= limit

        return next(c for c in range(10**6) if not fits(c + 1))

    return widest


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


def widest_for_one_image(images, height, width, limit):
    return widest_as()(1, height, width, limit)


def widest_and_one_more(images, height, width, limit):
    return widest_as()(images, height, width, limit) + 1


def widest_power_of_two(images, height, width, limit):
    found = widest_as()(images, height, width, limit)
    return 2 ** int(math.log2(found)) if found else 0


ANSWERS = {
    "9.1": Answers(
        right=[Args(UP, DOWN, DOWN, FACTORS), Args(list(UP), DOWN, list(DOWN), [4.0, 0.25, 0.5])],
        wrong=[
            (Args(DOWN, DOWN, DOWN, FACTORS), "has no pixels in it"),
            (Args(UP, UP, DOWN, FACTORS), "on how many voxels"),
            (Args(UP, DOWN, (1, 2, 3, 0, 4), FACTORS), "shrinks faster"),
            (Args(UP, DOWN, UP, FACTORS), "from the least to the most"),
            (Args(UP, DOWN, (0, 1, 2, 3), FACTORS), "above or below 1"),
            (Args(UP, DOWN, DOWN, (4, 0.5, 1)), "one side more"),
            (Args(UP, DOWN, DOWN, (8, 0.25, 1)), "27 weights"),
            (Args(UP, DOWN, DOWN, (2, 0.25, 0.25)), "both double"),
            (Args(UP, DOWN, DOWN, (4, 0.125, 0.5)), "holds more channels"),
            (Args(UP, DOWN, DOWN, (0.25, 4, 2)), "to the one above"),
            (Args(UP, DOWN, DOWN, (4, 0.25, 0.25)), "an eighth of V"),
            (Args((4, 3, 2, 1), DOWN, DOWN, FACTORS), "each once"),
        ],
        equivalent={},
    ),
    "9.2": Answers(
        right=[adding_in_closed_form, adding_from_a_network],
        wrong=[
            (adding_as(first=2), "network that joins"),
            (adding_as(second=0.5), "what the first gave out"),
            (adding_as(norms=2), "two BatchNorms"),
            (adding_as(norms=0), "scales and shifts"),
            (adding_as(stamp=0, bias=0), "still there"),
            (adding_as(bias=0), "has biases"),
            (adding_as(stamp=2), "all i channels"),
            (adding_as(stamp=9), "2 by 2"),
            (adding_without_the_biases_at_the_end, "Go block by block"),
        ],
        equivalent={"line 9: double_conv(o, o) -> double_conv(o, o)": "Both arguments are o."},
    ),
    "9.3": Answers(
        right=[validation_decorated, validation_in_inference_mode],
        wrong=[
            (validation_keeping_all, "kept until the end"),
            (validation_keeping_a_list, "kept until the end"),
            (validation_by_items, "no longer grows"),
            (validation_by_detach, "no longer grows"),
            (validation_with_no_grad_too_late, "no longer grows"),
            (validation_freezing, "train nothing"),
            (validation_switching_off, "still switched off"),
            (validation_as_a_tensor, "Return a number"),
            (validation_summed, "That is their sum"),
            (validation_of_the_last_batch, "mean of the batches' losses"),
            (validation_of_images, "mean of the batches' losses"),
        ],
        equivalent={},
    ),
    "9.4": Answers(
        right=[widest_as(), widest_by_the_quadratic_formula, widest_by_halving],
        wrong=[
            (widest_as(each=4), "Adam and the gradients"),
            (widest_as(each=8), "Adam is missing"),
            (widest_as(each=12), "how many averages"),
            (widest_as(maps=0, image=0), "activations are missing"),
            (widest_as(size=1), "single precision"),
            (widest_as(maps=17.125), "tensors that the layers write"),
            (widest_as(maps=19), "pooled input"),
            (widest_as(image=0), "The image itself"),
            (widest_as(strict=True), "last byte"),
            (widest_for_one_image, "for one image"),
            (widest_and_one_more, "first width that does not fit"),
            (widest_power_of_two, "power of two"),
        ],
        equivalent={},
    ),
}
