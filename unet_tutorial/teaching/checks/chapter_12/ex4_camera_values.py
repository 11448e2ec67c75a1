"""12.4 White specks in the dark."""

from __future__ import annotations

import numpy as np
import torch

from unet_tutorial.teaching.checks.compare import call_answer, compare_function, describe
from unet_tutorial.teaching.checks.exercise import exercise, refuse
from unet_tutorial.teaching.checks.values import to_plain_value


def _scale_by_hand(image, floor, ceiling):
    """Scale an image from floor to ceiling, number by number."""
    image, floor, ceiling = image.tolist(), int(floor), int(ceiling)
    return np.array(
        [[min(max((v - floor) / (ceiling - floor), 0.0), 1.0) for v in row] for row in image],
        dtype=np.float32,
    )


def _wrap_below_zero(image, floor, ceiling):
    return np.clip((image - floor) / (ceiling - floor), 0, 1).astype(np.float32)


def _scale_in_int16(image, floor, ceiling):
    return _wrap_below_zero(image.astype(np.int16), np.float32(floor), np.float32(ceiling))


def _measure_distance_from_floor(image, floor, ceiling):
    away = np.abs(image.astype(np.int64) - int(floor))
    return np.clip(away / (int(ceiling) - int(floor)), 0, 1).astype(np.float32)


def _skip_clipping(image, floor, ceiling):
    return (image.astype(np.float64) - floor) / (float(ceiling) - float(floor))


REFERENCE = _scale_by_hand
MISTAKES = [
    (_wrap_below_zero,
     "A pixel below the floor turned white. What is 150 - 200 in this dtype?"),
    (_scale_in_int16, "int16 ends at 32,767, but a 16-bit image goes up to 65,535."),
    (_measure_distance_from_floor,
     "A pixel below the floor must be black, however far below it is."),
    (_skip_clipping, "Values below the floor or above the ceiling must be clipped to 0 and 1."),
    (lambda image, floor, ceiling: image / np.float32(65_535),
     "That is the range of the file format. Floor and ceiling are the range that the camera used."),
    (lambda image, floor, ceiling: _scale_by_hand(image, image.min(), image.max()),
     "That is only the range of this image. Use the given floor and ceiling."),
]  # fmt: skip


@exercise(
    misconception="Subtracting a grey value from a smaller one gives a negative number.",
    question="An image of `uint8` holds 10, the background is 12. What is 10 − 12?",
    hints=(
        "Try it on an image of three pixels: one below the floor, one between floor and ceiling, "
        "one above.",
        "What is the dtype of `image - floor`, and which numbers can it hold?",
        "Convert the image to a float type before you subtract anything from it.",
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
        REFERENCE,
        cases,
        mistakes=MISTAKES,
        otherwise="Work out by hand what a pixel should be: (value - floor) / (ceiling - floor).",
    )
    for case in cases:
        got = call_answer(scaled, *case)
        if getattr(to_plain_value(got), "dtype", None) != torch.float32:
            hint = "The values are right, but the result must be an array of float32."
            kind = f"an array of {got.dtype}" if isinstance(got, np.ndarray) else describe(got)
            refuse(hint, tried=f"an image of {case[0].dtype}", got=kind)
    return f"{tried} images of 8 and 16 bits, with pixels below the floor and above the ceiling"
