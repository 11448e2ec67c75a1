"""The nuclei image and its split, random crops, and a reader of your own images."""

from unet_tutorial.data.crops import RandomCrops
from unet_tutorial.data.image_folder import ImageMaskFolder
from unet_tutorial.data.nuclei import Strips, load_nuclei, split_strips
from unet_tutorial.scaling import Scaling, measure_scaling, normalise

__all__ = [
    "ImageMaskFolder",
    "RandomCrops",
    "Scaling",
    "Strips",
    "load_nuclei",
    "measure_scaling",
    "normalise",
    "split_strips",
]
