"""The losses against plain loops, their gradients against finite differences."""

import doctest
import math
import random

import pytest
import torch

from unet_tutorial import losses
from unet_tutorial.losses import (
    IGNORE,
    bce_dice_loss,
    check_target,
    cross_entropy_dice_loss,
    segmentation_loss,
    soft_dice_loss,
)
from unet_tutorial.metrics import dice


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def softmax(values):
    powers = [math.exp(value) for value in values]
    return [power / sum(powers) for power in powers]


def loop_dice_loss(probabilities, masks):
    """From the pixels of one class over the whole batch, as two lists of floats."""
    if not any(masks):
        return sum(probabilities) / len(probabilities)
    overlap = sum(p * t for p, t in zip(probabilities, masks, strict=True))
    return 1 - 2 * overlap / (sum(probabilities) + sum(masks))


def pixels_of(logits):
    """The logits of every pixel of the batch, one list of K floats each."""
    batch, _, height, width = logits.shape
    return [
        [logits[n, k, y, x].item() for k in range(logits.shape[1])]
        for n in range(batch)
        for y in range(height)
        for x in range(width)
    ]


def loop_binary(logits, target):
    values = [value for (value,) in pixels_of(logits)]
    masks = target.flatten().tolist()
    probabilities = [sigmoid(value) for value in values]
    entropies = [
        -(t * math.log(p) + (1 - t) * math.log(1 - p))
        for p, t in zip(probabilities, masks, strict=True)
    ]
    return sum(entropies) / len(entropies), loop_dice_loss(probabilities, masks)


def loop_classes(logits, target):
    probabilities = [softmax(values) for values in pixels_of(logits)]
    numbers = target.flatten().tolist()
    entropies = [-math.log(p[number]) for p, number in zip(probabilities, numbers, strict=True)]
    dices = [
        loop_dice_loss([p[k] for p in probabilities], [float(number == k) for number in numbers])
        for k in range(1, logits.shape[1])
    ]
    return sum(entropies) / len(entropies), sum(dices) / len(dices)


def random_binary(seed, shape=(3, 1, 5, 4), dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(shape, generator=generator, dtype=dtype)
    return logits, (torch.rand(shape, generator=generator) < 0.3).to(dtype)


def random_classes(seed, classes, shape=(3, 5, 4), dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(shape[0], classes, *shape[1:], generator=generator, dtype=dtype)
    return logits, torch.randint(classes, shape, generator=generator)


@pytest.mark.parametrize("seed", range(5))
def test_binary_losses_equal_plain_loops(seed):
    logits, target = random_binary(seed)
    entropy, overlap = loop_binary(logits, target)
    assert soft_dice_loss(logits, target).item() == pytest.approx(overlap, rel=1e-12)
    assert bce_dice_loss(logits, target).item() == pytest.approx(entropy + overlap, rel=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_class_losses_equal_plain_loops(classes):
    logits, target = random_classes(classes, classes)
    entropy, overlap = loop_classes(logits, target)
    together = cross_entropy_dice_loss(logits, target).item()
    assert soft_dice_loss(logits, target).item() == pytest.approx(overlap, rel=1e-12)
    assert together == pytest.approx(entropy + overlap, rel=1e-12)


def test_a_class_that_does_not_occur_counts_by_its_mean_probability():
    logits, target = random_classes(0, 4)
    target[target == 2] = 0
    _, overlap = loop_classes(logits, target)
    assert soft_dice_loss(logits, target).item() == pytest.approx(overlap, rel=1e-12)


def test_by_hand():
    target = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    logits = torch.zeros(1, 1, 2, 2)
    assert soft_dice_loss(logits, target).item() == pytest.approx(2 / 3)
    assert bce_dice_loss(logits, target).item() == pytest.approx(2 / 3 + math.log(2))


@pytest.mark.parametrize("seed", range(3))
def test_with_confident_logits_it_is_one_minus_dice(seed):
    logits, target = random_binary(seed)
    mask = logits > 0
    loss = soft_dice_loss(torch.where(mask, 60.0, -60.0).double(), target).item()
    assert loss == pytest.approx(1 - dice(mask, target), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_two_classes_are_one_class_with_the_difference_of_the_logits(seed):
    logits, target = random_classes(seed, 2)
    difference = logits[:, 1:] - logits[:, :1]
    both = cross_entropy_dice_loss(logits, target).item()
    assert both == pytest.approx(
        bce_dice_loss(difference, target[:, None].double()).item(), rel=1e-12
    )


def test_dice_is_over_the_batch_not_image_by_image():
    logits, target = random_binary(1)
    target[0] = 0  # an image without foreground
    tall = [part.transpose(0, 1).reshape(1, 1, -1, logits.shape[-1]) for part in (logits, target)]
    mean = sum(soft_dice_loss(logits[n : n + 1], target[n : n + 1]) for n in range(3)) / 3
    assert soft_dice_loss(logits, target).item() == pytest.approx(soft_dice_loss(*tall).item())
    assert soft_dice_loss(logits, target).item() != pytest.approx(mean.item(), rel=0.01)


@pytest.mark.parametrize("side", [4, 256])
def test_an_empty_target_costs_the_mean_probability(side):
    target = torch.zeros(2, 1, side, side)
    for logit in (-20.0, -10.0, 0.0, 20.0):
        loss = soft_dice_loss(torch.full_like(target, logit), target).item()
        assert loss == pytest.approx(sigmoid(logit), abs=1e-6)


def test_an_empty_target_pushes_the_logits_down():
    logits = torch.zeros(1, 1, 4, 4, requires_grad=True)
    soft_dice_loss(logits, torch.zeros(1, 1, 4, 4)).backward()
    assert (logits.grad > 0).all()


@pytest.mark.parametrize("loss", [soft_dice_loss, bce_dice_loss])
@pytest.mark.parametrize("foreground", [0, 1])
def test_binary_gradients(loss, foreground):
    logits, target = random_binary(2, (2, 1, 3, 2))
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, target * foreground), logits)


@pytest.mark.parametrize("loss", [soft_dice_loss, cross_entropy_dice_loss])
@pytest.mark.parametrize("missing", [None, 1])
def test_class_gradients(loss, missing):
    logits, target = random_classes(3, 3, (2, 3, 2))
    target[target == missing] = 0
    logits.requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, target), logits)


