"""The four blocks a U-Net is made of. They check nothing: `UNet.forward` checks its input."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DoubleConv(nn.Module):
    """Two 3x3 convolutions, each with BatchNorm and ReLU; height and width stay.

    Args:
        in_channels: number of channels of the input, at least 1.
        out_channels: number of channels of the output, at least 1.

    Shapes:
        (N, in_channels, H, W) to (N, out_channels, H, W), floating point.

    Example:
        From 1 to 64 channels: 9 * 1 * 64 + 9 * 64 * 64 weights and 2 * 64 for each BatchNorm,
        576 + 36,864 + 256 = 37,696 parameters.

    Source: Ronneberger et al. 2015, section 2, with padding 1 in place of none and BatchNorm
    (Ioffe and Szegedy 2015) after each convolution. Built in chapter 03.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.double_conv(x)


class Down(nn.Module):
    """Halve height and width by max pooling, then a DoubleConv: one level down.

    Args:
        in_channels: number of channels of the input, at least 1.
        out_channels: number of channels of the output, at least 1.

    Shapes:
        (N, in_channels, H, W) to (N, out_channels, H // 2, W // 2), floating point.

    Example:
        Down(64, 128) takes (1, 64, 480, 480) to (1, 128, 240, 240).

    Source: Ronneberger et al. 2015, section 2, the contracting path. Built in chapter 04.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.downsampling = nn.Sequential(
            nn.MaxPool2d(kernel_size=2, stride=2),
            DoubleConv(in_channels, out_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.downsampling(x)


class Up(nn.Module):
    """Double height and width, join with the skip connection, then a DoubleConv: one level up.

    Args:
        in_channels: number of channels of the input, which comes from below: an even number. Half
            of them remain after upsampling, and the skip connection brings the other half.
        out_channels: number of channels of the output, at least 1.

    Shapes:
        x (N, in_channels, H, W) and skip (N, in_channels // 2, 2 * H, 2 * W) to
        (N, out_channels, 2 * H, 2 * W), floating point.

    Example:
        Up(128, 64) takes (1, 128, 240, 240) and the skip (1, 64, 480, 480) to (1, 64, 480, 480).

    Source: Ronneberger et al. 2015, section 2, the expanding path. Built in chapter 06.
    """

    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.upsampling = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
        self.conv = DoubleConv(in_channels, out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        upsampled = self.upsampling(x)  # (N, in_channels // 2, 2 * H, 2 * W)
        joined = torch.cat([skip, upsampled], dim=1)  # (N, in_channels, 2 * H, 2 * W)
        return self.conv(joined)


class OutConv(nn.Module):
    """A 1x1 convolution: the same linear layer at every pixel, from features to logits.

    Args:
        in_channels: number of channels of the input, at least 1.
        num_classes: number of channels of the output, at least 1.

    Shapes:
        (N, in_channels, H, W) to (N, num_classes, H, W), floating point.

    Example:
        From 64 channels to one class: 64 weights and 1 bias, 65 parameters.

    Source: Ronneberger et al. 2015, section 2, the final layer. Built in chapter 07.
    """

    def __init__(self, in_channels: int, num_classes: int):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, num_classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)
