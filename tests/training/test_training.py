"""fit against loops by hand; interrupted and resumed against never interrupted, bit for bit."""

import builtins
import doctest
import math
import os
import random
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    RandomSampler,
    Subset,
    TensorDataset,
    WeightedRandomSampler,
)

from unet_tutorial.data import load_nuclei, normalise, split_strips
from unet_tutorial.files import atomic_write
from unet_tutorial.losses import bce_dice_loss, segmentation_loss
from unet_tutorial.metrics import dice
from unet_tutorial.prediction import predict
from unet_tutorial.training import (
    History,
    checkpoints,
    choose_device,
    fit,
    load_weights,
    random_states,
    save_weights,
)
from unet_tutorial.unet import TRAINED_UNET, UNet, load_trained_unet

IMAGES, BATCH_SIZE, STEPS = 10, 4, 3  # batches of 4, 4 and 2
EPOCHS = 4
RATE = 0.02


class Noisy(Dataset):
    """Items that depend on the epoch, and on every global random number generator."""

    def __init__(self):
        self.epoch = 0
        self.epochs_set = []
        self.interrupt_in = math.inf  # items until the stop button is pressed

    def __len__(self):
        return IMAGES

    def set_epoch(self, epoch):
        self.epoch = epoch
        self.epochs_set.append(epoch)

    def __getitem__(self, index):
        self.interrupt_in -= 1
        if self.interrupt_in < 0:
            raise KeyboardInterrupt
        generator = torch.Generator().manual_seed(1000 * self.epoch + index)
        image = torch.rand(1, 8, 8, generator=generator)
        noise = random.random() + np.random.rand() + torch.rand(()).item()  # noqa: NPY002
        return image + 0.3 * noise, (image > 0.5).float()


class Spy(nn.Module):
    """A small network with BatchNorm and dropout that remembers how it was called."""

    def __init__(self, classes=1):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Dropout2d(0.3),
            nn.Conv2d(4, classes, 1),
        )
        self.calls = []

    def forward(self, x):
        self.calls.append((self.training, torch.is_grad_enabled()))
        return self.layers(x)


def seed_all(seed):
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    torch.manual_seed(seed)


def plain(seed=0):
    return DataLoader(Noisy(), batch_size=BATCH_SIZE, shuffle=True)


