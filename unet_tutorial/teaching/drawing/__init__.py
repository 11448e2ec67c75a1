"""Draw arrays and size tables as matplotlib Figures in one style, without opening windows."""

from unet_tutorial.teaching.drawing.alt_text import described
from unet_tutorial.teaching.drawing.charts import bars, curves
from unet_tutorial.teaching.drawing.grids import grid, grids
from unet_tutorial.teaching.drawing.images import colour_labels, error_map, overlay, panels
from unet_tutorial.teaching.drawing.style import PALETTE
from unet_tutorial.teaching.drawing.u_diagram import u_diagram

__all__ = [
    "PALETTE",
    "bars",
    "colour_labels",
    "curves",
    "described",
    "error_map",
    "grid",
    "grids",
    "overlay",
    "panels",
    "u_diagram",
]
