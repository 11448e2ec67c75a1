"""image_files: a file is read as viewers show it, or refused; and what's wrong with it is told."""

import re
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from unet_tutorial.data import image_files
from unet_tutorial.data.image_files import read_image, read_mask

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 9)).astype(np.uint8)
RGB = RNG.integers(0, 256, (6, 9, 3)).astype(np.uint8)
SHAPE = np.zeros((6, 9), np.uint8)
SHAPE[1:3, 2:8] = 255


def tiff(path, pixels, **options):
    options = {
        "photometric": "minisblack" if pixels.ndim == 2 else "rgb",
        "metadata": None,
    } | options
    tifffile.imwrite(path, pixels, **options)
    return path


def refused(read, path, message):
    with pytest.raises(ValueError, match="(?s)" + re.escape(str(path)) + ".*" + message):
        read(path)


# Turned as its orientation says

# What is at (row r, column c) of a picture that is stored with h rows and w columns: the 0th row
# and the 0th column of the stored picture are at the sides that the EXIF specification names.
SIDES = {
    1: lambda r, c, h, w: (r, c),  # top, left
    2: lambda r, c, h, w: (r, w - 1 - c),  # top, right
    3: lambda r, c, h, w: (h - 1 - r, w - 1 - c),  # bottom, right
    4: lambda r, c, h, w: (h - 1 - r, c),  # bottom, left
    5: lambda r, c, h, w: (c, r),  # left, top
    6: lambda r, c, h, w: (h - 1 - c, r),  # right, top
    7: lambda r, c, h, w: (h - 1 - c, w - 1 - r),  # right, bottom
    8: lambda r, c, h, w: (c, w - 1 - r),  # left, bottom
}


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("kind", ["jpg", "png", "png 16", "tif", "tif rgb", "tif pillow"])
def test_orientation(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    path = tmp_path / f"a.{kind[:3]}"
    stored = GREY if kind != "jpg" else np.kron(GREY[:2, :3], np.ones((8, 8), np.uint8))
    if kind == "png 16":
        Image.fromarray(stored.astype(np.uint16) * 257).save(path, exif=exif)
    elif kind == "tif rgb":
        tiff(path, np.stack([stored] * 3, -1), extratags=[(274, 3, 1, orientation, True)])
    elif kind == "tif":
        tiff(path, stored, extratags=[(274, 3, 1, orientation, True)])
    else:
        Image.fromarray(stored).save(path, **{"exif": exif, "quality": 100})
    height, width = stored.shape
    shape = (width, height) if orientation > 4 else (height, width)
    expected = [
        [stored[SIDES[orientation](r, c, height, width)] for c in range(shape[1])]
        for r in range(shape[0])
    ]
    tolerance = 0.02 if kind == "jpg" else 1e-6
    np.testing.assert_allclose(read_image(path)[0], np.array(expected) / 255, atol=tolerance)
    if kind not in ("jpg", "png 16"):
        np.testing.assert_array_equal(read_mask(path), expected)


def test_an_orientation_that_does_not_exist_turns_nothing(tmp_path):
    path = tiff(tmp_path / "a.tif", GREY, extratags=[(274, 3, 1, 9, True)])
    np.testing.assert_array_equal(read_mask(path), GREY)


# White is 1


@pytest.mark.parametrize(
    ("pixels", "white"),
    [(GREY, 255), (GREY.astype(np.uint16) * 200, 65535), (GREY / 255, 1), (SHAPE > 0, 1)],
)
def test_a_tiff_whose_zero_is_white(tmp_path, pixels, white):
    path = tiff(tmp_path / "a.tif", pixels, photometric="miniswhite")
    np.testing.assert_allclose(read_image(path)[0], 1 - pixels / white, atol=1e-6)


@pytest.mark.parametrize("compression", ["group4", None])
def test_a_scanned_mask_of_one_bit(tmp_path, compression):
    options = {"compression": compression} if compression else {}
    for photometric in (0, 1):
        Image.fromarray(SHAPE > 0).save(tmp_path / "a.tif", tiffinfo={262: photometric}, **options)
        with Image.open(tmp_path / "a.tif") as seen:  # Pillow shows white as True
            np.testing.assert_array_equal(read_mask(tmp_path / "a.tif"), np.uint8(seen))
            np.testing.assert_array_equal(read_image(tmp_path / "a.tif")[0], np.uint8(seen))


def test_a_mask_of_imagej_with_an_inverting_table_is_refused(tmp_path):
    path = tiff(tmp_path / "a.tif", SHAPE, photometric="miniswhite")
    refused(read_mask, path, "MINISWHITE; ImageJ")


@pytest.mark.parametrize("bits", [4, 12])
def test_white_of_few_bits(tmp_path, bits):
    pixels = RNG.integers(0, 2**bits, (6, 9)).astype(np.uint8 if bits == 4 else np.uint16)
    path = tiff(tmp_path / "a.tif", pixels, bitspersample=bits)
    np.testing.assert_allclose(read_image(path)[0], pixels / (2**bits - 1), rtol=1e-6)
    np.testing.assert_array_equal(read_mask(path), pixels)


# Palettes


def save_palette(path, numbers, colours, **options):
    picture = Image.frombytes("P", numbers.shape[::-1], numbers.astype(np.uint8).tobytes())
    picture.putpalette(np.uint8(colours).tobytes())
    picture.save(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_palette_of_colours_is_seen_as_colours_and_numbers_classes(tmp_path, name):
    colours = np.array([[9, 200, 0], [255, 0, 0], [0, 51, 255]])
    numbers = RNG.integers(0, 3, (6, 9))
    path = save_palette(tmp_path / name, numbers, colours)
    seen = np.moveaxis(colours[numbers], -1, 0) / 255
    np.testing.assert_allclose(read_image(path), seen, rtol=1e-6)
    np.testing.assert_array_equal(read_mask(path), numbers)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("greys", [[255, 0], [3, 0, 1, 2], [0, 3]])
def test_a_palette_of_greys_is_seen_as_greys(tmp_path, name, greys):
    numbers = RNG.integers(0, len(greys), (6, 9))
    path = save_palette(tmp_path / name, numbers, [[grey] * 3 for grey in greys])
    with Image.open(path) as picture:
        seen = np.array(picture.convert("L"))
    np.testing.assert_array_equal(read_mask(path), seen)
    np.testing.assert_allclose(read_image(path), seen[None] / 255, rtol=1e-6)


# Alpha


@pytest.mark.parametrize("kind", ["L", "RGB", "png 16", "tif", "palette", "key"])
def test_transparent_pixels(tmp_path, kind):
    """A mask may be transparent where it is 0. An image says nothing of what is behind it."""
    path = tmp_path / ("a.tif" if kind == "tif" else "a.png")

    def save(values, alpha):
        if kind == "L":
            Image.merge("LA", [Image.fromarray(values), Image.fromarray(alpha)]).save(path)
        elif kind == "RGB":
            Image.fromarray(np.dstack([values] * 3 + [alpha])).save(path)
        elif kind == "tif":
            pixels = np.dstack([values] * 3 + [alpha])
            tiff(path, pixels, extrasamples=["unassalpha"])
        elif kind == "png 16":
            pixels = np.dstack([values] * 3 + [alpha]).astype(np.uint16)
            path.write_bytes(imagecodecs.png_encode(np.where(pixels == 255, 65535, pixels)))
        elif kind == "palette":
            opaque = [255 if (alpha[values == i] == 255).all() else 0 for i in (0, 255)]
            colours = [[0, 0, 0], [9, 0, 0]]
            save_palette(path, values // 255, colours, transparency=bytes(opaque))
        else:
            key = 0 if (alpha[values == 0] == 0).all() else 255
            Image.fromarray(values).save(
                path, **({"transparency": key} if alpha.min() == 0 else {})
            )
        return path

    everywhere = np.full_like(SHAPE, 255)
    np.testing.assert_array_equal(read_mask(save(SHAPE, everywhere)) > 0, SHAPE > 0)
    assert read_image(path).max() > 0
    np.testing.assert_array_equal(read_mask(save(SHAPE, SHAPE)) > 0, SHAPE > 0)
    refused(read_image, path, "transparent pixels")
    refused(read_mask, save(SHAPE, 255 - SHAPE), "transparent.*alpha channel doesn't show")
    if kind in ("L", "RGB", "png 16", "tif"):
        for colour in (0, 255):
            refused(read_mask, save(np.full_like(SHAPE, colour), SHAPE), "getchannel")


# Kinds that aren't taken


def test_kinds_that_are_refused(tmp_path):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    refused(read_image, tmp_path / "a.png", "holds 2 pictures")
    Image.fromarray(RGB).convert("YCbCr").save(tmp_path / "a.tif")
    refused(read_image, tmp_path / "a.tif", "kind YCBCR")
    Image.fromarray(RGB).convert("LAB").save(tmp_path / "b.tif")
    refused(read_image, tmp_path / "b.tif", "kind CIELAB")


def test_a_jpeg_in_a_tiff_is_seen_as_its_colours(tmp_path):
    smooth = np.uint8(np.linspace([10, 200, 50], [90, 20, 250], 64 * 64).reshape(64, 64, 3))
    Image.fromarray(smooth).save(tmp_path / "a.tif", compression="jpeg", quality=95)
    seen = np.moveaxis(smooth, -1, 0) / 255
    np.testing.assert_allclose(read_image(tmp_path / "a.tif"), seen, atol=0.03)


# One file of an OME series

OME = (
    '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
    'UUID="urn:uuid:{own}"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" '
    'Type="uint8" SizeX="9" SizeY="6" SizeZ="1" SizeT="1" SizeC="{count}">{planes}</Pixels></Image>'
    "</OME>"
)
PLANE = (
    '<TiffData FirstC="{channel}" IFD="{page}" PlaneCount="1">'
    '<UUID FileName="{name}">urn:uuid:{uuid}</UUID></TiffData>'
)


def write_series(folder, pages):
    """Files with `pages` channels each, whose description names all of them."""
    for own in "ab":
        planes = "".join(
            PLANE.format(channel=pages * k + page, page=page, name=f"{uuid}.ome.tif", uuid=uuid)
            for k, uuid in enumerate("ab")
            for page in range(pages)
        )
        with tifffile.TiffWriter(folder / f"{own}.ome.tif") as file:
            for page in range(pages):
                xml = OME.format(own=own, count=2 * pages, planes=planes)
                file.write(
                    np.full((6, 9), 10 * ord(own) % 251 + page, np.uint8),
                    description=xml if page == 0 else None,
                    metadata=None,
                    contiguous=False,
                )


@pytest.mark.parametrize("other", ["there", "gone"])
def test_one_file_of_an_ome_series(tmp_path, other):
    write_series(tmp_path, 1)
    if other == "gone":
        (tmp_path / "b.ome.tif").unlink()
    path = tmp_path / "a.ome.tif"
    np.testing.assert_array_equal(read_mask(path), np.full((6, 9), 970 % 251))
    assert read_image(path).shape == (1, 6, 9)


def test_two_planes_of_an_ome_series_are_refused(tmp_path):
    write_series(tmp_path, 2)
    refused(
        read_image,
        tmp_path / "a.ome.tif",
        "OME-TIFF .read without the rest of its series. and is a stack",
    )


def test_a_whole_ome_tiff_keeps_its_channels(tmp_path):
    pixels = RNG.integers(0, 256, (2, 6, 9)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata={"axes": "CYX"})
    np.testing.assert_allclose(read_image(tmp_path / "a.ome.tif"), pixels / 255, rtol=1e-6)


# What's wrong with a file


@pytest.mark.parametrize("read", [read_image, read_mask])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (bytes(5000), "begins with zeros"),
        (b"<!DOCTYPE html><html>", "no PNG, JPEG or TIFF, despite its name.*<!DOCTYPE html>"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "no PNG.*git-lfs"),
        (bytes(128) + b"DICM" + bytes(99), "medical image.*pydicom.dcmread"),
    ],
)
def test_a_file_that_is_no_image(tmp_path, read, name, content, message):
    (tmp_path / name).write_bytes(content)
    refused(read, tmp_path / name, "cannot be read: it.*" + message)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"a\.png"):
        read_image(tmp_path / "a.png")