def with_generator(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(Noisy(), batch_size=BATCH_SIZE, shuffle=True, generator=generator)


def with_sampler(seed=0):
    generator = torch.Generator().manual_seed(seed)
    sampler = WeightedRandomSampler(torch.ones(IMAGES), IMAGES, generator=generator)
    return DataLoader(Noisy(), batch_size=BATCH_SIZE, sampler=sampler)


def with_batch_sampler(seed=0):
    dataset, generator = Noisy(), torch.Generator().manual_seed(seed)
    sampler = BatchSampler(RandomSampler(dataset, generator=generator), BATCH_SIZE, False)
    return DataLoader(dataset, batch_sampler=sampler)


LOADERS = [plain, with_generator, with_sampler, with_batch_sampler]


def fixed_pairs(count=IMAGES, classes=1):
    generator = torch.Generator().manual_seed(7)
    images = torch.rand(count, 1, 8, 8, generator=generator)
    if classes == 1:
        return TensorDataset(images, (images > 0.5).float())
    return TensorDataset(images, (images[:, 0] * classes).long())


def validation():
    return DataLoader(fixed_pairs(5), batch_size=2)


def started(make_loader, seed=0):
    """A model and its loaders, as at the start of a script."""
    seed_all(seed)
    return Spy(), make_loader(seed), validation()


def train(model, *loaders, epochs=EPOCHS, learning_rate=RATE, **keywords):
    return fit(
        model, *loaders, epochs=epochs, learning_rate=learning_rate, device="cpu", **keywords
    )


def same_weights(one, other):
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


@cache
def never_interrupted(make_loader):
    model, *loaders = started(make_loader)
    return model, train(model, *loaders)


def lists(history):
    return {name: values for name, values in vars(history).items() if name != "interrupted"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


# --- What a training computes ---------------------------------------------------------------------


def one_cycle(step, steps, low, high, end):
    """Cosine from low to high over the first 30 % of the steps, then from high to end."""
    peak = 0.3 * steps - 1
    if step <= peak:
        return high + (low - high) * (1 + math.cos(math.pi * step / peak)) / 2
    done = (step - peak) / (steps - 1 - peak)
    return end + (high - end) * (1 + math.cos(math.pi * done)) / 2


def test_equals_adamw_by_hand_on_a_single_weight():
    images = torch.linspace(-1, 1, 8, dtype=torch.float64).view(4, 1, 1, 2)
    batches = [(images[:2], 3 * images[:2]), (images[2:], 3 * images[2:])]
    model = nn.Conv2d(1, 1, 1, bias=False).double()
    weight, steps = model.weight.item(), 10
    first = second = 0.0
    beta1_product = 1.0
    for step in range(steps):
        x = batches[step % 2][0].flatten().tolist()
        gradient = sum(2 * (weight - 3) * value**2 for value in x) / len(x)
        rate = one_cycle(step, steps, RATE / 25, RATE, RATE / 25 / 1e4)
        beta1 = one_cycle(step, steps, 0.95, 0.85, 0.95)
        beta1_product *= beta1
        weight *= 1 - rate * 0.01
        first = beta1 * first + (1 - beta1) * gradient
        second = 0.999 * second + 0.001 * gradient**2
        corrected = first / (1 - beta1 ** (step + 1))
        weight -= rate * corrected / (math.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8)
    history = train(model, batches, epochs=5, loss=nn.MSELoss())
    assert model.weight.item() == pytest.approx(weight, rel=1e-9)
    rates = [one_cycle(2 * n + 1, steps, RATE / 25, RATE, RATE / 25e4) for n in range(5)]
    assert history.learning_rate == pytest.approx(rates)


def test_the_schedule_is_the_documented_one():
    batch = [tuple(fixed_pairs().tensors)]
    rates = train(Spy(), batch, epochs=10).learning_rate  # one step an epoch
    assert rates[0] == pytest.approx(RATE / 25)
    assert max(rates) == rates[2] == pytest.approx(RATE)  # after 30 % of the steps
    assert rates[-1] < RATE / 1e5
    assert all(a > b for a, b in pairwise(rates[2:]))


def test_a_single_step_is_taken_at_a_useful_rate():
    [rate] = train(Spy(), [tuple(fixed_pairs().tensors)], epochs=1).learning_rate
    assert RATE / 2 < rate <= RATE


def test_losses_are_means_over_images():
    seen = []

    def loss(logits, target):
        value = logits.mean() * 0 + 10.0 ** len(target)  # 10^4, 10^4, 10^2
        seen.append(len(target))
        return value

    history = train(Spy(), DataLoader(fixed_pairs(), 4), DataLoader(fixed_pairs(3), 2), loss=loss)
    assert seen == [4, 4, 2, 2, 1] * EPOCHS
    assert history.train_loss == pytest.approx([(8 * 1e4 + 2 * 100) / 10] * EPOCHS)
    assert history.validation_loss == pytest.approx([(2 * 100 + 1 * 10) / 3] * EPOCHS)


def test_modes_and_gradients():
    model, *loaders = started(plain)
    model.train()
    train(model, *loaders, epochs=2)
    assert model.calls == ([(True, True)] * STEPS + [(False, False)] * 3) * 2
    assert not any(part.training for part in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_it_learns_and_says_where(capsys):
    seed_all(0)
    model = nn.Conv2d(1, 1, 1)
    history = train(model, DataLoader(fixed_pairs(), 5), validation(), epochs=40, learning_rate=1.0)
    assert history.validation_dice[-1] > 0.97
    assert history.train_loss[-1] < history.train_loss[0] / 2
    out, err = capsys.readouterr()
    assert out == "Training on cpu.\n"
    assert "80/80" in err  # one bar for all steps of all epochs
    assert all(part in err for part in ("epoch=1/40", "epoch=40/40", "loss=", "validation_dice="))


def test_validation_equals_dice_and_loss_over_all_its_pixels():
    model, *loaders = started(plain)
    history = train(model, *loaders)
    images, masks = fixed_pairs(5).tensors
    logits = model(images)
    expected = sum(segmentation_loss(logits[i], masks[i]) * len(masks[i]) for i in _batches(5, 2))
    assert history.validation_dice[-1] == pytest.approx(dice(logits > 0, masks), rel=1e-12)
    assert history.validation_loss[-1] == pytest.approx(expected.item() / 5, rel=1e-6)


def _batches(count, size):
    return [slice(start, start + size) for start in range(0, count, size)]


def test_validation_of_several_classes_averages_the_foreground_that_occurs():
    seed_all(1)
    model, pairs = Spy(classes=4), fixed_pairs(6, classes=3)  # class 3 is never true
    with torch.no_grad():
        model.layers[-1].bias[3] = -1e4  # nor predicted
    history = train(model, DataLoader(pairs, 4), DataLoader(pairs, 4), epochs=2)
    predicted, true = model(pairs.tensors[0]).argmax(1), pairs.tensors[1]
    scores = [dice(predicted == number, true == number) for number in (1, 2)]
    assert history.validation_dice[-1] == pytest.approx(sum(scores) / 2, rel=1e-12)
    assert scores[0] != scores[1]


def test_validation_where_nothing_is_found_and_nothing_is_there():
    batch = torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 8, 8)
    model = nn.Conv2d(1, 1, 1)
    nn.init.constant_(model.bias, -5)
    assert train(model, [batch], [batch], epochs=1).validation_dice == [1.0]


def test_without_validation_its_lists_are_empty():
    history = train(*started(plain)[:2])
    assert (history.validation_loss, history.validation_dice) == ([], [])
    assert len(history.train_loss) == len(history.learning_rate) == history.epochs == EPOCHS


def test_history_holds_plain_floats_and_prints_its_last_epoch():
    history = train(*started(plain))
    values = [value for values in lists(history).values() for value in values]
    assert len(values) == 4 * EPOCHS
    assert {type(value) for value in values} == {float}
    short = History([0.51, 0.25], [0.75, 0.5], [0.1, 0.9], [0.1, 1e-8])
    assert repr(short) == (
        "History(epochs=2, train_loss=0.25, validation_loss=0.5, validation_dice=0.9, "
        "learning_rate=1e-08, interrupted=False)"
    )
    assert repr(History()) == "History(epochs=0, interrupted=False)"


@pytest.mark.parametrize("wrap", [lambda dataset: dataset, lambda dataset: Subset(dataset, [0, 1])])
def test_the_dataset_hears_of_every_epoch(wrap):
    dataset = Noisy()
    train(Spy(), DataLoader(wrap(dataset), batch_size=2), validation())
    assert dataset.epochs_set == [0, 1, 2, 3]


@pytest.mark.parametrize("validated", [0, 1])
def test_on_epoch_sees_completed_epochs_and_the_model_in_eval_mode(validated):
    model, *loaders = started(plain)
    seen = []

    def look(epoch, history, given):
        seen.append((epoch, history.epochs, len(history.validation_dice), given.training))
        assert given is model

    history = train(model, *loaders[: 1 + validated], epochs=2, on_epoch=look)
    assert seen == [(1, 1, validated, False), (2, 2, 2 * validated, False)]
    assert not history.interrupted


@pytest.mark.parametrize("make_loader", LOADERS)
def test_validation_and_on_epoch_draw_nothing_from_training(make_loader):
    def draw(*_):
        random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
        next(iter(loader))

    bare, loader, _ = started(make_loader)
    train(bare, loader)
    drawing, loader, _ = started(make_loader)
    train(drawing, loader, loader, on_epoch=draw)
    assert same_weights(bare, drawing)


def test_frozen_parameters_stay_as_they_are():
    model, *loaders = started(plain)
    model.layers[0].requires_grad_(False)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    train(model, *loaders)
    changed = {name for name, value in model.state_dict().items() if not value.equal(before[name])}
    assert "layers.4.weight" in changed
    assert not any(name.startswith("layers.0") for name in changed)


def test_a_loss_with_weights_of_its_own():
    loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(2.0))
    model, *loaders = started(plain)
    assert train(model, *loaders, loss=loss, epochs=1).epochs == 1


# --- Interrupted, and taken up again --------------------------------------------------------------


def test_an_interruption_leaves_the_model_usable_and_the_history_so_far(capsys):
    model, loader, held_out = started(plain)
    untouched, *_ = started(plain)
    loader.dataset.interrupt_in = 2 * IMAGES + 5  # in the second batch of the third epoch
    history = train(model, loader, held_out)
    assert history.interrupted
    assert [len(values) for values in lists(history).values()] == [2] * 4
    assert not any(part.training for part in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert model(torch.rand(1, 1, 8, 8)).isfinite().all()
    assert not same_weights(model, untouched)
    assert capsys.readouterr().out == (
        "Training on cpu.\n"
        "Interrupted after 2 of 4 epochs: the model keeps the weights of this moment.\n"
    )


class Interruption:
    """Raises KeyboardInterrupt at the given call; wraps a function or stands for one."""

    def __init__(self, at, function=lambda *_, **__: None):
        self.left, self.function = at, function

    def __call__(self, *arguments, **keywords):
        result = self.function(*arguments, **keywords)
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
        return result


def interrupted_in_dataset(at):
    def interrupt(loader, monkeypatch):
        loader.dataset.interrupt_in = at
        return {}

    return interrupt


def interrupted_in_loss(at):
    return lambda loader, monkeypatch: {"loss": Interruption(at, bce_dice_loss)}


def interrupted_in_on_epoch(loader, monkeypatch):
    return {"on_epoch": Interruption(2)}


def interrupted_in_writing(loader, monkeypatch):
    monkeypatch.setattr(torch, "save", Interruption(3, torch.save))
    return {}


PLACES = {  # how, and how many epochs are then complete, recorded and on the disk
    "first epoch": (interrupted_in_dataset(BATCH_SIZE), 0, 0),
    "third epoch, first batch": (interrupted_in_dataset(2 * IMAGES), 2, 2),
    "third epoch, last batch": (interrupted_in_dataset(3 * IMAGES - 1), 2, 2),
    # With a checkpoint, the loss is tried on three items before, twice.
    "loss of a training step": (interrupted_in_loss(6 + 2), 0, 0),
    "loss of a validation step": (interrupted_in_loss(6 + 2 * (STEPS + 3) - 1), 1, 1),
    "on_epoch": (interrupted_in_on_epoch, 2, 2),
    "writing the checkpoint": (interrupted_in_writing, 2, 1),
}


@pytest.mark.parametrize(
    ("place", "make_loader"),
    [(place, loader) for place in PLACES for loader in LOADERS[:2]]
    + [("third epoch, first batch", loader) for loader in LOADERS[2:]],
)
def test_resumed_is_the_same_as_never_interrupted(place, make_loader, path, monkeypatch, capsys):
    model, expected = never_interrupted(make_loader)
    interrupt, recorded, saved = PLACES[place]
    partial, loader, held_out = started(make_loader)
    with monkeypatch.context() as patch:
        keywords = interrupt(loader, patch)
        history = train(partial, loader, held_out, checkpoint=path, **keywords)
    assert history.interrupted
    assert [len(values) for values in lists(history).values()] == [recorded] * 4
    assert f"To go on from {path}, call fit again." in capsys.readouterr().out
    assert (
        torch.load(path, weights_only=True)["history"]["train_loss"]
        == (expected.train_loss[:saved])
    )

    resumed, *loaders = started(make_loader, seed=99)  # another process, nothing as it was
    history = train(resumed, *loaders, checkpoint=path)
    out, err = capsys.readouterr()
    assert f"Going on from {path.name}: {saved} of 4 epochs are done." in out
    assert "12/12" in err  # the bar counts the steps of the epochs before, too
    assert same_weights(resumed, model)
    assert history == expected


@pytest.mark.parametrize("state", ["torch", "loaders", "python", "numpy"])
def test_every_random_state_of_the_checkpoint_is_needed(state, path):
    model, _ = never_interrupted(with_generator)
    partial, *loaders = started(with_generator)
    train(partial, *loaders, checkpoint=path, on_epoch=Interruption(2))
    resumed, *loaders = started(with_generator, seed=99)
    content = torch.load(path, weights_only=True)
    content["random"][state] = random_states.get_random_states(loaders[0])[
        state
    ]  # another process's
    write_tensors(content, path)
    train(resumed, *loaders, checkpoint=path)
    assert not same_weights(resumed, model)


@pytest.mark.parametrize("make_loader", LOADERS)
def test_resumed_in_the_same_notebook(make_loader, path):
    model, expected = never_interrupted(make_loader)
    partial, loader, held_out = started(make_loader)
    loader.dataset.interrupt_in = 2 * IMAGES + 5
    train(partial, loader, held_out, checkpoint=path)
    loader.dataset.interrupt_in = math.inf
    assert train(partial, loader, held_out, checkpoint=path) == expected
    assert same_weights(partial, model)


def test_stopped_and_resumed_in_every_epoch(path):
    model, expected = never_interrupted(with_generator)
    for epoch in range(EPOCHS):
        resumed, *loaders = started(with_generator, seed=epoch)
        loaders[0].dataset.interrupt_in = IMAGES + 1
        history = train(resumed, *loaders, checkpoint=path)
        assert history.epochs == epoch + 1
    assert not history.interrupted  # the last had nothing left to interrupt
    assert history == expected
    assert same_weights(resumed, model)


def test_a_checkpoint_changes_nothing_in_training(path):
    model, expected = never_interrupted(plain)
    other, *loaders = started(plain)
    assert train(other, *loaders, checkpoint=path) == expected
    assert same_weights(model, other)


def test_a_partial_epoch_stays_in_the_model_but_not_in_the_checkpoint(path):
    model, loader, _ = started(plain)
    loader.dataset.interrupt_in = IMAGES + 5
    train(model, loader, checkpoint=path)
    stored = Spy()
    load_weights(stored, path)
    assert not same_weights(model, stored)
    complete, loader, _ = started(plain)
    train(complete, loader, on_epoch=Interruption(1))
    assert same_weights(complete, stored)


def test_a_finished_training_just_gives_its_result_back(path, capsys):
    model, *loaders = started(plain)
    expected = train(model, *loaders, checkpoint=path)
    capsys.readouterr()
    other, *loaders = started(plain, seed=5)
    called = []
    history = train(other, *loaders, checkpoint=path, on_epoch=lambda *_: called.append(1))
    assert history == expected
    assert same_weights(model, other)
    assert not other.training
    assert not called
    assert (True, True) not in other.calls  # no step of training
    out, err = capsys.readouterr()
    assert "4 of 4 epochs are done" in out
    assert not err  # no bar


def test_frozen_otherwise_is_refused_when_resuming(path):
    model, *loaders = started(plain)
    train(model, *loaders, checkpoint=path, on_epoch=Interruption(1))
    other, *loaders = started(plain)
    other.layers[0].requires_grad_(False)
    with pytest.raises(ValueError, match="frozen"):
        train(other, *loaders, checkpoint=path)


def test_another_generator_is_refused_before_the_model_changes(path):
    train(*started(with_generator), checkpoint=path, on_epoch=Interruption(1))
    model, *loaders = started(plain, seed=3)
    before, *_ = started(plain, seed=3)
    with pytest.raises(ValueError, match=r"1 generators in train_loader.*now has 0"):
        train(model, *loaders, checkpoint=path)
    assert same_weights(model, before)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"epochs": 5}, r"run\.pt.*epochs 4 \(now 5\)"),
        ({"learning_rate": 0.01}, r"learning_rate 0\.02 \(now 0\.01\)"),
        ({"steps": 4}, r"steps 3 \(now 4\)"),
    ],
)
def test_another_schedule_is_refused(changed, message, path):
    train(*started(plain), checkpoint=path, on_epoch=Interruption(1))
    before = path.read_bytes()
    loader = plain()
    if changed.pop("steps", None):
        loader = DataLoader(Noisy(), batch_size=3)
    with pytest.raises(ValueError, match=message):
        train(Spy(), loader, checkpoint=path, **changed)
    assert path.read_bytes() == before


