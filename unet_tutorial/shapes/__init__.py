"""The size arithmetic of a U-Net, layer by layer and as a whole. Standard library only."""

from unet_tutorial.shapes.layers import (
    conv_output_size,
    conv_transpose_output_size,
    max_pool_output_size,
    receptive_field,
)
from unet_tutorial.shapes.unet import SIZE_MULTIPLE, Stage, check_unet_widths, unet_sizes

__all__ = [
    "SIZE_MULTIPLE",
    "Stage",
    "check_unet_widths",
    "conv_output_size",
    "conv_transpose_output_size",
    "max_pool_output_size",
    "receptive_field",
    "unet_sizes",
]
