"""Weights that other programs wrote, and what this package keeps with its own."""

import pytest
import torch
from torch import nn

from unet_tutorial.data import Scaling, measure_scaling
from unet_tutorial.training import load_weights, save_weights
from unet_tutorial.unet import TRAINED_UNET, UNet, load_trained_unet


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.pt"


def make_model(seed=0, **labels):
    torch.manual_seed(seed)
    return UNet(num_classes=3, base_channels=1, **labels)


def assert_same(model, other):
    ours, theirs = model.state_dict(), other.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def rename(function):
    return lambda model: {function(name): value for name, value in model.state_dict().items()}


FOREIGN = {
    "DataParallel": rename("module.{}".format),
    "torch.compile": rename("_orig_mod.{}".format),
    "DistributedDataParallel of torch.compile": rename("module._orig_mod.{}".format),
    "a part that was compiled": rename(lambda name: name.replace("down1.", "down1._orig_mod.")),
    "Lightning": lambda model: {"state_dict": rename("model.{}".format)(model), "epoch": 3},
    "Lightning with another attribute": lambda model: {
        "state_dict": rename("net.u.{}".format)(model)
    },
    "a program's checkpoint": lambda model: {"model_state_dict": model.state_dict(), "loss": 0.5},
    "numbers for names of parts": lambda model: nn.Sequential(model).state_dict(),
}


@pytest.mark.parametrize("program", FOREIGN)
def test_weights_of_other_programs(program, path):
    model, other = make_model(0), make_model(1)
    torch.save(FOREIGN[program](model), path)
    load_weights(other, path)
    assert_same(other, model)


WRAPPERS = [nn.DataParallel, lambda model: torch.compile(model, backend="eager")]


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_wrappers_leave_no_trace_in_files(wrap, path):
    model, other = make_model(0), make_model(1)
    save_weights(wrap(model), path)
    assert torch.load(path, weights_only=True)["model"].keys() == model.state_dict().keys()
    load_weights(wrap(other), path)
    assert_same(other, model)


def test_a_part_that_is_compiled_leaves_no_trace(path):
    model, other = make_model(0), make_model(1)
    names = model.state_dict().keys()
    model.down1 = torch.compile(model.down1, backend="eager")
    save_weights(model, path)
    assert torch.load(path, weights_only=True)["model"].keys() == names
    load_weights(other, path)
    other.up1 = torch.compile(other.up1, backend="eager")
    load_weights(other, path)
    assert_same(model.up1, other.up1._orig_mod)


def test_names_from_both_sides_are_shown(path):
    torch.save(rename("encoder.part.{}".format)(nn.Linear(2, 3)), path)
    with pytest.raises(ValueError, match="No name is in both") as caught:
        load_weights(make_model(), path)
    said = str(caught.value)
    assert "in_conv.double_conv.0.weight: file has none, model (1, 1, 3, 3)" in said
    assert "encoder.part.weight: file (3, 2), model has none" in said
    assert "the arguments that the file was saved with" not in said


def test_a_prefix_is_no_excuse_for_other_shapes(path):
    torch.save({"state_dict": rename("model.{}".format)(make_model())}, path)
    with pytest.raises(ValueError, match="the arguments that the file was saved with") as caught:
        load_weights(UNet(num_classes=2, base_channels=1), path)
    assert "out_conv.conv.bias: file (3,), model (2,)" in str(caught.value)


def test_what_else_a_file_holds_under_the_prefix_is_refused(path):
    weights = rename("model.{}".format)(make_model()) | {"loss.pos_weight": torch.ones(1)}
    torch.save({"state_dict": weights}, path)
    with pytest.raises(ValueError, match=r"1 of 119.*\n  loss\.pos_weight: file \(1,\), mod"):
        load_weights(make_model(), path)


def test_two_networks_in_a_file_are_not_chosen_from(path):
    both = rename("generator.{}".format)(make_model(0)) | rename("judge.{}".format)(make_model(1))
    torch.save(both, path)
    with pytest.raises(ValueError, match=r"generator\.in_conv\.double_conv\.0\.weight: file"):
        load_weights(make_model(), path)


