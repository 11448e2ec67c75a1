"""predict against padding by NumPy, against itself without tiles, and on arguments it refuses."""

import copy
import re
import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.overrides import TorchFunctionMode

from unet_tutorial import prediction
from unet_tutorial.blocks import OutConv
from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.prediction import predict
from unet_tutorial.unet import UNet, load_trained_unet

RNG_SEED = 20240


def noise(*shape, dtype=np.float32, seed=RNG_SEED):
    return np.random.default_rng(seed).random(shape).astype(dtype)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=np.float64)))


class Recorder(nn.Module):
    """Gives back what comes in, and remembers it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x.clone())
        return x


class Counter(nn.Module):
    """Answers its n-th call with the logit n - 1 everywhere."""

    def __init__(self):
        super().__init__()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return torch.full_like(x, self.calls - 1)


class Never(nn.Module):
    def forward(self, x):
        raise AssertionError("the network must not run")


def lively_unet(in_channels=1, num_classes=1, base_channels=2, seed=0):
    """Random weights, and BatchNorm statistics that are not 0 and 1; in eval mode."""
    torch.manual_seed(seed)
    model = UNet(in_channels, num_classes, base_channels)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.05, 0.2)
    return model.eval()


def averaging_unet():
    """Each convolution averages what it sees: no pixel of the receptive field is without weight."""
    model = UNet(1, 1, base_channels=1).double().eval()
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model


def padded_by_numpy(image, multiple):
    """The image as the network should see it: (C, H', W') padded at the bottom and right."""
    for axis in (1, 2):
        size = image.shape[axis]
        pad = [(0, 0)] * 3
        pad[axis] = (0, -size % multiple)
        image = np.pad(image, pad, mode="reflect" if pad[axis][1] < size else "edge")
    return image


SIZES = [(1, 1), (1, 40), (8, 9), (9, 8), (16, 16), (15, 17), (31, 2), (48, 33), (5, 100)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("multiple", [1, 7, 16])
def test_the_network_sees_the_image_padded_by_reflection(size, multiple):
    image = noise(2, *size)
    model = Recorder()
    result = predict(model, image, multiple=multiple)
    (seen,) = model.seen
    np.testing.assert_array_equal(seen[0].numpy(), padded_by_numpy(image, multiple))
    assert result.shape == (2, *size)


def test_a_small_image_is_padded_by_hand():
    row = np.array([[0.25, 0.5, 0.75]], dtype=np.float32)
    model = Recorder()
    predict(model, row, multiple=5)  # 3 columns reflect into 2 more; 1 row cannot reflect
    np.testing.assert_array_equal(
        model.seen[0][0, 0].numpy(), np.tile([0.25, 0.5, 0.75, 0.5, 0.25], (5, 1))
    )


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    multiple=st.sampled_from([1, 4, 8]),
    core=st.integers(1, 4),
    overlap=st.integers(0, 11),
)
def test_every_pixel_is_predicted_from_the_right_place(height, width, multiple, core, overlap):
    image = noise(1, height, width)
    margin = -(-overlap // multiple) * multiple
    tile = 2 * margin + core * multiple
    model = Recorder()
    result = predict(model, image, tile=tile, overlap=overlap, multiple=multiple)
    np.testing.assert_allclose(result, sigmoid(image), atol=1e-6)
    for window in model.seen:
        assert max(window.shape[2:]) <= tile
        assert all(side % multiple == 0 for side in window.shape[2:])


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    multiple=st.sampled_from([4, 8]),
    core=st.integers(1, 4),
    overlap=st.integers(1, 11),
)
def test_kept_pixels_have_their_surroundings(height, width, multiple, core, overlap):
    """Each window is a cut of the padded image that starts on the multiple, and what is kept lies
    at least `overlap` pixels inside, or at the image's own border."""
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    ends = (height + -height % multiple, width + -width % multiple)
    margin = -(-overlap // multiple) * multiple
    tile = 2 * margin + core * multiple

    class Distance(nn.Module):
        """Knows from the coordinates in its input where the window lies."""

        def forward(self, x):
            top, left = (int(plane[0, 0]) for plane in x[0])
            assert top % multiple == 0
            assert left % multiple == 0
            distance = torch.full(x.shape[2:], float("inf"))
            places = torch.meshgrid(*map(torch.arange, x.shape[2:]), indexing="ij")
            for place, side, start, end in zip(places, x.shape[2:], (top, left), ends, strict=True):
                if start > 0:
                    distance = distance.minimum(place)
                if start + side < end:
                    distance = distance.minimum(side - 1 - place)
            return torch.stack([distance.clamp(max=80.0), torch.zeros_like(distance)])[None]

    # From the logits (distance, 0), the softmax's two probabilities have the ratio exp(distance).
    image = torch.from_numpy(np.stack([rows, columns]))
    model = Distance().double()
    model.register_buffer("place", torch.zeros(1, dtype=torch.float64))
    result = np.empty((2, height, width))
    predict(model, image, tile=tile, overlap=overlap, multiple=multiple, out=result)
    distance = np.round(np.log(result[0] / result[1]))
    assert distance.min() >= margin >= overlap


def test_the_example_of_the_docstring():
    model = Counter()
    result = predict(model, noise(16, 2048), tile=512, overlap=96)
    _, widths = np.unique(result[0, 0], return_counts=True)
    assert model.calls == 6
    assert widths.tolist() == [416, 320, 320, 320, 320, 352]


@pytest.mark.parametrize("overlap", [0, 16, 96, 97, 1000])
def test_without_tiles_the_overlap_does_not_count(overlap):
    image = noise(32, 192)
    result = predict(Recorder(), image, overlap=overlap)
    np.testing.assert_allclose(result[0], sigmoid(image), atol=1e-6)


def test_a_tile_as_large_as_the_image_is_one_window():
    model = Counter()
    predict(model, noise(250, 256), tile=256, overlap=96)
    predict(model, noise(17, 33), tile=512, overlap=0)
    assert model.calls == 2


@pytest.mark.parametrize(
    ("size", "tile"), [((301, 453), 256), ((97, 650), 208), ((517, 130), 288), ((333, 339), 320)]
)
def test_with_an_overlap_of_96_tiles_give_the_untiled_result(size, tile):
    model = lively_unet()
    image = noise(*size)
    whole = predict(model, image)
    assert whole.std() > 0.02  # not a constant, which any tiling would reproduce
    np.testing.assert_allclose(predict(model, image, tile=tile), whole, rtol=0, atol=1e-5)


def test_tiles_give_the_untiled_result_for_channels_and_classes():
    model = lively_unet(in_channels=2, num_classes=3, base_channels=3)
    image = noise(2, 230, 349)
    whole = predict(model, image)
    np.testing.assert_allclose(predict(model, image, tile=224), whole, rtol=0, atol=1e-5)
    assert np.abs(predict(model, image, tile=224, overlap=32) - whole).max() > 1e-4


def test_with_an_overlap_of_32_tiles_differ():
    model = lively_unet()
    image = noise(301, 453)
    whole = predict(model, image)
    assert np.abs(predict(model, image, tile=256, overlap=32) - whole).max() > 1e-4
    assert np.abs(predict(model, image, tile=256, overlap=0) - whole).max() > 1e-2


def test_the_trained_network_on_the_nuclei():
    image, _ = load_nuclei()
    image = normalise(image, reference=split_strips(image).train)[100:500, :400]
    model = load_trained_unet()
    whole = predict(model, image)
    np.testing.assert_allclose(predict(model, image, tile=256), whole, rtol=0, atol=1e-5)
    assert np.abs(predict(model, image, tile=256, overlap=32) - whole).max() > 0.01


def test_96_is_the_least_multiple_that_does():
    """Where every weight counts, one step less already shows; in float64, rounding does not."""
    model = averaging_unet()
    image = noise(1, 16, 640, dtype=np.float64)
    whole, tiled = np.empty((2, 1, 16, 640))
    predict(model, image, out=whole)
    differences = []
    for overlap in (32, 64, 80, 96):
        predict(model, image, tile=224, overlap=overlap, out=tiled)
        differences.append(np.abs(tiled - whole).max())
    at_32, at_64, at_80, at_96 = differences
    assert at_32 > 100 * at_64 > 100 * at_80
    assert at_80 > 1e-12
    assert at_96 < 1e-15


def test_an_overlap_is_rounded_up_to_the_multiple():
    model = lively_unet()
    image = noise(48, 300)
    at_48 = predict(model, image, tile=128, overlap=48)
    np.testing.assert_array_equal(predict(model, image, tile=128, overlap=33), at_48)
    at_32 = predict(model, image, tile=128, overlap=32)
    assert np.abs(at_32 - at_48).max() > 1e-6


def columns_behind(model, column):
    """The columns of a 16x512 input that one output pixel depends on."""
    x = torch.ones(1, 1, 16, 512, dtype=torch.float64, requires_grad=True)
    model(x)[0, 0, 5, column].backward()
    return x.grad[0, 0].abs().sum(dim=0).nonzero().flatten()


def test_what_one_output_pixel_depends_on():
    """188 to 204 columns by its place modulo 16; 94 to either side of its block of 16."""
    model = averaging_unet()
    for down in (model.down1, model.down2, model.down3, model.down4):
        # Which of the four a maximum comes from depends on the image; the mean uses all of them.
        down.downsampling[0] = nn.AvgPool2d(2)
    behind = [columns_behind(model, 256 + place) for place in range(16)]
    sides = [int(columns[-1] - columns[0]) + 1 for columns in behind]
    assert sides == [188, 188, *[204] * 12, 188, 188]
    assert [len(columns) for columns in behind] == sides  # no gaps
    assert min(int(columns[0]) for columns in behind) == 256 - 94
    assert max(int(columns[-1]) for columns in behind) == 271 + 94


class Mean(nn.Module):
    """A network with little to compute, on windows of any size."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class LargestTensor(TorchFunctionMode):
    """Remembers the elements of the largest tensor that torch makes."""

    elements = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.elements = max(self.elements, tensor.numel())
        return result


def memory_of(height, folder):
    """Peak bytes that NumPy and Python hold while a tall image is predicted into a memory map."""
    shape = (1, height, 2048)
    image = np.memmap(folder / "image", dtype=np.float32, mode="w+", shape=shape)
    image[0, ::100] = 1
    out = np.memmap(folder / "out", dtype=np.float32, mode="w+", shape=(2, *shape[1:]))
    torch.manual_seed(0)
    with LargestTensor() as largest:
        tracemalloc.start()
        result = predict(Mean(), image, tile=256, overlap=16, multiple=16, out=out)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert result is out
    assert float(out[:, height // 2, 700:708].sum()) == pytest.approx(8)  # it did compute
    return peak, largest.elements


def test_memory_does_not_grow_with_the_image(tmp_path):
    memory_of(256, tmp_path)  # what is allocated once, on first use, is not counted below
    half_peak, _ = memory_of(2048, tmp_path)
    peak, largest = memory_of(4096, tmp_path)
    window = 256 * 256 * 4  # bytes of one channel of a window in float32
    assert peak < 6 * window  # the image has 128 * window
    assert peak < half_peak + window / 4
    assert largest <= 2 * 256 * 256  # the network's answer to one window


def test_the_whole_image_is_one_window_in_the_network_without_tiles():
    with LargestTensor() as largest:
        predict(Mean(), noise(512, 512))
    assert largest.elements == 2 * 512 * 512  # so the bound above can fail


def test_one_class_gives_the_sigmoid():
    model = OutConv(1, 1)
    image = noise(20, 30)
    weight, bias = model.conv.weight.item(), model.conv.bias.item()
    np.testing.assert_allclose(predict(model, image)[0], sigmoid(weight * image + bias), atol=1e-6)


def test_more_classes_give_the_softmax():
    image = noise(3, 20, 30)
    result = predict(Recorder(), image)
    exponentials = np.exp(image.astype(np.float64))
    np.testing.assert_allclose(result, exponentials / exponentials.sum(axis=0), atol=1e-6)
    assert result.dtype == np.float32


def as_big_endian(image):
    return image.astype(">f4")


def as_reversed_view(image):
    return np.ascontiguousarray(image[..., ::-1, ::-1])[..., ::-1, ::-1]


def as_read_only(image):
    image = image.copy()
    image.flags.writeable = False
    return image


def as_fortran(image):
    return np.asfortranarray(image)


def as_float64(image):
    return image.astype(np.float64)


def as_tensor(image):
    return torch.from_numpy(image.copy())


def as_parameter(image):
    return nn.Parameter(torch.from_numpy(image.copy()))


def as_transposed_tensor(image):
    return torch.from_numpy(image.swapaxes(-1, -2).copy()).mT


@pytest.mark.parametrize(
    "form",
    [
        as_big_endian,
        as_reversed_view,
        as_read_only,
        as_fortran,
        as_float64,
        as_tensor,
        as_parameter,
        as_transposed_tensor,
    ],
)
@pytest.mark.parametrize("shape", [(37, 50), (1, 37, 50)])
def test_arrays_and_tensors_of_any_layout_are_the_same(form, shape):
    model = lively_unet()
    image = noise(*shape)
    given_form = form(image)
    result = predict(model, given_form, tile=32, overlap=0)
    expected = predict(model, noise(37, 50), tile=32, overlap=0)
    assert isinstance(result, np.ndarray)
    assert result.shape == (1, 37, 50)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    "image",
    [noise(30, 30).astype(np.float16), torch.from_numpy(noise(30, 30)).bfloat16()],
    ids=["float16 array", "bfloat16 tensor"],
)
def test_short_floats_are_taken_as_they_are(image):
    values = image.astype(np.float32) if isinstance(image, np.ndarray) else image.float().numpy()
    np.testing.assert_array_equal(predict(lively_unet(), image), predict(lively_unet(), values))


class InPlace(nn.Module):
    def forward(self, x):
        return x.mul_(2)


@pytest.mark.parametrize("tile", [None, 16])
@pytest.mark.parametrize("form", [as_float64, as_tensor, np.copy])
def test_the_image_is_not_changed(tile, form):
    image = form(noise(1, 32, 32))
    before = copy.deepcopy(image)
    predict(InPlace(), image, tile=tile, overlap=0)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_the_network_computes_in_its_own_dtype(dtype):
    seen = []

    class Spy(OutConv):
        def forward(self, x):
            seen.append(x.dtype)
            return super().forward(x)

    result = predict(Spy(1, 1).to(dtype), noise(20, 20))
    assert seen == [dtype]
    assert result.dtype == np.float32


def test_a_network_in_double_precision_keeps_it_into_out():
    model = lively_unet().double()
    image = noise(40, 40, dtype=np.float64)
    out = np.empty((1, 40, 40))
    predict(model, image, out=out)
    padded = torch.from_numpy(padded_by_numpy(image[None], 16))[None]
    with torch.no_grad():
        expected = sigmoid(model(padded)[0, :, :40, :40])
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-14)


class Elsewhere(nn.Module):
    """Knows its device only by a buffer."""

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros(1, dtype=torch.int64))
        self.register_buffer("scale", torch.ones(1, dtype=torch.float64))

    def forward(self, x):
        assert x.dtype == torch.float64
        return x * self.scale


def test_a_network_with_buffers_alone():
    image = noise(20, 20)
    np.testing.assert_allclose(predict(Elsewhere(), image)[0], sigmoid(image), atol=1e-7)


def test_a_network_without_numbers_runs_on_the_cpu():
    model = Recorder()
    predict(model, noise(20, 20, dtype=np.float64))
    assert model.seen[0].dtype == torch.float32
    assert model.seen[0].device.type == "cpu"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("where", ["cpu", "cuda"])
def test_on_a_gpu(where):  # pragma: no cover
    model = lively_unet().cuda()
    image = torch.from_numpy(noise(301, 453)).to(where)
    whole = predict(model, image)
    assert isinstance(whole, np.ndarray)
    np.testing.assert_allclose(predict(model, image, tile=256), whole, rtol=0, atol=1e-3)


def test_it_predicts_in_eval_mode_and_leaves_every_mode_as_it_was():
    model = lively_unet().train()
    model.down2.eval()  # a part that someone has frozen
    modes = {name: module.training for name, module in model.named_modules()}
    state = copy.deepcopy(model.state_dict())
    image = noise(40, 40)
    result = predict(model, image)
    assert {name: module.training for name, module in model.named_modules()} == modes
    assert modes[""] is True
    assert modes["down2.downsampling.1"] is False
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name]), name
    np.testing.assert_array_equal(result, predict(model.eval(), image))
    assert not any(module.training for module in model.modules())


class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        self.frozen = nn.Dropout().eval()
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls == 2:
            raise RuntimeError("out of memory")
        return x


def test_modes_come_back_after_a_failure_too():
    model = Failing().train()
    model.frozen.eval()
    with pytest.raises(RuntimeError, match="out of memory"):
        predict(model, noise(64, 64), tile=16, overlap=0)
    assert model.training
    assert not model.frozen.training


def test_no_gradients_are_kept():
    seen = []

    class Spy(OutConv):
        def forward(self, x):
            logits = super().forward(x)
            seen.append(logits.requires_grad)
            return logits

    image = torch.ones(20, 20, requires_grad=True)
    predict(Spy(1, 1), image)
    assert seen == [False]
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("tile", [None, 32])
def test_out_is_filled_and_returned(dtype, tile):
    image = noise(3, 50, 41)
    out = np.full((3, 50, 41), np.nan, dtype=dtype)
    assert predict(Recorder(), image, tile=tile, overlap=0, out=out) is out
    expected = predict(Recorder(), image)
    np.testing.assert_allclose(out, expected, atol=1e-3 if dtype == np.float16 else 1e-6)


def test_out_may_be_a_view():
    whole = np.zeros((1, 60, 60), dtype=np.float32)
    predict(Recorder(), noise(50, 40), out=whole[:, 5:55, 10:50])
    assert whole[:, 5:55, 10:50].min() > 0
    assert whole[:, :5].max() == whole[:, :, :10].max() == 0


SQUARE = noise(32, 32)


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.empty((1, 32, 32), np.uint8), TypeError, "floating-point.*uint8"),
        (np.empty((1, 32, 32), np.complex64), TypeError, "complex64"),
        (torch.empty(1, 32, 32), TypeError, "NumPy array or memory map"),
        ([0.0], TypeError, "list"),
        (as_read_only(np.empty((1, 32, 32), np.float32)), ValueError, "read-only: open"),
        (SQUARE[None], ValueError, "shares memory"),
        (SQUARE[None, ::-1], ValueError, "shares memory"),
    ],
)
def test_an_out_that_cannot_be_written_is_refused(out, error, message):
    with pytest.raises(error, match=message):
        predict(Never(), SQUARE, out=out)


@pytest.mark.parametrize("shape", [(1, 32, 31), (2, 32, 32), (32, 32), (1, 1, 32, 32)])
def test_an_out_of_another_shape_is_refused(shape):
    message = re.escape(f"out has shape {shape}, the result (num_classes, H, W) = (1, 32, 32)")
    with pytest.raises(ValueError, match=message):
        predict(Recorder(), SQUARE, out=np.empty(shape, np.float32))


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.zeros((32, 32), np.uint8), TypeError, "uint8.*normalise"),
        (np.zeros((32, 32), np.uint16), TypeError, "uint16"),
        (np.zeros((32, 32), bool), TypeError, "bool"),
        (np.zeros((32, 32), np.complex64), TypeError, "complex64"),
        pytest.param(
            np.zeros((32, 32), np.longdouble),
            TypeError,
            "up to 64 bits",
            marks=pytest.mark.skipif(np.longdouble(0).itemsize == 8, reason="it is a double here"),
        ),
        (np.full((32, 32), "a"), TypeError, "<U1"),
        (torch.zeros(32, 32, dtype=torch.uint8), TypeError, "uint8.*normalise"),
        (torch.zeros(32, 32, dtype=torch.bool), TypeError, "bool"),
        (torch.zeros(32, 32, dtype=torch.complex64), TypeError, "complex64"),
        ([[0.0] * 32] * 32, TypeError, "not list.*np.asarray"),
        (None, TypeError, "NoneType"),
        (np.zeros(32, np.float32), ValueError, r"\(32,\)"),
        (np.float32(1) * np.ones(()), (TypeError, ValueError), "image must"),
        (np.zeros((1, 1, 32, 32), np.float32), ValueError, r"\(1, 1, 32, 32\).*image by image"),
        (np.zeros((0, 32), np.float32), ValueError, r"\(0, 32\)"),
        (np.zeros((32, 0), np.float32), ValueError, r"\(32, 0\)"),
        (torch.zeros(0, 32, 32), ValueError, r"\(0, 32, 32\)"),
    ],
)
@pytest.mark.parametrize("tile", [None, 16])
def test_what_is_no_image_is_refused(image, error, message, tile):
    with pytest.raises(error, match=message):
        predict(Never(), image, tile=tile, overlap=0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0, 0), (1, 36, 49), (0, 20, 33)])
@pytest.mark.parametrize("tile", [None, 16])
@pytest.mark.parametrize("form", [np.copy, as_tensor])
def test_nan_and_infinity_are_found_before_the_network_runs(value, place, tile, form):
    image = noise(2, 37, 50)
    image[place] = value
    out = np.zeros((2, 37, 50), np.float32)
    with pytest.raises(ValueError, match=rf"\(channel, row, column\) = \({place[0]}, {place[1]}, "):
        predict(Never(), form(image), tile=tile, overlap=0, out=out)
    with pytest.raises(ValueError, match=f"{place[2]}\\)"):
        predict(Never(), form(image), tile=tile, overlap=0, out=out)
    assert not out.any()


def test_a_value_that_the_network_cannot_hold_is_refused():
    image = noise(20, 20, dtype=np.float64)
    image[3, 4] = 1e300
    with pytest.raises(ValueError, match=r"too large for torch\.float32 at .* \(0, 3, 4\)"):
        predict(Never(), image)
    out = np.empty((1, 20, 20))
    predict(OutConv(1, 1).double(), image, out=out)
    assert np.isfinite(out).all()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"tile": 100}, ValueError, "multiple of 16, not 100; 112"),
        ({"tile": 8, "overlap": 0}, ValueError, "multiple of 16, not 8; 16"),
        ({"tile": 0}, ValueError, "tile must be at least 1"),
        ({"tile": -16}, ValueError, "tile must be at least 1"),
        ({"tile": 256.0}, ValueError, "tile must be a whole number"),
        ({"tile": True, "overlap": 0, "multiple": 1}, ValueError, "tile must be a whole number"),
        ({"tile": (256, 256)}, ValueError, "tile must be a whole number"),
        ({"tile": 192}, ValueError, "tile=192 cannot hold overlap=96.*208 or more"),
        ({"tile": 64, "overlap": 96}, ValueError, "cannot hold overlap=96"),
        ({"tile": 64, "overlap": 17}, ValueError, "overlap=17: 32 pixels.*80 or more"),
        ({"overlap": -1}, ValueError, "overlap must be at least 0"),
        ({"overlap": 1.5}, ValueError, "overlap must be a whole number"),
        ({"multiple": 0}, ValueError, "multiple must be at least 1"),
        ({"multiple": 1.5}, ValueError, "multiple must be a whole number"),
    ],
)
def test_wrong_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        predict(Never(), SQUARE, **options)


def test_the_smallest_tile_that_holds_the_overlap():
    model = Counter()
    predict(model, noise(16, 240), tile=208, overlap=96)
    assert model.calls == 3  # 208 - 96 = 112 columns, then 16, then the last 112


@pytest.mark.parametrize("model", [None, "unet", lambda x: x])
def test_what_is_no_network_is_refused(model):
    with pytest.raises(TypeError, match=r"model must be a torch\.nn\.Module"):
        predict(model, SQUARE)


class Says(nn.Module):
    """Answers with whatever the function makes of the window."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def forward(self, x):
        return self.answer(x)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (lambda x: {"out": x}, TypeError, "not dict"),
        (lambda x: (x, x), TypeError, "not tuple"),
        (lambda x: x[0], ValueError, r"\(1, 1, 32, 32\) into \(1, 32, 32\)"),
        (lambda x: x.sum(), ValueError, r"into \(\)"),
        (lambda x: x[:, :, 2:-2, 2:-2], ValueError, r"into \(1, 1, 28, 28\).*32, 32"),
        (lambda x: x[..., :-1], ValueError, r"into \(1, 1, 32, 31\)"),
        (lambda x: x.repeat(2, 1, 1, 1), ValueError, r"into \(2, 1, 32, 32\)"),
        (lambda x: x[:, :0], ValueError, r"into \(1, 0, 32, 32\)"),
    ],
)
def test_a_network_with_another_output_is_refused(answer, error, message):
    with pytest.raises(error, match=message):
        predict(Says(answer), SQUARE)


