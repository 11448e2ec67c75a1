"""What chapter 08 says in its text and its folds, measured or tried at more sizes."""

from functools import cache

import pytest
import torch
from torch.nn import functional as F

from unet_tutorial import load_nuclei, load_trained_unet
from unet_tutorial.data import split_strips
from unet_tutorial.teaching.explorers.the_u.patch import LEFT, SIDE, TOP, load_patch
from unet_tutorial.teaching.explorers.the_u.size_trace import DroppedPixels, trace_unet_sizes

A, B = (355, 452), (401, 388)  # row, column


def test_a_is_brighter_than_b_and_not_in_a_nucleus():
    image, labels = load_nuclei()
    levels = image * 255
    assert (round(levels[A]), round(levels[B])) == (45, 31)
    around = [levels[r - 1 : r + 2, c - 1 : c + 2].mean() for r, c in (A, B)]
    assert around[0] == pytest.approx(around[1], abs=1)
    assert labels[A] == 0
    assert labels[B] > 0


@cache
def run_parts():
    """Run the trained network on the explorers' patch: {part: (C, H, W)}, masks of its nuclei."""
    patch, truth = load_patch()
    network, outputs = load_trained_unet(), {}
    for name, part in network.named_children():
        part.register_forward_hook(lambda _p, _i, output, name=name: outputs.update({name: output}))
    with torch.no_grad():
        network(torch.from_numpy(patch)[None, None])
    window = slice(TOP, TOP + SIDE), slice(LEFT, LEFT + SIDE)
    nuclei = split_strips(load_nuclei()[1]).test[window]
    assert ((nuclei > 0) == truth).all()
    grey = {index: patch[nuclei == index].mean() for index in set(nuclei[truth].tolist())}
    inside = [torch.from_numpy(nuclei == index) for index in sorted(grey, key=grey.get)]
    return {name: output[0] for name, output in outputs.items()}, inside  # the dimmest first


def test_six_maps_of_in_conv_show_how_bright_a_nucleus_is():
    outputs, inside = run_parts()
    dim, bright = (outputs["in_conv"][:, inside[place]].mean(dim=1) for place in (0, -1))
    brighter = (bright / dim)[bright > 1.2 * dim]
    assert (len(inside), len(brighter)) == (6, 6)
    assert 1.25 < brighter.min() < 1.35
    assert 5.05 < brighter.max() < 5.15


def test_three_maps_of_up4_show_the_nuclei_and_five_the_background():
    outputs, inside = run_parts()
    nuclei = torch.stack([outputs["up4"][:, where].mean(dim=1) for where in inside])  # (6, 8)
    background = outputs["up4"][:, ~sum(inside).bool()].mean(dim=1)
    white = nuclei.min(dim=0).values > 50 * background
    black = nuclei.max(dim=0).values < 0.1 * background
    assert (int(white.sum()), int(black.sum())) == (3, 5)
    of_white = nuclei[:, white]
    assert 1.1 < (of_white.max(dim=0).values / of_white.min(dim=0).values).max() < 1.3


def test_the_eight_maps_of_up3_that_vary_most_show_outlines():
    outputs, inside = run_parts()
    share = F.avg_pool2d(sum(inside)[None].float(), 2)[0]
    mixed = ((share > 0) & (share < 1))[None].float()
    edge = F.max_pool2d(mixed, 3, stride=1, padding=1)[0] > 0
    at_edge, *elsewhere = (
        outputs["up3"][:, where].mean(dim=1)
        for where in (edge, (share == 1) & ~edge, (share == 0) & ~edge)
    )
    outlines = at_edge > 1.5 * torch.stack(elsewhere).max(dim=0).values
    liveliest = outputs["up3"].flatten(1).std(dim=1).topk(8).indices
    assert sorted(liveliest.tolist()) == outlines.nonzero().flatten().tolist()


def test_the_papers_skip_of_level_0_is_cropped_from_568_to_392():
    side = 572
    for _ in range(4):
        side = (side - 4) // 2
    side -= 4
    for _ in range(4):
        upsampled, side = 2 * side, 2 * side - 4
    assert (572 - 4, upsampled, side) == (568, 392, 388)
    assert (side / 572) ** 2 == pytest.approx(0.46, abs=0.005)  # "less than half"


def test_the_second_and_the_third_pooling_drop_pixels_of_70_by_70():
    trace = trace_unet_sizes(70, 70)
    assert trace.dropped == [DroppedPixels(1, 1, 1), DroppedPixels(2, 1, 1)]
    assert (trace.failed_part, trace.upsampled) == ("up2", (16, 16))


def test_one_more_than_a_multiple_of_16_fails_at_up4_alone():
    for height in range(17, 300):
        assert (trace_unet_sizes(height, 96).failed_part == "up4") == (height % 16 == 1)
