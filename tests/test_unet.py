"""The U-Net: keys, parameters, shapes, what it computes and what it refuses."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from unet_tutorial import DoubleConv, UNet, load_trained_unet
from unet_tutorial.shapes import unet_sizes


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def parameters_in_closed_form(in_channels, num_classes, c):
    """Summed over the levels by hand; DoubleConv(i, o) has 9io + 9oo + 4o, Up's stamp 2ii + i/2."""
    widths = [c * 2**level for level in range(5)]
    total = 9 * in_channels * c + 9 * c * c + 4 * c
    for narrow, wide in itertools.pairwise(widths):
        down = 9 * narrow * wide + 9 * wide * wide + 4 * wide
        up = (4 * wide * narrow + narrow) + 9 * wide * narrow + 9 * narrow * narrow + 4 * narrow
        total += down + up
    return total + c * num_classes + num_classes


def test_parameters_at_the_defaults():
    assert parameters(UNet()) == 31_036_481
    assert parameters(UNet(base_channels=16)) == 1_942_289


@pytest.mark.parametrize(("i", "k", "c"), [(1, 1, 64), (1, 1, 1), (3, 5, 6), (2, 1, 16)])
def test_parameters_in_closed_form(i, k, c):
    assert parameters(UNet(i, k, c)) == parameters_in_closed_form(i, k, c)


def test_keys_are_those_of_the_design():
    def double(prefix):
        for conv, norm in ((0, 1), (3, 4)):
            yield f"{prefix}.{conv}.weight"
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                yield f"{prefix}.{norm}.{name}"

    keys = {*double("in_conv.double_conv"), "out_conv.conv.weight", "out_conv.conv.bias"}
    for level in range(1, 5):
        keys |= {*double(f"down{level}.downsampling.1.double_conv")}
        keys |= {*double(f"up{level}.conv.double_conv")}
        keys |= {f"up{level}.upsampling.weight", f"up{level}.upsampling.bias"}
    assert set(UNet(base_channels=1).state_dict()) == keys


def test_every_stage_has_the_size_of_the_table():
    table = {s.name: (s.channels, s.height, s.width) for s in unet_sizes(480, 480)}
    seen = {}
    with torch.device("meta"):
        model = UNet()
        for name, stage in model.named_children():
            stage.register_forward_hook(
                lambda module, inputs, output, name=name: seen.update({name: output.shape})
            )
        out = model(torch.empty(10, 1, 480, 480))
    assert out.shape == (10, 1, 480, 480)
    assert {name: tuple(shape[1:]) for name, shape in seen.items()} == {
        name: size for name, size in table.items() if name != "input"
    }


def test_each_skip_connection_joins_its_own_level():
    torch.manual_seed(0)
    model = UNet(base_channels=2).eval()
    received = {}
    for i in range(1, 5):
        getattr(model, f"up{i}").register_forward_hook(
            lambda module, inputs, output, i=i: received.update({i: inputs})
        )
    given = {}
    for name in ("in_conv", "down1", "down2", "down3", "down4", "up1", "up2", "up3"):
        getattr(model, name).register_forward_hook(
            lambda module, inputs, output, name=name: given.update({name: output})
        )
    model(torch.randn(2, 1, 32, 48))
    wiring = {
        1: ("down4", "down3"),
        2: ("up1", "down2"),
        3: ("up2", "down1"),
        4: ("up3", "in_conv"),
    }
    for i, (below, skip) in wiring.items():
        assert received[i][0] is given[below]
        assert received[i][1] is given[skip]


