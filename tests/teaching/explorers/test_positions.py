"""Kernel and pixel positions: compared with torch's layers, for every small setting."""

import doctest
import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from unet_tutorial.teaching.explorers.sizes import kernel_positions, pixel_positions
from unet_tutorial.teaching.explorers.sizes.kernel_positions import (
    compute_kernel_span,
    compute_round_trip,
    count_lost_at_edge,
    find_input_sizes,
    find_reached_places,
    locate_kernel,
)
from unet_tutorial.teaching.explorers.sizes.pixel_positions import (
    count_outside,
    find_places_between_taps,
    find_unreached_places,
    last_pixel,
    locate_pixel,
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
def use_one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def find_seen_in_torch(size, kernel_size, stride, padding, dilation):
    """Find which input places (rows) each output place (columns) sees; None if torch refuses."""
    units = torch.eye(size)[:, None]  # (size, 1, size): one image a place
    try:
        out = F.conv1d(units, torch.ones(1, 1, kernel_size), None, stride, padding, dilation)
    except RuntimeError:
        return None
    return out[:, 0].numpy() > 0


def find_stamped_in_torch(out, kernel_size, stride, padding, dilation, output_padding):
    """Find which places (columns) each input place (rows) stamps; None if there's no output."""
    units, ones = torch.eye(out)[:, None], torch.ones(1, 1, kernel_size)
    settings = {"padding": padding, "output_padding": output_padding, "dilation": dilation}
    try:
        sheet = F.conv_transpose1d(units, ones, None, stride, **settings)
    except RuntimeError:
        return None
    return sheet[:, 0].numpy() > 0 if sheet.shape[-1] else None


def find_starts_by_counting(size, kernel_size, stride, padding, dilation):
    """Find the first place of each window, and the windows' span, by trying every place."""
    span = len(range(0, (kernel_size - 1) * dilation + 1))
    starts, start = [], -padding
    while start + span <= size + padding:
        starts.append(start)
        start += stride
    return starts, span


def mark_places(places, size):
    """Mark which of the places 0 to size - 1 are among `places`, as a list of booleans."""
    return [place in places for place in range(size)]


def test_windows_agree_with_torch():
    tried = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        seen = find_seen_in_torch(size, *layer)
        trip = compute_round_trip(size, *layer)
        assert (trip.out is None) == (seen is None)
        if seen is None:
            continue
        tried += 1
        ours = [mark_places(locate_kernel(place, *layer), size) for place in range(trip.out)]
        assert np.array_equal(np.transpose(ours), seen)
        reached = mark_places(find_reached_places(trip.out, *layer), size)
        assert np.array_equal(reached, seen.any(axis=1))
    assert tried > 1500


@pytest.mark.parametrize("output_padding", range(4))
def test_stamps_agree_with_torch(output_padding):
    made = refused = 0
    settings = {
        (compute_round_trip(size, *layer).out, layer)
        for size, layer in itertools.product(SIZES, LAYERS)
    }
    sizes = {
        (trip, layer): find_stamped_in_torch(trip, *layer, output_padding)
        for trip, layer in settings
        if trip
    }
    for size, layer in itertools.product(SIZES, LAYERS):
        trip = compute_round_trip(size, *layer, output_padding)
        if trip.out is None:
            assert trip == (None, 0, None, None, trip.refusal)
            assert "there is no output" in trip.refusal
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
        ours = [mark_places(locate_kernel(place, *layer), trip.back) for place in range(trip.out)]
        assert np.array_equal(ours, stamped)
        assert trip.sheet == trip.back + 2 * layer[2]
    assert made > 400
    assert refused > 10


def test_torch_refuses_the_same_in_two_dimensions():
    """The tests above use one dimension; this one repeats a sample of them in two."""
    layers = list(itertools.product((1, 3), (1, 2, 3), (0, 1, 2), (1, 2), range(4)))
    for out, (k, s, p, d, q) in itertools.product((1, 2, 5), layers):
        theirs = None
        try:
            images, ones = torch.zeros(1, 1, out, out), torch.zeros(1, 1, k, k)
            theirs = F.conv_transpose2d(images, ones, None, s, p, q, 1, d).shape[-1] or None
        except RuntimeError:
            pass
        one = find_stamped_in_torch(out, k, s, p, d, q)
        assert theirs == (None if one is None else one.shape[1])


def test_the_restoring_output_padding_restores_the_size():
    for size, layer in itertools.product(SIZES, LAYERS):
        trip = compute_round_trip(size, *layer)
        if trip.out is None:
            continue
        assert compute_round_trip(size, *layer, trip.restoring).back == size
        others = [compute_round_trip(size, *layer, q).back for q in range(4) if q != trip.restoring]
        assert size not in others


def test_pixels_beyond_the_last_window_are_lost():
    most = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        starts, span = find_starts_by_counting(size, *layer)
        if not starts:
            with pytest.raises(ValueError, match="there is no output"):
                count_lost_at_edge(size, *layer)
            continue
        lost = sum(place >= starts[-1] + span for place in range(size))
        assert count_lost_at_edge(size, *layer) == lost
        unseen = ~find_seen_in_torch(size, *layer).any(axis=1)
        assert unseen[size - lost :].all()
        most = max(most, lost)
    assert most == 3  # the stride less one
    assert count_lost_at_edge(1, 1, stride=9, padding=3) == 1  # one window, in the padding alone


def test_all_input_sizes_of_an_output_size_are_found():
    by_counting = {}
    for size, layer in itertools.product(range(1, 30), LAYERS):
        starts, _ = find_starts_by_counting(size, *layer)
        by_counting.setdefault((len(starts), layer), []).append(size)
    for out, layer in itertools.product(range(1, 5), LAYERS):
        assert list(find_input_sizes(out, *layer)) == by_counting.get((out, layer), [])


def test_a_kernel_spans_its_taps_and_the_gaps():
    assert [compute_kernel_span(kernel_size) for kernel_size in (1, 2, 5)] == [1, 2, 5]
    spans = [compute_kernel_span(3, dilation) for dilation in (1, 2, 3)]
    assert spans == [3, 5, 7]  # xxx, x.x.x and x..x..x


def test_unreached_places_agree_with_torch_s_convolution():
    """The padding counts too: here torch gets an image that already includes it."""
    tried = 0
    for size, layer in itertools.product(SIZES, LAYERS):
        kernel_size, stride, padding, dilation = layer
        seen = find_seen_in_torch(size + 2 * padding, kernel_size, stride, 0, dilation)
        if seen is None:
            continue
        places = range(-padding, size + padding)
        unseen = [place for place, row in zip(places, seen, strict=True) if not row.any()]
        assert find_unreached_places(places, seen.shape[1], *layer) == unseen
        inner = [place for place in unseen if 0 <= place < size]
        assert find_unreached_places(range(size), seen.shape[1], *layer) == inner
        lost = [*range(size)][size - count_lost_at_edge(size, *layer) :]
        assert find_places_between_taps(size, *layer) + lost == inner
        tried += bool(inner)
    assert tried > 300


@pytest.mark.parametrize("output_padding", range(4))
def test_unreached_places_agree_with_torch_s_transposed_convolution(output_padding):
    blanks = 0
    for out, layer in itertools.product(range(1, 7), LAYERS):
        stamped = find_stamped_in_torch(out, *layer, output_padding)
        if stamped is None:
            continue
        blank = [place for place, column in enumerate(stamped.T) if not column.any()]
        assert find_unreached_places(range(stamped.shape[1]), out, *layer) == blank
        blanks += bool(blank)
    assert blanks > 100


@pytest.mark.parametrize("side", range(1, 6))
def test_pixels_are_numbered_in_reading_order(side):
    numbers = np.arange(side**2).reshape(side, side)
    assert last_pixel(side) == numbers.max()
    for row, column in np.ndindex(side, side):
        assert locate_pixel(int(numbers[row, column]), side) == (row, column)
    assert locate_pixel(side**2, side) == locate_pixel(10 * side**2, side) == (side - 1, side - 1)


def test_an_image_without_pixels():
    assert last_pixel(0) == 0
    assert locate_pixel(0, 0) == locate_pixel(7, 0) == (0, 0)


def test_places_outside_agree_with_counting_in_a_loop():
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
        (lambda: locate_kernel(-1, 3), "place must be at least 0, not -1"),
        (lambda: locate_kernel(0, 3, padding=-1), "padding must be at least 0"),
        (lambda: find_reached_places(2.0, 3), "count must be a whole number"),
        (lambda: compute_kernel_span(0), "kernel_size must be at least 1"),
        (lambda: compute_kernel_span(3, 0), "dilation must be at least 1"),
        (lambda: count_lost_at_edge(2, 3), "spans 3 pixels"),
        (lambda: find_input_sizes(0, 3), "out must be at least 1"),
        (lambda: find_input_sizes(1, 3, stride=0), "stride must be at least 1"),
        (lambda: last_pixel(-1), "side must be at least 0"),
        (lambda: locate_pixel(-1, 3), "number must be at least 0"),
        (lambda: locate_pixel(1, 2.5), "side must be a whole number"),
        (lambda: count_outside(range(3), range(3), -1), "side must be at least 0"),
        (lambda: find_unreached_places(range(3), -1, 3), "count must be at least 0"),
        (lambda: find_places_between_taps(2, 3), "spans 3 pixels"),
        (lambda: compute_round_trip(0, 3), "size must be at least 1"),
        (lambda: compute_round_trip(2, 3, output_padding=-1), "output_padding must be at least 0"),
        (lambda: compute_round_trip(2, True), "kernel_size must be a whole number"),
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
