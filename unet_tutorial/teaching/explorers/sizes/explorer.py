"""Sizes: what a convolution makes of an image, and what its transposed one brings back."""

from __future__ import annotations

from unet_tutorial.teaching.explorers.controls import slider, whole
from unet_tutorial.teaching.explorers.explorer import Explorer, View
from unet_tutorial.teaching.explorers.sizes.kernel_positions import RoundTrip, there_and_back
from unet_tutorial.teaching.explorers.sizes.picture import round_trip
from unet_tutorial.teaching.explorers.sizes.pixel_positions import last_pixel, pixel_at
from unet_tutorial.teaching.explorers.sizes.words import Words

LAYER = ("size", "kernel_size", "stride", "padding", "dilation")


def sizes(
    size: int = 6,
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    step: int = 0,
) -> Explorer:
    """Explore the sizes of a convolution and of its transposed one, pixel by pixel.

    Args:
        size: the input's side, 1 to 10.
        kernel_size: 1 to 5.
        stride: 1 to 4.
        padding: 0 to 3.
        dilation: 1 to 3.
        output_padding: of the transposed convolution, 0 to 3.
        step: which output pixel is lit, in reading order, from 0 to the last that there is.

    Returns:
        An Explorer; its controls have the names of these arguments.

    Raises:
        ValueError: a value beyond those.

    Example:
        `sizes(size=8, stride=2)` says that the last row and the last column are lost: three
        windows of 3, two apart, end after 7 pixels.

    Source: none. Chapters 02, 04 and 05 show it.
    """
    controls = {
        "size": whole("input size", 1, 10, 6),
        "kernel_size": whole("kernel", 1, 5, 3),
        "stride": whole("stride", 1, 4, 1),
        "padding": whole("padding", 0, 3, 0),
        "dilation": whole("dilation", 1, 3, 1),
        "output_padding": whole("output_padding", 0, 3, 0),
        "step": slider("output pixel", 0, 15, 0),
    }
    layer = [controls[name] for name in LAYER]

    def follow(_change: object = None) -> None:
        out = there_and_back(*(control.value for control in layer)).out
        controls["step"].max = last_pixel(out or 0)

    for control in layer:
        control.observe(follow, "value")
    settings = {"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding}
    settings |= {"dilation": dilation, "output_padding": output_padding, "step": step}
    return Explorer("sizes", controls, _draw).set(**settings)


def _draw(step: int, output_padding: int, **given: int) -> View:
    size, *layer = (given[name] for name in LAYER)
    trip = there_and_back(size, *layer, output_padding)
    pixel = pixel_at(step, trip.out or 0)
    said = Words(size, *layer, output_padding)
    notes = said.notes_there(trip), said.notes_back(trip)
    figure = round_trip(size, *layer, output_padding, pixel=pixel, notes=notes)
    text = [*said.words_there(trip, step, pixel), *said.words_back(trip, pixel)]
    return View(figure, _alt(size, trip, pixel), "\n".join(text))


def _alt(size: int, trip: RoundTrip, pixel: tuple[int, int]) -> str:
    if trip.out is None:
        return f"An input of {size} by {size}, and a kernel that hangs over its edge: no output."
    back = f"{trip.back} by {trip.back} that come back" if trip.back else "nothing that comes back"
    return (
        f"Three grids at one scale: an input of {size} by {size}, its output of {trip.out} by "
        f"{trip.out}, and {back}. Output pixel {pixel} is lit, and so are the places that it sees "
        "in the input and stamps in what comes back."
    )
