"""Interactive explorers, one for each central idea: controls with a picture and its numbers."""

from unet_tutorial.teaching.explorers.receptive_field.explorer import receptive_field
from unet_tutorial.teaching.explorers.sizes.explorer import sizes
from unet_tutorial.teaching.explorers.skips.explorer import skips
from unet_tutorial.teaching.explorers.the_u.explorer import the_u
from unet_tutorial.teaching.explorers.threshold.explorer import threshold
from unet_tutorial.teaching.explorers.training.explorer import training

__all__ = [
    "receptive_field",
    "sizes",
    "skips",
    "the_u",
    "threshold",
    "training",
]
