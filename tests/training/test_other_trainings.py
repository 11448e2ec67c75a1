"""A checkpoint is continued by its own training alone; a finished one can be given more epochs."""

import functools
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from unet_tutorial.data import RandomCrops, Scaling
from unet_tutorial.losses import bce_dice_loss
from unet_tutorial.training import fit, load_weights

COUNT, EPOCHS = 6, 2


def make_network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.Conv2d(2, 1, 1))


def make_pairs(seed=0):
    images = torch.rand(COUNT, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    return TensorDataset(images, (images > 0.5).float())


def make_loader(dataset=None, **keywords):
    return DataLoader(dataset or make_pairs(), **{"batch_size": 2} | keywords)


def train(path, model=None, *loaders, epochs=EPOCHS, **keywords):
    model, loaders = model or make_network(), loaders or (make_loader(), make_loader())
    keywords = {"learning_rate": 0.01, "loss": bce_dice_loss, "device": "cpu"} | keywords
    return fit(model, *loaders, epochs=epochs, checkpoint=path, **keywords)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


def lightly_changed(pairs):
    masks = pairs.tensors[1].clone()
    masks[0, 0, :4] = 1 - masks[0, 0, :4]
    return TensorDataset(pairs.tensors[0], masks)


def upside_down(pairs):
    return TensorDataset(pairs.tensors[0].flip(-2), pairs.tensors[1])


def crops(seed=0, image_seed=0):
    image = make_pairs(image_seed).tensors[0].view(24, 16).numpy()
    return RandomCrops([(image, image > 0.5)], size=8, length=COUNT, seed=seed)


def leaky():
    network = make_network()
    return nn.Sequential(*network, nn.LeakyReLU(0.9))


def frozen():
    network = make_network()
    network[0].requires_grad_(False)
    return network


def independent():
    network = make_network()
    network.labels = "independent"
    return network


def call(function):
    return lambda logits, target: function(logits, target)


OTHER = {  # what the second training has, and what the error names
    "images": (lambda: ([make_loader(make_pairs(1)), make_loader()], {}), "train_loader"),
    "a few pixels of the first mask": (
        lambda: ([make_loader(lightly_changed(make_pairs())), make_loader()], {}),
        "train_loader",
    ),
    "images upside down": (
        lambda: ([make_loader(upside_down(make_pairs())), make_loader()], {}),
        "train_loader",
    ),
    "other images of equal number in a list": (
        lambda: ([[*make_loader(make_pairs(1))], make_loader()], {}),
        "train_loader",
    ),
    "validation": (lambda: ([make_loader(), make_loader(make_pairs(1))], {}), "validation_loader"),
    "no validation": (lambda: ([make_loader()], {}), "validation_loader"),
    "a loss": (lambda: ([], {"loss": nn.BCEWithLogitsLoss()}), "loss"),
    "a loss function": (lambda: ([], {"loss": call(nn.functional.mse_loss)}), "loss"),
    "no loss": (lambda: ([], {"loss": lambda logits, _: logits.mean()}), "loss"),
    "weights in the loss": (
        lambda: ([], {"loss": nn.BCEWithLogitsLoss(pos_weight=torch.tensor(2.0))}),
        "loss",
    ),
    "layers without weights": (lambda: ([], {"model": leaky()}), "network"),
    "labels": (lambda: ([], {"model": independent()}), "network"),
    "frozen": (lambda: ([], {"model": frozen()}), "frozen parameters"),
    "an optimiser": (lambda: ([], {"optimiser": torch.optim.SGD}), "optimiser"),
}


@pytest.mark.parametrize("epochs", [EPOCHS, EPOCHS + 1])
@pytest.mark.parametrize("name", OTHER)
def test_another_training_is_refused(name, epochs, path):
    train(path)
    before = path.read_bytes()
    make, named = OTHER[name]
    loaders, keywords = make()
    model = keywords.pop("model", None) or make_network(1)
    if "optimiser" in keywords:
        optimiser = keywords["optimiser"](model.parameters(), lr=0.01)
        keywords = {"optimiser": optimiser, "learning_rate": None}
    weights = [value.clone() for value in model.state_dict().values()]
    with pytest.raises(ValueError, match=rf"run\.pt belongs to another training: .*{named}"):
        train(path, model, *loaders, epochs=epochs, **keywords)
    assert path.read_bytes() == before
    assert all(map(torch.equal, weights, model.state_dict().values()))


SAME = {  # a loss or data that only look different
    "a wrapped loss": lambda: ([], {"loss": call(bce_dice_loss)}),
    "a partial": lambda: ([], {"loss": functools.partial(bce_dice_loss)}),
    "workers": lambda: ([make_loader(num_workers=1), make_loader()], {}),
    "a compiled network": lambda: ([], {"model": torch.compile(make_network(1), backend="eager")}),
    "another device's name": lambda: ([], {"device": None}),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_training_is_recognised(name, path):
    history = train(path)
    loaders, keywords = SAME[name]()
    model = keywords.pop("model", None) or make_network(1)
    assert train(path, model, *loaders, **keywords) == history


@pytest.mark.parametrize("shuffle", [False, True])
def test_crops_are_recognised_by_their_seed_and_by_their_image(shuffle, path):
    history = train(path, None, make_loader(crops(), shuffle=shuffle))
    same = crops()
    same.set_epoch(5)
    assert train(path, None, make_loader(same, shuffle=shuffle)) == history
    for other in (crops(seed=1), crops(image_seed=1)):
        with pytest.raises(ValueError, match="train_loader RandomCrops"):
            train(path, None, make_loader(other, shuffle=shuffle))


class Augmented(Dataset):
    """Items that draw from all global generators, or from one that nobody can seed."""

    def __init__(self, draw):
        self.draw, self.pairs, self.file = draw, make_pairs(), None

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        self.file = "open"
        image, mask = self.pairs[index]
        return image + self.draw(), mask


def draw_from_global_generators():
    return torch.rand(1) + random.random() + np.random.rand()  # noqa: NPY002


@pytest.mark.parametrize(
    "draw",
    [draw_from_global_generators, lambda: torch.rand(1) * 0 + np.random.default_rng().random()],
)
def test_random_items_are_no_other_data(draw, path):
    history = train(path, None, make_loader(Augmented(draw)))
    again = make_network(1)  # which leaves torch's generator in another state
    assert train(path, again, make_loader(Augmented(draw))) == history
    if draw is draw_from_global_generators:
        other = Augmented(draw)
        other.pairs = make_pairs(1)
        with pytest.raises(ValueError, match="train_loader Augmented"):
            train(path, None, make_loader(other))


def test_looking_at_the_data_opens_no_file_for_the_workers(path):
    """A file opened before the workers start would be shared, and its position with it."""
    dataset = Augmented(lambda: 0.0)
    train(path, None, make_loader(Subset(dataset, range(COUNT)), num_workers=1))
    assert dataset.file is None


def test_data_without_indices_are_known_by_their_class_and_number(path):
    class Batches:
        def __len__(self):
            return 3

        def __iter__(self):
            return iter(make_loader())

    history = train(path, None, Batches())
    assert train(path, None, Batches()) == history
    with pytest.raises(ValueError, match=r"train_loader Batches .*now TensorDataset"):
        train(path)


def test_scaling_and_classes_go_with_a_checkpoint(path):
    model, scaling = make_network(), Scaling((1.0,), (2.0,))
    model.scaling, model.classes = scaling, ["nucleus"]
    train(path, model)
    for load in (lambda model: load_weights(model, path), lambda model: train(path, model)):
        other = make_network()
        load(other)
        assert (other.labels, other.scaling, other.classes) == ("exclusive", scaling, ["nucleus"])
    other.scaling = Scaling((0.0,), (9.0,))  # what is said here counts
    train(path, other)
    assert other.scaling == Scaling((0.0,), (9.0,))


# --- More epochs ---


def test_a_finished_training_gets_more_epochs_and_another_cycle(path, capsys):
    first = train(path, epochs=2)
    model = make_network(1)
    history = train(path, model, epochs=5, learning_rate=0.02)
    assert "Going on from run.pt: 2 of 5 epochs are done." in capsys.readouterr().out
    assert history.train_loss[:2] == first.train_loss
    assert history.epochs == len(history.validation_dice) == 5
    optimiser = torch.optim.AdamW(make_network().parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.02, total_steps=9)
    rates = []
    for _ in range(9):
        rates += schedule.get_last_lr()
        optimiser.step()
        schedule.step()
    assert history.learning_rate[2:] == pytest.approx(rates[2::3])


def test_more_epochs_start_from_the_averages_of_the_optimiser(path):
    """Against the same steps by hand: two cycles with one AdamW."""
    model, other = make_network(), make_network()
    train(path, model, epochs=2)
    train(path, model, epochs=3)
    optimiser = torch.optim.AdamW(other.parameters(), lr=0.01)
    for epochs in (2, 1):
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, total_steps=3 * epochs)
        for _ in range(epochs):
            for images, masks in make_loader():
                optimiser.zero_grad()
                bce_dice_loss(other(images), masks).backward()
                optimiser.step()
                schedule.step()
    for one, two in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.allclose(one, two, rtol=1e-5)


def test_more_epochs_can_be_interrupted_too(path, tmp_path):
    def interrupt(epoch, history, model):
        if epoch == 3:
            raise KeyboardInterrupt

    for place in (path, tmp_path / "other.pt"):
        train(place, epochs=2)
    model, other = make_network(), make_network()
    expected = train(path, model, epochs=5)
    assert train(tmp_path / "other.pt", epochs=5, on_epoch=interrupt).interrupted
    assert train(tmp_path / "other.pt", other, epochs=5) == expected
    for one, two in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        assert torch.equal(one, two)


def test_fewer_epochs_or_more_of_an_unfinished_training_are_refused(path):
    def interrupt(*_):
        raise KeyboardInterrupt

    train(path, epochs=3, on_epoch=interrupt)
    for epochs in (2, 4):
        with pytest.raises(ValueError, match=rf"epochs 3 \(now {epochs}\).*Only a finished"):
            train(path, epochs=epochs)
    train(path, epochs=3)
    with pytest.raises(ValueError, match=r"epochs 3 \(now 2\)"):
        train(path, epochs=2)
    assert train(path, epochs=4).epochs == 4


def test_the_probe_of_the_loss_leaves_the_network_as_it_is(path):
    model, before = make_network(), make_network()
    calls = []

    def loss(logits, target):
        calls.append(logits.shape)
        return F.binary_cross_entropy_with_logits(logits, target)

    train(path, model, loss=loss)
    expected = make_network()
    train(path.with_name("other.pt"), expected, loss=F.binary_cross_entropy_with_logits)
    assert len(calls) > 2 * 6
    assert not torch.equal(model[0].weight, before[0].weight)
    for one, two in zip(model.state_dict().values(), expected.state_dict().values(), strict=True):
        assert torch.equal(one, two)
