"""Encode figures as a WebM video; every run with the same PyAV gives the same bytes."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable, Iterator

import av
import numpy as np
from av.codec.context import Flags as CodecFlags
from matplotlib.figure import Figure

from unet_tutorial.teaching.drawing.style import with_style

_DPI = 200  # twice the page's resolution, so that text is sharp
_BT709 = 1  # the code of this colour standard in a video's header
_QUALITY = {"crf": "24", "b": "0", "cpu-used": "3"}  # constant quality, 0 (best) to 63


def encode_webm(frames: Iterable[Callable[[], Figure]], seconds: int) -> bytes:
    """Encode figures of one size as a silent VP9 video, each shown for `seconds` seconds.

    `frames` are the functions that draw the figures; each is called once, even if it is listed
    twice. The video has one frame per second, and repeated frames take hardly any space. To get
    the same bytes on every run, it has no random identifier and no program name, and is encoded
    in one thread.
    """
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libvpx-vp9", rate=1, options=_QUALITY)
        arrays = _render_frames(frames)
        _configure_stream(stream, *arrays[0].shape[:2])
        for frame in _repeat_frames(arrays, seconds):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _render_frames(frames: Iterable[Callable[[], Figure]]) -> list[np.ndarray]:
    draw = functools.cache(lambda frame: _render_pixels(frame()))
    return [draw(frame) for frame in frames]


def _configure_stream(stream: av.VideoStream, height: int, width: int) -> None:
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    codec = stream.codec_context
    codec.thread_count = 1
    codec.flags |= CodecFlags.bitexact
    codec.colorspace = codec.color_primaries = codec.color_trc = _BT709


def _repeat_frames(frames: list[np.ndarray], seconds: int) -> Iterator[av.VideoFrame]:
    for number, array in enumerate(np.repeat(frames, seconds, axis=0)):
        frame = av.VideoFrame.from_ndarray(array, format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=_BT709)
        frame.pts = number
        yield frame


@with_style
def _render_pixels(figure: Figure) -> np.ndarray:
    """Render a figure as a uint8 array (H, W, 3)."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=_DPI)
    width, height = (round(_DPI * side) for side in figure.get_size_inches())
    return np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)[..., :3]


def decode_webm(content: bytes) -> np.ndarray:
    """Decode a video to a uint8 array (frames, H, W, 3); the tests compare its frames."""
    with av.open(io.BytesIO(content)) as container:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