@pytest.mark.parametrize("target", [torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2)])
@pytest.mark.parametrize("extreme", [-1e4, 1e4, -3e38, 3e38])
def test_extreme_logits_give_finite_losses_and_gradients(target, extreme):
    for logits, truth in (
        (torch.full((1, 1, 2, 2), extreme), target),
        (torch.tensor([extreme, 0.0]).view(1, 2, 1, 1).repeat(1, 1, 2, 2), target[:, 0].long()),
    ):
        logits.requires_grad_()
        loss = soft_dice_loss(logits, truth)
        loss.backward()
        assert loss.item() in (0.0, 1.0)
        assert logits.grad.isfinite().all()
        combined = segmentation_loss(logits.detach() / 1e30, truth)
        assert combined.isfinite()


@pytest.mark.parametrize("extreme", [-1e4, 1e4])
def test_cross_entropy_does_not_saturate(extreme):
    """log(sigmoid(x)) would be -inf: computed from the logits it is the distance itself."""
    wrong = torch.full((1, 1, 2, 2), 0.0 if extreme > 0 else 1.0)
    logits = torch.full((1, 1, 2, 2), extreme, requires_grad=True)
    loss = bce_dice_loss(logits, wrong)
    loss.backward()
    assert loss.item() == pytest.approx(1e4 + 1)
    assert (logits.grad.abs() == 0.25).all()  # 1 / 4 pixels


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_summed_in_single(dtype):
    target = torch.ones(1, 1, 400, 400)  # 160,000 pixels: more than float16 can hold
    loss = bce_dice_loss(torch.zeros(1, 1, 400, 400, dtype=dtype), target)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(1 / 3 + math.log(2), rel=1e-5)


def test_double_precision_stays():
    assert bce_dice_loss(*random_binary(0)).dtype == torch.float64


def test_segmentation_loss_takes_the_one_that_the_target_calls_for():
    binary, classes = random_binary(4), random_classes(4, 3)
    assert segmentation_loss(*binary) == bce_dice_loss(*binary)
    assert segmentation_loss(*classes) == cross_entropy_dice_loss(*classes)


def test_fractions_are_masks_too():
    logits, target = random_binary(5)
    target = target * 0.8 + 0.1
    entropy, overlap = loop_binary(logits, target)
    assert bce_dice_loss(logits, target).item() == pytest.approx(entropy + overlap, rel=1e-12)


