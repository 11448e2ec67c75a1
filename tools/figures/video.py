"""Figures as a WebM video, the same bytes on every run with the same PyAV."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Iterator

import av
import numpy as np
from av.codec.context import Flags as CodecFlags
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.style import styled

DPI = 200  # two dots for each of the page, so that text is sharp
BT709 = 1  # the number of this standard's colours in a video's header
QUALITY = {"crf": "24", "b": "0", "cpu-used": "3"}  # constant quality, 0 (best) to 63


def as_webm(frames: Iterable[Callable[[], Figure]], seconds: int) -> bytes:
    """Return pictures of one size as a silent VP9 video that shows each for so many seconds.

    Each frame is drawn by a function; one that comes twice is drawn once. One frame a second is
    stored; what repeats costs next to nothing. Neither an identifier by chance nor the name of a
    program is in it, and one thread writes it: so the bytes are the same.
    """
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libvpx-vp9", rate=1, options=QUALITY)
        arrays = _drawn(frames)
        _set(stream, *arrays[0].shape[:2])
        for frame in _repeated(arrays, seconds):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _drawn(frames: Iterable[Callable[[], Figure]]) -> list[np.ndarray]:
    draw = functools.cache(lambda frame: pixels(frame()))
    return [draw(frame) for frame in frames]


def _set(stream: av.VideoStream, height: int, width: int) -> None:
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    codec = stream.codec_context
    codec.thread_count = 1
    codec.flags |= CodecFlags.bitexact
    codec.colorspace = codec.color_primaries = codec.color_trc = BT709


def _repeated(frames: list[np.ndarray], seconds: int) -> Iterator[av.VideoFrame]:
    for number, array in enumerate(np.repeat(frames, seconds, axis=0)):
        frame = av.VideoFrame.from_ndarray(array, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=BT709)
        frame.pts = number
        yield frame


@styled
def pixels(figure: Figure) -> np.ndarray:
    """Return a figure as an array (H, W, 3) of uint8."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DPI)
    width, height = (round(DPI * side) for side in figure.get_size_inches())
    return np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]


def decoded(content: bytes) -> np.ndarray:
    """Return the frames of a video as uint8 (frames, H, W, 3), for the tests to compare."""
    with av.open(io.BytesIO(content)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
