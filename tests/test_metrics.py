"""metrics: against plain loops, sets of pixels, and sums done by hand."""

import doctest
import itertools

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unet_tutorial import metrics
from unet_tutorial.metrics import ObjectScores, dice, iou, match_objects

QUICK = settings(  # the same examples every time, however slow the machine
    max_examples=80,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

MASK_PAIRS = hnp.array_shapes(max_dims=3, max_side=6).flatmap(
    lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape))
)


def pixels_of(mask):
    return {place for place in itertools.product(*map(range, mask.shape)) if mask[place]}


def test_examples_in_docstrings():
    result = doctest.testmod(metrics)
    assert result.failed == 0
    assert result.attempted == 4


# dice and iou


@QUICK
@given(MASK_PAIRS)
def test_dice_and_iou_are_what_sets_of_pixels_say(masks):
    a, b = map(pixels_of, masks)
    if a or b:
        assert dice(*masks) == pytest.approx(2 * len(a & b) / (len(a) + len(b)), abs=1e-12)
        assert iou(*masks) == pytest.approx(len(a & b) / len(a | b), abs=1e-12)
    else:
        assert dice(*masks) == iou(*masks) == 1


@QUICK
@given(MASK_PAIRS)
def test_dice_follows_from_iou_and_order_does_not_matter(masks):
    a, b = masks
    assert dice(a, b) == pytest.approx(2 * iou(a, b) / (1 + iou(a, b)), abs=1e-12)
    assert dice(a, b) == dice(b, a)
    assert iou(a, b) == iou(b, a)
    assert dice(a, a) == iou(a, a) == 1


# 4 x 4, by hand: foregrounds of 6 and 4 pixels, 3 of them shared.
PREDICTION = np.array([[0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])
TARGET = np.array([[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]])

FORMS = [
    lambda mask: mask,
    lambda mask: mask.astype(bool),
    lambda mask: mask.astype(np.uint8),
    lambda mask: mask.astype(np.float32),
    lambda mask: mask.tolist(),
    torch.tensor,
    lambda mask: torch.tensor(mask).bool(),
    lambda mask: torch.tensor(mask).half(),
    lambda mask: torch.tensor(mask).float().requires_grad_(),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("target_form", [FORMS[0], FORMS[-1]])
def test_by_hand_in_every_form(form, target_form):
    prediction, target = form(PREDICTION), target_form(TARGET)
    assert dice(prediction, target) == 2 * 3 / (6 + 4)
    assert iou(prediction, target) == 3 / (6 + 4 - 3)
    assert type(dice(prediction, target)) is type(iou(prediction, target)) is float


def test_a_large_mask_does_not_overflow():
    mask = np.ones((300, 300), np.uint8)
    assert dice(mask, mask) == iou(mask, mask) == 1
    assert iou(mask, np.triu(mask)) == 301 / 600


def test_empty_masks():
    empty, full = np.zeros((2, 3)), np.ones((2, 3))
    for metric in (dice, iou):
        assert metric(empty, empty) == 1
        assert metric(empty, full) == metric(full, empty) == 0
        assert type(metric(empty, empty)) is float


@pytest.mark.parametrize("metric", [dice, iou])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (TARGET * 0.5, r"must be bool or zeros and ones, but 4 of its 16 .* 0\.5; .*> 0\.5"),
        (TARGET * 255, r"4 of its 16 values are others, such as 255; .*labels > 0"),
        (-TARGET, "4 of its 16 values are others, such as -1"),
        (np.full((4, 4), np.inf), "16 of its 16 values are others, such as inf"),
        (TARGET * (1 + 0j), "must be bool or zeros and ones, got complex128"),
        (TARGET.astype(str), "must be bool or zeros and ones, got <U"),
        (TARGET[None], r"one shape, got .*\(1, 4, 4\).*mask\[0\]"),
        (TARGET[:1], r"one shape, got .*\(1, 4\)"),  # numpy would broadcast it
        (TARGET.ravel(), r"one shape, got .*\(16,\)"),
        (1, r"one shape, got .*\(\)"),
    ],
)
def test_other_masks_are_refused_on_either_side(metric, wrong, message):
    with pytest.raises(ValueError, match=message):
        metric(PREDICTION, wrong)
    with pytest.raises(ValueError, match=message):
        metric(wrong, TARGET)


