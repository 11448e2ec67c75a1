"""Questions on crops: which belong together, which are new, and what a batch of them is."""

from __future__ import annotations

import random

import numpy as np
from torch.utils.data import DataLoader

from unet_tutorial.classroom.quiz.kinds.shared import format_shape
from unet_tutorial.classroom.quiz.question import DrawAgain, Question, Wrong, kind
from unet_tutorial.data import RandomCrops


@kind("10", "mask_of_a_turned_image", "The mask of a turned image")
def ask_mask_of_a_turned_image(draw: random.Random) -> Question:
    """Find out how an image was turned, and do the same to its mask."""
    image = np.array(draw.sample(range(1, 10), 9)).reshape(3, 3)
    mask = np.array(draw.sample([1, 1, 1, 1, 0, 0, 0, 0, draw.randint(0, 1)], 9)).reshape(3, 3)
    quarters, mirrored = draw.choice(
        [(1, False), (3, False), (0, True), (1, True), (2, True), (3, True)]
    )
    options = {
        _format_array(_turn(mask, quarters, mirrored)): "",
        _format_array(mask): "leaves the mask as it was",
        _format_array(_turn(mask, quarters, not mirrored)): "confuses turning and mirroring",
        _format_array(
            _turn(mask, quarters + 2, mirrored)
        ): "turns or mirrors the mask the other way",
        _format_array(1 - _turn(mask, quarters, mirrored)): "swaps nucleus and background",
    }
    if len(options) < 5:
        raise DrawAgain
    right, *others = options
    return Question(
        text="An image of 3 × 3 pixels and its mask are\n\n```\n"
        f"image = {_format_array(image)}\nmask  = {_format_array(mask)}\n```\n\nAn augmentation "
        "turns the image, mirrors it, or both. Now it's\n\n```\nimage = "
        f"{_format_array(_turn(image, quarters, mirrored))}\n```\n\nWhat must the mask be now?",
        right=f"`{right}`",
        wrong=tuple(Wrong(f"`{each}`", options[each]) for each in others),
        why="Each pixel of the mask goes where its pixel of the image goes. For instance, "
        f"{image[0, 0]} was in the top left corner, where the mask is {mask[0, 0]}: find "
        f"{image[0, 0]} in the new image.",
    )


def _turn(array: np.ndarray, quarters: int, mirrored: bool) -> np.ndarray:
    turned = np.rot90(array, quarters)
    return turned[:, ::-1] if mirrored else turned


def _format_array(array: np.ndarray) -> str:
    return str(array.tolist())


@kind("10", "first_new_column", "Where test crops are new")
def ask_first_new_column(draw: random.Random) -> Question:
    """Find the first test crop that shares no pixel with a training crop."""
    size, last, width = draw.choice([32, 48, 64, 80, 96, 128]), draw.randint(40, 300), 600
    seen = {column + i for column in range(last + 1) for i in range(size)}
    first = next(c for c in range(width) if seen.isdisjoint(range(c, c + size)))
    return Question(
        text=f"From an image that's {width} pixels wide, training crops of {size} × {size} pixels "
        f"are cut at random; their left columns are numbers from 0 to {last}, and each of these "
        "may occur. Test crops have the same size, and must not share any pixel with a training "
        "crop. Which is the smallest number that a test crop's left column can have? (Columns are "
        "counted from 0.)",
        right=first,
        wrong=(
            Wrong(last + 1, "takes crops for new if no two are identical"),
            Wrong(first - 1, "begins with the last column that a training crop has"),
            Wrong(first + size, "keeps a whole crop's distance"),
            Wrong(last + size // 2, "lets half of the crop overlap"),
        ),
        why=f"The last training crop has the columns {last} to {first - 1}. So {first} is the "
        "first column that no training crop contains.",
        numerical=True,
    )


@kind("10", "shape_of_the_last_batch", "The shape of an epoch's last batch")
def ask_shape_of_the_last_batch(draw: random.Random) -> Question:
    """Run through an epoch of crops, and look at its last batch."""
    size, batch = draw.choice([24, 32, 40, 48, 64]), draw.choice([4, 6, 8, 12, 16])
    channels, length = draw.choice([1, 3]), draw.randint(20, 90)
    pair = np.zeros((channels, 70, 70), dtype=np.float32), np.zeros((70, 70), dtype=bool)
    loader = DataLoader(RandomCrops([pair], size=size, length=length, seed=0), batch_size=batch)
    *_, (images, _) = loader
    colours = "grey" if channels == 1 else "colour"
    rest = len(images)
    return Question(
        text=f"From one {colours} image of {channels} channel{'s' * (channels > 1)}, 512 × 512 "
        f"pixels, a data set cuts {length} random crops of {size} × {size} per epoch, and "
        f"`DataLoader(crops, batch_size={batch})` makes batches of them, in PyTorch's order of "
        "dimensions. What's the shape of the images in the last batch of an epoch?",
        right=format_shape(images.shape),
        wrong=(
            Wrong(
                format_shape((batch, channels, size, size)),
                "expects all batches to be equally large",
            ),
            Wrong(format_shape((rest, size, size, channels)), "puts the channels last"),
            Wrong(
                format_shape((length // batch, channels, size, size)),
                "takes the number of batches for the number of images in one",
            ),
            Wrong(format_shape((rest, channels, 512, 512)), "forgets that crops are cut"),
        ),
        why=f"{length} crops make {length // batch} batches of {batch}, and the rest, {rest}, is "
        "the last. A batch is (N, C, H, W).",
    )