def test_another_architecture_is_refused_by_name_and_shape(path):
    train(*started(plain), checkpoint=path, on_epoch=Interruption(1))
    before = path.read_bytes()
    message = r"run\.pt.*not those of this Spy(.|\n)*layers\.4\.weight: file \(1, 4, 1, 1\), "
    with pytest.raises(ValueError, match=message + r"model \(2, 4, 1, 1\)"):
        train(Spy(classes=2), plain(), checkpoint=path)
    assert path.read_bytes() == before


def test_the_checkpoint_holds_tensors_and_plain_values_only(path):
    train(*started(with_generator), checkpoint=path)
    content = torch.load(path, weights_only=True)
    assert content["format"] == "unet-tutorial checkpoint"
    assert content["version"] == 1
    assert set(content["random"]) == {"torch", "cuda", "loaders", "python", "numpy"}
    kinds = set()

    def walk(value):
        kinds.add(type(value).__name__)
        parts = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list | tuple):
            for part in parts:
                walk(part)

    walk(content)
    plain_kinds = {"dict", "OrderedDict", "list", "tuple", "str", "int", "float", "bool"}
    assert kinds <= plain_kinds | {"NoneType", "Tensor"}


def test_a_loader_that_does_not_make_batches_has_a_sampler_all_the_same():
    sampler = RandomSampler(Noisy(), generator=torch.Generator())
    loader = DataLoader(Noisy(), batch_size=None, sampler=sampler)
    [state] = random_states.get_random_states(loader)["loaders"]
    assert state.equal(sampler.generator.get_state())