@pytest.mark.parametrize("metric", [dice, iou])
def test_pixels_whose_target_is_nan_are_left_out(metric):
    rng = np.random.default_rng(0)
    prediction, target, ignored = rng.random((3, 20, 30)) < 0.4
    expected = metric(prediction[~ignored], target[~ignored])
    assert metric(prediction, np.where(ignored, np.nan, target)) == expected
    assert metric(prediction, target) != expected
    with pytest.raises(ValueError, match=r"prediction must be .* such as nan"):
        metric(np.where(ignored, np.nan, prediction), target)
    with pytest.raises(ValueError, match="no pixels to compare"):
        metric(prediction, np.full((20, 30), np.nan))


@pytest.mark.parametrize("metric", [dice, iou])
def test_bfloat16_masks(metric):
    masks = torch.tensor([1, 1, 0], dtype=torch.bfloat16), torch.tensor([1, 0, 0])
    assert metric(*masks) == metric(np.array([1, 1, 0]), np.array([1, 0, 0]))


@pytest.mark.parametrize("metric", [dice, iou])
def test_the_message_names_the_side(metric):
    with pytest.raises(ValueError, match=r"^prediction must be"):
        metric(PREDICTION * 2, TARGET)
    with pytest.raises(ValueError, match=r"^target must be"):
        metric(PREDICTION, TARGET * 2)


@pytest.mark.parametrize("compare", [dice, iou, match_objects])
def test_no_pixels_at_all_is_refused(compare):
    with pytest.raises(ValueError, match=r"no pixels to compare: both have shape \(0, 4\)"):
        compare(np.zeros((0, 4), int), np.zeros((0, 4), int))


# match_objects


def pairs_above(predicted, true, threshold):
    """Every pair of objects whose IoU reaches the threshold, from sets of pixels."""

    def objects(labels):
        return {v: pixels_of(labels == v) for v in set(labels.ravel().tolist()) - {0}}

    a, b = objects(predicted), objects(true)
    pairs = [
        (p, t)
        for p in a
        for t in b
        if a[p] & b[t] and len(a[p] & b[t]) / len(a[p] | b[t]) >= threshold
    ]
    return pairs, len(a), len(b)


def most_pairs(pairs):
    """The largest number of these pairs in which no object comes twice, by trying all."""
    if not pairs:
        return 0
    (p, t), *others = pairs
    free = [(q, u) for q, u in others if q != p and u != t]
    return max(most_pairs(others), 1 + most_pairs(free))


LABEL_PAIRS = hnp.array_shapes(min_dims=2, max_dims=2, max_side=5).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.int32, shape, elements=st.integers(0, 3)),
        hnp.arrays(np.uint8, shape, elements=st.integers(0, 3)),
    )
)


@QUICK
@given(LABEL_PAIRS, st.sampled_from([0.5, 0.6, 2 / 3, 0.75, 1.0]))
def test_match_objects_finds_as_many_pairs_as_there_can_be(labels, threshold):
    predicted, true = labels
    pairs, n_predicted, n_true = pairs_above(predicted, true, threshold)
    tp = most_pairs(pairs)
    scores = match_objects(predicted, true, threshold)
    assert scores[:3] == (tp, n_predicted - tp, n_true - tp)
    if n_predicted or n_true:
        assert scores.f1 == pytest.approx(2 * tp / (2 * tp + scores[1] + scores[2]))
    else:
        assert scores.f1 == 1


