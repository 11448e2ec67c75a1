"""Checks of chapter 12: counting, and folders of one's own."""

from __future__ import annotations

import numpy as np

from unet_tutorial.checks.compare import compare_function
from unet_tutorial.checks.exercise import exercise, refuse
from unet_tutorial.checks.oracles.objects import (
    count_objects,
    dice_of,
    matched,
    need_mask,
    need_rectangle,
    need_two_nuclei,
    pieces,
)

__all__ = ["broken_watershed", "camera_values", "least_side", "three_masks"]


def three_nuclei() -> np.ndarray:
    """Return the labels of three nuclei, 10 by 10 pixels each, three columns apart."""
    truth = np.zeros((14, 40), dtype=int)
    truth[2:12, 2:12], truth[2:12, 15:25], truth[2:12, 28:38] = 1, 2, 3
    return truth


@exercise(
    "12.1",
    title="Three masks",
    misconception="A mask with a high Dice has the right nuclei, and so has a right count.",
    objectives=(1, 3),
    hints=(
        "Work in pixels: the three nuclei have 300. How many may be wrong at a Dice of 0.95, and "
        "how few of them are enough to join two nuclei, or to make a fourth object?",
        "For the second mask let every nucleus lose as much: with a fraction q of its pixels "
        "left, its IoU is q and the Dice is 2q / (1 + q). Which q serve both conditions?",
        "For the third mask three objects are enough that lie where no nucleus has half of its "
        "pixels covered; they may be as small as you like.",
    ),
)
def three_masks(wrong_count, right_nuclei, right_total) -> str:
    """Check three bool masks (14, 40) for the three nuclei of the task."""
    truth = three_nuclei()
    for name, mask in (
        ("wrong_count", wrong_count),
        ("right_nuclei", right_nuclei),
        ("right_total", right_total),
    ):
        need_mask(name, mask, truth.shape)
    need_wrong_count(np.asarray(wrong_count) == 1, truth)
    need_right_nuclei(np.asarray(right_nuclei) == 1, truth)
    need_right_total(np.asarray(right_total) == 1, truth)
    return "a high Dice with a wrong count, a low one with every nucleus, a right total with none"


def need_wrong_count(mask, truth) -> None:
    """Refuse a first mask with a low Dice, or with as many components as nuclei."""
    dice, objects = dice_of(mask, truth > 0), count_objects(mask)
    came = f"wrong_count has Dice {dice:.3f} and {objects} components"
    if objects == 3:
        refuse("Three components are the right count. Can a few pixels change it?", came=came)
    if dice < 0.95:
        refuse("That is more than a few pixels. What is the least that changes a count?", came=came)


def need_right_nuclei(mask, truth) -> None:
    """Refuse a second mask with a high Dice, or one that does not find every nucleus."""
    dice, found, objects = dice_of(mask, truth > 0), matched(mask, truth), count_objects(mask)
    came = f"right_nuclei has Dice {dice:.3f}, {objects} components, {found} of 3 nuclei found"
    if found < 3:
        refuse(
            "A nucleus is found where its IoU with an object is 0.5 or more. Each must keep at "
            "least half of its pixels, and no two may touch.",
            came=came,
        )
    if objects != 3:
        refuse("An object too many is one that was invented, and F1 is below 1.", came=came)
    if dice > 0.8:
        refuse("The Dice is still too high. Take more away from every nucleus.", came=came)


def need_right_total(mask, truth) -> None:
    """Refuse a third mask of other than three components, or with a nucleus found."""
    found, objects = matched(mask, truth), count_objects(mask)
    came = f"right_total has {objects} components, {found} of 3 nuclei found"
    if objects != 3:
        refuse("The total is not right: three components are asked for.", came=came)
    if found:
        refuse("F1 is 0 only where no nucleus is found. Where else may objects lie?", came=came)


@exercise(
    "12.2",
    title="How small may a nucleus be",
    misconception="One pixel at the outline is a small error.",
    objectives=(3,),
    hints=(
        "The prediction lies wholly inside the nucleus. What are the intersection and the union "
        "of the two squares then?",
        "A ring of r pixels takes 2r from each side. Set the area that is left over the whole "
        "area, and ask when that is at least one half.",
        "Try the sides 2r + 1, 2r + 2, and so on, until twice the inner area is at least the "
        "outer one. For r = 1 the areas 16 of 36 are not enough.",
    ),
)
def least_side(smallest_side, *, seed=0) -> str:
    """Check smallest_side(ring), the least side of a square nucleus that is still found."""
    rng = np.random.default_rng(seed)
    cases = [(4,), (1,), (2,), (3,), (6,), *((int(ring),) for ring in rng.integers(7, 25, 4))]
    tried = compare_function(
        smallest_side,
        by_counting,
        cases,
        mistakes=[
            (
                lambda r: by_counting(r, loss=1),
                "A ring takes its pixels from both ends of a row, left and right.",
            ),
            (lambda r: 4 * r, "That halves the side. IoU compares areas."),
            (
                lambda r: by_counting(r, least=1 / 3),
                "That is where the Dice of the two squares reaches one half. IoU is asked for.",
            ),
            (lambda r: 7 * r, "That is right for a thin ring. Sides need not be multiples of 7."),
            (lambda r: by_counting(r) - 1, "With this side the IoU is just below one half."),
            (lambda r: by_counting(r) + 1, "A side of one pixel less is found as well."),
            (lambda r: by_counting(r) - 2 * r, "That is the side of what was predicted."),
        ],
        otherwise="Write down both areas for this ring, and the IoU for your side.",
    )
    return f"{tried} rings, against counted pixels"