def test_the_random_states_of_cuda_are_kept(monkeypatch):
    """No GPU is needed: torch.cuda's functions are replaced by two lists of states."""
    states, restored = [torch.arange(3), torch.arange(4)], {}
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_rng_state_all", lambda: states)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)  # one GPU fewer than then
    monkeypatch.setattr(
        torch.cuda, "set_rng_state", lambda state, index: restored.update({index: state})
    )
    random_states.restore_random_states(random_states.get_random_states())
    assert list(restored) == [0]
    assert restored[0] is states[0]


# --- Files: whole or not at all, and nothing but data ---------------------------------------------


def write_tensors(content, path):
    atomic_write(path, lambda file: torch.save(content, file))


def fails_halfway(error):
    def save(content, file):
        file.write(b"half")
        raise error

    return save


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("existing", [b"the old file", None])
def test_a_failed_write_leaves_the_folder_as_it_was(error, existing, path, monkeypatch):
    if existing is not None:
        path.write_bytes(existing)
    monkeypatch.setattr(torch, "save", fails_halfway(error))
    with pytest.raises(type(error)):
        write_tensors({}, path)
    assert [file.read_bytes() for file in path.parent.iterdir()] == ([existing] * bool(existing))


def test_a_write_is_on_the_disk_before_it_replaces_the_old_file(path, monkeypatch):
    path.write_bytes(b"the old file")
    events = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(number):
        events.append(("fsync", os.fstat(number).st_size))
        real_fsync(number)

    def replace(source, target):
        assert Path(source).parent == Path(target).parent
        assert path.read_bytes() == b"the old file"
        events.append(("replace", Path(source).stat().st_size))
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_tensors({"a": torch.ones(1000)}, path)
    size = path.stat().st_size
    assert events == [("fsync", size), ("replace", size)]
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_does_not_exist_is_found_before_training(tmp_path):
    model, loader, _ = started(plain)
    with pytest.raises(FileNotFoundError, match=r"nowhere does not exist"):
        train(model, loader, checkpoint=tmp_path / "nowhere" / "run.pt")
    assert (True, True) not in model.calls  # no step of training
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save_weights(model, tmp_path)


