"""Things to play with, one for each central idea: widgets over what the package computes."""

from unet_tutorial.explorers.field import receptive_field
from unet_tutorial.explorers.live import training
from unet_tutorial.explorers.network import the_u
from unet_tutorial.explorers.sizes import sizes
from unet_tutorial.explorers.skips import skips
from unet_tutorial.explorers.threshold import threshold

__all__ = [
    "receptive_field",
    "sizes",
    "skips",
    "the_u",
    "threshold",
    "training",
]