def by_counting(ring: int, *, loss: int = 2, least: float = 0.5) -> int:
    """Return the least side of a square of which enough is left, by counting pixels."""
    for side in range(loss * ring + 1, 12 * ring + 2):
        nucleus = np.ones((side, side), dtype=bool)
        left = np.zeros_like(nucleus)
        left[: side - loss * ring, : side - loss * ring] = True
        if (left & nucleus).sum() >= least * (left | nucleus).sum():
            return side
    raise AssertionError("no side is large enough")


@exercise(
    "12.3",
    title="Where the watershed fails",
    misconception="A watershed parts what touches and leaves alone what is one.",
    objectives=(1, 2),
    hints=(
        "The seeds are the tops of the smoothed distance. What does the distance look like along "
        "the middle of a long bar, and where is its top?",
        "Two nuclei are parted at a waist. Which two shapes can lie against each other so that "
        "there is none?",
        "Seeds may lie 7 pixels apart. Which filled rectangle has room for several? And two "
        "blocks with a whole side in common make one block.",
    ),
)
def broken_watershed(one, two) -> str:
    """Check a mask of one nucleus that falls to pieces, and labels of two that stay one."""
    need_rectangle(one)
    number = pieces(np.asarray(one) == 1)
    if number < 2:
        hint = "The watershed leaves this one whole. What would give it a second top?"
        refuse(hint, came=f"one: {number} piece")
    need_two_nuclei(two)
    merged = pieces(np.asarray(two) > 0)
    if merged != 1:
        hint = "The watershed finds more than one top here. What gives the pair its waist?"
        refuse(hint, came=f"two: {merged} pieces")
    return "one nucleus that falls to pieces, two that come out as one"


def camera(image, floor, ceiling):
    """Return an image scaled from floor to ceiling, number by number."""
    image, floor, ceiling = np.asarray(image).tolist(), int(floor), int(ceiling)
    return np.array(
        [[min(max((v - floor) / (ceiling - floor), 0.0), 1.0) for v in row] for row in image],
        dtype=np.float32,
    )


def wrapping(image, floor, ceiling):
    """Subtract in the image's own dtype, which wraps round below zero."""
    return np.clip((image - floor) / (ceiling - floor), 0, 1).astype(np.float32)


def as_int16(image, floor, ceiling):
    """Convert to int16 first, which cannot hold large values."""
    return wrapping(image.astype(np.int16), np.float32(floor), np.float32(ceiling))


def distances(image, floor, ceiling):
    """Take how far each value lies from the floor, on either side."""
    away = np.abs(image.astype(np.int64) - int(floor))
    return np.clip(away / (int(ceiling) - int(floor)), 0, 1).astype(np.float32)


def unclipped(image, floor, ceiling):
    """Scale without clipping."""
    return (image.astype(np.float64) - floor) / (float(ceiling) - float(floor))


@exercise(
    "12.4",
    title="White specks in the dark",
    misconception="Subtracting one grey value from another gives a negative number where it must.",
    objectives=(4,),
    hints=(
        "Try it on an image of three pixels: one below the floor, one between, one above.",
        "What is the dtype of `image - floor`, and which numbers can it hold?",
        "Change the image to a float type before anything is subtracted from it.",
    ),
)
def camera_values(scaled, *, seed=0) -> str:
    """Check scaled(image, floor, ceiling) on 8-bit and 16-bit images."""
    rng = np.random.default_rng(seed)
    cases = [(np.array([[150, 200, 1700], [199, 3200, 4095]], np.uint16), *np.uint16([200, 3200]))]
    for shape, floor, ceiling in [((5, 4), 1000, 60_000), ((3, 6), 40_000, 52_000)]:
        image = rng.integers(0, 65_536, shape).astype(np.uint16)
        cases.append((image, np.uint16(floor), np.uint16(ceiling)))
    cases.append((rng.integers(0, 256, (4, 7)).astype(np.uint8), np.uint8(30), np.uint8(200)))
    tried = compare_function(
        scaled,
        camera,
        cases,
        mistakes=[
            (wrapping, "A pixel below the floor came out white. What is 150 - 200 in this dtype?"),
            (as_int16, "int16 ends at 32,767, and a 16-bit image goes on to 65,535."),
            (distances, "A pixel below the floor is black, however far below it is."),
            (unclipped, "What lies outside floor and ceiling must be clipped to 0 and 1."),
            (
                lambda image, *_: image / np.float32(65_535),
                "That is the range of the file. Floor and ceiling say what the camera used.",
            ),
            (
                lambda image, *_: camera(image, image.min(), image.max()),
                "That is the range of this image alone. Floor and ceiling are given.",
            ),
        ],
        otherwise="Work out by hand what a pixel should be: (value - floor) / (ceiling - floor).",
    )
    return f"{tried} images of 8 and 16 bits, with pixels below the floor and above the ceiling"
