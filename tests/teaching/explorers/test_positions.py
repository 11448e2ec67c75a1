"""What windows see and stamps reach: against torch's own layers, for every small setting."""

import doctest
import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from unet_tutorial.teaching.explorers.sizes import kernel_positions, pixel_positions
from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    folded_sizes,
    lost_at_edge,
    reach,
    reached_places,
    there_and_back,
    window_places,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import (
    count_outside,
    last_pixel,
    pixel_at,
    places_between_taps,
    unreached_places,
)

SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS = (
    range(1, 11),
    range(1, 6),
    range(1, 5),
    range(4),
    range(1, 4),
)
LAYERS = list(itertools.product(KERNELS, STRIDES, PADDINGS, DILATIONS))


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def seen_in_torch(size, kernel_size, stride, padding, dilation):
    """Which input places (rows) each output place (columns) sees; None where torch refuses."""
    units = torch.eye(size)[:, None]  # (size, 1, size): one image a place
    try:
        out = F.conv1d(units, torch.ones(1, 1, kernel_size), None, stride, padding, dilation)
    except RuntimeError:
        return None
    return out[:, 0].numpy() > 0


def stamped_in_torch(out, kernel_size, stride, padding, dilation, output_padding):
    """Which places (columns) each input place (rows) stamps; None where torch gives nothing."""
    units, ones = torch.eye(out)[:, None], torch.ones(1, 1, kernel_size)
    settings = {"padding": padding, "output_padding": output_padding, "dilation": dilation}
    try:
        sheet = F.conv_transpose1d(units, ones, None, stride, **settings)
    except RuntimeError:
        return None
    return sheet[:, 0].numpy() > 0 if sheet.shape[-1] else None


def starts_by_counting(size, kernel_size, stride, padding, dilation):
    """Where the windows begin, and how far they span, by trying every place."""
    span = len(range(0, (kernel_size - 1) * dilation + 1))
    starts, start = [], -padding
    while start + span <= size + padding:
        starts.append(start)
        start += stride
    return starts, span


def marked(places, size):
    """A row of booleans: which of `size` places are among these."""
    return [place in places for place in range(size)]


def test_what_an_output_sees_is_what_torch_sees():
    tried = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        seen = seen_in_torch(size, *layer)
        trip = there_and_back(size, *layer)
        assert (trip.out is None) == (seen is None)
        if seen is None:
            continue
        tried += 1
        ours = [marked(window_places(place, *layer), size) for place in range(trip.out)]
        assert np.array_equal(np.transpose(ours), seen)
        reached = marked(reached_places(trip.out, *layer), size)
        assert np.array_equal(reached, seen.any(axis=1))
    assert tried > 1500


@pytest.mark.parametrize("output_padding", range(4))
def test_what_comes_back_is_what_torch_stamps(output_padding):
    made = refused = 0
    settings = {
        (there_and_back(size, *layer).out, layer)
        for size, layer in itertools.product(SIZES, LAYERS)
    }
    sizes = {
        (trip, layer): stamped_in_torch(trip, *layer, output_padding)
        for trip, layer in settings
        if trip
    }
    for size, layer in itertools.product(SIZES, LAYERS):
        trip = there_and_back(size, *layer, output_padding)
        if trip.out is None:
            assert trip == (None, 0, None, None, trip.refusal)
            assert "nothing to give out" in trip.refusal
            continue
        stamped = sizes[trip.out, layer]
        if stamped is None:
            refused += 1
            assert trip.back is None
            assert trip.refusal
            continue
        made += 1
        assert trip.back == stamped.shape[1]
        assert trip.refusal == ""
        ours = [marked(window_places(place, *layer), trip.back) for place in range(trip.out)]
        assert np.array_equal(ours, stamped)
        assert trip.sheet == trip.back + 2 * layer[2]
    assert made > 400
    assert refused > 10


def test_torch_refuses_the_same_in_two_dimensions():
    """The sweeps above use one dimension; a sample of them in two."""
    layers = list(itertools.product((1, 3), (1, 2, 3), (0, 1, 2), (1, 2), range(4)))
    for out, (k, s, p, d, q) in itertools.product((1, 2, 5), layers):
        theirs = None
        try:
            images, ones = torch.zeros(1, 1, out, out), torch.zeros(1, 1, k, k)
            theirs = F.conv_transpose2d(images, ones, None, s, p, q, 1, d).shape[-1] or None
        except RuntimeError:
            pass
        one = stamped_in_torch(out, k, s, p, d, q)
        assert theirs == (None if one is None else one.shape[1])


def test_the_restoring_output_padding_restores():
    for size, layer in itertools.product(SIZES, LAYERS):
        trip = there_and_back(size, *layer)
        if trip.out is None:
            continue
        assert there_and_back(size, *layer, trip.restoring).back == size
        others = [there_and_back(size, *layer, q).back for q in range(4) if q != trip.restoring]
        assert size not in others


