"""Right and wrong answers to the exercises of chapter 12."""

import math
from fractions import Fraction

import numpy as np
from answers import Answers, Args

# ---- 12.1: three nuclei of 10 by 10 pixels, in rows 2 to 11, from columns 2, 15 and 28


def mask(*boxes, like=bool):
    """Foreground in boxes (top, bottom, left, right), right and bottom not included."""
    made = np.zeros((14, 40), dtype=like)
    for top, bottom, left, right in boxes:
        made[top:bottom, left:right] = 1
    return made


TRUE = mask((2, 12, 2, 12), (2, 12, 15, 25), (2, 12, 28, 38))
BRIDGE = TRUE | mask((2, 3, 12, 15))
SPECK = TRUE | mask((0, 1, 0, 1))
SMALL = mask((3, 11, 3, 11), (3, 11, 16, 24), (3, 11, 29, 37))
ELSEWHERE = mask((0, 1, 0, 40), (13, 14, 0, 5), (13, 14, 9, 40))
CORNERS = mask((0, 4, 0, 4), (9, 14, 13, 17), (11, 14, 30, 40))

EXACTLY_095 = TRUE & ~mask((2, 3, 2, 12), (3, 4, 2, 7)) | mask((13, 14, 0, 15))  # 285 of 300
BELOW_095 = EXACTLY_095 | mask((13, 14, 15, 16))
EXACTLY_08 = TRUE & ~mask((7, 12, 15, 38))  # half of two nuclei is left, so their IoU is 0.5
BELOW_HALF = EXACTLY_08 & ~mask((2, 3, 15, 16))
LARGER = mask((0, 14, 1, 13), (0, 14, 14, 26), (0, 14, 27, 39))
FOUND_HALF = mask((2, 7, 2, 12), (0, 1, 0, 1), (13, 14, 39, 40))

# ---- 12.2


def side_by_the_root(ring):
    return math.ceil(2 * ring / (1 - 2**-0.5))


def side_by_fractions(ring):
    return next(n for n in range(3 * ring, 99 * ring) if Fraction(n - 2 * ring, n) ** 2 * 2 >= 1)


def side_by_pixels(ring):
    def iou(side):
        predicted = np.zeros((side, side), dtype=bool)
        predicted[ring : side - ring, ring : side - ring] = True
        return predicted.mean()

    return next(side for side in range(2 * ring + 1, 9 * ring) if iou(side) >= 0.5)


def rounds_the_factor_up(ring):
    return math.ceil(6.83 * ring)


def rounds_the_factor_down(ring):
    return math.ceil(6.828 * ring)


def stops_at_a_large_ring(ring):
    return side_by_the_root(min(ring, 30))


def area_of_the_ring(ring):
    return (4 * ring) ** 2


def not_rounded(ring):
    return 2 * ring / (1 - 2**-0.5)


# ---- 12.3


def bar(height, width, margin=8):
    return np.pad(np.ones((height, width), dtype=bool), margin)


def disc(radius, margin=8):
    rows, columns = np.indices((2 * (radius + margin), 2 * (radius + margin)))
    return np.hypot(rows - radius - margin, columns - radius - margin) <= radius


def side_by_side(first, second, margin=8):
    return np.pad(np.concatenate([np.full(first, 1), np.full(second, 2)], axis=1), margin)


TWO = side_by_side((13, 11), (13, 11))
ONE_UPON_THE_OTHER = TWO.T
TWO_DISCS = np.concatenate([disc(9, 1)[:, :-2] * 1, disc(9, 1)[:, 2:] * 2], axis=1)
THREE_LABELS = np.where(bar(13, 22), TWO, 3)
TWO_CORNERS = np.where(np.pad(np.ones((10, 10)), (6, 0)) > 0, 0, 1)  # an L of two bars
TWO_CORNERS = np.pad(np.concatenate([TWO_CORNERS, 2 * TWO_CORNERS]), 8)
DUMBBELL = TWO_DISCS > 0

# ---- 12.4


def by_int64(image, floor, ceiling):
    low, high = int(floor), int(ceiling)
    return ((image.astype(np.int64).clip(low, high) - low) / (high - low)).astype(np.float32)


def by_interpolation(image, floor, ceiling):
    ends = [float(floor), float(ceiling)]
    return np.interp(image, ends, [0.0, 1.0]).astype("float32")


def float_too_late(image, floor, ceiling):
    return np.clip((image - floor).astype(np.float64) / (ceiling - floor), 0, 1)


def clips_first(image, floor, ceiling):
    above = np.clip(image, floor, ceiling) - floor
    return above.astype(np.float32) / (ceiling - floor)


def gives_float64(image, floor, ceiling):
    return by_int64(image, floor, ceiling).astype(float)


def gives_a_list(image, floor, ceiling):
    return by_int64(image, floor, ceiling).tolist()


def forgets_the_floor_below(image, floor, ceiling):
    return np.clip((image.astype(np.float32) - floor) / ceiling, 0, 1)


def through_8_bits(image, floor, ceiling):
    return by_int64(image.astype(np.uint8), floor, ceiling)


def gives_integers(image, floor, ceiling):
    return by_int64(image, floor, ceiling).astype(int)


def scales_in_place(image, floor, ceiling):
    result = by_int64(image, floor, ceiling)
    image[:] = np.maximum(image, floor)
    return result


