"""Arrays and size tables as matplotlib Figures, in one style. Nothing here shows a window."""

from unet_tutorial.drawing.charts import bars, curves
from unet_tutorial.drawing.described import described
from unet_tutorial.drawing.diagram import u_diagram
from unet_tutorial.drawing.grids import grid, grids
from unet_tutorial.drawing.images import colour_labels, error_map, overlay, panels
from unet_tutorial.drawing.style import PALETTE

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