def test_the_edge_loses_what_lies_beyond_the_last_window():
    most = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        starts, span = starts_by_counting(size, *layer)
        if not starts:
            with pytest.raises(ValueError, match="nothing to give out"):
                lost_at_edge(size, *layer)
            continue
        lost = sum(place >= starts[-1] + span for place in range(size))
        assert lost_at_edge(size, *layer) == lost
        unseen = ~seen_in_torch(size, *layer).any(axis=1)
        assert unseen[size - lost :].all()
        most = max(most, lost)
    assert most == 3  # the stride less one
    assert lost_at_edge(1, 1, stride=9, padding=3) == 1  # one window, in the padding alone


def test_the_sizes_that_fold_together_are_all_that_do():
    by_counting = {}
    for size, layer in itertools.product(range(1, 30), LAYERS):
        starts, _ = starts_by_counting(size, *layer)
        by_counting.setdefault((len(starts), layer), []).append(size)
    for out, layer in itertools.product(range(1, 5), LAYERS):
        assert list(folded_sizes(out, *layer)) == by_counting.get((out, layer), [])


def test_a_kernel_spans_its_taps_and_what_lies_between():
    assert [reach(kernel_size) for kernel_size in (1, 2, 5)] == [1, 2, 5]
    assert [reach(3, dilation) for dilation in (1, 2, 3)] == [3, 5, 7]  # x.x.x and x..x..x


def test_what_no_window_reaches_is_what_torch_ignores():
    """The padding too: torch convolves an image with that border of its own."""
    tried = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        kernel_size, stride, padding, dilation = layer
        seen = seen_in_torch(size + 2 * padding, kernel_size, stride, 0, dilation)
        if seen is None:
            continue
        places = range(-padding, size + padding)
        unseen = [place for place, row in zip(places, seen, strict=True) if not row.any()]
        assert unreached_places(places, seen.shape[1], *layer) == unseen
        inner = [place for place in unseen if 0 <= place < size]
        assert unreached_places(range(size), seen.shape[1], *layer) == inner
        lost = [*range(size)][size - lost_at_edge(size, *layer) :]
        assert places_between_taps(size, *layer) + lost == inner
        tried += bool(inner)
    assert tried > 300


@pytest.mark.parametrize("output_padding", range(4))
def test_what_no_stamp_reaches_is_what_torch_leaves_blank(output_padding):
    blanks = 0
    for out, layer in itertools.product(range(1, 7), LAYERS):
        stamped = stamped_in_torch(out, *layer, output_padding)
        if stamped is None:
            continue
        blank = [place for place, column in enumerate(stamped.T) if not column.any()]
        assert unreached_places(range(stamped.shape[1]), out, *layer) == blank
        blanks += bool(blank)
    assert blanks > 100


@pytest.mark.parametrize("side", range(1, 6))
def test_pixels_are_numbered_in_reading_order(side):
    numbers = np.arange(side**2).reshape(side, side)
    assert last_pixel(side) == numbers.max()
    for row, column in np.ndindex(side, side):
        assert pixel_at(int(numbers[row, column]), side) == (row, column)
    assert pixel_at(side**2, side) == pixel_at(10 * side**2, side) == (side - 1, side - 1)


def test_where_there_is_no_pixel():
    assert last_pixel(0) == 0
    assert pixel_at(0, 0) == pixel_at(7, 0) == (0, 0)


def test_the_places_outside_are_counted_as_a_loop_counts_them():
    ranges = [range(first, first + 2 * taps, 2) for first in range(-5, 5) for taps in (1, 2, 4)]
    for rows, columns, side in itertools.product(ranges, ranges, range(5)):
        outside = total = 0
        for row, column in itertools.product(rows, columns):
            total += 1
            outside += row < 0 or column < 0 or row >= side or column >= side
        assert count_outside(rows, columns, side) == (outside, total)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: window_places(-1, 3), "place must be at least 0, not -1"),
        (lambda: window_places(0, 3, padding=-1), "padding must be at least 0"),
        (lambda: reached_places(2.0, 3), "count must be a whole number"),
        (lambda: reach(0), "kernel_size must be at least 1"),
        (lambda: reach(3, 0), "dilation must be at least 1"),
        (lambda: lost_at_edge(2, 3), "spans 3 pixels"),
        (lambda: folded_sizes(0, 3), "out must be at least 1"),
        (lambda: folded_sizes(1, 3, stride=0), "stride must be at least 1"),
        (lambda: last_pixel(-1), "side must be at least 0"),
        (lambda: pixel_at(-1, 3), "number must be at least 0"),
        (lambda: pixel_at(1, 2.5), "side must be a whole number"),
        (lambda: count_outside(range(3), range(3), -1), "side must be at least 0"),
        (lambda: unreached_places(range(3), -1, 3), "count must be at least 0"),
        (lambda: places_between_taps(2, 3), "spans 3 pixels"),
        (lambda: there_and_back(0, 3), "size must be at least 1"),
        (lambda: there_and_back(2, 3, output_padding=-1), "output_padding must be at least 0"),
        (lambda: there_and_back(2, True), "kernel_size must be a whole number"),
    ],
)
def test_errors_say_which_argument_and_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_examples_in_docstrings():
    for module, least in ((kernel_positions, 6), (pixel_positions, 5)):
        failed, tried = doctest.testmod(module)
        assert failed == 0
        assert tried >= least