ANSWERS = {
    "12.1": Answers(
        right=[
            Args(BRIDGE, SMALL, ELSEWHERE),
            Args(SPECK.astype(np.uint8), SMALL.astype(int), CORNERS),
            Args(EXACTLY_095, EXACTLY_08, ELSEWHERE),
            Args(BRIDGE, LARGER, ELSEWHERE),
        ],
        wrong=[
            (Args(TRUE, SMALL, ELSEWHERE), "Can a few pixels change it"),
            (Args(mask((2, 12, 2, 38)), SMALL, ELSEWHERE), "more than a few pixels"),
            (Args(BRIDGE, TRUE, ELSEWHERE), "Take more away"),
            (Args(BRIDGE, mask((4, 9, 4, 9), (4, 9, 17, 22)), ELSEWHERE), "at least half"),
            (Args(BRIDGE, SMALL | mask((0, 1, 0, 1)), ELSEWHERE), "one that was invented"),
            (Args(BRIDGE, SMALL, mask((0, 1, 0, 40))), "asks for three components"),
            (Args(BRIDGE, SMALL, TRUE), "Where else can the objects be"),
            (Args(BRIDGE[:12], SMALL, ELSEWHERE), "the shape of the truth"),
            (Args(255 * BRIDGE, SMALL, ELSEWHERE), "zeros and ones"),
            (Args(BRIDGE * 0.5, SMALL, ELSEWHERE), "zeros and ones"),
            (Args(BRIDGE[None], SMALL, ELSEWHERE), "an array (H, W)"),
            (Args(BELOW_095, SMALL, ELSEWHERE), "more than a few pixels"),
            (Args(BRIDGE, BELOW_HALF, ELSEWHERE), "at least half"),
            (Args(BRIDGE, SMALL, FOUND_HALF), "Where else can the objects be"),
        ],
        equivalent={
            "line [36]: * -> np.zeros((14, 40))": "floats, if they are zeros and ones",
            "line *: * -> *[0-9]": "another place or size that serves as well",
        },
    ),
    "12.2": Answers(
        right=[side_by_the_root, side_by_fractions, side_by_pixels],
        wrong=[
            (rounds_the_factor_up, "Write down both areas"),
            (rounds_the_factor_down, "Write down both areas"),
            (stops_at_a_large_ring, "Write down both areas"),
            (area_of_the_ring, "Write down both areas"),
            (not_rounded, "a whole number of pixels"),
        ],
        equivalent={
            "*line [12]: [123] -> [01234]": "a side of 3r or less is never found",
            "line 1: 2 * ring + 1 -> 2 * ring": "a side of which nothing is left isn't found",
            "*line *: *2 * ring -> 2 * ring - *": "the square of both is the same",
            "*line *: * -> *[<>] 1": "no square is twice another",
            "line 2: * -> 2 * (side - 2 * ring) ** 2 <= side ** 2": "no square is twice another",
            "side_by_fractions, line 2: 99 -> *": "the search ends before that",
            "side_by_pixels, line 3: * -> np.zeros((side, side))": "the mean of ones and zeros",
            "side_by_pixels, line 7: *": "no square is twice another; other ends of the search",
        },
    ),
    "12.3": Answers(
        right=[
            Args(bar(9, 60), TWO),
            Args(1 * bar(70, 11), ONE_UPON_THE_OTHER),
            Args(bar(9, 300), TWO),  # wider than 100 pixels, but 7,900 in all
            Args(bar(9, 60, margin=0), side_by_side((13, 11), (13, 11), margin=0)),
            Args(bar(10, 1000, margin=0), side_by_side((10, 10), (10, 10))),  # bounds, exactly
            Args(bar(9, 60).tolist(), side_by_side((15, 10), (15, 10)).tolist()),
        ],
        wrong=[
            (Args(bar(12, 14), TWO), "leaves this one whole"),
            (Args(bar(3, 60), TWO), "isn't that thin"),
            (Args(DUMBBELL, TWO), "without holes or waist"),
            (Args(np.zeros((20, 30), bool), TWO), "no foreground"),
            (Args(bar(9, 2000), TWO), "is large enough"),
            (Args("a bar", TWO), "must be an array"),
            (Args(bar(8, 60), TWO), "isn't that thin"),
            (Args(bar(10, 1001, margin=0), TWO), "is large enough"),
            (Args(bar(9, 60), side_by_side((9, 11), (9, 11))), "at least 100 pixels"),
            (Args(bar(9, 60), side_by_side((16, 10), (16, 10))), "Two ordinary nuclei"),
            (Args(bar(9, 60), TWO.astype(float)), "must be integers"),
            (Args(bar(9, 60), TWO_DISCS), "finds more than one top"),
            (Args(bar(9, 60), TWO > 0), "must be integers"),
            (Args(bar(9, 60), THREE_LABELS), "Number the two nuclei"),
            (Args(bar(9, 60), side_by_side((5, 5), (5, 5))), "at least 100 pixels"),
            (Args(bar(9, 60), side_by_side((30, 6), (30, 6))), "Two ordinary nuclei"),
            (Args(bar(9, 60), TWO_CORNERS), "at least two thirds"),
        ],
        equivalent={
            "line 1: * -> np.ones((10, 60))": "floats, if they are zeros and ones",
            "line *: * -> *[0-9]": "another size or margin that serves as well",
        },
    ),
    "12.4": Answers(
        right=[by_int64, by_interpolation, clips_first],
        wrong=[
            (gives_float64, "must be an array of float32"),
            (gives_a_list, "must be an array of float32"),
            (forgets_the_floor_below, "Work out by hand"),
            (float_too_late, "What is 150 - 200 in this dtype"),
            (through_8_bits, "Work out by hand"),
            (gives_integers, "Work out by hand"),
            (scales_in_place, "changes its input"),
        ],
        equivalent={
            "line 4: np.clip(values, 0, 1) -> np.clip(0, values, 1)": "the larger of both, again",
            "clips_first, line 2: * -> np.clip(floor, *": "the larger of both, again",
        },
    ),
}
