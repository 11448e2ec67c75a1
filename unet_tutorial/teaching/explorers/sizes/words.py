"""Sentences of the size explorer: what a convolution and its transposed one do at one setting."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    RoundTrip,
    count_lost_at_edge,
    find_input_sizes,
    locate_kernel,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import (
    count_outside,
    find_places_between_taps,
    find_unreached_places,
    last_pixel,
)


class SizeDescription(NamedTuple):
    """Description of one setting: the convolution, then the transposed convolution.

    Args:
        size, kernel_size, stride, padding, dilation, output_padding: as for `compute_round_trip`.
            The methods take the RoundTrip that it returns for these.

    Example:
        `SizeDescription(8, 3, 2, 0, 1, 0).describe_lost_pixels(trip)` says that 1 row at the bottom
        and 1 column at the right are lost: three windows of 3 at stride 2 end after 7 pixels.
    """

    size: int
    kernel_size: int
    stride: int
    padding: int
    dilation: int
    output_padding: int

    def label_convolution(self, trip: RoundTrip) -> list[str]:
        if trip.out is None:
            return ["refused: " + trip.refusal.partition(":")[0]]
        lost, between = count_lost_at_edge(*self[:5]), find_places_between_taps(*self[:5])
        if lost and between:
            note = f"loses {_format_both_counts(lost)} at the edge, others between taps"
        elif lost:
            note = f"loses {_format_edge_loss(lost)}"
        else:
            note = (
                "loses the rows and columns between taps"
                if between
                else "every pixel of the input is seen"
            )
        return [f"{self._format_convolution()} = {trip.out}", note]

    def describe_convolution(self, trip: RoundTrip, step: int, pixel: tuple[int, int]) -> list[str]:
        if trip.out is None:
            return [f"The convolution is refused: {trip.refusal}"]
        inputs = find_input_sizes(trip.out, *self[1:5])
        become = "alone becomes" if len(inputs) == 1 else "become"
        others = f"Of all sizes, {_format_list(inputs)} {become} {trip.out}."
        size = f"{self.size} × {self.size} pixels become {trip.out} × {trip.out}"
        formula = f"Convolution: {self._format_convolution()} = {trip.out}, so {size}. {others}"
        return [formula, self._describe_window(trip, step, pixel), self.describe_lost_pixels(trip)]

    def _format_convolution(self) -> str:
        size, k, s, p, d, _ = self
        return f"floor(({size} + 2·{p} − {d}·({k} − 1) − 1) / {s}) + 1"

    def _describe_window(self, trip: RoundTrip, step: int, pixel: tuple[int, int]) -> str:
        last = last_pixel(trip.out)
        beyond = f" (there is no pixel {step}: the last is shown)" if step > last else ""
        rows, columns = (locate_kernel(place, *self[1:5]) for place in pixel)
        text = (
            f"Output pixel {min(step, last)} of 0 to {last}{beyond}, at row {pixel[0]}, column "
            f"{pixel[1]}, sees {_format_window(rows, columns)} of the input"
        )
        outside = _describe_outside(rows, columns, self.size)
        return f"{text}; {outside} padding." if outside else f"{text}."

    def describe_lost_pixels(self, trip: RoundTrip) -> str:
        sentences = []
        lost, between = count_lost_at_edge(*self[:5]), find_places_between_taps(*self[:5])
        if lost:
            sentences.append(
                f"The convolution loses {_format_edge_loss(lost)}: no window reaches them, so no "
                "output pixel depends on them."
            )
        if between:
            sentences.append(
                f"No tap falls on {_format_both_indices(between)}: they lie between the taps."
            )
        if not sentences:
            sentences.append("Every pixel of the input is seen.")
        if trip.restoring and not lost:
            sentences.append("Beyond the last window there is padding alone.")
        return " ".join(sentences)

    def label_transposed(self, trip: RoundTrip) -> list[str]:
        if trip.out is None:
            return []
        if trip.back is None:
            return wrap("refused: " + trip.refusal.partition(":")[0], 56)
        return [f"{self._format_transposed(trip)} = {trip.back}", self._compare_sizes(trip)]

    def describe_transposed(self, trip: RoundTrip, pixel: tuple[int, int]) -> list[str]:
        if trip.out is None:
            return ["So the transposed convolution has nothing to go back from."]
        if trip.back is None:
            would = (
                f"With output_padding {trip.restoring}, {self.size} × {self.size} would come back."
            )
            return [f"The transposed convolution is refused: {trip.refusal} {would}"]
        size = f"{trip.out} × {trip.out} pixels become {trip.back} × {trip.back}"
        formula = f"{self._format_transposed(trip)} = {trip.back}, so {size}"
        text = f"Transposed convolution: {formula}; {self._compare_sizes(trip)}."
        return [text, self._describe_stamp(trip, pixel)]

    def _format_transposed(self, trip: RoundTrip) -> str:
        _, k, s, p, d, q = self
        return f"({trip.out} − 1)·{s} + {d}·({k} − 1) + 1 + {q} − 2·{p}"

    def _compare_sizes(self, trip: RoundTrip) -> str:
        if trip.back == self.size:
            return "the size comes back"
        went_in = f"{self.size} × {self.size} went in"
        return f"{went_in}, which output_padding {trip.restoring} would bring back"

    def _describe_stamp(self, trip: RoundTrip, pixel: tuple[int, int]) -> str:
        rows, columns = (locate_kernel(place, *self[1:5]) for place in pixel)
        text = f"The same pixel stamps {_format_window(rows, columns)}"
        if outside := _describe_outside(rows, columns, trip.back):
            text += f"; {outside} cropped"
        blank = find_unreached_places(range(trip.back), trip.out, *self[1:5])
        if not blank:
            return f"{text}. Every pixel that comes back is stamped."
        return f"{text}. No stamp reaches {_format_both_indices(blank)} of what comes back."


def _describe_outside(rows: range, columns: range, side: int) -> str:
    """Start a clause with how many places of a window are outside the image; "" if none are."""
    count, places = count_outside(rows, columns, side)
    if count == places:
        return "all of it is"
    return f"{count} of its {places} places {'is' if count == 1 else 'are'}" if count else ""


def _format_both_counts(count: int) -> str:
    return "1 row and 1 column" if count == 1 else f"{count} rows and {count} columns"


def _format_edge_loss(count: int) -> str:
    rows, _, columns = _format_both_counts(count).partition(" and ")
    return f"{rows} at the bottom and {columns} at the right"


def _format_window(rows: range, columns: range) -> str:
    s = "s" * (len(rows) > 1)
    return f"row{s} {_format_list(rows)} and column{s} {_format_list(columns)}"


def _format_both_indices(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"row {numbers[0]} and column {numbers[0]}"
    return f"rows and columns {_format_list(numbers)}"


def _format_list(numbers: Iterable[int]) -> str:
    """Format numbers as "−1, 0 and 1"."""
    *first, last = (str(number).replace("-", "−") for number in numbers)
    return f"{', '.join(first)} and {last}" if first else last