BINARY, CLASSES = torch.zeros(2, 1, 8, 8), torch.zeros(2, 3, 8, 8)


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        # Broadcasting (N, 1, H, W) with (N, H, W) would compare every image with every mask.
        (BINARY, torch.zeros(2, 8, 8), ValueError, r"\(2, 8, 8\).*broadcast.*target\[:, None\]"),
        (BINARY, torch.zeros(2, 1, 8, 1), ValueError, "must be equal"),
        (BINARY, torch.zeros(1, 1, 8, 8), ValueError, "must be equal"),
        (BINARY, torch.zeros(2, 1, 8, 8, dtype=torch.int64), ValueError, "1 channel.*target.float"),
        (BINARY, torch.zeros(2, 1, 8, 8, dtype=torch.bool), TypeError, r"bool.*target\.float\(\)"),
        (BINARY, torch.zeros(2, 1, 8, 8, dtype=torch.uint8), TypeError, "uint8"),
        (BINARY.long(), torch.zeros(2, 1, 8, 8), TypeError, "logits have dtype torch.int64"),
        (BINARY[0], torch.zeros(1, 8, 8), ValueError, r"\(N, C, H, W\)"),
        (BINARY[:0], torch.zeros(0, 1, 8, 8), ValueError, "none of them 0"),
        (CLASSES, torch.zeros(2, 8, 8), ValueError, "must be equal.*int64"),
        (CLASSES, torch.zeros(2, 1, 8, 8).long(), ValueError, r"\(2, 8, 8\).*target\[:, 0\]"),
        (CLASSES, torch.zeros(2, 8, 7).long(), ValueError, r"\(2, 8, 7\)"),
        (CLASSES.int(), torch.zeros(2, 8, 8).long(), TypeError, "int32"),
    ],
)
def test_what_does_not_fit_is_refused(logits, target, error, message):
    for loss in (soft_dice_loss, segmentation_loss):
        with pytest.raises(error, match=message):
            loss(logits, target)


IMPOSSIBLE = [
    (BINARY, torch.full((2, 1, 8, 8), 255.0), "255 to 255.*Divide"),
    (BINARY, torch.full((2, 1, 8, 8), -1.0), "-1 to -1"),
    (CLASSES, torch.full((2, 8, 8), 3), "3 to 3.*0 to 2"),
    (CLASSES, torch.full((2, 8, 8), -1), "-1 to -1"),
]


@pytest.mark.parametrize(("logits", "target", "message"), IMPOSSIBLE)
def test_check_target_refuses_values_that_cannot_be(logits, target, message):
    with pytest.raises(ValueError, match=message):
        check_target(logits, target)


@pytest.mark.parametrize(("logits", "target", "_"), IMPOSSIBLE)
def test_such_values_never_give_a_plausible_loss(logits, target, _):
    assert soft_dice_loss(logits, target).isnan()


@pytest.mark.parametrize(
    ("logits", "target"),
    [
        (BINARY, torch.full((2, 1, 8, 8), torch.nan)),
        (CLASSES, torch.full((2, 8, 8), IGNORE)),
        (BINARY, torch.full((2, 1, 8, 8), 0.5)),
        (CLASSES, torch.full((2, 8, 8), 2)),
    ],
)
def test_check_target_lets_ignored_pixels_and_limits_pass(logits, target):
    assert check_target(logits, target) is None


def ignore_some(logits, target, seed=0):
    """Mark a third of the pixels as ignored; return the target, and the other pixels in a row."""
    generator = torch.Generator().manual_seed(seed)
    ignored = torch.rand(len(target), *target.shape[-2:], generator=generator) < 0.3
    pixels = logits.movedim(1, -1)[~ignored].T[None, :, None]  # (1, C, 1, pixels that count)
    if target.dtype == torch.int64:
        return target.masked_fill(ignored, IGNORE), (pixels, target[~ignored][None, None])
    row = target.movedim(1, -1)[~ignored].T[None, :, None]
    return target.masked_fill(ignored[:, None], torch.nan), (pixels, row)


@pytest.mark.parametrize("make", [random_binary, lambda seed: random_classes(seed, 4)])
def test_ignored_pixels_count_as_if_they_were_cut_out(make):
    logits, target = make(0)
    marked, left = ignore_some(logits, target)
    for loss in (soft_dice_loss, segmentation_loss):
        assert loss(logits, marked).item() == pytest.approx(loss(*left).item(), rel=1e-12)
        assert loss(logits, marked).item() != pytest.approx(loss(logits, target).item(), rel=1e-3)


