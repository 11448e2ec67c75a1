"""Learn the U-Net by building it: the finished pieces that the chapters lead to."""

from unet_tutorial.blocks import DoubleConv, Down, OutConv, Up
from unet_tutorial.data import load_nuclei
from unet_tutorial.metrics import dice
from unet_tutorial.prediction import predict
from unet_tutorial.training import fit
from unet_tutorial.unet import UNet, load_trained_unet

__all__ = [
    "DoubleConv",
    "Down",
    "OutConv",
    "UNet",
    "Up",
    "dice",
    "fit",
    "load_nuclei",
    "load_trained_unet",
    "predict",
]
