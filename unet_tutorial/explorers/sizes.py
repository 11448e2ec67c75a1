"""Sizes: what a convolution makes of an image, and what its transposed one brings back."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from unet_tutorial.drawing.sizes import round_trip
from unet_tutorial.explorers.controls import slider, whole
from unet_tutorial.explorers.explorer import Explorer, View
from unet_tutorial.shapes.windows import (
    RoundTrip,
    folded_sizes,
    lost_at_edge,
    reached_places,
    there_and_back,
    window_places,
)

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
        controls["step"].max = _last(out)

    for control in layer:
        control.observe(follow, "value")
    settings = {"size": size, "kernel_size": kernel_size, "stride": stride, "padding": padding}
    settings |= {"dilation": dilation, "output_padding": output_padding, "step": step}
    return Explorer("sizes", controls, _draw).set(**settings)


def _last(out: int | None) -> int:
    """The number of the last output pixel, in reading order from 0."""
    return out * out - 1 if out else 0


def _draw(step: int, output_padding: int, **given: int) -> View:
    size, *layer = (given[name] for name in LAYER)
    trip = there_and_back(size, *layer, output_padding)
    pixel = divmod(min(step, _last(trip.out)), trip.out or 1)
    said = _Words(size, *layer, output_padding)
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


class _Words(NamedTuple):
    """What one setting does, in words: there by the convolution, back by the transposed one."""

    size: int
    kernel_size: int
    stride: int
    padding: int
    dilation: int
    output_padding: int

    def notes_there(self, trip: RoundTrip) -> list[str]:
        if trip.out is None:
            return ["refused: " + trip.refusal.partition(":")[0]]
        lost, between = lost_at_edge(*self[:5]), self.between(trip)
        if lost and between:
            note = f"loses {_rows_and_columns(lost)} at the edge, others between taps"
        elif lost:
            note = f"loses {_at_the_edge(lost)}"
        else:
            note = (
                "loses the rows and columns between taps"
                if between
                else "every pixel of the input is seen"
            )
        return [f"{self.formula_there()} = {trip.out}", note]

    def words_there(self, trip: RoundTrip, step: int, pixel: tuple[int, int]) -> list[str]:
        if trip.out is None:
            return [f"The convolution is refused: {trip.refusal}"]
        folded = folded_sizes(trip.out, *self[1:5])
        alone = " alone becomes" if len(folded) == 1 else " become"
        others = f"Of all sizes, {_listed(folded)}{alone} {trip.out}."
        size = f"{self.size} × {self.size} pixels become {trip.out} × {trip.out}"
        formula = f"Convolution: {self.formula_there()} = {trip.out}, so {size}. {others}"
        return [formula, self.sees(trip, step, pixel), self.loses(trip)]

    def formula_there(self) -> str:
        size, k, s, p, d, _ = self
        return f"floor(({size} + 2·{p} − {d}·({k} − 1) − 1) / {s}) + 1"

    def sees(self, trip: RoundTrip, step: int, pixel: tuple[int, int]) -> str:
        last = _last(trip.out)
        beyond = f" (there is no pixel {step}: the last is shown)" if step > last else ""
        rows, columns = (window_places(place, *self[1:5]) for place in pixel)
        text = (
            f"Output pixel {min(step, last)} of 0 to {last}{beyond}, at row {pixel[0]}, column "
            f"{pixel[1]}, sees {_named('row', rows)} and {_named('column', columns)} of the input"
        )
        outside = _outside(rows, columns, self.size)
        return f"{text}; {outside} padding." if outside else f"{text}."

    def loses(self, trip: RoundTrip) -> str:
        said = []
        lost, between = lost_at_edge(*self[:5]), self.between(trip)
        if lost:
            said.append(
                f"The convolution loses {_at_the_edge(lost)}: no window reaches them, so no "
                "output pixel depends on them."
            )
        if between:
            said.append(f"No tap falls on {_both(between)}: they lie between the taps.")
        if not said:
            said.append("Every pixel of the input is seen.")
        if trip.restoring and not lost:
            said.append("Beyond the last window there is padding alone.")
        return " ".join(said)

    def between(self, trip: RoundTrip) -> list[int]:
        """The places of the input that no tap falls on, but for those beyond the last window."""
        reached = reached_places(trip.out, *self[1:5])
        return [n for n in range(self.size - lost_at_edge(*self[:5])) if n not in reached]

    def notes_back(self, trip: RoundTrip) -> list[str]:
        if trip.out is None:
            return []
        if trip.back is None:
            return wrap("refused: " + trip.refusal.partition(":")[0], 56)
        return [f"{self.formula_back(trip)} = {trip.back}", self.compares(trip)]

    def words_back(self, trip: RoundTrip, pixel: tuple[int, int]) -> list[str]:
        if trip.out is None:
            return ["So the transposed convolution has nothing to go back from."]
        if trip.back is None:
            would = (
                f"With output_padding {trip.restoring}, {self.size} × {self.size} would come back."
            )
            return [f"The transposed convolution is refused: {trip.refusal} {would}"]
        size = f"{trip.out} × {trip.out} pixels become {trip.back} × {trip.back}"
        formula = f"{self.formula_back(trip)} = {trip.back}, so {size}; {self.compares(trip)}."
        return [f"Transposed convolution: {formula}", self.stamps(trip, pixel)]

    def formula_back(self, trip: RoundTrip) -> str:
        _, k, s, p, d, q = self
        return f"({trip.out} − 1)·{s} + {d}·({k} − 1) + 1 + {q} − 2·{p}"

    def compares(self, trip: RoundTrip) -> str:
        if trip.back == self.size:
            return "the size comes back"
        went_in = f"{self.size} × {self.size} went in"
        return f"{went_in}, which output_padding {trip.restoring} would bring back"

    def stamps(self, trip: RoundTrip, pixel: tuple[int, int]) -> str:
        rows, columns = (window_places(place, *self[1:5]) for place in pixel)
        text = f"The same pixel stamps {_named('row', rows)} and {_named('column', columns)}"
        if outside := _outside(rows, columns, trip.back):
            text += f"; {outside} cropped"
        reached = reached_places(trip.out, *self[1:5])
        blank = [place for place in range(trip.back) if place not in reached]
        if not blank:
            return f"{text}. Every pixel that comes back is stamped."
        return f"{text}. No stamp reaches {_both(blank)} of what comes back."


def _outside(rows: Iterable[int], columns: Iterable[int], side: int) -> str:
    """How many of a window's places lie beyond an image, as the beginning of a clause, or ""."""
    places = [row in range(side) and column in range(side) for row in rows for column in columns]
    many = places.count(False)
    if many == len(places):
        return "all of it is"
    return f"{many} of its {len(places)} places {'is' if many == 1 else 'are'}" if many else ""


def _rows_and_columns(many: int) -> str:
    return "1 row and 1 column" if many == 1 else f"{many} rows and {many} columns"


def _at_the_edge(many: int) -> str:
    rows, _, columns = _rows_and_columns(many).partition(" and ")
    return f"{rows} at the bottom and {columns} at the right"


def _named(kind: str, numbers: Iterable[int]) -> str:
    numbers = list(numbers)
    return f"{kind}{'s' * (len(numbers) > 1)} {_listed(numbers)}"


def _both(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"row {numbers[0]} and column {numbers[0]}"
    return f"rows and columns {_listed(numbers)}"


def _listed(numbers: Iterable[int]) -> str:
    """Write numbers as "−1, 0 and 1"."""
    *first, last = (str(number).replace("-", "−") for number in numbers)
    return f"{', '.join(first)} and {last}" if first else last