def test_the_suffix_need_not_be_right(tmp_path):
    tiff(tmp_path / "a.png", GREY)
    Image.fromarray(GREY).save(tmp_path / "a.tif", format="PNG")
    for name in ("a.png", "a.tif"):
        np.testing.assert_array_equal(read_mask(str(tmp_path / name)), GREY)


NOISE = RNG.integers(0, 256, (64, 80)).astype(np.uint8)


COMPRESSED = ["png", "png 16", "jpg", {"compression": "lzw"}, {"compression": "zlib"}]


def save_noise(tmp_path, kind):
    path = tmp_path / f"a.{kind[:3] if isinstance(kind, str) else 'tif'}"
    if not isinstance(kind, str):
        return tiff(path, NOISE, **({"rowsperstrip": 8} if "tile" not in kind else {}) | kind)
    Image.fromarray(NOISE if kind != "png 16" else NOISE * np.uint16(255)).save(path)
    return path


@pytest.mark.parametrize(
    "kind", [*COMPRESSED, {}, {"compression": "jpeg"}, {"tile": (16, 16)}], ids=str
)
def test_a_file_that_was_cut_short(tmp_path, kind):
    path = save_noise(tmp_path, kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    refused(read_image, path, "damaged, or was copied only in part")


@pytest.mark.parametrize("kind", COMPRESSED, ids=str)
def test_a_file_whose_second_half_never_came(tmp_path, kind):
    """Programs that copy may make the file as long as it will be, and then fill it."""
    path = save_noise(tmp_path, kind)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    refused(read_image, path, "damaged, or was copied only in part")


def test_a_flipped_bit_in_a_png(tmp_path):
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    data = bytearray((tmp_path / "a.png").read_bytes())
    data[len(data) // 2] ^= 4
    (tmp_path / "a.png").write_bytes(data)
    refused(read_image, tmp_path / "a.png", "damaged")


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(("side", "is_taken"), [(9_700, True), (20_000, False)])
def test_huge_pictures(tmp_path, side, is_taken):
    data = zlib.compress(bytes(side // 8 + 2) * side, 1)  # a bit a pixel
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    if is_taken:  # although Pillow warns
        assert read_mask(tmp_path / "a.png").shape == (side, side)
    else:
        refused(read_mask, tmp_path / "a.png", "is huge .*400000000 pixels.*cut it to pieces")


def test_a_tiff_that_does_not_fit_into_memory(tmp_path, monkeypatch):
    tiff(tmp_path / "a.tif", GREY)

    def fill_memory(*args, **kwargs):
        raise MemoryError("Unable to allocate 2 TiB")

    monkeypatch.setattr(tifffile.TiffPageSeries, "asarray", fill_memory)
    refused(read_image, tmp_path / "a.tif", r"doesn't fit into memory \(Unable.*cut it to pieces")


def test_the_lines_for_medical_images_are_python():
    for name in ("a.dcm", "a.nii.gz"):
        lines = image_files.explain_volume(name).split("\n")
        assert len(lines) == 3
        for line in lines[1:]:
            compile(line, name, "exec")
    assert image_files.explain_volume("a.png") == ""