def test_gradients_reach_every_parameter():
    torch.manual_seed(0)
    model = UNet(2, 3, base_channels=2)
    model(torch.randn(2, 2, 32, 32)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_a_state_dict_loads_strictly_and_gives_the_same_logits():
    model, other = UNet(base_channels=2).eval(), UNet(base_channels=2).eval()
    other.load_state_dict(model.state_dict(), strict=True)
    x = torch.randn(1, 1, 16, 16)
    assert torch.equal(model(x), other(x))


@pytest.mark.parametrize(
    ("batch", "error", "says"),
    [
        (torch.zeros(16, 16), ValueError, r"shape \(N, C, H, W\).*this one is \(16, 16\)"),
        (torch.zeros(1, 16, 16), ValueError, "four numbers"),
        (torch.zeros(2, 3, 16, 16), ValueError, "in_channels=1.*has 3"),
        (torch.zeros(2, 1, 32, 32, dtype=torch.uint8), TypeError, "this batch holds torch.uint8"),
        (torch.zeros(0, 1, 16, 16), ValueError, "is empty"),
        (torch.zeros(2, 1, 0, 16), ValueError, "is empty"),
        (torch.zeros(2, 1, 16, 0), ValueError, "is empty"),
        (torch.zeros(2, 1, 17, 64), ValueError, "17x64 does not. The next size that fits is 32x64"),
        (torch.zeros(2, 1, 64, 100), ValueError, "next size that fits is 64x112"),
        (torch.zeros(1, 1, 16, 16), ValueError, "more than 1 value per channel"),
        (torch.zeros(2, 1, 16, 16, dtype=torch.float64), TypeError, r"batch\.to\(torch\.float32\)"),
        (np.zeros((2, 1, 16, 16), np.float32), TypeError, "ndarray.*torch.from_numpy"),
        (torch.zeros(2, 32, 48, 3), ValueError, r"channels come last.*movedim\(-1, -3\)"),
    ],
)
def test_what_cannot_pass_is_refused_with_the_reason(batch, error, says):
    with pytest.raises(error, match=says):
        UNet(base_channels=1)(batch)


def test_one_small_image_passes_in_eval_mode_and_two_in_training_mode():
    model = UNet(base_channels=1)
    assert model(torch.zeros(2, 1, 16, 16)).shape == (2, 1, 16, 16)
    assert model(torch.zeros(1, 1, 16, 32)).shape == (1, 1, 16, 32)
    assert model.eval()(torch.zeros(1, 1, 16, 16)).shape == (1, 1, 16, 16)


def norms(model):
    return [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]


def test_one_small_image_passes_where_no_batchnorm_needs_a_variance():
    small = torch.zeros(1, 1, 16, 16)
    frozen, replaced = UNet(base_channels=1), UNet(base_channels=2)
    for norm in norms(frozen.down4):
        norm.eval()
    assert frozen.training
    assert frozen(small).shape == small.shape
    for block in replaced.modules():
        if isinstance(block, DoubleConv):
            channels = block.double_conv[1].num_features
            block.double_conv[1] = block.double_conv[4] = nn.GroupNorm(1, channels)
    assert norms(replaced) == []
    assert replaced(small).shape == small.shape


def test_one_small_image_is_refused_where_a_batchnorm_keeps_no_running_mean():
    model = UNet(base_channels=1).eval()
    norm = model.down4.downsampling[1].double_conv[1]
    norm.running_mean = norm.running_var = None
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        model(torch.zeros(1, 1, 16, 16))


@pytest.mark.parametrize("widths", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 2.5), (-1, 1, 1)])
def test_widths_below_one_are_refused(widths):
    with pytest.raises(ValueError, match=r"must be (at least 1|a whole number)"):
        UNet(*widths)


def test_the_shipped_network_is_ready_to_predict():
    model = load_trained_unet()
    assert not any(module.training for module in model.modules())
    assert (model.in_channels, model.num_classes, model.base_channels) == (1, 1, 8)
    assert all(isinstance(p, nn.Parameter) and p.isfinite().all() for p in model.parameters())


SMALL = torch.rand(2, 1, 32, 48, generator=torch.Generator().manual_seed(0))
TRACERS = {
    "fx": torch.fx.symbolic_trace,
    "compile": lambda model: torch.compile(model, fullgraph=True, backend="eager"),
    "export": lambda model: torch.export.export(model, (SMALL,)).module(),
}


@pytest.mark.parametrize("trace", TRACERS.values(), ids=TRACERS)
def test_traced_it_computes_the_same(trace):
    torch.manual_seed(0)
    model = UNet(base_channels=1).eval()
    torch.testing.assert_close(trace(model)(SMALL), model(SMALL))


def test_traced_it_refuses_the_same():
    with pytest.raises(ValueError, match="next size that fits is 32x64"):
        torch.fx.symbolic_trace(UNet(base_channels=1).eval())(torch.zeros(1, 1, 17, 64))


def test_an_exported_network_takes_other_sizes():
    model = UNet(base_channels=1).eval()
    sides = {0: torch.export.Dim("n"), 2: 16 * torch.export.Dim("h"), 3: 16 * torch.export.Dim("w")}
    exported = torch.export.export(model, (SMALL,), dynamic_shapes=(sides,)).module()
    batch = torch.rand(3, 1, 64, 80)
    torch.testing.assert_close(exported(batch), model(batch))


def test_vmap_in_eval_mode():
    model = UNet(base_channels=1).eval()
    torch.testing.assert_close(torch.vmap(model)(SMALL[:, None])[:, 0], model(SMALL))


def test_autocast_takes_the_batch_as_it_is():
    model = UNet(base_channels=1).eval()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(SMALL).dtype == torch.bfloat16


def test_parts_can_be_exchanged():
    model = UNet(base_channels=2).eval()
    model.out_conv = nn.Identity()
    assert model(SMALL).shape == (2, 2, 32, 48)
    with pytest.raises(TypeError, match=r"batch\.to\(torch\.float32\)"):
        model(SMALL.double())
