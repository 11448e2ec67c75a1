"""The U-Net, and the small trained one that ships with the tutorial."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.fx
from torch import Tensor, nn

from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
from unet_tutorial.scaling import Scaling
from unet_tutorial.shapes.images import check_channels_first
from unet_tutorial.shapes.unet import check_divisible, check_unet_widths

TRAINED_UNET = Path(__file__).parent / "data" / "nuclei" / "unet.pt"


class UNet(nn.Module):
    """The U-Net: four levels down, four up, a skip connection at each, logits out.

    Args:
        in_channels: channels of the image, at least 1 (1 for grey, 3 for colour).
        num_classes: channels of the logits, at least 1 (1 for foreground against background).
        base_channels: channels at level 0, at least 1; each level down has twice as many.
        labels: what the channels of the logits mean to `predict`, `fit` and the metrics:
            "exclusive", one class per pixel, or "independent", each label by itself.

    Shapes:
        (N, in_channels, H, W) to logits (N, num_classes, H, W); H and W are multiples of 16.

    Raises:
        TypeError, ValueError: a width below 1, or a batch as `check_unet_input` refuses it.

    Example:
        UNet() has 31,036,481 parameters and takes (10, 1, 480, 480) to (10, 1, 480, 480).

    Source: Ronneberger et al. 2015, "U-Net: Convolutional Networks for Biomedical Image
    Segmentation", figure 1, with padded convolutions, BatchNorm, and by default one logit a pixel
    instead of two. Built in chapter 08.
    """

    def __init__(
        self,
        in_channels: int = 1,
        num_classes: int = 1,
        base_channels: int = 64,
        labels: str = "exclusive",
    ):
        super().__init__()
        check_unet_widths(in_channels, num_classes, base_channels)
        self.in_channels = in_channels
        self.num_classes = num_classes
        self.base_channels = base_channels
        self.labels = labels
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
        check_unet_input(x, self.in_channels, next(self.parameters(), x).dtype)
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


@torch.fx.wrap  # a leaf of traced graphs
def check_unet_input(batch: Tensor, in_channels: int, dtype: torch.dtype = torch.float32) -> None:
    """Raise unless this batch can pass through a U-Net.

    Args:
        batch: should be (N, in_channels, H, W), of the weights' dtype (TypeError), not empty, with
            sides that are multiples of 16 (ValueError).
        in_channels: the channels that the network was built for.
        dtype: the type of its weights.

    Built in chapter 08.
    """
    if not isinstance(batch, Tensor):
        raise TypeError(
            f"the U-Net takes a tensor; this is a {type(batch).__name__}. torch.from_numpy(array) "
            "makes one of a NumPy array."
        )
    shape = tuple(batch.shape)
    if len(shape) != 4:
        raise ValueError(
            f"the U-Net takes a batch of shape (N, C, H, W), four numbers; this one is {shape}. "
            "One image: image[None], or image[None, None] if it has no channels yet."
        )
    number, channels, height, width = shape
    if channels != in_channels:
        check_channels_first("the batch", shape)
        raise ValueError(
            f"this U-Net was built for in_channels={in_channels}; the batch {shape} has "
            f"{channels}. Convert the images, or build UNet(in_channels={channels})."
        )
    if not batch.is_floating_point():
        raise TypeError(
            f"the U-Net computes with floating-point numbers; this batch holds {batch.dtype}. "
            "Scale it to 0..1, for example batch.float() / 255 for 8-bit images."
        )
    if batch.dtype != dtype and not torch.is_autocast_enabled(batch.device.type):
        raise TypeError(
            f"this U-Net's weights are {dtype}; the batch is {batch.dtype}. Convert one of them, "
            f"for example batch.to({dtype})."
        )
    if 0 in (number, height, width):
        raise ValueError(f"there is nothing to compute: the batch {shape} is empty.")
    check_divisible(height, width)


def load_trained_unet() -> UNet:
    """Load the trained network that ships with the tutorial, in eval mode.

    It was trained on the training strip of the nuclei image by `make checkpoint`, and expects
    images normalised as `normalise(image, reference=training_strip)` does.

    Returns:
        UNet(in_channels=1, num_classes=1, base_channels=8) on the CPU.

    Chapter 10 trains one like it; chapters 00, 11 and 12 use it.
    """
    stored = torch.load(TRAINED_UNET, map_location="cpu", weights_only=True)
    model = UNet(stored["in_channels"], stored["num_classes"], stored["base_channels"])
    model.load_state_dict(stored["model"])
    model.scaling, model.classes = Scaling(*stored["scaling"]), stored["classes"]
    return model.eval()
