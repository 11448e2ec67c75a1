"""11.2 Tiles that do not fit."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse


class _SmallUNet(nn.Module):
    """A U-Net with one channel that records the longer side of each of its inputs."""

    def __init__(self, poolings: int, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.poolings, self.windows = poolings, []
        shape = (2 * poolings + 1, 1, 1, 3, 3)
        self.kernels = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.3

    def forward(self, x: Tensor) -> Tensor:
        multiple = 2**self.poolings
        if x.ndim != 4 or x.shape[1] != 1 or x.shape[2] % multiple or x.shape[3] % multiple:
            raise ValueError(
                f"the network takes (N, 1, H, W) with sides that divide by {multiple}, "
                f"not {tuple(x.shape)}"
            )
        self.windows.append(max(x.shape[2:]))
        skips = []
        for level in range(self.poolings):
            skips.append(F.conv2d(x, self.kernels[level], padding=1))
            x = F.max_pool2d(skips[-1], 2)
        x = F.conv2d(x, self.kernels[self.poolings], padding=1)
        for level, skip in enumerate(reversed(skips), start=self.poolings + 1):
            x = skip + x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)
            x = F.conv2d(x, self.kernels[level], padding=1)
        return x


def _require_seamless(tiled, network: _SmallUNet, image: Tensor, core: int, margin: int) -> None:
    """Refuse a result that differs from the whole image's, or a window that is too large."""
    multiple = 2**network.poolings
    expected = network(image[None, None])[0, 0]
    network.windows.clear()

    def run(image, core, margin, multiple):
        return tiled(network, image, core, margin, multiple)

    run.__name__ = "tiled"
    tried = f"tiled(network, image {tuple(image.shape)}, {core}, {margin}, {multiple})"
    got = call_answer(run, image, core, margin, multiple)
    if type(got) is not torch.Tensor or got.shape != image.shape:
        refuse("Return a tensor of the image's shape.", tried=tried, got=describe(got))
    if got.dtype != expected.dtype:
        hint = "Return a tensor of the dtype that the network returns."
        refuse(hint, tried=tried, expected=str(expected.dtype), got=str(got.dtype))
    if network.windows and max(network.windows) <= core:
        refuse("The network only got the cores, without their surroundings.", tried=tried)
    wrong = (got - expected).abs() > 1e-9
    if wrong.any():
        _refuse_difference(wrong, margin, tried)
    most = core + 2 * (margin + -margin % multiple)
    if not network.windows or max(network.windows) > most:
        refuse(
            f"The network got a window larger than a core and its margins, {most} pixels. A large "
            "image would not fit into memory.",
            tried=tried,
        )


def _refuse_difference(wrong: Tensor, margin: int, tried: str) -> None:
    """Refuse a result with wrong pixels; the hint depends on whether some are inside the margin."""
    inside = wrong[margin:-margin, margin:-margin] if min(wrong.shape) > 2 * margin else wrong[:0]
    got = f"{int(wrong.sum())} of {wrong.numel()} pixels differ"
    if inside.any():
        refuse(
            "The tiles also differ inside the image. Where may a window begin, so that its pooling "
            "windows are those of the whole image?",
            tried=tried,
            got=got,
        )
    refuse(
        "What does the network see around the image's border when it gets the whole image, and "
        "what does it see in your windows? And does each window begin at a multiple?",
        tried=tried,
        got=f"{got}, {'along the border' if inside.numel() else 'in places'}",
    )


@exercise(
    misconception="If the overlap is large enough, tiles are exact.",
    question=(
        "The overlap is large enough, but a tile begins at row 40. Why isn't the result that of "
        "the whole image?"
    ),
    hints=(
        "Print where the result differs from that of the whole image: inside, along the border, "
        "or both? Each has its reason.",
        "Inside: where does each window begin, and where do the pooling windows of the whole "
        "image begin? Along the border: what does the network see there, and what does it see "
        "in the whole image?",
        "Round the margin up to the multiple. Then cut windows from the image itself, from "
        "max(top - margin, 0) on, and work out where in such a window the core begins.",
    ),
)
def seamless(tiled, *, seed=0) -> str:
    """Check tiled(network, image, core, margin, multiple) against the network on whole images."""
    require_callable(tiled, 5)
    cases = [
        (2, (48, 56), 8, 14),
        (2, (32, 48), 16, 12),
        (1, (20, 12), 4, 7),
        (2, (36, 48), 12, 17),
    ]
    for number, (poolings, shape, core, margin) in enumerate(cases):
        network = _SmallUNet(poolings, seed=10 * seed + number)
        generator = torch.Generator().manual_seed(10 * seed + number)
        image = torch.rand(shape, generator=generator, dtype=torch.float64)
        _require_seamless(tiled, network, image, core, margin)
    return f"{len(cases)} images, tile by tile equal to the whole"
