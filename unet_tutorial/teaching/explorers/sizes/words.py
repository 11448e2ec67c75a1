"""Sizes in words: what one setting of a convolution and its transposed one does, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    RoundTrip,
    folded_sizes,
    lost_at_edge,
    window_places,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import (
    count_outside,
    last_pixel,
    places_between_taps,
    unreached_places,
)


class Words(NamedTuple):
    """What one setting does, in words: there by the convolution, back by the transposed one.

    Args:
        size, kernel_size, stride, padding, dilation, output_padding: as for `there_and_back`,
            whose RoundTrip of these its methods take.

    Example:
        `Words(8, 3, 2, 0, 1, 0).loses(there_and_back(8, 3, stride=2))` says that 1 row at the
        bottom and 1 column at the right are lost: three windows of 3, two apart, end after 7.

    Source: none. Chapters 02, 04 and 05 show it.
    """

    size: int
    kernel_size: int
    stride: int
    padding: int
    dilation: int
    output_padding: int

    def notes_there(self, trip: RoundTrip) -> list[str]:
        if trip.out is None:
            return ["refused: " + trip.refusal.partition(":")[0]]
        lost, between = lost_at_edge(*self[:5]), places_between_taps(*self[:5])
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
        last = last_pixel(trip.out)
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
        lost, between = lost_at_edge(*self[:5]), places_between_taps(*self[:5])
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
        blank = unreached_places(range(trip.back), trip.out, *self[1:5])
        if not blank:
            return f"{text}. Every pixel that comes back is stamped."
        return f"{text}. No stamp reaches {_both(blank)} of what comes back."


def _outside(rows: range, columns: range, side: int) -> str:
    """How many of a window's places lie beyond an image, as the beginning of a clause, or ""."""
    many, places = count_outside(rows, columns, side)
    if many == places:
        return "all of it is"
    return f"{many} of its {places} places {'is' if many == 1 else 'are'}" if many else ""


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
