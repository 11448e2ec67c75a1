"""What chapter 90 says about its learned threshold: the start hardly matters; Otsu's is higher."""

import pytest
import torch
from skimage.filters import threshold_otsu
from torch import nn
from torch.nn import functional as F

from unet_tutorial import dice, load_nuclei
from unet_tutorial.data import split_strips


@pytest.mark.parametrize("seed", range(8))
def test_the_learned_threshold_is_the_same_from_every_start(seed):
    image, labels = load_nuclei()
    images = split_strips(torch.from_numpy(image)[None, None])
    masks = split_strips(torch.from_numpy(labels > 0)[None, None])
    torch.manual_seed(seed)
    model = nn.Conv2d(1, 1, kernel_size=1)
    optimiser = torch.optim.Adam(model.parameters(), lr=1.0)
    for _ in range(200):
        loss = F.binary_cross_entropy_with_logits(model(images.train), masks.train.float())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        found = model(images.test) > 0
    # Every threshold between the grey levels 48 and 49 marks the same pixels.
    assert 48.1 < -255 * (model.bias / model.weight).item() < 48.9
    assert dice(found, masks.test) == pytest.approx(0.8415, abs=1e-4)


def test_the_learned_threshold_misses_fewer_pixels_than_otsus():
    image, labels = load_nuclei()
    images, masks = split_strips(image), split_strips(labels > 0)
    otsu = threshold_otsu(images.train)
    missed = [(images.test[masks.test] <= each).mean() for each in (48.5 / 255, otsu)]
    assert [round(100 * share) for share in missed] == [22, 32]
    assert otsu == pytest.approx(0.207, abs=0.001)