class Evil:
    def __reduce__(self):
        return exec, ("import builtins; builtins.checkpoint_ran_code = True",)


def truncated(path):
    train(*started(plain), checkpoint=path, epochs=1)
    path.write_bytes(path.read_bytes()[:-2000])


FOREIGN = {
    "truncated": (truncated, "cannot be read as weights"),
    "empty": (lambda path: path.write_bytes(b""), "cannot be read as weights"),
    "text": (lambda path: path.write_text("loss,dice\n"), "cannot be read as weights"),
    "code": (lambda path: torch.save({"model": Evil()}, path), "cannot be read as weights"),
    "list": (lambda path: torch.save([1, 2], path), "holds a list"),
    "weights": (lambda path: save_weights(Spy(), path), "not a checkpoint of fit"),
    "format": (
        lambda path: torch.save({"format": "other"} | dict.fromkeys(checkpoints._PARTS), path),
        "not a checkpoint of fit",
    ),
    "version": (
        lambda path: torch.save(
            {"format": checkpoints.FORMAT, "version": 2} | dict.fromkeys(checkpoints._PARTS), path
        ),
        "checkpoint of version 2, not 1",
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_is_no_checkpoint_is_named_and_kept(kind, path):
    make, message = FOREIGN[kind]
    make(path)
    before = path.read_bytes()
    model, loader, _ = started(plain)
    with pytest.raises(ValueError, match=rf"run\.pt.*{message}"):
        train(model, loader, checkpoint=path)
    assert path.read_bytes() == before
    assert not hasattr(builtins, "checkpoint_ran_code")


@pytest.mark.parametrize("make", [Spy, lambda: UNet(base_channels=1)])
def test_weights_go_to_a_file_and_back(make, path):
    model, other = make(), make()
    assert not same_weights(model, other)
    save_weights(model, path)
    load_weights(other, str(path))
    assert same_weights(model, other)
    assert set(torch.load(path, weights_only=True)["model"]) == set(model.state_dict())


def test_weights_that_do_not_fit_leave_the_model_as_it_was(path):
    save_weights(UNet(base_channels=1), path)
    model = UNet(base_channels=1, num_classes=3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"run\.pt are not those of this UNet: 2 of") as caught:
        load_weights(model, path)
    assert "out_conv.conv.weight: file (1, 1, 1, 1), model (3, 1, 1, 1)" in str(caught.value)
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


def test_missing_and_superfluous_weights_are_both_named(path):
    torch.save({"weight": torch.ones(2, 2), "scale": torch.ones(1)}, path)
    with pytest.raises(ValueError, match="2 of 3 entries differ") as caught:
        load_weights(nn.Linear(2, 2), path)
    assert "bias: file has none, model (2,)" in str(caught.value)
    assert "scale: file (1,), model has none" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_weights(Spy(), tmp_path / "weights.pt")


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1, not 0"),
        ({"epochs": 2.0}, ValueError, r"epochs must be a whole number, not 2\.0"),
        ({"epochs": True}, ValueError, "epochs must be a whole number, not True"),
        ({"learning_rate": 0}, ValueError, "learning_rate is 0"),
        ({"learning_rate": -1e-3}, ValueError, r"-0\.001.*above 0"),
        ({"learning_rate": math.inf}, ValueError, "learning_rate is inf"),
        ({"learning_rate": math.nan}, ValueError, "learning_rate is nan"),
        ({"learning_rate": "0.1"}, ValueError, "learning_rate is '0.1'"),
        ({"loss": "dice"}, TypeError, "loss is 'dice'"),
        ({"on_epoch": 3}, TypeError, "on_epoch is 3"),
    ],
)
def test_arguments(keywords, error, message):
    with pytest.raises(error, match=message):
        train(Spy(), plain(), **keywords)


