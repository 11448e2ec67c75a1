"""image_folder and image_files: what is read from which file, and what is said when it is not."""

import re
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image
from torch.utils.data import DataLoader

from unet_tutorial.data.crops import RandomCrops
from unet_tutorial.data.image_files import read_image, read_mask
from unet_tutorial.data.image_folder import ImageMaskFolder

RNG = np.random.default_rng(0)
GREY8 = RNG.integers(0, 256, (5, 7)).astype(np.uint8)
GREY16 = RNG.integers(0, 65536, (5, 7)).astype(np.uint16)
RGB8 = RNG.integers(0, 256, (5, 7, 3)).astype(np.uint8)
RGB16 = RNG.integers(0, 65536, (5, 7, 3)).astype(np.uint16)
BLANK = np.zeros((5, 7), np.uint8)
BLANK.setflags(write=False)


def disc(foreground=1):
    mask = BLANK.copy()
    mask[1:4, 2:6] = foreground
    return mask


def with_alpha(pixels):
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    return np.concatenate(
        [pixels, np.full_like(pixels[..., :1], np.iinfo(pixels.dtype).max)], axis=-1
    )


def png(pixels):
    """A PNG file of these pixels, put together from the PNG specification."""
    samples = 1 if pixels.ndim == 2 else pixels.shape[-1]
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[samples]
    height, width = pixels.shape[:2]
    rows = pixels.astype(pixels.dtype.newbyteorder(">"))
    data = b"".join(b"\0" + row.tobytes() for row in rows)  # \0: no filter
    header = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def save(path, pixels, **options):
    """Write pixels to a file, and the folder that it needs."""
    path.parent.mkdir(exist_ok=True)
    if path.suffix.lower() == ".png" and not options:
        path.write_bytes(png(pixels))
    elif path.suffix.lower() in (".tif", ".tiff"):
        tifffile.imwrite(path, pixels, **options)
    else:
        Image.fromarray(pixels).save(path, **options)
    return path


def make(tmp_path, masks, images=None):
    """A dataset of folders with these masks (name -> pixels) and an image for each."""
    for name, pixels in masks.items():
        save(tmp_path / "masks" / name, pixels)
    for name, pixels in (images or {f"{m.rpartition('.')[0]}.png": GREY8 for m in masks}).items():
        save(tmp_path / "images" / name, pixels)
    return tmp_path / "images", tmp_path / "masks"


# Reading an image


def channels(pixels, top):
    """(H, W) or (H, W, C) of 0 to top -> (C, H, W) of 0 to 1, value by value."""
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, count = pixels.shape
    return np.array(
        [
            [[int(pixels[r, c, k]) / top for c in range(width)] for r in range(height)]
            for k in range(count)
        ]
    )


@pytest.mark.parametrize(
    "pixels", [GREY8, GREY16, RGB8, RGB16], ids=lambda p: f"{p.shape} {p.dtype}"
)
@pytest.mark.parametrize(
    ("name", "alpha", "options"),
    [
        ("a.png", False, {}),
        ("a.png", True, {}),
        ("a.PNG", False, {}),
        ("a.tif", False, {}),
        ("a.TIFF", False, {"compression": "lzw"}),
        ("a.tif", False, {"byteorder": ">"}),
        ("a.tif", True, {}),
        ("a.tif", False, {"compression": "zlib", "predictor": True}),
        ("a.tif", False, {"bigtiff": True, "tile": (16, 16)}),
    ],
)
def test_an_image_of_8_or_16_bit_grey_or_rgb(tmp_path, pixels, name, alpha, options):
    if name.lower().endswith(("tif", "tiff")):
        options = options | {"photometric": "rgb" if pixels.ndim == 3 else "minisblack"}
        options |= {"extrasamples": ["unassalpha"], "planarconfig": "contig"} if alpha else {}
    path = save(tmp_path / name, with_alpha(pixels) if alpha else pixels, **options)
    image = read_image(path)
    assert image.dtype == np.float32
    top = 255 if pixels.dtype == np.uint8 else 65535
    np.testing.assert_allclose(image, channels(pixels, top), rtol=1e-6)


