"""Explorer of sizes: a convolution of an image, and the transposed convolution of the result."""

from __future__ import annotations

from unet_tutorial.teaching.explorers.controls import Slider, make_number_field
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.sizes.kernel_positions import RoundTrip, compute_round_trip
from unet_tutorial.teaching.explorers.sizes.picture import draw_round_trip
from unet_tutorial.teaching.explorers.sizes.pixel_positions import last_pixel, locate_pixel
from unet_tutorial.teaching.explorers.sizes.words import SizeDescription

_LAYER = ("size", "kernel_size", "stride", "padding", "dilation")


def sizes(
    size: int = 6,
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    step: int = 0,
) -> Explorer:
    """Return an explorer of the sizes of a convolution and its transposed one, pixel by pixel.

    Args:
        size: the input's side, 1 to 10.
        kernel_size: 1 to 5.
        stride: 1 to 4.
        padding: 0 to 3.
        dilation: 1 to 3.
        output_padding: of the transposed convolution, 0 to 3.
        step: the output pixel to highlight, in reading order from 0.

    Returns:
        An Explorer; its controls have the names of these arguments.

    Raises:
        ValueError: a value is out of its range.

    Example:
        `sizes(size=8, stride=2)` says that the last row and the last column are lost: three
        windows of 3 at stride 2 end after 7 pixels.

    Used in chapters 02, 04 and 05.
    """
    controls = {
        "size": make_number_field("input size", 1, 10, 6),
        "kernel_size": make_number_field("kernel", 1, 5, 3),
        "stride": make_number_field("stride", 1, 4, 1),
        "padding": make_number_field("padding", 0, 3, 0),
        "dilation": make_number_field("dilation", 1, 3, 1),
        "output_padding": make_number_field("output_padding", 0, 3, 0),
        "step": Slider("output pixel", 0, 15, 0),
    }
    layer = [controls[name] for name in _LAYER]

    def update_last_step(_change: object = None) -> None:
        out = compute_round_trip(*(control.value for control in layer)).out
        controls["step"].max = last_pixel(out or 0)

    for control in layer:
        control.observe(update_last_step, "value")
    settings = {"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding}
    settings |= {"dilation": dilation, "output_padding": output_padding, "step": step}
    return Explorer("sizes", controls, _draw).set(**settings)


def _draw(step: int, output_padding: int, **given: int) -> View:
    size, *layer = (given[name] for name in _LAYER)
    trip = compute_round_trip(size, *layer, output_padding)
    pixel = locate_pixel(step, trip.out or 0)
    description = SizeDescription(size, *layer, output_padding)
    notes = description.label_convolution(trip), description.label_transposed(trip)
    figure = draw_round_trip(size, *layer, output_padding, pixel=pixel, notes=notes)
    lines = description.describe_convolution(trip, step, pixel)
    lines += description.describe_transposed(trip, pixel)
    return View(figure, _describe_picture(size, trip, pixel), "\n".join(lines))


def _describe_picture(size: int, trip: RoundTrip, pixel: tuple[int, int]) -> str:
    if trip.out is None:
        return f"An input of {size} by {size}, and a kernel that hangs over its edge: no output."
    back = f"{trip.back} by {trip.back} that come back" if trip.back else "nothing that comes back"
    return (
        f"Three grids at one scale: an input of {size} by {size}, its output of {trip.out} by "
        f"{trip.out}, and {back}. Output pixel {pixel} is lit, and so are the places that it sees "
        "in the input and stamps in what comes back."
    )
