"""Several processes, several devices and compiled networks."""

import functools

import pytest
import torch
import torch.distributed as distributed
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, DistributedSampler, Subset, TensorDataset

from unet_tutorial.training import fit, load_weights
from unet_tutorial.unet import UNet


def make_model(seed=0):
    torch.manual_seed(seed)
    return UNet(base_channels=1)


def make_pairs(count=4):
    images = torch.rand(count, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    return TensorDataset(images, (images > 0.5).float())


def train(model, *loaders, **keywords):
    loaders = loaders or (DataLoader(make_pairs(), 2), DataLoader(make_pairs(), 2))
    return fit(model, *loaders, **{"epochs": 2, "learning_rate": 0.01} | keywords)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.pt"


@pytest.fixture
def group(tmp_path):
    """A process group of one."""
    distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path / 'group'}", rank=0, world_size=1
    )
    yield
    distributed.destroy_process_group()


WRAPPERS = {
    "compiled": functools.partial(torch.compile, backend="eager"),
    "DataParallel": nn.DataParallel,
    "both": lambda model: nn.DataParallel(torch.compile(model, backend="eager")),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapped_network_trains_as_it_does_alone(name, path):
    model, inner = make_model(), make_model()
    expected = train(model, device="cpu")
    history = train(WRAPPERS[name](inner), device="cpu", checkpoint=path)
    assert history.validation_dice == pytest.approx(expected.validation_dice, abs=1e-3)
    assert not inner.training
    content = torch.load(path, weights_only=True)["model"]
    assert content.keys() == model.state_dict().keys()
    other = make_model(1)
    load_weights(other, path)
    for wrap in (lambda model: model, WRAPPERS[name]):  # a checkpoint doesn't know the wrapper
        resumed = make_model(1)
        assert train(wrap(resumed), device="cpu", checkpoint=path) == history
        for ours, theirs in zip(resumed.parameters(), other.parameters(), strict=True):
            assert torch.equal(ours, theirs)


def test_distributed_data_parallel(group, path):
    model, inner = make_model(), make_model()
    train(model, device="cpu")
    history = train(nn.parallel.DistributedDataParallel(inner), checkpoint=path)
    for ours, theirs in zip(model.parameters(), inner.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert train(make_model(1), device="cpu", checkpoint=path) == history


def test_each_process_stays_on_its_own_device(group, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # would be chosen otherwise
    train(make_model())
    assert capsys.readouterr().out == "Training on cpu.\n"


def test_only_the_first_process_prints_and_writes(group, path, monkeypatch, capsys):
    expected = train(make_model())
    capsys.readouterr()
    monkeypatch.setattr(distributed, "get_rank", lambda: 1)
    assert train(make_model(), checkpoint=path) == expected
    out, err = capsys.readouterr()
    assert (out, err) == ("", "")
    assert not path.exists()
    monkeypatch.setattr(distributed, "get_rank", lambda: 0)
    train(make_model(), checkpoint=path)
    assert "Training on cpu." in capsys.readouterr().out
    before = path.read_bytes()
    monkeypatch.setattr(distributed, "get_rank", lambda: 1)
    assert train(make_model(1), checkpoint=path) == expected, "all processes read it"
    assert path.read_bytes() == before
    assert capsys.readouterr() == ("", "")


def test_no_process_takes_a_new_checkpoint_for_an_older_one(group, path, monkeypatch):
    """All must have looked for the file before the first process writes it."""
    written = []
    monkeypatch.setattr(distributed, "barrier", lambda: written.append(path.exists()))
    train(make_model(), checkpoint=path)
    assert written == [False]


def list_sampler(dataset):
    return DistributedSampler(dataset, num_replicas=2, rank=0, shuffle=True)


LOADERS = {
    "sampler": lambda data, sampler: DataLoader(data, 2, sampler=sampler),
    "batch sampler": lambda data, sampler: DataLoader(
        data, batch_sampler=BatchSampler(sampler, 2, drop_last=False)
    ),
    "no batches": lambda data, sampler: DataLoader(data, batch_size=None, sampler=sampler),
}


@pytest.mark.parametrize("name", LOADERS)
def test_a_distributed_sampler_hears_of_every_epoch(name):
    class Seen(TensorDataset):
        """Numbers which item was asked for, and which epoch it hears of."""

        def __init__(self):
            super().__init__(*make_pairs(8).tensors)
            self.indices, self.epochs = [], []

        def __getitem__(self, index):
            self.indices.append(index)
            image, mask = super().__getitem__(index)
            return (image, mask) if name != "no batches" else (image[None], mask[None])

        def set_epoch(self, epoch):
            self.epochs.append(epoch)

    data = Seen()
    sampler = list_sampler(Subset(data, range(8)))
    loader = LOADERS[name](Subset(data, range(8)), sampler)
    train(nn.Conv2d(1, 1, 1), loader, epochs=3, device="cpu")
    expected = []
    for epoch in range(3):
        generator = torch.Generator().manual_seed(epoch)
        expected += torch.randperm(8, generator=generator)[::2].tolist()
    assert data.indices == expected
    assert set(data.epochs) == {0, 1, 2}
    assert sorted(data.epochs) == data.epochs