def test_the_numbers_of_the_docstring(tmp_path):
    assert read_image(save(tmp_path / "a.png", np.uint8([[51]])))[0, 0, 0] == np.float32(0.2)
    assert read_image(save(tmp_path / "a.png", np.uint16([[13107]])))[0, 0, 0] == np.float32(0.2)
    Image.fromarray(disc() > 0).save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[24] == 1  # bit
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png"), disc())
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), disc()[None])


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG"])
def test_a_jpeg(tmp_path, name):
    grey, colour = np.full((8, 8), 200, np.uint8), np.zeros((8, 8, 3), np.uint8)
    colour[..., 0] = 200
    image = read_image(save(tmp_path / name, grey))
    np.testing.assert_allclose(image, np.full((1, 8, 8), 200 / 255), atol=0.02)
    image = read_image(save(tmp_path / name, colour))
    np.testing.assert_allclose(image, channels(colour, 255), atol=0.02)


def test_a_photograph_is_turned_as_viewers_show_it(tmp_path):
    wide = np.tile(np.uint8([250, 250, 250, 250, 5, 5, 5, 5] * 2), (8, 1))  # 8 x 16
    orientation = Image.Exif()
    orientation[0x0112] = 6  # the camera says: turn it by a quarter, clockwise
    path = save(tmp_path / "a.jpg", wide, exif=orientation, quality=100)
    image = read_image(path)
    assert image.shape == (1, 16, 8)
    assert image[0, 0].min() > 0.9 > 0.1 > image[0, 4].max()


def test_a_png_with_a_palette(tmp_path):
    numbers = np.array([[0, 1, 2], [2, 1, 0]], np.uint8)
    picture = Image.frombytes("P", (3, 2), numbers.tobytes())
    picture.putpalette([0, 0, 0, 255, 0, 0, 0, 51, 255])
    picture.save(tmp_path / "a.png")
    colours = np.array([[0, 0, 0], [255, 0, 0], [0, 51, 255]])
    np.testing.assert_allclose(read_image(tmp_path / "a.png"), channels(colours[numbers], 255))
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png"), numbers)


@pytest.mark.parametrize("colour", [(1, 1, 1), (0, 1, 0), (0.5, 0, 1)])
def test_a_tiff_with_a_look_up_table_holds_what_the_microscope_measured(tmp_path, colour):
    table = np.outer(colour, np.arange(256) * 257).astype(np.uint16)
    path = save(tmp_path / "a.tif", GREY8, photometric="palette", colormap=table)
    np.testing.assert_allclose(read_image(path), channels(GREY8, 255), rtol=1e-6)
    np.testing.assert_array_equal(read_mask(path), GREY8)


def test_a_look_up_table_of_imagej_may_have_any_colours(tmp_path):
    table = RNG.integers(0, 65536, (3, 256)).astype(np.uint16)
    path = save(tmp_path / "a.tif", GREY8, photometric="palette", colormap=table)
    colours = (table >> 8).T[GREY8]
    np.testing.assert_allclose(read_image(path), channels(colours, 255), rtol=1e-6)
    path.write_bytes(
        path.read_bytes().replace(b'{"shape": [5, 7]}', b"ImageJ=1.54f\nimages=1\n"[:17])
    )
    np.testing.assert_allclose(read_image(path), channels(GREY8, 255), rtol=1e-6)
    np.testing.assert_array_equal(read_mask(path), GREY8)


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "minisblack", "metadata": {"axes": "CYX"}},
        {"imagej": True, "metadata": {"axes": "CYX"}},
        {"photometric": "rgb", "planarconfig": "separate"},
    ],
)
def test_a_tiff_with_channels_first(tmp_path, options):
    path = save(tmp_path / "a.tif", np.moveaxis(RGB16, -1, 0), **options)
    np.testing.assert_allclose(read_image(path), channels(RGB16, 65535), rtol=1e-6)


def test_a_tiff_with_two_channels_keeps_both(tmp_path):
    two = np.moveaxis(RGB16, -1, 0)[:2]
    path = save(tmp_path / "a.tif", two, photometric="minisblack", metadata={"axes": "CYX"})
    np.testing.assert_allclose(read_image(path), channels(RGB16[..., :2], 65535), rtol=1e-6)


