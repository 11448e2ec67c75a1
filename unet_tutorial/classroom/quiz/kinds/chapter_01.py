"""Questions for chapter 01: scores of masks, fair comparisons, thresholds, sizes of the U."""

from __future__ import annotations

import random

import numpy as np

from unet_tutorial.classroom.quiz.kinds.shared import draw_grids
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.metrics import dice, iou
from unet_tutorial.shapes import unet_sizes


@kind("01", "dice_of_two_masks", "Dice of two small masks")
def ask_dice_of_two_masks(draw: random.Random) -> Question:
    """Count the pixels of two masks in a picture."""
    predicted, true = _draw_masks(draw)
    shared, both = (predicted & true).sum(), predicted.sum() + true.sum()
    masks = {"the prediction": predicted, "the truth": true}
    rows = {
        name: "; ".join(" ".join(map(str, row)) for row in mask) for name, mask in masks.items()
    }
    return Question(
        text="The picture shows a predicted mask and the true mask of the same small image. 1 is "
        "nucleus, 0 is background. What's the Dice score of the prediction? (Two decimals.)",
        right=round(dice(predicted, true), 4),
        wrong=(
            Wrong(
                round(iou(predicted, true), 4), "divides the shared pixels by the pixels in either"
            ),
            Wrong(round(shared / both, 4), "counts the shared pixels once instead of twice"),
            Wrong((predicted == true).mean().round(4), "computes the accuracy"),
            Wrong((shared / true.sum()).round(4), "counts no false alarms, only how much is found"),
        ),
        why=f"The masks share {shared} pixels; the prediction has {predicted.sum()}, the truth "
        f"{true.sum()}: 2 · {shared} / ({predicted.sum()} + {true.sum()}) = "
        f"{dice(predicted, true):.2f}.",
        picture=draw_grids(list(masks.values()), list(masks), list(masks.values())),
        alt="Two grids of zeros and ones, row by row. "
        + ". ".join(f"{name.capitalize()}: {shown}" for name, shown in rows.items()),
        tolerance=0.006,
        numerical=True,
    )


def _draw_masks(draw: random.Random) -> tuple[np.ndarray, np.ndarray]:
    """Return two masks of zeros and ones: a rectangle, and one that's moved and has bites."""
    predicted, true = np.zeros((2, 4, 6), dtype=int)
    top, left = draw.randint(0, 1), draw.randint(0, 2)
    true[top : top + draw.randint(2, 3), left : left + draw.randint(2, 3)] = 1
    down, right = draw.choice([(0, 1), (1, 0), (1, 1)])
    predicted[top + down : top + down + 2, left + right : left + right + draw.randint(2, 3)] = 1
    predicted.flat[draw.sample(range(24), 2)] ^= 1
    return predicted, true


