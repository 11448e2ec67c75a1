"""Learn the U-Net by building it: the finished pieces that the chapters lead to."""

from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
from unet_tutorial.unet import UNet, load_trained_unet

__all__ = ["DoubleConv", "Down", "OutConv", "UNet", "Up", "load_trained_unet"]