class Endless(IterableDataset):
    def __iter__(self):
        yield from fixed_pairs()


class Liar(list):
    def __init__(self, batches, length):
        super().__init__(batches)
        self.length = length

    def __len__(self):
        return self.length


BATCH = tuple(fixed_pairs(2).tensors)


@pytest.mark.parametrize(
    ("loaders", "error", "message"),
    [
        ([[]], ValueError, "train_loader is empty"),
        ([DataLoader(fixed_pairs(3), 4, drop_last=True)], ValueError, "drop_last"),
        ([DataLoader(Endless())], TypeError, "no length"),
        ([iter([BATCH])], TypeError, "no length"),
        ([[BATCH], []], ValueError, "validation_loader is empty"),
        ([[BATCH], (batch for batch in ())], ValueError, "validation_loader gave no batches"),
        ([Liar([BATCH] * 2, 3)], ValueError, "length 3, but gave only 2"),
        ([Liar([BATCH] * 2, 1)], ValueError, "length 1, but gave more"),
        ([[BATCH[0]]], TypeError, "batch Tensor, but must give two tensors"),
        ([[(*BATCH, 3)]], TypeError, r"batch tuple\['Tensor', 'Tensor', 'int'\]"),
        ([[[BATCH[0], "mask"]]], TypeError, r"batch list\['Tensor', 'str'\]"),
    ],
)
def test_loaders(loaders, error, message):
    with pytest.raises(error, match=message):
        train(Spy(), *loaders, epochs=1)


