"""crops: which window, which symmetry, and what it depends on."""

import doctest
import re
from collections import Counter

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from unet_tutorial.data import crops
from unet_tutorial.data.crops import RandomCrops

HEIGHT, WIDTH = 7, 9
NUMBERED = np.arange(HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)  # all different

# What lands at (row r, column c) of a square crop of side n: written out, without rot90 or flip.
SYMMETRIES = {
    "as it is": lambda r, c, n: (r, c),
    "quarter turn left": lambda r, c, n: (c, n - r),
    "half turn": lambda r, c, n: (n - r, n - c),
    "quarter turn right": lambda r, c, n: (n - c, r),
    "left to right": lambda r, c, n: (r, n - c),
    "top to bottom": lambda r, c, n: (n - r, c),
    "along the diagonal": lambda r, c, n: (c, r),
    "along the other diagonal": lambda r, c, n: (n - c, n - r),
}
OF_A_RECTANGLE = {
    "as it is": lambda r, c, h, w: (r, c),
    "half turn": lambda r, c, h, w: (h - r, w - c),
    "left to right": lambda r, c, h, w: (r, w - c),
    "top to bottom": lambda r, c, h, w: (h - r, c),
}


def number_at(top, left, row, column):
    return WIDTH * (top + row) + left + column


def explain(crop, height, width):
    """(symmetry, top, left) of a crop of NUMBERED, found by trying them all."""
    top, left = divmod(int(crop.min()), WIDTH)  # the smallest number is the window's top left
    for name, source in (SYMMETRIES if height == width else OF_A_RECTANGLE).items():
        ends = [height - 1] if height == width else [height - 1, width - 1]
        places = ((r, c) for r in range(height) for c in range(width))
        if all(crop[r, c] == number_at(top, left, *source(r, c, *ends)) for r, c in places):
            return name, top, left
    raise AssertionError(f"no symmetry of a window gives {crop}")


def explained(size, length, **options):
    height, width = (size, size) if isinstance(size, int) else size
    dataset = RandomCrops([(NUMBERED, NUMBERED > 5)], size=size, length=length, **options)
    found = []
    for image, _ in dataset:
        assert image.shape == (1, height, width)
        found.append(explain(image[0].numpy().astype(int), height, width))
    return found


def test_examples_in_docstrings():
    result = doctest.testmod(crops)
    assert result.failed == 0
    assert result.attempted == 2


# Which crops


def test_all_eight_symmetries_and_all_windows_come_equally_often():
    found = explained(3, 2400)
    symmetries = Counter(name for name, _, _ in found)
    windows = Counter((top, left) for _, top, left in found)
    assert set(symmetries) == set(SYMMETRIES)
    assert set(windows) == {(top, left) for top in range(5) for left in range(7)}
    # Expected 300 and 69 each; five standard deviations are 81 and 41.
    assert all(219 < count < 381 for count in symmetries.values())
    assert all(28 < count < 110 for count in windows.values())


def test_a_rectangle_has_four_symmetries():
    found = explained((2, 4), 400)
    symmetries = Counter(name for name, _, _ in found)
    assert set(symmetries) == set(OF_A_RECTANGLE)
    assert all(50 < count < 150 for count in symmetries.values())  # expected 100
    assert {(top, left) for _, top, left in found} == {(t, c) for t in range(6) for c in range(6)}


def test_a_crop_may_be_the_whole_image():
    assert {(top, left) for _, top, left in explained((HEIGHT, WIDTH), 20)} == {(0, 0)}


def test_all_pairs_come_equally_often():
    pairs = [(np.full((4, 4 + 30 * k), k, float), np.zeros((4, 4 + 30 * k))) for k in range(3)]
    counts = Counter(int(image.max()) for image, _ in RandomCrops(pairs, size=2, length=900))
    assert set(counts) == {0, 1, 2}
    assert all(230 < count < 370 for count in counts.values())  # expected 300


# Image and mask together, and their types

BINARY = NUMBERED % 3 == 0
CLASSES = NUMBERED.astype(np.int64) % 4


