"""Right and wrong answers to the exercises of chapter 01."""

from fractions import Fraction

import numpy as np
import torch
from answers import Answers, Args


def truth():
    target = np.zeros((10, 10), dtype=int)
    target[3:5, 6:8] = 1
    return target


def mask(hits, false_alarms):
    """A mask with this many hits and false alarms."""
    made = np.zeros((10, 10), dtype=int)
    made[0, :false_alarms] = 1
    rows, columns = np.nonzero(truth())
    made[rows[:hits], columns[:hits]] = 1
    return made


WORST, BEST, BAR = mask(0, 2), mask(4, 6), 2 * 4 / 104


def written_out(height, width, classes):
    return (
        (64, height, width),
        (128, height // 2, width // 2),
        (256, height // 4, width // 4),
        (512, height // 8, width // 8),
        (512, height // 16, width // 16),
        (256, height // 8, width // 8),
        (128, height // 4, width // 4),
        (64, height // 2, width // 2),
        (64, height, width),
        (classes, height, width),
    )


def by_joints(height, width, classes):
    down = [(64 * 2**n, height // 2**n, width // 2**n) for n in range(4)]
    bottleneck = (down[3][0], height // 16, width // 16)
    up = [(down[max(n - 1, 0)][0], *down[n][1:]) for n in (3, 2, 1, 0)]
    return [*down, bottleneck, *up, [classes, height, width]]


def with_sides_sorted(height, width, classes):
    return [(c, min(h, w), max(h, w)) for c, h, w in written_out(height, width, classes)]


def with_two_classes_as_one(height, width, classes):
    return [
        *written_out(height, width, classes)[:9],
        (classes if classes > 2 else 1, height, width),
    ]


def with_sides_of_two_or_more(height, width, classes):
    return [(c, max(h, 2), max(w, 2)) for c, h, w in written_out(height, width, classes)]


def as_an_array(height, width, classes):
    return np.array(written_out(height, width, classes), float)


def with_rows(changes):
    """The right rows, with the channels of some changed."""

    def changed(height, width, classes):
        rows = list(written_out(height, width, classes))
        for number, channels in changes.items():
            rows[number] = (channels, *rows[number][1:])
        return rows

    return changed


def ends_like_a_classifier(height, width, classes):
    return [*written_out(height, width, classes)[:9], (classes,)]


def output_of_one_channel(height, width, classes):
    return [*written_out(height, width, classes)[:9], (1, height, width)]


def width_first(height, width, classes):
    return [
        *((c, w, h) for c, h, w in written_out(height, width, classes)[:9]),
        (classes, height, width),
    ]


def valid_convolutions(height, width, classes):
    rows = [(c, h - 4, w - 4) for c, h, w in written_out(height, width, classes)[:9]]
    return [*rows, (classes, height, width)]


def no_output(height, width, classes):
    return written_out(height, width, classes)[:9]


def only_the_output(height, width, classes):
    return (classes, height, width)


ANSWERS = {
    "1.1": Answers(
        right=[
            Args(WORST.astype(bool), torch.from_numpy(BEST), 0.077),
            Args(WORST.tolist(), BEST.astype(np.float32), np.float64(1 / 13)),
            Args(np.rot90(WORST), BEST.astype(np.uint8), BAR),
            Args(list(WORST), list(torch.from_numpy(BEST)), Fraction(1, 13)),
        ],
        wrong=[
            (Args(1 - truth(), BEST, BAR), "Exactly 94 pixels"),
            (Args(mask(0, 6), BEST, BAR), "Exactly 94 pixels"),
            (Args(mask(1, 3), BEST, BAR), "A lower Dice is possible"),
            (Args(BEST, WORST, BAR), "A lower Dice is possible"),
            (Args(WORST, mask(3, 5), BAR), "A higher Dice is possible"),
            (Args(WORST, mask(1, 3), BAR), "A higher Dice is possible"),
            (Args(255 * WORST, BEST, BAR), "0 and 1 and nothing else"),
            (Args(WORST[:2], BEST, BAR), "the shape of `target`"),
            (Args(0.571, BEST, BAR), "an array of zeros and ones"),
            (Args(WORST[None], BEST, BAR), "the shape of `target`"),
            (Args(WORST, -BEST, BAR), "0 and 1 and nothing else"),
            (Args(WORST, BEST, 0), "Dice of finding nothing"),
            (Args(WORST, BEST, 0.076), "If you cut digits off"),
            (Args(WORST, BEST, 7.69), "not in percent"),
            (Args(WORST, BEST, 0.5), "|P| = 100"),
        ],
        equivalent={
            "line 2: 0 -> 1": "the false alarms are in another row of the background",
            "line 2: 0 -> -1": "the false alarms are in another row of the background",
            "line 4: 0 -> 1": "the false alarms are in another row of the background",
            "line 4: 0 -> -1": "the false alarms are in another row of the background",
        },
    ),
    "1.2": Answers(
        right=[written_out, by_joints, as_an_array],
        wrong=[
            (with_rows({4: 1024}), "The upsampling would keep these channels"),
            (with_rows({5: 512, 6: 256, 7: 128}), "Do both have the same number"),
            (with_rows({8: 32}), "meets no further skip connection"),
            (with_rows({3: 256}), "doubles the channels"),
            (ends_like_a_classifier, "as a classifier gives it"),
            (output_of_one_channel, "a channel for each class"),
            (width_first, "(channels, height, width)"),
            (valid_convolutions, "Each level down halves"),
            (no_output, "ten rows"),
            (only_the_output, "a list of rows"),
            (with_sides_sorted, "height and width in this order"),
            (with_two_classes_as_one, "a channel for each class"),
            (with_sides_of_two_or_more, "Each level down halves"),
        ],
        equivalent={
            "by_joints, line 4: max(n - 1, 0) -> *": "the larger of two, in the other order",
        },
    ),
}
