"""Reading one image or one mask from a PNG, JPEG or TIFF file, as viewers show it."""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np

SUFFIXES = (".jpeg", ".jpg", ".png", ".tif", ".tiff")
MODES = ("1", "I;16", "L", "LA", "P", "PA", "RGB", "RGBA")  # Pillow's names for what is taken
PHOTOMETRICS = ("MINISBLACK", "MINISWHITE", "PALETTE", "RGB", "YCBCR")  # TIFF's names for it
ORIENTATION = 274  # the tag of TIFF and EXIF that says how to turn the stored picture
VOLUMES = {  # ends of medical files' names, and how to read an image from one
    (".dcm", ".dicom"): 'image = pydicom.dcmread("a.dcm").pixel_array.astype("float32")',
    (".nii", ".nii.gz"): 'image = nibabel.load("a.nii.gz").get_fdata()[:, :, 0].T',
}


class _Unfit(ValueError):
    """The file can be read, but its content can't be used; the message says what to do."""


def read_image(path: Path | str) -> np.ndarray:
    """Read an image.

    Args:
        path: a PNG, JPEG or TIFF file, grey or RGB, or a TIFF with channels; 8 or 16 bit, or
            floats in [0, 1]. Orientation, palette and MINISWHITE (0 is white) count as in a
            viewer; a microscope's look-up table (ImageJ's, or black to one colour) doesn't.

    Returns:
        Array float32 (C, H, W) in [0, 1]: 12 bit / 4095, 16 bit / 65535, 8 bit / 255: 51 is 0.2.
        ValueError for a file that can't be read, or has transparent pixels.

    Chapter 12 uses it, through ImageMaskFolder.
    """
    pixels, white, alpha = _decode(Path(path), is_mask=False)
    if alpha.min() < 1:
        raise ValueError(
            f"{path} has transparent pixels, and doesn't say what is behind them: put it on a "
            "background, or save it without alpha (a fourth channel: as a TIFF with axes CYX)"
        )
    kind, low, high = pixels.dtype.kind, pixels.min(), pixels.max()
    if (low < 0 or high > 1) if kind == "f" else (kind not in "bu" or pixels.itemsize > 2):
        raise ValueError(
            f"{path} holds {pixels.dtype} from {low:g} to {high:g}; images are 8 or 16 bit without "
            "sign, or floats in [0, 1]: save normalise(image, reference), one reference for all"
        )
    return pixels.astype(np.float32) / np.float32(white)


def read_mask(path: Path | str) -> np.ndarray:
    """Read a mask, as the whole numbers that the file holds.

    Args:
        path: a PNG, JPEG or TIFF file, grey, or RGB with equal channels, or with a palette: of
            colours the index is the class number, of greys the grey. Orientation counts as in a
            viewer. Where the mask is 0, and only there, it may be transparent.

    Returns:
        Array of integers (H, W): 0 and 1 of a 1-bit PNG, 0 to 255 of an 8-bit one; ValueError
        for a file that can't be read, or is coloured, or holds something else.
    """
    channels, _, alpha = _decode(Path(path), is_mask=True)
    pixels = channels[0]
    if (channels[1:] != pixels).any():
        raise ValueError(
            f"{path} has {len(channels)} channels that differ; a mask has one value a pixel: give "
            "each colour or channel its class number 0, 1, 2, ... and save it as a grey PNG"
        )
    if pixels.dtype.kind not in "bui" and (pixels != np.rint(pixels.real)).any():
        raise ValueError(
            f"{path} holds fractions; a mask holds whole numbers: turn probabilities into a mask "
            "by probabilities > 0.5, and resize masks without interpolation (nearest neighbour)"
        )
    if alpha.min() < 1 and ((pixels != 0) != (alpha > 0)).any():
        raise ValueError(
            f"{path} has transparent pixels, and its alpha channel doesn't show the shape of its "
            "colours: save it without alpha. If alpha is the mask, save getchannel('A') instead"
        )
    return pixels.astype({"b": np.uint8, "u": pixels.dtype}.get(pixels.dtype.kind, np.int64))