def test_a_tiff_of_one_slice_is_no_stack(tmp_path):
    path = save(tmp_path / "a.tif", GREY8[None], photometric="minisblack")
    np.testing.assert_allclose(read_image(path), channels(GREY8, 255), rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_tiff_of_floats_in_0_to_1(tmp_path, dtype):
    values = np.linspace(0, 1, 35).reshape(5, 7).astype(dtype)
    image = read_image(save(tmp_path / "a.tif", values))
    assert image.dtype == np.float32
    np.testing.assert_array_equal(image[0], values.astype(np.float32))


@pytest.mark.parametrize(
    ("pixels", "options", "message"),
    [
        (np.linspace(0, 1.5, 35).reshape(5, 7), {}, "float64 from 0 to 1.5"),
        (np.linspace(-0.5, 1, 35).reshape(5, 7), {}, "float64 from -0.5 to 1"),
        (
            np.where(GREY8 > 99, np.nan, 0.5),
            {},
            f"NaN or .*, {(GREY8 > 99).sum()} of 35: .*ignore=",
        ),
        (GREY8.astype(np.int16), {}, "int16 from 0 to .*; images are 8 or 16 bit"),
        (GREY8.astype(np.uint32), {}, "uint32 from .*; images are 8 or 16 bit"),
        (np.stack([GREY8] * 5), {"metadata": {"axes": "ZYX"}}, r"stack \(axes ZYX, \(5, 5, 7\)\)"),
        (np.stack([GREY8] * 3), {}, "stack .*axes': 'CYX'"),
        (with_alpha(RGB8), {"photometric": "separated"}, "kind SEPARATED; save it as grey or RGB"),
    ],
)
def test_an_image_that_is_none(tmp_path, pixels, options, message):
    options = {"photometric": "minisblack"} | options
    path = save(tmp_path / "odd.tif", pixels, **options)
    with pytest.raises(ValueError, match=r"odd\.tif .*" + message):
        read_image(path)


def test_a_tiff_of_several_pictures(tmp_path):
    with tifffile.TiffWriter(tmp_path / "odd.tif") as tiff:
        tiff.write(GREY8)
        tiff.write(GREY8[:3, :3])
    with pytest.raises(ValueError, match=r"odd\.tif holds 2 pictures; save each"):
        read_image(tmp_path / "odd.tif")


def test_a_jpeg_for_the_press(tmp_path):
    Image.new("CMYK", (8, 8)).save(tmp_path / "odd.jpg")
    with pytest.raises(ValueError, match=r"odd\.jpg is a picture of mode CMYK"):
        read_image(tmp_path / "odd.jpg")


@pytest.mark.parametrize("read", [read_image, read_mask])
@pytest.mark.parametrize("name", ["odd.png", "odd16.png", "odd.tif", "odd.jpg"])
@pytest.mark.parametrize("damage", ["no image at all", "cut short"])
def test_a_damaged_file(tmp_path, name, damage, read):
    noise = RNG.integers(0, 256, (64, 64)).astype(np.uint16 if "16" in name else np.uint8)
    path = save(tmp_path / name, noise)
    whole = path.read_bytes()
    path.write_bytes(b"Dear reader" if damage == "no image at all" else whole[: len(whole) // 2])
    with pytest.raises(
        ValueError,
        match=re.escape(name)
        + " cannot be read: it's "
        + {
            "no image at all": "no PNG, JPEG or TIFF, despite its name.*Dear reader",
            "cut short": r"damaged, or was copied only in part.* \(.+\): write it again",
        }[damage],
    ):
        read(path)


# Reading a mask


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_mask_holds_what_the_file_holds(tmp_path, name, dtype):
    numbers = RNG.integers(0, 250, (5, 7)).astype(dtype)
    for pixels in (numbers, np.stack([numbers] * 3, -1), with_alpha(np.stack([numbers] * 3, -1))):
        options = {"photometric": "rgb"} if name == "a.tif" and pixels.ndim == 3 else {}
        mask = read_mask(save(tmp_path / name, pixels, **options))
        assert mask.dtype.kind in "ui"
        np.testing.assert_array_equal(mask, numbers)


def test_a_mask_of_floats_that_are_whole(tmp_path):
    mask = read_mask(save(tmp_path / "a.tif", disc(2).astype(np.float32)))
    assert mask.dtype == np.int64
    np.testing.assert_array_equal(mask, disc(2))


@pytest.mark.parametrize(
    ("name", "pixels", "message"),
    [
        ("odd.png", RGB8, "3 channels that differ; .*each colour"),
        ("odd.tif", disc() * 0.5, "fractions; .*probabilities > 0.5"),
        ("odd.tif", np.where(disc() > 0, np.nan, 0), "NaN or infinite.*ignore=255"),
        ("odd.tif", np.where(disc() > 0, np.inf, 0), "NaN or infinite"),
        ("odd.tif", disc() * 1j, "fractions"),
    ],
)
def test_a_mask_that_is_none(tmp_path, name, pixels, message):
    path = save(tmp_path / name, pixels)
    with pytest.raises(ValueError, match=re.escape(name) + ".*" + message):
        read_mask(path)


# The kind of the masks


@pytest.mark.parametrize("foreground", [1, 255])
@pytest.mark.parametrize("others", [{}, {"blank.png": BLANK}])
def test_masks_of_two_values_are_binary(tmp_path, foreground, others):
    folder = ImageMaskFolder(*make(tmp_path, {"a.png": disc(foreground)} | others))
    assert folder.num_classes == 1
    for index, name in enumerate(folder.names):
        mask = folder[index][1]
        assert (mask.dtype, tuple(mask.shape)) == (torch.float32, (1, 5, 7))
        expected = disc() if name == "a" else BLANK
        np.testing.assert_array_equal(mask[0], expected)


def test_white_of_16_bits_is_foreground(tmp_path):
    folder = ImageMaskFolder(*make(tmp_path, {"a.png": np.uint16(disc()) * 65535}))
    assert folder.num_classes == 1
    np.testing.assert_array_equal(folder[0][1][0], disc())


@pytest.mark.parametrize("value", [0, 1, 255])
def test_masks_of_one_value_are_binary(tmp_path, value):
    folder = ImageMaskFolder(*make(tmp_path, {"a.png": np.full((5, 7), value, np.uint8)}))
    assert folder.num_classes == 1
    assert (folder[0][1] == (value > 0)).all()


def test_masks_of_more_values_are_classes_in_every_item(tmp_path):
    masks = {"a.png": disc(1), "b.png": BLANK, "c.tif": disc(2).astype(np.uint16)}
    folder = ImageMaskFolder(*make(tmp_path, masks))
    assert folder.num_classes == 3
    for index, mask in enumerate(masks.values()):
        item = folder[index][1]
        assert item.dtype == torch.int64
        np.testing.assert_array_equal(item, mask)


def scatter(*values):
    """A mask of these values, none of which is one connected piece."""
    return np.tile(np.uint8(values), (5, 2))[:, : max(7, 2 * len(values))]


def test_sixteen_classes_are_taken_and_seventeen_asked_about(tmp_path):
    sixteen, seventeen = scatter(*range(16)), scatter(*range(17))
    folders = make(tmp_path, {"a.png": sixteen}, {"a.png": sixteen})
    assert ImageMaskFolder(*folders).num_classes == 16
    save(folders[0] / "b.png", seventeen)
    save(folders[1] / "b.png", seventeen)
    message = (
        r"b\.png holds 0, 1, 2, 3, 4, 5, 6, 7 and 9 more, all masks together 0, 1, .* and 9 more\. "
        r"Are they numbered objects \(instance labels\)\? .*objects=True.*num_classes=17.*smoothed"
    )
    with pytest.raises(ValueError, match=message):
        ImageMaskFolder(*folders)
    assert ImageMaskFolder(*folders, num_classes=17).num_classes == 17


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ({"a.png": disc(85), "b.png": scatter(0, 170, 255, 170)[:, :7]},
         r"b\.png holds 0, 170, 255, .*0, 85, 170, 255\. Class numbers.*without a gap.*"
         r"np\.searchsorted\(\[0, 85, 170, 255\], mask\)\. If 255 .*ignore=255\.$"),
        ({"a.png": disc(1), "b.png": disc(3)}, r"b\.png holds 0, 3, .*0, 1, 3\. .*num_classes=4"),
        ({"a.png": np.full((5, 7), 65534, np.uint16)}, r"a\.png holds 65534, .*without a gap"),
        ({"a.png": disc(2)}, r"a\.png holds 0, 2, .*without a gap"),
        ({"a.png": disc(1) + np.uint8(1)}, r"a\.png holds 1, 2, .*without a gap"),
        ({"a.png": disc(1), "b.png": disc(255)},
         r"b\.png holds 0, 255, .*ignore=255\. If it means the same"),
    ],
)  # fmt: skip
def test_masks_that_are_neither(tmp_path, masks, message):
    with pytest.raises(ValueError, match=message):
        ImageMaskFolder(*make(tmp_path, masks))


def test_the_advice_on_renumbering_works(tmp_path):
    folders = make(tmp_path, {"a.png": disc(128), "b.png": disc(255)})
    with pytest.raises(ValueError, match="searchsorted") as refusal:
        ImageMaskFolder(*folders)
    values = eval(re.search(r"searchsorted\((\[.*?\])", str(refusal.value))[1])
    for path in folders[1].iterdir():
        save(path, np.searchsorted(values, read_mask(path)).astype(np.uint8))
    assert ImageMaskFolder(*folders).num_classes == 3


def test_a_jpeg_mask_is_told_what_jpeg_does(tmp_path):
    big = np.kron(disc(255), np.ones((5, 5), np.uint8))
    folders = make(tmp_path, {"a.jpg": big}, {"a.png": big})
    with pytest.raises(
        ValueError, match=r"a\.jpg holds .* and \d+ more: it's a JPEG, which blurs edges.*as PNG"
    ):
        ImageMaskFolder(*folders)


def test_num_classes_settles_the_kind(tmp_path):
    folders = make(tmp_path, {"a.png": disc(1)})
    assert ImageMaskFolder(*folders, num_classes=1)[0][1].dtype == torch.float32
    classes = ImageMaskFolder(*folders, num_classes=5)
    assert classes.num_classes == 5
    assert classes[0][1].dtype == torch.int64
    assert repr(classes) == "ImageMaskFolder(1 images, num_classes=5)"


@pytest.mark.parametrize(
    ("mask", "num_classes", "message"),
    [
        (
            disc(2),
            1,
            r"a\.png holds 0, 2.*num_classes=1 all masks must hold 0 and 1, or 0 and white",
        ),
        (disc(3), 3, r"a\.png holds 0, 3.*num_classes=3 all masks must hold class numbers below 3"),
        (disc(255), 2, r"a\.png holds 0, 255.*class numbers below 2"),
        (disc(), 0, "num_classes must be at least 1, not 0"),
    ],
)
def test_num_classes_that_does_not_fit(tmp_path, mask, num_classes, message):
    with pytest.raises(ValueError, match=message):
        ImageMaskFolder(*make(tmp_path, {"a.png": mask}), num_classes=num_classes)


# The pairs


def test_pairs_are_made_by_name_and_sorted(tmp_path):
    masks = {f"{name}.tif": disc() for name in ("cell.2", "b", "a", "a-1", "cell.10")}
    images = {"b.PNG": GREY8, "cell.2.png": GREY8, "a.tif": GREY16, "a-1.tif": GREY16}
    images |= {"cell.10.jpg": GREY8}
    folders = make(tmp_path, masks, images)
    for name in (".hidden.png", "._a.tif", "notes.txt", "Thumbs.db", "a.json"):
        (folders[0] / name).write_text("not an image")
        (folders[1] / name).write_text("not an image")
    (folders[0] / "more.tif").mkdir()
    folder = ImageMaskFolder(*map(str, folders))
    assert folder.names == ["a", "a-1", "b", "cell.10", "cell.2"]
    assert len(folder) == len(list(folder)) == 5
    np.testing.assert_allclose(folder[0][0], channels(GREY16, 65535), rtol=1e-6)
    np.testing.assert_allclose(folder[2][0], channels(GREY8, 255), rtol=1e-6)


def test_the_example_of_the_docstring(tmp_path):
    save(tmp_path / "cells" / "a.tif", GREY8)
    save(tmp_path / "cells" / "b.tif", GREY8)
    save(tmp_path / "masks" / "a.png", disc())
    save(tmp_path / "masks" / "b.png", disc())
    folder = ImageMaskFolder(tmp_path / "cells", tmp_path / "masks")
    assert len(folder) == 2
    assert folder.names == ["a", "b"]


def test_every_mask_goes_to_its_own_image(tmp_path):
    masks = {f"{k}.png": np.uint8(BLANK + (np.arange(7) == k)) for k in range(7)}
    images = {f"{k}.tif": np.uint8(BLANK + 10 * k) for k in range(7)}
    for k, (image, mask) in enumerate(ImageMaskFolder(*make(tmp_path, masks, images))):
        assert torch.equal(image, torch.full((1, 5, 7), 10 * k / 255))
        assert mask[0].sum(0).nonzero().item() == k


def test_indices_out_of_range(tmp_path):
    folder = ImageMaskFolder(*make(tmp_path, {"a.png": disc()}))
    with pytest.raises(IndexError):
        folder[1]
    assert torch.equal(folder[-1][1], folder[0][1])


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_it_feeds_random_crops_and_a_loader(tmp_path):
    masks = {"a.png": np.uint8(GREY8 > 100), "b.png": np.uint8(GREY8.T > 100)}
    images = {"a.png": GREY8, "b.png": np.ascontiguousarray(GREY8.T)}
    folder = ImageMaskFolder(*make(tmp_path, masks, images))
    crops = RandomCrops(folder, size=4, length=12)
    kept = RandomCrops(list(folder), size=4, length=12)
    loader = DataLoader(crops, batch_size=6, num_workers=1)
    for (image, mask), (kept_image, kept_mask) in zip(
        loader, DataLoader(kept, batch_size=6), strict=True
    ):
        assert image.shape == mask.shape == (6, 1, 4, 4)
        assert torch.equal(mask, (image > 100.5 / 255).float())
        assert torch.equal(image, kept_image)
        assert torch.equal(mask, kept_mask)


# What is wrong, in plain words


def refused(folders, message, error=ValueError):
    with pytest.raises(error, match=message):
        ImageMaskFolder(*folders)


def test_an_image_without_a_mask(tmp_path):
    folders = make(tmp_path, {f"{c}.png": disc() for c in "abcdef"})
    (folders[1] / "b.png").rename(folders[1] / "b_mask.png")
    refused(folders, r"no partner in .*masks for .*images.b\.png; it holds a\.png, b_mask\.png, "
                     r"c\.png, d\.png and 2 more\. .*the same name apart from")  # fmt: skip


def test_a_mask_without_an_image(tmp_path):
    folders = make(tmp_path, {"a.png": disc(), "B.png": disc()}, {"a.png": GREY8})
    refused(folders, r"no partner in .*images for .*masks.B\.png; it holds a\.png\. ")


def test_two_files_of_one_name(tmp_path):
    folders = make(tmp_path, {"a.png": disc()}, {"a.png": GREY8, "a.tif": GREY8})
    refused(folders, r"a\.png and .*a\.tif differ in nothing but the suffix; keep one")


def test_an_empty_file(tmp_path):
    folders = make(tmp_path, {"a.png": disc(), "b.png": disc()})
    (folders[0] / "b.png").write_bytes(b"")
    refused(folders, r"images.b\.png is empty \(0 bytes\)")


def test_a_mask_that_cannot_be_read(tmp_path):
    folders = make(tmp_path, {"a.png": disc(), "b.png": disc()})
    (folders[1] / "b.png").write_bytes(b"\x89PNG")
    refused(folders, r"masks.b\.png cannot be read")


def test_an_image_that_cannot_be_read(tmp_path):
    folders = make(tmp_path, {"a.png": disc(), "b.png": disc()})
    (folders[0] / "b.png").write_bytes(b"\x89PNG")
    folder = ImageMaskFolder(*folders)
    folder[0]
    with pytest.raises(ValueError, match=r"images.b\.png cannot be read"):
        folder[1]


def test_an_empty_folder(tmp_path):
    folders = make(tmp_path, {"a.png": disc()})
    (folders[1] / "a.png").rename(folders[1] / "a.txt")
    refused(folders, r"masks holds no images; these are taken: \.jpeg, \.jpg, \.png, \.tif, \.tiff")


def test_no_folder(tmp_path):
    folders = make(tmp_path, {"a.png": disc()})
    refused((folders[0], tmp_path / "mask"), r"there is no folder .*mask ", FileNotFoundError)
    refused((folders[0] / "a.png", folders[1]), r"there is no folder .*a\.png", FileNotFoundError)


def test_one_folder_for_both(tmp_path):
    folders = make(tmp_path, {"a.png": disc()})
    refused((folders[1], folders[0].parent / "masks"), "are one folder, .*masks; keep them in two")


def test_different_sizes(tmp_path):
    for shape in [(5, 6), (4, 7), (7, 5)]:
        folder = ImageMaskFolder(*make(tmp_path, {"a.png": np.ones(shape, np.uint8)}))
        size = "{} x {}".format(*shape)
        with pytest.raises(
            ValueError, match=rf"images.a\.png is 5 x 7 .*masks.a\.png is {size}; bring both"
        ):
            folder[0]


def test_grey_and_colour_in_one_folder(tmp_path):
    masks = {"a.png": disc(), "b.png": disc()}
    folder = ImageMaskFolder(*make(tmp_path, masks, {"a.png": GREY8, "b.png": RGB8}))
    folder[0]
    with pytest.raises(
        ValueError, match=r"b\.png has 3 channels, but .*a\.png has 1; .*all as RGB"
    ):
        folder[1]


def test_a_mask_that_changes_later(tmp_path):
    folders = make(tmp_path, {"a.png": disc(255)})
    folder = ImageMaskFolder(*folders)
    save(folders[1] / "a.png", disc(1))
    with pytest.raises(ValueError, match=r"a\.png has changed since .*make the dataset anew"):
        folder[0]


# Pixels to ignore, and numbered objects


@pytest.mark.parametrize("values", [(0, 15, 255), (0, 1, 3, 255), (*range(21), 255), (0, 1, 255)])
def test_a_void_value_is_asked_about_and_nothing_else(tmp_path, values):
    folders = make(tmp_path, {"a.png": scatter(*values)}, {"a.png": scatter(*values)})
    with pytest.raises(ValueError, match=r"void\), say ignore=255\.") as refusal:
        ImageMaskFolder(*folders)
    assert ("means the same as 1" in str(refusal.value)) == (values == (0, 1, 255))
    for advice in ("num_classes", "searchsorted", "objects"):
        assert advice not in str(refusal.value)


@pytest.mark.parametrize("void", [254, 255])
def test_a_void_value_is_spoken_of_if_num_classes_is_given(tmp_path, void):
    mask = scatter(*range(21), void)
    folders = make(tmp_path, {"a.png": mask}, {"a.png": mask})
    with pytest.raises(ValueError, match=f"below 21. If {void} marks .* say ignore={void}"):
        ImageMaskFolder(*folders, num_classes=21)
    folder = ImageMaskFolder(*folders, num_classes=21, ignore=void)
    expected = [[-100 if value == void else value for value in row] for row in mask.tolist()]
    assert folder[0][1].dtype == torch.int64
    assert folder[0][1].tolist() == expected


def test_ignored_pixels_of_a_foreground_mask_are_nan(tmp_path):
    folders = make(tmp_path, {"a.png": disc(1), "b.png": BLANK.copy()})
    mask = disc(1)
    mask[0, :3] = 255
    save(folders[1] / "a.png", mask)
    folder = ImageMaskFolder(*folders, ignore=255)
    assert folder.num_classes == 1
    expected = np.where(mask == 255, np.nan, disc(1))[None]
    np.testing.assert_array_equal(folder[0][1], np.float32(expected))
    np.testing.assert_array_equal(folder[1][1], BLANK[None])
    for _, target in RandomCrops(folder, size=5, length=20):
        assert target.isnan().sum() <= 3


def test_ignored_negative_numbers(tmp_path):
    mask = scatter(0, 1, 2, 1).astype(np.int16)
    mask[0] = -1
    folders = make(tmp_path, {"a.tif": mask}, {"a.png": scatter(0, 1, 2, 1)})
    refused(folders, r"a\.tif holds -1, 0, 1, 2, .*from 0: if -1 is void, say ignore=-1")
    target = ImageMaskFolder(*folders, ignore=-1)[0][1]
    assert (target[0] == -100).all()
    np.testing.assert_array_equal(target[1:], mask[1:])


def test_ignore_that_leaves_nothing(tmp_path):
    folders = make(tmp_path, {"a.png": disc(255)})
    with pytest.raises(ValueError, match=r"nothing but 0 and 255.*leave ignore=255 out"):
        ImageMaskFolder(*folders, ignore=255)
    with pytest.raises(ValueError, match="ignore must be a whole number, not '255'"):
        ImageMaskFolder(*folders, ignore="255")


def test_the_advice_on_renumbering_spares_ignored_pixels(tmp_path):
    folders = make(tmp_path, {"a.png": scatter(0, 1, 3, 255)}, {"a.png": scatter(0, 1, 3, 255)})
    with pytest.raises(ValueError, match=r"renumber them, .*but not 255.*num_classes=4") as refusal:
        ImageMaskFolder(*folders, ignore=255)
    assert "searchsorted" not in str(refusal.value)


def number(*corners, side=2, shape=(12, 15)):
    """Numbered squares at these corners."""
    labels = np.zeros(shape, np.uint8)
    for value, (row, column) in enumerate(corners, 1):
        labels[row : row + side, column : column + side] = value
    return labels


def test_numbered_objects_are_asked_about(tmp_path):
    masks = {
        "a.png": number((0, 0), (0, 5), (5, 0), (5, 5)),
        "b.png": number((1, 1)),
        "c.png": number(),
        "d.png": np.uint8(np.eye(12, 15)),  # one piece, from corner to corner
    }
    folders = make(tmp_path, masks, dict.fromkeys(masks, np.zeros((12, 15), np.uint8)))
    refused(folders, r"a\.png holds 0, 1, 2, 3, 4.*numbered objects.*objects=True.*num_classes=5\.")
    assert ImageMaskFolder(*folders, num_classes=5).num_classes == 5
    folder = ImageMaskFolder(*folders, objects=True)
    assert folder.num_classes == 1
    for (_, target), mask in zip(folder, masks.values(), strict=True):
        assert target.dtype == torch.float32
        np.testing.assert_array_equal(target, mask[None] > 0)
    save(folders[1] / "b.png", number((1, 1)) + number((5, 5)))  # a number in two pieces
    assert ImageMaskFolder(*folders).num_classes == 5


def test_two_numbers_are_not_asked_about(tmp_path):
    mask = number((0, 0), (0, 5))
    assert ImageMaskFolder(*make(tmp_path, {"a.png": mask}, {"a.png": mask})).num_classes == 3


def test_objects_of_any_number_with_void_between(tmp_path):
    labels = 300 * number((0, 0), (0, 5), (5, 0)).astype(np.uint16)
    labels[11] = 65535
    folders = make(tmp_path, {"a.tif": labels}, {"a.png": np.zeros((12, 15), np.uint8)})
    refused(folders, r"65535 marks pixels to leave out \(void\), say ignore=65535")
    target = ImageMaskFolder(*folders, objects=True, ignore=65535)[0][1]
    expected = np.where(labels == 65535, np.nan, labels > 0)
    np.testing.assert_array_equal(target, np.float32(expected)[None])
    assert ImageMaskFolder(*folders, objects=True)[0][1].sum() == 12 + 15
    with pytest.raises(ValueError, match="objects=True makes one class: leave num_classes=4 out"):
        ImageMaskFolder(*folders, objects=True, num_classes=4)


def test_objects_in_a_jpeg_are_refused_whatever_its_name(tmp_path):
    big = np.kron(disc(255), np.ones((5, 5), np.uint8))
    folders = make(tmp_path, {"a.png": big}, {"a.png": big})
    Image.fromarray(big).save(folders[1] / "a.png", format="JPEG")
    with pytest.raises(ValueError, match=r"a\.png holds .*it's a JPEG, which blurs edges"):
        ImageMaskFolder(*folders, objects=True)


# Names


def test_names_of_both_unicode_forms(tmp_path):
    composed, decomposed = "zellk\u00f6rper", "zellko\u0308rper"
    folders = make(tmp_path, {f"{composed}.png": disc()}, {f"{decomposed}.png": GREY8})
    assert ImageMaskFolder(*folders).names == [composed]


def test_the_mask_of_an_ome_tiff_need_not_be_one(tmp_path):
    folders = make(
        tmp_path, {"a.png": disc(), "b.png": disc()}, {"a.ome.tif": GREY8, "b.tif": GREY8}
    )
    assert ImageMaskFolder(*folders).names == ["a", "b"]


def test_a_link_to_no_file(tmp_path):
    folders = make(tmp_path, {"a.png": disc()})
    (folders[1] / "b.png").symlink_to(tmp_path / "moved.png")
    refused(folders, r"b\.png is empty \(0 bytes\), or a link to no file")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("scan.dcm", 'pydicom.dcmread("a.dcm").pixel_array'),
        ("scan.nii", 'nibabel.load("a.nii.gz").get_fdata()'),
        ("scan.NII.GZ", 'nibabel.load("a.nii.gz").get_fdata()'),
    ],
)
def test_medical_images_are_told_how_to_come_in(tmp_path, name, line):
    folders = make(tmp_path, {"a.png": disc()})
    (folders[0] / "a.png").rename(folders[0] / name)
    refused(folders, rf"(?s)no images; .*It holds {name}\. .*{re.escape(line)}.*tifffile\.imwrite")
    (tmp_path / name).write_bytes(b"no picture")
    message = rf"(?s){name} cannot be read: it's a medical image\. .*{re.escape(line)}.*imwrite"
    with pytest.raises(ValueError, match=message):
        read_image(tmp_path / name)


def test_the_png_of_these_tests_is_a_png():
    for pixels in (GREY8, GREY16, RGB8, RGB16, with_alpha(GREY16), with_alpha(RGB16)):
        np.testing.assert_array_equal(imagecodecs.png_decode(png(pixels)), pixels)
