"""Check the animations' numbers frame by frame, and the videos that `make figures` encodes."""

import io
import itertools
import re
from functools import cache, partial
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from pins import is_pinned
from torch.nn import functional

from tools.figures import animations, video
from unet_tutorial.teaching.drawing import grid

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "figures"
PLACES = {"convolution": (3, 4), "zero_stuffed": (5, 5)}
NAMES = [*PLACES, "stamping"]
STAMPED = [[1, 2, 5, 4, 6], [4, 5, 14, 10, 12], [10, 14, 36, 24, 30], [12, 15, 34, 20, 24],
           [21, 24, 55, 32, 36]]  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    """Every animation, with figures instead of functions as its frames."""
    draw = cache(lambda frame: frame())
    made = {name: animations.ANIMATIONS[name]() for name in NAMES}
    return {
        name: a._replace(frames=[draw(frame) for frame in a.frames]) for name, a in made.items()
    }


def collect_texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def parse_number(text):
    return int(text.replace("−", "-"))


def read_grid_under(figure, title):
    """Read the numbers of the grid below a title in reading order, without empty cells."""
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    (head,) = [text for text in texts if text.get_text().startswith(title)]
    half = 7 * 0.4 / 2 if title == "input among" else 0.4 * 2.5 + 0.01
    cells = [
        text
        for text in texts
        if re.fullmatch(r"−?\d+", text.get_text())
        and abs(text.get_position()[0] - head.get_position()[0]) < half
    ]
    cells.sort(key=lambda text: (-round(text.get_position()[1], 3), text.get_position()[0]))
    return [parse_number(text.get_text()) for text in cells]


def parse_product_sum(line):
    """Add up the products in a line; return the sum, the sum it claims, and their number."""
    products, total = line.replace("−", "-").split(" = ")
    pairs = [product.split("·") for product in products.split(" + ")]
    return sum(int(x) * int(w.strip("()")) for x, w in pairs), int(total), len(pairs)


def compute_expected(name):
    """Compute the output with torch, from the numbers in the chapters."""
    if name in ("stamping", "zero_stuffed"):
        ink, kernel = torch.tensor([[1.0, 2], [3, 4]]), torch.arange(1.0, 10).reshape(3, 3)
        return functional.conv_transpose2d(ink[None, None], kernel[None, None], stride=2)[0, 0]
    image = torch.zeros(5, 6)
    image[1:4, 2:5] = 9
    kernel = torch.tensor([[-1.0, 0, 1]] * 3)
    return functional.conv2d(image[None, None], kernel[None, None])[0, 0]


def test_the_expected_outputs_are_the_chapters_numbers():
    assert compute_expected("stamping").tolist() == STAMPED
    assert compute_expected("convolution")[1, 3] == -27


@pytest.mark.parametrize("name", PLACES)
def test_a_frame_for_each_output_pixel_between_two_of_the_whole(drawn, name):
    frames = drawn[name].frames
    output = compute_expected(name).int().flatten().tolist()
    assert len(frames) == len(output) + 2
    assert frames[0] is frames[-1]
    assert read_grid_under(frames[0], "output,") == output
    for count, frame in enumerate(frames[1:-1], start=1):
        assert read_grid_under(frame, "output,") == output[:count]


@pytest.mark.parametrize("name", PLACES)
def test_each_frame_names_its_pixel_and_adds_up(drawn, name):
    output, frames = compute_expected(name), drawn[name].frames
    assert tuple(output.shape) == PLACES[name]
    for frame, place in zip(frames[1:-1], np.ndindex(*output.shape), strict=True):
        *_, where, line = collect_texts(frame)
        assert f"row {place[0]}, column {place[1]}" in where
        added, said, count = parse_product_sum(line)
        assert added == said == output[place]
        assert count == 9 or name == "zero_stuffed"


def test_the_window_starts_at_the_place_of_the_output(drawn):
    places = np.ndindex(*PLACES["convolution"])
    for frame, (row, column) in zip(drawn["convolution"].frames[1:-1], places, strict=True):
        *_, where, _ = collect_texts(frame)
        starts = re.search(r"starts at row (.*), column (.*)", where).groups()
        assert starts == (str(row), str(column))
        (outline,) = [
            patch for patch in frame.axes[0].patches if not patch.get_fill() and
            patch.get_width() == pytest.approx(1.2)
        ]  # fmt: skip
        top = animations.FOOT + 5 * 0.4
        assert outline.get_x() == pytest.approx(0.2 + 0.4 * column)
        assert outline.get_y() + 1.2 == pytest.approx(top - 0.4 * row)


def test_the_stamps_fill_the_sheet_one_by_one(drawn):
    first, *steps, last = drawn["stamping"].frames
    assert first is last
    assert read_grid_under(first, "output,") == np.ravel(STAMPED).tolist()
    kernel = torch.arange(1.0, 10).reshape(1, 1, 3, 3)
    for count, frame in enumerate(steps, start=1):
        ink = torch.tensor([1.0 + n if n < count else 0 for n in range(4)]).reshape(1, 1, 2, 2)
        sheet = functional.conv_transpose2d(ink, kernel, stride=2).int().flatten().tolist()
        assert read_grid_under(frame, "output,") == [value for value in sheet if value]
        assert read_grid_under(frame, "stamp") == [count * n for n in range(1, 10)]
    assert len(steps) == 4


def test_where_stamps_overlap_their_sums_are_written(drawn):
    counts = []
    for frame in drawn["stamping"].frames[1:-1]:
        *_, line = collect_texts(frame)
        sums = re.findall(r"(\d+) \+ (\d+) = (\d+)", line)
        assert all(int(a) + int(b) == int(c) for a, b, c in sums)
        counts.append(len(sums))
    assert counts == [0, 3, 3, 5]