def explain_volume(name: str) -> str:
    """Return how to bring in a DICOM or NIfTI file; "" if the name isn't one's."""
    lines = [line for ends, line in VOLUMES.items() if name.lower().endswith(ends)]
    save = 'tifffile.imwrite("images/a.tif", normalise(image, reference=image))'
    return f"Two lines save an image of it as TIFF:\n{lines[0]}\n{save}" if lines else ""


def _decode(path: Path, is_mask: bool) -> tuple[np.ndarray, float, np.ndarray]:
    """Return pixels (C, H, W), the value of white, and alpha (H, W) or (1, 1): 0 is transparent."""
    data = path.read_bytes()
    try:
        is_tiff = data.startswith((b"II", b"MM"))
        with warnings.catch_warnings(action="ignore"):  # of EXIF it can't read, and large images
            decoded = _decode_tiff(path, is_mask) if is_tiff else _decode_picture(data)
        pixels, white, alpha, palette, orientation = decoded
        if pixels.dtype.kind == "f" and (bad := np.count_nonzero(~np.isfinite(pixels))):
            raise _Unfit(
                f"holds NaN or infinite values, {bad} of {pixels.size}: replace them, and leave "
                "those pixels out by a number in the mask, such as 255 (ignore=255)"
            )
        if palette is not None:  # (colours, 3)
            is_grey = (palette == palette[:, :1]).all()
            if not is_mask:
                pixels = np.moveaxis(palette.take(pixels[0], axis=0), -1, 0)
                pixels, white = pixels[: 1 if is_grey else 3], 255
            elif is_grey and alpha.min() == 1:
                pixels = palette[:, 0].take(pixels)
    except _Unfit as error:
        raise ValueError(f"{path} {error}") from None
    except MemoryError as error:
        raise ValueError(f"{path} doesn't fit into memory ({error}); cut it to pieces") from error
    except Exception as error:  # decoders raise what they like
        raise ValueError(f"{path} cannot be read: {_explain(path, data[:132], error)}") from error
    return _orient(pixels, orientation), white, _orient(alpha, orientation)


