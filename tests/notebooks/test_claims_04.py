"""What chapter 04 says about max pooling, receptive fields, blocks of the image and Downs."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from unet_tutorial.data import load_nuclei, split_strips
from unet_tutorial.metrics import dice
from unet_tutorial.shapes import max_pool_output_size, receptive_field

IMAGE, LABELS = load_nuclei()


def test_a_typical_nucleus_is_24_pixels_across():
    areas = np.bincount(LABELS.ravel())[1:]
    assert round(float(np.median(np.sqrt(4 * areas / np.pi)))) == 24
    assert 24 / 2**3 <= 5 < 24 / 2**2
    assert receptive_field([(3, 1)] * 11) < 24 <= receptive_field([(3, 1)] * 12)


def test_every_channel_is_pooled_by_itself():
    features = torch.randn(1, 6, 10, 12, generator=torch.Generator().manual_seed(0))
    pooled = F.max_pool2d(features, 2)
    assert all(
        torch.equal(pooled[:, c], F.max_pool2d(features[:, c : c + 1], 2)[:, 0]) for c in range(6)
    )


@pytest.mark.parametrize(("level", "side"), list(enumerate((5, 14, 32, 68, 140))))
def test_a_field_doubles_and_gains_4(level, side):
    one_level = [(2, 2), (3, 1), (3, 1)]  # (kernel size, stride) of a Down
    assert receptive_field([(3, 1), (3, 1)] + level * one_level) == side
    if level > 0:
        above = receptive_field([(3, 1), (3, 1)] + (level - 1) * one_level)
        assert side == 2 * above + 4


def test_the_fields_in_the_picture_touch_as_many_nuclei_as_its_alt_text_says():
    here = LABELS[108:300, 132:324]
    areas = np.bincount(LABELS.ravel())
    touched, whole = {}, {}
    for first, side in ((94, 5), (90, 14), (82, 32), (66, 68), (34, 140)):
        field = here[first : first + side, first : first + side]
        numbers = np.unique(field[field > 0])
        touched[side] = len(numbers)
        whole[side] = sum((field == number).sum() == areas[number] for number in numbers)
    assert touched == {5: 1, 14: 1, 32: 1, 68: 3, 140: 11}
    assert whole == {5: 0, 14: 0, 32: 1, 68: 1, 140: 6}


def test_one_channel_loses_the_position_in_a_window_and_two_can_keep_it():
    left, right = torch.tensor([[[1.0, 0, 0, 0]]]), torch.tensor([[[0, 1.0, 0, 0]]])
    assert torch.equal(F.max_pool1d(left, 2), F.max_pool1d(right, 2))
    kernels = torch.tensor([[[0, 1.0, 0]], [[0, 0, 1.0]]])  # the pixel, and its right neighbour

    def pool_two_channels(image):
        return F.max_pool1d(F.conv1d(image, kernels, padding=1), 2)

    assert not torch.equal(pool_two_channels(left), pool_two_channels(right))


def test_the_sizes_that_come_back_are_the_multiples_of_16():
    def go_down_and_up(side):
        for _ in range(4):
            side = max_pool_output_size(side, 2)
        return side * 2**4

    assert [side for side in range(16, 513) if go_down_and_up(side) == side] == [
        *range(16, 513, 16)
    ]
    assert max_pool_output_size(480, 2, padding=1) == 241  # "Mistakes people make here"


def test_a_threshold_on_the_mean_finds_middles_better_than_one_on_the_maximum():
    middles = np.zeros(LABELS.shape, dtype="float32")
    for number in range(1, LABELS.max() + 1):
        rows, columns = np.nonzero(number == LABELS)
        middles[int(rows.mean()), int(columns.mean())] = 1
    strips, wanted = split_strips(IMAGE), split_strips(middles)

    def pool(strip, layer):
        return layer(torch.from_numpy(strip)[None], 16)[0].numpy()

    truth = pool(wanted.test, F.max_pool2d) > 0
    assert truth.sum() == wanted.test.sum() == 36  # no two in one block
    best = {
        layer: max(dice(pool(strips.test, layer) > cut, truth) for cut in np.arange(0, 1, 0.01))
        for layer in (F.max_pool2d, F.avg_pool2d)
    }
    # even with the best threshold for the test strip itself
    assert best[F.max_pool2d] < best[F.avg_pool2d] < 0.7