@kind("01", "accuracy_of_nothing", "Accuracy and Dice of an empty mask")
def ask_accuracy_of_nothing(draw: random.Random) -> Question:
    """Score a program that finds nothing."""
    height, width = draw.choice([20, 30, 40, 50]), draw.choice([20, 40, 50, 80])
    share = draw.randint(2, 30)
    true = np.zeros(height * width, dtype=int)
    true[: true.size * share // 100] = 1
    accuracy, score = (true == 0).mean(), dice(np.zeros_like(true), true)
    return Question(
        text=f"An image has {height} × {width} pixels, and an expert has marked {true.sum()} of "
        "them as nucleus. A program calls every pixel background. What are its accuracy (the share "
        "of pixels that are right) and its Dice score?",
        right=_format_scores(accuracy, score),
        wrong=(
            Wrong(_format_scores(accuracy, accuracy), "expects Dice to be as high as the accuracy"),
            Wrong(_format_scores(score, score), "leaves the background out of the accuracy"),
            Wrong(
                _format_scores(1 - accuracy, score), "takes the share of nucleus for the accuracy"
            ),
            Wrong(_format_scores(score, accuracy), "confuses accuracy and Dice"),
        ),
        why=f"All {true.size - true.sum():,} background pixels of {true.size:,} are right, an "
        f"accuracy of {accuracy:.2f}. Dice counts the nucleus pixels that both masks share, and "
        "an empty mask shares none.",
    )


def _format_scores(accuracy: float, score: float) -> str:
    return f"accuracy {accuracy:.2f}, Dice {score:.2f}"


@kind("01", "threshold_on_bytes", "A threshold from 0 to 1 on grey levels from 0 to 255")
def ask_threshold_on_bytes(draw: random.Random) -> Question:
    """Apply a threshold to an image that wasn't scaled."""
    levels = [0] * draw.randint(1, 3) + [draw.randint(1, 250) for _ in range(7)]
    image = np.array(draw.sample(levels, 8), dtype=np.uint8).reshape(2, 4)
    threshold = draw.randint(3, 8) / 10
    marked, wanted = np.count_nonzero(image > threshold), np.count_nonzero(image / 255 > threshold)
    return Question(
        text=f"Somebody found that a threshold of {threshold} works well on an image whose values "
        "go from 0 (black) to 1 (white). Then they read the image from its file again, and run\n\n"
        f"```\nimage = np.array({image.tolist()}, dtype=np.uint8)\n"
        f"mask = image > {threshold}\n```\n\nHow many of these 8 pixels does `mask` mark?",
        right=marked,
        wrong=(
            Wrong(wanted, "overlooks that the values of a uint8 image go up to 255, not 1"),
            Wrong(image.size, "expects a threshold below 1 to mark black pixels, too"),
            Wrong(image.size - wanted, "marks the dark pixels"),
        ),
        why=f"The values of a `uint8` image go from 0 to 255, so {threshold} is nearly black: "
        f"every pixel above 0 is marked, {marked} in all. Scaled by `image / 255`, it would be "
        f"{wanted}.",
        numerical=True,
    )


@kind("01", "score_to_report", "Which score is fair")
def ask_score_to_report(draw: random.Random) -> Question:
    """Choose a method on the validation strip, and report its test score."""
    names = ["A", "B", "C", "D"]
    scores = np.array([[draw.randint(70, 96) / 100 for _ in range(3)] for _ in names])
    train, validation, test = scores.T
    rows = "\n".join(
        f"| {name} | " + " | ".join(f"{score:.2f}" for score in row) + " |"
        for name, row in zip(names, scores, strict=True)
    )
    _require_one_best(scores)
    chosen = validation.argmax()
    return Question(
        text="Four methods learned from the training strip of an image. Here are their Dice scores "
        "on its three strips. You want one method for new images, and a score that says what to "
        "expect of it there. Which score do you report?\n\n| method | training | validation | test "
        f"|\n| --- | --- | --- | --- |\n{rows}",
        right=f"{test[chosen]:.2f}",
        wrong=(
            Wrong(f"{test.max():.2f}", "chooses the method by the test strip, which flatters it"),
            Wrong(f"{validation[chosen]:.2f}", "reports the score that the method was chosen by"),
            Wrong(
                f"{test[train.argmax()]:.2f}", "chooses by the strip that the methods learned from"
            ),
            Wrong(f"{train.max():.2f}", "reports a score on what the method learned from"),
        ),
        why=f"Choose on the validation strip: {names[chosen]} is best there. Its test score, "
        f"{test[chosen]:.2f}, had no part in that choice, so it isn't flattered.",
    )


def _require_one_best(scores: np.ndarray) -> None:
    if any((column == column.max()).sum() > 1 for column in scores.T):
        raise DrawAgain


@kind("01", "threshold_from_counts", "The best threshold of a small histogram")
def ask_threshold_from_counts(draw: random.Random) -> Question:
    """Find the threshold with the highest Dice from the counts of each grey level."""
    start, step = draw.choice([10, 15, 20, 30]), draw.choice([5, 10, 20])
    inside, outside = _draw_counts(draw)
    levels = [start + step * number for number in range(len(inside))]
    pixels = np.repeat(levels * 2, inside + outside)
    true = np.repeat([1, 0], [sum(inside), sum(outside)])
    score = {t: dice(pixels > t, true) for t in levels[:-1]}
    right = {t: np.count_nonzero((pixels > t) == true) for t in levels[:-1]}
    best, most = max(score, key=score.get), max(right, key=right.get)
    table = "\n".join(
        f"| {row[0]} | {row[1]} | {row[2]} |" for row in zip(levels, inside, outside, strict=True)
    )
    return Question(
        text="A small image has only these grey levels:\n\n| grey level | pixels inside nuclei | "
        f"pixels outside |\n| --- | --- | --- |\n{table}\n\nA mask marks all pixels that are "
        "brighter than a threshold. Which of these grey levels is the threshold with the highest "
        "Dice score?",
        right=best,
        wrong=(
            Wrong(most, "looks for the highest accuracy"),
            Wrong(levels[inside.count(0) - 1], "doesn't want to miss a single pixel"),
            Wrong(
                max(t for t, count in zip(levels, outside, strict=True) if count),
                "doesn't want a single false alarm",
            ),
        ),
        why="Add up the levels above each threshold. Above "
        + ", ".join(f"{t}: Dice {value:.2f}" for t, value in score.items())
        + f". The accuracy is highest above {most}.",
        numerical=True,
    )


def _draw_counts(draw: random.Random) -> tuple[list[int], list[int]]:
    """Return the pixels of each grey level inside nuclei and outside, from dark to bright."""
    dark, bright, between = draw.randint(1, 2), draw.randint(1, 2), range(draw.randint(4, 5))
    inside = [0] * dark + sorted(draw.randint(1, 25) for _ in between)
    outside = [draw.randint(20, 40) for _ in range(dark - 1)]
    outside += sorted((draw.randint(1, 25) for _ in between), reverse=True) + [0] * bright
    return inside + [draw.randint(5, 25) for _ in range(bright - 1)], outside


@kind("01", "shape_at_a_stage", "Channels, height and width inside the U")
def ask_shape_at_a_stage(draw: random.Random) -> Question:
    """Read the sizes of a U-Net from its rule."""
    height, width = (16 * draw.randint(8, 40) for _ in range(2))
    base, level = draw.choice([8, 16, 24, 32, 48]), draw.randint(3, 4)
    sizes = unet_sizes(height, width, base_channels=base)
    stage, above = sizes[level + 1], sizes[level]
    return Question(
        text=f"A U-Net takes an image of {height} × {width} pixels. Its first stage has {base} "
        "channels, and keeps height and width. Each step down halves height and width and doubles "
        f"the channels. What's the shape (channels, height, width) after {level} steps down?",
        right=_format_stage(stage.channels, stage.height, stage.width),
        wrong=(
            Wrong(_format_stage(*above[1:]), "goes down one step too few"),
            Wrong(
                _format_stage(base * 2 * level, stage.height, stage.width),
                "multiplies the channels by 2 for each step, added up, instead of doubling each "
                "time",
            ),
            Wrong(
                _format_stage(stage.channels, height // (2 * level), width // (2 * level)),
                "divides the sides by 2 for each step, added up, instead of halving each time",
            ),
            Wrong(
                _format_stage(base, stage.height, stage.width), "leaves the channels as they are"
            ),
        ),
        why=f"After {level} steps, the channels have doubled {level} times, {base} · {2**level} = "
        f"{stage.channels}, and the sides are divided by {2**level}.",
    )


def _format_stage(channels: int, height: int, width: int) -> str:
    return f"({channels}, {height}, {width})"