def _orient(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turn (..., H, W) as the EXIF specification says: 5 to 8 swap rows and columns."""
    pixels = pixels.swapaxes(-2, -1) if orientation in (5, 6, 7, 8) else pixels
    pixels = pixels[..., ::-1] if orientation in (2, 3, 6, 7) else pixels
    return pixels[..., ::-1, :] if orientation in (3, 4, 7, 8) else pixels


def _explain(path: Path, head: bytes, error: Exception) -> str:
    if head[128:] == b"DICM" or explain_volume(path.name):
        return "it's a medical image. " + (explain_volume(path.name) or explain_volume(".dcm"))
    if not any(head):
        return f"it {'begins with zeros' if head else 'is empty (0 bytes)'}: copy or write it again"
    if head.startswith((b"\x89PNG", b"\xff\xd8", b"II", b"MM")):
        return (
            "it's damaged, or was copied only in part, or is of a rare kind "
            f"({str(error).partition(' <')[0]}): write it again, or take it and its partner out"
        )
    return f"it's no PNG, JPEG or TIFF, despite its name: it begins with {head[:40]!r}"


def _decode_picture(data: bytes) -> tuple:
    from imagecodecs import png_decode
    from PIL import Image

    try:
        Image.open(io.BytesIO(data)).verify()  # the checksums of a PNG
        picture = Image.open(io.BytesIO(data))
    except Image.DecompressionBombError as error:  # more than 180 million pixels
        raise _Unfit(f"is huge ({error}): cut it to pieces, or save it as TIFF") from None
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":  # MPO: with previews
        raise _Unfit(f"holds {picture.n_frames} pictures; save each in a separate file")
    if picture.mode not in MODES:
        raise _Unfit(f"is a picture of mode {picture.mode}; save it as grey or RGB")
    if picture.format in ("JPEG", "MPO") and b"\xff\xd9" not in data.rpartition(b"\xff\xda")[2]:
        raise ValueError("the end of the image is missing")
    alpha, palette = np.ones((1, 1)), picture.getpalette()
    if picture.has_transparency_data:
        alpha = np.array(picture.convert("RGBA"))[..., 3] / 255
    is_16_bit = picture.format == "PNG" and data[24] == 16  # Pillow cuts colours to 8 bits
    pixels = np.atleast_3d(png_decode(data) if is_16_bit else np.array(picture))
    pixels = np.moveaxis(pixels, -1, 0)  # (H, W, C) -> (C, H, W)
    pixels = pixels[:-1] if len(pixels) in (2, 4) else pixels  # without alpha
    white = 1 if pixels.dtype == bool else np.iinfo(pixels.dtype).max
    palette = palette and np.reshape(palette, (-1, 3)).astype(np.uint8)
    return pixels, white, alpha, palette, picture.getexif().get(ORIENTATION, 1)


def _decode_tiff(path: Path, is_mask: bool) -> tuple:
    from tifffile import TiffFile

    # Without the other files of an OME series: an image is what's in its file.
    with TiffFile(path, _multifile=False) as tiff:
        ome = "is an OME-TIFF (read without the rest of its series) and " if tiff.is_ome else ""
        if len(tiff.series) == 0:
            raise ValueError("it has no pixels")
        if len(tiff.series) > 1:
            raise _Unfit(f"{ome}holds {len(tiff.series)} pictures; save each in a separate file")
        series, page = tiff.series[0], tiff.pages[0]
        _check_complete(series.pages, tiff.filehandle.size)
        kind = getattr(page.photometric, "name", str(page.photometric or "MINISBLACK"))
        if kind not in PHOTOMETRICS or (kind == "YCBCR" and page.compression not in (6, 7)):
            raise _Unfit(f"is a picture of kind {kind}; save it as grey or RGB")
        pixels, axes = series.asarray(), series.axes
        table = None if tiff.is_imagej else page.colormap  # (3, n) of 0 to 65535
    for i in reversed(range(len(axes))):
        if axes[i] not in "YX" and pixels.shape[i] == 1:
            pixels, axes = pixels.squeeze(i), axes[:i] + axes[i + 1 :]
    if axes not in ("YX", "YXS", "SYX", "CYX"):
        raise _Unfit(
            f"{ome}is a stack (axes {axes}, {pixels.shape}); save each slice in a separate file. "
            "If it's one image with channels: tifffile.imwrite(..., metadata={'axes': 'CYX'})"
        )
    pixels = np.moveaxis(np.atleast_3d(pixels), -1, 0) if axes[0] == "Y" else pixels  # (C, H, W)
    white = 2**page.bitspersample - 1 if pixels.dtype.kind == "u" else 1
    if kind == "MINISWHITE":
        if is_mask and pixels.dtype != bool:
            raise _Unfit(
                "stores white as 0 (MINISWHITE; ImageJ's inverting LUT), so it holds other numbers "
                "than viewers show: save it as PNG, and look at it"
            )
        pixels = ~pixels if pixels.dtype == bool else white - pixels
    alpha = np.ones((1, 1))
    extra = [i - len(page.extrasamples) for i, e in enumerate(page.extrasamples) if e in (1, 2)]
    if extra and "S" in axes:
        alpha, pixels = pixels[extra].min(axis=0) / white, np.delete(pixels, extra, axis=0)
    if table is not None:
        # A ramp from black to one colour is a look-up table: what was measured is the index.
        ramp = table[:, -1:] * np.linspace(0, 1, table.shape[1])
        is_ramp = np.allclose(table, ramp, rtol=0, atol=600)
        table = None if is_ramp else (table.T >> 8).astype(np.uint8)
    return pixels, white, alpha, table, page.tags.valueof(ORIENTATION, default=1)


def _check_complete(pages: Any, size: int) -> None:
    """Raise ValueError if pixels should be behind the file's end; not every decoder notices."""
    spans = [zip(page.dataoffsets, page.databytecounts, strict=False) for page in pages]
    end = max((offset + count for span in spans for offset, count in span), default=0)
    if end > size:
        raise ValueError(f"{size} of at least {end} bytes are there")