def test_both_ways_explain_the_centre_with_the_same_sum(drawn):
    lines = [collect_texts(drawn[name].frames[0])[-1] for name in ("stamping", "zero_stuffed")]
    assert lines == ["1·9 + 2·7 + 3·3 + 4·1 = 36"] * 2


def test_the_products_with_a_zero_are_as_many_as_the_chapter_says(drawn):
    said = [re.search(r"are (\d) pixels? and (\d) zeros", collect_texts(frame)[-2]).groups()
            for frame in drawn["zero_stuffed"].frames[1:-1]]  # fmt: skip
    assert [sum(map(int, each)) for each in zip(*said, strict=True)] == [225 - 189, 189]


@settings(deadline=None)
@given(st.tuples(st.integers(1, 4), st.integers(1, 4)), st.integers(1, 4), st.integers(1, 3))
def test_stuffing_and_flipping_is_the_transposed_convolution(shape, side, stride):
    image = np.arange(1, 1 + np.prod(shape)).reshape(shape)
    kernel = np.arange(1, 1 + side**2).reshape(side, side)
    stuffed = animations._insert_zeros(image, stride, border=side - 1)
    both = [
        torch.tensor(array.copy())[None, None].double() for array in (stuffed, kernel[::-1, ::-1])
    ]
    whole = [torch.tensor(array)[None, None].double() for array in (image, kernel)]
    theirs = functional.conv_transpose2d(*whole, stride=stride)
    assert torch.equal(functional.conv2d(*both), theirs)


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_holds_its_texts(drawn, name):
    sizes = set()
    for figure in drawn[name].frames:
        renderer = FigureCanvasAgg(figure).get_renderer()
        sizes.add(tuple(figure.get_size_inches()))
        boxes = [t.get_window_extent(renderer) for t in figure.findobj(Text) if t.get_text()]
        assert min(box.x0 for box in boxes) >= 0
        assert min(box.y0 for box in boxes) > 80  # the player's controls cover everything below
        assert max(box.x1 for box in boxes) <= figure.bbox.x1
        assert max(box.y1 for box in boxes) <= figure.bbox.y1
    assert len(sizes) == 1


# ---- videos


TWO_PICTURES = [partial(grid, [[1, 2]]), partial(grid, [[3, 4]], highlight=[[1, 2]])]


def test_a_video_has_the_same_bytes_on_every_run():
    assert video.encode_webm(TWO_PICTURES, 1) == video.encode_webm(TWO_PICTURES, 1)


def test_a_video_shows_each_picture_for_its_seconds():
    shown = video.decode_webm(video.encode_webm(TWO_PICTURES, 2)).astype(float)
    expected = np.repeat([video._render_pixels(picture()) for picture in TWO_PICTURES], 2, axis=0)
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).mean(axis=(1, 2, 3)).max() < 3
    assert np.abs(expected[0].astype(float) - expected[2]).mean() > 10


def is_video_of(content, frames, seconds):
    """Return whether a video shows these pictures, comparing means of 10 by 10 pixels.

    On the scale from 0 to 255, the encoder changes a square by up to 8, another digit by 48.
    """
    shown = video.decode_webm(content)
    if len(shown) != seconds * len(frames):
        return False
    for number, frame in enumerate(frames):
        apart = np.abs(shown[number * seconds].astype(float) - video._render_pixels(frame)).mean(
            axis=2
        )
        height, width = (side // 10 * 10 for side in apart.shape)
        squares = apart[:height, :width].reshape(height // 10, 10, width // 10, 10)
        if squares.mean(axis=(1, 3)).max() >= 25:
            return False
    return True


def test_a_video_may_be_encoded_otherwise_but_not_have_another_number(monkeypatch):
    seven, eight, nine = (partial(grid, [[10, digit]]) for digit in (7, 8, 9))
    frames = [seven(), eight()]
    written, longer = (video.encode_webm([seven, eight], seconds) for seconds in (1, 2))
    wrong = video.encode_webm([seven, nine], 1)
    monkeypatch.setitem(video._QUALITY, "crf", "30")
    other = video.encode_webm([seven, eight], 1)
    assert other != written
    videos = (written, other, wrong, longer)
    assert [is_video_of(video, frames, 1) for video in videos] == [True, True, False, False]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_videos_have_the_right_format(drawn, name):
    """VP9 without sound, which every browser plays, at twice the page's resolution."""
    content = (FIGURES / f"animation_{name}.webm").read_bytes()
    assert b"webm" in content[:64]
    animation = drawn[name]
    seconds = animation.seconds * len(animation.frames)
    with av.open(io.BytesIO(content)) as container:
        (stream,) = container.streams
        assert (stream.codec_context.name, stream.pix_fmt) == ("vp9", "yuv420p")
        assert stream.width == 2 * 720
        assert container.duration == seconds * av.time_base
        times = [frame.time for frame in container.decode(stream)]
    assert times == list(range(seconds))


@pytest.mark.parametrize("name", NAMES)
def test_the_videos_show_their_frames(drawn, name):
    if not is_pinned("matplotlib"):
        pytest.skip("another matplotlib draws otherwise")
    content = (FIGURES / f"animation_{name}.webm").read_bytes()
    assert is_video_of(content, drawn[name].frames, drawn[name].seconds)


@pytest.mark.parametrize("name", NAMES)
def test_consecutive_frames_have_different_texts(drawn, name):
    spelled = [tuple(collect_texts(frame)) for frame in drawn[name].frames]
    assert all(one != other for one, other in itertools.pairwise(spelled))
