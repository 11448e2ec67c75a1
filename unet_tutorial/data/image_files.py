"""Reading one image or one mask from a PNG, JPEG or TIFF file."""

from pathlib import Path

import numpy as np

SUFFIXES = (".jpeg", ".jpg", ".png", ".tif", ".tiff")
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")  # Pillow's names for what is taken
PHOTOMETRICS = ("MINISBLACK", "MINISWHITE", "PALETTE", "RGB", "YCBCR")  # TIFF's names for it


class _Unfit(ValueError):
    """The file can be read, but its content can't be used; the message says what to do."""


def read_image(path: Path) -> np.ndarray:
    """Read an image.

    Args:
        path: a PNG, JPEG or TIFF file, grey or RGB, or a TIFF with channels; 8 or 16 bit, or
            floats in [0, 1]. An alpha channel is dropped. The palette of a PNG is turned into
            RGB; the colour table of a TIFF (a microscope's look-up table) is ignored.

    Returns:
        Array float32 (C, H, W) in [0, 1]: 8 bit / 255, 16 bit / 65535.

    Raises:
        ValueError: a file that cannot be read or holds something else, named in the message.

    Example: the 8-bit value 51 becomes 51 / 255 = 0.2, the 16-bit value 13107 as well.

    Chapter 12 uses it, through ImageMaskFolder.
    """
    pixels = _decode(path, palette_index=False)
    if pixels.dtype == bool:
        return pixels.astype(np.float32)
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize <= 2:
        return pixels.astype(np.float32) / np.iinfo(pixels.dtype).max
    if pixels.dtype.kind != "f":
        raise ValueError(
            f"{path} holds {pixels.dtype}; images are 8 or 16 bit without sign, or floats in "
            "[0, 1]: convert it and save it again"
        )
    if not ((pixels >= 0) & (pixels <= 1)).all():  # NaN fails too
        raise ValueError(
            f"{path} holds floats from {pixels.min():g} to {pixels.max():g}; floats must be in "
            "[0, 1]: scale them, all images alike, and save it again"
        )
    return pixels.astype(np.float32)


def read_mask(path: Path) -> np.ndarray:
    """Read a mask, as the whole numbers that the file holds.

    Args:
        path: a PNG, JPEG or TIFF file, grey, or RGB with equal channels, or with a palette,
            whose index is the class number. An alpha channel is dropped.

    Returns:
        Array of integers (H, W), none negative.

    Raises:
        ValueError: a file that cannot be read, or is coloured, or holds negative or fractional
            values; named in the message.

    Example: a 1-bit PNG gives 0 and 1, an 8-bit one whatever it holds, such as 0 and 255.

    Chapter 12 uses it, through ImageMaskFolder.
    """
    channels = _decode(path, palette_index=True)
    pixels = channels[0]
    if not (channels[1:] == pixels).all():
        raise ValueError(
            f"{path} has {len(channels)} channels that differ; a mask has one value a pixel: give "
            "each colour or channel its class number 0, 1, 2, ... and save it as a grey PNG"
        )
    if pixels.dtype.kind == "f" and not (np.isfinite(pixels) & (pixels == np.rint(pixels))).all():
        raise ValueError(
            f"{path} holds fractions; a mask holds whole numbers: turn probabilities into a mask "
            "by probabilities > 0.5, and resize masks without interpolation (nearest neighbour)"
        )
    if pixels.min() < 0:
        raise ValueError(
            f"{path} holds {pixels.min():g}; masks hold no negative values: class numbers are "
            "counted from 0, and pixels without a class must be given one, such as background"
        )
    return pixels.astype({"b": np.uint8, "f": np.int64}.get(pixels.dtype.kind, pixels.dtype))


def _decode(path: Path, palette_index: bool) -> np.ndarray:
    """The pixels (C, H, W) as stored, without alpha."""
    try:
        if path.suffix.lower() in (".tif", ".tiff"):
            return _decode_tiff(path)
        return _decode_picture(path, palette_index)
    except _Unfit as error:
        raise ValueError(f"{path} {error}") from None
    except Exception as error:  # decoders raise what they like
        raise ValueError(
            f"{path} cannot be read ({error}); if other programs cannot open it either, it is "
            "damaged: write it again or take it out, and its partner with it"
        ) from error


def _decode_picture(path: Path, palette_index: bool) -> np.ndarray:
    from PIL import Image, ImageOps

    with path.open("rb") as file:
        header = file.read(25)
    if header.startswith(b"\x89PNG") and header[24:] == b"\x10":  # 16 bit: Pillow cuts colour to 8
        from imagecodecs import png_decode

        return _move_channels_first(png_decode(path.read_bytes()))
    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened)  # as a camera was held, and viewers show it
        if picture.mode in ("P", "PA") and not palette_index:
            picture = picture.convert("RGBA")
        if picture.mode not in MODES:
            raise _Unfit(f"is a picture of mode {picture.mode}; save it as grey or RGB")
        return _move_channels_first(np.array(picture))


def _move_channels_first(pixels: np.ndarray) -> np.ndarray:
    """(H, W) or (H, W, channels) -> (C, H, W); the second or fourth channel is alpha."""
    if pixels.ndim == 2:
        return pixels[None]
    return np.moveaxis(pixels[..., : 1 if pixels.shape[-1] < 3 else 3], -1, 0)


def _decode_tiff(path: Path) -> np.ndarray:
    from tifffile import TiffFile

    with TiffFile(path) as tiff:
        if len(tiff.series) != 1:
            raise _Unfit(f"holds {len(tiff.series)} pictures; save each in a separate file")
        series, page = tiff.series[0], tiff.pages[0]
        if page.photometric is not None and page.photometric.name not in PHOTOMETRICS:
            raise _Unfit(f"is a picture of kind {page.photometric.name}; save it as grey or RGB")
        pixels, axes = series.asarray(), series.axes
        alphas = [
            i - len(page.extrasamples) for i, e in enumerate(page.extrasamples) if e in (1, 2)
        ]
    single = tuple(i for i, axis in enumerate(axes) if axis not in "YX" and pixels.shape[i] == 1)
    pixels = pixels.squeeze(single)
    axes = "".join(axis for i, axis in enumerate(axes) if i not in single)
    if axes not in ("YX", "YXS", "SYX", "CYX"):
        raise _Unfit(
            f"is a stack (axes {axes}, {pixels.shape}); save each slice in a separate file. If "
            "it is one image with channels, say so: tifffile.imwrite(..., metadata={'axes': 'CYX'})"
        )
    pixels = np.moveaxis(pixels, -1, 0) if axes == "YXS" else pixels
    pixels = pixels[None] if axes == "YX" else pixels
    return np.delete(pixels, alphas, axis=0) if "S" in axes else pixels