def test_models():
    with pytest.raises(TypeError, match="model is a function"):
        train(lambda x: x, plain())
    with pytest.raises(ValueError, match="no parameters to train"):
        train(Spy().requires_grad_(False), plain())


def test_a_loss_that_is_not_averaged():
    with pytest.raises(ValueError, match=r"scalar tensor, but gave \(4, 1, 8, 8\)"):
        train(Spy(), plain(), loss=nn.MSELoss(reduction="none"))
    with pytest.raises(ValueError, match="scalar tensor, but gave float"):
        train(Spy(), plain(), loss=lambda *_: 0.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_the_training(bad):
    calls = []

    def loss(logits, target):
        calls.append(1)
        return bce_dice_loss(logits, target) * (bad if len(calls) == STEPS + 2 else 1)

    model, loader, _ = started(plain)
    message = rf"became {bad} in epoch 2, step 2\..*learning rate.*of this batch are all finite"
    with pytest.raises(FloatingPointError, match=message):
        train(model, loader, loss=loss)
    assert all(parameter.isfinite().all() for parameter in model.parameters())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model.training


def test_images_that_are_not_finite_are_named_as_the_cause():
    images, masks = BATCH[0].clone(), BATCH[1]
    images[1, 0, 3, 3] = math.nan
    with pytest.raises(FloatingPointError, match=r"epoch 1, step 1.*NOT all finite"):
        train(Spy(), [(images, masks)])
    with pytest.raises(FloatingPointError, match=r"validation of epoch 1, step 1.*NOT all finite"):
        train(Spy(), [BATCH], [(images, masks)])


@pytest.mark.parametrize("target", [BATCH[1][:, 0], torch.zeros(2, 8, 8).long()])
def test_a_target_without_its_channel_would_broadcast(target):
    batch, message = (BATCH[0], target), r"shape \(2, 8, 8\).*Use target\[:, None\]"
    for loaders in ([batch],), ([BATCH], [batch]):
        with pytest.raises(ValueError, match=message):
            train(Spy(), *loaders, loss=lambda logits, _: logits.mean())


# --- Devices, documentation, and the network that ships -------------------------------------------


def test_the_device_that_is_chosen(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.mps, "device_count", lambda: 1)
    assert choose_device() == torch.device("cpu")  # Apple's GPU only when asked for
    assert choose_device("mps") == torch.device("mps")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device() == torch.device("cuda")
    assert choose_device(torch.device("cpu")) == torch.device("cpu")


def test_devices_that_are_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert choose_device("cuda:0") == torch.device("cuda:0")
    with pytest.raises(ValueError, match=r"'cuda:1' was asked for, but torch sees 1 cuda"):
        choose_device("cuda:1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match=r"'cuda' was asked for.*Leave device out"):
        fit(Spy(), plain(), epochs=1, learning_rate=RATE, device="cuda")
    for name in "gpu", "cuda:-1", 3, []:
        with pytest.raises(ValueError, match="is none that torch knows"):
            choose_device(name)
    for name in "xpu", "mtia", "meta", "hpu":  # torch knows them, but finds none here
        with pytest.raises(ValueError, match=f"'{name}' was asked for, but torch sees 0"):
            choose_device(name)
    with pytest.raises(ValueError, match="torch sees 1 cpu"):
        choose_device("cpu:1")


def test_the_docstrings_examples():
    names = {"DataLoader": DataLoader, "TensorDataset": TensorDataset}
    fit_module, device_module = sys.modules[fit.__module__], sys.modules[choose_device.__module__]
    results = doctest.testmod(fit_module, extraglobs=names)
    assert results.attempted >= 4
    assert results.failed == 0
    assert doctest.testmod(device_module) == (0, 1)


def test_the_network_that_ships_reaches_its_dice_on_the_test_strip():
    image, labels = load_nuclei()
    image = normalise(image, reference=split_strips(image).train)
    model = load_trained_unet()
    probability = predict(model, split_strips(image).test)[0]
    assert dice(probability > 0.5, split_strips(labels).test > 0) > 0.94
    assert TRAINED_UNET.stat().st_size < 2_050_000
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    same = UNet(base_channels=8)
    load_weights(same, TRAINED_UNET)
    assert same_weights(same, model)
