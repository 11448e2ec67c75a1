"""The nuclei image and its split, random crops, and a reader of your own images."""

from unet_tutorial.data.crops import RandomCrops
from unet_tutorial.data.image_folder import ImageMaskFolder
from unet_tutorial.data.nuclei import Strips, load_nuclei, normalise, split_strips

__all__ = [
    "ImageMaskFolder",
    "RandomCrops",
    "Strips",
    "load_nuclei",
    "normalise",
    "split_strips",
]
