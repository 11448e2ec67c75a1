"""11.2 Tiles that don't fit."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unet_tutorial.teaching.checks.compare import call_answer, describe, require_callable
from unet_tutorial.teaching.checks.exercise import exercise, refuse


class _SmallUNet(nn.Module):
    """A U-Net with one channel that records the longer side of each of its inputs.

    With `more` convolutions at the end, it needs a margin that's larger by as many pixels.
    """

    def __init__(self, poolings: int, more: int, seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.poolings, self.windows = poolings, []
        shape = (2 * poolings + 1 + more, 1, 1, 3, 3)
        kernels = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.3
        self.kernels = nn.Parameter(kernels.to(dtype), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        multiple = 2**self.poolings
        if x.shape[:-2] != (1, 1) or x.shape[-2] % multiple or x.shape[-1] % multiple:
            raise ValueError(
                f"the network takes (1, 1, h, w) with sides that divide by {multiple}, "
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
        for kernel in self.kernels[2 * self.poolings + 1 :]:
            x = F.conv2d(x, kernel, padding=1)
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
    if got.dtype != image.dtype:
        hint = "The result must have the image's dtype."
        refuse(hint, tried=tried, expected=str(image.dtype), got=str(got.dtype))
    if network.windows and max(network.windows) <= core:
        refuse("The network only got the cores, without their surroundings.", tried=tried)
    wrong = (got - expected).abs() > _find_tolerance(image)
    if wrong.any():
        _refuse_small_windows(max(network.windows, default=0), image, core, margin, tried)
        _refuse_zeros(network, image, core, margin + -margin % multiple, got, tried)
        _refuse_difference(wrong, margin, tried)
    most = core + 2 * (margin + -margin % multiple)
    if not network.windows or max(network.windows) > most:
        refuse(
            f"The network got a window larger than a core and its margins, {most} pixels. A large "
            "image would not fit into memory.",
            tried=tried,
        )


def _find_tolerance(image: Tensor) -> float:
    return 1e-9 if image.dtype == torch.float64 else 1e-3


def _refuse_small_windows(longest: int, image: Tensor, core: int, margin: int, tried: str) -> None:
    """Refuse windows that don't hold a core and the margin on both sides, such as rounded down."""
    if 0 < longest < min(core + 2 * margin, max(image.shape)):
        refuse(
            f"Your windows have less than {margin} pixels around the core, so the core's outermost "
            "pixels lack some of their surroundings.",
            tried=tried,
            got=f"windows of at most {longest} pixels, for a core of {core}",
        )


def _refuse_zeros(
    network: _SmallUNet, image: Tensor, core: int, margin: int, got: Tensor, tried: str
) -> None:
    """Refuse the result of an image with zeros around it."""
    padded, side = F.pad(image, (margin,) * 4), core + 2 * margin
    for top in range(0, len(image), core):
        for left in range(0, image.shape[1], core):
            window = padded[top : top + side, left : left + side]
            found = network(window[None, None])[0, 0, margin:-margin, margin:-margin]
            wrong = (got[top : top + core, left : left + core] - found).abs()
            if wrong.max() > _find_tolerance(image):
                return
    refuse(
        "You put zeros around the image. The network does that, too, but again for each "
        "convolution. Your zeros are there only for the first one, which turns those next to the "
        "image into other numbers. What would have to be there for the second one?",
        tried=tried,
        got="right inside the image, but not along its border",
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
        "What does each convolution see around the image's border when the network gets the whole "
        "image, and what does it see in your windows? And does each window begin at a multiple?",
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
        "image begin? Along the border: in the whole image, every convolution gets zeros around "
        "its own input. No padding of the image does that, since the first convolution changes it.",
        "Round the margin up to the multiple. Then let windows end where the image ends, so that "
        "the network itself puts the zeros there. Such a window is smaller: where in it does the "
        "core begin?",
    ),
)
def seamless(tiled, *, seed=0) -> str:
    """Check tiled(network, image, core, margin, multiple) against the network on whole images."""
    require_callable(tiled, 5)
    cases = [  # poolings, more convolutions, size, core, and the margin: needed or larger
        (2, 0, (48, 56), 8, 14),
        (2, 0, (32, 48), 16, 12),
        (2, 0, (48, 56), 8, 11),  # exactly as needed, and so in all below but the last
        (1, 0, (20, 12), 4, 5),
        (2, 2, (48, 56), 8, 13),
        (3, 2, (48, 64), 16, 25),
        (2, 0, (36, 48), 12, 17),
    ]
    for number, (poolings, more, shape, core, margin) in enumerate(cases):
        dtype = torch.float32 if number == 1 else torch.float64  # float64 as in the chapter's test
        network = _SmallUNet(poolings, more, 10 * seed + number, dtype)
        generator = torch.Generator().manual_seed(10 * seed + number)
        image = torch.rand(shape, generator=generator, dtype=torch.float64).to(dtype)
        _require_seamless(tiled, network, image, core, margin)
    return f"{len(cases)} images, tile by tile equal to the whole"