def test_a_network_that_changes_its_mind_is_refused():
    classes = iter([2, 1])
    model = Says(lambda x: x.expand(1, next(classes), -1, -1))
    with pytest.raises(ValueError, match=r"\(2, 32, 32\).*\(1, 32, 32\)"):
        predict(model, SQUARE, tile=16, overlap=0)


def test_the_error_of_the_network_comes_through():
    with pytest.raises(ValueError, match="in_channels=1"):
        predict(lively_unet(), noise(3, 32, 32))


def test_long_predictions_show_progress(capsys, monkeypatch):
    monkeypatch.setattr(prediction, "QUIET_SECONDS", 0)
    predict(Recorder(), SQUARE, tile=16, overlap=0)
    shown = capsys.readouterr()
    assert "predict" in shown.err
    assert "4/4" in shown.err
    predict(Recorder(), SQUARE)
    assert capsys.readouterr().err == ""


def test_short_predictions_are_quiet(capsys):
    predict(Recorder(), SQUARE, tile=16, overlap=0)
    shown = capsys.readouterr()
    assert shown.out == shown.err == ""


@pytest.mark.parametrize(
    ("labels", "expected"), [("exclusive", (0.5, 0.5)), ("independent", (0.9933, 0.9933))]
)
def test_what_the_channels_mean_is_said_by_the_model(labels, expected):
    model = Says(lambda x: torch.full((1, 2, *x.shape[2:]), 5.0))
    model.labels = labels
    result = predict(model, SQUARE)
    np.testing.assert_allclose(result[:, 0, 0], expected, atol=1e-4)


def test_the_unet_says_it_when_it_is_built():
    image = noise(32, 32)
    logits = lively_unet(num_classes=3)(torch.from_numpy(image)[None, None])[0]
    several = UNet(1, 3, 2, labels="independent").eval()
    several.load_state_dict(lively_unet(num_classes=3).state_dict())
    np.testing.assert_allclose(predict(several, image), logits.sigmoid().detach(), atol=1e-6)


def test_other_words_for_labels_are_refused():
    model = UNet(1, 2, 1, labels="multilabel")
    with pytest.raises(ValueError, match="'multilabel', but must be \"exclusive\""):
        predict(model, SQUARE)


def test_scaling_needs_a_scaling():
    with pytest.raises(ValueError, match=r"needs model\.scaling"):
        predict(Never(), SQUARE, scale=True)


def test_channels_last_is_said_by_name():
    with pytest.raises(ValueError, match=r"channels come last.*np\.moveaxis"):
        predict(lively_unet(3), noise(32, 48, 3))


def test_an_exported_network_keeps_its_mode():
    model = lively_unet()
    image = noise(32, 48)
    program = torch.export.export(model, (torch.from_numpy(image)[None, None],))
    np.testing.assert_allclose(predict(program.module(), image), predict(model, image), atol=1e-6)