def test_the_names_of_the_scores():
    scores = match_objects(np.array([[1, 1, 0, 2]]), np.array([[1, 1, 0, 0]]))
    assert scores == ObjectScores(
        true_positives=1, false_positives=1, false_negatives=0, f1=2 / (2 + 1)
    )
    assert [type(score) for score in scores] == [int, int, int, float]


def test_a_perfect_prediction_may_number_its_objects_otherwise():
    true = np.array([[1, 1, 0], [0, 2, 2], [3, 0, 2]])
    predicted = np.array([0, 70, 5, 300])[true]
    assert match_objects(predicted, true) == (3, 0, 0, 1.0)


def test_a_tie_at_exactly_one_half_counts_once():
    whole, halves = np.array([7, 7, 7, 7, 0, 8]), np.array([2, 2, 3, 3, 0, 9])
    assert match_objects(halves, whole) == (2, 1, 0, 0.8)  # 2 * 2 / (2 * 2 + 1 + 0)
    assert match_objects(whole, halves) == (2, 0, 1, 0.8)
    assert match_objects(halves, whole, 0.51) == (1, 2, 1, 0.4)


def test_the_threshold_itself_is_enough():
    predicted, true = np.array([1] * 7 + [0] * 3), np.array([1] * 10)  # IoU 7 / 10
    assert match_objects(predicted, true, 0.7).true_positives == 1
    assert match_objects(predicted, true, 0.7000001).true_positives == 0


def test_the_threshold_is_one_half_unless_said():
    true = np.array([1] * 20)
    assert match_objects(np.array([1] * 10 + [0] * 10), true).true_positives == 1
    assert match_objects(np.array([1] * 9 + [0] * 11), true).true_positives == 0


def test_merged_objects_count_as_one_at_most():
    true = np.array([[1, 1, 1, 0, 2, 2, 2]])
    merged = np.array([[1, 1, 1, 1, 1, 1, 1]])  # IoU 3 / 7 with either
    assert match_objects(merged, true) == (0, 1, 2, 0.0)


def test_nothing_predicted_or_nothing_there():
    nothing, one = np.zeros((2, 2), int), np.ones((2, 2), int)
    assert match_objects(nothing, nothing) == (0, 0, 0, 1.0)
    assert match_objects(one, nothing) == (0, 1, 0, 0.0)
    assert match_objects(nothing, one) == (0, 0, 1, 0.0)
    assert type(match_objects(nothing, nothing).f1) is float


def test_tensors_and_large_labels_will_do():
    predicted, true = torch.tensor([[2**40, 0, 1]]), np.array([[2**62, 0, 0]], np.uint64)
    assert match_objects(predicted, true) == (1, 1, 0, 2 / 3)


LABELS = np.array([[1, 1, 0, 2]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (LABELS > 0, "must be integers, one value an object, got bool; .*skimage.measure.label"),
        (LABELS * 1.0, "must be integers, .*got float64"),
        (-LABELS, r"must be 0 \(background\) or above, got -2"),
        (LABELS[:, :3], r"one shape, got .*\(1, 3\)"),
    ],
)
def test_other_labels_are_refused_on_either_side(wrong, message):
    with pytest.raises(ValueError, match=message):
        match_objects(LABELS, wrong)
    with pytest.raises(ValueError, match=message):
        match_objects(wrong, LABELS)


def test_the_message_names_the_labels():
    with pytest.raises(ValueError, match=r"^predicted_labels must"):
        match_objects(-LABELS, LABELS)
    with pytest.raises(ValueError, match=r"^true_labels must"):
        match_objects(LABELS, -LABELS)


@pytest.mark.parametrize("threshold", [0.49, 0, -1, 1.01, float("nan")])
def test_a_threshold_that_leaves_a_choice_is_refused(threshold):
    with pytest.raises(ValueError, match=rf"\[0\.5, 1\], got {threshold}"):
        match_objects(LABELS, LABELS, threshold)