def test_a_key_that_is_not_known_is_named(path):
    torch.save({"net": make_model().state_dict(), "epoch": 3}, path)
    with pytest.raises(ValueError, match="net: file OrderedDict, model has none"):
        load_weights(make_model(), path)


def test_weights_of_a_training_that_went_wrong(path):
    weights = make_model().state_dict()
    weights["up1.conv.double_conv.0.weight"][0, 0] = torch.nan
    torch.save(weights, path)
    with pytest.raises(ValueError, match="holds NaN: its training went wrong"):
        load_weights(make_model(), path)


# --- What goes with the weights -------------------------------------------------------------------

SCALING = Scaling((0.0, 10.0, 20.5), (1.0, 200.0, 4000.0))
CLASSES = ["background", "cell", "nucleus"]


def test_labels_scaling_and_classes_go_with_the_weights(path):
    save_weights(make_model(labels="independent"), path, scaling=SCALING, classes=CLASSES)
    content = torch.load(path, weights_only=True)
    assert content.keys() == {"model", "labels", "scaling", "classes"}
    assert content["scaling"] == ((0.0, 10.0, 20.5), (1.0, 200.0, 4000.0))
    assert type(content["scaling"]) is tuple, "plain values"
    model = make_model()
    load_weights(model, path)
    assert (model.labels, model.scaling, model.classes) == ("independent", SCALING, CLASSES)
    assert isinstance(model.scaling, Scaling)


@pytest.mark.parametrize("wrap", [lambda model: model, *WRAPPERS])
def test_a_models_own_attributes_are_kept_unless_others_are_given(wrap, path):
    model = make_model()
    model.scaling, model.classes = SCALING, CLASSES
    save_weights(wrap(model), path)
    save_weights(wrap(model), path.with_name("other.pt"), classes=["a", "b", "c"])
    other = make_model(labels="independent")
    load_weights(wrap(other), path)
    assert (other.labels, other.scaling, other.classes) == ("exclusive", SCALING, CLASSES)
    load_weights(wrap(other), path.with_name("other.pt"))
    assert (other.scaling, other.classes) == (SCALING, ["a", "b", "c"])


def test_a_file_without_scaling_does_not_leave_that_of_the_weights_before(path):
    model = make_model()
    save_weights(model, path)
    model.scaling = SCALING
    load_weights(model, path)
    assert model.scaling is None


def test_a_bare_state_dict_says_nothing_about_labels_or_scaling(path):
    model = make_model(labels="independent")
    model.scaling = SCALING
    torch.save(model.state_dict(), path)
    load_weights(model, path)
    assert (model.labels, model.scaling) == ("independent", SCALING)


def test_the_network_that_ships_brings_its_scaling():
    model, shipped = UNet(base_channels=8), load_trained_unet()
    load_weights(model, TRAINED_UNET)
    assert (model.labels, model.scaling) == ("exclusive", shipped.scaling)


def test_any_module_has_labels(path):
    save_weights(nn.Conv2d(1, 2, 1), path)
    model = nn.Conv2d(1, 2, 1)
    load_weights(model, path)
    assert (model.labels, model.scaling, model.classes) == ("exclusive", None, None)


@pytest.mark.parametrize(
    "keywords",
    [
        {"scaling": torch.rand(2, 4).numpy()},
        {"scaling": (0.0, 255.0)},
        {"classes": "nucleus"},
    ],
)
def test_what_is_no_scaling_and_no_list_of_names(keywords, path):
    with pytest.raises(TypeError, match=r"measure_scaling\(image\) returns, and classes a list"):
        save_weights(make_model(), path, **keywords)
    assert not path.exists()


def test_scaling_as_it_is_measured(path):
    image = torch.arange(3 * 64.0).view(3, 8, 8).numpy()
    save_weights(make_model(), path, scaling=measure_scaling(image, low=0, high=100))
    model = make_model()
    load_weights(model, path)
    assert model.scaling == Scaling((0.0, 64.0, 128.0), (63.0, 127.0, 191.0))