@pytest.mark.parametrize("target", [torch.full((2, 1, 8, 8), torch.nan), None])
def test_nothing_but_ignored_pixels_costs_nothing(target):
    logits = (BINARY if target is not None else CLASSES).clone().requires_grad_()
    target = torch.full((2, 8, 8), IGNORE) if target is None else target
    loss = segmentation_loss(logits, target)
    loss.backward()
    assert loss.item() == 0
    assert (logits.grad == 0).all()


def test_several_labels_are_the_mean_over_the_channels():
    logits, target = random_binary(6, (3, 2, 5, 4))
    each = [bce_dice_loss(logits[:, k : k + 1], target[:, k : k + 1]).item() for k in range(2)]
    assert bce_dice_loss(logits, target).item() == pytest.approx(sum(each) / 2, rel=1e-12)


def test_weights_count_pixels_in_the_cross_entropy_alone():
    logits, target = random_binary(7)
    weight = torch.zeros_like(target)
    weight[0] = 2.0
    entropy, _ = loop_binary(logits[:1], target[:1])
    _, overlap = loop_binary(logits, target)
    expected = 2 * entropy / 3 + overlap  # one of three images counts, twice
    assert bce_dice_loss(logits, target, weight).item() == pytest.approx(expected, rel=1e-12)
    logits, target = random_classes(7, 3)
    weight = torch.zeros(target.shape, dtype=torch.float64)
    weight[0] = 2.0
    entropy, _ = loop_classes(logits[:1], target[:1])
    _, overlap = loop_classes(logits, target)
    expected = 2 * entropy / 3 + overlap
    for shaped in (weight, weight[:, None]):
        loss = cross_entropy_dice_loss(logits, target, shaped)
        assert loss.item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shape", [(3, 5, 4), (3, 1, 5, 1), (1, 1, 5, 4), (3, 2, 5, 4)])
def test_weights_are_never_broadcast(shape):
    with pytest.raises(ValueError, match="weight has shape"):
        bce_dice_loss(*random_binary(0), torch.ones(shape))


BATCHES = [random_binary(8, dtype=torch.float32), random_classes(8, 3, dtype=torch.float32)]


@pytest.mark.parametrize("batch", BATCHES)
def test_compiled_as_one_graph(batch):
    compiled = torch.compile(segmentation_loss, fullgraph=True, backend="eager")
    assert compiled(*batch).item() == pytest.approx(segmentation_loss(*batch).item(), rel=1e-6)


@pytest.mark.parametrize("batch", BATCHES)
def test_vmap_gives_a_loss_an_image(batch):
    logits, target = (part[:, None] for part in batch)
    each = [segmentation_loss(x, y).item() for x, y in zip(logits, target, strict=True)]
    assert torch.vmap(segmentation_loss)(logits, target).tolist() == pytest.approx(each, rel=1e-5)


NAMED = [(bce_dice_loss, BATCHES[0]), (cross_entropy_dice_loss, BATCHES[1])]


@pytest.mark.parametrize(("loss", "batch"), NAMED)
def test_traced_by_fx(loss, batch):
    traced = torch.fx.symbolic_trace(lambda logits, target: loss(logits, target))
    assert traced(*batch).item() == pytest.approx(loss(*batch).item())
    with pytest.raises(ValueError, match="target has shape"):
        traced(batch[0], batch[1][..., :2])


@pytest.mark.parametrize(("loss", "batch"), NAMED)
def test_values_are_not_looked_at(loss, batch):
    """On the meta device there are none: a loss that waits for a GPU would fail."""
    logits, target = (part.to("meta") for part in batch)
    assert loss(logits, target).shape == ()


@pytest.mark.parametrize("loss", [bce_dice_loss, cross_entropy_dice_loss])
def test_the_named_losses_refuse_each_others_targets(loss):
    wrong = random_classes(0, 3) if loss is bce_dice_loss else random_binary(0)
    with pytest.raises((TypeError, ValueError)):
        loss(*wrong)


def test_the_docstrings_examples():
    results = doctest.testmod(losses)
    assert results.attempted == 6
    assert results.failed == 0


def test_a_random_search_finds_no_loss_outside_its_range():
    generator = random.Random(0)
    for seed in range(50):
        logits, target = random_binary(seed, dtype=torch.float32)
        loss = soft_dice_loss(logits * generator.choice([0, 1, 100]), target).item()
        assert 0 <= loss <= 1