@pytest.mark.parametrize("size", [3, (3, 4)])
@pytest.mark.parametrize(
    "mask",
    [
        BINARY,
        BINARY[None],
        BINARY.astype(np.uint8),
        BINARY.astype(np.float64),
        BINARY[None].astype(np.int64),
        torch.from_numpy(BINARY),
        torch.from_numpy(BINARY)[None].float(),
    ],
)
def test_a_binary_mask_goes_with_its_image(mask, size):
    height, width = np.broadcast_to(size, 2)
    for image, crop in RandomCrops([(NUMBERED, mask)], size=size, length=40):
        assert (image.dtype, crop.dtype) == (torch.float32, torch.float32)
        assert image.shape == crop.shape == (1, height, width)
        assert torch.equal(crop, (image % 3 == 0).float())


@pytest.mark.parametrize("mask", [CLASSES, torch.from_numpy(CLASSES)])
def test_a_mask_of_classes_goes_with_its_image(mask):
    for image, crop in RandomCrops([(NUMBERED, mask)], size=4, length=40):
        assert crop.dtype == torch.int64
        assert crop.shape == (4, 4)
        assert torch.equal(crop, image[0].long() % 4)


def test_ignored_pixels_stay_ignored():
    classes = np.where(NUMBERED % 5 == 0, -100, CLASSES)
    for image, crop in RandomCrops([(NUMBERED, classes)], size=4, length=40):
        assert crop.dtype == torch.int64
        assert torch.equal(crop, torch.where(image[0] % 5 == 0, -100, image[0].long() % 4))
    for dtype in (np.float16, np.float32, np.float64):
        mask = np.where(NUMBERED % 5 == 0, np.nan, BINARY).astype(dtype)
        for image, crop in RandomCrops([(NUMBERED, mask), (NUMBERED, BINARY)], size=4, length=40):
            assert crop.dtype == torch.float32
            if crop.isnan().any():  # the first pair, not the second
                assert torch.equal(crop.isnan(), image % 5 == 0)
                kept = ~crop.isnan()
                assert torch.equal(crop[kept], (image % 3 == 0).float()[kept])


def test_independent_labels_have_a_channel_each():
    labels = np.stack([BINARY, NUMBERED % 5 == 0])
    for image, crop in RandomCrops([(NUMBERED, labels)], size=(3, 4), length=40):
        assert (crop.dtype, tuple(crop.shape)) == (torch.float32, (2, 3, 4))
        assert torch.equal(crop[0], (image[0] % 3 == 0).float())
        assert torch.equal(crop[1], (image[0] % 5 == 0).float())
    with pytest.raises(ValueError, match="pair 1 has another"):
        RandomCrops([(NUMBERED, labels), (NUMBERED, BINARY)], size=2)


def test_an_image_of_three_columns_is_not_channels_last():
    assert RandomCrops([(np.zeros((3, 9, 3)), np.zeros((9, 3)))], size=3)[0][0].shape == (3, 3, 3)


def test_classes_are_told_by_the_type_of_the_mask_not_by_its_values():
    mask = np.zeros((HEIGHT, WIDTH), np.int64)
    assert RandomCrops([(NUMBERED, mask)], size=2)[0][1].dtype == torch.int64


@pytest.mark.parametrize("dtype", [np.float16, np.float64, torch.float32])
def test_channels_stay_together(dtype):
    image = np.stack([NUMBERED, NUMBERED + 100, NUMBERED + 200])
    as_type = torch.from_numpy(image) if dtype == torch.float32 else image.astype(dtype)
    for crop, mask in RandomCrops([(as_type, BINARY)], size=5, length=20):
        assert crop.dtype == torch.float32
        assert crop.shape == (3, 5, 5)
        assert torch.equal(crop[1], crop[0] + 100)
        assert torch.equal(crop[2], crop[0] + 200)
        assert torch.equal(mask[0], (crop[0] % 3 == 0).float())


