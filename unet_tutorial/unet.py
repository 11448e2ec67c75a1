"""The U-Net, and the small trained one that ships with the tutorial."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
from unet_tutorial.shapes.unet import SIZE_MULTIPLE, check_divisible, check_unet_widths

TRAINED_UNET = Path(__file__).parent / "data" / "nuclei" / "unet.pt"


class UNet(nn.Module):
    """The U-Net: four levels down, four up, a skip connection at each, logits out.

    Args:
        in_channels: channels of the image, at least 1 (1 for grey, 3 for colour).
        num_classes: channels of the logits, at least 1 (1 for foreground against background).
        base_channels: channels at level 0, at least 1; each level down has twice as many.

    Shapes:
        (N, in_channels, H, W) to logits (N, num_classes, H, W); H and W divide by 16.

    Raises:
        TypeError: a batch of integers.
        ValueError: a width that isn't a whole number of at least 1, or a batch that the network
            can't take (see `check_unet_input`).

    Example:
        UNet() has 31,036,481 parameters and takes (10, 1, 480, 480) to (10, 1, 480, 480).

    Source: Ronneberger et al. 2015, "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", figure 1, with padded convolutions, BatchNorm, and by default one logit a pixel
    instead of two. Built in chapter 08.
    """

    def __init__(self, in_channels: int = 1, num_classes: int = 1, base_channels: int = 64):
        super().__init__()
        check_unet_widths(in_channels, num_classes, base_channels)
        self.in_channels = in_channels
        self.num_classes = num_classes
        self.base_channels = base_channels
        c = base_channels
        self.in_conv = DoubleConv(in_channels, c)
        self.down1 = Down(c, 2 * c)
        self.down2 = Down(2 * c, 4 * c)
        self.down3 = Down(4 * c, 8 * c)
        self.down4 = Down(8 * c, 16 * c)
        self.up1 = Up(16 * c, 8 * c)
        self.up2 = Up(8 * c, 4 * c)
        self.up3 = Up(4 * c, 2 * c)
        self.up4 = Up(2 * c, c)
        self.out_conv = OutConv(c, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        check_unet_input(self, x)
        contracting0 = self.in_conv(x)  # (N, c, H, W)
        contracting1 = self.down1(contracting0)  # (N, 2c, H/2, W/2)
        contracting2 = self.down2(contracting1)  # (N, 4c, H/4, W/4)
        contracting3 = self.down3(contracting2)  # (N, 8c, H/8, W/8)
        bottleneck = self.down4(contracting3)  # (N, 16c, H/16, W/16)
        expanding3 = self.up1(bottleneck, contracting3)  # (N, 8c, H/8, W/8)
        expanding2 = self.up2(expanding3, contracting2)  # (N, 4c, H/4, W/4)
        expanding1 = self.up3(expanding2, contracting1)  # (N, 2c, H/2, W/2)
        expanding0 = self.up4(expanding1, contracting0)  # (N, c, H, W)
        return self.out_conv(expanding0)  # logits (N, num_classes, H, W)


def check_unet_input(model: UNet, batch: Tensor) -> None:
    """Raise unless this batch can pass through this U-Net.

    Args:
        model: the network, in the mode in which it is about to run.
        batch: should be (N, C, H, W), floating point.

    Raises:
        TypeError: integers instead of floating-point numbers.
        ValueError: wrong rank or channel count, an empty batch or image, sizes that do not divide
            by 16, or a single value per channel where a BatchNorm needs the variance of several.

    Built in chapter 08.
    """
    shape = tuple(batch.shape)
    if len(shape) != 4:
        raise ValueError(
            f"the U-Net takes a batch of shape (N, C, H, W), four numbers; this one is {shape}. "
            "One image: image[None], or image[None, None] if it has no channels yet."
        )
    number, channels, height, width = shape
    if channels != model.in_channels:
        raise ValueError(
            f"this U-Net was built for in_channels={model.in_channels}; the batch {shape} has "
            f"{channels}. Convert the images, or build UNet(in_channels={channels})."
        )
    if not batch.is_floating_point():
        raise TypeError(
            f"the U-Net computes with floating-point numbers; this batch holds {batch.dtype}. "
            "Scale it to 0..1, for example batch.float() / 255 for 8-bit images."
        )
    if 0 in (number, height, width):
        raise ValueError(f"there is nothing to compute: the batch {shape} is empty.")
    check_divisible(height, width)
    if _uses_batch_statistics(model.down4) and number * height * width == SIZE_MULTIPLE**2:
        raise ValueError(
            "one 16x16 image is one pixel at the bottleneck, and BatchNorm cannot take the "
            "variance of one value while training. Use a larger image, more images a batch, or "
            "model.eval() for prediction."
        )


def _uses_batch_statistics(part: nn.Module) -> bool:
    norms = [module for module in part.modules() if isinstance(module, nn.BatchNorm2d)]
    return any(norm.training or norm.running_mean is None for norm in norms)


def load_trained_unet() -> UNet:
    """Load the trained network that ships with the tutorial, in eval mode.

    It was trained on the training strip of the nuclei image by `make checkpoint`, and expects
    images normalised as `normalise(image, reference=training_strip)` does.

    Returns:
        UNet(in_channels=1, num_classes=1, base_channels=8) on the CPU.

    Raises:
        FileNotFoundError: the file is missing from this installation.

    Chapter 10 trains one like it; chapters 00, 11 and 12 use it.
    """
    if not TRAINED_UNET.exists():
        raise FileNotFoundError(
            f"{TRAINED_UNET} is missing: install the package again, or run `make checkpoint`."
        )
    stored = torch.load(TRAINED_UNET, map_location="cpu", weights_only=True)
    model = UNet(stored["in_channels"], stored["num_classes"], stored["base_channels"])
    model.load_state_dict(stored["model"])
    return model.eval()
