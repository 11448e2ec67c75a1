"""Interactive explorers, one for each central idea: a picture to point at, or controls with one."""

from unet_tutorial.teaching.explorers.convolution.explorer import convolution
from unet_tutorial.teaching.explorers.pooling.explorer import pooling
from unet_tutorial.teaching.explorers.receptive_field.explorer import receptive_field
from unet_tutorial.teaching.explorers.the_u.explorer import the_u
from unet_tutorial.teaching.explorers.the_u.patch import load_patch
from unet_tutorial.teaching.explorers.threshold.explorer import threshold
from unet_tutorial.teaching.explorers.training.explorer import training
from unet_tutorial.teaching.explorers.transposed_convolution.explorer import transposed_convolution

__all__ = [
    "convolution",
    "load_patch",
    "pooling",
    "receptive_field",
    "the_u",
    "threshold",
    "training",
    "transposed_convolution",
]