def test_a_tensor_with_gradients_will_do():
    image = torch.tensor(NUMBERED, requires_grad=True)
    crop, mask = RandomCrops([(image, BINARY)], size=2)[0]
    assert not crop.requires_grad
    assert torch.equal(mask, (crop % 3 == 0).float())


def test_items_own_their_memory():
    image, mask = NUMBERED.copy(), CLASSES.copy()
    items = list(RandomCrops([(image, mask)], size=2, length=30))
    before = [(i.clone(), m.clone()) for i, m in items]
    image[:], mask[:] = 0, 0
    for (i, m), (old_i, old_m) in zip(items, before, strict=True):
        assert torch.equal(i, old_i)
        assert torch.equal(m, old_m)
        assert i.is_contiguous()
        assert m.is_contiguous()


def test_read_only_and_mirrored_arrays_will_do():
    image = np.broadcast_to(np.float32(1), (5, 5))
    assert RandomCrops([(image, BINARY[4::-1, 4::-1])], size=5)[0][0].shape == (1, 5, 5)


# What an item depends on


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def dataset(**options):
    noise = np.random.default_rng(1).random((40, 50))
    return RandomCrops([(noise, noise > 0.5)], **{"size": 8, "length": 12} | options)


def test_an_item_depends_on_its_index_and_not_on_what_went_before():
    forwards, backwards = dataset(), dataset()
    items = [forwards[i] for i in range(12)]
    np.random.seed(3)  # noqa: NPY002 - the state that must not matter
    torch.manual_seed(3)
    again = [backwards[i] for i in reversed(range(12))][::-1]
    assert all(same(a, b) for a, b in zip(items, again, strict=True))
    assert not any(same(items[0], other) for other in items[1:])


def test_an_item_does_not_depend_on_the_length():
    assert same(dataset(length=3)[2], dataset(length=2000)[2])


def test_an_item_depends_on_the_seed_and_on_the_epoch():
    first, second, epoch = dataset(), dataset(seed=1), dataset()
    epoch.set_epoch(1)
    assert not any(same(first[i], second[i]) for i in range(12))
    assert not any(same(first[i], epoch[i]) for i in range(12))
    assert not any(same(second[i], epoch[i]) for i in range(12))
    epoch.set_epoch(0)
    assert all(same(first[i], epoch[i]) for i in range(12))


def test_indices_as_other_libraries_write_them():
    assert same(dataset()[np.int64(3)], dataset()[3])
    assert same(dataset()[torch.tensor(3)], dataset()[3])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_workers_give_the_same_batches_in_every_epoch():
    alone, shared = dataset(), dataset()
    kept_alive = DataLoader(shared, batch_size=4, num_workers=2, persistent_workers=True)
    for epoch in range(2):
        alone.set_epoch(epoch)
        shared.set_epoch(epoch)
        batches, expected = list(kept_alive), list(DataLoader(alone, batch_size=4))
        assert len(batches) == 3
        assert all(same(a, b) for a, b in zip(batches, expected, strict=True))


def test_length_and_indices_out_of_range():
    crops = dataset(length=5)
    assert len(crops) == 5
    assert len(list(crops)) == 5
    with pytest.raises(IndexError):
        crops[5]
    assert same(crops[-1], crops[4])
    assert len(RandomCrops([(NUMBERED, BINARY)], size=2)) == 1600


# Refusals


class Lazy:
    """A sequence that is no list, as a Dataset is: looked over item by item."""

    def __init__(self, *pairs):
        self.pairs = pairs

    def __len__(self):
        return len(self.pairs)

    def __getitem__(self, index):
        return self.pairs[index]


def test_other_sequences_will_do():
    plain = RandomCrops([(NUMBERED, BINARY), (NUMBERED + 100, BINARY)], size=3)
    lazy = RandomCrops(Lazy((NUMBERED, BINARY), (NUMBERED + 100, BINARY)), size=3)
    assert all(same(plain[i], lazy[i]) for i in range(20))


