"""What windows see and stamps reach: against torch's own layers, for every small setting."""

import doctest
import itertools

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from unet_tutorial.shapes import windows
from unet_tutorial.shapes.windows import (
    folded_sizes,
    lost_at_edge,
    reach,
    reached_places,
    there_and_back,
    window_places,
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
        np.testing.assert_array_equal(np.transpose(ours), seen)
        reached = marked(reached_places(trip.out, *layer), size)
        np.testing.assert_array_equal(reached, seen.any(axis=1))
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
        np.testing.assert_array_equal(ours, stamped)
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
        (lambda: there_and_back(0, 3), "size must be at least 1"),
        (lambda: there_and_back(2, 3, output_padding=-1), "output_padding must be at least 0"),
        (lambda: there_and_back(2, True), "kernel_size must be a whole number"),
    ],
)
def test_errors_say_which_argument_and_why(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_examples_in_docstrings():
    failed, tried = doctest.testmod(windows)
    assert failed == 0
    assert tried >= 6