@pytest.mark.parametrize(
    ("image", "mask", "size", "message"),
    [
        (NUMBERED, BINARY, 8, r"7 x 9 \(height x width\), smaller than the crop of 8 x 8"),
        (NUMBERED, BINARY, (2, 10), "7 x 9 .*crop of 2 x 10"),
        (NUMBERED, BINARY, (8, 2), "7 x 9 .*crop of 8 x 2"),
        (NUMBERED, BINARY[:, :8], 2, r"\(1, 7, 9\) and mask \(1, 7, 8\) differ"),
        (NUMBERED, CLASSES[:, :8], 2, r"\(1, 7, 9\) and mask \(7, 8\) differ"),
        (np.zeros((7, 9, 3)), BINARY, 2, r"the image has shape \(7, 9, 3\): .*channels come last"),
        (NUMBERED, np.stack([BINARY] * 3, -1), 2, r"the mask has shape \(7, 9, 3\): .*come last"),
        (NUMBERED[0], BINARY, 2, r"image must be .*\(9,\)"),
        (NUMBERED[None, None], BINARY, 2, r"image must be .*\(1, 1, 7, 9\)"),
        (np.zeros((0, 7, 9)), BINARY, 2, "not empty"),
        (NUMBERED.astype(np.uint16), BINARY, 2, "uint16.*normalise"),
        (np.where(BINARY, np.nan, 0.5), BINARY, 2, "21 of the image's 63 values are NaN.*IGNORE"),
        (NUMBERED, BINARY[None, None], 2, r"mask must be .*\(1, 1, 7, 9\)"),
        (NUMBERED, BINARY * np.uint8(255), 2, r"uint8, 0 to 255\).*mask > 0"),
        (NUMBERED, CLASSES.astype(np.int32), 2, r"int32, 0 to 3\).*astype\(np.int64\)"),
        (NUMBERED, BINARY * 0.5, 2, "zeros and ones"),
        (
            NUMBERED,
            np.where(BINARY, np.nan, 2),
            2,
            r"float64, 2.0 to 2.0\) must hold zeros and ones",
        ),
        (NUMBERED, np.where(BINARY, np.inf, 0), 2, "zeros and ones"),
        (
            NUMBERED,
            CLASSES - 1,
            2,
            r"from 0 \(IGNORE, -100, leaves a pixel out\), got -1 in the mask",
        ),
        (NUMBERED, CLASSES - 101, 2, "got -101 in the mask"),
    ],
)
def test_a_pair_that_does_not_fit_is_refused(image, mask, size, message):
    good = np.zeros((40, 40)), np.zeros((40, 40))
    with pytest.raises(ValueError, match="^pair 1: .*" + message):
        RandomCrops([good, (image, mask)], size=size)
    lazy = RandomCrops(Lazy((image, mask)), size=size)
    with pytest.raises(ValueError, match="^pair 0: .*" + message):
        lazy[0]


def test_pairs_that_differ_are_refused():
    colour = np.stack([NUMBERED] * 3)
    for other in [(colour, BINARY), (NUMBERED, CLASSES)]:
        with pytest.raises(ValueError, match="pair 2 has another number of channels or another"):
            RandomCrops([(NUMBERED, BINARY), (NUMBERED, BINARY), other], size=2)


def test_a_pair_without_its_brackets_is_refused():
    with pytest.raises(TypeError, match=re.escape("write [(image, mask)]")):
        RandomCrops((NUMBERED, BINARY), size=2)
    with pytest.raises(ValueError, match="no pairs"):
        RandomCrops([])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size must be at least 1, not 0"),
        ({"size": (2, 2.5)}, "size must be a whole number, not 2.5"),
        ({"size": (2, 2, 2)}, r"size must be one side, or \(height, width\), got \(2, 2, 2\)"),
        ({"size": True}, "size must be a whole number, not True"),
        ({"length": 0}, "length must be at least 1, not 0"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"seed": 1.0}, "seed must be a whole number, not 1.0"),
    ],
)
def test_settings_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        RandomCrops([(NUMBERED, BINARY)], **{"size": 2} | options)


def test_a_negative_epoch_is_refused():
    with pytest.raises(ValueError, match="epoch must be at least 0, not -1"):
        dataset().set_epoch(-1)
